//! What follows from an attempt: its record, and an endpoint that is switched off.

use crate::audit::{Actor, entry};
use crate::{Deps, Error, relay};
use domain::events::{EndpointFacts, EventData};
use domain::webhooks::{Answer, Endpoint, EndpointStatus, GONE, WebhookMessage, WebhookState};
use ports::{Record, StoreError, Versioned, Write};
use serde_json::json;

/// Times the outcome of an attempt is written again when the store does not take it.
const RECORD_TRIES: usize = 5;

/// Records what an attempt came to. Should another worker have taken over meanwhile (this one was too slow), only a
/// success is worth telling.
pub(super) async fn record(
    deps: &Deps,
    held: Versioned<WebhookMessage>,
    answer: Answer,
) -> Result<WebhookState, Error> {
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
pub(super) async fn disable(deps: &Deps, found: Versioned<Endpoint>, cid: &str) -> Result<(), Error> {
    let (tenant, id) = (found.value.tenant, found.value.id);
    let mut current = Some(found);
    for _ in 0..RECORD_TRIES {
        let Some(endpoint) = current.filter(|e| e.value.status == EndpointStatus::Active) else { return Ok(()) };
        let status = EndpointStatus::Disabled { since: deps.clock.now(), reason: GONE.into() };
        let next = Endpoint { status, ..endpoint.value.clone() };
        let told = EventData::EndpointDisabled(EndpointFacts { endpoint_id: id, reason: GONE.into() });
        let write = Write::replace(&endpoint, Record::Endpoint(next)).telling(deps.events(tenant, cid, [told]));
        let actor = Actor { tenant, member: None, cid };
        let audit = entry(deps, actor, "endpoint.disabled", id, Some(json!({ "reason": GONE })));
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
