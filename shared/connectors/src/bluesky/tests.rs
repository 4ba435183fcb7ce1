#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod listening;
mod quotes;
mod rules;
mod videos;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture, thread};
use connector_kit::contract::{self, Case, Fault, Harness as _};
use domain::accounts::Profile;
use domain::publishing::{Finding, LinkCard, MediaRef, Receipt, Variant, check};
use jiff::SignedDuration;
use ports::{AuthFailure, Entries, KeyFailure, TokenPair, Wording};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;

const DID: &str = "did:plc:harbourcoffeedemo2222222";
const PASSWORD: &str = "harb-our2-coff-ee22";

fn connector() -> Bluesky {
    Bluesky::new(Http::new(egress()))
}

async fn connected(bluesky: &Bluesky) -> Connected {
    Connected::start(bluesky, "harbour.test", 0).await
}

fn entries(server: &str, handle: &str, password: &str) -> Entries {
    let list = [("server", server), ("handle", handle), ("password", password)];
    list.map(|(name, text)| (name.to_owned(), SecretString::from(text.to_owned()))).into()
}

/// A session of the demo's account.
async fn session(bluesky: &Bluesky) -> (Arc<Sandbox>, Profile, TokenPair) {
    let sandbox = Arc::new(Sandbox::start().await);
    let good = sandbox.keys("bluesky", "harbour.test").await;
    let keyed = bluesky.check(&sandbox.app("bluesky"), &good).await.unwrap();
    (sandbox, keyed.profile, keyed.pair)
}

/// What was sent as the newest post.
async fn sent(server: &Connected) -> Value {
    let live = server.live().await;
    serde_json::from_str(live.last().unwrap()["raw"].as_str().unwrap()).unwrap()
}

/// The record is read by the name that its part gives it.
impl Known for Bluesky {
    const FACTS: Facts = Facts { reads_lists: false, ..Facts::USUAL };
}

#[tokio::test]
async fn bluesky_keeps_the_contract() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    contract::run(&bluesky, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn a_handle_with_its_app_password_is_connected_where_its_document_says_it_lives() {
    let bluesky = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("bluesky");
    let good = sandbox.keys("bluesky", "harbour.test").await;
    let server = good["server"].expose_secret().to_owned();
    for handle in ["harbour.test", "@Harbour.test", DID] {
        let keyed = bluesky.check(&app, &entries(&server, handle, PASSWORD)).await.unwrap();
        let expected = Profile {
            external_id: DID.into(),
            name: "Harbour Coffee Demo".into(),
            handle: Some("harbour.test".into()),
            kind: domain::accounts::AccountKind::Person,
            home: Some(server.clone()),
        };
        assert_eq!(keyed.profile, expected, "{handle}");
        assert_eq!((keyed.pair.expires_in_s, keyed.pair.refresh_expires_in_s), (Some(7_200), Some(7_776_000)));
    }
    // The document may name another server than the one that was entered.
    let body = json!({ "accessJwt": "a.b.c", "refreshJwt": "d.e.f", "handle": "harbour.test", "did": DID, "didDoc": {
        "service": [{ "id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": format!("{server}/") }] } });
    sandbox.fault("bluesky", "token", "status", json!({ "code": 200, "body": body })).await;
    let door = sandbox.app("bluesky").bases["web"].replace("/bluesky", "/door");
    let lost = bluesky.check(&app, &entries(&door, "harbour.test", PASSWORD)).await.unwrap_err();
    assert!(matches!(lost, KeyFailure::Refused { field: "server", .. }), "nobody answers there: {lost:?}");
    let keyed = bluesky.check(&app, &good).await.unwrap();
    assert_eq!((keyed.profile.home.unwrap(), keyed.pair.expires_in_s), (server, None));
}

#[tokio::test]
async fn what_is_entered_wrongly_is_named_and_an_accounts_own_password_is_not_even_sent() {
    let bluesky = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("bluesky");
    let server = sandbox.keys("bluesky", "harbour.test").await["server"].expose_secret().to_owned();
    for (handle, password, wrong) in [
        ("harbour.test", "harb-our2-coff-ee23", "password"),
        ("nobody.test", PASSWORD, "password"),
        ("harbour", PASSWORD, "handle"),
        ("harbour..test", PASSWORD, "handle"),
        ("harbour.test/x", PASSWORD, "handle"),
    ] {
        let failure = bluesky.check(&app, &entries(&server, handle, password)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{handle}: {failure:?}") };
        assert_eq!(field, wrong, "{handle}");
        assert!(!detail.contains(password), "{detail}");
    }
    let asked = async || sandbox.json("/control/state").await["calls"]["bluesky.token"].as_u64();
    let before = asked().await;
    for own in ["correct horse battery staple", "HARB-OUR2-COFF-EE22", "harb-our2-coff", ""] {
        let failure = bluesky.check(&app, &entries(&server, "harbour.test", own)).await.unwrap_err();
        assert!(matches!(failure, KeyFailure::Refused { field: "password", .. }), "{own}");
    }
    assert_eq!(asked().await, before);
}

#[tokio::test]
async fn a_server_that_answers_anything_else_connects_nothing() {
    let bluesky = connector();
    let sandbox = Sandbox::start().await;
    let (app, good) = (sandbox.app("bluesky"), sandbox.keys("bluesky", "harbour.test").await);
    let session = |did: &str, token: &str| json!({ "accessJwt": token, "refreshJwt": "a.b.c", "handle": "harbour.test", "did": did });
    let inactive = {
        let mut body = session(DID, "a.b.c");
        body["active"] = json!(false);
        body
    };
    let refusal = |error: &str| json!({ "error": error, "message": "no" });
    for (code, body, field) in [
        (200, session("harbour.test", "a.b.c"), None),
        (200, session(DID, "two words"), None),
        (200, session(DID, ""), None),
        (200, json!({}), None),
        (200, inactive, Some("handle")),
        (401, refusal("AuthFactorTokenRequired"), Some("password")),
        (401, refusal("AccountTakedown"), Some("handle")),
        (400, refusal("InvalidRequest"), Some("handle")),
        (404, json!("<html>not here</html>"), Some("server")),
        (429, refusal("RateLimitExceeded"), None),
        (500, refusal("InternalServerError"), None),
    ] {
        sandbox.fault("bluesky", "token", "status", json!({ "code": code, "body": body })).await;
        let failure = bluesky.check(&app, &good).await.unwrap_err();
        match field {
            Some(field) => assert!(matches!(failure, KeyFailure::Refused { field: f, .. } if f == field), "{body}"),
            None => assert_eq!(failure, KeyFailure::Unavailable, "{body}"),
        }
    }
    // The session is good, and then the server that the account lives on does not answer.
    sandbox.fault("bluesky", "lookup", "garbage", json!({})).await;
    assert_eq!(bluesky.check(&app, &good).await.unwrap_err(), KeyFailure::Unavailable);
}

#[tokio::test]
async fn a_session_is_renewed_by_a_token_that_works_once_and_can_be_ended() {
    let bluesky = connector();
    let (sandbox, whose, first) = session(&bluesky).await;
    let app = sandbox.app("bluesky");
    let old = first.refresh.unwrap();
    let second = bluesky.refresh(&app, &whose, &old).await.unwrap();
    let new = second.refresh.clone().unwrap();
    assert_ne!(new.expose_secret(), old.expose_secret());
    assert_eq!(second.expires_in_s, Some(7_200));
    bluesky.revoke(&app, &whose, &second).await.unwrap();
    assert_eq!(bluesky.refresh(&app, &whose, &new).await.unwrap_err(), AuthFailure::Refused);
    bluesky.revoke(&app, &whose, &second).await.unwrap();

    let (sandbox, whose, pair) = session(&bluesky).await;
    let app = sandbox.app("bluesky");
    let old = pair.refresh.unwrap();
    bluesky.refresh(&app, &whose, &old).await.unwrap();
    assert_eq!(bluesky.refresh(&app, &whose, &old).await.unwrap_err(), AuthFailure::Refused, "it was spent");
    assert_eq!(bluesky.refresh(&app, &whose, &pair.access).await.unwrap_err(), AuthFailure::Refused);
}

#[tokio::test]
async fn only_a_refusal_in_the_protocols_words_ends_an_access() {
    let bluesky = connector();
    let (sandbox, whose, pair) = session(&bluesky).await;
    let (app, refresh) = (sandbox.app("bluesky"), pair.refresh.clone().unwrap());
    let refusal = |error: &str| json!({ "error": error, "message": "no" });
    let other = json!({ "accessJwt": "a.b.c", "refreshJwt": "a.b.c", "handle": "x.test", "did": "did:plc:other" });
    for (code, body, expected) in [
        (400, refusal("ExpiredToken"), AuthFailure::Refused),
        (400, refusal("InvalidToken"), AuthFailure::Refused),
        (401, refusal("AuthenticationRequired"), AuthFailure::Refused),
        (401, refusal("AccountTakedown"), AuthFailure::Refused),
        (400, refusal("InvalidRequest"), AuthFailure::Transient),
        (401, json!("<html>sign in</html>"), AuthFailure::Transient),
        (429, refusal("RateLimitExceeded"), AuthFailure::Transient),
        (500, refusal("InternalServerError"), AuthFailure::Transient),
        (503, json!("busy"), AuthFailure::Transient),
        (200, json!({}), AuthFailure::Transient),
        (200, other, AuthFailure::Transient),
    ] {
        sandbox.fault("bluesky", "token", "status", json!({ "code": code, "body": body })).await;
        assert_eq!(bluesky.refresh(&app, &whose, &refresh).await.unwrap_err(), expected, "{code} {body}");
    }
    for fault in ["drop_before_commit", "garbage"] {
        sandbox.fault("bluesky", "token", fault, json!({})).await;
        assert_eq!(bluesky.refresh(&app, &whose, &refresh).await.unwrap_err(), AuthFailure::Transient, "{fault}");
    }
    bluesky.refresh(&app, &whose, &refresh).await.unwrap();
    sandbox.fault("bluesky", "revoke", "status", json!({ "code": 500 })).await;
    assert_eq!(bluesky.revoke(&app, &whose, &pair).await.unwrap_err(), AuthFailure::Transient);
}

#[tokio::test]
async fn an_access_that_ran_out_is_no_refusal_of_the_post() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    for fault in ["expire_tokens", "revoke_family"] {
        server.order("create_post", fault, json!({})).await;
        let failure = Case::new(&bluesky, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure, Failure::Unauthorized, "{fault}");
    }
    let mut variant = Variant::text("n");
    variant.parts[0].media = vec![MediaRef::new(small.0.id)];
    let failure = Case::new(&bluesky, &server, variant, &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized, "an upload says so, too");
}

#[tokio::test]
async fn links_tags_and_mentions_are_marked_and_whom_nobody_knows_stays_text() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let text = "Grüße an @lighthouse.test, @nobody.test: https://example.com/a #Hafen";
    let mut case = Case::new(&bluesky, &server, Variant::text(text), &small);
    case.publish().await.unwrap();
    let post = sent(&server).await;
    let covered = |facet: &Value| {
        let at = |name: &str| usize::try_from(facet["index"][name].as_u64().unwrap()).unwrap();
        text[at("byteStart")..at("byteEnd")].to_owned()
    };
    let facets = post["facets"].as_array().unwrap();
    assert_eq!(facets.iter().map(covered).collect::<Vec<_>>(), ["@lighthouse.test", "https://example.com/a", "#Hafen"]);
    assert_eq!(facets[0]["features"][0]["did"], "did:plc:lighthouselabsdemo222222");

    // Not to know is not to be nobody.
    for (kind, params, expected) in [
        ("status", json!({ "code": 502 }), Failure::Unavailable),
        ("garbage", json!({}), Failure::Unavailable),
        ("status", json!({ "code": 429 }), Failure::RateLimited { until: None }),
    ] {
        server.order("me", kind, params).await;
        let mut case = Case::new(&bluesky, &server, Variant::text(text), &small);
        assert_eq!(case.publish().await.unwrap_err(), expected, "{kind}");
    }
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn each_part_of_a_thread_refers_to_the_first_and_to_the_one_before_it_as_they_stand() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&bluesky, &server, thread(&["one", "two", "three"]), &small);
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let second = sent(&server).await;
    let uri = |receipt: &Receipt| format!("at://{DID}/app.bsky.feed.post/{}", receipt.id.as_deref().unwrap());
    assert_eq!(second["reply"]["root"]["uri"], uri(&case.before[0]));
    assert_eq!(second["reply"]["root"], second["reply"]["parent"]);
    case.publish().await.unwrap();
    let third = sent(&server).await;
    assert_eq!(third["reply"]["root"], second["reply"]["root"]);
    assert_eq!(third["reply"]["parent"]["uri"], uri(&case.before[1]));

    let keys: Vec<_> = case.before.iter().map(|receipt| receipt.id.clone()).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    let mut commented = Variant::text("four");
    commented.first_comment = Some("and five".into());
    let mut case_of_two = Case::new(&bluesky, &server, commented, &small);
    case_of_two.publish().await.unwrap();
    case_of_two.publish().await.unwrap();
    let comment = sent(&server).await;
    assert_eq!(comment["text"], "and five");
    assert_eq!(comment["reply"]["parent"]["uri"], uri(&case_of_two.before[0]), "a first comment is a reply as well");

    case.before.pop();
    for (parent, code) in [
        (Some("3jzfcijpj2z2a"), "reply_refused"),
        (Some("1/../2"), "thread_parent_unknown"),
        (None, "thread_parent_unknown"),
    ] {
        case.before[1].id = parent.map(str::to_owned);
        case.progress = None;
        assert_eq!(case.publish().await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn what_is_kept_of_another_part_is_of_no_use() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let large = picture("image/png", 300_000);
    let mut variant = thread(&["one", "two"]);
    for part in &mut variant.parts {
        part.media = vec![MediaRef { alt_text: Some("a cup".into()), ..MediaRef::new(large.0.id) }];
    }
    let mut case = Case::new(&bluesky, &server, variant, &large);
    // What the first part kept is still there when the second begins.
    case.publish().await.unwrap();
    case.publish().await.unwrap();
    let post = sent(&server).await;
    assert_eq!(post["embed"]["images"].as_array().unwrap().len(), 1);
    assert!(post["reply"]["parent"]["cid"].is_string());
    assert_eq!(post["embed"]["images"][0]["aspectRatio"], json!({ "width": 10, "height": 10 }));
    let state = server.sandbox.json("/control/state").await;
    assert_eq!(state["calls"]["bluesky.media"], 2);
}

#[tokio::test]
async fn an_upload_that_is_too_old_to_be_relied_upon_is_made_again() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 300);
    let mut variant = Variant::text("look");
    variant.parts[0].media = vec![MediaRef::new(small.0.id); 2];
    let mut case = Case::new(&bluesky, &server, variant, &small);
    case.prepare().await.unwrap();
    let uploads = async || server.sandbox.json("/control/state").await["calls"]["bluesky.media"].as_u64().unwrap();
    assert_eq!(uploads().await, 2);
    case.prepare().await.unwrap();
    assert_eq!(uploads().await, 2, "what is prepared stays prepared");
    let before = server.now() - SignedDuration::from_mins(46);
    case.progress.as_mut().unwrap()["at"] = json!(before);
    case.publish().await.unwrap();
    assert_eq!(uploads().await, 4);
}

#[tokio::test]
async fn a_link_is_a_card_beside_a_text_without_it_and_a_restriction_is_committed_with_its_post() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let link = LinkCard {
        url: "https://example.com/a".into(),
        title: Some("A page".into()),
        description: Some("What it says".into()),
    };
    for (restriction, rule) in [
        (ReplyRestriction::Everyone, None),
        (ReplyRestriction::Following, Some("followingRule")),
        (ReplyRestriction::Mentioned, Some("mentionRule")),
    ] {
        let mut variant = thread(&["see below", "and on"]);
        (variant.link, variant.reply_restriction) = (Some(link.clone()), restriction);
        assert_eq!(check(&variant, bluesky.descriptor(), &[], "/content"), []);
        assert_eq!(bluesky.render(&variant), ["see below", "and on"]);
        let mut case = Case::new(&bluesky, &server, variant, &small);
        case.key = format!("{restriction:?}");
        let receipt = case.publish().await.unwrap().receipt;
        let live = server.live().await;
        let post = live.last().unwrap();
        assert_eq!((&post["text"], &post["card"]["title"]), (&json!("see below"), &json!("A page")));
        assert_eq!(post["visibility"], json!(rule));
        case.publish().await.unwrap();
        let post = sent(&server).await;
        assert_eq!(post.get("embed"), None, "the card is the first part's");
        assert_eq!(server.live().await.last().unwrap()["visibility"], json!(null), "and so is the restriction");
        let second = case.before.remove(1);
        assert_eq!(case.find().await, Ok(Finding::Proved(second.clone())));
        case.delete(&second).await.unwrap();
        case.delete(&receipt).await.unwrap();
        case.delete(&receipt).await.unwrap();
    }
    assert_eq!(server.live().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_second_request_for_a_part_meets_the_record_of_the_first() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&bluesky, &server, Variant::text("once"), &small);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(server.live().await.len(), 1);
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("{:?}", case.find().await) };
    case.elsewhere = vec![receipt.id.clone().unwrap()];
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "another delivery holds it");
    case.elsewhere.clear();
    case.variant = Variant::text("twice");
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "somebody wrote something else there");
}

#[tokio::test]
async fn a_session_that_is_not_kept_is_ended() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let entries = server.sandbox.keys("bluesky", "harbour.test").await;
    let ended = async || server.sandbox.json("/control/state").await["calls"]["bluesky.revoke"].as_u64().unwrap_or(0);
    for n in 1..=2 {
        server.order("lookup", "status", json!({ "code": 503 })).await;
        assert_eq!(bluesky.check(&server.app, &entries).await.unwrap_err(), KeyFailure::Unavailable);
        assert_eq!(ended().await, n);
    }
    bluesky.check(&server.app, &entries).await.unwrap();
    assert_eq!(ended().await, 2, "one that is kept is not");
}

#[tokio::test]
async fn who_may_reply_is_deleted_after_the_post() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let variant = Variant { reply_restriction: ReplyRestriction::Following, ..Variant::text("not for everybody") };
    let mut case = Case::new(&bluesky, &server, variant, &small);
    let receipt = case.publish().await.unwrap().receipt;
    // The answer to the first of the two calls is lost, so there is no second one.
    server.order("delete_post", "commit_then_drop", json!({})).await;
    case.delete(&receipt).await.unwrap_err();
    assert!(server.live().await.is_empty(), "there is no moment in which everybody may reply");
    case.delete(&receipt).await.unwrap();
}

#[tokio::test]
async fn only_the_servers_own_word_says_that_a_record_is_not_there() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let case = Case::new(&bluesky, &server, Variant::text("n"), &small);
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let foreign =
        json!({ "uri": "at://did:plc:other/app.bsky.feed.post/3jzfcijpj2z2a", "cid": "b", "value": { "text": "n" } });
    for (code, body) in [
        (400, json!({ "error": "InvalidRequest", "message": "Could not locate record" })),
        (404, json!({ "error": "RecordNotFound", "message": "no" })),
        (404, json!("<html>not here</html>")),
        (200, json!({})),
        (200, foreign),
        (500, json!({ "error": "InternalServerError", "message": "no" })),
    ] {
        server.order("lookup", "status", json!({ "code": code, "body": body })).await;
        case.find().await.unwrap_err();
    }
    for fault in ["drop_before_commit", "garbage", "cut_body"] {
        server.order("lookup", fault, json!({})).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{fault}");
    }
}

#[tokio::test]
async fn a_success_counts_only_for_the_record_that_was_asked_for() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    for body in [
        json!({ "uri": format!("at://{DID}/app.bsky.feed.post/3jzfcijpj2z2a"), "cid": "bafy" }),
        json!({ "uri": "at://did:plc:other/app.bsky.feed.post/3jzfcijpj2z2a", "cid": "bafy" }),
        json!({ "results": [] }),
        json!([]),
    ] {
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        let failure = Case::new(&bluesky, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert!(matches!(failure, Failure::Unconfirmed { .. }), "{body}: {failure:?}");
    }
}

#[tokio::test]
async fn refusals_are_told_apart_by_the_protocols_names_and_never_show_the_token() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let token = server.token.expose_secret().to_owned();
    let says = |error: &str, message: &str| json!({ "error": error, "message": message });
    for (code, body, expected) in [
        (400, says("ExpiredToken", "Token has expired"), "unauthorized"),
        (400, says("InvalidToken", "no"), "unauthorized"),
        (400, says("AccountDeactivated", "no"), "revoked"),
        (403, says("RepoTakendown", "no"), "revoked"),
        (
            400,
            says("InvalidRequest", "Invalid app.bsky.feed.post record: grapheme too big at $.record.text"),
            "content_too_long",
        ),
        (400, says("InvalidRequest", "blob too big (maximum 1000000, got 2) at $.record.embed"), "media_too_large"),
        (400, says("BlobNotFound", "Could not find blob: bafy"), "media_not_found"),
        (413, says("PayloadTooLarge", "request entity too large"), "media_too_large"),
        (403, says("Forbidden", "no"), "forbidden"),
        (404, says("XRPCNotSupported", "no"), "not_found"),
        (400, says("InvalidRequest", &format!("no\r\n{token} {}", "y".repeat(999))), "invalid_request"),
        (400, json!({ "message": "without a name" }), "unconfirmed"),
        (500, says("InternalServerError", "Internal Server Error"), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({ "code": code, "body": body })).await;
        let failure = Case::new(&bluesky, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{body}");
        let shown = format!("{failure:?}");
        assert!(!shown.contains(&token) && !shown.contains("\\r") && shown.len() < 500, "{shown}");
    }
}

#[tokio::test]
async fn a_limit_says_until_when_or_nothing_that_could_be_believed() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 100);
    let at = |s: i64| (server.now().as_second() + s).to_string();
    let body = json!({ "error": "RateLimitExceeded", "message": "Rate Limit Exceeded" });
    for (headers, believed) in [
        (json!({ "ratelimit-reset": at(300) }), Some(300)),
        (json!({ "ratelimit-reset": at(999_999) }), None),
        (json!({ "ratelimit-reset": "soon" }), None),
        (json!({ "retry-after": "35" }), Some(35)),
        (json!({ "retry-after": "-1" }), None),
        (json!({}), None),
    ] {
        server.order("create_post", "status", json!({ "code": 429, "body": body, "headers": headers })).await;
        let now = server.now();
        let failure = Case::new(&bluesky, &server, Variant::text("n"), &small).publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(believed).map_or(wait == believed, |(a, b)| (a - b).abs() <= 2), "{headers}: {wait:?}");
    }
    let published = Case::new(&bluesky, &server, Variant::text("m"), &small).publish().await.unwrap();
    assert_eq!(published.quiet_until, None, "there is room left");
}

#[tokio::test]
async fn the_sandbox_refuses_what_preflight_refuses() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let large = picture("image/png", 1_000_001);
    let mut pictured = Variant::text("look");
    pictured.parts[0].media = vec![MediaRef::new(large.0.id)];
    let family = "👨‍👩‍👧‍👦".repeat(121);
    for (variant, code) in [
        (Variant::text("x".repeat(301)), "content_too_long"),
        (Variant::text(family), "content_too_long"),
        (pictured, "media_too_large"),
    ] {
        let broken = check(&variant, bluesky.descriptor(), std::slice::from_ref(&large.0), "/content");
        assert_eq!(broken.iter().map(|v| v.code.as_str()).collect::<Vec<_>>(), [code]);
        let failure = Case::new(&bluesky, &server, variant, &large).publish().await.unwrap_err();
        assert_eq!(failure.code(), code, "{failure:?}");
    }
}

#[tokio::test]
async fn a_person_names_posts_of_this_very_account_only() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let named = |post: &str| bluesky.named(&server.app, &server.account, post).and_then(|receipt| receipt.id);
    let key = "3jzfcijpj2z2a";
    let own = format!("https://bsky.app/profile/{DID}/post/{key}");
    for post in [
        key.to_owned(),
        own.clone(),
        own.replace(':', "%3A").replacen("%3A", ":", 1),
        format!("https://bsky.app/profile/harbour.test/post/{key}?ref=x"),
        format!("at://{DID}/app.bsky.feed.post/{key}"),
        format!("at://harbour.test/app.bsky.feed.post/{key}"),
    ] {
        assert_eq!(named(&post).as_deref(), Some(key), "{post}");
    }
    for post in [
        "",
        "3jzfcijpj2z2",
        "3jzfcijpj2z2A",
        "0000000000000",
        "https://bsky.app/profile/lighthouse.test/post/3jzfcijpj2z2a",
        "https://bsky.app/profile/harbour.test/post/3jzfcijpj2z2a/likes",
        "https://bsky.app/profile/harbour.test/feed/3jzfcijpj2z2a",
        "http://bsky.app/profile/harbour.test/post/3jzfcijpj2z2a",
        "https://evil.example/profile/harbour.test/post/3jzfcijpj2z2a",
        "at://did:plc:other/app.bsky.feed.post/3jzfcijpj2z2a",
        "at://harbour.test/app.bsky.feed.like/3jzfcijpj2z2a",
    ] {
        assert_eq!(named(post), None, "{post}");
    }
}

#[test]
fn identifiers_and_handles_are_checked_before_they_enter_an_address() {
    for did in ["did:plc:z72i7hdynmk6r22z27h6tvur", "did:web:example.com", "did:web:localhost%3A1"] {
        assert_eq!(is_did(did), !did.contains('%'), "{did}");
    }
    let long = format!("did:plc:{}", "x".repeat(256));
    for did in
        ["", "did:plc:", "did:plc", "did:PLC:x", "plc:x", "did:plc:x/y", "did:plc:x?y", "did:plc:x:", long.as_str()]
    {
        assert!(!is_did(did), "{did}");
    }
    for handle in ["alice.test", "a.b-c.example", "xn--ls8h.test", "8.cn"] {
        assert!(is_handle(handle), "{handle}");
    }
    let long = format!("{}.test", "x".repeat(64));
    for handle in [
        "",
        "alice",
        ".test",
        "alice.",
        "a..b",
        "-a.test",
        "a-.test",
        "a_b.test",
        "a.b.123",
        "ä.test",
        "a b.test",
        long.as_str(),
    ] {
        assert!(!is_handle(handle), "{handle}");
    }
}
