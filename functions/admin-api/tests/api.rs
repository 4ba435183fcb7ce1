//! The administration API over a world in memory: its routes, and every row of the bad-input table that touches them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use admin_api::BootstrapToken;
use axum::Router;
use domain::access::{Permission, Role};
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use std::sync::Arc;
use testing::api::{Ask, Bench, Person, Route, foreign_is_absent, replays};
use testing::{Mutant, READABLE, Weather, World};

const BOOTSTRAP: &str = "/api/admin/bootstrap";
const MEMBERS: &str = "/api/admin/members";
const MEMBER: &str = "/api/admin/members/{member_id}";
const KEYS: &str = "/api/admin/keys";
const KEY: &str = "/api/admin/keys/{key_id}";
const EGRESS: &str = "/api/admin/egress-policy";
const ROTATE: &str = "/api/admin/keyring/rotate";
const AUDIT: &str = "/api/admin/audit";

struct Desk {
    bench: Bench<Router>,
    /// A colleague, who is an editor.
    editor: Person,
}

fn first() -> Value {
    json!({ "token": "the bootstrap token", "tenant": "Acme", "owner": "Ada", "zone": "Europe/Berlin" })
}

async fn over(world: World) -> Desk {
    let owner = world.person(1, Role::Owner, &[]).await;
    let editor = world.person(1, Role::Editor, &[]).await;
    let token: BootstrapToken = Arc::new(|| Box::pin(async { Ok("the bootstrap token".into()) }));
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = admin_api::router(Api::new(world.deps().base, address), token);
    let (member, key) = (format!("{MEMBERS}/{}", editor.caller.member), format!("{KEYS}/{}", editor.caller.key));
    let all = vec![
        Route::get("/health", "").open(),
        Route::get("/openapi.json", "").open(),
        Route::get("/docs", "").open(),
        Route::change("POST", BOOTSTRAP, "", Some(first())).unkeyed().open(),
        Route::get(MEMBERS, ""),
        Route::change("POST", MEMBERS, "", Some(json!({ "name": "Grace", "role": "editor" }))),
        Route::change("PATCH", MEMBER, &member, Some(json!({ "role": "approver" }))),
        Route::change("DELETE", MEMBER, &member, None),
        Route::get(KEYS, ""),
        Route::change(
            "POST",
            KEYS,
            "",
            Some(json!({ "name": "ci", "scopes": ["read"], "member_id": editor.caller.member })),
        ),
        Route::change("DELETE", KEY, &key, None),
        Route::get(EGRESS, ""),
        Route::change("PUT", EGRESS, "", Some(json!({ "http": true, "ports": [8443] }))),
        Route::change("POST", ROTATE, "", None).going_on(),
        Route::get(AUDIT, ""),
    ];
    Desk {
        bench: Bench { world, routes, owner, all, document: serde_json::to_value(admin_api::openapi()).unwrap() },
        editor,
    }
}

async fn desk() -> Desk {
    over(World::new(7)).await
}

impl Desk {
    fn route(&self, method: &str, template: &str) -> &Route {
        self.bench.all.iter().find(|r| r.method == method && r.template == template).unwrap()
    }

    async fn items(&self, path: &str) -> Vec<Value> {
        self.bench.owner(Ask::new("GET", path)).await.data()["items"].as_array().unwrap().clone()
    }

    async fn audited(&self, action: &str) -> usize {
        let lines = self.items(&format!("{AUDIT}?limit=200")).await;
        lines.iter().filter(|line| line["action"] == action).count()
    }
}

async fn bench() -> Bench<Router> {
    desk().await.bench
}

testing::api_suite!("admin-api", openapi: admin_api::openapi, bench: bench, keyed_changes: 7);

#[tokio::test]
async fn another_tenants_member_or_key_is_answered_as_an_absent_one() {
    assert_eq!(foreign_is_absent(bench).await, 8);
    let desk = desk().await;
    let foreigner = desk.bench.world.person(3, Role::Owner, &[]).await;
    for (path, own) in [(MEMBERS, 1), (KEYS, 1), (AUDIT, 0)] {
        let list = desk.bench.send(Ask::new("GET", path).by(&foreigner)).await;
        assert_eq!(list.data()["items"].as_array().unwrap().len(), own, "{path}");
    }
    for bad in ["/api/admin/members/mem_1", "/api/admin/keys/mem_00000000000000000000000000000bad"] {
        desk.bench.refused(Ask::new("DELETE", bad).once("k").by(&desk.bench.owner), 400, "bad_id").await;
    }
}

#[tokio::test]
async fn an_owner_says_what_endpoints_may_be_and_everybody_reads_it() {
    let desk = desk().await;
    let strict = json!({ "http": false, "ports": [] });
    assert_eq!(desk.bench.owner(Ask::new("GET", EGRESS)).await.data(), &strict);
    let put = |body: &Value, key: &str| Ask::new("PUT", EGRESS).json(body).once(key);
    let open = json!({ "http": true, "ports": [9443, 8080] });
    desk.bench.refused(put(&open, "a").by(&desk.editor), 403, "forbidden").await;
    let kept = json!({ "http": true, "ports": [8080, 9443] });
    assert_eq!(desk.bench.owner(put(&open, "b")).await.data(), &kept);
    assert_eq!(desk.bench.send(Ask::new("GET", EGRESS).by(&desk.editor)).await.data(), &kept);
    assert_eq!(desk.audited("rules.egress_changed").await, 1);
    let wrong = put(&json!({ "ports": [8080, 6379] }), "c").by(&desk.bench.owner);
    let refused = desk.bench.refused(wrong, 422, "port_not_allowed").await;
    assert_eq!(refused.body["errors"][0]["field"], "/ports/1");
    for bad in [json!({ "ports": [70_000] }), json!({ "https": true }), json!({ "http": "yes" })] {
        let answer = desk.bench.owner(put(&bad, "d")).await;
        assert!(matches!(answer.status, 400 | 422), "{bad}: {}", answer.status);
    }
    assert_eq!(desk.bench.owner(put(&json!({}), "e")).await.data(), &strict, "what is left out is not allowed");
}

#[tokio::test]
async fn the_first_tenant_is_made_once_by_whoever_has_the_token() {
    let desk = desk().await;
    let ask = |body: &Value| Ask::new("POST", BOOTSTRAP).json(body);
    for wrong in ["", "the bootstrap tokem", "the bootstrap token "] {
        let mut body = first();
        body["token"] = json!(wrong);
        desk.bench.refused(ask(&body), 403, "forbidden").await;
    }
    for (field, value, code) in
        [("zone", "Mars/Olympus", "unknown_zone"), ("tenant", "", "name_invalid"), ("owner", " ", "name_invalid")]
    {
        let mut body = first();
        body[field] = json!(value);
        desk.bench.refused(ask(&body), 422, code).await;
    }
    let made = desk.bench.send(ask(&first())).await;
    assert_eq!(made.status, 201);
    let data = made.data();
    assert!(data["tenant_id"].as_str().unwrap().starts_with("ten_"));
    let key = data["api_key"].as_str().unwrap();
    let owner = Person { key: key.into(), ..desk.bench.owner.clone() };
    let members = desk.bench.send(Ask::new("GET", MEMBERS).by(&owner)).await;
    let ada = &members.data()["items"][0];
    assert_eq!((&ada["member_id"], &ada["name"], &ada["role"]), (&data["member_id"], &json!("Ada"), &json!("owner")));
    let again = desk.bench.send(ask(&first())).await;
    assert_eq!((again.status, &again.text), (201, &made.text), "a lost answer is given again");
    let mut other = first();
    other["owner"] = json!("Bob");
    desk.bench.refused(ask(&other), 409, "already_bootstrapped").await;
    assert!(!members.text.contains(key));
}

#[tokio::test]
async fn health_asks_nothing_and_nobody() {
    let weather = Weather { store_throttled: 1_000, secrets_down: 1_000, ..Weather::calm() };
    let desk = over(World::with(7, weather, &[READABLE], Mutant::None)).await;
    desk.bench.world.engine.storm(true);
    let health = desk.bench.send(Ask::new("GET", "/health")).await;
    assert_eq!((health.status, &health.data()["status"]), (200, &json!("ok")));
    assert_eq!(desk.bench.owner(Ask::new("GET", MEMBERS)).await.problem(), (503, "unavailable"));
}

#[tokio::test]
async fn members_are_added_changed_and_removed_and_an_owner_stays() {
    let desk = desk().await;
    let other = Ask::new("POST", MEMBERS).json(&json!({ "name": "Grace", "role": "owner" }));
    let grace = replays(&desk.bench, desk.route("POST", MEMBERS), &other).await;
    assert_eq!((grace.status, &grace.data()["role"]), (201, &json!("editor")));
    let other = Ask::new("PATCH", &desk.route("PATCH", MEMBER).path).json(&json!({ "role": "viewer" }));
    let changed = replays(&desk.bench, desk.route("PATCH", MEMBER), &other).await;
    assert_eq!(changed.data()["role"], "approver");
    let now = desk.bench.send(Ask::new("GET", KEYS).by(&desk.editor)).await;
    assert_eq!(now.data()["items"].as_array().unwrap().len(), 1, "sees their own key only");
    let gone = replays(
        &desk.bench,
        desk.route("DELETE", MEMBER),
        &Ask::new("DELETE", &format!("{MEMBERS}/{}", desk.bench.owner.caller.member)),
    )
    .await;
    assert_eq!(gone.data()["member_id"], json!(desk.editor.caller.member));
    desk.bench.refused(Ask::new("GET", KEYS).by(&desk.editor), 401, "unauthenticated").await;

    let world_owner = format!("{MEMBERS}/{}", desk.bench.world.caller.member);
    assert_eq!(desk.bench.owner(Ask::new("DELETE", &world_owner).once("o")).await.status, 200);
    let myself = format!("{MEMBERS}/{}", desk.bench.owner.caller.member);
    let ask = Ask::new("DELETE", &myself).once("me").by(&desk.bench.owner);
    desk.bench.refused(ask, 409, "last_owner").await;
    let ask = Ask::new("PATCH", &myself).once("me").json(&json!({ "role": "viewer" })).by(&desk.bench.owner);
    desk.bench.refused(ask, 409, "last_owner").await;
    let bad =
        Ask::new("POST", MEMBERS).once("b").json(&json!({ "name": "x", "role": "emperor" })).by(&desk.bench.owner);
    let bad = desk.bench.refused(bad, 400, "validation").await;
    assert_eq!(bad.body["errors"][0]["field"], "/role");
    let bad = Ask::new("POST", MEMBERS).once("b").json(&json!({ "name": " ", "role": "viewer" })).by(&desk.bench.owner);
    desk.bench.refused(bad, 422, "name_invalid").await;
    let names: Vec<_> = desk.items(MEMBERS).await.iter().map(|m| m["role"].clone()).collect();
    assert_eq!(names.len(), 2, "the owner and Grace: {names:?}");
}

#[tokio::test]
async fn a_key_is_shown_once_bounded_by_its_scopes_and_revoked() {
    let desk = desk().await;
    let other = Ask::new("POST", KEYS).json(&json!({ "name": "other" }));
    let made = replays(&desk.bench, desk.route("POST", KEYS), &other).await;
    let text = made.data()["api_key"].as_str().unwrap().to_owned();
    let list = desk.bench.owner(Ask::new("GET", KEYS)).await;
    assert!(!list.text.contains(&text) && !list.text.contains("api_key") && !list.text.contains("secret"), "{list:?}");
    let reader = Person { key: text, ..desk.bench.owner.clone() };
    assert_eq!(desk.bench.send(Ask::new("GET", MEMBERS).by(&reader)).await.status, 200);
    desk.bench.refused(desk.route("POST", MEMBERS).ask("k").by(&reader), 403, "forbidden").await;
    let path = format!("{KEYS}/{}", made.data()["key_id"].as_str().unwrap());
    let revoke = Route::change("DELETE", KEY, &path, None);
    replays(&desk.bench, &revoke, &Ask::new("DELETE", &desk.route("DELETE", KEY).path)).await;
    desk.bench.refused(Ask::new("GET", MEMBERS).by(&reader), 401, "unauthenticated").await;
    for (body, status, code) in [
        (json!({ "name": "k", "expires_at": "2020-01-01T00:00:00Z" }), 422, "expires_in_past"),
        (
            json!({ "name": "k", "member_id": desk.editor.caller.member, "scopes": ["administer"] }),
            422,
            "scope_exceeds_role",
        ),
        (json!({ "name": "k", "scopes": ["everything"] }), 400, "validation"),
        (json!({ "name": "k", "expires_at": "tomorrow" }), 400, "validation"),
        (json!({ "name": "k", "member_id": "mem_1" }), 400, "validation"),
    ] {
        desk.bench.refused(Ask::new("POST", KEYS).once("b").json(&body).by(&desk.bench.owner), status, code).await;
    }
    let admin = desk.bench.world.person(1, Role::Owner, &[Permission::Administer]).await;
    let wider = Ask::new("POST", KEYS).once("w").json(&json!({ "name": "wider" })).by(&admin);
    desk.bench.refused(wider, 403, "forbidden").await;
}

#[tokio::test]
async fn a_rotation_adds_one_key_however_often_it_is_asked_for_and_moves_what_lies_under_older_ones() {
    let desk = desk().await;
    desk.bench.world.connect(&desk.bench.world.deps(), "readable", "ada").await.unwrap();
    let ask = || Ask::new("POST", ROTATE).once("k");
    let first = desk.bench.owner(ask()).await;
    assert_eq!((first.status, first.data()), (200, &json!({ "active": 2 })));
    // Lines of one millisecond have no order.
    desk.bench.world.engine.advance_ms(1_000);
    let again = desk.bench.owner(ask()).await;
    assert_eq!((&again.text, again.header("idempotent-replayed")), (&first.text, "true"));
    assert_eq!((desk.audited("keyring.rotated").await, desk.audited("keyring.resealed").await), (1, 2));
    let lines = desk.items(AUDIT).await;
    let moved: Vec<_> =
        lines.iter().filter(|l| l["action"] == "keyring.resealed").map(|l| l["facts"]["tokens"].clone()).collect();
    assert_eq!(moved, [json!(0), json!(1)], "newest first");
    let other = ask().json(&json!({})).by(&desk.bench.owner);
    desk.bench.refused(other, 422, "idempotency_key_reused").await;
    assert_eq!(desk.bench.owner(Ask::new("POST", ROTATE).once("2")).await.data()["active"], 3);
}

#[tokio::test]
async fn the_audit_log_is_read_page_by_page_and_names_who_did_what() {
    let desk = desk().await;
    for n in 0..3 {
        desk.bench.world.engine.advance_ms(1_000);
        let ask = Ask::new("POST", MEMBERS).once(&format!("{n}")).header("x-correlation-id", &format!("cid-{n}"));
        assert_eq!(desk.bench.owner(ask.json(&json!({ "name": "x", "role": "viewer" }))).await.status, 201);
    }
    let whole = desk.items(AUDIT).await;
    assert_eq!((whole.len(), &whole[0]["correlation_id"]), (3, &json!("cid-2")));
    assert_eq!(
        (&whole[0]["actor"], &whole[0]["action"]),
        (&json!(desk.bench.owner.caller.member), &json!("member.created"))
    );
    let (mut cursor, mut walked) = (String::new(), Vec::new());
    loop {
        let answer = desk.bench.owner(Ask::new("GET", &format!("{AUDIT}?limit=1{cursor}"))).await;
        walked.extend(answer.data()["items"].as_array().unwrap().iter().cloned());
        match answer.data()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, whole);
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    let theirs = Ask::new("GET", &format!("{AUDIT}?limit=1{cursor}")).by(&foreigner);
    desk.bench.refused(theirs, 400, "bad_cursor").await;
    for (query, code) in
        [("cursor=x", "bad_cursor"), ("limit=0", "validation"), ("limit=201", "validation"), ("from=1", "validation")]
    {
        desk.bench.refused(Ask::new("GET", &format!("{AUDIT}?{query}")).by(&desk.bench.owner), 400, code).await;
    }
}
