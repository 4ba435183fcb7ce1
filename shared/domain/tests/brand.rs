//! Brand rules: words found as words, links by where they lead, hashtags counted.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::platform::{Descriptor, Limits, LinkCards, LinkWords, TagRule, TitleRule};
use domain::publishing::{
    BrandRules, CaptionTrack, ContentKind, LinkCard, Media, MediaRef, MediaSource, Part, Poll, Probe, Template, Variant,
};
use domain::text::TextRule;
use domain::{MediaId, MemberId, TenantId};
use uuid::Uuid;

fn list(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn rules(make: impl FnOnce(&mut BrandRules)) -> BrandRules {
    let mut rules = BrandRules::default();
    make(&mut rules);
    rules.checked().unwrap()
}

fn broken(rules: &BrandRules, text: &str) -> Vec<String> {
    rules.check(&Variant::text(text), "/content").into_iter().map(|v| v.code).collect()
}

#[test]
fn a_forbidden_word_is_found_as_a_word_in_any_case_and_composition() {
    let rules = rules(|r| r.forbidden_words = list(&["cheap", "Straße", "café", "free shipping", "C++"]));
    for text in [
        "So CHEAP!",
        "(cheap)",
        "#cheap",
        "cheap-looking",
        "in der STRASSE",
        "cafe\u{301}",
        "CAFÉ au lait",
        "Free\n  shipping today",
        "written in c++",
        "ch\u{200b}eap and ch\u{ad}eap",
        "ch\u{202e}eap",
        "che\u{2066}ap",
        "cheap\u{fe0f}",
        "c\u{34f}heap",
        "best_cheap_one",
        "so.cheap.now",
        "it:cheap",
        "l’cheap",
        "l'cheap",
        "cheap_2026",
    ] {
        assert_eq!(broken(&rules, text), ["brand_word_forbidden"], "{text}");
    }
    for text in ["cheaper", "dirtcheap", "cafés", "free, shipping", "shipping free"] {
        assert_eq!(broken(&rules, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_greek_sigma_is_one_letter_wherever_it_stands() {
    let rules = rules(|r| r.forbidden_words = list(&["ΛΟΓΟΣ"]));
    assert_eq!(broken(&rules, "ο λόγος"), Vec::<String>::new(), "an accent makes another word");
    assert_eq!(broken(&rules, "λογος και λογοσ"), ["brand_word_forbidden"]);
}

#[test]
fn a_required_word_may_stand_in_any_text_of_the_post_and_each_is_required() {
    let rules = rules(|r| r.required_words = list(&["Ad", "T&Cs apply"]));
    assert_eq!(broken(&rules, "adorable"), ["brand_word_missing"; 2]);
    assert_eq!(broken(&rules, "AD. t&cs apply."), Vec::<String>::new());
    let thread = Variant {
        parts: [("First"), ("ad")].map(|text| Part { text: text.into(), media: vec![] }).to_vec(),
        first_comment: Some("T&Cs apply".into()),
        ..Variant::default()
    };
    assert!(rules.check(&thread, "/content").is_empty());
}

#[test]
fn every_text_that_people_read_is_looked_at_and_named() {
    let rules = rules(|r| r.forbidden_words = list(&["cheap"]));
    let text = || Some("cheap".to_owned());
    let link = LinkCard { url: "https://example.com".into(), title: text(), description: text() };
    let poll = Poll { question: text(), options: list(&["dear", "cheap"]), duration_minutes: 60, multiple: false };
    let mut variant = Variant {
        link: Some(link),
        poll: Some(poll),
        template: Some(Template { name: "cheap".into(), language: "en".into(), parameters: list(&["dear", "cheap"]) }),
        title: text(),
        summary: text(),
        first_comment: text(),
        tags: list(&["cheap"]),
        categories: list(&["cheap"]),
        ..Variant::text("cheap")
    };
    let id = "med_0198c0ffee0070008000000000000001".parse().unwrap();
    let captions = vec![CaptionTrack { id, language: "en".into(), name: text() }];
    let film = MediaRef { captions, ..MediaRef::new(id) };
    variant.parts.push(Part { text: "dear".into(), media: vec![film] });
    let found: Vec<String> = rules.check(&variant, "/variants/x").into_iter().map(|v| v.field).collect();
    let named = [
        "parts/0/text",
        "parts/1/media/0/captions/0/name",
        "link/title",
        "link/description",
        "title",
        "summary",
        "poll/question",
        "first_comment",
        "tags/0",
        "categories/0",
        "poll/options/1",
        "template/parameters/1",
    ];
    assert_eq!(found, named.map(|field| format!("/variants/x/{field}")));
}

#[test]
fn a_link_is_judged_by_the_host_it_leads_to_and_what_lies_below_a_domain_counts_with_it() {
    let only = rules(|r| r.allowed_domains = list(&["Example.com.", "müller.example"]));
    for link in [
        "https://example.com",
        "http://shop.EXAMPLE.com/a?b#c",
        "example.com/sale",
        "https://xn--mller-kva.example/",
        "https://www.müller.example",
        "https://example.com:8443/",
        "https://example.com./",
    ] {
        assert_eq!(broken(&only, &format!("Look: {link}")), Vec::<String>::new(), "{link}");
    }
    for link in [
        "https://badexample.com",
        "https://example.com.evil.test",
        "https://example.com@evil.test/",
        "https://evil.test/example.com",
        "https://93.184.216.34/",
        "muller.example",
    ] {
        assert_eq!(broken(&only, &format!("Look: {link}")), ["brand_link_domain"], "{link}");
    }
    let card = LinkCard { url: "https://evil.test".into(), title: None, description: None };
    let found = only.check(&Variant { link: Some(card), ..Variant::text("Look") }, "/content");
    assert_eq!((found[0].code.as_str(), found[0].field.as_str()), ("brand_link_domain", "/content/link/url"));
}

#[test]
fn an_apostrophe_is_one_however_it_is_set_and_a_number_is_one_word() {
    let rules = rules(|r| r.forbidden_words = list(&["don't", "50"]));
    assert_eq!(broken(&rules, "We don’t"), ["brand_word_forbidden"]);
    assert_eq!(broken(&rules, "only 3.50"), Vec::<String>::new());
}

#[test]
fn a_denied_domain_is_found_whatever_sign_touches_it_and_whatever_stands_behind_it() {
    let denied = rules(|r| r.denied_domains = list(&["evil.com"]));
    let only = rules(|r| r.allowed_domains = list(&["ok.com"]));
    for text in [
        "👉evil.com",
        "詳細はevil.com",
        "„evil.com“",
        "https://evil.comです",
        "evil.com/?u=https://ok.com",
        "evil.com:8080/x",
        "https://evil.com",
        "ftp://EVIL.com/a",
    ] {
        assert!(broken(&denied, text).contains(&"brand_link_domain".to_owned()), "{text}");
        assert!(broken(&only, text).contains(&"brand_link_domain".to_owned()), "{text}");
    }
    for text in ["👉ok.com", "https://ok.com/?u=evil", "„ok.com“", "devil.com"] {
        assert_eq!(broken(&denied, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn an_address_without_a_host_to_read_is_refused_where_domains_are_denied() {
    let denied = rules(|r| r.denied_domains = list(&["evil.com"]));
    let card = LinkCard { url: "https://a b".into(), title: None, description: None };
    let linked = Variant { link: Some(card), ..Variant::text("Look") };
    assert_eq!(denied.check(&linked, "")[0].code, "brand_link_domain");
    let words = rules(|r| r.forbidden_words = list(&["cheap"]));
    assert!(words.check(&linked, "").is_empty(), "nobody said anything of links");
}

#[test]
fn a_domain_that_is_longer_than_any_is_refused() {
    let domain = |last: usize| format!("{}{}.com", "a23456789.".repeat(24), "b".repeat(last));
    let checked = |domain| BrandRules { denied_domains: vec![domain], ..BrandRules::default() }.checked();
    assert_eq!(domain(9).len(), 253);
    assert!(checked(domain(9)).is_ok());
    assert_eq!(checked(domain(10)).unwrap_err()[0].field, "/denied_domains/0");
}

#[test]
fn what_is_denied_is_denied_though_something_above_it_is_allowed() {
    let rules = rules(|r| {
        r.allowed_domains = list(&["example.com"]);
        r.denied_domains = list(&["old.example.com"]);
    });
    assert_eq!(broken(&rules, "https://a.old.example.com"), ["brand_link_domain"]);
    assert!(broken(&rules, "https://new.example.com").is_empty());
}

#[test]
fn hashtags_are_counted_over_all_parts_and_told_with_the_limit() {
    let rules = rules(|r| r.max_hashtags = Some(2));
    assert!(broken(&rules, "#one ＃two, no#three, https://example.com/#four # five #").is_empty());
    let thread = Variant {
        parts: ["#one #two", "#drei"].map(|text| Part { text: text.into(), media: vec![] }).to_vec(),
        ..Variant::default()
    };
    let found = rules.check(&thread, "/content").remove(0);
    assert_eq!((found.code.as_str(), found.limit, found.actual), ("brand_hashtags", Some(2), Some(3)));
    assert_eq!(broken(&BrandRules { max_hashtags: Some(0), ..BrandRules::default() }, "#a"), ["brand_hashtags"]);
}

#[test]
fn rules_that_cannot_be_are_refused_each_with_its_place() {
    let wrong = BrandRules {
        required_words: list(&["ok", "  "]),
        forbidden_words: vec!["x".repeat(101), "\u{200b}".into(), "a\u{7}b".into()],
        allowed_domains: list(&["https://example.com", "*.example.com", "localhost", "10.0.0.1", "a..b", ""]),
        denied_domains: vec!["example.com".into(); 101],
        max_hashtags: Some(1_001),
    };
    let found = wrong.checked().unwrap_err();
    assert!(found.iter().all(|v| v.code == "brand_rule_invalid"));
    let fields: Vec<&str> = found.iter().map(|v| v.field.as_str()).collect();
    let mut named = vec!["/required_words/1", "/forbidden_words/0", "/forbidden_words/1", "/forbidden_words/2"];
    let domains: Vec<String> = (0..6).map(|i| format!("/allowed_domains/{i}")).collect();
    named.extend(domains.iter().map(String::as_str));
    named.extend(["/denied_domains", "/max_hashtags"]);
    assert_eq!(fields, named);
}

#[test]
fn no_rules_break_nothing_and_are_written_as_nothing() {
    assert!(BrandRules::default().check(&Variant::text("#a https://evil.test"), "/content").is_empty());
    assert_eq!(serde_json::to_string(&BrandRules::default()).unwrap(), "{}");
}

fn platform(limits: Limits) -> Descriptor {
    Descriptor {
        id: "sample".parse().unwrap(),
        aliases: Vec::new(),
        name: "Sample".into(),
        color: "#000000".into(),
        queue: "sample".into(),
        limits,
        settle_s: 900,
    }
}

fn card(variant: &mut Variant) -> &mut LinkCard {
    variant.link.as_mut().unwrap()
}

#[test]
fn a_required_word_stands_where_the_platform_shows_it() {
    let rules = rules(|r| r.required_words = list(&["Ad"]));
    let bare_limits = || Limits::text_only(TextRule::Chars { limit: 100 });
    let chars = || TextRule::Chars { limit: 100 };
    let blog = Limits {
        images: 1,
        alt_text: 100,
        title: Some(TitleRule { text: chars(), required: false }),
        summary: Some(chars()),
        tags: Some(TagRule::new(9, 9)),
        categories: Some(TagRule::new(9, 9)),
        link_card: Some(LinkCards { needs_title: true, beside_media: true }),
        ..bare_limits()
    };
    let (bare, blog) = (platform(bare_limits()), platform(blog));
    let ad = || Some("an ad".to_owned());
    let says = |change: &dyn Fn(&mut Variant)| {
        let mut variant = Variant::text("New shoes");
        variant.link = Some(LinkCard { url: "https://example.com".into(), title: None, description: None });
        variant.parts[0].media.push(MediaRef::new(MediaId::from_uuid(Uuid::nil())));
        change(&mut variant);
        variant
    };
    for (field, variant) in [
        ("title", says(&|v| v.title = ad())),
        ("summary", says(&|v| v.summary = ad())),
        ("tags", says(&|v| v.tags = list(&["ad"]))),
        ("categories", says(&|v| v.categories = list(&["ad"]))),
        ("alternative text", says(&|v| v.parts[0].media[0].alt_text = ad())),
        ("link title", says(&|v| card(v).title = ad())),
        ("link description", says(&|v| card(v).description = ad())),
    ] {
        let missing = rules.check_on(&bare, &variant, &[], "/content");
        let told: Vec<_> = missing.iter().map(|v| (v.code.as_str(), v.field.as_str(), v.platform.as_deref())).collect();
        assert_eq!(told, [("brand_word_missing", "/content/parts/0/text", Some("sample"))], "{field}");
        assert!(missing[0].detail.contains("Sample"), "{missing:?}");
        assert_eq!(rules.check_on(&blog, &variant, &[], "/content"), [], "{field}");
    }
    assert_eq!(rules.check_on(&bare, &says(&|v| v.parts[0].text = "Ad: shoes".into()), &[], ""), []);
    let nowhere = rules.check_on(&bare, &says(&|_| ()), &[], "");
    assert_eq!((nowhere.len(), nowhere[0].platform.as_deref()), (1, None), "told once, and of no platform");
    // A link that stands below the text with its title, or with its description, too; unless the text has its address.
    for (words, title, description) in [(LinkWords::None, 1, 1), (LinkWords::Title, 0, 1), (LinkWords::All, 0, 0)] {
        let below = platform(Limits { link_words: words, ..bare_limits() });
        let missing = |variant: &Variant| rules.check_on(&below, variant, &[], "").len();
        assert_eq!(missing(&says(&|v| card(v).title = ad())), title, "{words:?}");
        assert_eq!(missing(&says(&|v| card(v).description = ad())), description, "{words:?}");
        let has_address = |v: &mut Variant| {
            v.parts[0].text = "New shoes: https://example.com".into();
            (card(v).title, card(v).description) = (ad(), ad());
        };
        assert_eq!(missing(&says(&has_address)), 1, "{words:?}");
    }
    // A page that the platform reads itself, and a draft that goes without its words.
    let reads = Limits { link_card: Some(LinkCards { needs_title: false, beside_media: true }), ..bare_limits() };
    assert_eq!(rules.check_on(&platform(reads), &says(&|v| card(v).title = ad()), &[], "").len(), 1);
    let inbox = platform(Limits { wordless_drafts: true, ..bare_limits() });
    let worded = says(&|v| v.parts[0].text = "Ad".into());
    assert_eq!(rules.check_on(&inbox, &worded, &[], ""), []);
    assert_eq!(rules.check_on(&inbox, &Variant { draft: true, ..worded }, &[], "").len(), 1);
    let story = Variant { kind: ContentKind::Story, ..says(&|v| v.parts[0].text = "Ad".into()) };
    let found = rules.check_on(&blog, &story, &[], "");
    assert!(found.len() == 1 && found[0].detail.contains("a story without words"), "{found:?}");
}

#[test]
fn a_title_of_a_picture_is_shown_nowhere_and_one_of_a_document_everywhere() {
    let rules = rules(|r| r.required_words = list(&["Ad"]));
    let here = platform(Limits { images: 1, ..Limits::text_only(TextRule::Chars { limit: 100 }) });
    for (media_type, shown) in [("image/png", false), ("application/pdf", true)] {
        let medium = Media {
            id: MediaId::from_uuid(Uuid::nil()),
            tenant: TenantId::from_uuid(Uuid::nil()),
            created_by: MemberId::from_uuid(Uuid::nil()),
            created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            source: MediaSource::Url { url: "https://example.com/a".into() },
            probe: Some(Probe::picture(media_type, 1, 1, 1)),
            alt_text: None,
        };
        let mut variant = Variant::text("New shoes");
        variant.parts[0].media.push(MediaRef { title: Some("Ad".into()), ..MediaRef::new(medium.id) });
        assert_eq!(rules.check_on(&here, &variant, &[medium], "").is_empty(), shown, "{media_type}");
    }
}
