//! What holds for every page, whatever it shows: it renders, nothing people write becomes markup, no code is inline,
//! and every reference inside it leads somewhere.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod samples;
mod scan;

use std::collections::HashSet;

use console::assets;
use scan::{Tag, tags};

/// Texts that have broken other people's pages.
fn hostile() -> Vec<String> {
    vec![
        "<script>alert(1)</script>".into(),
        "\"><img src=x onerror=alert(1)>".into(),
        "' onmouseover='alert(1)' x='".into(),
        "</textarea></title></script><style>*{display:none}</style>".into(),
        "{{ shell.csrf }}{% include 'x' %}<!-- ]]> &lt;b&gt; &amp;".into(),
        "javascript:alert(1)".into(),
        "\u{202e}מילה\u{2066}عربي\u{2069} \u{0000}\u{0008}\r\n\t\u{2028}".into(),
        "W".repeat(3000),
        "👩‍👩‍👧‍👦🏳️‍🌈 ".repeat(100),
    ]
}

/// Every page with its tags, in all the ways it can look here.
fn each_page(mut check: impl FnMut(&str, &[Tag])) {
    for sample in samples::full().into_iter().chain(samples::empty()) {
        let html = (sample.render)(None).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        check(&sample.name, &tags(&html));
    }
}

#[test]
fn every_page_renders_full_and_empty_and_closes_what_it_opens() {
    each_page(|name, tags| {
        scan::check_nesting(name, tags);
        let count = |wanted: &str| tags.iter().filter(|tag| tag.is(wanted)).count();
        assert_eq!((count("html"), count("main"), count("h1"), count("title")), (1, 1, 1, 1), "{name}");
        assert!(tags.iter().any(|tag| tag.is("html") && tag.get("lang") == Some("en")), "{name}");
    });
}

#[test]
fn whatever_people_write_no_page_gains_or_loses_a_tag_or_an_attribute() {
    for sample in samples::full() {
        let shape = |text: &str| {
            let html = (sample.render)(Some(text)).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            tags(&html).iter().map(Tag::shape).collect::<Vec<_>>()
        };
        let plain = shape("word");
        for text in hostile() {
            assert!(shape(&text) == plain, "{} changes its markup for {text:?}", sample.name);
        }
    }
}

#[test]
fn an_address_people_write_never_becomes_code() {
    for sample in samples::full() {
        for text in [
            "javascript:alert(1)",
            "JAVASCRIPT://%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "//evil.example",
        ] {
            let html = (sample.render)(Some(text)).unwrap();
            for tag in tags(&html) {
                for name in ["href", "src", "action", "formaction", "poster"] {
                    let Some(value) = tag.get(name) else { continue };
                    // The engine writes a slash as a character reference.
                    let value = value.replace("&#x2f;", "/").to_ascii_lowercase();
                    let ours = value.starts_with('/') && !value.starts_with("//");
                    let safe =
                        ours || value.starts_with('#') || value.starts_with("http://") || value.starts_with("https://");
                    assert!(safe, "{}: {name}={value:?}", sample.name);
                }
            }
        }
    }
}

#[test]
fn no_page_has_code_or_style_inside_it() {
    each_page(|name, tags| {
        for tag in tags {
            assert!(!tag.is("style"), "{name} has a style element");
            assert!(
                !tag.is("script") || tag.get("src").is_some() && tag.text.trim().is_empty(),
                "{name} has an inline script"
            );
            for (attribute, _) in &tag.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: <{} {attribute}>", tag.name);
            }
        }
    });
}

#[test]
fn every_asset_a_page_names_exists_under_an_address_that_may_be_kept_for_ever() {
    let mut seen = HashSet::new();
    each_page(|name, tags| {
        for value in tags.iter().flat_map(|tag| ["href", "src"].into_iter().filter_map(|key| tag.get(key))) {
            let value = value.replace("&#x2f;", "/");
            if value.starts_with(assets::PREFIX) {
                let found = assets::find(&value).unwrap_or_else(|| panic!("{name} names {value}"));
                assert_eq!(found.cache_control, assets::CACHE_IMMUTABLE, "{name} names {value}");
                seen.insert(found.asset.name);
            }
        }
    });
    assert_eq!(seen.len(), assets::all().len(), "an asset is not used");
}

#[test]
fn every_field_has_a_label_and_every_reference_leads_to_something_on_the_page() {
    each_page(|name, tags| {
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        let unique: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name} has an id twice: {ids:?}");
        let labelled: HashSet<&str> =
            tags.iter().filter(|tag| tag.is("label")).filter_map(|tag| tag.get("for")).collect();
        let mut in_label = false;
        for tag in tags {
            if tag.name == "label" {
                in_label = !tag.closing;
            }
            let is_field =
                ["input", "textarea", "select"].iter().any(|field| tag.is(field)) && tag.get("type") != Some("hidden");
            assert!(
                !is_field || in_label || tag.get("id").is_some_and(|id| labelled.contains(id)),
                "{name}: no label for {tag:?}"
            );
            let references = ["for", "aria-describedby", "aria-labelledby", "data-copy"]
                .into_iter()
                .filter_map(|key| tag.get(key))
                .flat_map(str::split_whitespace);
            let anchors = tag.get("href").and_then(|href| href.strip_prefix('#')).filter(|anchor| !anchor.is_empty());
            for reference in references.chain(anchors) {
                assert!(unique.contains(reference), "{name}: nothing has the id {reference}");
            }
            assert!(!tag.is("img") || tag.get("alt").is_some(), "{name}: a picture without alt");
            assert!(
                !tag.is("time") || tag.get("datetime").is_some() && tag.get("data-zone").is_some(),
                "{name}: a time without its zone"
            );
        }
    });
}

#[test]
fn every_form_posts_its_token_and_its_idempotency_key_and_one_that_only_asks_sends_neither() {
    each_page(|name, tags| {
        let mut forms: Vec<(&Tag, HashSet<&str>)> = Vec::new();
        for tag in tags {
            if tag.is("form") {
                forms.push((tag, HashSet::new()));
            }
            if let (Some((_, fields)), true) = (forms.last_mut(), tag.get("type") == Some("hidden")) {
                fields.extend(tag.get("name"));
            }
        }
        for (form, fields) in forms {
            if form.get("method") == Some("get") {
                // It changes nothing, and what it sends stands in an address, where no token may.
                assert!(fields.is_empty(), "{name}: {form:?} sends {fields:?}");
                continue;
            }
            assert_eq!(form.get("method"), Some("post"), "{name}");
            assert!(fields.contains("csrf"), "{name}: {form:?} has no token");
            // Signing in and out may happen twice without harm.
            let session = matches!(form.get("action"), Some("/console/sign-in" | "/console/sign-out"));
            assert!(session || fields.contains("idempotency_key"), "{name}: {form:?} has no idempotency key");
        }
    });
}

#[test]
fn the_navigation_marks_the_page_one_is_on() {
    each_page(|name, tags| {
        let marked = tags.iter().filter(|tag| tag.get("aria-current") == Some("page")).count();
        let expected =
            if name.contains("sign-in") || name.contains("error") && !name.contains("composer") { 0 } else { 2 };
        assert_eq!(marked, expected, "{name}: once in the wide navigation, once in the narrow one");
    });
}

#[test]
fn all_that_is_wrong_with_a_form_is_told_on_top_and_beside_its_field() {
    let sample = samples::full().into_iter().find(|sample| sample.name == "composer-errors").unwrap();
    let html = (sample.render)(None).unwrap();
    for field in ["targets", "variant_x", "link", "media_1", "time"] {
        assert!(html.contains(&format!("<a href=\"#{field}\">")), "{field} is not on top");
        assert!(html.contains(&format!("id=\"{field}-error\"")), "{field} is not told beside its field");
    }
}
