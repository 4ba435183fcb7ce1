//! `cargo xtask sam-local`: each function with its sample event, run by SAM in the Lambda image.
//!
//! It shows what no emulator shows: that the artefact starts on Amazon Linux's runtime interface, takes the event's real
//! form and answers in the form Lambda reads. No AWS is behind it: what is asserted is what each function owes without
//! its tables. Where no engine can run, it says so and why, and the rest of the checks go on.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::template::Template;
use crate::{emulator, package, process, repo, tools};

const ASK: Duration = Duration::from_secs(30);
const INVOKE_LIMIT: Duration = Duration::from_mins(3);
const PULL_LIMIT: Duration = Duration::from_mins(5);

/// `cargo xtask sam-local`; what was not tried, where this machine lacks Docker or the image.
pub(crate) fn run() -> Result<Option<&'static str>> {
    let arch = package::Arch::host().name();
    let image = format!("public.ecr.aws/lambda/provided:al2023-{arch}");
    if let Err(reason) = engine().and_then(|()| base_image(&image)) {
        println!("\n{}\n", skipped(&reason));
        return Ok(Some("functions in the Lambda image"));
    }
    tools::SAM.install()?;
    let template = Template::main()?;
    let environment = repo::local().join("sam-local.json");
    std::fs::write(&environment, json!({ "Parameters": environment_values() }).to_string())?;
    for (id, name) in template.function_ids()? {
        process::step(&format!("sam local invoke {name}"), || {
            let event = repo::local().join("sam-event.json");
            std::fs::write(&event, sample(&name)?.to_string())?;
            let mut sam = tools::SAM.program("sam")?;
            sam.args(["local", "invoke", &id, "--skip-pull-image", "--event"]).arg(&event);
            sam.args(["--parameter-overrides", "Environment=local", &format!("Architecture={arch}")]);
            sam.arg("--env-vars").arg(&environment);
            sam.env("SAM_CLI_TELEMETRY", "0").env("AWS_DEFAULT_REGION", emulator::REGION).current_dir(repo::root());
            let (status, out, err) = process::capture(&mut sam, INVOKE_LIMIT)?;
            if !status.success() {
                bail!("{}\n{}", process::tail(&out, 10), process::tail(&err, 30));
            }
            let note = owed(&name, &process::tail(&out, 1), &format!("{out}\n{err}"));
            let note = note.with_context(|| format!("{}\n{}", process::tail(&out, 10), process::tail(&err, 30)))?;
            Ok(((), note))
        })?;
    }
    Ok(None)
}

/// Said loudly: a check that did not run must not look like one that passed.
fn skipped(reason: &anyhow::Error) -> String {
    let line = "*".repeat(100);
    format!(
        "{line}\n  SKIPPED: sam local invoke DID NOT RUN; no function was tried in the Lambda image.\n  {reason:#}\n{line}"
    )
}

/// The sample event of a function; to a batch, a message is added that nobody can read.
fn sample(function: &str) -> Result<Value> {
    let path = repo::root().join("events").join(format!("{function}.json"));
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    if let Some(records) = event["Records"].as_array_mut() {
        let mut bad = records.first().context("a batch without messages")?.clone();
        bad["messageId"] = MALFORMED.into();
        bad["body"] = "not a message".into();
        records.push(bad);
    }
    Ok(event)
}

/// The id of the message that nobody can read.
const MALFORMED: &str = "malformed";

/// Whether a function answered its sample as it must, and what that was. `all` is everything that was printed.
fn owed(function: &str, answer: &str, all: &str) -> Result<String> {
    let answer: Value = serde_json::from_str(answer).context("the answer is no JSON")?;
    let header = |name: &str| answer["headers"][name].as_str().unwrap_or_default();
    let body: Value = answer["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    match function {
        "accounts-api" | "publishing-api" | "webhooks-api" | "audience-api" => {
            // The sample's key is no key: that is found out without a table.
            let refused = answer["statusCode"] == 401 && body["code"] == "unauthenticated" && body["success"] == false;
            if !refused || header("content-type") != "application/problem+json" {
                bail!("an unknown key must be refused with a problem: {answer}");
            }
            Ok("401, a problem".to_owned())
        }
        "admin-api" => {
            if answer["statusCode"] != 200 || body["data"]["status"] != "ok" {
                bail!("GET /health must say that it is well: {answer}");
            }
            Ok("200, well".to_owned())
        }
        "console" => {
            if answer["statusCode"] != 303 || !header("location").starts_with("/console/sign-in") {
                bail!("a stranger must be sent to sign in: {answer}");
            }
            Ok("303, to sign in".to_owned())
        }
        "publisher" | "notifier" | "ingest" => {
            let failed = answer["batchItemFailures"].as_array().context("no batchItemFailures")?;
            let back: Vec<_> = failed.iter().filter_map(|one| one["itemIdentifier"].as_str()).collect();
            // The tables cannot be reached, so the readable message goes back as well: each is there, once.
            if back.len() != 2 || !back.contains(&MALFORMED) {
                bail!("both messages must be given back: {answer}");
            }
            let poison = |line: &str| line.contains("message given back") && line.contains("\"poison\"");
            if !all.lines().any(|line| line.contains(&format!("\"message_id\":\"{MALFORMED}\"")) && poison(line)) {
                bail!("the log must call the unreadable message poison");
            }
            Ok("each message back by itself".to_owned())
        }
        "receiver" => {
            // Without a table, nobody can say whether there is such a source: the caller is to call again.
            if answer["statusCode"] != 503 || body["code"] != "unavailable" {
                bail!("a call that cannot be kept must be refused for now: {answer}");
            }
            Ok("503, call again".to_owned())
        }
        "scheduler" | "reconciler" => {
            let code = if function == "scheduler" { "tick:" } else { "reconcile:" };
            let message = answer["errorMessage"].as_str().unwrap_or_default();
            if answer["errorType"] != "Herald.RunFailed" || !message.starts_with(code) {
                bail!("a run without tables must fail as Herald.RunFailed, {code} …: {answer}");
            }
            Ok("Herald.RunFailed".to_owned())
        }
        other => bail!("nobody said what {other} owes its sample: add it here"),
    }
}

/// What the stack would fill in: SAM does not know the outputs of nested templates.
fn environment_values() -> Value {
    json!({
        "CORE_TABLE": "herald-local-core",
        "EPHEMERAL_TABLE": "herald-local-ephemeral",
        "AUDIT_TABLE": "herald-local-audit",
        "EVENT_BUS": "herald-local",
        "KEY_RING_SECRET": "herald/local/key-ring",
        "PLATFORM_APPS_SECRET": "herald/local/platform-apps",
        "BOOTSTRAP_SECRET": "herald/local/bootstrap",
        "TOKEN_SECRET_PREFIX": "herald/local/tokens/",
        "PUBLISH_QUEUES": r#"{"x":"http://127.0.0.1/x","linkedin":"http://127.0.0.1/linkedin","chat":"http://127.0.0.1/chat","blog":"http://127.0.0.1/blog","meta":"http://127.0.0.1/meta"}"#,
        "WEBHOOKS_QUEUE_URL": "http://127.0.0.1/webhooks",
        "INGEST_QUEUE_URL": "http://127.0.0.1/ingest",
        "MEDIA_BUCKET": "herald-local-media",
        "PUBLIC_BASE_URL": "",
        "ALLOW_PRIVATE_URLS": "true",
        "VERIFIED_MEDIA_URL": ""
    })
}

/// A Docker engine that answers, started here when only its program is there.
fn engine() -> Result<()> {
    if process::run(Command::new("docker").args(["info", "--format", "{{.ServerVersion}}"]), ASK).is_ok() {
        return Ok(());
    }
    let program = ["/usr/sbin/dockerd", "/usr/bin/dockerd", "/usr/local/bin/dockerd"]
        .iter()
        .find(|path| Path::new(path).exists());
    let Some(program) = program else {
        bail!("No Docker engine answers, and there is no dockerd to start (apt-get install docker.io).")
    };
    process::step("start dockerd", || {
        emulator::background("dockerd", &mut Command::new(program))?;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(40) && emulator::alive("dockerd") {
            if process::run(Command::new("docker").arg("info"), ASK).is_ok() {
                return Ok(((), (*program).to_owned()));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        emulator::stop("dockerd").ok();
        bail!("dockerd does not start here: {}", process::tail(&emulator::log("dockerd"), 3))
    })
}

/// The runtime's image: there already, pulled, or made from this machine's own C library where no registry answers.
fn base_image(image: &str) -> Result<()> {
    // A pulled image has a digest. One made here has none, and is made anew: the functions may need other libraries now.
    let digests = ["image", "inspect", "--format", "{{len .RepoDigests}}", image];
    if process::run(Command::new("docker").args(digests), ASK).is_ok_and(|count| count.trim() != "0") {
        return Ok(());
    }
    process::step("base image", || {
        if process::run(Command::new("docker").args(["pull", "--quiet", image]), PULL_LIMIT).is_ok() {
            return Ok(((), "pulled".to_owned()));
        }
        let folder = repo::local().join("base-image");
        make_root(&folder).context("no registry answers, and no substitute for the base image could be made")?;
        let archive = repo::local().join("base-image.tar");
        process::run(Command::new("tar").arg("-C").arg(&folder).arg("-cf").arg(&archive).arg("."), PULL_LIMIT)?;
        // SAM keeps an image of its own on top of the base; it must not outlive it.
        let on_top = image.replace("al2023-", "al2023-rapid-");
        process::run(Command::new("docker").args(["rmi", "--force", &on_top, image]), ASK).ok();
        process::run(Command::new("docker").arg("import").arg(&archive).arg(image), PULL_LIMIT)?;
        Ok(((), "made from this machine's C library, since no registry answers".to_owned()))
    })
}

/// A root file system with what SAM's start script and a Rust binary need: a shell, the C library, certificates.
fn make_root(folder: &Path) -> Result<()> {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].iter().find(|path| Path::new(path).exists());
    let busybox = busybox.context("apt-get install busybox-static")?;
    for part in ["bin", "usr/bin", "etc/ssl/certs", "etc/pki/tls/certs", "var/task", "var/runtime", "tmp", "lib64"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    std::fs::copy(busybox, folder.join("bin/busybox"))?;
    for name in ["sh", "mv", "chmod", "ls", "cat", "mkdir", "cp", "rm", "env", "sleep"] {
        let link = folder.join("bin").join(name);
        if link.symlink_metadata().is_err() {
            std::os::unix::fs::symlink("busybox", link)?;
        }
    }
    let function = repo::functions()?.into_iter().next().context("no function")?;
    let artefact = repo::root().join("target/lambda").join(function).join("bootstrap");
    let libraries = process::run(Command::new("ldd").arg(artefact), ASK)?;
    for word in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
        let target = folder.join(word.trim_start_matches('/'));
        std::fs::create_dir_all(target.parent().context("no folder")?)?;
        std::fs::copy(word, target)?;
    }
    let certificates = "/etc/ssl/certs/ca-certificates.crt";
    std::fs::copy(certificates, folder.join("etc/pki/tls/certs/ca-bundle.crt"))?;
    std::fs::copy(certificates, folder.join("etc/ssl/certs/ca-certificates.crt"))?;
    std::fs::write(folder.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    const REFUSED: &str = r#"{"statusCode":401,"headers":{"content-type":"application/problem+json"},
        "body":"{\"success\":false,\"code\":\"unauthenticated\"}"}"#;

    #[test]
    fn every_function_owes_something_and_an_answer_that_says_nothing_is_never_enough() {
        for name in repo::functions().unwrap() {
            for nothing in ["", "null", "{}", r#"{"statusCode":500,"headers":{},"body":"{}"}"#] {
                let refused = owed(&name, nothing, nothing).unwrap_err().to_string();
                assert!(!refused.contains("nobody said"), "{refused}");
            }
            sample(&name).unwrap();
        }
    }

    #[test]
    fn an_answer_is_taken_only_in_its_form() {
        assert!(owed("accounts-api", REFUSED, "").is_ok());
        assert!(owed("accounts-api", &REFUSED.replace("401", "200"), "").is_err());
        assert!(owed("accounts-api", &REFUSED.replace("problem+", ""), "").is_err());
        let tick = r#"{"errorType":"Herald.RunFailed","errorMessage":"tick: the log tells more"}"#;
        assert!(owed("scheduler", tick, "").is_ok() && owed("reconciler", tick, "").is_err());
        assert!(owed("scheduler", &tick.replace("Herald.RunFailed", "&alloc::boxed::Box<dyn Error>"), "").is_err());
        let back = r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"malformed"}]}"#;
        let log = r#"{"message_id":"malformed","message":"message given back","code":"poison"}"#;
        assert!(owed("publisher", back, log).is_ok());
        assert!(owed("publisher", back, &log.replace("poison", "store")).is_err());
        assert!(owed("publisher", &back.replace("malformed", "b"), log).is_err());
        assert!(owed("publisher", r#"{"batchItemFailures":[]}"#, log).is_err());
    }

    #[test]
    fn a_check_that_did_not_run_says_so_on_lines_of_its_own() {
        let said = skipped(&anyhow::anyhow!("No Docker engine answers (apt-get install docker.io)."));
        assert!(said.contains("SKIPPED") && said.contains("DID NOT RUN") && said.contains("apt-get install docker.io"));
        assert!(said.lines().count() >= 4);
    }

    #[test]
    fn every_environment_name_of_a_function_has_a_value() {
        let values = environment_values();
        for function in Template::main().unwrap().functions().unwrap() {
            for name in function.environment {
                assert!(values[&name].is_string(), "{}: {name}", function.name);
            }
        }
    }
}
