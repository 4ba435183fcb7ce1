//! A series: one content that goes to the same accounts again and again. Each run is a post of its own, made a while before
//! its time by the tick; from then on it is sent, edited and canceled like any other.
//!
//! What is decided here is pure: which run is next, whether its time has come, and what becomes of one that is too late.

use super::{LATENESS_S, RunStep, Stepped, Target, Variant, Wake};
use crate::events::{EventData, SeriesFacts};
use crate::time::{Occurrence, Recurrence, WallTimeError, tzdb};
use crate::{MemberId, PlatformId, PostId, SeriesId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Seconds before its time at which a run gets its post. As much as any zone moves its clocks by each year (Antarctica/Troll
/// two hours, all others less): were a new tz database deployed that has the run earlier by that, it would still be seen in
/// time. A zone that leaves out a day, as Apia did in 2011, moves by more; a run found too late then is dealt with as
/// the missed-run policy says.
pub const MADE_AHEAD_S: i64 = 7_200;
/// Seconds that a run may be late before its missed-run policy asks or skips. Less is what ticks and queues take.
pub const MISSED_GRACE_S: u32 = 300;
/// Runs that a series remembers.
pub const MAX_REMEMBERED: usize = 20;
/// Most series of a tenant.
pub const MAX_SERIES: usize = 200;
/// Most members whose work one series is at a time.
pub const MAX_WRITERS: usize = 50;

/// What becomes of a run whose time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "policy", rename_all = "snake_case")]
pub enum MissedRun {
    /// It is sent if it is at most this late; otherwise its post is missed, visibly.
    Send {
        /// In seconds, within [`LATENESS_S`].
        at_most_s: u32,
    },
    /// Its post is kept as a draft, and a person decides.
    Ask,
    /// There is no post.
    Skip,
}

impl Default for MissedRun {
    fn default() -> Self {
        Self::Send { at_most_s: super::DEFAULT_LATENESS_S }
    }
}

impl MissedRun {
    /// Seconds that the post of a run may start late.
    fn lateness_s(self) -> u32 {
        match self {
            Self::Send { at_most_s } => at_most_s.clamp(*LATENESS_S.start(), *LATENESS_S.end()),
            Self::Ask | Self::Skip => MISSED_GRACE_S,
        }
    }
}

/// Whether a series goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum SeriesStatus {
    /// It goes on.
    Active,
    /// No run gets a post until somebody resumes it. Runs of this time are left out.
    Paused {
        /// Since when.
        since: Timestamp,
        /// Stable code: `asked` by a person, or why the machine did it.
        reason: String,
    },
    /// There are no more runs.
    Ended {
        /// When the last one was dealt with.
        at: Timestamp,
    },
}

/// The run to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextRun {
    /// The run.
    #[serde(flatten)]
    pub run: Occurrence,
    /// The release of the tz database that resolved it.
    pub tzdb: String,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RunOutcome {
    /// It has a post; its deliveries tell the rest.
    Made {
        /// The post.
        post: PostId,
    },
    /// Its post is a draft, for a person to look at.
    Waits {
        /// The draft.
        post: PostId,
    },
    /// It was left out: too late, or the zone came to skip it.
    Skipped,
}

impl RunOutcome {
    /// Its post, where it has one.
    pub fn post(&self) -> Option<PostId> {
        match self {
            Self::Made { post } | Self::Waits { post } => Some(*post),
            Self::Skipped => None,
        }
    }
}

/// A run that was dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastRun {
    /// The run.
    #[serde(flatten)]
    pub run: Occurrence,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: RunOutcome,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Id.
    pub id: SeriesId,
    /// Tenant.
    pub tenant: TenantId,
    /// Author; of its posts, too.
    pub created_by: MemberId,
    /// Who last changed its content or its targets, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<MemberId>,
    /// Whose content or targets still stand in it, at most [`MAX_WRITERS`]. Empty until somebody changes them, and in what
    /// earlier releases stored: see [`Series::writers`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_by: Vec<MemberId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The content for platforms without a variant of their own.
    pub content: Variant,
    /// Content for single platforms.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<PlatformId, Variant>,
    /// Where to.
    pub targets: Vec<Target>,
    /// When.
    pub recurrence: Recurrence,
    /// What becomes of a run whose time has passed.
    pub missed: MissedRun,
    /// Whether it goes on.
    #[serde(flatten)]
    pub status: SeriesStatus,
    /// The run to come; none unless it is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextRun>,
    /// When the tick looks at it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Wake>,
    /// The instant of the latest run that was dealt with: no change of the rule brings a run back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran_until: Option<Timestamp>,
    /// The latest runs, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<PastRun>,
}

impl Series {
    /// Whose work its posts are: the member who last changed it, or its author.
    pub fn made_by(&self) -> MemberId {
        self.changed_by.unwrap_or(self.created_by)
    }

    /// Everybody whose content or targets still stand in it. Where that was not kept yet: its author and whoever changed it
    /// last.
    pub fn writers(&self) -> Vec<MemberId> {
        if !self.written_by.is_empty() {
            return self.written_by.clone();
        }
        let mut writers = vec![self.created_by];
        writers.extend(self.changed_by.filter(|by| *by != self.created_by));
        writers
    }

    /// The same series, of whose content or targets `by` has changed something; `whole` if nothing of anybody else's is left.
    /// None if it has too many writers already: nobody of them may be forgotten while their work stands.
    pub fn written(mut self, by: MemberId, whole: bool) -> Option<Self> {
        let mut writers = if whole { Vec::new() } else { self.writers() };
        writers.retain(|writer| *writer != by);
        writers.push(by);
        (self.changed_by, self.written_by) = (Some(by), writers);
        (self.written_by.len() <= MAX_WRITERS).then_some(self)
    }

    /// The facts of an event about it.
    pub fn facts(&self, run: Option<(&Occurrence, Option<PostId>)>, reason: Option<&str>) -> SeriesFacts {
        SeriesFacts {
            series_id: self.id,
            due_at: run.map(|(run, _)| run.at),
            post_id: run.and_then(|(_, post)| post),
            reason: reason.map(str::to_owned),
        }
    }

    /// The same series with its next run looked up: the first after `now` and after every run that was dealt with. Without
    /// one it has ended; what is paused has none.
    pub fn planned(mut self, now: Timestamp) -> Result<Self, WallTimeError> {
        (self.next, self.wake) = (None, None);
        if matches!(self.status, SeriesStatus::Paused { .. }) {
            return Ok(self);
        }
        let after = self.ran_until.map_or(now, |ran| ran.max(now));
        self.follows(after, now)
    }

    fn follows(mut self, after: Timestamp, now: Timestamp) -> Result<Self, WallTimeError> {
        if let Some(run) = self.recurrence.runs(after, 1)?.runs.pop() {
            self.status = SeriesStatus::Active;
            self.expects(run, now);
        } else {
            (self.status, self.next, self.wake) = (SeriesStatus::Ended { at: now }, None, None);
        }
        Ok(self)
    }

    fn expects(&mut self, run: Occurrence, now: Timestamp) {
        let at = run.at.checked_sub(SignedDuration::from_secs(MADE_AHEAD_S)).unwrap_or(run.at);
        self.wake = Some(Wake { at: at.max(now), set_at: now, sent: false });
        self.next = Some(NextRun { run, tzdb: tzdb().to_owned() });
    }

    /// Paused for `reason`: no more posts until somebody resumes it.
    pub fn paused(mut self, reason: &str, now: Timestamp) -> Self {
        self.status = SeriesStatus::Paused { since: now, reason: reason.to_owned() };
        (self.next, self.wake) = (None, None);
        self
    }

    /// What a look at it by `until` finds to do; none while its next run is further away than posts are made ahead. `id` is
    /// the post of a run.
    pub fn stepped(
        &self,
        now: Timestamp,
        until: Timestamp,
        id: &dyn Fn(&Occurrence) -> PostId,
    ) -> Result<Option<Stepped>, WallTimeError> {
        let (Some(expected), Some(wake)) = (&self.next, &self.wake) else { return Ok(None) };
        if self.status != SeriesStatus::Active || wake.at > until {
            return Ok(None);
        }
        let mut next = self.clone();
        let nothing = |next, events| Ok(Some(Stepped { step: RunStep::Nothing, next, events }));
        let run = if expected.tzdb == tzdb() {
            expected.run.clone()
        } else {
            // The zone may have changed since: its local time is what was meant.
            match self.recurrence.again(&expected.run)? {
                Some(run) if run.at == expected.run.at => run,
                Some(run) => {
                    next.expects(run, now);
                    return nothing(next, Vec::new());
                }
                None => {
                    let run = expected.run.clone();
                    let told = EventData::SeriesRunSkipped(self.facts(Some((&run, None)), Some("not_in_zone")));
                    next.remember(run, RunOutcome::Skipped);
                    let (next, end) = next.goes_on(now)?;
                    return nothing(next, [told].into_iter().chain(end).collect());
                }
            }
        };
        let too_late = now > run.at + SignedDuration::from_secs(MISSED_GRACE_S.into());
        let post = id(&run);
        let facts = self.facts(Some((&run, Some(post))), None);
        let (step, outcome, told) = match self.missed {
            MissedRun::Ask if too_late => (
                RunStep::Draft { run: run.clone() },
                RunOutcome::Waits { post },
                Some(EventData::SeriesRunWaits(facts)),
            ),
            MissedRun::Skip if too_late => {
                let facts = self.facts(Some((&run, None)), Some("missed"));
                (RunStep::Nothing, RunOutcome::Skipped, Some(EventData::SeriesRunSkipped(facts)))
            }
            missed => {
                let lateness_s = missed.lateness_s();
                (RunStep::Make { run: run.clone(), lateness_s }, RunOutcome::Made { post }, None)
            }
        };
        next.remember(run, outcome);
        let (next, end) = next.goes_on(now)?;
        Ok(Some(Stepped { step, next, events: told.into_iter().chain(end).collect() }))
    }

    pub(super) fn remember(&mut self, run: Occurrence, outcome: RunOutcome) {
        self.ran_until = Some(self.ran_until.map_or(run.at, |ran| ran.max(run.at)));
        if self.runs.len() >= MAX_REMEMBERED {
            self.runs.remove(0);
        }
        self.runs.push(PastRun { run, outcome });
    }

    /// To the run after the one that was just dealt with, however long ago that was: none is lost because the machine stood
    /// still.
    fn goes_on(self, now: Timestamp) -> Result<(Self, Option<EventData>), WallTimeError> {
        let after = self.ran_until.unwrap_or(now);
        let next = self.follows(after, now)?;
        let ended = matches!(next.status, SeriesStatus::Ended { .. });
        let last = next.runs.last().map(|past| (&past.run, past.outcome.post()));
        let told = ended.then(|| EventData::SeriesEnded(next.facts(last, None)));
        Ok((next, told))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::publishing::MAX_LEFT_OUT;
    use crate::time::{GapPolicy, OverlapPolicy};
    use uuid::Uuid;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn series(rule: &str, missed: MissedRun) -> Series {
        let id = Uuid::from_u128(1);
        Series {
            id: SeriesId::from_uuid(id),
            tenant: TenantId::from_uuid(id),
            created_by: MemberId::from_uuid(id),
            changed_by: None,
            written_by: Vec::new(),
            created_at: at("2026-03-01T00:00:00Z"),
            content: Variant::text("a"),
            variants: BTreeMap::new(),
            targets: Vec::new(),
            recurrence: Recurrence {
                rule: rule.parse().unwrap(),
                start: "2026-03-01T09:00".parse().unwrap(),
                zone: "Europe/Berlin".into(),
                on_gap: GapPolicy::Shift,
                on_overlap: OverlapPolicy::First,
            },
            missed,
            status: SeriesStatus::Active,
            next: None,
            wake: None,
            ran_until: None,
            runs: Vec::new(),
        }
        .planned(at("2026-03-01T00:00:00Z"))
        .unwrap()
    }

    fn id(run: &Occurrence) -> PostId {
        PostId::from_uuid(Uuid::from_u128(run.at.as_second().try_into().unwrap()))
    }

    fn step(series: &Series, now: &str) -> Option<Stepped> {
        series.stepped(at(now), at(now), &id).unwrap()
    }

    #[test]
    fn a_run_gets_its_post_two_hours_ahead_and_the_series_expects_the_next() {
        let daily = series("FREQ=DAILY", MissedRun::default());
        assert_eq!(step(&daily, "2026-03-01T05:59:59Z"), None);
        let made = step(&daily, "2026-03-01T06:00:00Z").unwrap();
        let RunStep::Make { run, lateness_s } = made.step else { panic!("{made:?}") };
        assert_eq!((run.at, lateness_s), (at("2026-03-01T08:00:00Z"), 3_600));
        assert_eq!(made.next.next.as_ref().unwrap().run.at, at("2026-03-02T08:00:00Z"));
        assert_eq!(made.next.next.as_ref().unwrap().tzdb, tzdb());
        assert_eq!(step(&made.next, "2026-03-01T06:00:00Z"), None, "each run once");
    }

    #[test]
    fn a_run_that_is_too_late_is_sent_asked_about_or_left_out_and_none_is_lost() {
        // Two hours late, within what this one allows; a day late, its post is missed.
        let sends = series("FREQ=DAILY", MissedRun::Send { at_most_s: 10_800 });
        let late = step(&sends, "2026-03-02T20:00:00Z").unwrap();
        assert!(matches!(late.step, RunStep::Make { lateness_s: 10_800, .. }));
        assert_eq!(late.next.next.as_ref().unwrap().run.at, at("2026-03-02T08:00:00Z"), "the one between is not lost");
        let asks = step(&series("FREQ=DAILY", MissedRun::Ask), "2026-03-01T08:05:01Z").unwrap();
        assert!(matches!(asks.step, RunStep::Draft { .. }));
        assert!(matches!(asks.events[..], [EventData::SeriesRunWaits(_)]));
        let skips = step(&series("FREQ=DAILY", MissedRun::Skip), "2026-03-01T08:05:01Z").unwrap();
        assert_eq!(skips.step, RunStep::Nothing);
        assert!(matches!(skips.events[..], [EventData::SeriesRunSkipped(_)]));
        assert_eq!(skips.next.runs.len(), 1, "and it is remembered");
        for missed in [MissedRun::Ask, MissedRun::Skip] {
            let in_time = step(&series("FREQ=DAILY", missed), "2026-03-01T08:05:00Z").unwrap();
            assert!(matches!(in_time.step, RunStep::Make { lateness_s: MISSED_GRACE_S, .. }), "{in_time:?}");
        }
    }

    #[test]
    fn a_run_that_is_held_waits_as_a_draft_and_its_series_is_paused_unless_it_is_over() {
        let made = step(&series("FREQ=DAILY", MissedRun::default()), "2026-03-01T06:00:00Z").unwrap();
        let held = made.held("brand_rules", at("2026-03-01T06:00:00Z"));
        assert!(matches!(held.step, RunStep::Draft { .. }), "{held:?}");
        assert!(matches!(held.next.runs[..], [PastRun { outcome: RunOutcome::Waits { .. }, .. }]), "{held:?}");
        assert!(matches!(held.events[..], [EventData::SeriesRunWaits(_), EventData::SeriesPaused(_)]), "{held:?}");
        assert!(matches!(held.next.status, SeriesStatus::Paused { .. }));
        let last = step(&series("FREQ=DAILY;COUNT=1", MissedRun::default()), "2026-03-01T06:00:00Z").unwrap();
        let held = last.held("brand_rules", at("2026-03-01T06:00:00Z"));
        assert!(matches!(held.next.status, SeriesStatus::Ended { .. }));
        assert!(matches!(held.events[..], [EventData::SeriesEnded(_), EventData::SeriesRunWaits(_)]), "{held:?}");
    }

    #[test]
    fn a_series_ends_with_its_last_run_and_says_so() {
        let once = step(&series("FREQ=DAILY;COUNT=1", MissedRun::default()), "2026-03-01T07:00:00Z").unwrap();
        assert!(matches!(once.next.status, SeriesStatus::Ended { .. }));
        assert!(matches!(once.events[..], [EventData::SeriesEnded(_)]));
        assert_eq!((once.next.next, once.next.wake), (None, None));
    }

    #[test]
    fn what_was_resolved_by_another_tz_database_is_resolved_again() {
        let mut daily = series("FREQ=DAILY", MissedRun::default());
        let next = daily.next.as_mut().unwrap();
        // As if an older database had it an hour earlier.
        next.tzdb = "2020a".into();
        next.run.at -= SignedDuration::from_hours(1);
        daily.wake = Some(Wake { at: at("2026-03-01T05:00:00Z"), ..daily.wake.unwrap() });
        let moved = step(&daily, "2026-03-01T05:00:00Z").unwrap();
        assert_eq!(moved.step, RunStep::Nothing);
        assert_eq!(moved.next.next.as_ref().unwrap().run.at, at("2026-03-01T08:00:00Z"));
        assert_eq!(moved.next.wake.unwrap().at, at("2026-03-01T06:00:00Z"));
        assert!(matches!(step(&moved.next, "2026-03-01T06:00:00Z").unwrap().step, RunStep::Make { .. }));
    }

    #[test]
    fn a_pause_leaves_its_runs_out_and_no_change_brings_a_run_back() {
        let made = step(&series("FREQ=DAILY", MissedRun::default()), "2026-03-01T06:00:00Z").unwrap().next;
        // Within the two hours: the run of nine has its post already.
        let again = made.clone().planned(at("2026-03-01T06:30:00Z")).unwrap();
        assert_eq!(again.next.unwrap().run.at, at("2026-03-02T08:00:00Z"));
        let paused = made.paused("asked", at("2026-03-01T07:00:00Z"));
        assert_eq!(step(&paused, "2026-03-05T06:00:00Z"), None);
        assert_eq!(paused.clone().planned(at("2026-03-05T06:00:00Z")).unwrap().next, None, "a pause stays one");
        let resumed = Series { status: SeriesStatus::Active, ..paused }.planned(at("2026-03-05T12:00:00Z")).unwrap();
        assert_eq!(resumed.next.unwrap().run.at, at("2026-03-06T08:00:00Z"));
    }

    #[test]
    fn runs_that_are_overdue_are_left_out_one_by_one_and_of_very_many_the_last_stands_for_the_rest() {
        let daily = series("FREQ=DAILY", MissedRun::default());
        let reasons = |told: &[EventData]| -> Vec<(Option<Timestamp>, String)> {
            let facts = told.iter().map(|event| match event {
                EventData::SeriesRunSkipped(facts) => (facts.due_at, facts.reason.clone().unwrap()),
                other => panic!("{other:?}"),
            });
            facts.collect()
        };
        let (same, told) = daily.clone().caught_up(at("2026-03-01T07:59:59Z"));
        assert_eq!((&same, told), (&daily, vec![]), "its time has not come");
        let (after, told) = daily.clone().caught_up(at("2026-03-02T08:00:00Z"));
        let due = ["2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"].map(|due| (Some(at(due)), "missed".to_owned()));
        assert_eq!(reasons(&told), due);
        assert!(after.runs.iter().all(|past| past.outcome == RunOutcome::Skipped) && after.runs.len() == 2);
        let planned = after.planned(at("2026-03-02T08:00:00Z")).unwrap();
        assert_eq!(planned.next.unwrap().run.at, at("2026-03-03T08:00:00Z"));
        let (_, told) = daily.clone().caught_up(at("2026-04-19T08:00:00Z"));
        let told = reasons(&told);
        assert_eq!((told.len(), told[49].1.as_str()), (MAX_LEFT_OUT, "missed"), "fifty days");
        let (after, told) = daily.caught_up(at("2026-04-20T08:00:00Z"));
        let told = reasons(&told);
        assert_eq!((told.len(), told[48].1.as_str(), told[49].1.as_str()), (50, "missed", "missed_and_later"));
        assert_eq!(after.runs.len(), MAX_REMEMBERED);
    }

    #[test]
    fn a_series_that_the_machine_pauses_leaves_out_its_backlog_in_the_open() {
        let made = step(&series("FREQ=DAILY", MissedRun::default()), "2026-03-03T09:00:00Z").unwrap();
        let held = made.held("brand_rules", at("2026-03-03T09:00:00Z"));
        let kinds: Vec<_> = held.events.iter().map(EventData::kind).collect();
        assert_eq!(kinds, ["series.run_waits", "series.run_skipped", "series.run_skipped", "series.paused"]);
        assert_eq!((held.next.runs.len(), &held.next.next), (3, &None));
        let resumed = Series { status: SeriesStatus::Active, ..held.next }.planned(at("2026-03-03T09:00:00Z")).unwrap();
        assert_eq!(resumed.next.unwrap().run.at, at("2026-03-04T08:00:00Z"));
    }

    #[test]
    fn whose_work_a_series_is_stays_known_until_all_of_it_is_replaced() {
        let member = |n: u128| MemberId::from_uuid(Uuid::from_u128(n));
        let one = series("FREQ=DAILY", MissedRun::default());
        assert_eq!((one.writers(), one.made_by()), (vec![member(1)], member(1)));
        // As earlier releases kept it.
        let old = Series { changed_by: Some(member(2)), ..one.clone() };
        assert_eq!(old.writers(), [member(1), member(2)]);
        let three = old.written(member(3), false).unwrap().written(member(1), false).unwrap();
        assert_eq!((three.writers(), three.made_by()), (vec![member(2), member(3), member(1)], member(1)));
        assert_eq!(three.written(member(4), true).unwrap().writers(), [member(4)]);
        let many = (2..=50).try_fold(one, |series, n| series.written(member(n), false)).unwrap();
        assert_eq!(many.writers().len(), MAX_WRITERS);
        assert!(many.clone().written(member(50), false).is_some(), "who is one of them already");
        assert_eq!(many.clone().written(member(51), false), None, "nobody is forgotten");
        assert!(many.written(member(51), true).is_some());
    }

    #[test]
    fn a_run_is_left_out_whose_post_is_another_s_also_behind_a_backlog() {
        let now = at("2026-03-03T09:00:00Z");
        let made = step(&series("FREQ=DAILY", MissedRun::default()), "2026-03-03T09:00:00Z").unwrap();
        let gone = made.paused("account_disconnected", now).left_out("post_exists");
        assert_eq!(gone.step, RunStep::Nothing);
        assert!(gone.next.runs.len() == 3 && gone.next.runs.iter().all(|past| past.outcome == RunOutcome::Skipped));
        let last = gone.events.last().unwrap();
        assert!(matches!(last, EventData::SeriesRunSkipped(facts) if facts.due_at == Some(at("2026-03-01T08:00:00Z"))));
        // The last run of all: its post is not named, for it is another's.
        let last = step(&series("FREQ=DAILY;COUNT=1", MissedRun::default()), "2026-03-01T06:00:00Z").unwrap();
        let gone = last.left_out("post_exists");
        let ended = gone.events.iter().find_map(|event| match event {
            EventData::SeriesEnded(facts) => Some(facts.post_id),
            _ => None,
        });
        assert_eq!(ended, Some(None));
    }
}
