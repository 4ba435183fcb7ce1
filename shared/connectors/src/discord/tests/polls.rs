//! Polls on Discord: messages that ask something, with a text or without.

use super::*;
use crate::tests::poll;
use domain::publishing::check;

/// A delivery of its own: cases are named by their texts, and these have none.
fn case<'a>(discord: &'a Discord, server: &'a Connected, variant: Variant, bytes: &'a Picture) -> Case<'a> {
    let mut case = Case::new(discord, server, variant, bytes);
    case.key = format!("{:?}", case.variant);
    case
}

#[tokio::test]
async fn a_poll_goes_out_by_one_request_with_its_question_answers_and_hours_and_can_be_deleted() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    for (text, multiple) in [("Said beside it", true), ("", false)] {
        let mut variant = poll("Tea or coffee?", &["Tea", "Coffee"], 180);
        variant.parts[0].text = text.into();
        variant.poll.as_mut().unwrap().multiple = multiple;
        let before = server.requests().await;
        let mut case = case(&discord, &server, variant, &small);
        let receipt = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - before, 1);
        let live = server.live().await;
        assert_eq!((&live[0]["text"], &live[0]["poll"]), (&json!(text), &json!(["Tea", "Coffee"])));
        let sent: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
        let asked = &sent["poll"];
        assert_eq!((&asked["question"], &asked["duration"]), (&json!({ "text": "Tea or coffee?" }), &json!(3)));
        assert_eq!(asked["allow_multiselect"], json!(multiple));
        assert_eq!(sent["allowed_mentions"], json!({ "parse": [] }));
        case.delete(&receipt).await.unwrap();
        assert!(server.live().await.is_empty());
    }
}

#[tokio::test]
async fn a_lost_poll_is_found_by_its_question_and_answers_with_a_text_and_without() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    for text in ["Said  beside\nit ", ""] {
        let mut variant = poll(" Tea or  coffee? ", &["Tea", " Coffee "], 60);
        variant.parts[0].text = text.into();
        let mut lost = case(&discord, &server, variant, &small);
        server.fault(Fault::DropBeforeCommit).await;
        lost.publish().await.unwrap_err();
        let before = lost.find().await.unwrap();
        server.fault(Fault::CommitThenDrop).await;
        lost.publish().await.unwrap_err();
        let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("{text:?} is found") };
        let live = server.live().await;
        assert_eq!(receipt.id.as_deref(), live.last().unwrap()["id"].as_str());
        // The second asks what the first asked, beside another text: it is not there before it is sent, and may be the first.
        assert_eq!(before, if text.is_empty() { Finding::Resembling(1) } else { Finding::Absent });
    }
}

#[tokio::test]
async fn a_poll_that_asks_or_offers_something_else_is_not_taken_for_the_lost_one() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let mut there = poll("Tea or coffee?", &["Tea", "Coffee"], 60);
    there.parts[0].text = "About drinks".into();
    case(&discord, &server, there.clone(), &small).publish().await.unwrap();
    let with = |change: &dyn Fn(&mut Variant)| {
        let mut variant = there.clone();
        change(&mut variant);
        variant
    };
    for (variant, expected) in [
        (there.clone(), None),
        (poll("Milk or sugar?", &["Tea", "Coffee"], 60), Some(Finding::Absent)),
        (poll("Tea or coffee?", &["Coffee", "Tea"], 60), Some(Finding::Resembling(1))),
        (poll("Tea or coffee?", &["Tea"], 60), Some(Finding::Resembling(1))),
        (poll("Tea or coffee?", &["Tea", "Coffee"], 60), Some(Finding::Resembling(1))),
        (with(&|variant| variant.poll.as_mut().unwrap().multiple = true), Some(Finding::Resembling(1))),
        // The same words without anything to choose from are another post.
        (with(&|variant| variant.poll = None), Some(Finding::Resembling(1))),
        (Variant::text("Something else"), Some(Finding::Absent)),
    ] {
        let found = case(&discord, &server, variant.clone(), &small).find().await.unwrap();
        match expected {
            None => assert!(matches!(found, Finding::Found(_)), "{found:?}"),
            Some(expected) => assert_eq!(found, expected, "{variant:?}"),
        }
    }
}

#[tokio::test]
async fn a_poll_of_an_emoji_alone_that_somebody_else_made_does_not_hinder_the_reading() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let me = json!([{
        "id": "1", "channel_id": "1300000000000000001", "author": { "id": "9" }, "content": "",
        "poll": { "question": { "text": null }, "answers": [{ "answer_id": 1, "poll_media": { "emoji": { "name": "x" } } }] },
    }]);
    server.order("list", "status", json!({ "code": 200, "body": me })).await;
    let found = case(&discord, &server, poll("Tea?", &["Yes"], 60), &small).find().await;
    assert_eq!(found, Ok(Finding::Absent));
}

#[tokio::test]
async fn what_a_poll_may_be_is_told_before_it_is_accepted_and_the_platform_refuses_no_other() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = |chars: usize| "x".repeat(chars);
    for (variant, fits) in [
        (poll(&long(300), &[&long(55)], 60), true),
        (poll("Tea?", &many[..10], 46_080), true),
        (poll("", &["Yes", "No"], 60), false),
        (poll(&long(301), &["Yes", "No"], 60), false),
        (poll("Tea?", &many, 60), false),
        (poll("Tea?", &[], 60), false),
        (poll("Tea?", &["Yes", &long(56)], 60), false),
        (poll("Tea?", &["Yes", "No"], 0), false),
        (poll("Tea?", &["Yes", "No"], 46_140), false),
    ] {
        let told = check(&variant, discord.descriptor(), &[], "/c");
        assert_eq!(told.is_empty(), fits, "{variant:?}: {told:?}");
        match case(&discord, &server, variant.clone(), &small).publish().await {
            Ok(_) => assert!(fits, "{variant:?}"),
            Err(failure) => assert_eq!((failure.code(), fits), ("invalid_request", false), "{failure:?}"),
        }
    }
    let told = check(&poll("Tea?", &["Yes", "No"], 90), discord.descriptor(), &[], "/c");
    assert!(told.iter().any(|v| v.code == "poll_invalid" && v.detail.contains("whole hours")), "{told:?}");
    let mut shown = poll("Tea?", &["Yes", "No"], 60);
    shown.parts[0].media.push(MediaRef::new(small.0.id));
    let told = check(&shown, discord.descriptor(), std::slice::from_ref(&small.0), "/c");
    assert!(told.iter().any(|v| v.code == "poll_invalid" && v.detail.contains("not both")), "{told:?}");
}
