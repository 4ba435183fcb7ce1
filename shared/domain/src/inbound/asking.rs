//! Accounts whose platform calls nobody: when each is asked, how far it was heard, and why it cannot be.

use crate::{AccountId, PlatformId, SourceId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Minutes between two askings that people may choose.
pub const ASK_MIN: RangeInclusive<u16> = 5..=1_440;
/// Minutes between two askings where nobody chose. Ours: a person who answers comments looks about as often.
pub const ASK_USUALLY_MIN: u16 = 15;
/// Until another worker asks, where one took an account and was not heard of again: longer than a request and its record take.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Longest that is waited after failures, unless askings are further apart or the platform names a later time.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);
/// Names of things heard that are kept: as many as are said in the time that is looked at again, except in a flood. More than these, told
/// again, are known by their records. Ours: a record has 20 KB with them.
const KNOWN: usize = 1_000;

/// That an account is asked, and how far it was heard. It outlives its source: a revision must never begin anew, or a worker that was
/// held up could take another source's for its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// Tenant.
    pub tenant: TenantId,
    /// Account.
    pub account: AccountId,
    /// Platform.
    pub platform: PlatformId,
    /// The source; none once it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Minutes between two askings.
    pub every_min: u16,
    /// Since when: nothing that was said before is heard.
    pub since: Timestamp,
    /// How far it was heard, in its connector's own form; none before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Hashes of the names of what was heard last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
    /// When the platform last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
    /// When it is asked next, or by another worker where one has taken it; none once the source was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
    /// Why it cannot be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
    /// Failures in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
}

/// Why an account cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// Since when.
    pub since: Timestamp,
    /// The latest reason, as a stable code.
    pub code: String,
}

// Serde calls it with a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Asking {
    /// That of an account with a new source: it is asked at once, for what is said from now on.
    pub fn of(
        (tenant, account): (TenantId, AccountId),
        platform: PlatformId,
        source: SourceId,
        every_min: u16,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            account,
            platform,
            source: Some(source),
            every_min,
            since: now,
            cursor: None,
            known: Vec::new(),
            heard_at: None,
            wake_at: Some(now),
            failing: None,
            failures: 0,
        }
    }

    /// The same after its source was deleted.
    #[must_use]
    pub fn ended(&self) -> Self {
        let Self { tenant, account, every_min, since, .. } = *self;
        let platform = self.platform.clone();
        Self {
            tenant,
            account,
            platform,
            source: None,
            every_min,
            since,
            cursor: None,
            known: Vec::new(),
            heard_at: None,
            wake_at: None,
            failing: None,
            failures: 0,
        }
    }

    /// The source that it is due for; none where it is not due, or has none.
    pub fn due(&self, now: Timestamp) -> Option<SourceId> {
        self.source.filter(|_| self.wake_at.is_some_and(|at| at <= now))
    }

    /// The same, taken by a worker: until its lease ends no other asks.
    #[must_use]
    pub fn taken(&self, now: Timestamp) -> Self {
        Self { wake_at: Some(now + LEASE), ..self.clone() }
    }

    /// The same after an answer: how far it goes, and the hashes of what was new in it. Where there is more, the worker holds it on.
    #[must_use]
    pub fn heard(&self, cursor: String, new: impl IntoIterator<Item = String>, more: bool, now: Timestamp) -> Self {
        let mut known = self.known.clone();
        known.extend(new);
        known.drain(..known.len().saturating_sub(KNOWN));
        let wake_at = Some(if more { now + LEASE } else { self.next(now) });
        Self { cursor: Some(cursor), known, heard_at: Some(now), wake_at, failing: None, failures: 0, ..self.clone() }
    }

    /// The same where there is more to hear, and no time for it: the next run goes on.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Self {
        Self { wake_at: Some(now), ..self.clone() }
    }

    /// The same where there is more to hear and its platform's time or quota is others', too: it goes on at its next asking.
    #[must_use]
    pub fn left_for_later(&self, now: Timestamp) -> Self {
        Self { wake_at: Some(self.next(now)), ..self.clone() }
    }

    /// The same after a failure. It is asked again later each time, and not before the platform said, however late that is.
    #[must_use]
    pub fn failed(&self, code: &str, until: Option<Timestamp>, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let longer = self.every() * (1_i32 << (failures - 1).min(8)) - self.every();
        let from = now + longer.min(PATIENCE);
        let wake_at = Some(self.next(until.map_or(from, |until| until.max(from))));
        Self { failures, wake_at, failing: Some(self.failing_with(code, now)), ..self.clone() }
    }

    /// The same where nobody was asked, for a reason that a person has to mend: it is looked at again in its time.
    #[must_use]
    pub fn waiting(&self, code: &str, now: Timestamp) -> Self {
        let failing = Some(self.failing_with(code, now));
        Self { failures: 0, wake_at: Some(self.next(now)), failing, ..self.clone() }
    }

    fn failing_with(&self, code: &str, now: Timestamp) -> Failing {
        Failing { since: self.failing.as_ref().map_or(now, |failing| failing.since), code: code.into() }
    }

    fn every(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.every_min.max(1)))
    }

    /// The first time after `from` that is a whole number of askings away from the beginning: whoever comes a little late for one does
    /// not put off all the others.
    fn next(&self, from: Timestamp) -> Timestamp {
        let every = self.every().as_secs();
        let passed = from.duration_since(self.since).as_secs().max(0);
        let wait = SignedDuration::from_secs((passed / every + 1) * every);
        self.since.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn asking(every_min: u16) -> Asking {
        let id = uuid::Uuid::from_u128;
        let whose = (TenantId::from_uuid(id(1)), AccountId::from_uuid(id(2)));
        Asking::of(
            whose,
            "mastodon".parse().unwrap(),
            SourceId::from_uuid(id(3)),
            every_min,
            at("2027-01-11T12:00:00Z"),
        )
    }

    #[test]
    fn a_source_is_asked_at_once_and_then_in_its_rhythm_however_late_a_worker_comes() {
        let new = asking(15);
        assert_eq!((new.due(at("2027-01-11T11:59:59Z")), new.due(new.since)), (None, new.source));
        let late = new.heard("c".into(), [], false, at("2027-01-11T12:04:10Z"));
        assert_eq!(late.wake_at, Some(at("2027-01-11T12:15:00Z")));
        let on_time = late.heard("c".into(), [], false, at("2027-01-11T12:15:00Z"));
        assert_eq!(on_time.wake_at, Some(at("2027-01-11T12:30:00Z")));
    }

    #[test]
    fn what_a_worker_took_is_due_for_another_one_when_its_lease_ends() {
        let taken = asking(15).taken(at("2027-01-11T12:00:30Z"));
        assert_eq!(taken.due(at("2027-01-11T12:05:29Z")), None);
        assert!(taken.due(at("2027-01-11T12:05:30Z")).is_some());
        let more = taken.heard("c".into(), [], true, at("2027-01-11T12:01:00Z"));
        assert_eq!(more.wake_at, Some(at("2027-01-11T12:06:00Z")), "it holds it on");
        assert!(more.left(at("2027-01-11T12:01:30Z")).due(at("2027-01-11T12:01:30Z")).is_some());
    }

    #[test]
    fn failures_put_the_next_asking_off_further_each_time_up_to_an_hour_and_an_answer_ends_that() {
        let now = at("2027-01-11T12:00:00Z");
        let mut waits = Vec::new();
        let mut failing = asking(15);
        for _ in 0..5 {
            failing = failing.failed("unavailable", None, now);
            waits.push(failing.wake_at.unwrap().duration_since(now).as_mins());
        }
        assert_eq!(waits, [15, 30, 60, 75, 75]);
        assert_eq!(failing.failing, Some(Failing { since: now, code: "unavailable".into() }));
        let well = failing.heard("c".into(), [], false, now);
        assert_eq!((well.failures, well.failing), (0, None));
        assert_eq!(asking(1_440).failed("unavailable", None, now).wake_at, Some(at("2027-01-12T12:00:00Z")));
    }

    #[test]
    fn a_platform_that_says_when_is_not_asked_a_second_before_however_late_that_is() {
        let now = at("2027-01-11T12:00:00Z");
        let until = at("2027-01-14T09:30:01Z");
        let wake_at = asking(5).failed("rate_limited", Some(until), now).wake_at.unwrap();
        assert!(wake_at >= until && wake_at <= until + SignedDuration::from_mins(5), "{wake_at}");
        let soon = asking(15).failed("rate_limited", Some(at("2027-01-11T12:00:01Z")), now);
        assert_eq!(soon.wake_at, Some(at("2027-01-11T12:15:00Z")), "and never sooner than in its rhythm");
    }

    #[test]
    fn the_names_of_the_latest_things_are_kept_and_not_of_all() {
        let names = |from: usize, to: usize| (from..to).map(|n| n.to_string());
        let heard = asking(15).heard("c".into(), names(0, KNOWN - 28), false, asking(15).since);
        let heard = heard.heard("c".into(), names(KNOWN - 28, KNOWN + 22), false, heard.since);
        assert_eq!((heard.known.len(), heard.known.first().unwrap().as_str()), (KNOWN, "22"));
    }

    #[test]
    fn of_a_deleted_source_nothing_is_left_but_that_there_was_one() {
        let old = asking(15).heard("c".into(), ["a".to_owned()], false, asking(15).since).ended();
        assert_eq!((old.source, old.wake_at, old.cursor.as_deref(), old.known.len()), (None, None, None, 0));
        let text = serde_json::to_string(&old).unwrap();
        assert_eq!(serde_json::from_str::<Asking>(&text).unwrap(), old);
    }
}
