//! Videos, from the bucket to platforms that take them in pieces and publish them in their own time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use e2e::{Stack, unique};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_mins(1);
/// More than one piece for either platform.
const BYTES: usize = 11 * 1024 * 1024;

/// A video as large as a short one is, in the bucket; its id.
async fn uploaded(stack: &Stack) -> String {
    let mut film = testing::video(9_000).to_vec();
    // What nobody plays fills the rest: a box of pictures without an index into them.
    let rest = BYTES - film.len();
    film.extend(u32::try_from(rest).unwrap().to_be_bytes());
    film.extend(b"mdat");
    film.resize(BYTES, 7);
    let made = stack.ask("POST", "/api/publishing/media", Some(json!({ "content_type": "video/mp4" }))).await;
    let part = |name: &str| made.data()[name].as_str().unwrap().to_owned();
    let (id, url) = (part("media_id"), part("upload_url"));
    let put = reqwest::Client::new().put(url).header("content-type", "video/mp4").body(film).send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    id
}

async fn publish(stack: &Stack, accounts: &[&str], mark: &str, film: &str) -> String {
    let content = json!({ "text": mark, "title": "A short film", "media": [{ "media_id": film }] });
    let body = json!({ "content": content, "accounts": accounts });
    stack.ask("POST", "/api/publishing/publish", Some(body)).await.data()["pack_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_film_goes_up_piece_by_piece_and_is_published_once_with_its_words_which_are_changed_where_they_can_be() {
    let stack = Stack::alone().await;
    let youtube = stack.account("youtube", "harbour-coffee-demo").await;
    let tiktok = stack.account("tiktok", "harbour-coffee-demo").await;
    let film = uploaded(&stack).await;
    let mark = unique("film");
    let post = publish(&stack, &[&youtube, &tiktok], &mark, &film).await;
    // TikTok publishes what it took in its own time, and the reconciler hears of it.
    let seen = stack.heard_of(&post).await;
    for delivery in seen["deliveries"].as_array().unwrap() {
        assert!(delivery["url"].as_str().unwrap().starts_with("http"), "{delivery:#}");
    }
    for platform in ["youtube", "tiktok"] {
        assert_eq!(stack.on_timeline(platform, &mark).await.len(), 1, "once on {platform}");
    }

    // TikTok changes nothing that is live, so the whole is refused; YouTube alone is changed.
    let address = format!("/api/publishing/posts/{post}?on_platforms=true");
    let other = unique("other-words");
    let content = |text: &str| json!({ "text": text, "title": "A short film", "media": [{ "media_id": film }] });
    let bearer = format!("Bearer {}", stack.key);
    let amend = async |body: Value| {
        let key = unique("key");
        let headers = [("authorization", &*bearer), ("idempotency-key", &*key), ("if-match", "*")];
        stack.call("PATCH", &address, &headers, Some(&body.to_string())).await
    };
    let refused = amend(json!({ "content": content(&other) })).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!("unsupported")), "{}", refused.text);
    let done = amend(json!({ "content": content(&mark), "variants": { "youtube": content(&other) } })).await;
    let outcome = |platform: &str| {
        let deliveries = done.data()["deliveries"].as_array().unwrap().clone();
        deliveries.into_iter().find(|d| d["platform"] == platform).unwrap()["amendment"]["outcome"].clone()
    };
    assert_eq!((outcome("youtube"), outcome("tiktok")), (json!("done"), Value::Null));
    assert_eq!(
        (stack.on_timeline("youtube", &other).await.len(), stack.on_timeline("tiktok", &mark).await.len()),
        (1, 1)
    );
}

#[tokio::test]
async fn the_answer_that_publishes_a_film_is_lost_and_the_very_video_tells_that_it_is_live() {
    let stack = Stack::alone().await;
    let youtube = stack.account("youtube", "harbour-coffee-demo").await;
    let film = uploaded(&stack).await;
    stack.fault("youtube", "create_post", "commit_then_drop", json!({})).await;
    let mark = unique("lost-film");
    let post = publish(&stack, &[&youtube], &mark, &film).await;
    stack.until(&post, &["unknown"], SOON).await;
    let seen = stack.reconciled(&post, &["published"]).await;
    assert!(seen["deliveries"][0]["url"].as_str().unwrap().contains("watch"), "{seen:#}");
    assert_eq!(stack.on_timeline("youtube", &mark).await.len(), 1);
}
