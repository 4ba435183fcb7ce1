//! Answers to comments on Facebook.

use super::*;

/// A comment below a post of the page, by its id.
async fn commented(facebook: &Facebook, server: &Connected, png: &Picture) -> String {
    let variant = Variant { first_comment: Some("what do you think?".into()), ..Variant::text("look") };
    let mut case = Case::new(facebook, server, variant, png);
    case.publish().await.unwrap();
    case.publish().await.unwrap().receipt.id.unwrap()
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_comment_is_answered_below_it_and_a_post_of_the_page_below_itself_with_the_link_in_the_words() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let comment = commented(&facebook, &server, &png).await;
    let post = server.live().await[0]["id"].as_str().unwrap().to_owned();
    for to in [comment, post] {
        let mut variant = answering("Here it is", &to);
        variant.link = Some(LinkCard { url: "https://example.com/a".into(), title: None, description: None });
        assert_eq!(check(&variant, facebook.descriptor(), &[], "/content"), []);
        let words = "Here it is\nhttps://example.com/a";
        assert_eq!(facebook.render(&variant), [words], "it is approved as it is sent");
        let mut case = Case::new(&facebook, &server, variant, &png);
        let receipt = case.publish().await.unwrap().receipt;
        let live = server.live().await;
        let said = live.last().unwrap();
        assert_eq!((said["text"].as_str(), said["reply_to"].as_str()), (Some(words), Some(to.as_str())));
        assert_eq!(receipt.id.as_deref(), said["id"].as_str());
    }
}

#[tokio::test]
async fn a_lost_answer_to_an_answer_is_found_below_the_comment_that_began_it_and_nowhere_else() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let comment = commented(&facebook, &server, &png).await;
    let first = Case::new(&facebook, &server, answering("so it is", &comment), &png).publish().await.unwrap();
    let first = first.receipt.id.unwrap();
    // The same words by the same page below the post itself are another comment.
    let post = server.live().await[0]["id"].as_str().unwrap().to_owned();
    Case::new(&facebook, &server, answering("thank you", &post), &png).publish().await.unwrap();
    let mut lost = Case::new(&facebook, &server, answering("thank you", &first), &png);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let newest = server.live().await.last().unwrap().clone();
    assert_eq!(newest["reply_to"].as_str(), Some(comment.as_str()), "it stands below the comment that began it");
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), newest["id"].as_str());
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_no_proof_that_nothing_was_said() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let comment = commented(&facebook, &server, &png).await;
    let mut lost = Case::new(&facebook, &server, answering("so it is", &comment), &png);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    for (op, kind) in [("lookup", "status"), ("lookup", "garbage"), ("list", "status"), ("list", "garbage")] {
        server.order(op, kind, json!({"code": 503})).await;
        assert_eq!(lost.find().await, Err(Failure::Unavailable), "{op} {kind}");
    }
    assert!(matches!(lost.find().await, Ok(Finding::Found(_))));
}

#[tokio::test]
async fn an_answer_to_what_is_gone_is_refused_and_nothing_stands_alone_instead() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let (before, live) = (server.requests().await, server.live().await.len());
    let refused =
        Case::new(&facebook, &server, answering("so it is", "700000000001_800000000009"), &png).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{refused:?}");
    assert_eq!((server.requests().await - before, server.live().await.len() - live), (1, 0), "nothing is sent twice");
}
