//! Libraries of `PyPI` that only the tests need, in a virtual environment of their own below `.tools`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::{Installed, judged};
use crate::{process, repo};

/// How long installing may take.
const INSTALL_LIMIT: Duration = Duration::from_mins(10);
/// What pip says when there is no way out.
const NO_NETWORK: [&str; 6] = [
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ConnectionResetError",
    "ProxyError",
];

/// An environment, of what `requirements.txt` names in a folder of `tests/interop`.
pub(super) struct Environment {
    /// What it is called when it is missing.
    pub(super) title: &'static str,
    /// Its folder in `tests/interop`.
    pub(super) name: &'static str,
}

impl Environment {
    fn lock(&self) -> PathBuf {
        repo::root().join("tests/interop").join(self.name).join("requirements.txt")
    }

    /// Installs it unless it is there as it should be; answers with its Python.
    pub(super) fn install(&self) -> Result<Installed> {
        let folder = repo::root().join(".tools").join(format!("{}-python", self.name));
        let version = process::run(Command::new("python3").arg("--version"), Duration::from_mins(1))?;
        let wanted = format!("{version}{}", repo::read(&self.lock())?);
        let (stamp, python) = (folder.join("installed.txt"), folder.join("bin/python"));
        if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && python.exists() {
            return Ok(Installed::At(python));
        }
        process::step(&format!("install {}", self.title), || {
            process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), INSTALL_LIMIT)?;
            let mut pip = Command::new(&python);
            // Built packages alone: nothing of theirs is run by installing them.
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
            pip.args(["--only-binary", ":all:", "--requirement"]).arg(self.lock());
            let (status, out, err) = process::capture(&mut pip, INSTALL_LIMIT)?;
            if !status.success() {
                let why = judged(&format!("{out}\n{err}"), &NO_NETWORK)?;
                return Ok((Installed::Nowhere(why), "not available".into()));
            }
            std::fs::write(&stamp, &wanted)?;
            Ok((Installed::At(python.clone()), "from PyPI".into()))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_a_missing_network_is_a_reason_to_skip() {
        let unreachable = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...)'\n\
                           ERROR: No matching distribution found for svix==2.9.1";
        assert!(judged(unreachable, &NO_NETWORK).unwrap().contains("NewConnectionError"));
        judged("ERROR: No matching distribution found for svix==2.9.1", &NO_NETWORK).unwrap_err();
        let forged =
            format!("{unreachable}\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.");
        judged(&forged, &NO_NETWORK).unwrap_err();
    }

    #[test]
    fn what_is_installed_is_pinned_to_the_last_file() {
        let lock = super::super::hooks::PYTHON.lock();
        let locked = repo::read(&lock).unwrap();
        // A package begins at the margin; its hashes follow, each on a line of its own.
        let mut packages: Vec<(&str, usize)> = Vec::new();
        for line in locked.lines() {
            match line.trim_start().strip_prefix("--hash=sha256:") {
                Some(_) => packages.last_mut().unwrap().1 += 1,
                None => packages.push((line.trim_end_matches(" \\"), 0)),
            }
        }
        for (package, hashes) in &packages {
            assert!(package.contains("==") && *hashes > 0, "{package}: {hashes} hashes");
        }
        for wanted in repo::read(&lock.with_extension("in")).unwrap().lines() {
            assert!(packages.iter().any(|(package, _)| *package == wanted), "{wanted} is not locked");
        }
    }
}
