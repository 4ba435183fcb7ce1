//! What the machine itself must have. A task asks before its long work, and names everything that is missing with the one
//! command that installs it.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

/// Something that is installed with the system's package manager.
pub(crate) struct Need {
    /// Programs, any of which will do.
    programs: &'static [&'static str],
    /// What it is for.
    purpose: &'static str,
    /// Debian's packages.
    packages: &'static str,
}

const PYTHON: Need =
    Need { programs: &["python3"], purpose: "the emulator and SAM run on it", packages: "python3 python3-venv" };
const STRIP: Need = Need { programs: &["strip"], purpose: "makes the functions small", packages: "binutils" };
const PS: Need = Need { programs: &["ps"], purpose: "tells whether the local stack runs", packages: "procps" };
const CHROMIUM: Need = Need {
    programs: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    purpose: "the console is tested in it",
    packages: "chromium",
};
const CHROMEDRIVER: Need =
    Need { programs: &["chromedriver"], purpose: "drives the browser", packages: "chromium-driver" };

/// What the local stack takes.
pub(crate) const STACK: &[Need] = &[PYTHON, STRIP, PS];
/// What all the tests take.
pub(crate) const TESTS: &[Need] = &[PYTHON, STRIP, PS, CHROMIUM, CHROMEDRIVER];

/// Nothing of `needs` is missing.
pub(crate) fn check(needs: &[Need]) -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    judge(needs, |program| folders.iter().any(|folder| runs(&folder.join(program))), has_venv)
}

fn runs(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Debian ships Python without what makes virtual environments.
fn has_venv() -> bool {
    Command::new("python3").args(["-c", "import ensurepip, venv"]).output().is_ok_and(|done| done.status.success())
}

fn judge(needs: &[Need], there: impl Fn(&str) -> bool, venv: impl Fn() -> bool) -> Result<()> {
    let mut lines = Vec::new();
    let mut packages = Vec::new();
    for need in needs {
        let found = need.programs.iter().any(|program| there(program));
        let name = need.programs[0];
        if !found || (name == "python3" && !venv()) {
            let name = if found { "python3's module venv" } else { name };
            lines.push(format!("  {name}: {}", need.purpose));
            packages.push(need.packages);
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    bail!("this machine lacks\n{}\nto install it: apt-get install {}", lines.join("\n"), packages.join(" "));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn without(missing: &[&str], venv: bool) -> String {
        judge(TESTS, |program| !missing.contains(&program), || venv).map_or_else(|e| e.to_string(), |()| String::new())
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once_with_the_command_that_installs_it() {
        assert_eq!(without(&[], true), "");
        let said = without(&["strip", "chromedriver"], true);
        assert!(said.ends_with("to install it: apt-get install binutils chromium-driver"), "{said}");
        assert!(said.contains("strip: ") && said.contains("chromedriver: "), "{said}");
        assert!(without(&["ps"], true).ends_with("apt-get install procps"));
        assert!(without(&["python3"], false).contains("python3: "));
    }

    #[test]
    fn a_python_without_venv_and_any_of_the_browsers_are_told_apart() {
        let said = without(&[], false);
        assert!(said.contains("python3's module venv") && said.ends_with("apt-get install python3 python3-venv"));
        assert_eq!(without(&["chromium"], true), "", "another browser will do");
        let none = CHROMIUM.programs;
        assert!(without(none, true).ends_with("apt-get install chromium"));
    }

    #[test]
    fn a_folder_or_a_file_that_cannot_be_run_is_no_program() {
        assert!(runs(Path::new("/bin/sh")));
        assert!(!runs(Path::new("/bin")) && !runs(Path::new("/etc/passwd")) && !runs(Path::new("/nowhere/strip")));
    }

    #[test]
    fn the_continuous_integration_installs_all_of_it() {
        let script = std::fs::read_to_string(crate::repo::root().join(".ci/run")).unwrap();
        for need in TESTS {
            for package in need.packages.split(' ').filter(|package| *package != "python3") {
                assert!(script.contains(&format!("needed+=({package})")), "{package}");
            }
        }
        for package in ["docker.io", "busybox-static", "ca-certificates"] {
            assert!(script.contains(&format!("needed+=({package})")), "{package}");
        }
    }
}
