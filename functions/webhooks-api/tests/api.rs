//! The webhooks API over a world in memory: its routes, and every row of the bad-input table that touches them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use app::webhooks::{Attempted, Visit, attempt};
use axum::Router;
use connector_kit::{Egress, Guard, Webhooks};
use domain::EndpointId;
use domain::access::Role;
use domain::webhooks::WebhookMessage;
use ports::{Record, Write};
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use std::sync::Arc;
use testing::api::{Ask, Bench, Route, foreign_is_absent, replays};
use testing::{Mutant, READABLE, Weather, World};

const HOOKS: &str = "/api/publishing/webhooks";
const ONE: &str = "/api/publishing/webhooks/{webhook_id}";
const ROTATE: &str = "/api/publishing/webhooks/{webhook_id}/secret/rotate";
const MESSAGE: &str = "/api/publishing/webhooks/{webhook_id}/messages/{event_id}";
const RECOVER: &str = "/api/publishing/webhooks/{webhook_id}/recover";
const RESEND: &str = "/api/publishing/webhooks/{webhook_id}/messages/{event_id}/resend";
const GIVE_UP: &str = "/api/publishing/webhooks/{webhook_id}/messages/{event_id}/give_up";
const ATTEMPTS: &str = "/api/publishing/webhooks/{webhook_id}/attempts";
const TEST: &str = "/api/publishing/test/webhook";
const EVENTS: &str = "/api/publishing/events";
const EVENT: &str = "/api/publishing/events/{event_type}";
const SOURCES: &str = "/api/publishing/sources";
const SOURCE: &str = "/api/publishing/sources/{source_id}";
const INCOMING: &str = "/api/publishing/sources/{source_id}/incoming";
const INBOX: &str = "/api/inbox";
const INTERACTION: &str = "/api/inbox/{interaction_id}";
const ABSENT: &str = "ep_00000000000000000000000000000bad";

struct Desk {
    bench: Bench<Router>,
    /// The id of the one endpoint.
    id: String,
    /// The id of an event that it took.
    event: String,
    /// A message that waits, below the endpoints.
    waiting: String,
    /// The id of the one source.
    source_id: String,
    /// The id of the one thing that somebody said.
    interaction_id: String,
}

fn good() -> Value {
    json!({
        "url": "https://example.com/hook", "name": "ours", "events": ["post.published"],
        "headers": { "X-Ours": "s3cret-value" }, "secret": format!("whsec_{}", "A".repeat(32)),
    })
}

fn routes_of(id: &str, event: &str, waiting: &str, source_id: &str, interaction_id: &str) -> Vec<Route> {
    let one = format!("{HOOKS}/{id}");
    vec![
        Route::change("POST", HOOKS, "", Some(good())),
        Route::get(HOOKS, ""),
        Route::change("DELETE", ONE, &format!("{HOOKS}/{id}"), None),
        Route::get(ATTEMPTS, &format!("{HOOKS}/{id}/attempts")),
        Route::change("POST", TEST, "", Some(json!({ "webhook_id": id }))),
        Route::get(ONE, &one),
        Route::change("PATCH", ONE, &one, Some(json!({ "description": "for the CRM" }))).with("if-match", "*"),
        Route::change("POST", ROTATE, &format!("{one}/secret/rotate"), Some(json!({ "force": true }))),
        Route::get(MESSAGE, &format!("{one}/messages/{event}")),
        Route::change("POST", RECOVER, &format!("{one}/recover"), Some(json!({ "since": "2020-01-01T00:00:00Z" }))),
        Route::get(RECOVER, &format!("{one}/recover")),
        Route::change("POST", RESEND, &format!("{one}/messages/{event}/resend"), None),
        Route::change("POST", GIVE_UP, &format!("{HOOKS}/{waiting}/give_up"), None),
        Route::change("POST", SOURCES, "", Some(source())),
        Route::get(SOURCES, ""),
        Route::change("DELETE", SOURCE, &format!("{SOURCES}/{source_id}"), None),
        Route::get(INCOMING, &format!("{SOURCES}/{source_id}/incoming")),
        Route::get(INBOX, ""),
        Route::get(INTERACTION, &format!("{INBOX}/{interaction_id}")),
        Route::change("PATCH", INTERACTION, &format!("{INBOX}/{interaction_id}"), Some(json!({ "state": "done" })))
            .with("if-match", "*"),
        Route::get(EVENTS, ""),
        Route::get(EVENT, &format!("{EVENTS}/post.failed")),
    ]
}

fn source() -> Value {
    json!({ "platform": "pigeons", "name": "ours", "secrets": { "ring": "ABC-1" } })
}

async fn over(world: World, check_addresses: bool) -> Desk {
    let mut deps = world.deps().base;
    if check_addresses {
        deps.webhooks = Arc::new(Webhooks::new(Egress::new(Guard::new(false))));
    }
    let owner = world.person(1, Role::Owner, &[]).await;
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = webhooks_api::router(Api::new(deps, address));
    let bench = Bench {
        world,
        routes,
        owner,
        all: Vec::new(),
        document: serde_json::to_value(webhooks_api::openapi()).unwrap(),
    };
    if check_addresses {
        let (id, event) = (String::new(), String::new());
        let waiting = String::new();
        return Desk { bench, id, event, waiting, source_id: String::new(), interaction_id: String::new() };
    }
    let ask = Ask::new("POST", HOOKS).once("first").json(&json!({ "url": "https://example.com/first" }));
    let id = bench.owner(ask).await.data()["webhook_id"].as_str().unwrap().to_owned();
    let event = heard(&bench, &id, &json!({ "webhook_id": id })).await;
    let waiting = waits(&bench, &id, &event).await;
    let ask = Ask::new("POST", SOURCES).once("source").json(&source());
    let source_id = bench.owner(ask).await.data()["source_id"].as_str().unwrap().to_owned();
    let interaction_id = inbox::says(&bench, &source_id, "c1").await;
    let all = routes_of(&id, &event, &waiting, &source_id, &interaction_id);
    Desk { bench: Bench { all, ..bench }, id, event, waiting, source_id, interaction_id }
}

/// Sends a test event to an endpoint, which takes it; the event's id.
async fn heard(bench: &Bench<Router>, id: &str, body: &Value) -> String {
    let sent = bench.owner(Ask::new("POST", TEST).once("heard").json(body)).await;
    let event = sent.data()["event_id"].as_str().unwrap().to_owned();
    let (deps, tenant) = (bench.world.deps().base, bench.owner.caller.tenant);
    let done = attempt(&deps, tenant, id.parse().unwrap(), event.parse().unwrap(), "test", Visit::FIRST).await;
    assert_eq!(done.unwrap(), Attempted::Delivered);
    event
}

/// A message that waits, of an endpoint that is not there any more, so that it stands in no list.
async fn waits(bench: &Bench<Router>, id: &str, event: &str) -> String {
    let (deps, tenant) = (bench.world.deps().base, bench.owner.caller.tenant);
    let heard = deps.ledger.message(tenant, id.parse().unwrap(), event.parse().unwrap()).await.unwrap().unwrap();
    let waiting = WebhookMessage {
        endpoint: EndpointId::from_uuid(deps.uuid()),
        attempts: Vec::new(),
        ..heard.value.again(false, deps.clock.now()).unwrap()
    };
    let path = format!("{}/messages/{event}", waiting.endpoint);
    deps.ledger.commit(vec![Write::create(Record::WebhookMessage(waiting))]).await.unwrap();
    path
}

async fn desk() -> Desk {
    over(World::new(7), false).await
}

async fn bench() -> Bench<Router> {
    desk().await.bench
}

#[path = "api/asked.rs"]
mod asked;
#[path = "api/catalogue.rs"]
mod catalogue;
#[path = "api/changes.rs"]
mod changes;
#[path = "api/destinations.rs"]
mod destinations;
#[path = "api/inbox.rs"]
mod inbox;

testing::api_suite!("webhooks-api", openapi: webhooks_api::openapi, bench: bench, keyed_changes: 11);

#[tokio::test]
async fn another_tenants_endpoint_is_answered_as_an_absent_one() {
    assert_eq!(foreign_is_absent(bench).await, 33);
    let desk = desk().await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    assert_eq!(desk.bench.send(Ask::new("GET", HOOKS).by(&foreigner)).await.data()["items"], json!([]));
    for bad in ["ep_1", "acc_00000000000000000000000000000bad", &desk.id.to_uppercase()] {
        let ask = Ask::new("GET", &format!("{HOOKS}/{bad}/attempts")).by(&desk.bench.owner);
        desk.bench.refused(ask, 400, "bad_id").await;
        let ask = Ask::new("DELETE", &format!("{HOOKS}/{bad}")).once("k").by(&desk.bench.owner);
        desk.bench.refused(ask, 400, "bad_id").await;
    }
}

#[tokio::test]
async fn an_endpoint_is_registered_once_and_its_secrets_are_shown_in_that_answer_only() {
    let desk = desk().await;
    let mut other = good();
    other["url"] = json!("https://example.com/other");
    let made = replays(&desk.bench, &desk.bench.all[0], &Ask::new("POST", HOOKS).json(&other)).await;
    assert_eq!(made.status, 201);
    let data = made.data();
    assert_eq!(data["secret"], good()["secret"]);
    assert_eq!((&data["header_names"], &data["status"]), (&json!(["X-Ours"]), &json!("active")));
    let list = desk.bench.owner(Ask::new("GET", HOOKS)).await;
    assert_eq!(list.data()["items"].as_array().unwrap().len(), 2);
    assert!(!list.text.contains("whsec_") && !list.text.contains("s3cret-value"), "{list:?}");
    let own = Ask::new("POST", HOOKS).once("2").json(&json!({ "url": "https://example.com/2" }));
    let own = desk.bench.owner(own).await;
    let secret = own.data()["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "32 random bytes");
}

#[tokio::test]
async fn a_test_message_is_sent_once_and_shows_in_the_log_page_by_page() {
    let desk = desk().await;
    let (route, other) = (&desk.bench.all[4], Ask::new("POST", TEST).json(&json!({ "webhook_id": ABSENT })));
    let sent = replays(&desk.bench, route, &other).await;
    assert_eq!((sent.status, &sent.data()["webhook_id"]), (202, &json!(desk.id)));
    assert_eq!(desk.bench.world.queues.sent(), 2, "one effect beside the first message");
    for key in ["2", "3"] {
        desk.bench.world.engine.advance_ms(1_000);
        assert_eq!(desk.bench.owner(route.ask(key)).await.status, 202);
    }
    let attempts = format!("{HOOKS}/{}/attempts", desk.id);
    let page = async |query: &str| desk.bench.owner(Ask::new("GET", &format!("{attempts}?{query}"))).await;
    let whole = page("").await;
    let ids: Vec<_> = whole.data()["items"].as_array().unwrap().iter().map(|m| m["event_id"].clone()).collect();
    assert_eq!((ids.len(), &ids[2], &ids[3]), (4, &sent.data()["event_id"], &json!(desk.event)), "newest first");
    let one = &whole.data()["items"][2];
    assert_eq!(
        (&one["event"], &one["state"], &one["attempts"]),
        (&json!("webhook.test"), &json!("pending"), &json!([]))
    );
    let (mut cursor, mut walked) = (String::new(), Vec::new());
    loop {
        let answer = page(&format!("limit=1{cursor}")).await;
        walked.extend(answer.data()["items"].as_array().unwrap().iter().map(|m| m["event_id"].clone()));
        match answer.data()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, ids);
    let tampered = format!("{}A", &cursor[8..cursor.len() - 1]);
    for (query, code) in [
        (format!("cursor={tampered}"), "bad_cursor"),
        ("cursor=x".to_owned(), "bad_cursor"),
        ("limit=0".to_owned(), "validation"),
        ("limit=101".to_owned(), "validation"),
        ("limit=ten".to_owned(), "validation"),
        ("tenant_id=1".to_owned(), "validation"),
        ("limit=1&limit=2".to_owned(), "validation"),
    ] {
        let ask = Ask::new("GET", &format!("{attempts}?{query}")).by(&desk.bench.owner);
        desk.bench.refused(ask, 400, code).await;
    }
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_and_its_deletion_is_repeated() {
    let desk = desk().await;
    let other = Ask::new("DELETE", &format!("{HOOKS}/{ABSENT}"));
    let gone = replays(&desk.bench, &desk.bench.all[2], &other).await;
    assert_eq!(gone.data()["webhook_id"], json!(desk.id));
    let again = desk.bench.all[2].ask("another key").by(&desk.bench.owner);
    desk.bench.refused(again, 400, "idempotency_key_invalid").await;
    let again = desk.bench.all[2].ask("another-key").by(&desk.bench.owner);
    desk.bench.refused(again, 404, "not_found").await;
    assert_eq!(desk.bench.owner(Ask::new("GET", HOOKS)).await.data()["items"], json!([]));
}

#[tokio::test]
async fn an_address_that_may_not_be_called_is_refused_with_one_answer_for_all_of_them() {
    let desk = over(World::new(7), true).await;
    let long = format!("https://example.com/{}", "x".repeat(2_048));
    let mut bodies = Vec::new();
    for url in [
        "https://127.0.0.1/hook",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://user:pass@example.com/",
        "https://does-not-exist.invalid/",
        "https://herald.test/api/publishing/publish",
        "ftp://example.com/",
        "not an address",
        &long,
    ] {
        let ask = Ask::new("POST", HOOKS).once("k").json(&json!({ "url": url })).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, "url_not_allowed").await;
        assert_eq!(refused.body["errors"][0]["field"], "/url");
        bodies.push(refused.without_cid());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    // Scheme and port are no secret: that the tenant's own policy refuses them is said, whatever the host.
    for url in ["http://example.com/hook", "http://127.0.0.1/", "https://example.com:22/", "https://10.0.0.1:8443/"] {
        let ask = Ask::new("POST", HOOKS).once("k").json(&json!({ "url": url })).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, "url_not_allowed").await;
        assert_eq!(refused.body["errors"][0]["field"], "/url");
        assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains("have an owner allow them"), "{url}");
    }
}

#[tokio::test]
async fn headers_events_and_secrets_that_cannot_be_are_named() {
    let desk = desk().await;
    for (field, value, code, pointer) in [
        ("headers", json!({ "Host": "x" }), "header_reserved", "/headers/Host"),
        ("headers", json!({ "webhook-id": "x" }), "header_reserved", "/headers/webhook-id"),
        ("headers", json!({ "a b": "x" }), "header_invalid", "/headers/a b"),
        ("headers", json!({ "a": "x\r\ny" }), "header_invalid", "/headers/a"),
        ("events", json!(["post.exploded"]), "unknown_event", "/events/0"),
        ("secret", json!("whsec_c2hvcnQ="), "secret_malformed", "/secret"),
        ("secret", json!("plain"), "secret_malformed", "/secret"),
        ("name", json!("x".repeat(101)), "name_invalid", "/name"),
    ] {
        let mut body = good();
        body[field] = value;
        let ask = Ask::new("POST", HOOKS).once("k").json(&body).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer);
    }
    let both = json!({ "url": "https://example.com", "events": ["no"], "secret": "no" });
    let ask = Ask::new("POST", HOOKS).once("k").json(&both).by(&desk.bench.owner);
    assert_eq!(desk.bench.refused(ask, 422, "validation").await.body["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_tenant_has_at_most_twenty_endpoints() {
    let desk = desk().await;
    let ask = |n: usize| {
        let body = json!({ "url": format!("https://example.com/{n}") });
        Ask::new("POST", HOOKS).once(&format!("k{n}")).json(&body).by(&desk.bench.owner)
    };
    for n in 1..20 {
        assert_eq!(desk.bench.send(ask(n)).await.status, 201);
    }
    desk.bench.refused(ask(20), 409, "too_many_endpoints").await;
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_503_with_the_time_to_wait() {
    let weather = Weather { store_throttled: 1_000, ..Weather::calm() };
    let desk = over(World::with(7, weather, &[READABLE], Mutant::None), false).await;
    desk.bench.world.engine.storm(true);
    for route in &desk.bench.all {
        let answer = desk.bench.refused(route.ask("k").by(&desk.bench.owner), 503, "unavailable").await;
        assert_eq!((answer.header("retry-after"), &answer.body["retryable"]), ("5", &json!(true)));
    }
}

#[tokio::test]
async fn a_source_is_made_once_and_its_address_and_secrets_are_shown_in_that_answer_only() {
    let desk = desk().await;
    let mut other = source();
    other["secrets"]["ring"] = json!("ABC-2");
    let route = desk.bench.all.iter().find(|route| route.name() == format!("POST {SOURCES}")).unwrap();
    let made = replays(&desk.bench, route, &Ask::new("POST", SOURCES).json(&other)).await;
    assert_eq!(made.status, 201);
    let data = made.data();
    let token = data["url"].as_str().unwrap().strip_prefix("https://herald.test/api/inbound/pigeons/").unwrap();
    let whistle = data["secrets"]["whistle"].as_str().unwrap();
    assert_eq!((token.len(), whistle.len(), data["help"].as_str()), (43, 43, Some("tie it to a leg")));
    assert_eq!(data["secrets"].as_object().unwrap().len(), 1, "what was given is not given back");
    let list = desk.bench.owner(Ask::new("GET", SOURCES)).await;
    assert_eq!(list.data()["items"].as_array().unwrap().len(), 2);
    assert_eq!(list.data()["items"][0]["secret_names"], json!(["ring", "whistle"]));
    for secret in [token, whistle, "ABC-1"] {
        assert!(!list.text.contains(secret), "{list:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_source_is_named() {
    let desk = desk().await;
    for (body, code, pointer) in [
        (json!({ "platform": "doves" }), "unknown_source", "/platform"),
        (json!({ "platform": "pigeons" }), "secret_missing", "/secrets"),
        (json!({ "platform": "pigeons", "secrets": { "whistle": "a" } }), "secret_missing", "/secrets/ring"),
        (json!({ "platform": "pigeons", "secrets": { "ring": "a b" } }), "secret_malformed", "/secrets/ring"),
        (json!({ "platform": "pigeons", "secrets": { "ring": "a", "hat": "b" } }), "unknown_secret", "/secrets/hat"),
        (
            json!({ "platform": "pigeons", "name": "x".repeat(101), "secrets": { "ring": "a" } }),
            "name_invalid",
            "/name",
        ),
    ] {
        let ask = Ask::new("POST", SOURCES).once("k").json(&body).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer, "{body}");
    }
    let gone = Ask::new("DELETE", &format!("{SOURCES}/{}", desk.source_id)).once("gone");
    assert_eq!(desk.bench.owner(gone).await.data()["source_id"], json!(desk.source_id));
    let incoming = Ask::new("GET", &format!("{SOURCES}/{}/incoming", desk.source_id)).by(&desk.bench.owner);
    desk.bench.refused(incoming, 404, "not_found").await;
}
