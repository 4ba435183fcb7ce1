//! How an endpoint fares: since when it has only failed, and until when it is to be left alone.

use super::{Answer, LIFE_D};
use crate::{EndpointId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Days of failures only after which people are told.
pub const NOTICE_D: i64 = 3;
/// Days of failures only after which an endpoint is switched off. It is never switched off sooner after the notice than the
/// days between the two, however seldom anything is sent to it.
pub const OFF_D: i64 = 5;
/// Seconds for which an endpoint that is overloaded or does not answer, and does not say for how long, is left alone the first time; each time
/// after it twice as long.
const SLOW_FIRST_S: i64 = 5;
/// Longest such wait in seconds.
pub const SLOW_MOST_S: i64 = 300;

/// Seconds by which a wait that is lengthened goes beyond what was asked for. Of many requests that are refused at once each may hear of a wait
/// that is a little longer than the one before; whoever finds one that is long enough has nothing to write. The endpoint is
/// never called sooner than it asked.
const BEYOND_S: i64 = 5;

/// How an endpoint fares. Written when that changes, never on a success after a success. It is a matter of politeness: when
/// a change of it is lost, the next attempt tells it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Tenant.
    pub tenant: TenantId,
    /// The first failure since anything was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// When people were told of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noticed_at: Option<Timestamp>,
    /// Until when nothing is sent to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<Timestamp>,
    /// Times in a row that it was overloaded, or did not answer, without saying for how long.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub slowed: u32,
    /// When this was written.
    pub at: Timestamp,
}

/// What is to be done about an endpoint that has only failed for days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Tell people.
    Notice,
    /// Switch it off.
    SwitchOff,
}

impl Pace {
    /// An endpoint of which nothing is known.
    pub fn new(tenant: TenantId, endpoint: EndpointId, now: Timestamp) -> Self {
        Self { endpoint, tenant, failing_since: None, noticed_at: None, quiet_until: None, slowed: 0, at: now }
    }

    /// Until when nothing is sent to it; none when it may be called.
    pub fn quiet(&self, now: Timestamp) -> Option<Timestamp> {
        self.quiet_until.filter(|until| now < *until)
    }

    /// What an attempt tells about the endpoint: the same when it tells nothing new.
    ///
    /// 429, 502, 503 and 504 hold back everything that goes to it: as long as it asks, and else for a while of our own. So does no answer, where
    /// nothing was taken since another failure: one lost answer says little of an endpoint, but one that takes a connection and never
    /// answers would keep a worker for [`super::TIMEOUT_S`] seconds with each message, which all tenants' endpoints wait for. One that was under way meanwhile and fails as well does not lengthen that while. Who asks for longer than a message lives will
    /// not be asked again for that long, so people are told at once, and what was under way and is taken changes nothing.
    pub fn after(&self, answer: &Answer, now: Timestamp) -> (Self, Option<Verdict>) {
        let mut next = self.clone();
        if answer.taken() {
            if self.outwaits_messages(now) {
                return (next, None);
            }
            (next.failing_since, next.noticed_at, next.slowed) = (None, None, 0);
            next.quiet_until = self.quiet(now);
        } else {
            let since = *next.failing_since.get_or_insert(answer.attempt.at);
            let overloaded = match answer.attempt.status {
                None => self.failing_since.is_some(),
                Some(status) => matches!(status, 429 | 502 | 503 | 504),
            };
            if overloaded {
                next.quiet_until = self.quiet_after(answer, now);
                let ours = answer.retry_after_s.is_none() && next.quiet_until != self.quiet_until;
                next.slowed = if ours { self.slowed.saturating_add(1) } else { self.slowed };
            }
            let (failing, told) = (now.duration_since(since), self.noticed_at);
            if told.is_none() && (failing >= days(NOTICE_D) || next.outwaits_messages(now)) {
                next.noticed_at = Some(now);
                return (Self { at: now, ..next }, Some(Verdict::Notice));
            }
            if self.is_over(now) {
                return (self.clone(), Some(Verdict::SwitchOff));
            }
        }
        if next != *self {
            next.at = now;
        }
        (next, None)
    }

    /// Whether it asks for longer than a message that is made now lives: until that nears its end, nothing is tried.
    pub fn outwaits_messages(&self, now: Timestamp) -> bool {
        self.quiet(now).is_some_and(|until| until.duration_since(now) > days(LIFE_D))
    }

    /// Whether it has taken nothing for so long, and people were told so long ago, that it is to be switched off.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let since = |at: Option<Timestamp>, n| at.is_some_and(|at| now.duration_since(at) >= days(n));
        since(self.noticed_at, OFF_D - NOTICE_D) && since(self.failing_since, OFF_D)
    }

    fn quiet_after(&self, answer: &Answer, now: Timestamp) -> Option<Timestamp> {
        let known = self.quiet(now);
        let Some(asked) = answer.asked_until(now) else {
            let wait = SLOW_FIRST_S << self.slowed.min(6);
            return known.or_else(|| now.checked_add(SignedDuration::from_secs(wait.min(SLOW_MOST_S))).ok());
        };
        let longer = || asked.checked_add(SignedDuration::from_secs(BEYOND_S)).unwrap_or(Timestamp::MAX);
        Some(known.map_or(asked, |known| if known < asked { longer() } else { known }))
    }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::webhooks::WebhookAttempt;
    use uuid::Uuid;

    fn pace() -> (Pace, Timestamp) {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        (Pace::new(TenantId::from_uuid(Uuid::nil()), EndpointId::from_uuid(Uuid::nil()), now), now)
    }

    fn answer(status: u16, retry_after_s: Option<u64>, at: Timestamp) -> Answer {
        let attempt = WebhookAttempt { at, status: Some(status), ..WebhookAttempt::default() };
        Answer { attempt, retry_after_s }
    }

    fn hours(n: i64) -> SignedDuration {
        SignedDuration::from_hours(n)
    }

    #[test]
    fn three_days_of_failures_only_are_told_and_five_switch_off() {
        let (mut pace, start) = pace();
        let mut verdicts = Vec::new();
        for hour in 0..=121 {
            let now = start + hours(hour);
            let (next, verdict) = pace.after(&answer(500, None, now), now);
            verdicts.extend(verdict.map(|v| (hour, v)));
            pace = next;
        }
        assert_eq!(verdicts, [(72, Verdict::Notice), (120, Verdict::SwitchOff), (121, Verdict::SwitchOff)]);
    }

    #[test]
    fn one_success_begins_the_days_anew() {
        let (pace, start) = pace();
        let (failing, _) = pace.after(&answer(500, None, start), start);
        let later = start + hours(71);
        let (well, _) = failing.after(&answer(204, None, later), later);
        assert_eq!((well.failing_since, well.noticed_at), (None, None));
        let (again, verdict) = well.after(&answer(500, None, start + hours(73)), start + hours(73));
        assert_eq!((again.failing_since, verdict), (Some(start + hours(73)), None));
    }

    #[test]
    fn who_is_told_late_still_has_the_days_until_it_is_switched_off() {
        let (pace, start) = pace();
        let (pace, _) = pace.after(&answer(500, None, start), start);
        let late = start + hours(20 * 24);
        let (pace, verdict) = pace.after(&answer(500, None, late), late);
        assert_eq!(verdict, Some(Verdict::Notice));
        assert_eq!(pace.after(&answer(500, None, late + hours(47)), late + hours(47)).1, None);
        assert_eq!(pace.after(&answer(500, None, late + hours(48)), late + hours(48)).1, Some(Verdict::SwitchOff));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_in_full_and_never_shortened() {
        let (pace, now) = pace();
        for (status, asked) in [(429, 86_401_u64), (502, 7), (503, u64::from(u32::MAX) + 1), (504, 3 * 86_400)] {
            let (slowed, _) = pace.after(&answer(status, Some(asked), now), now);
            let until = now.checked_add(SignedDuration::from_secs(i64::try_from(asked).unwrap())).unwrap();
            assert_eq!((slowed.quiet_until, slowed.slowed), (Some(until), 0), "{status}");
            let (shorter, _) = slowed.after(&answer(429, Some(1), now), now);
            assert_eq!(shorter.quiet_until, Some(until));
            assert_eq!(slowed.after(&answer(200, None, now), now).0.quiet_until, Some(until), "one was under way");
        }
        let (for_ever, _) = pace.after(&answer(429, Some(u64::MAX), now), now);
        assert_eq!(for_ever.quiet_until, Some(Timestamp::MAX));
        assert_eq!(pace.after(&answer(500, Some(60), now), now).0.quiet_until, None, "a failure of one message");
    }

    #[test]
    fn a_wait_that_is_lengthened_goes_a_little_beyond_what_was_asked_for_so_that_a_crowd_agrees() {
        let (pace, now) = pace();
        let in_s = |seconds: i64| Some(now + SignedDuration::from_secs(seconds));
        let (first, _) = pace.after(&answer(429, Some(60), now), now);
        let (longer, _) = first.after(&answer(429, Some(61), now), now);
        assert_eq!((first.quiet_until, longer.quiet_until), (in_s(60), in_s(61 + BEYOND_S)));
        for heard in [1, 62, 66] {
            assert_eq!(longer.after(&answer(429, Some(heard), now), now).0, longer, "{heard}");
        }
        assert_eq!(longer.after(&answer(429, Some(67), now), now).0.quiet_until, in_s(67 + BEYOND_S));
    }

    #[test]
    fn who_asks_for_longer_than_a_message_lives_is_told_of_at_once() {
        let (pace, now) = pace();
        let life = u64::try_from(LIFE_D * 86_400).unwrap();
        assert_eq!(pace.after(&answer(503, Some(life), now), now).1, None, "a message lives just as long");
        let (muted, verdict) = pace.after(&answer(503, Some(life + 1), now), now);
        assert_eq!((verdict, muted.noticed_at), (Some(Verdict::Notice), Some(now)));
        assert_eq!(muted.after(&answer(200, None, now), now), (muted.clone(), None), "one was under way");
        assert_eq!(muted.after(&answer(503, Some(life + 1), now), now).1, None, "told once");
        let day = |n: i64, less_s: i64| now + hours(24 * n) - SignedDuration::from_secs(less_s);
        assert_eq!([muted.is_over(day(5, 1)), muted.is_over(day(5, 0))], [false, true]);
    }

    #[test]
    fn who_is_overloaded_and_does_not_say_for_how_long_is_left_alone_for_longer_each_time() {
        let (mut pace, mut now) = pace();
        let mut waits = Vec::new();
        for _ in 0..9 {
            let (next, _) = pace.after(&answer(429, None, now), now);
            let (meanwhile, _) = next.after(&answer(429, None, now), now);
            assert_eq!(meanwhile.quiet_until, next.quiet_until, "one that was under way adds nothing");
            let until = next.quiet_until.unwrap();
            waits.push(until.duration_since(now).as_secs());
            (pace, now) = (next, until);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        let (well, _) = pace.after(&answer(200, None, now), now);
        assert_eq!((well.slowed, well.quiet_until), (0, None));
    }

    #[test]
    fn no_answer_is_one_of_many_failures_the_first_time_and_then_an_overload_that_says_nothing_of_its_end() {
        let (mut pace, mut now) = pace();
        let silent = |at| Answer { attempt: WebhookAttempt { at, ..WebhookAttempt::default() }, retry_after_s: None };
        let mut waits = Vec::new();
        for _ in 0..9 {
            let (next, _) = pace.after(&silent(now), now);
            let until = next.quiet_until.unwrap_or(now);
            waits.push(until.duration_since(now).as_secs());
            (pace, now) = (next, until);
        }
        assert_eq!(waits, [0, 5, 10, 20, 40, 80, 160, 300, 300]);
        let (well, _) = pace.after(&answer(204, None, now), now);
        assert_eq!(well.after(&silent(now), now).0.quiet_until, None, "it took something in between");
    }

    #[test]
    fn a_success_after_a_success_and_a_failure_after_a_failure_tell_nothing_new() {
        let (pace, now) = pace();
        let later = now + hours(1);
        assert_eq!(pace.after(&answer(200, None, later), later).0, pace);
        let (failing, _) = pace.after(&answer(500, None, now), now);
        assert_eq!(failing.after(&answer(500, None, later), later).0, failing);
    }
}
