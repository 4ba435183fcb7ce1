//! Programs of npm's packages that only the tests against real servers need; below `.tools`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::{Installed, judged};
use crate::{process, repo};

/// How long installing may take: a database library may have to be compiled.
const INSTALL_LIMIT: Duration = Duration::from_mins(15);
/// How a machine gets what cannot be had.
pub(super) const REMEDY: &str = "Node.js 20 with npm, and a way to npm's registry";
/// What npm and node-gyp say when there is no way out.
const NO_NETWORK: [&str; 8] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "ERR_SOCKET_TIMEOUT",
    "network request to",
];

/// A program that is installed from npm's registry, its files beside its `package.json` in `tests/interop`.
pub(super) struct Package {
    /// What it is called when it is missing.
    pub(super) title: &'static str,
    /// Its folder in `tests/interop`, and the name of its tests.
    pub(super) name: &'static str,
    /// The program that starts it.
    pub(super) program: &'static str,
    /// The one package whose install script is run: it fetches or compiles its library.
    pub(super) native: Option<&'static str>,
}

impl Package {
    fn source(&self) -> PathBuf {
        repo::root().join("tests/interop").join(self.name)
    }

    /// Installs it and runs its tests, which find it by `variable` and start it themselves; where it cannot be had, says so, and what
    /// was not tried.
    pub(super) fn run(&self, variable: &str) -> Result<Option<&'static str>> {
        match self.install()? {
            Installed::At(folder) => {
                let result = super::tests(self.name, variable, &folder);
                // What the server stored is of no use afterwards.
                for entry in std::fs::read_dir(&folder)?.flatten() {
                    if entry.file_name().to_string_lossy().starts_with("data-") {
                        std::fs::remove_dir_all(entry.path()).ok();
                    }
                }
                result.map(|()| None)
            }
            Installed::Nowhere(why) => Ok(Some(super::skipped(self.title, &why, REMEDY))),
        }
    }

    /// Installs the server unless it is there as it should be.
    pub(super) fn install(&self) -> Result<Installed> {
        let (from, folder) = (self.source(), repo::root().join(".tools").join(self.name));
        let Ok(major) = node_major() else {
            return Ok(Installed::Nowhere("this machine lacks Node.js 20 with npm".into()));
        };
        let wanted = format!("node {major}\n{}", repo::read(&from.join("package-lock.json"))?);
        let stamp = folder.join("installed.txt");
        std::fs::create_dir_all(&folder)?;
        let there = std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted);
        if !there {
            std::fs::remove_file(&stamp).ok();
        }
        for file in ["package.json", "package-lock.json", self.program] {
            std::fs::copy(from.join(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
        }
        if there {
            return Ok(Installed::At(folder));
        }
        process::step(&format!("install {}", self.title), || {
            let mut packages = npm(&folder);
            packages.args(["ci", "--ignore-scripts", "--omit=dev"]);
            let mut commands = vec![(packages, true)];
            if let Some(native) = self.native {
                let mut rebuild = npm(&folder);
                rebuild.args(["rebuild", native, "--foreground-scripts"]);
                let headers = headers();
                if let Some(headers) = &headers {
                    rebuild.env("npm_config_nodedir", headers);
                }
                // What is compiled with headers that are here needs no network: then no failure is the network's.
                commands.push((rebuild, headers.is_none()));
            }
            for (mut command, fetches) in commands {
                let (status, out, err) = process::capture(&mut command, INSTALL_LIMIT)?;
                if !status.success() {
                    let why = judged(&format!("{out}\n{err}"), if fetches { &NO_NETWORK } else { &[] })?;
                    return Ok((Installed::Nowhere(why), "not available".into()));
                }
            }
            std::fs::write(&stamp, &wanted)?;
            Ok((Installed::At(folder.clone()), "from the npm registry".into()))
        })
    }
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder).args(["--no-audit", "--no-fund", "--no-update-notifier"]);
    command.env("JOBS", "max");
    command
}

/// The major version of the Node.js there is, if it is new enough and npm is beside it.
fn node_major() -> Result<u32> {
    let limit = Duration::from_mins(1);
    process::run(Command::new("npm").arg("--version"), limit)?;
    let said = process::run(Command::new("node").arg("--version"), limit)?;
    let major = major_of(&said).with_context(|| format!("node says {said}"))?;
    if major < 20 {
        bail!("Node.js {major} is too old");
    }
    Ok(major)
}

fn major_of(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Where the headers of this Node.js lie, if it came with them: compiling then needs no download.
fn headers() -> Option<PathBuf> {
    let said = process::run(Command::new("node").args(["-p", "process.execPath"]), Duration::from_mins(1)).ok()?;
    let prefix = Path::new(said.trim()).parent()?.parent()?.to_path_buf();
    prefix.join("include/node/node_version.h").exists().then_some(prefix)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_a_missing_network_is_a_reason_to_skip() {
        let unreachable = "npm error code ENOTFOUND\nnpm error network request to https://registry";
        assert!(judged(unreachable, &NO_NETWORK).unwrap().contains("ENOTFOUND"));
        assert!(judged(unreachable, &[]).is_err(), "what needs no network cannot lack it");
        let failed = judged(&format!("npm error code EINTEGRITY\n{unreachable}"), &NO_NETWORK).unwrap_err().to_string();
        assert!(failed.contains("EINTEGRITY"), "{failed}");
    }

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(major_of("v20.20.2\n"), Some(20));
        assert_eq!(major_of("20"), None);
    }

    #[test]
    fn what_is_installed_is_pinned_to_the_last_package() {
        for package in [super::super::BLUESKY, super::super::OAUTH, super::super::hooks::JAVASCRIPT] {
            let folder = package.source();
            let read = |file: &str| {
                serde_json::from_str::<serde_json::Value>(&repo::read(&folder.join(file)).unwrap()).unwrap()
            };
            let (package, lock) = (read("package.json"), read("package-lock.json"));
            for (name, version) in package["dependencies"].as_object().unwrap() {
                let exact = version.as_str().unwrap();
                assert!(exact.starts_with(|c: char| c.is_ascii_digit()), "{name}: {exact}");
                assert_eq!(lock["packages"][format!("node_modules/{name}")]["version"], exact);
            }
            let pinned = lock["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty());
            let loose: Vec<_> = pinned.filter(|(_, package)| !package["integrity"].is_string()).collect();
            assert!(loose.is_empty(), "{loose:?}");
        }
    }
}
