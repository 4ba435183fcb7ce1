//! Answers to single messages on WhatsApp.

use super::*;

/// What the sandbox's recipient wrote.
const WRITTEN: &str = "wamid.MTY1MDU1NTEyMzQ6d3JpdHRlbg==";

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn what_the_recipient_wrote_and_what_was_sent_to_them_is_answered_with_words_or_a_file() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let (photo, paper) = (picture("image/png", 3_000), picture("application/pdf", 900));
    let sent = Case::new(&whatsapp, &server, Variant::text("a first word"), &photo).publish().await.unwrap();
    let sent = sent.receipt.id.unwrap();
    for (variant, file, to) in [
        (answering("to what they wrote", WRITTEN), &photo, WRITTEN),
        (answering("to what was sent", &sent), &photo, sent.as_str()),
        (with(answering("a picture", WRITTEN), &photo), &photo, WRITTEN),
        (with(answering("a video", WRITTEN), &film()), &film(), WRITTEN),
        (with(answering("a document", WRITTEN), &paper), &paper, WRITTEN),
    ] {
        Case::new(&whatsapp, &server, variant, file).publish().await.unwrap();
        let live = server.live().await;
        let shown = live.last().unwrap();
        let raw: Value = serde_json::from_str(shown["raw"].as_str().unwrap()).unwrap();
        assert_eq!(raw["context"], json!({ "message_id": to }));
        assert_eq!(shown["reply_to"], json!(to), "{}", shown["text"]);
    }
    let raw: Value = serde_json::from_str(server.live().await[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(raw.get("context"), None, "what answers nothing says nothing of it");
}

#[tokio::test]
async fn what_names_no_message_is_refused_before_anything_goes_up_or_out() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let photo = picture("image/png", 3_000);
    for name in ["", "wamid.", "16505551234", "wamid.a b", "https://wa.me/16505551234"] {
        for variant in [answering("n", name), with(answering("n", name), &photo)] {
            let refused = Case::new(&whatsapp, &server, variant, &photo).publish().await;
            let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
            assert!(code == "not_found" && detail.contains("named by no message"), "{name}: {detail}");
        }
    }
    assert_eq!((server.requests().await, server.calls("media").await), (0, 0));
}

#[tokio::test]
async fn an_answer_outside_of_the_window_is_refused_as_any_free_message() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    let none = picture("image/png", 100);
    let refused = Case::new(&whatsapp, &server, answering("late", WRITTEN), &none).publish().await;
    let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
    assert!(code == "outside_window" && detail.contains("send a template"), "{detail}");
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn of_a_lost_answer_to_a_message_nothing_is_known_and_one_that_was_taken_is_proved_by_its_id() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    for (fault, live) in [(Fault::CommitThenDrop, 1), (Fault::DropBeforeCommit, 1), (Fault::NoId, 2)] {
        let mut case = Case::new(&whatsapp, &server, answering("Hello", WRITTEN), &none);
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "{fault:?}");
        assert_eq!(case.find().await, Ok(Finding::Unreadable), "{fault:?}");
        assert_eq!(server.live().await.len(), live, "{fault:?}");
    }
    server.set(json!({"whatsapp_send_ms": 600_000})).await;
    let mut case = Case::new(&whatsapp, &server, answering("Hello again", WRITTEN), &none);
    let failure = case.publish().await.unwrap_err();
    keeps(&mut case, &failure);
    assert_eq!(case.find().await, Ok(Finding::Pending));
    server.set(json!({"whatsapp_send_ms": 0})).await;
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
    assert!(matches!(case.publish().await, Err(Failure::Duplicate { existing: Some(_) })));
    let live = server.live().await;
    assert_eq!((live.len(), live.last().unwrap()["reply_to"].as_str()), (3, Some(WRITTEN)), "it answers it once");
}
