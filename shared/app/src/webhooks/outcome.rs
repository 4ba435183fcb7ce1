//! What follows from an attempt: its record, and an endpoint that is switched off.

use super::lane;
use crate::audit::{Actor, entry};
use crate::{Deps, Error, relay};
use domain::events::{EndpointFacts, EventData};
use domain::webhooks::{Again, Answer, Endpoint, EndpointStatus, FAILING, GONE, WebhookMessage, WebhookState};
use domain::{EndpointId, TenantId};
use ports::{Record, StoreError, Versioned, Write};
use serde_json::json;

/// Times the outcome of an attempt is written again when the store does not take it.
pub(super) const RECORD_TRIES: usize = 5;

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
        match lane::replace(deps, &current, next.clone()).await {
            Ok(()) => return Ok(next),
            Err(error @ StoreError::Conflict { .. }) => {
                last = error;
                let Some(now) = deps.ledger.message(tenant, endpoint, event).await? else {
                    return Ok(next);
                };
                if matches!(now.value.state, WebhookState::Delivered { .. }) {
                    return Ok(now.value);
                }
                if !answer.taken() {
                    match theirs(deps, now, answer, again).await {
                        Err(StoreError::Conflict { .. }) => continue,
                        done => return Ok(done?),
                    }
                }
                current = now;
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

/// A message as another worker recorded it, of which a failed attempt says no more than how long it was asked to wait.
///
/// # Errors
/// With a conflict when it has changed meanwhile.
pub(super) async fn theirs(
    deps: &Deps,
    found: Versioned<WebhookMessage>,
    answer: &Answer,
    again: Again,
) -> Result<WebhookMessage, StoreError> {
    let Some(next) = found.value.asked_for_longer(answer, again, deps.clock.now()) else { return Ok(found.value) };
    lane::replace(deps, &found, next.clone()).await?;
    Ok(next)
}

/// Switches an endpoint off that said it is gone, unless it has another address by now: that one did not say so.
pub(super) async fn gone(deps: &Deps, found: Versioned<Endpoint>, cid: &str) -> Result<(), Error> {
    let (tenant, id) = (found.value.tenant, found.value.id);
    let (url, destination) = (found.value.url.clone(), found.value.destination.clone());
    let mut current = Some(found);
    for _ in 0..RECORD_TRIES {
        let same = |e: &Versioned<Endpoint>| e.value.url == url && e.value.destination == destination;
        let Some(endpoint) = current.filter(|e| e.value.is_on() && same(e)) else { return Ok(()) };
        if switch_off(deps, &endpoint, Vec::new(), GONE, cid).await? {
            return Ok(());
        }
        current = deps.ledger.endpoint(tenant, id).await?;
    }
    Ok(())
}

/// Switches an endpoint off that has taken nothing for days, as it is known now and not as it was when the attempt began: it
/// may have taken something since, may have been mended or switched on anew. Whatever comes between this look and the write is a
/// conflict; then it stays on, and the next failure tells.
pub(super) async fn failing(deps: &Deps, tenant: TenantId, id: EndpointId, cid: &str) -> Result<(), Error> {
    let Some(listener) = deps.ledger.listener(tenant, id).await? else { return Ok(()) };
    let Some(pace) = listener.pace.filter(|pace| pace.value.is_over(deps.clock.now())) else { return Ok(()) };
    if !listener.endpoint.value.is_on() {
        return Ok(());
    }
    let same = Write::replace(&pace, Record::Pace(pace.value.clone()));
    switch_off(deps, &listener.endpoint, vec![same], FAILING, cid).await?;
    Ok(())
}

/// Switches an endpoint off as it was found, and tells whoever else listens why. False when something changed meanwhile.
async fn switch_off(
    deps: &Deps,
    endpoint: &Versioned<Endpoint>,
    with: Vec<Write>,
    reason: &str,
    cid: &str,
) -> Result<bool, Error> {
    let (tenant, id) = (endpoint.value.tenant, endpoint.value.id);
    let status = EndpointStatus::Disabled { since: deps.clock.now(), reason: reason.into() };
    let next = Endpoint { status, ..endpoint.value.clone() };
    let told = EventData::EndpointDisabled(EndpointFacts { endpoint_id: id, reason: reason.into() });
    let write = Write::replace(endpoint, Record::Endpoint(next)).telling(deps.events(tenant, cid, [told]));
    let actor = Actor { tenant, member: None, cid };
    let audit = entry(deps, actor, "endpoint.disabled", id, Some(json!({ "reason": reason })));
    let writes = [write, audit].into_iter().chain(with).collect();
    match deps.ledger.commit(writes).await {
        Ok(committed) => {
            relay(deps, &committed.outbox).await;
            Ok(true)
        }
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}
