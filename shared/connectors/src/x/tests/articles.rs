//! Articles: what is sent, what a lost answer leaves, and what reading proves.

use super::*;
use domain::publishing::{ContentKind, DRAFT, MediaRef};
use ports::Delete as _;
use serde_json::Value;

const TEXT: &str = "Why we opened\n\nRead https://example.com and ask @ada_demo #harbour\n";

/// Whoever has a subscription.
pub(super) async fn premium(x: &X) -> Connected {
    Connected::start(x, "cleo_demo", 0).await
}

pub(super) fn article(title: &str, text: &str) -> Variant {
    Variant { kind: ContentKind::Article, title: Some(title.into()), ..Variant::text(text) }
}

/// What lies on X as a draft.
pub(super) async fn drafts(server: &Connected) -> Vec<Value> {
    server.sandbox.json("/x/timeline.json").await["drafts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_article_is_a_draft_that_one_request_publishes_and_its_post_can_be_deleted() {
    let x = connector();
    let server = premium(&x).await;
    let cover = picture("image/png", 3_000);
    let mut variant = article(" The harbour ", TEXT);
    variant.parts[0].media.push(MediaRef { alt_text: Some("a pier".into()), ..MediaRef::new(cover.0.id) });
    variant.first_comment = Some("Ask below".into());
    assert_eq!(x.render(&variant)[0], "Why we opened\nRead https://example.com and ask @ada_demo #harbour");
    let mut case = Case::new(&x, &server, variant, &cover);
    case.prepare().await.unwrap();
    assert!(server.live().await.is_empty(), "nobody sees the draft");
    let [draft] = drafts(&server).await.try_into().unwrap();
    let row = &draft["content_state"]["blocks"][1];
    let named = [&row["data"]["mentions"], &row["data"]["hashtags"], &row["data"]["urls"], &row["entity_ranges"]];
    assert!(named.iter().all(|named| named.as_array().is_some_and(|all| all.len() == 1)), "{row}");

    let published = case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.calls("create_post").await), (1, 1));
    let receipt = published.receipt;
    assert!(receipt.url.as_ref().unwrap().ends_with(&format!("/cleo_demo/status/{}", receipt.id.as_ref().unwrap())));
    let live = server.live().await;
    let card = &live[0]["card"];
    assert_eq!((&live[0]["id"], &card["title"]), (&json!(receipt.id), &json!("The harbour")));
    assert_eq!(card["description"], "Why we opened\nRead https://example.com and ask @ada_demo #harbour");
    let shown = server.sandbox.bytes(&format!("/media/x/{}", card["thumbnail"].as_str().unwrap())).await;
    assert!(shown == cover.1, "other bytes arrived");

    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((&live[1]["text"], &live[1]["reply_to"]), (&json!("Ask below"), &json!(receipt.id)));
    case.delete(&receipt).await.unwrap();
    case.delete(&receipt).await.unwrap();
    assert_eq!(server.live().await.len(), 1, "the comment is a post of its own");
}

#[tokio::test]
async fn a_draft_whose_answer_was_lost_is_made_again_and_nothing_is_published_by_it() {
    let x = connector();
    let server = premium(&x).await;
    let small = picture("image/png", 100);
    let mut variant = article("Covered", "text");
    variant.parts[0].media.push(MediaRef::new(small.0.id));
    let mut case = Case::new(&x, &server, variant, &small);
    for kind in ["commit_then_drop", "cut_body", "no_id", "drop_before_commit"] {
        server.order("draft", kind, json!({})).await;
        assert_eq!(case.prepare().await, Err(Failure::Unavailable), "{kind}");
    }
    server.order("draft", "status", json!({"code": 503})).await;
    assert_eq!(case.prepare().await, Err(Failure::Unavailable));
    assert!(case.progress.as_ref().unwrap().get(DRAFT).is_none());
    case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.calls("media").await), (6, 1), "the cover is uploaded once");
    assert_eq!((server.live().await.len(), drafts(&server).await.len()), (1, 3), "three stay, and nobody sees them");
}

#[tokio::test]
async fn a_lost_answer_to_publishing_is_settled_by_the_articles_post_and_by_nothing_less() {
    let x = connector();
    let server = premium(&x).await;
    let none = picture("image/png", 100);
    for fault in [Fault::CommitThenDrop, Fault::CutBody, Fault::NoId] {
        let mut case = Case::new(&x, &server, article(&format!("{fault:?}"), "text"), &none);
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })), "{fault:?}");
        let Ok(Finding::Found(receipt)) = case.find().await else { panic!("{fault:?}") };
        assert_eq!(server.live().await.last().unwrap()["id"], json!(receipt.id), "{fault:?}");
    }
    let mut case = Case::new(&x, &server, article("Never there", "text"), &none);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN), "that it is not shown proves nothing");
    let mut case = Case::new(&x, &server, article("Not told", "text"), &none);
    server.set(json!({"x_articles_untold": true})).await;
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN), "nor does it where X tells nothing of articles");
}

#[tokio::test]
async fn an_article_that_comes_late_is_not_there_before_and_is_the_one_afterwards() {
    let x = connector();
    let server = premium(&x).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&x, &server, article("Late", "text"), &none);
    server.fault(Fault::LateCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN));
    let other = Case::new(&x, &server, article("Another", "text"), &none).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN), "what was published meanwhile is another");
    server.release().await;
    let Ok(Finding::Found(late)) = case.find().await else { panic!("it is there now") };
    assert_ne!(late.id, other.receipt.id);
    server.lists_lag(true).await;
    let mut case = Case::new(&x, &server, article("Listed late", "text"), &none);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN), "no list shows it yet");
    server.lists_lag(false).await;
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
}

#[tokio::test]
async fn of_two_articles_that_look_alike_each_finds_its_own() {
    let x = connector();
    let server = premium(&x).await;
    let none = picture("image/png", 100);
    let twin = Case::new(&x, &server, article("Twins", "text"), &none).publish().await.unwrap().receipt;
    let mut lost = Case::new(&x, &server, article("Twins", "text"), &none);
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Resembling(1)), "the twin links to another article");
    lost.elsewhere.extend(twin.id.clone());
    assert_eq!(lost.find().await, Ok(Finding::UNSHOWN), "and is another delivery's");
    lost.elsewhere.clear();
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let Ok(Finding::Found(own)) = lost.find().await else { panic!("its own") };
    assert_ne!(own.id, twin.id);
}

#[tokio::test]
async fn without_its_link_an_articles_post_is_known_by_its_whole_text_and_a_title_alone_only_resembles() {
    let x = connector();
    let server = premium(&x).await;
    server.set(json!({"x_articles_unlinked": true})).await;
    let none = picture("image/png", 100);
    // By another delivery, by hand, or by another application.
    Case::new(&x, &server, article("Weekly update", "Hello.\nThe first week"), &none).publish().await.unwrap();
    for text in ["Something else", "Hello.\nThe second week", "Hello.", "Hello.\nThe first week, and more"] {
        let mut lost = Case::new(&x, &server, article("Weekly update", text), &none);
        server.fault(Fault::DropBeforeCommit).await;
        lost.publish().await.unwrap_err();
        assert_eq!(lost.find().await, Ok(Finding::Resembling(1)), "{text}");
    }
    let mut own = Case::new(&x, &server, article("Weekly update", "Hello.\n\n  See https://example.com/ "), &none);
    server.fault(Fault::CommitThenDrop).await;
    own.publish().await.unwrap_err();
    let Ok(Finding::Found(found)) = own.find().await else { panic!("its own") };
    assert_eq!(server.live().await.last().unwrap()["id"], json!(found.id));
}

#[tokio::test]
async fn what_people_have_sent_again_is_the_same_draft_and_never_a_second_article() {
    let x = connector();
    let server = premium(&x).await;
    let none = picture("image/png", 100);
    let mut case = Case::new(&x, &server, article("Once", "text"), &none);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    // A person says that it is not there: of what was kept only this stays.
    case.progress = Some(json!({ DRAFT: case.progress.as_ref().unwrap()[DRAFT] }));
    case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.live().await.len()), (1, 1));

    // It was there all the same.
    let mut case = Case::new(&x, &server, article("Twice", "text"), &none);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    case.progress = Some(json!({ DRAFT: case.progress.as_ref().unwrap()[DRAFT] }));
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }), "so an earlier request counted");
    assert_eq!((server.calls("draft").await, server.live().await.len()), (2, 2), "no second one");

    // What was edited before it left is another draft.
    let mut case = Case::new(&x, &server, article("Early", "text"), &none);
    case.prepare().await.unwrap();
    case.variant = article("Early", "better text");
    case.publish().await.unwrap();
    assert_eq!(server.live().await.last().unwrap()["card"]["description"], "better text");
}

#[tokio::test]
async fn an_article_left_as_a_draft_is_never_published_nor_found_nor_deleted() {
    let x = connector();
    let server = premium(&x).await;
    let cover = picture("image/png", 100);
    let mut variant = Variant { draft: true, ..article("For the editor", "text") };
    variant.parts[0].media.push(MediaRef::new(cover.0.id));
    let mut case = Case::new(&x, &server, variant, &cover);
    let left = case.publish().await.unwrap().receipt;
    assert_eq!(left.url, None);
    let kept = drafts(&server).await;
    assert_eq!((&kept[0]["id"], kept[0]["cover"].is_string(), kept.len()), (&json!(left.id), true, 1));
    assert_eq!((server.calls("create_post").await, server.live().await.len()), (0, 0));
    assert!(matches!(x.delete(&at(&case, 0), &left).await, Err(Failure::Unsupported { .. })));
    assert_eq!(server.calls("delete_post").await, 0);
    let mut lost = Case::new(&x, &server, Variant { draft: true, ..article("Lost", "text") }, &cover);
    server.order("draft", "commit_then_drop", json!({})).await;
    assert!(matches!(lost.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(lost.find().await, Ok(Finding::Unreadable));
}

/// The call for this part.
fn at<'a>(case: &'a Case<'_>, part: usize) -> ports::PublishCall<'a> {
    ports::PublishCall { part, ..case.call() }
}

#[tokio::test]
async fn an_account_without_premium_is_refused_in_words_for_people_before_anything_is_published() {
    let x = connector();
    let server = Connected::start(&x, "ada_demo", 0).await;
    let none = picture("image/png", 100);
    let refused = Case::new(&x, &server, article("Mine", "text"), &none).publish().await.unwrap_err();
    assert!(matches!(&refused, Failure::Rejected { code, detail }
        if code == "premium_needed" && detail.starts_with("only accounts with X Premium write articles")));
    assert_eq!(server.calls("create_post").await, 0);
}

#[tokio::test]
async fn refusals_of_publishing_are_told_apart_and_a_limit_of_articles_holds_up_no_posts() {
    let x = connector();
    let server = premium(&x).await;
    let none = picture("image/png", 100);
    let premium = "You are not authorized to create or publish articles. A Premium subscription is required.";
    for (code, body, expected) in [
        (403, json!({"errors": [{"message": premium, "code": 403}]}), "premium_needed"),
        (403, json!({"title": "Forbidden", "detail": "You are not permitted to perform this action."}), "forbidden"),
        (400, json!({"errors": [{"message": "The title is too long."}]}), "invalid_request"),
        (402, json!({"title": "CreditsDepleted", "detail": "Your credits are depleted."}), "misconfigured"),
        (401, json!({"title": "Unauthorized", "detail": "Unauthorized"}), "unauthorized"),
        (503, json!({"title": "x"}), "unconfirmed"),
        (404, json!("<html>"), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({"code": code, "body": body})).await;
        let failure = Case::new(&x, &server, article("n", "text"), &none).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{body}");
    }
    let now = server.now().as_second();
    // A window that has only begun ends later than in its 15 minutes by a clock that is behind.
    let limits =
        [(840, "rate_limited"), (905, "rate_limited"), (1_300, "articles_used_up"), (80_000, "articles_used_up")];
    for (seconds, expected) in limits {
        let headers = json!({"x-user-limit-24hour-remaining": "0",
            "x-user-limit-24hour-reset": (now + seconds).to_string()});
        for op in ["draft", "create_post"] {
            server.order(op, "status", json!({"code": 429, "headers": headers})).await;
            let failure = Case::new(&x, &server, article("n", "text"), &none).publish().await.unwrap_err();
            assert_eq!(failure.code(), expected, "{op} {seconds}");
        }
    }
    let headers =
        json!({"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": (now + 80_000).to_string()});
    let body = json!({"data": {"post_id": "1"}});
    server.order("create_post", "status", json!({"code": 200, "headers": headers, "body": body})).await;
    let last = Case::new(&x, &server, article("last", "text"), &none).publish().await.unwrap();
    assert_eq!(last.quiet_until, None, "posts go on");
}
