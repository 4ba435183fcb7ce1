//! The event catalogue against the events, and bodies against their schemas.
#![allow(clippy::disallowed_methods)] // a test has no boot that would tell it what to write

use super::*;
use crate::webhooks::catalogue::CATALOGUE;
use crate::webhooks::payload;
use domain::events::{
    AddressFacts, ApprovalFacts, DeliveryFacts, EVENT_TYPES, EndpointFacts, ExpiryFacts, InteractionFacts, PostFacts,
    SeriesFacts, StatusFacts,
};
use domain::webhooks::{Endpoint, Format};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What Standard Webhooks advises a body to stay below.
const THIN: usize = 20_000;

fn is_id(pattern: &str, value: &Value) -> bool {
    let prefix = pattern.strip_prefix('^').and_then(|p| p.strip_suffix("_[0-9a-f]{32}$")).unwrap();
    let id = value.as_str().and_then(|v| v.strip_prefix(prefix)?.strip_prefix('_'));
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// Holds a value against a schema that says no more than ours do. A field that the schema does not know is refused: it would be
/// undescribed.
fn keeps(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (word, rule) in schema.as_object().unwrap() {
        let fine = match word.as_str() {
            "$schema" | "title" | "description" | "properties" => true,
            "const" => rule == value,
            "type" if rule == "object" => value.is_object(),
            "type" if rule == "string" => value.is_string(),
            "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "pattern" => is_id(rule.as_str().unwrap(), value),
            "format" if rule == "date-time" => value.as_str().is_some_and(|v| v.parse::<jiff::Timestamp>().is_ok()),
            _ => false,
        };
        if !fine {
            return Err(format!("{at}: {value} breaks {word} {rule}"));
        }
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let schema = schema["properties"].get(name).ok_or_else(|| format!("{at} has {name}, too"))?;
        keeps(schema, value, &format!("{at}/{name}"))?;
    }
    Ok(())
}

/// How many fields the data of an event can have. A new one does not compile until it stands here, and fails until it stands in
/// the catalogue.
fn fields(data: &EventData) -> usize {
    use EventData as E;
    match data {
        E::PostScheduled(PostFacts { post_id: _, due_at: _ }) => 2,
        E::PostPublished(f) | E::PostFailed(f) | E::PostMissed(f) | E::PostCanceled(f) | E::PostOutcomeUnknown(f) => {
            let DeliveryFacts {
                post_id: _,
                delivery_id: _,
                account_id: _,
                platform: _,
                status: _,
                platform_post_id: _,
                url: _,
                interaction_id: _,
                error_code: _,
            } = f;
            9
        }
        E::PostApprovalRequested(f) | E::PostApproved(f) | E::PostRejected(f) => {
            let ApprovalFacts { post_id: _, hash: _, approve_by: _, member_id: _ } = f;
            4
        }
        E::SeriesRunWaits(f) | E::SeriesRunSkipped(f) | E::SeriesPaused(f) | E::SeriesEnded(f) => {
            let SeriesFacts { series_id: _, due_at: _, post_id: _, reason: _ } = f;
            4
        }
        E::AccountConnected(f) | E::AccountDisconnected(f) | E::AccountNeedsReconnect(f) => {
            let AccountFacts { account_id: _, platform: _, reason: _ } = f;
            3
        }
        E::AccountExpiring(f) => {
            let ExpiryFacts { account_id: _, platform: _, expires_at: _ } = f;
            3
        }
        E::EndpointDisabled(f) | E::EndpointFailing(f) | E::WebhookTest(f) => {
            let EndpointFacts { endpoint_id: _, reason: _ } = f;
            2
        }
        E::InteractionReceived(f) => {
            let InteractionFacts { incoming_id: _, source_id: _, account_id: _, platform: _, kind: _, change: _ } = f;
            6
        }
        E::MessageStatusChanged(f) => {
            let StatusFacts { incoming_id: _, source_id: _, account_id: _, platform: _, status: _, error_code: _ } = f;
            6
        }
        E::ContactOptedOut(f) | E::MailBounced(f) | E::MailComplained(f) => {
            let AddressFacts { incoming_id: _, source_id: _, account_id: _, platform: _, reason: _ } = f;
            5
        }
    }
}

/// An event of this type that has every field, and this text wherever any may be.
fn whole(kind: &EventType, text: &str) -> Event {
    let mut event = serde_json::to_value(kind.sample().unwrap()).unwrap();
    for (name, value) in kind.filled(text) {
        // Slugs, and words that are one of a few, stay those of the sample.
        let one_of_a_few =
            name == "platform" || name == "change" || (name == "status" && kind.name == "message.status_changed");
        if !one_of_a_few {
            event["data"][&name] = value;
        }
    }
    serde_json::from_value(event).unwrap()
}

fn endpoint_of(event: &Event, format: Format) -> Endpoint {
    serde_json::from_value(json!({
        "id": EndpointId::from_uuid(Uuid::nil()), "tenant": event.tenant, "name": "", "url": "", "events": [], "secret": "",
        "format": format, "status": "active", "created_at": event.at,
    }))
    .unwrap()
}

#[test]
fn every_event_type_is_in_the_catalogue_with_its_own_sample() {
    assert_eq!(CATALOGUE.iter().map(|kind| kind.name).collect::<Vec<_>>(), EVENT_TYPES);
    for kind in CATALOGUE {
        assert_eq!(kind.sample().unwrap().data.kind(), kind.name);
    }
}

/// To write the file of a new event: `HERALD_BLESS=1 cargo test -p app every_schema_keeps_its_form`.
#[test]
fn every_schema_keeps_its_form() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/schema");
    let bless = std::env::var_os("HERALD_BLESS").is_some();
    for kind in CATALOGUE {
        let text = serde_json::to_string_pretty(&kind.schema()).unwrap() + "\n";
        let file = folder.join(format!("{}.v{}.json", kind.name, kind.version));
        if bless {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "{}", kind.name);
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), CATALOGUE.len(), "a schema belongs to no event");
}

#[test]
fn every_body_keeps_the_schema_of_its_type_and_all_that_it_may_hold_is_described() {
    for kind in CATALOGUE {
        let schema = kind.schema();
        let full = whole(kind, "text");
        for (event, test) in [(kind.sample().unwrap(), false), (kind.sample().unwrap(), true), (full.clone(), false)] {
            let body = payload::standard(&event, test).unwrap();
            keeps(&schema, &body, kind.name).unwrap();
            assert_eq!(body.get("test"), test.then_some(&json!(true)));
        }
        // The tenant's id is added to each.
        let known = schema["properties"]["data"]["properties"].as_object().unwrap().len();
        assert_eq!(known, fields(&full.data) + 1, "{}", kind.name);
        let body = payload::standard(&full, false).unwrap();
        assert_eq!(body["data"].as_object().unwrap().len(), known, "{}", kind.name);
    }
}

#[test]
fn a_body_that_lacks_or_adds_something_or_has_another_form_does_not_keep_the_schema() {
    let kind = CATALOGUE.iter().find(|kind| kind.name == "post.failed").unwrap();
    let body = kind.sample_body().unwrap();
    let changed = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut body = body.clone();
        change(body.as_object_mut().unwrap());
        keeps(&kind.schema(), &body, "")
    };
    changed(&|_| {}).unwrap();
    changed(&|body| drop(body.remove("version"))).unwrap_err();
    changed(&|body| drop(body.insert("version".into(), json!(2)))).unwrap_err();
    changed(&|body| drop(body.insert("more".into(), json!(2)))).unwrap_err();
    changed(&|body| body["data"]["post_id"] = json!("post_1")).unwrap_err();
    changed(&|body| body["data"]["url"] = json!(1)).unwrap_err();
    changed(&|body| body["timestamp"] = json!("today")).unwrap_err();
}

#[test]
fn no_body_reaches_20_kb_whatever_its_texts() {
    // A sign of the longest escape of JSON, one of four bytes, one that is escaped by one more, and a plain one.
    for sign in ["\u{1}", "\u{1f600}", "\"", "x"] {
        for text in [sign.repeat(341), sign.repeat(511), sign.repeat(1_023), sign.repeat(2_046), sign.repeat(50_000)] {
            for kind in CATALOGUE {
                for format in [Format::Standard, Format::Cloudevents, Format::CloudeventsBinary] {
                    let event = whole(kind, &text);
                    let message = payload::message(&event, &endpoint_of(&event, format), true, event.at).unwrap();
                    let beside: usize = message.content_headers.iter().map(|(n, v)| n.len() + v.len()).sum();
                    let length = message.body.len() + beside;
                    assert!(length < THIN, "{}: {length}", kind.name);
                }
            }
        }
    }
}

#[test]
fn a_text_that_is_too_long_is_left_out_whole() {
    let kind = CATALOGUE.iter().find(|kind| kind.name == "post.published").unwrap();
    let url = |length: usize| {
        let body = payload::standard(&whole(kind, &"x".repeat(length)), false).unwrap();
        body["data"].get("url").map(|url| url.as_str().unwrap().len())
    };
    // With its quotes it takes 2,048 bytes.
    assert_eq!((url(2_046), url(2_047)), (Some(2_046), None));
}
