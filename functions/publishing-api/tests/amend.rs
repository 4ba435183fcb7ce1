//! Other words for what is live, through the API.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)]
mod desk;

use desk::{Desk, POSTS, desk};
use serde_json::{Value, json};
use testing::api::Ask;

fn amend(desk: &Desk, key: &str, text: &str) -> Ask {
    let address = format!("{POSTS}/{}?on_platforms=true", desk.published);
    let body = json!({ "content": { "text": text } });
    Ask::new("PATCH", &address).once(key).header("if-match", "*").json(&body)
}

fn shown(desk: &Desk) -> Vec<String> {
    desk.bench.world.platforms[0].truth().posted.iter().map(|post| post.text.clone()).collect()
}

async fn delivery(desk: &Desk) -> Value {
    let answer = desk.bench.owner(Ask::new("GET", &format!("{POSTS}/{}", desk.published))).await;
    answer.data()["deliveries"][0].clone()
}

#[tokio::test]
async fn a_live_post_says_something_else_on_request_and_an_answer_is_repeated_and_not_the_change() {
    let desk = desk().await;
    assert_eq!(shown(&desk)[0], "out");
    for _ in 0..2 {
        let answer = desk.bench.owner(amend(&desk, "a", "out now")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.data()["content"]["text"], "out now");
        assert_eq!(answer.data()["deliveries"][0]["amendment"]["outcome"], "done");
    }
    assert_eq!(shown(&desk)[0], "out now");
    let changes =
        delivery(&desk).await["timeline"].as_array().unwrap().iter().filter(|e| e["event"] == "amended").count();
    assert_eq!(changes, 1);
    // The same key for an edit that concerns what waits is another request.
    let edit = Ask::new("PATCH", &format!("{POSTS}/{}", desk.published)).once("a").header("if-match", "*");
    desk.bench
        .refused(
            edit.json(&json!({ "content": { "text": "out now" } })).by(&desk.bench.owner),
            422,
            "idempotency_key_reused",
        )
        .await;
}

#[tokio::test]
async fn what_became_of_a_change_stands_in_the_delivery_with_what_it_says_instead() {
    let desk = desk().await;
    desk.bench.owner(amend(&desk, "a", "refused words")).await;
    let refused = delivery(&desk).await["amendment"].clone();
    assert_eq!((&refused["outcome"], &refused["code"]), (&json!("refused"), &json!("policy")));
    assert_eq!(refused["says"]["text"], "out");
    desk.bench.owner(amend(&desk, "b", "unanswered words")).await;
    let unknown = delivery(&desk).await["amendment"].clone();
    assert_eq!((&unknown["outcome"], &unknown["unsure_parts"]), (&json!("unknown"), &json!([0])));
    desk.bench.refused(amend(&desk, "c", "other words").by(&desk.bench.owner), 409, "not_settled").await;
}

#[tokio::test]
async fn a_change_that_is_none_or_concerns_more_than_words_writes_nothing() {
    let desk = desk().await;
    let owner = &desk.bench.owner;
    desk.bench.refused(amend(&desk, "a", "out").by(owner), 422, "nothing_changes").await;
    let address = format!("{POSTS}/{}?on_platforms=true", desk.published);
    for (body, code, field) in [
        (json!({ "publish_now": true }), "too_late", "/publish_now"),
        (json!({ "accounts": [desk.account] }), "too_late", "/accounts"),
        (
            json!({ "content": { "text": "out", "link": { "url": "https://example.com" } } }),
            "not_amendable",
            "/content",
        ),
    ] {
        let ask = Ask::new("PATCH", &address).once("b").header("if-match", "*").json(&body).by(owner);
        assert_eq!(desk.bench.refused(ask, 422, code).await.body["errors"][0]["field"], field);
    }
    let stale =
        Ask::new("PATCH", &address).once("c").header("if-match", "\"99\"").json(&json!({ "content": { "text": "x" } }));
    assert_eq!(desk.bench.send(stale.by(owner)).await.status, 412);
    let waiting = format!("{POSTS}/{}?on_platforms=true", desk.unknown);
    let open =
        Ask::new("PATCH", &waiting).once("d").header("if-match", "*").json(&json!({ "content": { "text": "x" } }));
    desk.bench.refused(open.by(owner), 409, "still_open").await;
    let draft = format!("{POSTS}/{}?on_platforms=true", desk.draft);
    let none = Ask::new("PATCH", &draft).once("e").header("if-match", "*").json(&json!({ "content": { "text": "x" } }));
    desk.bench.refused(none.by(owner), 409, "not_live").await;
    desk.bench.refused(amend(&desk, "f", "out now").by(&desk.editor), 409, "approval_needed").await;
    assert_eq!(shown(&desk)[0], "out");
}
