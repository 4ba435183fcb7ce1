#![allow(clippy::unwrap_used, clippy::panic)]

mod consent;
mod rules;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture};
use connector_kit::MAX_ADDRESS;
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Finding, LinkCard, Receipt, Variant, check};
use ports::{Entries, KeyFailure, Wording};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef-us6";

fn connector() -> Mailchimp {
    Mailchimp::new(Http::new(egress()))
}

async fn connected(mailchimp: &Mailchimp) -> Connected {
    Connected::start(mailchimp, "harbour", 0).await
}

fn small() -> Picture {
    picture("image/png", 100)
}

fn entries(key: &str, audience: &str) -> Entries {
    let entry = |text: &str| SecretString::from(text.to_owned());
    Entries::from([("key".into(), entry(key)), ("audience".into(), entry(audience))])
}

fn letter(subject: &str) -> Variant {
    Variant { title: Some(subject.into()), ..Variant::text("Hello <b>.\nSecond line.\n\nBye.") }
}

impl Connected {
    /// What a person does in Mailchimp.
    async fn there(&self, call: Call) -> Value {
        let answer = Http::new(egress()).call(signed(call, &self.token)).await.unwrap();
        assert!(answer.is_success(), "{}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap_or_default()
    }

    fn at(&self, route: &str) -> String {
        format!("{}/{route}", self.app.bases[API])
    }

    /// What somebody does to a draft while it waits.
    async fn change(&self, case: &Case<'_>, body: &Value) {
        self.there(Call::patch(self.at(&format!("campaigns/{}", campaign(case)))).json(body)).await;
    }

    async fn campaigns(&self) -> Vec<Value> {
        let told = self.there(Call::get(self.at("campaigns?count=1000"))).await;
        told["campaigns"].as_array().unwrap().clone()
    }
}

fn campaign(case: &Case<'_>) -> String {
    case.progress.as_ref().unwrap()["campaign"].as_str().unwrap().to_owned()
}

/// A campaign is read by its id; what was sent by mail stays.
impl Known for Mailchimp {
    const FACTS: Facts = Facts { reads_lists: false, deletes: false, ..Facts::USUAL };
}

#[tokio::test]
async fn mailchimp_keeps_the_contract_by_key_and_by_consent() {
    let mailchimp = connector();
    for server in [connected(&mailchimp).await, Connected::consented(&mailchimp, "harbour", 0).await] {
        contract::run(&mailchimp, &server, &small()).await;
    }
}

#[tokio::test]
async fn a_key_and_an_audience_with_a_sender_are_connected_and_the_others_are_told_what_is_wrong() {
    let mailchimp = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("mailchimp");
    for (audience, id) in [("newsletter ", "us6/a1b2c3d4e5"), ("b1b2c3d4e5", "us6/b1b2c3d4e5")] {
        let keyed = mailchimp.check(&app, &entries(KEY, audience)).await.unwrap();
        assert_eq!((keyed.profile.external_id.as_str(), keyed.pair.access.expose_secret()), (id, KEY));
    }
    for (key, audience, wrong, words) in [
        (KEY, "nowhere", "audience", "Newsletter (a1b2c3d4e5)"),
        (KEY, "Twins", "audience", "enter an id"),
        (KEY, "Nobody's", "audience", "no default sender"),
        ("0123456789abcdef0123456789abcdee-us6", "Newsletter", "key", "revoked"),
        ("0123456789abcdef0123456789abcdef", "Newsletter", "key", "data centre"),
        ("0123456789abcdef0123456789abcdef-us6.evil.example/", "Newsletter", "key", "data centre"),
    ] {
        let failure = mailchimp.check(&app, &entries(key, audience)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{audience}: {failure:?}") };
        assert!(field == wrong && detail.contains(words) && !detail.contains(key), "{field}: {detail}");
    }
    let said = |title: &str| json!({ "title": title, "detail": "User disabled.", "status": 403 });
    for (code, body, refuses) in
        [(403, said("Forbidden"), true), (403, json!("<html>"), false), (200, json!({}), false)]
    {
        sandbox.fault("mailchimp", "orgs", "status", json!({ "code": code, "body": body })).await;
        let failure = mailchimp.check(&app, &entries(KEY, "Newsletter")).await.unwrap_err();
        assert_eq!(matches!(failure, KeyFailure::Refused { field: "key", .. }), refuses, "{failure:?}");
    }
}

#[tokio::test]
async fn nothing_that_mailchimp_says_tells_the_key() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let list = json!({ "id": "a1b2c3d4e5", "name": format!("A {KEY}"), "campaign_defaults": {} });
    let body = json!({ "lists": [list], "total_items": 1 });
    server.order("orgs", "status", json!({ "code": 200, "body": body })).await;
    let failure = mailchimp.check(&server.app, &entries(KEY, "nowhere")).await.unwrap_err();
    let KeyFailure::Refused { field: "audience", detail } = failure else { panic!("{failure:?}") };
    assert!(detail.contains("A … (a1b2c3d4e5)") && !detail.contains(KEY), "{detail}");
    let small = small();
    let item = json!({ "type": "error", "heading": "Key", "details": format!("not {KEY}") });
    for (op, mut body, expected) in [
        ("media_status", json!({ "is_ready": false, "items": [item] }), "campaign_not_ready"),
        ("lookup", json!({ "id": "", "status": format!("held back for {KEY}") }), "campaign_not_draft"),
    ] {
        let mut case = Case::new(&mailchimp, &server, letter(op), &small);
        case.key = op.into();
        case.prepare().await.unwrap();
        if op == "lookup" {
            body["id"] = json!(campaign(&case));
        }
        server.order(op, "status", json!({ "code": 200, "body": body })).await;
        let failure = case.publish().await.unwrap_err();
        assert!(failure.code() == expected && failure.to_string().contains('…'), "{failure}");
        assert!(!failure.to_string().contains(KEY), "{failure}");
    }
}

#[test]
fn a_key_goes_to_the_data_centre_behind_its_dash_and_nowhere_else() {
    let app = PlatformApp::none();
    let root_of = |key: &str| data_centre(&SecretString::from(key.to_owned())).map(|centre| root(&app, centre));
    assert_eq!(root_of(KEY).as_deref(), Some("https://us6.api.mailchimp.com/3.0"));
    for key in [
        "",
        "-us6",
        "0123456789abcdef0123456789abcdef-",
        "0123456789abcdef0123456789abcdef-evil.example",
        "0123456789abcdef0123456789abcdef-us6@x",
    ] {
        assert_eq!(root_of(key), None, "{key}");
    }
}

#[tokio::test]
async fn a_campaign_has_its_audience_sender_subject_and_preview_and_the_footer_one_unsubscribes_in() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let variant = Variant {
        summary: Some(" In short ".into()),
        link: Some(LinkCard { url: "https://example.com/more".into(), title: Some("More".into()), description: None }),
        ..letter(" Soon & \"late\" ")
    };
    Case::new(&mailchimp, &server, variant, &small).publish().await.unwrap();
    let live = &server.live().await[0];
    let raw: Value = serde_json::from_str(live["raw"].as_str().unwrap()).unwrap();
    let settings = &raw["settings"];
    assert_eq!((&settings["subject_line"], &settings["preview_text"]), (&json!("Soon & \"late\""), &json!("In short")));
    assert_eq!(
        (&settings["from_name"], &settings["reply_to"]),
        (&json!("Harbour Coffee"), &json!("hello@harbour.example"))
    );
    assert_eq!((&settings["auto_footer"], &raw["list"]), (&json!(true), &json!("a1b2c3d4e5")));
    let body = "<p>Hello &lt;b&gt;.<br>Second line.</p><p>Bye.</p><p><a href=\"https://example.com/more\">More</a></p>";
    assert!(raw["html"].as_str().unwrap().contains(body), "{raw}");
}

#[tokio::test]
async fn an_article_is_a_campaign_like_any_other() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    for (nth, kind) in [ContentKind::Post, ContentKind::Article].into_iter().enumerate() {
        let mut case = Case::new(&mailchimp, &server, Variant { kind, ..letter("News") }, &small);
        case.key.push_str(&nth.to_string());
        case.publish().await.unwrap();
    }
    let live = server.live().await;
    let shown = |post: &Value| (post["text"].clone(), post["card"]["title"].clone());
    assert_eq!((live.len(), shown(&live[0])), (2, shown(&live[1])));
}

#[tokio::test]
async fn an_answer_lost_while_preparing_leaves_no_second_campaign() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let mut case = Case::new(&mailchimp, &server, letter("lost"), &small);
    for (op, kind) in [
        ("orgs", "drop_before_commit"),
        ("list", "garbage"),
        ("draft", "commit_then_drop"),
        ("media", "commit_then_drop"),
        ("lookup", "garbage"),
        ("media_status", "cut_body"),
    ] {
        server.order(op, kind, json!({})).await;
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{op} {kind}");
    }
    case.publish().await.unwrap();
    assert_eq!((server.campaigns().await.len(), server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn a_reading_says_what_mailchimp_says_of_the_very_campaign() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let mut case = Case::new(&mailchimp, &server, letter("read"), &small);
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "nothing was prepared");
    case.prepare().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let id = campaign(&case);
    let long = format!("https://us6.campaign-archive.com/?u=1&id={}", "f".repeat(MAX_ADDRESS));
    let sent = Finding::Proved(Receipt { id: Some(id.clone()), url: None });
    let earlier = "2026-01-01T10:00:00+00:00";
    for (status, count, at, expected) in [
        ("save", 0, "", &Finding::Absent),
        ("schedule", 0, earlier, &Finding::Resembling(1)),
        ("paused", 0, "", &Finding::Resembling(1)),
        ("canceled", 1, earlier, &Finding::Resembling(1)),
        ("sent", 0, "", &sent),
        ("sending", 0, "", &sent),
        ("archived", 0, "", &Finding::Resembling(1)),
        ("archived", 0, "2999-01-01T10:00:00+00:00", &Finding::Resembling(1)),
        ("archived", 2, "", &sent),
        ("archived", 0, earlier, &sent),
    ] {
        for url in ["https://evil.example/", &long] {
            let body =
                json!({ "id": id, "status": status, "long_archive_url": url, "emails_sent": count, "send_time": at });
            server.order("lookup", "status", json!({ "code": 200, "body": body })).await;
            assert_eq!(case.find().await.as_ref(), Ok(expected), "{body}");
        }
    }
    for (code, body) in [(200, json!({ "id": "other", "status": "sent" })), (404, json!("<html>")), (500, json!({}))] {
        server.order("lookup", "status", json!({ "code": code, "body": body })).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{code}");
    }
    server.there(Call::delete(server.at(&format!("campaigns/{id}")))).await;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "it is gone, and nobody knows whether it was sent before");
}

#[tokio::test]
async fn what_was_sent_or_taken_over_there_is_not_sent_again_and_what_was_deleted_is_made_again() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let mut case = Case::new(&mailchimp, &server, letter("twice"), &small);
    server.fault(Fault::CommitThenDrop).await;
    assert_eq!(case.publish().await.unwrap_err().code(), "unconfirmed");
    let published_already = Err(Failure::Duplicate { existing: None });
    assert_eq!(case.publish().await, published_already, "by its id");
    case.progress = None;
    assert_eq!(case.publish().await, published_already, "and by its name");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("its id is kept: {:?}", case.progress) };
    assert_eq!(receipt.id.as_deref(), Some(campaign(&case).as_str()));
    for (status, count, expected) in [
        ("sent", 2, "duplicate_content"),
        ("archived", 2, "duplicate_content"),
        ("archived", 0, "campaign_not_draft"),
        ("paused", 0, "campaign_not_draft"),
        ("canceled", 0, "campaign_not_draft"),
    ] {
        let body = json!({ "id": campaign(&case), "status": status, "emails_sent": count });
        server.order("lookup", "status", json!({ "code": 200, "body": body })).await;
        assert_eq!(case.publish().await.unwrap_err().code(), expected, "{body}");
    }
    let mut taken = Case::new(&mailchimp, &server, letter("taken"), &small);
    taken.key = "taken".into();
    taken.prepare().await.unwrap();
    server.there(Call::post(server.at(&format!("campaigns/{}/actions/schedule", campaign(&taken))))).await;
    assert_eq!(taken.publish().await.unwrap_err().code(), "campaign_not_draft");
    let mut deleted = Case::new(&mailchimp, &server, letter("deleted"), &small);
    deleted.key = "deleted".into();
    deleted.prepare().await.unwrap();
    server.there(Call::delete(server.at(&format!("campaigns/{}", campaign(&deleted))))).await;
    deleted.publish().await.unwrap();
    assert_eq!(server.live().await.len(), 2);
}

#[tokio::test]
async fn a_campaign_that_is_gone_is_made_again_once_and_then_looked_for_by_tries_that_count() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let mut deleted = Case::new(&mailchimp, &server, letter("deleted"), &small);
    let mut gone = Vec::new();
    for _ in 0..2 {
        deleted.prepare().await.unwrap();
        gone.push(campaign(&deleted));
        server.there(Call::delete(server.at(&format!("campaigns/{}", campaign(&deleted))))).await;
    }
    assert!(gone[0] != gone[1]);
    assert_eq!(deleted.publish().await, Err(Failure::Unavailable));
    assert_eq!((server.campaigns().await.len(), server.requests().await), (0, 0));
    // What Mailchimp does not show yet it may show later.
    let title = |op: &str| json!({ "title": "Resource Not Found", "detail": op, "status": 404 });
    for op in ["lookup", "media", "media_status"] {
        let order = json!({ "platform": "mailchimp", "op": op, "kind": "status", "times": 2,
                            "params": { "code": 404, "body": title(op) } });
        server.sandbox.control("faults", &order).await;
        let mut late = Case::new(&mailchimp, &server, letter(op), &small);
        late.key = op.into();
        assert_eq!(late.publish().await, Err(Failure::Unavailable), "{op}");
        late.publish().await.unwrap();
    }
    assert_eq!((server.campaigns().await.len(), server.live().await.len()), (3, 3), "none was made twice");
}

#[tokio::test]
async fn what_somebody_changed_in_a_draft_is_changed_back_before_it_is_sent() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let sender = json!({ "settings": { "from_name": "Mallory", "reply_to": "mallory@evil.example" } });
    for (n, change) in [
        json!({ "settings": { "subject_line": "Their subject" } }),
        json!({ "settings": { "preview_text": "Their preview" } }),
        sender,
        json!({ "settings": { "title": "Their name" } }),
        json!({ "recipients": { "list_id": "b1b2c3d4e5" } }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut case = Case::new(&mailchimp, &server, letter("Ours"), &small);
        case.key = n.to_string();
        // The first request is put off, and by the second somebody was there.
        server.order("create_post", "status", json!({ "code": 429 })).await;
        assert_eq!(case.publish().await.unwrap_err().code(), "rate_limited");
        server.change(&case, &change).await;
        let theirs = Call::put(server.at(&format!("campaigns/{}/content", campaign(&case))));
        server.there(theirs.json(&json!({ "html": "<p>Their words</p>" }))).await;
        // Nobody reads a campaign's name, so that it is left as it is.
        if change["settings"].get("title").is_none() {
            server.order("draft", "commit_then_drop", json!({})).await;
            assert_eq!(case.publish().await, Err(Failure::Unavailable), "{change}");
        }
        case.publish().await.unwrap();
        let live = server.live().await;
        let raw: Value = serde_json::from_str(live.last().unwrap()["raw"].as_str().unwrap()).unwrap();
        let settings = &raw["settings"];
        assert_eq!((live.len(), &raw["list"]), (n + 1, &json!("a1b2c3d4e5")), "{change}");
        assert_eq!((&settings["subject_line"], &settings["preview_text"]), (&json!("Ours"), &json!("")), "{change}");
        assert_eq!(
            (&settings["from_name"], &settings["reply_to"]),
            (&json!("Harbour Coffee"), &json!("hello@harbour.example")),
            "{change}"
        );
        assert!(raw["html"].as_str().unwrap().contains("Bye.") && !raw["html"].to_string().contains("Their"), "{raw}");
    }
}

#[tokio::test]
async fn what_cannot_be_changed_back_is_refused_and_nothing_is_sent() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    for (n, opts) in [
        json!({ "saved_segment_id": 7 }),
        json!({ "saved_segment_id": 0, "prebuilt_segment_id": "subscribers-female" }),
        json!({ "match": "any", "conditions": [{ "condition_type": "Aim" }] }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut case = Case::new(&mailchimp, &server, letter("Ours"), &small);
        case.key = n.to_string();
        case.prepare().await.unwrap();
        server.change(&case, &json!({ "recipients": { "list_id": "a1b2c3d4e5", "segment_opts": opts } })).await;
        let failure = case.publish().await.unwrap_err();
        assert!(failure.code() == "campaign_changed" && failure.to_string().contains("segment"), "{opts}: {failure}");
    }
    let mut case = Case::new(&mailchimp, &server, letter("Ours"), &small);
    case.prepare().await.unwrap();
    let opts = json!({ "saved_segment_id": 0, "match": "any", "conditions": [] });
    server.change(&case, &json!({ "recipients": { "list_id": "a1b2c3d4e5", "segment_opts": opts } })).await;
    case.publish().await.unwrap();
    assert_eq!(server.live().await.len(), 1, "those that are none do not count");
}

#[tokio::test]
async fn what_lacks_what_a_campaign_must_have_is_not_sent() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let failure = Case::new(&mailchimp, &server, letter(" "), &small).publish().await.unwrap_err();
    assert!(failure.code() == "campaign_not_ready" && failure.to_string().contains("subject line"), "{failure}");
    for variant in [
        letter("Hello *|FNAME|*"),
        Variant { summary: Some("*|MC:DATE|*".into()), ..letter("s") },
        Variant { title: Some("s".into()), ..Variant::text("*|UNSUB|*") },
    ] {
        assert_eq!(Case::new(&mailchimp, &server, variant, &small).publish().await.unwrap_err().code(), "merge_tag");
    }
    assert_eq!(server.requests().await, 0, "nothing was asked to be sent");
}

#[tokio::test]
async fn refusals_are_told_apart_and_a_throttle_is_believed_for_a_day_at_most() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let said = |title: &str| json!({ "title": title, "detail": "No.", "status": 400 });
    for (op, status, body, expected) in [
        ("create_post", 400, said("Invalid Resource"), "invalid_request"),
        ("create_post", 403, said("Forbidden"), "forbidden"),
        ("create_post", 403, said("Compliance Related"), "revoked"),
        ("create_post", 404, said("Resource Not Found"), "not_found"),
        ("create_post", 403, json!("<html>"), "unconfirmed"),
        ("create_post", 500, said("Internal Server Error"), "unconfirmed"),
        ("create_post", 200, json!({}), "unconfirmed"),
        ("draft", 403, said("Compliance Related"), "revoked"),
        ("draft", 403, json!("<html>"), "rate_limited"),
        ("draft", 401, json!("<html>"), "unauthorized"),
        ("draft", 500, said("Internal Server Error"), "unavailable"),
        ("draft", 200, json!({ "id": "../x", "status": "save" }), "unavailable"),
        ("orgs", 404, said("Resource Not Found"), "not_found"),
    ] {
        server.order(op, "status", json!({ "code": status, "body": body })).await;
        let subject = format!("{op} {status} {body}");
        let mut case = Case::new(&mailchimp, &server, letter(&subject.replace("*|", "")), &small);
        case.key.clone_from(&subject);
        let failure = case.publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{subject}: {failure:?}");
    }
    for (wait, believed) in [(120, true), (90_000, false)] {
        server.order("create_post", "status", json!({ "code": 429, "retry_after": wait })).await;
        let failure = Case::new(&mailchimp, &server, letter(&wait.to_string()), &small).publish().await.unwrap_err();
        assert!(matches!(failure, Failure::RateLimited { until } if until.is_some() == believed), "{failure:?}");
    }
    assert!(server.live().await.is_empty());
}

#[test]
fn what_a_campaign_does_not_have_is_told_before_its_time() {
    let mailchimp = connector();
    let codes = |variant: &Variant| -> Vec<String> {
        let broken = check(variant, mailchimp.descriptor(), &[], "/content");
        broken.into_iter().map(|violation| violation.code.clone()).collect()
    };
    assert!(codes(&letter("A")).is_empty());
    assert_eq!(codes(&Variant { title: None, ..letter("A") }), ["title_missing"]);
    assert_eq!(codes(&letter(&"x".repeat(151))), ["content_too_long"]);
    assert_eq!(codes(&Variant { draft: true, ..letter("A") }), ["unsupported"]);
    assert_eq!(codes(&Variant { first_comment: Some("first".into()), ..letter("A") }), ["unsupported"]);
}

#[tokio::test]
async fn a_person_names_campaigns_and_takes_none_back() {
    let mailchimp = connector();
    let mut server = connected(&mailchimp).await;
    let named = |post: &str| mailchimp.named(&server.app, &server.account, post).and_then(|receipt| receipt.id);
    let archive = "https://us6.campaign-archive.com/?u=1&id=f000000001";
    for post in ["f000000001", archive] {
        assert_eq!(named(post).as_deref(), Some("f000000001"));
    }
    for post in
        ["", "a b", "https://us6.campaign-archive.com/?u=1", "https://evil.example/?id=f000000001", "javascript:?id=f0"]
    {
        assert_eq!(named(post), None, "{post}");
    }
    let small = small();
    server.account.profile.external_id = "us6/../x".into();
    let failure = Case::new(&mailchimp, &server, letter("A"), &small).publish().await.unwrap_err();
    assert_eq!(failure.code(), "account_invalid");
    server.account.profile.external_id = "us7/a1b2c3d4e5".into();
    let failure = Case::new(&mailchimp, &server, letter("A"), &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized, "the key is of another data centre");
}
