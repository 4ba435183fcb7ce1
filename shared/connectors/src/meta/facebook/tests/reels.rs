//! Reels of pages: sent in one request, and published by the one that ends the upload.

use super::*;
use domain::publishing::FORMER;
use ports::{Prepared, Publish as _};
use serde_json::Value;

const SIZE: usize = 300_007;

pub(super) fn film() -> Picture {
    picture("video/mp4", SIZE)
}

pub(super) fn of(kind: ContentKind, text: &str, film: &Picture) -> Variant {
    Variant { kind, ..with_pictures(text, 1, film) }
}

pub(super) fn reel(text: &str, film: &Picture) -> Variant {
    of(ContentKind::Reel, text, film)
}

pub(super) fn uploads(case: &Case<'_>) -> Vec<String> {
    let kept = case.progress.clone().unwrap_or_default();
    let former = kept[FORMER].as_array().cloned().unwrap_or_default();
    former.iter().map(|upload| upload["video"].as_str().unwrap().to_owned()).collect()
}

/// With this fault on its way a post is tried again while nothing of it is in doubt, and one comes of it, whole.
pub(super) async fn goes_up_whole_for_all_of(
    server: &Connected,
    order: &Value,
    says: impl Fn(&str) -> Variant,
    film: &Picture,
) {
    let facebook = connector();
    let live = server.live().await.len();
    server.sandbox.control("faults", order).await;
    let mut case = Case::new(&facebook, server, says(&order.to_string()), film);
    let mut tries = 0;
    while let Err(failure) = case.publish().await {
        assert_eq!((failure.code(), server.live().await.len()), ("unavailable", live), "{order}: no doubt");
        tries += 1;
        assert!(tries < 3, "{order}");
    }
    let posts = server.live().await;
    assert_eq!(posts.len(), live + 1, "{order}");
    assert!(server.shown(&posts[live]["media"][0]).await == film.1, "{order}");
}

fn error(code: i64, subcode: i64) -> Value {
    json!({ "code": 400, "body": { "error": { "message": "words", "code": code, "error_subcode": subcode } } })
}

/// The word of a video's status, to be told once.
pub(super) async fn says(server: &Connected, status: Value) {
    server.order("media_status", "status", json!({ "code": 200, "body": status })).await;
}

#[tokio::test]
async fn a_reel_goes_up_whole_to_the_address_it_was_given_and_one_request_publishes_it() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut variant = reel("ships & <b>harbours</b>", &film);
    variant.parts[0].media[0].title = Some("Ships".into());
    let mut case = Case::new(&facebook, &server, variant, &film);
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!((server.calls("media").await, server.requests().await), (2, 1), "announced and sent; ended");
    let live = server.live().await;
    assert_eq!((live.len(), &live[0]["text"]), (1, &json!("ships & <b>harbours</b>")));
    assert_eq!(receipt.id.as_deref(), live[0]["id"].as_str(), "the post, and not the video");
    let asked: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!((&asked["title"], &asked["video_state"]), (&json!("Ships"), &json!("PUBLISHED")));
    assert!(server.shown(&live[0]["media"][0]).await == film.1, "other bytes arrived");
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
    case.delete(&receipt).await.unwrap();
}

#[tokio::test]
async fn whatever_call_before_the_end_is_lost_one_reel_comes_of_it_whole() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    for (op, steps) in [("media", 2), ("media_status", 2)] {
        for kind in ["commit_then_drop", "drop_before_commit", "garbage", "cut_body"] {
            for skip in 0..steps {
                let order = json!({ "platform": "facebook", "op": op, "kind": kind, "skip": skip });
                goes_up_whole_for_all_of(&server, &order, |text| reel(text, &film), &film).await;
            }
        }
    }
}

#[tokio::test]
async fn an_end_whose_answer_is_lost_is_settled_by_the_reels_own_id_and_never_makes_a_second_one() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut case = Case::new(&facebook, &server, reel("the end", &film), &film);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let video = uploads(&case);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!((uploads(&case), video.len()), (video.clone(), 1), "the same video is offered again");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: Some(receipt.clone()) }));
    // What people decide leaves the uploads that were offered.
    case.progress = Some(json!({ FORMER: case.progress.as_ref().unwrap()[FORMER] }));
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!((server.live().await.len(), server.requests().await), (1, 2));
    for fault in [Fault::Garbage, Fault::CutBody, Fault::Status(503), Fault::Bare(400)] {
        let mut case = Case::new(&facebook, &server, reel(&format!("{fault:?}"), &film), &film);
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "{fault:?}");
        let found = case.find().await;
        let taken = fault == Fault::CutBody;
        assert_eq!(matches!(found, Ok(Finding::Proved(_))), taken, "{fault:?}: {found:?}");
        assert!(taken || found == Ok(Finding::Absent), "{fault:?}: {found:?}");
    }
}

#[tokio::test]
async fn an_end_that_takes_effect_late_is_found_by_the_reels_own_id_and_nothing_leaves_meanwhile() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut case = Case::new(&facebook, &server, reel("late", &film), &film);
    server.order("create_post", "late_commit_ms", json!({ "ms": 1_500 })).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent), "not yet");
    // One reading without it is not enough to offer it again: the next one says otherwise.
    let Ok(Prepared::Wait { progress, .. }) = facebook.prepare(&case.call()).await else {
        panic!("it must be said twice")
    };
    case.progress = Some(progress);
    while server.live().await.is_empty() {
        tokio::task::yield_now().await;
    }
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    assert_eq!(case.prepare().await, Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!(server.requests().await, 1);
}

#[tokio::test]
async fn a_reel_that_is_processed_is_taken_asked_after_and_neither_absent_nor_sent_again() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    server.set(json!({ "facebook_video_ms": 3_600_000 })).await;
    let mut case = Case::new(&facebook, &server, reel("slow", &film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    assert_eq!(case.find().await, Ok(Finding::Pending), "of what it has nobody says that it is not there");
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })), "nothing leaves again");
    assert_eq!((server.requests().await, server.live().await.len()), (1, 1));
    let gone = error(100, 33);
    server.order("media_status", "status", gone.clone()).await;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "its post is not shown while it is processed");
    server.order("media_status", "status", gone).await;
    assert_eq!(case.prepare().await, Err(Failure::Unavailable), "and nothing goes up meanwhile");
    server.set(json!({ "facebook_video_ms": 0 })).await;
}

#[tokio::test]
async fn a_reel_that_cannot_be_processed_is_refused_in_facebooks_words_and_another_try_sends_it_anew() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    server.set(json!({ "facebook_video_fails": true })).await;
    let mut case = Case::new(&facebook, &server, reel("broken", &film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    let Ok(Finding::Refused { code, detail }) = case.find().await else { panic!("it never will be there") };
    assert_eq!((code.as_str(), server.live().await.len()), ("media_processing_failed", 0));
    assert!(detail.contains("minimum resolution of 540p"), "{detail}");
    server.set(json!({ "facebook_video_fails": false })).await;
    let first = uploads(&case);
    case.progress = Some(json!({ FORMER: case.progress.as_ref().unwrap()[FORMER] }));
    case.publish().await.unwrap();
    assert_ne!(uploads(&case), first);
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn what_facebook_refuses_before_the_end_is_refused_before_anything_is_published() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 1_000);
    // Its bytes are no video, whatever was looked at.
    let mut false_film = film();
    false_film.1 = png.1.clone();
    false_film.0.probe.as_mut().unwrap().bytes = 1_000;
    let mut case = Case::new(&facebook, &server, reel("no film", &false_film), &false_film);
    let Err(Failure::Rejected { code, detail }) = case.publish().await else { panic!("it is no video") };
    assert_eq!(code, "media_processing_failed");
    assert!(detail.contains("540p"), "{detail}");
    assert_eq!((server.requests().await, server.live().await.len()), (0, 0));
    // A person asks again: another upload is begun, though the one before was never offered.
    let first = uploads(&case);
    case.progress = Some(json!({ FORMER: case.progress.as_ref().unwrap()[FORMER] }));
    let Ok(Prepared::More(kept)) = facebook.prepare(&case.call()).await else { panic!("begun") };
    case.progress = Some(kept);
    assert_ne!(uploads(&case), first);
}

#[tokio::test]
async fn what_was_sent_is_waited_for_by_other_wake_ups_and_not_without_end() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut case = Case::new(&facebook, &server, reel("waits", &film), &film);
    let (mut waits, mut steps) = (Vec::new(), 0);
    let busy = json!({ "video_status": "processing", "uploading_phase": { "status": "in_progress" } });
    let ended = loop {
        if let Some(id) = uploads(&case).last() {
            says(&server, json!({ "id": id, "status": busy })).await;
        }
        let now = server.now();
        steps += 1;
        match facebook.prepare(&case.call()).await {
            Ok(Prepared::More(kept)) => case.progress = Some(kept),
            Ok(Prepared::Wait { progress, until }) => {
                waits.push(until.duration_since(now).as_secs());
                case.progress = Some(progress);
            }
            other => break other,
        }
        assert!(steps < 200);
    };
    assert_eq!((&waits[..5], waits.len()), ([5, 15, 30, 60, 60].as_slice(), 4 * 30));
    assert_eq!(ended.unwrap_err().code(), "media_refused");
    assert_eq!((server.calls("media").await, server.requests().await), (8, 0), "four times begun and sent");
}

#[tokio::test]
async fn refusals_of_either_host_are_told_apart_and_bytes_go_nowhere_else() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let elsewhere = json!({ "video_id": "1331000000000009", "upload_url": "https://facebook.com.evil.example/1" });
    server.order("media", "status", json!({ "code": 200, "body": elsewhere })).await;
    let told = Case::new(&facebook, &server, reel("elsewhere", &film), &film).publish().await;
    assert_eq!((told, server.calls("media").await), (Err(Failure::Unavailable), 1), "no byte and no token leaves");
    let debug = |code: u16| json!({ "code": code, "body": { "debug_info": { "type": "T", "message": "no" } } });
    for (op, skip, params, expected) in [
        ("media", 0, error(200, 0), "forbidden"),
        ("media", 0, error(190, 0), "unauthorized"),
        ("media", 1, error(190, 460), "revoked"),
        ("media", 1, json!({ "code": 503 }), "unavailable"),
        ("media", 1, debug(500), "unavailable"),
        ("create_post", 0, error(200, 0), "forbidden"),
        ("create_post", 0, error(368, 0), "blocked_by_policy"),
        ("create_post", 0, error(613, 0), "rate_limited"),
        ("create_post", 0, error(2, 0), "unconfirmed"),
    ] {
        let order = json!({ "platform": "facebook", "op": op, "kind": "status", "skip": skip, "params": params });
        server.sandbox.control("faults", &order).await;
        let mut case = Case::new(&facebook, &server, reel(&format!("{op} {params}"), &film), &film);
        assert_eq!(case.publish().await.unwrap_err().code(), expected, "{order}");
    }
    assert!(server.live().await.is_empty());
    // What its host does not take goes up anew.
    let order = json!({ "platform": "facebook", "op": "media", "kind": "status", "skip": 1, "params": debug(400) });
    server.sandbox.control("faults", &order).await;
    let mut case = Case::new(&facebook, &server, reel("refused once", &film), &film);
    case.publish().await.unwrap();
    assert_eq!(case.progress.as_ref().unwrap()["begun"], 2);
}

#[tokio::test]
async fn the_reels_of_a_day_are_counted_by_facebook_too() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    server.set(json!({ "facebook_reels_a_day": 1 })).await;
    Case::new(&facebook, &server, reel("one", &film), &film).publish().await.unwrap();
    let more = Case::new(&facebook, &server, reel("two", &film), &film).publish().await;
    assert!(matches!(more, Err(Failure::RateLimited { .. })), "{more:?}");
    Case::new(&facebook, &server, Variant::text("a post is none"), &film).publish().await.unwrap();
    let [quota] = facebook.descriptor.limits.quotas.as_slice() else { panic!("one quota") };
    assert_eq!((quota.limit, quota.window_s, quota.kind), (30, 86_400, Some(ContentKind::Reel)));
}
