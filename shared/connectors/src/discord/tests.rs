#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod polls;
mod rules;
mod slow;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture, thread};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Failure, Finding, MediaRef, Receipt, Variant};
use ports::{Entries, Find, KeyFailure, Publish, PublishCall, Wording};
use secrecy::SecretString;
use serde_json::json;

const TOKEN: &str = "MTIwMDAwMDAwMDAwMDAwMDAwMQ.GabcDE.harbour-bot-of-the-sandbox";

fn connector() -> Discord {
    Discord::new(Http::new(egress()))
}

async fn connected(discord: &Discord) -> Connected {
    Connected::start(discord, "harbour_bot", 0).await
}

fn entries(token: &str, channel: &str) -> Entries {
    let entry = |text: &str| SecretString::from(text.to_owned());
    Entries::from([("token".into(), entry(token)), ("channel".into(), entry(channel))])
}

impl Known for Discord {
    const FACTS: Facts = Facts::USUAL;
}

#[tokio::test]
async fn discord_keeps_the_contract() {
    let discord = connector();
    let server = connected(&discord).await;
    contract::run(&discord, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn only_a_channel_that_the_bot_sees_and_that_takes_messages_is_connected() {
    let discord = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("discord");
    for (channel, name) in [("1300000000000000001", "#announcements"), ("1300000000000000002", "#news")] {
        let keyed = discord.check(&app, &entries(TOKEN, channel)).await.unwrap();
        assert_eq!(keyed.profile.external_id, format!("1400000000000000001/{channel}"));
        assert_eq!((keyed.profile.name.as_str(), keyed.pair.access.expose_secret()), (name, TOKEN));
    }
    for (token, channel, wrong) in [
        (TOKEN, "1300000000000000004", "channel"),
        (TOKEN, "1300000000000000005", "channel"),
        (TOKEN, "1300000000000000009", "channel"),
        (TOKEN, "announcements", "channel"),
        (TOKEN, "1/messages", "channel"),
        ("MTIwMDAwMDAwMDAwMDAwMDAwMQ.GabcDE.wrong", "1300000000000000001", "token"),
        ("a token with spaces in between", "1300000000000000001", "token"),
        ("", "1300000000000000001", "token"),
    ] {
        let failure = discord.check(&app, &entries(token, channel)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{channel}: {failure:?}") };
        assert_eq!(field, wrong, "{channel}");
        assert!(token.is_empty() || !detail.contains(token), "{detail}");
    }
    sandbox.fault("discord", "me", "garbage", json!({})).await;
    let lost = discord.check(&app, &entries(TOKEN, "1300000000000000001")).await.unwrap_err();
    assert_eq!(lost, KeyFailure::Unavailable);
    // The bot is told, and then a proxy answers instead of the channel.
    let proxy = json!({ "code": 404, "body": "<html>gone</html>" });
    let order = json!({ "platform": "discord", "op": "me", "kind": "status", "skip": 1, "params": proxy });
    sandbox.control("faults", &order).await;
    let lost = discord.check(&app, &entries(TOKEN, "1300000000000000001")).await.unwrap_err();
    assert_eq!(lost, KeyFailure::Unavailable);
}

#[tokio::test]
async fn a_video_goes_along_as_a_file_of_the_message_and_is_known_again() {
    let discord = connector();
    let server = connected(&discord).await;
    let film = picture("video/mp4", 1_500_000);
    let mut variant = Variant::text("a film");
    variant.parts[0].media.push(MediaRef { alt_text: Some("ships".into()), ..MediaRef::new(film.0.id) });
    let mut case = Case::new(&discord, &server, variant, &film);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
    let live = server.live().await;
    let media = &live[0]["media"][0];
    assert_eq!(media["alt"], "ships");
    let id = media["id"].as_str().unwrap();
    assert!(server.sandbox.bytes(&format!("/media/discord/{id}")).await == film.1, "other bytes arrived");
}

#[tokio::test]
async fn documents_go_along_under_their_titles_and_are_known_again() {
    let discord = connector();
    let server = connected(&discord).await;
    let paper = picture("application/pdf", 3_000);
    let mut variant = Variant::text("our menus");
    let titled = |title: &str| MediaRef {
        title: Some(title.into()),
        alt_text: Some("what there is".into()),
        ..MediaRef::new(paper.0.id)
    };
    variant.parts[0].media = vec![titled("Menü \"Mai\""), titled(" ")];
    let mut case = Case::new(&discord, &server, variant.clone(), &paper);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found") };
    let live = server.live().await;
    let raw: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    let attachments = raw["attachments"].as_array().unwrap();
    assert_eq!((&attachments[0]["title"], &attachments[1]["title"]), (&json!("Menü \"Mai\""), &json!(null)));
    assert_eq!(attachments[0]["filename"], json!("Menü Mai.pdf"));
    assert_eq!(attachments[0]["description"], json!("what there is"));
    assert!(server.shown(&live[0]["media"][1]).await == paper.1, "other bytes arrived");
    case.delete(&receipt).await.unwrap();
    // Of a picture no title is sent: what it shows is its description.
    let small = picture("image/png", 100);
    let mut variant = Variant::text("look");
    variant.parts[0].media = vec![MediaRef { title: Some("a title".into()), ..MediaRef::new(small.0.id) }];
    Case::new(&discord, &server, variant, &small).publish().await.unwrap();
    assert!(!server.live().await[0]["raw"].as_str().unwrap().contains("a title"));
}

#[tokio::test]
async fn a_history_that_the_bot_may_not_read_proves_nothing() {
    let discord = connector();
    let mut server = connected(&discord).await;
    let press = discord.check(&server.app, &entries(TOKEN, "1300000000000000006")).await.unwrap();
    server.account.profile = press.profile;
    let small = picture("image/png", 100);
    let mut case = Case::new(&discord, &server, thread(&["one", "two"]), &small);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent), "nothing was ever said there");
    for (kind, params, expected) in [
        ("status", json!({ "code": 200, "body": { "id": "1300000000000000006" } }), Ok(Finding::Unreadable)),
        ("garbage", json!({}), Err(Failure::Unavailable)),
    ] {
        // After the bot, the channel is asked for.
        let order = json!({ "platform": "discord", "op": "me", "kind": kind, "skip": 1, "params": params });
        server.sandbox.control("faults", &order).await;
        assert_eq!(case.find().await, expected, "{kind}");
    }
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "it is live, and the listing is empty");
    case.publish().await.unwrap();
    assert!(matches!(case.publish().await, Err(Failure::Revoked { .. })), "a reply needs the history too");
}

#[tokio::test]
async fn a_message_of_somebody_else_is_not_deleted_and_the_account_is_none_the_worse() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let theirs = server.with(server.sandbox.keys("discord", "other_bot").await["token"].clone());
    let posted = Case::new(&discord, &theirs, Variant::text("theirs"), &small).publish().await.unwrap();
    let ours = Case::new(&discord, &server, Variant::text("ours"), &small);
    let refused = ours.delete(&posted.receipt).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden");
    assert_eq!(server.live().await.len(), 1);
    let nameless = ours.delete(&Receipt { id: Some("1/../2".into()), url: None }).await.unwrap_err();
    assert!(matches!(nameless, Failure::Unsupported { .. }));
}

#[tokio::test]
async fn a_text_of_the_longest_length_passes_and_what_is_counted_here_is_never_less() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let rule = &discord.descriptor().limits.text;
    for (text, fits) in
        [("x".repeat(2_000), true), ("x".repeat(2_001), false), ("🎉".repeat(1_000), true), ("🎉".repeat(1_001), false)]
    {
        assert_eq!(rule.count(&text) <= rule.limit(), fits);
        let published = Case::new(&discord, &server, Variant::text(text), &small).publish().await;
        let code = published.as_ref().map_or_else(Failure::code, |_| "published");
        assert_eq!(code, if fits { "published" } else { "content_too_long" });
    }
}

#[tokio::test]
async fn pictures_that_are_too_large_together_do_not_leave() {
    let discord = connector();
    let server = connected(&discord).await;
    for (count, size, fits) in [(1, 10 * 1024 * 1024, true), (3, 8 * 1024 * 1024, true), (3, 9 * 1024 * 1024, false)] {
        let large = picture("image/png", size);
        let mut variant = Variant::text(format!("{count} of {size}"));
        variant.parts[0].media = vec![MediaRef { alt_text: Some(String::new()), ..MediaRef::new(large.0.id) }; count];
        let (sent, published) =
            (server.requests().await, Case::new(&discord, &server, variant, &large).publish().await);
        let code = published.as_ref().map_or_else(Failure::code, |_| "published");
        assert_eq!(code, if fits { "published" } else { "media_too_large" });
        assert_eq!(server.requests().await - sent, u64::from(fits));
    }
    let live = server.live().await;
    assert_eq!(live[0]["media"][0]["alt"], json!(null), "no text is no description");
}

#[tokio::test]
async fn what_looks_like_a_command_is_sent_to_the_letter_and_notifies_nobody() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let text = "@everyone @here <@1200000000000000001> <@&1> <#1300000000000000002> /kick \"}],\"x\":1 \u{202e}gnp.exe";
    let variant = Variant::text(text);
    assert_eq!(discord.render(&variant), [text]);
    Case::new(&discord, &server, variant, &small).publish().await.unwrap();
    let live = server.live().await;
    let sent: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!((&sent["content"], &sent["allowed_mentions"]), (&json!(text), &json!({ "parse": [] })));
}

#[tokio::test]
async fn a_revoked_token_is_no_refusal_of_the_post() {
    let discord = connector();
    let server = connected(&discord).await;
    server.sandbox.revoke("discord").await;
    let small = picture("image/png", 100);
    let failure = Case::new(&discord, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized);
}

#[tokio::test]
async fn a_thread_is_a_chain_of_replies_and_resumes_where_the_doubt_was() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&discord, &server, thread(&["one", "two", "three"]), &small);
    case.publish().await.unwrap();
    for (fault, found) in [(Fault::DropBeforeCommit, false), (Fault::CommitThenDrop, true)] {
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        match case.find().await.unwrap() {
            Finding::Found(receipt) if found => case.before.push(receipt),
            Finding::Absent if !found => {}
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!(live.len(), 3);
    assert_eq!(
        (live[1]["reply_to"].clone(), live[2]["reply_to"].clone()),
        (live[0]["id"].clone(), live[1]["id"].clone())
    );
    let gone = Receipt { id: Some("999".into()), url: None };
    let mut broken = Case::new(&discord, &server, thread(&["a", "b"]), &small);
    broken.before = vec![gone];
    assert!(matches!(broken.publish().await, Err(Failure::Rejected { code, .. }) if code == "reply_refused"));
    broken.before[0].id = None;
    assert!(matches!(broken.publish().await, Err(Failure::Rejected { code, .. }) if code == "thread_parent_unknown"));
}

#[tokio::test]
async fn the_same_part_sent_again_within_minutes_is_the_same_message() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&discord, &server, Variant::text("once"), &small);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let receipt = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    assert_eq!((live.len(), live[0]["id"].as_str()), (1, receipt.id.as_deref()));
}

#[tokio::test]
async fn another_bots_message_or_an_older_one_is_not_taken_for_the_lost_one() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let other = server.sandbox.keys("discord", "other_bot").await["token"].clone();
    let ours = Case::new(&discord, &server, Variant::text("same words"), &small);
    let theirs = server.with(other);
    Case::new(&discord, &theirs, Variant::text("same words"), &small).publish().await.unwrap();
    // Nor is it nothing: that bot may have spoken for the channel when the request left.
    assert_eq!(ours.find().await, Ok(Finding::Resembling(1)));
    // What stands in the channel since before the request left is nobody's doubt.
    let mut first = Case::new(&discord, &server, Variant::text("said before"), &small);
    first.publish().await.unwrap();
    let variant = Variant::text("said before");
    let call = call_of(&server, &variant, &small);
    let late = discord.find(&call, server.now() + jiff::SignedDuration::from_mins(5)).await;
    assert_eq!(late, Ok(Finding::Absent));
}

fn call_of<'a>(server: &'a Connected, variant: &'a Variant, bytes: &'a Picture) -> PublishCall<'a> {
    PublishCall {
        app: &server.app,
        account: &server.account,
        token: &server.token,
        variant,
        part: 0,
        key: "key".into(),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        before: &[],
        elsewhere: &[],
        progress: None,
        media: &[],
        bytes,
        now: server.now(),
        until: server.now(),
        levels: None,
    }
}

#[tokio::test]
async fn a_channel_is_read_page_by_page_and_absence_needs_the_last_one() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let mut lost = Case::new(&discord, &server, Variant::text("the lost one"), &small);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    for n in 0..105 {
        Case::new(&discord, &server, Variant::text(format!("number {n}")), &small).publish().await.unwrap();
    }
    assert!(matches!(lost.find().await, Ok(Finding::Found(_))), "on the second page");
    server.order("list", "garbage", json!({})).await;
    assert_eq!(lost.find().await, Err(Failure::Unavailable));
    server.order("list", "lag_reads_ms", json!({"ms": 60_000})).await;
    assert_eq!(lost.find().await, Ok(Finding::Unreadable), "a list that shows nothing of what was said");
    server.order("list", "status", json!({"code": 403, "body": {"message": "Missing Access", "code": 50_001}})).await;
    assert!(matches!(lost.find().await, Err(Failure::Revoked { .. })));
}

#[tokio::test]
async fn what_somebody_changed_there_is_not_called_absent_and_two_that_fit_are_several() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    for _ in 0..2 {
        let mut twin = Case::new(&discord, &server, Variant::text("our words about the harbour"), &small);
        twin.key.push_str(&server.requests().await.to_string());
        twin.publish().await.unwrap();
    }
    let case = Case::new(&discord, &server, Variant::text("our words about the harbour"), &small);
    assert_eq!(case.find().await, Ok(Finding::Several(2)));
    let near = Case::new(&discord, &server, Variant::text("our words about the lighthouse"), &small);
    assert_eq!(near.find().await, Ok(Finding::Resembling(2)));
    let ids: Vec<String> = server.live().await.iter().map(|post| post["id"].as_str().unwrap().to_owned()).collect();
    let mut known = Case::new(&discord, &server, Variant::text("our words about the harbour"), &small);
    known.elsewhere = ids;
    assert_eq!(known.find().await, Ok(Finding::Absent));
}

#[tokio::test]
async fn ten_pictures_arrive_with_their_texts_and_nobody_is_notified() {
    let discord = connector();
    let server = connected(&discord).await;
    let large = picture("image/png", 250_000);
    let mut variant = Variant::text("@everyone look");
    variant.parts[0].media = vec![MediaRef { alt_text: Some("a harbour".into()), ..MediaRef::new(large.0.id) }; 10];
    Case::new(&discord, &server, variant, &large).publish().await.unwrap();
    let live = server.live().await;
    let media = live[0]["media"].as_array().unwrap();
    assert_eq!((media.len(), &media[9]["alt"]), (10, &json!("a harbour")));
    let shown = media[9]["id"].as_str().unwrap();
    assert_eq!(server.sandbox.bytes(&format!("/media/discord/{shown}")).await, large.1);
    let sent: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(sent["allowed_mentions"], json!({ "parse": [] }));
    assert!(sent["nonce"].as_str().unwrap().len() == 25 && sent["enforce_nonce"] == true);
}

/// A server of pictures that never answers.
struct Silent;

#[async_trait::async_trait]
impl ports::MediaReader for Silent {
    async fn open(&self, _: &domain::publishing::Media) -> Result<ports::MediaBytes, ports::MediaError> {
        std::future::pending().await
    }
    async fn peek(&self, _: &domain::publishing::Media, _: u32) -> Result<ports::Peek, ports::MediaError> {
        Err(ports::MediaError::Absent)
    }
}

#[tokio::test]
async fn a_picture_whose_server_never_answers_keeps_nobody_and_sends_nothing() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let mut variant = Variant::text("look");
    variant.parts[0].media = vec![MediaRef::new(small.0.id)];
    let soon = server.now() + jiff::SignedDuration::from_millis(200);
    let call = call_of(&server, &variant, &small);
    let stuck = PublishCall { bytes: &Silent, media: std::slice::from_ref(&small.0), until: soon, ..call };
    assert_eq!(discord.publish(&stuck).await, Err(Failure::Unavailable));
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn refusals_are_told_apart_by_their_codes_and_never_show_the_token() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let says = |code: i64, words: &str| json!({ "code": code, "message": words });
    for (status, body, expected) in [
        (404, says(10_003, "Unknown Channel"), "revoked"),
        (404, says(10_004, "Unknown Guild"), "revoked"),
        (403, says(50_001, "Missing Access"), "revoked"),
        (403, says(50_013, "Missing Permissions"), "revoked"),
        (400, says(160_002, "Cannot reply without permission to read message history"), "revoked"),
        (403, says(40_001, "Unauthorized"), "forbidden"),
        (404, says(10_015, "Unknown Webhook"), "not_found"),
        (400, says(50_006, "Cannot send an empty message"), "invalid_request"),
        (413, says(40_005, "Request entity too large"), "media_too_large"),
        (400, says(50_035, &format!("Invalid\r\n{TOKEN} {}", "y".repeat(999))), "invalid_request"),
        (400, json!({ "unknown": "shape" }), "unconfirmed"),
        (403, json!({ "code": 50_001, "message": "" }), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({ "code": status, "body": body })).await;
        let failure = Case::new(&discord, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{body}");
        let shown = format!("{failure:?}");
        assert!(!shown.contains(TOKEN) && !shown.contains("\\r") && shown.len() < 500, "{shown}");
    }
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait_in_its_body_or_its_header() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    for (params, believed) in [
        (json!({ "code": 429, "body": { "message": "m", "retry_after": 64.57, "global": false } }), Some(64)),
        (json!({ "code": 429, "body": "slow down", "retry_after": 30 }), Some(30)),
        (json!({ "code": 429, "body": { "message": "m", "code": 20_016, "retry_after": 13.4 } }), Some(13)),
        (json!({ "code": 403, "body": { "message": "m", "code": 20_028, "retry_after": 9.0 } }), Some(9)),
        (json!({ "code": 429, "body": { "message": "m", "retry_after": -5.0 } }), None),
        (json!({ "code": 429, "body": { "message": "m", "retry_after": 1e12 } }), None),
        (json!({ "code": 429, "body": "slow down" }), None),
    ] {
        server.order("create_post", "status", params.clone()).await;
        let now = server.now();
        let failure = Case::new(&discord, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(believed).map_or(wait == believed, |(a, b)| (a - b).abs() <= 2), "{params}: {wait:?}");
    }
}

#[tokio::test]
async fn what_the_bot_of_a_former_connection_may_have_said_is_not_called_absent() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let mut lost = Case::new(&discord, &server, Variant::text("the lost one"), &small);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    assert!(matches!(lost.find().await, Ok(Finding::Found(_))));
    // The channel is connected anew, with the token of another bot.
    for id in ["1500000000000000009", "1"] {
        server.order("me", "status", json!({ "code": 200, "body": { "id": id } })).await;
        assert_eq!(lost.find().await, Ok(Finding::Resembling(1)));
    }
    let id = server.live().await[0]["id"].clone();
    let said = |more: serde_json::Value| {
        let mut message = json!({
            "id": id, "channel_id": "1300000000000000001", "author": { "id": "9", "bot": true }, "content": "the  lost one",
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "code": 200, "body": [message] })
    };
    for (more, expected) in [
        (json!({}), Finding::Resembling(1)),
        (json!({ "author": { "id": "9" } }), Finding::Resembling(1)),
        (json!({ "content": "the other one" }), Finding::Absent),
        (json!({ "content": "" }), Finding::Resembling(1)),
        (json!({ "content": "", "attachments": [{}] }), Finding::Absent),
        // A person's words are withheld as well, and a webhook is no bot that was entered here.
        (json!({ "content": "", "author": { "id": "9" } }), Finding::Absent),
        (json!({ "webhook_id": "9" }), Finding::Absent),
        (json!({ "message_reference": { "message_id": "5" } }), Finding::Absent),
        (json!({ "id": "5" }), Finding::Absent),
    ] {
        server.order("list", "status", said(more.clone())).await;
        assert_eq!(lost.find().await, Ok(expected), "{more}");
    }
    lost.elsewhere = vec![id.as_str().unwrap().to_owned()];
    server.order("list", "status", said(json!({}))).await;
    assert_eq!(lost.find().await, Ok(Finding::Absent), "it is another post's");
}

#[tokio::test]
async fn a_success_counts_only_for_a_message_of_the_accounts_own_channel() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let of = |id: &str, channel: &str| json!({ "id": id, "channel_id": channel, "author": { "id": "1" } });
    for body in [of("5", "1300000000000000002"), of("x/y", "1300000000000000001"), json!({ "id": "5" })] {
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        let failure = Case::new(&discord, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert!(matches!(failure, Failure::Unconfirmed { .. }), "{body}: {failure:?}");
    }
}

#[tokio::test]
async fn a_person_names_messages_of_this_very_channel_only() {
    let discord = connector();
    let server = connected(&discord).await;
    let named = |post: &str| discord.named(&server.app, &server.account, post).and_then(|receipt| receipt.id);
    let place = "1400000000000000001/1300000000000000001";
    for post in [
        "5".to_owned(),
        format!("https://discord.com/channels/{place}/5"),
        format!("https://ptb.discord.com/channels/{place}/5"),
    ] {
        assert_eq!(named(&post).as_deref(), Some("5"), "{post}");
    }
    for post in [
        String::new(),
        "05".into(),
        "0".into(),
        "5 ".into(),
        "https://discord.com/channels/1400000000000000001/1300000000000000002/5".into(),
        format!("https://discord.com/channels/{place}/5/6"),
        format!("https://evil.example/channels/{place}/5"),
        format!("http://discord.com/channels/{place}/5"),
    ] {
        assert_eq!(named(&post), None, "{post}");
    }
}
