//! Domain events over EventBridge.

use crate::Aws;
use crate::config::why;
use async_trait::async_trait;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::events::Event;
use ports::Bus;
use std::sync::Arc;

/// Who says it; the rule of `infra/bus.yaml` listens for this.
const SOURCE: &str = "herald";
/// Entries per `PutEvents` (EventBridge quota).
const BATCH: usize = 10;
/// Bytes of a request's entries together (EventBridge quota: 256 KB).
const BATCH_BYTES: usize = 256 * 1024;
/// Bytes EventBridge counts for an entry's time.
const TIME_BYTES: usize = 14;

/// [`Bus`] over an EventBridge bus: detail-type is the event's type, detail the event as JSON.
#[derive(Debug)]
pub struct EventBridgeBus {
    aws: Arc<Aws>,
    bus: String,
}

impl EventBridgeBus {
    /// The bus of this name.
    pub fn new(aws: Arc<Aws>, bus: impl Into<String>) -> Self {
        Self { aws, bus: bus.into() }
    }

    fn entry(&self, event: &Event) -> Option<(PutEventsRequestEntry, usize)> {
        let detail = serde_json::to_string(event).ok()?;
        let bytes = detail.len() + event.data.kind().len() + SOURCE.len() + TIME_BYTES;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(event.data.kind())
            .time(DateTime::from_millis(event.at.as_millisecond()))
            .detail(detail)
            .build();
        Some((entry, bytes))
    }

    /// Publishes one request's worth and marks what was taken.
    async fn put(&self, batch: Vec<(usize, PutEventsRequestEntry)>, taken: &mut [bool]) {
        let (places, entries): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        match self.aws.events().await.put_events().set_entries(Some(entries)).send().await {
            Ok(answer) => {
                // Answered in order; a call that succeeds may still have refused some.
                for (place, result) in places.into_iter().zip(answer.entries()) {
                    taken[place] = result.event_id().is_some();
                    if let Some(code) = result.error_code() {
                        tracing::warn!(code, "an event was not taken; the outbox sweep sends it again");
                    }
                }
            }
            Err(error) => tracing::warn!(why = why(&error), "events were not sent; the outbox sweep sends them again"),
        }
    }
}

#[async_trait]
impl Bus for EventBridgeBus {
    async fn publish(&self, events: &[Event]) -> Vec<bool> {
        let mut taken = vec![false; events.len()];
        let (mut batch, mut batch_bytes) = (Vec::new(), 0);
        for (place, event) in events.iter().enumerate() {
            let Some((entry, bytes)) = self.entry(event).filter(|(_, bytes)| *bytes <= BATCH_BYTES) else {
                tracing::error!(event = %event.id, "an event is larger than the bus takes");
                continue;
            };
            if batch.len() == BATCH || batch_bytes + bytes > BATCH_BYTES {
                self.put(std::mem::take(&mut batch), &mut taken).await;
                batch_bytes = 0;
            }
            batch.push((place, entry));
            batch_bytes += bytes;
        }
        if !batch.is_empty() {
            self.put(batch, &mut taken).await;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::loopback::{Answer, Loopback};
    use domain::events::{EndpointFacts, EventData};
    use domain::{EndpointId, EventId, TenantId};
    use serde_json::json;

    fn event(n: u128, reason: &str) -> Event {
        let id = uuid::Uuid::from_u128(n);
        let facts = EndpointFacts { endpoint_id: EndpointId::from_uuid(id), reason: reason.into() };
        Event {
            id: EventId::from_uuid(id),
            tenant: TenantId::from_uuid(id),
            at: "2027-01-01T00:00:00Z".parse().unwrap(),
            cid: "c".into(),
            data: EventData::WebhookTest(facts),
        }
    }

    #[tokio::test]
    async fn each_event_is_answered_for_itself_in_requests_of_ten_and_256_kb() {
        let server = Loopback::start(|request| {
            let results: Vec<_> = request.json()["Entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| {
                    if entry["Detail"].as_str().unwrap().contains("refuse me") {
                        json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
                    } else {
                        json!({"EventId": "e"})
                    }
                })
                .collect();
            Answer::json(200, &json!({"Entries": results, "FailedEntryCount": 0}))
        })
        .await;
        let bus = EventBridgeBus::new(server.aws().await, "herald-local");
        let long = "x".repeat(100 * 1024);
        let mut events: Vec<_> = (0..11).map(|n| event(n, "ok")).collect();
        events[4] = event(4, "refuse me");
        events.extend([event(11, &long), event(12, &long), event(13, &long)]);
        events.push(event(14, &"x".repeat(300 * 1024)));
        let taken = bus.publish(&events).await;
        let mut expected = vec![true; 15];
        expected[4] = false;
        expected[14] = false;
        assert_eq!(taken, expected);
        let requests = server.requests();
        let sizes: Vec<_> = requests.iter().map(|r| r.json()["Entries"].as_array().unwrap().len()).collect();
        assert_eq!(sizes, [10, 3, 1]);
        let first = requests[0].json()["Entries"][0].clone();
        assert_eq!((first["Source"].as_str(), first["DetailType"].as_str()), (Some("herald"), Some("webhook.test")));
        let detail: Event = serde_json::from_str(first["Detail"].as_str().unwrap()).unwrap();
        assert_eq!(detail, events[0]);
    }

    #[tokio::test]
    async fn nothing_is_said_to_be_taken_when_the_service_fails() {
        let server = Loopback::start(|_| Answer::error(400, "AccessDeniedException")).await;
        let bus = EventBridgeBus::new(server.aws().await, "herald-local");
        assert_eq!(bus.publish(&[event(1, "a"), event(2, "b")]).await, [false, false]);
        assert!(bus.publish(&[]).await.is_empty());
    }
}
