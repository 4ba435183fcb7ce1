//! Where things are in the repository.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// State of the local stack: process ids, logs, addresses. Not in version control.
pub(crate) fn local() -> PathBuf {
    root().join(".local")
}

/// The functions' names, which are the folders of `functions/`.
pub(crate) fn functions() -> Result<Vec<String>> {
    folders(&root().join("functions"))
}

/// The names of the folders in `path`, sorted.
pub(crate) fn folders(path: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Reads a file, naming it when it cannot.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
