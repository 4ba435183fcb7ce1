//! The main way through: connect, compose, schedule, see it on the platform, read that it is published.

use crate::visit::Visit;
use e2e::{Stack, unique};
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

#[tokio::test]
async fn a_person_connects_an_account_schedules_a_post_and_reads_that_it_is_published() {
    let stack = Stack::alone().await;
    let visit = Visit::signed_in(&stack).await;
    let mark = unique("from-the-console");

    visit.open("/accounts").await;
    visit.click("a[href*='/console/accounts/connect/x']").await;
    visit.click("#allow").await;
    visit.arrives("/console/accounts").await;
    assert!(visit.says("connected").await);

    // A member who may speak for pages is asked which to connect.
    visit.click("a[href*='/console/accounts/connect/linkedin']").await;
    visit.click("#allow").await;
    visit.arrives("/console/accounts/choose/linkedin/").await;
    assert!(visit.says("Harbour Coffee Demo").await && visit.says("Lighthouse Labs Demo").await);
    visit.fits_a_phone("the choice").await;
    for ticked in visit.browser.find_all(By::Css("input[name='choice']:checked")).await.unwrap() {
        ticked.click().await.unwrap();
    }
    visit.click("input[name='choice'][value$='5001002']").await;
    visit.click("main form button.primary").await;
    visit.arrives("/console/accounts").await;
    assert!(visit.says("connected").await && visit.says("Lighthouse Labs Demo").await);

    visit.open("/compose").await;
    visit.click("input[name='target'][data-platform='x']:not(:checked)").await;
    visit.fill("#text", &mark).await;
    visit.click("input[name='when'][value='at']").await;
    // The next full minute that is not too near; the tenant plans in UTC.
    let due = jiff::Timestamp::from_second((e2e::now().as_second() + 8).div_euclid(60) * 60 + 60).unwrap();
    for (id, part) in [("date", 0..10), ("time", 11..16)] {
        let script = format!("document.getElementById('{id}').value = '{}'", &due.to_string()[part]);
        visit.run(&script, vec![]).await;
    }
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    assert!(visit.says("scheduled").await);
    let start = Instant::now();
    // The page looks again by itself.
    loop {
        if visit.says("published").await && stack.on_timeline("x", &mark).await.len() == 1 {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(90), "the page does not say that it is published");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    visit.fits_a_phone("the post").await;

    visit.browser.goto(format!("{}/x/timeline", stack.sandbox)).await.unwrap();
    let timeline = visit.browser.find(By::Css("body")).await.unwrap().text().await.unwrap();
    assert!(timeline.contains(&mark), "the platform's own page shows it");

    for page in [
        "",
        "/compose",
        "/calendar",
        "/queue",
        "/import",
        "/series",
        "/compose?series=1",
        "/approvals",
        "/media",
        "/attention",
        "/accounts",
        "/webhooks",
        "/webhooks/events",
        "/webhooks/sources",
        "/webhooks/sources/new/standard",
        "/team",
        "/nowhere",
    ] {
        visit.open(page).await;
        visit.fits_a_phone(page).await;
    }
    visit.end().await;
}
