//! Answers to posts of others on Threads.

use super::*;
use domain::publishing::check;

/// What was said, by its id.
async fn post(threads: &Threads, server: &Connected, png: &Picture, text: &str) -> String {
    Case::new(threads, server, Variant::text(text), png).publish().await.unwrap().receipt.id.unwrap()
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_post_is_answered_by_its_id_with_words_a_picture_or_several_and_what_follows_answers_the_part_before() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let id = post(&threads, &server, &png, "what was said").await;
    let shows = |text: &str, count: usize| Variant { reply_to: Some(id.clone()), ..with_pictures(text, count, &png) };
    for (text, variant) in
        [("words", answering("words", &id)), ("a picture", shows("a picture", 1)), ("several", shows("several", 3))]
    {
        assert_eq!(check(&variant, threads.descriptor(), std::slice::from_ref(&png.0), "/content"), []);
        Case::new(&threads, &server, variant, &png).publish().await.unwrap();
        assert_eq!(said(&server, text).await["reply_to"], json!(id));
    }
    let threaded = Variant { reply_to: Some(id.clone()), ..thread(&["one", "two"]) };
    let commented = Variant { first_comment: Some("four".into()), ..answering("three", &id) };
    for (variant, [first, second]) in [(threaded, ["one", "two"]), (commented, ["three", "four"])] {
        let mut case = Case::new(&threads, &server, variant, &png);
        case.publish().await.unwrap();
        case.publish().await.unwrap();
        let (first, second) = (said(&server, first).await, said(&server, second).await);
        assert_eq!((&first["reply_to"], &second["reply_to"]), (&json!(id), &first["id"]));
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_among_the_replies_and_not_taken_for_the_same_words_elsewhere() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let (to, other) = (post(&threads, &server, &png, "this").await, post(&threads, &server, &png, "that").await);
    // The same words by the same account: on their own, and below another post.
    for variant in [Variant::text("so it is today"), answering("so it is today", &other)] {
        Case::new(&threads, &server, variant, &png).publish().await.unwrap();
    }
    let mut lost = Case::new(&threads, &server, answering("so it is today", &to), &png);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let Ok(Finding::Live(receipt)) = lost.find().await else { panic!("it is found") };
    let live = server.live().await;
    assert_eq!((&live[4]["id"], &live[4]["reply_to"]), (&json!(receipt.id), &json!(to)));
    assert_eq!(live.len(), 5);
}

#[tokio::test]
async fn what_is_named_by_no_id_is_refused_before_anything_leaves_and_what_is_not_there_by_threads() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    for name in ["", "x", "1/2", "https://www.threads.com/@ada/post/DAbc"] {
        for pictures in [0, 1, 2] {
            let variant = Variant { reply_to: Some(name.into()), ..with_pictures("look", pictures, &png) };
            let refused = Case::new(&threads, &server, variant, &png).publish().await;
            let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
            assert!(code == "not_found" && detail.contains("by its id"), "{name}: {detail}");
        }
    }
    assert_eq!((server.calls("media").await, server.requests().await), (0, 0));
    let refused = Case::new(&threads, &server, answering("look", "18019999"), &png).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{refused:?}");
    assert_eq!((server.calls("media").await, server.requests().await), (1, 0), "nothing is sent twice");
}

#[tokio::test]
async fn an_answer_that_takes_another_permission_is_refused_in_words_and_the_account_stays_connected() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let others = json!({ "code": 403, "body": { "error": { "message": "not your thread", "code": 10 } } });
    server.order("media", "status", others).await;
    let refused = Case::new(&threads, &server, answering("look", "18019999"), &png).publish().await;
    let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
    assert!(code == "forbidden" && detail.contains("not your thread"), "{detail}");
}
