#![allow(clippy::unwrap_used, clippy::panic)]

mod rules;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Finding, LinkCard, Receipt, Variant, check};
use ports::{Entries, KeyFailure, Wording as _};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

const KEY: &str = "SG.harbour-demo.of-the-sandbox";
const LIST: &str = "199abb98-0af3-4a8d-b371-6811ff85d062";

fn connector() -> SendGrid {
    SendGrid::new(Http::new(egress()))
}

async fn connected(sendgrid: &SendGrid) -> Connected {
    Connected::start(sendgrid, "harbour", 0).await
}

fn small() -> Picture {
    picture("image/png", 100)
}

fn entries(key: &str, list: &str, sender: &str, group: &str) -> Entries {
    let entry = |(name, text): (&str, &str)| (name.to_owned(), SecretString::from(text.to_owned()));
    [("key", key), ("list", list), ("sender", sender), ("group", group)].map(entry).into()
}

fn letter(subject: &str) -> Variant {
    Variant { title: Some(subject.into()), ..Variant::text("Hello <b>.\nSecond line.\n\nBye.") }
}

impl Connected {
    /// What a person does in SendGrid.
    async fn in_sendgrid(&self, call: Call) -> Value {
        let answer = Http::new(egress()).call(call.bearer(&self.token)).await.unwrap();
        assert!(answer.is_success(), "{}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap_or_default()
    }

    fn single(&self, id: &str) -> String {
        address(&self.app, &format!("marketing/singlesends/{id}"))
    }

    async fn singles(&self) -> Vec<Value> {
        let search = Call::post(address(&self.app, "marketing/singlesends/search")).json(&Search { name: "herald-" });
        self.in_sendgrid(search).await["result"].as_array().unwrap().clone()
    }

    /// How many times the sandbox was asked for this.
    async fn asked(&self, op: &str) -> u64 {
        self.sandbox.json("/control/state").await["calls"][format!("sendgrid.{op}")].as_u64().unwrap_or(0)
    }
}

fn single(case: &Case<'_>) -> String {
    case.progress.as_ref().unwrap()["send"].as_str().unwrap().to_owned()
}

/// A mail is read by its id, stays with who got it, and has no address.
impl Known for SendGrid {
    const FACTS: Facts = Facts { reads_lists: false, deletes: false, has_addresses: false, ..Facts::USUAL };
}

#[tokio::test]
async fn sendgrid_keeps_the_contract() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    contract::run(&sendgrid, &server, &small()).await;
}

#[tokio::test]
async fn a_key_with_a_list_a_sender_and_a_group_is_connected_and_the_others_are_told_what_is_wrong() {
    let sendgrid = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("sendgrid");
    let id = format!("{LIST}/4200001/100");
    for (list, sender, group) in [
        ("newsletter ", "harbour", "newsletters"),
        (LIST, "hello@harbour.example", "100"),
        ("Newsletter", "4200001", "Newsletters"),
    ] {
        let keyed = sendgrid.check(&app, &entries(KEY, list, sender, group)).await.unwrap();
        assert_eq!((keyed.profile.external_id.as_str(), keyed.profile.name.as_str()), (id.as_str(), "Newsletter"));
        assert_eq!(keyed.pair.access.expose_secret(), KEY);
    }
    for (key, list, sender, group, wrong, words) in [
        (KEY, "nowhere", "Harbour", "Offers", "list", format!("Newsletter ({LIST})")),
        (KEY, "Twins", "Harbour", "Offers", "list", "enter an id".into()),
        (KEY, "Staff", "nobody", "Offers", "sender", "Harbour (4200001)".into()),
        (KEY, "Staff", "Annex", "Offers", "sender", "not verified".into()),
        (KEY, "Staff", "Harbour", "none", "group", "Newsletters (100)".into()),
        ("SG.nobody-at-all.of-the-sandbox", "Staff", "Harbour", "Offers", "key", "deleted".into()),
        ("SG.mailer-demo.of-the-sandbox", "Staff", "Harbour", "Offers", "key", "needs access".into()),
        ("harbour-demo.of-the-sandbox", "Staff", "Harbour", "Offers", "key", "begins with SG.".into()),
        ("SG.harbour-demo\r\nx: of-the-sandbox", "Staff", "Harbour", "Offers", "key", "begins with SG.".into()),
    ] {
        let failure = sendgrid.check(&app, &entries(key, list, sender, group)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{list} {sender}: {failure:?}") };
        assert!(field == wrong && detail.contains(&words) && !detail.contains(key), "{field}: {detail}");
        assert!(!detail.contains('@'), "no address is told: {detail}");
    }
    for op in ["me", "orgs", "terms"] {
        for (code, body) in [(403, json!("<html>")), (200, json!({})), (500, json!({}))] {
            sandbox.fault("sendgrid", op, "status", json!({ "code": code, "body": body })).await;
            let failure = sendgrid.check(&app, &entries(KEY, "Staff", "Harbour", "Offers")).await.unwrap_err();
            assert_eq!(failure, KeyFailure::Unavailable, "{op} {code}");
        }
    }
    let told = json!({ "result": [{ "id": LIST, "name": format!("For {KEY}") }], "_metadata": {} });
    sandbox.fault("sendgrid", "me", "status", json!({ "code": 200, "body": told })).await;
    let failure = sendgrid.check(&app, &entries(KEY, "nowhere", "Harbour", "Offers")).await.unwrap_err();
    let KeyFailure::Refused { field: "list", detail } = failure else { panic!("{failure:?}") };
    assert!(detail.contains("For …") && !detail.contains(KEY), "{detail}");
    let odd = json!({ "result": [{ "id": "../x", "name": "Staff" }], "_metadata": {} });
    sandbox.fault("sendgrid", "me", "status", json!({ "code": 200, "body": odd })).await;
    let failure = sendgrid.check(&app, &entries(KEY, "Staff", "Harbour", "Offers")).await.unwrap_err();
    assert_eq!(failure, KeyFailure::Unavailable, "an id of another form enters no address");
}

#[tokio::test]
async fn a_single_send_has_its_list_sender_subject_and_a_footer_that_tells_who_sends_and_how_to_leave() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let variant = Variant {
        link: Some(LinkCard { url: "https://example.com/more".into(), title: Some("More".into()), description: None }),
        ..letter(" Soon & \"late\" ")
    };
    Case::new(&sendgrid, &server, variant, &small).publish().await.unwrap();
    let live = &server.live().await[0];
    assert_eq!((&live["card"]["title"], &live["author"]), (&json!("Soon & \"late\""), &json!(LIST)));
    let raw: Value = serde_json::from_str(live["raw"].as_str().unwrap()).unwrap();
    let config = &raw["email_config"];
    assert_eq!((&config["sender_id"], &config["suppression_group_id"]), (&json!(4_200_001), &json!(100)));
    assert_eq!((&config["generate_plain_content"], &config["editor"]), (&json!(true), &json!("code")));
    let body = "<p>Hello &lt;b&gt;.<br>Second line.</p><p>Bye.</p><p><a href=\"https://example.com/more\">More</a></p>";
    assert!(config["html_content"].as_str().unwrap().contains(body), "{config}");
    assert_eq!(raw["footer"], "Harbour Coffee\n1 Quay, Port,  12345\nUnsubscribe");
}

#[tokio::test]
async fn an_article_is_a_single_send_like_any_other() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    for (nth, kind) in [ContentKind::Post, ContentKind::Article].into_iter().enumerate() {
        let mut case = Case::new(&sendgrid, &server, Variant { kind, ..letter("News") }, &small);
        case.key.push_str(&nth.to_string());
        case.publish().await.unwrap();
    }
    let live = server.live().await;
    let shown = |post: &Value| (post["text"].clone(), post["card"]["title"].clone());
    assert_eq!((live.len(), shown(&live[0])), (2, shown(&live[1])));
}

#[tokio::test]
async fn an_answer_lost_while_preparing_leaves_no_second_single_send() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut case = Case::new(&sendgrid, &server, letter("lost"), &small);
    for (op, kind) in [
        ("list", "drop_before_commit"),
        ("list", "garbage"),
        ("draft", "commit_then_drop"),
        ("lookup", "garbage"),
        ("draft", "commit_then_drop"),
        ("draft", "cut_body"),
        ("lookup", "drop_before_commit"),
    ] {
        server.order(op, kind, json!({})).await;
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{op} {kind}");
    }
    case.publish().await.unwrap();
    assert_eq!((server.singles().await.len(), server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn a_search_is_read_to_its_end_before_a_single_send_counts_as_not_made() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut case = Case::new(&sendgrid, &server, letter("paged"), &small);
    server.order("draft", "commit_then_drop", json!({})).await;
    assert_eq!(case.publish().await, Err(Failure::Unavailable), "one was made, and nobody knows");
    let page = |next: &str| json!({ "code": 200, "body": { "result": [], "_metadata": { "next": next } } });
    for next in ["https://api.sendgrid.com/v3/marketing/singlesends/search?page_size=100", "not an address"] {
        server.order("list", "status", page(next)).await;
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{next}: it does not say what follows");
    }
    server.order("list", "status", page("https://evil.example/?page_token=0&page_size=100")).await;
    let before = server.asked("list").await;
    case.publish().await.unwrap();
    assert_eq!(server.asked("list").await, before + 2, "the second page is asked for where the first one was");
    assert_eq!((server.singles().await.len(), server.live().await.len()), (1, 1));
    let mut endless = Case::new(&sendgrid, &server, letter("endless"), &small);
    endless.key = "endless".into();
    let more = page("https://api.sendgrid.com/v3/x?page_token=1");
    let order = json!({ "platform": "sendgrid", "op": "list", "kind": "status", "times": 0, "params": more });
    server.sandbox.control("faults", &order).await;
    assert_eq!(endless.publish().await, Err(Failure::Unavailable), "no listing goes on for ever");
}

#[tokio::test]
async fn a_reading_says_what_sendgrid_says_of_the_very_single_send() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut case = Case::new(&sendgrid, &server, letter("read"), &small);
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "nothing was prepared");
    case.prepare().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let id = single(&case);
    let found = || Finding::Proved(Receipt { id: Some(id.clone()), url: None });
    let (same, later) = (case.progress.as_ref().unwrap()["changed"].clone(), json!("2999-01-01T00:00:00Z"));
    for (status, send_at, updated_at, expected) in [
        ("draft", json!(null), &same, Finding::Absent),
        ("draft", json!("2020-01-01T00:00:00Z"), &same, Finding::Absent),
        ("draft", json!(null), &later, Finding::Resembling(1)),
        ("draft", json!(null), &json!(null), Finding::Resembling(1)),
        ("triggered", json!(null), &later, found()),
        ("scheduled", json!("2020-01-01T00:00:00.000Z"), &later, found()),
        ("scheduled", json!("2999-01-01T00:00:00Z"), &later, Finding::Resembling(1)),
        ("scheduled", json!(null), &later, Finding::Resembling(1)),
        ("scheduled", json!("soon"), &later, Finding::Resembling(1)),
        ("paused", json!(null), &later, Finding::Resembling(1)),
    ] {
        let body = json!({ "id": id, "status": status, "send_at": send_at, "updated_at": updated_at });
        server.order("lookup", "status", json!({ "code": 200, "body": body })).await;
        assert_eq!(case.find().await, Ok(expected), "{status} {send_at}");
    }
    let other = "27c21bbf-a12c-440b-b8bf-ffffffffffff";
    for (code, body) in [(200, json!({ "id": other, "status": "triggered" })), (404, json!("<html>")), (500, json!({}))]
    {
        server.order("lookup", "status", json!({ "code": code, "body": body })).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{code}");
    }
    server.in_sendgrid(Call::delete(server.single(&id))).await;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "it is gone, and nobody knows whether it was sent before");
}

#[tokio::test]
async fn a_single_send_that_somebody_called_off_while_it_was_in_doubt_is_not_sent_again_by_itself() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut case = Case::new(&sendgrid, &server, letter("called off"), &small);
    server.fault(Fault::DropBeforeCommit).await;
    assert_eq!(case.publish().await.unwrap_err().code(), "unconfirmed");
    assert_eq!(case.find().await, Ok(Finding::Absent), "nobody touched it");
    let schedule = format!("{}/schedule", server.single(&single(&case)));
    server.in_sendgrid(Call::put(&schedule).json(&json!({ "send_at": "2999-01-01T00:00:00Z" }))).await;
    server.in_sendgrid(Call::delete(schedule)).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "it was scheduled, and is a draft again");
    // A person who looked says so.
    case.publish().await.unwrap();
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn what_was_sent_or_taken_over_there_is_not_sent_again_and_what_was_deleted_is_made_again() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut case = Case::new(&sendgrid, &server, letter("twice"), &small);
    server.fault(Fault::CommitThenDrop).await;
    assert_eq!(case.publish().await.unwrap_err().code(), "unconfirmed");
    let published_already = Err(Failure::Duplicate { existing: None });
    assert_eq!(case.publish().await, published_already, "by its id");
    case.progress = None;
    assert_eq!(case.publish().await, published_already, "and by its name");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("its id is kept: {:?}", case.progress) };
    assert_eq!(receipt.id.as_deref(), Some(single(&case).as_str()));
    let said = json!({ "id": single(&case), "status": format!("held for {KEY}") });
    server.order("lookup", "status", json!({ "code": 200, "body": said })).await;
    let failure = case.publish().await.unwrap_err();
    assert_eq!(failure.code(), "campaign_not_draft");
    assert!(failure.to_string().contains("held for …") && !failure.to_string().contains(KEY), "{failure}");
    let mut taken = Case::new(&sendgrid, &server, letter("taken"), &small);
    taken.key = "taken".into();
    taken.prepare().await.unwrap();
    let later = Call::put(format!("{}/schedule", server.single(&single(&taken))));
    server.in_sendgrid(later.json(&json!({ "send_at": "2999-01-01T00:00:00Z" }))).await;
    assert_eq!(taken.publish().await.unwrap_err().code(), "campaign_not_draft");
    let mut deleted = Case::new(&sendgrid, &server, letter("deleted"), &small);
    deleted.key = "deleted".into();
    deleted.prepare().await.unwrap();
    server.in_sendgrid(Call::delete(server.single(&single(&deleted)))).await;
    deleted.publish().await.unwrap();
    assert_eq!(server.live().await.len(), 2);
}

#[tokio::test]
async fn a_single_send_that_is_gone_is_made_again_once_and_then_looked_for_by_tries_that_count() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut deleted = Case::new(&sendgrid, &server, letter("deleted"), &small);
    let mut gone = Vec::new();
    for _ in 0..2 {
        deleted.prepare().await.unwrap();
        gone.push(single(&deleted));
        server.in_sendgrid(Call::delete(server.single(&single(&deleted)))).await;
    }
    assert_ne!(gone[0], gone[1]);
    assert_eq!(deleted.publish().await, Err(Failure::Unavailable));
    assert_eq!((server.singles().await.len(), server.requests().await), (0, 0));
    // What SendGrid does not show yet it may show later.
    let said = json!({ "errors": [{ "field": "id", "message": "not found", "error_id": "1" }] });
    for (op, skip) in [("lookup", 0), ("draft", 1)] {
        let order = json!({ "platform": "sendgrid", "op": op, "kind": "status", "times": 2, "skip": skip,
                            "params": { "code": 404, "body": said } });
        server.sandbox.control("faults", &order).await;
        let mut late = Case::new(&sendgrid, &server, letter(op), &small);
        late.key = op.into();
        assert_eq!(late.publish().await, Err(Failure::Unavailable), "{op}");
        late.publish().await.unwrap();
    }
    assert_eq!((server.singles().await.len(), server.live().await.len()), (2, 2), "none was made twice");
}

#[tokio::test]
async fn what_somebody_changed_in_a_draft_is_changed_back_before_it_is_sent() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let there = "299abb98-0af3-4a8d-b371-6811ff85d062";
    for (n, change) in [
        json!({ "name": "Their name" }),
        json!({ "send_to": { "list_ids": [there] } }),
        json!({ "email_config": { "subject": "Their subject", "html_content": "<p>Their words</p>" } }),
        json!({ "email_config": { "sender_id": 4_200_002, "suppression_group_id": 101 } }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut case = Case::new(&sendgrid, &server, letter("Ours"), &small);
        case.key = n.to_string();
        // The first request is put off, and by the second somebody was there.
        server.order("create_post", "status", json!({ "code": 429 })).await;
        assert_eq!(case.publish().await.unwrap_err().code(), "rate_limited");
        server.in_sendgrid(Call::patch(server.single(&single(&case))).json(&change)).await;
        server.order("draft", "commit_then_drop", json!({})).await;
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{change}");
        case.publish().await.unwrap();
        let live = server.live().await;
        let raw: Value = serde_json::from_str(live.last().unwrap()["raw"].as_str().unwrap()).unwrap();
        let config = &raw["email_config"];
        assert_eq!((live.len(), &raw["send_to"]["list_ids"]), (n + 1, &json!([LIST])), "{change}");
        assert_eq!(
            (&config["sender_id"], &config["suppression_group_id"]),
            (&json!(4_200_001), &json!(100)),
            "{change}"
        );
        assert_eq!(config["subject"], "Ours");
        assert!(!raw.to_string().contains("Their") && raw.to_string().contains("Bye."), "{raw}");
    }
}

#[tokio::test]
async fn what_cannot_be_changed_back_is_refused_and_nothing_is_sent() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    for (n, (change, what)) in [
        (json!({ "send_to": { "segment_ids": ["dad84de3-bec4-4e04-b132-2cbfd4bb3789"] } }), "its segments"),
        (json!({ "send_to": { "all": true } }), "whom it goes to"),
        (json!({ "email_config": { "design_id": "b983dfb7-42fe-4172-a5f5-e2d07b92dfb2" } }), "its design"),
        (
            json!({ "email_config": { "custom_unsubscribe_url": "https://evil.example/" } }),
            "how recipients unsubscribe",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut case = Case::new(&sendgrid, &server, letter("Ours"), &small);
        case.key = n.to_string();
        case.prepare().await.unwrap();
        server.in_sendgrid(Call::patch(server.single(&single(&case))).json(&change)).await;
        let failure = case.publish().await.unwrap_err();
        assert!(failure.code() == "campaign_changed" && failure.to_string().contains(what), "{change}: {failure}");
    }
    let mut case = Case::new(&sendgrid, &server, letter("Ours"), &small);
    case.prepare().await.unwrap();
    // What SendGrid shows after all was put in anew is believed, and not what was sent to it.
    for (subject, sender, group, what) in [
        ("Other", 4_200_001, 100, "its subject"),
        ("Ours", 4_200_002, 100, "its sender"),
        ("Ours", 4_200_001, 101, "how recipients unsubscribe"),
    ] {
        let config = json!({ "subject": subject, "sender_id": sender, "suppression_group_id": group });
        let body = json!({ "id": single(&case), "status": "draft", "send_to": { "list_ids": [LIST] }, "email_config": config });
        let order = json!({ "platform": "sendgrid", "op": "lookup", "kind": "status", "skip": 1,
                            "params": { "code": 200, "body": body } });
        server.sandbox.control("faults", &order).await;
        let failure = case.publish().await.unwrap_err();
        assert!(failure.code() == "campaign_changed" && failure.to_string().contains(what), "{what}: {failure}");
    }
    let config = json!({ "subject": "Ours", "sender_id": 4_200_001, "suppression_group_id": 100 });
    let body = json!({ "id": single(&case), "status": "draft", "send_to": { "list_ids": [LIST] }, "email_config": config,
                       "updated_at": "2999-01-01T00:00:00Z" });
    let order = json!({ "platform": "sendgrid", "op": "lookup", "kind": "status", "skip": 1,
                        "params": { "code": 200, "body": body } });
    server.sandbox.control("faults", &order).await;
    assert_eq!(case.publish().await, Err(Failure::Unavailable), "other words may have been saved meanwhile");
    assert_eq!(server.requests().await, 0, "nothing was asked to be sent");
    case.publish().await.unwrap();
}

#[tokio::test]
async fn a_second_draft_of_one_name_is_not_sent_where_the_first_one_was() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let mut case = Case::new(&sendgrid, &server, letter("late search"), &small);
    case.prepare().await.unwrap();
    let first = single(&case);
    // A search that is late shows nothing, so that another draft is made under the same name. That one is sent.
    case.progress = None;
    let nothing = json!({ "result": [], "_metadata": {} });
    server.order("list", "status", json!({ "code": 200, "body": nothing })).await;
    case.prepare().await.unwrap();
    assert_ne!(single(&case), first);
    server.fault(Fault::CommitThenDrop).await;
    assert_eq!(case.publish().await.unwrap_err().code(), "unconfirmed");
    // Whoever begins anew now sees both, and goes on with the one that was sent.
    let sent = single(&case);
    case.progress = None;
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }));
    assert_eq!(single(&case), sent);
    assert_eq!((server.singles().await.len(), server.live().await.len()), (2, 1));
}

#[tokio::test]
async fn mail_without_a_subject_and_text_that_would_be_filled_in_are_refused_before_anything_is_made() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let link = LinkCard { url: "https://example.com/{{email}}".into(), title: None, description: None };
    for (variant, code) in [
        (letter(" "), "campaign_not_ready"),
        (Variant { title: None, ..letter("s") }, "campaign_not_ready"),
        (letter("Hello {{first_name}}"), "merge_tag"),
        (Variant { title: Some("s".into()), ..Variant::text("{{{unsubscribe}}}") }, "merge_tag"),
        (Variant { title: Some("s".into()), ..Variant::text("<%asm_group_unsubscribe_url%>") }, "merge_tag"),
        (letter("[%first_name%]"), "merge_tag"),
        (Variant { link: Some(link), ..letter("s") }, "merge_tag"),
    ] {
        assert_eq!(Case::new(&sendgrid, &server, variant, &small).publish().await.unwrap_err().code(), code);
    }
    assert_eq!((server.asked("draft").await, server.requests().await), (0, 0));
    Case::new(&sendgrid, &server, letter("{ one brace } and 100 %"), &small).publish().await.unwrap();
}

#[tokio::test]
async fn refusals_are_told_apart_and_a_throttle_is_believed_for_a_day_at_most() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let said = || json!({ "errors": [{ "field": "send_at", "message": "No.", "error_id": "1" }] });
    for (op, status, body, expected) in [
        ("create_post", 400, said(), "invalid_request"),
        ("create_post", 401, json!("<html>"), "unauthorized"),
        ("create_post", 403, said(), "forbidden"),
        ("create_post", 404, said(), "not_found"),
        ("create_post", 413, said(), "content_too_long"),
        ("create_post", 400, json!({ "errors": [] }), "unconfirmed"),
        ("create_post", 500, said(), "unconfirmed"),
        ("create_post", 200, json!({}), "unconfirmed"),
        ("create_post", 201, json!({ "status": "draft" }), "unconfirmed"),
        ("list", 403, said(), "forbidden"),
        ("list", 500, said(), "unavailable"),
        ("draft", 400, said(), "invalid_request"),
        ("draft", 403, json!("<html>"), "unavailable"),
        ("draft", 201, json!({ "id": "../x", "status": "draft" }), "unavailable"),
        ("lookup", 401, said(), "unauthorized"),
    ] {
        server.order(op, "status", json!({ "code": status, "body": body })).await;
        let subject = format!("{op} {status}");
        let mut case = Case::new(&sendgrid, &server, letter(&subject), &small);
        case.key = format!("{subject} {body}");
        let failure = case.publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{subject} {body}: {failure:?}");
    }
    let seconds = server.now().as_second();
    for (op, reset, believed) in [
        ("create_post", seconds + 120, true),
        ("draft", seconds + 120, true),
        ("create_post", seconds + 90_000, false),
        ("create_post", 1, false),
    ] {
        let headers = json!({ "x-ratelimit-reset": reset.to_string() });
        server.order(op, "status", json!({ "code": 429, "headers": headers })).await;
        let mut case = Case::new(&sendgrid, &server, letter("slow"), &small);
        case.key = format!("{op} {reset}");
        let failure = case.publish().await.unwrap_err();
        assert!(matches!(failure, Failure::RateLimited { until } if until.is_some() == believed), "{failure:?}");
    }
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn a_window_that_is_used_up_is_known_from_the_answer_to_what_was_sent() {
    let sendgrid = connector();
    let server = connected(&sendgrid).await;
    let small = small();
    let now = server.now().as_second();
    for (left, reset, quiet) in [
        ("0", now + 60, Some(now + 60)),
        ("1", now + 60, None),
        ("0", now - 60, None),
        ("0", now + 90_000, None),
        ("none", now + 60, None),
    ] {
        let headers = json!({ "x-ratelimit-remaining": left, "x-ratelimit-reset": reset.to_string() });
        let body = json!({ "status": "scheduled" });
        server.order("create_post", "status", json!({ "code": 201, "headers": headers, "body": body })).await;
        let mut case = Case::new(&sendgrid, &server, letter("the last one"), &small);
        case.key = format!("{left} {reset}");
        let published = case.publish().await.unwrap();
        assert_eq!(published.quiet_until.map(jiff::Timestamp::as_second), quiet, "{left} left until {reset}");
    }
    let plain = Case::new(&sendgrid, &server, letter("no headers"), &small).publish().await.unwrap();
    assert_eq!(plain.quiet_until, None);
}

#[test]
fn what_a_single_send_does_not_have_is_told_before_its_time() {
    let sendgrid = connector();
    let codes = |variant: &Variant| -> Vec<String> {
        let broken = check(variant, sendgrid.descriptor(), &[], "/content");
        broken.into_iter().map(|violation| violation.code.clone()).collect()
    };
    assert!(codes(&letter("A")).is_empty());
    assert_eq!(codes(&Variant { title: None, ..letter("A") }), ["title_missing"]);
    assert_eq!(codes(&letter(&"x".repeat(151))), ["content_too_long"]);
    assert_eq!(codes(&Variant { draft: true, ..letter("A") }), ["unsupported"]);
    assert_eq!(codes(&Variant { first_comment: Some("first".into()), ..letter("A") }), ["unsupported"]);
}

#[tokio::test]
async fn a_person_names_single_sends_and_takes_none_back() {
    let sendgrid = connector();
    let mut server = connected(&sendgrid).await;
    let named = |post: &str| sendgrid.named(&server.app, &server.account, post).and_then(|receipt| receipt.id);
    let id = "27c21bbf-a12c-440b-b8bf-000000000001";
    for post in [id.to_owned(), format!("https://mc.sendgrid.com/single-sends/{id}/stats")] {
        assert_eq!(named(&post).as_deref(), Some(id));
    }
    for post in [
        String::new(),
        "27c21bbf".into(),
        id.replace('-', "_"),
        id.to_uppercase(),
        format!("{id}/../x"),
        format!("https://mc.sendgrid.com/automations/{id}"),
        format!("https://evil.example/single-sends/{id}"),
        format!("javascript:/single-sends/{id}"),
    ] {
        assert_eq!(named(&post), None, "{post}");
    }
    let small = small();
    for external_id in ["x/4200001/100", &format!("{LIST}/../100"), LIST, &format!("{LIST}/4200001/0")] {
        server.account.profile.external_id = external_id.into();
        let failure = Case::new(&sendgrid, &server, letter("A"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), "account_invalid", "{external_id}");
    }
}
