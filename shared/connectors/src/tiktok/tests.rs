#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod connecting;
mod drafts;
mod early;
mod photos;
mod refusals;
mod rules;
mod upload;

use super::*;
use crate::tests::{Connected, Facts, Known, egress, picture};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{FORMER, Failure, Finding, MediaRef, Probe, Receipt, Variant};
use jiff::SignedDuration;
use ports::{Delete as _, Find as _, Publish as _, Wording as _};
use serde_json::json;

/// A creator who may show videos to everybody.
const ADA: &str = "harbour-coffee-demo";
/// One with a private account, for videos of a minute.
const BO: &str = "bo-demo";

fn connector() -> TikTok {
    TikTok::new(Http::new(egress()))
}

/// A film of so many bytes and seconds, as far as TikTok looks.
fn film(size: usize, seconds: u64) -> Picture {
    let mut film = picture("video/mp4", size);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe {
        width: 720,
        height: 1_280,
        duration_ms: Some(seconds * 1_000),
        codec: Some("h264".into()),
        ..probe
    });
    film
}

fn of_film(film: &Picture) -> Variant {
    let mut variant = Variant::text("How it was #coffee");
    variant.parts[0].media.push(MediaRef::new(film.0.id));
    variant
}

/// What people's decision leaves of what was kept.
fn after_a_decision(case: &mut Case<'_>) {
    let kept = case.progress.take().unwrap();
    case.progress = Some(json!({ FORMER: kept[FORMER] }));
}

/// The bytes go to an address that is its own key.
impl Known for TikTok {
    const FACTS: Facts = Facts { reads_lists: false, bears_token: false, deletes: false, ..Facts::USUAL };
}

#[tokio::test]
async fn tiktok_keeps_the_contract() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    contract::run(&tiktok, &server, &picture("video/mp4", 3_000)).await;
}

#[tokio::test]
async fn the_cover_is_the_instant_that_was_chosen_and_nothing_is_said_of_it_otherwise() {
    let tiktok = connector();
    let film = film(3_000, 9);
    for chosen in [None, Some(1_500)] {
        let server = Connected::start(&tiktok, ADA, 0).await;
        let mut variant = of_film(&film);
        variant.parts[0].media[0].cover_ms = chosen;
        let mut case = Case::new(&tiktok, &server, variant, &film);
        let _ = case.publish().await;
        let live = server.live().await;
        let raw: serde_json::Value = serde_json::from_str(live[0]["raw"].as_str().unwrap()).unwrap();
        assert_eq!(raw["post_info"].get("video_cover_timestamp_ms"), chosen.map(|ms| json!(ms)).as_ref());
    }
}

#[tokio::test]
async fn what_tiktok_publishes_in_its_own_time_is_taken_then_proved_and_never_begun_again() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    server.set(json!({"tiktok_publish_ms": 600_000})).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    assert_eq!(case.find().await, Ok(Finding::Pending), "it is neither there nor absent");
    assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })), "whoever tries again finds it taken");

    // Somebody looked, and it is not there: true, and no reason to send it again.
    let kept = case.progress.clone();
    after_a_decision(&mut case);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    assert_eq!((server.calls("draft").await, server.requests().await), (1, 1));
    assert!(server.live().await.is_empty());

    server.set(json!({"tiktok_publish_ms": 0})).await;
    case.progress = kept;
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    let id = receipt.id.clone().unwrap();
    assert_eq!(
        receipt.url,
        Some(
            format!("{}/@harbour-coffee-demo/video/{id}", WEB.of(&server.app)).replace("-coffee-demo", "_coffee_demo")
        )
    );
    let again = Err(Failure::Duplicate { existing: Some(receipt) });
    assert_eq!(case.prepare().await.map(drop), again);
    after_a_decision(&mut case);
    assert_eq!(case.prepare().await.map(drop), again);
    assert_eq!((server.calls("draft").await, server.requests().await, server.live().await.len()), (1, 1, 1));
}

#[tokio::test]
async fn what_tiktok_takes_and_never_publishes_is_refused_with_its_reason_and_may_be_sent_again() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    server.set(json!({"tiktok_outcome": "frame_rate_check_failed"})).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })), "an early word is not believed");
    let Ok(Finding::Refused { code, detail }) = case.find().await else { panic!("TikTok says never") };
    assert_eq!((code.as_str(), detail.contains("frame_rate_check_failed")), ("media_refused", true), "{detail}");

    server.set(json!({"tiktok_outcome": null})).await;
    after_a_decision(&mut case);
    case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.live().await.len()), (2, 1));
}

#[tokio::test]
async fn last_bytes_that_did_not_arrive_are_absent_and_sent_again_to_the_same_upload() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.live().await.len()), (1, 1));

    // An answer that was lost is found by whoever tries again, whatever they were told.
    let mut lost = Case::new(&tiktok, &server, of_film(&film), &film);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    after_a_decision(&mut lost);
    assert!(matches!(lost.prepare().await, Err(Failure::Duplicate { existing: Some(_) })));
    assert_eq!(server.live().await.len(), 2);
}

#[tokio::test]
async fn without_a_word_of_what_it_has_or_with_one_that_is_not_known_nothing_is_concluded() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    server.set(json!({"tiktok_no_uploaded_bytes": true})).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Pending));
    assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })), "its last bytes may have arrived");

    server.set(json!({"tiktok_no_uploaded_bytes": false})).await;
    let odd = json!({"data": {"status": "DREAMING"}, "error": {"code": "ok", "message": "", "log_id": "1"}});
    let gone = json!({"data": {}, "error": {"code": "invalid_params", "message": "no such publish_id", "log_id": "1"}});
    for (code, body) in [(200, odd), (400, gone)] {
        server.order("media_status", "status", json!({"code": code, "body": body})).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{code}");
        server.order("media_status", "status", json!({"code": code, "body": body})).await;
        assert_eq!(case.prepare().await, Err(Failure::Unavailable), "{code}");
    }
    assert_eq!(case.find().await, Ok(Finding::Absent));
    assert_eq!(server.calls("draft").await, 1);
}

#[tokio::test]
async fn an_upload_of_which_tiktok_says_nothing_stops_another_for_a_day_and_not_for_ever() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    server.set(json!({"tiktok_no_uploaded_bytes": true})).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    after_a_decision(&mut case);
    assert!(matches!(case.prepare().await, Err(Failure::Taken { .. })));
    case.progress.as_mut().unwrap()[FORMER][0]["until"] = json!(server.now() - SignedDuration::from_hours(25));
    case.publish().await.unwrap();
    assert_eq!((server.calls("draft").await, server.live().await.len()), (2, 1));
}

#[tokio::test]
async fn an_upload_that_tiktok_forgot_long_ago_stops_nobody_and_a_young_one_does() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    for (hours, goes_on) in [(-1, false), (-23, false), (-25, true)] {
        let until = server.now() + SignedDuration::from_hours(hours);
        let former = json!([{ "id": "v_gone", "size": 3_000, "until": until, "offered": true }]);
        case.progress = Some(json!({ FORMER: former }));
        let prepared = case.prepare().await;
        assert_eq!(prepared.is_ok(), goes_on, "{hours} h: {prepared:?}");
        if goes_on {
            let kept = case.progress.as_ref().unwrap();
            assert_eq!(kept[FORMER].as_array().unwrap().len(), 1, "what is over is forgotten here, too: {kept}");
        } else {
            assert_eq!(prepared, Err(Failure::Unavailable));
            assert_eq!(case.find().await, Err(Failure::Unavailable));
        }
    }
}

#[tokio::test]
async fn what_not_everybody_may_see_is_published_without_an_id_and_proved_by_its_own_name() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let private = Variant { visibility: Visibility::Private, ..of_film(&film) };
    let mut case = Case::new(&tiktok, &server, private.clone(), &film);
    assert_eq!(case.publish().await.unwrap().receipt, Receipt::NAMELESS);
    let mut lost = Case::new(&tiktok, &server, private, &film);
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Proved(Receipt::NAMELESS)));
    assert_eq!(lost.prepare().await, Err(Failure::Duplicate { existing: None }));
}

#[tokio::test]
async fn a_video_that_is_still_looked_at_is_waited_for_a_quarter_of_an_hour_for_its_id() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    server.set(json!({"tiktok_moderation_ms": 3_600_000})).await;
    let film = film(3_000, 9);
    let mut case = Case::new(&tiktok, &server, of_film(&film), &film);
    assert!(matches!(case.publish().await, Err(Failure::Taken { .. })));
    assert_eq!(case.find().await, Ok(Finding::Pending));
    let since = server.now() - SignedDuration::from_mins(16);
    assert_eq!(tiktok.find(&case.call(), since).await, Ok(Finding::Proved(Receipt::NAMELESS)));
}

#[tokio::test]
async fn a_video_is_named_by_its_id_or_the_accounts_own_address_and_by_nothing_else() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let app = PlatformApp::none();
    let name = server.account.profile.handle.clone().unwrap();
    let expected = Receipt {
        id: Some("7234567890123456789".into()),
        url: Some(format!("https://www.tiktok.com/@{name}/video/7234567890123456789")),
    };
    for good in [
        "7234567890123456789".to_owned(),
        format!("https://www.tiktok.com/@{name}/video/7234567890123456789"),
        format!("https://m.tiktok.com/@{}/video/7234567890123456789?lang=en", name.to_uppercase()),
    ] {
        assert_eq!(tiktok.named(&app, &server.account, &good).as_ref(), Some(&expected), "{good}");
    }
    let photo = format!("https://www.tiktok.com/@{name}/photo/7234567890123456789");
    let named = tiktok.named(&app, &server.account, &photo).unwrap();
    assert_eq!(
        (named.id, named.url),
        (expected.id.clone(), Some(photo)),
        "a post of pictures has an address of its own"
    );
    for bad in [
        String::new(),
        "0".into(),
        "-1".into(),
        "https://www.tiktok.com/@somebody.else/video/7234567890123456789".into(),
        format!("http://www.tiktok.com/@{name}/video/7234567890123456789"),
        format!("https://www.tiktok.com/{name}/video/7234567890123456789"),
        format!("https://www.tiktok.com/@{name}/video/7234567890123456789/x"),
        format!("https://tiktok.com.evil.example/@{name}/video/7234567890123456789"),
    ] {
        assert_eq!(tiktok.named(&app, &server.account, &bad), None, "{bad}");
    }
}

#[tokio::test]
async fn nothing_can_be_deleted_and_nobody_is_asked() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let case = Case::new(&tiktok, &server, of_film(&film), &film);
    let refused = tiktok.delete(&case.call(), &Receipt { id: Some("7234567890123456789".into()), url: None }).await;
    assert!(matches!(refused, Err(Failure::Unsupported { .. })));
}
