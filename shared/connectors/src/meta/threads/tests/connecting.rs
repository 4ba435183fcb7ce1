//! Tokens and accounts.

use super::*;
use crate::tests::Sandbox;
use domain::accounts::Profile;
use ports::{AuthFailure, AuthorizeRequest};
use secrecy::ExposeSecret as _;

const BACK: &str = "http://127.0.0.1:9/callback";

#[tokio::test]
async fn a_token_of_threads_is_its_own_refresh_token_and_is_renewed_long_before_it_ends() {
    let (server, threads) = (Sandbox::start().await, connector());
    let app = server.app("threads");
    let auth = threads.auth().unwrap();
    let request = AuthorizeRequest { state: "st&te".into(), challenge: None, redirect_uri: BACK.into() };
    let url = auth.authorize_url(&app, &request);
    assert!(url.contains("/oauth/authorize?") && url.contains("threads_content_publish"), "{url}");
    let code = server.consent(&url, "ada.pictures.demo").await;
    let pair = auth.exchange(&app, &format!("{code}#_"), None, BACK).await.unwrap();
    assert_eq!((pair.expires_in_s, pair.refresh_expires_in_s), (Some(5_183_944), Some(5_183_944)), "it lives so long");
    assert_eq!(pair.renew_in_s, Some(7 * 86_400));
    assert_eq!(pair.scopes.len(), 5, "{:?}", pair.scopes);
    assert_eq!(pair.refresh.as_ref().unwrap().expose_secret(), pair.access.expose_secret());
    let profiles = auth.profiles(&app, &pair.access).await.unwrap();
    let Profile { external_id, handle, name, .. } = &profiles[0];
    let shown = (external_id.as_str(), handle.as_deref(), name.as_str());
    assert_eq!(shown, ("17841400000000002", Some("ada.pictures.demo"), "Ada Pictures Demo"));

    let young = auth.refresh(&app, pair.refresh.as_ref().unwrap()).await;
    assert_eq!(young.unwrap_err(), AuthFailure::Refused, "it must be a day old");
    server.control("settings", &json!({"threads_token_min_age_s": 0})).await;
    let next = auth.refresh(&app, pair.refresh.as_ref().unwrap()).await.unwrap();
    assert_ne!(next.access.expose_secret(), pair.access.expose_secret());
    assert!(auth.profiles(&app, &next.access).await.is_ok());
    for (code, number) in [(400, 100), (400, 10), (400, 4), (401, 102), (500, 190)] {
        let error = json!({"message": "words", "code": number});
        server.fault("threads", "token", "status", json!({"code": code, "body": {"error": error}})).await;
        let failed = auth.refresh(&app, &next.access).await;
        assert_eq!(failed.unwrap_err(), AuthFailure::Transient, "{number}: the token may be as good as it was");
    }
    let wrong = PlatformApp { client_secret: "wrong".into(), ..app.clone() };
    let ours = auth.exchange(&wrong, &code, None, BACK).await;
    assert!(matches!(ours, Err(AuthFailure::Misconfigured(_))), "{ours:?}");
    server.revoke("threads").await;
    assert_eq!(auth.refresh(&app, &next.access).await.unwrap_err(), AuthFailure::Refused);
}

#[test]
fn the_addresses_are_those_of_the_documentation_unless_an_operator_names_others() {
    let threads = connector();
    let app = crate::tests::app_of("threads");
    let request = AuthorizeRequest { state: "s".into(), challenge: None, redirect_uri: BACK.into() };
    let url = threads.auth().unwrap().authorize_url(&app, &request);
    assert!(url.starts_with("https://threads.com/oauth/authorize?client_id=ours&"), "{url}");
    let token = "token".into();
    assert_eq!(threads.graph(&app).at("me", &[], &token), "https://graph.threads.net/v1.0/me");
}
