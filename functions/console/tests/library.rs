//! The media library: bringing pictures, finding them again, saying what they show, and taking them along.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use axum::body::Bytes;
use domain::access::Role;
use domain::publishing::Media;
use site::{Browser, PNG, Page, Site, pairs, video};

/// What the page's script posts, with the session's token and a key of its own.
async fn asked(browser: &mut Browser<'_>, page: &Page, to: &str, key: &str, fields: &[(&str, &str)]) -> Page {
    let mut all = page.hidden_with("/console/media", &[]);
    all.retain(|(name, _)| name == "csrf");
    all.extend(pairs(&[("idempotency_key", key)]));
    all.extend(pairs(fields));
    browser.post(to, &all).await
}

async fn pictures(site: &Site) -> Vec<Media> {
    app::publishing::library(site.deps(), &site.world.caller, None, 100).await.unwrap().items
}

#[tokio::test]
async fn a_picture_goes_to_the_bucket_itself_and_the_page_may_speak_to_no_other_place() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/media").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("; connect-src 'self' https://bucket.test"), "{policy}");
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    for other in ["/console", "/console/compose"] {
        let policy = browser.get(other).await.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(!policy.contains("bucket.test"), "{other}: {policy}");
    }

    let begun = asked(&mut browser, &page, "/console/media/begin", "a1b2c3d4", &[("media_type", "image/png")]).await;
    assert_eq!(
        (begun.status, begun.headers["content-type"].as_bytes()),
        (200, "application/json".as_bytes()),
        "{}",
        begun.body
    );
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let address = begun["upload_url"].as_str().unwrap();
    let object = address.strip_prefix("https://bucket.test/").unwrap();
    let arrived = format!("/console/media/{}/arrived", begun["id"].as_str().unwrap());
    // Before the bytes are there, and when they are no picture, it says so.
    let early = asked(&mut browser, &page, &arrived, "a1b2c3d5", &[]).await;
    assert!(early.body.contains("refused"), "{}", early.body);
    site.bucket.0.lock().unwrap().insert(object.into(), Bytes::from_static(b"<svg onload=alert(1)>"));
    let wrong = asked(&mut browser, &page, &arrived, "a1b2c3d6", &[]).await;
    assert!(wrong.body.contains("nothing Herald can read"), "{}", wrong.body);
    site.bucket.0.lock().unwrap().insert(object.into(), Bytes::from_static(PNG));
    let there = asked(&mut browser, &page, &arrived, "a1b2c3d7", &[]).await;
    assert_eq!((there.status, there.body.contains("PNG, 1 × 1")), (200, true), "{}", there.body);
    let page = browser.get("/console/media").await;
    assert!(page.body.contains(&format!("src=\"/console/media/{}\"", begun["id"].as_str().unwrap())));

    let video = asked(&mut browser, &page, "/console/media/begin", "a1b2c3d8", &[("media_type", "video/mp4")]).await;
    assert!(video.body.contains("cannot be uploaded here"), "{}", video.body);
    assert_eq!(pictures(&site).await.len(), 1);
}

#[tokio::test]
async fn a_video_is_told_in_words_taken_along_and_seen_where_the_bucket_sends_it() {
    let site = Site::new();
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let medium = app::publishing::upload_media(site.deps(), &site.world.caller, video(), "").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/media").await;
    let here = format!("/console/media/{}", medium.id);
    assert!(page.body.contains("MP4, 640 × 360, 1:05, "), "{}", page.body);
    assert!(!page.body.contains(&format!("src=\"{here}\"")), "it is no picture");
    assert!(page.body.contains(&format!("/console/compose?media={}", medium.id)));
    let seen = browser.get(&here).await;
    assert_eq!(seen.status, 303);
    assert!(seen.location().starts_with("https://bucket.test/") && seen.location().ends_with("?signed"));
    let stranger = site.browser().get(&here).await;
    assert!(!stranger.location().contains("bucket.test"), "only for who is signed in");
    let document = [b"%PDF-1.7\n".as_slice(), &vec![b' '; 7_000_000]].concat();
    let medium = app::publishing::upload_media(site.deps(), &site.world.caller, document.into(), "").await.unwrap();
    let seen = browser.get(&format!("/console/media/{}", medium.id)).await;
    assert_eq!(seen.status, 303, "a function cannot answer with a large document either");
}

#[tokio::test]
async fn without_scripts_the_form_brings_a_picture_once_however_often_it_is_sent() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/media").await;
    let fields = page.hidden_with("/console/media", &[]);
    for _ in 0..2 {
        let answer = browser.upload("/console/media", &fields, ("file", PNG)).await;
        assert_eq!((answer.status, answer.location()), (303, "/console/media?said=uploaded"), "{}", answer.body);
    }
    assert_eq!((pictures(&site).await.len(), site.bucket.0.lock().unwrap().len()), (1, 1));
    for (bytes, says) in [(b"".as_slice(), "Choose a file"), (b"<svg/>", "nothing Herald can read")] {
        let fresh = browser.get("/console/media").await.hidden_with("/console/media", &[]);
        let refused = browser.upload("/console/media", &fresh, ("file", bytes)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.error_of("file").unwrap().contains(says), "{}", refused.body);
    }
    assert_eq!(pictures(&site).await.len(), 1);
}

#[tokio::test]
async fn what_a_picture_shows_is_said_once_and_goes_along_into_posts() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    for _ in 0..2 {
        app::publishing::upload_media(site.deps(), &site.world.caller, Bytes::from_static(PNG), "").await.unwrap();
    }
    let [first, second] = pictures(&site).await.try_into().unwrap();
    let page = browser.get("/console/media").await;
    for medium in [&first, &second] {
        let action = format!("/console/media/{}/describe", medium.id);
        let alt = format!("Bridge {}", medium.id);
        let answer = browser.send_form(&page, &action, &[("alt", &alt)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/console/media?said=described"));
        assert!(browser.get("/console/media").await.body.contains(&alt));
    }
    let long = "a".repeat(1_001);
    let page = browser.get("/console/media").await;
    let refused = browser.send_form(&page, &format!("/console/media/{}/describe", first.id), &[("alt", &long)]).await;
    assert!(refused.status == 422 && refused.body.contains("at most 1000"), "{}", refused.body);

    // One by its link, the other picked in the composer.
    let composer = browser.get(&format!("/console/compose?media={}", first.id)).await;
    let hidden = composer.hidden_with("/console/compose", &[]);
    assert!(hidden.iter().any(|(name, value)| name == "media_0_id" && *value == first.id.to_string()));
    assert!(composer.body.contains(&format!("name=\"media_pick\" value=\"{}\"", second.id)));
    assert!(!composer.body.contains(&format!("name=\"media_pick\" value=\"{}\"", first.id)), "offered twice");
    let (target, picked, alt) = (account.id.to_string(), second.id.to_string(), format!("Bridge {}", first.id));
    let fields = [
        ("text", "two bridges"),
        ("target", &*target),
        ("when", "draft"),
        ("media_0_alt", &*alt),
        ("media_pick", &*picked),
        ("media_pick", "nonsense"),
    ];
    let answer = browser.send_form(&composer, "/console/compose", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let post = site.posts().await.remove(0).post;
    let told: Vec<_> = post.content.media().map(|m| (m.id, m.alt_text.clone().unwrap())).collect();
    assert_eq!(told, [first, second].map(|m| (m.id, format!("Bridge {}", m.id))));
}

#[tokio::test]
async fn the_library_is_its_tenants_own_and_who_may_not_write_only_looks() {
    let site = Site::new();
    let medium =
        app::publishing::upload_media(site.deps(), &site.world.caller, Bytes::from_static(PNG), "").await.unwrap();
    let mut viewer = site.signed_in(Role::Viewer).await;
    let page = viewer.get("/console/media").await;
    assert!(page.status == 200 && page.body.contains(&format!("/console/media/{}", medium.id)));
    for offered in ["id=\"uploader\"", "describe", "Use in a post"] {
        assert!(!page.body.contains(offered), "{offered} is offered to a viewer");
    }
    let fields = [page.hidden_with("/console/sign-out", &[]), pairs(&[("idempotency_key", "a1b2c3d4")])].concat();
    for to in ["/console/media/begin", &format!("/console/media/{}/describe", medium.id)] {
        let fields = [fields.clone(), pairs(&[("media_type", "image/png"), ("alt", "x")])].concat();
        assert_eq!(viewer.post(to, &fields).await.status, 403, "{to}");
    }
    assert_eq!(viewer.upload("/console/media", &fields, ("file", PNG)).await.status, 403);
    assert_eq!(viewer.get("/console/media?after=nonsense").await.status, 404);
    let stranger = domain::access::Caller {
        tenant: domain::TenantId::from_uuid(uuid::Uuid::from_u128(9)),
        ..site.world.caller.clone()
    };
    assert!(app::publishing::library(site.deps(), &stranger, None, 9).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn documents_and_captions_come_in_and_are_told_by_what_their_bytes_are() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let captions = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n";
    for (bytes, label) in [(b"%PDF-1.7\n".as_slice(), "PDF, "), (captions, "SubRip captions, ")] {
        let fields = browser.get("/console/media").await.hidden_with("/console/media", &[]);
        let answer = browser.upload("/console/media", &fields, ("file", bytes)).await;
        assert_eq!((answer.status, answer.location()), (303, "/console/media?said=uploaded"), "{}", answer.body);
        let page = browser.get("/console/media").await;
        assert!(page.body.contains(label), "{label}: {}", page.body);
        let taken_along = page.body.matches("/console/compose?media=").count();
        assert_eq!(taken_along, 1, "a post takes the document along, and captions only with their video");
    }
    let fields = browser.get("/console/media").await.hidden_with("/console/media", &[]);
    let broken = b"1\n00:00:01,000 --> nothing\nHello\n";
    let refused = browser.upload("/console/media", &fields, ("file", broken)).await;
    assert!(refused.error_of("file").unwrap().contains("Line 2 of the captions"), "{}", refused.body);
    assert_eq!(pictures(&site).await.len(), 2);
}
