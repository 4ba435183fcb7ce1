//! The event catalogue, and samples of it as tests.

use super::*;
use domain::events::EVENT_TYPES;

#[tokio::test]
async fn every_event_type_has_a_version_a_schema_and_a_sample() {
    let desk = desk().await;
    let all = desk.bench.owner(Ask::new("GET", EVENTS)).await;
    let items = all.data()["items"].as_array().unwrap().clone();
    assert_eq!(items.iter().map(|item| item["event"].as_str().unwrap()).collect::<Vec<_>>(), EVENT_TYPES);
    for item in items {
        let name = item["event"].as_str().unwrap();
        let one = desk.bench.owner(Ask::new("GET", &format!("{EVENTS}/{name}"))).await;
        let data = one.data();
        for field in ["event", "version", "description"] {
            assert_eq!(data[field], item[field]);
        }
        assert_eq!((&data["schema"]["title"], &data["sample"]["type"]), (&json!(name), &json!(name)));
        assert_eq!(data["sample"]["version"], item["version"]);
    }
    for absent in ["post.exploded", "post", "POST.PUBLISHED"] {
        let ask = Ask::new("GET", &format!("{EVENTS}/{absent}")).by(&desk.bench.owner);
        desk.bench.refused(ask, 404, "not_found").await;
    }
}

#[tokio::test]
async fn a_sample_of_any_event_is_sent_as_a_test_that_says_so_and_is_told_to_nobody_else() {
    let desk = desk().await;
    let second = Ask::new("POST", HOOKS).once("second").json(&json!({ "url": "https://example.com/second" }));
    let second = desk.bench.owner(second).await.data()["webhook_id"].as_str().unwrap().to_owned();
    let on_the_bus = desk.bench.world.bus.taken().len();
    for name in EVENT_TYPES {
        let body = json!({ "webhook_id": desk.id, "event": name });
        let sent = desk.bench.owner(Ask::new("POST", TEST).once(name).json(&body)).await;
        assert_eq!(sent.status, 202, "{sent:?}");
        let event = sent.data()["event_id"].as_str().unwrap().to_owned();
        let log = format!("{HOOKS}/{}/messages/{event}", desk.id);
        let shown = desk.bench.owner(Ask::new("GET", &log)).await;
        let told: Value = serde_json::from_str(shown.data()["body"].as_str().unwrap()).unwrap();
        assert_eq!((&told["type"], &told["test"], &told["id"]), (&json!(name), &json!(true), &json!(event)));
        assert_eq!(told["data"]["tenant_id"], json!(desk.bench.owner.caller.tenant));
    }
    let others = desk.bench.owner(Ask::new("GET", &format!("{HOOKS}/{second}/attempts"))).await;
    assert_eq!(others.data()["items"], json!([]));
    assert_eq!(desk.bench.world.bus.taken().len(), on_the_bus);
    let unknown = json!({ "webhook_id": desk.id, "event": "post.exploded" });
    let ask = Ask::new("POST", TEST).once("u").json(&unknown).by(&desk.bench.owner);
    let refused = desk.bench.refused(ask, 422, "unknown_event").await;
    assert_eq!(refused.body["errors"][0]["field"], "/event");
}
