//! Videos on X: over several steps, each of which may be lost, or done twice.

use super::*;
use crate::tests::Steps;
use bytes::Bytes;
use connector_kit::contract::Picture;
use domain::publishing::{Media, Piece, Probe};
use ports::{MediaBytes, MediaError, MediaReader, Peek, Prepared};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Three segments.
const SIZE: usize = 2 * 1024 * 1024 + 7;
/// Calls that upload it: announced, three segments, finished.
const CALLS: u64 = 5;

/// A film of so many bytes, as far as X looks.
fn film(size: usize) -> Picture {
    let mut film = picture("video/mp4", size);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe { duration_ms: Some(9_000), codec: Some("h264".into()), ..probe });
    film
}

fn of_film(text: &str, film: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media.push(MediaRef::new(film.0.id));
    variant
}

async fn uploads(server: &Connected) -> u64 {
    server.sandbox.json("/control/state").await["calls"]["x.media"].as_u64().unwrap_or(0)
}

/// The one post has the film, to the byte.
async fn shows_it_once(server: &Connected, film: &Picture, why: &str) {
    let live = server.live().await;
    let [post] = live.as_slice() else { panic!("{why}: {live:?}") };
    let path = post["media"][0]["url"].as_str().unwrap().split_once("/media/").unwrap().1;
    assert!(server.sandbox.bytes(&format!("/media/{path}")).await == film.1, "{why}: other bytes arrived");
}

/// A delivery of it by hand.
fn steps<'a>(x: &'a X, server: &'a Connected, film: &Picture, bytes: &'a dyn MediaReader) -> Steps<'a> {
    Steps::new((x, server), of_film("a film", film), film, bytes)
}

#[tokio::test]
async fn a_video_goes_up_by_segments_is_waited_for_and_arrives_whole() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let film = film(SIZE);
    let mut case = Case::new(&x, &server, of_film("a film", &film), &film);
    assert!(case.prepare().await.unwrap() >= 1, "X processes it for a while");
    case.publish().await.unwrap();
    assert_eq!(uploads(&server).await, CALLS);
    shows_it_once(&server, &film, "a film").await;
}

#[tokio::test]
async fn an_answer_that_is_lost_at_any_step_leaves_nothing_in_doubt_and_nothing_twice() {
    let x = connector();
    let film = film(SIZE);
    for kind in ["commit_then_drop", "drop_before_commit", "cut_body"] {
        for (op, skips) in [("media", CALLS), ("media_status", 2)] {
            for skip in 0..skips {
                let server = Connected::start(&x, "ada_demo", 0).await;
                let order = json!({"platform": "x", "op": op, "kind": kind, "skip": skip});
                server.sandbox.control("faults", &order).await;
                let mut case = Case::new(&x, &server, of_film("a film", &film), &film);
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
    let x = connector();
    let film = film(SIZE);
    let server = Connected::start(&x, "ada_demo", 0).await;
    let steps = steps(&x, &server, &film, &film);
    let progress = steps.all(|_| true).await.unwrap();
    let mut case = Case::new(&x, &server, of_film("a film", &film), &film);
    case.progress = Some(progress);
    case.publish().await.unwrap();
    shows_it_once(&server, &film, "each step twice").await;
}

#[tokio::test]
async fn where_x_takes_no_segment_twice_another_upload_is_begun_three_times_and_then_its_refusal_is_believed() {
    let x = connector();
    let film = film(SIZE);
    let server = Connected::start(&x, "ada_demo", 0).await;
    server.sandbox.control("settings", &json!({"x_segments_once": true})).await;
    let steps = steps(&x, &server, &film, &film);
    // Every second step sends the segments: two answers are lost, each in another upload.
    let progress = steps.all(|step| step == 1 || step == 3).await.unwrap();
    let mut case = Case::new(&x, &server, of_film("a film", &film), &film);
    case.progress = Some(progress);
    case.publish().await.unwrap();
    shows_it_once(&server, &film, "begun again").await;
    let refused = steps.all(|step| step >= 1).await;
    let Err(Failure::Rejected { detail, .. }) = refused else { panic!("{refused:?}") };
    assert!(detail.contains("there already"), "{detail}");
}

#[tokio::test]
async fn what_x_cannot_process_is_refused_with_its_reason_and_nothing_is_posted() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let mut film = film(SIZE);
    film.1 = Bytes::from(vec![b'w'; SIZE]);
    let refused = Case::new(&x, &server, of_film("no film", &film), &film).publish().await;
    let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
    assert_eq!(code, "media_processing_failed");
    assert!(detail.contains("not of the announced type"), "{detail}");
    assert_eq!(server.requests().await, 0);
}

/// Reads a film until so many pieces of it were read; then it is another one, or nothing comes any more.
struct Fickle<'a>(&'a Picture, AtomicUsize, bool);

#[async_trait::async_trait]
impl MediaReader for Fickle<'_> {
    async fn open(&self, _: &Media) -> Result<MediaBytes, MediaError> {
        Err(MediaError::TooLarge(0))
    }
    async fn peek(&self, _: &Media, _: u32) -> Result<Peek, MediaError> {
        Err(MediaError::Absent)
    }
    async fn piece(&self, media: &Media, piece: Piece, version: Option<&str>) -> Result<Bytes, MediaError> {
        assert!(piece.length <= 1024 * 1024, "no more than a segment is held");
        match self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => self.0.piece(media, piece, version).await,
            Err(_) if self.2 => std::future::pending().await,
            Err(_) => Err(MediaError::Changed),
        }
    }
}

#[tokio::test]
async fn a_video_that_is_replaced_on_its_way_is_not_posted() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let film = film(SIZE);
    for left in 0..3 {
        let fickle = Fickle(&film, AtomicUsize::new(left), false);
        let refused = steps(&x, &server, &film, &fickle).all(|_| false).await;
        let Err(Failure::Rejected { code, .. }) = refused else { panic!("{left}: {refused:?}") };
        assert_eq!(code, "media_changed");
    }
}

#[tokio::test]
async fn segments_that_do_not_come_end_the_step_in_time_and_what_x_has_is_kept() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let film = film(SIZE);
    let fickle = Fickle(&film, AtomicUsize::new(2), true);
    let steps = steps(&x, &server, &film, &fickle);
    let Prepared::More(announced) = steps.prepare(None).await.unwrap() else { panic!("announced first") };
    let Prepared::More(two) = steps.prepare_within(Some(&announced), 2_000).await.unwrap() else { panic!("kept") };
    assert_eq!(steps.prepare_within(Some(&two), 200).await, Err(Failure::Unavailable));
    fickle.1.store(9, Ordering::SeqCst);
    let Prepared::More(three) = steps.prepare(Some(&two)).await.unwrap() else { panic!("the last segment") };
    assert!(matches!(steps.prepare(Some(&three)).await, Ok(Prepared::Wait { .. })));
    assert_eq!(uploads(&server).await, CALLS, "none was sent twice");
}

#[tokio::test]
async fn an_upload_that_x_has_forgotten_by_now_is_begun_anew() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let film = film(SIZE);
    let steps = steps(&x, &server, &film, &film);
    let Prepared::More(mut announced) = steps.prepare(None).await.unwrap() else { panic!("announced first") };
    let first = announced["sending"]["id"].clone();
    announced["sending"]["until"] = json!(server.now() - jiff::SignedDuration::from_secs(1));
    let Prepared::More(anew) = steps.prepare(Some(&announced)).await.unwrap() else { panic!("announced again") };
    assert_ne!(anew["sending"]["id"], first);
    // X, or its clock, may mean every one of them to have ended when it is announced.
    let mut kept = announced;
    let refused = loop {
        kept["sending"]["until"] = json!(server.now() - jiff::SignedDuration::from_secs(1));
        match steps.prepare(Some(&kept)).await {
            Ok(Prepared::More(anew)) => kept = anew,
            other => break other,
        }
    };
    assert!(matches!(refused, Err(Failure::Rejected { ref code, .. }) if code == "media_refused"), "{refused:?}");
    assert_eq!(kept["sending"]["uploads"], 4);
}

#[tokio::test]
async fn an_answer_about_another_upload_is_none() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let film = film(SIZE);
    let steps = steps(&x, &server, &film, &film);
    let Prepared::More(announced) = steps.prepare(None).await.unwrap() else { panic!("announced first") };
    let Prepared::More(sent) = steps.prepare(Some(&announced)).await.unwrap() else { panic!("sent") };
    let other = json!({"code": 200, "body": {"data": {"id": "1", "media_key": "7_1"}}});
    server.order("media", "status", other).await;
    assert_eq!(steps.prepare(Some(&sent)).await, Err(Failure::Unavailable));
}

#[test]
fn a_video_that_x_does_not_take_is_refused_before_anything_is_sent() {
    let x = connector();
    let told = |probe: Probe| {
        let mut film = film(100);
        film.0.probe = Some(probe);
        let found = domain::publishing::check(&of_film("a film", &film), x.descriptor(), &[film.0], "/c");
        found.into_iter().map(|v| v.code).collect::<Vec<_>>()
    };
    let good = Probe {
        duration_ms: Some(140_000),
        codec: Some("h264".into()),
        ..Probe::picture("video/mp4", 512 * 1024 * 1024, 1_080, 1_920)
    };
    assert_eq!(told(good.clone()), [""; 0]);
    assert_eq!(told(Probe { duration_ms: Some(140_001), ..good.clone() }), ["video_duration"]);
    assert_eq!(told(Probe { duration_ms: Some(499), ..good.clone() }), ["video_duration"]);
    assert_eq!(told(Probe { codec: Some("hevc".into()), ..good.clone() }), ["media_type"]);
    assert_eq!(told(Probe { bytes: good.bytes + 1, ..good.clone() }), ["media_too_large"]);
    assert_eq!(told(Probe { width: 600, ..good }), ["media_shape"]);
}
