//! `sam deploy`, to the emulator and to AWS.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::emulator::{Emulator, REGION};
use crate::package::{self, Arch};
use crate::{process, repo, tools};

const DEPLOY_LIMIT: Duration = Duration::from_mins(30);
const ASK_LIMIT: Duration = Duration::from_mins(2);

/// `cargo xtask deploy`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The environment of samconfig.toml.
    #[arg(long, value_enum)]
    env: Environment,
    /// The functions' processor.
    #[arg(long, value_enum, default_value = "arm64")]
    arch: Arch,
    /// Deploy target/lambda as it is.
    #[arg(long)]
    skip_package: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Environment {
    Dev,
    Staging,
    Prod,
}

impl Environment {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Prod => "prod",
        }
    }
}

/// A stack's outputs, by name.
pub(crate) type Outputs = BTreeMap<String, String>;

/// `cargo xtask deploy`: to AWS, with the caller's credentials.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !options.skip_package {
        package::release(options.arch, &[], &package::folder())?;
    }
    let env = options.env.name();
    let mut sam = tools::SAM.program("sam")?;
    sam.args(["deploy", "--config-env", env]).current_dir(repo::root()).env("SAM_CLI_TELEMETRY", "0");
    sam.arg("--parameter-overrides").args(parameters(env, &[("Architecture", options.arch.name())])?);
    process::show(&mut sam, DEPLOY_LIMIT).context("sam needs AWS credentials: `aws configure`, or AWS_PROFILE")?;
    let mut ask = tools::SAM.program("sam")?;
    // With the environment's settings as the deployment had them: its region above all.
    ask.args(["list", "stack-outputs", "--output", "json", "--config-env", env])
        .args(["--stack-name", &format!("herald-{env}")])
        .current_dir(repo::root())
        .env("SAM_CLI_TELEMETRY", "0");
    let outputs = parse_outputs(&process::run(&mut ask, ASK_LIMIT)?)?;
    println!("\n  API      {}\n  console  {}", outputs["ApiUrl"], outputs["ConsoleUrl"]);
    println!(
        "  next: fill in the secret {}, then POST /api/admin/bootstrap with the token of {}",
        outputs["PlatformAppsSecret"], outputs["BootstrapSecret"]
    );
    Ok(())
}

/// samconfig.toml's parameters of an environment with `changes` put over them: the command line replaces the file's
/// list as a whole.
fn parameters(env: &str, changes: &[(&str, &str)]) -> Result<Vec<String>> {
    let config: toml::Table = repo::read(&repo::root().join("samconfig.toml"))?.parse()?;
    let list =
        config.get(env).and_then(|env| env.get("deploy")?.get("parameters")?.get("parameter_overrides")?.as_array());
    let list = list.with_context(|| format!("samconfig.toml has no parameter_overrides for {env}"))?;
    let mut merged: BTreeMap<&str, &str> = list.iter().filter_map(|item| item.as_str()?.split_once('=')).collect();
    merged.extend(changes.iter().copied());
    Ok(merged.iter().map(|(key, value)| format!("{key}={value}")).collect())
}

fn parse_outputs(text: &str) -> Result<Outputs> {
    let list: Vec<Value> = serde_json::from_str(text).with_context(|| format!("no outputs in: {text}"))?;
    let pair = |item: &Value| Some((item["OutputKey"].as_str()?.to_owned(), item["OutputValue"].as_str()?.to_owned()));
    Ok(list.iter().filter_map(pair).collect())
}

/// Deploys the template to the emulator, unless nothing changed since the last time.
pub(crate) fn local(emulator: Emulator) -> Result<Outputs> {
    let stamp = repo::local().join("deployed.json");
    let fingerprint = fingerprint()?;
    process::step("sam deploy", || {
        if let Ok(text) = std::fs::read_to_string(&stamp) {
            let (have, outputs): (String, Outputs) = serde_json::from_str(&text)?;
            if have == fingerprint {
                return Ok((outputs, "unchanged".to_owned()));
            }
        }
        let bundle = certificate_bundle();
        let mut sam = tools::SAM.program("sam")?;
        sam.args(["deploy", "--config-env", "local"]).current_dir(repo::root());
        sam.arg("--parameter-overrides")
            .args(parameters("local", &[("Architecture", Arch::host().name()), ("CaBundle", &bundle)])?);
        process::run(emulator.configure(&mut sam), DEPLOY_LIMIT)?;
        let mut ask = tools::SAM.program("sam")?;
        ask.args(["list", "stack-outputs", "--output", "json", "--stack-name", "herald-local", "--region", REGION]);
        let outputs = parse_outputs(&process::run(emulator.configure(&mut ask), ASK_LIMIT)?)?;
        std::fs::write(&stamp, serde_json::to_string(&(&fingerprint, &outputs))?)?;
        Ok((outputs, format!("stack herald-local in {REGION}")))
    })
}

/// Where this machine keeps the certificates it trusts.
fn certificate_bundle() -> String {
    let known = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    known.iter().find(|path| std::path::Path::new(path).exists()).unwrap_or(&known[0]).to_string()
}

fn fingerprint() -> Result<String> {
    let root = repo::root();
    let mut files = vec![root.join("template.yaml"), root.join("samconfig.toml")];
    for entry in std::fs::read_dir(root.join("infra"))? {
        files.push(entry?.path());
    }
    for function in repo::functions()? {
        files.push(root.join("target/lambda").join(function).join("bootstrap"));
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(&std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        hasher.write_u8(0);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
