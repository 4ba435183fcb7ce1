//! Videos on pages: sent chunk by chunk, and published by the request that finishes the upload.

use super::reels::{goes_up_whole_for_all_of, uploads};
use super::*;
use domain::publishing::FORMER;
use serde_json::Value;

/// Two chunks and a little more.
const SIZE: usize = 2 * 1024 * 1024 + 7;

fn film() -> Picture {
    picture("video/mp4", SIZE)
}

fn of_film(text: &str, film: &Picture) -> Variant {
    with_pictures(text, 1, film)
}

#[tokio::test]
async fn a_video_goes_up_chunk_by_chunk_and_one_request_publishes_it_with_its_text_and_title() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut variant = of_film("ships & <b>harbours</b>", &film);
    variant.parts[0].media[0].title = Some("Ships".into());
    let mut case = Case::new(&facebook, &server, variant, &film);
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!((server.calls("media").await, server.requests().await), (4, 1), "begun, three chunks; finished");
    let live = server.live().await;
    assert_eq!((live.len(), &live[0]["text"]), (1, &json!("ships & <b>harbours</b>")));
    assert_eq!(receipt.id.as_deref(), live[0]["id"].as_str(), "the post, and not the video");
    assert!(receipt.url.as_ref().unwrap().contains("/61001/posts/"), "{receipt:?}");
    let asked: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!((&asked["title"], &asked["published"]), (&json!("Ships"), &json!(true)));
    let shown = live[0]["media"][0]["id"].as_str().unwrap();
    assert!(server.sandbox.bytes(&format!("/media/facebook/{shown}")).await == film.1, "other bytes arrived");
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
    case.delete(&receipt).await.unwrap();
}

#[tokio::test]
async fn whatever_call_of_an_upload_is_lost_one_video_comes_of_it_whole() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    for kind in ["commit_then_drop", "drop_before_commit", "garbage"] {
        for skip in 0..4 {
            let order = json!({ "platform": "facebook", "op": "media", "kind": kind, "skip": skip });
            goes_up_whole_for_all_of(&server, &order, |text| of_film(text, &film), &film).await;
        }
    }
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_settled_by_the_videos_own_id_and_sent_again_for_the_same_upload() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut case = Case::new(&facebook, &server, of_film("the request", &film), &film);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let video = uploads(&case);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!((uploads(&case), video.len()), (video.clone(), 1), "an upload is finished once");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: Some(receipt.clone()) }));
    // What people decide leaves the uploads that were offered.
    case.progress = Some(json!({ FORMER: case.progress.as_ref().unwrap()[FORMER] }));
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!(server.live().await.len(), 1);
    for fault in [Fault::Garbage, Fault::CutBody, Fault::Status(503), Fault::Bare(400)] {
        let mut case = Case::new(&facebook, &server, of_film(&format!("{fault:?}"), &film), &film);
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "{fault:?}");
        let found = case.find().await;
        let taken = fault == Fault::CutBody;
        assert_eq!(matches!(found, Ok(Finding::Proved(_))), taken, "{fault:?}: {found:?}");
        assert!(taken || found == Ok(Finding::Absent), "{fault:?}: {found:?}");
    }
}

#[tokio::test]
async fn what_facebook_processes_is_taken_asked_after_and_neither_absent_nor_sent_again() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    server.set(json!({ "facebook_video_ms": 3_600_000 })).await;
    let mut case = Case::new(&facebook, &server, of_film("slow", &film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    assert_eq!(case.find().await, Ok(Finding::Pending), "of what it has nobody says that it is not there");
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })), "nothing leaves again");
    assert_eq!((server.requests().await, server.live().await.len()), (1, 1));
    server.set(json!({ "facebook_video_ms": 0 })).await;
    let uploads = uploads(&case);
    for status in ["queued for something new", ""] {
        let told = json!({ "id": uploads[0], "published": true, "status": { "video_status": status } });
        server.order("media_status", "status", json!({ "code": 200, "body": told })).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{status:?}");
    }
    let gone = json!({ "code": 400, "body": { "error": { "message": "m", "code": 100, "error_subcode": 33 } } });
    server.order("media_status", "status", gone.clone()).await;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "its post is not shown while it is processed");
    server.order("media_status", "status", gone).await;
    assert_eq!(case.prepare().await, Err(Failure::Unavailable), "and nothing goes up meanwhile");
    let ready = json!({ "id": uploads[0], "published": false, "status": { "video_status": "ready" } });
    server.order("media_status", "status", json!({ "code": 200, "body": ready })).await;
    assert_eq!(case.find().await, Ok(Finding::Pending), "it is about to be out");
    case.progress = None;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "without an upload nothing can be asked for");
}

#[tokio::test]
async fn a_video_that_is_ready_later_is_proved_by_its_id_or_by_the_post_that_shows_it() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut case = Case::new(&facebook, &server, of_film("later", &film), &film);
    server.order("media_status", "status", json!({ "code": 503 })).await;
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })), "what cannot be read is taken all the same");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    let gone = json!({ "code": 400, "body": { "error": { "message": "m", "code": 100, "error_subcode": 33 } } });
    server.order("media_status", "status", gone.clone()).await;
    let Ok(Finding::Found(by_page)) = case.find().await else { panic!("the page shows it") };
    assert_eq!(by_page.id, receipt.id);
    // Where no post is named the video itself is the proof; addresses come whole or without their site.
    let id = uploads(&case)[0].clone();
    for (permalink, url) in [(Some(format!("/reel/{id}/")), format!("/reel/{id}/")), (None, format!("/reel/{id}"))] {
        let told =
            json!({ "id": id, "published": true, "permalink_url": permalink, "status": { "video_status": "ready" } });
        server.order("media_status", "status", json!({ "code": 200, "body": told })).await;
        let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is published") };
        assert_eq!((receipt.id.as_ref(), receipt.url.unwrap().ends_with(&url)), (Some(&id), true));
    }
    // A page that shows it under another id, or without its words, proves nothing: it is for a person.
    for (message, expected) in [("later", 1), ("", 1), ("of the tides and the moon", 0)] {
        let mut post = json!({ "id": "61001_5", "created_time": "2999-01-01T00:00:00+0000",
            "attachments": { "data": [{ "target": { "id": "9" } }] } });
        if !message.is_empty() {
            post["message"] = json!(message);
        }
        server.order("media_status", "status", gone.clone()).await;
        server.order("list", "status", json!({ "code": 200, "body": { "data": [post] } })).await;
        let found = case.find().await;
        assert_eq!(found, Ok(if expected > 0 { Finding::Resembling(1) } else { Finding::Unreadable }), "{message:?}");
    }
    let texts = Case::new(&facebook, &server, Variant::text("later"), &film);
    assert_eq!(texts.find().await, Ok(Finding::Resembling(1)), "a video is no post of words alone");
}

#[tokio::test]
async fn a_video_that_cannot_be_processed_is_refused_for_good_and_another_try_sends_it_anew() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    server.set(json!({ "facebook_video_fails": true })).await;
    let mut case = Case::new(&facebook, &server, of_film("broken", &film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    let Ok(Finding::Refused { code, .. }) = case.find().await else { panic!("it never will be there") };
    assert_eq!((code.as_str(), server.live().await.len()), ("media_processing_failed", 0));
    server.set(json!({ "facebook_video_fails": false })).await;
    let first = uploads(&case);
    case.progress = Some(json!({ FORMER: case.progress.as_ref().unwrap()[FORMER] }));
    case.publish().await.unwrap();
    assert_ne!(uploads(&case), first);
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn a_video_that_failed_and_is_out_all_the_same_is_neither_refused_nor_sent_again() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let mut case = Case::new(&facebook, &server, of_film("out", &film), &film);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let id = uploads(&case)[0].clone();
    let sent = (server.calls("media").await, server.requests().await);
    for word in ["error", "expired"] {
        for out in [json!({ "published": true }), json!({ "published": false, "post_id": "61001_77" })] {
            let mut told = json!({ "id": id, "status": { "video_status": word } });
            told.as_object_mut().unwrap().extend(out.as_object().unwrap().clone());
            for asked in ["find", "prepare"] {
                server.order("media_status", "status", json!({ "code": 200, "body": told })).await;
                let said = if asked == "find" { case.find().await.map(drop) } else { case.prepare().await.map(drop) };
                assert_eq!(said, Err(Failure::Unavailable), "{asked}: {told}");
            }
        }
    }
    assert_eq!((server.calls("media").await, server.requests().await), sent, "nothing goes up meanwhile");
    let told = json!({ "id": id, "published": false, "status": { "video_status": "error" } });
    server.order("media_status", "status", json!({ "code": 200, "body": told })).await;
    assert!(matches!(case.find().await, Ok(Finding::Refused { .. })), "one that is not out failed for good");
}

#[tokio::test]
async fn an_upload_that_never_ends_is_given_up_and_an_old_one_is_begun_anew() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let refusal =
        json!({ "code": 400, "body": { "error": { "message": "m", "code": 6000, "error_subcode": 1_363_037 } } });
    server.order("media", "status", refusal.clone()).await;
    let mut case = Case::new(&facebook, &server, of_film("refused", &film), &film);
    assert_eq!(case.publish().await.unwrap_err().code(), "invalid_request", "not even begun");
    let order = json!({ "platform": "facebook", "op": "media", "kind": "status", "skip": 1, "params": refusal });
    server.sandbox.control("faults", &order).await;
    case.publish().await.unwrap();
    assert_eq!(server.calls("media").await, 1 + 2 + 4, "a refused chunk begins another upload");
    let mut case = Case::new(&facebook, &server, of_film("old", &film), &film);
    server.order("create_post", "status", json!({ "code": 429 })).await;
    assert!(matches!(case.publish().await, Err(Failure::RateLimited { .. })));
    let first = uploads(&case);
    let kept = case.progress.as_mut().unwrap();
    kept[FORMER][0]["at"] = json!(server.now() - jiff::SignedDuration::from_hours(13));
    case.publish().await.unwrap();
    assert_eq!(uploads(&case).len(), 2, "the old one is not forgotten");
    assert_eq!(uploads(&case)[0], first[0]);
    // One that wants the same bytes again for ever.
    let stuck = json!({ "video_id": "1330000000000001", "upload_session_id": "1440000000000001",
        "start_offset": "0", "end_offset": "1048576" });
    let params = json!({ "code": 200, "body": stuck });
    let order = json!({ "platform": "facebook", "op": "media", "kind": "status", "times": 0, "params": params });
    server.sandbox.control("faults", &order).await;
    let (before, live) = (server.calls("media").await, server.live().await.len());
    let given_up = Case::new(&facebook, &server, of_film("never", &film), &film).publish().await;
    assert!(matches!(&given_up, Err(Failure::Rejected { code, .. }) if code == "media_refused"), "{given_up:?}");
    assert_eq!((server.calls("media").await - before, server.live().await.len()), (8, live), "four times begun");
}

#[tokio::test]
async fn that_videos_are_not_allowed_is_no_word_about_the_accounts_other_posts() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    for (op, code, subcode, expected) in [
        ("media", 10, 0, "forbidden"),
        ("media", 200, 0, "forbidden"),
        ("media", 190, 460, "revoked"),
        ("media", 190, 0, "unauthorized"),
        ("media", 100, 1_349_125, "media_refused"),
        ("media", 4, 0, "rate_limited"),
        ("create_post", 200, 0, "forbidden"),
        ("create_post", 368, 0, "blocked_by_policy"),
        ("create_post", 100, 0, "invalid_request"),
        ("create_post", 2, 0, "unconfirmed"),
    ] {
        let body = json!({ "error": { "message": "words", "code": code, "error_subcode": subcode } });
        server.order(op, "status", json!({ "code": 400, "body": body })).await;
        let mut case = Case::new(&facebook, &server, of_film(&format!("{op} {code}"), &film), &film);
        assert_eq!(case.publish().await.unwrap_err().code(), expected, "{op} {code} {subcode}");
    }
    assert_eq!(server.live().await.len(), 0);
}

#[tokio::test]
async fn a_first_comment_stands_below_a_video_and_only_this_pages_videos_are_named() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let variant = Variant { first_comment: Some("why".into()), ..of_film("a film", &film) };
    let mut case = Case::new(&facebook, &server, variant, &film);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((&live[1]["text"], &live[1]["reply_to"]), (&json!("why"), &live[0]["id"]));
    let named = |post: &str| facebook.named(&server.app, &server.account, post).and_then(|receipt| receipt.id);
    for name in ["61001", "harbour.coffee.demo"] {
        assert_eq!(named(&format!("https://www.facebook.com/{name}/videos/123/")).as_deref(), Some("123"));
    }
    for other in ["https://www.facebook.com/61002/videos/123/", "https://www.facebook.com/reel/123/", "123"] {
        assert_eq!(named(other), None, "{other}");
    }
}

#[test]
fn what_pages_take_of_videos_is_told_before_a_post_is_accepted() {
    let facebook = connector();
    let codes = |change: &dyn Fn(&mut domain::publishing::Probe), media: usize| -> Vec<String> {
        let mut film = film();
        change(film.0.probe.as_mut().unwrap());
        let variant = with_pictures("a film", media, &film);
        let told = check(&variant, facebook.descriptor(), std::slice::from_ref(&film.0), "/c");
        told.into_iter().map(|violation| violation.code).collect()
    };
    assert!(codes(&|probe| (probe.bytes, probe.duration_ms) = (512 << 20, Some(4 * 3_600_000)), 1).is_empty());
    assert_eq!(codes(&|probe| probe.bytes = (512 << 20) + 1, 1), ["media_too_large"]);
    assert_eq!(codes(&|probe| probe.duration_ms = Some(4 * 3_600_000 + 1), 1), ["video_duration"]);
    assert_eq!(codes(&|probe| probe.media_type = "video/webm".into(), 1), ["media_type"]);
    assert_eq!(codes(&|_| {}, 2), ["media_too_many"]);
}

#[tokio::test]
async fn one_early_word_begins_no_other_upload_and_one_that_cannot_be_asked_after_hides_no_other() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    server.set(json!({ "facebook_video_ms": 3_600_000 })).await;
    let mut case = Case::new(&facebook, &server, of_film("early", &film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    // A person looked, and it is not there.
    case.progress = Some(json!({ FORMER: case.progress.as_ref().unwrap()[FORMER] }));
    let id = uploads(&case)[0].clone();
    for status in ["error", "upload_complete"] {
        let told = json!({ "id": id, "status": { "video_status": status } });
        server.order("media_status", "status", json!({ "code": 200, "body": told })).await;
        assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })), "{status}: Facebook has it all the same");
    }
    let mut gone = case.progress.as_ref().unwrap()[FORMER][0].clone();
    gone["video"] = json!("1330000000000999");
    case.progress.as_mut().unwrap()[FORMER].as_array_mut().unwrap().insert(0, gone);
    assert_eq!(case.find().await, Ok(Finding::Pending));
    assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })));
    let out = json!({ "id": id, "published": true, "status": { "video_status": "ready" } });
    let params = json!({ "code": 200, "body": out });
    let order = json!({ "platform": "facebook", "op": "media_status", "kind": "status", "skip": 1, "params": params });
    server.sandbox.control("faults", &order).await;
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
    server.sandbox.control("faults", &order).await;
    assert!(matches!(case.prepare().await, Err(Failure::Duplicate { existing: Some(_) })));
    assert_eq!(server.requests().await, 1);
}
