//! Keeps the documents true where that is cheap: commands, paths, links, routes, events, codes, alarms and tests that a
//! document names exist, and those that exist are described. So do lists in the code that name every function.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "docs/codes.rs"]
mod codes;
#[path = "docs/linked.rs"]
mod linked;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files under `folder` that end in one of `extensions`, by their path in the repository, but for what is built,
/// installed or hidden.
fn files(folder: &Path, extensions: &[&str], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && name != "target" {
                files(&path, extensions, found);
            }
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// Every file of the tree with one of `extensions`.
fn tree(extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    files(&root(), extensions, &mut found);
    found.sort_unstable();
    found
}

/// Every Markdown document, wherever it lies.
fn documents() -> Vec<String> {
    let found = tree(&["md"]);
    for must in ["README.md", "docs/promises.md", "tests/sandbox/GUIDE.md", "shared/connectors/src/x/README.md"] {
        assert!(found.iter().any(|document| document == must), "{must} is not among {found:?}");
    }
    found
}

/// The pieces of `text` between `open` and the next `close`.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(piece, _)| piece))
}

/// What stands in backticks, outside code blocks.
fn quoted(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(str::lines).flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// What stands outside code blocks and backticks.
fn prose(text: &str) -> String {
    let outside = text.split("```").step_by(2);
    outside.flat_map(str::lines).flat_map(|line| line.split('`').step_by(2).chain(["\n"])).collect()
}

fn headings(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim()).collect()
}

/// A heading as a link names it: lower case, spaces as dashes, the rest of the punctuation gone.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_command_that_a_document_names_is_a_task() {
    let help = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let tasks: BTreeSet<&str> =
        help.lines().filter(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(tasks.contains("demo"), "{help}");
    for document in documents() {
        let text = read(&document);
        for rest in text.split("cargo xtask ").skip(1) {
            let task: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            assert!(task.is_empty() || tasks.contains(task.as_str()), "{document}: there is no `cargo xtask {task}`");
        }
    }
}

#[test]
fn every_path_that_a_document_names_exists() {
    let folders = ["shared/", "functions/", "infra/", "tests/", "xtask/", "docs/", "events/", ".ci/"];
    for document in documents() {
        let text = read(&document);
        for path in quoted(&text) {
            let path = path.split("::").next().unwrap_or(path);
            let is_path = folders.iter().any(|folder| path.starts_with(folder)) && !path.contains(['*', '<', '{', ' ']);
            assert!(!is_path || root().join(path).exists(), "{document}: there is no `{path}`");
        }
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_exist() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = prose(&read(&document));
        for link in between(&text, "](", ')').filter(|link| !link.contains("://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let here = root().join(&document);
            let target = if path.is_empty() { here } else { here.parent().unwrap().join(path) };
            let found = target.exists()
                && (heading.is_empty()
                    || headings(&fs::read_to_string(&target).unwrap()).iter().any(|h| anchor(h) == heading));
            if !found {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

/// The addresses of the API that the template gives to its functions.
fn addresses() -> BTreeSet<String> {
    let template = read("template.yaml");
    let events = template.lines().filter(|line| line.contains("Type: HttpApi") && !line.contains("/console"));
    let paths = events.filter_map(|line| line.split_once("Path: ")).map(|(_, path)| path.trim_end_matches(" } }"));
    paths.map(|path| path.trim_matches('\'').to_owned()).filter(|path| path != "/").collect()
}

/// The functions whose API is described in docs/openapi, without what all their names end in.
fn described_apis() -> Vec<String> {
    let names = fs::read_dir(root().join("docs/openapi")).unwrap().map(|file| file.unwrap().file_name());
    let mut apis: Vec<String> =
        names.filter_map(|name| name.to_str()?.strip_suffix("-api.json").map(str::to_owned)).collect();
    apis.sort_unstable();
    apis
}

#[test]
fn every_route_is_described_and_every_described_route_exists() {
    let mut routes = BTreeSet::new();
    for api in described_apis() {
        let document: serde_json::Value = serde_json::from_str(&read(&format!("docs/openapi/{api}-api.json"))).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            routes.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
        }
    }
    assert!(routes.len() > 30, "{routes:?}");
    let served: BTreeSet<String> =
        routes.iter().filter_map(|route| Some(route.split_once(' ')?.1.to_owned())).collect();
    let differing: Vec<_> = served.symmetric_difference(&addresses()).cloned().collect();
    assert!(differing.is_empty(), "in docs/openapi or in template.yaml, not in both: {differing:?}");
    let page = read("docs/api.md");
    let described: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(route, _)| route.to_owned()))
        .filter(|route| route.contains(" /"))
        .collect();
    let differing: Vec<_> = described.symmetric_difference(&routes).collect();
    assert!(differing.is_empty(), "in docs/api.md or in docs/openapi, not in both: {differing:?}");
}

#[test]
fn every_event_is_described() {
    let page = read("docs/api.md");
    let source = read("shared/domain/src/events.rs");
    let mut seen = 0;
    for kind in between(&source, "#[serde(rename = \"", '"') {
        seen += 1;
        assert!(page.contains(&format!("| `{kind}` |")), "docs/api.md does not describe {kind}");
    }
    assert!(seen > 5);
}

#[test]
fn every_alarm_has_its_section_in_the_runbook() {
    let alarms = read("infra/alarms.yaml");
    let runbook = read("docs/runbook.md");
    let headings = headings(&runbook);
    let (mut name, mut seen) = ("", 0);
    for line in alarms.lines() {
        if line.starts_with("  ") && !line.starts_with("   ") {
            name = line.trim().trim_end_matches(':');
        } else if line.contains("Type: AWS::CloudWatch::Alarm") {
            seen += 1;
            assert!(headings.contains(&name), "docs/runbook.md has no section for the alarm {name}");
        }
    }
    assert!(seen > 5);
}

#[test]
fn every_decision_record_is_in_the_list_and_has_its_four_parts() {
    let list = read("docs/decisions/README.md");
    for document in documents() {
        let Some(name) = document.strip_prefix("docs/decisions/").filter(|name| *name != "README.md") else { continue };
        assert!(list.contains(&format!("({name})")), "{name} is not in the list");
        let text = read(&document);
        for part in ["Context", "Options", "Choice", "Cost"] {
            assert!(headings(&text).contains(&part), "{name} has no section {part}");
        }
    }
}

/// The ids of promises, faults, security items and figures that a text cites, such as the first promise or the last fault.
fn cited(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_id = |word: &&str| {
        let number = word.strip_prefix(['I', 'F', 'S', 'G']).unwrap_or_default();
        (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
    };
    words.filter(is_id).collect()
}

/// The rows of the promises' tables: id and the whole line.
fn promises(page: &str) -> Vec<(&str, &str)> {
    page.lines()
        .filter_map(|line| Some((line.strip_prefix("| ")?.split_once(' ')?.0, line)))
        .filter(|(id, _)| cited(id).contains(id))
        .collect()
}

#[test]
fn every_id_that_is_cited_is_promised_and_stands_once() {
    let page = read("docs/promises.md");
    let rows: Vec<&str> = promises(&page).into_iter().map(|(id, _)| id).collect();
    let known: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(known.len(), rows.len(), "an id has two rows in docs/promises.md: {rows:?}");
    assert!(known.len() > 50, "{known:?}");
    let mut seen = 0;
    for file in tree(&["rs", "md", "yaml"]) {
        let text = read(&file);
        for id in cited(&text) {
            seen += 1;
            assert!(known.contains(id), "{file} cites {id}, which docs/promises.md does not have");
        }
    }
    assert!(seen > 100, "only {seen} citations were found");
}

/// Whether `text` has a test of this name: a function right under a test's attribute, or a sentence that the store's
/// suite runs on each backend.
fn is_test(text: &str, name: &str) -> bool {
    let sentences = read("shared/store/tests/store/conformance.rs");
    let head = format!("fn {name}");
    text.match_indices(&head).any(|(at, _)| {
        let rest = &text[at + head.len()..];
        let before = text[..at].rsplit("\n\n").next().unwrap_or_default();
        let is_sentence = rest.starts_with("<B: Backend>") && sentences.contains(&format!(" {name},\n"));
        is_sentence || (rest.starts_with('(') && (before.contains("#[test]") || before.contains("#[tokio::test")))
    })
}

#[test]
fn every_promise_is_proved_by_a_test_that_exists() {
    let page = read("docs/promises.md");
    let mut seen = 0;
    for (id, row) in promises(&page) {
        let named: Vec<_> = quoted(row).into_iter().filter_map(|piece| piece.split_once("::")).collect();
        assert!(!named.is_empty() || row.contains("`cargo xtask "), "{id} names no test and no command");
        for (file, name) in named {
            seen += 1;
            assert!(is_test(&read(file), name), "{id}: there is no test {name} in {file}");
        }
    }
    assert!(seen > 100, "only {seen} tests are named");
}
