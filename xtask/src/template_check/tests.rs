#![allow(clippy::unwrap_used, clippy::expect_used)]

mod alarms;
mod timeouts;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::webhooks::ROLE_PREFIX;
use runtime::Boot;
use runtime::config::{self, Env};
use wiring::Concern;

use super::*;

/// A value for every variable; which ones are asked for is put into `asked`.
fn anything(asked: &Arc<Mutex<BTreeSet<String>>>) -> Env {
    let asked = Arc::clone(asked);
    Env::asking(move |name| {
        asked.lock().unwrap().insert(name.to_owned());
        Some(match name {
            "HERALD_ENV" => "local".to_owned(),
            "ALLOW_PRIVATE_URLS" => "true".to_owned(),
            "VERIFIED_MEDIA_URL" => "https://media.herald.test/".to_owned(),
            "PUBLIC_BASE_URL" => "https://herald.test".to_owned(),
            "PUBLISH_QUEUES" => {
                let urls: BTreeMap<_, _> = wiring::publish_queues().into_iter().map(|queue| (queue, "u")).collect();
                serde_json::to_string(&urls).unwrap()
            }
            _ => "any".to_owned(),
        })
    })
}

/// The concern of this name.
fn concern(name: &str) -> Concern {
    let found = Concern::ALL.into_iter().find(|concern| format!("{concern:?}") == name);
    found.unwrap_or_else(|| panic!("there is no concern {name}"))
}

/// The source of a function's `main.rs`.
fn main_of(function: &str) -> String {
    repo::read(&repo::root().join("functions").join(function).join("src/main.rs")).unwrap()
}

/// What a `main.rs` is wired with: what the function does on platforms, and its concerns.
fn wiring_of(source: &str) -> (&str, Vec<Concern>) {
    let (role, rest) = source.split_once("= wiring::").and_then(|(_, rest)| rest.split_once("(&boot, &[")).unwrap();
    let (names, _) = rest.split_once(']').unwrap();
    (role, names.split(',').map(|name| concern(name.trim())).collect())
}

/// What a function asks of its environment at its start: its wiring is started as in its `main.rs`, and what `main.rs` reads
/// besides is read.
fn asked_by(function: &str) -> BTreeSet<String> {
    let source = main_of(function);
    let (role, concerns) = wiring_of(&source);
    let asked = Arc::default();
    let boot = Boot::new("test", anything(&asked)).unwrap();
    match role {
        "deps" => drop(wiring::deps(&boot, &concerns).unwrap()),
        "accounts" => drop(wiring::accounts(&boot, &concerns).unwrap()),
        "publishing" => drop(wiring::publishing(&boot, &concerns).unwrap()),
        "finding" => drop(wiring::finding(&boot, &concerns).unwrap()),
        "managing" => drop(wiring::managing(&boot, &concerns).unwrap()),
        "receiving" => drop(wiring::receiving(&boot, &concerns).unwrap()),
        "telling" => drop(wiring::telling(&boot, &concerns).unwrap()),
        other => panic!("{function} is wired with {other}: add it here"),
    }
    for rest in source.split("boot.read").skip(1) {
        let (kind, _) = rest.strip_prefix("::<").and_then(|rest| rest.split_once('>')).unwrap_or_else(|| {
            panic!("{function} reads its configuration without naming its type, which this test goes by")
        });
        match kind {
            "PublicAddress" => drop(boot.read::<config::PublicAddress>().unwrap()),
            "BootstrapSecret" => drop(boot.read::<config::BootstrapSecret>().unwrap()),
            other => panic!("{function} reads {other}: add it here"),
        }
    }
    // Another address of AWS than its own is for emulators, which set it themselves.
    let asked = asked.lock().unwrap();
    asked.iter().filter(|name| !name.starts_with("AWS_")).cloned().collect()
}

#[test]
fn every_function_has_a_block_and_a_sample_event() {
    let template = Template::main().unwrap();
    let blocks: Vec<String> = template.functions().unwrap().into_iter().map(|function| function.name).collect();
    assert_eq!(blocks, repo::functions().unwrap(), "a block per folder of functions/, and a folder per block");
    for name in &blocks {
        assert!(repo::root().join(format!("events/{name}.json")).exists(), "no sample event events/{name}.json");
    }
}

/// What a function does not do on platforms is not in it: whatever it is tricked into, it has no code for it.
#[test]
fn one_function_can_publish_one_can_read_back_and_what_speaks_for_nobody_has_no_role_on_platforms() {
    let of = |wanted: &str| -> Vec<String> {
        let functions = repo::functions().unwrap().into_iter();
        functions.filter(|function| wiring_of(&main_of(function)).0 == wanted).collect()
    };
    assert_eq!(of("publishing"), ["publisher"]);
    assert_eq!(of("finding"), ["reconciler"]);
    assert_eq!(of("managing"), ["console", "publishing-api"]);
    assert_eq!(of("accounts"), ["accounts-api"]);
    assert_eq!(of("receiving"), ["ingest", "receiver"]);
    assert_eq!(of("telling"), ["notifier"]);
    assert_eq!(of("deps"), ["admin-api", "audience-api", "scheduler", "webhooks-api"]);
}

#[test]
fn every_function_is_given_the_variables_that_it_reads_and_no_others() {
    let template = Template::main().unwrap();
    let mut read = BTreeSet::new();
    for function in template.functions().unwrap() {
        let mut given: BTreeSet<String> = template.common_environment().into_iter().collect();
        given.extend(function.environment);
        // Read by the TLS library.
        assert!(given.remove("SSL_CERT_FILE"), "{}", function.name);
        let asked = asked_by(&function.name);
        let differing: Vec<_> = given.symmetric_difference(&asked).collect();
        assert!(differing.is_empty(), "{}: in template.yaml or in the code, not in both: {differing:?}", function.name);
        read.extend(asked);
    }
    let known: BTreeSet<String> = config::NAMES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(read, known, "a variable that no function reads");
}

/// The publish queues that a function is given: by the platform family, the logical id in infra/queues.yaml.
fn given_queues(template: &Template, outputs: &Value) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for block in template.resources("AWS::Serverless::Function").values() {
        let Some(text) = block["Environment"]["Variables"]["PUBLISH_QUEUES"]["Fn::Sub"].as_str() else { continue };
        let urls: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
        let id = |url: &String| {
            let output = url.strip_prefix("${Queues.Outputs.").and_then(|rest| rest.strip_suffix('}')).unwrap();
            outputs[output]["Value"]["Ref"].as_str().unwrap_or_else(|| panic!("no output {output}")).to_owned()
        };
        let ids = urls.iter().map(|(family, url)| (family.clone(), id(url))).collect();
        let uri = block["CodeUri"].as_str().unwrap().trim_end_matches('/');
        all.insert(uri.rsplit('/').next().unwrap().to_owned(), ids);
    }
    all
}

/// The queues of infra/queues.yaml that a list of `!GetAtt Queues.Outputs.…Arn` names.
fn queue_ids(arns: &[String], outputs: &Value) -> BTreeSet<String> {
    let names = arns.iter().filter_map(|arn| arn.strip_prefix("!GetAtt Queues.Outputs."));
    let ids = names.map(|name| template::list(&outputs[name]["Value"]).concat());
    ids.map(|id| id.trim_start_matches("!GetAtt ").trim_end_matches(".Arn").to_owned()).collect()
}

#[test]
fn every_platform_of_this_build_has_a_queue_that_is_sent_to_and_worked_on() {
    let template = Template::main().unwrap();
    let outputs = Template::nested("queues").unwrap().0["Outputs"].clone();
    let families = wiring::publish_queues();
    let given = given_queues(&template, &outputs);
    let functions = template.functions().unwrap();
    let wakers = functions.iter().filter(|function| function.environment.iter().any(|name| name == "PUBLISH_QUEUES"));
    assert_eq!(given.keys().collect::<Vec<_>>(), wakers.map(|function| &function.name).collect::<Vec<_>>());
    let publisher = functions.iter().find(|function| function.name == "publisher").unwrap();
    let sources = publisher.events.values().filter(|(kind, _)| kind == "SQS");
    let worked: BTreeSet<String> =
        sources.flat_map(|(_, event)| queue_ids(&template::list(&event["Queue"]), &outputs)).collect();
    let permissions = template.permissions().unwrap();
    assert!(given.len() > 1 && !families.is_empty());
    for (function, queues) in &given {
        let named: BTreeSet<String> = queues.keys().cloned().collect();
        assert_eq!(named, families, "{function}: PUBLISH_QUEUES and the connectors' descriptors");
        let ids: BTreeSet<String> = queues.values().cloned().collect();
        assert_eq!(ids.len(), queues.len(), "{function}: a queue of two families");
        assert_eq!(ids, worked, "{function}: PUBLISH_QUEUES and the publisher's events");
        let may = permissions.iter().filter(|permission| {
            permission.function == *function && permission.actions.iter().any(|action| action == "sqs:SendMessage")
        });
        let sendable: BTreeSet<String> =
            may.flat_map(|permission| queue_ids(&permission.resources, &outputs)).collect();
        assert!(sendable.is_superset(&ids), "{function} may send to {sendable:?}, and is given {ids:?}");
    }
}

#[test]
fn every_function_logs_to_its_own_group_and_has_its_own_role() {
    let template = Template::main().unwrap();
    let roles: BTreeSet<String> = template.functions().unwrap().into_iter().map(|function| function.role).collect();
    assert_eq!(roles.len(), template.functions().unwrap().len());
    let groups = template.resources("AWS::Logs::LogGroup");
    for (id, block) in template.resources("AWS::Serverless::Function") {
        assert!(groups.contains_key(block["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap()), "{id}");
    }
}

#[test]
fn every_queue_has_a_dead_letter_queue_and_time_for_six_attempts() {
    let main = Template::main().unwrap();
    let nested = Template::nested("queues").unwrap();
    let queues = nested.resources("AWS::SQS::Queue");
    let mut sources = 0;
    for function in main.functions().unwrap() {
        for (event, (kind, properties)) in function.events.iter().filter(|(_, (kind, _))| kind == "SQS") {
            let output = template::list(&properties["Queue"]).concat();
            let id = output.rsplit('.').next().unwrap().trim_end_matches("Arn");
            let queue = queues.get(id).unwrap_or_else(|| panic!("{kind} {event} reads {output}"));
            assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * function.timeout_s, "{id}: visibility");
            assert_eq!(template::list(&properties["FunctionResponseTypes"]), ["ReportBatchItemFailures"], "{event}");
            assert!(
                properties["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap() >= 2,
                "{event}: bounded concurrency"
            );
            sources += 1;
        }
    }
    let with_dead_letters = queues.values().filter(|queue| !queue["RedrivePolicy"].is_null()).count();
    assert_eq!(sources, with_dead_letters, "each worked queue has dead letters, and none is unread");
    for (id, queue) in &queues {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{id}: encrypted");
        if id.ends_with("Dead") {
            assert_eq!(queue["MessageRetentionPeriod"], 14 * 86_400, "{id}");
            continue;
        }
        // Wake-ups are worth nothing after some days; an event that nobody has told yet is.
        let days = if id == "Webhooks" { 14 } else { 4 };
        assert_eq!(queue["MessageRetentionPeriod"], days * 86_400, "{id}");
        if id != "Webhooks" {
            assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], 5, "{id}");
        }
        assert_eq!(template::list(&queue["RedrivePolicy"]["deadLetterTargetArn"]), [format!("!GetAtt {id}Dead.Arn")]);
    }
}

#[test]
fn an_event_on_its_way_to_the_webhooks_survives_an_outage_of_a_day() {
    let day_s = 86_400;
    let queues = Template::nested("queues").unwrap();
    let queues = queues.resources("AWS::SQS::Queue");
    let webhooks = &queues["Webhooks"];
    let receives = webhooks["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
    assert!(receives * webhooks["VisibilityTimeout"].as_u64().unwrap() >= day_s);
    let bus = Template::nested("bus").unwrap();
    let rules = bus.resources("AWS::Events::Rule");
    assert_eq!(rules.len(), 1);
    for (id, rule) in rules {
        let policy = &rule["Targets"][0]["RetryPolicy"];
        // The most that EventBridge offers.
        assert_eq!(policy["MaximumEventAgeInSeconds"], day_s, "{id}");
        assert_eq!(policy["MaximumRetryAttempts"], 185, "{id}");
    }
}

#[test]
fn no_permission_is_a_wildcard() {
    for permission in Template::main().unwrap().permissions().unwrap() {
        for action in &permission.actions {
            assert!(!action.contains('*') && action.contains(':'), "{}: {action}", permission.function);
        }
        assert!(!permission.resources.is_empty(), "{}: no resource", permission.function);
        for resource in &permission.resources {
            let scoped = resource.ends_with("herald/${Environment}/tokens/*")
                || resource == "!Sub ${Media.Outputs.BucketArn}/*"
                || *resource == format!("!Sub arn:${{AWS::Partition}}:iam::*:role/{ROLE_PREFIX}*");
            assert!(scoped || !resource.contains('*'), "{}: {resource}", permission.function);
        }
    }
}

#[test]
fn only_who_tells_customers_takes_on_roles_and_only_those_that_are_made_for_it() {
    let permissions = Template::main().unwrap().permissions().unwrap();
    let roles = permissions.iter().filter(|permission| permission.actions.iter().any(|a| a.starts_with("sts:")));
    let found: Vec<_> = roles.map(|p| (p.function.as_str(), p.actions.join(" "), p.resources.join(" "))).collect();
    let made = format!("!Sub arn:${{AWS::Partition}}:iam::*:role/{ROLE_PREFIX}*");
    assert_eq!(found, [("notifier", "sts:AssumeRole".to_owned(), made)]);
}

#[test]
fn managed_policies_are_only_the_ones_with_a_written_reason() {
    let template = Template::main().unwrap();
    let excused: Vec<&str> = template.0["Metadata"]["AwsManagedPolicies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["arn"].as_str().unwrap())
        .collect();
    for (id, role) in template.resources("AWS::IAM::Role") {
        for arn in template::list(&role["ManagedPolicyArns"]) {
            assert!(excused.iter().any(|name| arn.ends_with(name)), "{id}: {arn}");
        }
    }
}

#[test]
fn the_audit_log_cannot_be_changed_by_any_function() {
    for permission in Template::main().unwrap().permissions().unwrap() {
        if permission.resources.iter().any(|resource| resource.contains("AuditArn")) {
            assert_eq!(permission.resources.len(), 1);
            // Only the function that shows the log reads it; a single item is looked up to see whether a write was taken.
            let reads = (permission.function == "admin-api").then_some("dynamodb:Query");
            let expected: Vec<&str> = ["dynamodb:GetItem", "dynamodb:PutItem"].into_iter().chain(reads).collect();
            assert_eq!(permission.actions, expected, "{}", permission.function);
        }
    }
}

#[test]
fn no_function_may_send_to_the_queue_that_invokes_it() {
    let template = Template::main().unwrap();
    let permissions = template.permissions().unwrap();
    for function in template.functions().unwrap() {
        for (_, properties) in function.events.values().filter(|(kind, _)| kind == "SQS") {
            let queue = template::list(&properties["Queue"]).concat();
            let sends = permissions.iter().any(|permission| {
                permission.function == function.name
                    && permission.actions.iter().any(|a| a == "sqs:SendMessage")
                    && permission.resources.contains(&queue)
            });
            assert!(!sends, "{} sends to {queue}", function.name);
        }
    }
}

#[test]
fn permissions_are_those_of_the_golden_file() {
    let have = repo::read(&golden_path()).unwrap();
    let want = golden_text(&Template::main().unwrap().permissions().unwrap()).unwrap();
    assert_eq!(have, want, "review, then: cargo xtask validate --bless");
}

#[test]
fn a_short_tag_reads_as_its_long_form() {
    let template = Template::parse(
        "Resources: { A: { Type: T, Properties: { B: !GetAtt C.Arn, D: !Sub 'x-${E}', F: !If [G, !Ref H, 1] } } }",
    )
    .unwrap();
    let resources = template.resources("T");
    let properties = resources["A"];
    assert_eq!(template::list(&properties["B"]), ["!GetAtt C.Arn"]);
    assert_eq!(properties["D"]["Fn::Sub"], "x-${E}");
    assert_eq!(properties["F"]["Fn::If"][1]["Ref"], "H");
}
