//! An endpoint on the console's pages: registered, tried, watched, changed, sent to again and deleted.

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

#[tokio::test]
async fn a_person_adds_a_queue_and_reads_what_its_role_has_to_ask_for() {
    let stack = Stack::alone().await;
    let visit = Visit::signed_in(&stack).await;
    let name = unique("by-the-form");
    let queue = format!("https://sqs.eu-west-1.amazonaws.com/123456789012/{name}");
    visit.open("/webhooks").await;
    visit.fits_a_phone("an address of one's own").await;
    visit.click("input[name='to'][value='queue']").await;
    visit.fits_a_phone("a queue").await;
    visit.fill("#queue", &queue).await;
    visit.press("//button[.='Add endpoint']").await;
    // A role is missing; what was typed stays.
    visit.hears("Give the ARN of a role").await;
    visit.fill("#role", "arn:aws:iam::123456789012:role/herald-events-crm").await;
    visit.press("//button[.='Add endpoint']").await;
    visit.hears("The endpoint was added").await;
    visit.arrives("/console/webhooks/").await;
    assert!(visit.says(&queue).await && visit.says("external id").await, "{}", visit.shown().await);
    assert!(!visit.says("Signed with").await, "nothing is signed for a queue");
    visit.fits_a_phone("the page of a queue").await;
    visit.press("//summary[contains(., 'Delete')]").await;
    visit.press("//details[@open]//button[contains(., 'Delete')]").await;
    visit.arrives("/console/webhooks").await;
    visit.end().await;
}

#[tokio::test]
async fn a_person_changes_an_endpoint_sends_a_sample_sends_it_again_replays_it_and_changes_the_secret() {
    let stack = Stack::alone().await;
    let visit = Visit::signed_in(&stack).await;
    let hook = unique("followed-by-hand");
    let url = format!("{}/hooks/{hook}", stack.sandbox);
    visit.open("/webhooks").await;
    visit.fill("#url", &url).await;
    visit.fill("#description", "our archive").await;
    visit.press("//button[.='Add endpoint']").await;
    visit.hears("Keep this signing secret now").await;
    visit.press(&format!("//li[.//bdi[.='{url}']]//a[.='Log and settings']")).await;
    visit.arrives("/console/webhooks/").await;
    let page = visit.path().await;
    let (id, below) = (page.rsplit('/').next().unwrap().to_owned(), page.trim_start_matches("/console").to_owned());

    visit.press("//a[.='Change']").await;
    visit.arrives(&format!("{page}/edit")).await;
    visit.fits_a_phone("the change of an endpoint").await;
    visit.retype("#description", "our museum").await;
    visit.fill("#headers", "X-From: the console").await;
    visit.press("//button[.='Save']").await;
    visit.arrives(&page).await;
    assert!(visit.says("Saved").await && visit.says("our museum").await, "{}", visit.shown().await);
    assert!(visit.says("X-From").await && !visit.says("the console").await, "a header's value is not shown");

    visit.open("/webhooks/events").await;
    visit.fits_a_phone("the events").await;
    visit.press("//a[.='post.failed']").await;
    visit.arrives("/console/webhooks/events/post.failed").await;
    visit.fits_a_phone("an event").await;
    visit.set("endpoint", &id).await;
    visit.press("//button[.='Send sample']").await;
    visit.arrives(&format!("{page}/messages/")).await;
    visit.comes_to_say("HTTP 2", Duration::from_secs(30)).await;
    assert!(visit.says("post.failed").await && visit.says("\"test\":true").await, "{}", visit.shown().await);
    visit.fits_a_phone("a message").await;
    visit.press("//button[.='Send again']").await;
    visit.hears("It is sent again").await;
    visit.comes_to_say("try 2", Duration::from_secs(30)).await;

    visit.open(&below).await;
    visit.press("//summary[contains(., 'Switch off')]").await;
    visit.press("//details[@open]//button[contains(., 'Switch off')]").await;
    visit.hears("It is off").await;
    assert!(visit.says("Switched off by hand").await, "{}", visit.shown().await);
    visit.press("//button[.='Switch on']").await;
    visit.hears("It is on").await;
    let begin = (e2e::now() - jiff::SignedDuration::from_hours(24)).to_string();
    visit.set("since", &begin[..16]).await;
    visit.click("#again input[name='every']").await;
    visit.press("//form[@id='again']//button[.='Send again']").await;
    visit.hears("It goes through the log").await;
    // The tick of the next minute takes what was found.
    visit.comes_to_say("sent again. Asked for", Duration::from_secs(30)).await;
    visit.comes_to_say("try 3", Duration::from_secs(100)).await;
    let received = stack.sandbox("GET", &format!("/hooks/{hook}"), None).await;
    // What scenarios before this one did may be told here as well.
    let samples = received["deliveries"].as_array().unwrap().iter().filter(|told| told["json"]["test"] == true);
    assert_eq!(samples.count(), 3, "{received:#}");

    visit.set("state", "delivered").await;
    visit.press("//button[.='Show these']").await;
    visit.arrives(&page).await;
    assert!(visit.says("post.failed").await && visit.says("Show all").await, "{}", visit.shown().await);
    visit.press("//summary[.='Python']").await;
    visit.hears("from standardwebhooks import Webhook").await;
    visit.fits_a_phone("the programs").await;
    visit.press("//summary[.='Change the signing secret']").await;
    visit.press("//button[.='Change secret']").await;
    visit.hears("Keep this signing secret now").await;
    visit.end().await;
}
