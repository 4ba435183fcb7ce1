//! Endpoints that are a queue, a bus or a chat.

use super::*;

const ROLE: &str = "arn:aws:iam::123456789012:role/herald-events-a";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/events";
const BUS: &str = "arn:aws:events:eu-west-1:123456789012:event-bus/events";

fn queue() -> Value {
    json!({ "kind": "queue", "url": QUEUE, "role_arn": ROLE })
}

async fn register(desk: &Desk, key: &str, body: &Value) -> Value {
    desk.bench.owner(Ask::new("POST", HOOKS).once(key).json(body)).await.data().clone()
}

#[tokio::test]
async fn a_queue_and_a_bus_show_their_role_and_what_its_trust_policy_has_to_ask_for() {
    let desk = desk().await;
    let bus = json!({ "kind": "bus", "arn": BUS, "role_arn": ROLE });
    for (kind, destination, shown) in [("queue", queue(), QUEUE), ("bus", bus, BUS)] {
        let made = register(&desk, kind, &json!({ "destination": destination })).await;
        assert_eq!((&made["url"], &made["name"], &made["signature"]), (&json!(shown), &json!(shown), &json!("none")));
        let external_id = desk.bench.owner.caller.tenant.to_string();
        let way = json!({ "kind": kind, "role_arn": ROLE, "external_id": external_id });
        assert_eq!(made["destination"], way);
        assert!(made.get("secret").is_none() && made.get("public_key").is_none(), "{made}");
        let one = Ask::new("GET", &format!("{HOOKS}/{}", made["webhook_id"].as_str().unwrap()));
        assert_eq!(desk.bench.owner(one).await.data()["destination"], way);
    }
    let first = desk.bench.owner(Ask::new("GET", &format!("{HOOKS}/{}", desk.id))).await;
    assert_eq!((&first.data()["destination"], &first.data()["signature"]), (&json!({ "kind": "https" }), &json!("v1")));
}

#[tokio::test]
async fn a_chat_takes_a_test_and_no_answer_shows_its_address() {
    let desk = desk().await;
    let chat = |token: &str| json!({ "kind": "chat", "url": format!("https://board.test/room/{token}") });
    let asked = Ask::new("POST", HOOKS).once("c").json(&json!({ "destination": chat("canary-1") }));
    let made = desk.bench.owner(asked.clone()).await;
    let again = desk.bench.owner(asked).await;
    let id = made.data()["webhook_id"].as_str().unwrap().to_owned();
    assert_eq!(made.data()["destination"], json!({ "kind": "chat", "platform": "board" }));
    assert_eq!(made.data()["url"], "https://board.test/room/…");
    let test = json!({ "webhook_id": id, "event": "post.failed" });
    let sent = desk.bench.owner(Ask::new("POST", TEST).once("chat").json(&test)).await;
    let event = sent.data()["event_id"].as_str().unwrap().to_owned();
    let (deps, tenant) = (desk.bench.world.deps().base, desk.bench.owner.caller.tenant);
    let done = attempt(&deps, tenant, id.parse().unwrap(), event.parse().unwrap(), "test", Visit::FIRST).await;
    assert_eq!(done.unwrap(), Attempted::Delivered);
    let told = desk.bench.world.listener.heard().pop().unwrap();
    assert_eq!(told.url, "https://board.test/room/canary-1");
    assert!(told.body.contains("Test: A post ended on one account without success."), "{}", told.body);
    let one = format!("{HOOKS}/{id}");
    let change = json!({ "destination": chat("canary-2") });
    let changed = Ask::new("PATCH", &one).once("p").header("if-match", "*").json(&change);
    let mut answers = vec![made, again, desk.bench.owner(changed).await];
    for address in [HOOKS.to_owned(), one.clone(), format!("{one}/attempts"), format!("{one}/messages/{event}")] {
        answers.push(desk.bench.owner(Ask::new("GET", &address)).await);
    }
    for answer in answers {
        assert!(!answer.text.contains("canary"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_destination_that_cannot_be_is_named_by_field() {
    let desk = desk().await;
    for (body, code, field) in [
        (json!({}), "url_not_allowed", "/url"),
        (json!({ "url": "https://a.example", "destination": queue() }), "destination_conflict", "/destination"),
        (json!({ "url": "https://board.test/room/canary" }), "use_destination", "/url"),
        (json!({ "destination": { "kind": "queue", "url": QUEUE } }), "destination_invalid", "/destination/role_arn"),
        (json!({ "destination": { "kind": "bus", "role_arn": ROLE } }), "destination_invalid", "/destination/arn"),
        (json!({ "destination": { "kind": "chat" } }), "destination_invalid", "/destination/url"),
        (json!({ "destination": queue(), "headers": { "X-A": "b" } }), "not_for_destination", "/headers"),
        (json!({ "destination": queue(), "signature": "v1a" }), "not_for_destination", "/signature"),
        (json!({ "destination": queue(), "format": "cloudevents_binary" }), "not_for_destination", "/format"),
    ] {
        let ask = Ask::new("POST", HOOKS).once("k").json(&body).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, code).await;
        assert_eq!(refused.body["errors"][0]["field"], field, "{body}");
        assert!(!refused.text.contains("canary"), "{}", refused.text);
    }
    for (body, field) in [
        (json!({ "destination": { "kind": "topic" } }), "/destination/kind"),
        (json!({ "destination": { "kind": "queue", "region": "eu-west-1" } }), "/destination/region"),
    ] {
        let ask = Ask::new("POST", HOOKS).once("k").json(&body).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 400, "validation").await;
        assert_eq!(refused.body["errors"][0]["field"], field, "{body}");
    }
    let id = register(&desk, "q", &json!({ "destination": queue() })).await["webhook_id"].as_str().unwrap().to_owned();
    let rotate = Ask::new("POST", &format!("{HOOKS}/{id}/secret/rotate")).once("r").by(&desk.bench.owner);
    desk.bench.refused(rotate, 409, "unsigned").await;
    let other = json!({ "destination": { "kind": "bus", "arn": BUS, "role_arn": ROLE } });
    let change = Ask::new("PATCH", &format!("{HOOKS}/{id}")).once("p").header("if-match", "*").json(&other);
    let refused = desk.bench.refused(change.by(&desk.bench.owner), 422, "destination_invalid").await;
    assert_eq!(refused.body["errors"][0]["field"], "/destination/kind");
}
