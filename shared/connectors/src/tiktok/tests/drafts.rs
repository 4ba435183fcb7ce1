//! Drafts on TikTok: a video that is left in its creator's inbox.

use super::*;
use domain::publishing::{check, check_access, left_out};

fn draft(film: &Picture) -> Variant {
    Variant { draft: true, ..of_film(film) }
}

#[tokio::test]
async fn a_draft_is_left_in_the_inbox_without_words_readers_or_terms_and_counts_as_published_without_an_id() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(12_000_000, 9);
    assert_eq!(tiktok.render(&draft(&film)), [""], "what is approved is what is sent");
    let mut case = Case::new(&tiktok, &server, draft(&film), &film);
    assert_eq!(case.publish().await.unwrap().receipt, Receipt::NAMELESS);
    let live = server.live().await;
    assert_eq!((&live[0]["visibility"], &live[0]["text"]), (&json!("INBOX"), &json!("")));
    let sent: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(sent.as_object().unwrap().keys().collect::<Vec<_>>(), ["source_info"]);
    assert!(server.shown(&live[0]["media"][0]).await == film.1, "other bytes arrived");
    assert_eq!((server.calls("draft").await, server.requests().await, server.calls("terms").await), (1, 1, 0));
    assert_eq!(case.find().await, Ok(Finding::Proved(Receipt::NAMELESS)), "TikTok says so of its own name");
    case.before.clear();
    assert_eq!(case.prepare().await, Err(Failure::Duplicate { existing: None }), "and it is not left there twice");
    assert_eq!(server.calls("draft").await, 1);
}

#[tokio::test]
async fn whatever_answer_is_lost_one_draft_lies_in_the_inbox() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, draft(&film), &film);
    for kind in ["drop_before_commit", "commit_then_drop", "garbage"] {
        server.order("draft", kind, json!({})).await;
        assert_eq!(case.publish().await, Err(Failure::Unavailable), "{kind}: what is only announced is nowhere");
    }
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.set(json!({"tiktok_publish_ms": 600_000})).await;
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Pending), "it is neither there nor absent");
    after_a_decision(&mut case);
    assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })), "whatever people decide");
    server.set(json!({"tiktok_publish_ms": 0})).await;
    assert_eq!(case.find().await, Ok(Finding::Proved(Receipt::NAMELESS)));
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn a_draft_that_its_creator_published_is_proved_by_its_id_and_one_that_failed_is_refused() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, draft(&film), &film);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let said = |data: serde_json::Value| json!({ "code": 200, "body": { "data": data, "error": { "code": "ok", "message": "", "log_id": "1" } } });
    let posted =
        json!({ "status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [7_234_567_890_123_456_789_u64] });
    server.order("media_status", "status", said(posted)).await;
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is published") };
    assert_eq!(receipt.id.as_deref(), Some("7234567890123456789"));
    let failed = json!({ "status": "FAILED", "fail_reason": "file_format_check_failed" });
    server.order("media_status", "status", said(failed)).await;
    assert!(matches!(case.find().await, Ok(Finding::Refused { code, .. }) if code == "media_refused"));
    // That a video which was meant for everybody lies in an inbox proves nothing.
    let mut direct = Case::new(&tiktok, &server, of_film(&film), &film);
    server.order("media_status", "status", said(json!({ "status": "PROCESSING_UPLOAD", "uploaded_bytes": 0 }))).await;
    server.fault(Fault::CommitThenDrop).await;
    direct.publish().await.unwrap_err();
    server.order("media_status", "status", said(json!({ "status": "SEND_TO_USER_INBOX" }))).await;
    assert_eq!(direct.find().await, Ok(Finding::Pending));
}

#[tokio::test]
async fn five_drafts_wait_in_an_inbox_and_the_next_waits_here() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    for n in 0..5 {
        let mut case = Case::new(&tiktok, &server, draft(&film), &film);
        case.publish().await.unwrap_or_else(|failure| panic!("{n}: {failure:?}"));
    }
    let full = Case::new(&tiktok, &server, draft(&film), &film).publish().await;
    let Err(Failure::RateLimited { until: Some(until) }) = full else { panic!("{full:?}") };
    assert!(until > server.now());
    Case::new(&tiktok, &server, of_film(&film), &film).publish().await.unwrap();
}

#[tokio::test]
async fn an_account_without_the_scope_is_told_how_to_mend_it_and_publishes_all_the_same() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let scopes = ["user.info.basic", "user.info.profile", "video.publish"];
    let server = server.with(server.sandbox.grant("tiktok", ADA, Some(&scopes)).await);
    let film = film(3_000, 9);
    let refused = Case::new(&tiktok, &server, draft(&film), &film).publish().await.unwrap_err();
    let Failure::Rejected { code, detail } = &refused else { panic!("{refused:?}") };
    assert_eq!(code, "access_denied", "the account need not be connected again for what it can do");
    for words in ["video.upload", "`drafts`", "connect the account again"] {
        assert!(detail.contains(words), "{words:?} is not in {detail:?}");
    }
    Case::new(&tiktok, &server, of_film(&film), &film).publish().await.unwrap();
}

#[test]
fn a_draft_says_aloud_that_its_words_stay_here() {
    let (tiktok, film) = (connector(), film(3_000, 9));
    let media = std::slice::from_ref(&film.0);
    assert_eq!(check(&draft(&film), tiktok.descriptor(), media, "/c"), []);
    let told = left_out(&draft(&film), tiktok.descriptor(), media);
    assert!(told.iter().any(|told| told.contains("has no words")), "{told:?}");
    let mut silent = draft(&film);
    silent.parts[0].text.clear();
    assert_eq!(left_out(&silent, tiktok.descriptor(), media), Vec::<String>::new());
    assert_eq!(left_out(&of_film(&film), tiktok.descriptor(), media), Vec::<String>::new());
}

#[test]
fn a_draft_of_an_account_without_the_scope_is_refused_when_it_is_planned() {
    let (tiktok, film) = (connector(), film(1_000_000, 10));
    let told = |scopes: &[&str]| {
        let granted: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let found = check_access(&draft(&film), tiktok.descriptor(), &granted, "");
        found.into_iter().map(|v| format!("{} {}", v.code, v.field)).collect::<Vec<_>>()
    };
    assert_eq!(told(&["user.info.basic", "video.publish"]), ["scope_missing /draft"]);
    assert_eq!(told(&["video.publish", "video.upload"]), Vec::<String>::new());
}
