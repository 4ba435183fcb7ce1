//! Videos and documents on Slack: sent first, and shared by the one request that completes them into the channel.

use super::*;
use domain::publishing::{FORMER, check};
use jiff::SignedDuration;

fn film() -> Picture {
    picture("video/mp4", 1_500_000)
}

fn of_film(text: &str, film: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media.push(MediaRef::new(film.0.id));
    variant
}

fn offered(case: &Case<'_>) -> Vec<String> {
    let kept = case.progress.clone().unwrap_or_default();
    kept[FORMER].as_array().unwrap().iter().map(|sent| sent["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_video_is_shared_by_one_request_with_its_text_and_title_and_can_be_deleted() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    let text = "<!channel> ships & <@U0ADADEMO1> https://example.com/";
    let mut variant = of_film(text, &film);
    variant.parts[0].media[0].title = Some("Ships".into());
    let mut case = Case::new(&slack, &server, variant, &film);
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!((server.requests().await, server.calls("media").await), (1, 2), "announced and sent, then completed");
    let live = server.live().await;
    assert_eq!((live.len(), live[0]["text"].as_str(), live[0]["id"].as_str()), (1, Some(text), receipt.id.as_deref()));
    assert!(receipt.url.as_ref().unwrap().contains("/archives/C0GENERAL1/p"), "{receipt:?}");
    let raw: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    assert!(
        raw["arguments"]["files"].as_str().unwrap().contains("\"title\":\"Ships\"") && !raw.to_string().contains("<!")
    );
    let shown = live[0]["media"][0]["id"].as_str().unwrap();
    assert!(server.sandbox.bytes(&format!("/media/slack/{shown}")).await == film.1, "other bytes arrived");
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
    // Without a text it stands alone.
    Case::new(&slack, &server, of_film("", &film), &film).publish().await.unwrap();
    assert_eq!(server.live().await[0]["text"], "");
}

#[tokio::test]
async fn a_document_is_shared_under_its_title_and_settled_like_a_video() {
    let slack = connector();
    let server = connected(&slack).await;
    let paper = picture("application/pdf", 3_000);
    let mut variant = of_film("our menu", &paper);
    variant.parts[0].media[0].title = Some("Speisekarte \"Mai\"".into());
    let mut case = Case::new(&slack, &server, variant, &paper);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    let live = server.live().await;
    assert_eq!((live.len(), &live[0]["text"]), (1, &json!("our menu")));
    assert!(server.shown(&live[0]["media"][0]).await == paper.1, "other bytes arrived");
    let raw: Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
    let files = raw["arguments"]["files"].as_str().unwrap();
    assert!(files.contains("\"title\":\"Speisekarte \\\"Mai\\\"\""), "{files}");
    case.delete(&receipt).await.unwrap();
    // It answers the first part, and where the bot is no member it is refused with what to do.
    let mut parts = thread(&["one", "two"]);
    parts.parts[1].media.push(MediaRef::new(paper.0.id));
    let mut case = Case::new(&slack, &server, parts, &paper);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!(live[1]["reply_to"], live[0]["id"]);
    let refusal = json!({ "code": 200, "body": { "ok": false, "error": "not_in_channel" } });
    server.order("create_post", "status", refusal).await;
    let refused = Case::new(&slack, &server, of_film("look", &paper), &paper).publish().await.unwrap_err();
    assert!(
        matches!(&refused, Failure::Rejected { code, detail } if code == "forbidden" && detail.contains("invite")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn whatever_answer_is_lost_the_video_is_live_once_and_a_file_that_was_offered_is_offered_again() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    for op in ["media", "media_status"] {
        for skip in 0..2 {
            for kind in ["commit_then_drop", "drop_before_commit"] {
                let order = json!({ "platform": "slack", "op": op, "kind": kind, "skip": skip });
                server.sandbox.control("faults", &order).await;
                let mut case = Case::new(&slack, &server, of_film(&format!("{op} {skip} {kind}"), &film), &film);
                let live = server.live().await.len();
                // What is lost before the request leaves no doubt; what is read after it leaves it taken.
                match case.publish().await {
                    Err(Failure::Unavailable) => assert_eq!(server.live().await.len(), live),
                    Err(Failure::Taken { .. }) => {
                        let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("{order}") };
                        case.before.push(receipt);
                    }
                    other => panic!("{order}: {other:?}"),
                }
                if case.before.is_empty() {
                    case.publish().await.unwrap();
                }
                assert_eq!(server.live().await.len(), live + 1, "{order}");
            }
        }
    }
    let mut case = Case::new(&slack, &server, of_film("the request", &film), &film);
    let live = server.live().await.len();
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let first = offered(&case);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(offered(&case), first, "the same file, which can be completed once");
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    // Whoever has it sent again meets the first.
    let again = case.publish().await;
    assert_eq!(again, Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!(server.live().await.len(), live + 1);
}

#[tokio::test]
async fn a_request_that_takes_effect_late_is_absent_then_proved_and_its_second_shares_nothing() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    let mut case = Case::new(&slack, &server, of_film("late", &film), &film);
    // Neither the file nor the channel tells of it yet.
    server.set(json!({ "slack_share_ms": 3_600_000 })).await;
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    server.order("list", "lag_reads_ms", json!({ "ms": 60_000 })).await;
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let again = case.publish().await;
    assert!(matches!(again, Err(Failure::Taken { .. })), "the file waits for nothing any more: {again:?}");
    assert_eq!(server.live().await.len(), 1);
    let Ok(Finding::Proved(by_channel)) = case.find().await else { panic!("the channel shows the file") };
    server.set(json!({ "slack_share_ms": 0 })).await;
    assert_eq!(case.find().await, Ok(Finding::Proved(by_channel)));
}

#[tokio::test]
async fn what_slack_took_and_does_not_tell_yet_is_taken_and_found_by_its_file() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    server.set(json!({ "slack_share_ms": 3_600_000 })).await;
    let mut case = Case::new(&slack, &server, of_film("", &film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))), "by the channel");
    // What people decide leaves the files that were sent.
    let former = case.progress.as_ref().unwrap()[FORMER].clone();
    case.progress = Some(json!({ FORMER: former }));
    server.set(json!({ "slack_share_ms": 0 })).await;
    let existing = server.live().await[0]["id"].as_str().unwrap().to_owned();
    let again = case.publish().await;
    assert!(
        matches!(&again, Err(Failure::Duplicate { existing: Some(receipt) }) if receipt.id.as_ref() == Some(&existing)),
        "{again:?}"
    );
    case.progress = None;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "without a file nothing can be asked for");
}

#[tokio::test]
async fn a_file_that_somebody_took_away_is_left_to_a_person_and_another_of_the_same_words_is_not_the_part() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    let mut case = Case::new(&slack, &server, of_film("the same words", &film), &film);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    for error in ["file_deleted", "not_visible", "access_denied"] {
        let gone = json!({ "code": 200, "body": { "ok": false, "error": error } });
        server.order("media_status", "status", gone).await;
        assert_eq!(case.find().await, Ok(Finding::Unreadable), "{error}");
    }
    let unknown = json!({ "code": 200, "body": { "ok": false, "error": "file_not_found" } });
    server.order("media_status", "status", unknown).await;
    assert_eq!(case.find().await, Ok(Finding::Absent));
    Case::new(&slack, &server, of_film("the same words", &film), &film).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    let text = Case::new(&slack, &server, Variant::text("the same words"), &film);
    assert_eq!(text.find().await, Ok(Finding::Resembling(1)), "nor is it a text");
    // A message of a text carries its own name.
    let mut other = Case::new(&slack, &server, Variant::text("the same words, later"), &film);
    other.publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
}

#[tokio::test]
async fn a_channel_that_the_bot_is_not_in_takes_texts_and_no_videos_and_the_account_is_none_the_worse() {
    let slack = connector();
    let mut server = connected(&slack).await;
    at(&mut server, "T0HARBOUR1/C0RANDOM01");
    let film = film();
    let refused = Case::new(&slack, &server, of_film("a film", &film), &film).publish().await;
    let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
    assert!(code == "forbidden" && detail.contains("invite it"), "{detail}");
    Case::new(&slack, &server, Variant::text("a text"), &film).publish().await.unwrap();
    at(&mut server, GENERAL);
    for (error, expected) in [
        ("no_permission", "forbidden"),
        ("posting_to_channel_denied", "forbidden"),
        ("file_type_not_allowed", "media_refused"),
        ("file_uploads_disabled", "media_refused"),
        ("storage_limit_reached", "media_refused"),
        ("channel_not_found", "revoked"),
        ("token_revoked", "revoked"),
        ("file_not_found", "unavailable"),
        ("fatal_error", "unconfirmed"),
        ("file_update_failed", "unconfirmed"),
        ("something_new", "invalid_request"),
    ] {
        server.order("create_post", "status", json!({ "code": 200, "body": { "ok": false, "error": error } })).await;
        let mut case = Case::new(&slack, &server, of_film(error, &film), &film);
        assert_eq!(code_of(&mut case).await, expected, "{error}");
    }
    for body in
        [json!({ "ok": true }), json!({ "ok": true, "files": [] }), json!({ "ok": true, "files": [{ "id": "F1" }] })]
    {
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        assert_eq!(
            code_of(&mut Case::new(&slack, &server, of_film("odd", &film), &film)).await,
            "unconfirmed",
            "{body}"
        );
    }
    assert_eq!(server.live().await.len(), 1, "only the text");
}

#[tokio::test]
async fn a_video_whose_thread_is_gone_is_neither_sent_nor_offered() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    let mut two = thread(&["one", "two"]);
    two.parts[1].media.push(MediaRef::new(film.0.id));
    let mut case = Case::new(&slack, &server, two, &film);
    let first = case.publish().await.unwrap().receipt;
    case.delete(&first).await.unwrap();
    let (requests, sent) = (server.requests().await, server.calls("media").await);
    assert_eq!(code_of(&mut case).await, "reply_refused");
    assert_eq!((server.requests().await, server.calls("media").await), (requests, sent));
    assert!(server.live().await.is_empty(), "Slack would have put it into the channel");
    // Nor is one that waits already: it may lie there for a while, and the thread may go meanwhile.
    let mut two = thread(&["three", "four"]);
    two.parts[1].media.push(MediaRef::new(film.0.id));
    let mut case = Case::new(&slack, &server, two, &film);
    let first = case.publish().await.unwrap().receipt;
    let Ok(Prepared::More(progress)) = slack.prepare(&case.call()).await else { panic!("the file is sent") };
    case.progress = Some(progress);
    case.delete(&first).await.unwrap();
    let requests = server.requests().await;
    assert_eq!(code_of(&mut case).await, "reply_refused");
    let kept = case.progress.as_ref().unwrap()[FORMER][0]["offers"].as_u64();
    assert_eq!((server.requests().await, kept), (requests, Some(0)), "it was never offered");
}

#[tokio::test]
async fn a_video_stands_in_the_thread_of_its_post_and_a_comment_below_a_video() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    let mut two = thread(&["one", "two"]);
    two.parts[1].media.push(MediaRef::new(film.0.id));
    let mut case = Case::new(&slack, &server, two, &film);
    case.publish().await.unwrap();
    let receipt = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    assert_eq!(live[1]["reply_to"], live[0]["id"]);
    assert!(receipt.url.unwrap().contains("?thread_ts="));
    let variant = Variant { first_comment: Some("why".into()), ..of_film("a film", &film) };
    let mut case = Case::new(&slack, &server, variant, &film);
    case.publish().await.unwrap();
    case.progress = None;
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((&live[3]["text"], &live[3]["reply_to"]), (&json!("why"), &live[2]["id"]));
}

#[tokio::test]
async fn a_file_that_lay_too_long_is_sent_again_with_a_bound_and_one_parts_file_is_not_anothers() {
    let slack = connector();
    let server = connected(&slack).await;
    let film = film();
    let mut case = Case::new(&slack, &server, of_film("later", &film), &film);
    for files in 1..=4 {
        server.order("create_post", "status", json!({ "code": 429 })).await;
        assert!(matches!(case.publish().await, Err(Failure::RateLimited { .. })));
        assert_eq!(offered(&case).len(), files);
        for sent in case.progress.as_mut().unwrap()[FORMER].as_array_mut().unwrap() {
            sent["at"] = json!(server.now() - SignedDuration::from_hours(2));
        }
    }
    let refused = case.publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "media_refused"), "{refused:?}");
    let other = json!({ FORMER: [{ "part": 1, "id": "F012345678", "at": server.now() }] });
    let variant = of_film("another part", &film);
    let call = PublishCall {
        progress: Some(&other),
        media: std::slice::from_ref(&film.0),
        ..call_of(&server, &variant, &film)
    };
    assert_eq!(slack.publish(&call).await, Err(Failure::Unavailable), "nothing leaves without its file");
    assert_eq!(server.live().await.len(), 0);
}

#[test]
fn what_slack_takes_of_videos_is_told_before_a_post_is_accepted() {
    let slack = connector();
    let codes = |film: &Picture, media: usize| -> Vec<String> {
        let mut variant = of_film("a film", film);
        variant.parts[0].media = vec![MediaRef::new(film.0.id); media];
        let told = check(&variant, slack.descriptor(), std::slice::from_ref(&film.0), "/c");
        told.into_iter().map(|violation| violation.code).collect()
    };
    let of = |media_type: &str, bytes: u64| {
        let mut film = film();
        let probe = film.0.probe.as_mut().unwrap();
        (probe.media_type, probe.bytes) = (media_type.into(), bytes);
        film
    };
    assert!(codes(&of("video/mp4", 50_000_000), 1).is_empty() && codes(&of("video/quicktime", 9), 1).is_empty());
    assert_eq!(codes(&of("video/mp4", 50_000_001), 1), ["media_too_large"]);
    assert_eq!(codes(&of("video/webm", 9), 1), ["media_type"]);
    assert_eq!(codes(&of("video/mp4", 9), 2), ["media_too_many"]);
}
