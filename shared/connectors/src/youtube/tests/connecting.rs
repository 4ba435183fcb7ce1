//! Connecting a channel: consent, and tokens that do not rotate.

use super::*;
use crate::tests::{CHALLENGE, Sandbox, VERIFIER};
use domain::accounts::AccountKind;
use ports::{AuthFailure, AuthorizeRequest};
use secrecy::SecretString;

const BACK: &str = "http://127.0.0.1:9/callback";

#[tokio::test]
async fn a_channel_is_connected_and_refreshed_with_the_token_it_has_until_its_owner_takes_it_back() {
    let (server, youtube) = (Sandbox::start().await, connector());
    let (app, auth) = (server.app("youtube"), youtube.auth().unwrap());
    let (state, challenge) = ("st&te".into(), Some(CHALLENGE.into()));
    let url = auth.authorize_url(&app, &AuthorizeRequest { state, challenge, redirect_uri: BACK.into() });
    for part in ["access_type=offline", "prompt=consent", "code_challenge_method=S256", "youtube.force-ssl"] {
        assert!(url.contains(part), "{part}: {url}");
    }
    let code = server.consent(&url, ADA).await;
    let verifier = SecretString::from(VERIFIER);
    let first = auth.exchange(&app, &code, Some(&verifier), BACK).await.unwrap();
    assert_eq!(first.expires_in_s, Some(3_600));
    assert_eq!(first.scopes, auth.oauth().scopes);
    let again = auth.exchange(&app, &code, Some(&verifier), BACK).await;
    assert_eq!(again.unwrap_err(), AuthFailure::Refused, "a code is good once");

    let profile = auth.profiles(&app, &first.access).await.unwrap().remove(0);
    assert_eq!((profile.external_id.as_str(), profile.kind), ("UCharbourCoffeeDemo00001", AccountKind::Organisation));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Harbour Coffee Demo", Some(ADA)));

    let old = first.refresh.clone().expect("without it nobody could publish an hour later");
    let second = auth.refresh(&app, &old).await.unwrap();
    assert!(second.refresh.is_none(), "the one that there is stays good");
    auth.refresh(&app, &old).await.unwrap();
    auth.revoke(&app, &first).await.unwrap();
    assert!(auth.oauth().revoke.is_none(), "others may live on the same grant, so that Herald does not even ask");
    auth.refresh(&app, &old).await.unwrap();
    server.revoke("youtube").await;
    assert_eq!(auth.profiles(&app, &second.access).await, Err(Failure::Unauthorized));
    assert_eq!(auth.refresh(&app, &old).await.unwrap_err(), AuthFailure::Refused);
}

#[tokio::test]
async fn who_has_no_channel_connects_none_and_who_left_out_the_scope_is_asked_again() {
    let (server, youtube) = (Sandbox::start().await, connector());
    let (app, auth) = (server.app("youtube"), youtube.auth().unwrap());
    let none = server.grant("youtube", "cleo-demo", None).await;
    assert_eq!(auth.profiles(&app, &none).await, Ok(Vec::new()));
    let narrow = server.grant("youtube", ADA, Some(&["https://www.googleapis.com/auth/youtube.readonly"])).await;
    assert!(matches!(auth.profiles(&app, &narrow).await, Err(Failure::Revoked { .. })));
    let wrong = PlatformApp { client_secret: "wrong".into(), ..app };
    let refused = auth.refresh(&wrong, &"some".to_owned().into()).await;
    assert!(matches!(refused, Err(AuthFailure::Misconfigured(_))));
}
