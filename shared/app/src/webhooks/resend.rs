//! Sending one message again.

use super::check;
use super::endpoints::TestSent;
use crate::audit::entry;
use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::{EndpointId, EventId};
use ports::{Job, Record, WakeUp, WebhookJob, Write};
use serde_json::json;

/// Sends a message that has ended again, delivered or not: the same bytes under the same id, with a schedule of its own.
pub async fn resend(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
    event: EventId,
    once: &Once,
    encode: Encode<'_, TestSent>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let endpoint = deps.ledger.endpoint(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?.value;
    let message = deps.ledger.message(caller.tenant, id, event).await?.ok_or(Error::NotFound("message"))?;
    check::listening(&endpoint)?;
    let Some(next) = message.value.again(true, deps.clock.now()) else {
        return Err(Error::conflict("wrong_state", "the message is still being tried: wait for its end"));
    };
    let writes = vec![
        Write::replace(&message, Record::WebhookMessage(next)),
        entry(deps, caller, "endpoint.resent", id, Some(json!({ "event": event }))),
    ];
    let reply = commit(deps, caller.tenant, once, writes, encode(&TestSent { endpoint: id, event })).await?;
    if !reply.replayed {
        wake(deps, caller, id, event).await;
    }
    Ok(reply)
}

/// Has a message attempted at once. Should the queue not take that, the tick finds it.
pub(super) async fn wake(deps: &Deps, caller: &Caller, endpoint: EndpointId, event: EventId) {
    let job = WebhookJob { v: 1, tenant: caller.tenant, endpoint, event, cid: caller.cid.clone() };
    let taken = deps.queues.send(vec![WakeUp { job: Job::Webhook(job), delay_s: 0 }]).await;
    if taken.contains(&false) {
        tracing::warn!(%endpoint, "a message waits for the tick: the queue did not take its wake-up");
    }
}
