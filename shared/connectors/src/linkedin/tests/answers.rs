//! Answers to comments on LinkedIn.

use super::*;
use connector_kit::contract::Picture;

/// A comment below a post of the author, by its URN.
async fn commented(linkedin: &LinkedIn, server: &Connected, small: &Picture) -> String {
    let variant = Variant { first_comment: Some("what do you think?".into()), ..Variant::text("look") };
    let mut case = Case::new(linkedin, server, variant, small);
    case.publish().await.unwrap();
    case.publish().await.unwrap().receipt.id.unwrap()
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_comment_or_a_post_is_answered_by_its_urn_to_the_letter_and_the_answer_deleted() {
    let linkedin = connector();
    let small = picture("image/png", 100);
    for nth in [MEMBER, PAGE] {
        let server = Connected::start(&linkedin, "ada-demo", nth).await;
        let comment = commented(&linkedin, &server, &small).await;
        let post = server.live().await[0]["id"].as_str().unwrap().to_owned();
        for to in [comment, post] {
            let mut case = Case::new(&linkedin, &server, answering("More (all of it): https://e.org/a_b", &to), &small);
            let receipt = case.publish().await.unwrap().receipt;
            let live = server.live().await;
            let said = live.last().unwrap();
            assert_eq!((&said["id"], &said["reply_to"]), (&json!(receipt.id), &json!(to)));
            assert_eq!(said["text"], "More (all of it): https://e.org/a_b");
            assert!(receipt.url.as_deref().unwrap().contains("/feed/update/urn:li:"), "{receipt:?}");
            case.delete(&receipt).await.unwrap();
            assert_eq!(server.live().await.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_lost_answer_to_an_answer_is_found_below_the_comment_that_began_it_and_nowhere_else() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let comment = commented(&linkedin, &server, &small).await;
    let post = server.live().await[0]["id"].as_str().unwrap().to_owned();
    let first = Case::new(&linkedin, &server, answering("so it is", &comment), &small).publish().await.unwrap();
    // The same words by the same page below the post itself are another comment.
    Case::new(&linkedin, &server, answering("thank you", &post), &small).publish().await.unwrap();
    let mut lost = Case::new(&linkedin, &server, answering("thank you", &first.receipt.id.unwrap()), &small);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let newest = server.live().await.last().unwrap().clone();
    assert_eq!(newest["reply_to"].as_str(), Some(comment.as_str()));
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), newest["id"].as_str());
    // An answer without words of a comment tells nothing.
    server.order("list", "garbage", json!({})).await;
    assert_eq!(lost.find().await, Err(Failure::Unavailable));
}

#[tokio::test]
async fn an_answer_to_what_is_gone_is_refused_and_its_doubt_is_for_a_person() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let before = server.requests().await;
    let mut case = Case::new(&linkedin, &server, answering("so", "urn:li:comment:(urn:li:activity:1,2)"), &small);
    let refused = case.publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{refused:?}");
    assert_eq!(server.requests().await - before, 1, "nothing is sent twice");
    assert_eq!(case.find().await, Ok(Finding::Unreadable));
}
