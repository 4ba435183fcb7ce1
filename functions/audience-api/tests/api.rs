//! The audience API over a world in memory: its routes, and every row of the bad-input table that touches them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use axum::Router;
use domain::access::Role;
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use testing::World;
use testing::api::{Ask, Bench, Route, foreign_is_absent, replays};

const CONTACTS: &str = "/api/audience/contacts";
const FIND: &str = "/api/audience/contacts/find";
const CONTACT: &str = "/api/audience/contacts/{contact_id}";
const ON_LIST: &str = "/api/audience/contacts/{contact_id}/lists/{list_id}";
const LISTS: &str = "/api/audience/lists";
const LIST: &str = "/api/audience/lists/{list_id}";
const SEGMENTS: &str = "/api/audience/segments";
const SEGMENT: &str = "/api/audience/segments/{segment_id}";
const PREVIEW: &str = "/api/audience/segments/preview";
const SUPPRESSIONS: &str = "/api/audience/suppressions";
const LIFT: &str = "/api/audience/suppressions/lift";
const ATTRIBUTES: &str = "/api/audience/attributes";

struct Desk {
    bench: Bench<Router>,
    /// The id of a contact who is on the list.
    ada: String,
    /// The id of one who complained.
    eve: String,
    /// The id of the list.
    news: String,
}

fn ada() -> Value {
    json!({
        "address": "Ada@Example.com", "given_name": "Ada", "zone": "Europe/Berlin", "locale": "de",
        "tags": ["vip"], "attributes": { "age": 36, "spent": "19.90" },
    })
}

fn consent() -> Value {
    json!({ "wording": "2026-01", "source": "form", "at": "2026-01-02T03:04:05Z", "ip": "203.0.113.7" })
}

fn vips() -> Value {
    json!({ "any": [
        { "field": "tags", "operator": "contains", "value": "vip" },
        { "field": "attributes.age", "operator": "between", "value": [90, 100] },
    ] })
}

/// Of which every part has a type of its own, so that it can be wrong by that.
fn untagged() -> Value {
    json!({ "any": [{ "not": { "field": "tags", "operator": "is_set" } }, { "all": [{ "field": "zone", "operator": "is_not_set" }] }] })
}

fn routes_of(ada: &str, eve: &str, news: &str, segment: &str) -> Vec<Route> {
    let (contact, list) = (format!("{CONTACTS}/{ada}"), format!("{LISTS}/{news}"));
    let segment = format!("{SEGMENTS}/{segment}");
    let complained = json!({ "contact_id": ada, "channel": "sms", "reason": "complained", "evidence": "letter" });
    let lifted = json!({ "contact_id": eve, "channel": "email", "why": "asked us to" });
    vec![
        Route::change("POST", CONTACTS, "", Some(json!({ "address": "bob@example.com" }))),
        Route::get(CONTACTS, ""),
        Route::get(CONTACT, &contact),
        Route::change("PATCH", CONTACT, &contact, Some(json!({ "family_name": "Lovelace" }))).with("if-match", "*"),
        Route::change("DELETE", CONTACT, &contact, None),
        Route::change("PUT", ON_LIST, &format!("{contact}/lists/{news}"), Some(json!({ "state": "unsubscribed" }))),
        Route::change("POST", LISTS, "", Some(json!({ "name": "Offers", "opt_in": "single" }))),
        Route::get(LISTS, ""),
        Route::get(LIST, &list),
        Route::change("PATCH", LIST, &list, Some(json!({ "description": "once a month" }))).with("if-match", "*"),
        Route::change("DELETE", LIST, &list, None),
        Route::change("POST", SEGMENTS, "", Some(json!({ "name": "Others", "rule": untagged() }))),
        Route::get(SEGMENTS, ""),
        Route::get(SEGMENT, &segment),
        Route::change("PATCH", SEGMENT, &segment, Some(json!({ "name": "Dear ones" }))).with("if-match", "*"),
        Route::change("DELETE", SEGMENT, &segment, None),
        Route::change("POST", PREVIEW, "", Some(json!({ "rule": untagged() }))).unkeyed(),
        Route::change("POST", SUPPRESSIONS, "", Some(complained)),
        Route::get(SUPPRESSIONS, ""),
        Route::change("POST", LIFT, "", Some(lifted)),
        Route::get(ATTRIBUTES, ""),
        Route::change("PUT", ATTRIBUTES, "", Some(json!({ "attributes": { "age": "whole", "spent": "decimal" } })))
            .with("if-match", "*"),
        Route::change("POST", FIND, "", Some(json!({ "address": "ada@example.com" }))).unkeyed(),
    ]
}

async fn desk() -> Desk {
    let world = World::new(7);
    let deps = world.deps().base;
    let owner = world.person(1, Role::Owner, &[]).await;
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = audience_api::router(Api::new(deps, address));
    let document = serde_json::to_value(audience_api::openapi()).unwrap();
    let bench = Bench { world, routes, owner, all: Vec::new(), document };
    let kinds = json!({ "attributes": { "age": "whole", "spent": "decimal", "born": "date" } });
    let declared = Ask::new("PUT", ATTRIBUTES).once("kinds").header("if-match", "\"0\"").json(&kinds);
    assert_eq!(bench.owner(declared).await.status, 200);
    let id = async |ask: Ask, name: &str| bench.owner(ask).await.data()[name].as_str().unwrap().to_owned();
    let list = Ask::new("POST", LISTS).once("list").json(&json!({ "name": "News" }));
    let news = id(list, "list_id").await;
    let mut body = ada();
    (body["list_ids"], body["consent"], body["confirmed"]) = (json!([news]), consent(), json!(true));
    let ada = id(Ask::new("POST", CONTACTS).once("ada").json(&body), "contact_id").await;
    let suppressed = json!({ "address": "eve@example.com", "channel": "email", "reason": "complained" });
    let eve = id(Ask::new("POST", SUPPRESSIONS).once("eve").json(&suppressed), "contact_id").await;
    let segment = Ask::new("POST", SEGMENTS).once("segment").json(&json!({ "name": "VIPs", "rule": vips() }));
    let segment = id(segment, "segment_id").await;
    let all = routes_of(&ada, &eve, &news, &segment);
    Desk { bench: Bench { all, ..bench }, ada, eve, news }
}

async fn bench() -> Bench<Router> {
    desk().await.bench
}

testing::api_suite!("audience-api", openapi: audience_api::openapi, bench: bench, keyed_changes: 13);

#[tokio::test]
async fn another_tenants_contact_or_list_is_answered_as_an_absent_one() {
    assert_eq!(foreign_is_absent(bench).await, 25);
    let desk = desk().await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    for list in [CONTACTS, LISTS, SEGMENTS, SUPPRESSIONS] {
        assert_eq!(desk.bench.send(Ask::new("GET", list).by(&foreigner)).await.data()["items"], json!([]));
    }
    let find = Ask::new("POST", FIND).json(&json!({ "address": "ada@example.com" })).by(&foreigner);
    desk.bench.refused(find, 404, "not_found").await;
    for bad in ["con_1", "lst_00000000000000000000000000000bad", &desk.ada.to_uppercase()] {
        let ask = Ask::new("GET", &format!("{CONTACTS}/{bad}")).by(&desk.bench.owner);
        desk.bench.refused(ask, 400, "bad_id").await;
    }
}

#[tokio::test]
async fn a_contact_is_shown_as_it_was_entered_and_no_answer_that_is_kept_says_who_it_is() {
    let desk = desk().await;
    let found = desk.bench.owner(Ask::new("POST", FIND).json(&json!({ "address": " ADA@example.com " }))).await;
    let shown = desk.bench.owner(Ask::new("GET", &format!("{CONTACTS}/{}", desk.ada))).await;
    assert_eq!((found.data(), found.header("etag")), (shown.data(), "\"1\""));
    let data = shown.data();
    assert_eq!(data["person"]["address"], "Ada@example.com");
    assert_eq!(data["person"]["attributes"], json!({ "age": 36, "spent": "19.90" }));
    assert_eq!((&data["person"]["tags"], &data["person"]["locale"]), (&json!(["vip"]), &json!("de")));
    let on = &data["subscriptions"][0];
    assert_eq!((&on["list_id"], &on["state"], &on["consent"]), (&json!(desk.news), &json!("subscribed"), &json!(0)));
    let agreed = &data["consents"][0];
    assert_eq!((&agreed["wording"], &agreed["ip"]), (&json!("2026-01"), &json!("203.0.113.7")));

    let other = Ask::new("POST", CONTACTS).json(&json!({ "address": "grace@example.com" }));
    let made = replays(&desk.bench, &desk.bench.all[0], &other).await;
    assert_eq!(made.status, 201);
    assert!(!made.text.contains("example.com"), "{}", made.text);
    let tagged = desk.bench.owner(Ask::new("GET", &format!("{CONTACTS}?tag=vip"))).await;
    assert_eq!(tagged.data()["items"].as_array().unwrap().len(), 1);
    let on = desk.bench.owner(Ask::new("GET", &format!("{CONTACTS}?list_id={}&limit=1", desk.news))).await;
    assert_eq!(on.data()["items"][0]["contact_id"], json!(desk.ada));
}

#[tokio::test]
async fn a_change_names_the_revision_that_was_read_and_leaving_a_list_does_not() {
    let desk = desk().await;
    let path = format!("{CONTACTS}/{}", desk.ada);
    let edit = |key: &str, tag: &str| {
        let body = json!({ "given_name": "", "attributes": { "age": null, "born": "1815-12-10" },
            "preferences": { "off": ["sms"], "topics": { "cats": false } } });
        Ask::new("PATCH", &path).once(key).header("if-match", tag).json(&body)
    };
    assert_eq!(desk.bench.owner(edit("1", "\"1\"")).await.status, 200);
    desk.bench.refused(edit("2", "\"1\"").by(&desk.bench.owner), 412, "precondition_failed").await;
    let leave =
        Ask::new("PUT", &format!("{path}/lists/{}", desk.news)).once("3").json(&json!({ "state": "unsubscribed" }));
    assert_eq!(desk.bench.owner(leave).await.data()["subscriptions"][0]["state"], "unsubscribed");
    let shown = desk.bench.owner(Ask::new("GET", &path)).await;
    assert_eq!(shown.header("etag"), "\"3\"");
    assert_eq!(shown.data()["person"]["attributes"], json!({ "spent": "19.90", "born": "1815-12-10" }));
    assert_eq!(shown.data()["person"]["given_name"], json!(null));
    assert_eq!(shown.data()["preferences"]["off"], json!(["sms"]));
    assert!(shown.data()["consents"][0]["withdrawn_at"].is_string());
    let back = json!({ "state": "subscribed", "consent": consent(), "confirmed": true });
    let back = Ask::new("PUT", &format!("{path}/lists/{}", desk.news)).once("4").json(&back).by(&desk.bench.owner);
    desk.bench.refused(back, 409, "left_the_list").await;
}

#[tokio::test]
async fn whoever_was_forgotten_is_shown_as_nobody_and_stays_left_alone_when_a_file_brings_them_back() {
    let desk = desk().await;
    let path = format!("{CONTACTS}/{}", desk.ada);
    let gone = desk.bench.owner(Ask::new("DELETE", &path).once("gone")).await;
    assert!(gone.data()["erased_at"].is_string());
    let shown = desk.bench.owner(Ask::new("GET", &path)).await;
    assert_eq!((&shown.data()["person"], &shown.data()["consents"]), (&json!(null), &json!([])));
    assert!(!shown.text.contains("Ada") && !shown.text.contains("203.0.113.7"), "{}", shown.text);
    let again = desk.bench.owner(Ask::new("POST", CONTACTS).once("again").json(&ada())).await;
    assert_eq!((again.status, &again.data()["contact_id"]), (201, &json!(desk.ada)));
    assert_eq!(again.data()["suppressions"][0]["reason"], "erased");
    let lift = |key: &str, why: &str| {
        let body = json!({ "contact_id": desk.ada, "channel": "email", "why": why });
        Ask::new("POST", LIFT).once(key).json(&body)
    };
    desk.bench.refused(lift("1", "").by(&desk.bench.owner), 422, "why_missing").await;
    assert_eq!(desk.bench.owner(lift("2", "signed up again")).await.data()["suppressions"], json!([]));
}

#[tokio::test]
async fn who_is_left_alone_is_listed_by_id_and_by_no_address() {
    let desk = desk().await;
    let list = desk.bench.owner(Ask::new("GET", SUPPRESSIONS)).await;
    assert_eq!(list.data()["items"][0]["contact_id"], json!(desk.eve));
    assert!(!list.text.contains("eve@"), "{}", list.text);
    let both = json!({ "contact_id": desk.ada, "address": "a@example.com", "channel": "sms", "reason": "manual" });
    let ask = Ask::new("POST", SUPPRESSIONS).once("k").json(&both).by(&desk.bench.owner);
    desk.bench.refused(ask, 422, "who_missing").await;
}

#[tokio::test]
async fn what_is_wrong_with_a_contact_is_told_field_by_field_and_nothing_is_written() {
    let desk = desk().await;
    for (field, value, code, pointer) in [
        ("address", json!("ada"), "address_invalid", "/address"),
        ("address", json!("a@b.example\r\nBcc: x@y.example"), "address_invalid", "/address"),
        ("zone", json!("Mars/Phobos"), "unknown_zone", "/zone"),
        ("locale", json!("klingon!"), "locale_invalid", "/locale"),
        ("tags", json!([""]), "tag_invalid", "/tags"),
        ("attributes", json!({ "age": "36" }), "attribute_invalid", "/attributes/age"),
        ("attributes", json!({ "born": "20260301" }), "attribute_invalid", "/attributes/born"),
        ("attributes", json!({ "shoe/size": 42 }), "unknown_attribute", "/attributes/shoe~1size"),
        ("list_ids", json!(["lst_00000000000000000000000000000bad"]), "list_not_found", "/list_ids"),
        ("given_name", json!("x".repeat(101)), "name_invalid", "/given_name"),
        (
            "consent",
            json!({ "wording": " ", "source": "s", "at": "2026-01-01T00:00:00Z" }),
            "consent_invalid",
            "/consent/wording",
        ),
    ] {
        let mut body = json!({ "address": "new@example.com" });
        body[field] = value;
        let ask = Ask::new("POST", CONTACTS).once("k").json(&body).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer);
    }
    let twice = Ask::new("POST", CONTACTS).once("k").json(&json!({ "address": "ada@EXAMPLE.com" }));
    desk.bench.refused(twice.by(&desk.bench.owner), 409, "contact_exists").await;
    for (kinds, code) in
        [(json!({ "Age": "whole" }), "attribute_name_invalid"), (json!({ "age": "text" }), "attribute_kind_changed")]
    {
        let ask = Ask::new("PUT", ATTRIBUTES).once("k").header("if-match", "*").json(&json!({ "attributes": kinds }));
        desk.bench.refused(ask.by(&desk.bench.owner), 422, code).await;
    }
}

#[tokio::test]
async fn a_rule_is_counted_with_a_sample_and_what_is_wrong_with_one_is_told_at_its_place() {
    let desk = desk().await;
    let ask = |rule: Value| Ask::new("POST", PREVIEW).json(&json!({ "rule": rule })).by(&desk.bench.owner);
    let found = desk.bench.send(ask(vips())).await;
    let data = found.data();
    assert_eq!((&data["matched"], &data["mailable"], &data["looked_at"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!((&data["complete"], &data["next"]), (&json!(true), &json!(null)));
    assert_eq!(data["sample"][0]["contact_id"], json!(desk.ada));
    for (rule, code, pointer) in [
        (
            json!({ "all": [{ "field": "attributes.shoe", "operator": "is_set" }] }),
            "unknown_field_of_contacts",
            "/rule/all/0/field",
        ),
        (
            json!({ "not": { "field": "tags", "operator": "greater", "value": 1 } }),
            "operator_invalid",
            "/rule/not/operator",
        ),
        (json!({ "field": "attributes.age", "operator": "equals", "value": "x" }), "value_invalid", "/rule/value"),
        (json!({ "any": [] }), "segment_rule_invalid", "/rule/any"),
    ] {
        let refused = desk.bench.refused(ask(rule), 422, code).await;
        assert_eq!(refused.body["errors"][0]["field"], pointer);
    }
}
