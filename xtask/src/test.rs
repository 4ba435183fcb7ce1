//! `cargo xtask test`: everything that can fail before a person sees it, cheapest first.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::{fuzz, needs, repo, up};

const LIMIT: Duration = Duration::from_hours(1);

/// `cargo xtask test`.
#[derive(clap::Args, Clone, Copy)]
#[group(skip)]
pub(crate) struct Options {
    #[command(flatten)]
    pub up: up::Options,
    /// Leave the local stack running afterwards; one that ran before is left in any case.
    #[arg(long)]
    pub keep: bool,
}

/// `cargo xtask test`.
pub(crate) fn run(options: Options) -> Result<()> {
    needs::check(needs::TESTS)?;
    without_stack()?;
    on_stack(options)
}

/// Format, lints and unit tests.
pub(crate) fn without_stack() -> Result<()> {
    println!("format and lints");
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    println!("unit tests");
    // These two need servers that other tasks start.
    cargo(&["test", "--workspace", "--exclude", "e2e", "--exclude", "interop", "--quiet"])
}

/// What needs the local stack, which is started if it does not run. One that runs stays.
pub(crate) fn on_stack(options: Options) -> Result<()> {
    println!("end-to-end tests");
    let before = up::running();
    let result = up::up(options.up).and_then(|stack| {
        // The ledger's conformance suite once more, over a real table service.
        let mut store = Command::new("cargo");
        store.args(["test", "--package", "store", "--quiet"]).env("HERALD_DYNAMODB_ENDPOINT", &stack.emulator_url);
        crate::process::show(store.current_dir(repo::root()), LIMIT)?;
        // And what customers' own queues and buses get.
        let mut targets = Command::new("cargo");
        targets
            .args(["test", "--package", "aws", "--quiet", "emulator"])
            .env("HERALD_AWS_ENDPOINT", &stack.emulator_url);
        crate::process::show(targets.current_dir(repo::root()), LIMIT)?;
        // One process at a time: the tests share one stack, and its clock is real.
        cargo(&["test", "--package", "e2e", "--quiet"])?;
        println!("the API by its description");
        fuzz::stack_under_fire(&stack, fuzz::Bounds::default())
    });
    if !options.keep && result.is_ok() {
        up::down_to(&before)?;
    }
    result
}

/// Runs cargo with its output on the terminal; the end-to-end tests find the stack by `HERALD_STACK`.
fn cargo(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(repo::root()).env("HERALD_STACK", repo::local().join("stack.json"));
    crate::process::show(&mut command, LIMIT)
}
