//! `cargo xtask ci`: what `.ci/run` calls once the machine has what it needs.

use anyhow::Result;

use crate::{arch, demo, interop, needs, package, sam_local, template_check, test, up};

/// The function that links most of the workspace: what it keeps to, the others keep to as well. All nine would take a quarter of
/// an hour more; `cargo xtask deploy` and `cargo xtask bench` build them, and hold each to its budget.
const LARGEST: &str = "console";

/// `cargo xtask ci`: what fails soonest comes first.
pub(crate) fn run() -> Result<()> {
    needs::check(needs::TESTS)?;
    needs::disk()?;
    println!("layering, bans, sizes");
    arch::run()?;
    println!("templates");
    template_check::run(&template_check::Options::default())?;
    test::without_stack()?;
    println!("the connectors against real servers");
    interop::run_all()?;
    println!("the demo, as `cargo xtask demo` runs it");
    demo::run(up::Options::default())?;
    test::on_stack(test::Options { up: up::Options::default(), keep: true })?;
    println!("functions in the Lambda image");
    sam_local::run()?;
    up::down()?;
    println!("the largest function as AWS runs it: size and C library");
    package::release(package::Arch::host(), &[LARGEST.to_owned()])
}
