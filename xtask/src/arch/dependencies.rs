//! Dependencies that nobody uses: an entry of the version table that no crate takes, and one that a crate lists and does
//! not mention.

use std::collections::{BTreeMap, BTreeSet};

use super::Breach;
use super::source::File;

/// The root's manifest, which holds the version table.
pub(super) const ROOT: &str = "Cargo.toml";

/// Every dependency that is listed and not used. `files` are all manifests and all source files.
pub(super) fn unused(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut push = |place: &str, what: String| breaches.push(Breach { place: place.to_owned(), what });
    let mut taken = BTreeSet::new();
    for (folder, manifest) in members(files) {
        let code = words(files, folder);
        for name in listed(&manifest.text) {
            if !code.contains(&name.replace('-', "_")) {
                push(&manifest.path, format!("`{name}` is listed and its code does not use it"));
            }
            taken.insert(name);
        }
    }
    for table in files.iter().filter(|file| file.path == ROOT) {
        let parsed = table.text.parse::<toml::Table>().unwrap_or_default();
        let versions = parsed.get("workspace").and_then(|workspace| workspace.get("dependencies"));
        for name in versions.and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys) {
            if !taken.contains(name) {
                push(ROOT, format!("`{name}` is in the version table and no crate uses it"));
            }
        }
    }
    breaches
}

/// The crates: folder with a slash at its end, and manifest.
fn members(files: &[File]) -> BTreeMap<&str, &File> {
    files
        .iter()
        .filter_map(|file| Some((file.path.strip_suffix("Cargo.toml").filter(|f| !f.is_empty())?, file)))
        .collect()
}

/// Names in all dependency tables of a manifest, those of its tests and of single targets too.
fn listed(manifest: &str) -> BTreeSet<String> {
    let table = manifest.parse::<toml::Table>().unwrap_or_default();
    let targets = table.get("target").and_then(toml::Value::as_table);
    let each = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let lists = std::iter::once(&table).chain(each).flat_map(|table| {
        ["dependencies", "dev-dependencies", "build-dependencies"]
            .map(|kind| table.get(kind).and_then(toml::Value::as_table))
    });
    lists.flatten().flat_map(toml::Table::keys).cloned().collect()
}

/// The crates that the sources in `folder` mention: a name before `::`, or after `use`.
fn words(files: &[File], folder: &str) -> BTreeSet<String> {
    let nested = members(files).into_keys().filter(|other| other.len() > folder.len() && other.starts_with(folder));
    let nested: Vec<&str> = nested.collect();
    let own = files.iter().filter(|file| {
        file.path.starts_with(folder) && file.is_rust() && !nested.iter().any(|other| file.path.starts_with(other))
    });
    own.flat_map(File::lines).flat_map(mentioned).map(str::to_owned).collect()
}

fn mentioned(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let paths = line.match_indices("::").filter_map(move |(end, _)| {
        let before = line[..end].trim_end_matches(is_word);
        (!before.ends_with(':')).then(|| &line[before.len()..end])
    });
    let whole = line.trim_start().strip_prefix("use ").and_then(move |rest| rest.split(|c| !is_word(c)).next());
    paths.chain(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        let files: Vec<File> = files.iter().map(file).collect();
        unused(&files).into_iter().map(|breach| format!("{}: {}", breach.place, breach.what)).collect()
    }

    #[test]
    fn an_entry_of_the_version_table_that_no_crate_takes_is_found() {
        let table = (ROOT, "[workspace.dependencies]\nserde = \"1\"\nzip = \"6\"\n");
        let one = ("shared/a/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nserde.workspace = true\n");
        let code = ("shared/a/src/lib.rs", "use serde;\n");
        assert_eq!(said(&[table, one, code]), ["Cargo.toml: `zip` is in the version table and no crate uses it"]);
    }

    #[test]
    fn a_dependency_that_the_crates_own_code_does_not_mention_is_found() {
        let outer = ("tests/Cargo.toml", "[dev-dependencies]\naws-sdk-sqs.workspace = true\n");
        let inner = ("tests/bench/Cargo.toml", "[dependencies]\n");
        let found = ["tests/Cargo.toml: `aws-sdk-sqs` is listed and its code does not use it"];
        for code in [
            "// aws_sdk_sqs::Client",
            "let aws_sdk_sqs = 1;",
            "my_aws_sdk_sqs::f()",
            "use other::Thing;",
            "other::aws_sdk_sqs::f()",
        ] {
            assert_eq!(said(&[outer, inner, ("tests/tests/a.rs", code)]), found, "{code}");
        }
        assert_eq!(said(&[outer, inner, ("tests/bench/src/a.rs", "use aws_sdk_sqs::Client;")]), found, "another crate");
        for code in
            ["use aws_sdk_sqs::Client;", "(aws_sdk_sqs::f())", "use aws_sdk_sqs as sqs;", "#[aws_sdk_sqs::test]"]
        {
            assert_eq!(said(&[outer, inner, ("tests/tests/a.rs", code)]), Vec::<String>::new(), "{code}");
        }
    }
}
