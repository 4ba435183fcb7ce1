#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod comments;
mod rules;
mod targeting;
mod video;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture};
use connector_kit::contract::{self, Case, Duplicates, Fault, Harness as _, Nameless};
use domain::accounts::AccountKind;
use domain::publishing::{Finding, LinkCard, MediaRef, Poll, Receipt, Variant};
use ports::{AuthFailure, AuthorizeRequest, Prepared, Publish, Wording};
use serde_json::json;

const BACK: &str = "http://127.0.0.1:9/callback";
/// The profiles of the demo administrator, in order.
const MEMBER: usize = 0;
const PAGE: usize = 1;

fn connector() -> LinkedIn {
    LinkedIn::new(Http::new(egress()))
}

impl Known for LinkedIn {
    const FACTS: Facts = Facts { without_id: Nameless::Published, duplicates: Duplicates::Named, ..Facts::USUAL };
}

#[tokio::test]
async fn linkedin_keeps_the_contract_for_members_and_pages() {
    let linkedin = connector();
    for nth in [MEMBER, PAGE] {
        let server = Connected::start(&linkedin, "ada-demo", nth).await;
        contract::run(&linkedin, &server, &picture("image/png", 300_000)).await;
    }
}

#[tokio::test]
async fn a_member_comes_with_the_pages_they_may_post_for() {
    let (server, linkedin) = (Sandbox::start().await, connector());
    let app = server.app("linkedin");
    for (actor, scopes, expected) in [
        ("ada-demo", None, ["Ada Demo", "Harbour Coffee Demo", "Lighthouse Labs Demo"].as_slice()),
        ("bo-demo", None, &["Bo Demo", "Lighthouse Labs Demo"]),
        ("cleo-demo", None, &["Cleo Demo"]),
        ("ada-demo", Some(["openid", "profile", "w_member_social"].as_slice()), &["Ada Demo"]),
    ] {
        let token = server.grant("linkedin", actor, scopes).await;
        let profiles = linkedin.auth().unwrap().profiles(&app, &token).await.unwrap();
        assert_eq!(profiles.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), expected);
        assert_eq!(profiles[0].kind, AccountKind::Person);
        assert!(profiles[1..].iter().all(|p| p.kind == AccountKind::Organisation && p.handle.is_some()));
        assert!(profiles.iter().all(|p| is_author(&p.external_id)));
    }
    let token = server.grant("linkedin", "ada-demo", None).await;
    server.fault("linkedin", "orgs", "status", json!({"code": 503})).await;
    let result = linkedin.auth().unwrap().profiles(&app, &token).await;
    assert_eq!(result, Err(Failure::Unavailable), "pages are not lost silently");
}

#[tokio::test]
async fn a_link_is_a_card_and_visibility_is_kept() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    for (visibility, word) in
        [(Visibility::Public, "PUBLIC"), (Visibility::Connections, "CONNECTIONS"), (Visibility::LoggedIn, "LOGGED_IN")]
    {
        let link = LinkCard {
            url: format!("https://example.com/{word}"),
            title: Some(format!("Read {word}")),
            description: Some("why".into()),
        };
        let variant = Variant {
            link: Some(link),
            visibility,
            ..Variant::text(format!("see {word} @[Ada Demo](urn:li:person:demoAda001)"))
        };
        let mut case = Case::new(&linkedin, &server, variant, &small);
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        assert!(matches!(case.find().await, Ok(Finding::Found(_))), "found by text and card");
        let live = server.live().await;
        let post = live.last().unwrap();
        assert_eq!(post["visibility"], word);
        assert_eq!((&post["truncated"], &post["text"]), (&json!(false), &json!(format!("see {word} Ada Demo"))));
        assert_eq!(post["card"]["url"], format!("https://example.com/{word}"));
        assert_eq!(post["card"]["title"], format!("Read {word}"));
    }
}

#[tokio::test]
async fn a_document_is_shown_under_its_title_once_linkedin_has_processed_it() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let paper = picture("application/pdf", 3_000);
    let titled = |title: Option<&str>| {
        let mut variant = Variant::text("Our menu");
        variant.parts[0].media.push(MediaRef { title: title.map(str::to_owned), ..MediaRef::new(paper.0.id) });
        variant
    };
    let mut case = Case::new(&linkedin, &server, titled(Some("Menu of May")), &paper);
    case.prepare().await.unwrap();
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
    let live = server.live().await;
    let media = &live.last().unwrap()["media"][0];
    assert!(media["id"].as_str().unwrap().starts_with("urn:li:document:"), "{media}");
    assert_eq!(media["alt"], "Menu of May");
    let rule = linkedin.descriptor();
    let told = domain::publishing::check(&titled(None), rule, std::slice::from_ref(&paper.0), "/c");
    assert_eq!(told.iter().map(|v| v.code.as_str()).collect::<Vec<_>>(), ["title_missing"]);
}

#[tokio::test]
async fn a_poll_is_asked_apart_from_the_text_and_known_again_by_its_question_and_answers() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let poll = |question: &str| Poll {
        question: Some(question.into()),
        options: vec!["Tea".into(), "Coffee".into()],
        duration_minutes: 4_320,
        multiple: false,
    };
    for (text, question) in [("Which?", "At nine"), ("", "At ten")] {
        let variant = Variant { poll: Some(poll(question)), ..Variant::text(text) };
        let mut case = Case::new(&linkedin, &server, variant.clone(), &small);
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        let Ok(Finding::Found(receipt)) = case.find().await else { panic!("{question} is found") };
        assert!(receipt.id.unwrap().starts_with("urn:li:ugcPost:"));
        let live = server.live().await;
        assert_eq!(live.last().unwrap()["poll"], json!(["Tea", "Coffee"]));
        let other = Variant { poll: Some(poll("At midnight")), ..variant };
        let other = Case::new(&linkedin, &server, other, &small).find().await;
        assert!(!matches!(other, Ok(Finding::Found(_))), "another question: {other:?}");
    }
    let odd = Variant { poll: Some(Poll { duration_minutes: 60, ..poll("At one") }), ..Variant::text("?") };
    let refused = Case::new(&linkedin, &server, odd, &small).publish().await;
    assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_quoted_post_is_shown_below_and_what_names_none_is_refused_before_anything_leaves() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    let first = Case::new(&linkedin, &server, Variant::text("the first"), &small).publish().await.unwrap().receipt;
    let (urn, url) = (first.id.unwrap(), first.url.unwrap());
    for (quote, text) in [(&urn, "by its URN"), (&url, "by its address")] {
        let variant = Variant { quote: Some(quote.clone()), ..Variant::text(text) };
        Case::new(&linkedin, &server, variant, &small).publish().await.unwrap();
        let live = server.live().await;
        assert_eq!(live.last().unwrap()["reply_to"], json!(urn), "{text}");
    }
    let before = server.live().await.len();
    for quote in ["urn:li:activity:7000000000000000001", "https://example.com/feed/update/x/", "x", ""] {
        let variant = Variant { quote: Some(quote.into()), ..Variant::text(format!("no post: {quote}")) };
        let refused = Case::new(&linkedin, &server, variant, &small).publish().await;
        assert!(matches!(refused, Err(Failure::Rejected { ref code, .. }) if code == "not_found"), "{refused:?}");
    }
    assert_eq!(server.live().await.len(), before);
}

#[tokio::test]
async fn a_page_waits_for_its_pictures_and_a_member_waits_half_a_minute() {
    let linkedin = connector();
    let png = picture("image/png", 5_000);
    let mut variant = Variant::text("with picture");
    variant.parts[0].media.push(MediaRef::new(png.0.id));

    let member = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    assert_eq!(Case::new(&linkedin, &member, variant.clone(), &png).prepare().await, Ok(1));

    let page = Connected::start(&linkedin, "ada-demo", PAGE).await;
    assert_eq!(Case::new(&linkedin, &page, variant.clone(), &png).prepare().await, Ok(0));
    page.sandbox.control("settings", &json!({"linkedin_image_ms": 60_000})).await;
    let call = ports::PublishCall {
        app: &page.app,
        account: &page.account,
        token: &page.token,
        variant: &variant,
        part: 0,
        key: "key".into(),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        before: &[],
        elsewhere: &[],
        progress: None,
        media: std::slice::from_ref(&png.0),
        bytes: &png,
        now: page.now(),
        until: page.now() + jiff::SignedDuration::from_secs(30),
        levels: None,
    };
    let Prepared::Wait { progress, until } = linkedin.prepare(&call).await.unwrap() else {
        panic!("it is not available yet")
    };
    assert_eq!(until.duration_since(call.now).as_secs(), 5);
    let again = ports::PublishCall { progress: Some(&progress), ..call };
    assert_eq!(linkedin.publish(&again).await, Err(Failure::Unavailable), "not without it");
    assert_eq!(page.requests().await, 0);
    let uploads = page.sandbox.json("/control/state").await["calls"]["linkedin.media"].clone();
    assert!(matches!(linkedin.prepare(&again).await, Ok(Prepared::Wait { .. })));
    assert_eq!(page.sandbox.json("/control/state").await["calls"]["linkedin.media"], uploads, "uploaded once");
    // Twenty pictures whose state is told slowly must not outlast the worker: the next one goes on from what is known.
    let late = ports::PublishCall { until: call.now, ..again };
    assert_eq!(linkedin.prepare(&late).await, Ok(Prepared::More(progress.clone())));
}

#[tokio::test]
async fn a_moving_picture_goes_as_it_is_for_members_and_pages() {
    let linkedin = connector();
    for nth in [MEMBER, PAGE] {
        let server = Connected::start(&linkedin, "ada-demo", nth).await;
        let gif = picture("image/gif", 3_000);
        let mut variant = Variant::text("It moves");
        variant.parts[0].media.push(MediaRef { alt_text: Some("a wave".into()), ..MediaRef::new(gif.0.id) });
        Case::new(&linkedin, &server, variant, &gif).publish().await.unwrap();
        let live = server.live().await;
        let media = &live[0]["media"][0];
        assert_eq!((live.len(), &media["alt"]), (1, &json!("a wave")));
        assert!(server.shown(media).await == gif.1, "byte for byte");
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused_after_processing() {
    let linkedin = connector();
    let page = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let mut text = picture("image/png", 100);
    text.1 = b"only words".as_slice().into();
    let mut variant = Variant::text("with picture");
    variant.parts[0].media.push(MediaRef::new(text.0.id));
    let result = Case::new(&linkedin, &page, variant, &text).prepare().await;
    assert!(matches!(result, Err(Failure::Rejected { code, .. }) if code == "media_processing_failed"));
}

#[tokio::test]
async fn a_201_is_proof_even_when_its_body_breaks() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    server.fault(Fault::CutBody).await;
    let published = Case::new(&linkedin, &server, Variant::text("half"), &small).publish().await.unwrap();
    let urn = published.receipt.id.unwrap();
    assert!(is_post(&urn) && published.receipt.url.unwrap().ends_with(&format!("/linkedin/feed/update/{urn}/")));
}

#[tokio::test]
async fn after_a_lost_answer_the_duplicate_refusal_names_the_post() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, Variant::text("once"), &small);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Err(Failure::Duplicate { existing: Some(receipt) }) = case.publish().await else { panic!("no duplicate") };
    assert_eq!(receipt.id.as_deref(), server.live().await[0]["id"].as_str());
}

#[tokio::test]
async fn refusals_are_told_apart_by_code() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    for (code, name, expected) in [
        (400, "VERSION_MISSING", "misconfigured"),
        (400, "FIELD_LENGTH_TOO_LONG", "content_too_long"),
        (400, "MEDIA_ASSET_NOT_AVAILABLE", "unavailable"),
        (401, "EXPIRED_ACCESS_TOKEN", "unauthorized"),
        (401, "REVOKED_ACCESS_TOKEN", "revoked"),
        (403, "ACCESS_DENIED", "access_denied"),
        (409, "CONFLICT", "unavailable"),
        (422, "INVALID_FIELD", "invalid_request"),
        (426, "NONEXISTENT_VERSION", "misconfigured"),
    ] {
        let body = json!({"status": code, "code": name, "message": "words"});
        server.order("create_post", "status", json!({"code": code, "body": body})).await;
        let failure = Case::new(&linkedin, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{name}");
    }
    let message = "Content is a duplicate of urn:li:share:7. Try again.";
    server.order("create_post", "status", json!({"code": 409, "body": {"status": 409, "message": message}})).await;
    let failure = Case::new(&linkedin, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    assert!(matches!(failure, Failure::Duplicate { existing: Some(r) } if r.id.as_deref() == Some("urn:li:share:7")));
    let mut old = server.app.clone();
    old.settings.insert("linkedin_version".into(), "202001".into());
    let result = linkedin.auth().unwrap().profiles(&old, &server.token).await;
    assert!(matches!(result, Err(Failure::Misconfigured { .. })), "{result:?}");
}

#[tokio::test]
async fn a_throttle_lasts_until_midnight_utc_unless_it_says_otherwise() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    server.fault(Fault::Status(429)).await;
    let failure = Case::new(&linkedin, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    let Failure::RateLimited { until: Some(until) } = failure else { panic!("{failure:?}") };
    assert_eq!(until.as_second() % 86_400, 0);
    assert!(until > server.now() && until.duration_since(server.now()).as_secs() <= 86_400);
    server.order("create_post", "status", json!({"code": 429, "retry_after": 20})).await;
    let failure = Case::new(&linkedin, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    let Failure::RateLimited { until: Some(until) } = failure else { panic!("{failure:?}") };
    assert!(until.duration_since(server.now()).as_secs() <= 20);
}

#[tokio::test]
async fn what_somebody_changed_on_linkedin_is_not_called_absent() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, Variant::text("our office opens on Monday at nine"), &small);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    Case::new(&linkedin, &server, Variant::text("a summer party"), &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent), "another tool posts something else");
    let changed = Variant::text("our office opens on Tuesday at ten");
    let changed = Case::new(&linkedin, &server, changed, &small).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    case.elsewhere.extend(changed.receipt.id);
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery holds it");
}

#[tokio::test]
async fn only_a_complete_listing_proves_absence() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, Variant::text("the one"), &small);
    for (kind, params) in [("status", json!({"code": 503})), ("garbage", json!({})), ("cut_body", json!({}))] {
        server.order("list", kind, params).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
    }
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..55 {
        Case::new(&linkedin, &server, Variant::text(format!("other {n}")), &small).publish().await.unwrap();
    }
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "on the second page");
}

#[tokio::test]
async fn a_member_is_connected_refreshed_and_let_go() {
    let (server, linkedin) = (Sandbox::start().await, connector());
    let mut app = server.app("linkedin");
    let request =
        AuthorizeRequest { state: "st&te".into(), challenge: Some("unused".into()), redirect_uri: BACK.into() };
    let plain = linkedin.auth().unwrap().authorize_url(&app, &request);
    assert!(!plain.contains("organization") && !plain.contains("code_challenge"), "{plain}");
    app.settings.insert("organisations".into(), "true".into());
    let url = linkedin.auth().unwrap().authorize_url(&app, &request);
    assert!(url.contains("rw_organization_admin"), "{url}");

    let code = server.consent(&url, "ada-demo").await;
    let pair = linkedin.auth().unwrap().exchange(&app, &code, None, BACK).await.unwrap();
    assert_eq!((pair.expires_in_s, pair.scopes.len()), (Some(5_184_000), 6));
    assert!(pair.refresh_expires_in_s.is_some());
    let again = linkedin.auth().unwrap().exchange(&app, &code, None, BACK).await;
    assert_eq!(again.unwrap_err(), AuthFailure::Refused, "a code is good once");
    assert_eq!(linkedin.auth().unwrap().profiles(&app, &pair.access).await.unwrap().len(), 3);
    let next = linkedin.auth().unwrap().refresh(&app, pair.refresh.as_ref().unwrap()).await.unwrap();
    linkedin.auth().unwrap().revoke(&app, &next).await.unwrap();
    assert!(linkedin.auth().unwrap().profiles(&app, &next.access).await.is_err());
    let dead = linkedin.auth().unwrap().refresh(&app, next.refresh.as_ref().unwrap()).await;
    assert_eq!(dead.unwrap_err(), AuthFailure::Refused);
    let wrong = PlatformApp { client_secret: "wrong".into(), ..app };
    let ours = linkedin.auth().unwrap().refresh(&wrong, next.refresh.as_ref().unwrap()).await;
    assert!(matches!(ours, Err(AuthFailure::Misconfigured(_))));
}

#[test]
fn what_is_shown_before_is_what_is_sent() {
    let render = |variant: &Variant| connector().render(variant);
    let link = || Some(LinkCard { url: "https://example.com/a_b".into(), title: None, description: None });
    let variant = Variant { link: link(), ..Variant::text("50 % (off) #sale") };
    assert_eq!(render(&variant), ["50 % \\(off\\) #sale"]);
}

#[tokio::test]
async fn a_post_is_named_by_its_urn_or_its_address_and_by_nothing_else() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let mut app = server.app.clone();
    app.bases.clear();
    let named = |post: &str| linkedin.named(&app, &server.account, post);
    for good in [
        "urn:li:share:7123",
        "https://www.linkedin.com/feed/update/urn:li:share:7123/",
        "https://linkedin.com/feed/update/urn%3Ali%3Ashare%3A7123?utm_source=share",
        "https://www.linkedin.com/posts/ada-demo_we-open-at-9-share-7123-AbCd?utm_medium=member",
    ] {
        let url = Some("https://www.linkedin.com/feed/update/urn:li:share:7123/".into());
        assert_eq!(named(good), Some(Receipt { id: Some("urn:li:share:7123".into()), url }), "{good}");
    }
    assert_eq!(named("urn:li:ugcPost:1").unwrap().id.as_deref(), Some("urn:li:ugcPost:1"));
    for activity in [
        "urn:li:activity:5",
        "https://www.linkedin.com/feed/update/urn:li:activity:5",
        "https://www.linkedin.com/posts/ada_activity-4-and-activity-5-x",
    ] {
        let found = named(activity).unwrap();
        assert_eq!((found.id, found.url.unwrap().ends_with("/urn:li:activity:5/")), (None, true), "{activity}");
    }
    let own = format!("{}/feed/update/urn:li:share:9/", site(&server.app));
    assert!(linkedin.named(&server.app, &server.account, &own).is_some() && named(&own).is_none(), "{own}");
    for bad in [
        "",
        "7123",
        "urn:li:share:",
        "urn:li:share:1x",
        "urn:li:share:1/../2",
        "urn:li:share:1 ",
        "urn:li:person:abc",
        "urn:li:organization:1",
        "URN:LI:SHARE:1",
        "https://www.linkedin.com/feed/update/",
        "https://www.linkedin.com/feed/update/urn:li:person:abc",
        "https://www.linkedin.com/feed/update/urn%253Ali%253Ashare%253A1",
        "https://www.linkedin.com/posts/ada-demo",
        "https://www.linkedin.com/in/ada-demo",
        "http://www.linkedin.com/feed/update/urn:li:share:1",
        "https://www.linkedin.com.evil.example/feed/update/urn:li:share:1",
        "https://www.linkedin.com@evil.example/feed/update/urn:li:share:1",
        "https://evil.example/feed/update/urn:li:share:1",
        "<script>alert(1)</script>",
        &format!("urn:li:share:{}", "9".repeat(5_000)),
    ] {
        assert_eq!(named(bad), None, "{bad}");
    }
}

#[tokio::test]
async fn a_change_has_taken_effect_by_a_204_and_by_nothing_else() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, Variant::text("Openning"), &small);
    let receipt = case.publish().await.unwrap().receipt;
    case.variant.parts[0].text = "Opening".into();
    for code in [200, 201, 202] {
        server.order("amend", "status", json!({ "code": code, "body": {} })).await;
        let failure = case.amend(&receipt).await.unwrap_err();
        assert!(matches!(failure, Failure::Unconfirmed { .. }), "{code}: {failure:?}");
    }
    for kind in ["commit_then_drop", "drop_before_commit"] {
        server.order("amend", kind, json!({})).await;
        let lost = case.amend(&receipt).await;
        assert!(matches!(lost, Err(Failure::Unconfirmed { .. })), "{kind}: {lost:?}");
    }
    let before = server.calls("amend").await;
    assert_eq!(case.amend(&receipt).await, Ok(()), "an answer without a body");
    assert_eq!((server.calls("amend").await, server.live().await[0]["text"].as_str()), (before + 1, Some("Opening")));
}
