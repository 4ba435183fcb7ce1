//! Connecting accounts of TikTok.

use super::*;
use crate::tests::Sandbox;
use ports::{Auth as _, AuthFailure, AuthorizeRequest};

const BACK: &str = "http://127.0.0.1:9/callback";

fn asked() -> AuthorizeRequest {
    AuthorizeRequest { state: "st&te".into(), challenge: None, redirect_uri: BACK.into() }
}

#[tokio::test]
async fn an_account_is_connected_by_consent_renewed_with_another_token_and_not_taken_back() {
    let (tiktok, sandbox) = (connector(), Sandbox::start().await);
    let app = sandbox.app("tiktok");
    let code = sandbox.consent(&tiktok.authorize_url(&app, &asked()), ADA).await;
    let pair = tiktok.exchange(&app, &code, None, BACK).await.unwrap();
    assert_eq!((pair.expires_in_s, pair.refresh_expires_in_s), (Some(7_200), Some(15_552_000)));
    assert!(pair.scopes.iter().any(|scope| scope == "video.publish"), "{:?}", pair.scopes);
    let [me] = tiktok.profiles(&app, &pair.access).await.unwrap().try_into().unwrap();
    assert!(me.handle.as_deref().is_some_and(is_name) && !me.name.is_empty(), "{me:?}");
    assert_eq!(
        tiktok.exchange(&app, &code, None, BACK).await.unwrap_err(),
        AuthFailure::Refused,
        "a code is good once"
    );

    assert!(pair.scopes.iter().all(|scope| scope != "video.upload"), "drafts are asked for where they are wanted");
    let old = pair.refresh.clone().unwrap();
    let renewed = tiktok.refresh(&app, &old).await.unwrap();
    tiktok.profiles(&app, &renewed.access).await.unwrap();
    assert_eq!(tiktok.refresh(&app, &old).await.unwrap_err(), AuthFailure::Refused, "it was used");

    assert!(tiktok.oauth().revoke.is_none(), "another tenant may live on the same grant");
    tiktok.revoke(&app, &renewed).await.unwrap();
    tiktok.profiles(&app, &renewed.access).await.unwrap();
}

#[tokio::test]
async fn where_the_operator_says_so_a_consent_asks_for_drafts_too() {
    let (tiktok, sandbox) = (connector(), Sandbox::start().await);
    let mut app = sandbox.app("tiktok");
    for (setting, asks) in [("true", true), ("false", false)] {
        app.settings.insert("drafts".into(), setting.into());
        let code = sandbox.consent(&tiktok.authorize_url(&app, &asked()), ADA).await;
        let pair = tiktok.exchange(&app, &code, None, BACK).await.unwrap();
        assert_eq!(pair.scopes.iter().any(|scope| scope == "video.upload"), asks, "{setting}");
    }
}

#[tokio::test]
async fn a_consent_without_publishing_is_refused_and_a_wrong_registration_is_ours() {
    let (tiktok, sandbox) = (connector(), Sandbox::start().await);
    let app = sandbox.app("tiktok");
    let less = tiktok.authorize_url(&app, &asked()).replace("%2Cvideo.publish", "");
    let code = sandbox.consent(&less, ADA).await;
    assert_eq!(tiktok.exchange(&app, &code, None, BACK).await.unwrap_err(), AuthFailure::Refused);
    let wrong = PlatformApp { client_secret: "wrong".to_owned().into(), ..app.clone() };
    let code = sandbox.consent(&tiktok.authorize_url(&app, &asked()), ADA).await;
    let refused = tiktok.exchange(&wrong, &code, None, BACK).await.unwrap_err();
    assert!(matches!(&refused, AuthFailure::Misconfigured(what) if what == "invalid_client"), "{refused:?}");
}
