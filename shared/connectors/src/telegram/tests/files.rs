//! Videos, animations and documents on Telegram: each alone under its caption.

use super::*;
use crate::tests::reader;
use domain::MediaId;
use ports::{Publish as _, PublishCall};
use uuid::Uuid;

/// A post with this file.
fn showing(text: &str, file: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media.push(MediaRef::new(file.0.id));
    variant
}

#[tokio::test]
async fn a_file_of_each_kind_is_sent_alone_under_its_caption_and_can_be_deleted() {
    let telegram = connector();
    let server = connected(&telegram).await;
    for (media_type, called) in
        [("video/mp4", json!(null)), ("image/gif", json!(null)), ("application/pdf", json!("document0.pdf"))]
    {
        let file = picture(media_type, 1_500_000);
        let before = server.requests().await;
        let mut case = Case::new(&telegram, &server, showing("look <b>here</b>", &file), &file);
        let receipt = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - before, 1, "{media_type}");
        let live = server.live().await;
        assert_eq!((&live[0]["text"], &live[0]["media"][0]["alt"]), (&json!("look <b>here</b>"), &called));
        let shown = live[0]["media"][0]["id"].as_str().unwrap();
        let arrived = server.sandbox.bytes(&format!("/media/telegram/{shown}")).await;
        assert!(arrived == file.1, "{media_type}: other bytes arrived");
        case.delete(&receipt).await.unwrap();
        assert!(server.live().await.is_empty());
    }
}

#[tokio::test]
async fn a_document_is_called_by_its_title_and_answers_the_part_before_it() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let paper = picture("application/pdf", 3_000);
    let mut variant = thread(&["one", ""]);
    let title = Some("Speisekarte \"Mai\"".to_owned());
    variant.parts[1].media.push(MediaRef { title, ..MediaRef::new(paper.0.id) });
    let mut case = Case::new(&telegram, &server, variant, &paper);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((&live[1]["reply_to"], &live[1]["media"][0]["alt"]), (&live[0]["id"], &json!("Speisekarte Mai.pdf")));
}

#[tokio::test]
async fn a_file_whose_answer_is_lost_stays_a_doubt_and_one_that_cannot_be_read_sends_nothing() {
    let telegram = connector();
    let server = connected(&telegram).await;
    for media_type in ["image/gif", "application/pdf"] {
        let file = picture(media_type, 3_000);
        let mut case = Case::new(&telegram, &server, showing("look", &file), &file);
        server.fault(Fault::CommitThenDrop).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "{media_type}");
        assert_eq!(case.find().await, Ok(Finding::Unreadable));
        let mut gone = showing("look", &file);
        gone.parts[0].media[0] = MediaRef::new(MediaId::from_uuid(Uuid::from_u128(1)));
        let before = server.requests().await;
        assert_eq!(Case::new(&telegram, &server, gone, &file).publish().await, Err(Failure::Unavailable));
        assert_eq!(server.requests().await, before);
    }
}

#[tokio::test]
async fn a_file_whose_length_at_its_address_is_another_than_it_was_looked_at_is_not_sent() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let reader = reader();
    let seen = server.sandbox.hosted("menu.pdf", picture("application/pdf", 3_000)).await;
    for (length, sent) in [(3_001, false), (2_999, false), (3_000, true)] {
        server.sandbox.hosted("menu.pdf", picture("application/pdf", length)).await;
        let case = Case::new(&telegram, &server, showing("our menu", &seen), &seen);
        let published = telegram.publish(&PublishCall { bytes: &reader, ..case.call() }).await;
        let changed = matches!(&published, Err(Failure::Rejected { code, .. }) if code == "media_changed");
        assert_eq!((published.is_ok(), changed), (sent, !sent), "{length}: {published:?}");
        assert_eq!(server.requests().await, u64::from(sent), "{length}: nothing left but what was looked at");
    }
}

#[tokio::test]
async fn a_group_that_takes_neither_documents_nor_animations_refuses_that_post_alone() {
    let telegram = connector();
    let mut server = connected(&telegram).await;
    "-1001000000011".clone_into(&mut server.account.profile.external_id);
    for (media_type, taken) in [("application/pdf", false), ("image/gif", false), ("image/png", true)] {
        let file = picture(media_type, 3_000);
        let sent = Case::new(&telegram, &server, showing("look", &file), &file).publish().await;
        let refused = matches!(&sent, Err(Failure::Rejected { code, .. }) if code == "forbidden");
        assert_eq!((sent.is_ok(), refused), (taken, !taken), "{media_type}: {sent:?}");
    }
}

#[tokio::test]
async fn the_sandbox_refuses_a_longer_caption_below_any_file_as_preflight_does() {
    let telegram = connector();
    let server = connected(&telegram).await;
    for media_type in ["video/mp4", "image/gif", "application/pdf"] {
        let file = picture(media_type, 3_000);
        let variant = showing(&"x".repeat(1_025), &file);
        let told = check(&variant, telegram.descriptor(), std::slice::from_ref(&file.0), "/c");
        assert_eq!(told.iter().map(|v| v.code.as_str()).collect::<Vec<_>>(), ["content_too_long"], "{media_type}");
        let sent = Case::new(&telegram, &server, variant, &file).publish().await.unwrap_err();
        assert_eq!(sent.code(), "invalid_request", "{media_type}");
    }
}
