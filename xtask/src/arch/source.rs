//! Source files as the rules read them: without comments and without their unit tests.

use std::path::Path;

use anyhow::Result;
use walkdir::WalkDir;

use super::dependencies::ROOT;
use crate::repo;

/// A file of the workspace.
pub(crate) struct File {
    /// Path in the repository, with forward slashes.
    pub path: String,
    /// The text as it is.
    pub text: String,
}

impl File {
    /// Numbered lines of the code proper.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = without_tests(&self.text).lines().enumerate();
        let rust = is_rust(&self.path);
        lines.map(move |(index, line)| (index + 1, if rust { without_comment(line) } else { line }))
    }

    /// All lines without their comments, those of the unit tests too.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(without_comment)
    }

    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        is_rust(&self.path)
    }

    /// How many lines the file has without its unit tests.
    pub(crate) fn length(&self) -> usize {
        without_tests(&self.text).lines().count()
    }

    /// Whether the file holds tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.starts_with("tests/")
    }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// Everything before the unit tests' module, which ends the file by convention.
fn without_tests(text: &str) -> &str {
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let opens_module =
            lines.peek().is_some_and(|next| next.trim_start().starts_with("mod ") && next.trim_end().ends_with('{'));
        if line.trim() == "#[cfg(test)]" && opens_module {
            return &text[..offset];
        }
        offset += line.len();
    }
    text
}

/// The line up to `//`, unless that is part of an address in a string.
fn without_comment(line: &str) -> &str {
    let mut start = 0;
    while let Some(found) = line[start..].find("//") {
        let at = start + found;
        if !line[..at].ends_with(':') {
            return &line[..at];
        }
        start = at + 2;
    }
    line
}

/// String literals of a line of code.
pub(super) fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// The files that the rules read.
pub(super) fn read(root: &Path) -> Result<Vec<File>> {
    let mut files = vec![File { path: ROOT.to_owned(), text: repo::read(&root.join(ROOT))? }];
    for top in ["functions", "shared", "tests", "xtask"] {
        for entry in WalkDir::new(root.join(top)).sort_by_file_name() {
            let entry = entry?;
            let path = entry.path();
            let wanted = path.extension().is_some_and(|extension| extension == "rs" || extension == "html")
                || path.ends_with("Cargo.toml");
            if entry.file_type().is_file() && wanted {
                let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                files.push(File { path: name, text: repo::read(path)? });
            }
        }
    }
    Ok(files)
}
