//! What an account was not allowed to do when it was connected, and what it has said before.
#![allow(clippy::unwrap_used)]

use domain::MediaId;
use domain::platform::{Descriptor, Feature, Limits};
use domain::publishing::{MediaRef, Part, Variant, check, check_access, said_again};
use domain::text::TextRule;
use std::collections::BTreeMap;

/// A platform with threads and comments, which asks for a scope for drafts and for one of two for comments.
fn platform() -> Descriptor {
    let scopes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Descriptor {
        id: "sample".parse().unwrap(),
        aliases: Vec::new(),
        name: "Sample".into(),
        color: "#000000".into(),
        queue: "sample".into(),
        limits: Limits {
            thread_parts: 5,
            has: vec![Feature::Draft],
            scopes: BTreeMap::from([
                (Feature::Draft, scopes(&["drafts"])),
                (Feature::FirstComment, scopes(&["comments", "page_comments"])),
            ]),
            ..Limits::text_only(TextRule::Chars { limit: 100 })
        },
        settle_s: 60,
    }
}

fn granted(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

#[test]
fn what_an_account_was_not_granted_is_refused_at_its_field_with_the_scope() {
    let platform = platform();
    let asks = Variant { draft: true, first_comment: Some("first".into()), ..Variant::text("look") };
    let told = |variant: &Variant, scopes: &[&str]| {
        let found = check_access(variant, &platform, &granted(scopes), "/content");
        found.into_iter().map(|v| format!("{} {} {}", v.code, v.field, v.detail)).collect::<Vec<_>>()
    };
    let all = told(&asks, &["posts"]);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].starts_with("scope_missing /content/draft") && all[0].contains("(drafts)"), "{all:?}");
    assert!(all[1].starts_with("scope_missing /content/first_comment"), "{all:?}");
    assert!(all[1].contains("comments or page_comments"), "{all:?}");
    assert_eq!(told(&asks, &["page_comments", "drafts"]), Vec::<String>::new());
    assert_eq!(told(&Variant::text("look"), &["posts"]), Vec::<String>::new(), "nothing is asked for");
    assert_eq!(told(&asks, &[]), Vec::<String>::new(), "of a key nobody tells what it may do");
}

#[test]
fn the_same_words_twice_in_a_thread_are_refused_where_the_platform_refuses_them() {
    let part = |text: &str| Part { text: text.into(), media: Vec::new() };
    let thread = Variant {
        parts: ["one", "two", " one ", "", ""].map(part).to_vec(),
        first_comment: Some("two".into()),
        ..Variant::default()
    };
    let mut platform = platform();
    let told = |platform: &Descriptor| {
        let found = check(&thread, platform, &[], "");
        let same = found.into_iter().filter(|v| v.code == "duplicate_content");
        same.map(|v| v.field).collect::<Vec<_>>()
    };
    assert_eq!(told(&platform), Vec::<String>::new());
    assert_eq!(said_again(&platform), None);
    platform.limits.refuses_repeats = true;
    let mut shown = thread.clone();
    shown.parts[2].media = vec![MediaRef::new(MediaId::from_uuid(uuid::Uuid::nil()))];
    shown.first_comment = None;
    let same = check(&shown, &platform, &[], "").into_iter().any(|v| v.code == "duplicate_content");
    assert!(!same, "it shows something else");
    assert_eq!(told(&platform), ["/parts/2/text", "/first_comment"], "what is empty says nothing twice");
    assert!(said_again(&platform).unwrap().contains("Sample refuses words that the account has said before"));
}

#[test]
fn an_answer_that_is_a_comment_needs_the_permission_for_answers() {
    let mut platform = platform();
    platform.limits.answer =
        Some(Box::new(Limits::of_comment(TextRule::Chars { limit: 20 }, "leave it out: words alone")));
    platform.limits.scopes.insert(Feature::Reply, granted(&["comments"]));
    let answer = Variant { reply_to: Some("1".into()), ..Variant::text("so it is") };
    let told = check_access(&answer, &platform, &granted(&["posts"]), "/c");
    assert_eq!((told.len(), told[0].code.as_str(), told[0].field.as_str()), (1, "scope_missing", "/c/reply_to"));
    assert!(told[0].detail.contains("the permission for answers (comments): connect it again"), "{}", told[0].detail);
    assert!(check_access(&answer, &platform, &granted(&["comments"]), "/c").is_empty());
}
