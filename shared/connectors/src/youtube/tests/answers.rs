//! Answers to comments on YouTube.

use super::*;
use jiff::SignedDuration;

/// A comment below a video of the channel, and the video, by their ids.
async fn commented(youtube: &YouTube, server: &Connected, film: &Picture) -> (String, String) {
    let variant = Variant { first_comment: Some("what do you think?".into()), ..of_film(film) };
    let mut case = Case::new(youtube, server, variant, film);
    let video = case.publish().await.unwrap().receipt.id.unwrap();
    (case.publish().await.unwrap().receipt.id.unwrap(), video)
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_comment_is_answered_by_one_request_without_a_video_or_an_upload_of_the_day() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let (comment, video) = commented(&youtube, &server, &film).await;
    let variant = answering("More <here> & there", &comment);
    assert_eq!(youtube.descriptor().limits.quotas_for(variant.kind, true), []);
    let before = (server.requests().await, server.calls("draft").await, server.calls("media").await);
    let receipt = Case::new(&youtube, &server, variant, &film).publish().await.unwrap().receipt;
    let after = (server.requests().await, server.calls("draft").await, server.calls("media").await);
    assert_eq!(after, (before.0 + 1, before.1, before.2));
    let live = server.live().await;
    let said = live.last().unwrap();
    assert_eq!(
        (said["text"].as_str(), said["reply_to"].as_str()),
        (Some("More <here> & there"), Some(comment.as_str()))
    );
    let id = said["id"].as_str().unwrap();
    assert!(id.contains('.'), "{id}");
    let url = format!("{}&lc={id}", web(&server.app, &video));
    assert_eq!(receipt, Receipt { id: Some(id.to_owned()), url: Some(url) });
}

#[tokio::test]
async fn an_answer_is_answered_below_the_same_comment_for_youtube_has_one_level_of_them() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let (comment, video) = commented(&youtube, &server, &film).await;
    let first = Case::new(&youtube, &server, answering("so it is", &comment), &film).publish().await.unwrap();
    let below = first.receipt.id.unwrap();
    Case::new(&youtube, &server, answering("and more", &below), &film).publish().await.unwrap();
    assert_eq!(server.live().await.last().unwrap()["reply_to"], json!(comment), "{below}");
    let before = server.requests().await;
    for name in [video, format!("{comment}&x=y"), format!(".{comment}"), format!("{below}.x")] {
        let refused = Case::new(&youtube, &server, answering("thank you", &name), &film).publish().await;
        let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
        assert!(code == "not_found" && detail.contains("no id of a comment on YouTube"), "{detail}");
    }
    assert_eq!(server.requests().await, before);
    let gone =
        Case::new(&youtube, &server, answering("thank you", "Ugx00000000000000000000AaABAg"), &film).publish().await;
    assert!(matches!(&gone, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{gone:?}");
}

#[tokio::test]
async fn an_answer_that_youtube_may_hold_back_is_for_a_person_to_look_at_and_not_sent_again() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let (comment, video) = commented(&youtube, &server, &film).await;
    let mut case = Case::new(&youtube, &server, answering("so it is", &comment), &film);
    let held =
        json!({"id": format!("{comment}.1"), "snippet": {"videoId": video, "moderationStatus": "heldForReview"}});
    server.order("create_post", "status", json!({"code": 200, "body": held})).await;
    let Err(Failure::Unconfirmed { detail }) = case.publish().await else { panic!("it is taken for shown") };
    assert!(detail.contains("heldForReview"), "{detail}");
    assert_eq!(case.find().await, Ok(Finding::Absent), "nothing is held back, and the list has none");
    // The list of the thread, its answers, then what waits for a review: the thread stands there.
    let thread = json!({"items": [{"id": comment, "snippet": {"videoId": video}}]});
    let none = json!({"items": []});
    for body in [&thread, &none, &thread] {
        server.order("list", "status", json!({"code": 200, "body": body})).await;
    }
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN));
    // Below somebody else's video these may not be read.
    for body in [&thread, &none] {
        server.order("list", "status", json!({"code": 200, "body": body})).await;
    }
    let forbidden = json!({"error": {"code": 403, "message": "no", "errors": [{"reason": "forbidden", "domain": "youtube.commentThread"}]}});
    server.order("list", "status", json!({"code": 403, "body": forbidden})).await;
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN));
    // The thread is gone, or comments are off.
    server.order("list", "status", json!({"code": 200, "body": none})).await;
    assert_eq!(case.find().await, Ok(Finding::Unreadable));
    server.set(json!({"youtube_comments": false})).await;
    assert!(matches!(case.find().await, Ok(Finding::Unreadable | Finding::UNSHOWN)));
}

#[tokio::test]
async fn what_was_answered_before_in_the_same_words_is_not_the_answer_that_was_lost() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let small = film(3_000);
    let (comment, _) = commented(&youtube, &server, &small).await;
    Case::new(&youtube, &server, answering("thank you", &comment), &small).publish().await.unwrap();
    for (hours, expected) in [(25, Finding::Absent), (1, Finding::Resembling(1))] {
        let mut lost = Case::new(&youtube, &server, answering("thank you", &comment), &small);
        server.fault(Fault::DropBeforeCommit).await;
        lost.publish().await.unwrap_err();
        lost.started += SignedDuration::from_hours(hours);
        assert_eq!(lost.find().await, Ok(expected), "{hours} h");
    }
}
