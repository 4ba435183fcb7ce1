#![allow(clippy::unwrap_used, clippy::panic)]

mod articles;
mod articles_again;
mod rules;
mod subtitles;
mod video;

use super::*;
use crate::tests::{CHALLENGE, Connected, Facts, Known, Sandbox, VERIFIER, egress, picture, thread};
use connector_kit::contract::{self, Case, Duplicates, Fault, Harness as _};
use domain::platform::Level;
use domain::publishing::{Failure, Finding, LinkCard, MediaRef, Part, Poll, Receipt, Variant};
use ports::{AuthFailure, AuthorizeRequest, Levels, Publish, TokenPair, Wording};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

const BACK: &str = "http://127.0.0.1:9/callback";

fn connector() -> X {
    X::new(Http::new(egress()))
}

impl Known for X {
    const FACTS: Facts = Facts { duplicates: Duplicates::Refused, ..Facts::USUAL };
}

#[tokio::test]
async fn x_keeps_the_contract() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    contract::run(&x, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn a_poll_goes_out_with_its_text_and_is_found_by_it_and_a_first_comment_answers_the_post() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let poll = Poll { options: vec!["Tea".into(), "Coffee".into()], duration_minutes: 1_440, ..Poll::default() };
    let comment = Some("Say why below".to_owned());
    let variant = Variant { poll: Some(poll), first_comment: comment, ..Variant::text("Which?") };
    let mut case = Case::new(&x, &server, variant, &small);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Found(asked)) = case.find().await else { panic!("the poll is found") };
    case.before = vec![asked.clone()];
    case.publish().await.unwrap();
    let live = server.live().await;
    let [post, below] = live.as_slice() else { panic!("{live:?}") };
    assert_eq!((&post["poll"], &post["text"]), (&json!(["Tea", "Coffee"]), &json!("Which?")));
    assert_eq!((&below["poll"], &below["text"]), (&json!([]), &json!("Say why below")));
    assert_eq!(below["reply_to"], json!(asked.id));
}

#[tokio::test]
async fn a_thread_is_a_chain_of_replies_and_resumes_where_the_doubt_was() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let mut variant = thread(&["one", "two", "three & more"]);
    variant.reply_restriction = ReplyRestriction::Mentioned;
    let small = picture("image/png", 100);
    let mut case = Case::new(&x, &server, variant, &small);
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
    assert_eq!((live[0]["reply_to"].clone(), live[0]["visibility"].clone()), (json!(null), json!("mentionedUsers")));
    assert_eq!((live[1]["reply_to"].clone(), live[1]["visibility"].clone()), (live[0]["id"].clone(), json!(null)));
    assert_eq!(live[2]["reply_to"], live[1]["id"]);
}

#[tokio::test]
async fn who_may_reply_is_what_was_asked_for() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    for (restriction, word) in [
        (ReplyRestriction::Everyone, json!(null)),
        (ReplyRestriction::Following, json!("following")),
        (ReplyRestriction::Mentioned, json!("mentionedUsers")),
    ] {
        let variant = Variant { reply_restriction: restriction, ..Variant::text(format!("{restriction:?}")) };
        Case::new(&x, &server, variant, &small).publish().await.unwrap();
        assert_eq!(server.live().await.last().unwrap()["visibility"], word);
    }
}

#[tokio::test]
async fn a_part_of_a_thread_is_not_taken_for_a_post_that_says_the_same() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&x, &server, thread(&["one", "say it twice"]), &small);
    case.publish().await.unwrap();
    let mut alone = Case::new(&x, &server, Variant::text("say it  twice"), &small);
    alone.publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("the reply is the part") };
    assert_eq!(receipt.id.as_deref(), server.live().await[2]["id"].as_str());
}

#[tokio::test]
async fn a_refused_second_part_is_refused_for_good_and_the_first_stays() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&x, &server, thread(&["one", "two"]), &small);
    case.publish().await.unwrap();
    server.order("create_post", "status", json!({"code": 403})).await;
    assert!(matches!(case.publish().await, Err(Failure::Rejected { code, .. }) if code == "reply_refused"));
    case.before[0].id = None;
    assert!(matches!(case.publish().await, Err(Failure::Rejected { code, .. }) if code == "thread_parent_unknown"));
    assert_eq!(server.live().await.len(), 1);
}

/// Publishes, and says how the quotas stood afterwards.
async fn told(x: &X, server: &Connected, text: &str) -> Vec<Level> {
    let levels = Levels::default();
    let small = picture("image/png", 100);
    let case = Case::new(x, server, Variant::text(text), &small);
    let taken = x.publish(&ports::PublishCall { levels: Some(&levels), ..case.call() }).await;
    let levels = levels.take();
    assert_eq!(taken.is_ok(), text != "refused", "{taken:?}");
    levels
}

#[tokio::test]
async fn every_answer_to_a_post_says_how_the_quotas_of_the_user_and_of_the_application_stand() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    server.sandbox.control("settings", &json!({"x_rate_limits": {"create_post": 2}, "x_app_posts_24h": 9})).await;
    let mut left = Vec::new();
    for text in ["a", "b", "refused"] {
        let levels = told(&x, &server, text).await;
        let [own, app] = levels.as_slice() else { panic!("{levels:?}") };
        assert_eq!((own.quota.as_str(), own.limit), (POSTS_15MIN, Some(2)));
        assert_eq!((app.quota.as_str(), app.limit), (POSTS_24H, Some(9)));
        assert!(own.resets_at > server.now() && app.resets_at > own.resets_at);
        left.push((own.left, app.left));
    }
    assert_eq!(left, [(1, 8), (0, 7), (0, 7)]);
}

#[tokio::test]
async fn a_window_that_began_anew_already_says_nothing_of_the_quota() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    for (reset_in_s, levels) in [(120, 1), (-60, 0), (900_000, 0)] {
        server.order("create_post", "status", json!({"code": 429, "reset_in_s": reset_in_s})).await;
        assert_eq!(told(&x, &server, "refused").await.len(), levels, "{reset_in_s}");
    }
}

#[tokio::test]
async fn limits_say_until_when_and_a_used_up_window_is_known_beforehand() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let now = server.now();
    for (params, seconds) in [
        (json!({"code": 429, "reset_in_s": 120}), Some(120)),
        (json!({"code": 429, "reset_in_s": -60}), None),
        (json!({"code": 429, "reset_in_s": 900_000}), None),
        (json!({"code": 429, "retry_after": 30}), Some(30)),
        (json!({"code": 429}), None),
    ] {
        server.order("create_post", "status", params.clone()).await;
        let failure = Case::new(&x, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(seconds).map_or(wait == seconds, |(a, b)| (a - b).abs() <= 5), "{params}: {wait:?}");
    }
    server.sandbox.control("settings", &json!({"x_rate_limits": {"create_post": 2}})).await;
    let first = Case::new(&x, &server, Variant::text("a"), &small).publish().await.unwrap();
    assert_eq!(first.quiet_until, None);
    let last = Case::new(&x, &server, Variant::text("b"), &small).publish().await.unwrap();
    assert!(last.quiet_until.is_some_and(|at| at > now));
    let refused = Case::new(&x, &server, Variant::text("c"), &small).publish().await;
    assert_eq!(refused, Err(Failure::RateLimited { until: last.quiet_until }));
}

#[tokio::test]
async fn refusals_are_told_apart_by_the_platforms_words_and_never_show_the_token() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let token = server.token.expose_secret();
    for (code, body, expected) in [
        (402, json!({"title": "CreditsDepleted", "detail": "Your credits are depleted."}), "misconfigured"),
        (
            403,
            json!({"title": "Forbidden", "detail": "Your account is not permitted to access this feature."}),
            "misconfigured",
        ),
        (403, json!({"title": "x", "type": "https://api.x.com/2/problems/usage-capped"}), "misconfigured"),
        (403, json!({"title": "Forbidden", "detail": "User has been suspended"}), "revoked"),
        (403, json!({"title": "Forbidden", "detail": "You are not permitted to perform this action."}), "forbidden"),
        (400, json!({"errors": [{"message": format!("bad\r\n{token} {}", "y".repeat(999))}]}), "invalid_request"),
        (404, json!({"title": "Not Found Error"}), "not_found"),
        (400, json!({"unknown": "shape"}), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({"code": code, "body": body})).await;
        let failure = Case::new(&x, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{body}");
        let shown = format!("{failure:?}");
        assert!(!shown.contains(token) && !shown.contains("\\r") && shown.len() < 400, "{shown}");
    }
}

#[tokio::test]
async fn a_large_picture_goes_up_in_chunks_and_arrives_whole() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    for (size, calls) in [(1024 * 1024, 2), (1024 * 1024 + 1, 5), (2_500_000, 6)] {
        let large = picture("image/png", size);
        let mut variant = Variant::text(format!("{size} bytes"));
        variant.parts[0].media.push(MediaRef { alt_text: Some("a picture".into()), ..MediaRef::new(large.0.id) });
        let before = server.sandbox.json("/control/state").await["calls"]["x.media"].as_u64().unwrap_or(0);
        Case::new(&x, &server, variant, &large).publish().await.unwrap();
        let after = server.sandbox.json("/control/state").await["calls"]["x.media"].as_u64().unwrap();
        assert_eq!(after - before, calls, "{size}");
        let live = server.live().await;
        let media = &live.last().unwrap()["media"][0];
        let path = media["url"].as_str().unwrap();
        let path = path.split_once("/media/").unwrap().1;
        assert!(server.sandbox.bytes(&format!("/media/{path}")).await == large.1, "{size}: other bytes arrived");
    }
}

#[tokio::test]
async fn the_largest_gif_goes_up_in_chunks_and_arrives_whole() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let gif = picture("image/gif", 15 * 1024 * 1024);
    let mut variant = Variant::text("It moves");
    variant.parts[0].media.push(MediaRef::new(gif.0.id));
    Case::new(&x, &server, variant, &gif).publish().await.unwrap();
    assert!(server.shown(&server.live().await[0]["media"][0]).await == gif.1, "other bytes arrived");
}

#[tokio::test]
async fn an_animated_picture_is_waited_for_and_not_uploaded_twice() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let gif = picture("image/gif", 2_000);
    let mut variant = Variant::default();
    variant.parts.push(Part { text: String::new(), media: vec![MediaRef::new(gif.0.id)] });
    let mut case = Case::new(&x, &server, variant, &gif);
    assert!(case.prepare().await.unwrap() >= 1);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "a post without text is known by its picture");
    let kept = case.progress.clone().unwrap();
    let yesterday = (server.now() - jiff::SignedDuration::from_hours(20)).to_string();
    case.progress.as_mut().unwrap()["at"] = yesterday.into();
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "however long ago the picture was uploaded");
    case.progress = None;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "what cannot be recognised is not called absent");
    case.progress = Some(kept);
    assert_eq!(server.sandbox.json("/control/state").await["calls"]["x.media"], 3);
}

#[tokio::test]
async fn a_lost_post_that_links_to_somebodys_picture_is_recognised_with_and_without_a_picture_of_its_own() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let png = picture("image/png", 100);
    let mut variant = Variant::text("Look at this: https://x.com/bob/status/9/photo/1");
    for _ in 0..2 {
        let mut case = Case::new(&x, &server, variant.clone(), &png);
        case.prepare().await.unwrap();
        server.fault(Fault::CommitThenDrop).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        assert!(matches!(case.find().await, Ok(Finding::Found(_))));
        variant = Variant::text("And at this: https://x.com/bob/status/9/video/1");
        variant.parts[0].media.push(MediaRef::new(png.0.id));
    }
}

#[tokio::test]
async fn what_somebody_changed_on_x_is_not_called_absent() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&x, &server, Variant::text("our office opens on Monday at nine"), &small);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    Case::new(&x, &server, Variant::text("a summer party"), &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent), "another tool posts something else");
    let changed = Variant::text("our office opens on Tuesday at ten");
    let changed = Case::new(&x, &server, changed, &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    case.elsewhere.extend(changed.receipt.id);
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery holds it");
}

/// A server that gives the beginning of a picture and then nothing more.
struct Trickle;

#[async_trait::async_trait]
impl ports::MediaReader for Trickle {
    async fn open(&self, _: &domain::publishing::Media) -> Result<ports::MediaBytes, ports::MediaError> {
        use futures_util::StreamExt as _;
        let first = futures_util::stream::iter([Ok(bytes::Bytes::from_static(b"\x89PNG"))]);
        let stream = first.chain(futures_util::stream::pending()).boxed();
        Ok(ports::MediaBytes { length: Some(100), media_type: None, stream })
    }
    async fn peek(&self, _: &domain::publishing::Media, _: u32) -> Result<ports::Peek, ports::MediaError> {
        Err(ports::MediaError::Absent)
    }
}

#[tokio::test]
async fn pictures_go_up_one_by_one_and_one_that_trickles_ends_in_time() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let png = picture("image/png", 100);
    let mut variant = Variant::text("two pictures");
    variant.parts[0].media = vec![MediaRef::new(png.0.id), MediaRef::new(png.0.id)];
    let call = ports::PublishCall {
        app: &server.app,
        account: &server.account,
        token: &server.token,
        variant: &variant,
        part: 0,
        key: "key".into(),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        before: &[],
        elsewhere: &[],
        progress: None,
        media: std::slice::from_ref(&png.0),
        bytes: &png,
        now: server.now(),
        until: server.now() + jiff::SignedDuration::from_secs(30),
        levels: None,
    };
    let ports::Prepared::More(first) = x.prepare(&call).await.unwrap() else { panic!("both at once") };
    let soon = call.now + jiff::SignedDuration::from_millis(200);
    let stuck = ports::PublishCall { progress: Some(&first), bytes: &Trickle, until: soon, ..call };
    assert_eq!(x.prepare(&stuck).await, Err(Failure::Unavailable));
    let rest = ports::PublishCall { bytes: &png, until: call.until, ..stuck };
    assert!(matches!(x.prepare(&rest).await, Ok(ports::Prepared::Ready(_))));
    assert_eq!(server.sandbox.json("/control/state").await["calls"]["x.media"], 2, "none was uploaded twice");
}

#[tokio::test]
async fn a_failing_upload_leaves_nothing_in_doubt() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let png = picture("image/png", 100);
    for (kind, params, expected) in [
        ("status", json!({"code": 503}), Failure::Unavailable),
        ("commit_then_drop", json!({}), Failure::Unavailable),
        ("garbage", json!({}), Failure::Unavailable),
        ("status", json!({"code": 401}), Failure::Unauthorized),
    ] {
        let mut variant = Variant::text("with picture");
        variant.parts[0].media.push(MediaRef::new(png.0.id));
        server.order("media", kind, params).await;
        assert_eq!(Case::new(&x, &server, variant, &png).publish().await, Err(expected), "{kind}");
    }
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn reading_back_goes_through_all_pages_and_counts_what_looks_alike() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    server.sandbox.control("settings", &json!({"x_rate_limits": {"create_post": 1000}})).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&x, &server, Variant::text("the one, see example.com"), &small);
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..105 {
        Case::new(&x, &server, Variant::text(format!("other {n}")), &small).publish().await.unwrap();
    }
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
    assert_eq!(server.sandbox.json("/control/state").await["calls"]["x.list"], 3);
    let twin = Variant::text("the one,  see example.com");
    Case::new(&x, &server, twin, &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Several(2)));
}

#[tokio::test]
async fn only_a_complete_listing_proves_absence() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let case = Case::new(&x, &server, Variant::text("nowhere"), &small);
    for (kind, params) in [
        ("status", json!({"code": 503})),
        ("garbage", json!({})),
        ("cut_body", json!({})),
        ("commit_then_drop", json!({})),
        ("status", json!({"code": 200, "body": {"meta": {"result_count": 3}}})),
        ("status", json!({"code": 200, "body": {"data": [], "meta": {"result_count": 0}, "errors": [{"title": "x"}]}})),
        ("status", json!({"code": 200, "body": {}})),
    ] {
        server.order("list", kind, params.clone()).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind} {params}");
    }
    assert_eq!(case.find().await, Ok(Finding::Absent));
}

#[test]
fn what_is_shown_before_is_what_is_sent() {
    let mut variant = thread(&["first", "second"]);
    variant.link = Some(LinkCard { url: "https://example.com".into(), title: None, description: None });
    let x = connector();
    assert_eq!(x.render(&variant), ["first\nhttps://example.com", "second"]);
}

async fn connect(server: &Sandbox, x: &X, app: &PlatformApp) -> String {
    let (state, challenge) = ("st&te".into(), Some(CHALLENGE.into()));
    let url = x.auth().unwrap().authorize_url(app, &AuthorizeRequest { state, challenge, redirect_uri: BACK.into() });
    assert!(url.contains("code_challenge_method=S256") && url.contains("offline.access"), "{url}");
    server.consent(&url, "bo_demo").await
}

async fn exchange(x: &X, app: &PlatformApp, code: &str) -> Result<TokenPair, AuthFailure> {
    x.auth().unwrap().exchange(app, code, Some(&SecretString::from(VERIFIER)), BACK).await
}

#[tokio::test]
async fn an_account_is_connected_refreshed_and_let_go() {
    let (server, x) = (Sandbox::start().await, connector());
    let app = server.app("x");
    let code = connect(&server, &x, &app).await;
    let first = exchange(&x, &app, &code).await.unwrap();
    assert_eq!((first.expires_in_s, first.scopes.len()), (Some(7_200), 5));
    assert_eq!(exchange(&x, &app, &code).await.unwrap_err(), AuthFailure::Refused, "a code is good once");
    let profile = x.auth().unwrap().profiles(&app, &first.access).await.unwrap().remove(0);
    assert_eq!((profile.external_id.as_str(), profile.handle.as_deref()), ("1800000000000000002", Some("bo_demo")));
    let old = first.refresh.unwrap();
    let second = x.auth().unwrap().refresh(&app, &old).await.unwrap();
    assert_eq!(x.auth().unwrap().profiles(&app, &first.access).await, Err(Failure::Unauthorized));
    x.auth().unwrap().revoke(&app, &second).await.unwrap();
    x.auth().unwrap().revoke(&app, &second).await.unwrap();
    assert_eq!(x.auth().unwrap().profiles(&app, &second.access).await, Err(Failure::Unauthorized));
    assert_eq!(x.auth().unwrap().refresh(&app, &old).await.unwrap_err(), AuthFailure::Refused);
}

#[tokio::test]
async fn token_failures_are_refused_transient_or_ours() {
    let (server, x) = (Sandbox::start().await, connector());
    let app = server.app("x");
    let refresh = |app: PlatformApp| {
        let x = &x;
        async move { x.auth().unwrap().refresh(&app, &"some-token".to_owned().into()).await.unwrap_err() }
    };
    assert_eq!(refresh(app.clone()).await, AuthFailure::Refused);
    for (kind, params) in [
        ("status", json!({"code": 503})),
        ("status", json!({"code": 429})),
        (
            "status",
            json!({"code": 500, "body": {"error": "invalid_request", "error_description": "token was invalid"}}),
        ),
        ("status", json!({"code": 200, "body": {"access_token": "bad token\n"}})),
        ("status", json!({"code": 200, "body": {}})),
        ("garbage", json!({})),
        ("cut_body", json!({})),
        ("commit_then_drop", json!({})),
    ] {
        server.fault("x", "token", kind, params.clone()).await;
        assert_eq!(refresh(app.clone()).await, AuthFailure::Transient, "{kind} {params}");
    }
    let wrong = PlatformApp { client_secret: "wrong".into(), ..app.clone() };
    assert!(matches!(refresh(wrong).await, AuthFailure::Misconfigured(_)));
    let mut nowhere = app;
    nowhere.bases.insert("api".into(), "http://127.0.0.1:1".into());
    assert_eq!(refresh(nowhere).await, AuthFailure::Transient);
}

#[tokio::test]
async fn a_thread_goes_on_below_the_post_that_a_person_names() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&x, &server, thread(&["one", "two"]), &small);
    case.publish().await.unwrap();
    let address = case.before[0].url.take().unwrap();
    assert!(address.starts_with("http://127.0.0.1"), "where this registration has people look: {address}");
    case.before[0] = x.named(&server.app, &server.account, &address).unwrap();
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!(live[1]["reply_to"], live[0]["id"]);
}

#[tokio::test]
async fn a_post_is_named_by_its_id_or_an_address_of_the_accounts_own_and_by_nothing_else() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let mut app = server.app.clone();
    app.bases.clear();
    let own = || "https://x.com/ada_demo/status/1800000000000000009".to_owned();
    for good in [
        "1800000000000000009",
        &own(),
        "https://www.x.com/ada_demo/status/1800000000000000009/",
        "https://twitter.com/Ada_Demo/status/1800000000000000009?s=20&t=abc",
        "https://mobile.twitter.com/ada_demo/status/1800000000000000009/photo/1",
        "https://x.com/i/web/status/1800000000000000009",
        "https://x.com/i/status/1800000000000000009#m",
    ] {
        let expected = Receipt { id: Some("1800000000000000009".into()), url: Some(own()) };
        assert_eq!(x.named(&app, &server.account, good), Some(expected), "{good}");
    }
    for bad in [
        "",
        "0",
        "01",
        "+1",
        "-1",
        "1.0",
        "1 ",
        "1\n2",
        "١٢٣",
        "18446744073709551616",
        "https://x.com/bo_demo/status/1800000000000000009",
        "https://x.com/ada_demo/status/",
        "https://x.com/ada_demo/status/1x",
        "https://x.com/ada_demo/status/1%2F..%2F2",
        "https://x.com/ada_demo/status/1/likes",
        "https://x.com/ada_demo",
        "https://x.com/1800000000000000009",
        "http://x.com/ada_demo/status/1",
        "https://x.com.evil.example/ada_demo/status/1",
        "https://x.com@evil.example/ada_demo/status/1",
        "https://evil.example/ada_demo/status/1",
        "javascript:alert(1)//x.com/ada_demo/status/1",
        "<script>alert(1)</script>",
        &"9".repeat(5_000),
    ] {
        assert_eq!(x.named(&app, &server.account, bad), None, "{bad}");
    }
}

#[tokio::test]
async fn what_a_token_answer_repeats_of_the_request_goes_no_further_than_the_name_of_its_error() {
    let (server, x) = (Sandbox::start().await, connector());
    let app = server.app("x");
    let refresh = SecretString::from("canary-refresh-token");
    let pair = TokenPair { refresh: Some(refresh.clone()), ..TokenPair::lasting("canary-access-token".into()) };
    for (error, description, told) in [
        ("invalid_client", "canary-refresh-token is not for this client", "invalid_client"),
        ("canary-refresh-token", "", "an error without a known name"),
        ("Canary", "canary-access-token", "an error without a known name"),
        ("", "canary-access-token", "an error without a known name"),
    ] {
        let body = json!({"error": error, "error_description": description});
        for op in ["token", "token", "revoke"] {
            server.fault("x", op, "status", json!({"code": 400, "body": body})).await;
        }
        let failures = [
            x.auth().unwrap().refresh(&app, &refresh).await.unwrap_err(),
            exchange(&x, &app, "canary-code").await.unwrap_err(),
            x.auth().unwrap().revoke(&app, &pair).await.unwrap_err(),
        ];
        for failed in failures {
            assert_eq!(failed, AuthFailure::Misconfigured(told.to_owned()));
        }
    }
}
