//! `cargo xtask interop`: the connectors against real servers, of those platforms that anybody may run. They run on loopback,
//! and nothing of the machine is changed. What a machine lacks is skipped, loudly.

mod npm;
mod wordpress;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process::show;
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

/// `cargo xtask interop`.
pub(crate) fn run_all() -> Result<()> {
    println!("interoperation");
    wordpress::run()?;
    BLUESKY.run("HERALD_PDS")?;
    OAUTH.run("HERALD_OAUTH")
}

/// Installs what can be had of the servers; what cannot, [`run_all`] says.
pub(crate) fn install_all() -> Result<()> {
    for server in [&BLUESKY, &OAUTH] {
        server.install()?;
    }
    Ok(())
}

/// Says that nothing was tried against `server`, why, and how to have it.
fn skipped(server: &str, why: &str, remedy: &str) {
    let line = "!".repeat(100);
    println!("{line}\n  SKIPPED: nothing was tried against {server}: {why}\n  to have it: {remedy}\n{line}");
}

/// Runs the tests of one server, which find it by a variable.
fn tests(target: &str, variable: &str, value: &Path) -> Result<()> {
    let mut tests = Command::new("cargo");
    // The whole workspace, so that everything is built as the unit tests have it; of its tests only these.
    tests.args(["test", "--workspace", "--test", target]).env(variable, value);
    show(tests.current_dir(repo::root()), Duration::from_mins(30))
}
