//! Delivering events to endpoints, at least once: the message is a record, an attempt is claimed before it is made and
//! recorded after it, and whatever is in doubt is sent again under the same id.

use super::{payload, policy, redact, seal};
use crate::audit::{Actor, entry};
use crate::{Deps, Error, relay};
use domain::egress::EgressPolicy;
use domain::events::{EndpointFacts, Event, EventData};
use domain::webhooks::{Answer, Endpoint, EndpointStatus, KEPT_BODY, WebhookAttempt, WebhookMessage, WebhookState};
use domain::{EndpointId, EventId, TenantId};
use futures_util::future::join_all;
use ports::{Measure, Record, StoreError, Versioned, WebhookAnswer, WebhookCall, Write};
use serde_json::json;

/// Times the outcome of an attempt is written again when the store does not take it.
const RECORD_TRIES: usize = 5;

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

/// Delivers an event to every endpoint that wants it. May be called any number of times for one event: each endpoint has
/// one message for it. Returns how many endpoints want it.
pub async fn fan_out(deps: &Deps, event: &Event) -> Result<u32, Error> {
    let endpoints = deps.ledger.endpoints(event.tenant).await?;
    let wanting: Vec<EndpointId> =
        endpoints.iter().map(|e| &e.value).filter(|e| e.wants(event.data.kind())).map(|e| e.id).collect();
    // All messages exist before the first attempt: a slow endpoint must not keep the others' from being durable.
    for endpoint in &wanting {
        let message = payload::message(event, *endpoint, deps.clock.now())?;
        match deps.ledger.commit(vec![Write::create(Record::WebhookMessage(message))]).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let attempts = wanting.iter().map(|endpoint| attempt(deps, event.tenant, *endpoint, event.id, &event.cid));
    for failed in join_all(attempts).await.into_iter().filter_map(Result::err) {
        tracing::warn!(event = %event.id, error = %failed, "an attempt could not be made; the due index brings the next");
    }
    Ok(u32::try_from(wanting.len()).unwrap_or(u32::MAX))
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
    let allowed = policy::of(deps, tenant, &found.value.url).await?;
    if !claimed(deps, Write::replace(&message, Record::WebhookMessage(held.clone()))).await? {
        return Ok(Attempted::Idle);
    }
    let answer = send(deps, &found.value, &held, &opened, &allowed).await;
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

async fn send(
    deps: &Deps,
    endpoint: &Endpoint,
    message: &WebhookMessage,
    opened: &seal::Opened,
    policy: &EgressPolicy,
) -> Answer {
    let at = deps.clock.now();
    let call = WebhookCall {
        url: &endpoint.url,
        policy,
        headers: &opened.headers,
        id: message.event.to_string(),
        timestamp: at.as_second(),
        body: &message.body,
        secrets: std::slice::from_ref(&opened.secret),
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

/// Records what an attempt came to. Should another worker have taken over meanwhile (this one was too slow), only a
/// success is worth telling.
async fn record(deps: &Deps, held: Versioned<WebhookMessage>, answer: Answer) -> Result<WebhookState, Error> {
    let success = matches!(answer.attempt.status, Some(200..=299));
    let jitter = (f64::from(deps.entropy.below(4_001)) - 2_000.0) / 10_000.0;
    let (tenant, endpoint, event) = (held.value.tenant, held.value.endpoint, held.value.event);
    let mut current = held;
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..RECORD_TRIES {
        let next = current.value.answered(answer.clone(), jitter, deps.clock.now());
        let state = next.state.clone();
        match deps.ledger.commit(vec![Write::replace(&current, Record::WebhookMessage(next))]).await {
            Ok(_) => return Ok(state),
            Err(error @ StoreError::Conflict { .. }) => {
                last = error;
                let Some(now) = deps.ledger.message(tenant, endpoint, event).await? else {
                    return Ok(state);
                };
                if !success || matches!(now.value.state, WebhookState::Delivered { .. }) {
                    return Ok(now.value.state);
                }
                current = now;
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

/// Switches an endpoint off that says it is gone for good, and tells whoever else listens.
async fn disable(deps: &Deps, found: Versioned<Endpoint>, cid: &str) -> Result<(), Error> {
    let (tenant, id) = (found.value.tenant, found.value.id);
    let mut current = Some(found);
    for _ in 0..RECORD_TRIES {
        let Some(endpoint) = current.filter(|e| e.value.status == EndpointStatus::Active) else { return Ok(()) };
        let status = EndpointStatus::Disabled { since: deps.clock.now(), reason: "gone".into() };
        let next = Endpoint { status, ..endpoint.value.clone() };
        let told = EventData::EndpointDisabled(EndpointFacts { endpoint_id: id, reason: "gone".into() });
        let write = Write::replace(&endpoint, Record::Endpoint(next)).telling(deps.events(tenant, cid, [told]));
        let actor = Actor { tenant, member: None, cid };
        let audit = entry(deps, actor, "endpoint.disabled", id, Some(json!({ "reason": "gone" })));
        match deps.ledger.commit(vec![write, audit]).await {
            Ok(committed) => {
                relay(deps, &committed.outbox).await;
                return Ok(());
            }
            Err(StoreError::Conflict { .. }) => current = deps.ledger.endpoint(tenant, id).await?,
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}
