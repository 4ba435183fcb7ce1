//! The first time that an event comes, for an endpoint of which nothing says to wait: the attempt is made first, and one write then
//! makes the message with what came of it. Until then the queue's own message is what is durable: it is done with only when every
//! endpoint has its record, and when it comes again whoever gets it looks first and claims before it sends
//! ([why](../../../../docs/decisions/0042-the-queue-holds-the-first-try.md)).

use super::attempt::{Attempted, Visit, asked_all_the_same, learned, next_by};
use super::batch::Batch;
use super::{outcome, payload, rate};
use crate::{Deps, Error};
use domain::events::Event;
use domain::webhooks::{Again, Answer, WebhookMessage, WebhookState};
use jiff::Timestamp;
use ports::{Listener, Record, StoreError, Write};

/// Seconds after which an event that comes for the first time may have been told before: the tick tells from then on what is still in
/// the outbox, and a person may have put a dead letter back into the queue.
const FRESH_S: i64 = 5;

/// Whether an event may have been told before, so that its record is looked for first.
pub(super) fn may_be_known(event: &Event, visit: Visit, now: Timestamp) -> bool {
    !visit.is_first() || now.duration_since(event.at).as_secs() >= FRESH_S
}

/// Whether the first attempt at this endpoint needs no record before it: nothing has to be kept from it, neither by a limit nor by an
/// order.
pub(super) fn goes(deps: &Deps, listener: &Listener, visit: Visit, now: Timestamp) -> bool {
    let endpoint = &listener.endpoint.value;
    let quiet = listener.pace.as_ref().is_some_and(|pace| pace.value.quiet(now).is_some());
    let waits = quiet || rate::limit(deps, endpoint).is_some() || !endpoint.order.is_none();
    visit.is_first() && endpoint.is_on() && !waits
}

/// Tells an endpoint of an event, and records what came of it.
///
/// # Errors
/// When there is no record, whether or not a request was made: the event must come again.
pub(super) async fn tell(
    batch: &Batch,
    deps: &Deps,
    event: &Event,
    listener: &Listener,
    visit: Visit,
) -> Result<Attempted, Error> {
    let endpoint = &listener.endpoint.value;
    let made = payload::message(event, endpoint, false, deps.clock.now())?;
    let answer = batch.open(deps, endpoint).await?.send(deps, endpoint, &made).await;
    let again = next_by(deps, listener, &answer, visit);
    let after = match record(batch, deps, &made, &answer, again).await {
        Ok(after) => after,
        Err(error) => {
            asked_all_the_same(deps, listener, &answer, &event.cid).await;
            return Err(error);
        }
    };
    if let Err(error) = learned(deps, listener, &answer, &event.cid).await {
        tracing::warn!(event = %event.id, endpoint = %endpoint.id, %error, "what an answer tells of its endpoint was not kept");
    }
    Ok(Attempted::of(&after))
}

/// Makes the message as it stands after its attempt. Where another worker was faster, since the event came twice, only a success
/// is worth telling, and of two waits the later one.
async fn record(
    batch: &Batch,
    deps: &Deps,
    made: &WebhookMessage,
    answer: &Answer,
    again: Again,
) -> Result<WebhookMessage, Error> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..outcome::RECORD_TRIES {
        let next = made.answered(answer.clone(), again, deps.clock.now());
        match batch.commit(deps, Write::create(Record::WebhookMessage(next.clone()))).await {
            Ok(_) => return Ok(next),
            Err(error @ StoreError::Conflict { .. }) => {
                last = error;
                let Some(theirs) = deps.ledger.message(made.tenant, made.endpoint, made.event).await? else { continue };
                if matches!(theirs.value.state, WebhookState::Delivered { .. }) {
                    return Ok(theirs.value);
                }
                if !answer.taken() {
                    match outcome::theirs(deps, theirs, answer, again).await {
                        Err(StoreError::Conflict { .. }) => continue,
                        done => return Ok(done?),
                    }
                }
                return outcome::record(deps, theirs, answer, again).await;
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}
