#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod connecting;
mod listening;
mod polls;
mod reading;
mod rules;
mod videos;

use super::*;
use crate::tests::engagement::is_told;
use crate::tests::{Connected, Facts, Known, egress, picture, quotas, thread};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Finding, LinkCard, MediaRef, Receipt, Variant};
use ports::{Levels, Publish as _, Wording};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

fn connector() -> Mastodon {
    Mastodon::new(Http::new(egress()))
}

async fn start(mastodon: &Mastodon) -> Connected {
    Connected::start(mastodon, "ada", 0).await
}

fn with_pictures(text: &str, picture: &Picture, alts: &[Option<&str>]) -> Variant {
    let mut variant = Variant::text(text);
    let media = alts.iter().map(|alt| MediaRef { alt_text: alt.map(str::to_owned), ..MediaRef::new(picture.0.id) });
    variant.parts[0].media = media.collect();
    variant
}

async fn calls(server: &Connected, op: &str) -> u64 {
    server.sandbox.json("/control/state").await["calls"][format!("mastodon.{op}")].as_u64().unwrap_or(0)
}

impl Known for Mastodon {
    const FACTS: Facts = Facts::USUAL;
}

#[tokio::test]
async fn mastodon_keeps_the_contract() {
    let mastodon = connector();
    contract::run(&mastodon, &start(&mastodon).await, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn mastodon_tells_how_a_status_did() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    is_told(&mastodon, &server, Variant::text("how it did"), &picture("image/png", 9), "109999999999999999").await;
}

#[tokio::test]
async fn a_thread_is_a_chain_of_public_replies_and_resumes_where_the_doubt_was() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, thread(&["one", "two", "three & more"]), &small);
    case.publish().await.unwrap();
    for (fault, found) in [(Fault::DropBeforeCommit, false), (Fault::CommitThenDrop, true)] {
        server.fault(fault).await;
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        match case.find().await.unwrap() {
            Finding::Found(receipt) if found => case.before.push(receipt),
            Finding::Absent if !found => {}
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!(live.len(), 3);
    assert_eq!(live[0]["reply_to"], json!(null));
    assert_eq!((&live[1]["reply_to"], &live[2]["reply_to"]), (&live[0]["id"], &live[1]["id"]));
    assert!(live.iter().all(|post| post["visibility"] == "public"), "whatever the author's default is");
}

#[tokio::test]
async fn a_request_that_is_made_again_within_the_hour_makes_no_second_status() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, Variant::text("once"), &small);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let again = case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((live.len(), again.receipt.id.as_deref()), (1, live[0]["id"].as_str()));
}

#[tokio::test]
async fn a_refused_second_part_is_refused_for_good_and_the_first_stays() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, thread(&["one", "two"]), &small);
    case.publish().await.unwrap();
    let first = case.before[0].clone();
    case.delete(&first).await.unwrap();
    assert!(matches!(case.publish().await, Err(Failure::Rejected { code, .. }) if code == "reply_refused"));
    case.before[0].id = Some("1/../2".into());
    assert!(matches!(case.publish().await, Err(Failure::Rejected { code, .. }) if code == "thread_parent_unknown"));
    assert_eq!(calls(&server, "create_post").await, 2);
}

#[tokio::test]
async fn limits_say_until_when_and_a_used_up_window_is_known_beforehand() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let now = server.now();
    let at = |seconds| (now + jiff::SignedDuration::from_secs(seconds)).to_string();
    for (headers, seconds) in [
        (json!({"X-RateLimit-Reset": at(120), "X-RateLimit-Remaining": "0"}), Some(120)),
        (json!({"X-RateLimit-Reset": at(-60)}), None),
        (json!({"X-RateLimit-Reset": at(900_000)}), None),
        (json!({"X-RateLimit-Reset": "1800000000"}), None),
        (json!({"X-RateLimit-Reset": "soon", "Retry-After": "30"}), Some(30)),
        (json!({}), None),
    ] {
        server.order("create_post", "status", json!({"code": 429, "headers": headers})).await;
        let failure = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(seconds).map_or(wait == seconds, |(a, b)| (a - b).abs() <= 5), "{headers}: {wait:?}");
    }
    let author = &server.account.profile.external_id;
    assert_eq!(quotas(mastodon.descriptor()), [(CALLS_5MIN, QuotaScope::Account, 300, 300)]);
    for (left, waits) in [("1", false), ("0", true)] {
        let headers = json!({"X-RateLimit-Limit": "150", "X-RateLimit-Remaining": left, "X-RateLimit-Reset": at(60)});
        let body = json!({"id": "1", "account": {"id": author}});
        server.order("create_post", "status", json!({"code": 200, "body": body, "headers": headers})).await;
        let (levels, case) = (Levels::default(), Case::new(&mastodon, &server, Variant::text("n"), &small));
        let published = mastodon.publish(&PublishCall { levels: Some(&levels), ..case.call() }).await.unwrap();
        let told = levels.take().remove(0);
        assert_eq!((told.quota.as_str(), told.limit, told.left.to_string()), (CALLS_5MIN, Some(150), left.into()));
        assert!(told.resets_at > now);
        assert_eq!(published.quiet_until.is_some_and(|until| until > now), waits, "{left} left");
    }
    server.sandbox.control("settings", &json!({"mastodon_rate_limits": {"all": 0}})).await;
    let refused = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await;
    assert!(matches!(refused, Err(Failure::RateLimited { until: Some(until) }) if until > now), "{refused:?}");
}

#[tokio::test]
async fn refusals_are_told_apart_and_never_show_the_token() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let token = server.token.expose_secret();
    let error = |words: &str| json!({ "error": words });
    for (code, body, expected) in [
        (403, error("This action is not allowed"), "forbidden"),
        (403, error("Your login is currently disabled"), "revoked"),
        (403, error("Your account is suspended"), "revoked"),
        (403, error("This action is outside the authorized scopes"), "revoked"),
        (404, error("Record not found"), "not_found"),
        (410, error("Gone"), "revoked"),
        (413, error("Request Entity Too Large"), "media_too_large"),
        (422, error("Validation failed: Text can't be blank"), "invalid_request"),
        (422, error("Cannot attach files that have not finished processing. Try again in a moment!"), "unavailable"),
        (400, error(&format!("bad\r\n{token} {}", "y".repeat(999))), "invalid_request"),
        (422, error(""), "unconfirmed"),
        (422, json!({"unknown": "shape"}), "unconfirmed"),
        (503, error("Service unavailable"), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({"code": code, "body": body})).await;
        let failure = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{body}");
        let shown = format!("{failure:?}");
        assert!(!shown.contains(token) && !shown.contains("\\r") && shown.len() < 400, "{shown}");
    }
}

#[tokio::test]
async fn only_a_status_of_the_account_itself_proves_that_it_is_published() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let author = server.account.profile.external_id.clone();
    for (code, body) in [
        (200, json!({"id": "1", "account": {"id": "2"}})),
        (200, json!({"id": "1/2", "account": {"id": author}})),
        (200, json!({"id": "01FBW3XF8WRZEVQ7F3XMR3F8XK", "account": {"id": author}})),
        (200, json!({"id": 1, "account": {"id": author}})),
        (202, json!({"id": "1", "account": {"id": author}})),
        (200, json!({"id": "3221", "scheduled_at": "2030-01-01T00:00:00.000Z", "params": {}})),
    ] {
        server.order("create_post", "status", json!({"code": code, "body": body})).await;
        let result = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await;
        assert!(matches!(result, Err(Failure::Unconfirmed { .. })), "{body}: {result:?}");
    }
}

#[tokio::test]
async fn an_address_that_the_server_tells_is_believed_only_on_that_server_and_of_that_status() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let home = server.account.profile.home.clone().unwrap();
    let built = format!("{home}/@ada/77");
    for (told, expected) in [
        (json!(format!("{home}/users/ada/statuses/77")), format!("{home}/users/ada/statuses/77")),
        (json!(null), built.clone()),
        (json!("https://evil.example/@ada/77"), built.clone()),
        (json!("javascript:alert(1)//77"), built.clone()),
        (json!(format!("{home}/@ada/78")), built.clone()),
        (json!(format!("{home}/{}/77", "a".repeat(900))), built.clone()),
    ] {
        let body = json!({"id": "77", "url": told, "account": {"id": server.account.profile.external_id}});
        server.order("create_post", "status", json!({"code": 200, "body": body})).await;
        let published = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await.unwrap();
        assert_eq!(published.receipt, Receipt { id: Some("77".into()), url: Some(expected) }, "{told}");
    }
}

#[tokio::test]
async fn the_text_fits_up_to_its_limit_as_the_server_counts_it() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let rule = &mastodon.descriptor().limits.text;
    let link = format!("https://example.com/{}", "a".repeat(400));
    let family = "👨‍👩‍👧";
    for (text, length) in [
        ("a".repeat(499), 499),
        ("日".repeat(500), 500),
        (format!("{link} {}", "b".repeat(476)), 500),
        (family.repeat(500), 500),
        (format!("{}.example {}", "d".repeat(40), "e".repeat(451)), 500),
        ("cafe\u{301}".repeat(125), 500),
        ("a".repeat(501), 501),
        (format!("{}.example {}", "d".repeat(40), "e".repeat(452)), 501),
        (format!("{link} {}", "b".repeat(477)), 501),
        (family.repeat(501), 501),
    ] {
        assert_eq!(rule.count(&text), length);
        let result = Case::new(&mastodon, &server, Variant::text(text), &small).publish().await;
        match result {
            Ok(_) => assert!(length <= rule.limit(), "{length} was taken"),
            Err(failure) => assert_eq!((failure.code(), length), ("invalid_request", 501), "{failure:?}"),
        }
    }
    // The server counts a mention's domain not at all: ours is never the smaller number.
    let mention = format!("@ada@social.example {}", "c".repeat(495));
    assert!(rule.count(&mention) > 500);
    Case::new(&mastodon, &server, Variant::text(mention), &small).publish().await.unwrap();
}

#[tokio::test]
async fn pictures_fit_up_to_their_limits() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let limits = mastodon.descriptor().limits.clone();
    let (most, alt) = (usize::try_from(limits.image_bytes).unwrap(), usize::from(limits.alt_text));
    let small = picture("image/png", 100);
    for (bytes, count, alt, fits) in [
        (most, 1, alt, true),
        (most + 1, 1, alt, false),
        (100, 1, alt + 1, false),
        (100, usize::from(limits.images), 1, true),
        (100, usize::from(limits.images) + 1, 1, false),
    ] {
        let (large, alt) = (picture("image/png", bytes), "é".repeat(alt));
        let variant = with_pictures(&format!("{bytes} {count}"), &small, &vec![Some(&*alt); count]);
        let result = Case::new(&mastodon, &server, variant, &large).publish().await;
        match result {
            Ok(_) => assert!(fits, "{bytes} {count}"),
            Err(failure) => assert_eq!((failure.code(), fits), ("invalid_request", false), "{failure:?}"),
        }
    }
    let live = server.live().await;
    let path = live[0]["media"][0]["url"].as_str().unwrap().split_once("/media/").unwrap().1.to_owned();
    let arrived = server.sandbox.bytes(&format!("/media/{path}")).await;
    assert!(arrived == picture("image/png", most).1, "other bytes arrived");
}

#[tokio::test]
async fn hostile_text_is_published_to_the_letter_and_recognised_again() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    for text in [
        "<script>alert(1)</script> <a href=\"https://evil.example\">x</a> &lt;b&gt; &amp;amp; &#60;",
        "\"quotes\" 'and' `ticks` \\ [a](b) **c** <!-- d --> ]]> {{e}} %s",
        "@ada @ada@social.example @everyone @nobody@else.example #tag #1 me@example.com",
        "two\n\n\nparagraphs\r\nand a line  with  spaces https://www.example.com/a_(b)?c=d&e=f#g, https://x.example/",
        "🎉🎉",
    ] {
        let mut case = Case::new(&mastodon, &server, Variant::text(text), &small);
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        let Ok(Finding::Found(receipt)) = case.find().await else { panic!("{text}: {:?}", case.find().await) };
        let live = server.live().await;
        let newest = live.last().unwrap();
        assert_eq!((newest["text"].as_str(), newest["id"].as_str()), (Some(text), receipt.id.as_deref()));
    }
}

#[tokio::test]
async fn what_is_gone_is_deleted_and_what_a_proxy_says_of_it_proves_nothing() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, Variant::text("short-lived"), &small);
    let receipt = case.publish().await.unwrap().receipt;
    for (params, expected) in [
        (json!({"code": 404, "body": "<html>not here</html>"}), Failure::Unavailable),
        (json!({"code": 200, "body": {"id": "1", "account": {"id": "1"}}}), Failure::Unavailable),
        (json!({"code": 503}), Failure::Unavailable),
        (json!({"code": 401}), Failure::Unauthorized),
    ] {
        server.order("delete_post", "status", params.clone()).await;
        assert_eq!(case.delete(&receipt).await, Err(expected), "{params}");
    }
    assert_eq!(server.live().await.len(), 1);
    case.delete(&receipt).await.unwrap();
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
    let unknown = Receipt { id: Some("1?x".into()), url: None };
    assert!(matches!(case.delete(&unknown).await, Err(Failure::Unsupported { .. })));
}

#[test]
fn what_is_shown_before_is_what_is_sent() {
    let mut variant = thread(&["first", "second"]);
    variant.link = Some(LinkCard { url: "https://example.com".into(), title: None, description: None });
    let mastodon = connector();
    assert_eq!(mastodon.render(&variant), ["first\nhttps://example.com", "second"]);
}

#[tokio::test]
async fn an_account_without_a_server_is_asked_to_connect_again() {
    let mastodon = connector();
    let mut server = start(&mastodon).await;
    let small = picture("image/png", 100);
    server.account.profile.home = None;
    let failure = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    assert_eq!(failure.code(), "misconfigured");
}

#[tokio::test]
async fn no_call_reaches_a_private_address_that_an_account_names() {
    let server = start(&connector()).await;
    let strict = Mastodon::new(Http::new(connector_kit::Egress::new(connector_kit::Guard::new(false))));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = format!("https://{}", listener.local_addr().unwrap());
    let mut inside = server.with(server.token.clone());
    inside.account.profile.home = Some(home.clone());
    let png = picture("image/png", 100);
    let mut pictured = Case::new(&strict, &inside, with_pictures("n", &png, &[None]), &png);
    assert_eq!(pictured.prepare().await, Err(Failure::Unavailable));
    let mut case = Case::new(&strict, &inside, Variant::text("n"), &png);
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
    assert_eq!(case.find().await, Err(Failure::Unavailable));
    assert_eq!(case.delete(&Receipt { id: Some("1".into()), url: None }).await, Err(Failure::Unavailable));
    let mut entries = server.sandbox.keys("mastodon", "ada").await;
    entries.insert("server".into(), home.into());
    assert!(strict.keys().unwrap().check(&server.app, &entries).await.is_err());
    let called = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(called.is_err(), "something knocked");
}
