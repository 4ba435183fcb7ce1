//! Answers to messages of others on Slack: they stand in the thread of what they answer, which has one level.

use super::*;
use domain::publishing::{MediaRef, check};

/// What somebody said in the channel.
async fn said(slack: &Slack, server: &Connected, text: &str) -> Receipt {
    let small = picture("image/png", 100);
    Case::new(slack, server, Variant::text(text), &small).publish().await.unwrap().receipt
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_message_of_the_channel_is_answered_by_its_id_or_its_link_and_all_that_follows_stands_in_its_thread() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let there = said(&slack, &server, "what they said").await;
    let root = json!(there.id);
    // What is answered may stand in a thread itself: its link tells in which.
    let mut below = Case::new(&slack, &server, answering("is it?", there.id.as_deref().unwrap()), &small);
    let below = below.publish().await.unwrap().receipt.url.unwrap();
    assert!(below.contains("?thread_ts="), "{below}");
    for name in [there.id.unwrap(), there.url.unwrap(), below] {
        let mut pictured = answering("look", &name);
        pictured.parts[0].media = vec![MediaRef::new(small.0.id)];
        let threaded = Variant { reply_to: Some(name.clone()), ..thread(&["one", "two", "three"]) };
        let commented = Variant { first_comment: Some("more".into()), ..answering("four", &name) };
        for (variant, steps) in [(pictured, 1), (threaded, 3), (commented, 2)] {
            assert_eq!(check(&variant, slack.descriptor(), std::slice::from_ref(&small.0), "/content"), []);
            let mut case = Case::new(&slack, &server, variant, &small);
            case.key = format!("{name} {}", case.key);
            for _ in 0..steps {
                let receipt = case.publish().await.unwrap().receipt;
                let live = server.live().await;
                let last = live.last().unwrap();
                assert_eq!((&last["id"], &last["reply_to"]), (&json!(receipt.id), &root), "{name}");
                assert!(receipt.url.unwrap().contains("?thread_ts="));
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_in_its_thread_and_not_taken_for_the_same_words_elsewhere() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let (to, other) =
        (said(&slack, &server, "this").await.id.unwrap(), said(&slack, &server, "that").await.id.unwrap());
    for variant in [Variant::text("So it is today"), answering("So it is today", &other)] {
        let mut case = Case::new(&slack, &server, variant.clone(), &small);
        case.key = format!("{:?}", variant.reply_to);
        case.publish().await.unwrap();
    }
    let mut lost = Case::new(&slack, &server, answering("So it is today", &to), &small);
    lost.key = "lost".into();
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let Ok(Finding::Proved(receipt)) = lost.find().await else { panic!("it is found") };
    let live = server.live().await;
    assert_eq!((&live[4]["id"], &live[4]["reply_to"]), (&json!(receipt.id), &json!(to)));
    assert_eq!(live.len(), 5);
}

#[tokio::test]
async fn an_answer_to_what_is_not_there_or_cannot_be_looked_for_is_not_sent_into_the_channel() {
    let slack = connector();
    let mut server = connected(&slack).await;
    let small = picture("image/png", 100);
    for (name, words) in [
        ("", "no message of this channel"),
        ("x", "no message of this channel"),
        ("1", "no message of this channel"),
        ("https://example.com/archives/C0GENERAL1/p1503435956000247", "no message of this channel"),
        ("https://harbour-coffee-demo.slack.com/archives/C0OTHER001/p1503435956000247", "no message of this channel"),
        ("1503435956.000247", "is not there"),
        // Of a time to come.
        ("9999999999.000247", "is not there"),
    ] {
        let mut variant = answering("n", name);
        variant.parts[0].media = vec![MediaRef::new(small.0.id)];
        for variant in [variant, answering("n", name)] {
            let refused = Case::new(&slack, &server, variant, &small).publish().await;
            let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
            assert!(code == "not_found" && detail.contains(words), "{name}: {detail}");
        }
    }
    // Where nothing can be read.
    at(&mut server, "T0HARBOUR1/C0RANDOM01");
    let there = said(&slack, &server, "what they said").await.id.unwrap();
    let requests = server.requests().await;
    assert_eq!(code_of(&mut Case::new(&slack, &server, answering("n", &there), &small)).await, "forbidden");
    assert_eq!((server.requests().await, requests), (1, 1), "nothing is sent");
}

#[tokio::test]
async fn a_message_of_a_thread_is_not_answered_by_its_id_alone_which_does_not_tell_the_thread() {
    let slack = connector();
    let server = connected(&slack).await;
    let small = picture("image/png", 100);
    let there = said(&slack, &server, "what they said").await.id.unwrap();
    let mut below = Case::new(&slack, &server, answering("is it?", &there), &small);
    let below = below.publish().await.unwrap().receipt;
    let link = below.url.unwrap();
    let requests = server.requests().await;
    for name in [below.id.as_deref().unwrap(), link.split('?').next().unwrap()] {
        let mut filmed = answering("n", name);
        filmed.parts[0].media = vec![MediaRef::new(small.0.id)];
        for variant in [answering("n", name), filmed] {
            let refused = Case::new(&slack, &server, variant, &small).publish().await;
            let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
            assert!(code == "not_found" && detail.contains("give its link"), "{detail}");
        }
    }
    assert_eq!(server.requests().await, requests, "nothing is sent");
    let body = json!({ "ok": true, "has_more": false, "messages": [{ "ts": there, "thread_ts": there, "text": "" }] });
    server.order("list", "status", json!({ "code": 200, "body": body })).await;
    let refused = code_of(&mut Case::new(&slack, &server, answering("n", below.id.as_deref().unwrap()), &small)).await;
    assert_eq!(refused, "not_found", "Slack may tell the thread of a reply, first its first message");
}
