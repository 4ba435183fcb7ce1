//! The description of the whole API: complete, without contradictions, and readable.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use utoipa::openapi::OpenApi;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn parts<T: DeserializeOwned>() -> [T; 6] {
    let part = |name| serde_json::from_str(&read(&format!("docs/openapi/{name}-api.json"))).unwrap();
    ["accounts", "admin", "audience", "publishing", "receiver", "webhooks"].map(part)
}

fn whole() -> Value {
    serde_json::from_str(admin_api::DOCUMENT).unwrap()
}

/// `HERALD_BLESS=1` writes it anew, after the functions' own documents.
#[test]
fn it_is_what_the_functions_documents_say_together() {
    let joined = runtime::openapi::document(parts::<OpenApi>()).to_pretty_json().unwrap() + "\n";
    testing::api::golden("docs/openapi/herald.json", &joined);
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, o)| (format!("{} {path}", method.to_uppercase()), o))
    });
    each.filter(|(_, o)| o["responses"].is_object()).collect()
}

#[test]
fn it_has_every_address_that_the_template_has_and_no_other() {
    let template = read("template.yaml");
    let events = template.lines().filter(|line| line.contains("Type: HttpApi") && !line.contains("/console"));
    let addresses: BTreeSet<String> = events
        .map(|line| line.split_once("Path: ").unwrap().1.trim_end_matches(" } }").trim_matches('\'').to_owned())
        .filter(|path| path != "/")
        .collect();
    let described: BTreeSet<String> = whole()["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, addresses);
}

/// The patterns of ids, keys and texts, and the links, are added to the whole in one place (`openapi/common.rs`).
#[test]
fn every_id_in_an_address_has_a_pattern_and_every_key_too() {
    let whole = whole();
    let mut ids = 0;
    for (operation, value) in operations(&whole) {
        for parameter in value["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            if (parameter["in"] == "path" && name != "platform") || name == "Idempotency-Key" || name == "cursor" {
                assert!(parameter["schema"]["pattern"].is_string(), "{operation}: what does {name} look like?");
                ids += 1;
            }
        }
    }
    assert!(ids > 30, "{ids}");
    let links = |id: &str, status: &str| {
        let all = operations(&whole);
        let (_, value) = all.iter().find(|(_, o)| o["operationId"] == id).unwrap();
        value["responses"][status]["links"].as_object().map_or(0, serde_json::Map::len)
    };
    assert!(links("publish", "202") >= 5 && links("make_key", "201") == 1 && links("posts", "200") >= 5);
}

#[test]
fn its_parts_do_not_contradict_each_other() {
    let mut forms: BTreeMap<String, Value> = BTreeMap::new();
    for part in parts::<Value>() {
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
    let page = runtime::openapi::page(&whole());
    for (operation, _) in operations(&whole()) {
        assert!(page.contains(&format!("<code>{operation}</code>")), "{operation}");
    }
    assert!(!page.contains("<script") && !page.contains("src="));
}
