//! What the README pictures of the console, looked at and, when somebody asks for it, taken anew.

use crate::visit::Visit;
use e2e::Stack;
use std::time::{Duration, Instant};

const TEXT: &str = "The workshop opens its doors on Saturday at ten. Come and see how it is done.";

#[tokio::test]
async fn a_text_with_a_link_stands_beside_its_counts_and_previews_for_the_ticked_accounts() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    stack.person().await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/compose").await;
    let tick = "for (const target of document.querySelectorAll('[name=target]')) \
        if (target.checked !== ['x', 'linkedin'].includes(target.dataset.platform)) target.click()";
    visit.run(tick, vec![]).await;
    visit.fill("#text", TEXT).await;
    visit.fill("#link", "https://example.com/open-day").await;
    visit.fill("#link_title", "Open day at the workshop").await;
    // A link counts 23 on X, with the line end before it, and is a card on LinkedIn.
    for (platform, counted) in [("x", "101 / 280"), ("linkedin", "77 / 3000")] {
        visit.hears(counted).await;
        let preview = visit.text(&format!("//*[@data-preview='{platform}']")).await;
        assert!(preview.contains(TEXT) && preview.contains("https://example.com/open-day"), "{preview}");
    }
    let start = Instant::now();
    while visit.run("return document.querySelector('[data-wrong]:not([hidden]), [aria-busy]') === null", vec![]).await
        != true
    {
        assert!(start.elapsed() < Duration::from_secs(15), "something is to put right: {}", visit.shown().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    visit.portrait("compose", 960).await;
    visit.end().await;
}
