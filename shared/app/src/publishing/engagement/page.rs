//! One page of posts, of which it is asked in turn how they did: when the asking ends, and what is done without an answer.

use domain::publishing::{Did, Engagement, Failure};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Posts without an answer, asked for by themselves, after which the platform is taken to be silent: each may have cost a whole
/// [`super::super::CALL_TIMEOUT_S`] of a run that is all accounts'.
const SILENT: usize = 2;

/// A page under way.
pub(super) struct Page<'a> {
    known: &'a Engagement,
    /// Ids on the platform, and when they went out.
    posts: &'a [(String, Timestamp)],
    at_once: usize,
    asked: usize,
    did: Vec<Did>,
    answered: bool,
    unread: Vec<&'a str>,
}

impl<'a> Page<'a> {
    /// A page of which nothing is asked yet. So many posts are asked for at once, and each by itself where the last reading failed.
    pub(super) fn of(known: &'a Engagement, posts: &'a [(String, Timestamp)], at_once: usize) -> Self {
        let at_once = if known.is_in_doubt() { 1 } else { at_once.max(1) };
        Self { known, posts, at_once, asked: 0, did: Vec::new(), answered: false, unread: Vec::new() }
    }

    /// The posts to ask for next; none when all were.
    pub(super) fn next(&self) -> Option<&'a [(String, Timestamp)]> {
        self.posts.get(self.asked..).and_then(|rest| rest.chunks(self.at_once).next())
    }

    /// After an answer about the next ones.
    ///
    /// # Errors
    /// The failure that ends the reading: one that is not of these posts alone, or the platform's silence.
    pub(super) fn hears(&mut self, told: Result<BTreeMap<String, u64>, Failure>) -> Result<(), Failure> {
        let posts = self.next().unwrap_or_default();
        self.asked += posts.len();
        match told {
            Ok(told) => {
                self.answered = true;
                let did = |(id, at): &(String, Timestamp)| told.get(id).map(|people| Did { at: *at, people: *people });
                self.did.extend(posts.iter().filter_map(did));
            }
            // It is about these posts: of them nothing is told, and of the others something may be.
            Err(Failure::Rejected { code, .. }) => {
                self.answered = true;
                tracing::info!(account = %self.known.account, %code, "how a post did is not told");
            }
            // It was so an hour ago, and may be about this post alone.
            Err(Failure::Unavailable) if self.known.is_in_doubt() => {
                self.unread.extend(posts.iter().map(|(id, _)| id.as_str()));
                // After a day all are asked for, since whoever is not answered then is passed over.
                let silent = !self.answered && self.unread.len() >= SILENT;
                if silent && !self.known.passes_over(false) {
                    return Err(Failure::Unavailable);
                }
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    /// What was read, when all were asked for.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] where some have no answer, and are not passed over yet.
    pub(super) fn whole(self) -> Result<Vec<Did>, Failure> {
        if !self.unread.is_empty() && !self.known.passes_over(self.answered) {
            return Err(Failure::Unavailable);
        }
        for id in self.unread {
            tracing::warn!(account = %self.known.account, id, "a post is passed over: how it did could not be read");
        }
        Ok(self.did)
    }

    /// What was read, where the run ends before all were asked for; none where nothing failed, and the next run begins the page anew.
    /// After a day without an answer the rest is passed over as well: a page that takes all of each run would never end.
    ///
    /// # Errors
    /// As of [`Page::whole`].
    pub(super) fn cut(mut self) -> Result<Option<Vec<Did>>, Failure> {
        if self.unread.is_empty() {
            return Ok(None);
        }
        if !self.known.passes_over(false) {
            return Err(Failure::Unavailable);
        }
        self.unread.extend(self.posts.iter().skip(self.asked).map(|(id, _)| id.as_str()));
        self.whole().map(Some)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::{AccountId, TenantId};
    use uuid::Uuid;

    const SILENCE: Result<u64, Failure> = Err(Failure::Unavailable);

    fn after(failures: u32) -> Engagement {
        let (tenant, account) = (TenantId::from_uuid(Uuid::nil()), AccountId::from_uuid(Uuid::nil()));
        let known = Engagement::asked_first(tenant, account, "chirp".parse().unwrap(), Timestamp::UNIX_EPOCH);
        Engagement { failures, ..known }
    }

    /// A reading after so many failed ones of posts, each with its answer, in a run that has time for so many calls: how many were made,
    /// and the people of what was read.
    fn read(failures: u32, told: &[Result<u64, Failure>], calls: usize) -> (usize, Result<Option<Vec<u64>>, Failure>) {
        let known = after(failures);
        let posts: Vec<_> = (0..told.len()).map(|n| (n.to_string(), Timestamp::UNIX_EPOCH)).collect();
        let people = |did: Vec<Did>| did.iter().map(|did| did.people).collect();
        let mut page = Page::of(&known, &posts, 1);
        let mut made = 0;
        while let Some(next) = page.next() {
            if made == calls {
                return (made, page.cut().map(|did| did.map(people)));
            }
            let id = &next[0].0;
            let answer = told[made].clone().map(|people| [(id.clone(), people)].into());
            made += 1;
            if let Err(failure) = page.hears(answer) {
                return (made, Err(failure));
            }
        }
        (made, page.whole().map(|did| Some(people(did))))
    }

    #[test]
    fn in_doubt_two_posts_without_an_answer_are_enough_for_this_hour_unless_another_has_one() {
        let hanging = vec![SILENCE; 10];
        assert_eq!(read(0, &hanging, 9), (1, Err(Failure::Unavailable)), "not in doubt");
        assert_eq!(read(1, &hanging, 9), (2, Err(Failure::Unavailable)));
        assert_eq!(read(23, &hanging, 9), (2, Err(Failure::Unavailable)));
        assert_eq!(read(3, &[Ok(5), SILENCE, SILENCE, SILENCE, Ok(7)], 9), (5, Ok(Some(vec![5, 7]))));
    }

    #[test]
    fn a_day_of_hanging_reads_ends_though_the_run_ends_before_the_page() {
        let hanging = vec![SILENCE; 10];
        assert_eq!(read(24, &hanging, 4), (4, Ok(Some(vec![]))), "the page is passed over");
        assert_eq!(read(24, &hanging, 99), (10, Ok(Some(vec![]))));
        let last = [SILENCE, SILENCE, SILENCE, Ok(7)];
        assert_eq!(read(24, &last, 99), (4, Ok(Some(vec![7]))), "all are asked for before they are passed over");
    }

    #[test]
    fn a_run_that_ends_before_the_page_passes_nothing_over_before_a_day() {
        let some = [Ok(5), SILENCE, Ok(7)];
        assert_eq!(read(23, &some, 2), (2, Err(Failure::Unavailable)), "the last one was not asked for");
        assert_eq!(read(23, &[Ok(5), Ok(6), Ok(7)], 2), (2, Ok(None)), "nothing failed");
        assert_eq!(read(24, &[Ok(5), Ok(6), Ok(7)], 2), (2, Ok(None)));
    }

    #[test]
    fn posts_are_passed_over_from_the_fourth_reading_on_where_others_are_answered() {
        let some = [Ok(5), SILENCE, Ok(7)];
        assert_eq!(read(2, &some, 9), (3, Err(Failure::Unavailable)));
        assert_eq!(read(3, &some, 9), (3, Ok(Some(vec![5, 7]))));
    }

    #[test]
    fn what_is_not_of_a_post_ends_the_reading_as_it_is() {
        for failure in [Failure::Unauthorized, Failure::RateLimited { until: None }] {
            assert_eq!(read(24, &[Ok(5), Err(failure.clone()), Ok(7)], 9), (2, Err(failure)));
        }
    }
}
