//! The best time, in both forms that ask for it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[allow(dead_code)]
mod desk;

use desk::{BEST_TIME, Desk, EXPORT, PUBLISH, desk};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testing::api::Ask;

const CONTENT: &str = "/api/v1/communication/social/readable/content";
const PREFLIGHT: &str = "/api/publishing/preflight";

fn campaign(account: &str, scheduling: &Value) -> Value {
    json!({ "account_id": account, "content": { "text": "a" }, "publishing": { "scheduling": scheduling } })
}

fn own(account: &str, more: &Value) -> Value {
    let mut body = json!({ "accounts": [account], "content": { "text": "a" }, "option": "scheduled" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_post_at_the_best_time_says_why_it_is_that_one_in_whichever_form_it_was_asked_for() {
    let Desk { bench, account, .. } = desk().await;
    let asked = bench.owner(Ask::new("GET", &format!("{BEST_TIME}?account_id={account}"))).await;
    let best = asked.data();
    let text = best["reason"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("no post of this account is known to have done better or worse than the others"),
        "{best}"
    );
    assert!(text.contains("there is none for this platform"), "{best}");
    let body = own(&account, &json!({ "optimize_time": true }));
    let foreseen = bench.owner(Ask::new("POST", PREFLIGHT).json(&body)).await;
    assert_eq!((&foreseen.data()["due_at"], &foreseen.data()["best_time"]), (&best["at"], &best["reason"]));
    let made = bench.owner(Ask::new("POST", PUBLISH).once("one").json(&body)).await;
    let post = made.data();
    assert_eq!((&post["scheduled_at"], &post["best_time"]), (&best["at"], &best["reason"]), "{made:?}");
    assert_eq!((&post["local_time"], &post["timezone"]), (&best["local_time"], &best["timezone"]));
    let second = bench
        .owner(Ask::new("POST", CONTENT).once("two").json(&campaign(&account, &json!({ "optimizeTime": true }))))
        .await;
    let post = second.data();
    assert!(
        post["best_time"]["text"].is_string() && post["scheduled_at"] != best["at"],
        "the first is taken: {second:?}"
    );
    let file = bench.owner(Ask::new("GET", &format!("{EXPORT}?from=2026-01-01T00:00:00Z"))).await;
    assert!(file.text.contains(best["local_time"].as_str().unwrap()), "{}", file.text);
}

#[tokio::test]
async fn a_best_time_lies_in_the_range_and_zone_that_are_named() {
    let Desk { bench, account, .. } = desk().await;
    let hour = |n: i64| (bench.world.engine.now() + SignedDuration::from_hours(n)).to_string();
    let range = json!({ "from": hour(1), "to": hour(1) });
    let body = own(&account, &json!({ "optimize_time": true, "date_range": range, "timezone": "Asia/Tokyo" }));
    let made = bench.owner(Ask::new("POST", PUBLISH).once("one").json(&body)).await;
    assert_eq!(
        (&made.data()["scheduled_at"], &made.data()["timezone"]),
        (&json!(hour(1)), &json!("Asia/Tokyo")),
        "{made:?}"
    );
    let taken =
        bench.refused(Ask::new("POST", PUBLISH).once("two").json(&body).by(&bench.owner), 409, "no_free_time").await;
    assert!(taken.body["detail"].as_str().unwrap().contains("give a longer one"));
    let foreseen = bench.owner(Ask::new("POST", PREFLIGHT).json(&body)).await;
    assert_eq!(foreseen.data()["violations"][0]["field"], "/date_range", "{foreseen:?}");
    let range = json!({ "optimizeTime": true, "dateRange": { "from": hour(2), "to": hour(2) } });
    let campaign = bench.owner(Ask::new("POST", CONTENT).once("three").json(&campaign(&account, &range))).await;
    assert_eq!(campaign.data()["scheduled_at"], hour(2), "{campaign:?}");
}

#[tokio::test]
async fn a_best_time_that_contradicts_the_rest_is_refused_at_its_field_and_nothing_is_written() {
    let Desk { bench, account, .. } = desk().await;
    let hour = |n: i64| (bench.world.engine.now() + SignedDuration::from_hours(n)).to_string();
    let backwards = json!({ "from": hour(2), "to": hour(1) });
    let asks = |more: &Value| own(&account, more);
    let mut timed = campaign(&account, &json!({ "optimizeTime": true }));
    timed["schedule_for"] = json!(hour(1));
    for (path, body, status, code, field) in [
        (
            PUBLISH,
            asks(&json!({ "optimize_time": true, "scheduled_at": hour(1) })),
            422,
            "time_ambiguous",
            "/scheduled_at",
        ),
        (
            PUBLISH,
            asks(&json!({ "optimize_time": true, "option": "queue" })),
            422,
            "optimize_time_unused",
            "/optimize_time",
        ),
        (PUBLISH, asks(&json!({ "scheduled_at": hour(1), "date_range": {} })), 422, "date_range_unused", "/date_range"),
        (PUBLISH, asks(&json!({ "optimize_time": true, "date_range": backwards })), 422, "out_of_range", "/date_range"),
        (
            PUBLISH,
            asks(&json!({ "optimize_time": true, "timezone": "Mars/Olympus" })),
            422,
            "unknown_zone",
            "/timezone",
        ),
        (
            PUBLISH,
            asks(&json!({ "optimize_time": true, "date_range": { "from": "soon" } })),
            400,
            "validation",
            "/date_range/from",
        ),
        (CONTENT, timed, 422, "time_ambiguous", "/schedule_for"),
        (
            CONTENT,
            campaign(&account, &json!({ "dateRange": {} })),
            422,
            "date_range_unused",
            "/publishing/scheduling/dateRange",
        ),
        (
            CONTENT,
            campaign(&account, &json!({ "optimizeTime": true, "dateRange": backwards })),
            422,
            "out_of_range",
            "/publishing/scheduling/dateRange",
        ),
    ] {
        let answer = bench.refused(Ask::new("POST", path).once("k").json(&body).by(&bench.owner), status, code).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{body}: {answer:?}");
    }
    for (query, code, field) in [
        ("timezone=Mars/Olympus".to_owned(), "unknown_zone", "/timezone"),
        (format!("from={}&to={}", hour(2), hour(1)), "out_of_range", "/to"),
    ] {
        let ask = Ask::new("GET", &format!("{BEST_TIME}?account_id={account}&{query}")).by(&bench.owner);
        let answer = bench.refused(ask, 422, code).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{answer:?}");
    }
}
