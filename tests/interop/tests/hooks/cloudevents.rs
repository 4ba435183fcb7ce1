//! Events in the form of `CloudEvents`, read by the SDKs that `CloudEvents` themselves give out.

use crate::herald::{every_event, told};
use crate::witness::events_read;
use domain::webhooks::Format;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The attributes of an event that is told in either mode, with what they have to be.
fn attributes(delivery: &crate::herald::Delivery, format: Format) -> (Map<String, Value>, Value) {
    let mut body: Value = serde_json::from_slice(&delivery.body).unwrap();
    if format == Format::Cloudevents {
        let data = body["data"].take();
        let mut all = body.as_object().unwrap().clone();
        all.remove("data");
        return (all, data);
    }
    let mut all: Map<String, Value> = delivery
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("ce-")?.to_owned(), json!(value))))
        .collect();
    all.insert("datacontenttype".into(), json!(delivery.headers["content-type"]));
    (all, body)
}

#[tokio::test]
async fn every_event_is_read_by_the_sdks_of_cloudevents_in_both_modes_with_what_it_says() {
    let mut read = 0;
    for event in every_event() {
        let kind = event.kind();
        for format in [Format::Cloudevents, Format::CloudeventsBinary] {
            let (delivery, _) = told(event.clone(), format).await;
            let (mut expected, data) = attributes(&delivery, format);
            let at: Timestamp = expected["time"].as_str().unwrap().parse().unwrap();
            for (language, mut said) in events_read(&delivery) {
                assert!(said["broke"].is_null(), "{language}, {kind}, {format:?}: {}", said["broke"]);
                let time = Duration::from_secs_f64(said["attributes"]["time"].as_f64().unwrap());
                let expected_at = Duration::try_from(at.duration_since(Timestamp::UNIX_EPOCH)).unwrap();
                assert!(time.abs_diff(expected_at) < Duration::from_millis(1), "{language}, {kind}: {time:?} {at}");
                expected.insert("time".into(), said["attributes"]["time"].take());
                said["attributes"]["time"] = expected["time"].clone();
                assert_eq!(said["attributes"], json!(expected), "{language}, {kind}, {format:?}");
                assert_eq!(said["data"], data, "{language}, {kind}, {format:?}");
                read += 1;
            }
        }
    }
    assert!(read >= 2 * domain::events::EVENT_TYPES.len(), "{read}");
}
