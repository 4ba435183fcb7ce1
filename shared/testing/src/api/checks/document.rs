//! What a function's OpenAPI document says of its routes.

use super::Route;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Every operation, by method and path.
pub(super) fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, o)| o["responses"].is_object()) {
            found.insert(format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    assert!(!found.is_empty(), "a document without operations");
    found
}

/// The methods of each path.
pub(super) fn methods(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in operations(document).keys() {
        let (method, path) = name.split_once(' ').unwrap();
        found.entry(path.to_owned()).or_default().insert(method.to_owned());
    }
    found
}

/// The parameters of an operation that stand in `place`, with their schemas.
pub(super) fn parameters<'a>(operation: &'a Value, place: &str) -> Vec<(&'a str, &'a Value)> {
    let all = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == place);
    all.map(|p| (p["name"].as_str().unwrap(), &p["schema"])).collect()
}

/// That the bench has every route of the document and no other, and that the document says of each what it is.
pub(super) fn every_route_is_there(all: &[Route], document: &Value) {
    let listed: BTreeSet<String> = all.iter().map(Route::name).collect();
    let described = operations(document);
    for (name, operation) in &described {
        let route = all.iter().find(|r| r.name() == *name).unwrap_or_else(|| panic!("{name} is not on the bench"));
        let keyed = parameters(operation, "header").iter().any(|(name, _)| *name == "Idempotency-Key");
        assert_eq!(keyed, route.keyed, "{name}: is its Idempotency-Key described?");
        assert!(operation["requestBody"].is_object() || route.body.is_none(), "{name}: is its body described?");
        assert!(!operation["requestBody"].is_object() || route.body.is_some(), "{name}: the bench sends no body");
        assert_eq!(operation["security"] == json!([{}]), route.public, "{name}: is it open to everybody?");
    }
    assert_eq!(listed, described.into_keys().collect());
}

/// That no form of a request's body takes fields it does not name, but for maps, whose keys are data (S3).
pub(super) fn every_form_is_closed(document: &Value) -> usize {
    let mut seen = BTreeSet::new();
    for (name, operation) in operations(document) {
        closed(&operation["requestBody"], document, &name, &mut seen);
    }
    seen.len()
}

fn closed(value: &Value, document: &Value, at: &str, seen: &mut BTreeSet<String>) {
    if let Some(name) = value["$ref"].as_str().and_then(|r| r.strip_prefix("#/components/schemas/"))
        && seen.insert(name.to_owned())
    {
        closed(&document["components"]["schemas"][name], document, name, seen);
    }
    let kind = &value["type"];
    if kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object"))) {
        let map = value["additionalProperties"].is_object() && value["properties"].is_null();
        assert!(map || value["additionalProperties"] == false, "{at} takes fields that it does not name: {value}");
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|below| closed(below, document, at, seen)),
        Value::Array(items) => items.iter().for_each(|below| closed(below, document, at, seen)),
        _ => {}
    }
}

/// Whether a text is an id of ours: a prefix and 32 hex digits.
pub(super) fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, hex)| {
        !prefix.is_empty()
            && prefix.bytes().all(|b| b.is_ascii_lowercase())
            && hex.len() == 32
            && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// The ids that a route's request names, in its path and its body.
pub(super) fn ids_of(route: &Route) -> BTreeSet<String> {
    let path = route.path.split(['/', '?', '&', '=']).filter(|piece| is_id(piece)).map(str::to_owned);
    let body = route.body.as_ref().map(Value::to_string).unwrap_or_default();
    path.chain(body.split('"').filter(|piece| is_id(piece)).map(str::to_owned)).collect()
}

/// The route with other ids.
pub(super) fn renamed(route: &Route, rename: impl Fn(&str) -> String) -> Route {
    let (mut path, mut body) = (route.path.clone(), route.body.as_ref().map(Value::to_string));
    for id in ids_of(route) {
        path = path.replace(&id, &rename(&id));
        body = body.map(|body| body.replace(&id, &rename(&id)));
    }
    Route { path, body: body.map(|body| serde_json::from_str(&body).unwrap()), ..route.clone() }
}

/// An id of the same kind that nothing has.
pub(super) fn absent(id: &str) -> String {
    format!("{}_{:0>32}", id.split_once('_').unwrap().0, "bad")
}
