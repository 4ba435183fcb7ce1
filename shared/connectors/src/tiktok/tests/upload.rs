//! A video's way up, piece by piece.

use super::super::upload::PIECE;
use super::*;
use crate::tests::Steps;
use ports::Prepared;

/// Three pieces, the last of them larger.
const SIZE: usize = 3 * 5 * 1024 * 1024 + 1_000;

/// A film whose bytes differ.
fn long() -> Picture {
    let Picture(medium, head) = film(SIZE, 9);
    Picture(medium, head.slice(..64).iter().copied().chain((0..251).cycle()).take(SIZE).collect())
}

#[tokio::test]
async fn a_video_of_several_pieces_arrives_to_the_byte_and_only_its_last_one_publishes() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = long();
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    assert_eq!((server.calls("media").await, server.requests().await), (2, 0));
    assert!(server.live().await.is_empty());
    let published = case.publish().await.unwrap();
    assert_eq!((server.calls("media").await, server.requests().await), (2, 1));
    let live = server.live().await;
    assert_eq!(live[0]["id"].as_str(), published.receipt.id.as_deref());
    let name = case.progress.as_ref().unwrap()[FORMER][0]["id"].as_str().unwrap();
    let shown = server.sandbox.bytes(&format!("/media/tiktok/{name}")).await;
    assert!(shown == film.1, "to the byte");
}

#[tokio::test]
async fn a_worker_that_dies_before_it_wrote_down_what_was_sent_sends_nothing_twice() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = long();
    let steps = Steps::new((&tiktok, &server), of_film(&film), &film, &film);
    let kept = steps.all(|step| step > 0).await.unwrap();
    assert_eq!((server.calls("draft").await, server.calls("media").await), (1, 2), "TikTok says what it has");
    assert_eq!(kept[FORMER].as_array().unwrap().len(), 1);
    // One that dies before it wrote down the announcement leaves an upload without a byte.
    let again = Connected::start(&tiktok, ADA, 0).await;
    let steps = Steps::new((&tiktok, &again), of_film(&film), &film, &film);
    steps.all(|step| step == 0).await.unwrap();
    assert_eq!(again.calls("draft").await, 2);
}

#[tokio::test]
async fn a_piece_whose_answer_was_lost_is_asked_for_before_it_is_sent_again() {
    let tiktok = connector();
    for kind in ["commit_then_drop", "drop_before_commit"] {
        let server = Connected::start(&tiktok, ADA, 0).await;
        let film = long();
        let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
        server.order("media", kind, json!({})).await;
        assert_eq!(case.prepare().await, Err(Failure::Unavailable), "{kind}");
        case.publish().await.unwrap();
        let sent = if kind == "commit_then_drop" { 2 } else { 3 };
        assert_eq!((server.calls("draft").await, server.calls("media").await), (1, sent), "{kind}");
    }
}

#[tokio::test]
async fn an_upload_whose_address_is_gone_or_over_is_begun_anew_four_times_at_most() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = long();
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    server.order("media", "status", json!({"code": 410})).await;
    case.prepare().await.unwrap();
    assert_eq!(server.calls("draft").await, 2);

    // Its time is over before the last piece left.
    let mut kept = case.progress.take().unwrap();
    let newest = kept[FORMER].as_array().unwrap().len() - 1;
    kept[FORMER][newest]["until"] = json!(server.now() - SignedDuration::from_mins(1));
    case.progress = Some(kept);
    assert_eq!(tiktok.publish(&case.call()).await.map(drop), Err(Failure::Unavailable), "nothing leaves so late");
    case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.live().await.len()), (3, 1));

    let mut doomed = Case::new(&tiktok, &server, of_film(&film), &film);
    for _ in 0..4 {
        server.order("media", "status", json!({"code": 404})).await;
    }
    let begun = server.calls("draft").await;
    let refused = doomed.prepare().await.unwrap_err();
    assert_eq!((refused.code(), server.calls("draft").await - begun), ("media_refused", 4), "{refused:?}");
}

#[tokio::test]
async fn bytes_go_to_tiktoks_hosts_only() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    for url in ["https://evil.example/upload", "http://open-upload.tiktokapis.com/video/", "not an address"] {
        let body = json!({"data": {"publish_id": "v_1", "upload_url": url}, "error": {"code": "ok", "message": "", "log_id": "1"}});
        server.order("draft", "status", json!({"code": 200, "body": body})).await;
        let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
        assert_eq!(case.prepare().await, Err(Failure::Unavailable), "{url}");
    }
    assert_eq!(server.calls("media").await, 0);
}

#[tokio::test]
async fn a_step_that_sent_something_keeps_it_before_it_meets_what_failed() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = long();
    let steps = Steps::new((&tiktok, &server), of_film(&film), &film, &film);
    let Ok(Prepared::More(kept)) = steps.prepare(None).await else { panic!("announced") };
    server
        .sandbox
        .control(
            "faults",
            &json!({"platform": "tiktok", "op": "media", "kind": "status", "skip": 1, "params": {"code": 500}}),
        )
        .await;
    let Ok(Prepared::More(kept)) = steps.prepare(Some(&kept)).await else { panic!("a piece is kept") };
    assert_eq!(kept["way"]["sent"], json!(PIECE));
}
