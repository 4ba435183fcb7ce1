//! `cargo xtask sam-local`: each function with its sample event, run by SAM in the Lambda image.
//!
//! It shows what no emulator shows: that the artefact starts on Amazon Linux's runtime interface and takes the event's
//! real form. Where no engine can run, it says so and why, and the rest of the checks go on.

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

/// `cargo xtask sam-local`.
pub(crate) fn run() -> Result<()> {
    let arch = package::Arch::host().name();
    let image = format!("public.ecr.aws/lambda/provided:al2023-{arch}");
    if let Err(reason) = engine().and_then(|()| base_image(&image)) {
        println!("\n  SKIPPED: sam local invoke did not run. {reason:#}\n");
        return Ok(());
    }
    tools::SAM.install()?;
    let template = Template::main()?;
    let environment = repo::local().join("sam-local.json");
    std::fs::write(&environment, json!({ "Parameters": environment_values() }).to_string())?;
    for (id, name) in template.function_ids()? {
        process::step(&format!("sam local invoke {name}"), || {
            let mut sam = tools::SAM.program("sam")?;
            sam.args(["local", "invoke", &id, "--skip-pull-image", "--event"])
                .arg(repo::root().join("events").join(format!("{name}.json")));
            sam.args(["--parameter-overrides", "Environment=local", &format!("Architecture={arch}")]);
            sam.arg("--env-vars").arg(&environment);
            sam.env("SAM_CLI_TELEMETRY", "0").env("AWS_DEFAULT_REGION", emulator::REGION).current_dir(repo::root());
            let (status, out, err) = process::capture(&mut sam, INVOKE_LIMIT)?;
            // Without a stack behind it a function may answer with an error of its own, but it must start and answer.
            let broken = ["Runtime.ExitError", "Runtime.InvalidEntrypoint", "Init Errors", "GLIBC_", "timed out after"];
            if !status.success()
                || out.trim().is_empty()
                || broken.iter().any(|mark| out.contains(mark) || err.contains(mark))
            {
                bail!("{}\n{}", process::tail(&out, 10), process::tail(&err, 30));
            }
            Ok(((), process::tail(&out, 1).chars().take(60).collect()))
        })?;
    }
    Ok(())
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
        "PUBLISH_QUEUES": r#"{"x":"http://127.0.0.1/x","linkedin":"http://127.0.0.1/linkedin"}"#,
        "WEBHOOKS_QUEUE_URL": "http://127.0.0.1/webhooks",
        "MEDIA_BUCKET": "herald-local-media",
        "PUBLIC_BASE_URL": "",
        "ALLOW_PRIVATE_URLS": "true"
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
