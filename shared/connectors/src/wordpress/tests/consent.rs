//! Sites at WordPress.com: connecting one by consent, and what goes out with its token.

use super::*;
use crate::tests::account;
use domain::publishing::{Failure, Visibility};
use ports::{AuthFailure, AuthorizeRequest, TokenPair};

const BACK: &str = "http://localhost/api/publishing/auth/wordpress/callback";

/// A person says yes; the code that comes back.
async fn code(wordpress: &WordPress, sandbox: &Sandbox, app: &PlatformApp) -> String {
    let request =
        AuthorizeRequest { state: "st&te".into(), challenge: Some("unasked".into()), redirect_uri: BACK.into() };
    let url = wordpress.auth().unwrap().authorize_url(app, &request);
    assert!(url.contains("/oauth2/authorize?response_type=code&client_id=sandbox-wordpress"), "{url}");
    assert!(url.contains("scope=sites+users+posts+media+taxonomy+comments"), "{url}");
    assert!(!url.contains("challenge"), "there is none here: {url}");
    sandbox.consent(&url, "ada").await
}

async fn exchanged(wordpress: &WordPress, app: &PlatformApp, code: &str) -> Result<TokenPair, AuthFailure> {
    wordpress.auth().unwrap().exchange(app, code, None, BACK).await
}

fn letter(title: &str) -> Variant {
    Variant { title: Some(title.into()), ..Variant::text("look") }
}

async fn consented(wordpress: &WordPress) -> Connected {
    Connected::consented(wordpress, "ada", 0).await
}

#[tokio::test]
async fn wordpress_keeps_the_contract_at_wordpress_com() {
    let wordpress = connector();
    let server = consented(&wordpress).await;
    contract::run(&wordpress, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn a_consent_is_for_one_user_of_one_site_and_does_not_end() {
    let (wordpress, sandbox) = (connector(), Sandbox::start().await);
    let (app, auth) = (sandbox.app("wordpress"), wordpress.auth().unwrap());
    let code = code(&wordpress, &sandbox, &app).await;
    let pair = exchanged(&wordpress, &app, &code).await.unwrap();
    assert!(pair.refresh.is_none() && pair.expires_in_s.is_none());
    assert_eq!(auth.oauth().default_access_life_s, 0, "what names no end has none");
    assert_eq!(exchanged(&wordpress, &app, &code).await.unwrap_err(), AuthFailure::Refused, "a code works once");
    let profiles = auth.profiles(&app, &pair.access).await.unwrap();
    let [profile] = profiles.as_slice() else { panic!("{profiles:?}") };
    assert_eq!((profile.external_id.as_str(), profile.name.as_str()), ("9001/2", "Harbour Coffee & Friends"));
    assert!(profile.home.as_deref().unwrap().ends_with("/wordpress"), "where people read it: {profile:?}");
    // The same site by a password is an account of its own: its API is elsewhere.
    let keyed = wordpress.check(&app, &sandbox.keys("wordpress", "ada").await).await.unwrap();
    assert!(!keyed.profile.is_same(profile));
    assert_eq!(auth.refresh(&app, &pair.access).await.unwrap_err(), AuthFailure::Refused, "nothing renews it");
    auth.revoke(&app, &pair).await.unwrap();
    assert!(auth.oauth().revoke.is_none(), "and nobody but the person can take it back");
}

#[tokio::test]
async fn an_end_that_a_token_answer_names_is_believed_though_none_is_documented() {
    let (wordpress, sandbox) = (connector(), Sandbox::start().await);
    let app = sandbox.app("wordpress");
    for (told, kept) in [(json!(1_209_600), Some(1_209_600)), (json!(0), None), (json!(null), None)] {
        let code = code(&wordpress, &sandbox, &app).await;
        let body =
            json!({ "access_token": "a:token#with&all", "expires_in": told, "refresh_token": "r", "blog_id": "9001" });
        sandbox.fault("wordpress", "token", "status", json!({ "code": 200, "body": body })).await;
        let pair = exchanged(&wordpress, &app, &code).await.unwrap();
        assert_eq!(pair.expires_in_s, kept, "{told}");
        assert!(pair.refresh.is_none(), "no way to renew it is documented");
    }
}

#[tokio::test]
async fn a_lost_token_answer_connects_nothing_and_a_wrong_registration_is_told() {
    let (wordpress, sandbox) = (connector(), Sandbox::start().await);
    let app = sandbox.app("wordpress");
    for kind in ["commit_then_drop", "drop_before_commit", "garbage", "cut_body"] {
        let code = code(&wordpress, &sandbox, &app).await;
        sandbox.fault("wordpress", "token", kind, json!({})).await;
        assert_eq!(exchanged(&wordpress, &app, &code).await.unwrap_err(), AuthFailure::Transient, "{kind}");
    }
    let code = code(&wordpress, &sandbox, &app).await;
    let wrong = PlatformApp { client_secret: "wrong".to_owned().into(), ..app.clone() };
    let failure = exchanged(&wordpress, &wrong, &code).await.unwrap_err();
    assert_eq!(failure, AuthFailure::Misconfigured("invalid_client".into()));
}

#[tokio::test]
async fn who_may_not_publish_on_the_site_has_nothing_to_connect() {
    let (wordpress, sandbox) = (connector(), Sandbox::start().await);
    let app = sandbox.app("wordpress");
    let token = sandbox.grant("wordpress", "cleo", None).await;
    assert_eq!(wordpress.auth().unwrap().profiles(&app, &token).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_token_that_opens_less_than_is_needed_connects_nothing() {
    let (wordpress, sandbox) = (connector(), Sandbox::start().await);
    let (app, auth) = (sandbox.app("wordpress"), wordpress.auth().unwrap());
    let all = auth.oauth().scopes.clone();
    for lacking in &all {
        let given: Vec<&str> = all.iter().filter(|scope| *scope != lacking).map(String::as_str).collect();
        let token = sandbox.grant("wordpress", "ada", Some(&given)).await;
        let Err(Failure::Rejected { code, detail }) = auth.profiles(&app, &token).await else { panic!("{lacking}") };
        assert_eq!((code.as_str(), detail.ends_with(lacking.as_str())), ("forbidden", true), "{detail}");
    }
    let token = sandbox.grant("wordpress", "ada", None).await;
    let told = |client: Value, blog: Value| json!({ "client_id": client, "blog_id": blog, "scope": all.join(",") });
    for (client, blog, why) in [
        (json!("sandbox-wordpress"), json!(null), "no site"),
        (json!("sandbox-wordpress"), json!(0), "no site"),
        (json!("sandbox-wordpress"), json!("../9001"), "no site"),
        (json!(4711), json!(9001), "another application"),
    ] {
        let body = told(client, blog);
        sandbox.fault("wordpress", "orgs", "status", json!({ "code": 200, "body": body })).await;
        let Err(Failure::Rejected { detail, .. }) = auth.profiles(&app, &token).await else { panic!("{body}") };
        assert!(detail.contains(why), "{body}: {detail}");
    }
    let state = sandbox.json("/control/state").await;
    assert!(state["calls"]["wordpress.me"].is_null(), "no site was asked with it: {state}");
}

#[tokio::test]
async fn what_wordpress_com_does_not_tell_is_not_guessed_and_does_not_tell_the_token() {
    let (wordpress, sandbox) = (connector(), Sandbox::start().await);
    let (app, auth) = (sandbox.app("wordpress"), wordpress.auth().unwrap());
    let token = sandbox.grant("wordpress", "ada", None).await;
    let refusal = json!({ "code": "rest_forbidden", "message": "Sorry, no.", "data": { "status": 403 } });
    let other = json!({ "ID": 9002, "name": "S", "URL": "https://s.example", "capabilities": {} });
    // The token is asked after first (`orgs`), then the site, and then its user (both `me`).
    for (op, skip, kind, params, expected) in [
        ("orgs", 0, "drop_before_commit", json!({}), "unavailable"),
        ("orgs", 0, "garbage", json!({}), "unavailable"),
        ("orgs", 0, "status", json!({ "code": 500 }), "unavailable"),
        ("orgs", 0, "status", json!({ "code": 401 }), "unauthorized"),
        ("me", 0, "cut_body", json!({}), "unavailable"),
        ("me", 0, "status", json!({ "code": 401 }), "unauthorized"),
        ("me", 0, "status", json!({ "code": 200, "body": other }), "unavailable"),
        ("me", 1, "garbage", json!({}), "unavailable"),
        ("me", 1, "status", json!({ "code": 403, "body": refusal }), "forbidden"),
        ("me", 1, "status", json!({ "code": 200, "body": { "id": 0, "slug": "ada" } }), "unavailable"),
    ] {
        let order = json!({ "platform": "wordpress", "op": op, "kind": kind, "skip": skip, "params": params });
        sandbox.control("faults", &order).await;
        assert_eq!(auth.profiles(&app, &token).await.unwrap_err().code(), expected, "{order}");
    }
    let name = format!("A {}", token.expose_secret());
    let may = json!({ "publish_posts": true, "upload_files": true });
    let body = json!({ "ID": 9001, "name": name, "URL": "https://evil.example", "capabilities": may });
    sandbox.fault("wordpress", "me", "status", json!({ "code": 200, "body": body })).await;
    let profile = auth.profiles(&app, &token).await.unwrap().remove(0);
    // The user was asked after at WordPress.com, whatever address people read the site at.
    assert_eq!((profile.external_id.as_str(), profile.name.as_str()), ("9001/2", "A …"));
    let unknown = auth.profiles(&app, &"un:known#&token=x".to_owned().into()).await;
    assert_eq!(unknown, Err(Failure::Unauthorized));
}

#[tokio::test]
async fn a_token_goes_to_wordpress_com_and_a_password_never_there() {
    let wordpress = connector();
    let (server, small) = (consented(&wordpress).await, small());
    let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    door.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}", door.local_addr().unwrap());
    let mut other = server.with(server.token.clone());
    other.account.profile.home = Some(elsewhere.clone());
    let receipt = Case::new(&wordpress, &other, letter("At home"), &small).publish().await.unwrap().receipt;
    assert!(receipt.id.is_some() && server.live().await.len() == 1);
    // A token under an account of a site by password, whatever is in it.
    other.account.profile.external_id = "2".into();
    let failure = Case::new(&wordpress, &other, letter("Elsewhere"), &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized);
    assert!(door.accept().is_err(), "nobody came");
    // A password under an account of WordPress.com is a token that it does not know.
    let password = server.with("ada:adaAuthor1111111111111ww".to_owned().into());
    let failure = Case::new(&wordpress, &password, letter("Password"), &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized);
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn an_article_with_all_that_a_site_takes_is_published_changed_commented_and_deleted_with_a_token() {
    let wordpress = connector();
    let (server, small) = (consented(&wordpress).await, small());
    let mut variant = letter("By consent");
    variant.parts[0].media = vec![MediaRef { alt_text: Some("the harbour".into()), ..MediaRef::new(small.0.id) }; 2];
    variant.tags = vec!["news & more".into()];
    variant.first_comment = Some("said below".into());
    let mut case = Case::new(&wordpress, &server, variant, &small);
    let post = case.publish().await.unwrap().receipt;
    let said = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    assert_eq!((live[0]["media"].as_array().unwrap().len(), &live[0]["media"][1]["alt"]), (2, &json!("the harbour")));
    assert!(live[0]["raw"].as_str().unwrap().contains("news &amp;"), "{}", live[0]);
    assert_eq!((&live[1]["text"], &live[1]["reply_to"]), (&json!("said below"), &json!(post.id)));
    case.delete(&said).await.unwrap();
    case.before.clear();
    case.variant.title = Some("Changed".into());
    case.amend(&post).await.unwrap();
    assert_eq!(server.live().await[0]["card"]["title"], "Changed");
    case.delete(&post).await.unwrap();
    assert!(server.live().await.is_empty());
    let mut case = Case::new(&wordpress, &server, letter("For ourselves"), &small);
    case.variant.visibility = Visibility::Private;
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
}

#[tokio::test]
async fn a_lost_comment_that_is_not_listed_at_wordpress_com_is_left_to_a_person() {
    let wordpress = connector();
    let (server, small) = (consented(&wordpress).await, small());
    let mut case = Case::new(&wordpress, &server, letter("look"), &small);
    case.variant.first_comment = Some("said once".into());
    case.publish().await.unwrap();
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::UNSHOWN), "a list that lacks it proves nothing there");
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let said = server.live().await[1]["id"].as_str().unwrap().to_owned();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found: {:?}", case.find().await) };
    assert_eq!(receipt.id, Some(said));
}

#[tokio::test]
async fn a_token_of_another_site_publishes_nothing_and_one_that_was_taken_back_parks_the_account() {
    let wordpress = connector();
    let (server, small) = (consented(&wordpress).await, small());
    let bo = Connected::consented(&wordpress, "bo", 0).await;
    assert_eq!((bo.account.profile.external_id.as_str(), bo.account.profile.name.as_str()), ("9002/3", "Bo's Notes"));
    let theirs = server.with(server.sandbox.grant("wordpress", "bo", None).await);
    let failure = Case::new(&wordpress, &theirs, letter("Elsewhere"), &small).publish().await.unwrap_err();
    assert_eq!(failure.code(), "forbidden");
    for id in ["9001/../2", "9001/", "/2", "9001/0", "09001/2", "9001/2/2"] {
        let mut wrong = server.with(server.token.clone());
        wrong.account = account(&server.account.platform, server.account.profile.clone());
        wrong.account.profile.external_id = id.into();
        let failure = Case::new(&wordpress, &wrong, letter("Nowhere"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), "account_invalid", "{id}");
    }
    let mut case = Case::new(&wordpress, &server, letter("Taken back"), &small);
    case.prepare().await.unwrap();
    server.sandbox.revoke("wordpress").await;
    assert_eq!(case.publish().await.unwrap_err(), Failure::Unauthorized);
    assert!(server.live().await.is_empty());
}
