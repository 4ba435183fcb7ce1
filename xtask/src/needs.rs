//! What the machine itself must have. A task asks before its long work, and names everything that is missing with the one
//! command that installs it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

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

/// What everything together leaves on the disk, from a fresh clone: 10 GB of debug builds, 1 GB of release builds, 1 GB of
/// tools, and some room beside them.
const WHOLE_RUN: u64 = 13 << 30;
/// What a run needs that finds everything built: new binaries beside the old ones.
const LEAST: u64 = 2 << 30;

/// There is room for a whole run. A full disk shows as a linker that dies with a bus error, which nobody understands.
pub(crate) fn disk() -> Result<()> {
    crate::process::step("room on the disk", || {
        let root = crate::repo::root();
        let have = [root.join("target"), root.join(".tools")].iter().map(|folder| size(folder)).sum();
        let out = crate::process::run(Command::new("df").arg("-Pk").arg(&root), Duration::from_secs(30))?;
        let free = free(&out).with_context(|| format!("df says\n{out}"))?;
        Ok(((), room(free, have)?))
    })
}

/// Bytes available, of what `df -Pk` prints about one file.
fn free(df: &str) -> Option<u64> {
    df.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.checked_mul(1024)
}

/// Bytes of the files in a folder, each counted once however many names it has.
fn size(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let mut seen = std::collections::BTreeSet::new();
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = entries.filter_map(|entry| entry.metadata().ok()).filter(std::fs::Metadata::is_file);
    files.filter(|file| seen.insert((file.dev(), file.ino()))).map(|file| file.blocks() * 512).sum()
}

/// Whether `free` bytes are enough when `have` bytes of the run are there already.
fn room(free: u64, have: u64) -> Result<String> {
    let need = WHOLE_RUN.saturating_sub(have).max(LEAST);
    let gb = |bytes: u64| format!("{}.{} GB", bytes >> 30, ((bytes % (1 << 30)) * 10) >> 30);
    let said = format!("{} free, a run needs {} (built already: {})", gb(free), gb(need), gb(have));
    if free < need {
        bail!("too little room on the disk: {said}. To make room: cargo xtask down, cargo clean, or another disk");
    }
    Ok(said)
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
    fn a_disk_without_room_for_the_run_is_said_before_it_begins() {
        let gb = 1 << 30;
        let said = room(WHOLE_RUN - gb, 0).unwrap_err().to_string();
        assert!(said.starts_with("too little room on the disk: 12.0 GB free, a run needs 13.0 GB"), "{said}");
        room(WHOLE_RUN, 0).unwrap();
        room(3 * gb, WHOLE_RUN - 3 * gb).unwrap();
        room(LEAST - gb, 2 * WHOLE_RUN).unwrap_err();
    }

    #[test]
    fn room_is_read_from_df_and_from_the_files_there_are() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/a 100 60 40 60% /a b\n";
        assert_eq!(free(df), Some(40 << 10));
        assert_eq!(free("df: no such file"), None);
        assert!(size(&crate::repo::root().join("xtask/src")) > 100_000);
        assert_eq!(size(Path::new("/nowhere")), 0);
        let real = Command::new("df").arg("-Pk").arg("/").output().unwrap();
        assert!(free(&String::from_utf8(real.stdout).unwrap()).is_some());
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
        for (list, packages) in [
            ("needed", ["docker.io", "busybox-static", "ca-certificates"].as_slice()),
            // What is only wanted: without it the rest is tested all the same.
            ("wanted", &["wordpress", "php-cli", "php-mysql", "mariadb-server-core"]),
        ] {
            for package in packages {
                assert!(script.contains(&format!("{list}+=({package})")), "{package}");
            }
        }
    }
}
