//! `cargo xtask interop`: the connectors against real servers, of those platforms that anybody may run, and our webhooks before the
//! libraries that customers verify them with. All of it runs on loopback, and nothing of the machine is changed. What a machine
//! lacks is skipped, loudly.

mod hooks;
mod npm;
mod pip;
mod wordpress;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{show, tail};
use crate::repo;
use npm::Package;

/// The reference server of the AT Protocol. Of hundreds of packages only its database runs something of its own when installed.
const BLUESKY: Package = Package {
    title: "a real server of the AT Protocol",
    name: "bluesky",
    program: "pds.cjs",
    native: Some("better-sqlite3"),
};
/// An authorization server that is certified for `OpenID` Connect.
const OAUTH: Package = Package { title: "a real OAuth server", name: "oauth", program: "server.mjs", native: None };

/// `cargo xtask interop`. What nothing was tried against, since it cannot be had here.
pub(crate) fn run_all() -> Result<Vec<&'static str>> {
    println!("interoperation");
    let mut skipped = Vec::new();
    skipped.extend(wordpress::run()?);
    skipped.extend(BLUESKY.run("HERALD_PDS")?);
    skipped.extend(OAUTH.run("HERALD_OAUTH")?);
    skipped.extend(hooks::run()?);
    Ok(skipped)
}

/// Installs what can be had of the servers and libraries; what cannot, [`run_all`] says.
pub(crate) fn install_all() -> Result<()> {
    for server in [&BLUESKY, &OAUTH] {
        server.install()?;
    }
    hooks::install()
}

/// What became of an installation.
enum Installed {
    /// It is there: the folder, or the program, that it is used by.
    At(PathBuf),
    /// It cannot be had here, and why.
    Nowhere(String),
}

/// What says that something else came than what is locked. The network is no excuse for that.
const FORGED: [&str; 2] = ["EINTEGRITY", "DO NOT MATCH THE HASHES"];

/// Why an installation failed: nobody's fault where one of these `signs` tells that there is no network, else an error.
fn judged(output: &str, signs: &[&str]) -> Result<String> {
    let forged = FORGED.iter().any(|sign| output.contains(sign));
    match signs.iter().find(|sign| !forged && output.contains(**sign)) {
        Some(sign) => Ok(format!("the packages cannot be reached ({sign})")),
        None => bail!("it could not be installed\n{}", tail(output, 40)),
    }
}

/// Says that nothing was tried against `what`, why, and how to have it. The name, for whoever sums up.
fn skipped(what: &'static str, why: &str, remedy: &str) -> &'static str {
    let line = "!".repeat(100);
    println!("{line}\n  SKIPPED: nothing was tried against {what}: {why}\n  to have it: {remedy}\n{line}");
    what
}

/// Runs the tests of one server, or of the libraries, which find it by a variable.
fn tests(target: &str, variable: &str, value: &Path) -> Result<()> {
    let mut tests = Command::new("cargo");
    // The whole workspace, so that everything is built as the unit tests have it; of its tests only these.
    tests.args(["test", "--workspace", "--test", target]).env(variable, value);
    show(tests.current_dir(repo::root()), Duration::from_mins(30))
}
