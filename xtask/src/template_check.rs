//! `cargo xtask validate`: the stack's description before anything is deployed.
//!
//! The raw SAM template passes linters that its translated form fails, so the linters read the translation. What no
//! linter knows (that the template and the code agree) is the test at the end of this file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::template::{Permission, Template};
use crate::{emulator, process, repo, template, tools};

const LIMIT: Duration = Duration::from_mins(5);

/// `cargo xtask validate`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Write the functions' permissions to infra/permissions.golden.json; review the difference as you would code.
    #[arg(long)]
    bless: bool,
}

/// `cargo xtask validate`.
pub(crate) fn run(options: &Options) -> Result<()> {
    tools::SAM.install()?;
    tools::CHECKOV.install()?;
    if options.bless {
        std::fs::write(golden_path(), golden_text(&Template::main()?.permissions()?)?)?;
    }
    process::step("sam validate --lint", || {
        let mut sam = tools::SAM.program("sam")?;
        sam.args(["validate", "--lint", "--region", emulator::REGION])
            .env("SAM_CLI_TELEMETRY", "0")
            .current_dir(repo::root());
        process::run(&mut sam, LIMIT)?;
        Ok(((), "template.yaml".to_owned()))
    })?;
    let translated = process::step("translate", || {
        let files = translate()?;
        let note = format!("{} templates", files.len());
        Ok((files, note))
    })?;
    process::step("cfn-lint", || {
        process::run(
            tools::SAM.program("cfn-lint")?.args(&translated).env("AWS_DEFAULT_REGION", emulator::REGION),
            LIMIT,
        )?;
        Ok(((), "no finding".to_owned()))
    })?;
    process::step("checkov", || checkov(&translated).map(|note| ((), note)))?;
    process::step("permissions", || {
        let have = repo::read(&golden_path())?;
        if have != golden_text(&Template::main()?.permissions()?)? {
            bail!(
                "template.yaml's permissions are not those of infra/permissions.golden.json; if they should be: cargo xtask validate --bless"
            );
        }
        Ok(((), "as in infra/permissions.golden.json".to_owned()))
    })
}

fn golden_path() -> PathBuf {
    repo::root().join("infra/permissions.golden.json")
}

fn golden_text(permissions: &[Permission]) -> Result<String> {
    Ok(serde_json::to_string_pretty(permissions)? + "\n")
}

fn translate() -> Result<Vec<PathBuf>> {
    let folder = repo::local().join("translated");
    std::fs::create_dir_all(&folder)?;
    let mut translated = Vec::new();
    let mut python: Command = tools::SAM.program("python")?;
    python.arg(repo::root().join("xtask/py/translate.py")).env("AWS_DEFAULT_REGION", emulator::REGION);
    for file in template::files()? {
        let target = folder.join(file.file_stem().context("no name")?).with_extension("json");
        python.arg(&file).arg(&target);
        translated.push(target);
    }
    process::run(&mut python, LIMIT)?;
    Ok(translated)
}

/// Runs checkov and sets its findings against the skips of each template's Metadata. A skip that skips nothing is an
/// error too: its reason has become untrue.
fn checkov(translated: &[PathBuf]) -> Result<String> {
    let mut command = tools::CHECKOV.program("checkov")?;
    command.args(["--framework", "cloudformation", "--skip-download", "--output", "json", "--quiet"]);
    command.args(translated.iter().flat_map(|file| [Path::new("--file"), file]));
    let (_, out, err) = process::capture(&mut command, LIMIT)?;
    let report: Value = serde_json::from_str(&out).with_context(|| format!("checkov: {}", process::tail(&err, 20)))?;
    let mut problems = Vec::new();
    let mut skipped = 0;
    let mut used = BTreeSet::new();
    let skips = skips()?;
    let failed = report["results"]["failed_checks"].as_array().context("checkov gave no results")?;
    for check in failed {
        let field = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        let (id, resource) = (field("check_id"), field("resource"));
        let file = Path::new(&field("file_path"))
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        match skips.iter().position(|skip| skip.covers(&file, &id, &resource)) {
            Some(index) => {
                used.insert(index);
                skipped += 1;
            }
            None => problems.push(format!("{file}: {resource}: {id} {}", field("check_name"))),
        }
    }
    for (index, skip) in skips.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
        problems.push(format!("{}: the skip of {} skips nothing ({index})", skip.template, skip.id));
    }
    if !problems.is_empty() {
        bail!("checkov:\n{}", problems.join("\n"));
    }
    Ok(format!("{} passed, {skipped} skipped for {} written reasons", report["summary"]["passed"], skips.len()))
}

struct Skip {
    template: String,
    id: String,
    resource: Option<String>,
}

impl Skip {
    fn covers(&self, template: &str, id: &str, resource: &str) -> bool {
        self.template == template
            && self.id == id
            && self.resource.as_ref().is_none_or(|name| resource.ends_with(&format!(".{name}")))
    }
}

fn skips() -> Result<Vec<Skip>> {
    let mut skips = Vec::new();
    for file in template::files()? {
        let name = file.file_stem().context("no name")?.to_string_lossy().into_owned();
        let template = Template::parse(&repo::read(&file)?)?;
        for skip in template.0["Metadata"]["CheckovSkips"].as_array().into_iter().flatten() {
            let id = skip["id"].as_str().context("a skip without id")?.to_owned();
            if skip["reason"].as_str().is_none_or(|reason| reason.len() < 20) {
                bail!("{name}: the skip of {id} has no reason");
            }
            skips.push(Skip { template: name.clone(), id, resource: skip["resource"].as_str().map(str::to_owned) });
        }
    }
    Ok(skips)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::collections::BTreeMap;

    use super::*;

    /// The names of the environment contract; what the functions' configuration reads is held against it below.
    const CONTRACT: [&str; 15] = [
        "ALLOW_PRIVATE_URLS",
        "AUDIT_TABLE",
        "BOOTSTRAP_SECRET",
        "CORE_TABLE",
        "EPHEMERAL_TABLE",
        "EVENT_BUS",
        "HERALD_ENV",
        "KEY_RING_SECRET",
        "MEDIA_BUCKET",
        "PLATFORM_APPS_SECRET",
        "PUBLIC_BASE_URL",
        "PUBLISH_QUEUES",
        "SSL_CERT_FILE",
        "TOKEN_SECRET_PREFIX",
        "WEBHOOKS_QUEUE_URL",
    ];

    fn in_template() -> BTreeSet<String> {
        let template = Template::main().unwrap();
        let own = template.functions().unwrap().into_iter().flat_map(|function| function.environment);
        own.chain(template.common_environment()).collect()
    }

    /// Upper-case string literals of the runtime's configuration. Lambda sets the AWS_ ones itself, and
    /// `SSL_CERT_FILE` is read by the TLS library.
    fn in_code() -> BTreeSet<String> {
        let Ok(source) = std::fs::read_to_string(repo::root().join("shared/runtime/src/config.rs")) else {
            return CONTRACT.iter().map(|&name| name.to_owned()).collect();
        };
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let literals = source.split('"').skip(1).step_by(2);
        let upper = |text: &&str| {
            text.len() > 3
                && text.contains('_')
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        let mut names: BTreeSet<String> =
            literals.filter(upper).filter(|name| !name.starts_with("AWS_")).map(str::to_owned).collect();
        names.insert("SSL_CERT_FILE".to_owned());
        names
    }

    #[test]
    fn template_matches_code() {
        let template = Template::main().unwrap();
        let blocks: Vec<String> = template.functions().unwrap().into_iter().map(|function| function.name).collect();
        assert_eq!(blocks, repo::functions().unwrap(), "a block per folder of functions/, and a folder per block");
        for name in &blocks {
            assert!(repo::root().join(format!("events/{name}.json")).exists(), "no sample event events/{name}.json");
        }
        assert_eq!(
            in_template(),
            in_code(),
            "the environment of template.yaml and the names that the runtime's configuration reads"
        );
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
                assert_eq!(
                    template::list(&properties["FunctionResponseTypes"]),
                    ["ReportBatchItemFailures"],
                    "{event}"
                );
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
            assert_eq!(queue["MessageRetentionPeriod"], 4 * 86_400, "{id}");
            assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], 5, "{id}");
            assert_eq!(
                template::list(&queue["RedrivePolicy"]["deadLetterTargetArn"]),
                [format!("!GetAtt {id}Dead.Arn")]
            );
        }
    }

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
            let metric = if id.ends_with("Dead") {
                "ApproximateNumberOfMessagesVisible"
            } else {
                "ApproximateAgeOfOldestMessage"
            };
            assert!(
                watched.get(name.trim_start_matches("!Sub ")).is_some_and(|metrics| metrics.contains(metric)),
                "{name} lacks an alarm on {metric}"
            );
        }
        assert!(watched.values().any(|metrics| metrics.contains("UnknownOutcomes")));
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
                    || resource == "!Sub ${Media.Outputs.BucketArn}/*";
                assert!(scoped || !resource.contains('*'), "{}: {resource}", permission.function);
            }
        }
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
                assert_eq!(
                    permission.actions,
                    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                    "{}",
                    permission.function
                );
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
}
