//! What is true of every route and every form, added to the joined description in one place, so that a new route has it
//! too: what an id looks like, what an `Idempotency-Key` may be, that text holds no control characters, and which answer
//! names the thing that another route asks for.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Text as [`crate::http::ApiJson`] takes it: no control characters but tab, line feed and carriage return.
const TEXT: &str = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$";
/// 1 to 255 visible ASCII characters, bare or as a structured-field string (`idempotency.rs`).
const IDEMPOTENCY_KEY: &str = r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#;
/// A local time up to its end, as a pattern. Other years than these are never taken: a post is planned at most a year ahead.
/// Whether a February has 29 days is left to the reader.
macro_rules! local_time {
    () => {
        concat!(
            r"^20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))",
            r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
        )
    };
}
/// An instant, or a local time that stands beside a zone.
const TIME: &str = concat!(local_time!(), r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$");
/// A local time whose zone stands beside it.
const LOCAL: &str = concat!(local_time!(), "$");
/// What a delivery with an unknown outcome asks: its id, a part, a claim.
const QUESTION: &str = r"^dlv_[0-9a-f]{32}\.(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,8})$";
/// What [`crate::http::seal_cursor`] makes.
const CURSOR: &str = "^[A-Za-z0-9_-]+$";
/// 256 random bits in base64url: what names a choice after a consent, and a source.
const CHOICE: &str = "^[A-Za-z0-9_-]{43}$";

/// What an event type is called.
const EVENT_TYPE: &str = r"^[a-z_]+\.[a-z_]+$";

/// Names under which ids go over the wire, and the prefix of each.
const IDS: [(&str, &str); 27] = [
    ("post_id", "post"),
    ("pack_id", "post"),
    ("account_id", "acc"),
    ("account_ids", "acc"),
    ("accounts", "acc"),
    ("credential_id", "acc"),
    ("media_id", "med"),
    ("series_id", "ser"),
    ("webhook_id", "ep"),
    ("recovery_id", "rec"),
    ("member_id", "mem"),
    ("key_id", "key"),
    ("tenant_id", "ten"),
    ("delivery_id", "dlv"),
    ("event_id", "evt"),
    ("audit_id", "aud"),
    ("connected_by", "mem"),
    ("source_id", "src"),
    ("incoming_id", "inc"),
    ("interaction_id", "int"),
    ("assignee_id", "mem"),
    ("done_by", "mem"),
    ("answer_post_id", "post"),
    ("contact_id", "con"),
    ("list_id", "lst"),
    ("list_ids", "lst"),
    ("segment_id", "seg"),
];

/// Answers that name a thing: operation, status, where in the answer, and the prefix of its id.
const MAKERS: [(&str, &str, &str, &str); 18] = [
    ("publish", "202", "/data/pack_id", "post"),
    ("schedule", "200", "/scheduledPosts/0/id", "post"),
    ("social_content", "200", "/data/pack_id", "post"),
    ("create_media", "201", "/data/media_id", "med"),
    ("register_webhook", "201", "/data/webhook_id", "ep"),
    ("list_webhooks", "200", "/data/items/0/webhook_id", "ep"),
    ("make_source", "201", "/data/source_id", "src"),
    ("list_sources", "200", "/data/items/0/source_id", "src"),
    ("list_inbox", "200", "/data/items/0/interaction_id", "int"),
    ("make_contact", "201", "/data/contact_id", "con"),
    ("list_contacts", "200", "/data/items/0/contact_id", "con"),
    ("make_list", "201", "/data/list_id", "lst"),
    ("list_lists", "200", "/data/items/0/list_id", "lst"),
    ("make_segment", "201", "/data/segment_id", "seg"),
    ("list_segments", "200", "/data/items/0/segment_id", "seg"),
    ("add_member", "201", "/data/member_id", "mem"),
    ("make_key", "201", "/data/key_id", "key"),
    ("posts", "200", "/data/items/0/pack_id", "post"),
];

/// The prefix of the id that goes by this name; none when it is the name of no id.
pub fn prefix_of(name: &str) -> Option<&'static str> {
    IDS.iter().find(|(known, _)| *known == name).map(|(_, prefix)| *prefix)
}

/// Adds all of it.
pub(super) fn refine(mut document: Value) -> Value {
    let links = links(&document);
    let taken = taken_forms(&document);
    each_operation(&mut document, |operation| {
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
            describe_parameter(parameter);
        }
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        for (maker, status, ..) in MAKERS.iter().filter(|(maker, ..)| *maker == id) {
            let own: Map<String, Value> =
                links.iter().filter(|l| l.0 == *maker).map(|l| (l.1.clone(), l.2.clone())).collect();
            if operation["responses"][*status].is_object() && !own.is_empty() {
                operation["responses"][*status]["links"] = own.into();
            }
        }
    });
    for (name, form) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        by_name(form);
        if taken.contains(name) {
            plain_text(form);
        }
    }
    document
}

fn each_operation(document: &mut Value, mut change: impl FnMut(&mut Value)) {
    for item in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            if operation["responses"].is_object() {
                change(operation);
            }
        }
    }
}

fn describe_parameter(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let schema = &mut parameter["schema"];
    match name.as_str() {
        "Idempotency-Key" => schema["pattern"] = IDEMPOTENCY_KEY.into(),
        "cursor" => schema["pattern"] = CURSOR.into(),
        "choice" | "source" => schema["pattern"] = CHOICE.into(),
        "event_type" => schema["pattern"] = EVENT_TYPE.into(),
        "If-Match" => schema["minLength"] = 1.into(),
        _ => {
            if let Some(prefix) = prefix_of(&name) {
                schema["pattern"] = id_pattern(prefix).into();
            }
        }
    }
}

/// The pattern of what goes by this name, where it has one.
fn pattern_of(name: &str) -> Option<String> {
    match name {
        "scheduled_at" | "schedule_for" => Some(TIME.to_owned()),
        "start" => Some(LOCAL.to_owned()),
        "question" | "confirm_not_live" => Some(QUESTION.to_owned()),
        _ => prefix_of(name).map(id_pattern),
    }
}

fn id_pattern(prefix: &str) -> String {
    format!("^{prefix}_[0-9a-f]{{32}}$")
}

/// Gives the fields of a form their pattern, by the names that mean the same everywhere.
fn by_name(form: &mut Value) {
    let Some(form) = form.as_object_mut() else { return };
    for (name, field) in form.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let text = if field["items"].is_object() { &mut field["items"] } else { &mut *field };
        match pattern_of(name) {
            Some(pattern) if is_string(text) => text["pattern"] = pattern.into(),
            _ => by_name(field),
        }
    }
    for below in ["items", "additionalProperties"] {
        form.get_mut(below).into_iter().for_each(by_name);
    }
    for several in ["allOf", "oneOf", "anyOf"] {
        form.get_mut(several).and_then(Value::as_array_mut).into_iter().flatten().for_each(by_name);
    }
}

/// Gives every free text of a form that is sent to us the rule that the reader of bodies has.
fn plain_text(form: &mut Value) {
    if is_string(form) {
        if ["pattern", "format", "enum", "const"].iter().all(|rule| form[*rule].is_null()) {
            form["pattern"] = TEXT.into();
        }
        return;
    }
    let Some(form) = form.as_object_mut() else { return };
    if form.get("additionalProperties").is_some_and(Value::is_object) {
        form.insert("propertyNames".into(), json!({ "type": "string", "pattern": TEXT }));
    }
    form.get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(|p| p.values_mut())
        .for_each(plain_text);
    for below in ["items", "additionalProperties"] {
        form.get_mut(below).into_iter().for_each(plain_text);
    }
    for several in ["allOf", "oneOf", "anyOf"] {
        form.get_mut(several).and_then(Value::as_array_mut).into_iter().flatten().for_each(plain_text);
    }
}

fn is_string(form: &Value) -> bool {
    match &form["type"] {
        Value::String(kind) => kind == "string",
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    }
}

/// The names of the forms that bodies of requests are made of.
fn taken_forms(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let operations = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    for operation in operations.flat_map(|item| item.as_object().into_iter().flat_map(|item| item.values())) {
        collect(&operation["requestBody"], document, &mut found);
    }
    found
}

fn collect(value: &Value, document: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                collect(&document["components"]["schemas"][name], document, found);
            }
            fields.values().for_each(|below| collect(below, document, found));
        }
        Value::Array(items) => items.iter().for_each(|below| collect(below, document, found)),
        _ => {}
    }
}

/// From each maker to every operation that has exactly one id in its path and takes the maker's: maker, name, link.
fn links(document: &Value) -> Vec<(&'static str, String, Value)> {
    let mut found = Vec::new();
    for item in document["paths"].as_object().into_iter().flat_map(|paths| paths.values()) {
        for operation in item.as_object().into_iter().flat_map(|item| item.values()) {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let parameters = operation["parameters"].as_array();
            let path = parameters.into_iter().flatten().filter(|p| p["in"] == "path");
            let names: Vec<&str> = path.filter_map(|p| p["name"].as_str()).collect();
            let [name] = names.as_slice() else { continue };
            let Some(prefix) = prefix_of(name) else { continue };
            for (maker, _, pointer, made) in MAKERS {
                if made == prefix {
                    let parameters = json!({ *name: format!("$response.body#{pointer}") });
                    found.push((maker, id.to_owned(), json!({ "operationId": id, "parameters": parameters })));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refined() -> Value {
        refine(json!({
            "paths": {
                "/posts": { "post": { "operationId": "publish", "responses": { "202": { "description": "" } },
                    "parameters": [{ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" } }],
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/New" } } } } } },
                "/posts/{post_id}": { "get": { "operationId": "post", "responses": {},
                    "parameters": [{ "name": "post_id", "in": "path", "schema": { "type": "string" } }] } }
            },
            "components": { "schemas": {
                "New": { "type": "object", "properties": {
                    "text": { "type": ["string", "null"] }, "at": { "type": "string", "format": "date-time" },
                    "accounts": { "type": "array", "items": { "type": "string" } },
                    "per_platform": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Inner" } } } },
                "Inner": { "type": "object", "properties": { "words": { "type": "array", "items": { "type": "string" } } } },
                "Shown": { "type": "object", "properties": { "text": { "type": "string" }, "post_id": { "type": "string" } } }
            } }
        }))
    }

    #[test]
    fn ids_and_keys_have_their_patterns_wherever_they_stand() {
        let document = refined();
        let at = |pointer: &str| document.pointer(pointer).unwrap().clone();
        assert_eq!(at("/paths/~1posts~1{post_id}/get/parameters/0/schema/pattern"), "^post_[0-9a-f]{32}$");
        assert_eq!(at("/paths/~1posts/post/parameters/0/schema/pattern"), IDEMPOTENCY_KEY);
        assert_eq!(at("/components/schemas/New/properties/accounts/items/pattern"), "^acc_[0-9a-f]{32}$");
        assert_eq!(at("/components/schemas/Shown/properties/post_id/pattern"), "^post_[0-9a-f]{32}$");
    }

    #[test]
    fn a_field_with_a_name_of_its_own_kind_says_what_it_holds() {
        let mut form = json!({ "properties": { "scheduled_at": { "type": ["string", "null"] },
            "confirm_not_live": { "type": "array", "items": { "type": "string" } }, "count": { "type": "integer" } } });
        by_name(&mut form);
        assert_eq!(form["properties"]["scheduled_at"]["pattern"], TIME);
        assert_eq!(form["properties"]["confirm_not_live"]["items"]["pattern"], QUESTION);
        assert!(form["properties"]["count"]["pattern"].is_null());
    }

    #[test]
    fn free_text_that_is_sent_to_us_says_what_it_may_hold() {
        let forms = refined()["components"]["schemas"].clone();
        assert_eq!(forms["New"]["properties"]["text"]["pattern"], TEXT);
        assert_eq!(forms["Inner"]["properties"]["words"]["items"]["pattern"], TEXT);
        assert_eq!(forms["New"]["properties"]["per_platform"]["propertyNames"]["pattern"], TEXT);
        assert!(forms["New"]["properties"]["at"]["pattern"].is_null(), "it has a format");
        assert!(forms["Shown"]["properties"]["text"]["pattern"].is_null(), "an answer promises less");
    }

    #[test]
    fn an_answer_that_names_a_thing_links_to_what_can_be_done_with_it() {
        let document = refined();
        let link = &document["paths"]["/posts"]["post"]["responses"]["202"]["links"]["post"];
        assert_eq!(
            link,
            &json!({ "operationId": "post", "parameters": { "post_id": "$response.body#/data/pack_id" } })
        );
    }
}
