//! Answers to posts of others on Bluesky: a post names what it answers, and what began the thread in which that stands.

use super::quotes::{THEIRS, said};
use super::*;

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

fn uri(did: &str, key: &str) -> String {
    format!("at://{did}/app.bsky.feed.post/{key}")
}

#[tokio::test]
async fn a_post_of_anybody_is_answered_by_its_address_in_the_protocol_or_in_the_app() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let theirs = said(&bluesky, &server, "what they said").await;
    let key = theirs.id.clone().unwrap();
    for (n, name) in [
        uri(THEIRS, &key),
        uri("lighthouse.test", &key),
        format!("https://bsky.app/profile/lighthouse.test/post/{key}?ref=x"),
        theirs.url.clone().unwrap(),
    ]
    .iter()
    .enumerate()
    {
        let requests = server.requests().await;
        let mut case = Case::new(&bluesky, &server, answering(&format!("so it is {n}"), name), &small);
        assert_eq!(check(&case.variant, bluesky.descriptor(), &[], "/content"), []);
        let receipt = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - requests, 1, "{name}");
        let reply = sent(&server).await["reply"].clone();
        assert_eq!(reply["root"], reply["parent"], "it began its thread");
        assert_eq!(reply["parent"]["uri"], json!(uri(THEIRS, &key)), "{name}");
        assert!(reply["parent"]["cid"].as_str().unwrap().starts_with("bafyrei"));
        assert_eq!(server.live().await.last().unwrap()["reply_to"], json!(key));
        case.delete(&receipt).await.unwrap();
    }
    assert_eq!(server.live().await.len(), 1, "an answer is deleted like any post");
}

#[tokio::test]
async fn every_part_and_the_comment_stand_in_the_thread_of_what_is_answered_each_below_the_one_before() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let began = said(&bluesky, &server, "what they said").await;
    let first = uri(THEIRS, &began.id.clone().unwrap());
    // What is answered may be an answer itself.
    let mut between = Case::new(&bluesky, &server, answering("is it?", &first), &small);
    let middle = uri(DID, &between.publish().await.unwrap().receipt.id.unwrap());
    let threaded = Variant { reply_to: Some(middle.clone()), ..thread(&["one", "two", "three"]) };
    let commented = Variant { first_comment: Some("more".into()), ..answering("four", &middle) };
    for (variant, steps) in [(threaded, 3), (commented, 2)] {
        let mut case = Case::new(&bluesky, &server, variant, &small);
        let mut parent = middle.clone();
        for _ in 0..steps {
            let receipt = case.publish().await.unwrap().receipt;
            let reply = sent(&server).await["reply"].clone();
            assert_eq!((&reply["root"]["uri"], &reply["parent"]["uri"]), (&json!(first), &json!(parent)));
            parent = uri(DID, &receipt.id.unwrap());
        }
    }
}

#[tokio::test]
async fn a_post_answers_one_and_quotes_another() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let (this, that) = (said(&bluesky, &server, "this").await, said(&bluesky, &server, "that").await);
    let variant = Variant { quote: that.url, ..answering("look", &this.url.unwrap()) };
    Case::new(&bluesky, &server, variant, &small).publish().await.unwrap();
    let record = sent(&server).await;
    assert_eq!(record["reply"]["parent"]["uri"], json!(uri(THEIRS, &this.id.unwrap())));
    assert_eq!(record["embed"]["record"]["uri"], json!(uri(THEIRS, &that.id.unwrap())));
}

#[tokio::test]
async fn what_names_no_post_or_one_that_is_gone_cannot_be_answered_and_nothing_is_uploaded_or_sent() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let key = "3jzfcijpj2z2a";
    for (name, words) in [
        ("", "what is answered is named by no address"),
        (key, "what is answered is named by no address"),
        ("https://example.com/profile/lighthouse.test/post/3jzfcijpj2z2a", "what is answered is named by no address"),
        (&format!("at://{THEIRS}/app.bsky.feed.like/{key}"), "what is answered is named by no address"),
        (&uri(THEIRS, "1"), "what is answered is named by no address"),
        // Nobody has these.
        (&uri(THEIRS, key), "the answered post is not there"),
        (&uri("did:plc:nobody", key), "the answered post is not there"),
        (&uri("nobody.test", key), "the answered post is not there"),
    ] {
        let mut variant = answering("look", name);
        variant.parts[0].media = vec![MediaRef::new(small.0.id)];
        let refused = Case::new(&bluesky, &server, variant, &small).publish().await;
        let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
        assert!(code == "not_found" && detail.contains(words), "{name}: {detail}");
    }
    assert_eq!((server.requests().await, server.calls("media").await), (0, 0));
}

#[tokio::test]
async fn a_lost_answer_is_found_under_its_own_key_and_nothing_leaves_without_what_it_answers() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let to = said(&bluesky, &server, "what they said").await;
    // The same words by the same account elsewhere.
    let mut alone = Case::new(&bluesky, &server, Variant::text("so it is"), &small);
    alone.key = "alone".into();
    alone.publish().await.unwrap();
    let mut case = Case::new(&bluesky, &server, answering("so it is", &to.url.unwrap()), &small);
    let requests = server.requests().await;
    assert_eq!(ports::Publish::publish(&bluesky, &case.call()).await, Err(Failure::Unavailable));
    assert_eq!(server.requests().await, requests);
    for (kind, params) in
        [("status", json!({ "code": 502 })), ("garbage", json!({})), ("drop_before_commit", json!({}))]
    {
        server.order("lookup", kind, params).await;
        assert_eq!(case.publish().await.unwrap_err(), Failure::Unavailable, "{kind}");
    }
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let reads = server.calls("lookup").await;
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(server.calls("lookup").await, reads, "what was read is not read again");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is found") };
    let live = server.live().await;
    assert_eq!((&live[2]["id"], &live[2]["reply_to"]), (&json!(receipt.id), &json!(to.id)));
    assert_eq!(live.len(), 3);
}
