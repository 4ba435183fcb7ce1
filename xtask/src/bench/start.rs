//! How long a function takes from its start to its first request for work, and what it holds then.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::program::Program;
use super::table::Table;
use super::which;
use crate::{package, process, repo, tools};

/// Goals for a function: milliseconds, resident MB, MB of the stripped binary.
const GOALS: (f64, f64, f64) = (5.0, 12.0, 10.0);
/// Where nobody listens: a start must ask nothing of AWS.
const NOWHERE: &str = "http://127.0.0.1:9";

struct Contestant {
    name: String,
    command: Box<dyn Fn() -> Command>,
    size_mb: Option<f64>,
    ours: bool,
    wall: Vec<f64>,
    cpu: Vec<f64>,
    rss: Vec<f64>,
}

impl Contestant {
    fn new(name: &str, ours: bool, size_mb: Option<f64>, command: impl Fn() -> Command + 'static) -> Self {
        let (wall, cpu, rss) = (Vec::new(), Vec::new(), Vec::new());
        Self { name: name.to_owned(), command: Box::new(command), size_mb, ours, wall, cpu, rss }
    }

    fn binary(name: &str, ours: bool) -> Result<Self> {
        let path = package::artefact(name);
        let bytes =
            std::fs::metadata(&path).with_context(|| format!("no artefact of {name}: run without --skip-build"))?.len();
        let mb = f64::from(u32::try_from(bytes >> 10)?) / 1024.0;
        Ok(Self::new(name, ours, Some(mb), move || Command::new(&path)))
    }

    fn start(&mut self) -> Result<()> {
        let program = Program::start((self.command)(), NOWHERE, None).with_context(|| self.name.clone())?;
        self.cpu.push(program.cpu()?.as_secs_f64() * 1000.0);
        self.rss.push(program.rss_mb()?);
        self.wall.push(program.start.as_secs_f64() * 1000.0);
        Ok(())
    }
}

/// Starts everything in turn, so that a noisy moment strikes all alike; the medians count.
pub(super) fn measure(functions: &[String], rounds: usize, table: &mut Table) -> Result<()> {
    let mut all = vec![Contestant::binary("bare", false)?, Contestant::binary("smallest", false)?];
    for function in functions {
        all.push(Contestant::binary(function, true)?);
    }
    let peers = repo::root().join("xtask/peers");
    tools::PYTHON_RUNTIME.install()?;
    let (folder, python) = (peers.clone(), tools::PYTHON_RUNTIME.bin().join("python3"));
    all.push(Contestant::new("Python, awslambdaric", false, None, move || {
        let mut command = Command::new(&python);
        command.args(["-m", "awslambdaric", "bare.handler"]).current_dir(&folder);
        command
    }));
    match which("node") {
        None => table.missing("start", "Node", "node"),
        Some(node) => all.push(Contestant::new("Node, a bare loop", false, None, move || {
            let mut command = Command::new(&node);
            command.arg(peers.join("bare.mjs"));
            command
        })),
    }
    process::step("start everything in turn", || {
        for _ in 0..rounds {
            for contestant in &mut all {
                contestant.start()?;
            }
        }
        Ok(((), format!("{} programs, {rounds} rounds", all.len())))
    })?;
    for one in &mut all {
        let goal = |value| one.ours.then_some(value);
        let name = &one.name;
        table.figure(
            "start",
            &format!("{name}: to the first request for work"),
            median(&mut one.wall),
            "ms",
            goal(GOALS.0),
        );
        table.figure("start", &format!("{name}: processor time"), median(&mut one.cpu), "ms", None);
        table.figure("start", &format!("{name}: resident"), median(&mut one.rss), "MB", goal(GOALS.1));
        if let Some(mb) = one.size_mb {
            table.figure("start", &format!("{name}: stripped"), mb, "MB", goal(GOALS.2));
        }
    }
    Ok(())
}

/// The middle value.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
