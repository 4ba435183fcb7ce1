//! Newsletters rendered and tracked, by us, by Jinja2 and by nunjucks: in one run, in turns, with the same addresses in all of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::table::Table;
use super::{LIMIT, measured, program, which};
use crate::{process, repo};

/// Turns of each contestant; the median counts.
const ROUNDS: usize = 3;
/// Where links lead, as in `tests/bench/src/mails.rs`.
const BASE: &str = "https://t.example.com";
/// What is measured of Python and of Node, by name and version.
const PYTHON: &str = "jinja2==3.1.6";
const NODE: &str = "nunjucks@3.2.4";

/// Another's way to make the newsletter.
struct Peer {
    name: &'static str,
    program: PathBuf,
    script: &'static str,
    /// Its libraries are there.
    folder: PathBuf,
    rates: Vec<f64>,
}

pub(super) fn measure(table: &mut Table) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("herald-bench-mails-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (recipients, addresses) = (folder.join("recipients.jsonl"), folder.join("addresses"));
    process::run(program().arg("readers").arg(&recipients).arg(&addresses), LIMIT)?;
    let mut peers: Vec<Peer> = python(table)?.into_iter().chain(node(table)?).collect();
    let mut ours: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let found = measured(&["mails"])?;
        for (rates, what) in ours.iter_mut().zip(["html", "whole", "mime"]) {
            rates.push(found[what].as_f64().context("no rate")?);
        }
        for peer in &mut peers {
            let rate = peer.turn(&recipients, &folder.join(peer.script))?;
            let (theirs, own) =
                (std::fs::read_to_string(folder.join(peer.script))?, std::fs::read_to_string(&addresses)?);
            ensure!(theirs == own, "{} makes other addresses than we do", peer.name);
            peer.rates.push(rate);
        }
    }
    std::fs::remove_dir_all(&folder).ok();
    let best = median(&mut ours[0]);
    table.rate("mails", "newsletters rendered and tracked", best, Some(43_000.0));
    table.rate("mails", "    with the text part derived", median(&mut ours[1]), None);
    table.rate("mails", "    and made MIME with the headers of law", median(&mut ours[2]), None);
    for peer in &mut peers {
        let theirs = median(&mut peer.rates);
        table.rate("mails", &format!("the same newsletter and addresses, {}", peer.name), theirs, None);
        table.count("mails", &format!("    ours for each of {}", peer.name), best / theirs, None);
    }
    Ok(())
}

impl Peer {
    fn turn(&self, recipients: &Path, addresses: &Path) -> Result<f64> {
        process::step(&format!("measure {}", self.name), || {
            let mut command = Command::new(&self.program);
            command.arg(repo::root().join("xtask/peers").join(self.script));
            command.arg(repo::root().join("tests/bench/data/newsletter.html")).arg(recipients).arg(BASE).arg(addresses);
            let out = process::run(command.current_dir(&self.folder), LIMIT)?;
            Ok((out.trim().parse::<f64>().context("the peer says no rate")?, String::new()))
        })
    }
}

/// Python with its library, in an environment of its own below `.tools`.
fn python(table: &mut Table) -> Result<Option<Peer>> {
    let name = "Python, Jinja2";
    if which("python3").is_none() {
        table.missing("mails", name, "python3");
        return Ok(None);
    }
    let folder = repo::root().join(".tools/bench-python");
    let python = folder.join("bin/python");
    let has = |python: &Path| process::run(Command::new(python).args(["-c", "import jinja2"]), LIMIT).is_ok();
    if !has(&python) {
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), LIMIT)?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", PYTHON];
        if process::run(Command::new(&python).args(pip), LIMIT).is_err() {
            table.missing("mails", name, PYTHON);
            return Ok(None);
        }
    }
    Ok(Some(Peer { name, program: python, script: "mails.py", folder, rates: Vec::new() }))
}

/// Node with its library.
fn node(table: &mut Table) -> Result<Option<Peer>> {
    let name = "Node, nunjucks";
    let (Some(node), Some(npm)) = (which("node"), which("npm")) else {
        table.missing("mails", name, "node with npm");
        return Ok(None);
    };
    let folder = repo::root().join(".tools/bench-node");
    std::fs::create_dir_all(&folder)?;
    if !folder.join("node_modules/nunjucks").is_dir() {
        let mut install = Command::new(npm);
        install
            .args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(&folder)
            .arg(NODE);
        if process::run(install.current_dir(&folder), LIMIT).is_err() {
            table.missing("mails", name, NODE);
            return Ok(None);
        }
    }
    Ok(Some(Peer { name, program: node, script: "mails.mjs", folder, rates: Vec::new() }))
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}
