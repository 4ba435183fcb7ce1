#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::tests::engagement::is_told;
use crate::tests::{Connected, Facts, Known, egress, picture, quotas};
use connector_kit::MAX_ADDRESS;
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{ContentKind, Failure, Finding, MediaRef, Receipt, Variant};
use jiff::SignedDuration;
use ports::{Prepared, Publish, PublishCall, Wording};
use serde_json::{Value, json};

mod answers;
mod carousels;
mod connecting;
mod doubts;
mod rules;

fn connector() -> Instagram {
    Instagram::new(Http::new(egress()))
}

async fn connected(instagram: &Instagram) -> (Connected, Picture) {
    let server = Connected::start(instagram, "harbour.coffee.demo", 0).await;
    let jpeg = server.sandbox.hosted("a.jpg", picture("image/jpeg", 30_000)).await;
    (server, jpeg)
}

fn with_pictures(text: &str, count: usize, picture: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media = vec![MediaRef::new(picture.0.id); count];
    variant
}

async fn calls(server: &Connected, op: &str) -> u64 {
    server.sandbox.json("/control/state").await["calls"][format!("instagram.{op}")].as_u64().unwrap_or(0)
}

/// Instagram's own hosts delete nothing.
impl Known for Instagram {
    const FACTS: Facts = Facts { deletes: false, ..Facts::USUAL };
}

#[tokio::test]
async fn instagram_keeps_the_contract() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    contract::run(&instagram, &server, &jpeg).await;
}

#[tokio::test]
async fn instagram_tells_how_a_post_did() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    is_told(&instagram, &server, with_pictures("how it did", 1, &jpeg), &jpeg, "17999999999999999").await;
}

fn call_of<'a>(server: &'a Connected, variant: &'a Variant, picture: &'a Picture) -> PublishCall<'a> {
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
        media: std::slice::from_ref(&picture.0),
        bytes: picture,
        now: server.now(),
        until: server.now() + SignedDuration::from_secs(30),
        levels: None,
    }
}

#[tokio::test]
async fn each_step_of_a_container_is_kept_nothing_waits_in_it_and_no_step_is_made_twice() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    server.sandbox.control("settings", &json!({"instagram_container_ms": 600_000})).await;
    let variant = with_pictures("a carousel", 2, &jpeg);
    let mut progress: Option<Value> = None;
    let mut waits = Vec::new();
    for _ in 0..6 {
        let call = PublishCall { progress: progress.as_ref(), ..call_of(&server, &variant, &jpeg) };
        match instagram.prepare(&call).await {
            Ok(Prepared::More(kept)) => progress = Some(kept),
            Ok(Prepared::Wait { progress: kept, until }) => {
                waits.push(until.duration_since(call.now).as_secs());
                progress = Some(kept);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits, [5, 15, 30, 60], "asked less and less often, by other wake-ups");
    assert_eq!(calls(&server, "media").await, 2, "one container for each picture, however often it was looked at");
    let call = PublishCall { progress: progress.as_ref(), ..call_of(&server, &variant, &jpeg) };
    let early = instagram.publish(&call).await;
    assert_eq!(early, Err(Failure::Unavailable), "nothing leaves before it is finished");
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn a_doubt_is_settled_by_the_container_and_the_list_says_where_it_is() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    for (count, words) in [(1, "alone"), (3, "several together")] {
        let mut case = Case::new(&instagram, &server, with_pictures(words, count, &jpeg), &jpeg);
        server.fault(Fault::DropBeforeCommit).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Absent), "it is finished, and not published");
        let made = calls(&server, "media").await;
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        assert_eq!(calls(&server, "media").await, made, "the same container is published by the next try");
        let newest = server.live().await.last().unwrap()["id"].clone();
        let Ok(Finding::Live(receipt)) = case.find().await else { panic!("not found") };
        assert_eq!(receipt.id.as_deref(), newest.as_str());
        assert!(receipt.url.unwrap().contains("/instagram/web/p/C"));
        assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }), "it is never published twice");
        assert_eq!(server.requests().await, if count == 1 { 2 } else { 4 }, "and that took no request");
    }
}

#[tokio::test]
async fn a_published_container_is_proof_though_the_list_lags_or_shows_two_of_the_same_words() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let mut case = Case::new(&instagram, &server, with_pictures("the same", 1, &jpeg), &jpeg);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    server.order("list", "lag_reads_ms", json!({"ms": 60_000})).await;
    assert_eq!(case.find().await, Err(Failure::Unavailable), "it will show up");
    Case::new(&instagram, &server, with_pictures("the same", 1, &jpeg), &jpeg).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Proved(Receipt::NAMELESS)));
    for (op, kind) in
        [("list", "status"), ("list", "garbage"), ("media_status", "status"), ("media_status", "cut_body")]
    {
        server.order(op, kind, json!({"code": 503})).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{op} {kind}");
    }
}

#[tokio::test]
async fn an_unpublished_container_and_the_same_words_in_the_list_are_for_a_person_to_look_at() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let mut case = Case::new(&instagram, &server, with_pictures("our office opens", 1, &jpeg), &jpeg);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    let other = Case::new(&instagram, &server, with_pictures("our office opens", 1, &jpeg), &jpeg).publish().await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    case.elsewhere.extend(other.unwrap().receipt.id);
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery holds it");
}

#[tokio::test]
async fn what_instagram_cannot_fetch_or_does_not_take_is_told_without_the_address() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let nowhere = domain::publishing::MediaSource::Url { url: jpeg_url(&jpeg).replace("a.jpg", "secret-name.jpg") };
    let absent = Picture(domain::publishing::Media { source: nowhere, ..jpeg.0.clone() }, jpeg.1.clone());
    let png = server.sandbox.hosted("b.png", picture("image/png", 100)).await;
    for (picture, expected) in [(&absent, "media_unreachable"), (&png, "media_refused")] {
        let result = Case::new(&instagram, &server, with_pictures("n", 1, picture), picture).publish().await;
        let Err(Failure::Rejected { code, detail }) = result else { panic!("{result:?}") };
        assert_eq!(code, expected);
        assert!(!detail.contains("http"), "{detail}");
    }
    assert_eq!(server.requests().await, 0);
    let error = json!({"message": format!("cannot read {}", jpeg_url(&jpeg)), "code": 100, "error_subcode": 2_207_052});
    server.order("media", "status", json!({"code": 400, "body": {"error": error}})).await;
    let result = Case::new(&instagram, &server, with_pictures("n", 1, &jpeg), &jpeg).publish().await;
    let Err(Failure::Rejected { code, detail }) = result else { panic!("{result:?}") };
    assert_eq!((code.as_str(), detail.as_str()), ("media_unreachable", "cannot read …"));
}

fn jpeg_url(picture: &Picture) -> String {
    match &picture.0.source {
        domain::publishing::MediaSource::Url { url } => url.clone(),
        domain::publishing::MediaSource::Upload { .. } => panic!("not hosted"),
    }
}

#[test]
fn the_posts_of_a_day_are_counted_before_they_leave() {
    assert_eq!(quotas(connector().descriptor()), [("posts-24h", QuotaScope::Account, 100, 86_400)]);
}

#[tokio::test]
async fn refusals_of_containers_and_of_publishing_are_told_apart() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    for (op, code, subcode, expected) in [
        ("media", 1, 0, "unavailable"),
        ("media", 100, 2_207_003, "unavailable"),
        ("media", 100, 2_207_001, "unavailable"),
        ("media", 100, 2_207_009, "media_shape"),
        ("media", 36_003, 0, "media_shape"),
        ("media", 36_000, 2_207_010, "content_too_long"),
        ("media", 100, 2_207_004, "media_too_large"),
        ("media", 100, 33, "revoked"),
        ("media", 80_002, 0, "rate_limited"),
        ("create_post", 9_007, 2_207_027, "unavailable"),
        ("create_post", 100, 2_207_008, "unavailable"),
        ("create_post", 9, 2_207_042, "rate_limited"),
        ("create_post", 100, 2_207_051, "blocked_by_policy"),
        ("create_post", 4, 2_207_051, "blocked_by_policy"),
        ("create_post", 4, 0, "rate_limited"),
        ("create_post", 100, 2_207_001, "unconfirmed"),
        ("create_post", 2_207_001, 0, "unconfirmed"),
        ("create_post", -1, 0, "unconfirmed"),
        ("create_post", 100, 2_207_082, "unconfirmed"),
        ("create_post", 10, 0, "revoked"),
        ("create_post", 100, 33, "revoked"),
        ("create_post", 190, 0, "unauthorized"),
    ] {
        let error = json!({"message": "words", "code": code, "error_subcode": subcode});
        server.order(op, "status", json!({"code": 400, "body": {"error": error}})).await;
        let failure = Case::new(&instagram, &server, with_pictures("n", 1, &jpeg), &jpeg).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{op} {code} {subcode}");
    }
}

#[tokio::test]
async fn a_container_that_is_gone_is_made_anew() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let variant = with_pictures("late", 1, &jpeg);
    let call = call_of(&server, &variant, &jpeg);
    let Ok(Prepared::More(kept)) = instagram.prepare(&call).await else { panic!("no container") };
    let failed =
        |number: u32| json!({"status_code": "ERROR", "status": format!("Error: it failed with code {number}")});
    for body in [
        json!({"id": "1", "status_code": "EXPIRED"}),
        json!({"error": {"code": 100, "error_subcode": 33}}),
        failed(2_207_003),
        failed(2_207_053),
        failed(2_207_082),
        failed(2_207_001),
        failed(2_207_006),
        failed(2_207_008),
        failed(2_207_020),
    ] {
        let code = if body["error"].is_null() { 200 } else { 400 };
        server.order("media_status", "status", json!({"code": code, "body": body})).await;
        let again =
            instagram.prepare(&PublishCall { progress: Some(&kept), ..call_of(&server, &variant, &jpeg) }).await;
        let Ok(Prepared::Wait { progress: anew, .. }) = again else { panic!("{again:?}") };
        assert_eq!(anew["items"], json!([]), "{anew}");
    }
    let tomorrow = server.now() + SignedDuration::from_hours(21);
    let late =
        PublishCall { progress: Some(&kept), now: tomorrow, until: tomorrow + SignedDuration::from_secs(30), ..call };
    assert!(matches!(instagram.prepare(&late).await, Ok(Prepared::More(_))));
    assert_eq!(calls(&server, "media").await, 2, "one that is about to expire is not used");
}

#[tokio::test]
async fn a_video_is_a_reel_a_story_shows_no_words_and_a_comment_stands_below() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let film = server.sandbox.hosted("a.mp4", picture("video/mp4", 2_000)).await;
    let mut reel = Case::new(&instagram, &server, with_pictures("a reel", 1, &film), &film);
    reel.variant.kind = ContentKind::Reel;
    reel.publish().await.unwrap();

    let story = Variant { kind: ContentKind::Story, ..with_pictures("unseen", 1, &jpeg) };
    assert_eq!(instagram.render(&story), [""], "it is approved as it is shown");
    let mut case = Case::new(&instagram, &server, story, &jpeg);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Proved(Receipt::NAMELESS)), "the container says so");
    let live = server.live().await;
    assert_eq!((&live[1]["text"], &live[1]["visibility"]), (&json!(""), &json!("story")));

    let mut variant = with_pictures("with a comment", 1, &jpeg);
    variant.first_comment = Some("#tags go here".into());
    let mut case = Case::new(&instagram, &server, variant, &jpeg);
    let post = case.publish().await.unwrap().receipt;
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let live = server.live().await;
    let comment = live.last().unwrap();
    assert_eq!((comment["text"].as_str(), comment["reply_to"].as_str()), (Some("#tags go here"), post.id.as_deref()));
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), comment["id"].as_str());
}

#[tokio::test]
async fn a_video_is_a_story_where_it_is_asked_for_and_a_reel_everywhere_else() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    let film = server.sandbox.hosted("a.mp4", picture("video/mp4", 2_000)).await;
    for (kind, seen, words) in [
        (ContentKind::Story, json!("story"), ""),
        (ContentKind::Reel, json!(null), "how it was"),
        (ContentKind::Post, json!(null), "how it was"),
    ] {
        let variant = Variant { kind, ..with_pictures("how it was", 1, &film) };
        Case::new(&instagram, &server, variant, &film).publish().await.unwrap();
        let live = server.live().await;
        let post = live.last().unwrap();
        assert_eq!((&post["visibility"], post["text"].as_str()), (&seen, Some(words)), "{kind:?}");
        let shown = &post["media"][0];
        assert!(server.shown(shown).await == film.1, "{kind:?}: {shown}");
    }
    assert_eq!(server.live().await.len(), 3);
}

#[test]
fn an_address_that_instagram_tells_is_shown_if_it_is_its_own_and_not_too_long_to_keep() {
    let shown = |permalink: &str| publish::shown(&PlatformApp::none(), Some(permalink.to_owned()));
    let own = "https://www.instagram.com/p/Cabc/";
    assert_eq!(shown(own).as_deref(), Some(own));
    for told in ["https://evil.example/p/Cabc/", &format!("{own}?{}", "a".repeat(MAX_ADDRESS))] {
        assert_eq!(shown(told), None, "{told}");
    }
}

#[tokio::test]
async fn a_post_is_named_by_its_id_or_address_and_by_nothing_else() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    let mut app = server.app.clone();
    app.bases.clear();
    let named = |post: &str| instagram.named(&app, &server.account, post);
    assert_eq!(named("18000000000000001"), Some(Receipt { id: Some("18000000000000001".into()), url: None }));
    for (good, path) in [
        ("https://www.instagram.com/p/C1a_b-2/?igsh=x", "p/C1a_b-2/"),
        ("https://instagram.com/harbour.coffee.demo/reel/C1a/", "reel/C1a/"),
    ] {
        let url = Some(format!("https://www.instagram.com/{path}"));
        assert_eq!(named(good), Some(Receipt { id: None, url }), "{good}");
    }
    for bad in [
        "",
        "abc",
        "1/2",
        "https://www.instagram.com/harbour.coffee.demo/",
        "https://www.instagram.com/somebody.else/p/C1a/",
        "https://evil.example/p/C1a/",
    ] {
        assert_eq!(named(bad), None, "{bad}");
    }
}
