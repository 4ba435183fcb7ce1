//! Messages of one key, one at a time, at an endpoint that is told in order. Each stands in its key's lane, and only the head of that is
//! tried. Who joins writes the lane with its message, and who ends writes both with the wake of the next: whoever dies leaves
//! either the head to its lease, or the next in the due index.

use super::attempt::{Attempted, Visit, a_little_later, looked_at};
use crate::{Deps, Error};
use domain::events::Event;
use domain::webhooks::{Endpoint, LANE_FULL, Lane, MAX_LANE, WebhookMessage, WebhookState, order_key};
use domain::{EndpointId, EventId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Record, StoreError, Versioned, Write};

/// Times a lane is written again when others write it as well.
const TRIES: usize = 10;
/// For how long whoever ended a head goes on with those behind it, to begin another attempt. With one before and one after that it stays
/// below the time of the function; the tick has the rest.
const GOES_ON: SignedDuration = SignedDuration::from_secs(15);
/// An attempt that takes longer than this is the last: a slow line gains little, and others wait for the worker.
const SLOW: SignedDuration = SignedDuration::from_secs(2);

/// What came of making a message.
pub(super) enum Made {
    /// It is there, as it stands.
    As(Box<WebhookMessage>),
    /// It is there and to be looked at as any other: it was there before, or those that it was to stand behind have ended meanwhile.
    Found,
    /// It is not there. Its event has to be brought again, then.
    Busy(Timestamp),
}

/// Where a new message is to stand.
pub(super) struct Place {
    key: String,
    lane: Option<Versioned<Lane>>,
    /// Whether its head may be tried now, and nobody is at it.
    is_due: bool,
}

/// The lane of an event at an endpoint. None where no order is kept: then nothing is read.
pub(super) async fn place(deps: &Deps, endpoint: &Endpoint, event: &Event) -> Result<Option<Place>, Error> {
    // What an endpoint that is off is not told ends at once, and stands before nobody.
    let ordered = !endpoint.order.is_none() && endpoint.is_on();
    let Some(key) = order_key(&event.data).filter(|_| ordered) else { return Ok(None) };
    let lane = deps.ledger.lane(event.tenant, endpoint.id, &key).await?;
    match lane.as_ref().and_then(|lane| lane.value.head()) {
        None => Ok(Some(Place { key, lane, is_due: false })),
        Some(head) => behind(deps, key, lane, head).await.map(Some),
    }
}

/// The place behind this head. Where that has ended without leaving, as a release that knows no lanes ends it, or was never woken, the lane
/// is mended first: else all behind it would stand for ever.
async fn behind(deps: &Deps, key: String, mut lane: Option<Versioned<Lane>>, head: EventId) -> Result<Place, Error> {
    let Some(known) = &lane else { return Ok(Place { key, lane, is_due: false }) };
    let (tenant, endpoint, now) = (known.value.tenant, known.value.endpoint, deps.clock.now());
    let message = deps.ledger.message(tenant, endpoint, head).await?;
    let stands = message.as_ref().is_some_and(|message| {
        let woken = message.value.wake.is_some() || message.value.state != WebhookState::Pending;
        woken && stands_in(&message.value, &key)
    });
    if stands {
        let is_due = message.is_some_and(|message| message.value.claimed("", now).is_some());
        return Ok(Place { key, lane, is_due });
    }
    let (mended, woken) = headed(deps, known.value.clone()).await?;
    let changed = (mended != known.value).then(|| Write::replace(known, Record::Lane(mended)));
    let writes: Vec<Write> = changed.into_iter().chain(woken).collect();
    if !writes.is_empty() {
        tracing::warn!(%endpoint, "a lane's head had ended without it");
        match deps.ledger.commit(writes).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    lane = deps.ledger.lane(tenant, endpoint, &key).await?;
    let is_due = lane.as_ref().is_some_and(|lane| lane.value.head().is_some());
    Ok(Place { key, lane, is_due })
}

/// Whether whoever ends this message takes it out of the lane.
fn stands_in(message: &WebhookMessage, key: &str) -> bool {
    !message.has_ended() && message.lane.as_deref() == Some(key)
}

/// The lane without those at its head that have ended or are not there, and the wake of who is the head then.
async fn headed(deps: &Deps, mut lane: Lane) -> Result<(Lane, Option<Write>), StoreError> {
    let (tenant, endpoint, now) = (lane.tenant, lane.endpoint, deps.clock.now());
    while let Some(head) = lane.head() {
        match deps.ledger.message(tenant, endpoint, head).await? {
            Some(next) if stands_in(&next.value, &lane.key) => {
                let woken = Write::replace(&next, Record::WebhookMessage(next.value.woken(now)));
                return Ok((lane, next.value.wake.is_none().then_some(woken)));
            }
            // Nobody would take it out.
            _ => lane = lane.leaves(head, now).unwrap_or(lane),
        }
    }
    Ok((lane, None))
}

impl Place {
    /// Whether those before it can go on now.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Whether others of its key stand before it.
    pub(super) fn is_behind(&self) -> bool {
        self.lane.as_ref().is_some_and(|lane| lane.value.head().is_some())
    }

    /// The message as it is to be made, and the lane with it. `ready` is it as the head; where that ends at once it joins nothing.
    fn joined(&self, ready: &WebhookMessage, now: Timestamp) -> (WebhookMessage, Option<Write>) {
        let lane = self.lane.as_ref().map(|lane| lane.value.clone());
        let lane = lane.unwrap_or_else(|| Lane::new(ready.tenant, ready.endpoint, &self.key, now));
        let standing = WebhookMessage { lane: Some(self.key.clone()), ..ready.clone() };
        let made = match lane.head() {
            None if ready.has_ended() => return (ready.clone(), None),
            None => standing,
            Some(_) => standing.behind(),
        };
        let Some(next) = lane.joins(ready.event, now) else {
            tracing::warn!(event = %ready.event, endpoint = %ready.endpoint, most = MAX_LANE, "a lane is full");
            return (made.dead(LANE_FULL, now), None);
        };
        let record = Record::Lane(next);
        let write = match &self.lane {
            Some(known) => Write::replace(known, record),
            None => Write::create(record),
        };
        (made, Some(write))
    }
}

/// Makes a message, in its lane where it has one.
pub(super) async fn create(deps: &Deps, mut place: Option<Place>, ready: WebhookMessage) -> Result<Made, Error> {
    let mut made = ready.clone();
    let was_behind = place.as_ref().is_some_and(Place::is_behind);
    for _ in 0..TRIES {
        let mut joins = None;
        if let Some(place) = &place {
            (made, joins) = place.joined(&ready, deps.clock.now());
        }
        let writes = [Write::create(Record::WebhookMessage(made.clone()))].into_iter().chain(joins).collect();
        match (deps.ledger.commit(writes).await, &mut place) {
            (Ok(_), Some(place)) if was_behind && !place.is_behind() => return Ok(Made::Found),
            (Ok(_), _) => return Ok(Made::As(Box::new(made))),
            (Err(StoreError::Conflict { index: 1.. }), Some(place)) => {
                place.lane = deps.ledger.lane(ready.tenant, ready.endpoint, &place.key).await?;
            }
            (Err(StoreError::Conflict { .. }), _) => return Ok(Made::Found),
            (Err(other), _) => return Err(other.into()),
        }
    }
    Ok(Made::Busy(a_little_later(deps)))
}

/// Replaces a message, if nobody else changed it. One that ends leaves its lane, and the next is due with that.
pub(super) async fn replace(
    deps: &Deps,
    old: &Versioned<WebhookMessage>,
    next: WebhookMessage,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        match deps.ledger.commit(replacing(deps, old, next.clone()).await?).await {
            // Of the lane, or of the next.
            Err(StoreError::Conflict { index: 1.. }) => {}
            done => return done.map(drop),
        }
    }
    Err(StoreError::Unavailable("others write its lane all the time".into()))
}

/// The write that replaces a message, the first, and where it ends in a lane those of the lane and of the next.
pub(super) async fn replacing(
    deps: &Deps,
    old: &Versioned<WebhookMessage>,
    next: WebhookMessage,
) -> Result<Vec<Write>, StoreError> {
    let leaves = old.value.lane.as_deref().filter(|_| next.has_ended());
    let mut writes = vec![Write::replace(old, Record::WebhookMessage(next))];
    if let Some(key) = leaves {
        writes.extend(left(deps, &old.value, key).await?);
    }
    Ok(writes)
}

/// The lane without a message that ends, and the next one, if that was the head.
async fn left(deps: &Deps, ends: &WebhookMessage, key: &str) -> Result<Vec<Write>, StoreError> {
    let (tenant, endpoint, now) = (ends.tenant, ends.endpoint, deps.clock.now());
    let Some(known) = deps.ledger.lane(tenant, endpoint, key).await? else { return Ok(Vec::new()) };
    let Some(lane) = known.value.leaves(ends.event, now) else { return Ok(Vec::new()) };
    let (lane, woken) = if known.value.head() == Some(ends.event) { headed(deps, lane).await? } else { (lane, None) };
    Ok([Write::replace(&known, Record::Lane(lane))].into_iter().chain(woken).collect())
}

/// After an attempt that ended a message: goes on with those behind it, one by one, as long as each ends. What comes of them changes
/// nothing of what came of the first: they have their own times in the due index.
pub(super) async fn go_on(
    deps: &Deps,
    (tenant, endpoint): (TenantId, EndpointId),
    key: Option<String>,
    done: Attempted,
    cid: &str,
) -> Attempted {
    if matches!(done, Attempted::Delivered | Attempted::Dead) {
        moves(deps, (tenant, endpoint), key.as_deref(), cid).await;
    }
    done
}

/// Tries those of a lane, one by one, as long as each ends and none is slow.
pub(super) async fn moves(deps: &Deps, (tenant, endpoint): (TenantId, EndpointId), key: Option<&str>, cid: &str) {
    let Some(key) = key else { return };
    let until = deps.clock.now() + GOES_ON;
    for _ in 0..MAX_LANE {
        let begun = deps.clock.now();
        match next(deps, (tenant, endpoint), key, cid).await {
            Ok(Attempted::Delivered | Attempted::Dead) => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%endpoint, %error, "a lane goes on with the tick");
                return;
            }
        }
        let now = deps.clock.now();
        if now > until || now.duration_since(begun) > SLOW {
            return;
        }
    }
}

async fn next(
    deps: &Deps,
    (tenant, endpoint): (TenantId, EndpointId),
    key: &str,
    cid: &str,
) -> Result<Attempted, Error> {
    let head: Option<EventId> = deps.ledger.lane(tenant, endpoint, key).await?.and_then(|lane| lane.value.head());
    let Some(head) = head else { return Ok(Attempted::Idle) };
    let Some(message) = deps.ledger.message(tenant, endpoint, head).await? else { return Ok(Attempted::Idle) };
    looked_at(deps, message, cid, Visit::NOT_FOR_IT).await
}
