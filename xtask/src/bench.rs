//! `cargo xtask bench`: the figures the project promises, measured in this process and on the local stack.

use anyhow::{Result, bail};

/// `cargo xtask bench`.
pub(crate) fn run() -> Result<()> {
    bail!("no figure is measured yet")
}
