//! What follows from an attempt: its record, and an endpoint that is switched off.

use crate::audit::{Actor, entry};
use crate::{Deps, Error, relay};
use domain::events::{EndpointFacts, EventData};
use domain::webhooks::{Again, Answer, Endpoint, EndpointStatus, FAILING, WebhookMessage, WebhookState};
use ports::{Record, StoreError, Versioned, Write};
use serde_json::json;

/// Times the outcome of an attempt is written again when the store does not take it.
const RECORD_TRIES: usize = 5;

/// Records what an attempt came to. Should another worker have taken over meanwhile (this one was too slow), only a
/// success is worth telling.
pub(super) async fn record(
    deps: &Deps,
    held: Versioned<WebhookMessage>,
    answer: &Answer,
    again: Again,
) -> Result<WebhookMessage, Error> {
    let (tenant, endpoint, event) = (held.value.tenant, held.value.endpoint, held.value.event);
    let mut current = held;
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..RECORD_TRIES {
        let next = current.value.answered(answer.clone(), again, deps.clock.now());
        match deps.ledger.commit(vec![Write::replace(&current, Record::WebhookMessage(next.clone()))]).await {
            Ok(_) => return Ok(next),
            Err(error @ StoreError::Conflict { .. }) => {
                last = error;
                let Some(now) = deps.ledger.message(tenant, endpoint, event).await? else {
                    return Ok(next);
                };
                if !answer.taken() || matches!(now.value.state, WebhookState::Delivered { .. }) {
                    return Ok(now.value);
                }
                current = now;
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

/// Switches an endpoint off, and tells whoever else listens why.
pub(super) async fn switch_off(deps: &Deps, found: Versioned<Endpoint>, reason: &str, cid: &str) -> Result<(), Error> {
    let (tenant, id) = (found.value.tenant, found.value.id);
    let mut current = Some(found);
    for _ in 0..RECORD_TRIES {
        let Some(endpoint) = current.filter(|e| e.value.is_on()) else { return Ok(()) };
        let status = EndpointStatus::Disabled { since: deps.clock.now(), reason: reason.into() };
        let next = Endpoint { status, ..endpoint.value.clone() };
        let told = EventData::EndpointDisabled(EndpointFacts { endpoint_id: id, reason: reason.into() });
        let write = Write::replace(&endpoint, Record::Endpoint(next)).telling(deps.events(tenant, cid, [told]));
        let actor = Actor { tenant, member: None, cid };
        let audit = entry(deps, actor, "endpoint.disabled", id, Some(json!({ "reason": reason })));
        match deps.ledger.commit(vec![write, audit]).await {
            Ok(committed) => {
                relay(deps, &committed.outbox).await;
                return Ok(());
            }
            // Somebody may have switched it on anew, or mended it: the next failure tells.
            Err(StoreError::Conflict { .. }) if reason == FAILING => return Ok(()),
            Err(StoreError::Conflict { .. }) => current = deps.ledger.endpoint(tenant, id).await?,
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}
