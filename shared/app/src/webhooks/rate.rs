//! An endpoint's own limit of requests a minute. What is over it stands in line until its place comes; nobody sleeps, and who comes
//! before its place writes nothing.

use super::attempt::a_little_later;
use super::destination::announcer;
use crate::{Deps, Error};
use domain::webhooks::{Again, Destination, Endpoint, LINE_D, LINE_FULL, Turnstile, WebhookMessage};
use jiff::{SignedDuration, Timestamp};
use ports::{Announce, Listener, Record, StoreError, Versioned, Write};

/// Times the count is written again when others write as well. Of a hundred that try at once one gets through, and the others' tries
/// keep it from that: few tries, and then a while for somebody else.
const TRIES: usize = 5;
/// How long after it was counted a request may still leave. With a minute and what clocks differ by it stays below the time for
/// which it counts.
const GRACE: SignedDuration = SignedDuration::from_secs(2);

/// What a limit says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may leave, at once.
    Goes,
    /// It has a place in line.
    Stands(Timestamp),
    /// It comes again then: with the place that it has, or without one.
    Later(Timestamp),
    /// It does not get into the line.
    NoPlace,
    /// Its endpoint asked to be left alone until then, as was found when others had counted meanwhile.
    Asked(Timestamp),
}

impl Turn {
    /// The message where it does not go.
    pub(super) fn put(self, message: &WebhookMessage, again: Again, now: Timestamp) -> Option<WebhookMessage> {
        let carried_s = again.carried_s;
        match self {
            Self::Goes => None,
            Self::Stands(place) => Some(message.stands(place, carried_s, now)),
            Self::Later(at) => Some(message.comes_again(at, carried_s, now)),
            Self::NoPlace => Some(message.dead(LINE_FULL, now)),
            Self::Asked(until) => Some(message.put_off(until, again, now)),
        }
    }
}

/// Counts a request against its endpoint's limit, right before it leaves, or books it a place in line. Both are one write over the
/// revision that was read, so that several workers let through no more than one would.
pub(super) async fn turn(deps: &Deps, listener: &Listener, message: &WebhookMessage) -> Result<Turn, Error> {
    let booked = message.place.is_some();
    taken(deps, listener, message, |turnstile, rate, now| turnstile.pass(rate, booked, now)).await
}

/// Books a new message a place in line, if as far as is known it will not get through at once. A message that is made as
/// standing there costs one write less than one that is made to be sent. Where that cannot be known it is made to be sent: no other
/// endpoint waits for this one's turnstile longer than a few tries, and before the request all is counted anyway.
pub(super) async fn ahead(deps: &Deps, listener: &Listener, message: &WebhookMessage) -> Turn {
    let goes = match (limit(deps, &listener.endpoint.value), &listener.turnstile) {
        (Some(rate), Some(known)) => known.value.pass(rate, false, deps.clock.now()).is_some(),
        _ => true,
    };
    if goes {
        return Turn::Goes;
    }
    match taken(deps, listener, message, |_, _, _| None).await {
        Ok(turn @ (Turn::Stands(_) | Turn::NoPlace | Turn::Asked(_))) => turn,
        Ok(Turn::Goes | Turn::Later(_)) | Err(_) => Turn::Goes,
    }
}

/// Requests a minute that an endpoint gets at most: as its owner says, and no more than its chat takes or its receiver agreed to.
pub fn limit(deps: &Deps, endpoint: &Endpoint) -> Option<u32> {
    let place = match &endpoint.destination {
        Destination::Chat { platform, .. } => announcer(deps, platform),
        _ => None,
    };
    let theirs = place.and_then(Announce::most_a_minute);
    let agreed = endpoint.validated.and_then(|validated| validated.rate);
    [endpoint.rate_per_minute, theirs, agreed].into_iter().flatten().min()
}

async fn taken(
    deps: &Deps,
    listener: &Listener,
    message: &WebhookMessage,
    pass: impl Fn(&Turnstile, u32, Timestamp) -> Option<Turnstile>,
) -> Result<Turn, Error> {
    let endpoint = &listener.endpoint.value;
    let Some(rate) = limit(deps, endpoint) else { return Ok(Turn::Goes) };
    let most = message.is_new().then(|| SignedDuration::from_hours(24 * LINE_D));
    let mut known = listener.turnstile.clone();
    for _ in 0..TRIES {
        let now = deps.clock.now();
        let new = || Turnstile::new(endpoint.tenant, endpoint.id, rate, now);
        let before = known.as_ref().map_or_else(new, |known| known.value.clone());
        let (next, turn) = if let Some(next) = pass(&before, rate, now) {
            (next, Turn::Goes)
        } else {
            let spread = f64::from(deps.entropy.below(1_000)) / 1_000.0;
            if let Some(at) = message.place.and_then(|_| before.frees(rate, spread, now)) {
                return Ok(Turn::Later(at));
            }
            let Some((next, place)) = before.book(rate, spread, most, now) else {
                tracing::warn!(event = %message.event, endpoint = %endpoint.id, "the line before an endpoint is full");
                return Ok(Turn::NoPlace);
            };
            (next, Turn::Stands(place))
        };
        match deps.ledger.commit(vec![written(known.as_ref(), next)]).await {
            // Counted so long ago that it might leave when it counts no more: it is counted anew.
            Ok(_) if turn == Turn::Goes && deps.clock.now().duration_since(now) > GRACE => {}
            Ok(_) => return Ok(turn),
            Err(StoreError::Conflict { .. }) => {}
            Err(other) => return Err(other.into()),
        }
        let Some(found) = deps.ledger.listener(endpoint.tenant, endpoint.id).await? else {
            known = None;
            continue;
        };
        // What counted meanwhile may have been refused.
        if let Some(until) = found.pace.and_then(|pace| pace.value.quiet(deps.clock.now())) {
            return Ok(Turn::Asked(until));
        }
        known = found.turnstile;
    }
    Ok(Turn::Later(a_little_later(deps)))
}

fn written(known: Option<&Versioned<Turnstile>>, next: Turnstile) -> Write {
    let record = Record::Turnstile(next);
    known.map_or_else(|| Write::create(record.clone()), |known| Write::replace(known, record.clone()))
}
