//! What each platform's README must say, so that nobody has to look for it in the code.

use crate::Registry;
use crate::tests::{account, egress};
use domain::accounts::{AccountKind, Profile};
use std::fs;

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
