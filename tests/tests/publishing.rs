//! From a scheduled post to what the world sees, and back from every doubt.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use e2e::{Stack, now, unique};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_scheduled_post_reaches_two_platforms_in_its_second_and_the_customers_webhook_is_told() {
    let stack = Stack::alone().await;
    let (x, linkedin) = (stack.account("x", "ada_demo").await, stack.account("linkedin", "ada-demo").await);
    let hook = unique("hook");
    let body = json!({ "name": "e2e", "url": format!("{}/hooks/{hook}", stack.sandbox), "events": ["post.published"] });
    let made = stack.ask("POST", "/api/publishing/webhooks", Some(body)).await;
    let secret = made.data()["secret"].as_str().unwrap().to_owned();
    stack.sandbox("POST", &format!("/control/hooks/{hook}"), Some(json!({ "secret": secret }))).await;
    let due = Timestamp::from_second(now().as_second() + 6).unwrap();
    let mark = unique("scheduled");
    let post = stack.publish(&format!("{mark} #launch"), &[&x, &linkedin], Some(due)).await;
    assert_eq!(stack.post(&post).await["status"], "scheduled");
    let seen = stack.until(&post, &["published"], SOON).await;
    assert_eq!(seen["status"], "published");
    for platform in ["x", "linkedin"] {
        let live = stack.on_timeline(platform, &mark).await;
        assert_eq!(live.len(), 1, "{platform}: {live:?}");
        let at: Timestamp = live[0]["created_at"].as_str().unwrap().parse().unwrap();
        let late = at.duration_since(due);
        assert!(late >= SignedDuration::from_millis(-500), "{platform} went out {late} early");
        assert!(late < SignedDuration::from_secs(3), "{platform} went out {late} late");
    }
    for delivery in seen["deliveries"].as_array().unwrap() {
        assert!(delivery["url"].as_str().unwrap().starts_with("http"), "{delivery}");
        assert!(delivery["timeline"].as_array().unwrap().len() >= 3, "{delivery}");
    }
    let start = Instant::now();
    let told = loop {
        let hooks = stack.sandbox("GET", &format!("/hooks/{hook}"), None).await;
        let list = hooks["deliveries"].as_array().cloned().unwrap_or_default();
        if list.len() >= 2 {
            break list;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "the webhook was not told: {hooks}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    assert!(told.iter().all(|h| h["verified"] == true), "{told:?}");
}

#[tokio::test]
async fn a_post_that_is_due_after_the_next_tick_is_woken_by_the_schedule() {
    let stack = Stack::alone().await;
    let x = stack.account("x", "ada_demo").await;
    let due = Timestamp::from_second(now().as_second() + 135).unwrap();
    let mark = unique("by-tick");
    let post = stack.publish(&mark, &[&x], Some(due)).await;
    stack.until(&post, &["published"], Duration::from_secs(220)).await;
    let at: Timestamp = stack.on_timeline("x", &mark).await[0]["created_at"].as_str().unwrap().parse().unwrap();
    let late = at.duration_since(due);
    assert!((-1..3).contains(&late.as_secs()), "went out {late} after it was due");
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_posted_twice() {
    let stack = Stack::alone().await;
    let x = stack.account("x", "ada_demo").await;
    stack.fault("x", "create_post", "commit_then_drop", json!({})).await;
    let mark = unique("lost-answer");
    let post = stack.publish(&mark, &[&x], None).await;
    stack.until(&post, &["unknown"], SOON).await;
    assert_eq!(stack.on_timeline("x", &mark).await.len(), 1, "the platform has it");
    let seen = stack.reconciled(&post, &["published"]).await;
    assert!(seen["deliveries"][0]["url"].is_string(), "{seen:#}");
    assert_eq!(stack.on_timeline("x", &mark).await.len(), 1, "and has it once");
}

#[tokio::test]
async fn a_thread_reaches_the_platforms_whose_accounts_bring_keys_and_doubt_there_is_settled_as_each_allows() {
    let stack = Stack::alone().await;
    for platform in ["telegram", "discord", "mastodon", "bluesky"] {
        let account = stack.enter(platform).await;
        let mark = unique(platform);
        let body = json!({
            "content": { "thread": [{ "text": format!("{mark} one") }, { "text": format!("{mark} two") }] },
            "accounts": [account], "option": "immediate",
        });
        let made = stack.ask("POST", "/api/publishing/publish", Some(body)).await;
        let post = made.data()["pack_id"].as_str().unwrap().to_owned();
        stack.until(&post, &["published"], SOON).await;
        let live = stack.on_timeline(platform, &mark).await;
        assert_eq!(live.len(), 2, "{platform}: {live:?}");
        assert_eq!(live[1]["reply_to"], live[0]["id"], "{platform}: the second part answers the first");

        stack.fault(platform, "create_post", "commit_then_drop", json!({})).await;
        let mark = unique("lost");
        let post = stack.publish(&mark, &[&account], None).await;
        stack.until(&post, &["unknown"], SOON).await;
        // Nobody can list a channel's posts there.
        let end = if platform == "telegram" { "attention" } else { "published" };
        stack.reconciled(&post, &[end]).await;
        assert_eq!(stack.on_timeline(platform, &mark).await.len(), 1, "{platform}: once");
    }
}

#[tokio::test]
async fn one_consent_connects_the_channels_of_a_workspace_and_a_lost_answer_there_is_found_by_its_name() {
    let stack = Stack::alone().await;
    let channels = stack.connect("slack", "harbour-coffee-demo").await;
    assert!(channels.len() > 3, "{channels:?}");
    let list = stack.ask("GET", "/api/publishing/credentials", None).await;
    let items = list.data().as_array().or_else(|| list.data()["items"].as_array()).cloned().unwrap();
    let named = |name: &str| {
        let found = items.iter().find(|a| a["platform"] == "slack" && a["name"].as_str().unwrap().starts_with(name));
        found.expect(name)["account_id"].as_str().unwrap().to_owned()
    };
    let (general, staff, random) = (named("#general"), named("#staff"), named("#random"));
    let mark = unique("slack");
    let body = json!({
        "content": { "thread": [{ "text": format!("{mark} one") }, { "text": format!("{mark} two") }] },
        "accounts": [general, staff], "option": "immediate",
    });
    let made = stack.ask("POST", "/api/publishing/publish", Some(body)).await;
    let post = made.data()["pack_id"].as_str().unwrap().to_owned();
    let seen = stack.until(&post, &["published"], SOON).await;
    let live = stack.on_timeline("slack", &mark).await;
    assert_eq!(live.len(), 4, "two parts in two channels: {live:?}");
    assert_eq!(live.iter().filter(|part| part["reply_to"].is_string()).count(), 2, "{live:?}");
    assert!(seen["deliveries"][0]["url"].as_str().unwrap().contains("/archives/"), "{seen:#}");
    // The bot is in the one channel and may only write to the other.
    for (channel, end) in [(&general, "published"), (&random, "attention")] {
        stack.fault("slack", "create_post", "commit_then_drop", json!({})).await;
        let mark = unique("lost");
        let post = stack.publish(&format!("{mark} 🎉"), &[channel], None).await;
        stack.until(&post, &["unknown"], SOON).await;
        stack.reconciled(&post, &[end]).await;
        assert_eq!(stack.on_timeline("slack", &mark).await.len(), 1, "once");
    }
}

#[tokio::test]
async fn an_article_reaches_a_site_and_a_lost_answer_there_is_read_from_the_very_post() {
    let stack = Stack::alone().await;
    let account = stack.enter("wordpress").await;
    for lost in [false, true] {
        if lost {
            stack.fault("wordpress", "create_post", "commit_then_drop", json!({})).await;
        }
        let mark = unique("article");
        let content = json!({ "text": format!("{mark}\n\nSecond paragraph."), "title": mark, "kind": "article", "tags": ["harbour"] });
        let body = json!({ "content": content, "accounts": [account], "option": "immediate" });
        let made = stack.ask("POST", "/api/publishing/publish", Some(body)).await;
        let post = made.data()["pack_id"].as_str().unwrap().to_owned();
        let seen = if lost {
            stack.until(&post, &["unknown"], SOON).await;
            stack.reconciled(&post, &["published"]).await
        } else {
            stack.until(&post, &["published"], SOON).await
        };
        assert!(seen["deliveries"][0]["url"].is_string(), "{seen:#}");
        let live = stack.on_timeline("wordpress", &mark).await;
        assert_eq!((live.len(), &live[0]["card"]["title"]), (1, &json!(mark)), "{live:?}");
    }
}

#[tokio::test]
async fn what_no_machine_can_tell_is_decided_by_a_person() {
    let stack = Stack::alone().await;
    let member = stack.person().await;
    stack.fault("linkedin", "create_post", "commit_then_drop", json!({})).await;
    let mark = unique("for-people");
    let post = stack.publish(&mark, &[&member], None).await;
    stack.until(&post, &["unknown"], SOON).await;
    let refused = stack.ask("POST", &format!("/api/publishing/retry/{post}"), Some(json!({}))).await;
    assert_eq!((refused.status, &refused.json["code"]), (409, &Value::from("outcome_unknown")));
    let asked = stack.reconciled(&post, &["attention"]).await;
    let path = format!("/api/publishing/posts/{post}/deliveries/{member}/resolve");
    let question = &asked["deliveries"][0]["question"];
    let again = stack.ask("POST", &path, Some(json!({ "question": question, "decision": "send_again" }))).await;
    assert_eq!((again.status, &again.json["code"]), (409, &Value::from("not_settled")), "it may still appear");
    let seen = &stack.on_timeline("linkedin", &mark).await[0]["id"];
    let mut answer =
        json!({ "question": question, "decision": "it_is_live", "platform_post_id": "https://example.com/1" });
    let nowhere = stack.ask("POST", &path, Some(answer.clone())).await;
    assert_eq!((nowhere.status, &nowhere.json["code"]), (422, &Value::from("post_not_recognised")));
    answer["platform_post_id"] = seen.clone();
    stack.ask("POST", &path, Some(answer)).await.data();
    let done = stack.until(&post, &["published"], SOON).await;
    assert_eq!(&done["deliveries"][0]["platform_post_ids"][0], seen, "{done:#}");
    assert_eq!(stack.on_timeline("linkedin", &mark).await.len(), 1);
}

#[tokio::test]
async fn fifty_equal_requests_at_once_make_one_post() {
    let stack = Stack::alone().await;
    let x = stack.account("x", "ada_demo").await;
    let (mark, key) = (unique("fifty"), unique("same"));
    let body = json!({ "content": { "text": mark }, "accounts": [x], "option": "draft" });
    let calls = (0..50).map(|_| stack.ask_once("POST", "/api/publishing/publish", Some(body.clone()), &key));
    let answers = futures_util::future::join_all(calls).await;
    let good: Vec<&str> = answers.iter().filter(|a| a.status == 202).map(|a| a.text.as_str()).collect();
    assert!(!good.is_empty());
    assert!(good.iter().all(|t| *t == good[0]), "every 2xx is the same answer");
    assert!(
        answers.iter().all(|a| [202, 409, 503].contains(&a.status)),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let other = stack
        .ask_once(
            "POST",
            "/api/publishing/publish",
            Some(json!({ "content": { "text": "other" }, "option": "draft" })),
            &key,
        )
        .await;
    assert_eq!((other.status, &other.json["code"]), (422, &Value::from("idempotency_key_reused")));
    let list = stack.ask("GET", "/api/publishing/posts?limit=100", None).await;
    let same =
        list.data()["items"].as_array().unwrap().iter().filter(|p| p["content"]["text"] == mark.as_str()).count();
    assert_eq!(same, 1);
}

#[tokio::test]
async fn a_thread_resumes_at_the_part_that_was_not_confirmed() {
    let stack = Stack::alone().await;
    let x = stack.account("x", "ada_demo").await;
    let order = json!({ "platform": "x", "op": "create_post", "kind": "status", "times": 1, "skip": 1,
        "params": { "code": 429, "reset_in_s": 1 } });
    stack.sandbox("POST", "/control/faults", Some(order)).await;
    let mark = unique("thread");
    let thread: Vec<Value> = (1..=3).map(|i| json!({ "text": format!("{mark} part {i}") })).collect();
    let body = json!({ "content": { "thread": thread }, "accounts": [x] });
    let post =
        stack.ask("POST", "/api/publishing/publish", Some(body)).await.data()["pack_id"].as_str().unwrap().to_owned();
    stack.until(&post, &["published"], Duration::from_secs(150)).await;
    let parts = stack.on_timeline("x", &mark).await;
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert_eq!(parts[1]["reply_to"], parts[0]["id"]);
    assert_eq!(parts[2]["reply_to"], parts[1]["id"]);
}

#[tokio::test]
async fn a_cancelled_post_never_leaves() {
    let stack = Stack::alone().await;
    let x = stack.account("x", "ada_demo").await;
    let mark = unique("cancelled");
    let due = Timestamp::from_second(now().as_second() + 5).unwrap();
    let post = stack.publish(&mark, &[&x], Some(due)).await;
    stack.ask("POST", &format!("/api/publishing/posts/{post}/cancel"), None).await.data();
    // The next post of the same account leaves after its moment, so its message has been there too.
    let next = stack.publish(&unique("after-it"), &[&x], Some(due + SignedDuration::from_secs(2))).await;
    stack.until(&next, &["published"], SOON).await;
    assert_eq!(stack.post(&post).await["status"], "canceled");
    assert!(stack.on_timeline("x", &mark).await.is_empty());
}

#[tokio::test]
async fn a_picture_is_uploaded_and_arrives_with_its_alternative_text() {
    let stack = Stack::alone().await;
    let x = stack.account("x", "ada_demo").await;
    let made = stack.ask("POST", "/api/publishing/media", Some(json!({ "content_type": "image/png" }))).await;
    let (id, url) =
        (made.data()["media_id"].as_str().unwrap().to_owned(), made.data()["upload_url"].as_str().unwrap().to_owned());
    let put =
        reqwest::Client::new().put(url).header("content-type", "image/png").body(PNG.to_vec()).send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    let ready = stack.ask("GET", &format!("/api/publishing/media/{id}"), None).await;
    assert_eq!((&ready.data()["ready"], &ready.data()["width"]), (&true.into(), &1.into()));
    let mark = unique("picture");
    let body = json!({ "content": { "text": mark, "media": [{ "media_id": id, "alt_text": "One dark pixel" }] }, "accounts": [x] });
    let post =
        stack.ask("POST", "/api/publishing/publish", Some(body)).await.data()["pack_id"].as_str().unwrap().to_owned();
    stack.until(&post, &["published"], SOON).await;
    let live = stack.on_timeline("x", &mark).await;
    assert_eq!(live[0]["media"][0]["alt"], "One dark pixel");
}

/// A picture of one pixel.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1F, 0x15, 0xC4, 0x89, 0x00, 0x00, 0x00, 0x0D, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x60, 0x60, 0x60, 0xF8, 0x0F, 0x00, 0x01, 0x04, 0x01, 0x00, 0x5F, 0xE5, 0xC3,
    0x4B, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];
