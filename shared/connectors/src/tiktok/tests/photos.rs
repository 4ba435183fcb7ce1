//! Pictures on TikTok, which it fetches from below an address that was verified with it.

use super::*;
use connector_kit::{Egress, Guard};
use domain::MediaId;
use domain::publishing::{Media, MediaSource, Piece};
use ports::{MediaBytes, MediaError, MediaReader, Peek, Published};
use secrecy::SecretString;
use uuid::Uuid;

/// A connector on a stack whose uploads are served below the sandbox's address of files, which is verified with TikTok there.
async fn serving(server: &Connected) -> TikTok {
    let below = below(server);
    server.set(json!({ "tiktok_verified": below })).await;
    TikTok::new(Http::new(Egress::serving(Guard::new(true), Served::parse(&below))))
}

fn below(server: &Connected) -> String {
    format!("{}/files/", server.app.bases["api"].trim_end_matches("/tiktok/api"))
}

/// A picture that lies below the verified address.
async fn photo(server: &Connected, n: u128) -> Picture {
    let mut photo = picture("image/jpeg", 3_000 + usize::try_from(n).unwrap());
    photo.0.id = MediaId::from_uuid(Uuid::from_u128(n));
    server.sandbox.hosted(&format!("{n}.jpg"), photo).await
}

fn of_photos(photos: &[&Picture]) -> Variant {
    let mut variant = Variant { title: Some("The harbour".into()), ..Variant::text("How it was #coffee") };
    variant.parts[0].media = photos.iter().map(|photo| MediaRef::new(photo.0.id)).collect();
    variant
}

fn raw(post: &serde_json::Value) -> serde_json::Value {
    serde_json::from_str(post["raw"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn pictures_are_fetched_in_their_order_with_title_and_text_and_the_first_is_the_cover() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let (first, second, third) = (photo(&server, 1).await, photo(&server, 2).await, photo(&server, 3).await);
    let variant = of_photos(&[&first, &second, &third]);
    let mut case = Case::new(&tiktok, &server, variant, &first).with(&second).with(&third);
    let receipt = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    assert_eq!(receipt.id.as_deref(), live[0]["id"].as_str());
    assert!(receipt.url.unwrap().ends_with(&format!("/@harbour_coffee_demo/photo/{}", receipt.id.unwrap())));
    let shown = live[0]["media"].as_array().unwrap();
    for (medium, sent) in shown.iter().zip([&first, &second, &third]) {
        assert!(server.shown(medium).await == sent.1, "other bytes arrived");
    }
    let address = |n: u8| format!("{}{n}.jpg", below(&server));
    assert_eq!(
        raw(&live[0]),
        json!({
            "media_type": "PHOTO", "post_mode": "DIRECT_POST",
            "post_info": {
                "title": "The harbour", "description": "How it was #coffee", "privacy_level": "PUBLIC_TO_EVERYONE",
                "disable_comment": false, "auto_add_music": false, "brand_content_toggle": false, "brand_organic_toggle": false,
            },
            "source_info": { "source": "PULL_FROM_URL", "photo_images": [address(1), address(2), address(3)], "photo_cover_index": 0 },
        })
    );
    assert_eq!((server.requests().await, server.calls("draft").await, shown.len()), (1, 0, 3), "one request publishes");
}

/// Gives out addresses as the bucket of uploads does.
struct Bucket;

#[async_trait::async_trait]
impl MediaReader for Bucket {
    async fn open(&self, _: &Media) -> Result<MediaBytes, MediaError> {
        Err(MediaError::Absent)
    }
    async fn peek(&self, _: &Media, _: u32) -> Result<Peek, MediaError> {
        Err(MediaError::Absent)
    }
    async fn piece(&self, _: &Media, _: Piece, _: Option<&str>) -> Result<bytes::Bytes, MediaError> {
        Err(MediaError::Absent)
    }
    async fn public_address(&self, medium: &Media) -> Result<SecretString, MediaError> {
        let MediaSource::Upload { object } = &medium.source else { return Err(MediaError::Absent) };
        Ok(format!("https://bucket.s3.eu-central-1.amazonaws.com/{object}?X-Amz-Expires=3600&X-Amz-Signature=5ea1")
            .into())
    }
}

/// Publishes a prepared case whose pictures are in the bucket.
async fn uploaded(tiktok: &TikTok, case: &mut Case<'_>) -> Result<Published, Failure> {
    let prepared = tiktok.prepare(&PublishCall { bytes: &Bucket, ..case.call() }).await?;
    let ports::Prepared::Ready(progress) = prepared else { panic!("{prepared:?}") };
    case.progress = progress;
    tiktok.publish(&PublishCall { bytes: &Bucket, ..case.call() }).await
}

#[tokio::test]
async fn an_upload_is_fetched_below_the_operators_address_with_the_signature_of_the_bucket() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let mut upload = photo(&server, 1).await;
    upload.0.source = MediaSource::Upload { object: "1.jpg".into() };
    let mut case = Case::new(&tiktok, &server, of_photos(&[&upload]), &upload);
    uploaded(&tiktok, &mut case).await.unwrap();
    let live = server.live().await;
    let asked = format!("{}1.jpg?X-Amz-Expires=3600&X-Amz-Signature=5ea1", below(&server));
    assert_eq!(raw(&live[0])["source_info"]["photo_images"], json!([asked]));
    assert!(server.shown(&live[0]["media"][0]).await == upload.1, "other bytes arrived");

    // What TikTok answers is told without the addresses, which open the pictures.
    let echo = json!({"data": {}, "error": {"code": "invalid_params", "message": format!("no picture at {asked}"), "log_id": "1"}});
    server.order("create_post", "status", json!({"code": 400, "body": echo})).await;
    let refused = uploaded(&tiktok, &mut Case::new(&tiktok, &server, of_photos(&[&upload]), &upload)).await;
    let Err(Failure::Rejected { detail, .. }) = refused else { panic!("{refused:?}") };
    assert!(detail.contains("no picture at") && !detail.contains("5ea1"), "{detail}");
}

#[tokio::test]
async fn an_address_that_is_not_verified_is_the_operators_to_mend_and_pictures_elsewhere_are_not_sent() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    for verified in [json!("https://media.example.com/"), json!(null)] {
        server.set(json!({ "tiktok_verified": verified })).await;
        let refused = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo).publish().await;
        let Err(Failure::Misconfigured { detail }) = refused else { panic!("{refused:?}") };
        assert!(detail.contains("VerifiedMediaUrl") && detail.contains("URL properties"), "{detail}");
    }
    assert_eq!(server.requests().await, 2);
    let mut elsewhere = picture("image/jpeg", 3_000);
    elsewhere.0.source = MediaSource::Url { url: "https://example.com/a.jpg".into() };
    let refused = Case::new(&tiktok, &server, of_photos(&[&elsewhere]), &elsewhere).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "url_not_allowed"), "{refused:?}");
    // The operator took the address away after the post was planned.
    let refused = Case::new(&connector(), &server, of_photos(&[&photo]), &photo).publish().await;
    assert!(
        matches!(&refused, Err(Failure::Misconfigured { detail }) if detail.contains("VerifiedMediaUrl")),
        "{refused:?}"
    );
    assert_eq!((server.requests().await, server.calls("terms").await, server.live().await.len()), (2, 2, 0));
}

#[tokio::test]
async fn what_tiktok_fetches_in_its_own_time_is_taken_then_proved_and_never_begun_again() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    server.set(json!({"tiktok_publish_ms": 600_000})).await;
    let photo = photo(&server, 1).await;
    let mut case = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo);
    let failure = case.publish().await.unwrap_err();
    let Failure::Taken { kept: Some(kept), .. } = failure else { panic!("{failure:?}") };
    case.progress = Some(kept);
    assert_eq!(case.find().await, Ok(Finding::Pending), "it is neither there nor absent");
    assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })), "whoever tries again finds it taken");
    after_a_decision(&mut case);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })), "whatever people decide");
    server.set(json!({"tiktok_publish_ms": 0})).await;
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    assert!(receipt.url.as_ref().unwrap().contains("/photo/"), "{receipt:?}");
    assert_eq!(case.publish().await.map(drop), Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!((server.requests().await, server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn of_a_lost_answer_nothing_is_known_and_nothing_is_sent_again_by_itself() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    for (fault, live) in [
        (Fault::CommitThenDrop, 1),
        (Fault::CutBody, 2),
        (Fault::NoId, 3),
        (Fault::Garbage, 3),
        (Fault::DropBeforeCommit, 3),
        (Fault::Status(500), 3),
    ] {
        let mut case = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo);
        let before = server.requests().await;
        server.fault(fault).await;
        let failure = case.publish().await;
        assert!(matches!(failure, Err(Failure::Unconfirmed { .. })), "{fault:?}: {failure:?}");
        assert_eq!(case.find().await, Ok(Finding::Unreadable), "{fault:?}: nothing names it, so a person is asked");
        assert_eq!((server.requests().await, server.live().await.len()), (before + 1, live), "{fault:?}");
    }
}

#[tokio::test]
async fn what_became_of_earlier_tries_says_nothing_of_a_request_whose_answer_is_lost() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let (good, mut gone) = (photo(&server, 1).await, photo(&server, 2).await);
    gone.0.source = MediaSource::Url { url: format!("{}not-there.jpg", below(&server)) };
    let mut case = Case::new(&tiktok, &server, of_photos(&[&gone]), &gone);
    let failure = case.publish().await.unwrap_err();
    let Failure::Taken { kept: Some(kept), .. } = failure else { panic!("{failure:?}") };
    case.progress = Some(kept);
    assert!(matches!(case.find().await, Ok(Finding::Refused { .. })));
    after_a_decision(&mut case);
    case.variant = of_photos(&[&good]);
    let mut again = case.with(&good);
    assert_eq!(again.prepare().await, Ok(1), "that none is published it must say twice");
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(again.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(server.live().await.len(), 1, "the second is live, and nothing names it");
    assert_eq!(again.find().await, Ok(Finding::Unreadable), "the first was refused, which says nothing of the second");
    server.order("media_status", "garbage", json!({})).await;
    assert_eq!(again.find().await, Ok(Finding::Unreadable), "nor does it matter that the first cannot be asked");
}

#[tokio::test]
async fn pictures_after_an_upload_that_was_not_finished_are_in_doubt_all_the_same() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    let mut case = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo);
    case.progress = Some(json!({ "former": [
        { "id": "v_pub_file~begun", "size": 6_000_000, "until": (case.call().now + SignedDuration::from_mins(50)).to_string() },
    ]}));
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(server.live().await.len(), 1);
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "that the video is absent says nothing of the pictures");
}

#[tokio::test]
async fn a_lost_reading_leaves_it_taken_and_a_lost_question_for_terms_sends_nothing() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    let mut case = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo);
    for kind in ["drop_before_commit", "commit_then_drop", "garbage"] {
        server.order("terms", kind, json!({})).await;
        assert_eq!(case.publish().await.map(drop), Err(Failure::Unavailable), "{kind}");
    }
    assert_eq!(server.requests().await, 0);
    server.order("media_status", "garbage", json!({})).await;
    let failure = case.publish().await.unwrap_err();
    let Failure::Taken { kept: Some(kept), .. } = failure else { panic!("{failure:?}") };
    case.progress = Some(kept);
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
    assert_eq!((server.requests().await, server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn pictures_that_tiktok_cannot_fetch_or_does_not_take_are_refused_with_its_reason_and_may_be_sent_again() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let good = photo(&server, 1).await;
    let mut gone = photo(&server, 2).await;
    gone.0.source = MediaSource::Url { url: format!("{}not-there.jpg", below(&server)) };
    let wrong = server.sandbox.hosted("3.jpg", picture("image/png", 3_000)).await;
    for (picture, means, why) in
        [(&gone, "media_unreachable", "VerifiedMediaUrl"), (&wrong, "media_refused", "file_format_check_failed")]
    {
        let mut case = Case::new(&tiktok, &server, of_photos(&[picture]), picture);
        let failure = case.publish().await.unwrap_err();
        let Failure::Taken { kept: Some(kept), .. } = failure else {
            panic!("an early word is not believed: {failure:?}")
        };
        case.progress = Some(kept);
        let Ok(Finding::Refused { code, detail }) = case.find().await else { panic!("TikTok says never") };
        assert!(code == means && detail.contains(why), "{code}: {detail}");
        after_a_decision(&mut case);
        case.variant = of_photos(&[&good]);
        let mut again = case.with(&good);
        assert_eq!(again.prepare().await, Ok(1), "that none is published it must say twice");
        again.publish().await.unwrap();
    }
    assert_eq!(server.live().await.len(), 2);
}

#[tokio::test]
async fn who_may_see_it_and_whether_it_takes_comments_is_as_the_account_has_it() {
    let server = Connected::start(&connector(), BO, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    let refused = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo).publish().await.unwrap_err();
    assert!(refused.code() == "unsupported" && refused.to_string().contains("only FOLLOWER_OF_CREATOR"), "{refused}");
    assert_eq!(server.requests().await, 0);
    for (visibility, level) in [(Visibility::Connections, "MUTUAL_FOLLOW_FRIENDS"), (Visibility::Private, "SELF_ONLY")]
    {
        let variant = Variant { visibility, ..of_photos(&[&photo]) };
        let receipt = Case::new(&tiktok, &server, variant, &photo).publish().await.unwrap().receipt;
        assert_eq!(receipt, Receipt::NAMELESS);
        let live = server.live().await;
        let said = raw(live.last().unwrap())["post_info"].clone();
        assert_eq!((&said["privacy_level"], &said["disable_comment"]), (&json!(level), &json!(true)));
    }
}

#[tokio::test]
async fn a_draft_is_left_in_the_inbox_without_words_and_five_wait_there() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    let draft = || Variant { draft: true, ..of_photos(&[&photo]) };
    for n in 0..5 {
        let receipt = Case::new(&tiktok, &server, draft(), &photo).publish().await.unwrap().receipt;
        assert_eq!(receipt, Receipt::NAMELESS, "{n}");
    }
    let live = server.live().await;
    assert_eq!((&live[0]["visibility"], &live[0]["text"]), (&json!("INBOX"), &json!("")));
    assert_eq!((&raw(&live[0])["post_mode"], &raw(&live[0])["post_info"]), (&json!("MEDIA_UPLOAD"), &json!({})));
    assert_eq!(server.calls("terms").await, 0);
    let full = Case::new(&tiktok, &server, draft(), &photo).publish().await;
    assert!(matches!(full, Err(Failure::RateLimited { until: Some(_) })), "{full:?}");

    let scopes = ["user.info.basic", "user.info.profile", "video.publish"];
    let server = server.with(server.sandbox.grant("tiktok", ADA, Some(&scopes)).await);
    let refused = Case::new(&tiktok, &server, draft(), &photo).publish().await.unwrap_err();
    assert!(refused.code() == "access_denied" && refused.to_string().contains("`drafts`"), "{refused}");
}

#[tokio::test]
async fn refusals_of_pictures_mean_what_tiktok_says() {
    let server = Connected::start(&connector(), ADA, 0).await;
    let tiktok = serving(&server).await;
    let photo = photo(&server, 1).await;
    let body = |code: &str| json!({"data": {}, "error": {"code": code, "message": "Words.", "log_id": "1"}});
    for (status, code, expected) in [
        (200, "access_token_invalid", "unauthorized"),
        (403, "scope_permission_missed", "revoked"),
        (429, "rate_limit_exceeded", "rate_limited"),
        (403, "spam_risk_too_many_posts", "rate_limited"),
        (200, "url_ownership_unverified", "misconfigured"),
        (400, "invalid_params", "invalid_request"),
        (500, "internal_error", "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({"code": status, "body": body(code)})).await;
        let failure = Case::new(&tiktok, &server, of_photos(&[&photo]), &photo).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{status} {code}: {failure:?}");
    }
    assert!(server.live().await.is_empty());
}
