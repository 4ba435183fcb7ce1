//! An endpoint on the console's page: registered, tried, watched and deleted.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::json;
use std::time::Duration;
use thirtyfour::prelude::*;

#[tokio::test]
async fn a_person_registers_an_endpoint_sees_its_secret_once_tries_it_reads_the_attempt_and_deletes_it() {
    let stack = Stack::alone().await;
    let visit = Visit::signed_in(&stack).await;
    let hook = unique("from-the-page");
    let url = format!("{}/hooks/{hook}", stack.sandbox);

    visit.open("/webhooks").await;
    visit.fill("#url", &url).await;
    visit.fill("#description", "our archive").await;
    visit.click("input[name='event'][value='post.published']").await;
    visit.press("//button[.='Add endpoint']").await;
    let secret = visit.browser.query(By::Id("secret")).first().await.unwrap().text().await.unwrap();
    assert!(secret.starts_with("whsec_") && visit.says(&url).await, "{}", visit.shown().await);
    visit.fits_a_phone("the secret").await;
    stack.sandbox("POST", &format!("/control/hooks/{hook}"), Some(json!({ "secret": secret }))).await;

    visit.open("/webhooks").await;
    let source = visit.browser.source().await.unwrap();
    assert!(source.contains(&hook) && !source.contains(&secret), "the secret is shown once");
    visit.fits_a_phone("the endpoints").await;

    let row = format!("//li[.//bdi[.='{url}']]");
    visit.press(&format!("{row}//button[.='Send test']")).await;
    visit.arrives("/console/webhooks/").await;
    visit.comes_to_say("HTTP 2", Duration::from_secs(30)).await;
    assert!(visit.says("try 1").await && visit.says("our archive").await, "{}", visit.shown().await);
    visit.fits_a_phone("the endpoint's log").await;
    let received = stack.sandbox("GET", &format!("/hooks/{hook}"), None).await;
    assert_eq!(
        (&received["received"], &received["deliveries"][0]["verified"]),
        (&json!(1), &json!(true)),
        "{received:#}"
    );

    // Deleting asks first.
    visit.press("//summary[contains(., 'Delete')]").await;
    visit.press("//details[@open]//button[contains(., 'Delete')]").await;
    visit.arrives("/console/webhooks").await;
    assert!(visit.says("The endpoint was deleted").await && !visit.says(&hook).await, "{}", visit.shown().await);
    visit.end().await;
}
