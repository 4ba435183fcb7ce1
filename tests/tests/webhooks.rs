//! What customers' systems are told, and what they tell: through the real template, both ways.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use e2e::{Answer, Stack, now, unique};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::{Duration, Instant};

const WEBHOOKS: &str = "/api/publishing/webhooks";

/// A receiver of the sandbox that knows the secret, and the endpoint's id.
async fn endpoint(stack: &Stack, hook: &str, events: &[&str], settings: Value) -> String {
    let body = json!({ "name": hook, "url": format!("{}/hooks/{hook}", stack.sandbox), "events": events });
    let made = stack.ask("POST", WEBHOOKS, Some(body)).await.data().clone();
    let mut known = json!({ "secret": made["secret"] });
    known.as_object_mut().unwrap().extend(settings.as_object().cloned().unwrap_or_default());
    stack.sandbox("POST", &format!("/control/hooks/{hook}"), Some(known)).await;
    made["webhook_id"].as_str().unwrap().to_owned()
}

/// Has the sample of an event sent to an endpoint; the event's id.
async fn test(stack: &Stack, endpoint: &str) -> String {
    let body = json!({ "webhook_id": endpoint, "event": "post.failed" });
    let sent = stack.ask("POST", "/api/publishing/test/webhook", Some(body)).await;
    sent.data()["event_id"].as_str().unwrap_or_else(|| panic!("{sent:?}")).to_owned()
}

/// Asks until the answer is as it should be.
async fn until(stack: &Stack, path: &str, patience_s: u64, judge: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let seen = stack.ask("GET", path, None).await.data().clone();
        if judge(&seen) {
            return seen;
        }
        assert!(start.elapsed() < Duration::from_secs(patience_s), "{path} stays {seen:#}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn received(stack: &Stack, hook: &str) -> Vec<Value> {
    let seen = stack.sandbox("GET", &format!("/hooks/{hook}"), None).await;
    assert!(seen["deliveries"].as_array().unwrap().iter().all(|one| one["verified"] == true), "{seen:#}");
    seen["deliveries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_endpoint_that_fails_is_tried_again_under_the_same_id_and_what_it_missed_while_it_was_off_is_recovered() {
    let stack = Stack::alone().await;
    let (hook, start) = (unique("down"), now());
    let id = endpoint(&stack, &hook, &["post.failed"], json!({ "statuses": [500, 200, 410] })).await;
    let message = |event: &str| format!("{WEBHOOKS}/{id}/messages/{event}");

    // Refused once, and taken some seconds later.
    let first = test(&stack, &id).await;
    let seen = until(&stack, &message(&first), 60, |seen| seen["state"] == "delivered").await;
    let statuses: Vec<_> = seen["attempts"].as_array().unwrap().iter().map(|tried| &tried["status"]).collect();
    assert_eq!(statuses, [500, 200], "{seen:#}");
    let heard = received(&stack, &hook).await;
    assert_eq!(heard[0]["headers"]["webhook-id"], heard[1]["headers"]["webhook-id"], "{heard:#?}");
    assert_eq!((&heard[0]["body"], &seen["body"]), (&heard[1]["body"], &heard[1]["body"]));

    // 410 switches it off, visibly.
    let second = test(&stack, &id).await;
    until(&stack, &message(&second), 60, |seen| seen["state"] == "dead" && seen["reason"] == "gone").await;
    let off = until(&stack, &format!("{WEBHOOKS}/{id}"), 20, |seen| seen["status"] == "disabled").await;
    assert_eq!(off["reason"], "gone", "{off:#}");

    // On again, and what is dead of that time is sent again.
    let (bearer, key) = (format!("Bearer {}", stack.key), unique("key"));
    let headers = [("authorization", &*bearer), ("idempotency-key", &*key), ("if-match", "*")];
    let on = json!({ "enabled": true }).to_string();
    let on: Answer = stack.call("PATCH", &format!("{WEBHOOKS}/{id}"), &headers, Some(&on)).await;
    assert_eq!(on.status, 200, "{on:?}");
    let asked = json!({ "since": start.to_string() });
    let recovery = stack.ask("POST", &format!("{WEBHOOKS}/{id}/recover"), Some(asked)).await;
    assert_eq!(recovery.status, 202, "{recovery:?}");
    until(&stack, &message(&second), 150, |seen| seen["state"] == "delivered").await;
    let heard = received(&stack, &hook).await;
    assert_eq!(heard.len(), 4, "what it took is not sent again: {heard:#?}");
    assert_eq!(heard[3]["headers"]["webhook-id"], second);
    stack.ask("DELETE", &format!("{WEBHOOKS}/{id}"), None).await;
}

#[tokio::test]
async fn what_a_system_tells_is_believed_with_its_proof_alone_comes_in_once_and_is_told_on() {
    let stack = Stack::alone().await;
    let hook = unique("told");
    let id = endpoint(&stack, &hook, &["interaction.received"], json!({})).await;
    let body = json!({ "platform": "standard", "name": "the shop" });
    let source = stack.ask("POST", "/api/publishing/sources", Some(body)).await.data().clone();
    let secret = source["secrets"]["secret"].as_str().unwrap_or_else(|| panic!("{source:#}"));
    let (_, path) = source["url"].as_str().unwrap().split_once("/api/inbound/").unwrap();
    let path = format!("/api/inbound/{path}");

    let words = unique("words");
    let told = json!({ "type": "comment", "data": { "external_id": words, "on": "p1", "author": "u1", "handle": "ada",
        "text": words, "change": "added" } })
    .to_string();
    let (call_id, at) = (unique("call"), now().as_second());
    let signature = Webhook::new(secret).unwrap().sign(&call_id, at, told.as_bytes()).unwrap();
    let stamp = at.to_string();
    let call = async |body: &str| {
        let headers = [("webhook-id", &*call_id), ("webhook-timestamp", &*stamp), ("webhook-signature", &*signature)];
        stack.call("POST", &path, &headers, Some(body)).await.status
    };
    assert_eq!(call(&told.replace("ada", "eve")).await, 401, "another wrote it");
    assert_eq!((call(&told).await, call(&told).await), (200, 200), "it is told again");

    let list = format!("/api/publishing/sources/{}/incoming", source["source_id"].as_str().unwrap());
    let seen = until(&stack, &list, 60, |seen| !seen["items"].as_array().unwrap().is_empty()).await;
    let start = Instant::now();
    let heard = loop {
        let heard = received(&stack, &hook).await;
        if !heard.is_empty() {
            break heard;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "the endpoint is not told");
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let items = stack.ask("GET", &list, None).await.data()["items"].as_array().unwrap().clone();
    assert_eq!((items.len(), heard.len()), (1, 1), "{seen:#} {heard:#?}");
    assert_eq!((&items[0]["what"], &items[0]["data"]["text"]), (&json!("comment"), &json!(words)));
    assert!(!heard[0]["body"].as_str().unwrap().contains(&words), "what people write goes to nobody: {heard:#?}");
    stack.ask("DELETE", &format!("{WEBHOOKS}/{id}"), None).await;
}

#[tokio::test]
async fn a_receiver_is_asked_first_where_that_is_wanted_and_unless_it_agrees_there_is_no_endpoint() {
    let stack = Stack::alone().await;
    let (bearer, hook) = (format!("Bearer {}", stack.key), unique("asked"));
    let url = format!("{}/hooks/{hook}", stack.sandbox);
    let register = async || {
        let key = unique("key");
        let headers = [("authorization", &*bearer), ("idempotency-key", &*key)];
        let body = json!({ "name": hook, "url": url, "format": "cloudevents", "validate": true }).to_string();
        stack.call("POST", WEBHOOKS, &headers, Some(&body)).await
    };
    let refused: Answer = register().await;
    assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!("not_validated")), "{refused:?}");
    stack.sandbox("POST", &format!("/control/hooks/{hook}"), Some(json!({ "consents": { "rate": 30 } }))).await;
    let made = register().await;
    assert_eq!((made.status, &made.data()["allowed_rate"]), (201, &json!(30)), "{made:?}");
    let id = made.data()["webhook_id"].as_str().unwrap().to_owned();
    stack.ask("DELETE", &format!("{WEBHOOKS}/{id}"), None).await;
}
