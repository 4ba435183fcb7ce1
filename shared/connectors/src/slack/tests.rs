#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod files;
mod rules;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture, quotas, thread};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::accounts::AccountKind;
use domain::publishing::{Finding, LinkCard, MediaRef, Receipt, Variant};
use ports::{AuthFailure, AuthorizeRequest, Find, Prepared, Publish, PublishCall, TokenPair, Wording};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

const WORKSPACE: &str = "harbour-coffee-demo";
const BACK: &str = "http://127.0.0.1:9/callback";
const GENERAL: &str = "T0HARBOUR1/C0GENERAL1";

fn connector() -> Slack {
    Slack::new(Http::new(egress()))
}

/// The workspace's first channel that the bot is in and may write to.
async fn connected(slack: &Slack) -> Connected {
    let mut server = Connected::start(slack, WORKSPACE, 0).await;
    at(&mut server, GENERAL);
    server
}

fn at(server: &mut Connected, place: &str) {
    place.clone_into(&mut server.account.profile.external_id);
}

fn call_of<'a>(server: &'a Connected, variant: &'a Variant, bytes: &'a Picture) -> PublishCall<'a> {
    PublishCall {
        app: &server.app,
        account: &server.account,
        token: &server.token,
        variant,
        part: 0,
        key: "key".into(),
        made_at: server.now(),
        before: &[],
        elsewhere: &[],
        progress: None,
        media: std::slice::from_ref(&bytes.0),
        bytes,
        now: server.now(),
        until: server.now() + jiff::SignedDuration::from_secs(30),
        levels: None,
    }
}

/// The code of what a publishing request came to.
async fn code_of(case: &mut Case<'_>) -> String {
    case.publish().await.as_ref().map_or_else(|failure| failure.code().to_owned(), |_| "published".into())
}

/// Its ids are numbers with a point, and its addresses do without it.
impl Known for Slack {
    const FACTS: Facts = Facts { shown_as: without_point, ..Facts::USUAL };
}

/// How an address has an id.
fn without_point(id: &str) -> String {
    format!("/p{}", id.replace('.', ""))
}

#[tokio::test]
async fn slack_keeps_the_contract() {
    let slack = connector();
    let server = connected(&slack).await;
    contract::run(&slack, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn a_workspace_comes_with_the_channels_the_bot_may_write_to_those_first_that_it_is_in() {
    let (server, slack) = (Sandbox::start().await, connector());
    let app = server.app("slack");
    let token = server.grant("slack", WORKSPACE, None).await;
    for page in [999, 2] {
        server.control("settings", &json!({ "slack_page": page })).await;
        let profiles = slack.auth().unwrap().profiles(&app, &token).await.unwrap();
        let names: Vec<&str> = profiles.iter().map(|p| p.name.split(' ').next().unwrap()).collect();
        assert_eq!(names, ["#closed", "#forum", "#general", "#rules", "#staff", "#ticker", "#random"], "{page}");
        assert_eq!(
            (profiles[2].external_id.as_str(), profiles[2].name.as_str()),
            (GENERAL, "#general (Harbour Coffee Demo)")
        );
        assert!(profiles.iter().all(|p| p.handle.as_deref() == Some(WORKSPACE) && p.kind == AccountKind::Organisation));
    }
    let other = server.grant("slack", "lighthouse-labs-demo", None).await;
    assert_eq!(slack.profiles(&app, &other).await.unwrap().len(), 1);
    for (op, kind, params) in [
        ("orgs", "status", json!({ "code": 503 })),
        ("orgs", "garbage", json!({})),
        ("me", "drop_before_commit", json!({})),
        ("me", "status", json!({ "code": 200, "body": { "ok": true, "team_id": "../x", "user_id": "U1" } })),
    ] {
        server.fault("slack", op, kind, params).await;
        assert_eq!(slack.profiles(&app, &token).await, Err(Failure::Unavailable), "{op} {kind}: none is lost silently");
    }
    let narrow = server.grant("slack", WORKSPACE, Some(&["chat:write", "channels:read"])).await;
    let failure = slack.profiles(&app, &narrow).await.unwrap_err();
    assert!(matches!(&failure, Failure::Revoked { detail } if detail == "missing_scope groups:read"), "{failure:?}");
}

#[tokio::test]
async fn a_workspace_of_many_channels_is_read_so_far_and_one_with_another_address_has_no_name_in_it() {
    let (server, slack) = (Sandbox::start().await, connector());
    let app = server.app("slack");
    let token = server.grant("slack", WORKSPACE, None).await;
    let channel = |n: usize| json!({ "id": format!("C{n:09}"), "name": format!("c{n}"), "is_member": n == 599 });
    let many: Vec<Value> = (0..600).map(channel).collect();
    let body = json!({ "ok": true, "channels": many, "response_metadata": { "next_cursor": "" } });
    server.fault("slack", "orgs", "status", json!({ "code": 200, "body": body })).await;
    let profiles = slack.profiles(&app, &token).await.unwrap();
    assert_eq!((profiles.len(), profiles[0].external_id.as_str()), (500, "T0HARBOUR1/C000000599"));

    let odd = json!([{ "id": "C1/../2" }, { "id": "C0", "is_archived": true }, { "id": "C1", "is_private": true }, { "id": "C2" }]);
    let body = json!({ "ok": true, "channels": odd, "response_metadata": { "next_cursor": "more" } });
    let endless = json!({ "platform": "slack", "op": "orgs", "kind": "status", "times": 0, "params": { "code": 200, "body": body } });
    server.control("faults", &endless).await;
    for (url, handle) in [
        ("https://acme.enterprise.slack.com/", Some("acme.enterprise")),
        ("https://acme.slack.com.evil.example/", None),
        ("https://evil.example/?.slack.com", None),
        ("https://.slack.com/", None),
        ("", None),
    ] {
        let me = json!({ "ok": true, "team": "Acme", "team_id": "T0HARBOUR1", "user_id": "U1", "url": url });
        server.fault("slack", "me", "status", json!({ "code": 200, "body": me })).await;
        let before = server.json("/control/state").await["calls"]["slack.orgs"].as_u64().unwrap();
        let profiles = slack.profiles(&app, &token).await.unwrap();
        let ids: Vec<&str> = profiles.iter().map(|p| p.external_id.as_str()).collect();
        assert_eq!((ids, profiles[0].handle.as_deref()), (vec!["T0HARBOUR1/C2"], handle), "{url}");
        let calls = server.json("/control/state").await["calls"]["slack.orgs"].as_u64().unwrap();
        assert_eq!(calls - before, 25, "it ends some time");
    }
}

#[tokio::test]
async fn a_first_comment_stands_in_the_thread_of_its_post() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let variant = Variant { first_comment: Some("more & more".into()), ..Variant::text("one") };
    assert_eq!(slack.render(&variant), ["one", "more &amp; more"]);
    let mut case = Case::new(&slack, &server, variant, &small);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((&live[1]["text"], &live[1]["reply_to"]), (&json!("more & more"), &live[0]["id"]));
}

#[tokio::test]
async fn a_text_of_the_longest_length_passes_and_entities_count_as_they_are_sent() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let rule = &slack.descriptor().limits.text;
    for (text, fits) in
        [("x".repeat(4_000), true), ("x".repeat(4_001), false), ("&".repeat(800), true), ("<".repeat(1_001), false)]
    {
        assert_eq!(rule.count(&text) <= rule.limit(), fits);
        let variant = Variant::text(text);
        assert!(!fits || slack.render(&variant)[0].encode_utf16().count() <= 4_000);
        Case::new(&slack, &server, variant, &small).publish().await.unwrap();
    }
    assert!(server.live().await.iter().all(|post| post["truncated"] == false));
}

#[tokio::test]
async fn what_looks_like_a_command_notifies_nobody_with_or_without_a_picture() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let text = "<!channel> @here <@U0ADADEMO1> <#C0RANDOM01> &lt;!here&gt; <https://evil.example|ours> @channel";
    for pictures in [0, 1] {
        let mut variant = Variant::text(text);
        variant.parts[0].media = vec![MediaRef::new(small.0.id); pictures];
        Case::new(&slack, &server, variant, &small).publish().await.unwrap();
        let live = server.live().await;
        let post = live.last().unwrap();
        assert_eq!(post["text"], text);
        let sent: Value = serde_json::from_str(post["raw"].as_str().unwrap()).unwrap();
        assert!(!sent.to_string().contains("<!") && !sent.to_string().contains("<@"), "{sent}");
        assert_eq!((&sent["unfurl_links"], &sent["unfurl_media"]), (&json!(true), &json!(true)));
        assert_eq!(sent["blocks"][0]["text"]["verbatim"], if pictures > 0 { json!(true) } else { json!(null) });
    }
}

#[tokio::test]
async fn a_link_stands_in_the_text_and_the_metadata_name_the_part_and_nothing_of_ours() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let link = LinkCard { url: "https://example.com/a?b=1&c=2".into(), title: None, description: None };
    let mut case = Case::new(&slack, &server, Variant { link: Some(link), ..Variant::text("see") }, &small);
    case.key = "post_1.acc_2".into();
    let receipt = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    assert_eq!(live[0]["text"], "see\nhttps://example.com/a?b=1&c=2");
    let sent: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(sent["metadata"]["event_type"], "herald_post");
    let part = sent["metadata"]["event_payload"]["part"].as_str().unwrap();
    assert!(part.len() == 40 && !sent.to_string().contains("acc_2"), "{sent}");
    let digits = receipt.id.unwrap().replace('.', "");
    assert!(receipt.url.unwrap().ends_with(&format!("/slack/archives/C0GENERAL1/p{digits}")));
}

#[test]
fn messages_are_at_the_workspaces_own_address_unless_the_operator_says_where() {
    let app = PlatformApp::none();
    let of = |handle: Option<&str>| Profile {
        external_id: GENERAL.into(),
        name: String::new(),
        handle: handle.map(str::to_owned),
        kind: AccountKind::Organisation,
        home: None,
    };
    let (ts, root) = ("1503435956.000247", "1503435950.000001");
    assert_eq!(
        web(&app, &of(Some("acme")), ts, None).as_deref(),
        Some("https://acme.slack.com/archives/C0GENERAL1/p1503435956000247")
    );
    assert_eq!(
        web(&app, &of(Some("acme")), ts, Some(root)).as_deref(),
        Some("https://acme.slack.com/archives/C0GENERAL1/p1503435956000247?thread_ts=1503435950.000001&cid=C0GENERAL1")
    );
    assert_eq!(web(&app, &of(None), ts, None), None, "nothing is invented");
}

#[tokio::test]
async fn a_thread_answers_its_first_part_and_resumes_where_the_doubt_was() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&slack, &server, thread(&["one", "two", "three"]), &small);
    case.publish().await.unwrap();
    for (fault, found) in [(Fault::DropBeforeCommit, false), (Fault::CommitThenDrop, true)] {
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        match case.find().await.unwrap() {
            Finding::Proved(receipt) if found => {
                assert!(receipt.url.as_deref().unwrap().contains("?thread_ts="), "{receipt:?}");
                case.before.push(receipt);
            }
            Finding::Absent if !found => {}
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!(live.len(), 3);
    let first = live[0]["id"].clone();
    assert!(live[1..].iter().all(|post| post["reply_to"] == first), "a thread has one level");
    let gone = Receipt { id: Some("1503435956.000247".into()), url: None };
    let mut broken = Case::new(&slack, &server, thread(&["a", "b"]), &small);
    broken.before = vec![gone];
    let requests = server.requests().await;
    assert_eq!(code_of(&mut broken).await, "reply_refused");
    assert_eq!(server.requests().await, requests, "nothing is sent");
    assert_eq!(broken.find().await, Ok(Finding::Unreadable), "the thread is not there");
    broken.before[0] = Receipt::NAMELESS;
    assert_eq!(code_of(&mut broken).await, "thread_parent_unknown");
}

#[tokio::test]
async fn a_part_whose_thread_is_gone_is_not_sent_into_the_channel() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let variant = thread(&["one", "two", "three"]);
    let mut case = Case::new(&slack, &server, variant.clone(), &small);
    case.publish().await.unwrap();
    // What Slack does not show yet is waited for.
    let not_found = json!({ "code": 200, "body": { "ok": false, "error": "thread_not_found" } });
    server.order("list", "status", not_found).await;
    assert_eq!(case.prepare().await, Ok(1));
    case.publish().await.unwrap();
    case.delete(&case.before[1].clone()).await.unwrap();
    case.delete(&case.before[0].clone()).await.unwrap();
    assert_eq!(code_of(&mut case).await, "reply_refused");
    assert_eq!((server.requests().await, server.live().await.len()), (2, 0), "and nothing was sent");
    let early = PublishCall { part: 1, before: &case.before[..1], ..call_of(&server, &variant, &small) };
    let Ok(Prepared::Wait { until, .. }) = slack.prepare(&early).await else { panic!("it may not show yet") };
    assert!(until.duration_since(early.now).as_secs() <= 60);
    for (kind, params, expected) in [
        ("status", json!({ "code": 429, "retry_after": 60 }), "rate_limited"),
        ("status", json!({ "code": 503 }), "unavailable"),
        ("garbage", json!({}), "unavailable"),
        ("cut_body", json!({}), "unavailable"),
        ("drop_before_commit", json!({}), "unavailable"),
        ("status", json!({ "code": 401 }), "unauthorized"),
        ("status", json!({ "code": 200, "body": { "ok": true, "messages": [] } }), "reply_refused"),
    ] {
        let mut case = Case::new(&slack, &server, variant.clone(), &small);
        case.publish().await.unwrap();
        server.order("list", kind, params.clone()).await;
        if expected == "reply_refused" {
            case.delete(&case.before[0].clone()).await.unwrap();
        }
        assert_eq!(code_of(&mut case).await, expected, "{kind} {params}");
    }
}

#[tokio::test]
async fn where_the_channel_cannot_be_read_a_part_that_slack_put_into_it_is_the_last_one() {
    let slack = connector();
    let mut server = connected(&slack).await;
    let small = picture("image/png", 100);
    at(&mut server, "T0HARBOUR1/C0RANDOM01");
    let mut whole = Case::new(&slack, &server, thread(&["one", "two", "three"]), &small);
    for _ in 0..3 {
        whole.publish().await.unwrap();
    }
    let mut case = Case::new(&slack, &server, thread(&["a", "b", "c"]), &small);
    case.publish().await.unwrap();
    case.delete(&case.before[0].clone()).await.unwrap();
    let astray = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    let posted = live.last().unwrap();
    assert_eq!((&posted["text"], &posted["reply_to"], &posted["id"]), (&json!("b"), &json!(null), &json!(astray.id)));
    let url = astray.url.unwrap();
    assert!(url.contains("/archives/C0RANDOM01/p") && !url.contains("thread_ts"), "where it is: {url}");
    let requests = server.requests().await;
    assert_eq!(code_of(&mut case).await, "reply_refused");
    assert_eq!(server.requests().await, requests, "nothing is sent");
    // What a person named proves no such thing.
    let address = format!(
        "{}?thread_ts=1503435950.000001&cid=C0RANDOM01",
        whole.before[1].url.as_deref().unwrap().split('?').next().unwrap()
    );
    let named = slack.named(&server.app, &server.account, &address).unwrap();
    assert_eq!(named.url.as_deref(), Some(address.as_str()));
    for named in [named, Receipt::NAMELESS] {
        whole.before = vec![whole.before[0].clone(), named];
        whole.publish().await.unwrap();
    }
}

#[tokio::test]
async fn ten_pictures_arrive_with_their_texts_below_a_long_one() {
    let slack = connector();
    let server = connected(&slack).await;
    let large = picture("image/png", 250_000);
    let text = "All of it & more, at https://example.com/?a=1&b=2 today. ".repeat(60);
    let mut variant = Variant::text(text.trim());
    variant.parts[0].media = vec![MediaRef { alt_text: Some("a harbour <b>".into()), ..MediaRef::new(large.0.id) }; 9];
    variant.parts[0].media.push(MediaRef { alt_text: Some(String::new()), ..MediaRef::new(large.0.id) });
    assert!(slack.descriptor().limits.text.count(text.trim()) <= 4_000);
    Case::new(&slack, &server, variant, &large).publish().await.unwrap();
    let live = server.live().await;
    let media = live[0]["media"].as_array().unwrap();
    assert_eq!((media.len(), &media[8]["alt"], &media[9]["alt"]), (10, &json!("a harbour <b>"), &json!("Picture")));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(live[0]["text"].as_str().unwrap()), words(&text));
    let shown = media[9]["id"].as_str().unwrap();
    assert_eq!(server.sandbox.bytes(&format!("/media/slack/{shown}")).await, large.1);
    let sent: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert!(
        sent["blocks"][0]["text"]["text"].as_str().unwrap().contains("<https://example.com/?a=1&amp;b=2>"),
        "{sent}"
    );
}

#[tokio::test]
async fn a_picture_is_uploaded_once_and_nothing_leaves_before_slack_has_looked_at_it() {
    let slack = connector();
    let server = connected(&slack).await;
    let png = picture("image/png", 5_000);
    let mut variant = Variant::text("with picture");
    variant.parts[0].media.push(MediaRef::new(png.0.id));
    server.sandbox.control("settings", &json!({ "slack_file_ms": 60_000 })).await;
    let call = call_of(&server, &variant, &png);
    assert!(slack.needs_preparing(&call));
    let Prepared::More(progress) = slack.prepare(&call).await.unwrap() else { panic!("its id is kept first") };
    let again = PublishCall { progress: Some(&progress), ..call };
    let Prepared::Wait { until, .. } = slack.prepare(&again).await.unwrap() else { panic!("it is not ready yet") };
    assert_eq!(until.duration_since(again.now).as_secs(), 3);
    assert_eq!(slack.publish(&again).await, Err(Failure::Unavailable), "not without it");
    assert_eq!(server.requests().await, 0);
    let uploads = server.sandbox.json("/control/state").await["calls"]["slack.media"].clone();
    assert!(matches!(slack.prepare(&again).await, Ok(Prepared::Wait { .. })));
    assert_eq!(server.sandbox.json("/control/state").await["calls"]["slack.media"], uploads, "uploaded once");
    let late = PublishCall { until: call_of(&server, &variant, &png).now, ..again };
    assert_eq!(slack.prepare(&PublishCall { now: late.until, ..late }).await, Ok(Prepared::More(progress.clone())));
    // Nothing of one part's is taken for another's.
    let mut two = thread(&["one", "two"]);
    two.parts.iter_mut().for_each(|part| part.media.push(MediaRef::new(png.0.id)));
    let done = json!({ "part": 0, "files": ["F012345678"], "ready": 1 });
    let first = PublishCall { progress: Some(&done), ..call_of(&server, &two, &png) };
    assert_eq!(media::ready(&first), Some(vec!["F012345678".to_owned()]));
    assert_eq!(media::ready(&PublishCall { part: 1, ..first }), None);
}

#[tokio::test]
async fn a_picture_that_is_gone_before_the_next_try_is_uploaded_again_with_a_bound() {
    let slack = connector();
    let server = connected(&slack).await;
    let png = picture("image/png", 100);
    let mut variant = Variant::text("with pictures");
    variant.parts[0].media =
        ["one", "two", "three"].map(|alt| MediaRef { alt_text: Some(alt.into()), ..MediaRef::new(png.0.id) }).to_vec();
    let mut case = Case::new(&slack, &server, variant.clone(), &png);
    server.order("create_post", "status", json!({ "code": 503 })).await;
    case.publish().await.unwrap_err();
    let files = case.progress.as_ref().unwrap()["files"].clone();
    // Somebody tidies up in the workspace.
    let deleted = post(&server.app, "files.delete", &[("file", files[1].as_str().unwrap())]);
    let answer = Http::new(egress()).call(deleted.bearer(&server.token)).await.unwrap();
    assert!(good::<Value>(&answer).is_some());
    case.publish().await.unwrap();
    let live = server.live().await;
    let shown = live[0]["media"].as_array().unwrap();
    let alts: Vec<&str> = shown.iter().map(|media| media["alt"].as_str().unwrap()).collect();
    assert_eq!((alts, &shown[0]["id"]), (vec!["one", "two", "three"], &files[0]));
    let uploads = async || server.sandbox.json("/control/state").await["calls"]["slack.media"].as_u64().unwrap();
    for error in ["file_deleted", "file_not_found", "not_visible"] {
        let mut case = Case::new(&slack, &server, variant.clone(), &png);
        let gone = json!({ "platform": "slack", "op": "media_status", "kind": "status", "times": 4,
                           "params": { "code": 200, "body": { "ok": false, "error": error } } });
        server.sandbox.control("faults", &gone).await;
        let before = uploads().await;
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{error}");
        assert_eq!(uploads().await - before, 4 * 3 * 3, "three calls for each of three pictures, four times");
        case.publish().await.unwrap();
        assert_eq!(uploads().await - before, 4 * 3 * 3, "what shows up late is taken");
    }
}

#[tokio::test]
async fn a_picture_that_slack_does_not_show_or_take_is_no_doubt() {
    let slack = connector();
    let server = connected(&slack).await;
    let mut words = picture("image/png", 100);
    words.1 = b"only words".as_slice().into();
    words.0.probe.as_mut().unwrap().bytes = 10;
    let png = picture("image/png", 100);
    let with = |picture: &Picture| {
        let mut variant = Variant::text("with picture");
        variant.parts[0].media.push(MediaRef::new(picture.0.id));
        variant
    };
    let mut case = Case::new(&slack, &server, with(&words), &words);
    assert_eq!(code_of(&mut case).await, "media_processing_failed");
    let to = |url: &str| json!({ "code": 200, "body": { "ok": true, "upload_url": url, "file_id": "F012345678" } });
    for (op, skip, kind, params, expected) in [
        ("media", 0, "status", json!({ "code": 503 }), "unavailable"),
        (
            "media",
            0,
            "status",
            json!({ "code": 200, "body": { "ok": false, "error": "file_uploads_disabled" } }),
            "media_refused",
        ),
        ("media", 0, "status", to("https://evil.example/upload/1"), "unavailable"),
        ("media", 0, "status", to("http://169.254.169.254/"), "unavailable"),
        ("media", 1, "status", json!({ "code": 401 }), "unavailable"),
        ("media", 1, "drop_before_commit", json!({}), "unavailable"),
        ("media", 2, "garbage", json!({}), "unavailable"),
        ("media_status", 0, "status", json!({ "code": 429, "retry_after": 7 }), "rate_limited"),
    ] {
        let order = json!({ "platform": "slack", "op": op, "kind": kind, "skip": skip, "params": params });
        server.sandbox.control("faults", &order).await;
        let mut case = Case::new(&slack, &server, with(&png), &png);
        assert_eq!(code_of(&mut case).await, expected, "{order}");
    }
    // What Slack says of a file that it has not looked at is no refusal of the post.
    let busy = json!({ "ok": false, "error": "invalid_blocks", "response_metadata": {
        "messages": ["[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"] } });
    server.order("create_post", "status", json!({ "code": 200, "body": busy })).await;
    assert_eq!(code_of(&mut Case::new(&slack, &server, with(&png), &png)).await, "unavailable");
    assert_eq!(server.live().await.len(), 0);
}

#[tokio::test]
async fn a_channel_that_takes_nothing_parks_the_account_and_a_post_it_does_not_suit_is_refused() {
    let slack = connector();
    let mut server = connected(&slack).await;
    let small = picture("image/png", 100);
    for (channel, expected) in [
        ("C0GENERAL1", "published"),
        ("C0RANDOM01", "published"),
        ("G0STAFF001", "published"),
        ("C0TICKER01", "published"),
        ("G0BOARD001", "revoked"),
        ("C0OLDNEWS1", "revoked"),
        ("C0CLOSED01", "revoked"),
        ("C0RULES001", "revoked"),
        ("C0FORUM001", "revoked"),
        ("C0LABS0001", "revoked"),
    ] {
        at(&mut server, &format!("T0HARBOUR1/{channel}"));
        let mut case = Case::new(&slack, &server, thread(&["one", "two"]), &small);
        assert_eq!(code_of(&mut case).await, expected, "{channel}");
        if channel == "C0TICKER01" {
            assert_eq!(code_of(&mut case).await, "reply_refused");
        }
    }
    let narrow = server.with(server.sandbox.grant("slack", WORKSPACE, Some(&["chat:write"])).await);
    let mut outside = narrow.with(narrow.token.clone());
    at(&mut outside, "T0HARBOUR1/C0RANDOM01");
    assert_eq!(
        code_of(&mut Case::new(&slack, &outside, Variant::text("n"), &small)).await,
        "revoked",
        "not_in_channel"
    );
    at(&mut outside, "nonsense");
    assert_eq!(code_of(&mut Case::new(&slack, &outside, Variant::text("n"), &small)).await, "misconfigured");
}

#[tokio::test]
async fn every_error_of_a_200_means_what_slack_says_it_means() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    for (error, expected) in [
        ("invalid_auth", "unauthorized"),
        ("not_authed", "unauthorized"),
        ("token_expired", "unauthorized"),
        ("token_revoked", "revoked"),
        ("account_inactive", "revoked"),
        ("missing_scope", "revoked"),
        ("is_archived", "revoked"),
        ("no_permission", "revoked"),
        ("channel_not_found", "revoked"),
        ("channel_is_limited_access", "revoked"),
        ("ratelimited", "rate_limited"),
        ("rate_limited", "rate_limited"),
        ("message_limit_exceeded", "rate_limited"),
        ("team_added_to_org", "unavailable"),
        ("org_login_required", "unavailable"),
        ("accesslimited", "misconfigured"),
        ("app_access_restricted", "misconfigured"),
        ("internal_error", "unconfirmed"),
        ("fatal_error", "unconfirmed"),
        ("service_unavailable", "unconfirmed"),
        ("request_timeout", "unconfirmed"),
        ("msg_too_long", "content_too_long"),
        ("msg_blocks_too_long", "content_too_long"),
        ("restricted_action_thread_locked", "reply_refused"),
        ("ekm_access_denied", "access_denied"),
        ("invalid_blocks", "invalid_request"),
        ("an_error_of_next_year", "invalid_request"),
    ] {
        let body = json!({ "ok": false, "error": error });
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        assert_eq!(code_of(&mut Case::new(&slack, &server, Variant::text("n"), &small)).await, expected, "{error}");
    }
    let token = server.token.expose_secret().to_owned();
    for (body, expected) in [
        (json!({ "ok": false }), "unconfirmed"),
        (json!({ "ok": false, "error": "" }), "unconfirmed"),
        (json!({ "error": "invalid_blocks" }), "unconfirmed"),
        (json!({ "ok": true, "channel": "C0RANDOM01", "ts": "1503435956.000247" }), "unconfirmed"),
        (json!({ "ok": true, "channel": "C0GENERAL1", "ts": "1/../2" }), "unconfirmed"),
        (json!({ "ok": false, "error": format!("x\r\n{token} {}", "y".repeat(999)) }), "invalid_request"),
    ] {
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        let failure = Case::new(&slack, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let shown = format!("{failure:?}");
        assert_eq!(failure.code(), expected, "{body}");
        assert!(!shown.contains(&token) && !shown.contains("\\r") && shown.len() < 500, "{shown}");
    }
}

#[test]
fn a_message_a_second_is_counted_for_a_channel_and_bursts_may_leave_at_once() {
    assert_eq!(quotas(connector().descriptor()), [("messages-1m", QuotaScope::Account, 60, 60)]);
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait_and_is_believed_within_a_day() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    for (code, retry_after, believed) in
        [(429, Some(30), Some(30)), (200, Some(5), Some(5)), (429, Some(90_000), None), (429, None, None)]
    {
        let mut params = json!({ "code": code, "body": { "ok": false, "error": "ratelimited" } });
        if let Some(seconds) = retry_after {
            params["retry_after"] = json!(seconds);
        }
        server.order("create_post", "status", params).await;
        let now = server.now();
        let failure = Case::new(&slack, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(believed).map_or(wait == believed, |(a, b)| (a - b).abs() <= 2), "{code}: {wait:?}");
    }
}

#[tokio::test]
async fn a_channel_is_read_page_by_page_and_absence_needs_the_last_one() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let mut lost = Case::new(&slack, &server, Variant::text("the lost one 🎉"), &small);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    for n in 0..12 {
        Case::new(&slack, &server, Variant::text(format!("number {n}")), &small).publish().await.unwrap();
    }
    // What Slack gives an app that it throttles.
    server.sandbox.control("settings", &json!({ "slack_page": 5 })).await;
    assert!(
        matches!(lost.find().await, Ok(Finding::Proved(_))),
        "on the third page, by its name: emoji come back as words"
    );
    server.sandbox.control("settings", &json!({ "slack_page": 1 })).await;
    assert_eq!(lost.find().await, Err(Failure::Unavailable), "more was said than is read");
    server.sandbox.control("settings", &json!({ "slack_page": 999 })).await;
    let said = |body: Value| json!({ "code": 200, "body": body });
    for (kind, params, expected) in [
        ("garbage", json!({}), Err(Failure::Unavailable)),
        ("cut_body", json!({}), Err(Failure::Unavailable)),
        ("status", said(json!({ "ok": true, "messages": [], "has_more": true })), Err(Failure::Unavailable)),
        ("status", said(json!({ "ok": true })), Err(Failure::Unavailable)),
        ("status", said(json!({ "ok": false, "error": "fatal_error" })), Err(Failure::Unavailable)),
        ("status", json!({ "code": 429, "body": "slow" }), Err(Failure::RateLimited { until: None })),
        ("status", said(json!({ "ok": false, "error": "missing_scope" })), Ok(Finding::Unreadable)),
        ("status", said(json!({ "ok": true, "messages": [], "has_more": false })), Ok(Finding::Absent)),
        ("lag_reads_ms", json!({ "ms": 60_000 }), Ok(Finding::Absent)),
    ] {
        server.order("list", kind, params).await;
        assert_eq!(lost.find().await, expected, "{kind}");
    }
    server.order("me", "garbage", json!({})).await;
    assert_eq!(lost.find().await, Err(Failure::Unavailable));
}

#[tokio::test]
async fn a_channel_that_the_bot_is_not_in_proves_nothing() {
    let slack = connector();
    let mut server = connected(&slack).await;
    at(&mut server, "T0HARBOUR1/C0RANDOM01");
    let small = picture("image/png", 100);
    let mut case = Case::new(&slack, &server, Variant::text("n"), &small);
    for fault in [Fault::DropBeforeCommit, Fault::CommitThenDrop] {
        server.fault(fault).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Unreadable));
    }
}

#[tokio::test]
async fn a_message_that_names_another_part_is_not_the_lost_one_though_it_says_the_same() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let mut twin = Case::new(&slack, &server, Variant::text("our words about the harbour"), &small);
    twin.key = "another".into();
    twin.publish().await.unwrap();
    let ours = Case::new(&slack, &server, Variant::text("our words about the harbour"), &small);
    assert_eq!(ours.find().await, Ok(Finding::Absent));
    // The same part, twice: it was sent again after somebody said that it is not there.
    for expected in [1, 2] {
        Case::new(&slack, &server, Variant::text("our words about the harbour"), &small).publish().await.unwrap();
        let finding = ours.find().await.unwrap();
        assert_eq!(matches!(finding, Finding::Proved(_)), expected == 1, "{finding:?}");
    }
    assert_eq!(ours.find().await, Ok(Finding::Several(2)));
    // Said before the request left, it is nobody's doubt.
    let variant = Variant::text("our words about the harbour");
    let call = call_of(&server, &variant, &small);
    let late = slack.find(&call, server.now() + jiff::SignedDuration::from_mins(5)).await;
    assert_eq!(late, Ok(Finding::Absent));
}

#[tokio::test]
async fn without_metadata_the_text_tells_and_what_was_changed_is_not_called_absent() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let case = Case::new(&slack, &server, Variant::text("our words & https://example.com/harbour"), &small);
    let kept = "our words &amp; <https://example.com/harbour>";
    let (ts, bot) = (format!("{}.000001", server.now().as_second()), "B0HERALD01");
    let named = Some(ts.clone());
    for (message, expected) in [
        (json!({ "bot_id": bot, "text": kept }), Ok(named.clone())),
        (json!({ "user": "U0HERALD01", "text": kept }), Ok(named.clone())),
        (json!({ "bot_id": bot, "text": kept, "thread_ts": ts }), Ok(named)),
        (json!({ "bot_id": bot, "text": kept, "thread_ts": "1503435956.000247" }), Ok(None)),
        // Of an app that was installed anew, what it said before is somebody else's.
        (json!({ "bot_id": "B0OTHERS01", "user": "U0OTHERS01", "text": kept }), Err(1)),
        (json!({ "user": "U0ADADEMO1", "text": kept }), Err(1)),
        (json!({ "user": "U0ADADEMO1", "text": "our words about the harbour" }), Ok(None)),
        (json!({ "user": "U0ADADEMO1", "text": kept, "thread_ts": "1503435956.000247" }), Ok(None)),
        (json!({ "bot_id": bot, "text": "our words about the harbour" }), Err(1)),
        (json!({ "bot_id": bot, "text": "corrected", "edited": { "user": "U1", "ts": "1.0" } }), Err(1)),
        (json!({ "bot_id": bot, "text": "something else altogether" }), Ok(None)),
        (
            json!({ "bot_id": bot, "text": kept, "metadata": { "event_type": "theirs", "event_payload": {} } }),
            Ok(Some(ts.clone())),
        ),
        (
            json!({ "bot_id": bot, "text": kept, "metadata": { "event_type": "herald_post", "event_payload": { "part": "x" } } }),
            Ok(None),
        ),
    ] {
        let mut body = json!({ "ok": true, "has_more": false, "messages": [message] });
        body["messages"][0]["ts"] = json!(ts);
        server.order("list", "status", json!({ "code": 200, "body": body })).await;
        let finding = match case.find().await.unwrap() {
            Finding::Found(receipt) => Ok(receipt.id),
            Finding::Absent => Ok(None),
            Finding::Resembling(n) => Err(n),
            other => panic!("{other:?}"),
        };
        assert_eq!(finding, expected, "{body}");
    }
    let mut known = Case::new(&slack, &server, Variant::text("our words & https://example.com/harbour"), &small);
    known.elsewhere = vec![ts.clone()];
    let body = json!({ "ok": true, "has_more": false, "messages": [{ "ts": ts, "bot_id": bot, "text": kept }] });
    server.order("list", "status", json!({ "code": 200, "body": body })).await;
    assert_eq!(known.find().await, Ok(Finding::Absent));
}

#[tokio::test]
async fn a_message_that_carries_the_parts_name_is_the_part_whoever_said_it_and_wherever_it_stands() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let case = Case::new(&slack, &server, Variant::text("our words"), &small);
    let ts = format!("{}.000001", server.now().as_second());
    let name = connector_kit::short_key(&format!("{}.0", case.key), 40);
    let metadata = json!({ "event_type": "herald_post", "event_payload": { "part": name } });
    for who in [json!({ "bot_id": "B0HERALD01" }), json!({ "bot_id": "B0FORMER01", "user": "U0FORMER01" })] {
        for root in [Value::Null, json!("1503435956.000247")] {
            let mut message = json!({ "ts": ts, "text": "x", "thread_ts": root, "metadata": metadata });
            message.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
            let body = json!({ "ok": true, "has_more": false, "messages": [message] });
            server.order("list", "status", json!({ "code": 200, "body": body })).await;
            let found = case.find().await;
            let Ok(Finding::Proved(receipt)) = found else { panic!("{who} {root}: {found:?}") };
            assert_eq!(receipt.url.unwrap().contains("?thread_ts=1503435956.000247"), root.is_string());
        }
    }
}

#[tokio::test]
async fn a_message_of_somebody_else_is_not_deleted_and_the_account_is_none_the_worse() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&slack, &server, Variant::text("ours"), &small);
    let receipt = case.publish().await.unwrap().receipt;
    let body = json!({ "ok": false, "error": "cant_delete_message" });
    server.order("delete_post", "status", json!({ "code": 200, "body": body })).await;
    assert_eq!(case.delete(&receipt).await.unwrap_err().code(), "forbidden");
    server.order("delete_post", "garbage", json!({})).await;
    assert_eq!(case.delete(&receipt).await, Err(Failure::Unavailable));
    for id in [None, Some("1/../2".to_owned()), Some("1503435956".to_owned())] {
        assert!(matches!(case.delete(&Receipt { id, url: None }).await, Err(Failure::Unsupported { .. })));
    }
    case.delete(&receipt).await.unwrap();
    assert_eq!(server.live().await.len(), 0);
}

#[tokio::test]
async fn a_person_names_messages_of_this_very_channel_only() {
    let slack = connector();
    let server = connected(&slack).await;
    let mut app = server.app.clone();
    app.bases.clear();
    let named = |post: &str| slack.named(&app, &server.account, post).and_then(|receipt| receipt.id);
    let address = format!("https://{WORKSPACE}.slack.com/archives/C0GENERAL1/p1503435956000247");
    for post in ["1503435956.000247", &address, &format!("{address}?thread_ts=1503435950.000001&cid=C0GENERAL1")] {
        assert_eq!(named(post).as_deref(), Some("1503435956.000247"), "{post}");
    }
    let receipt = slack.named(&app, &server.account, "1503435956.000247").unwrap();
    assert_eq!(receipt.url.as_deref(), Some(address.as_str()));
    for post in [
        "",
        "1503435956",
        "1503435956.00024",
        "1503435956.000247 ",
        "01503435956.000247",
        &format!("https://{WORKSPACE}.slack.com/archives/C0RANDOM01/p1503435956000247"),
        &format!("https://{WORKSPACE}.slack.com/archives/C0GENERAL1/p150343595"),
        &format!("https://{WORKSPACE}.slack.com/archives/C0GENERAL1/pé03435956000247"),
        &format!("https://{WORKSPACE}.slack.com/archives/C0GENERAL1/1503435956000247"),
        &format!("{address}/6"),
        "https://other.slack.com/archives/C0GENERAL1/p1503435956000247",
        "https://evil.example/archives/C0GENERAL1/p1503435956000247",
        &format!("http://{WORKSPACE}.slack.com/archives/C0GENERAL1/p1503435956000247"),
    ] {
        assert_eq!(named(post), None, "{post}");
    }
}

async fn code(server: &Sandbox, slack: &Slack, app: &PlatformApp) -> String {
    let request =
        AuthorizeRequest { state: "st&te".into(), challenge: Some("unused".into()), redirect_uri: BACK.into() };
    let url = slack.authorize_url(app, &request);
    assert!(
        !url.contains("challenge") && url.contains("scope=channels%3Ahistory%2Cchannels%3Aread%2Cchat%3Awrite%2C"),
        "{url}"
    );
    server.consent(&url, WORKSPACE).await
}

async fn exchanged(server: &Sandbox, slack: &Slack, app: &PlatformApp) -> TokenPair {
    let code = code(server, slack, app).await;
    slack.exchange(app, &code, None, BACK).await.unwrap()
}

#[tokio::test]
async fn a_consent_gives_a_bots_token_that_does_not_end_unless_the_registration_rotates_it() {
    let (server, slack) = (Sandbox::start().await, connector());
    let app = server.app("slack");
    let pair = exchanged(&server, &slack, &app).await;
    assert!(pair.refresh.is_none() && pair.expires_in_s.is_none() && slack.oauth().default_access_life_s == 0);
    assert_eq!(pair.scopes, slack.oauth().scopes);
    assert!(!slack.profiles(&app, &pair.access).await.unwrap().is_empty());

    server.control("settings", &json!({ "slack_rotation": true })).await;
    let pair = exchanged(&server, &slack, &app).await;
    assert_eq!(pair.expires_in_s, Some(43_200));
    let old = pair.refresh.unwrap();
    let renewed = slack.refresh(&app, &old).await.unwrap();
    assert!(renewed.refresh.is_some() && !slack.profiles(&app, &renewed.access).await.unwrap().is_empty());
    assert_eq!(slack.refresh(&app, &old).await.unwrap_err(), AuthFailure::Refused, "it works once");
}

#[tokio::test]
async fn a_token_call_that_comes_to_nothing_is_told_apart_though_all_of_them_are_200() {
    let (server, slack) = (Sandbox::start().await, connector());
    let app = server.app("slack");
    let used = code(&server, &slack, &app).await;
    slack.exchange(&app, &used, None, BACK).await.unwrap();
    assert_eq!(slack.exchange(&app, &used, None, BACK).await.unwrap_err(), AuthFailure::Refused, "a code is good once");
    let elsewhere = code(&server, &slack, &app).await;
    let failed = slack.exchange(&app, &elsewhere, None, "http://127.0.0.1:9/other").await.unwrap_err();
    assert_eq!(failed, AuthFailure::Misconfigured("bad_redirect_uri".into()));
    let wrong = PlatformApp { client_secret: "wrong".to_owned().into(), ..app.clone() };
    let failed = slack.exchange(&wrong, "code", None, BACK).await.unwrap_err();
    assert_eq!(failed, AuthFailure::Misconfigured("bad_client_secret".into()));
    let said = |body: Value| json!({ "code": 200, "body": body });
    for (kind, params, expected) in [
        ("status", said(json!({ "ok": false, "error": "internal_error" })), AuthFailure::Transient),
        ("status", said(json!({ "ok": false, "error": "ratelimited" })), AuthFailure::Transient),
        ("status", said(json!({ "ok": false, "error": "token_revoked" })), AuthFailure::Refused),
        ("status", said(json!({ "ok": true, "authed_user": { "access_token": "xoxp" } })), AuthFailure::Transient),
        (
            "status",
            said(json!({ "ok": false, "error": "xoxe-1-secret" })),
            AuthFailure::Misconfigured("an error without a known name".into()),
        ),
        ("status", json!({ "code": 429, "body": { "ok": false, "error": "ratelimited" } }), AuthFailure::Transient),
        ("status", json!({ "code": 503 }), AuthFailure::Transient),
        ("garbage", json!({}), AuthFailure::Transient),
        ("commit_then_drop", json!({}), AuthFailure::Transient),
    ] {
        server.fault("slack", "token", kind, params.clone()).await;
        let failed = slack.refresh(&app, &"refresh".to_owned().into()).await.unwrap_err();
        assert_eq!(failed, expected, "{kind} {params}");
    }
}

#[tokio::test]
async fn an_access_that_others_in_the_workspace_live_on_is_never_taken_back() {
    let (server, slack) = (Sandbox::start().await, connector());
    let app = server.app("slack");
    let pair = exchanged(&server, &slack, &app).await;
    assert!(slack.oauth().revoke.is_none(), "and Herald does not even ask");
    slack.revoke(&app, &pair).await.unwrap();
    assert!(slack.profiles(&app, &pair.access).await.is_ok());
}

#[tokio::test]
async fn a_revoked_token_asks_for_a_person_and_is_no_refusal_of_the_post() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    server.sandbox.control("tokens/expire", &json!({ "platform": "slack" })).await;
    assert_eq!(code_of(&mut Case::new(&slack, &server, Variant::text("n"), &small)).await, "unauthorized");
    server.sandbox.revoke("slack").await;
    assert_eq!(code_of(&mut Case::new(&slack, &server, Variant::text("n"), &small)).await, "revoked");
}

#[tokio::test]
async fn what_a_message_says_after_a_change_is_read_as_it_was_approved() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&slack, &server, Variant::text("look"), &small);
    let receipt = case.publish().await.unwrap().receipt;
    case.variant.parts[0].text = "the @channel of the harbour".into();
    case.amend(&receipt).await.unwrap();
    let live = server.live().await;
    let raw: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(live[0]["text"], "the @channel of the harbour");
    assert_eq!(raw["text"], "the @channel of the harbour", "and calls nobody");
}
