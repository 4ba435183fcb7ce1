//! The functions' timeouts against the code that counts on them.

use std::collections::BTreeMap;

use crate::repo;
use crate::template::Template;

fn source(path: &str) -> String {
    repo::read(&repo::root().join(path)).unwrap()
}

/// The constants of a source that count seconds, by their names: what stands behind the equals sign.
fn seconds(path: &str) -> BTreeMap<String, String> {
    let text = source(path);
    let parted = text.lines().filter_map(|line| line.split_once("const "));
    let lines = parted.filter(|(seen_by, _)| seen_by.is_empty() || seen_by.starts_with("pub")).map(|(_, rest)| rest);
    let named = lines.filter_map(|line| line.trim_end_matches(';').split_once(": i64 = "));
    named.filter(|(name, _)| name.ends_with("_S")).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn number(value: &str) -> u64 {
    value.replace('_', "").parse().unwrap()
}

fn timeout_s(template: &Template, function: &str) -> u64 {
    template.functions().unwrap().into_iter().find(|block| block.name == function).unwrap().timeout_s
}

/// Leases and gates are counted in it: a worker that lived longer could send beside the next one.
#[test]
fn the_publisher_is_stopped_after_the_life_of_a_worker() {
    let life = &seconds("shared/domain/src/publishing/delivery.rs")["WORKER_LIFE_S"];
    assert_eq!(timeout_s(&Template::main().unwrap(), "publisher"), number(life));
}

#[test]
fn the_simulator_stops_functions_when_aws_does() {
    let template = Template::main().unwrap();
    let simulated = seconds("shared/testing/src/sim/functions.rs");
    for must in ["TICK_S", "RECONCILER_S", "WORKER_S"] {
        assert!(simulated.contains_key(must), "{must} is not among {simulated:?}");
    }
    for (name, value) in &simulated {
        let function = match name.as_str() {
            "TICK_S" => "scheduler",
            "RECONCILER_S" => "reconciler",
            "NOTIFIER_S" => "notifier",
            "WORKER_S" => {
                assert_eq!(value, "domain::publishing::WORKER_LIFE_S", "which the publisher is held to");
                continue;
            }
            other => panic!("{other}: say here which function has this timeout"),
        };
        assert_eq!(timeout_s(&template, function), number(value), "{function}: {name}");
    }
    let apis = number(&seconds("shared/testing/src/sim/crowd.rs")["API_S"]);
    for function in template.functions().unwrap().iter().filter(|function| function.name.ends_with("-api")) {
        assert_eq!(function.timeout_s, apis, "{}: API_S", function.name);
    }
}
