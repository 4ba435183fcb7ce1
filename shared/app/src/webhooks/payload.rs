//! The body of a webhook and the headers that belong to it, after Standard Webhooks 1.0.0 or `CloudEvents` 1.0.2: made once per
//! message, since the exact bytes are signed.

use super::catalogue::EventType;
use super::cloudevents;
use crate::Error;
use domain::events::{Event, EventData};
use domain::publishing::Wake;
use domain::webhooks::{Endpoint, Format, WebhookMessage, WebhookState, order_key};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Bytes that a text of an event's data may take in the body. A longer one is left out; what is always there is an id or a code of
/// ours, and short. So no body is longer than 20 KB, as Standard Webhooks advises; the API has everything.
const MAX_TEXT: usize = 2_048;

#[derive(Serialize)]
struct Payload {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    version: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<bool>,
    timestamp: Timestamp,
    data: Map<String, Value>,
}

/// The message of an event to an endpoint, due at once. The body is the same at every attempt, and says when the event
/// happened; when the attempt was made is in its headers. A test says that it is one.
pub(super) fn message(event: &Event, endpoint: &Endpoint, test: bool, now: Timestamp) -> Result<WebhookMessage, Error> {
    let (kind, data) = (EventType::of(&event.data)?, data(event)?);
    let partition = order_key(&event.data).filter(|_| !endpoint.order.is_none());
    let (body, content_headers) = match endpoint.format {
        Format::Standard => (text(&payload(event, kind, test, data))?, BTreeMap::new()),
        Format::Cloudevents => {
            (text(&cloudevents::structured(event, kind, test, partition, data))?, cloudevents::structured_headers())
        }
        Format::CloudeventsBinary => (text(&data)?, cloudevents::binary_headers(event, kind, test, partition, &data)),
    };
    Ok(WebhookMessage {
        event: event.id,
        endpoint: endpoint.id,
        tenant: event.tenant,
        kind: kind.name.to_owned(),
        body,
        content_headers,
        state: WebhookState::Pending,
        attempts: Vec::new(),
        before: 0,
        again_at: None,
        place: None,
        lane: None,
        stood_s: 0,
        wake: Some(Wake { at: now, set_at: now, sent: true }),
        created_at: now,
    })
}

/// The body that Standard Webhooks recommends.
pub(super) fn standard(event: &Event, test: bool) -> Result<Value, Error> {
    let payload = payload(event, EventType::of(&event.data)?, test, data(event)?);
    serde_json::to_value(payload).map_err(|e| Error::Internal(e.to_string()))
}

fn payload(event: &Event, kind: &EventType, test: bool, data: Map<String, Value>) -> Payload {
    let (id, test) = (event.id.to_string(), test.then_some(true));
    Payload { id, kind: kind.name, version: kind.version, test, timestamp: event.at, data }
}

fn text(body: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(body).map_err(|e| Error::Internal(e.to_string()))
}

fn data(event: &Event) -> Result<Map<String, Value>, Error> {
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
        EventData::AccountExpiring(f) => serde_json::to_value(f),
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
    let Value::Object(mut data) = facts.map_err(|e| Error::Internal(e.to_string()))? else {
        return Err(Error::Internal("an event's facts have names".into()));
    };
    data.retain(|_, value| !value.is_string() || value.to_string().len() <= MAX_TEXT);
    data.insert("tenant_id".into(), Value::String(event.tenant.to_string()));
    Ok(data)
}
