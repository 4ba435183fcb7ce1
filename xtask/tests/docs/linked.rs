//! What is written down once for all functions names each of them.

use super::read;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The crates of a folder: package name and the names of what it depends on outside its tests.
fn crates(folder: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(super::root().join(folder)).unwrap() {
        let path = format!("{folder}/{}/Cargo.toml", entry.unwrap().file_name().into_string().unwrap());
        let manifest: toml::Table = read(&path).parse().unwrap();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        let used = manifest.get("dependencies").and_then(|table| table.as_table());
        found.insert(name, used.into_iter().flat_map(|table| table.keys().cloned()).collect());
    }
    found
}

/// A crate that the list does not name is taken for a library, and heard from warnings on only.
#[test]
fn the_log_hears_every_function_and_every_shared_crate_that_one_links() {
    let (functions, shared) = (crates("functions"), crates("shared"));
    let mut linked: BTreeSet<String> = functions.keys().cloned().collect();
    let mut open: Vec<&String> = functions.values().flatten().collect();
    while let Some(name) = open.pop() {
        if let Some(used) = shared.get(name)
            && linked.insert(name.clone())
        {
            open.extend(used);
        }
    }
    assert!(linked.len() > functions.len() + 5, "{linked:?}");
    let linked: BTreeSet<String> = linked.into_iter().map(|name| name.replace('-', "_")).collect();
    let source = read("shared/runtime/src/logging.rs");
    let (_, list) = source.split_once("const OURS: &[&str] = &[").unwrap();
    let (list, _) = list.split_once("];").unwrap();
    let ours: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let differing: Vec<_> = linked.symmetric_difference(&ours).collect();
    assert!(differing.is_empty(), "linked, or in OURS of shared/runtime/src/logging.rs, not both: {differing:?}");
}

/// The list stands beside docs/openapi, since a function does not know another.
#[test]
fn the_whole_description_is_joined_from_every_part() {
    let held = read("functions/admin-api/tests/describe.rs");
    let parts = super::described_apis();
    assert!(parts.len() > 3, "{parts:?}");
    for api in parts {
        assert!(held.contains(&format!("\"{api}\"")), "parts() of admin-api's tests has no {api}");
    }
}
