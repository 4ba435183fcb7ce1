//! The description of the whole API: complete, without contradictions, and readable.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn parts() -> Vec<Value> {
    let part = |name| serde_json::from_str(&read(&format!("docs/openapi/{name}-api.json"))).unwrap();
    ["accounts", "admin", "publishing", "webhooks"].map(part).into()
}

fn whole() -> Value {
    serde_json::to_value(admin_api::whole()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, o)| (format!("{} {path}", method.to_uppercase()), o))
    });
    each.filter(|(_, o)| o["responses"].is_object()).collect()
}

#[test]
fn it_has_every_route_that_the_template_has_and_no_other() {
    let template = read("template.yaml");
    let routes = template.lines().filter(|line| line.contains("Type: HttpApi") && !line.contains("/console"));
    let routes: BTreeSet<String> = routes
        .filter(|line| !line.contains("Path: / }"))
        .map(|line| {
            let method = line.split_once("Method: ").unwrap().1.split_once(',').unwrap().0;
            let path = line.split_once("Path: ").unwrap().1.trim_end_matches(" } }").trim_matches('\'');
            format!("{method} {path}")
        })
        .collect();
    let described: BTreeSet<String> = operations(&whole()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(described, routes);
}

#[test]
fn its_parts_do_not_contradict_each_other() {
    let mut forms: BTreeMap<String, Value> = BTreeMap::new();
    for part in parts() {
        for (name, form) in part["components"]["schemas"].as_object().into_iter().flatten() {
            let known = forms.entry(name.clone()).or_insert_with(|| form.clone());
            assert_eq!(known, form, "two functions have another {name}");
        }
    }
    let whole = whole();
    let mut names = BTreeSet::new();
    for (operation, value) in operations(&whole) {
        let id = value["operationId"].as_str().unwrap_or_else(|| panic!("{operation} has no name"));
        assert!(names.insert(id.to_owned()), "{operation}: another operation is named {id}");
        assert!(!value["summary"].as_str().unwrap_or_default().is_empty(), "{operation} says nothing of itself");
    }
}

#[test]
fn every_reference_in_it_leads_somewhere() {
    fn check(value: &Value, whole: &Value) -> usize {
        let own = value["$ref"].as_str().map_or(0, |reference| {
            assert!(whole.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            1
        });
        own + match value {
            Value::Object(fields) => fields.values().map(|v| check(v, whole)).sum(),
            Value::Array(items) => items.iter().map(|v| check(v, whole)).sum(),
            _ => 0,
        }
    }
    let whole = whole();
    assert!(check(&whole, &whole) > 100);
}

#[test]
fn the_page_shows_every_operation() {
    let page = runtime::openapi::page(admin_api::whole());
    for (operation, _) in operations(&whole()) {
        assert!(page.contains(&format!("<code>{operation}</code>")), "{operation}");
    }
    assert!(!page.contains("<script") && !page.contains("src="));
}
