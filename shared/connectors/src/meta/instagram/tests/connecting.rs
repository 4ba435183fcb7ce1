//! Tokens and accounts, both ways in.

use super::*;
use crate::tests::{Sandbox, account};
use domain::accounts::Profile;
use ports::{AuthFailure, AuthorizeRequest};
use secrecy::ExposeSecret as _;

const BACK: &str = "http://127.0.0.1:9/callback";

#[tokio::test]
async fn a_token_of_instagram_is_its_own_refresh_token_and_is_renewed_long_before_it_ends() {
    let (server, instagram) = (Sandbox::start().await, connector());
    let app = server.app("instagram");
    let auth = instagram.auth().unwrap();
    let request = AuthorizeRequest { state: "st&te".into(), challenge: None, redirect_uri: BACK.into() };
    let url = auth.authorize_url(&app, &request);
    assert!(url.contains("/oauth/authorize?") && url.contains("instagram_business_content_publish"), "{url}");
    let code = server.consent(&url, "ada.pictures.demo").await;
    let pair = auth.exchange(&app, &format!("{code}#_"), None, BACK).await.unwrap();
    assert_eq!((pair.expires_in_s, pair.refresh_expires_in_s), (Some(5_183_944), Some(5_183_944)), "it lives so long");
    assert_eq!(pair.renew_in_s, Some(7 * 86_400));
    assert!(pair.scopes.contains(&"instagram_business_content_publish".to_owned()));
    assert_eq!(pair.refresh.as_ref().unwrap().expose_secret(), pair.access.expose_secret());
    let profiles = auth.profiles(&app, &pair.access).await.unwrap();
    let Profile { external_id, handle, .. } = &profiles[0];
    assert_eq!((external_id.as_str(), handle.as_deref()), ("17841400000000002", Some("ada.pictures.demo")));
    assert!(auth.own_tokens(&app, &pair.access, &profiles).await.unwrap().is_empty());

    let young = auth.refresh(&app, pair.refresh.as_ref().unwrap()).await;
    assert_eq!(young.unwrap_err(), AuthFailure::Refused, "it must be a day old");
    server.control("settings", &json!({"instagram_token_min_age_s": 0})).await;
    let next = auth.refresh(&app, pair.refresh.as_ref().unwrap()).await.unwrap();
    assert_ne!(next.access.expose_secret(), pair.access.expose_secret());
    assert!(auth.profiles(&app, &next.access).await.is_ok());
    for (code, number) in [(400, 100), (400, 10), (400, 4), (401, 102), (500, 190)] {
        let error = json!({"message": "words", "code": number});
        server.fault("instagram", "token", "status", json!({"code": code, "body": {"error": error}})).await;
        let failed = auth.refresh(&app, &next.access).await;
        assert_eq!(failed.unwrap_err(), AuthFailure::Transient, "{number}: the token may be as good as it was");
    }
    let wrong = PlatformApp { client_secret: "wrong".into(), ..app.clone() };
    let ours = auth.exchange(&wrong, &code, None, BACK).await;
    assert!(matches!(ours, Err(AuthFailure::Misconfigured(_))), "{ours:?}");
    server.revoke("instagram").await;
    assert_eq!(auth.refresh(&app, &next.access).await.unwrap_err(), AuthFailure::Refused);
}

/// The account that a Page leads to, with the Page's token, and a picture.
async fn through_a_page(instagram: &Instagram) -> (Connected, Picture) {
    let server = Sandbox::start().await;
    let mut app = server.app("instagram");
    app.settings.insert("login".into(), "facebook".into());
    let auth = instagram.auth().unwrap();
    let request = AuthorizeRequest { state: "st&te".into(), challenge: None, redirect_uri: BACK.into() };
    let url = auth.authorize_url(&app, &request);
    assert!(url.contains("/dialog/oauth?") && url.contains("instagram_content_publish"), "{url}");
    let code = server.consent(&url, "ada-demo").await;
    let pair = auth.exchange(&app, &code, None, BACK).await.unwrap();
    assert!(pair.refresh.is_none());
    let mut profiles = auth.profiles(&app, &pair.access).await.unwrap();
    assert_eq!(profiles.len(), 1, "one of the two pages has an account");
    let token = auth.own_tokens(&app, &pair.access, &profiles).await.unwrap().remove("17841400000000001").unwrap();
    let account = account(&instagram.descriptor().id, profiles.remove(0));
    let jpeg = server.hosted("a.jpg", picture("image/jpeg", 1_000)).await;
    let (platform, sandbox) = (account.platform.to_string(), std::sync::Arc::new(server));
    let facts = Facts { deletes: true, ..Instagram::FACTS };
    (Connected { sandbox, platform, app, account, token: token.access, facts }, jpeg)
}

#[tokio::test]
async fn instagram_keeps_the_contract_through_a_page() {
    let instagram = connector();
    let (server, jpeg) = through_a_page(&instagram).await;
    contract::run(&instagram, &server, &jpeg).await;
}

#[tokio::test]
async fn through_a_page_an_account_publishes_reads_and_deletes_with_the_pages_token() {
    let instagram = connector();
    let (server, jpeg) = through_a_page(&instagram).await;
    let mut case = Case::new(&instagram, &server, with_pictures("through the page", 1, &jpeg), &jpeg);
    let receipt = case.publish().await.unwrap().receipt;
    case.before.clear();
    assert!(matches!(case.find().await, Ok(Finding::Live(found)) if found.id == receipt.id));
    assert!(case.locate(&receipt).await.is_some());
    case.delete(&receipt).await.unwrap();
    assert!(server.live().await.is_empty());
    case.delete(&receipt).await.unwrap();
}

#[tokio::test]
async fn what_a_person_gave_is_read_and_an_account_that_may_not_publish_is_not_connected() {
    let (server, instagram) = (Sandbox::start().await, connector());
    let (app, auth) = (server.app("instagram"), instagram.auth().unwrap());
    let request = AuthorizeRequest { state: "st&te".into(), challenge: None, redirect_uri: BACK.into() };
    let (basic, publish) = ("instagram_business_basic", "instagram_business_content_publish");
    for (permissions, expected) in [
        (json!([basic, publish]), Some(vec![basic, publish])),
        (json!(format!("{basic}, {publish}")), Some(vec![basic, publish])),
        (json!([basic]), None),
        (json!([]), None),
    ] {
        let code = server.consent(&auth.authorize_url(&app, &request), "ada.pictures.demo").await;
        let token = server.grant("instagram", "ada.pictures.demo", None).await;
        let body = json!({"access_token": token.expose_secret(), "user_id": "1", "permissions": permissions});
        server.fault("instagram", "token", "status", json!({"code": 200, "body": body})).await;
        let pair = auth.exchange(&app, &code, None, BACK).await;
        match expected {
            Some(expected) => assert_eq!(pair.unwrap().scopes, expected),
            None => assert_eq!(pair.unwrap_err(), AuthFailure::Refused, "{permissions}"),
        }
    }
}
