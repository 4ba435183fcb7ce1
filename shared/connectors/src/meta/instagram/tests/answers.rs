//! Answers to comments on Instagram.

use super::*;

/// A comment below a post of the account, by its id.
async fn commented(instagram: &Instagram, server: &Connected, jpeg: &Picture) -> String {
    let variant = Variant { first_comment: Some("what do you think?".into()), ..with_pictures("look", 1, jpeg) };
    let mut case = Case::new(instagram, server, variant, jpeg);
    case.publish().await.unwrap();
    case.publish().await.unwrap().receipt.id.unwrap()
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_comment_is_answered_by_one_request_without_a_container_or_a_post_of_the_day() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let comment = commented(&instagram, &server, &jpeg).await;
    let variant = answering("so it is", &comment);
    let limits = &instagram.descriptor().limits;
    assert_eq!(limits.quotas_for(variant.kind, true), []);
    let (media, requests) = (calls(&server, "media").await, server.requests().await);
    let receipt = Case::new(&instagram, &server, variant, &jpeg).publish().await.unwrap().receipt;
    assert_eq!((calls(&server, "media").await, server.requests().await), (media, requests + 1));
    let live = server.live().await;
    let said = live.last().unwrap();
    assert_eq!((said["text"].as_str(), said["reply_to"].as_str()), (Some("so it is"), Some(comment.as_str())));
    assert_eq!(receipt, Receipt { id: said["id"].as_str().map(str::to_owned), url: None });
}

#[tokio::test]
async fn an_answer_is_deleted_with_either_login_where_a_post_is_not() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let comment = commented(&instagram, &server, &jpeg).await;
    let mut case = Case::new(&instagram, &server, answering("so it is", &comment), &jpeg);
    let receipt = case.publish().await.unwrap().receipt;
    case.delete(&receipt).await.unwrap();
    case.delete(&receipt).await.unwrap();
    assert_eq!(server.live().await.len(), 2, "the post and the comment");
    let post = Receipt { id: server.live().await[0]["id"].as_str().map(str::to_owned), url: None };
    let refused = Case::new(&instagram, &server, with_pictures("look", 1, &jpeg), &jpeg).delete(&post).await;
    assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_lost_answer_to_an_answer_is_found_below_the_comment_that_instagram_puts_it_below() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let comment = commented(&instagram, &server, &jpeg).await;
    let first = Case::new(&instagram, &server, answering("so it is", &comment), &jpeg).publish().await.unwrap();
    let mut lost = Case::new(&instagram, &server, answering("thank you", &first.receipt.id.unwrap()), &jpeg);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let newest = server.live().await.last().unwrap().clone();
    assert_eq!(newest["reply_to"].as_str(), Some(comment.as_str()));
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), newest["id"].as_str());
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_no_proof_that_nothing_was_said() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let comment = commented(&instagram, &server, &jpeg).await;
    let mut lost = Case::new(&instagram, &server, answering("so it is", &comment), &jpeg);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    for (op, kind) in [("lookup", "status"), ("lookup", "garbage"), ("list", "status"), ("list", "garbage")] {
        server.order(op, kind, json!({"code": 503})).await;
        assert_eq!(lost.find().await, Err(Failure::Unavailable), "{op} {kind}");
    }
    assert!(matches!(lost.find().await, Ok(Finding::Found(_))));
}

#[tokio::test]
async fn an_answer_to_what_is_gone_is_refused_and_says_nothing_of_the_account() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let (before, live) = (server.requests().await, server.live().await.len());
    let refused = Case::new(&instagram, &server, answering("so it is", "18100000000000999"), &jpeg).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{refused:?}");
    assert_eq!((server.requests().await - before, server.live().await.len() - live), (1, 0), "nothing is sent twice");
}
