//! The one way in which consents are exchanged, renewed and taken back, against an authorization server that is certified for
//! `OpenID` Connect: as strict about RFC 6749, 7009 and 7636 as one can be. It is tried as it ships, by the connectors of the two
//! kinds of client that there are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod server;

use interop::Trouble;
use ports::AuthFailure;
use secrecy::{ExposeSecret as _, SecretString};
use server::{Platform, redirects};

#[tokio::test]
async fn a_consent_gives_a_pair_with_its_life_and_its_scopes() {
    for platform in Platform::both() {
        let pair = platform.connected().await;
        let asked = &platform.auth().oauth().scopes;
        assert!(platform.takes(&pair.access).await, "{}", platform.name());
        assert_eq!(pair.expires_in_s, Some(7_200), "{}", platform.name());
        assert!(pair.refresh.is_some() && pair.scopes.iter().eq(asked), "{}: {:?}", platform.name(), pair.scopes);
    }
}

#[tokio::test]
async fn a_code_that_was_exchanged_is_dead_and_so_is_then_what_it_gave() {
    for platform in Platform::both() {
        let (brought, verifier) = (platform.consent().await, platform.verifier());
        let exchange = || platform.auth().exchange(&platform.app, &brought.code, verifier.as_ref(), &brought.redirect);
        let pair = exchange().await.unwrap();
        assert_eq!(exchange().await.unwrap_err(), AuthFailure::Refused, "{}", platform.name());
        // RFC 6749 4.1.2 asks for it. It is why a consent whose answer was lost is begun anew and its code never tried again.
        assert!(!platform.takes(&pair.access).await, "{}", platform.name());
    }
}

#[tokio::test]
async fn a_code_is_good_for_who_asked_for_it_alone() {
    assert!(Platform::both().iter().any(|platform| platform.verifier().is_some()), "no platform asks for a proof");
    for platform in Platform::both() {
        let other: Option<SecretString> =
            platform.verifier().map(|_| "another-verifier-of-at-least-43-characters-0000".to_owned().into());
        if other.is_some() {
            let brought = platform.consent().await;
            let tried = platform.auth().exchange(&platform.app, &brought.code, other.as_ref(), &brought.redirect).await;
            assert_eq!(tried.unwrap_err(), AuthFailure::Refused, "{}", platform.name());
        }
        let (brought, verifier) = (platform.consent().await, platform.verifier());
        let elsewhere = &redirects()[1];
        let tried = platform.auth().exchange(&platform.app, &brought.code, verifier.as_ref(), elsewhere).await;
        assert_eq!(tried.unwrap_err(), AuthFailure::Refused, "{}", platform.name());
    }
}

#[tokio::test]
async fn a_refresh_token_counts_once_and_using_it_twice_ends_the_consent() {
    for platform in Platform::both() {
        let first = platform.connected().await.refresh.unwrap();
        let second = platform.auth().refresh(&platform.app, &first).await.unwrap();
        assert!(platform.takes(&second.access).await, "{}", platform.name());
        let renewed = second.refresh.unwrap();
        assert_ne!(first.expose_secret(), renewed.expose_secret(), "{}", platform.name());
        // It is why one worker alone renews an account's access.
        for dead in [first, renewed] {
            let tried = platform.auth().refresh(&platform.app, &dead).await;
            assert_eq!(tried.unwrap_err(), AuthFailure::Refused, "{}", platform.name());
        }
        assert!(!platform.takes(&second.access).await, "{}", platform.name());
    }
}

#[tokio::test]
async fn a_lost_answer_is_no_refusal() {
    for platform in Platform::both() {
        let pair = platform.connected().await;
        let refresh = pair.refresh.unwrap();
        for trouble in [Trouble::DropRequest, Trouble::DropAnswer] {
            platform.order(trouble);
            let tried = platform.auth().refresh(&platform.app, &refresh).await;
            assert_eq!(tried.unwrap_err(), AuthFailure::Transient, "{}", platform.name());
        }
        // The last of them took effect, and nobody has what it gave: only now is it known that a person has to consent again.
        let tried = platform.auth().refresh(&platform.app, &refresh).await;
        assert_eq!(tried.unwrap_err(), AuthFailure::Refused, "{}", platform.name());
    }
}

#[tokio::test]
async fn access_that_was_taken_back_is_dead_and_taking_it_back_again_is_no_failure() {
    for platform in Platform::both() {
        let pair = platform.connected().await;
        platform.auth().revoke(&platform.app, &pair).await.unwrap();
        assert!(!platform.takes(&pair.access).await, "{}", platform.name());
        let tried = platform.auth().refresh(&platform.app, pair.refresh.as_ref().unwrap()).await;
        assert_eq!(tried.unwrap_err(), AuthFailure::Refused, "{}", platform.name());
        assert_eq!(platform.auth().revoke(&platform.app, &pair).await, Ok(()), "{}", platform.name());
    }
}

#[tokio::test]
async fn a_wrong_registration_is_told_as_one_and_costs_no_account_its_access() {
    for platform in Platform::both() {
        let pair = platform.connected().await;
        let refresh = pair.refresh.as_ref().unwrap();
        let mut wrong = platform.app.clone();
        wrong.client_secret = "another".to_owned().into();
        let failed = AuthFailure::Misconfigured("invalid_client".into());
        assert_eq!(platform.auth().refresh(&wrong, refresh).await.unwrap_err(), failed, "{}", platform.name());
        assert_eq!(platform.auth().revoke(&wrong, &pair).await.unwrap_err(), failed, "{}", platform.name());
        platform.auth().refresh(&platform.app, refresh).await.unwrap();
    }
}
