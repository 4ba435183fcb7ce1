//! An event to every endpoint that wants it: one message for each, which is a record before its first attempt is made.

use super::attempt::attempt;
use super::payload;
use crate::{Deps, Error};
use domain::EndpointId;
use domain::events::Event;
use futures_util::future::join_all;
use ports::{Record, StoreError, Write};

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
