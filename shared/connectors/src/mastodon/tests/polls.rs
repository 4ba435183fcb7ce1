//! Polls on Mastodon, and who may see a post.

use super::*;
use domain::publishing::{Poll, Visibility, check};

/// A question, with these answers.
fn asks(question: &str, options: &[&str], minutes: u32) -> Variant {
    let mut variant = crate::tests::poll("", options, minutes);
    variant.poll.as_mut().unwrap().question = None;
    variant.parts[0].text = question.into();
    variant
}

/// A delivery of its own: cases are named by their texts, and some of these say the same.
fn case<'a>(mastodon: &'a Mastodon, server: &'a Connected, variant: Variant, bytes: &'a Picture) -> Case<'a> {
    let mut case = Case::new(mastodon, server, variant, bytes);
    case.key = format!("{:?}", case.variant);
    case
}

#[tokio::test]
async fn a_poll_goes_out_by_one_request_with_its_answers_and_its_time_in_seconds_and_can_be_deleted() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    for multiple in [false, true] {
        let mut variant = asks("Tea or coffee?", &["Tea", "Coffee"], 90);
        variant.poll.as_mut().unwrap().multiple = multiple;
        let mut case = case(&mastodon, &server, variant, &small);
        let before = server.requests().await;
        let receipt = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - before, 1);
        let live = server.live().await;
        assert_eq!((&live[0]["text"], &live[0]["poll"]), (&json!("Tea or coffee?"), &json!(["Tea", "Coffee"])));
        let asked = &live[0]["asked"];
        assert_eq!((&asked["expires_in"], &asked["multiple"]), (&json!(5_400), &json!(multiple)));
        case.delete(&receipt).await.unwrap();
        assert!(server.live().await.is_empty());
    }
}

#[tokio::test]
async fn a_poll_whose_answer_is_lost_is_found_by_its_text_and_answers_and_sent_again_only_if_it_never_arrived() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut lost = case(&mastodon, &server, asks("Tea  or coffee? ", &[" Tea", "Coffee & <milk>"], 60), &small);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(lost.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(lost.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("it is found") };
    let live = server.live().await;
    assert_eq!((live.len(), receipt.id.as_deref()), (1, live[0]["id"].as_str()));
}

#[tokio::test]
async fn a_status_that_offers_something_else_or_nothing_is_not_taken_for_the_lost_poll() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let there = asks("Tea or coffee today?", &["Tea", "Coffee"], 60);
    case(&mastodon, &server, there.clone(), &small).publish().await.unwrap();
    let with = |change: &dyn Fn(&mut Poll)| {
        let mut variant = there.clone();
        change(variant.poll.as_mut().unwrap());
        variant
    };
    for (variant, expected) in [
        (there.clone(), None),
        (with(&|poll| poll.options.reverse()), Some(Finding::Resembling(1))),
        (with(&|poll| poll.options.truncate(1)), Some(Finding::Resembling(1))),
        (with(&|poll| poll.multiple = true), Some(Finding::Resembling(1))),
        // The same words without anything to choose from are another post.
        (Variant::text("Tea or coffee today?"), Some(Finding::Resembling(1))),
        (asks("Something quite different", &["Tea", "Coffee"], 60), Some(Finding::Absent)),
    ] {
        let found = case(&mastodon, &server, variant.clone(), &small).find().await.unwrap();
        match expected {
            None => assert!(matches!(found, Finding::Found(_)), "{found:?}"),
            Some(expected) => assert_eq!(found, expected, "{variant:?}"),
        }
    }
}

#[tokio::test]
async fn what_a_poll_may_be_is_told_before_it_is_accepted_and_a_server_refuses_no_other() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let long = |chars: usize| "é".repeat(chars);
    // What a server says of itself would be told first.
    let silent =
        json!({ "platform": "mastodon", "op": "lookup", "kind": "status", "times": 0, "params": { "code": 404 } });
    server.sandbox.control("faults", &silent).await;
    for (variant, fits) in [
        (asks("Tea?", &["1", "2", "3", &long(50)], 5), true),
        (asks("Tea?", &["1", "2"], 43_829), true),
        (asks(" ", &["1", "2"], 60), false),
        (asks("Tea?", &["1"], 60), false),
        (asks("Tea?", &["1", "2", "3", "4", "5"], 60), false),
        (asks("Tea?", &["1", &long(51)], 60), false),
        (asks("Tea?", &["1", "1"], 60), false),
        (asks("Tea?", &["1", " "], 60), false),
        (asks("Tea?", &["1", "2"], 4), false),
        (asks("Tea?", &["1", "2"], 43_830), false),
    ] {
        let told = check(&variant, mastodon.descriptor(), &[], "/c");
        assert_eq!(told.is_empty(), fits, "{variant:?}: {told:?}");
        match case(&mastodon, &server, variant.clone(), &small).publish().await {
            Ok(_) => assert!(fits, "{variant:?}"),
            Err(failure) => assert_eq!((failure.code(), fits), ("invalid_request", false), "{failure:?}"),
        }
    }
}

#[tokio::test]
async fn a_poll_that_the_accounts_own_server_does_not_take_is_refused_before_it_is_sent() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let told = |limits: Value| {
        let statuses = json!({ "max_characters": 500, "characters_reserved_per_url": 23 });
        let configuration = json!({ "statuses": statuses, "polls": limits });
        json!({ "code": 200, "body": { "domain": "social.example", "configuration": configuration } })
    };
    for (params, expected) in [
        (told(json!({ "max_options": 1 })), Err("poll_refused")),
        (told(json!({ "max_characters_per_option": 5 })), Err("poll_refused")),
        (told(json!({ "min_expiration": 3_601 })), Err("poll_refused")),
        (told(json!({ "max_expiration": 3_599 })), Err("poll_refused")),
        (json!({ "code": 429 }), Err("rate_limited")),
        (json!({ "code": 503 }), Err("unavailable")),
        (
            told(json!({
                "max_options": 2, "max_characters_per_option": 6, "min_expiration": 3_600, "max_expiration": 3_600,
            })),
            Ok(()),
        ),
        // A server that does not say so, or knows no bound, decides when it has it.
        (told(json!({ "max_expiration": -1 })), Ok(())),
        (told(json!(null)), Ok(())),
        (json!({ "code": 404 }), Ok(())),
        (json!({ "code": 200, "body": "<html></html>" }), Ok(())),
    ] {
        server.order("lookup", "status", params.clone()).await;
        let before = server.requests().await;
        let mut case = case(&mastodon, &server, asks(&params.to_string(), &["Tea", "Coffee"], 60), &small);
        case.variant.parts[0].text.truncate(200);
        let outcome = case.publish().await.map(|_| ()).map_err(|failure| failure.code().to_owned());
        assert_eq!(outcome, expected.map_err(str::to_owned), "{params}");
        assert_eq!(server.requests().await - before, u64::from(expected.is_ok()), "{params}");
    }
    // Of a text nothing is asked.
    let before = calls(&server, "lookup").await;
    case(&mastodon, &server, Variant::text("no question"), &small).publish().await.unwrap();
    assert_eq!(calls(&server, "lookup").await, before);
}

#[tokio::test]
async fn every_part_of_a_thread_and_its_comment_is_seen_by_those_who_see_the_first() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    for (visibility, theirs) in
        [(Visibility::Public, "public"), (Visibility::Unlisted, "unlisted"), (Visibility::Connections, "private")]
    {
        let threaded = Variant { visibility, ..thread(&["one", "two"]) };
        let commented = Variant { visibility, first_comment: Some("more".into()), ..Variant::text("three") };
        for variant in [threaded, commented] {
            let mut case = case(&mastodon, &server, variant, &small);
            case.publish().await.unwrap();
            // What is not for everybody is read back like anything else.
            server.fault(Fault::CommitThenDrop).await;
            case.publish().await.unwrap_err();
            let Ok(Finding::Found(receipt)) = case.find().await else { panic!("{theirs}") };
            let live = server.live().await;
            let [.., first, second] = live.as_slice() else { panic!("two are live") };
            assert_eq!((&first["visibility"], &second["visibility"]), (&json!(theirs), &json!(theirs)));
            assert_eq!((&second["reply_to"], receipt.id.as_deref()), (&first["id"], second["id"].as_str()));
        }
    }
}
