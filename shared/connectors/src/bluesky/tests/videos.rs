//! Videos on Bluesky: a blob of the account's own server, which one record shows.

use super::*;
use connector_kit::contract::Picture;
use domain::publishing::Probe;
use ports::Publish;

fn film() -> Picture {
    let mut film = picture("video/mp4", 1_500_000);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe { width: 1_920, height: 1_080, duration_ms: Some(9_000), ..probe });
    film
}

fn of_film(text: &str, alt: Option<&str>, film: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media.push(MediaRef { alt_text: alt.map(str::to_owned), ..MediaRef::new(film.0.id) });
    variant
}

#[tokio::test]
async fn a_video_is_one_upload_and_one_record_with_its_text_its_words_and_its_shape() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let film = film();
    for (text, alt) in [("a film", Some("ships & <b>")), ("", None), ("empty words", Some(""))] {
        let (uploads, requests) = (server.calls("media").await, server.requests().await);
        let mut case = Case::new(&bluesky, &server, of_film(text, alt, &film), &film);
        let receipt = case.publish().await.unwrap().receipt;
        assert_eq!((server.calls("media").await - uploads, server.requests().await - requests), (1, 1));
        let record = sent(&server).await;
        let embed = &record["embed"];
        assert_eq!((&record["text"], &embed["$type"]), (&json!(text), &json!("app.bsky.embed.video")));
        assert_eq!(embed["alt"], alt.filter(|alt| !alt.is_empty()).map_or(json!(null), |alt| json!(alt)));
        assert_eq!(embed["aspectRatio"], json!({ "width": 1_920, "height": 1_080 }));
        assert_eq!((&embed["video"]["mimeType"], &embed["video"]["size"]), (&json!("video/mp4"), &json!(1_500_000)));
        let live = server.live().await;
        let shown = live.last().unwrap()["media"][0]["id"].as_str().unwrap().to_owned();
        assert!(server.sandbox.bytes(&format!("/media/bluesky/{shown}")).await == film.1, "other bytes arrived");
        case.delete(&receipt).await.unwrap();
        assert!(server.live().await.is_empty());
    }
}

#[tokio::test]
async fn whatever_answer_is_lost_there_is_one_record_and_a_blob_that_is_fresh_is_not_sent_again() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let film = film();
    for kind in ["commit_then_drop", "drop_before_commit", "garbage"] {
        server.order("media", kind, json!({})).await;
        let mut case = Case::new(&bluesky, &server, of_film(kind, None, &film), &film);
        let live = server.live().await.len();
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{kind}: an upload leaves no doubt");
        case.publish().await.unwrap();
        assert_eq!(server.live().await.len(), live + 1);
    }
    let mut case = Case::new(&bluesky, &server, of_film("the request", None, &film), &film);
    let live = server.live().await.len();
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let uploads = server.calls("media").await;
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(server.calls("media").await, uploads);
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "its key is taken");
    assert_eq!(server.live().await.len(), live + 1);
    // A blob that no record refers to is kept for an hour.
    let mut case = Case::new(&bluesky, &server, of_film("later", None, &film), &film);
    case.prepare().await.unwrap();
    case.progress.as_mut().unwrap()["at"] = json!(server.now() - SignedDuration::from_hours(1));
    assert!(bluesky.needs_preparing(&case.call()));
    let uploads = server.calls("media").await;
    case.publish().await.unwrap();
    assert_eq!(server.calls("media").await, uploads + 1);
}

#[tokio::test]
async fn a_server_that_takes_less_says_so_before_anything_is_recorded() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let film = film();
    server.set(json!({ "bluesky_blob_bytes": 1_000_000 })).await;
    let refused = Case::new(&bluesky, &server, of_film("too large", None, &film), &film).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "media_too_large"), "{refused:?}");
    assert_eq!(server.requests().await, 0);
    // An older lexicon is smaller than what was uploaded.
    let body = json!({ "error": "InvalidRequest", "message": "Invalid app.bsky.feed.post record: blob too big (maximum 1, got 2)" });
    server.set(json!({ "bluesky_blob_bytes": 60_000_000 })).await;
    server.order("create_post", "status", json!({ "code": 400, "body": body })).await;
    let refused = Case::new(&bluesky, &server, of_film("too large", None, &film), &film).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "media_too_large"), "{refused:?}");
    assert_eq!(server.live().await.len(), 0);
}

#[tokio::test]
async fn what_the_lexicon_takes_of_videos_is_told_before_a_post_is_accepted() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let codes = |alt: usize, change: &dyn Fn(&mut Probe), media: usize| -> Vec<String> {
        let mut film = film();
        change(film.0.probe.as_mut().unwrap());
        let mut variant = of_film("a film", Some(&"é".repeat(alt)), &film);
        variant.parts[0].media = vec![variant.parts[0].media[0].clone(); media];
        let told = check(&variant, bluesky.descriptor(), std::slice::from_ref(&film.0), "/c");
        told.into_iter().map(|violation| violation.code).collect()
    };
    assert!(codes(1_000, &|probe| probe.bytes = 50_000_000, 1).is_empty());
    assert_eq!(codes(1_001, &|_| {}, 1), ["alt_text_too_long"], "shorter than that of a picture");
    assert_eq!(codes(9, &|probe| probe.bytes = 50_000_001, 1), ["media_too_large"]);
    assert_eq!(codes(9, &|probe| probe.media_type = "video/quicktime".into(), 1), ["media_type"]);
    assert_eq!(codes(9, &|_| {}, 2), ["media_too_many"]);
    let film = film();
    for (alt, fits) in [(1_000, true), (1_001, false)] {
        let alt = "é".repeat(alt);
        let sent = Case::new(&bluesky, &server, of_film("a film", Some(&alt), &film), &film).publish().await;
        assert_eq!(sent.is_ok(), fits, "{sent:?}");
    }
}
