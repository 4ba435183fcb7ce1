//! When to refresh, and who may: at most one refresh call per account is in flight (I20), versions only grow (I21), and
//! a rotated refresh token is never presented twice (I22).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds of life left under which an access token is refreshed before use.
pub const REFRESH_UNDER_S: i64 = 120;
/// Seconds a refresher may hold the lease without renewing it.
pub const REFRESH_LEASE_S: i64 = 60;
/// Seconds of its lease a refresher must still have when it calls the platform: 20 for the call, 12 each for the secret
/// store and the ledger to take the new pair (the timeouts of the clients), and 6 for clocks that differ. So a lease that has
/// run out means a dead worker, not a slow one.
pub const REFRESH_NEEDS_S: i64 = 50;
const DAY_S: i64 = 86_400;

/// Days without use after which a pair is renewed whose refresh token has no end that the platform tells; ours. Platforms that
/// forget what is not used do so after months.
pub const IDLE_D: i64 = 30;
/// Days before the end of a refresh token at which a pair that nobody used is renewed; ours: enough for an outage, and for a person to
/// connect the account again.
pub const AHEAD_D: i64 = 7;
/// Days before the end of an access at which its people are told, if nothing renews it by then; ours.
pub const WARN_D: [u16; 3] = [30, 7, 1];
/// Hours after which renewing ahead is tried again that came to nothing; ours.
pub const AGAIN_H: i64 = 6;

/// The right to refresh, held by one worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshLease {
    /// The worker's token.
    pub owner: String,
    /// When others may take over.
    pub until: Timestamp,
}

/// What people were told of the end of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warned {
    /// The end that they were told of.
    pub ends_at: Timestamp,
    /// How many days before it, of [`WARN_D`].
    pub days: u16,
}

/// What is known of the stored token pair, without the tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenState {
    /// Version of the stored pair; grows by one with every refresh.
    pub version: u32,
    /// When the access token dies; none when it does not.
    pub expires_at: Option<Timestamp>,
    /// When the refresh token dies, if the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_expires_at: Option<Timestamp>,
    /// From when on the pair is renewed before it is used, though the access token is alive; none for only when that is about
    /// to die.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_at: Option<Timestamp>,
    /// When renewing the pair ahead was tried last, and came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<Timestamp>,
    /// What people were told of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned: Option<Warned>,
    /// Whether there is a refresh token.
    pub refreshable: bool,
    /// Who is refreshing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<RefreshLease>,
    /// The sealed pair of `version`, kept here only while Secrets Manager could not take it (I23: the second copy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescue: Option<String>,
}

/// What to do before using the access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenNeed {
    /// Use it.
    Fresh,
    /// Refresh first.
    Refresh,
    /// It is dead and cannot be refreshed: a person must reconnect.
    Dead,
}

impl TokenState {
    /// No stored pair. The version stays: what is stored next must be newer than anything stored before.
    pub fn none(version: u32) -> Self {
        Self {
            version,
            expires_at: None,
            refresh_expires_at: None,
            renew_at: None,
            tried_at: None,
            warned: None,
            refreshable: false,
            lease: None,
            rescue: None,
        }
    }

    /// What to do at `now`. `refused` says that the platform has just answered 401 to this very version.
    pub fn need(&self, now: Timestamp, refused: bool) -> TokenNeed {
        let left = self.expires_at.map(|at| at.duration_since(now));
        let short = left.is_some_and(|l| l < SignedDuration::from_secs(REFRESH_UNDER_S));
        let old = self.renew_at.is_some_and(|at| at <= now);
        if !short && !refused && !old {
            return TokenNeed::Fresh;
        }
        let refresh_alive = self.refreshable && self.refresh_expires_at.is_none_or(|at| at > now);
        if refresh_alive {
            return TokenNeed::Refresh;
        }
        // Without a refresh token the last two minutes are still good.
        if !refused && left.is_some_and(|l| l > SignedDuration::ZERO) { TokenNeed::Fresh } else { TokenNeed::Dead }
    }

    /// From when on the access is dead for good unless a person reconnects: the first instant at which [`Self::need`] says
    /// so of a token that nobody used meanwhile. None while it can be renewed without a known end, or does not end.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let end = self.expires_at?;
        match (self.refreshable, self.refresh_expires_at) {
            (false, _) => Some(end),
            (true, refresh_ends) => refresh_ends.map(|last| last.max(end)),
        }
    }

    /// When the pair is renewed though nobody needs it, so that it does not end for want of use; none of one that does not end, or that
    /// renewing keeps no longer. The days are whole ones, so that it changes once a day at most.
    pub fn ahead_at(&self) -> Option<Timestamp> {
        if !self.refreshable {
            return None;
        }
        let wanted = match (self.renew_at, self.refresh_expires_at) {
            (Some(at), _) => at,
            (None, None) => day(self.expires_at? + days(IDLE_D)),
            (None, Some(last)) => Some(day(last - days(AHEAD_D)).max(self.expires_at?)).filter(|at| *at < last)?,
        };
        Some(self.tried_at.map_or(wanted, |tried| wanted.max(tried + SignedDuration::from_hours(AGAIN_H))))
    }

    /// When its people are to be told next that it ends, and what of: of one whose end is known, each of [`WARN_D`] days before it that
    /// lies after `since`, the day on which the access was given. A pair that Herald can renew is told of only once renewing it ahead had
    /// a day to succeed. None when they were told all of it. The days are whole ones, as those of [`Self::ahead_at`].
    pub fn warning(&self, since: Timestamp) -> Option<(Timestamp, Warned)> {
        let ends_at = self.ends_at()?;
        // Some platforms count the same end anew at each refresh, and a second or two off.
        let same = |told: &Warned| told.ends_at.duration_since(ends_at).abs() <= days(1);
        let told = self.warned.filter(same).map(|told| told.days);
        let tried =
            self.refresh_expires_at.filter(|_| self.refreshable).map(|last| day(last - days(AHEAD_D)) + days(1));
        let alone = |n: &u16| !self.refreshable || i64::from(*n) <= AHEAD_D;
        let due = WARN_D.into_iter().filter(alone).filter(|n| told.is_none_or(|told| *n < told));
        let dated = due.map(|n| (day(ends_at - days(n.into())), n)).filter(|(at, _)| *at > since);
        let dated = dated.map(|(at, n)| (tried.map_or(at, |tried| at.max(tried)), n)).filter(|(at, _)| *at < ends_at);
        dated.map(|(at, n)| (at, Warned { ends_at, days: n })).next()
    }

    /// The same once they were told all that is due at `now`; none when nothing is.
    pub fn warned(&self, since: Timestamp, now: Timestamp) -> Option<(Self, Timestamp)> {
        let mut next = self.clone();
        let mut ends_at = None;
        while let Some((_, warned)) = next.warning(since).filter(|(at, _)| *at <= now) {
            next.warned = Some(warned);
            ends_at = Some(warned.ends_at);
        }
        ends_at.map(|ends_at| (next, ends_at))
    }

    /// Takes the lease, unless another worker holds it.
    pub fn leased(&self, owner: &str, now: Timestamp) -> Option<Self> {
        if self.lease.as_ref().is_some_and(|l| l.until > now && l.owner != owner) {
            return None;
        }
        let until = now + SignedDuration::from_secs(REFRESH_LEASE_S);
        Some(Self { lease: Some(RefreshLease { owner: owner.into(), until }), ..self.clone() })
    }

    /// Whether the lease lasts long enough for the call to the platform and for keeping what it answers.
    pub fn lease_suffices(&self, now: Timestamp) -> bool {
        let needed = SignedDuration::from_secs(REFRESH_NEEDS_S);
        self.lease.as_ref().is_some_and(|l| l.until.duration_since(now) >= needed)
    }

    /// Gives the lease back with nothing changed (a transient error: the account stays connected).
    pub fn released(&self) -> Self {
        Self { lease: None, ..self.clone() }
    }

    /// The state once a pair is stored that is `of` this version, life and refresh token. The version never goes back.
    pub fn refreshed(&self, mut of: Self) -> Self {
        of.version = of.version.max(self.version);
        (of.lease, of.rescue, of.warned) = (None, None, self.warned);
        of
    }
}

/// The beginning of the day, in UTC.
fn day(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second() / DAY_S * DAY_S).unwrap_or(at)
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn state(expires: &str, refreshable: bool) -> TokenState {
        TokenState { version: 1, expires_at: Some(expires.parse().unwrap()), refreshable, ..TokenState::none(1) }
    }

    #[test]
    fn a_pair_that_nobody_uses_is_renewed_before_it_ends_and_not_where_that_gains_nothing() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let alive = state("2026-01-01T02:00:00Z", true);
        let rows = [
            (alive.clone(), Some("2026-01-31T00:00:00Z"), "a month after its last use"),
            (state("2026-01-01T02:00:00Z", false), None, "there is nothing to renew it with"),
            (TokenState { expires_at: None, ..alive.clone() }, None, "it does not end"),
            (
                TokenState { refresh_expires_at: Some(at("2026-06-30T12:00:00Z")), ..alive.clone() },
                Some("2026-06-23T00:00:00Z"),
                "a week before its end",
            ),
            (
                TokenState { refresh_expires_at: Some(at("2026-01-03T00:00:00Z")), ..alive.clone() },
                Some("2026-01-01T02:00:00Z"),
                "of a short life, as often as its access ends",
            ),
            (
                TokenState { refresh_expires_at: Some(at("2025-12-31T00:00:00Z")), ..alive.clone() },
                None,
                "its access outlives what would renew it",
            ),
            (
                TokenState { renew_at: Some(at("2026-01-08T00:00:00Z")), ..alive.clone() },
                Some("2026-01-08T00:00:00Z"),
                "from when on it is renewed anyway",
            ),
            (
                TokenState { tried_at: Some(at("2026-02-01T05:00:00Z")), ..alive },
                Some("2026-02-01T11:00:00Z"),
                "hours after a try that came to nothing",
            ),
        ];
        for (token, ahead, why) in rows {
            assert_eq!(token.ahead_at(), ahead.map(at), "{why}");
        }
    }

    #[test]
    fn people_are_told_thirty_days_a_week_and_a_day_before_an_end_that_nothing_puts_off() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let since = at("2026-01-01T10:00:00Z");
        // Each instant at which somebody looks, until all was told.
        let told = |mut token: TokenState| {
            let mut all = Vec::new();
            while let Some((due, warned)) = token.warning(since) {
                assert!(token.warned(since, due - SignedDuration::from_secs(1)).is_none(), "not before");
                let (next, ends_at) = token.warned(since, due).unwrap();
                assert_eq!((next.warned, ends_at), (Some(warned), warned.ends_at));
                all.push((due.to_string()[..10].to_owned(), warned.days));
                token = next;
            }
            all
        };
        let days = |list: &[(&str, u16)]| list.iter().map(|(day, n)| ((*day).to_owned(), *n)).collect::<Vec<_>>();
        let end = state("2026-03-02T15:00:00Z", false);
        let all = days(&[("2026-01-31", 30), ("2026-02-23", 7), ("2026-03-01", 1)]);
        assert_eq!(told(end.clone()), all);
        assert_eq!(
            told(state("2026-01-31T09:00:00Z", false)),
            days(&[("2026-01-24", 7), ("2026-01-30", 1)]),
            "a life of 30 days"
        );
        assert_eq!(told(state("2026-01-02T09:00:00Z", false)), [], "of less than a day nobody is told");
        assert_eq!(told(state("2026-03-02T15:00:00Z", true)), [], "Herald renews it, without an end");
        assert_eq!(told(TokenState { expires_at: None, ..end.clone() }), [], "it does not end");
        let renewed =
            TokenState { refresh_expires_at: Some(at("2026-03-02T15:00:00Z")), ..state("2026-01-01T12:00:00Z", true) };
        assert_eq!(
            told(renewed.clone()),
            days(&[("2026-02-24", 7), ("2026-03-01", 1)]),
            "only once renewing had its day"
        );
        assert!(renewed.ahead_at().unwrap() < renewed.warning(since).unwrap().0);
    }

    #[test]
    fn people_who_were_told_of_an_end_are_told_of_another_one_and_not_of_the_same_again() {
        let since = "2026-01-01T10:00:00Z".parse().unwrap();
        let end = state("2026-03-02T15:00:00Z", false);
        let late = "2026-02-25T00:00:00Z".parse().unwrap();
        let (told, _) = end.warned(since, late).unwrap();
        assert_eq!(told.warned.map(|told| told.days), Some(7), "what was missed is told at once, and once");
        assert!(told.warned(since, late).is_none());
        let refreshed = |expires: &str| told.refreshed(state(expires, false));
        assert!(refreshed("2026-03-02T15:00:03Z").warned(since, late).is_none(), "the same end");
        let (again, ends_at) = refreshed("2026-03-12T15:00:00Z").warned(since, late).unwrap();
        assert_eq!((again.warned.map(|told| told.days), ends_at), (Some(30), "2026-03-12T15:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_token_is_refreshed_only_in_its_last_two_minutes_or_when_refused() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(state("2026-01-01T00:03:00Z", true).need(now, false), TokenNeed::Fresh);
        assert_eq!(state("2026-01-01T00:01:00Z", true).need(now, false), TokenNeed::Refresh);
        assert_eq!(state("2026-01-01T00:03:00Z", true).need(now, true), TokenNeed::Refresh);
        assert_eq!(state("2026-01-01T00:01:00Z", false).need(now, false), TokenNeed::Fresh);
        assert_eq!(state("2026-01-01T00:01:00Z", false).need(now, true), TokenNeed::Dead);
        assert_eq!(state("2025-12-31T00:00:00Z", false).need(now, false), TokenNeed::Dead);
    }

    #[test]
    fn a_token_may_be_renewed_long_before_its_end_and_what_cannot_be_renewed_is_used() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let early = |refreshable| TokenState {
            renew_at: Some(at("2026-01-08T00:00:00Z")),
            ..state("2026-03-01T00:00:00Z", refreshable)
        };
        assert_eq!(early(true).need(at("2026-01-07T23:59:59Z"), false), TokenNeed::Fresh);
        assert_eq!(early(true).need(at("2026-01-08T00:00:00Z"), false), TokenNeed::Refresh);
        assert_eq!(early(false).need(at("2026-01-08T00:00:00Z"), false), TokenNeed::Fresh);
        assert_eq!(early(false).ends_at(), Some(at("2026-03-01T00:00:00Z")));
    }

    #[test]
    fn a_token_ends_at_the_first_instant_at_which_it_is_found_dead() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let tokens = [
            (state("2026-01-10T00:00:00Z", false), Some("2026-01-10T00:00:00Z")),
            (state("2026-01-10T00:00:00Z", true), None),
            (TokenState { expires_at: None, ..state("2026-01-10T00:00:00Z", false) }, None),
            (
                TokenState {
                    refresh_expires_at: Some(at("2026-03-01T00:00:00Z")),
                    ..state("2026-01-10T00:00:00Z", true)
                },
                Some("2026-03-01T00:00:00Z"),
            ),
            // A refresh token that ends first leaves the access token its own life.
            (
                TokenState {
                    refresh_expires_at: Some(at("2026-01-02T00:00:00Z")),
                    ..state("2026-01-10T00:00:00Z", true)
                },
                Some("2026-01-10T00:00:00Z"),
            ),
        ];
        for (token, dies) in tokens {
            assert_eq!(token.ends_at(), dies.map(at), "{token:?}");
            let looked_at = dies.map_or_else(|| at("2030-01-01T00:00:00Z"), at);
            let dead = |seconds| token.need(looked_at + SignedDuration::from_secs(seconds), false) == TokenNeed::Dead;
            assert_eq!((dead(-1), dead(0)), (false, dies.is_some()), "{token:?}");
        }
    }

    #[test]
    fn only_one_worker_holds_the_refresh_lease_until_it_expires() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let held = state("2026-01-01T00:00:10Z", true).leased("a", now).unwrap();
        assert!(held.leased("b", now).is_none());
        assert!(held.leased("a", now).is_some());
        assert!(held.leased("b", now + SignedDuration::from_secs(REFRESH_LEASE_S + 1)).is_some());
    }

    #[test]
    fn a_lease_suffices_while_the_call_and_both_copies_fit_into_what_is_left() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let fresh = state("2026-01-01T00:00:10Z", true);
        assert!(!fresh.lease_suffices(now), "there is none");
        let held = fresh.leased("a", now).unwrap();
        let after = |s: i64| now + SignedDuration::from_secs(s);
        assert!(held.lease_suffices(after(REFRESH_LEASE_S - REFRESH_NEEDS_S)));
        assert!(!held.lease_suffices(after(REFRESH_LEASE_S - REFRESH_NEEDS_S + 1)));
    }
}
