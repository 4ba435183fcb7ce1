//! Words that were granted before anything left: they, or later ones, are what is said.

use super::{Report, Witness};
use crate::sim::plan::version;
use domain::publishing::{Delivery, Note};

/// Other words that somebody asked for, of a post that waited or was live.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Which words; 0 are those it was made with.
    pub version: usize,
    /// When they were first asked for, in milliseconds.
    pub asked_ms: i64,
    /// When that was granted, if it was.
    pub granted_ms: Option<i64>,
    /// Whether something of the post had left already, on some platform.
    pub amends: bool,
}

/// When the first request of a delivery left: as the platform saw it, and as its timeline says, by a worker's clock.
#[derive(Debug, Clone, Copy)]
struct Began {
    true_ms: i64,
    noted_ms: i64,
}

/// What was granted before a delivery began. A post takes other words whole while all of it waits; afterwards one that has begun may
/// keep its own, though nothing of it reached the platform.
fn before(asked: &[Asked], began: Began) -> impl Iterator<Item = &Asked> {
    let start = move |a: &Asked| if a.amends { began.noted_ms.min(began.true_ms) } else { began.true_ms };
    asked.iter().filter(move |a| a.granted_ms.is_some_and(|at| at < start(a)))
}

/// Whether a delivery that began then may say this version: nothing was granted before that had been asked for after this one was
/// granted. Of what nobody got an answer to, nobody knows when it counted.
fn may_say(asked: &[Asked], version: usize, began: Began) -> bool {
    let later_than = |ms: i64| before(asked, began).any(|later| later.asked_ms > ms);
    let of_this = |a: &&Asked| a.version == version;
    let first = version == 0 && before(asked, began).next().is_none();
    first || asked.iter().filter(of_this).any(|a| a.granted_ms.is_none_or(|granted| !later_than(granted)))
}

impl Witness<'_> {
    pub(super) fn judge_words(&self, d: &Delivery, report: &mut Report) {
        let Some((_, at, author)) = self.accounts.iter().find(|(id, ..)| *id == d.account) else { return };
        let Some((n, asked)) = self.posts.get(&d.post).and_then(|n| Some((n, self.asked.get(n)?))) else { return };
        let (truth, of_post) = (self.world.platforms[*at].truth(), format!("post {n} "));
        let left = truth.first_sent.iter().filter(|(text, _)| text.starts_with(&of_post)).map(|(_, at)| *at);
        let Some(true_ms) = left.min() else { return };
        let sent = d.timeline.iter().find(|entry| matches!(entry.note, Note::Sent { .. }));
        let noted_ms = sent.map_or(true_ms, |entry| entry.at.as_millisecond() - self.tolerance_ms);
        let began = Began { true_ms, noted_ms };
        let mut reworded = false;
        for posted in truth.posted.iter().filter(|p| p.author == *author && p.said.starts_with(&of_post)) {
            let allowed =
                version(&posted.said).is_some_and(|mut said| said.any(|version| may_say(asked, version, began)));
            report.verdict.old_words += u64::from(!allowed);
            reworded |= allowed && before(asked, began).next().is_some();
        }
        report.reworded += u64::from(reworded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(version: usize, asked_ms: i64, granted_ms: Option<i64>) -> Asked {
        Asked { version, asked_ms, granted_ms, amends: false }
    }

    fn at(ms: i64) -> Began {
        Began { true_ms: ms, noted_ms: ms }
    }

    #[test]
    fn what_was_granted_before_it_began_is_what_it_may_say() {
        let changes = [asked(1, 10, Some(20))];
        assert!(may_say(&changes, 0, at(20)) && may_say(&changes, 1, at(20)), "granted at that moment, not before");
        assert!(!may_say(&changes, 0, at(21)) && may_say(&changes, 1, at(21)));
        assert!(may_say(&[], 0, at(21)) && !may_say(&[], 1, at(21)));
    }

    #[test]
    fn of_two_that_were_under_way_together_either_may_have_counted_last() {
        let together = [asked(2, 10, Some(30)), asked(3, 20, Some(40))];
        assert!(may_say(&together, 2, at(50)) && may_say(&together, 3, at(50)) && !may_say(&together, 0, at(50)));
        let in_turn = [asked(2, 10, Some(30)), asked(3, 31, Some(40))];
        assert!(!may_say(&in_turn, 2, at(50)) && may_say(&in_turn, 2, at(40)) && may_say(&in_turn, 3, at(50)));
        let back_again = [asked(2, 10, Some(30)), asked(3, 31, Some(40)), asked(2, 41, Some(45))];
        assert!(may_say(&back_again, 2, at(50)) && !may_say(&back_again, 3, at(50)));
    }

    #[test]
    fn what_nobody_got_an_answer_to_may_count_at_any_time() {
        let lost = [asked(2, 10, None), asked(3, 31, Some(40))];
        assert!(may_say(&lost, 2, at(50)) && may_say(&lost, 3, at(50)) && !may_say(&lost, 0, at(50)));
    }

    #[test]
    fn other_words_for_what_is_live_bind_only_what_had_not_begun_by_its_own_timeline() {
        let changes = [Asked { amends: true, ..asked(2, 10, Some(20)) }];
        assert!(!may_say(&changes, 0, at(30)));
        assert!(may_say(&changes, 0, Began { true_ms: 30, noted_ms: 15 }), "its worker died on the way");
    }
}
