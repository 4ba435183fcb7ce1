//! An event as a `CloudEvent` (`CloudEvents` 1.0.2), in the two content modes of its HTTP binding.

use super::catalogue::EventType;
use domain::events::Event;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Fields of an event's data that may say what it is about, the closest first.
const SUBJECTS: [&str; 5] = ["series_id", "post_id", "incoming_id", "account_id", "endpoint_id"];

/// The extension attribute of what belongs together, and is told in order (partitioning extension: a non-empty text, for instance the id
/// of the entity that the event is associated with).
const PARTITION: &str = "partitionkey";

/// The extension attribute of what was sent to try an endpoint out.
const TEST: &str = "test";

/// The context attributes. `dataschema` is not among them: it has to be an absolute address, and the worker that makes messages
/// does not know the API's.
fn attributes(
    event: &Event,
    kind: &EventType,
    partition: Option<String>,
    data: &Map<String, Value>,
) -> BTreeMap<&'static str, String> {
    let mut attributes = BTreeMap::from([
        ("specversion", "1.0".to_owned()),
        ("id", event.id.to_string()),
        // Whose event it is, whatever the API's address is today: source and id together name an event for ever.
        ("source", event.tenant.uuid().urn().to_string()),
        ("type", format!("herald.{}.v{}", kind.name, kind.version)),
        ("time", event.at.to_string()),
    ]);
    let subject = SUBJECTS.iter().find_map(|name| data.get(*name)?.as_str());
    attributes.extend(subject.map(|subject| ("subject", subject.to_owned())));
    attributes.extend(partition.map(|partition| (PARTITION, partition)));
    attributes
}

/// The whole body of the structured mode (JSON event format, 3).
pub(super) fn structured(
    event: &Event,
    kind: &EventType,
    test: bool,
    partition: Option<String>,
    data: Map<String, Value>,
) -> Value {
    let mut body = json!({ "datacontenttype": "application/json" });
    for (name, value) in attributes(event, kind, partition, &data) {
        body[name] = value.into();
    }
    if test {
        body[TEST] = true.into();
    }
    body["data"] = data.into();
    body
}

/// What stands beside the body of the structured mode (HTTP binding, 3.2.1).
pub(super) fn structured_headers() -> BTreeMap<String, String> {
    [("content-type".to_owned(), "application/cloudevents+json".to_owned())].into()
}

/// What stands beside the data in binary mode (HTTP binding, 3.1).
pub(super) fn binary_headers(
    event: &Event,
    kind: &EventType,
    test: bool,
    partition: Option<String>,
    data: &Map<String, Value>,
) -> BTreeMap<String, String> {
    let test = test.then(|| (TEST, "true".to_owned()));
    let named = attributes(event, kind, partition, data)
        .into_iter()
        .chain(test)
        .map(|(name, value)| (format!("ce-{name}"), encoded(&value)));
    named.chain([("content-type".to_owned(), "application/json".to_owned())]).collect()
}

/// A header's value (HTTP binding, 3.1.3.2): space, double quote, percent and all that is not printable ASCII as the percent-encoded
/// bytes of its UTF-8.
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'!' | b'#' | b'$' | b'&'..=b'~' => out.push(char::from(byte)),
            // Text takes whatever is written to it.
            _ => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_percent_encoded_as_the_binding_asks() {
        // The example of 3.1.3.2, and each edge of what stays.
        assert_eq!(encoded("Euro \u{20ac} \u{e9}"), "Euro%20%E2%82%AC%20%C3%A9");
        assert_eq!(encoded("!~\"% \u{7f}\u{1f}"), "!~%22%25%20%7F%1F");
        assert_eq!(encoded("urn:uuid:0/a?b=c&d#e"), "urn:uuid:0/a?b=c&d#e");
    }
}
