//! The functions' artefacts: `target/lambda/<function>/bootstrap`, which `template.yaml` names as each `CodeUri`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{process, repo, tools};

/// Amazon Linux 2023's C library, the newest symbols a function may use.
const GLIBC: &str = "2.34";
/// What a function may weigh, stripped; what is read of it is part of its start (G6). The goal is 10 MiB; the console is over it
/// (docs/decisions/0015, 0023, 0025 and 0039).
const SIZE_BUDGET: u64 = 15 * 1024 * 1024;
const ASK: Duration = Duration::from_mins(1);
const BUILD_LIMIT: Duration = Duration::from_hours(3);

/// `cargo xtask package`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Build what AWS runs: release, against Amazon Linux 2023's C library, within the size budget.
    #[arg(long)]
    release: bool,
    /// Processor of the release: arm64 or `x86_64` (default: this machine's).
    #[arg(long, value_enum)]
    arch: Option<Arch>,
    /// Only these functions (release only).
    #[arg(long = "function")]
    functions: Vec<String>,
    /// Put the release into this folder, and leave what a local stack runs alone (default: target/lambda).
    #[arg(long)]
    into: Option<PathBuf>,
}

/// A Lambda processor.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Arch {
    /// Graviton.
    #[value(name = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[value(name = "x86_64")]
    X86_64,
}

impl Arch {
    /// This machine's.
    pub(crate) fn host() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 }
    }

    /// As the template's parameter has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    fn triple(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    fn target(self) -> String {
        format!("{}.{GLIBC}", self.triple())
    }
}

/// `cargo xtask package`.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !options.release {
        return debug();
    }
    let into = options.into.clone().unwrap_or_else(folder);
    release(options.arch.unwrap_or_else(Arch::host), &options.functions, &into)
}

/// Where the template looks for artefacts.
pub(crate) fn folder() -> PathBuf {
    repo::root().join("target/lambda")
}

/// Where a program's artefact is.
pub(crate) fn artefact(function: &str) -> PathBuf {
    folder().join(function).join("bootstrap")
}

/// One build of the whole workspace, stripped copies of the functions.
pub(crate) fn debug() -> Result<()> {
    println!("  build the workspace");
    process::show(
        Command::new("cargo").args(["build", "--workspace", "--exclude", "xtask"]).current_dir(repo::root()),
        BUILD_LIMIT,
    )?;
    process::step("package the functions", || {
        let functions = repo::functions()?;
        let mut bytes = 0;
        let mut fresh = 0;
        for function in &functions {
            let source = repo::root().join("target/debug").join(function);
            let target = artefact(function);
            if !packaged(&source, &target)? {
                strip(&source, &target)?;
                fresh += 1;
            }
            bytes += std::fs::metadata(&target)?.len();
        }
        Ok(((), format!("{} functions, {fresh} new, {} MB stripped", functions.len(), bytes >> 20)))
    })
}

/// Whether the artefact is made of this very build: it carries the build's time, which a release artefact does not.
fn packaged(source: &Path, target: &Path) -> Result<bool> {
    let built = std::fs::metadata(source).with_context(|| format!("no binary at {}", source.display()))?.modified()?;
    Ok(std::fs::metadata(target).and_then(|file| file.modified()).is_ok_and(|time| time == built))
}

fn strip(source: &Path, target: &Path) -> Result<()> {
    std::fs::create_dir_all(target.parent().context("no folder")?)?;
    process::run(Command::new("strip").arg("--strip-all").arg("-o").arg(target).arg(source), Duration::from_mins(2))?;
    std::fs::File::options().append(true).open(target)?.set_modified(std::fs::metadata(source)?.modified()?)?;
    Ok(())
}

/// What AWS runs, into `folder`. `functions` empty means all.
pub(crate) fn release(arch: Arch, functions: &[String], folder: &Path) -> Result<()> {
    let functions = if functions.is_empty() { repo::functions()? } else { functions.to_vec() };
    build(arch, &functions, folder)?;
    check(&functions, folder)
}

/// Builds packages as AWS runs them, each into `<folder>/<program>/bootstrap`.
pub(crate) fn build(arch: Arch, packages: &[String], folder: &Path) -> Result<()> {
    tools::CARGO_LAMBDA.install()?;
    println!("  release build for {} against glibc {GLIBC}", arch.name());
    let mut command = tools::CARGO_LAMBDA.program("cargo-lambda")?;
    // cargo-lambda looks for zig beside the first python3 on the path. RUSTUP keeps it from installing toolchain parts on
    // its own: a missing target is said, not fetched.
    let path = format!("{}:{}", tools::CARGO_LAMBDA.bin().display(), std::env::var("PATH").unwrap_or_default());
    command.args(["lambda", "build", "--release", "--target", &arch.target(), "--skip-target-check"]);
    command.args(packages.iter().flat_map(|package| ["--package", package.as_str()]));
    command.arg("--lambda-dir").arg(folder);
    command.env("PATH", path).env("RUSTUP", "/bin/false").current_dir(repo::root());
    process::show(&mut command, BUILD_LIMIT).with_context(|| {
        format!("a release needs the processor's standard library: rustup target add {}", arch.triple())
    })
}

/// Holds each artefact to the size budget and to the C library that AWS has.
fn check(functions: &[String], folder: &Path) -> Result<()> {
    let mut breaches = Vec::new();
    for function in functions {
        let path = folder.join(function).join("bootstrap");
        let bytes = std::fs::metadata(&path).with_context(|| format!("no artefact for {function}"))?.len();
        let symbols = process::run(Command::new("readelf").args(["--version-info", "--wide"]).arg(&path), ASK)?;
        let glibc =
            newest_glibc(&symbols).with_context(|| format!("{function} asks for no version of the C library"))?;
        println!("    {function:<20} {:>7} kB  glibc {}.{}", bytes >> 10, glibc.0, glibc.1);
        breaches.extend(breach(bytes, glibc).map(|breach| format!("{function}: {breach}")));
    }
    if !breaches.is_empty() {
        bail!("AWS would not run this as it should:\n  {}", breaches.join("\n  "));
    }
    Ok(())
}

/// What is wrong with an artefact of this size, which asks for this version of the C library.
fn breach(bytes: u64, glibc: (u32, u32)) -> Option<String> {
    if bytes > SIZE_BUDGET {
        return Some(format!("{} kB is over the budget of {} MiB", bytes >> 10, SIZE_BUDGET >> 20));
    }
    let newest = version(GLIBC)?;
    (glibc > newest).then(|| format!("asks for glibc {}.{}, and Amazon Linux 2023 has {GLIBC}", glibc.0, glibc.1))
}

/// The newest version of the C library among the symbol versions that `readelf` lists.
fn newest_glibc(symbols: &str) -> Option<(u32, u32)> {
    symbols.split("GLIBC_").skip(1).filter_map(version).max()
}

/// The version at the start of a text: `2.34`, also of `2.3.4`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn an_artefact_that_is_too_large_or_too_new_for_aws_is_named_with_its_figure() {
        assert_eq!(breach(SIZE_BUDGET, (2, 34)), None);
        assert_eq!(breach(SIZE_BUDGET + 1024, (2, 17)).unwrap(), "15361 kB is over the budget of 15 MiB");
        assert_eq!(breach(1, (2, 35)).unwrap(), "asks for glibc 2.35, and Amazon Linux 2023 has 2.34");
    }

    #[test]
    fn the_newest_version_of_the_c_library_is_found_by_number_and_not_by_letter() {
        assert_eq!(newest_glibc("Name: GLIBC_2.4  Name: GLIBC_2.34  Name: GLIBC_2.3.4 GLIBC_PRIVATE"), Some((2, 34)));
        assert_eq!(newest_glibc("No version information found in this file."), None);
        let real = process::run(Command::new("readelf").args(["--version-info", "--wide", "/bin/sh"]), ASK).unwrap();
        assert!(newest_glibc(&real).is_some(), "{real}");
    }

    #[test]
    fn an_artefact_is_packaged_again_unless_it_is_of_this_very_build() {
        let folder = std::env::temp_dir().join(format!("herald-package-{}", std::process::id()));
        let (source, target) = (folder.join("built"), folder.join("function/bootstrap"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy("/bin/true", &source).unwrap();
        assert!(!packaged(&source, &target).unwrap(), "nothing is there");
        strip(&source, &target).unwrap();
        assert!(packaged(&source, &target).unwrap(), "just made");
        let later = std::time::SystemTime::now() + Duration::from_mins(1);
        std::fs::File::options().append(true).open(&target).unwrap().set_modified(later).unwrap();
        assert!(!packaged(&source, &target).unwrap(), "a newer file of another build");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
