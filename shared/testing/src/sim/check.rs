//! After a run: what the ledger says against what the platforms know.

mod access;
mod heard;
mod words;

pub(super) use words::Asked;

use super::plan::place;
use crate::World;
use domain::publishing::{AmendOutcome, Delivery, Note, Post, State, Variant};
use domain::{AccountId, EndpointId, PostId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a run broke. Everything is 0 in a good world.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each field is the rule broken
pub struct Verdict {
    /// I1: parts committed more than once.
    pub doubles: u64,
    /// I2: accepted deliveries that have not ended, or ended late.
    pub lost: u64,
    /// I3: failed, missed or canceled, and yet committed.
    pub false_ended: u64,
    /// First comments said more than once, or missing below what is called published.
    pub comments: u64,
    /// I3: published without every part committed.
    pub false_published: u64,
    /// I5: parts out of order or under the wrong predecessor.
    pub misplaced: u64,
    /// I6: posts whose cancel was confirmed and that left afterwards.
    pub canceled_sent: u64,
    /// I7: first sent after its lateness was over.
    pub too_late: u64,
    /// I9: more posts than were asked for.
    pub extra_posts: u64,
    /// I10: ended deliveries the bus never heard of.
    pub untold: u64,
    /// I24: events that the endpoint never took, although nothing is under way any more, and what it was sent besides
    /// events, or under an event's id with other words.
    pub unheard: u64,
    /// Requests that an endpoint got sooner than it had asked.
    pub early: u64,
    /// Requests to an endpoint beyond its own limit of a minute.
    pub crowded: u64,
    /// Messages to an endpoint that is told in order that were tried before one that was to go before them had ended.
    pub out_of_order: u64,
    /// Attempts that were not made when the schedule says, within a fifth.
    pub off_schedule: u64,
    /// Messages that are dead for no reason that the API tells, or still after a recovery of an endpoint that takes everything.
    pub left_dead: u64,
    /// Messages that a replay left out.
    pub unreplayed: u64,
    /// I13: two requests of one account under way together.
    pub overlaps: u64,
    /// I20: two refreshes of one account under way together.
    pub refresh_overlaps: u64,
    /// Requests that left with an access that had ended, or through an account of which it was known that it must be connected again.
    pub without_access: u64,
    /// Words sent that are not those that were accepted.
    pub wrong_words: u64,
    /// I36: parts live with older words than were granted before anything of their delivery left.
    pub old_words: u64,
    /// Parts that show other words than their delivery says, and is sure of.
    pub untrue: u64,
    /// Deliveries that have more or fewer parts than what they say.
    pub uneven: u64,
}

impl Verdict {
    /// Whether nothing was broken.
    pub fn is_good(&self) -> bool {
        *self == Self::default()
    }

    /// The figures, for adding up.
    pub fn figures(&self) -> [(&'static str, u64); 24] {
        [
            ("doubles", self.doubles),
            ("lost", self.lost),
            ("false_ended", self.false_ended),
            ("comments", self.comments),
            ("false_published", self.false_published),
            ("misplaced", self.misplaced),
            ("canceled_sent", self.canceled_sent),
            ("too_late", self.too_late),
            ("extra_posts", self.extra_posts),
            ("untold", self.untold),
            ("unheard", self.unheard),
            ("early", self.early),
            ("crowded", self.crowded),
            ("out_of_order", self.out_of_order),
            ("off_schedule", self.off_schedule),
            ("left_dead", self.left_dead),
            ("unreplayed", self.unreplayed),
            ("overlaps", self.overlaps),
            ("refresh_overlaps", self.refresh_overlaps),
            ("without_access", self.without_access),
            ("wrong_words", self.wrong_words),
            ("old_words", self.old_words),
            ("untrue", self.untrue),
            ("uneven", self.uneven),
        ]
    }
}

/// How long after its horizon a delivery may still wait, because the read that would have ended it met a throttled
/// store: up to 30 percent of the calls fail, and a read takes six of them.
const LAST_READ_MS: i64 = 3 * 3_600_000;

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was broken.
    pub verdict: Verdict,
    /// Deliveries by state.
    pub states: BTreeMap<&'static str, u64>,
    /// Times a delivery began to wait until its account is connected again.
    pub parked: u64,
    /// Times one was set going again since its account was.
    pub unparked: u64,
    /// First comments that are live.
    pub comments: u64,
    /// Deliveries of which something is live, with words that were granted before anything of them left.
    pub reworded: u64,
    /// Publish requests that reached a platform or were meant to.
    pub requests: u64,
    /// Refresh calls, and families taken back.
    pub refreshes: u64,
    /// Families of tokens taken back because a spent one was presented.
    pub family_kills: u64,
    /// Parts that show other words than they were posted with, of which their delivery is sure.
    pub amended: u64,
    /// The latest change of each delivery, by what came of it.
    pub amendments: BTreeMap<&'static str, u64>,
    /// Messages of webhooks by where they stood when the storm was over, and why they were dead.
    pub hooks: BTreeMap<String, u64>,
    /// Minutes of virtual time from due to the end of each delivery.
    pub minutes: Vec<i64>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.states)?;
        for (name, n) in self.verdict.figures().iter().filter(|(_, n)| *n > 0) {
            write!(f, ", {name} {n}")?;
        }
        Ok(())
    }
}

/// What a run knows besides the ledger.
pub(crate) struct Witness<'a> {
    pub world: &'a World,
    pub accounts: &'a [(AccountId, usize, String)],
    /// Post number by id, as the API answered.
    pub posts: &'a BTreeMap<PostId, usize>,
    /// When each cancel was confirmed, by post number.
    pub canceled: &'a BTreeMap<usize, i64>,
    /// The other words that were asked for, by post number.
    pub asked: &'a BTreeMap<usize, Vec<Asked>>,
    /// The endpoint that wants every event.
    pub endpoint: Option<EndpointId>,
    /// Milliseconds machines' clocks may be off.
    pub tolerance_ms: i64,
}

/// All deliveries of the ledger.
pub(crate) fn deliveries(world: &World) -> Vec<Delivery> {
    world.posts().into_iter().flat_map(|(_, deliveries)| deliveries).collect()
}

/// The words of each part, and of the first comment.
pub(crate) fn texts(content: &Variant) -> Vec<String> {
    (0..content.steps()).map(|k| content.full_text(k, false)).collect()
}

/// Whether the machine is done with it: it has ended, or it waits visibly for a person.
pub(crate) fn ended(delivery: &Delivery) -> bool {
    delivery.state.is_terminal() || matches!(delivery.state, State::Attention { .. })
}

impl Witness<'_> {
    /// Judges the run.
    pub(crate) fn judge(&self) -> Report {
        let mut report = Report::default();
        let told = self.told();
        for platform in &self.world.platforms {
            platform.words_arrive(i64::MAX);
        }
        let mut known = BTreeSet::new();
        let posts = self.world.posts();
        for (post, deliveries) in &posts {
            for delivery in deliveries {
                *report.states.entry(delivery.state.name()).or_default() += 1;
                self.judge_one(post, delivery, &mut report, &mut known);
                self.judge_words(delivery, &mut report);
                let told = told.contains(&(delivery.post, delivery.account, delivery.state.name()));
                report.verdict.untold += u64::from(delivery.state.is_terminal() && !told);
            }
        }
        report.verdict.unheard = self.unheard();
        report.verdict.without_access = self.without_access();
        let accepted: BTreeSet<&usize> = posts.iter().filter_map(|(p, _)| self.posts.get(&p.id)).collect();
        report.verdict.extra_posts = (posts.len() - accepted.len()) as u64;
        for platform in &self.world.platforms {
            let truth = platform.truth();
            report.requests += truth.requests;
            report.refreshes += truth.refreshes;
            report.family_kills += truth.family_kills;
            let v = &mut report.verdict;
            v.misplaced += truth.misplaced;
            v.overlaps += truth.overlaps;
            v.refresh_overlaps += truth.refresh_overlaps;
            v.wrong_words +=
                truth.posted.iter().filter(|p| !known.contains(&(p.author.clone(), p.said.clone()))).count() as u64;
        }
        report
    }

    fn judge_one(&self, post: &Post, d: &Delivery, report: &mut Report, known: &mut BTreeSet<(String, String)>) {
        let Some((_, at, author)) = self.accounts.iter().find(|(id, ..)| *id == d.account) else { return };
        let truth = self.world.platforms[*at].truth();
        let v = &mut report.verdict;
        let mut live = 0_usize;
        let mut last = i64::MIN;
        let unsure = d.amendment.as_ref().map(|latest| latest.unsure()).unwrap_or_default();
        let texts = texts(d.content(post));
        let steps = texts.len();
        v.uneven += u64::from(d.parts.len() != steps);
        for (part, text) in (0_u16..).zip(texts) {
            // It may have left with other words than it says by now.
            let ours = |said: &str| if post.amended { place(said) == place(&text) } else { said == text };
            let commits: Vec<_> = truth.posted.iter().filter(|p| p.author == *author && ours(&p.said)).collect();
            known.extend(commits.iter().map(|p| (author.clone(), p.said.clone())));
            let record = d.parts.get(usize::from(part));
            let receipt =
                record.and_then(|record| record.receipt.as_ref()).filter(|_| ended(d) && !unsure.contains(&part));
            let shown = receipt.and_then(|receipt| truth.posted.iter().find(|p| Some(&p.id) == receipt.id.as_ref()));
            v.untrue += u64::from(shown.is_some_and(|p| p.text != text));
            report.amended += u64::from(shown.is_some_and(|p| p.text != p.said));
            v.doubles += (commits.len() as u64).saturating_sub(1);
            live += usize::from(!commits.is_empty());
            if d.content(post).is_comment(usize::from(part)) {
                let missing = commits.is_empty() && matches!(d.state, State::Published { .. });
                v.comments += (commits.len() as u64).saturating_sub(1) + u64::from(missing);
                report.comments += u64::from(!commits.is_empty());
            }
            if let Some(first) = commits.first() {
                v.misplaced += u64::from(first.sent_ms < last);
                last = first.sent_ms;
            }
            let due = d.due_at.as_millisecond() + i64::from(d.max_lateness_s) * 1000 + self.tolerance_ms;
            let first_part = text.contains("part 0");
            if first_part && truth.first_sent.get(&text).is_some_and(|sent| *sent > due) && d.attempts <= 1 {
                v.too_late += u64::from(d.timeline.iter().filter(|e| is_claim(&e.note)).count() <= 1);
            }
            if let Some(n) = self.posts.get(&d.post)
                && let Some(confirmed) = self.canceled.get(n)
                && matches!(d.state, State::Canceled { .. })
                && truth.last_sent.get(&text).is_some_and(|sent| sent > confirmed)
            {
                v.canceled_sent += 1;
            }
        }
        let times = |note: Note| d.timeline.iter().filter(|entry| entry.note == note).count() as u64;
        report.parked += times(Note::Parked);
        report.unparked += times(Note::Unparked);
        if let Some(latest) = &d.amendment {
            let name = match latest.outcome {
                AmendOutcome::Leaving => "leaving",
                AmendOutcome::Done => "done",
                AmendOutcome::Refused { .. } => "refused",
                AmendOutcome::Unknown { .. } => "unknown",
            };
            *report.amendments.entry(name).or_default() += 1;
        }
        match &d.state {
            State::Published { .. } => v.false_published += u64::from(live != steps),
            State::Failed { .. } | State::Missed { .. } | State::Canceled { .. } => {
                v.false_ended += u64::from(live > 0)
            }
            State::Partial { .. } => v.false_ended += u64::from(live == 0 || live == steps),
            _ => v.lost += u64::from(!ended(d)),
        }
        if let Some(entry) = d.timeline.last() {
            let late = entry.at.as_millisecond() - d.horizon().as_millisecond();
            v.lost += u64::from(late > LAST_READ_MS + self.tolerance_ms);
            report.minutes.push((entry.at.as_millisecond() - d.due_at.as_millisecond()) / 60_000);
        }
    }
}

fn is_claim(note: &Note) -> bool {
    matches!(note, Note::Claimed)
}

#[cfg(test)]
mod tests;
