//! A platform whose pages have tokens of their own, and one that fetches pictures itself.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use e2e::{Stack, unique};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// The beginning of a picture of 100 by 100 pixels, which is all that anybody here looks at.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\
    \xff\xc0\0\x11\x08\0\x64\0\x64\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9";

#[tokio::test]
async fn pages_of_one_consent_are_published_to_and_disconnected_each_for_itself_and_a_lost_answer_is_found() {
    let stack = Stack::alone().await;
    let pages = stack.connect("facebook", "ada-demo").await;
    assert_eq!(pages.len(), 2, "{pages:?}");
    let mark = unique("pages");
    let post = stack.publish(&mark, &[&pages[0], &pages[1]], None).await;
    let seen = stack.until(&post, &["published"], SOON).await;
    assert!(seen["deliveries"][0]["url"].as_str().unwrap().contains("/posts/"), "{seen:#}");
    let live = stack.on_timeline("facebook", &mark).await;
    assert_eq!(live.len(), 2, "{live:?}");
    assert_ne!(live[0]["author"], live[1]["author"], "each page for itself");

    stack.fault("facebook", "create_post", "commit_then_drop", json!({})).await;
    let mark = unique("lost");
    let post = stack.publish(&mark, &[&pages[0]], None).await;
    stack.until(&post, &["unknown"], SOON).await;
    stack.reconciled(&post, &["published"]).await;
    assert_eq!(stack.on_timeline("facebook", &mark).await.len(), 1, "once");

    stack.ask("DELETE", &format!("/api/publishing/credentials/{}", pages[0]), None).await.data();
    let mark = unique("the-other");
    let post = stack.publish(&mark, &[&pages[1]], None).await;
    stack.until(&post, &["published"], SOON).await;
    assert_eq!(stack.on_timeline("facebook", &mark).await.len(), 1, "it has its own token");
}

#[tokio::test]
async fn an_uploaded_picture_is_fetched_by_the_platform_itself_and_a_lost_answer_is_settled_by_its_container() {
    let stack = Stack::alone().await;
    let account = stack.account("instagram", "harbour.coffee.demo").await;
    let made = stack.ask("POST", "/api/publishing/media", Some(json!({ "content_type": "image/jpeg" }))).await;
    let part = |name: &str| made.data()[name].as_str().unwrap().to_owned();
    let (id, url) = (part("media_id"), part("upload_url"));
    let put = reqwest::Client::new().put(url).header("content-type", "image/jpeg").body(JPEG).send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    for lost in [false, true] {
        if lost {
            stack.fault("instagram", "create_post", "commit_then_drop", json!({})).await;
        }
        let mark = unique("fetched");
        let content = json!({ "text": mark, "media": [{ "media_id": id, "alt_text": "A harbour" }] });
        let body = json!({ "content": content, "accounts": [account] });
        let made = stack.ask("POST", "/api/publishing/publish", Some(body)).await;
        let post = made.data()["pack_id"].as_str().unwrap().to_owned();
        let seen = if lost {
            stack.until(&post, &["unknown"], SOON).await;
            stack.reconciled(&post, &["published"]).await
        } else {
            stack.until(&post, &["published"], SOON).await
        };
        assert!(seen["deliveries"][0]["url"].as_str().unwrap().contains("/instagram/web/p/"), "{seen:#}");
        let live = stack.on_timeline("instagram", &mark).await;
        assert_eq!((live.len(), &live[0]["media"][0]["alt"]), (1, &json!("A harbour")), "{live:?}");
    }
}
