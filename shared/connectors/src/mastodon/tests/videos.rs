//! Videos on Mastodon: uploaded, processed by the server for a while, and attached.

use super::*;
use domain::publishing::{FORMER, check};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, Publish, PublishCall};

fn film() -> Picture {
    picture("video/mp4", 1_500_000)
}

#[tokio::test]
async fn a_video_is_uploaded_once_waited_for_without_a_worker_and_attached_with_its_text() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let film = film();
    server.set(json!({ "mastodon_polls": 4 })).await;
    let mut case = Case::new(&mastodon, &server, with_pictures("a film", &film, &[Some("ships")]), &film);
    assert_eq!(case.prepare().await, Ok(4), "nobody waits inside of a function");
    assert_eq!((calls(&server, "media").await, calls(&server, "media_status").await), (1, 4));
    assert_eq!(server.requests().await, 0);
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!((server.requests().await, calls(&server, "media").await), (1, 1));
    let live = server.live().await;
    assert_eq!((&live[0]["text"], &live[0]["media"][0]["alt"]), (&json!("a film"), &json!("ships")));
    let path = live[0]["media"][0]["url"].as_str().unwrap().split_once("/media/").unwrap().1.to_owned();
    assert!(server.sandbox.bytes(&format!("/media/{path}")).await == film.1, "other bytes arrived");
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn the_longer_a_server_processes_the_more_seldom_it_is_asked() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let film = film();
    server.set(json!({ "mastodon_polls": 200 })).await;
    let case = Case::new(&mastodon, &server, with_pictures("", &film, &[None]), &film);
    let call = case.call();
    let Ok(Prepared::Wait { mut progress, until }) = mastodon.prepare(&call).await else { panic!("it is processed") };
    assert_eq!(until.duration_since(call.now).as_secs(), 5);
    drop(call);
    let begun: Timestamp = progress["at"].as_str().unwrap().parse().unwrap();
    for (later_s, wait_s) in [(10, 5), (60, 15), (120, 30), (3_600, 60)] {
        let now = begun + SignedDuration::from_secs(later_s);
        let call =
            PublishCall { progress: Some(&progress), now, until: now + SignedDuration::from_secs(30), ..case.call() };
        let Ok(Prepared::Wait { progress: kept, until }) = mastodon.prepare(&call).await else { panic!("{later_s}") };
        assert_eq!(until.duration_since(now).as_secs(), wait_s, "after {later_s} s");
        progress = kept;
    }
}

#[tokio::test]
async fn a_video_whose_answer_is_lost_is_found_and_sent_again_within_the_hour_it_is_the_same_status() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let film = film();
    for text in ["a film", ""] {
        let mut case = Case::new(&mastodon, &server, with_pictures(text, &film, &[None]), &film);
        server.fault(Fault::DropBeforeCommit).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        assert_eq!(case.find().await, Ok(Finding::Absent));
        server.fault(Fault::CommitThenDrop).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        let Ok(Finding::Found(found)) = case.find().await else { panic!("{text:?} is found") };
        let uploads = calls(&server, "media").await;
        assert_eq!(case.publish().await.unwrap().receipt.id, found.id);
        assert_eq!(calls(&server, "media").await, uploads, "what is uploaded is not uploaded again");
        assert!(case.progress.as_ref().unwrap().get(FORMER).is_none());
    }
    assert_eq!(server.live().await.len(), 2);
}

#[tokio::test]
async fn what_the_accounts_own_server_does_not_take_is_refused_before_a_byte_of_it_is_sent() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let film = film();
    let told = |limits: Value| {
        let statuses = json!({ "max_characters": 500, "characters_reserved_per_url": 23 });
        let configuration = json!({ "statuses": statuses, "media_attachments": limits });
        json!({ "code": 200, "body": { "domain": "social.example", "configuration": configuration } })
    };
    for (params, expected) in [
        (told(json!({ "video_size_limit": 1_499_999 })), Err("media_too_large")),
        (told(json!({ "supported_mime_types": ["image/png", "video/webm"] })), Err("media_refused")),
        (json!({ "code": 429 }), Err("rate_limited")),
        (json!({ "code": 503 }), Err("unavailable")),
        (told(json!({ "video_size_limit": 1_500_000, "supported_mime_types": ["video/mp4"] })), Ok(())),
        // A server that does not say so decides when it has it.
        (told(json!({})), Ok(())),
        (json!({ "code": 404 }), Ok(())),
        (json!({ "code": 200, "body": "<html></html>" }), Ok(())),
    ] {
        server.order("lookup", "status", params.clone()).await;
        let before = calls(&server, "media").await;
        let text: String = params.to_string().chars().take(40).collect();
        let mut case = Case::new(&mastodon, &server, with_pictures(&text, &film, &[None]), &film);
        let outcome = case.publish().await.map(|_| ()).map_err(|failure| failure.code().to_owned());
        assert_eq!(outcome, expected.map_err(str::to_owned), "{params}");
        assert_eq!(calls(&server, "media").await - before, u64::from(expected.is_ok()), "{params}");
    }
    // Of pictures nothing is asked.
    let (small, before) = (picture("image/png", 100), calls(&server, "lookup").await);
    Case::new(&mastodon, &server, with_pictures("a picture", &small, &[None]), &small).publish().await.unwrap();
    assert_eq!(calls(&server, "lookup").await, before);
}

#[tokio::test]
async fn a_video_that_the_server_cannot_process_ends_the_post_and_nothing_is_published() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let film = film();
    let failed = json!({ "code": 422, "body": { "error": "Validation failed: File is invalid" } });
    server.order("media_status", "status", failed).await;
    let refused = Case::new(&mastodon, &server, with_pictures("a film", &film, &[None]), &film).publish().await;
    assert_eq!(refused.unwrap_err().code(), "media_processing_failed");
    let mut words = film;
    words.1 = b"only words".as_slice().into();
    words.0.probe.as_mut().unwrap().bytes = 10;
    let refused = Case::new(&mastodon, &server, with_pictures("words", &words, &[None]), &words).publish().await;
    assert_eq!(refused.unwrap_err().code(), "invalid_request", "it is none by its first bytes");
    assert_eq!(server.requests().await, 0);
}

#[test]
fn what_is_taken_of_videos_is_told_before_a_post_is_accepted() {
    let mastodon = connector();
    let codes = |media_type: &str, bytes: u64, media: usize| -> Vec<String> {
        let mut film = film();
        let probe = film.0.probe.as_mut().unwrap();
        (probe.media_type, probe.bytes) = (media_type.into(), bytes);
        let told = check(
            &with_pictures("", &film, &vec![Some("ships"); media]),
            mastodon.descriptor(),
            std::slice::from_ref(&film.0),
            "/c",
        );
        told.into_iter().map(|violation| violation.code).collect()
    };
    assert!(codes("video/mp4", 40 << 20, 1).is_empty() && codes("video/quicktime", 9, 1).is_empty());
    assert_eq!(codes("video/mp4", (40 << 20) + 1, 1), ["media_too_large"]);
    assert_eq!(codes("video/x-msvideo", 9, 1), ["media_type"]);
    assert_eq!(codes("video/mp4", 9, 2), ["media_too_many"]);
}
