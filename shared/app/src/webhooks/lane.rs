//! Messages of one key, one at a time, at an endpoint that is told in order. Each stands in its key's lane, and only the head of that is
//! tried. Who joins writes the lane with its message, and who ends writes both with the wake of the next: whoever dies leaves
//! either the head to its lease, or the next in the due index.

use super::attempt::{Attempted, Visit, a_little_later, looked_at};
use crate::{Deps, Error};
use domain::events::Event;
use domain::webhooks::{Endpoint, LANE_FULL, Lane, MAX_LANE, WebhookMessage, order_key};
use domain::{EndpointId, EventId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Record, StoreError, Versioned, Write};

/// Times a lane is written again when others write it as well.
const TRIES: usize = 10;
/// For how long whoever ended a head goes on with those behind it. With an attempt before and one after that it stays below the time
/// of the function; the tick has the rest.
const GOES_ON: SignedDuration = SignedDuration::from_secs(15);

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
}

/// The lane of an event at an endpoint. None where no order is kept: then nothing is read.
pub(super) async fn place(deps: &Deps, endpoint: &Endpoint, event: &Event) -> Result<Option<Place>, Error> {
    // What an endpoint that is off is not told ends at once, and stands before nobody.
    let ordered = !endpoint.order.is_none() && endpoint.is_on();
    let Some(key) = order_key(&event.data).filter(|_| ordered) else { return Ok(None) };
    let lane = deps.ledger.lane(event.tenant, endpoint.id, &key).await?;
    Ok(Some(Place { key, lane }))
}

impl Place {
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
    let ends = next.has_ended();
    let this = Write::replace(old, Record::WebhookMessage(next));
    let Some(key) = old.value.lane.as_deref().filter(|_| ends) else {
        return deps.ledger.commit(vec![this]).await.map(drop);
    };
    for _ in 0..TRIES {
        let mut writes = vec![this.clone()];
        writes.extend(left(deps, &old.value, key).await?);
        match deps.ledger.commit(writes).await {
            // Of the lane, or of the next.
            Err(StoreError::Conflict { index: 1.. }) => {}
            done => return done.map(drop),
        }
    }
    Err(StoreError::Unavailable("others write its lane all the time".into()))
}

/// The lane without a message that ends, and the next one, if that was the head.
async fn left(deps: &Deps, ends: &WebhookMessage, key: &str) -> Result<Vec<Write>, StoreError> {
    let (tenant, endpoint, now) = (ends.tenant, ends.endpoint, deps.clock.now());
    let Some(known) = deps.ledger.lane(tenant, endpoint, key).await? else { return Ok(Vec::new()) };
    let Some(mut lane) = known.value.leaves(ends.event, now) else { return Ok(Vec::new()) };
    let mut woken = None;
    while known.value.head() == Some(ends.event)
        && woken.is_none()
        && let Some(head) = lane.head()
    {
        match deps.ledger.message(tenant, endpoint, head).await? {
            Some(next) if !next.value.has_ended() => {
                woken = Some(Write::replace(&next, Record::WebhookMessage(next.value.woken(now))));
            }
            // It would stand there for ever.
            _ => lane = lane.leaves(head, now).unwrap_or(lane),
        }
    }
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
    let Some(key) = key else { return done };
    let until = deps.clock.now() + GOES_ON;
    let mut last = done;
    for _ in 0..MAX_LANE {
        if !matches!(last, Attempted::Delivered | Attempted::Dead) || deps.clock.now() > until {
            break;
        }
        last = match next(deps, (tenant, endpoint), &key, cid).await {
            Ok(last) => last,
            Err(error) => {
                tracing::warn!(%endpoint, %error, "a lane goes on with the tick");
                break;
            }
        };
    }
    done
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
