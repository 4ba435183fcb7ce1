//! `cargo xtask bench`: what the product costs, as counts, ratios of one run, and operations per second of our own
//! processor time. Nothing here passes or fails by the clock: what can be held is held by `tests/bench`.

mod lateness;
mod mails;
mod network;
mod program;
mod runtime_api;
mod start;
mod table;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::package::{self, Arch};
use crate::{process, repo, up};
use table::Table;

/// `cargo xtask bench`.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Only these parts (default: all but lateness, which needs the local stack).
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Also measure lateness, on the local stack, which is started and stopped.
    #[arg(long)]
    stack: bool,
    /// Where the local stack is; `--skip-build` measures target/lambda as it is.
    #[command(flatten)]
    up: up::Options,
    /// Starts of each program.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Posts of the largest due scan.
    #[arg(long, default_value_t = 1_000_000)]
    most: u32,
    /// Also write every figure to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// From the start of each function to its first request for work, beside the smallest ones of Rust, Python and Node.
    Start,
    /// Units per published delivery, and list-price dollars.
    Units,
    /// Requests, dollars and processor time of a delivery on each platform, by its real connector against the sandbox.
    Platforms,
    /// Events told to a customer's endpoint: units, dollars, and by the release function over loopback.
    Webhooks,
    /// Publish jobs: over memory, and by the release function over loopback.
    Publish,
    /// The due scan: entries parsed, entries read.
    Due,
    /// Requests to publish: over memory, and by the release function over loopback.
    Api,
    /// Newsletters rendered and tracked, beside Python and Node.
    Mails,
    /// How late a hundred posts of one second leave, on the local stack.
    Lateness,
}

impl Options {
    fn wants(&self, part: Part) -> bool {
        if self.only.is_empty() { part != Part::Lateness || self.stack } else { self.only.contains(&part) }
    }
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let functions = repo::functions()?;
    let measured =
        [Part::Start, Part::Units, Part::Platforms, Part::Webhooks, Part::Publish, Part::Due, Part::Api, Part::Mails];
    if !options.up.skip_build && measured.into_iter().any(|part| options.wants(part)) {
        let mut packages = vec!["bench".to_owned()];
        if options.wants(Part::Start) {
            packages.extend(functions.iter().cloned());
        } else {
            let driven = [(Part::Publish, "publisher"), (Part::Api, "publishing-api"), (Part::Webhooks, "notifier")];
            for (part, function) in driven {
                packages.extend(options.wants(part).then(|| function.to_owned()));
            }
        }
        package::build(Arch::host(), &packages, &package::folder())?;
    }
    let mut table = Table::default();
    if options.wants(Part::Start) {
        start::measure(&functions, options.rounds, &mut table)?;
    }
    if options.wants(Part::Units) {
        units(&mut table)?;
    }
    if options.wants(Part::Platforms) {
        platforms(&mut table)?;
    }
    if options.wants(Part::Webhooks) {
        webhooks(&mut table)?;
        table.rate("webhooks", "deliveries over memory (our own logic)", rate("tell")?, None);
        network::webhooks(&mut table)?;
    }
    if options.wants(Part::Publish) {
        table.rate("publish", "jobs over memory (our own logic)", rate("publish")?, Some(8_000.0));
        network::publish(&mut table)?;
    }
    if options.wants(Part::Due) {
        due(options.most, &mut table)?;
    }
    if options.wants(Part::Api) {
        table.rate("api", "requests over memory (our own logic)", rate("api")?, None);
        network::api(&mut table)?;
    }
    if options.wants(Part::Mails) {
        mails::measure(&mut table)?;
    }
    if options.wants(Part::Lateness) {
        lateness::measure(options.up, &mut table)?;
    }
    table.print();
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&table.json())?)?;
        println!("\n  every figure is in {}", path.display());
    }
    Ok(())
}

const LIMIT: Duration = Duration::from_mins(20);

/// The measuring program of `tests/bench`.
fn program() -> Command {
    Command::new(package::artefact("bench"))
}

fn measured(arguments: &[&str]) -> Result<Value> {
    process::step(&format!("measure {}", arguments.join(" ")), || {
        let out = process::run(program().args(arguments), LIMIT)?;
        Ok((serde_json::from_str(&out).context("the measuring program says no JSON")?, String::new()))
    })
}

fn rate(what: &str) -> Result<f64> {
    measured(&[what])?["per_cpu_s"].as_f64().context("no rate")
}

fn units(table: &mut Table) -> Result<()> {
    let found = measured(&["units"])?;
    for (key, name) in [("scheduled", "scheduled, 100 due together"), ("at_once", "at once, alone")] {
        let one = &found[key];
        for (unit, words, goal) in [
            ("wru", "write units", Some(4.0)),
            ("rru", "read units", None),
            ("sqs", "SQS requests", Some(0.3)),
            ("evt", "events", None),
            ("inv", "invocations", None),
            ("sec", "secret calls, warm", Some(0.0)),
        ] {
            table.count("units", &format!("{name}: {words}"), one["sums"][unit].as_f64().context("no sum")?, goal);
        }
        for line in one["lines"].as_array().into_iter().flatten().filter(|line| line["unit"] == "wru") {
            let (step, what) = (line["step"].as_str().unwrap_or_default(), line["what"].as_str().unwrap_or_default());
            let n = line["per_delivery"].as_f64().unwrap_or_default();
            table.count("units", &format!("    of these {step}: {what}"), n, None);
        }
        let dollars = |field: &str| one[field].as_f64().context("no price");
        table.count("units", &format!("{name}: $ per million"), dollars("dollars_per_million")?, Some(4.5));
        let telling = dollars("dollars_per_million_telling_nobody")?;
        table.count("units", &format!("{name}: $ per million more for the webhook queue"), telling, None);
    }
    table.keep("units", found);
    Ok(())
}

/// Deliveries on each platform: few enough for every quota of the sandbox's platforms.
const DELIVERIES: &str = "5";

fn platforms(table: &mut Table) -> Result<()> {
    let found = measured(&["platforms", DELIVERIES])?;
    for one in found.as_array().into_iter().flatten() {
        let text = |field: &str| one[field].as_str().unwrap_or_default();
        let name = format!("{}, {}", text("platform"), text("content"));
        let number = |field: &str| one[field].as_f64().with_context(|| format!("no {field}"));
        table.count("platforms", &format!("{name}: requests to the platform"), number("requests")?, None);
        table.count("platforms", &format!("{name}: $ per million, to AWS"), number("dollars_per_million")?, None);
        if let Some(charge) = one["charge_usd_micros"].as_f64() {
            // So many millionths of a dollar for one are as many dollars for a million.
            table.count("platforms", &format!("{name}: $ per million, to the platform"), charge, None);
        }
        table.count("platforms", &format!("{name}: CPU-ms of the publisher"), number("cpu_ms")?, None);
    }
    table.keep("platforms", found);
    Ok(())
}

/// Events of which the units are counted.
const EVENTS: &str = "100";

fn webhooks(table: &mut Table) -> Result<()> {
    let found = measured(&["webhooks", EVENTS])?;
    for one in found.as_array().into_iter().flatten() {
        let (told, report) = (one["told"].as_str().unwrap_or_default(), &one["report"]);
        let goals = told == "at the first try";
        for (unit, words, goal) in
            [("wru", "write units", 1.03), ("rru", "read units", 0.1), ("sqs", "SQS requests", 0.31)]
        {
            let sum = report["sums"][unit].as_f64().context("no sum")?;
            table.count("webhooks", &format!("taken {told}: {words}"), sum, goals.then_some(goal));
        }
        let dollars = report["dollars_per_million"].as_f64().context("no price")?;
        table.count("webhooks", &format!("taken {told}: $ per million"), dollars, goals.then_some(1.2));
    }
    table.keep("webhooks", found);
    Ok(())
}

fn due(most: u32, table: &mut Table) -> Result<()> {
    let ours = rate("due")?;
    table.rate("due", "entries parsed and typed, by the SDK", ours, Some(800_000.0));
    let page = std::env::temp_dir().join(format!("herald-bench-page-{}", std::process::id()));
    std::fs::write(&page, process::run(program().arg("page"), LIMIT)?)?;
    for (name, tool, script) in [("Python json", "python3", "parse.py"), ("Node JSON", "node", "parse.mjs")] {
        if which(tool).is_none() {
            table.missing("due", name, tool);
            continue;
        }
        let rate = process::step(&format!("measure {name}"), || {
            let script = repo::root().join("xtask/peers").join(script);
            let out = process::run(Command::new(tool).arg(script).arg(&page), LIMIT)?;
            Ok((out.trim().parse::<f64>()?, String::new()))
        })?;
        table.rate("due", &format!("the same page, {name}"), rate, None);
    }
    std::fs::remove_file(&page).ok();
    for scheduled in [1_000, 100_000, most] {
        let reads = measured(&["reads", &scheduled.to_string()])?;
        let rows = reads["rows"].as_f64().context("no rows")?;
        table.count("due", &format!("entries read by a tick, {scheduled} scheduled, 100 due"), rows, Some(100.0));
    }
    Ok(())
}

/// Where a program is, if it is on the path.
fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
