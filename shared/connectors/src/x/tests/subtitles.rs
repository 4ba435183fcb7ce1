//! Subtitles of videos on X: whatever answer is lost, the video has each track once, whole, before it is posted.

use super::*;
use crate::tests::{captions, track};
use connector_kit::contract::Picture;
use domain::publishing::{MAX_CAPTIONS, Probe, SUBRIP, WEBVTT};

/// Calls that upload the film: announced, one segment, finished. Then each track: announced, one segment, finished, made the video's.
const CALLS: u64 = 3 + 2 * 4;

fn film() -> Picture {
    let mut film = picture("video/mp4", 3_000);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe { duration_ms: Some(9_000), codec: Some("h264".into()), ..probe });
    film
}

/// The film, and captions in English and German.
fn files() -> [Picture; 3] {
    [film(), captions(SUBRIP, 150_000, 1), captions(WEBVTT, 300, 2)]
}

fn case<'a>(x: &'a X, server: &'a Connected, [film, english, german]: &'a [Picture; 3]) -> Case<'a> {
    let mut variant = Variant::text("a film");
    let captions = vec![track(english, "en", Some("English (all)")), track(german, "de", None)];
    variant.parts[0].media.push(MediaRef { captions, ..MediaRef::new(film.0.id) });
    Case::new(x, server, variant, film).with(english).with(german)
}

/// The one post's video has both tracks, to the byte.
async fn shows_both(server: &Connected, [_, english, german]: &[Picture; 3], why: &str) {
    let live = server.live().await;
    let [post] = live.as_slice() else { panic!("{why}: {live:?}") };
    let words = |file: &Picture| String::from_utf8(file.1.to_vec()).unwrap();
    let expected = json!([
        {"language": "EN", "name": "English (all)", "text": words(english)},
        {"language": "DE", "name": null, "text": words(german)},
    ]);
    assert!(post["media"][0]["captions"] == expected, "{why}");
}

#[tokio::test]
async fn a_video_has_its_subtitles_whole_before_it_is_posted() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let files = files();
    let mut case = case(&x, &server, &files);
    case.prepare().await.unwrap();
    assert_eq!((server.calls("media").await, server.requests().await), (CALLS, 0));
    case.publish().await.unwrap();
    shows_both(&server, &files, "plain").await;
}

#[tokio::test]
async fn whatever_answer_about_subtitles_is_lost_the_video_has_each_once() {
    let x = connector();
    let files = files();
    for kind in ["commit_then_drop", "drop_before_commit", "cut_body"] {
        for skip in 3..CALLS {
            let why = format!("{kind} {skip}");
            let server = Connected::start(&x, "ada_demo", 0).await;
            let order = json!({"platform": "x", "op": "media", "kind": kind, "skip": skip});
            server.sandbox.control("faults", &order).await;
            let mut case = case(&x, &server, &files);
            let mut lost = 0;
            while let Err(failure) = case.prepare().await {
                assert_eq!(failure, Failure::Unavailable, "{why}");
                lost += 1;
                assert!(lost < 3, "{why}: it does not end");
            }
            case.publish().await.unwrap();
            assert_eq!(server.requests().await, 1);
            shows_both(&server, &files, &why).await;
        }
    }
}

#[tokio::test]
async fn captions_as_large_as_they_may_be_go_up() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let mut files = files();
    files[1] = captions(SUBRIP, usize::try_from(MAX_CAPTIONS).unwrap(), 1);
    case(&x, &server, &files).publish().await.unwrap();
    assert_eq!(server.calls("media").await, CALLS);
}

#[tokio::test]
async fn captions_that_changed_or_that_x_refuses_stop_the_post_in_words() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let mut files = files();
    files[2].1 = files[2].1.slice(..200);
    let changed = case(&x, &server, &files).prepare().await.unwrap_err();
    assert_eq!(changed.code(), "media_changed");
    files = self::files();
    let mut case = case(&x, &server, &files);
    case.key.push_str(" again");
    let body = json!({"title": "Invalid Request", "detail": "no subtitles here", "status": 400});
    let order =
        json!({"platform": "x", "op": "media", "kind": "status", "skip": 6, "params": {"code": 400, "body": body}});
    server.sandbox.control("faults", &order).await;
    let Failure::Rejected { detail, .. } = case.prepare().await.unwrap_err() else { panic!("refused") };
    assert!(detail.contains("no subtitles here"), "{detail}");
    assert_eq!(server.requests().await, 0, "nothing is posted without them");
}
