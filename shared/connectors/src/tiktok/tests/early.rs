//! What TikTok says of an upload that is older than what becomes of it.

use super::super::upload::PIECE;
use super::*;
use ports::Prepared;

/// An answer about an upload.
fn said(data: &serde_json::Value) -> serde_json::Value {
    json!({ "code": 200, "body": { "data": data, "error": { "code": "ok", "message": "", "log_id": "1" } } })
}

/// A film whose last bytes TikTok took, and publishes later; a person looked, and said that it is not there.
async fn denied<'a>(tiktok: &'a TikTok, server: &'a Connected, film: &'a Picture) -> Case<'a> {
    server.set(json!({"tiktok_publish_ms": 600_000})).await;
    let mut case = Case::new(tiktok, server, of_film(film), film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    after_a_decision(&mut case);
    case
}

#[tokio::test]
async fn one_word_that_it_never_will_be_published_begins_no_other_upload_and_a_second_one_minutes_later_does() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let early = [
        json!({"status": "FAILED", "fail_reason": "internal"}),
        json!({"status": "PROCESSING_UPLOAD", "uploaded_bytes": 0}),
    ];
    for early in early {
        let mut case = denied(&tiktok, &server, &film).await;
        let begun = server.calls("draft").await;
        server.order("media_status", "status", said(&early)).await;
        assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })), "{early}: TikTok has it all the same");
        assert_eq!(server.calls("draft").await, begun, "{early}");
    }
    assert_eq!((server.calls("draft").await, server.live().await.len()), (2, 0));

    let mut case = denied(&tiktok, &server, &film).await;
    for _ in 0..2 {
        server.order("media_status", "status", said(&json!({"status": "FAILED", "fail_reason": "internal"}))).await;
    }
    assert_eq!(case.prepare().await, Ok(1), "it waits once");
    assert_eq!(server.calls("draft").await, 4);
}

#[tokio::test]
async fn an_upload_that_cannot_be_asked_after_hides_no_other_that_is_live_or_taken() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let gone =
        json!({ "id": "v_gone", "size": 3_000, "until": server.now() + SignedDuration::from_mins(9), "offered": true });
    for (published_ms, live) in [(600_000, false), (0, true)] {
        server.set(json!({"tiktok_publish_ms": published_ms})).await;
        let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        case.progress.as_mut().unwrap()[FORMER].as_array_mut().unwrap().insert(0, gone.clone());
        let found = case.find().await;
        assert_eq!(
            (matches!(found, Ok(Finding::Proved(_))), found == Ok(Finding::Pending)),
            (live, !live),
            "{found:?}"
        );
        after_a_decision(&mut case);
        let met = case.prepare().await.unwrap_err();
        assert_eq!(
            (matches!(met, Failure::Duplicate { .. }), matches!(met, Failure::Taken { .. })),
            (live, !live),
            "{met:?}"
        );
    }
    // Alone it stops everything: it may be live.
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    case.progress = Some(json!({ FORMER: [gone] }));
    assert_eq!((case.find().await, case.prepare().await), (Err(Failure::Unavailable), Err(Failure::Unavailable)));
}

#[tokio::test]
async fn an_upload_whose_last_bytes_never_left_and_that_tiktok_does_not_know_stops_nothing() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    let until = server.now() + SignedDuration::from_mins(9);
    case.progress = Some(json!({ FORMER: [{ "id": "v_gone", "size": 3_000, "until": until, "offered": false }] }));
    case.publish().await.unwrap();
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn a_count_that_lags_is_asked_for_once_more_before_an_upload_is_begun_anew() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3 * 5 * 1024 * 1024, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    for _ in 0..3 {
        server
            .order("media_status", "status", said(&json!({"status": "PROCESSING_UPLOAD", "uploaded_bytes": PIECE})))
            .await;
        assert_eq!(case.prepare().await, Ok(1), "it waits for the count, and goes on");
    }
    assert_eq!((server.calls("draft").await, server.calls("media").await), (1, 2));
    case.publish().await.unwrap();
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_said_to_be_whole_too_early_is_asked_after_as_one_whose_last_bytes_left() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3 * 5 * 1024 * 1024, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    let Ok(Prepared::More(kept)) = tiktok.prepare(&case.call()).await else { panic!("announced") };
    case.progress = Some(kept);
    server.order("media", "status", json!({"code": 201})).await;
    let Ok(Prepared::More(kept)) = tiktok.prepare(&case.call()).await else { panic!("kept") };
    assert_eq!((&kept[FORMER][0]["offered"], &kept["way"]), (&json!(true), &serde_json::Value::Null));
}
