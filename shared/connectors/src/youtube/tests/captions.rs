//! Captions of videos: whatever answer is lost, the video has each track once, whole, before anybody sees it.

use super::*;
use crate::tests::{captions, track};
use domain::publishing::{SUBRIP, WEBVTT};

/// The film, and captions in English and Brazilian Portuguese.
fn files() -> [Picture; 3] {
    [film(3_000), captions(SUBRIP, 150_000, 1), captions(WEBVTT, 300, 2)]
}

fn case<'a>(youtube: &'a YouTube, server: &'a Connected, [film, english, other]: &'a [Picture; 3]) -> Case<'a> {
    let mut variant = of_film(film);
    variant.parts[0].media[0].captions = vec![track(english, "en", Some("All of it")), track(other, "pt-BR", None)];
    Case::new(youtube, server, variant, film).with(english).with(other)
}

/// Prepares as workers do of whom each meets a failure that passes.
async fn up(case: &mut Case<'_>) -> Result<(), Failure> {
    for _ in 0..4 {
        match case.prepare().await {
            Err(Failure::Unavailable) => {}
            other => return other.map(drop),
        }
    }
    panic!("it ends some time")
}

/// The one video that is live has both tracks, to the byte.
async fn shows_both(server: &Connected, [_, english, other]: &[Picture; 3], why: &str) {
    let live = server.live().await;
    let [post] = live.as_slice() else { panic!("{why}: {live:?}") };
    let words = |file: &Picture| String::from_utf8(file.1.to_vec()).unwrap();
    let expected = json!([
        {"language": "en", "name": "All of it", "text": words(english)},
        {"language": "pt-BR", "name": "", "text": words(other)},
    ]);
    assert!(post["media"][0]["captions"] == expected, "{why}");
}

#[tokio::test]
async fn a_video_has_its_captions_whole_before_anybody_sees_it() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let files = files();
    let mut case = case(&youtube, &server, &files);
    case.prepare().await.unwrap();
    // Asked and sent, as one piece; and each track.
    assert_eq!((server.calls("media").await, server.live().await.len()), (4, 0));
    case.publish().await.unwrap();
    shows_both(&server, &files, "plain").await;
}

#[tokio::test]
async fn whatever_answer_about_captions_is_lost_the_video_has_each_track_once() {
    let youtube = connector();
    let files = files();
    for kind in ["commit_then_drop", "drop_before_commit", "cut_body", "garbage"] {
        for (op, skip) in [("media", 2), ("media", 3), ("list", 1), ("list", 2)] {
            let why = format!("{kind} {op} {skip}");
            let server = Connected::start(&youtube, ADA, 0).await;
            let order = json!({"platform": "youtube", "op": op, "kind": kind, "skip": skip, "params": {}});
            server.sandbox.control("faults", &order).await;
            let mut case = case(&youtube, &server, &files);
            up(&mut case).await.unwrap();
            case.publish().await.unwrap();
            shows_both(&server, &files, &why).await;
        }
    }
}

#[tokio::test]
async fn captions_that_a_late_list_does_not_tell_are_known_by_the_refusal_of_a_second_time() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let files = files();
    let mut case = case(&youtube, &server, &files);
    let order = |op: &str, kind: &str, skip: u32, params: Value| json!({"platform": "youtube", "op": op, "kind": kind, "skip": skip, "params": params});
    server.sandbox.control("faults", &order("media", "commit_then_drop", 2, json!({}))).await;
    let empty = json!({"code": 200, "body": {"items": []}});
    server.sandbox.control("faults", &order("list", "status", 2, empty)).await;
    up(&mut case).await.unwrap();
    case.publish().await.unwrap();
    shows_both(&server, &files, "the list was late").await;
    assert_eq!(server.calls("media").await, 5, "sent again, and refused as there already");
}

#[tokio::test]
async fn captions_that_youtube_cannot_read_stop_the_video_in_words() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let files = files();
    let mut case = case(&youtube, &server, &files);
    let failed = json!({"items": [{"snippet": {"language": "en", "name": "All of it", "status": "failed",
                                               "failureReason": "unknownFormat"}}]});
    let order = json!({"platform": "youtube", "op": "list", "kind": "status", "skip": 1, "params": {"code": 200, "body": failed}});
    server.sandbox.control("faults", &order).await;
    let Failure::Rejected { code, detail } = case.prepare().await.unwrap_err() else { panic!("refused") };
    assert_eq!(code, "media_processing_failed");
    assert!(detail.contains("unknownFormat"), "{detail}");
    assert!(server.live().await.is_empty());
}
