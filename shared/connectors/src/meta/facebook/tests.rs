#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod comments;
mod drafts;
mod reels;
mod rules;
mod videos;

use super::*;
use crate::tests::engagement::is_told;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture};
use connector_kit::MAX_ADDRESS;
use connector_kit::contract::{self, Case, Duplicates, Fault, Harness as _, Picture};
use domain::publishing::{ContentKind, Failure, Finding, LinkCard, MediaRef, Receipt, Variant, check};
use ports::{AuthFailure, AuthorizeRequest, Wording};
use serde_json::json;

const BACK: &str = "http://127.0.0.1:9/callback";

fn connector() -> Facebook {
    Facebook::new(Http::new(egress()))
}

async fn connected(facebook: &Facebook) -> Connected {
    Connected::start(facebook, "ada-demo", 0).await
}

fn with_pictures(text: &str, count: usize, picture: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media = vec![MediaRef::new(picture.0.id); count];
    variant
}

/// An id is that of the page and of the post.
impl Known for Facebook {
    const FACTS: Facts = Facts { duplicates: Duplicates::Refused, shown_as: page_and_post, ..Facts::USUAL };
}

/// How an address has an id.
fn page_and_post(id: &str) -> String {
    id.split_once('_').map_or_else(|| id.to_owned(), |(page, post)| format!("/{page}/posts/{post}/"))
}

#[tokio::test]
async fn facebook_keeps_the_contract_for_pages() {
    let facebook = connector();
    contract::run(&facebook, &connected(&facebook).await, &picture("image/png", 300_000)).await;
}

#[tokio::test]
async fn facebook_tells_how_a_post_did() {
    let facebook = connector();
    let server = connected(&facebook).await;
    is_told(&facebook, &server, Variant::text("how it did"), &picture("image/png", 9), "61001_99").await;
}

#[tokio::test]
async fn a_person_gives_access_for_a_long_time_and_each_page_brings_its_own_token() {
    let (server, facebook) = (Sandbox::start().await, connector());
    let app = server.app("facebook");
    let auth = facebook.auth().unwrap();
    let request = AuthorizeRequest { state: "st&te".into(), challenge: None, redirect_uri: BACK.into() };
    let url = auth.authorize_url(&app, &request);
    assert!(url.contains("/v25.0/dialog/oauth?") && url.contains("pages_manage_posts"), "{url}");
    let code = server.consent(&url, "ada-demo").await;
    let pair = auth.exchange(&app, &code, None, BACK).await.unwrap();
    assert_eq!(
        (pair.expires_in_s, pair.refresh.is_none()),
        (Some(5_183_944), true),
        "the long one, which nothing renews"
    );
    let again = auth.exchange(&app, &code, None, BACK).await;
    assert_eq!(again.unwrap_err(), AuthFailure::Refused, "a code is good once");

    let pages = auth.profiles(&app, &pair.access).await.unwrap();
    let names: Vec<_> = pages.iter().map(|page| (page.external_id.as_str(), page.handle.as_deref())).collect();
    assert_eq!(names, [("61001", Some("harbour.coffee.demo")), ("61002", Some("lighthouse.labs.demo"))]);
    let own = auth.own_tokens(&app, &pair.access, &pages[1..]).await.unwrap();
    assert_eq!(own.keys().collect::<Vec<_>>(), ["61002"], "of those that were chosen");
    assert_eq!(own["61002"].expires_in_s, None);
    let gone = domain::accounts::Profile { external_id: "61003".into(), ..pages[0].clone() };
    let refused = auth.own_tokens(&app, &pair.access, &[pages[0].clone(), gone]).await;
    assert!(matches!(refused, Err(Failure::Rejected { code, .. }) if code == "access_denied"));

    let analyst = server.grant("facebook", "bo-demo", None).await;
    assert_eq!(auth.profiles(&app, &analyst).await, Ok(Vec::new()), "who may not publish there has no page to choose");
    assert_eq!(auth.refresh(&app, &pair.access).await.unwrap_err(), AuthFailure::Refused);
    let wrong = PlatformApp { client_secret: "wrong".into(), ..app };
    let code = server.consent(&auth.authorize_url(&wrong, &request), "ada-demo").await;
    let ours = auth.exchange(&wrong, &code, None, BACK).await;
    assert!(matches!(ours, Err(AuthFailure::Misconfigured(_))), "{ours:?}");
}

#[tokio::test]
async fn settings_choose_the_version_the_kept_scopes_and_the_proof_of_the_application() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let mut app = server.app.clone();
    for (name, value) in [("graph_version", "v26.0"), ("config_id", "77"), ("appsecret_proof", "true")] {
        app.settings.insert(name.into(), value.into());
    }
    let request = AuthorizeRequest { state: "s".into(), challenge: None, redirect_uri: BACK.into() };
    let url = facebook.authorize_url(&app, &request);
    assert!(url.contains("/v26.0/dialog/oauth?") && url.contains("config_id=77") && !url.contains("scope="), "{url}");
    let url = facebook.graph(&app).at("61001/feed", &[("fields", "id")], &"token".into());
    let proof = connector_kit::hmac_hex(b"sandbox-facebook-secret", b"token");
    assert!(url.ends_with(&format!("/v26.0/61001/feed?fields=id&appsecret_proof={proof}")), "{url}");
    assert!(!facebook.graph(&server.app).at("61001/feed", &[], &"token".into()).contains("proof"));
}

#[tokio::test]
async fn a_lost_answer_is_found_by_link_by_photos_and_below_its_post() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 1_000);
    let link = |url: &str| Some(LinkCard { url: url.into(), title: None, description: None });
    let with_link = Variant { link: link("https://example.com/a"), ..Variant::text("") };
    for variant in [with_link, with_pictures("two", 2, &png), with_pictures("", 1, &png)] {
        let mut case = Case::new(&facebook, &server, variant, &png);
        server.fault(Fault::DropBeforeCommit).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Absent));
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        let newest = server.live().await.last().unwrap()["id"].clone();
        let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found: {newest}") };
        assert_eq!(receipt.id.as_deref(), newest.as_str());
    }
    let mut variant = with_pictures("with a comment", 1, &png);
    variant.first_comment = Some("and more".into());
    let mut case = Case::new(&facebook, &server, variant, &png);
    let post = case.publish().await.unwrap().receipt;
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let live = server.live().await;
    let comment = live.last().unwrap();
    assert_eq!((comment["text"].as_str(), comment["reply_to"].as_str()), (Some("and more"), post.id.as_deref()));
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), comment["id"].as_str());
}

#[tokio::test]
async fn photos_that_were_posted_already_tell_that_the_first_request_was_taken() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 1_000);
    let mut case = Case::new(&facebook, &server, with_pictures("once", 2, &png), &png);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }));
    assert_eq!(server.live().await.len(), 1);
    let photos = server.sandbox.json("/control/state").await["calls"]["facebook.media"].clone();
    assert_eq!(photos, 2, "uploaded once each");
}

#[tokio::test]
async fn what_was_changed_on_the_page_is_not_called_absent_and_the_list_is_read_to_its_end() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let mut case = Case::new(&facebook, &server, Variant::text("our office opens on Monday at nine"), &png);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..105 {
        Case::new(&facebook, &server, Variant::text(format!("other {n}")), &png).publish().await.unwrap();
    }
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "on the second page");
    for (kind, params) in [("status", json!({"code": 503})), ("garbage", json!({})), ("cut_body", json!({}))] {
        server.order("list", kind, params).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
    }
    case.variant = Variant::text("our office opens on Tuesday at ten");
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
}

#[tokio::test]
async fn the_same_words_below_photos_are_no_post_of_words_alone() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    for (photos, words) in [(1, "alone"), (2, "several together")] {
        let case = Case::new(&facebook, &server, Variant::text(words), &png);
        Case::new(&facebook, &server, with_pictures(words, photos, &png), &png).publish().await.unwrap();
        assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    }
}

#[tokio::test]
async fn what_cannot_be_deleted_is_not_called_gone_and_a_page_that_cannot_be_seen_is_lost() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let mut case = Case::new(&facebook, &server, Variant::text("stays"), &png);
    let receipt = case.publish().await.unwrap().receipt;
    let missing = json!({"code": 400, "body": {"error": {"message": "words", "code": 100, "error_subcode": 33}}});
    server.order("delete_post", "status", missing.clone()).await;
    let kept = case.delete(&receipt).await;
    assert!(matches!(kept, Err(Failure::Unsupported { .. })), "{kept:?}");
    for op in ["delete_post", "lookup", "lookup"] {
        server.order(op, "status", missing.clone()).await;
    }
    let unseen = case.delete(&receipt).await;
    assert!(matches!(unseen, Err(Failure::Revoked { .. })), "{unseen:?}");
    case.delete(&receipt).await.unwrap();
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn a_picture_is_checked_against_the_smaller_meaning_of_its_megabytes() {
    let facebook = connector();
    let server = connected(&facebook).await;
    for (bytes, code) in [(4_000_000, None), (4_000_001, Some("media_too_large"))] {
        let png = picture("image/png", bytes);
        let variant = with_pictures("large", 1, &png);
        let broken = check(&variant, facebook.descriptor(), std::slice::from_ref(&png.0), "/content");
        assert_eq!(broken.first().map(|violation| violation.code.as_str()), code);
        let sent = Case::new(&facebook, &server, variant, &png).publish().await;
        assert_eq!(sent.as_ref().err().map(Failure::code), code, "{sent:?}");
    }
}

#[tokio::test]
async fn a_list_of_pages_that_is_not_read_to_its_end_is_an_error() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let person = server.sandbox.grant("facebook", "ada-demo", None).await;
    let page = |paging: serde_json::Value| json!({"code": 200, "body": {"data": [], "paging": paging}});
    server.order("orgs", "status", page(json!({"next": "https://graph.example/next"}))).await;
    let cut = facebook.profiles(&server.app, &person).await;
    assert_eq!(cut, Err(Failure::Unavailable), "it goes on, and does not say where");
    for _ in 0..10 {
        let paging = json!({"next": "https://graph.example/next", "cursors": {"after": "x"}});
        server.order("orgs", "status", page(paging)).await;
    }
    let endless = facebook.profiles(&server.app, &person).await;
    assert!(matches!(endless, Err(Failure::Unsupported { .. })), "{endless:?}");
}

#[tokio::test]
async fn refusals_are_told_apart_by_both_of_their_numbers() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    for (code, subcode, expected) in [
        (190, 463, "unauthorized"),
        (102, 0, "unauthorized"),
        (190, 458, "revoked"),
        (190, 460, "revoked"),
        (10, 0, "revoked"),
        (200, 0, "revoked"),
        (299, 0, "revoked"),
        (100, 1_404_078, "revoked"),
        (4, 0, "rate_limited"),
        (17, 0, "rate_limited"),
        (32, 0, "rate_limited"),
        (341, 0, "rate_limited"),
        (613, 0, "rate_limited"),
        (80_001, 0, "rate_limited"),
        (100, 1_390_008, "rate_limited"),
        (1, 0, "unconfirmed"),
        (2, 0, "unconfirmed"),
        (506, 0, "duplicate_content"),
        (100, 0, "invalid_request"),
        (100, 33, "not_found"),
        (368, 0, "blocked_by_policy"),
        (100, 1_609_005, "link_refused"),
        (1, 1_366_046, "media_too_large"),
        (100, 1_366_046, "media_too_large"),
        (100, 4_854_002, "access_denied"),
    ] {
        let error = json!({"message": "words", "code": code, "error_subcode": subcode});
        server.order("create_post", "status", json!({"code": 400, "body": {"error": error}})).await;
        let failure = Case::new(&facebook, &server, Variant::text("n"), &png).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{code} {subcode}");
    }
    let error = json!({"message": "words", "code": 100, "is_transient": true});
    server.order("create_post", "status", json!({"code": 400, "body": {"error": error}})).await;
    let failure = Case::new(&facebook, &server, Variant::text("n"), &png).publish().await.unwrap_err();
    assert_eq!(failure.code(), "unconfirmed", "what may pass is no refusal");
}

#[tokio::test]
async fn a_throttle_lasts_as_long_as_its_header_says_and_nearly_used_limits_ask_for_quiet() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let business = |percent: u32, minutes: u32| {
        let entry = json!({"type": "pages", "call_count": percent, "estimated_time_to_regain_access": minutes});
        json!({"61001": [entry]}).to_string()
    };
    let error = json!({"error": {"message": "words", "code": 80_001}});
    for (minutes, expected) in [(17, 17), (0, 10), (100_000, 1_440)] {
        let headers = json!({"x-business-use-case-usage": business(100, minutes)});
        server.order("create_post", "status", json!({"code": 400, "body": error, "headers": headers})).await;
        let failure = Case::new(&facebook, &server, Variant::text("n"), &png).publish().await.unwrap_err();
        let Failure::RateLimited { until: Some(until) } = failure else { panic!("{failure:?}") };
        let left = until.duration_since(server.now()).as_secs();
        assert!((expected * 60 - 30..=expected * 60).contains(&left), "{minutes}: {left}");
    }
    let body = json!({"id": "61001_5"});
    for (name, value, quiet) in [
        ("x-business-use-case-usage", business(95, 0), true),
        ("x-business-use-case-usage", business(94, 0), false),
        ("x-app-usage", json!({"call_count": 3, "total_cputime": 99, "total_time": 1}).to_string(), true),
        ("x-page-usage", json!({"call_count": 94}).to_string(), false),
        ("x-app-usage", "nonsense".to_owned(), false),
    ] {
        let params = json!({"code": 200, "body": body, "headers": {name: value}});
        server.order("create_post", "status", params).await;
        let published = Case::new(&facebook, &server, Variant::text("n"), &png).publish().await.unwrap();
        assert_eq!(published.quiet_until.is_some(), quiet, "{name} {value}");
        assert_eq!(published.receipt.url.unwrap(), format!("{}/61001_5", WEB.of(&server.app)), "the short address");
    }
}

#[tokio::test]
async fn a_link_is_a_card_and_a_story_is_one_picture_that_cannot_be_read_back() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let link = LinkCard { url: "https://example.com/read".into(), title: None, description: None };
    let variant = Variant { link: Some(link), ..Variant::text("read this") };
    Case::new(&facebook, &server, variant, &png).publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((&live[0]["text"], &live[0]["card"]["url"]), (&json!("read this"), &json!("https://example.com/read")));

    let story = Variant { kind: ContentKind::Story, ..with_pictures("unseen", 1, &png) };
    assert_eq!(facebook.render(&story), [""], "it is approved as it is shown");
    let mut case = Case::new(&facebook, &server, story, &png);
    let published = case.publish().await.unwrap().receipt;
    assert!(published.url.unwrap().contains("/stories/"));
    case.before.clear();
    assert_eq!(case.find().await, Ok(Finding::Unreadable));
    assert_eq!(server.live().await[1]["visibility"], "story");
}

#[test]
fn an_address_that_facebook_tells_is_shown_if_it_is_its_own_and_not_too_long_to_keep() {
    let app = PlatformApp::none();
    let shown = |permalink: String| publish::receipt(&app, "61001_77".into(), Some(permalink)).url.unwrap();
    let (own, short) = ("https://www.facebook.com/61001/posts/77/", "https://www.facebook.com/61001_77");
    assert_eq!(shown(own.into()), own);
    for told in ["https://evil.example/77".into(), format!("{own}?{}", "a".repeat(MAX_ADDRESS))] {
        assert_eq!(shown(told), short);
    }
}

#[tokio::test]
async fn a_post_is_named_by_its_id_or_address_on_this_page_and_by_nothing_else() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let mut app = server.app.clone();
    app.bases.clear();
    let named = |post: &str| facebook.named(&app, &server.account, post);
    for good in [
        "61001_77",
        "https://www.facebook.com/61001_77",
        "https://www.facebook.com/61001/posts/77/?ref=share",
        "https://m.facebook.com/harbour.coffee.demo/posts/a-title/77",
    ] {
        let url = Some("https://www.facebook.com/61001_77".into());
        assert_eq!(named(good), Some(Receipt { id: Some("61001_77".into()), url }), "{good}");
    }
    let hidden = named("https://www.facebook.com/harbour.coffee.demo/posts/pfbid02abc").unwrap();
    assert_eq!((hidden.id, hidden.url.unwrap().as_str()), (None, "https://www.facebook.com/61001/posts/pfbid02abc"));
    for bad in [
        "",
        "77",
        "61002_77",
        "61001_",
        "61001_77x",
        "https://www.facebook.com/61002/posts/77",
        "https://www.facebook.com/somebody/posts/77",
        "https://www.facebook.com.evil.example/61001_77",
        "https://evil.example/61001_77",
        "http://www.facebook.com/61001_77",
    ] {
        assert_eq!(named(bad), None, "{bad}");
    }
}
