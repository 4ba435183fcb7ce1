//! One attempt at a message, at least once: it is claimed before it is made and recorded after it, and whatever is in doubt is
//! sent again under the same id.

use super::outcome::{disable, record};
use super::{redact, seal};
use crate::{Deps, Error};
use domain::webhooks::{Answer, Endpoint, EndpointStatus, KEPT_BODY, WebhookAttempt, WebhookMessage, WebhookState};
use domain::{EndpointId, EventId, TenantId};
use ports::{Measure, Record, StoreError, Versioned, WebhookAnswer, WebhookCall, Write};

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The endpoint took it.
    Delivered,
    /// It did not; the due index brings the next attempt.
    Waits,
    /// It will not be tried again; the log says why.
    Dead,
    /// Nothing to do: not due, held by another worker, over, or unknown.
    Idle,
}

/// Makes the next attempt of a message, if it is due and nobody else is at it.
pub async fn attempt(
    deps: &Deps,
    tenant: TenantId,
    endpoint: EndpointId,
    event: EventId,
    cid: &str,
) -> Result<Attempted, Error> {
    let Some(message) = deps.ledger.message(tenant, endpoint, event).await? else { return Ok(Attempted::Idle) };
    let now = deps.clock.now();
    let Some(held) = message.value.claimed(&deps.entropy.token(), now) else { return Ok(Attempted::Idle) };
    let found = deps.ledger.endpoint(tenant, endpoint).await?;
    let reason = match &found {
        None => Some("deleted"),
        Some(e) if e.value.status != EndpointStatus::Active => Some("disabled"),
        Some(_) => None,
    };
    if let Some(reason) = reason {
        let dead = Write::replace(&message, Record::WebhookMessage(message.value.dead(reason, now)));
        return claimed(deps, dead).await.map(|ours| if ours { Attempted::Dead } else { Attempted::Idle });
    }
    let Some(found) = found else { return Ok(Attempted::Idle) };
    let opened = seal::open(deps, &found.value).await?;
    if !claimed(deps, Write::replace(&message, Record::WebhookMessage(held.clone()))).await? {
        return Ok(Attempted::Idle);
    }
    let answer = send(deps, &found.value, &held, &opened).await;
    let held = Versioned { value: held, rev: message.rev + 1, unsent: message.unsent };
    let gone = answer.attempt.status == Some(410);
    let after = record(deps, held, answer).await?;
    if gone {
        disable(deps, found, cid).await?;
    }
    Ok(match after {
        WebhookState::Delivered { .. } => Attempted::Delivered,
        WebhookState::Dead { .. } => Attempted::Dead,
        WebhookState::Pending | WebhookState::Sending { .. } => Attempted::Waits,
    })
}

/// Whether this worker's write of the message came first.
async fn claimed(deps: &Deps, write: Write) -> Result<bool, Error> {
    match deps.ledger.commit(vec![write]).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

async fn send(deps: &Deps, endpoint: &Endpoint, message: &WebhookMessage, opened: &seal::Opened) -> Answer {
    let at = deps.clock.now();
    let call = WebhookCall {
        url: &endpoint.url,
        headers: &opened.headers,
        id: message.event.to_string(),
        timestamp: at.as_second(),
        body: &message.body,
        secrets: &opened.secrets,
    };
    let WebhookAnswer { status, excerpt, retry_after_s } = deps.webhooks.send(call).await;
    let mut excerpt = redact::excerpt(&excerpt, opened);
    excerpt.truncate(excerpt.floor_char_boundary(KEPT_BODY));
    let ms = deps.clock.now().duration_since(at).as_millis().max(0);
    let delivered = matches!(status, Some(200..=299));
    deps.metrics.measure(Measure::Webhook { delivered, ms: i64::try_from(ms).unwrap_or(i64::MAX) });
    let latency_ms = u32::try_from(ms).unwrap_or(u32::MAX);
    tracing::info!(
        event = %message.event, endpoint = %endpoint.id, attempt = message.attempts.len() + 1, status, latency_ms,
        "webhook attempted"
    );
    Answer { attempt: WebhookAttempt { at, status, latency_ms, excerpt }, retry_after_s }
}
