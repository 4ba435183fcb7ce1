//! `cargo xtask ci`: what `.ci/run` calls once the machine has what it needs.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::{arch, demo, interop, needs, process, repo, sam_local, template_check, test, up};

/// The function that links most of the workspace: what it keeps to, the others keep to as well. All of them would take a quarter of
/// an hour more; `cargo xtask deploy` and `cargo xtask bench` build them, and hold each to its budget.
const LARGEST: &str = "console";

/// `cargo xtask ci`: what fails soonest comes first. What mostly waits for a network or a clock leaves the processor to another task
/// beside it.
pub(crate) fn run() -> Result<()> {
    let clock = Clock(Instant::now());
    // Asked for before anything is built: a later build may put another file in this one's place, and then the system calls the
    // running program "(deleted)".
    let program = std::env::current_exe()?;
    clock.stage("what this machine has", || {
        needs::check(needs::TESTS)?;
        needs::disk()
    })?;
    clock.stage("layering, bans, sizes", arch::run)?;
    clock.stage("templates", || template_check::run(&template_check::Options::default()))?;
    let tools = Beside::start(&program, "install what later stages need", &["tools"])?;
    clock.stage("lints and unit tests", test::without_stack)?;
    clock.stage("what was installed meanwhile", || tools.end())?;
    let mut skipped = clock.stage("real servers, and the libraries of customers", interop::run_all)?;
    clock.stage("the demo, as `cargo xtask demo` runs it", || demo::run(up::Options::default()))?;
    // Apart from the artefacts that the stack runs.
    let into = repo::root().join("target/lambda-release").display().to_string();
    let task = ["package", "--release", "--function", LARGEST, "--into", &into];
    let release = Beside::start(&program, "the largest function as AWS runs it", &task)?;
    clock.stage("on the local stack", || test::on_stack(test::Options { up: up::Options::default(), keep: true }))?;
    skipped.extend(clock.stage("functions in the Lambda image", sam_local::run)?);
    up::down()?;
    clock.stage("the largest function as AWS runs it: size and C library", || release.end())?;
    println!("\n{}", summed_up(&skipped));
    Ok(())
}

/// The last line: that all stages passed, and, since one passes where this machine lacks what it tries, what was not tried.
fn summed_up(skipped: &[&str]) -> String {
    if skipped.is_empty() {
        return "== all stages passed, and nothing was skipped".into();
    }
    format!("== all stages passed, but this was SKIPPED, as said above: {}", skipped.join("; "))
}

/// When it all began.
struct Clock(Instant);

impl Clock {
    /// One stage: says its name, and how long it and everything so far took.
    fn stage<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let result = work();
        println!("== {name}: {} s, {} s in all", start.elapsed().as_secs(), self.0.elapsed().as_secs());
        result
    }
}

/// A task of this program that runs beside the others, as the one that matters least; what it prints is shown at its end.
struct Beside {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Beside {
    fn start(program: &Path, name: &'static str, task: &[&str]) -> Result<Self> {
        // Not below `.local`, which stopping the stack removes.
        let log = repo::root().join("target").join(format!("ci-{}.log", task.first().context("no task")?));
        let file = File::create(&log)?;
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(program).args(task).current_dir(repo::root());
        command.stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("cannot start: {name}"))?;
        Ok(Self { name, child, log })
    }

    /// Waits for it.
    fn end(mut self) -> Result<()> {
        let status = self.child.wait()?;
        println!("{}", process::tail(&std::fs::read_to_string(&self.log)?, 60));
        if !status.success() {
            bail!("{} ({status})", self.name);
        }
        Ok(())
    }
}

impl Drop for Beside {
    /// Nothing goes on when a stage beside it failed.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_repeats_what_was_skipped() {
        let said = summed_up(&["a real WordPress", "Python's webhook libraries"]);
        assert!(said.ends_with("SKIPPED, as said above: a real WordPress; Python's webhook libraries"), "{said}");
        assert!(!said.contains('\n'), "one line");
        assert_eq!(summed_up(&[]), "== all stages passed, and nothing was skipped");
    }
}
