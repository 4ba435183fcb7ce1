//! Answers to comments on WordPress.

use super::*;
use domain::publishing::Failure;
use jiff::SignedDuration;

/// A comment below a post of the user, by its number.
async fn commented(wordpress: &WordPress, server: &Connected, small: &Picture) -> String {
    let variant = Variant {
        title: Some("A title".into()),
        first_comment: Some("what do you think?".into()),
        ..Variant::text("look")
    };
    let mut case = Case::new(wordpress, server, variant, small);
    case.publish().await.unwrap();
    case.publish().await.unwrap().receipt.id.unwrap()
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_comment_is_answered_below_its_post_by_one_request_without_a_draft() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let comment = commented(&wordpress, &server, &small).await;
    let text = "More <b>here</b> & there: \"now\" [gallery]";
    let (drafts, before) = (server.calls("draft").await, server.requests().await);
    let receipt = Case::new(&wordpress, &server, answering(text, &comment), &small).publish().await.unwrap().receipt;
    assert_eq!((server.calls("draft").await, server.requests().await), (drafts, before + 1));
    let live = server.live().await;
    let said = live.last().unwrap();
    assert_eq!((said["text"].as_str(), said["reply_to"].as_str()), (Some(text), Some(comment.as_str())));
    assert!(receipt.url.unwrap().ends_with(&format!("#comment-{}", receipt.id.unwrap())));
}

#[tokio::test]
async fn a_lost_answer_is_not_taken_for_the_same_words_below_another_comment() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let comment = commented(&wordpress, &server, &small).await;
    let other = Case::new(&wordpress, &server, answering("so it is", &comment), &small).publish().await.unwrap();
    let mut lost = Case::new(&wordpress, &server, answering("so it is", &other.receipt.id.unwrap()), &small);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let newest = server.live().await.last().unwrap()["id"].clone();
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), newest.as_str());
    lost.progress = None;
    assert_eq!(lost.find().await, Ok(Finding::Unreadable), "nobody knows the post below which it may stand");
}

#[tokio::test]
async fn an_answer_to_what_is_gone_is_refused_before_anything_is_sent() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let before = server.requests().await;
    let refused = Case::new(&wordpress, &server, answering("so it is", "999"), &small).publish().await;
    let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
    assert!(code == "not_found" && detail.contains("no comment of this number"), "{detail}");
    assert_eq!(server.requests().await, before);
}

#[tokio::test]
async fn what_was_answered_before_in_the_same_words_is_not_the_answer_that_was_lost() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let comment = commented(&wordpress, &server, &small).await;
    Case::new(&wordpress, &server, answering("thank you", &comment), &small).publish().await.unwrap();
    for (hours, expected) in [(25, Finding::Absent), (1, Finding::Resembling(1))] {
        let mut lost = Case::new(&wordpress, &server, answering("thank you", &comment), &small);
        server.fault(Fault::DropBeforeCommit).await;
        lost.publish().await.unwrap_err();
        lost.started += SignedDuration::from_hours(hours);
        assert_eq!(lost.find().await, Ok(expected), "{hours} h");
    }
}

#[tokio::test]
async fn whether_an_answer_arrived_nobody_can_tell_once_what_it_answers_is_deleted() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let comment = commented(&wordpress, &server, &small).await;
    let mut lost = Case::new(&wordpress, &server, answering("so it is", &comment), &small);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    let unknown = json!({"code": "rest_comment_invalid_id", "message": "Invalid comment ID.", "data": {"status": 404}});
    server.order("lookup", "status", json!({"code": 404, "body": unknown})).await;
    assert_eq!(lost.find().await, Ok(Finding::Unreadable));
}
