//! What people said, and what becomes of it.

use super::*;
use domain::inbound::{Changed, Incoming, Said, What};
use domain::inbox::Interaction;
use domain::{IncomingId, InteractionId, ReceiptId, SourceId};
use ports::{Record, Write};

/// Somebody comments; the id of that.
pub(super) async fn says(bench: &Bench<Router>, source_id: &str, external_id: &str) -> String {
    let deps = bench.world.deps().base;
    let source: SourceId = source_id.parse().unwrap();
    let id = InteractionId::from_uuid(deps.uuid());
    let said = Said {
        external_id: external_id.into(),
        on: Some("p1".into()),
        author: Some("u1".into()),
        handle: Some("ada".into()),
        text: Some("Nice".into()),
        change: Changed::Added,
    };
    let incoming = Incoming {
        id: IncomingId::from_uuid(deps.uuid()),
        tenant: bench.owner.caller.tenant,
        source,
        platform: "pigeons".parse().unwrap(),
        receipt: ReceiptId::from_uuid(deps.uuid()),
        account: None,
        at: deps.clock.now(),
        received_at: deps.clock.now(),
        what: What::Comment(said),
    };
    let one = Interaction { thread: "t1".into(), ..Interaction::told(id, &incoming, None).unwrap() };
    deps.ledger.commit(vec![Write::create(Record::Interaction(Box::new(one)))]).await.unwrap();
    id.to_string()
}

#[tokio::test]
async fn what_was_said_is_listed_assigned_and_done() {
    let desk = desk().await;
    let listed = async |query: &str| {
        let page = desk.bench.owner(Ask::new("GET", &format!("{INBOX}?{query}"))).await;
        let items = page.data()["items"].as_array().unwrap().clone();
        items.iter().map(|one| one["interaction_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (first, one) = (desk.interaction_id.clone(), format!("{INBOX}/{}", desk.interaction_id));
    desk.bench.world.engine.advance_ms(1_000);
    let second = says(&desk.bench, &desk.source_id, "c2").await;
    let me = desk.bench.owner.caller.member.to_string();
    let read = desk.bench.owner(Ask::new("GET", &one)).await;
    let (tag, data) = (read.header("etag").to_owned(), read.data());
    assert_eq!((&data["state"], &data["text"], &data["handle"]), (&json!("open"), &json!("Nice"), &json!("ada")));
    assert_eq!((&data["post_id"], &data["reactions"]), (&Value::Null, &json!(0)));
    assert_eq!(data["thread"].as_array().unwrap().len(), 2);
    let patch = |key: &str, tag: &str, change: Value| {
        Ask::new("PATCH", &one).once(key).header("if-match", tag).json(&change).by(&desk.bench.owner)
    };
    let mine = desk.bench.send(patch("1", &tag, json!({ "assignee_id": me }))).await;
    assert_eq!((&mine.data()["assignee_id"], &mine.data()["state"]), (&json!(me), &json!("open")), "{mine:?}");
    desk.bench.refused(patch("2", &tag, json!({ "state": "done" })), 412, "precondition_failed").await;
    for (query, expected) in [
        ("", vec![&second, &first]),
        (&format!("assignee_id={me}"), vec![&first]),
        ("unassigned=true", vec![&second]),
        ("kind=comment&platform=pigeons", vec![&second, &first]),
        ("kind=message", vec![]),
        ("platform=doves", vec![]),
        (&format!("account_id=acc_{}", "0".repeat(32)), vec![]),
        ("state=done", vec![]),
    ] {
        assert_eq!(listed(query).await, expected.into_iter().cloned().collect::<Vec<_>>(), "{query}");
    }
    let left = desk.bench.send(patch("3", "*", json!({ "assignee_id": null }))).await;
    assert_eq!((&left.data()["assignee_id"], &left.data()["state"]), (&Value::Null, &json!("open")));
    let answered = desk.bench.send(patch("4", "*", json!({ "responded": true }))).await;
    assert!(answered.data()["responded_at"].is_string() && answered.data()["done_by"] == json!(me), "{answered:?}");
    assert_eq!((listed("").await, listed("state=done").await), (vec![second], vec![first]));
    let open = desk.bench.send(patch("5", "*", json!({ "state": "open" }))).await;
    assert_eq!((&open.data()["state"], &open.data()["done_at"]), (&json!("open"), &Value::Null));
    let same = desk.bench.send(patch("6", "*", json!({}))).await;
    assert_eq!(same.data(), open.data(), "nothing was asked for");
}

#[tokio::test]
async fn a_change_that_cannot_be_is_named_and_a_page_of_the_inbox_belongs_to_its_state() {
    let desk = desk().await;
    let one = format!("{INBOX}/{}", desk.interaction_id);
    let absent = format!("mem_{}", "0".repeat(32));
    for (change, status, code, pointer) in [
        (json!({ "assignee_id": absent }), 422, "member_not_found", "/assignee_id"),
        (json!({ "state": "open", "responded": true }), 422, "answered_is_done", "/state"),
        (json!({ "state": "gone" }), 400, "validation", "/state"),
        (json!({ "assignee_id": "me" }), 400, "validation", "/assignee_id"),
        (json!({ "responded": "yes" }), 400, "validation", "/responded"),
    ] {
        let ask = Ask::new("PATCH", &one).once("k").header("if-match", "*").json(&change).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, status, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer, "{change}");
    }
    let blind = Ask::new("PATCH", &one).once("k").json(&json!({ "state": "done" })).by(&desk.bench.owner);
    desk.bench.refused(blind, 428, "precondition_required").await;
    says(&desk.bench, &desk.source_id, "c2").await;
    let page = desk.bench.owner(Ask::new("GET", &format!("{INBOX}?limit=1"))).await;
    let cursor = page.data()["next_cursor"].as_str().unwrap();
    let rest = desk.bench.owner(Ask::new("GET", &format!("{INBOX}?limit=1&cursor={cursor}"))).await;
    assert_eq!((rest.data()["items"].as_array().unwrap().len(), &rest.data()["next_cursor"]), (1, &Value::Null));
    for query in [&format!("state=done&cursor={cursor}"), "cursor=x"] {
        desk.bench.refused(Ask::new("GET", &format!("{INBOX}?{query}")).by(&desk.bench.owner), 400, "bad_cursor").await;
    }
    for query in
        ["state=gone", "kind=shout", "kind=reaction", "limit=0", "account_id=1", "unassigned=maybe", "tenant_id=1"]
    {
        desk.bench.refused(Ask::new("GET", &format!("{INBOX}?{query}")).by(&desk.bench.owner), 400, "validation").await;
    }
    desk.bench.refused(Ask::new("GET", &format!("{INBOX}/int_1")).by(&desk.bench.owner), 400, "bad_id").await;
}

#[tokio::test]
async fn another_tenants_inbox_is_not_this_ones() {
    let desk = desk().await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    assert_eq!(desk.bench.send(Ask::new("GET", INBOX).by(&foreigner)).await.data()["items"], json!([]));
    let one = format!("{INBOX}/{}", desk.interaction_id);
    desk.bench.refused(Ask::new("GET", &one).by(&foreigner), 404, "not_found").await;
    let done = Ask::new("PATCH", &one).once("k").header("if-match", "*").json(&json!({ "state": "done" }));
    desk.bench.refused(done.by(&foreigner), 404, "not_found").await;
}
