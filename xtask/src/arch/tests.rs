#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::source::File;
use super::{Breach, Platform, check, platforms};

fn breaches(path: &str, text: &str) -> Vec<String> {
    let file = File { path: path.to_owned(), text: text.to_owned() };
    let platforms = [
        ("x", "x"),
        ("linkedin", "linkedin"),
        ("medium", "medium"),
        ("threads", "meta"),
        ("perch", "birds"),
        ("chirp", "birds"),
        ("twilio", "twilio"),
    ];
    let platforms = platforms.map(|(name, home)| Platform { name: name.into(), home: home.into() });
    check(&[file], &platforms).into_iter().map(|Breach { what, .. }| what).collect()
}

fn assert_rule(path: &str, text: &str, rule: &str) {
    let found = breaches(path, text);
    assert!(found.len() == 1 && found[0].starts_with(rule), "{path}: {found:?}");
}

fn assert_clean(path: &str, text: &str) {
    assert_eq!(breaches(path, text), Vec::<String>::new(), "{path}");
}

#[test]
fn an_arrow_upwards_is_found() {
    assert_rule("shared/domain/Cargo.toml", "[dependencies]\nports.workspace = true", "L1");
    assert_rule("shared/app/Cargo.toml", "[dependencies]\nstore.workspace = true", "L1");
    assert_rule("shared/store/Cargo.toml", "[dependencies]\naws.workspace = true", "L1");
    assert_rule("functions/publisher/Cargo.toml", "[dependencies]\ntesting.workspace = true", "L1");
    assert_clean(
        "shared/app/Cargo.toml",
        "[dependencies]\nports.workspace = true\n[dev-dependencies]\ntesting.workspace = true",
    );
}

#[test]
fn mails_are_made_without_the_outside() {
    assert_clean("shared/app/Cargo.toml", "[dependencies]\nmail.workspace = true");
    assert_clean("shared/mail/Cargo.toml", "[dependencies]\ndomain.workspace = true\nminijinja.workspace = true");
    assert_rule("shared/mail/Cargo.toml", "[dependencies]\nports.workspace = true", "L1");
    assert_rule("shared/domain/Cargo.toml", "[dependencies]\nmail.workspace = true", "L1");
}

#[test]
fn an_arrow_in_the_table_of_a_target_or_a_build_is_found() {
    assert_rule("shared/domain/Cargo.toml", "[build-dependencies]\nports.workspace = true", "L1");
    assert_rule("shared/domain/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nports.workspace = true", "L1");
    assert_rule("shared/app/Cargo.toml", "[target.x86_64-unknown-linux-gnu.build-dependencies]\naxum = {}", "L1");
    assert_clean("shared/domain/Cargo.toml", "[target.'cfg(unix)'.dev-dependencies]\nports.workspace = true");
}

#[test]
fn every_library_that_a_layer_is_given_is_one_that_others_are_refused() {
    for library in super::rules::given() {
        // `aws-` of the adapters' crate stands for all of them.
        let name = if library == "aws-" { "aws-sdk-sqs" } else { library };
        let file = format!("[dependencies]\n\"{name}-any\".workspace = true");
        assert_rule("shared/domain/Cargo.toml", &file, "L1");
    }
}

#[test]
fn every_home_of_a_banned_call_exists() {
    for home in super::rules::homes() {
        let path = crate::repo::root().join(home);
        assert!(path.is_dir() || path.with_extension("rs").is_file(), "{home}");
    }
}

#[test]
fn what_measures_is_used_by_nobody() {
    assert_rule("shared/testing/Cargo.toml", "[dependencies]\nbench.workspace = true", "L1");
    assert_rule("functions/publisher/Cargo.toml", "[dependencies]\nbench.workspace = true", "L1");
    assert_rule("tests/bench/Cargo.toml", "[dependencies]\naws.workspace = true", "L1");
    assert_clean("tests/bench/Cargo.toml", "[dependencies]\nwiring.workspace = true\ntesting.workspace = true");
}

#[test]
fn a_library_of_another_layer_is_found() {
    assert_rule("shared/app/Cargo.toml", "[dependencies]\naws-sdk-sqs.workspace = true", "L1");
    assert_rule("shared/connectors/Cargo.toml", "[dependencies]\nreqwest.workspace = true", "L1");
    assert_rule("functions/publisher/Cargo.toml", "[dependencies]\naws-sdk-dynamodb.workspace = true", "L1");
    assert_rule("shared/store/Cargo.toml", "[dependencies]\naws-sdk-sqs.workspace = true", "L1");
    assert_clean("shared/store/Cargo.toml", "[dependencies]\naws-sdk-dynamodb.workspace = true");
    assert_clean("shared/app/Cargo.toml", "[dependencies]\naws-lc-rs.workspace = true");
}

#[test]
fn features_and_versions_outside_the_root_are_found() {
    assert_rule("shared/store/Cargo.toml", "[features]\nfast = []", "L6");
    assert_rule(
        "functions/publisher/Cargo.toml",
        "[dependencies]\nruntime = { workspace = true, features = [\"a\"] }",
        "L6",
    );
    assert_rule("shared/store/Cargo.toml", "[dependencies]\nserde = \"1\"", "`serde`: versions");
}

#[test]
fn a_platform_named_in_generic_code_is_found() {
    assert_rule("shared/app/src/publishing/mod.rs", "let a = \"x\";", "L2");
    assert_rule("shared/domain/src/lib.rs", "fn is_linkedin() {}", "L2");
    assert_rule("functions/console/src/view/a.html", "<b>LinkedIn</b>", "L2");
    assert_rule("functions/console/src/view/a.html", "<b>Medium</b>", "L2");
    assert_rule("shared/connectors/src/x/mod.rs", "use crate::medium::place;", "L3");
    assert_rule("functions/console/src/view/a.html", "<b>Threads</b>", "L2");
    assert_clean("shared/domain/src/lib.rs", "let medium = of(\"medium\");");
    assert_clean("shared/domain/src/lib.rs", "let threads = of(\"threads\");");
    assert_clean("shared/domain/src/lib.rs", "// as LinkedIn counts\nlet x = \"xy\";");
    assert_clean("shared/connectors/src/lib.rs", "mod linkedin;");
    assert_clean("shared/connectors/src/linkedin/mod.rs", "let a = \"linkedin\";");
}

#[test]
fn a_connector_that_knows_another_is_found() {
    assert_rule("shared/connectors/src/x/mod.rs", "use crate::linkedin::escape;", "L3");
}

#[test]
fn a_header_of_its_own_that_carries_anothers_name_is_no_knowledge_of_it() {
    let header = "let a = \"x-twilio-email-event-webhook-timestamp\";";
    assert_clean("shared/connectors/src/sendgrid/inbound.rs", header);
    assert_rule("shared/connectors/src/sendgrid/inbound.rs", "let a = \"twilio\";", "L3");
    assert_rule("shared/connectors/src/x/inbound.rs", header, "L3");
}

#[test]
fn a_house_is_told_from_a_platform_with_a_folder_of_tests() {
    let all = platforms(&crate::repo::root()).unwrap();
    let homes = |name: &str| all.iter().filter(|p| p.name == name).map(|p| p.home.as_str()).collect::<Vec<_>>();
    assert_eq!((homes("facebook"), homes("instagram")), (vec!["meta"], vec!["meta"]));
    assert_eq!((homes("mastodon"), homes("x")), (vec!["mastodon"], vec!["x"]));
    assert!(homes("meta").is_empty() && homes("tests").is_empty(), "{all:?}");
}

#[test]
fn platforms_of_one_house_may_name_each_other_and_not_use_each_others_code() {
    let (perch, chirp) = ("shared/connectors/src/birds/perch/mod.rs", "shared/connectors/src/birds/chirp/mod.rs");
    assert_clean(perch, "let a = \"https://chirp.example\"; let b = \"perch\";");
    assert_clean("shared/connectors/src/birds/graph.rs", "let a = \"https://chirp.example\";");
    assert_clean("shared/connectors/src/birds/mod.rs", "pub(crate) use chirp::Chirp;");
    assert_rule(perch, "use super::super::chirp::escape;", "L3");
    assert_rule("shared/connectors/src/birds/graph.rs", "use super::perch::Perch;", "L3");
    assert_rule(chirp, "let a = \"linkedin\";", "L3");
    assert_rule("shared/connectors/src/x/mod.rs", "let a = \"perch\";", "L3");
    assert_rule("shared/app/src/lib.rs", "let a = \"chirp\";", "L2");
    assert_clean("shared/app/src/lib.rs", "let a = \"birds\";");
}

#[test]
fn an_sdk_type_behind_the_ports_is_found() {
    assert_rule("shared/ports/src/lib.rs", "fn a() -> aws_sdk_sqs::Client;", "L4");
    assert_clean("shared/aws/src/sqs.rs", "use aws_sdk_sqs::Client;");
}

#[test]
fn each_ban_is_found_outside_its_home() {
    for line in [
        "std::env::var(\"A\")",
        "jiff::Timestamp::now()",
        "std::time::SystemTime::now()",
        "rand::thread_rng()",
        "getrandom::fill(&mut a)",
        "uuid::Uuid::now_v7()",
        "reqwest::Client::new()",
        "tokio::time::sleep(a).await",
        "std::thread::sleep(a)",
    ] {
        assert_rule("shared/app/src/lib.rs", line, "L5");
        assert_clean("shared/testing/src/lib.rs", line);
        assert_clean("shared/app/src/lib.rs", &format!("#[cfg(test)]\nmod tests {{\n{line}\n}}"));
    }
    assert_clean("shared/runtime/src/config.rs", "std::env::var(\"A\")");
    assert_clean("shared/runtime/src/clock.rs", "Timestamp::now()");
    assert_clean("shared/connector-kit/src/egress.rs", "reqwest::Client::builder()");
}

#[test]
fn a_key_spelled_outside_its_file_is_found() {
    assert_rule("shared/store/src/posts.rs", "format!(\"T#{tenant}\")", "L8");
    assert_rule("shared/app/src/lib.rs", "\"DUE#3\"", "L8");
    assert_clean("shared/store/src/keys.rs", "format!(\"T#{tenant}\")");
    assert_clean("shared/app/src/lib.rs", "\"#hashtag\", \"a#b\"");
}

#[test]
fn a_long_file_is_found_and_its_tests_do_not_count() {
    let line = "let a = 1;\n";
    assert_rule("shared/app/src/lib.rs", &line.repeat(501), "501 lines");
    assert_clean(
        "shared/app/src/lib.rs",
        &format!("{}#[cfg(test)]\nmod tests {{\n{}}}", line.repeat(400), line.repeat(400)),
    );
    assert_rule("functions/console/src/main.rs", &line.repeat(30), "L7");
    assert_clean("functions/console/src/main.rs", &line.repeat(29));
}
