//! Pictures on their way, and reading back.

use super::*;
use async_trait::async_trait;
use ports::{MediaBytes, MediaError, MediaReader, Peek, Prepared, Publish, PublishCall};

#[tokio::test]
async fn a_moving_picture_is_waited_for_and_not_uploaded_twice() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let gif = picture("image/gif", 2_000);
    let mut case = Case::new(&mastodon, &server, with_pictures("", &gif, &[None]), &gif);
    assert!(case.prepare().await.unwrap() >= 1);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "a post without text is known by its picture");
    let yesterday = (server.now() - jiff::SignedDuration::from_hours(20)).to_string();
    case.progress.as_mut().unwrap()["at"] = yesterday.into();
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "however long ago the picture was uploaded");
    case.progress.as_mut().unwrap()["media"][0]["id"] = "1".into();
    assert_eq!(case.find().await, Ok(Finding::Absent), "another picture is another post");
    case.progress = None;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "what cannot be recognised is not called absent");
    assert_eq!((calls(&server, "media").await, calls(&server, "media_status").await), (1, 2));
}

#[tokio::test]
async fn a_picture_that_the_server_cannot_process_ends_the_post() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let gif = picture("image/gif", 2_000);
    for (params, expected) in [
        (json!({"code": 422, "body": {"error": "Validation failed: File is invalid"}}), "media_processing_failed"),
        (json!({"code": 404}), "not_found"),
        (json!({"code": 500}), "unavailable"),
        (json!({"code": 200, "body": {"id": "1"}}), "unavailable"),
    ] {
        server.order("media_status", "status", params.clone()).await;
        let mut case = Case::new(&mastodon, &server, with_pictures("gif", &gif, &[None]), &gif);
        assert_eq!(case.prepare().await.unwrap_err().code(), expected, "{params}");
    }
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn a_failing_upload_leaves_nothing_in_doubt() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let png = picture("image/png", 100);
    for (kind, params, expected) in [
        ("status", json!({"code": 500}), "unavailable"),
        ("commit_then_drop", json!({}), "unavailable"),
        ("garbage", json!({}), "unavailable"),
        ("no_id", json!({}), "unavailable"),
        ("status", json!({"code": 200, "body": {"id": "1/../2"}}), "unavailable"),
        ("status", json!({"code": 401}), "unauthorized"),
        ("status", json!({"code": 429}), "rate_limited"),
        ("status", json!({"code": 413, "body": "<html>too large</html>"}), "media_too_large"),
        ("status", json!({"code": 422}), "invalid_request"),
    ] {
        server.order("media", kind, params.clone()).await;
        let mut case = Case::new(&mastodon, &server, with_pictures("n", &png, &[None]), &png);
        assert_eq!(case.publish().await.unwrap_err().code(), expected, "{kind} {params}");
    }
    assert_eq!(server.requests().await, 0);
}

/// A server that gives the beginning of a picture and then nothing more.
struct Trickle;

#[async_trait]
impl MediaReader for Trickle {
    async fn open(&self, _: &domain::publishing::Media) -> Result<MediaBytes, MediaError> {
        use futures_util::StreamExt as _;
        let first = futures_util::stream::iter([Ok(bytes::Bytes::from_static(b"\x89PNG"))]);
        let stream = first.chain(futures_util::stream::pending()).boxed();
        Ok(MediaBytes { length: Some(100), media_type: None, stream })
    }
    async fn peek(&self, _: &domain::publishing::Media, _: u32) -> Result<Peek, MediaError> {
        Err(MediaError::Absent)
    }
}

#[tokio::test]
async fn pictures_go_up_one_by_one_and_one_that_trickles_ends_in_time() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let png = picture("image/png", 100);
    let variant = with_pictures("two pictures", &png, &[None, None]);
    let call = PublishCall {
        app: &server.app,
        account: &server.account,
        token: &server.token,
        variant: &variant,
        part: 0,
        key: "key".into(),
        made_at: server.now(),
        before: &[],
        elsewhere: &[],
        progress: None,
        media: std::slice::from_ref(&png.0),
        bytes: &png,
        now: server.now(),
        until: server.now() + jiff::SignedDuration::from_secs(30),
        levels: None,
    };
    let Prepared::More(first) = mastodon.prepare(&call).await.unwrap() else { panic!("both at once") };
    let soon = call.now + jiff::SignedDuration::from_millis(200);
    let stuck = PublishCall { progress: Some(&first), bytes: &Trickle, until: soon, ..call };
    assert_eq!(mastodon.prepare(&stuck).await, Err(Failure::Unavailable));
    assert_eq!(mastodon.publish(&stuck).await, Err(Failure::Unavailable), "nothing leaves with half of its pictures");
    let rest = PublishCall { bytes: &png, until: call.until, ..stuck };
    assert!(matches!(mastodon.prepare(&rest).await, Ok(Prepared::Ready(_))));
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn reading_back_goes_through_all_pages_and_counts_what_is_the_same() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, Variant::text("the one, see https://example.com/"), &small);
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..45 {
        Case::new(&mastodon, &server, Variant::text(format!("other {n}")), &small).publish().await.unwrap();
    }
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
    assert_eq!(calls(&server, "list").await, 1 + 3, "the empty page is the end");
    let twin = Variant::text("the one,  see https://example.com");
    let twin = Case::new(&mastodon, &server, twin, &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Several(2)));
    case.elsewhere.extend(twin.receipt.id);
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "another delivery holds the twin");
}

#[tokio::test]
async fn a_status_is_the_part_only_where_the_part_would_stand_and_with_as_many_pictures() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let png = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, thread(&["one", "say it twice"]), &png);
    case.publish().await.unwrap();
    Case::new(&mastodon, &server, Variant::text("say it twice"), &png).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent), "it answers nothing");
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("the reply is the part") };
    assert_eq!(receipt.id.as_deref(), server.live().await[2]["id"].as_str());
    let alone = Case::new(&mastodon, &server, with_pictures("say it twice", &png, &[None]), &png);
    assert_eq!(alone.find().await, Ok(Finding::Resembling(1)), "the same words without the picture");
}

#[tokio::test]
async fn what_somebody_changed_is_not_called_absent() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, Variant::text("our office opens on Monday at nine"), &small);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    Case::new(&mastodon, &server, Variant::text("a summer party"), &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent), "another tool posts something else");
    let wordless = Case::new(&mastodon, &server, Variant::text("🎉"), &small);
    assert_eq!(wordless.find().await, Ok(Finding::Resembling(1)), "what has no words could have become anything");
    let changed = Variant::text("our office opens on Tuesday at ten");
    let changed = Case::new(&mastodon, &server, changed, &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    case.elsewhere.extend(changed.receipt.id);
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery holds it");
    let mut edited = status(&server, "9", 0);
    edited["edited_at"] = json!(server.now().to_string());
    page(&server, &[edited], &json!({})).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "whatever an edited status says now");
}

/// A status of the account as a listing has it, made so many seconds ago.
fn status(server: &Connected, id: &str, ago_s: i64) -> Value {
    let at = server.now() - jiff::SignedDuration::from_secs(ago_s);
    json!({
        "id": id, "created_at": at.to_string(), "edited_at": null, "in_reply_to_id": null, "url": null,
        "content": "<p>nothing of the kind</p>", "account": {"id": server.account.profile.external_id},
        "media_attachments": [], "reblog": null,
    })
}

/// Orders the next page of the listing.
async fn page(server: &Connected, statuses: &[Value], headers: &Value) {
    server.order("list", "status", json!({"code": 200, "body": statuses, "headers": headers})).await;
}

#[tokio::test]
async fn reading_ends_at_a_page_that_is_wholly_older_than_the_request() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let case = Case::new(&mastodon, &server, Variant::text("what is sought"), &small);
    let mut same = status(&server, "5", 500);
    same["content"] = json!("<p>what is sought</p>");
    page(&server, &[status(&server, "9", 0), same.clone()], &json!({})).await;
    page(&server, &[status(&server, "4", 600), status(&server, "3", 700)], &json!({})).await;
    assert_eq!(case.find().await, Ok(Finding::Absent), "an older one says the same");
    assert_eq!(calls(&server, "list").await, 2);
    same["created_at"] = json!((server.now() - jiff::SignedDuration::from_secs(30)).to_string());
    page(&server, &[status(&server, "9", 0), same], &json!({})).await;
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("clocks differ by less than a minute") };
    assert_eq!(receipt.id.as_deref(), Some("5"));
}

#[tokio::test]
async fn only_a_complete_and_well_formed_listing_proves_absence() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let case = Case::new(&mastodon, &server, Variant::text("nowhere"), &small);
    for (kind, params) in [
        ("status", json!({"code": 503})),
        ("status", json!({"code": 200, "body": {}})),
        ("status", json!({"code": 200, "body": [{"id": "1"}]})),
        ("status", json!({"code": 206, "body": []})),
        ("garbage", json!({})),
        ("cut_body", json!({})),
        ("commit_then_drop", json!({})),
    ] {
        server.order("list", kind, params.clone()).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind} {params}");
    }
    let next = json!({"Link": "<http://h/api/v1/accounts/1/statuses?max_id=1>; rel=\"next\""});
    let with = |id: &str, field: &str, value: Value| {
        let mut status = status(&server, id, 0);
        status[field] = value;
        status
    };
    for (statuses, headers) in [
        (vec![], next),
        (vec![status(&server, "1", 0), status(&server, "2", 0)], json!({})),
        (vec![status(&server, "2", 0), status(&server, "2", 0)], json!({})),
        (vec![status(&server, "9zQ", 0)], json!({})),
        (vec![with("1", "account", json!({"id": "2"}))], json!({})),
        (vec![with("1", "content", json!("<p>cut"[..4].to_owned() + "<"))], json!({})),
        (vec![with("1", "created_at", json!("yesterday"))], json!({})),
    ] {
        page(&server, &statuses, &headers).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{statuses:?}");
    }
    for n in 0..10 {
        page(&server, &[status(&server, &(100 - n).to_string(), 0)], &json!({})).await;
    }
    assert_eq!(case.find().await, Err(Failure::Unavailable), "too many pages");
    assert_eq!(case.find().await, Ok(Finding::Absent));
}
