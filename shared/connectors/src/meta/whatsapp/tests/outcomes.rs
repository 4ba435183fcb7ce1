//! What became of messages: at once, later, never, and where nobody knows.

use super::*;

#[tokio::test]
async fn what_is_accepted_is_taken_until_whatsapp_says_that_it_was_sent_and_is_never_sent_twice() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    server.set(json!({"whatsapp_send_ms": 600_000})).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
    let failure = case.publish().await.unwrap_err();
    assert!(failure.to_string().contains("accepted"), "{failure}");
    keeps(&mut case, &failure);
    assert_eq!(case.find().await, Ok(Finding::Pending), "it is neither there nor absent");

    // Somebody looked, and it is not there: true, and no reason to send it again.
    after_a_decision(&mut case);
    assert!(matches!(case.publish().await, Err(Failure::Taken { kept: None, .. })));
    assert_eq!((server.requests().await, server.live().await.len()), (1, 0));

    server.set(json!({"whatsapp_send_ms": 0})).await;
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it was sent") };
    assert_eq!(receipt.id.as_deref(), server.live().await[0]["id"].as_str());
    assert_eq!(case.publish().await.map(drop), Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!((server.requests().await, server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn outside_of_the_window_a_free_message_is_refused_and_the_refusal_says_what_to_do() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
    let Err(Failure::Rejected { code, detail }) = case.publish().await else { panic!("it is taken") };
    assert_eq!(code, "outside_window");
    assert!(detail.contains("send a template that WhatsApp has approved"), "{detail}");
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn a_window_that_whatsapp_tells_of_afterwards_is_the_same_refusal() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    server.set(json!({"whatsapp_told_late": true})).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
    let failure = case.publish().await.unwrap_err();
    keeps(&mut case, &failure);
    let Ok(Finding::Refused { code, detail }) = case.find().await else { panic!("it failed") };
    assert_eq!((code.as_str(), detail.contains("send a template")), ("outside_window", true), "{detail}");
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn why_a_message_was_not_delivered_is_told_as_far_as_whatsapp_tells_it() {
    let whatsapp = connector();
    let none = picture("image/png", 100);
    for (said, code, words) in [
        ("131026: Message undeliverable", "recipient_unreachable", "Message undeliverable"),
        ("(#131050) opted out of marketing", "recipient_opted_out", "opted out"),
        ("131049", "recipient_limit", "131049"),
        ("131047 Re-engagement message", "outside_window", "send a template"),
        ("the weather", "not_delivered", "the weather"),
        ("", "not_delivered", "does not say why"),
    ] {
        let server = answered(&whatsapp).await;
        server.set(json!({"whatsapp_failure": said})).await;
        let mut case = Case::new(&whatsapp, &server, order(), &none);
        let failure = case.publish().await.unwrap_err();
        keeps(&mut case, &failure);
        let Ok(Finding::Refused { code: told, detail }) = case.find().await else { panic!("it failed") };
        assert_eq!(told, code, "{detail}");
        assert!(detail.contains(words), "{words}: {detail}");
    }
}

#[tokio::test]
async fn why_a_message_failed_is_told_without_the_number_of_its_recipient() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    let recipient = "16505551234";
    server.set(json!({"whatsapp_failure": format!("131026 to +{recipient} was not delivered")})).await;
    let mut case = Case::new(&whatsapp, &server, order(), &none);
    let failure = case.publish().await.unwrap_err();
    keeps(&mut case, &failure);
    let Ok(Finding::Refused { detail, .. }) = case.find().await else { panic!("it failed") };
    assert!(detail.contains("was not delivered") && !detail.contains(recipient), "{detail}");
}

#[tokio::test]
async fn what_failed_may_be_sent_again_once_whatsapp_has_said_so_twice() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    server.set(json!({"whatsapp_failure": "131026"})).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
    let failure = case.publish().await.unwrap_err();
    keeps(&mut case, &failure);
    after_a_decision(&mut case);
    server.set(json!({"whatsapp_failure": null})).await;
    assert_eq!(case.prepare().await, Ok(1), "one wait between two readings");
    case.publish().await.unwrap();
    assert_eq!((server.requests().await, server.live().await.len()), (2, 1));
}

#[tokio::test]
async fn of_a_lost_answer_nothing_is_known_and_nothing_is_sent_again() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    for (fault, live) in
        [(Fault::CommitThenDrop, 1), (Fault::CutBody, 2), (Fault::NoId, 3), (Fault::DropBeforeCommit, 3)]
    {
        let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "{fault:?}");
        assert_eq!(case.find().await, Ok(Finding::Unreadable), "{fault:?}");
        assert_eq!(server.live().await.len(), live, "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_upload_is_made_again_and_a_lost_reading_leaves_the_message_taken() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let photo = picture("image/png", 3_000);
    let mut case = Case::new(&whatsapp, &server, with(Variant::text("Look"), &photo), &photo);
    for kind in ["drop_before_commit", "commit_then_drop", "cut_body", "no_id"] {
        server.order("media", kind, json!({})).await;
        assert_eq!(case.publish().await.map(drop), Err(Failure::Unavailable), "{kind}");
    }
    for kind in ["commit_then_drop", "garbage", "no_id"] {
        let mut case = Case::new(&whatsapp, &server, with(Variant::text("Look"), &photo), &photo);
        server.order("lookup", kind, json!({})).await;
        let failure = case.publish().await.unwrap_err();
        keeps(&mut case, &failure);
        server.order("lookup", kind, json!({})).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
        assert!(matches!(case.find().await, Ok(Finding::Proved(_))), "{kind}");
    }
    assert_eq!(server.live().await.len(), 3);
}

#[tokio::test]
async fn words_that_are_not_known_and_other_messages_conclude_nothing() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    server.set(json!({"whatsapp_send_ms": 600_000})).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
    let failure = case.publish().await.unwrap_err();
    keeps(&mut case, &failure);
    let id = case.progress.as_ref().unwrap()[FORMER][0].clone();
    let of = |id: &Value, words: &[&str]| {
        let events: Vec<Value> =
            words.iter().map(|word| json!({"id": "1", "delivery_status": word, "timestamp": 1})).collect();
        json!({"data": [{"id": "1", "message_id": id, "events": {"data": events}}]})
    };
    let other = json!("wamid.other");
    for (body, pending) in [
        (of(&id, &["DREAMING"]), true),
        (of(&id, &["DELETED"]), true),
        (of(&id, &["ACCEPTED"]), true),
        (of(&other, &["SENT"]), true),
        (of(&other, &["FAILED"]), true),
        (of(&id, &["SENT"]), false),
        (of(&id, &["READ", "FAILED"]), false),
        (of(&id, &["SENT", "DELETED"]), false),
    ] {
        server.order("lookup", "status", json!({"code": 200, "body": body})).await;
        let found = case.find().await.unwrap();
        let expected = if pending { found == Finding::Pending } else { matches!(found, Finding::Proved(_)) };
        assert!(expected, "{body}: {found:?}");
    }
    for words in [&["FAILED"][..], &["SENT", "FAILED"], &["ERROR"]] {
        server.order("lookup", "status", json!({"code": 200, "body": of(&id, words)})).await;
        assert!(matches!(case.find().await, Ok(Finding::Refused { .. })), "{words:?}");
    }
}

#[tokio::test]
async fn each_refusal_means_what_the_table_says() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    let kind = |failure: &Failure| match failure {
        Failure::Rejected { code, .. } => code.clone(),
        other => other.code().to_owned(),
    };
    for (status, number, expected) in [
        (400, 100, "invalid_request"),
        (400, 131_008, "invalid_request"),
        (400, 131_009, "invalid_request"),
        (400, 131_026, "recipient_unreachable"),
        (400, 131_030, "recipient_unreachable"),
        (400, 131_031, "misconfigured"),
        (400, 131_042, "misconfigured"),
        (400, 131_045, "misconfigured"),
        (400, 133_010, "misconfigured"),
        (400, 131_047, "outside_window"),
        (400, 131_048, "blocked_by_policy"),
        (400, 131_049, "recipient_limit"),
        (400, 131_050, "recipient_opted_out"),
        (400, 131_051, "media_refused"),
        (400, 131_052, "media_refused"),
        (400, 131_053, "media_refused"),
        (400, 368, "blocked_by_policy"),
        (400, 4, "rate_limited"),
        (400, 80_007, "rate_limited"),
        (400, 130_429, "rate_limited"),
        (400, 131_056, "rate_limited"),
        (400, 131_016, "unavailable"),
        (400, 131_057, "unavailable"),
        (400, 133_004, "unavailable"),
        (503, 131_016, "unconfirmed"),
        (400, 1, "unconfirmed"),
        (400, 2, "unconfirmed"),
        (400, 131_000, "unconfirmed"),
        (401, 190, "unauthorized"),
        (401, 0, "unauthorized"),
        (400, 3, "revoked"),
        (403, 10, "revoked"),
        (403, 200, "revoked"),
        (403, 299, "revoked"),
    ] {
        let body = json!({"error": {"message": "no", "code": number, "error_data": {"details": "to +16505551234, 16505551234"}}});
        server.order("create_post", "status", json!({"code": status, "body": body})).await;
        let failure = Case::new(&whatsapp, &server, Variant::text("Hello"), &none).publish().await.unwrap_err();
        assert_eq!(kind(&failure), expected, "{status} {number}: {failure:?}");
        assert!(!failure.to_string().contains("16505551234"), "no refusal repeats whom it went to: {failure}");
    }
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn too_many_to_the_same_recipient_wait_for_six_seconds() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    let body = json!({"error": {"message": "pair rate limit hit", "code": 131_056}});
    server.order("create_post", "status", json!({"code": 400, "body": body})).await;
    let before = server.now();
    let failure = Case::new(&whatsapp, &server, Variant::text("Hello"), &none).publish().await.unwrap_err();
    let Failure::RateLimited { until: Some(until) } = failure else { panic!("{failure:?}") };
    assert!((6..=7).contains(&until.duration_since(before).as_secs()), "{until}");
}

#[tokio::test]
async fn nothing_that_was_sent_is_taken_back() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&whatsapp, &server, Variant::text("Hello"), &none);
    let receipt = case.publish().await.unwrap().receipt;
    let refused = whatsapp.delete(&case.call(), &receipt).await;
    assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
}
