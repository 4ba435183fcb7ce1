//! The composer's counters: the platforms' rule, asked while one types.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use console::map::{Draft, count};
use console::view::When;
use domain::access::Role;
use domain::platform::{Price, TemplateRule};
use domain::publishing::{BrandRules, Rules};
use domain::text::TextRule;
use ports::StoredReply;
use serde_json::{Value, json};
use site::{Browser, Site, pairs};

/// What the script is told for a form with these fields, of one platform.
async fn counted(browser: &mut Browser<'_>, fields: &[(&str, &str)], platform: &str) -> Value {
    let page = browser.get("/console/queue").await;
    let all = [page.hidden_with("/console/sign-out", &[]), pairs(fields)].concat();
    let answer = browser.post("/console/compose/count", &all).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let counts: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
    counts.into_iter().find(|count| count["slug"] == platform).unwrap()
}

#[tokio::test]
async fn the_counters_are_told_what_the_platforms_own_rule_counts() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let connectors = site.deps().connectors.all();
    for connector in connectors {
        let limits = connector.descriptor().limits.clone();
        let slug = connector.descriptor().id.to_string();
        let limit = limits.text.limit();
        for text in ["", "hello", "\u{65e5}\u{672c}", "\u{1f1ef}\u{1f1f5}", "see https://example.com/a/long/path."] {
            let mut seen = counted(&mut browser, &[("text", text)], &slug).await;
            seen.as_object_mut().unwrap().remove("hints");
            let words = format!("{} / {limit}", limits.text.count(text));
            let expected = json!({ "slug": slug, "words": words, "over": false, "near": false, "parts": [text],
                "problems": [] });
            assert_eq!(seen, expected, "{slug}");
        }
        for (length, over, near) in [(limit, false, true), (limit + 1, true, false)] {
            let text = "a".repeat(length as usize);
            let seen = counted(&mut browser, &[("text", "short"), (&format!("variant_{slug}"), &text)], &slug).await;
            assert_eq!((&seen["over"], &seen["near"]), (&json!(over), &json!(near)), "{slug} {length}");
            let problems = seen["problems"].as_array().unwrap();
            assert_eq!(problems.iter().any(|text| text.as_str().unwrap().contains("horten it by 1.")), over, "{seen}");
        }
        // Where there are no cards the link stands in the text, and counts.
        let link = "https://example.com/a";
        let seen = counted(&mut browser, &[("text", "a"), ("link", link)], &slug).await;
        let full = if limits.link_card.is_some() { "a".to_owned() } else { format!("a\n{link}") };
        assert_eq!(seen["words"], format!("{} / {limit}", limits.text.count(&full)), "{slug}");
        let seen = counted(&mut browser, &[("text", "one\r\n---\r\nthree")], &slug).await;
        let thread = limits.thread_parts > 1;
        assert_eq!(seen["parts"], if thread { json!(["one", "three"]) } else { json!(["one\n---\nthree"]) }, "{slug}");
        assert!(!thread || seen["words"] == format!("3 + 5 of {limit} each (2 parts)"), "{seen}");
    }
    assert!(connectors.iter().any(|connector| connector.descriptor().limits.thread_parts > 1));
}

#[tokio::test]
async fn the_rules_that_a_stored_picture_breaks_are_told_while_one_writes() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let picture = axum::body::Bytes::from_static(site::PNG);
    let medium = app::publishing::upload_media(site.deps(), &site.world.caller, picture, "").await.unwrap();
    let alt = "a".repeat(20_000);
    let fields = [("text", "with a picture"), ("media_0_id", &*medium.id.to_string()), ("media_0_alt", &*alt)];
    let seen = counted(&mut browser, &fields, "readable").await;
    assert!(seen["problems"].to_string().contains("alternative text"), "{seen}");
}

#[tokio::test]
async fn the_tenants_own_rules_are_told_while_one_writes_but_not_of_an_empty_form() {
    let site = Site::new();
    let words = |word: &str| vec![word.to_owned()];
    let brand = BrandRules { required_words: words("Ad"), forbidden_words: words("cheap"), ..BrandRules::default() };
    let encode = |_: &Rules| StoredReply { status: 0, body: String::new() };
    app::publishing::set_brand_rules(site.deps(), &site.world.caller, &brand, &site.once(), &encode).await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let seen = counted(&mut browser, &[("text", "so cheap")], "readable").await;
    let problems = seen["problems"].to_string();
    assert!(problems.contains("forbid \u{201c}cheap\u{201d}") && problems.contains("\u{201c}Ad\u{201d}"), "{seen}");
    assert_eq!(counted(&mut browser, &[("text", "")], "readable").await["problems"], json!([]));
}

#[tokio::test]
async fn what_an_accepted_post_is_warned_of_is_told_while_one_writes() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let seen = counted(&mut browser, &[("text", "hello"), ("title", "A title")], "readable").await;
    let told = json!(["Readable has no titles: not sent there.", "Readable charges $0.000015 for it."]);
    assert_eq!((&seen["hints"], &seen["problems"]), (&told, &json!([])));
    // And on a page that comes back.
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let page = browser.get("/console/compose").await;
    let fields = [("text", "hello"), ("title", "A title"), ("when", "now")];
    let answer = browser.send_form(&page, "/console/compose", &fields).await;
    assert_eq!(answer.status, 422, "it goes nowhere yet: {}", answer.body);
    assert!(answer.body.contains("<li>Readable has no titles: not sent there.</li>"), "{}", answer.body);
}

#[test]
fn what_a_message_costs_whom_it_reaches_and_what_a_series_repeats_is_told_of_what_is_written() {
    let site = Site::new();
    let mut descriptor = site.deps().connectors.all()[0].descriptor().clone();
    descriptor.limits.price = None;
    descriptor.limits.charges = Some("it may be charged for".into());
    descriptor.limits.template = Some(TemplateRule { chars: 100, without: "only for a day".into() });
    descriptor.limits.refuses_repeats = true;
    let hints = |draft: &Draft| count(&descriptor, draft, &[], &BrandRules::default()).hints;
    let written = Draft { text: "hello".into(), ..Draft::default() };
    assert_eq!(hints(&written), ["Only for a day.", "It may be charged for."]);
    assert_eq!(hints(&Draft::default()), Vec::<String>::new(), "nothing is written yet");
    let again = hints(&Draft { when: When::Series, ..written });
    assert!(again.len() == 3 && again[2].contains("refuses words that the account has said before"), "{again:?}");
}

#[test]
fn what_a_platform_charges_is_told_before_one_sends() {
    let site = Site::new();
    let mut descriptor = site.deps().connectors.all()[0].descriptor().clone();
    "Chirp".clone_into(&mut descriptor.name);
    descriptor.limits.price = Some(Price { step_usd_micros: 15_000, link_usd_micros: 200_000 });
    let hints = |text: &str| {
        let draft = Draft { text: text.into(), ..Draft::default() };
        count(&descriptor, &draft, &[], &BrandRules::default()).hints
    };
    assert_eq!(hints("hello"), ["Chirp charges $0.015 for it."]);
    assert_eq!(hints("https://example.com/a"), ["Chirp charges $0.20 for it."]);
    assert_eq!(hints("hello\n---\nhttps://example.com/a"), ["Chirp charges $0.215 for it."]);
    assert_eq!(hints(""), Vec::<String>::new(), "nothing is written yet");
}

#[test]
fn what_a_platform_weighs_is_weighed_on_the_page_too() {
    let site = Site::new();
    let mut descriptor = site.deps().connectors.all()[0].descriptor().clone();
    descriptor.limits.text = TextRule::Weighted { limit: 280, light: vec![(0, 4351)], heavy: 2, url: 23, emoji: 2 };
    for (text, weight) in [
        ("see https://example.com/a/very/long/path", 4 + 23),
        ("\u{65e5}\u{672c}", 4),
        ("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", 2),
    ] {
        let draft = Draft { text: text.into(), ..Draft::default() };
        assert_eq!(count(&descriptor, &draft, &[], &BrandRules::default()).words, format!("{weight} / 280"), "{text}");
    }
}
