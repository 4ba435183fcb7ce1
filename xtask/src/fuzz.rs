//! `cargo xtask fuzz`: schemathesis tries the whole API of the local stack by its own description, as an owner. What is on,
//! what is left out and why stands in tests/schemathesis/schemathesis.toml.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::demo::Demo;
use crate::up::{self, Stack};
use crate::{http, process, repo, tools};

const CONFIG: &str = "tests/schemathesis/schemathesis.toml";
/// The accounts that generated posts go to, each with the sandbox user who gives consent.
const ACCOUNTS: [(&str, &str); 2] = [("x", "ada_demo"), ("linkedin", "ada-demo")];
const ASK: Duration = Duration::from_secs(35);
/// Operations that are tried at once: most of the time is spent in waiting for answers.
const WORKERS: &str = "4";
/// Longest run: twice what two cores need.
const LIMIT: Duration = Duration::from_mins(25);

/// `cargo xtask fuzz`.
#[derive(clap::Args, Clone, Copy)]
#[group(skip)]
pub(crate) struct Options {
    #[command(flatten)]
    pub up: up::Options,
    #[command(flatten)]
    pub bounds: Bounds,
}

/// How much is tried.
#[derive(clap::Args, Clone, Copy)]
#[group(skip)]
pub(crate) struct Bounds {
    /// Generated requests per operation and phase.
    #[arg(long, default_value_t = 8)]
    pub examples: u32,
    /// Where the generated requests start from; the same seed makes the same requests.
    #[arg(long, default_value_t = 4711)]
    pub seed: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { examples: 8, seed: 4711 }
    }
}

/// `cargo xtask fuzz`.
pub(crate) fn run(options: Options) -> Result<()> {
    let stack = up::up(options.up)?;
    stack_under_fire(&stack, options.bounds)
}

/// Tries the API of a running stack.
pub(crate) fn stack_under_fire(stack: &Stack, bounds: Bounds) -> Result<()> {
    let mut schemathesis = tools::SCHEMATHESIS.program("schemathesis")?;
    let demo = Demo::new(stack);
    let mut accounts = Vec::new();
    for (platform, actor) in ACCOUNTS {
        accounts.push(demo.connect(platform, actor)?);
    }
    let folder = repo::local().join("fuzz");
    std::fs::create_dir_all(&folder)?;
    let lines: Vec<String> = accounts.iter().map(|id| format!("\"{id}\"\n")).collect();
    std::fs::write(folder.join("accounts.txt"), lines.concat())?;
    let (key, member) = own(stack)?;
    println!("  seed {}, {} requests per operation and phase", bounds.seed, bounds.examples);
    schemathesis
        .args(["--config-file", CONFIG, "run", &format!("{}/openapi.json", stack.api_url), "--checks", "all"])
        .args(["--phases", "examples,coverage,fuzzing,stateful", "--no-color"])
        .args(["--max-examples", &bounds.examples.to_string(), "--seed", &bounds.seed.to_string()])
        .args(["--workers", WORKERS])
        .args(["--header", &format!("Authorization:Bearer {}", stack.api_key)])
        .env("HERALD_FUZZ_KEY_ID", key)
        .env("HERALD_FUZZ_MEMBER_ID", member)
        .env("HERALD_FUZZ_ACCOUNT", &accounts[0])
        .env("HERALD_FUZZ_RECEIVER", format!("http://127.0.0.1:{}/hooks/fuzz", stack.sandbox_port))
        .current_dir(repo::root());
    judge(&mut schemathesis, bounds)
}

/// Runs it with its output kept; prints the summary, or everything it found.
fn judge(command: &mut Command, bounds: Bounds) -> Result<()> {
    let text = process::step("schemathesis", || {
        let (status, out, err) = process::capture(command, LIMIT)?;
        let text = format!("{out}{err}");
        let report = repo::local().join("fuzz/report.txt");
        std::fs::write(&report, &text)?;
        if !status.success() {
            bail!(
                "{text}\nthe API does not do what its description says ({status}); the report is {}; \
                 again: cargo xtask fuzz --seed {}",
                report.display(),
                bounds.seed
            );
        }
        let summary = text.lines().rfind(|line| line.contains("passed") || line.contains("generated"));
        let note = summary.context("schemathesis says nothing of what it tried")?.trim_matches(['=', ' ']).to_owned();
        Ok((text, note))
    })?;
    // It ends with what was tried: operations, cases, checks.
    println!("{}", process::tail(&text, 25));
    Ok(())
}

/// The ids of the run's own key and member.
fn own(stack: &Stack) -> Result<(String, String)> {
    let authorization = format!("Bearer {}", stack.api_key);
    let url = format!("{}/api/admin/keys", stack.api_url);
    let answer = http::send("GET", &url, &[("Authorization", &authorization)], None, ASK)?.json()?;
    let id = format!("key_{}", stack.api_key.split('_').nth(2).context("a key without an id")?);
    let keys = answer["data"]["items"].as_array().context("no keys")?;
    let key = keys.iter().find(|key| key["key_id"] == *id).context("the stack's key is not in the list")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a key without a member");
    Ok((id, text(&key["member_id"])?))
}
