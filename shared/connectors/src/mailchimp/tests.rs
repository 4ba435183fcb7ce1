#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::tests::{Connected, Sandbox, egress, picture};
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

    async fn campaigns(&self) -> Vec<Value> {
        let told = self.there(Call::get(self.at("campaigns?count=1000"))).await;
        told["campaigns"].as_array().unwrap().clone()
    }
}

fn campaign(case: &Case<'_>) -> String {
    case.progress.as_ref().unwrap()["campaign"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn mailchimp_keeps_the_contract() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    contract::run(&mailchimp, &server, &small()).await;
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
        sandbox.fault("mailchimp", "me", "status", json!({ "code": code, "body": body })).await;
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
    server.order("me", "status", json!({ "code": 200, "body": body })).await;
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
async fn an_answer_lost_while_preparing_leaves_no_second_campaign() {
    let mailchimp = connector();
    let server = connected(&mailchimp).await;
    let small = small();
    let mut case = Case::new(&mailchimp, &server, letter("lost"), &small);
    for (op, kind) in [
        ("orgs", "drop_before_commit"),
        ("list", "garbage"),
        ("draft", "commit_then_drop"),
        ("draft", "cut_body"),
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
            let body = json!({ "id": id, "status": status, "long_archive_url": url, "emails_sent": count, "send_time": at });
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
    assert_eq!(case.publish().await.unwrap_err().code(), "campaign_not_draft", "by its id");
    case.progress = None;
    assert_eq!(case.publish().await.unwrap_err().code(), "campaign_not_draft", "and by its name");
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
        let failure =
            Case::new(&mailchimp, &server, letter(&subject.replace("*|", "")), &small).publish().await.unwrap_err();
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
