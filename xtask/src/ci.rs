//! `cargo xtask ci`: what `.ci/run` calls once the machine has what it needs.

use anyhow::Result;

use crate::{arch, demo, needs, package, sam_local, template_check, test, up};

/// `cargo xtask ci`: what fails soonest comes first.
pub(crate) fn run() -> Result<()> {
    needs::check(needs::TESTS)?;
    needs::disk()?;
    println!("layering, bans, sizes");
    arch::run()?;
    println!("templates");
    template_check::run(&template_check::Options::default())?;
    test::without_stack()?;
    println!("the demo, as `cargo xtask demo` runs it");
    demo::run(up::Options::default())?;
    test::on_stack(test::Options { up: up::Options::default(), keep: true })?;
    println!("functions in the Lambda image");
    sam_local::run()?;
    up::down()?;
    println!("functions as AWS runs them: size and C library");
    package::release(package::Arch::host(), &[])
}
