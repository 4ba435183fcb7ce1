//! The brand rules in a browser: an owner sets them, and who writes against them is told while typing, and refused.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::json;

/// No other scenario says it.
const WORD: &str = "quixotic";

#[tokio::test]
async fn an_owner_says_what_no_post_says_and_whoever_writes_it_is_told_at_once_and_refused() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    let visit = Visit::signed_in(&stack).await;

    visit.open("/team").await;
    visit.retype("#denied_domains", "no domain").await;
    visit.retype("#forbidden_words", WORD).await;
    visit.click("#brand button.primary").await;
    visit.hears("to put right").await;
    assert!(!visit.text("//*[@id='denied_domains-error']").await.is_empty(), "{}", visit.shown().await);
    visit.fits_a_phone("brand rules that are refused").await;
    assert_eq!(visit.run("return document.getElementById('forbidden_words').value", vec![]).await, WORD, "it is lost");
    visit.retype("#denied_domains", "old.example.com").await;
    visit.click("#brand button.primary").await;
    visit.hears("The brand rules are saved").await;
    visit.fits_a_phone("brand rules").await;

    visit.open("/compose").await;
    visit.only_on("x").await;
    let mark = unique("brand");
    visit.fill("#text", &format!("{mark} A {WORD} harbour")).await;
    visit.click("#tab-x").await;
    visit.hears(WORD).await;
    visit.click("input[name='when'][value='at']").await;
    let day = e2e::now().to_zoned(jiff::tz::TimeZone::UTC).date().tomorrow().unwrap();
    visit.set("date", &day.to_string()).await;
    visit.click("button[value='save']").await;
    visit.hears("One thing to put right").await;
    assert!(visit.text("//*[contains(@class, 'notice') and @role='alert']").await.contains(WORD));
    visit.fits_a_phone("a post against the brand rules").await;
    visit.click("#tab-all").await;
    visit.retype("#text", &format!("{mark} A quiet harbour")).await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;

    let path = visit.path().await;
    let post = path.rsplit('/').next().unwrap();
    stack.ask("POST", &format!("/api/publishing/posts/{post}/cancel"), None).await.data();
    stack.ask("PUT", "/api/publishing/brand-rules", Some(json!({}))).await.data();
    visit.end().await;
}
