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

/// A platform, by the folder of its connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Platform {
    /// Its slug.
    name: String,
    /// The folder it may be named in, below the connectors crate's sources: its own, or its house's.
    home: String,
}

/// The platforms, which are the folders of the connectors crate but that of all connectors' tests. A folder that holds such folders
/// (not only one of its tests) is a house, and these are its platforms.
fn platforms(root: &Path) -> Result<Vec<Platform>> {
    let connectors = root.join("shared/connectors/src");
    let mut all = Vec::new();
    for home in repo::folders(&connectors)?.into_iter().filter(|home| home != "tests") {
        let folder = connectors.join(&home);
        let mut inner = repo::folders(&folder)?;
        inner.retain(|name| folder.join(name).join("mod.rs").exists());
        let names = if inner.is_empty() { vec![home.clone()] } else { inner };
        all.extend(names.into_iter().map(|name| Platform { name, home: home.clone() }));
    }
    Ok(all)
}

/// Every breach of the rules that look at one file.
pub(crate) fn check(files: &[File], platforms: &[Platform]) -> Vec<Breach> {
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
