//! Brand rules, through the pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::publishing::BrandRules;
use site::Site;

const FORM: &str = "/console/team/brand-rules";

async fn rules(site: &Site) -> BrandRules {
    app::publishing::rules(site.deps(), &site.world.caller).await.unwrap().brand
}

#[tokio::test]
async fn an_owner_sets_the_brand_rules_and_the_composer_tells_them() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    let fields = [
        ("required_words", "Ad\r\n\r\n  Northwind  \r\n"),
        ("forbidden_words", "cheap"),
        ("allowed_domains", "Müller.example"),
        ("denied_domains", ""),
        ("max_hashtags", "2"),
    ];
    let saved = owner.send_form(&page, FORM, &fields).await;
    assert_eq!((saved.status, saved.location()), (303, "/console/team?said=brand-saved"), "{}", saved.body);
    let kept = rules(&site).await;
    assert_eq!(kept.required_words, ["Ad", "Northwind"]);
    assert_eq!(
        (kept.allowed_domains.as_slice(), kept.max_hashtags),
        (&["xn--mller-kva.example".to_owned()][..], Some(2))
    );
    let page = owner.get(saved.location()).await;
    assert!(page.body.contains("The brand rules are saved") && page.body.contains(">Ad\nNorthwind</textarea>"));

    let composer = owner.get("/console/compose").await;
    let target = account.id.to_string();
    let cheap = [("text", "so cheap"), ("target", &*target), ("when", "now")];
    let refused = owner.send_form(&composer, "/console/compose", &cheap).await;
    assert_eq!(refused.status, 422);
    assert!(refused.error_of("text").unwrap().contains("forbid “cheap”"), "{}", refused.body);
    assert!(site.posts().await.is_empty());

    let none = owner.send_form(&page, FORM, &[]).await;
    assert_eq!(none.status, 303);
    assert!(rules(&site).await.is_empty(), "what is left out is no rule");
}

#[tokio::test]
async fn what_is_wrong_with_brand_rules_stands_beside_its_field_and_nothing_is_changed() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    let many = vec!["word"; 101].join("\n");
    let long = "a".repeat(101);
    let fields = [
        ("required_words", &*many),
        ("forbidden_words", &*long),
        ("allowed_domains", "example.com\nhttps://example.com/a\nlocalhost"),
        ("denied_domains", "fine.example"),
        ("max_hashtags", "-1"),
    ];
    let refused = owner.send_form(&page, FORM, &fields).await;
    assert_eq!(refused.status, 422);
    let told = |field: &str| refused.error_of(field).unwrap_or_else(|| panic!("{field}: {}", refused.body));
    assert!(told("required_words").contains("At most 100"));
    assert!(told("forbidden_words").contains("1 to 100 characters"));
    let domains = told("allowed_domains");
    assert!(domains.contains("“https://example.com/a”") && domains.contains("“localhost”"), "{domains}");
    assert!(!domains.contains("“example.com”"), "{domains}");
    assert!(told("max_hashtags").contains("0 to 1000"));
    assert!(refused.error_of("denied_domains").is_none());
    assert!(refused.body.contains(">fine.example</textarea>"), "what was typed stays");
    assert!(rules(&site).await.is_empty());
}

#[tokio::test]
async fn the_form_of_the_brand_rules_acts_once_and_says_so_when_it_comes_again_with_another_content() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    for _ in 0..2 {
        let saved = owner.send_form(&page, FORM, &[("forbidden_words", "cheap")]).await;
        assert_eq!(saved.status, 303);
    }
    let other = owner.send_form(&page, FORM, &[("forbidden_words", "dear")]).await;
    assert!(other.status == 422 && other.error_of("brand").is_some(), "{}", other.body);
    assert_eq!(rules(&site).await.forbidden_words, ["cheap"]);
}

#[tokio::test]
async fn who_is_no_owner_reads_the_brand_rules_and_changes_none() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    assert_eq!(owner.send_form(&page, FORM, &[("forbidden_words", "cheap"), ("max_hashtags", "3")]).await.status, 303);
    let mut editor = site.signed_in(Role::Editor).await;
    let seen = editor.get("/console/team").await;
    assert!(seen.body.contains("cheap") && seen.body.contains("At most 3") && !seen.body.contains(FORM));
    let csrf = seen.hidden_with("/console/sign-out", &[]);
    let fields = [csrf, site::pairs(&[("idempotency_key", "anything8"), ("forbidden_words", "")])].concat();
    assert_eq!(editor.post(FORM, &fields).await.status, 403);
    assert_eq!(rules(&site).await.forbidden_words, ["cheap"]);
}
