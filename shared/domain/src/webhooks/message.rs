//! The delivery of one event to one endpoint.

mod answer;

use super::GONE;
pub use answer::{Again, Answer, WebhookAttempt};

use crate::publishing::Wake;
use crate::{EndpointId, EventId, MemberId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Seconds an endpoint has to answer (Standard Webhooks recommends 15 to 30).
pub const TIMEOUT_S: u64 = 15;
/// Bytes of an answer that are kept for the delivery log.
pub const KEPT_BODY: usize = 16 * 1024;
/// Seconds a worker may hold an attempt; longer than the timeout.
pub const ATTEMPT_LEASE_S: i64 = 60;
/// Waits between attempts, in seconds: the first attempt is at once; the schedule of Standard Webhooks, about three days.
pub const WAITS_S: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Days after which a message is not tried any more, counted from when it was made or sent again. The schedule ends long
/// before; an endpoint may ask for more time than that.
pub const LIFE_D: i64 = 10;
/// Attempts of a message that stay when it is sent again.
const KEPT_ATTEMPTS: usize = 10;
/// Newest attempts of a message of which the whole kept answer stays.
const WHOLE_ANSWERS: usize = 3;
/// Bytes of the answer that stay of an older attempt.
const OLD_BODY: usize = 1_024;
/// Most seconds by which messages that wait for one endpoint are spread when its wait is over.
const SPREAD_S: i64 = 60;
/// Least milliseconds over which they are spread: after a wait of a second they would come together again.
const LEAST_SPREAD_MS: i128 = 5_000;
/// Why a message is dead: every attempt failed.
pub const EXHAUSTED: &str = "exhausted";
/// Why a message is dead: the endpoint asked to wait for longer than a message lives.
pub const ASKED_TO_WAIT: &str = "asked_to_wait";
/// Why a message is dead: as many wait for its endpoint as its limit lets through in [`super::LINE_D`] days.
pub const LINE_FULL: &str = "line_full";
/// Why a message is dead: as many as [`super::MAX_LANE`] of its key were before it, at an endpoint that is told in order.
pub const LANE_FULL: &str = "lane_full";
/// Why a message is dead: the endpoint is off.
pub const DISABLED: &str = "disabled";
/// Why a message is dead: the endpoint was deleted.
pub const DELETED: &str = "deleted";
/// Why a message is dead: a person gave it up.
pub const GIVEN_UP: &str = "given_up";

/// Where the delivery of one event to one endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WebhookState {
    /// Waits for its next attempt.
    Pending,
    /// A worker is at it.
    Sending {
        /// The worker's token.
        owner: String,
        /// When others may take over.
        lease_until: Timestamp,
    },
    /// The endpoint took it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// Given up; visible in the log of the endpoint, and not sent again by itself.
    Dead {
        /// When.
        at: Timestamp,
        /// Stable code: [`EXHAUSTED`], [`ASKED_TO_WAIT`], [`LINE_FULL`], [`LANE_FULL`], [`DISABLED`], [`DELETED`], [`GIVEN_UP`] or
        /// [`GONE`].
        reason: String,
        /// Who gave it up, where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<MemberId>,
    },
}

/// The delivery of one event to one endpoint. Webhooks are at-least-once: after doubt it is sent again, with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookMessage {
    /// The event; `webhook-id` on the wire.
    pub event: EventId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Tenant.
    pub tenant: TenantId,
    /// The event's type.
    pub kind: String,
    /// The exact bytes sent and signed, every time.
    pub body: String,
    /// Headers that belong to the body, names in small letters, every time the same: its type and, where `CloudEvents` are in
    /// binary form, what is told beside it. None when it is plain JSON.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub content_headers: BTreeMap<String, String>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: WebhookState,
    /// The attempts, oldest first; of one that was sent again only the last of those before.
    pub attempts: Vec<WebhookAttempt>,
    /// How many of the attempts were made before it was sent again.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub before: u32,
    /// When it was sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_at: Option<Timestamp>,
    /// Its place in the line that the endpoint's own limit makes, until an attempt is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Timestamp>,
    /// The key of the lane in which it stands, until it ends: those before it go first. None where no order is kept, and of what
    /// is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// Seconds for which it stood in that line, or behind others of its key, since it was made or sent again. They are no part of its
    /// life.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub stood_s: i64,
    /// When the machine looks at it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Wake>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl WebhookMessage {
    /// Takes the next attempt; none when it is not due, is held, or has ended.
    pub fn claimed(&self, owner: &str, now: Timestamp) -> Option<Self> {
        let due = self.wake.is_some_and(|w| w.at <= now + crate::publishing::EARLY);
        let free = match &self.state {
            WebhookState::Pending => due,
            WebhookState::Sending { lease_until, .. } => *lease_until < now,
            WebhookState::Delivered { .. } | WebhookState::Dead { .. } => false,
        };
        let lease_until = now + SignedDuration::from_secs(ATTEMPT_LEASE_S);
        free.then(|| Self { state: WebhookState::Sending { owner: owner.into(), lease_until }, ..self.clone() })
    }

    /// Records an attempt: 2xx is success, 410 means stop, and everything else, redirects too, is tried again after a wait
    /// that is never shorter than the endpoint asks.
    pub fn answered(&self, answer: Answer, again: Again, now: Timestamp) -> Self {
        let (status, taken, asked) = (answer.attempt.status, answer.taken(), answer.asked_until(now));
        let mut next = Self { place: None, ..self.clone() };
        next.attempts.push(answer.attempt);
        next.trim();
        if taken {
            next.state = WebhookState::Delivered { at: now };
            (next.wake, next.lane) = (None, None);
            return next;
        }
        if status == Some(410) {
            return next.dead(GONE, now);
        }
        let Some(&wait) = WAITS_S.get(next.tried().saturating_sub(1)) else { return next.dead(EXHAUSTED, now) };
        // Whole seconds, since a queue counts in these: at the first retry a part of one is a tenth of the wait.
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // at most a day in seconds
        let spread = (wait as f64 * (1.0 + again.jitter.clamp(-0.2, 0.2))).round() as i64;
        let ours = now + SignedDuration::from_secs(spread);
        let theirs = [asked, again.quiet_until].into_iter().flatten().map(after);
        next.waits(theirs.fold(ours, Timestamp::max), again.carried_s, now)
    }

    /// The same message where somebody else recorded another attempt at it meanwhile, and this failed one was asked to wait for longer:
    /// of two waits the later one holds. None where nothing changes.
    pub fn asked_for_longer(&self, answer: &Answer, again: Again, now: Timestamp) -> Option<Self> {
        let asked = after(answer.asked_until(now)?);
        let later = self.state == WebhookState::Pending && self.wake.is_some_and(|wake| wake.at < asked);
        (later && !answer.taken()).then(|| self.clone().waits(asked, again.carried_s, now))
    }

    /// Puts the next attempt off without making it, since nothing is sent to the endpoint until then. What waits for one
    /// endpoint is spread over the seconds after that. No attempt is spent.
    pub fn put_off(&self, until: Timestamp, again: Again, now: Timestamp) -> Self {
        let most_ms = (until.duration_since(now).as_millis() / 10).clamp(LEAST_SPREAD_MS, i128::from(SPREAD_S) * 1000);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // at most a minute in milliseconds
        let spread = SignedDuration::from_millis((most_ms as f64 * (again.jitter.clamp(-0.2, 0.2) + 0.2) * 2.5) as i64);
        let at = after(until).checked_add(spread).unwrap_or(Timestamp::MAX);
        self.clone().waits(at, again.carried_s, now)
    }

    /// Puts the next attempt off until its place in line comes. No attempt is spent, and however long the line is, standing in it
    /// ends nothing.
    pub fn stands(&self, place: Timestamp, carried_s: i64, now: Timestamp) -> Self {
        let stands_s = place.duration_since(now).as_secs().max(0);
        let stood_s = self.stood_s.saturating_add(stands_s);
        Self { place: Some(place), stood_s, ..self.clone() }.pending(place, carried_s, now)
    }

    /// Comes again a little later, since it could not be counted now. It keeps its place, if it has one, and gets none.
    pub fn comes_again(&self, at: Timestamp, carried_s: i64, now: Timestamp) -> Self {
        self.clone().pending(at, carried_s, now)
    }

    /// Made to stand behind others of its key: nobody looks at it until whoever ends the one before it wakes it.
    pub fn behind(&self) -> Self {
        Self { state: WebhookState::Pending, place: None, stood_s: 0, wake: None, ..self.clone() }
    }

    /// The one before it has ended: it is due at once, and however short it stood there, it is new no more. `sent` is not set, so that the next tick has it whatever becomes of whoever wakes
    /// it.
    pub fn woken(&self, now: Timestamp) -> Self {
        let stood_s = self.stood_s.saturating_add(now.duration_since(self.created_at).as_secs().max(1));
        Self { stood_s, wake: Some(Wake { at: now, set_at: now, sent: false }), ..self.clone() }
    }

    /// Whether it is not tried any more by itself.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, WebhookState::Delivered { .. } | WebhookState::Dead { .. })
    }

    /// Whether nothing was tried and it stood nowhere yet, neither in line nor in its lane: only such a one gets no place in a line that
    /// is too long.
    pub fn is_new(&self) -> bool {
        self.place.is_none() && self.stood_s == 0 && self.tried() == 0
    }

    /// Attempts since it was made or sent again.
    fn tried(&self) -> usize {
        self.attempts.len() - usize::try_from(self.before).unwrap_or_default().min(self.attempts.len())
    }

    fn waits(self, at: Timestamp, carried_s: i64, now: Timestamp) -> Self {
        let lived = at.duration_since(self.again_at.unwrap_or(self.created_at));
        if lived > SignedDuration::from_hours(LIFE_D * 24) + SignedDuration::from_secs(self.stood_s) {
            return self.dead(ASKED_TO_WAIT, now);
        }
        self.pending(at, carried_s, now)
    }

    fn pending(mut self, at: Timestamp, carried_s: i64, now: Timestamp) -> Self {
        let sent = at.duration_since(now) <= SignedDuration::from_secs(carried_s);
        self.state = WebhookState::Pending;
        self.wake = Some(Wake { at, set_at: now, sent });
        self
    }

    /// Only the newest answers stay whole: an item of the store has its limit.
    fn trim(&mut self) {
        for attempt in self.attempts.iter_mut().rev().skip(WHOLE_ANSWERS) {
            attempt.excerpt.truncate(attempt.excerpt.floor_char_boundary(OLD_BODY));
            attempt.headers.clear();
        }
    }

    /// Sent again after it ended: due at once, with a schedule of its own. None while it is still being tried. `woken` is whether
    /// whoever asks for it also wakes it, or leaves that to the tick.
    pub fn again(&self, woken: bool, now: Timestamp) -> Option<Self> {
        if !self.has_ended() {
            return None;
        }
        let attempts = self.attempts[self.attempts.len().saturating_sub(KEPT_ATTEMPTS)..].to_vec();
        Some(Self {
            state: WebhookState::Pending,
            before: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
            attempts,
            again_at: Some(now),
            place: None,
            stood_s: 0,
            wake: Some(Wake { at: now, set_at: now, sent: woken }),
            ..self.clone()
        })
    }

    /// Given up by a person, so that it is not tried any more and those behind it go on.
    ///
    /// # Errors
    /// With where it stands, when it has ended, or a worker is at it whose request may be under way.
    pub fn given_up(&self, by: MemberId, now: Timestamp) -> Result<Self, &WebhookState> {
        match &self.state {
            WebhookState::Delivered { .. } | WebhookState::Dead { .. } => Err(&self.state),
            WebhookState::Sending { lease_until, .. } if *lease_until >= now => Err(&self.state),
            WebhookState::Pending | WebhookState::Sending { .. } => {
                let state = WebhookState::Dead { at: now, reason: GIVEN_UP.into(), by: Some(by) };
                Ok(Self { state, ..self.dead(GIVEN_UP, now) })
            }
        }
    }

    /// Given up for this reason, a stable code; it leaves its place and its lane.
    pub fn dead(&self, reason: &str, now: Timestamp) -> Self {
        let state = WebhookState::Dead { at: now, reason: reason.into(), by: None };
        Self { state, place: None, lane: None, wake: None, ..self.clone() }
    }
}

/// An attempt may begin a little before its time ([`crate::publishing::EARLY`]), which a wait that was asked for must not.
fn after(until: Timestamp) -> Timestamp {
    until.checked_add(crate::publishing::EARLY).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
