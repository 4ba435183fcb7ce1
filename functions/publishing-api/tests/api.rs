//! The publishing API over a world in memory: its routes, and the rows of the bad-input table that touch them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use axum::Router;
use domain::access::Role;
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use testing::World;
use testing::api::{Ask, Bench, Route, foreign_is_absent, golden, replays, role_matrix};

const POSTS: &str = "/api/publishing/posts";
const ONE: &str = "/api/publishing/posts/{post_id}";
const STATUS: &str = "/api/publishing/status/{pack_id}";
const RETRY: &str = "/api/publishing/retry/{pack_id}";
const CANCEL: &str = "/api/publishing/posts/{post_id}/cancel";
const ABSENT: &str = "post_00000000000000000000000000000bad";

struct Desk {
    bench: Bench<Router>,
    /// A draft.
    id: String,
}

fn draft(text: &str) -> Value {
    json!({ "content": { "text": text }, "option": "draft" })
}

async fn desk() -> Desk {
    let world = World::new(7);
    let owner = world.person(1, Role::Owner, &[]).await;
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = publishing_api::router(Api::new(world.deps(), address));
    let bench = Bench { world, routes, owner, all: Vec::new() };
    let made = bench.owner(Ask::new("POST", "/api/publishing/publish").once("first").json(&draft("first"))).await;
    let id = made.data()["pack_id"].as_str().unwrap().to_owned();
    Desk { bench, id }
}

#[tokio::test]
async fn a_draft_is_kept_read_listed_and_deleted_and_has_nothing_to_cancel() {
    let Desk { bench, id } = desk().await;
    let one = format!("{POSTS}/{id}");
    let read = bench.owner(Ask::new("GET", &one)).await;
    assert_eq!((&read.data()["status"], &read.data()["content"]["text"]), (&json!("draft"), &json!("first")));
    assert!(!read.header("etag").is_empty());
    assert_eq!(bench.owner(Ask::new("GET", POSTS)).await.data()["items"].as_array().unwrap().len(), 1);
    bench.refused(Ask::new("POST", &format!("{one}/cancel")).once("c").by(&bench.owner), 409, "wrong_state").await;
    assert_eq!(bench.owner(Ask::new("DELETE", &one).once("d")).await.status, 200);
    assert_eq!(bench.owner(Ask::new("GET", POSTS)).await.data()["items"], json!([]));
}

#[tokio::test]
async fn a_request_is_accepted_once_whatever_the_network_does() {
    let Desk { bench, .. } = desk().await;
    let path = "/api/publishing/publish";
    let route = Route::change("POST", path, "", Some(draft("again")));
    let made = replays(&bench, &route, &Ask::new("POST", path).json(&draft("other"))).await;
    assert_eq!(made.status, 202);
}

#[tokio::test]
async fn another_tenants_post_is_answered_as_an_absent_one() {
    let Desk { bench, id } = desk().await;
    let of = |id: &str| {
        vec![
            Route::get(STATUS, &format!("/api/publishing/status/{id}")),
            Route::get(ONE, &format!("{POSTS}/{id}")),
            Route::change("POST", RETRY, &format!("/api/publishing/retry/{id}"), Some(json!({}))),
            Route::change("POST", CANCEL, &format!("{POSTS}/{id}/cancel"), None),
            Route::change("DELETE", ONE, &format!("{POSTS}/{id}"), None),
        ]
    };
    let pairs: Vec<_> = of(&id).into_iter().zip(of(ABSENT)).collect();
    assert_eq!(foreign_is_absent(&bench, &pairs).await, 5);
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_with_its_code_and_place_and_nothing_is_written() {
    let Desk { bench, .. } = desk().await;
    let year = "2099-01-01T00:00:00Z";
    for (body, status, code) in [
        (json!({ "content": { "text": "a" } }), 422, "targets_missing"),
        (json!({ "content": { "text": "a" }, "platforms": ["myspace"] }), 422, "unknown_platform"),
        (
            json!({ "content": { "text": "a" }, "accounts": ["acc_00000000000000000000000000000bad"] }),
            422,
            "account_not_found",
        ),
        (json!({ "content": { "text": "a" }, "accounts": ["bad"] }), 400, "validation"),
        (json!({ "content": { "text": "a" }, "option": "scheduled" }), 422, "scheduled_at_missing"),
        (json!({ "content": { "text": "a" }, "option": "draft", "scheduled_at": year }), 422, "scheduled_at_unused"),
        (
            json!({ "content": { "text": "a" }, "option": "scheduled", "scheduled_at": "2026-02-30T00:00:00Z" }),
            422,
            "not_a_time",
        ),
        (
            json!({ "content": { "text": "a", "thread": [{ "text": "b" }] }, "option": "draft" }),
            422,
            "content_ambiguous",
        ),
        (
            json!({ "content": { "text": "a" }, "option": "draft", "tenant_id": "t", "state": "published" }),
            400,
            "validation",
        ),
        (json!({ "content": { "text": "a" }, "option": "draft", "max_lateness_seconds": 5 }), 422, "out_of_range"),
    ] {
        let ask = Ask::new("POST", "/api/publishing/publish").once("k").json(&body).by(&bench.owner);
        bench.refused(ask, status, code).await;
    }
}

#[tokio::test]
async fn an_edit_needs_the_tag_that_was_read() {
    let Desk { bench, id } = desk().await;
    let one = format!("{POSTS}/{id}");
    let body = json!({ "content": { "text": "better" } });
    let edit = |key: &str| Ask::new("PATCH", &one).once(key).json(&body).by(&bench.owner);
    bench.refused(edit("1"), 428, "precondition_required").await;
    bench.refused(edit("2").header("if-match", "\"999\""), 412, "precondition_failed").await;
    let tag = bench.owner(Ask::new("GET", &one)).await.header("etag").to_owned();
    let done = bench.send(edit("3").header("if-match", &tag)).await;
    assert_eq!(done.data()["content"]["text"], "better");
}

#[tokio::test]
async fn each_role_may_do_what_the_golden_file_says() {
    let matrix = role_matrix(async || {
        let Desk { bench, id } = desk().await;
        let all = vec![
            Route::change("POST", "/api/publishing/publish", "", Some(draft("by role"))),
            Route::get(STATUS, &format!("/api/publishing/status/{id}")),
            Route::get(POSTS, ""),
            Route::change("DELETE", ONE, &format!("{POSTS}/{id}"), None),
            Route::get("/api/social/posts", ""),
        ];
        Bench { all, ..bench }
    })
    .await;
    golden("functions/publishing-api/tests/roles.golden.json", &matrix);
}
