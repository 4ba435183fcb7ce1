//! What is refused before anything is sent, and what YouTube's own refusals mean.

use super::*;
use domain::publishing::{ContentKind, Poll, check};
use ports::Levels;

/// The codes and fields of what is wrong with a post.
fn told(variant: &Variant, media: &[domain::publishing::Media]) -> Vec<String> {
    let found = check(variant, connector().descriptor(), media, "/c");
    found.into_iter().map(|v| format!("{} {}", v.code, v.field)).collect()
}

#[test]
fn what_youtube_does_not_take_is_refused_field_by_field() {
    let (film, mut second, mut still, mut paper) =
        (film(3_000), film(3_000), picture("image/png", 500), picture("image/png", 500));
    for (n, medium) in [&mut second, &mut still, &mut paper].into_iter().enumerate() {
        medium.0.id = domain::MediaId::from_uuid(uuid::Uuid::from_u128(n as u128 + 1));
    }
    paper.0.probe = Some(Probe::picture("application/pdf", 500, 0, 0));
    let probed = |change: &dyn Fn(&mut Probe)| {
        let mut medium = film.0.clone();
        change(medium.probe.as_mut().unwrap());
        vec![medium]
    };
    let good = of_film(&film);
    let of = |media: &[&Picture]| {
        let mut variant = of_film(&film);
        variant.parts[0].media = media.iter().map(|medium| MediaRef::new(medium.0.id)).collect();
        variant
    };
    let all = [film.0.clone(), second.0.clone(), still.0.clone(), paper.0.clone()];
    let titled = |title: &str| Variant { title: Some(title.into()), ..good.clone() };
    let worded = |text: &str| {
        let mut variant = good.clone();
        variant.parts[0].text = text.into();
        variant
    };
    let tagged = |tags: &[&str]| Variant { tags: tags.iter().map(|&t| t.to_owned()).collect(), ..good.clone() };
    let poll = Poll { options: vec!["a".into(), "b".into()], duration_minutes: 60, ..Poll::default() };
    let fine: Vec<String> = Vec::new();
    let one = |what: &str| vec![what.to_owned()];
    for (variant, expected) in [
        (good.clone(), fine.clone()),
        (of(&[&film, &still]), fine.clone()),
        (of(&[]), one("video_missing /c/parts/0/media")),
        (of(&[&still]), one("video_missing /c/parts/0/media")),
        (of(&[&film, &second]), one("media_too_many /c/parts/0/media")),
        (of(&[&film, &paper]), one("unsupported /c/parts/0/media/1")),
        (titled(" "), one("title_missing /c/title")),
        (titled(&"é".repeat(100)), fine.clone()),
        (titled(&"é".repeat(101)), one("content_too_long /c/title")),
        (titled("a < b"), one("characters_refused /c/title")),
        (worded("a > b"), one("characters_refused /c/parts/0/text")),
        (worded(&"é".repeat(2_500)), fine.clone()),
        (worded(&"é".repeat(2_501)), one("content_too_long /c/parts/0/text")),
        (tagged(&[&"x".repeat(249), &"y".repeat(250)]), fine.clone()),
        (tagged(&[&"x".repeat(250), &"y".repeat(250)]), one("content_too_long /c/tags")),
        (tagged(&[&format!("{} x", "y".repeat(496))]), fine.clone()),
        (tagged(&[&format!("{} x", "y".repeat(497))]), one("content_too_long /c/tags")),
        (tagged(&["<b>"]), one("characters_refused /c/tags/0")),
        (Variant { categories: vec!["a".into(), "b".into()], ..good.clone() }, one("too_many_tags /c/categories")),
        (Variant { poll: Some(poll), ..good.clone() }, one("unsupported /c/poll")),
        (Variant { kind: ContentKind::Reel, ..good.clone() }, one("unsupported /c/kind")),
        (Variant { kind: ContentKind::Story, ..good.clone() }, one("unsupported /c/kind")),
        (Variant { kind: ContentKind::Article, ..good.clone() }, one("unsupported /c/kind")),
        (Variant { first_comment: Some("first".into()), ..good.clone() }, fine.clone()),
        (
            Variant { first_comment: Some("first".into()), draft: true, ..good.clone() },
            one("unsupported /c/first_comment"),
        ),
        (Variant { reply_to: Some("x".into()), ..good.clone() }, one("unsupported /c/parts/0/media/0")),
        (Variant { quote: Some("x".into()), ..good.clone() }, one("unsupported /c/quote")),
        (Variant { visibility: Visibility::Connections, ..good.clone() }, one("unsupported /c/visibility")),
        (Variant { visibility: Visibility::Unlisted, draft: true, ..good.clone() }, fine),
    ] {
        assert_eq!(told(&variant, &all), expected, "{variant:?}");
    }
    let at = "/c/parts/0/media/0";
    for (media, expected) in [
        (probed(&|probe| probe.media_type = "video/quicktime".into()), vec![]),
        (probed(&|probe| probe.media_type = "video/webm".into()), vec![format!("media_type {at}")]),
        (probed(&|probe| probe.bytes = 274_877_906_944), vec![]),
        (probed(&|probe| probe.bytes = 274_877_906_945), vec![format!("media_too_large {at}")]),
        (probed(&|probe| probe.duration_ms = Some(43_200_000)), vec![]),
        (probed(&|probe| probe.duration_ms = Some(43_200_001)), vec![format!("video_duration {at}")]),
    ] {
        assert_eq!(told(&good, &media), expected, "{media:?}");
    }
    for (large, media_type, code) in
        [(2 * 1024 * 1024 + 1, "image/png", "media_too_large"), (500, "image/gif", "media_type")]
    {
        let mut still = still.0.clone();
        still.probe = Some(Probe::picture(media_type, large, 10, 10));
        let variant = of(&[&film, &Picture(still.clone(), bytes::Bytes::new())]);
        assert_eq!(told(&variant, &[film.0.clone(), still]), [format!("{code} /c/parts/0/media/1")]);
    }
    let reasons = &connector().descriptor().limits.reasons.clone();
    assert!(
        reasons[&Feature::Poll].contains("no API for community posts") && reasons[&Feature::Reel].contains("Short")
    );
}

/// What a publishing request comes to that is answered so.
async fn answered(server: &Connected, case: &Case<'_>, code: u16, reason: &str) -> Failure {
    let error = json!({"code": code, "message": "words", "errors": [{"reason": reason, "message": "words"}]});
    server.order("create_post", "status", json!({"code": code, "body": {"error": error}})).await;
    connector().publish(&case.call()).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_is_what_its_reason_says() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    for (code, reason, expected) in [
        (400, "invalidTitle", "invalid_request"),
        (400, "invalidCategoryId", "invalid_request"),
        (400, "processingFailure", "media_processing_failed"),
        (400, "uploadLimitExceeded", "rate_limited"),
        (401, "authError", "unauthorized"),
        (401, "youtubeSignupRequired", "account_invalid"),
        (403, "quotaExceeded", "rate_limited"),
        (403, "dailyLimitExceeded", "rate_limited"),
        (403, "rateLimitExceeded", "rate_limited"),
        (403, "userRateLimitExceeded", "rate_limited"),
        (403, "backendError", "unconfirmed"),
        (403, "insufficientPermissions", "revoked"),
        (403, "forbidden", "forbidden"),
        (404, "videoNotFound", "not_found"),
        (500, "quotaExceeded", "unconfirmed"),
    ] {
        let failure = answered(&server, &case, code, reason).await;
        assert_eq!(failure.code(), expected, "{code} {reason}: {failure:?}");
    }
}

#[test]
fn a_spent_quota_begins_anew_at_midnight_in_california_in_summer_and_winter() {
    for (now, expected) in [
        ("2026-01-15T20:00:00Z", "2026-01-16T08:00:00Z"),
        ("2026-07-15T20:00:00Z", "2026-07-16T07:00:00Z"),
        // The clocks go forward in the early morning of the 8th, and back in that of 1 November.
        ("2026-03-08T08:30:00Z", "2026-03-09T07:00:00Z"),
        ("2026-11-01T07:30:00Z", "2026-11-02T08:00:00Z"),
        ("2026-07-15T07:00:00Z", "2026-07-16T07:00:00Z"),
    ] {
        assert_eq!(error::next_day(now.parse().unwrap()), Some(expected.parse().unwrap()), "{now}");
    }
}

#[tokio::test]
async fn uploads_are_counted_before_they_are_begun_and_a_refused_one_says_until_when() {
    let youtube = connector();
    let [quota] = youtube.descriptor.limits.quotas.as_slice() else { panic!("one quota") };
    assert_eq!((quota.scope, quota.limit, quota.window_s), (QuotaScope::App, 100, 86_400));
    let server = Connected::start(&youtube, ADA, 0).await;
    server.set(json!({"youtube_uploads_a_day": 0})).await;
    let film = film(3_000);
    let case = Case::new(&youtube, &server, of_film(&film), &film);
    let levels = Levels::default();
    let call = PublishCall { levels: Some(&levels), ..case.call() };
    let (now, next) = (call.now, error::next_day(call.now));
    assert_eq!(youtube.prepare(&call).await, Err(Failure::RateLimited { until: next }));
    let told = levels.take();
    assert_eq!((told[0].quota.as_str(), told[0].left, Some(told[0].resets_at)), ("uploads-24h", 0, next));
    assert!(next.unwrap() > now && server.calls("media").await == 0);
}
