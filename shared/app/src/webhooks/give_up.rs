//! Giving up one message by hand: one that is not taken holds back what belongs with it at an endpoint that is told in order.

use super::lane;
use crate::audit::entry;
use crate::mutate::{Encode, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::webhooks::{WebhookMessage, WebhookState};
use domain::{EndpointId, EventId};
use ports::{StoreError, Versioned};
use serde_json::json;

/// Times it is looked at again when it, its lane or the next of that was written meanwhile.
const TRIES: usize = 10;

/// Gives up a message that waits. It ends, leaves its lane, and the next of that is due, all at once.
///
/// # Errors
/// When there is no such message, when it has ended or is being sent at this moment, and when it was written at each look.
pub async fn give_up(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
    event: EventId,
    once: &Once,
    encode: Encode<'_, WebhookMessage>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        if let Some(reply) = once.earlier(deps, caller.tenant).await? {
            return Ok(reply);
        }
        let message = deps.ledger.message(caller.tenant, id, event).await?.ok_or(Error::NotFound("message"))?;
        let next = ended(deps, caller, &message)?;
        let reply = encode(&next);
        let mut writes = lane::replacing(deps, &message, next).await?;
        writes.push(entry(deps, caller, "endpoint.given_up", id, Some(json!({ "event": event }))));
        writes.push(once.remember(deps, caller.tenant, &reply));
        match deps.ledger.commit(writes).await {
            Ok(_) => return Ok(Reply::new(reply)),
            Err(conflict @ StoreError::Conflict { .. }) => last = conflict,
            Err(other) => return Err(other.into()),
        }
    }
    Err(last.into())
}

fn ended(deps: &Deps, caller: &Caller, message: &Versioned<WebhookMessage>) -> Result<WebhookMessage, Error> {
    message.value.given_up(caller.member, deps.clock.now()).map_err(|state| match state {
        WebhookState::Sending { .. } => {
            Error::conflict("being_sent", "a request is under way, which may be taken: try again in a minute")
        }
        _ => Error::conflict("wrong_state", "the message has ended: there is nothing to give up"),
    })
}
