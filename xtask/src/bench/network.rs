//! The release functions themselves over loopback: real SDK, real connector, real HTTP. AWS and the platform run in a
//! process of their own, so that only the function's processor time counts.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::program::{Program, environment};
use super::table::Table;
use crate::{package, process};

const ACCOUNTS: &str = "50";
const POSTS: &str = "2000";
/// Events before the measurement: connections, tokens, key ring.
const WARM_UP: usize = 20;

struct Cloud {
    child: Child,
    url: String,
}

impl Cloud {
    fn start() -> Result<Self> {
        let mut child = super::program().arg("cloud").stdout(Stdio::piped()).spawn()?;
        let mut port = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut port)?;
        Ok(Self { child, url: format!("http://127.0.0.1:{}", port.trim()) })
    }

    /// Fills it; the events for the functions.
    fn fill(&self) -> Result<Value> {
        process::step("connect accounts, accept posts", || {
            let out = std::env::temp_dir().join(format!("herald-bench-seed-{}", std::process::id()));
            let mut command = super::program();
            environment(&mut command, &self.url);
            process::run(command.args(["seed", ACCOUNTS, POSTS, &self.url]).arg(&out), Duration::from_mins(10))?;
            let filled = serde_json::from_str(&std::fs::read_to_string(&out)?)?;
            std::fs::remove_file(&out)?;
            Ok((filled, format!("{ACCOUNTS} accounts, {POSTS} posts")))
        })
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a function spent on its events.
struct Spent {
    /// Events after the warm-up.
    events: f64,
    cpu_s: f64,
    /// Bytes logged, all events.
    logged: f64,
    rss_mb: f64,
}

fn drive(function: &str, cloud: &Cloud, events: &Value, judge: impl Fn(&Value) -> bool) -> Result<Spent> {
    let events: Vec<&str> = events.as_array().context("no events")?.iter().filter_map(Value::as_str).collect();
    let log = std::env::temp_dir().join(format!("herald-bench-log-{}", std::process::id()));
    let command = Command::new(package::artefact(function));
    let program = Program::start(command, &cloud.url, Some(File::create(&log)?))?;
    let mut before = Duration::ZERO;
    process::step(&format!("drive {function}"), || {
        for (n, event) in events.iter().enumerate() {
            if n == WARM_UP {
                before = program.cpu()?;
            }
            let answer: Value = serde_json::from_slice(&program.api.invoke(event)?)?;
            if !judge(&answer) {
                bail!("{function} answered {answer}; its log is {}", log.display());
            }
        }
        Ok(((), format!("{} events", events.len())))
    })?;
    let count = |n: usize| u32::try_from(n).map(f64::from);
    let spent = Spent {
        events: count(events.len() - WARM_UP)?,
        cpu_s: program.cpu()?.saturating_sub(before).as_secs_f64(),
        logged: count(usize::try_from(std::fs::metadata(&log)?.len())?)? / count(events.len())?,
        rss_mb: program.rss_mb()?,
    };
    std::fs::remove_file(&log)?;
    Ok(spent)
}

/// The publisher, ten messages an event.
pub(super) fn publish(table: &mut Table) -> Result<()> {
    let cloud = Cloud::start()?;
    let filled = cloud.fill()?;
    let spent =
        drive("publisher", &cloud, &filled["jobs"], |answer| answer["batchItemFailures"] == serde_json::json!([]))?;
    let rate = spent.events * 10.0 / spent.cpu_s;
    table.rate("publish", "jobs of the release function, over loopback", rate, Some(8_000.0));
    table.figure("publish", "bytes logged per delivery", spent.logged / 10.0, "B", None);
    table.figure("publish", "resident after 2,000 deliveries", spent.rss_mb, "MB", None);
    Ok(())
}

/// The notifier, ten events a batch, to one endpoint that takes all.
pub(super) fn webhooks(table: &mut Table) -> Result<()> {
    let cloud = Cloud::start()?;
    let filled = cloud.fill()?;
    let spent =
        drive("notifier", &cloud, &filled["events"], |answer| answer["batchItemFailures"] == serde_json::json!([]))?;
    let rate = spent.events * 10.0 / spent.cpu_s;
    table.rate("webhooks", "deliveries of the release function, over loopback", rate, Some(12_000.0));
    table.figure("webhooks", "bytes logged per delivery", spent.logged / 10.0, "B", None);
    table.figure("webhooks", "resident after 2,000 deliveries", spent.rss_mb, "MB", None);
    Ok(())
}

/// The publishing API, one request an event.
pub(super) fn api(table: &mut Table) -> Result<()> {
    let cloud = Cloud::start()?;
    let filled = cloud.fill()?;
    let spent = drive("publishing-api", &cloud, &filled["requests"], |answer| answer["statusCode"] == 202)?;
    table.rate("api", "requests to the release function, over loopback", spent.events / spent.cpu_s, None);
    table.figure("api", "bytes logged per request", spent.logged, "B", None);
    table.figure("api", "resident after 2,000 requests", spent.rss_mb, "MB", None);
    Ok(())
}
