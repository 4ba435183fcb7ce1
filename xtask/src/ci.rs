//! `cargo xtask ci`: what `.ci/run` calls once the machine has what it needs.

use anyhow::Result;

use crate::{arch, needs, sam_local, template_check, test, up};

/// `cargo xtask ci`.
pub(crate) fn run() -> Result<()> {
    needs::check(needs::TESTS)?;
    println!("layering, bans, sizes");
    arch::run()?;
    println!("templates");
    template_check::run(&template_check::Options::default())?;
    test::run(test::Options { up: up::Options::default(), keep: true })?;
    println!("functions in the Lambda image");
    sam_local::run()?;
    up::down()
}
