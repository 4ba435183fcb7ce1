//! What each platform's README must say, so that nobody has to look for it in the code.

use crate::Registry;
use crate::tests::{account, egress};
use domain::accounts::{AccountKind, Profile};
use std::fs;
use std::path::{Path, PathBuf};

/// The README of a platform, which may have its folder in that of its house, or of its house.
fn readme(platform: &str) -> String {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let below = |folder: &str| fs::read_to_string(format!("{source}/{folder}/README.md"));
    below(platform).or_else(|_| below(&format!("meta/{platform}"))).or_else(|_| below("meta")).unwrap()
}

#[test]
fn each_platform_declares_what_can_be_known_after_a_lost_answer_how_long_it_takes_and_what_holds_it_to_that() {
    for connector in Registry::new(egress()).find().all() {
        let descriptor = connector.descriptor();
        let platform = descriptor.id.to_string();
        let readme = readme(&platform);
        let (_, doubt) = readme.split_once("\n## Doubt\n").expect("a chapter on doubt");
        let doubt = doubt.split("\n## ").next().unwrap_or_default();
        let class = |kind| {
            let profile = Profile { external_id: "1".into(), name: "Ada".into(), handle: None, kind, home: None };
            format!("lass **{:?}**", connector.dedupe(&account(&descriptor.id, profile)))
        };
        let (person, page) = (class(AccountKind::Person), class(AccountKind::Organisation));
        let held = format!("`{platform}_keeps_the_contract");
        for must in [person.as_str(), &page, "Δ (`settle_s`) is ", &held] {
            assert!(doubt.contains(must), "{platform}: {must:?} is missing");
        }
    }
}

/// All files below a folder.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Whether the words in backticks name a file of code.
fn is_code(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "rs")
}

#[test]
fn the_files_that_a_table_of_sources_names_exist_and_hold_the_names_that_stand_beside_them() {
    let (mut rows, mut read_of) = (0, Vec::new());
    let mut all = Vec::new();
    files_below(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut all);
    // Those of a house's platforms lie in folders of folders.
    for path in all.iter().filter(|path| path.ends_with("README.md")) {
        let (folder, readme) = (path.parent().unwrap(), fs::read_to_string(path).unwrap());
        read_of.push(folder.file_name().unwrap().to_string_lossy().into_owned());
        let (_, table) = readme.split_once("| where in the code |").expect("a table of sources");
        for row in table.lines().skip(2).take_while(|row| row.starts_with('|')) {
            let cell = row.split(" | ").nth(1).unwrap();
            // What lies in another crate says so.
            if cell.contains("connector-kit") || cell.contains("`domain`") {
                continue;
            }
            let quoted = || cell.split('`').skip(1).step_by(2);
            let mut text = String::new();
            for name in quoted().filter(|name| is_code(name)) {
                let (folder, name) = match name.strip_prefix("../") {
                    Some(above) => (folder.parent().unwrap(), above),
                    None => (folder, name),
                };
                let named = all.iter().filter(|file| file.starts_with(folder) && file.ends_with(name));
                let read: Vec<String> = named.map(|file| fs::read_to_string(file).unwrap()).collect();
                assert!(!read.is_empty(), "{}: no file {name}: {row}", folder.display());
                text.push_str(&read.concat());
            }
            for name in quoted().filter(|name| !text.is_empty() && !is_code(name)) {
                assert!(text.contains(name), "{}: {name} is not in its file: {row}", folder.display());
            }
            rows += usize::from(!text.is_empty());
        }
    }
    assert!(rows > 200, "{rows} rows were read");
    for nested in ["threads", "whatsapp"] {
        assert!(read_of.iter().any(|folder| folder == nested), "{nested}: {read_of:?}");
    }
}
