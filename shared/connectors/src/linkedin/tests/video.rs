//! Videos on LinkedIn: over several steps, each of which may be lost, or done twice.

use super::*;
use crate::tests::Steps;
use bytes::Bytes;
use connector_kit::contract::Picture;
use domain::publishing::{Media, Piece, Probe};
use ports::{MediaBytes, MediaError, MediaReader, Peek};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 250_000;
/// Three parts of the film.
const PART: usize = 100_000;
/// Calls that upload it: announced, three parts, finished.
const CALLS: u64 = 5;

fn film() -> Picture {
    let mut film = picture("video/mp4", SIZE);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe { duration_ms: Some(9_000), codec: Some("h264".into()), ..probe });
    film
}

fn of_film(film: &Picture) -> Variant {
    let mut variant = Variant::text("a film");
    let title = Some("The harbour".to_owned());
    let alt_text = Some("ships".to_owned());
    variant.parts[0].media.push(MediaRef { title, alt_text, ..MediaRef::new(film.0.id) });
    variant
}

async fn start(linkedin: &LinkedIn, nth: usize) -> Connected {
    let server = Connected::start(linkedin, "ada-demo", nth).await;
    server.sandbox.control("settings", &json!({"linkedin_part_bytes": PART})).await;
    server
}

async fn uploads(server: &Connected) -> u64 {
    server.sandbox.json("/control/state").await["calls"]["linkedin.media"].as_u64().unwrap_or(0)
}

/// The one post has the film, to the byte.
async fn shows_it_once(server: &Connected, film: &Picture, why: &str) {
    let live = server.live().await;
    let [post] = live.as_slice() else { panic!("{why}: {live:?}") };
    let media = &post["media"][0];
    assert_eq!(media["alt"], "The harbour");
    let path = media["url"].as_str().unwrap().split_once("/media/").unwrap().1;
    assert!(server.sandbox.bytes(&format!("/media/{path}")).await == film.1, "{why}: other bytes arrived");
}

/// A delivery of it by hand.
fn steps<'a>(linkedin: &'a LinkedIn, server: &'a Connected, film: &Picture, bytes: &'a dyn MediaReader) -> Steps<'a> {
    Steps::new((linkedin, server), of_film(film), film, bytes)
}

#[tokio::test]
async fn a_video_goes_up_by_parts_and_is_shown_under_its_title_for_members_and_pages() {
    let linkedin = connector();
    let film = film();
    for nth in [MEMBER, PAGE] {
        let server = start(&linkedin, nth).await;
        let mut case = Case::new(&linkedin, &server, of_film(&film), &film);
        case.prepare().await.unwrap();
        assert_eq!(uploads(&server).await, CALLS);
        case.publish().await.unwrap();
        shows_it_once(&server, &film, "a film").await;
    }
}

#[tokio::test]
async fn a_lost_post_without_words_is_known_by_its_video() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    let mut variant = of_film(&film);
    variant.parts[0].text.clear();
    let mut case = Case::new(&linkedin, &server, variant, &film);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
}

#[tokio::test]
async fn an_answer_that_is_lost_at_any_step_leaves_nothing_in_doubt_and_nothing_twice() {
    let linkedin = connector();
    let film = film();
    for kind in ["commit_then_drop", "drop_before_commit", "cut_body"] {
        for (op, skips) in [("media", CALLS), ("media_status", 1)] {
            for skip in 0..skips {
                let server = start(&linkedin, MEMBER).await;
                let order = json!({"platform": "linkedin", "op": op, "kind": kind, "skip": skip});
                server.sandbox.control("faults", &order).await;
                let mut case = Case::new(&linkedin, &server, of_film(&film), &film);
                let mut lost = 0;
                while let Err(failure) = case.prepare().await {
                    assert_eq!(failure, Failure::Unavailable, "{kind} {op} {skip}");
                    lost += 1;
                    assert!(lost < 3, "{kind} {op} {skip}: it does not end");
                }
                case.publish().await.unwrap();
                shows_it_once(&server, &film, &format!("{kind} {op} {skip}")).await;
                assert_eq!(server.requests().await, 1);
            }
        }
    }
}

#[tokio::test]
async fn a_worker_that_dies_after_any_step_is_followed_by_one_that_does_it_again() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    let progress = steps(&linkedin, &server, &film, &film).all(|_| true).await.unwrap();
    let mut case = Case::new(&linkedin, &server, of_film(&film), &film);
    case.progress = Some(progress);
    case.publish().await.unwrap();
    shows_it_once(&server, &film, "each step twice").await;
}

#[tokio::test]
async fn a_video_is_waited_for_and_what_linkedin_cannot_process_is_refused() {
    let linkedin = connector();
    let mut film = film();
    let server = start(&linkedin, MEMBER).await;
    server.sandbox.control("settings", &json!({"linkedin_image_ms": 60_000})).await;
    let steps = steps(&linkedin, &server, &film, &film);
    let mut progress = None;
    let (kept, until) = loop {
        match steps.prepare(progress.as_ref()).await.unwrap() {
            Prepared::More(kept) => progress = Some(kept),
            Prepared::Wait { progress, until } => break (progress, until),
            Prepared::Ready(_) => panic!("it is not available yet"),
        }
    };
    assert!((25..=30).contains(&until.duration_since(server.now()).as_secs()));
    assert!(matches!(steps.prepare(Some(&kept)).await, Ok(Prepared::Wait { .. })), "a member may ask, and does");
    assert_eq!(uploads(&server).await, CALLS);
    film.1 = Bytes::from(vec![b'w'; SIZE]);
    let refused = Case::new(&linkedin, &server, of_film(&film), &film).publish().await;
    let Err(Failure::Rejected { code, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(code, "media_processing_failed");
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn addresses_that_have_ended_are_asked_for_anew_three_times() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    let steps = steps(&linkedin, &server, &film, &film);
    let Prepared::More(announced) = steps.prepare(None).await.unwrap() else { panic!("announced first") };
    let video = |progress: &Value| progress["sending"]["video"].as_str().unwrap().to_owned();
    // By the clock, and by what the address answers.
    let mut old = announced.clone();
    old["sending"]["until"] = json!(server.now() + jiff::SignedDuration::from_secs(60));
    let Prepared::More(anew) = steps.prepare(Some(&old)).await.unwrap() else { panic!("announced again") };
    assert_ne!(video(&anew), video(&announced));
    server.order("media", "status", json!({"code": 403, "body": "<html>expired</html>"})).await;
    let Prepared::More(again) = steps.prepare(Some(&announced)).await.unwrap() else { panic!("announced again") };
    assert_ne!(video(&again), video(&announced));
    let mut kept = again;
    let refused = loop {
        server.order("media", "status", json!({"code": 403, "body": "<html>expired</html>"})).await;
        match steps.prepare(Some(&kept)).await {
            Ok(Prepared::More(anew)) => kept = anew,
            other => break other,
        }
    };
    assert_eq!(kept["sending"]["uploads"], 4);
    assert!(matches!(refused, Err(Failure::Rejected { ref code, .. }) if code == "media_refused"), "{refused:?}");
}

#[tokio::test]
async fn a_video_goes_only_where_linkedin_is_and_only_whole() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    let own = format!("{}/upload/1/0", server.app.bases["api"]);
    let (urn, size) = ("urn:li:video:D1", SIZE as u64);
    let part = |url: &str, first: u64, last: u64| json!({"uploadUrl": url, "firstByte": first, "lastByte": last});
    for (video, parts, why) in [
        (urn, json!([part("https://evil.example/1", 0, size - 1)]), "another host"),
        (urn, json!([part(&own, 0, size - 2)]), "too little"),
        (urn, json!([part(&own, 0, size)]), "too much"),
        (urn, json!([part(&own, 0, 99), part(&own, 101, size - 1)]), "a gap"),
        (urn, json!([part(&own, 0, 0), part(&own, 0, size - 1)]), "a part twice"),
        (urn, json!([part(&own, 5, 4), part(&own, 0, size - 1)]), "a part of nothing"),
        (urn, json!([part(&own, u64::MAX, u64::MAX)]), "beyond numbers"),
        (urn, json!([]), "no part"),
        ("urn:li:image:D1", json!([part(&own, 0, size - 1)]), "no video"),
        ("urn:li:video:a/../b", json!([part(&own, 0, size - 1)]), "no URN"),
    ] {
        let value = json!({"video": video, "uploadToken": "", "uploadInstructions": parts});
        server.order("media", "status", json!({"code": 200, "body": {"value": value}})).await;
        let refused = steps(&linkedin, &server, &film, &film).prepare(None).await;
        assert_eq!(refused, Err(Failure::Unavailable), "{why}");
    }
}

#[tokio::test]
async fn an_announcement_that_cannot_be_kept_is_refused_once_and_says_so() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    let own = format!("{}/upload/1/0", server.app.bases["api"]);
    let parts = json!([{"uploadUrl": own, "firstByte": 0, "lastByte": SIZE - 1}]);
    let value = json!({"video": "urn:li:video:D1", "uploadToken": "t".repeat(200_000), "uploadInstructions": parts});
    server.order("media", "status", json!({"code": 200, "body": {"value": value}})).await;
    let refused = steps(&linkedin, &server, &film, &film).prepare(None).await;
    assert!(matches!(refused, Err(Failure::Rejected { ref code, .. }) if code == "media_refused"), "{refused:?}");
}

#[tokio::test]
async fn a_host_that_parts_are_sent_to_and_that_wants_quiet_speaks_for_itself() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    let steps = steps(&linkedin, &server, &film, &film);
    let Prepared::More(announced) = steps.prepare(None).await.unwrap() else { panic!("announced first") };
    server.order("media", "status", json!({"code": 429, "body": "slow down"})).await;
    assert_eq!(steps.prepare(Some(&announced)).await, Err(Failure::RateLimited { until: None }), "not for the day");
}

#[tokio::test]
async fn a_video_that_is_finished_is_asked_about_however_the_first_questions_are_answered() {
    let linkedin = connector();
    let film = film();
    for fault in [
        json!({"code": 503, "body": "busy"}),
        json!({"code": 404, "body": {"status": 404, "code": "NOT_FOUND", "message": "no"}}),
    ] {
        let server = start(&linkedin, PAGE).await;
        server.order("media_status", "status", fault).await;
        let mut case = Case::new(&linkedin, &server, of_film(&film), &film);
        while case.prepare().await.is_err() {}
        case.publish().await.unwrap();
        assert_eq!(uploads(&server).await, CALLS, "it is neither sent nor finished again");
        shows_it_once(&server, &film, "asked again").await;
    }
}

/// Reads a film until so many pieces of it were read; then it is another one.
struct Replaced<'a>(&'a Picture, AtomicUsize);

#[async_trait::async_trait]
impl MediaReader for Replaced<'_> {
    async fn open(&self, _: &Media) -> Result<MediaBytes, MediaError> {
        Err(MediaError::TooLarge(0))
    }
    async fn peek(&self, _: &Media, _: u32) -> Result<Peek, MediaError> {
        Err(MediaError::Absent)
    }
    async fn piece(&self, media: &Media, piece: Piece, version: Option<&str>) -> Result<Bytes, MediaError> {
        assert!(piece.length <= PART as u64, "no more than a part is held");
        match self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => self.0.piece(media, piece, version).await,
            Err(_) => Err(MediaError::Changed),
        }
    }
}

#[tokio::test]
async fn a_video_that_is_replaced_on_its_way_is_not_posted() {
    let linkedin = connector();
    let film = film();
    let server = start(&linkedin, PAGE).await;
    for left in 0..3 {
        let replaced = Replaced(&film, AtomicUsize::new(left));
        let refused = steps(&linkedin, &server, &film, &replaced).all(|_| false).await;
        let Err(Failure::Rejected { code, .. }) = refused else { panic!("{left}: {refused:?}") };
        assert_eq!(code, "media_changed");
    }
}

#[test]
fn a_video_that_linkedin_does_not_take_is_refused_before_anything_is_sent() {
    let linkedin = connector();
    let told = |probe: Probe| {
        let mut film = film();
        film.0.probe = Some(probe);
        let found = domain::publishing::check(&of_film(&film), linkedin.descriptor(), &[film.0], "/c");
        found.into_iter().map(|v| v.code).collect::<Vec<_>>()
    };
    let good = Probe {
        duration_ms: Some(3_000),
        codec: Some("h264".into()),
        ..Probe::picture("video/mp4", 500_000_000, 2_400, 1_000)
    };
    assert_eq!(told(good.clone()), [""; 0]);
    assert_eq!(told(Probe { duration_ms: Some(2_999), ..good.clone() }), ["video_duration"]);
    assert_eq!(told(Probe { duration_ms: Some(1_800_001), ..good.clone() }), ["video_duration"]);
    assert_eq!(told(Probe { media_type: "video/quicktime".into(), ..good.clone() }), ["media_type"]);
    assert_eq!(told(Probe { bytes: 500_000_001, ..good.clone() }), ["media_too_large"]);
    assert_eq!(told(Probe { width: 2_401, ..good }), ["media_shape"]);
}
