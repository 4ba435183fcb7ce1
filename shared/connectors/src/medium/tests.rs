#![allow(clippy::unwrap_used, clippy::panic)]

mod rules;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture};
use connector_kit::MAX_ADDRESS;
use connector_kit::contract::{self, Case};
use domain::publishing::{Failure, LinkCard, Receipt, Variant, check};
use ports::{Entries, KeyFailure, Wording};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

const TOKEN: &str = "181d415f34379af07b2c11d144dfbe35d";

fn connector() -> Medium {
    Medium::new(Http::new(egress()))
}

fn entries(token: &str, place: &str) -> Entries {
    let entry = |text: &str| SecretString::from(text.to_owned());
    Entries::from([("token".into(), entry(token)), ("place".into(), entry(place))])
}

fn story() -> Variant {
    Variant {
        title: Some(" Opening <soon> ".into()),
        tags: vec!["R&D".into(), " harbour ".into()],
        kind: ContentKind::Article,
        link: Some(LinkCard { url: "https://example.com/more".into(), title: Some("More".into()), description: None }),
        ..Variant::text("First <b>.\nSecond line.\n\nSecond paragraph.")
    }
}

/// The API has no deletions.
impl Known for Medium {
    const FACTS: Facts = Facts { deletes: false, ..Facts::USUAL };
}

#[tokio::test]
async fn medium_keeps_the_contract_on_profiles_and_in_publications() {
    let medium = connector();
    let mut server = Connected::start(&medium, "ada", 0).await;
    let small = picture("image/png", 100);
    contract::run(&medium, &server, &small).await;
    server.account.profile = medium.check(&server.app, &entries(TOKEN, "Harbour Stories")).await.unwrap().profile;
    contract::run(&medium, &server, &small).await;
}

#[tokio::test]
async fn only_an_older_token_connects_and_only_places_its_user_publishes_in() {
    let medium = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("medium");
    let help = &medium.form.help;
    assert!(help.contains("1 January 2025") && help.contains("import"), "{help}");
    for (place, id, name, handle) in [
        ("profile", "users/5303d74c64f66366f00cb9b2a94f3251bf5", "Ada Demo", Some("ada")),
        ("harbour stories", "publications/b45573563f5a", "Harbour Stories", Some("harbour-stories")),
        ("b45573563f5a", "publications/b45573563f5a", "Harbour Stories", Some("harbour-stories")),
    ] {
        let keyed = medium.check(&app, &entries(TOKEN, place)).await.unwrap();
        let profile = keyed.profile;
        assert_eq!(
            (profile.external_id.as_str(), profile.name.as_str(), profile.handle.as_deref()),
            (id, name, handle)
        );
        assert_eq!(keyed.pair.access.expose_secret(), TOKEN);
    }
    for (token, place, wrong, words) in [
        (TOKEN, "Lighthouse Notes", "place", "drafts only"),
        (TOKEN, "nowhere", "place", "no publication"),
        (TOKEN, "Twins", "place", "two publications"),
        ("281d415f34379af07b2c11d144dfbe35d", "profile", "token", "no new ones since 1 January 2025"),
        ("a token", "profile", "token", "letters and digits"),
    ] {
        let failure = medium.check(&app, &entries(token, place)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{place}: {failure:?}") };
        assert!(field == wrong && detail.contains(words) && !detail.contains(token), "{place}: {field}: {detail}");
    }
    let said = |code: i64| json!({ "errors": [{ "message": "Application not found.", "code": code }] });
    for (code, body, refuses) in [
        (400, said(6_005), true),
        (404, said(6_004), true),
        (403, said(1), false),
        (503, said(6_005), false),
        (200, json!({ "data": { "id": "../me" } }), false),
        (200, json!("<html>wait</html>"), false),
    ] {
        sandbox.fault("medium", "me", "status", json!({ "code": code, "body": body })).await;
        let failure = medium.check(&app, &entries(TOKEN, "profile")).await.unwrap_err();
        let is_refused = matches!(&failure, KeyFailure::Refused { field: "token", .. });
        assert_eq!(is_refused, refuses, "{code} {body}: {failure:?}");
        assert!(refuses || failure == KeyFailure::Unavailable);
    }
}

#[tokio::test]
async fn a_story_has_its_title_as_a_heading_its_tags_and_its_link_and_what_is_written_is_text() {
    let medium = connector();
    let server = Connected::start(&medium, "ada", 0).await;
    let small = picture("image/png", 100);
    let published = Case::new(&medium, &server, story(), &small).publish().await.unwrap();
    let live = &server.live().await[0];
    let raw: Value = serde_json::from_str(live["raw"].as_str().unwrap()).unwrap();
    assert_eq!(
        raw["content"],
        "<h1>Opening &lt;soon&gt;</h1><p>First &lt;b&gt;.<br>Second line.</p><p>Second paragraph.</p>\
         <p><a href=\"https://example.com/more\">More</a></p>"
    );
    assert_eq!((&raw["title"], &raw["tags"]), (&json!("Opening <soon>"), &json!(["R&D", "harbour"])));
    assert_eq!((&raw["publishStatus"], &raw["contentFormat"]), (&json!("public"), &json!("html")));
    let named = medium.named(&server.app, &server.account, published.receipt.url.as_deref().unwrap()).unwrap();
    assert_eq!(named.id, published.receipt.id);
}

#[tokio::test]
async fn a_draft_is_left_there_and_a_success_counts_only_in_the_state_that_was_asked_for() {
    let medium = connector();
    let server = Connected::start(&medium, "ada", 0).await;
    let small = picture("image/png", 100);
    let draft = Case::new(&medium, &server, Variant { draft: true, ..story() }, &small).publish().await.unwrap();
    assert!(draft.receipt.id.is_some() && server.live().await.is_empty(), "nobody sees it");
    let long = format!("https://medium.com/{}", "a".repeat(MAX_ADDRESS));
    for (body, proven) in [
        (json!({ "data": { "id": "e6f36a", "publishStatus": "public", "url": "javascript:alert(1)" } }), true),
        (json!({ "data": { "id": "e6f36a", "publishStatus": "public", "url": long } }), true),
        (json!({ "data": { "id": "e6f36a", "publishStatus": "draft", "url": "" } }), false),
        (json!({ "data": { "id": "../x", "publishStatus": "public", "url": "" } }), false),
        (json!({ "id": "e6f36a" }), false),
    ] {
        server.order("create_post", "status", json!({ "code": 201, "body": body })).await;
        let result = Case::new(&medium, &server, story(), &small).publish().await;
        match result {
            Ok(published) => assert!(proven && published.receipt.url.unwrap().ends_with("/medium/p/e6f36a"), "{body}"),
            Err(failure) => assert!(!proven && failure.code() == "unconfirmed", "{body}: {failure:?}"),
        }
    }
}

#[tokio::test]
async fn refusals_in_mediums_words_are_told_apart_and_a_lost_application_parks_the_account() {
    let medium = connector();
    let server = Connected::start(&medium, "ada", 0).await;
    let small = picture("image/png", 100);
    let said = |code: i64| json!({ "errors": [{ "message": "No.", "code": code }] });
    for (status, body, expected) in [
        (400, said(2_002), "invalid_request"),
        (403, said(6_000), "forbidden"),
        (404, said(6_026), "not_found"),
        (404, said(6_004), "revoked"),
        (400, said(6_005), "revoked"),
        (400, json!({ "errors": [] }), "unconfirmed"),
        (500, said(6_005), "unconfirmed"),
        (408, said(1), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({ "code": status, "body": body })).await;
        let failure = Case::new(&medium, &server, story(), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{status} {body}: {failure:?}");
    }
    for (wait, believed) in [(120, true), (90_000, false)] {
        server.order("create_post", "status", json!({ "code": 429, "retry_after": wait })).await;
        let failure = Case::new(&medium, &server, story(), &small).publish().await.unwrap_err();
        assert!(matches!(failure, Failure::RateLimited { until } if until.is_some() == believed), "{failure:?}");
    }
    assert!(server.live().await.is_empty());
}

#[test]
fn what_medium_does_not_have_is_told_before_the_posts_time() {
    let medium = connector();
    let codes = |variant: &Variant| -> Vec<String> {
        let broken = check(variant, medium.descriptor(), &[], "/content");
        broken.into_iter().map(|violation| violation.code.clone()).collect()
    };
    assert!(codes(&story()).is_empty());
    assert_eq!(codes(&Variant { title: None, ..story() }), ["title_missing"]);
    assert_eq!(codes(&Variant { title: Some("x".repeat(101)), ..story() }), ["content_too_long"]);
    let tags = |tags: &[&str]| Variant { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..story() };
    assert_eq!(codes(&tags(&["a", "b", "c", "d"])), ["too_many_tags"]);
    assert_eq!(codes(&tags(&["abcdefghijklmnopqrstuvwxyz"])).len(), 1);
    assert_eq!(codes(&Variant { first_comment: Some("first".into()), ..story() }), ["unsupported"]);
    assert_eq!(codes(&Variant { reply_to: Some("1".into()), ..story() }), ["unsupported"]);
    assert!(medium.descriptor().limits.reasons[&Feature::Picture].contains("since March 2023"));
}

#[tokio::test]
async fn a_person_names_stories_of_this_very_account_only_and_deletes_them_there() {
    let medium = connector();
    let mut server = Connected::start(&medium, "ada", 0).await;
    let small = picture("image/png", 100);
    for post in
        ["e6f36a1b2c3d", "https://medium.com/p/e6f36a1b2c3d", "https://medium.com/@ada/a-title-e6f36a1b2c3d?x=1"]
    {
        let receipt = medium.named(&server.app, &server.account, post).unwrap();
        assert_eq!(receipt.id.as_deref(), Some("e6f36a1b2c3d"), "{post}");
    }
    for post in [
        "",
        "e6f3",
        "harbourg",
        "https://medium.com/@bo/a-title-e6f36a1b2c3d",
        "https://medium.com/ada/a-title-e6f36a1b2c3d",
        "https://medium.com/@ada/a-title",
        "https://evil.example/@ada/a-title-e6f36a1b2c3d",
        "javascript:e6f36a1b2c3d",
    ] {
        assert_eq!(medium.named(&server.app, &server.account, post), None, "{post}");
    }
    let case = Case::new(&medium, &server, story(), &small);
    let refused = case.delete(&Receipt { id: Some("e6f36a1b2c3d".into()), url: None }).await.unwrap_err();
    assert!(matches!(&refused, Failure::Unsupported { detail } if detail.contains("since March 2023")), "{refused:?}");
    server.account.profile.external_id = "users/../me".into();
    let failure = Case::new(&medium, &server, story(), &small).publish().await.unwrap_err();
    assert_eq!(failure.code(), "account_invalid");
}
