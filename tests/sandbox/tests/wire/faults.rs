//! Every fault does what it says, and a call is hit as often as ordered.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Server, read};

const ADA: &str = "urn:li:person:demoAda001";

async fn committed(server: &Server, platform: &str) -> Value {
    server.json(&format!("/{platform}/timeline.json")).await["committed"].clone()
}

/// Waits for a commit that comes on its own.
async fn until_committed(server: &Server, platform: &str, count: u64) {
    let end = Instant::now() + Duration::from_secs(10);
    while committed(server, platform).await != json!(count) {
        assert!(Instant::now() < end, "the late commit never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn commit_then_drop_posts_and_leaves_the_client_without_an_answer() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    for (text, reset) in [("fin", false), ("rst", true)] {
        server.fault("x", "create_post", "commit_then_drop", json!({"reset": reset})).await;
        let error = server.tweet(&token, &json!({"text": text})).send().await.unwrap_err();
        assert!(error.is_request() && !error.is_connect(), "the request left, no answer came: {error:?}");
    }
    assert_eq!(committed(&server, "x").await, 2);
    let again = server.tweet(&token, &json!({"text": "fin"})).send().await.unwrap();
    assert_eq!(again.status(), 403, "it is live: a repeat is a duplicate");
}

#[tokio::test]
async fn drop_before_commit_posts_nothing() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    server.fault("linkedin", "create_post", "drop_before_commit", json!({})).await;
    server.share(&token, ADA, "hello").send().await.unwrap_err();
    assert_eq!(committed(&server, "linkedin").await, 0);
    assert_eq!(server.share(&token, ADA, "hello").send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn cut_body_posts_and_breaks_the_answer_in_its_middle() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    server.fault("x", "create_post", "cut_body", json!({})).await;
    let response = server.tweet(&token, &json!({"text": "half"})).send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.bytes().await.is_err());
    assert_eq!(committed(&server, "x").await, 1);
}

#[tokio::test]
async fn a_status_fault_hits_as_often_as_ordered_after_skipping() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let order = json!({"platform": "x", "op": "create_post", "kind": "status", "times": 2, "skip": 1,
                       "params": {"code": 503, "retry_after": 7, "headers": {"x-test": "1"}}});
    server.control("faults", order).await;
    let mut seen = Vec::new();
    for n in 0..4 {
        let response = server.tweet(&token, &json!({"text": format!("n{n}")})).send().await.unwrap();
        if response.status() == 503 {
            assert_eq!(
                (&response.headers()["retry-after"], &response.headers()["x-test"]),
                (&"7".parse().unwrap(), &"1".parse().unwrap())
            );
        }
        seen.push(response.status().as_u16());
    }
    assert_eq!(seen, [201, 503, 503, 201]);
    assert_eq!(committed(&server, "x").await, 2);
    assert_eq!(server.json("/control/state").await["calls"]["x.create_post"], 4);
}

#[tokio::test]
async fn a_429_comes_with_or_without_the_time_to_wait() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    for (params, past) in [(json!({"code": 429}), None), (json!({"code": 429, "reset_in_s": -60}), Some(true))] {
        server.fault("x", "create_post", "status", params).await;
        let response = server.tweet(&token, &json!({"text": "n"})).send().await.unwrap();
        assert_eq!(response.status(), 429);
        let reset = response.headers().get("x-rate-limit-reset").map(|v| v.to_str().unwrap().parse::<i64>().unwrap());
        assert_eq!(reset.map(|at| at < jiff::Timestamp::now().as_second()), past);
    }
}

#[tokio::test]
async fn a_5xx_can_hide_a_post_that_went_live() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    server.fault("linkedin", "create_post", "status", json!({"code": 502, "commit": true})).await;
    assert_eq!(server.share(&token, ADA, "live").send().await.unwrap().status(), 502);
    assert_eq!(server.share(&token, ADA, "live").send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn a_late_commit_answers_503_and_posts_afterwards() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    server.fault("x", "create_post", "late_commit_ms", json!({"ms": 150})).await;
    let response = server.tweet(&token, &json!({"text": "late"})).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(committed(&server, "x").await, 0);
    until_committed(&server, "x", 1).await;
}

#[tokio::test]
async fn a_commit_that_is_held_has_no_answer_and_posts_when_it_is_told_to() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    for text in ["first", "second"] {
        server.fault("x", "create_post", "late_commit", json!({})).await;
        server.tweet(&token, &json!({"text": text})).send().await.unwrap_err();
    }
    server.tweeted(&token, &json!({"text": "meanwhile"})).await;
    assert_eq!(committed(&server, "x").await, 1);
    for expected in [2, 0] {
        let released = read(server.http.post(server.url("/control/release")).send().await.unwrap()).await;
        assert_eq!(released["released"], expected);
        let live = server.json("/x/timeline.json").await;
        let texts: Vec<&Value> = live["posts"].as_array().unwrap().iter().map(|post| &post["text"]).collect();
        assert_eq!(texts, ["meanwhile", "first", "second"]);
    }
    // What is held when everything is emptied never takes effect.
    server.fault("x", "create_post", "late_commit", json!({})).await;
    server.tweet(&token, &json!({"text": "third"})).send().await.unwrap_err();
    server.control("reset", json!({"keep_grants": true})).await;
    server.control("release", json!({})).await;
    assert_eq!(committed(&server, "x").await, 0);
}

#[tokio::test]
async fn garbage_and_a_missing_identifier_look_like_success() {
    let server = Server::start().await;
    let x = server.token("x", "ada_demo").await;
    server.fault("x", "create_post", "garbage", json!({})).await;
    let response = server.tweet(&x, &json!({"text": "html"})).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().contains("<html>"));
    assert_eq!(committed(&server, "x").await, 0);
    server.fault("x", "create_post", "no_id", json!({})).await;
    let response = server.tweet(&x, &json!({"text": "nameless"})).send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(read(response).await["data"], json!({}));
    let linkedin = server.token("linkedin", "ada-demo").await;
    server.fault("linkedin", "create_post", "no_id", json!({})).await;
    let response = server.share(&linkedin, ADA, "nameless").send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.headers().get("x-restli-id").is_none());
    assert_eq!((committed(&server, "x").await, committed(&server, "linkedin").await), (json!(1), json!(1)));
}

#[tokio::test]
async fn a_slow_answer_outlasts_the_client_before_or_after_the_post() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    for (commit, count) in [(false, 0), (true, 1)] {
        server.fault("x", "create_post", "delay_ms", json!({"ms": 60_000, "commit": commit})).await;
        let request = server.tweet(&token, &json!({"text": "slow"})).timeout(Duration::from_millis(200));
        assert!(request.send().await.unwrap_err().is_timeout());
        assert_eq!(committed(&server, "x").await, count);
    }
}

#[tokio::test]
async fn a_lagging_listing_hides_the_newest_posts_once() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    server.tweeted(&token, &json!({"text": "fresh"})).await;
    server.fault("x", "read", "lag_reads_ms", json!({"ms": 60_000})).await;
    let url = server.url("/x/api/2/users/1800000000000000001/tweets");
    for expected in [0, 1] {
        let list = read(server.http.get(&url).bearer_auth(&token).send().await.unwrap()).await;
        assert_eq!(list["meta"]["result_count"], expected);
    }
}

#[tokio::test]
async fn a_listing_can_stay_what_it_was_until_it_is_told_to_go_on() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    server.tweeted(&token, &json!({"text": "old"})).await;
    server.control("faults", json!({"platform": "x", "op": "list", "kind": "lag_reads", "times": 0})).await;
    server.tweeted(&token, &json!({"text": "fresh"})).await;
    let url = server.url("/x/api/2/users/1800000000000000001/tweets");
    let count = async || {
        let list = server.http.get(&url).bearer_auth(&token).send().await.unwrap();
        read(list).await["meta"]["result_count"].clone()
    };
    assert_eq!((count().await, count().await), (json!(1), json!(1)));
    server.http.delete(server.url("/control/faults")).send().await.unwrap();
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn tokens_expire_or_are_revoked_in_the_middle_of_a_run() {
    let server = Server::start().await;
    let tokens = server.tokens("x", "ada_demo").await;
    let token = tokens["access_token"].as_str().unwrap();
    server.tweeted(token, &json!({"text": "one"})).await;
    server.fault("x", "create_post", "expire_tokens", json!({})).await;
    assert_eq!(server.tweet(token, &json!({"text": "two"})).send().await.unwrap().status(), 401);
    server.fault("x", "token", "revoke_family", json!({})).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let request = server.http.post(server.url("/x/api/2/oauth2/token"));
    let refused = request.basic_auth("sandbox-x", Some("sandbox-x-secret")).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn a_rotation_can_happen_without_its_answer() {
    let server = Server::start().await;
    let tokens = server.tokens("x", "ada_demo").await;
    server.fault("x", "token", "commit_then_drop", json!({})).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let request = || {
        let request = server.http.post(server.url("/x/api/2/oauth2/token"));
        request.basic_auth("sandbox-x", Some("sandbox-x-secret")).form(&form)
    };
    request().send().await.unwrap_err();
    assert_eq!(request().send().await.unwrap().status(), 400);
    assert_eq!(server.json("/control/state").await["x"]["oauth"]["families_revoked"], 1);
}

#[tokio::test]
async fn reset_empties_everything_and_can_leave_accounts_connected() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    server.tweeted(&token, &json!({"text": "one"})).await;
    server.fault("x", "*", "status", json!({"code": 500})).await;
    server.control("reset", json!({"keep_grants": true})).await;
    server.tweeted(&token, &json!({"text": "one"})).await;
    assert_eq!(committed(&server, "x").await, 1);
    server.control("reset", json!({})).await;
    assert_eq!(server.tweet(&token, &json!({"text": "one"})).send().await.unwrap().status(), 401);
    assert_ne!(server.token("x", "ada_demo").await, token, "no token is issued twice");
}

#[tokio::test]
async fn an_order_with_an_unknown_word_is_refused() {
    let server = Server::start().await;
    for order in [
        json!({"platform": "x", "op": "create_posts", "kind": "status"}),
        json!({"platform": "x", "op": "create_post", "kind": "explode"}),
        json!({"platform": "x", "op": "create_post", "kind": "status", "params": {"kode": 1}}),
    ] {
        let response = server.http.post(server.url("/control/faults")).json(&order).send().await.unwrap();
        assert!(response.status().is_client_error(), "{order}");
    }
}
