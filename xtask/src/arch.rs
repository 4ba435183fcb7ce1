//! `cargo xtask arch`: the layering rules of ARCHITECTURE.md, checked from Cargo.toml tables and source text.
//!
//! Text, not syntax trees: the rules are about names that may not appear, and a reader can see at once what each one
//! looks for. Comments and unit tests do not count.

mod dependencies;
mod rules;
mod source;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Result, bail};

use crate::{process, repo};
use source::File;

/// One breach: where, and what to do instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    /// Path in the repository, with the line where there is one.
    pub place: String,
    /// The rule and its remedy.
    pub what: String,
}

/// `cargo xtask arch`.
pub(crate) fn run() -> Result<()> {
    process::step("arch", || {
        let root = repo::root();
        let files = source::read(&root)?;
        let mut breaches = check(&files, &platforms(&root)?);
        breaches.extend(dependencies::unused(&files));
        if !breaches.is_empty() {
            let lines: Vec<String> =
                breaches.iter().map(|breach| format!("  {}: {}", breach.place, breach.what)).collect();
            bail!("{} breaches of the layering rules\n{}", breaches.len(), lines.join("\n"));
        }
        Ok(((), format!("{} files", files.len())))
    })
}

/// The platforms, which are the folders of the connectors crate.
fn platforms(root: &Path) -> Result<Vec<String>> {
    repo::folders(&root.join("shared/connectors/src"))
}

/// Every breach of the rules that look at one file.
pub(crate) fn check(files: &[File], platforms: &[String]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files {
        if file.path.ends_with("Cargo.toml") {
            rules::arrows(file, &mut breaches);
        } else {
            rules::sizes(file, &mut breaches);
            rules::platform_names(file, platforms, &mut breaches);
            rules::sdk_types(file, &mut breaches);
            rules::bans(file, &mut breaches);
            rules::keys(file, &mut breaches);
        }
    }
    breaches
}
