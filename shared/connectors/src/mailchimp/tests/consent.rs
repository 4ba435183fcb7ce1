//! Connecting by consent, and what goes out with its token.

use super::*;
use ports::{AuthFailure, AuthorizeRequest, TokenPair};

const BACK: &str = "http://localhost/api/publishing/auth/mailchimp/callback";

/// A person says yes; the code that comes back.
async fn code(mailchimp: &Mailchimp, sandbox: &Sandbox, app: &PlatformApp) -> String {
    let request =
        AuthorizeRequest { state: "st&te".into(), challenge: Some("unasked".into()), redirect_uri: BACK.into() };
    let url = mailchimp.auth().unwrap().authorize_url(app, &request);
    assert!(url.contains("/oauth2/authorize?response_type=code&client_id=sandbox-mailchimp"), "{url}");
    assert!(!url.contains("scope") && !url.contains("challenge"), "Mailchimp has neither: {url}");
    sandbox.consent(&url, "harbour").await
}

async fn exchanged(mailchimp: &Mailchimp, app: &PlatformApp, code: &str) -> Result<TokenPair, AuthFailure> {
    mailchimp.auth().unwrap().exchange(app, code, None, BACK).await
}

#[tokio::test]
async fn a_consent_is_for_the_audiences_that_have_a_sender_and_does_not_end() {
    let (mailchimp, sandbox) = (connector(), Sandbox::start().await);
    let (app, auth) = (sandbox.app("mailchimp"), mailchimp.auth().unwrap());
    let code = code(&mailchimp, &sandbox, &app).await;
    let pair = exchanged(&mailchimp, &app, &code).await.unwrap();
    assert!(pair.refresh.is_none() && pair.expires_in_s.is_none() && pair.scopes.is_empty());
    assert_eq!(exchanged(&mailchimp, &app, &code).await.unwrap_err(), AuthFailure::Refused, "a code works once");
    let profiles = auth.profiles(&app, &pair.access).await.unwrap();
    let shown: Vec<_> = profiles.iter().map(|one| (one.external_id.as_str(), one.name.as_str())).collect();
    // Nobody's has no sender; two of one name are told apart.
    let expected = [
        ("us6/a1b2c3d4e5", "Newsletter"),
        ("us6/b1b2c3d4e5", "Staff"),
        ("us6/d1b2c3d4e5", "Twins (d1b2c3d4e5)"),
        ("us6/e1b2c3d4e5", "Twins (e1b2c3d4e5)"),
    ];
    assert_eq!(shown, expected);
    // By key it is the same account, so that one way can follow the other.
    let keyed = mailchimp.check(&app, &entries(KEY, "Newsletter")).await.unwrap();
    assert!(keyed.profile.is_same(&profiles[0]));
    assert_eq!(auth.refresh(&app, &pair.access).await.unwrap_err(), AuthFailure::Refused, "nothing renews it");
    auth.revoke(&app, &pair).await.unwrap();
    assert!(auth.oauth().revoke.is_none(), "and nobody but the person can take it back");
}

#[tokio::test]
async fn a_lost_token_answer_connects_nothing_and_a_wrong_registration_is_told() {
    let (mailchimp, sandbox) = (connector(), Sandbox::start().await);
    let app = sandbox.app("mailchimp");
    for kind in ["commit_then_drop", "drop_before_commit", "garbage", "cut_body"] {
        let code = code(&mailchimp, &sandbox, &app).await;
        sandbox.fault("mailchimp", "token", kind, json!({})).await;
        assert_eq!(exchanged(&mailchimp, &app, &code).await.unwrap_err(), AuthFailure::Transient, "{kind}");
    }
    // What looks like a key would be sent as one.
    for token in [KEY, "a b", ""] {
        let code = code(&mailchimp, &sandbox, &app).await;
        let body = json!({ "access_token": token, "expires_in": 0, "scope": null });
        sandbox.fault("mailchimp", "token", "status", json!({ "code": 200, "body": body })).await;
        assert_eq!(exchanged(&mailchimp, &app, &code).await.unwrap_err(), AuthFailure::Transient, "{token}");
    }
    let code = code(&mailchimp, &sandbox, &app).await;
    let wrong = PlatformApp { client_secret: "wrong".to_owned().into(), ..app.clone() };
    let failure = exchanged(&mailchimp, &wrong, &code).await.unwrap_err();
    assert_eq!(failure, AuthFailure::Misconfigured("invalid_client".into()));
}

#[tokio::test]
async fn a_token_is_sent_to_no_address_but_mailchimps_whatever_its_data_centre_is_said_to_be() {
    let (mailchimp, sandbox) = (connector(), Sandbox::start().await);
    let (app, auth) = (sandbox.app("mailchimp"), mailchimp.auth().unwrap());
    let token = sandbox.grant("mailchimp", "harbour", None).await;
    for (dc, endpoint) in [
        ("us6", "https://evil.example"),
        ("us6", "https://us7.api.mailchimp.com"),
        ("us6", "https://us6.api.mailchimp.com.evil.example"),
        ("evil.example/", "https://evil.example/.api.mailchimp.com"),
        ("", ""),
    ] {
        let body = json!({ "dc": dc, "api_endpoint": endpoint });
        sandbox.fault("mailchimp", "me", "status", json!({ "code": 200, "body": body })).await;
        assert_eq!(auth.profiles(&app, &token).await, Err(Failure::Unavailable), "{body}");
        let state = sandbox.json("/control/state").await;
        assert!(state["calls"]["mailchimp.orgs"].is_null(), "nothing was asked with it: {state}");
    }
    let no_answer = [
        ("me", "drop_before_commit", json!({}), Failure::Unavailable),
        ("me", "garbage", json!({}), Failure::Unavailable),
        ("me", "status", json!({ "code": 200, "body": {} }), Failure::Unavailable),
        ("me", "status", json!({ "code": 500 }), Failure::Unavailable),
        ("me", "status", json!({ "code": 401 }), Failure::Unauthorized),
        ("orgs", "cut_body", json!({}), Failure::Unavailable),
        ("orgs", "status", json!({ "code": 401 }), Failure::Unauthorized),
        ("orgs", "status", json!({ "code": 403, "body": "<html>" }), Failure::RateLimited { until: None }),
    ];
    for (op, kind, params, expected) in no_answer {
        sandbox.fault("mailchimp", op, kind, params.clone()).await;
        assert_eq!(auth.profiles(&app, &token).await, Err(expected), "{op} {kind} {params}");
    }
    let unknown = auth.profiles(&app, &"unknown".to_owned().into()).await;
    assert_eq!(unknown, Err(Failure::Unauthorized));
}

#[tokio::test]
async fn names_of_audiences_do_not_tell_the_token_and_one_without_a_usable_id_is_not_offered() {
    let (mailchimp, sandbox) = (connector(), Sandbox::start().await);
    let (app, auth) = (sandbox.app("mailchimp"), mailchimp.auth().unwrap());
    let token = sandbox.grant("mailchimp", "harbour", None).await;
    let sender = json!({ "from_name": "A", "from_email": "a@b.example" });
    let list = |id: &str, name: String| json!({ "id": id, "name": name, "campaign_defaults": sender });
    let lists = [list("a1", format!("A {}", token.expose_secret())), list("../x", "B".into()), list("", "C".into())];
    let body = json!({ "lists": lists, "total_items": 3 });
    sandbox.fault("mailchimp", "orgs", "status", json!({ "code": 200, "body": body })).await;
    let profiles = auth.profiles(&app, &token).await.unwrap();
    assert_eq!(profiles.iter().map(|one| (&*one.external_id, &*one.name)).collect::<Vec<_>>(), [("us6/a1", "A …")]);
}

#[tokio::test]
async fn a_campaign_is_sent_with_the_token_of_a_consent_until_it_is_taken_back() {
    let mailchimp = connector();
    let mut server = Connected::consented(&mailchimp, "harbour", 1).await;
    let small = small();
    Case::new(&mailchimp, &server, letter("By consent"), &small).publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((live.len(), &live[0]["author"]), (1, &json!("b1b2c3d4e5")), "to the audience that was chosen");
    server.account.profile.external_id = "evil.example/b1b2c3d4e5".into();
    let failure = Case::new(&mailchimp, &server, letter("Elsewhere"), &small).publish().await.unwrap_err();
    assert_eq!(failure.code(), "account_invalid", "a data centre that is none");
    server.account.profile.external_id = "us6/b1b2c3d4e5".into();
    server.sandbox.revoke("mailchimp").await;
    let failure = Case::new(&mailchimp, &server, letter("Taken back"), &small).publish().await.unwrap_err();
    assert_eq!(failure, Failure::Unauthorized);
    assert_eq!(server.live().await.len(), 1);
}
