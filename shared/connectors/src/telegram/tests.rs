#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod files;
mod polls;
mod rules;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture, quotas, thread};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Failure, Finding, LinkCard, MediaRef, Probe, Receipt, Variant, check};
use ports::{Entries, KeyFailure, Wording};
use secrecy::SecretString;
use serde_json::json;

fn connector() -> Telegram {
    Telegram::new(Http::new(egress()))
}

async fn connected(telegram: &Telegram) -> Connected {
    Connected::start(telegram, "harbour_bot", 0).await
}

fn entries(token: &str, chat: &str) -> Entries {
    let entry = |text: &str| SecretString::from(text.to_owned());
    Entries::from([("token".into(), entry(token)), ("chat".into(), entry(chat))])
}

impl Known for Telegram {
    const FACTS: Facts = Facts::USUAL;
}

#[tokio::test]
async fn telegram_keeps_the_contract() {
    let telegram = connector();
    let server = connected(&telegram).await;
    contract::run(&telegram, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn only_a_chat_in_which_the_bot_may_write_is_connected() {
    let telegram = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("telegram");
    let token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    for (chat, id, handle) in [
        ("@harbour_coffee_demo", "-1001000000001", Some("harbour_coffee_demo")),
        ("https://t.me/harbour_coffee_demo", "-1001000000001", Some("harbour_coffee_demo")),
        ("-1001000000002", "-1001000000002", None),
        ("-4001", "-4001", None),
        ("-1001000000009", "-1001000000009", None),
    ] {
        let keyed = telegram.check(&app, &entries(token, chat)).await.unwrap();
        assert_eq!((keyed.profile.external_id.as_str(), keyed.profile.handle.as_deref()), (id, handle), "{chat}");
        assert_eq!(keyed.pair.access.expose_secret(), token);
    }
    for (token, chat, wrong) in [
        (token, "@lighthouse_labs_demo", "chat"),
        (token, "-1001000000008", "chat"),
        (token, "@left_demo", "chat"),
        (token, "@nobody", "chat"),
        (token, "7001", "chat"),
        (token, "two words", "chat"),
        ("220302644:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "@harbour_coffee_demo", "chat"),
        ("110201543:AAwrong", "@harbour_coffee_demo", "token"),
        ("110201543/../x:AA", "@harbour_coffee_demo", "token"),
        ("", "@harbour_coffee_demo", "token"),
    ] {
        let failure = telegram.check(&app, &entries(token, chat)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{chat}: {failure:?}") };
        assert_eq!(field, wrong, "{chat}");
        assert!(token.is_empty() || !detail.contains(token), "{detail}");
    }
    for code in [403, 404] {
        sandbox.fault("telegram", "me", "status", json!({ "code": code })).await;
        let refused = telegram.check(&app, &entries(token, "-4001")).await.unwrap_err();
        assert!(matches!(refused, KeyFailure::Refused { field: "token", .. }), "{code}: {refused:?}");
    }
    sandbox.fault("telegram", "me", "garbage", json!({})).await;
    let lost = telegram.check(&app, &entries(token, "-4001")).await.unwrap_err();
    assert_eq!(lost, KeyFailure::Unavailable);
}

#[tokio::test]
async fn what_a_groups_permissions_or_a_restriction_forbid_is_told_before_the_chat_is_connected() {
    let telegram = connector();
    let sandbox = Sandbox::start().await;
    let token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    for (chat, says) in [
        ("-1001000000004", "may not write"),
        ("-1001000000005", "no photos"),
        ("-1001000000006", "may not write"),
        ("-1001000000007", "no photos"),
    ] {
        let failure = telegram.check(&sandbox.app("telegram"), &entries(token, chat)).await.unwrap_err();
        let KeyFailure::Refused { field: "chat", detail } = failure else { panic!("{chat}: {failure:?}") };
        assert!(detail.contains(says), "{chat}: {detail}");
    }
}

#[test]
fn a_restriction_counts_besides_the_groups_permissions_and_only_of_those_who_are_in() {
    let free = json!({ "can_send_messages": true, "can_send_photos": true });
    let no_photos = json!({ "can_send_messages": true, "can_send_photos": false });
    let restricted = |is_member| json!({ "status": "restricted", "is_member": is_member, "can_send_messages": true });
    for (kind, permissions, member, open) in [
        ("supergroup", &free, restricted(true), true),
        ("supergroup", &free, restricted(false), false),
        ("supergroup", &no_photos, restricted(true), false),
        ("supergroup", &no_photos, json!({ "status": "administrator" }), true),
        ("supergroup", &no_photos, json!({ "status": "creator" }), true),
        ("supergroup", &free, json!({ "status": "kicked" }), false),
        ("group", &json!({}), json!({ "status": "member" }), true),
        ("channel", &json!({}), json!({ "status": "member" }), false),
        ("channel", &json!({}), json!({ "status": "administrator" }), false),
    ] {
        let chat = serde_json::from_value(json!({ "id": -1, "type": kind, "permissions": permissions })).unwrap();
        let why = keys::barrier(&chat, &serde_json::from_value(member.clone()).unwrap());
        assert_eq!(why.is_none(), open, "{kind} {permissions} {member}: {why:?}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_no_refusal_of_the_post() {
    let telegram = connector();
    let server = connected(&telegram).await;
    server.sandbox.revoke("telegram").await;
    let small = picture("image/png", 100);
    let failure = Case::new(&telegram, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized);
}

#[tokio::test]
async fn what_telegram_takes_for_markup_reaches_readers_as_it_was_written() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let text = "*bold* _it_ `code` [a](https://b.c) <b>x</b> &amp; /start @everyone \\*";
    Case::new(&telegram, &server, Variant::text(text), &small).publish().await.unwrap();
    assert_eq!(server.live().await[0]["text"], text);
}

#[tokio::test]
async fn each_part_of_a_thread_answers_the_one_before_it() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&telegram, &server, thread(&["one", "two", "three"]), &small);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let gone = Receipt { id: Some("999".into()), url: None };
    case.before[1] = gone;
    assert!(matches!(case.publish().await, Err(Failure::Rejected { code, .. }) if code == "reply_refused"));
    case.before[1].id = None;
    assert!(matches!(case.publish().await, Err(Failure::Rejected { code, .. }) if code == "thread_parent_unknown"));
    let live = server.live().await;
    assert_eq!(live.len(), 2);
    assert_eq!(live[1]["reply_to"], live[0]["id"]);
}

#[tokio::test]
async fn ten_pictures_are_one_album_under_one_caption_and_their_bytes_arrive() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let large = picture("image/png", 250_000);
    let mut variant = Variant::text("look");
    variant.parts[0].media = vec![MediaRef::new(large.0.id); 10];
    let mut case = Case::new(&telegram, &server, variant, &large);
    let receipt = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    assert_eq!((live.len(), live[0]["media"].as_array().unwrap().len()), (1, 10));
    assert_eq!(live[0]["text"], "look", "one caption, of the album and not of each picture");
    let shown = live[0]["media"][9]["id"].as_str().unwrap();
    assert_eq!(server.sandbox.bytes(&format!("/media/telegram/{shown}")).await, large.1);
    let refused = case.delete(&receipt).await.unwrap_err();
    assert!(matches!(refused, Failure::Unsupported { .. }), "only a part of it could be deleted: {refused:?}");
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn pictures_answer_the_part_before_them_too() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut variant = thread(&["one", "two", "three"]);
    for part in 1..=2 {
        variant.parts[part].media = vec![MediaRef::new(small.0.id); part];
    }
    let mut case = Case::new(&telegram, &server, variant, &small);
    for _ in 0..3 {
        case.publish().await.unwrap();
    }
    let live = server.live().await;
    let ids: Vec<_> = case.before.iter().map(|receipt| json!(receipt.id)).collect();
    assert_eq!((&live[1]["reply_to"], &live[2]["reply_to"]), (&ids[0], &ids[1]));
    for part in [2, 1, 0] {
        let deleted = case.delete(&case.before[part]).await;
        assert_eq!(matches!(deleted, Err(Failure::Unsupported { .. })), part == 2, "only the album stays: {deleted:?}");
    }
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn the_link_of_a_post_is_the_one_that_is_shown_as_a_card() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut variant = thread(&["first https://a.example then https://b.example", "and https://c.example"]);
    let link = LinkCard { url: "https://b.example".into(), title: None, description: None };
    variant.link = Some(link.clone());
    let mut case = Case::new(&telegram, &server, variant, &small);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let mut pictured = Variant { link: Some(link), ..Variant::text("look") };
    pictured.parts[0].media = vec![MediaRef::new(small.0.id)];
    Case::new(&telegram, &server, pictured, &small).publish().await.unwrap();
    Case::new(&telegram, &server, Variant::text("see https://a.example"), &small).publish().await.unwrap();
    let cards: Vec<_> = server.live().await.iter().map(|post| post["card"]["url"].clone()).collect();
    assert_eq!(cards, [json!("https://b.example"), json!(null), json!(null), json!(null)]);
}

#[tokio::test]
async fn what_is_older_than_48_hours_is_for_people_to_delete() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&telegram, &server, Variant::text("n"), &small);
    let receipt = case.publish().await.unwrap().receipt;
    server.sandbox.control("settings", &json!({ "telegram_older_s": 48 * 3_600 })).await;
    let refused = case.delete(&receipt).await.unwrap_err();
    assert!(matches!(&refused, Failure::Unsupported { detail } if detail.contains("48 hours")), "{refused:?}");
    assert_eq!(server.live().await.len(), 1);
    server.sandbox.control("settings", &json!({ "telegram_older_s": 48 * 3_600 - 60 })).await;
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn pictures_that_are_too_large_together_are_not_sent() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let large = picture("image/png", 9_000_000);
    let mut variant = Variant::text("look");
    variant.parts[0].media = vec![MediaRef::new(large.0.id); 6];
    let failure = Case::new(&telegram, &server, variant, &large).publish().await.unwrap_err();
    assert_eq!((failure.code(), server.requests().await), ("media_too_large", 0));
}

/// A picture of this size, as preflight and the sandbox each find it in its bytes.
fn sized(width: u32, height: u32) -> Picture {
    let Picture(mut media, bytes) = picture("image/png", 100);
    let header = [b"\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat();
    media.probe = media.probe.map(|probe| Probe { width, height, ..probe });
    Picture(media, [&bytes[..8], &header, &bytes[24..]].concat().into())
}

#[tokio::test]
async fn a_photo_that_is_too_long_or_too_narrow_is_refused_before_and_by_the_sandbox() {
    let telegram = connector();
    let server = connected(&telegram).await;
    for (width, height, fits) in [(9_000, 1_000, true), (9_000, 1_001, false), (2_000, 100, true), (100, 2_001, false)]
    {
        let photo = sized(width, height);
        let mut variant = Variant::text("look");
        variant.parts[0].media = vec![MediaRef::new(photo.0.id)];
        let broken = check(&variant, telegram.descriptor(), std::slice::from_ref(&photo.0), "/content");
        let codes: Vec<_> = broken.iter().map(|violation| violation.code.as_str()).collect();
        assert_eq!(codes, if fits { vec![] } else { vec!["media_dimensions"] }, "{width} x {height}");
        let sent = Case::new(&telegram, &server, variant, &photo).publish().await;
        match sent {
            Ok(_) => assert!(fits, "{width} x {height}"),
            Err(failure) => assert_eq!((failure.code(), fits), ("invalid_request", false), "{failure:?}"),
        }
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_read_sends_nothing() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut variant = Variant::text("look");
    variant.parts[0].media = vec![MediaRef::new("med_0198c0ffee0070008000000000000001".parse().unwrap())];
    let before = server.requests().await;
    assert_eq!(Case::new(&telegram, &server, variant, &small).publish().await, Err(Failure::Unavailable));
    assert_eq!(server.requests().await, before);
}

#[test]
fn a_text_may_be_longer_than_a_caption() {
    let telegram = connector();
    let small = picture("image/png", 100);
    for (length, pictures, fits) in [(4_096, 0, true), (4_097, 0, false), (1_024, 1, true), (1_025, 1, false)] {
        let mut variant = Variant::text("x".repeat(length));
        variant.parts[0].media = vec![MediaRef::new(small.0.id); pictures];
        let broken = check(&variant, telegram.descriptor(), std::slice::from_ref(&small.0), "/content");
        assert_eq!(broken.is_empty(), fits, "{length} beside {pictures}: {broken:?}");
    }
}

#[tokio::test]
async fn the_sandbox_refuses_what_preflight_refuses() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut caption = Variant::text("x".repeat(1_025));
    caption.parts[0].media = vec![MediaRef::new(small.0.id)];
    for variant in [Variant::text("x".repeat(4_097)), caption] {
        let failure = Case::new(&telegram, &server, variant, &small).publish().await.unwrap_err();
        let Failure::Rejected { code, detail } = failure else { panic!("{failure:?}") };
        assert_eq!(code, "invalid_request");
        assert!(detail.contains("too long"), "{detail}");
    }
}

#[tokio::test]
async fn refusals_are_told_apart_by_the_platforms_words_and_never_show_the_token() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let token = server.token.expose_secret().to_owned();
    let says = |code: u16, words: &str| json!({ "ok": false, "error_code": code, "description": words });
    let moved = json!({ "ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded",
        "parameters": { "migrate_to_chat_id": -100_500 } });
    for (code, body, expected) in [
        (403, says(403, "Forbidden: bot was kicked from the channel chat"), "revoked"),
        (403, says(403, "Forbidden: bot was blocked by the user"), "revoked"),
        (403, says(403, "Forbidden: bot is not a member of the channel chat"), "revoked"),
        (400, says(400, "Bad Request: need administrator rights in the channel chat"), "revoked"),
        (400, says(400, "Bad Request: chat not found"), "revoked"),
        (400, says(400, "Bad Request: not enough rights to send text messages to the chat"), "revoked"),
        (400, says(400, "Bad Request: have no rights to send a message"), "revoked"),
        (403, says(403, "Forbidden: the group chat was deleted"), "revoked"),
        (400, says(400, "Bad Request: not enough rights to send photos to the chat"), "forbidden"),
        (403, says(403, "Forbidden: not enough rights to send photos to the chat"), "forbidden"),
        (400, moved, "revoked"),
        (403, says(403, "Forbidden: something else"), "forbidden"),
        (400, says(400, &format!("Bad Request:\r\n{token} {}", "y".repeat(999))), "invalid_request"),
        (413, says(413, "Request Entity Too Large"), "media_too_large"),
        (404, says(404, "Not Found"), "not_found"),
        (400, json!({ "unknown": "shape" }), "unconfirmed"),
        (400, json!({ "ok": true, "description": "chat not found" }), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({ "code": code, "body": body })).await;
        let failure = Case::new(&telegram, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{body}");
        let shown = format!("{failure:?}");
        assert!(!shown.contains(&token) && !shown.contains("\\r") && shown.len() < 500, "{shown}");
    }
}

#[test]
fn as_many_messages_are_counted_for_a_chat_as_a_group_takes_in_a_minute() {
    assert_eq!(quotas(connector().descriptor()), [("messages-1m", QuotaScope::Account, 20, 60)]);
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait_or_nothing_that_could_be_believed() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    for (seconds, believed) in [(json!(35), Some(35)), (json!(-1), None), (json!(999_999), None), (json!(null), None)] {
        let body = json!({ "ok": false, "error_code": 429, "description": "Too Many Requests",
            "parameters": { "retry_after": seconds } });
        server.order("create_post", "status", json!({ "code": 429, "body": body })).await;
        let now = server.now();
        let failure = Case::new(&telegram, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(believed).map_or(wait == believed, |(a, b)| (a - b).abs() <= 2), "{seconds}: {wait:?}");
    }
}

#[tokio::test]
async fn a_success_counts_only_for_a_message_of_the_accounts_own_chat() {
    let telegram = connector();
    let mut server = connected(&telegram).await;
    let small = picture("image/png", 100);
    for body in [
        json!({ "ok": true, "result": { "message_id": 5, "chat": { "id": -1 } } }),
        json!({ "ok": true, "result": { "message_id": 0, "chat": { "id": -1_001_000_000_001_i64 } } }),
        json!({ "ok": true, "result": [] }),
        json!({ "ok": false, "result": { "message_id": 5, "chat": { "id": -1_001_000_000_001_i64 } } }),
    ] {
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        let failure = Case::new(&telegram, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert!(matches!(failure, Failure::Unconfirmed { .. }), "{body}: {failure:?}");
    }
    server.token = "no/token".to_owned().into();
    let requests = server.requests().await;
    let failure = Case::new(&telegram, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    assert_eq!((failure, server.requests().await), (Failure::Unauthorized, requests));
}

#[tokio::test]
async fn nothing_can_be_read_back_so_a_lost_answer_stays_a_doubt() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&telegram, &server, Variant::text("lost"), &small);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Unreadable));
}

#[tokio::test]
async fn a_person_names_messages_of_this_very_chat_only() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let named = |post: &str| telegram.named(&server.app, &server.account, post).and_then(|receipt| receipt.id);
    for post in [
        "5",
        "https://t.me/harbour_coffee_demo/5",
        "https://t.me/s/Harbour_Coffee_Demo/5?x=1",
        "https://t.me/c/1000000001/5",
    ] {
        assert_eq!(named(post).as_deref(), Some("5"), "{post}");
    }
    for post in [
        "",
        "05",
        "-5",
        "5 ",
        "https://t.me/another_channel/5",
        "https://t.me/c/1000000002/5",
        "https://t.me/harbour_coffee_demo/5/6",
        "https://evil.example/harbour_coffee_demo/5",
        "http://t.me/harbour_coffee_demo/5",
        "https://t.me@evil.example/harbour_coffee_demo/5",
    ] {
        assert_eq!(named(post), None, "{post}");
    }
}

#[test]
fn only_chats_that_have_addresses_get_one() {
    let app = PlatformApp::none();
    assert_eq!(web(&app, "-1001", Some("name"), "5").as_deref(), Some("https://t.me/name/5"));
    assert_eq!(web(&app, "-1001000000002", None, "5").as_deref(), Some("https://t.me/c/1000000002/5"));
    assert_eq!(web(&app, "-4001", None, "5"), None);
}
