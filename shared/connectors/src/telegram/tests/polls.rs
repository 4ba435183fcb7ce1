//! Polls on Telegram.

use super::*;
use crate::tests::poll;

#[tokio::test]
async fn a_poll_goes_out_by_one_request_with_its_question_answers_and_time_and_can_be_deleted() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    for (text, multiple) in [("Said beside it", true), ("", false)] {
        let mut variant = poll("Tea <b>or</b> coffee?", &["Tea", "Coffee & milk"], 90);
        variant.parts[0].text = text.into();
        variant.poll.as_mut().unwrap().multiple = multiple;
        let before = server.requests().await;
        let mut case = Case::new(&telegram, &server, variant, &small);
        let receipt = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - before, 1);
        let live = server.live().await;
        assert_eq!((&live[0]["text"], &live[0]["poll"]), (&json!(text), &json!(["Tea", "Coffee & milk"])));
        let asked: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
        assert_eq!((&asked["question"], &asked["open_period"]), (&json!("Tea <b>or</b> coffee?"), &json!("5400")));
        let told = (&asked["allows_multiple_answers"], &asked["is_anonymous"]);
        assert_eq!(told, (&json!(multiple.to_string()), &json!("true")));
        case.delete(&receipt).await.unwrap();
        assert!(server.live().await.is_empty());
    }
}

#[tokio::test]
async fn a_poll_whose_answer_is_lost_stays_a_doubt() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&telegram, &server, poll("Tea?", &["Yes", "No"], 60), &small);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!((case.find().await, server.live().await.len()), (Ok(Finding::Unreadable), 1));
}

#[tokio::test]
async fn what_a_poll_may_be_is_told_before_it_is_accepted_and_the_platform_refuses_no_other() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let many: Vec<String> = (0..13).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = |chars: usize| "x".repeat(chars);
    let beside = |chars: usize| {
        let mut variant = poll("Tea?", &["Yes"], 60);
        variant.parts[0].text = long(chars);
        variant
    };
    for (variant, fits) in [
        (poll(&long(300), &[&long(100)], 1), true),
        (poll("Tea?", &many[..12], 43_800), true),
        (beside(1_024), true),
        (poll("", &["Yes", "No"], 60), false),
        (poll(&long(301), &["Yes", "No"], 60), false),
        (poll("Tea?", &many, 60), false),
        (poll("Tea?", &[], 60), false),
        (poll("Tea?", &["Yes", &long(101)], 60), false),
        (poll("Tea?", &["Yes", "No"], 0), false),
        (poll("Tea?", &["Yes", "No"], 43_801), false),
        (beside(1_025), false),
    ] {
        let told = check(&variant, telegram.descriptor(), &[], "/c");
        assert_eq!(told.is_empty(), fits, "{variant:?}: {told:?}");
        let sent = Case::new(&telegram, &server, variant.clone(), &small).publish().await;
        match sent {
            Ok(_) => assert!(fits, "{variant:?}"),
            Err(failure) => assert_eq!((failure.code(), fits), ("invalid_request", false), "{failure:?}"),
        }
    }
}

#[test]
fn pictures_and_links_beside_a_poll_and_polls_in_threads_are_refused_with_the_reason() {
    let telegram = connector();
    let small = picture("image/png", 100);
    let good = poll("Tea?", &["Yes", "No"], 60);
    let mut shown = good.clone();
    shown.parts[0].media.push(MediaRef::new(small.0.id));
    let link = LinkCard { url: "https://example.com/".into(), title: None, description: None };
    for (variant, says) in [
        (shown, "a poll, or pictures or a link card, not both"),
        (Variant { link: Some(link), ..good.clone() }, "a poll, or pictures or a link card, not both"),
        (Variant { parts: thread(&["one", "two"]).parts, ..good }, "a post of one part"),
    ] {
        let told = check(&variant, telegram.descriptor(), std::slice::from_ref(&small.0), "/c");
        assert!(told.iter().any(|v| v.code == "poll_invalid" && v.detail.contains(says)), "{told:?}");
    }
}

#[tokio::test]
async fn a_group_that_takes_no_polls_refuses_that_post_alone() {
    let telegram = connector();
    let mut server = connected(&telegram).await;
    "-1001000000011".clone_into(&mut server.account.profile.external_id);
    let small = picture("image/png", 100);
    let refused = Case::new(&telegram, &server, poll("Tea?", &["Yes", "No"], 60), &small).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "forbidden"), "{refused:?}");
    Case::new(&telegram, &server, Variant::text("a text"), &small).publish().await.unwrap();
}
