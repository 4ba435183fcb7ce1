//! A first comment on YouTube.

use super::*;

fn commented(film: &Picture, comment: &str) -> Variant {
    Variant { first_comment: Some(comment.into()), ..of_film(film) }
}

/// The channel says something below the video, by hand.
async fn by_hand(server: &Connected, video: &str, text: &str) {
    let said = json!({"snippet": {"videoId": video, "topLevelComment": {"snippet": {"textOriginal": text}}}});
    let url = api(&server.app, "commentThreads?part=snippet");
    assert_eq!(server.by_hand(Call::post(url).json(&said)).await, 200);
}

#[tokio::test]
async fn the_channel_says_it_below_the_video_by_one_request_and_both_can_be_deleted() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let text = "More <here> & there:\nhttps://example.com/a?b=1";
    let mut case = Case::new(&youtube, &server, commented(&film, text), &film);
    let video = case.publish().await.unwrap().receipt;
    let before = server.requests().await;
    let said = case.publish().await.unwrap().receipt;
    assert_eq!(server.requests().await - before, 1);
    let live = server.live().await;
    assert_eq!((&live[1]["id"], &live[1]["reply_to"]), (&json!(said.id), &json!(video.id)));
    assert_eq!(live[1]["text"], text, "to the letter");
    assert_eq!(said.url, Some(format!("{}&lc={}", video.url.clone().unwrap(), said.id.clone().unwrap())));
    case.delete(&said).await.unwrap();
    case.delete(&said).await.unwrap();
    assert_eq!(server.live().await.len(), 1);
    case.delete(&video).await.unwrap();
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_list_of_comments_below_the_video() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, commented(&film, "and more #news"), &film);
    case.publish().await.unwrap();
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let said = server.live().await[1]["id"].as_str().unwrap().to_owned();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found: {:?}", case.find().await) };
    assert_eq!(receipt.id.as_deref(), Some(said.as_str()));
    case.elsewhere = vec![said];
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery's");
    case.elsewhere.clear();
    case.variant.first_comment = Some("and more #old news".into());
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "somebody may have changed it there");
    for (kind, params) in [("status", json!({"code": 503})), ("garbage", json!({})), ("cut_body", json!({}))] {
        server.order("list", kind, params).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
    }
}

#[tokio::test]
async fn a_comment_that_comes_late_or_is_listed_late_is_absent_until_then_and_two_alike_prove_nothing() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, commented(&film, "more"), &film);
    let video = case.publish().await.unwrap().receipt.id.unwrap();
    server.fault(Fault::LateCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent), "not yet: who asks waits for Δ");
    server.release().await;
    let mut found = case.find().await;
    for _ in 0..500 {
        if found != Ok(Finding::Absent) {
            break;
        }
        found = case.find().await;
    }
    assert!(matches!(found, Ok(Finding::Found(_))), "{found:?}");
    server.lists_lag(true).await;
    by_hand(&server, &video, "more").await;
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "the second is not listed yet");
    server.lists_lag(false).await;
    assert!(!matches!(case.find().await, Ok(Finding::Found(_) | Finding::Absent | Finding::Proved(_))));
}

#[tokio::test]
async fn a_list_of_many_comments_is_read_to_its_end_and_what_is_held_back_is_no_absence() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, commented(&film, "the first of them"), &film);
    let video = case.publish().await.unwrap().receipt.id.unwrap();
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..101 {
        by_hand(&server, &video, &n.to_string()).await;
    }
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "on the second page");

    let own = server.account.profile.external_id.clone();
    let thread = |author: &str| {
        let snippet =
            json!({"authorChannelId": {"value": author}, "textOriginal": "held", "moderationStatus": "heldForReview"});
        json!({"code": 200, "body": {"items": [{"id": "UgxHeldBack0001", "snippet": {"topLevelComment": {"snippet": snippet}}}]}})
    };
    case.variant.first_comment = Some("held".into());
    for (author, expected) in [(own.as_str(), Finding::Resembling(1)), ("UCsomebodyelse", Finding::Absent)] {
        // The two pages of what is shown come first.
        let order = json!({"platform": "youtube", "op": "list", "kind": "status", "skip": 2, "params": thread(author)});
        server.sandbox.control("faults", &order).await;
        assert_eq!(case.find().await, Ok(expected), "{author}");
    }
}

#[tokio::test]
async fn what_youtube_refuses_or_holds_back_is_told() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, commented(&film, "more"), &film);
    let video = case.publish().await.unwrap().receipt;
    let said =
        |code: u16, reason: &str| json!({"error": {"code": code, "message": "No.", "errors": [{"reason": reason}]}});
    let held = json!({"id": "UgxHeldBack0001", "snippet": {"topLevelComment": {"snippet": {"moderationStatus": "likelySpam"}}}});
    for (status, body, expected) in [
        (400, said(400, "commentTextTooLong"), "invalid_request"),
        (404, said(404, "videoNotFound"), "not_found"),
        (403, said(403, "quotaExceeded"), "rate_limited"),
        (403, said(403, "ineligibleAccount"), "forbidden"),
        (401, said(401, "authError"), "unauthorized"),
        (500, said(500, "backendError"), "unconfirmed"),
        (403, json!("<html>blocked</html>"), "unconfirmed"),
        (200, held, "unconfirmed"),
        (200, json!({}), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({ "code": status, "body": body })).await;
        let failure = case.publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{status} {body}");
    }
    server.set(json!({ "youtube_comments": false })).await;
    let off = case.publish().await.unwrap_err();
    assert!(
        matches!(&off, Failure::Rejected { code, detail } if code == "forbidden" && detail.contains("comments are off"))
    );
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "a person decides");
    server.set(json!({ "youtube_comments": true })).await;
    case.before[0].id = None;
    let before = server.requests().await;
    let unknown = case.publish().await.unwrap_err();
    assert_eq!((unknown.code(), server.requests().await), ("thread_parent_unknown", before));
    case.before[0] = video;
    let nameless = case.delete(&Receipt { id: None, url: None }).await;
    assert!(matches!(nameless, Err(Failure::Unsupported { .. })), "{nameless:?}");
}
