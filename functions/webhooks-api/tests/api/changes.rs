//! Changing an endpoint, its secret, and sending again.

use super::*;

fn patch(desk: &Desk, key: &str, tag: &str, change: &Value) -> Ask {
    Ask::new("PATCH", &format!("{HOOKS}/{}", desk.id)).once(key).header("if-match", tag).json(change)
}

#[tokio::test]
async fn an_endpoint_is_changed_as_it_was_read_and_what_is_left_out_stays() {
    let desk = desk().await;
    let one = Ask::new("GET", &format!("{HOOKS}/{}", desk.id));
    let read = desk.bench.owner(one.clone()).await;
    let tag = read.header("etag").to_owned();
    assert_eq!(read.data()["description"], json!(""));
    let change = json!({
        "description": "for the CRM", "events": ["post.failed"],
        "url": "https://example.com/second", "headers": { "X-A": "canary", "X-B": "two" },
    });
    let changed = desk.bench.owner(patch(&desk, "1", &tag, &change)).await;
    let data = changed.data();
    assert_eq!(data["url"], json!("https://example.com/second"));
    assert_eq!(data["header_names"], json!(["X-A", "X-B"]));
    assert_eq!(data["name"], read.data()["name"]);
    assert!(!changed.text.contains("whsec_") && !changed.text.contains("canary"), "{changed:?}");
    let stale = patch(&desk, "2", &tag, &json!({ "name": "x" })).by(&desk.bench.owner);
    desk.bench.refused(stale, 412, "precondition_failed").await;
    let blind = Ask::new("PATCH", &format!("{HOOKS}/{}", desk.id)).once("3").json(&json!({ "name": "x" }));
    desk.bench.refused(blind.by(&desk.bench.owner), 428, "precondition_required").await;
    let fewer = desk.bench.owner(patch(&desk, "4", "*", &json!({ "headers": { "x-a": null } }))).await;
    assert_eq!(fewer.data()["header_names"], json!(["X-B"]));
    assert_eq!(desk.bench.owner(one).await.data()["description"], "for the CRM");
}

#[tokio::test]
async fn a_change_that_cannot_be_is_named_and_changes_nothing() {
    let desk = desk().await;
    for (change, status, code, pointer) in [
        (json!({ "name": " " }), 422, "name_invalid", "/name"),
        (json!({ "description": "x".repeat(501) }), 422, "description_too_long", "/description"),
        (json!({ "events": ["post.exploded"] }), 422, "unknown_event", "/events/0"),
        (json!({ "headers": { "Host": "x" } }), 422, "header_reserved", "/headers/Host"),
        (json!({ "url": "https://herald.test/api" }), 422, "url_not_allowed", "/url"),
        (json!({ "headers": { "ce-type": "x" } }), 422, "header_reserved", "/headers/ce-type"),
        (json!({ "accounts": [format!("acc_{}", "0".repeat(32))] }), 422, "account_not_found", "/accounts/0"),
        (json!({ "platforms": ["nowhere"] }), 422, "unknown_platform", "/platforms/0"),
        (json!({ "rate_per_minute": 1_001 }), 422, "out_of_range", "/rate_per_minute"),
        (json!({ "rate_per_minute": "60" }), 400, "validation", "/rate_per_minute"),
        (json!({ "signature": "v1a" }), 400, "validation", "/signature"),
        (json!({ "format": "xml" }), 400, "validation", "/format"),
        (json!({ "order": "random" }), 400, "validation", "/order"),
        (json!({ "enabled": "no" }), 400, "validation", "/enabled"),
    ] {
        let refused = desk.bench.refused(patch(&desk, "k", "*", &change).by(&desk.bench.owner), status, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer, "{change}");
    }
    let many: serde_json::Map<String, Value> = (0..11).map(|n| (format!("X-{n}"), json!("v"))).collect();
    let ask = patch(&desk, "k", "*", &json!({ "headers": many })).by(&desk.bench.owner);
    desk.bench.refused(ask, 422, "too_many_headers").await;
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_fraction_of_nothing() {
    let desk = desk().await;
    let change = serde_json::from_str(r#"{ "rate_per_minute": 281.0 }"#).unwrap();
    let changed = desk.bench.owner(patch(&desk, "1", "*", &change)).await;
    assert_eq!(changed.data()["rate_per_minute"], 281, "{changed:?}");
    let half = patch(&desk, "2", "*", &json!({ "rate_per_minute": 281.5 })).by(&desk.bench.owner);
    desk.bench.refused(half, 400, "validation").await;
}

#[tokio::test]
async fn an_endpoint_says_in_which_form_it_is_told_and_a_message_in_which_it_was() {
    let desk = desk().await;
    let one = Ask::new("GET", &format!("{HOOKS}/{}", desk.id));
    assert_eq!(desk.bench.owner(one).await.data()["format"], "standard");
    let log = format!("{HOOKS}/{}/messages", desk.id);
    let old = desk.bench.owner(Ask::new("GET", &format!("{log}/{}", desk.event))).await;
    assert_eq!(old.data()["content_headers"], json!({ "content-type": "application/json" }));
    for (format, kind) in [("cloudevents", "application/cloudevents+json"), ("cloudevents_binary", "application/json")]
    {
        let changed = desk.bench.owner(patch(&desk, format, "*", &json!({ "format": format }))).await;
        assert_eq!(changed.data()["format"], format);
        let sent = Ask::new("POST", TEST).once(format).json(&json!({ "webhook_id": desk.id }));
        let event = desk.bench.owner(sent).await.data()["event_id"].clone();
        let shown = desk.bench.owner(Ask::new("GET", &format!("{log}/{}", event.as_str().unwrap()))).await;
        assert_eq!(shown.data()["content_headers"]["content-type"], kind);
    }
    let registered = json!({ "url": "https://example.com/second", "format": "cloudevents" });
    let made = desk.bench.owner(Ask::new("POST", HOOKS).once("k").json(&registered)).await;
    assert_eq!((made.status, &made.data()["format"]), (201, &json!("cloudevents")), "{made:?}");
}

#[tokio::test]
async fn an_endpoint_is_told_in_order_when_it_asks_for_that_and_says_so() {
    let desk = desk().await;
    let one = Ask::new("GET", &format!("{HOOKS}/{}", desk.id));
    assert_eq!(desk.bench.owner(one.clone()).await.data()["order"], "none");
    for order in ["key", "none"] {
        let changed = desk.bench.owner(patch(&desk, order, "*", &json!({ "order": order }))).await;
        assert_eq!(changed.data()["order"], order);
        assert_eq!(desk.bench.owner(one.clone()).await.data()["order"], order);
    }
    let registered = json!({ "url": "https://example.com/second", "order": "key" });
    let made = desk.bench.owner(Ask::new("POST", HOOKS).once("k").json(&registered)).await;
    assert_eq!((made.status, &made.data()["order"]), (201, &json!("key")), "{made:?}");
}

#[tokio::test]
async fn an_endpoint_is_switched_off_and_on_by_hand() {
    let desk = desk().await;
    let off = desk.bench.owner(patch(&desk, "1", "*", &json!({ "enabled": false }))).await;
    assert_eq!((&off.data()["status"], &off.data()["reason"]), (&json!("disabled"), &json!("by_hand")));
    for path in [TEST.to_owned(), format!("{HOOKS}/{}/messages/{}/resend", desk.id, desk.event)] {
        let ask = Ask::new("POST", &path).once("t").by(&desk.bench.owner);
        let ask = if path == TEST { ask.json(&json!({ "webhook_id": desk.id })) } else { ask };
        desk.bench.refused(ask, 409, "endpoint_disabled").await;
    }
    let on = desk.bench.owner(patch(&desk, "2", "*", &json!({ "enabled": true }))).await;
    assert_eq!((&on.data()["status"], &on.data()["reason"]), (&json!("active"), &Value::Null));
}

#[tokio::test]
async fn a_new_secret_is_shown_once_and_another_needs_force_for_a_day() {
    let desk = desk().await;
    let path = format!("{HOOKS}/{}/secret/rotate", desk.id);
    let first = desk.bench.owner(Ask::new("POST", &path).once("1")).await;
    assert_eq!(first.status, 200, "{first:?}");
    let secret = first.data()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50);
    assert!(first.data()["old_secret_until"].is_string());
    let again = desk.bench.owner(Ask::new("POST", &path).once("1")).await;
    assert_eq!(again.data()["secret"], json!(secret), "a repetition");
    let second = Ask::new("POST", &path).once("2").by(&desk.bench.owner);
    desk.bench.refused(second, 409, "rotation_under_way").await;
    let bad = Ask::new("POST", &path).once("3").json(&json!({ "secret": "plain", "force": true }));
    desk.bench.refused(bad.by(&desk.bench.owner), 422, "secret_malformed").await;
    let forced = desk.bench.owner(Ask::new("POST", &path).once("4").json(&json!({ "force": true }))).await;
    assert!(forced.data()["secret"].as_str().is_some_and(|new| new != secret));
    desk.bench.world.engine.advance_ms(86_400_000);
    assert_eq!(desk.bench.owner(Ask::new("POST", &path).once("5")).await.status, 200, "a day later");
    let listed = desk.bench.owner(Ask::new("GET", HOOKS)).await;
    assert!(!listed.text.contains("whsec_"), "{listed:?}");
}

#[tokio::test]
async fn a_message_shows_what_was_sent_and_is_sent_again_when_it_is_over() {
    let desk = desk().await;
    let message = format!("{HOOKS}/{}/messages/{}", desk.id, desk.event);
    let shown = desk.bench.owner(Ask::new("GET", &message)).await;
    let body: Value = serde_json::from_str(shown.data()["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["id"], &shown.data()["state"]), (&json!(desk.event), &json!("delivered")));
    let sent = desk.bench.world.queues.sent();
    let again = desk.bench.owner(Ask::new("POST", &format!("{message}/resend")).once("1")).await;
    assert_eq!((again.status, &again.data()["event_id"]), (202, &json!(desk.event)));
    assert_eq!(desk.bench.world.queues.sent(), sent + 1);
    let twice = Ask::new("POST", &format!("{message}/resend")).once("2").by(&desk.bench.owner);
    desk.bench.refused(twice, 409, "wrong_state").await;
    let shown = desk.bench.owner(Ask::new("GET", &message)).await;
    assert_eq!((&shown.data()["state"], shown.data()["again_at"].is_string()), (&json!("pending"), true));
    assert_eq!(shown.data()["attempts"].as_array().unwrap().len(), 1, "the attempts before stay");
    let other = format!("{HOOKS}/{}/messages/evt_00000000000000000000000000000bad", desk.id);
    desk.bench.refused(Ask::new("GET", &other).by(&desk.bench.owner), 404, "not_found").await;
}

#[tokio::test]
async fn a_message_that_waits_is_given_up_once_and_says_by_whom() {
    let desk = desk().await;
    let message = format!("{HOOKS}/{}", desk.waiting);
    let path = format!("{message}/give_up");
    let given_up = desk.bench.owner(Ask::new("POST", &path).once("1")).await;
    assert_eq!((given_up.status, &given_up.data()["state"]), (200, &json!("dead")), "{given_up:?}");
    let shown = desk.bench.owner(Ask::new("GET", &message)).await;
    assert_eq!((&shown.data()["reason"], &shown.data()["next_at"]), (&json!("given_up"), &Value::Null));
    assert_eq!(shown.data()["given_up_by"], json!(desk.bench.owner.caller.member.to_string()));
    desk.bench.refused(Ask::new("POST", &path).once("2").by(&desk.bench.owner), 409, "wrong_state").await;
    let over = format!("{HOOKS}/{}/messages/{}/give_up", desk.id, desk.event);
    desk.bench.refused(Ask::new("POST", &over).once("3").by(&desk.bench.owner), 409, "wrong_state").await;
    let none = format!("{HOOKS}/{}/messages/evt_00000000000000000000000000000bad/give_up", desk.id);
    desk.bench.refused(Ask::new("POST", &none).once("4").by(&desk.bench.owner), 404, "not_found").await;
}

#[tokio::test]
async fn the_log_is_filtered_by_state_event_and_time() {
    let desk = desk().await;
    desk.bench.world.engine.advance_ms(10_000);
    let later = Ask::new("POST", TEST).once("later").json(&json!({ "webhook_id": desk.id }));
    let later = desk.bench.owner(later).await.data()["event_id"].as_str().unwrap().to_owned();
    let all = desk.bench.owner(Ask::new("GET", &format!("{HOOKS}/{}/attempts", desk.id))).await;
    let at = all.data()["items"][0]["created_at"].as_str().unwrap().to_owned();
    for (query, expected) in [
        ("state=pending", vec![&later]),
        ("state=delivered", vec![&desk.event]),
        ("state=dead", vec![]),
        ("event=webhook.test", vec![&later, &desk.event]),
        ("event=post.failed", vec![]),
        (&format!("from={at}"), vec![&later]),
        ("to=2001-01-01T00:00:00Z", vec![]),
        ("state=pending&limit=1", vec![&later]),
    ] {
        let page = desk.bench.owner(Ask::new("GET", &format!("{HOOKS}/{}/attempts?{query}", desk.id))).await;
        let found: Vec<_> = page.data()["items"].as_array().unwrap().iter().map(|m| m["event_id"].clone()).collect();
        assert_eq!(found, expected.into_iter().map(|id| json!(id)).collect::<Vec<_>>(), "{query}");
    }
    for query in ["state=gone", "from=yesterday", "event=webhook.test&event=post.failed"] {
        let ask = Ask::new("GET", &format!("{HOOKS}/{}/attempts?{query}", desk.id)).by(&desk.bench.owner);
        desk.bench.refused(ask, 400, "validation").await;
    }
}

#[tokio::test]
async fn a_recovery_is_begun_once_and_seen_and_a_second_waits_for_its_end() {
    let desk = desk().await;
    let path = format!("{HOOKS}/{}/recover", desk.id);
    let recover = |key: &str, body: Value| Ask::new("POST", &path).once(key).json(&body).by(&desk.bench.owner);
    let begun = desk.bench.send(recover("1", json!({ "since": "2020-01-01T00:00:00Z", "every": true }))).await;
    assert_eq!((begun.status, &begun.data()["state"], &begun.data()["sent"]), (202, &json!("running"), &json!(0)));
    let listed = desk.bench.owner(Ask::new("GET", &path)).await;
    assert_eq!(listed.data()["items"][0]["recovery_id"], begun.data()["recovery_id"]);
    desk.bench.refused(recover("2", json!({ "since": "2020-01-01T00:00:00Z" })), 409, "recovery_under_way").await;
    for body in [
        json!({ "since": "2100-01-01T00:00:00Z" }),
        json!({ "since": "2020-01-02T00:00:00Z", "until": "2020-01-01T00:00:00Z" }),
    ] {
        desk.bench.refused(recover("3", body), 422, "out_of_range").await;
    }
}

#[tokio::test]
async fn an_endpoint_signed_by_a_key_pair_shows_its_public_key_and_never_the_private_one() {
    let desk = desk().await;
    let form = json!({ "url": "https://example.com/pair", "signature": "v1a" });
    let made = desk.bench.owner(Ask::new("POST", HOOKS).once("pair").json(&form)).await;
    let (id, first) = (made.data()["webhook_id"].as_str().unwrap(), &made.data()["public_key"]);
    assert!(made.data()["signature"] == "v1a" && first.as_str().unwrap().starts_with("whpk_"), "{made:?}");
    assert_eq!(made.data()["secret"], Value::Null);
    let one = format!("{HOOKS}/{id}");
    let rotated = desk.bench.owner(Ask::new("POST", &format!("{one}/secret/rotate")).once("r")).await;
    let read = desk.bench.owner(Ask::new("GET", &one)).await;
    assert_eq!((&read.data()["public_key"], &read.data()["old_public_key"]), (&rotated.data()["public_key"], first));
    assert_ne!(&read.data()["public_key"], first);
    for answer in [&made, &rotated, &read] {
        assert!(!answer.text.contains("whsk_") && answer.data()["secret"] == Value::Null, "{answer:?}");
    }
    let other = desk.bench.owner(Ask::new("GET", &format!("{HOOKS}/{}", desk.id))).await;
    assert!(other.data()["signature"] == "v1" && other.data()["public_key"] == Value::Null);
}

#[tokio::test]
async fn a_limit_of_requests_is_set_shown_changed_and_taken_away() {
    let desk = desk().await;
    assert_eq!(
        desk.bench.owner(Ask::new("GET", &format!("{HOOKS}/{}", desk.id))).await.data()["rate_per_minute"],
        Value::Null
    );
    for (key, rate) in [("least", 1), ("most", 1_000)] {
        let form = json!({ "url": "https://example.com/limited", "rate_per_minute": rate });
        let made = desk.bench.owner(Ask::new("POST", HOOKS).once(key).json(&form)).await;
        assert_eq!((made.status, &made.data()["rate_per_minute"]), (201, &json!(rate)), "{made:?}");
    }
    for rate in [0, 1_001] {
        let form = json!({ "url": "https://example.com/limited", "rate_per_minute": rate });
        let ask = Ask::new("POST", HOOKS).once("none").json(&form).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, "out_of_range").await;
        assert_eq!(refused.body["errors"][0]["field"], "/rate_per_minute");
    }
    for (rate, shown) in [(60, json!(60)), (0, Value::Null)] {
        let changed = desk.bench.owner(patch(&desk, &rate.to_string(), "*", &json!({ "rate_per_minute": rate }))).await;
        assert_eq!(changed.data()["rate_per_minute"], shown);
        let listed = desk.bench.owner(Ask::new("GET", HOOKS)).await;
        let items = listed.data()["items"].as_array().unwrap().clone();
        let mine = items.iter().find(|item| item["webhook_id"] == *desk.id).unwrap();
        assert_eq!(mine["rate_per_minute"], shown);
    }
}

#[tokio::test]
async fn the_public_key_before_a_rotation_is_shown_while_it_still_signs_and_not_after() {
    let desk = desk().await;
    let form = json!({ "url": "https://example.com/pair", "signature": "v1a" });
    let made = desk.bench.owner(Ask::new("POST", HOOKS).once("pair").json(&form)).await;
    let id = made.data()["webhook_id"].as_str().unwrap();
    let one = format!("{HOOKS}/{id}");
    let rotated = desk.bench.owner(Ask::new("POST", &format!("{one}/secret/rotate")).once("r")).await;
    let until: jiff::Timestamp = rotated.data()["old_secret_until"].as_str().unwrap().parse().unwrap();
    let shown = async || {
        let mut answers = vec![desk.bench.owner(Ask::new("GET", &one)).await.data()["old_public_key"].clone()];
        let listed = desk.bench.owner(Ask::new("GET", HOOKS)).await;
        let all = listed.data()["items"].as_array().unwrap().clone();
        answers.extend(all.iter().filter(|item| item["webhook_id"] == *id).map(|item| item["old_public_key"].clone()));
        answers
    };
    let engine = &desk.bench.world.engine;
    engine.advance_ms(until.as_millisecond() - engine.now_ms() - 1);
    assert_eq!(shown().await, vec![made.data()["public_key"].clone(); 2]);
    engine.advance_ms(1);
    assert_eq!(shown().await, [Value::Null, Value::Null]);
}
