//! Sources of accounts whose platform calls nobody.

use super::*;
use domain::access::Role;
use testing::connect_as;

async fn account(bench: &Bench<Router>) -> String {
    bench.world.connect(&bench.world.deps(), "readable", "ada").await.unwrap().id.to_string()
}

fn asked(account: &str) -> Value {
    json!({ "platform": "readable", "account_id": account })
}

fn make(key: &str, body: &Value) -> Ask {
    Ask::new("POST", SOURCES).once(key).json(body)
}

#[tokio::test]
async fn an_account_is_asked_from_when_its_source_is_made_until_that_is_deleted() {
    let desk = desk().await;
    let id = account(&desk.bench).await;
    let body = json!({ "platform": "readable", "name": "Ours", "account_id": id, "every_minutes": 60 });
    let made = desk.bench.send(make("first-1", &body).by(&desk.bench.owner)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let data = made.data();
    assert_eq!(
        (&data["platform"], &data["name"], &data["secret_names"]),
        (&json!("readable"), &json!("Ours"), &json!([]))
    );
    assert!(data.get("url").is_none() && data.get("secrets").is_none(), "it has no address: {data}");
    let asked = &data["asked"];
    assert_eq!((&asked["account_id"], &asked["every_minutes"]), (&json!(id), &json!(60)));
    assert_eq!((&asked["last_heard_at"], &asked["failing"]), (&Value::Null, &Value::Null));
    assert_eq!(asked["next_at"], data["created_at"], "at once");
    let again = desk.bench.send(make("first-1", &body).by(&desk.bench.owner)).await;
    assert_eq!(again.data()["source_id"], data["source_id"], "the same request");
    let listed = desk.bench.owner(Ask::new("GET", SOURCES)).await;
    let ours =
        listed.data()["items"].as_array().unwrap().iter().find(|one| one["source_id"] == data["source_id"]).cloned();
    assert_eq!(ours.as_ref(), Some(data));
    let one = format!("{SOURCES}/{}", data["source_id"].as_str().unwrap());
    let gone = desk.bench.send(Ask::new("DELETE", &one).once("2").by(&desk.bench.owner)).await;
    assert_eq!((gone.status, gone.data()["source_id"].clone()), (200, data["source_id"].clone()));
    let anew = desk.bench.send(make("third-3", &body).by(&desk.bench.owner)).await;
    assert_eq!(anew.status, 201, "the account may be asked again");
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let desk = desk().await;
    let id = account(&desk.bench).await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    let foreign =
        connect_as(&foreigner.caller, &desk.bench.world.deps(), "readable", "bo").await.unwrap().id.to_string();
    let absent = format!("acc_{}", "0".repeat(32));
    let with = |field: &str, value: Value| {
        let mut body = asked(&id);
        body[field] = value;
        body
    };
    for (body, status, code, pointer) in [
        (json!({ "platform": "readable" }), 422, "account_missing", "/account_id"),
        (with("platform", json!("write-only")), 422, "not_asked", "/platform"),
        (with("platform", json!("pigeons")), 422, "not_asked", "/platform"),
        (with("platform", json!("nowhere")), 422, "not_asked", "/platform"),
        (asked(&foreign), 422, "account_not_found", "/account_id"),
        (asked(&absent), 422, "account_not_found", "/account_id"),
        (with("every_minutes", json!(9)), 422, "interval_invalid", "/every_minutes"),
        (with("every_minutes", json!(4)), 422, "interval_invalid", "/every_minutes"),
        (with("every_minutes", json!(1_441)), 422, "interval_invalid", "/every_minutes"),
        (with("secrets", json!({ "ring": "A" })), 422, "unknown_secret", "/secrets"),
        (with("name", json!("a\nb")), 422, "name_invalid", "/name"),
        (json!({ "platform": "pigeons", "every_minutes": 15 }), 422, "interval_without_account", "/every_minutes"),
        (with("every_minutes", json!("often")), 400, "validation", "/every_minutes"),
        (asked("acc_1"), 400, "validation", "/account_id"),
    ] {
        let refused = desk.bench.refused(make("k", &body).by(&desk.bench.owner), status, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer, "{body}");
    }
    for least in [10, 1_440] {
        let made = desk
            .bench
            .send(make(&format!("at-{least}"), &with("every_minutes", json!(least))).by(&desk.bench.owner))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let one = format!("{SOURCES}/{}", made.data()["source_id"].as_str().unwrap());
        desk.bench.send(Ask::new("DELETE", &one).once(&format!("no-{least}")).by(&desk.bench.owner)).await;
    }
    desk.bench.send(make("first", &asked(&id)).by(&desk.bench.owner)).await;
    desk.bench.refused(make("second", &asked(&id)).by(&desk.bench.owner), 409, "already_asked").await;
}

#[tokio::test]
async fn who_may_only_look_makes_and_deletes_none() {
    let desk = desk().await;
    let id = account(&desk.bench).await;
    let made = desk.bench.send(make("first-1", &asked(&id)).by(&desk.bench.owner)).await;
    let one = format!("{SOURCES}/{}", made.data()["source_id"].as_str().unwrap());
    for role in [Role::Viewer, Role::Editor] {
        let person = desk.bench.world.person(1, role, &[]).await;
        desk.bench.refused(make("other-2", &asked(&id)).by(&person), 403, "forbidden").await;
        desk.bench.refused(Ask::new("DELETE", &one).once("3").by(&person), 403, "forbidden").await;
        let listed = desk.bench.send(Ask::new("GET", SOURCES).by(&person)).await;
        assert!(listed.text.contains("every_minutes"), "{listed:?}");
    }
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    desk.bench.refused(Ask::new("DELETE", &one).once("4").by(&foreigner), 404, "not_found").await;
}
