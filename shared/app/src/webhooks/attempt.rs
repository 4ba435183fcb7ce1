//! One attempt at a message that is a record, at least once: it is claimed before it is made and recorded after it, and whatever is in doubt is
//! sent again under the same id. A first attempt that needs no record is that of `plain.rs`.

use super::opened::OpenEndpoint;
use super::outcome::{gone, record};
use super::{lane, pace, rate};
use crate::publishing::rules_of;
use crate::{Deps, Error};
use domain::publishing::EARLY;
use domain::webhooks::{Again, Answer, DELETED, DISABLED, Pace, WebhookMessage, WebhookState};
use domain::{EndpointId, EventId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Listener, StoreError, Versioned};

/// Longest wait, in seconds, that ends by the queue message that brought the attempt. The tick comes once a minute and may
/// take one: what it can be sure to see beforehand is left to it.
const CARRIED_S: i64 = 120;
/// Times a queue message comes and is still kept for a short wait. One more would do no harm, but a queue that is never empty
/// looks like one that is stuck.
const CARRIES: u32 = 3;
/// Times a queue message comes for what is not due yet. An event may wait for the places of many endpoints' lines; the due index has
/// those that it would not wait for.
const LOOKS: u32 = 8;

/// How the queue message came that brings an event or an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// How many times it has come, this time included.
    pub receives: u32,
}

impl Visit {
    /// The first time.
    pub const FIRST: Self = Self { receives: 1 };

    /// By a queue message that is another one's, and does not come again for this.
    pub(super) const NOT_FOR_IT: Self = Self { receives: u32::MAX };

    pub(super) fn is_first(self) -> bool {
        self.receives <= 1
    }

    /// Whether the queue message may come once more.
    pub(super) fn may_come_again(self) -> bool {
        self.receives <= CARRIES
    }

    pub(super) fn again(self, deps: &Deps, quiet_until: Option<Timestamp>) -> Again {
        let jitter = (f64::from(deps.entropy.below(4_001)) - 2_000.0) / 10_000.0;
        Again { jitter, quiet_until, carried_s: self.carried_s() }
    }

    /// For how many seconds at most the queue message may be kept for a wait.
    pub(super) fn carried_s(self) -> i64 {
        if self.may_come_again() { CARRIED_S } else { 0 }
    }
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The endpoint took it.
    Delivered,
    /// It did not, or is to be left alone; the due index brings the next attempt.
    Waits {
        /// When the queue message is to come again for it, where the wait is short. The due index is the net below.
        carried: Option<Timestamp>,
    },
    /// It will not be tried again by itself; the log says why.
    Dead,
    /// Nothing to do: not due, held by another worker, over, or unknown.
    Idle,
}

impl Attempted {
    /// When the queue message is to come again.
    pub fn again_at(self) -> Option<Timestamp> {
        match self {
            Self::Waits { carried } => carried,
            Self::Delivered | Self::Dead | Self::Idle => None,
        }
    }

    pub(super) fn of(message: &WebhookMessage) -> Self {
        match message.state {
            WebhookState::Delivered { .. } => Self::Delivered,
            WebhookState::Dead { .. } => Self::Dead,
            WebhookState::Pending | WebhookState::Sending { .. } => {
                Self::Waits { carried: message.wake.filter(|wake| wake.sent).map(|wake| wake.at) }
            }
        }
    }
}

/// Most milliseconds, beside a second, of [`a_little_later`].
const BUSY_MS: u32 = 10_000;

/// When to come again where others write a record all the time.
pub(super) fn a_little_later(deps: &Deps) -> Timestamp {
    deps.clock.now() + SignedDuration::from_millis(1_000 + i64::from(deps.entropy.below(BUSY_MS)))
}

/// Whole seconds until an attempt may begin, rounded up: for as long its queue message is hidden.
pub fn seconds_until(deps: &Deps, at: Timestamp) -> u16 {
    let ms = at.duration_since(deps.clock.now() + EARLY).as_millis().max(0);
    u16::try_from((ms + 999) / 1000).unwrap_or(900).min(900)
}

/// Makes the next attempt of a message, if it is due, nobody else is at it, and its endpoint may be called.
pub async fn attempt(
    deps: &Deps,
    tenant: TenantId,
    endpoint: EndpointId,
    event: EventId,
    cid: &str,
    visit: Visit,
) -> Result<Attempted, Error> {
    let Some(message) = deps.ledger.message(tenant, endpoint, event).await? else { return Ok(Attempted::Idle) };
    let key = message.value.lane.clone();
    let done = looked_at(deps, message, cid, visit).await?;
    Ok(lane::go_on(deps, (tenant, endpoint), key, done, cid).await)
}

/// The same of a message that was just read, and of no other.
pub(super) async fn looked_at(
    deps: &Deps,
    message: Versioned<WebhookMessage>,
    cid: &str,
    visit: Visit,
) -> Result<Attempted, Error> {
    let (tenant, endpoint) = (message.value.tenant, message.value.endpoint);
    let now = deps.clock.now();
    let Some(held) = message.value.claimed(&deps.entropy.token(), now) else {
        // It may be here for another endpoint's message, or a little early for this one.
        let soon = message.value.state == WebhookState::Pending && visit.receives <= LOOKS;
        return Ok(if soon { Attempted::of(&message.value) } else { Attempted::Idle });
    };
    let listener = deps.ledger.listener(tenant, endpoint).await?;
    let Some(listener) = listener else { return settle(deps, &message, message.value.dead(DELETED, now)).await };
    if !listener.endpoint.value.is_on() {
        return settle(deps, &message, message.value.dead(DISABLED, now)).await;
    }
    if let Some(until) = listener.pace.as_ref().and_then(|pace| pace.value.quiet(now)) {
        let done = settle(deps, &message, message.value.put_off(until, visit.again(deps, None), now)).await?;
        if done == Attempted::Dead {
            pace::muted(deps, &listener, cid).await;
        }
        return Ok(done);
    }
    if !ours(deps, &message, held.clone()).await? {
        return Ok(Attempted::Idle);
    }
    let held = Versioned { value: held, rev: message.rev + 1, unsent: message.unsent };
    deliver(deps, &listener, held, cid, visit).await
}

/// Sends a message that this worker holds, and records what came of it. What it tells about the endpoint is kept after that
/// and apart from it: the event must not depend on it.
pub(super) async fn deliver(
    deps: &Deps,
    listener: &Listener,
    held: Versioned<WebhookMessage>,
    cid: &str,
    visit: Visit,
) -> Result<Attempted, Error> {
    let endpoint = &listener.endpoint.value;
    let open = OpenEndpoint::of(deps, endpoint, async || Ok(rules_of(deps, endpoint.tenant).await?.egress)).await?;
    if open.can_be_called() {
        // After everything that takes time.
        let turn = rate::turn(deps, listener, &held.value).await?;
        if let Some(next) = turn.put(&held.value, visit.again(deps, None), deps.clock.now()) {
            return settle(deps, &held, next).await;
        }
    }
    let answer = open.send(deps, endpoint, &held.value).await;
    let again = next_by(deps, listener, &answer, visit);
    let after = match record(deps, held, &answer, again).await {
        Ok(after) => after,
        Err(error) => {
            asked_all_the_same(deps, listener, &answer, cid).await;
            return Err(error);
        }
    };
    learned(deps, listener, &answer, cid).await?;
    Ok(Attempted::of(&after))
}

/// By what the next attempt goes, if one must be made.
pub(super) fn next_by(deps: &Deps, listener: &Listener, answer: &Answer, visit: Visit) -> Again {
    let (endpoint, now) = (&listener.endpoint.value, deps.clock.now());
    let known = listener.pace.as_ref().map(|pace| pace.value.clone());
    let known = known.unwrap_or_else(|| Pace::new(endpoint.tenant, endpoint.id, now));
    visit.again(deps, known.after(answer, now).0.quiet(now))
}

/// Keeps what an answer tells about its endpoint, after the record of its attempt.
pub(super) async fn learned(deps: &Deps, listener: &Listener, answer: &Answer, cid: &str) -> Result<(), Error> {
    if answer.attempt.status == Some(410) {
        return gone(deps, listener.endpoint.clone(), cid).await;
    }
    pace::learn(deps, listener, answer, cid).await;
    Ok(())
}

/// Keeps that an endpoint is gone, or wants to be left alone, where the attempt that it said so to could not be recorded: that lies in another
/// item, and whoever comes for the message next must not call it.
pub(super) async fn asked_all_the_same(deps: &Deps, listener: &Listener, answer: &Answer, cid: &str) {
    if answer.attempt.status != Some(410) && answer.retry_after_s.is_none() {
        return;
    }
    if let Err(error) = learned(deps, listener, answer, cid).await {
        tracing::warn!(endpoint = %listener.endpoint.value.id, %error, "what an endpoint asked for was not kept");
    }
}

/// Records where a message stands without an attempt.
async fn settle(deps: &Deps, message: &Versioned<WebhookMessage>, next: WebhookMessage) -> Result<Attempted, Error> {
    let done = Attempted::of(&next);
    Ok(if ours(deps, message, next).await? { done } else { Attempted::Idle })
}

/// Whether this worker's write of the message came first.
async fn ours(deps: &Deps, message: &Versioned<WebhookMessage>, next: WebhookMessage) -> Result<bool, Error> {
    match lane::replace(deps, message, next).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}
