//! infra/alarms.yaml against the stack, the code and the runbook.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::repo;
use crate::template::{self, Template};

#[test]
fn every_queue_has_its_alarms() {
    let nested = Template::nested("queues").unwrap();
    let alarms = Template::nested("alarms").unwrap();
    let mut watched: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for alarm in alarms.resources("AWS::CloudWatch::Alarm").values() {
        let name = template::list(&alarm["Dimensions"][0]["Value"]).concat();
        watched
            .entry(name.trim_start_matches("!Sub ").to_owned())
            .or_default()
            .insert(alarm["MetricName"].as_str().unwrap().to_owned());
    }
    for (id, queue) in nested.resources("AWS::SQS::Queue") {
        let name = template::list(&queue["QueueName"]).concat();
        let metric =
            if id.ends_with("Dead") { "ApproximateNumberOfMessagesVisible" } else { "ApproximateAgeOfOldestMessage" };
        assert!(
            watched.get(name.trim_start_matches("!Sub ")).is_some_and(|metrics| metrics.contains(metric)),
            "{name} lacks an alarm on {metric}"
        );
    }
}

/// Namespace, metric and dimensions of an alarm, in one line.
fn watches(alarm: &Value) -> String {
    let mut words =
        vec![alarm["Namespace"].as_str().unwrap().to_owned(), alarm["MetricName"].as_str().unwrap().to_owned()];
    for dimension in alarm["Dimensions"].as_array().unwrap() {
        let value = template::list(&dimension["Value"]).concat();
        words.push(format!("{}={value}", dimension["Name"].as_str().unwrap()));
    }
    words.join(" ")
}

#[test]
fn every_function_that_nobody_waits_for_has_an_alarm_on_its_errors_and_the_clock_on_its_silence() {
    let alarms = Template::nested("alarms").unwrap();
    let watched: BTreeMap<String, Value> = alarms
        .resources("AWS::CloudWatch::Alarm")
        .into_values()
        .map(|alarm| (watches(alarm), alarm["TreatMissingData"].clone()))
        .collect();
    let mut seen = 0;
    for function in Template::main().unwrap().functions().unwrap() {
        // Platforms call the receiver, and nobody who waits for it would tell us.
        let is_seen = function.name != "receiver";
        if is_seen && function.events.values().any(|(kind, _)| kind == "HttpApi") {
            continue;
        }
        seen += 1;
        let line = format!("AWS/Lambda Errors FunctionName=!Sub herald-${{Environment}}-{}", function.name);
        assert!(watched.contains_key(&line), "no alarm on {line}");
    }
    assert!(seen > 3);
    let silence = "AWS/Lambda Invocations FunctionName=!Sub herald-${Environment}-scheduler";
    assert_eq!(watched[silence], "breaching", "a clock that stands still sends no figures");
}

#[test]
fn every_alarm_on_a_figure_of_ours_watches_one_that_the_code_measures() {
    let ours: Vec<String> = Template::nested("alarms")
        .unwrap()
        .resources("AWS::CloudWatch::Alarm")
        .into_values()
        .map(watches)
        .filter(|line| !line.starts_with("AWS/"))
        .collect();
    // These are measured for the deployment as a whole: in the embedded metric format, without other dimensions.
    let source = repo::read(&repo::root().join("shared/runtime/src/metrics.rs")).unwrap();
    let metrics = ["OldestOverdueSeconds", "UnknownOutcomes", "CallsFailed", "CallsTooLarge"];
    for metric in metrics {
        assert!(source.contains(&format!("(\"{metric}\", ")), "nothing measures {metric}");
        let line = format!("{} {metric} Environment=Ref Environment", runtime::metrics::NAMESPACE);
        assert!(ours.contains(&line), "{line}: {ours:?}");
    }
    assert_eq!(ours.len(), metrics.len(), "{ours:?}");
}

#[test]
fn every_alarm_says_where_the_runbook_tells_what_to_do() {
    for (name, alarm) in Template::nested("alarms").unwrap().resources("AWS::CloudWatch::Alarm") {
        let text = alarm["AlarmDescription"].as_str().unwrap();
        let place = format!("docs/runbook.md#{}", name.to_lowercase());
        assert!(text.ends_with(&place), "{name}: {text}");
    }
}
