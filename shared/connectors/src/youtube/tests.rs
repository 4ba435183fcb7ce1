#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod amend;
mod answers;
mod captions;
mod comments;
mod connecting;
mod listening;
mod refusals;
mod rules;
mod upload;

use super::*;
use crate::tests::engagement::is_told;
use crate::tests::{Connected, Facts, Known, egress, picture};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Failure, Finding, MediaRef, Probe, Receipt, Variant};
use jiff::SignedDuration;
use ports::{Delete as _, Find as _, Publish as _, PublishCall, Wording as _};
use serde_json::{Value, json};

const ADA: &str = "harbour-coffee-demo";

fn connector() -> YouTube {
    YouTube::new(Http::new(egress()))
}

/// A film of so many bytes, as far as YouTube looks.
fn film(size: usize) -> Picture {
    let mut film = picture("video/mp4", size);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe { duration_ms: Some(9_000), codec: Some("h264".into()), ..probe });
    film
}

fn of_film(film: &Picture) -> Variant {
    let mut variant = Variant { title: Some("A film".into()), ..Variant::text("How it was") };
    variant.parts[0].media.push(MediaRef::new(film.0.id));
    variant
}

impl Connected {
    /// A call as the account's owner makes it by hand.
    async fn by_hand(&self, call: Call) -> u16 {
        Http::new(egress()).call(call.bearer(&self.token)).await.unwrap().status
    }
}

/// What the client said of the one video that is live.
async fn said(server: &Connected) -> Value {
    let live = server.live().await;
    let [post] = live.as_slice() else { panic!("{live:?}") };
    serde_json::from_str(post["raw"].as_str().unwrap()).unwrap()
}

/// A video is read by its id; a comment below it is found in a list, as the video is not.
impl Known for YouTube {
    const FACTS: Facts = Facts { reads_lists: false, shows_comments: false, ..Facts::USUAL };
}

#[tokio::test]
async fn youtube_keeps_the_contract() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    contract::run(&youtube, &server, &picture("video/mp4", 3_000)).await;
}

#[tokio::test]
async fn youtube_tells_how_a_video_did() {
    let (youtube, film) = (connector(), film(3_000));
    let server = Connected::start(&youtube, ADA, 0).await;
    is_told(&youtube, &server, of_film(&film), &film, "abcdefghijk").await;
}

#[tokio::test]
async fn what_is_said_of_a_video_arrives_and_its_name_is_gone() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let variant = Variant {
        tags: vec!["coffee".into(), " two words ".into()],
        categories: vec!["education".into()],
        made_for_kids: true,
        ..of_film(&film)
    };
    let mut case = Case::new(&youtube, &server, variant, &film);
    assert_eq!(case.prepare().await, Ok(1), "one wait, while it is processed");
    assert!(server.live().await.is_empty(), "until then nobody sees it");
    case.publish().await.unwrap();
    let (raw, live) = (said(&server).await, server.live().await);
    assert_eq!((&raw["title"], &raw["tags"]), (&json!("A film"), &json!(["coffee", "two words"])));
    assert_eq!((&raw["categoryId"], &raw["selfDeclaredMadeForKids"]), (&json!("27"), &json!(true)));
    assert_eq!((&live[0]["text"], &live[0]["visibility"]), (&json!("How it was"), &json!("public")));

    // Not one that videos may be put in, nor one that there is.
    for wrong in ["Movies", "Gossip"] {
        let variant = Variant { categories: vec![wrong.into()], ..of_film(&film) };
        let refused = Case::new(&youtube, &server, variant, &film).publish().await.unwrap_err();
        assert_eq!(refused.code(), "category_unknown", "{wrong}: {refused:?}");
    }
    assert_eq!(server.calls("draft").await, 1, "what is wrong is known before anything goes up");
}

#[tokio::test]
async fn who_may_see_a_video_is_what_was_asked_and_a_private_one_is_proved_too() {
    let youtube = connector();
    let film = film(3_000);
    let unlisted = Variant { visibility: Visibility::Unlisted, ..of_film(&film) };
    let private = Variant { visibility: Visibility::Private, ..of_film(&film) };
    let draft = Variant { draft: true, ..of_film(&film) };
    for (variant, shown) in [(unlisted, true), (private, false), (draft, false)] {
        let server = Connected::start(&youtube, ADA, 0).await;
        let mut case = Case::new(&youtube, &server, variant, &film);
        server.fault(Fault::DropBeforeCommit).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Absent));
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is there") };
        assert_eq!(receipt.url.unwrap(), web(&server.app, &receipt.id.unwrap()));
        let seen: Vec<Value> = server.live().await.iter().map(|post| post["visibility"].clone()).collect();
        assert_eq!(seen, if shown { vec![json!("unlisted")] } else { vec![] });
        assert_eq!(case.prepare().await, Err(Failure::Duplicate { existing: None }), "and not published again");
    }
}

#[tokio::test]
async fn a_request_that_takes_effect_late_is_absent_then_proved_and_never_made_again() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    server.order("create_post", "late_commit_ms", json!({"ms": 300})).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent), "not yet: who asks waits for Δ");
    let mut found = Finding::Absent;
    for _ in 0..2_000 {
        found = case.find().await.unwrap();
        if found != Finding::Absent {
            break;
        }
    }
    assert!(matches!(found, Finding::Proved(_)), "{found:?}");
    assert_eq!(case.prepare().await, Err(Failure::Duplicate { existing: None }));
    assert_eq!((server.requests().await, server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn a_video_that_youtube_locks_is_told_as_such_and_held_for_nothing_else() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    server.set(json!({"youtube_locked": true})).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    let Err(Failure::Unconfirmed { detail }) = case.publish().await else { panic!("it is locked") };
    assert!(detail.contains("has not audited"), "{detail}");
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "a person decides");
    assert!(server.live().await.is_empty());
    // The same with the answer lost.
    let mut lost = Case::new(&youtube, &server, of_film(&film), &film);
    lost.key.push_str(" again");
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Resembling(1)));
}

#[tokio::test]
async fn what_somebody_does_in_the_studio_before_its_time_is_met() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    let id = case.progress.as_ref().unwrap()["video"].as_str().unwrap().to_owned();

    // Deleted: for five minutes it may be that it is not told yet, then another goes up.
    let gone = server.by_hand(Call::delete(api(&server.app, &format!("videos?id={id}")))).await;
    assert_eq!(gone, 204);
    assert_eq!(case.find().await, Err(Failure::Unavailable), "one reading without it proves nothing");
    assert!(case.prepare().await.unwrap() >= 10);
    let other = case.progress.as_ref().unwrap()["video"].as_str().unwrap().to_owned();
    assert!(other != id && server.calls("draft").await == 2);

    // Made public, with other words: that is seen before a request leaves.
    let words = json!({"id": other, "snippet": {"title": "By hand", "description": "", "categoryId": "22", "tags": []},
                       "status": {"privacyStatus": "public"}});
    let url = api(&server.app, "videos?part=snippet,status");
    assert_eq!(server.by_hand(Call::put(url).json(&words)).await, 200);
    let requests = server.requests().await;
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }));
    assert_eq!(server.requests().await, requests);
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
}

#[tokio::test]
async fn a_leftover_that_its_owner_published_by_hand_is_not_published_again_by_a_retry() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    let id = case.progress.take().unwrap()["video"].as_str().unwrap().to_owned();
    // In the studio one changes who may see it, and its odd tag stays.
    let words = json!({"id": id, "snippet": {"title": "Ours", "description": "", "categoryId": "22",
                                             "tags": [prepare::name(&case.call())]},
                       "status": {"privacyStatus": "public"}});
    let url = api(&server.app, "videos?part=snippet,status");
    assert_eq!(server.by_hand(Call::put(url).json(&words)).await, 200);
    let requests = server.requests().await;
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }));
    assert_eq!((server.calls("draft").await, server.requests().await), (1, requests));
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("it is live") };
    assert_eq!(receipt.id, Some(id));
}

#[tokio::test]
async fn an_answer_that_says_private_over_a_video_that_is_public_ends_as_published() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    let id = case.progress.as_ref().unwrap()["video"].clone();
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let stale = json!({"id": id, "status": {"privacyStatus": "private", "uploadStatus": "processed"}});
    server.order("create_post", "status", json!({"code": 200, "body": stale})).await;
    assert!(matches!(youtube.publish(&case.call()).await, Err(Failure::Unconfirmed { .. })));
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
}

#[tokio::test]
async fn without_a_word_of_who_may_see_it_nothing_is_concluded() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    let bare =
        json!({"items": [{"id": case.progress.as_ref().unwrap()["video"], "status": {"uploadStatus": "processed"}}]});
    server.order("lookup", "status", json!({"code": 200, "body": bare})).await;
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
    case.publish().await.unwrap();
}

#[tokio::test]
async fn a_picture_beside_the_video_is_its_thumbnail_and_a_channel_that_may_have_none_is_told() {
    let youtube = connector();
    let film = film(3_000);
    let mut small = picture("image/png", 500);
    small.0.id = domain::MediaId::from_uuid(uuid::Uuid::from_u128(1));
    let mut variant = of_film(&film);
    variant.parts[0].media.insert(0, MediaRef::new(small.0.id));
    let media = [film.0.clone(), small.0.clone()];
    for (actor, refused) in [(ADA, None), ("bo-demo", Some("forbidden"))] {
        let server = Connected::start(&youtube, actor, 0).await;
        let plain = Case::new(&youtube, &server, variant.clone(), &film);
        let (mut progress, mut now, mut failed) = (None, server.now(), None);
        for _ in 0..10 {
            // Once the video is there, what is read is the picture.
            let there = progress.as_ref().is_some_and(|kept: &Value| kept["video"].is_string());
            let bytes = if there { &small } else { &film };
            let until = now + SignedDuration::from_secs(30);
            let call = PublishCall { media: &media, bytes, progress: progress.as_ref(), now, until, ..plain.call() };
            match youtube.prepare(&call).await {
                Ok(ports::Prepared::Ready(kept)) => {
                    progress = kept;
                    break;
                }
                Ok(ports::Prepared::More(kept)) => progress = Some(kept),
                Ok(ports::Prepared::Wait { progress: kept, until }) => (progress, now) = (Some(kept), until),
                Err(failure) => {
                    failed = Some(failure);
                    break;
                }
            }
        }
        assert_eq!(failed.as_ref().map(Failure::code), refused, "{failed:?}");
        if failed.is_none() {
            let call = PublishCall { media: &media, progress: progress.as_ref(), ..plain.call() };
            youtube.publish(&call).await.unwrap();
            let raw = said(&server).await;
            let shown = server.sandbox.bytes(&format!("/media/youtube/{}", raw["thumbnail"].as_str().unwrap())).await;
            assert!(shown == small.1, "to the byte");
        }
    }
}

#[tokio::test]
async fn a_video_is_named_by_its_id_or_an_address_and_by_nothing_else() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let app = PlatformApp::none();
    let expected =
        Receipt { id: Some("dQw4w9WgXcQ".into()), url: Some("https://www.youtube.com/watch?v=dQw4w9WgXcQ".into()) };
    for good in [
        "dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=9s",
        "https://youtu.be/dQw4w9WgXcQ?si=abc",
        "https://youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/live/dQw4w9WgXcQ",
    ] {
        assert_eq!(youtube.named(&app, &server.account, good).as_ref(), Some(&expected), "{good}");
    }
    for bad in [
        "",
        "dQw4w9WgXc",
        "dQw4w9WgXcQ1",
        "dQw4w9WgXc/",
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=a/../../b..",
        "https://www.youtube.com/playlist?list=dQw4w9WgXcQ",
        "https://www.youtube.com/embed/x/dQw4w9WgXcQ",
        "https://youtu.be/a/dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ/a",
        "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "https://evil.example/watch?v=dQw4w9WgXcQ",
    ] {
        assert_eq!(youtube.named(&app, &server.account, bad), None, "{bad}");
    }
}

#[tokio::test]
async fn what_has_no_id_of_a_video_cannot_be_deleted_and_asks_nobody() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let case = Case::new(&youtube, &server, of_film(&film), &film);
    for id in [None, Some("dQw4w9WgXcQ&x=1".to_owned())] {
        let refused = youtube.delete(&case.call(), &Receipt { id, url: None }).await;
        assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
    }
    assert_eq!(server.calls("delete_post").await, 0);
    assert_eq!(youtube.find(&case.call(), server.now()).await, Ok(Finding::Unreadable), "nothing went up");
}
