//! Quotes on Bluesky: a post names the one below it in its present version.

use super::*;
use crate::tests::rules::many;
use connector_kit::contract::Picture;

/// The demo's other account, signed in, and what it said.
pub(super) async fn said(bluesky: &Bluesky, server: &Connected, text: &str) -> Receipt {
    let entries = server.sandbox.keys("bluesky", "lighthouse.test").await;
    let keyed = bluesky.check(&server.app, &entries).await.unwrap();
    let mut theirs = server.with(keyed.pair.access);
    theirs.account.profile = keyed.profile;
    let small = picture("image/png", 100);
    Case::new(bluesky, &theirs, Variant::text(text), &small).publish().await.unwrap().receipt
}

pub(super) const THEIRS: &str = "did:plc:lighthouselabsdemo222222";

fn quoting(text: &str, quote: &str) -> Variant {
    Variant { quote: Some(quote.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_post_of_anybody_is_quoted_by_its_address_in_the_protocol_or_in_the_app() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let theirs = said(&bluesky, &server, "what they said").await;
    let key = theirs.id.clone().unwrap();
    let uri = format!("at://{THEIRS}/app.bsky.feed.post/{key}");
    for (n, quote) in [
        uri.clone(),
        format!("at://lighthouse.test/app.bsky.feed.post/{key}"),
        format!("https://bsky.app/profile/lighthouse.test/post/{key}"),
        format!("https://bsky.app/profile/{}/post/{key}?ref=x", THEIRS.replace(':', "%3A")),
        theirs.url.clone().unwrap(),
    ]
    .iter()
    .enumerate()
    {
        let requests = server.requests().await;
        let mut case = Case::new(&bluesky, &server, quoting(&format!("look {n}"), quote), &small);
        assert_eq!(check(&case.variant, bluesky.descriptor(), &[], "/content"), []);
        case.publish().await.unwrap();
        assert_eq!(server.requests().await - requests, 1, "{quote}");
        let embed = sent(&server).await["embed"].clone();
        assert_eq!(
            (&embed["$type"], &embed["record"]["uri"]),
            (&json!("app.bsky.embed.record"), &json!(uri)),
            "{quote}"
        );
        assert!(embed["record"]["cid"].as_str().unwrap().starts_with("bafyrei"));
    }
}

#[tokio::test]
async fn pictures_a_video_and_a_card_stand_beside_a_quote_and_only_the_first_part_quotes() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let theirs = said(&bluesky, &server, "what they said").await;
    let quote = theirs.url.unwrap();
    let still = picture("image/png", 300);
    let mut film = picture("video/mp4", 3_000);
    film.0.probe.as_mut().unwrap().duration_ms = Some(1_000);
    let shows = |text: &str, medium: &Picture| {
        let mut variant = quoting(text, &quote);
        variant.parts[0].media = vec![MediaRef::new(medium.0.id)];
        variant
    };
    let mut linked = quoting("a card", &quote);
    linked.link = Some(LinkCard { url: "https://example.com/a".into(), title: Some("A".into()), description: None });
    for (variant, medium, kind) in [
        (shows("a picture", &still), &still, "app.bsky.embed.images"),
        (shows("a film", &film), &film, "app.bsky.embed.video"),
        (linked, &still, "app.bsky.embed.external"),
    ] {
        Case::new(&bluesky, &server, variant, medium).publish().await.unwrap();
        let embed = sent(&server).await["embed"].clone();
        assert_eq!(
            (&embed["$type"], &embed["media"]["$type"]),
            (&json!("app.bsky.embed.recordWithMedia"), &json!(kind))
        );
        assert_eq!(embed["record"]["$type"], "app.bsky.embed.record");
        assert!(embed["record"]["record"]["uri"].as_str().unwrap().contains(THEIRS));
    }
    let mut case = Case::new(&bluesky, &server, Variant { quote: Some(quote), ..thread(&["one", "two"]) }, &still);
    case.publish().await.unwrap();
    assert_eq!(sent(&server).await["embed"]["$type"], "app.bsky.embed.record");
    case.publish().await.unwrap();
    assert_eq!(sent(&server).await.get("embed"), None);
}

#[tokio::test]
async fn what_names_no_post_or_one_that_is_gone_is_refused_before_anything_is_uploaded_or_sent() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let key = "3jzfcijpj2z2a";
    for quote in [
        "",
        "x",
        key,
        "at://",
        "https://example.com/profile/lighthouse.test/post/3jzfcijpj2z2a",
        "https://bsky.app/profile/lighthouse.test",
        "https://bsky.app/profile/lighthouse.test/post/../../x",
        "https://bsky.app/profile/two words/post/3jzfcijpj2z2a",
        &format!("at://{THEIRS}/app.bsky.feed.like/{key}"),
        &format!("at://{THEIRS}/app.bsky.feed.post/1"),
        &format!("at://{THEIRS}/app.bsky.feed.post/{key}/x"),
        // Nobody has these.
        &format!("at://{THEIRS}/app.bsky.feed.post/{key}"),
        &format!("at://did:plc:nobody/app.bsky.feed.post/{key}"),
        &format!("https://bsky.app/profile/nobody.test/post/{key}"),
        &many("x", 5_000),
    ] {
        let mut variant = quoting("look", quote);
        variant.parts[0].media = vec![MediaRef::new(small.0.id)];
        let refused = Case::new(&bluesky, &server, variant, &small).publish().await;
        assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{quote}: {refused:?}");
    }
    assert_eq!((server.requests().await, server.calls("media").await), (0, 0));
}

#[tokio::test]
async fn a_reading_of_the_quoted_post_that_fails_is_made_again_and_what_was_read_is_kept() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let quote = said(&bluesky, &server, "what they said").await.url.unwrap();
    let before = server.requests().await;
    for (kind, params, expected) in [
        ("status", json!({ "code": 502 }), Failure::Unavailable),
        ("status", json!({ "code": 429 }), Failure::RateLimited { until: None }),
        ("garbage", json!({}), Failure::Unavailable),
        ("drop_before_commit", json!({}), Failure::Unavailable),
        (
            "status",
            json!({ "code": 200, "body": { "uri": "at://x/y/z", "cid": "bafy", "value": {} } }),
            Failure::Unavailable,
        ),
    ] {
        server.order("lookup", kind, params).await;
        let mut case = Case::new(&bluesky, &server, quoting("look", &quote), &small);
        assert_eq!(case.publish().await.unwrap_err(), expected, "{kind}");
    }
    assert_eq!(server.requests().await, before);
    let mut case = Case::new(&bluesky, &server, quoting("look", &quote), &small);
    case.prepare().await.unwrap();
    let reads = server.calls("lookup").await;
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(server.calls("lookup").await, reads, "what was read is not read again");
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
    // Without what it quotes nothing leaves.
    let case = Case::new(&bluesky, &server, quoting("again", &quote), &small);
    let requests = server.requests().await;
    assert_eq!(ports::Publish::publish(&bluesky, &case.call()).await, Err(Failure::Unavailable));
    assert_eq!(server.requests().await, requests);
}
