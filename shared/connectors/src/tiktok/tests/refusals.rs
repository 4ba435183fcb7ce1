//! What TikTok refuses, and what that comes to.

use super::*;

async fn refused(server: &Connected, variant: Variant, film: &Picture) -> Failure {
    let tiktok = connector();
    Case::new(&tiktok, server, variant, film).publish().await.unwrap_err()
}

#[tokio::test]
async fn what_the_account_may_not_publish_is_known_before_anything_goes_up() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, BO, 0).await;
    let short = film(3_000, 9);
    let failure = refused(&server, of_film(&short), &short).await;
    assert_eq!(failure.code(), "unsupported");
    assert!(failure.to_string().contains("only FOLLOWER_OF_CREATOR"), "{failure}");
    let friends = |film: &Picture| Variant { visibility: Visibility::Connections, ..of_film(film) };
    let long = film(3_000, 61);
    let failure = refused(&server, friends(&long), &long).await;
    assert!(failure.code() == "media_refused" && failure.to_string().contains("60 seconds"), "{failure}");
    assert_eq!(server.calls("draft").await, 0);
    Case::new(&tiktok, &server, friends(&short), &short).publish().await.unwrap();
}

#[tokio::test]
async fn an_application_that_is_not_audited_and_a_full_day_are_told_as_such() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    server.set(json!({"tiktok_unaudited": true})).await;
    let Failure::Misconfigured { detail } = refused(&server, of_film(&film), &film).await else {
        panic!("not audited")
    };
    assert!(detail.contains("has not audited"), "{detail}");
    server.set(json!({"tiktok_unaudited": false, "tiktok_posts_a_day": 0})).await;
    let Failure::RateLimited { until: Some(until) } = refused(&server, of_film(&film), &film).await else {
        panic!("the day is full")
    };
    let wait = until.duration_since(server.now());
    assert!((SignedDuration::from_mins(59)..=SignedDuration::from_mins(60)).contains(&wait), "{wait:?}");
}

#[tokio::test]
async fn refusals_mean_what_tiktok_says_with_whatever_status() {
    let tiktok = connector();
    let server = Connected::start(&tiktok, ADA, 0).await;
    let film = film(3_000, 9);
    let body = |code: &str| json!({"data": {}, "error": {"code": code, "message": "Words.", "log_id": "1"}});
    for (status, code, expected) in [
        (200, "access_token_invalid", "unauthorized"),
        (401, "access_token_invalid", "unauthorized"),
        (401, "scope_not_authorized", "revoked"),
        (403, "scope_permission_missed", "revoked"),
        (200, "rate_limit_exceeded", "rate_limited"),
        (429, "rate_limit_exceeded", "rate_limited"),
        (403, "reached_active_user_cap", "rate_limited"),
        (403, "spam_risk_user_banned_from_posting", "forbidden"),
        (400, "invalid_params", "invalid_request"),
        (500, "internal_error", "unavailable"),
        (200, "internal_error", "unavailable"),
    ] {
        server.order("draft", "status", json!({"code": status, "body": body(code)})).await;
        let failure = refused(&server, of_film(&film), &film).await;
        assert_eq!(failure.code(), expected, "{status} {code}: {failure:?}");
    }
    assert!(server.live().await.is_empty());
}
