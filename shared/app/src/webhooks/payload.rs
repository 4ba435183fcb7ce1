//! The body of a webhook (Standard Webhooks 1.0.0): made once per message, since the exact bytes are signed.

use crate::Error;
use domain::EndpointId;
use domain::events::{Event, EventData};
use domain::publishing::Wake;
use domain::webhooks::{WebhookMessage, WebhookState};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Payload<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: Timestamp,
    data: Value,
}

/// The message of an event to an endpoint, due at once. The body is the same at every attempt, and says when the event
/// happened; when the attempt was made is in its headers.
pub(super) fn message(event: &Event, endpoint: EndpointId, now: Timestamp) -> Result<WebhookMessage, Error> {
    let kind = event.data.kind();
    let payload = Payload { id: event.id.to_string(), kind, timestamp: event.at, data: data(event)? };
    Ok(WebhookMessage {
        event: event.id,
        endpoint,
        tenant: event.tenant,
        kind: kind.to_owned(),
        body: serde_json::to_string(&payload).map_err(|e| Error::Internal(e.to_string()))?,
        state: WebhookState::Pending,
        attempts: Vec::new(),
        before: 0,
        again_at: None,
        wake: Some(Wake { at: now, set_at: now, sent: true }),
        created_at: now,
    })
}

fn data(event: &Event) -> Result<Value, Error> {
    let facts = match &event.data {
        EventData::PostScheduled(f) => serde_json::to_value(f),
        EventData::PostPublished(f)
        | EventData::PostFailed(f)
        | EventData::PostMissed(f)
        | EventData::PostCanceled(f)
        | EventData::PostOutcomeUnknown(f) => serde_json::to_value(f),
        EventData::SeriesRunWaits(f)
        | EventData::SeriesRunSkipped(f)
        | EventData::SeriesPaused(f)
        | EventData::SeriesEnded(f) => serde_json::to_value(f),
        EventData::AccountConnected(f) | EventData::AccountDisconnected(f) | EventData::AccountNeedsReconnect(f) => {
            serde_json::to_value(f)
        }
        EventData::PostApprovalRequested(f) | EventData::PostApproved(f) | EventData::PostRejected(f) => {
            serde_json::to_value(f)
        }
        EventData::InteractionReceived(f) => serde_json::to_value(f),
        EventData::MessageStatusChanged(f) => serde_json::to_value(f),
        EventData::ContactOptedOut(f) | EventData::MailBounced(f) | EventData::MailComplained(f) => {
            serde_json::to_value(f)
        }
        EventData::EndpointDisabled(f) | EventData::EndpointFailing(f) | EventData::WebhookTest(f) => {
            serde_json::to_value(f)
        }
    };
    let mut data = facts.map_err(|e| Error::Internal(e.to_string()))?;
    if let Value::Object(fields) = &mut data {
        fields.insert("tenant_id".into(), Value::String(event.tenant.to_string()));
    }
    Ok(data)
}
