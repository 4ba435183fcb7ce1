//! Consent and tokens of LinkedIn: client credentials in the body, 60-day tokens, a refresh token that stays.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use serde_json::json;

use crate::consent::{self, Fields, Flow};
use crate::directory::LINKEDIN_MEMBERS;
use crate::oauth::{Issued, Refused, Rules};
use crate::ops::Platform;
use crate::state::{Settings, State, now_ms};

const CLIENT_ID: &str = "sandbox-linkedin";
const CLIENT_SECRET: &str = "sandbox-linkedin-secret";
/// 365 days from the first consent; refreshing does not extend it.
const REFRESH_MS: i64 = 365 * 86_400_000;
/// LinkedIn's documentation gives a code 30 minutes.
const CODE_MS: i64 = 30 * 60_000;

/// How LinkedIn asks for consent.
pub(crate) const FLOW: Flow = Flow {
    platform: Platform::Linkedin,
    title: "LinkedIn",
    brand: "#0a66c2",
    ground: "#f4f2ee",
    client_id: CLIENT_ID,
    actors: LINKEDIN_MEMBERS,
    scopes: &[
        ("openid", "Sign you in"),
        ("profile", "Use your name and photo"),
        ("email", "Use your e-mail address"),
        ("w_member_social", "Create, change and delete posts for you"),
        ("r_organization_social", "Read the posts of your pages"),
        ("w_organization_social", "Create, change and delete posts of your pages"),
        ("rw_organization_admin", "Manage your pages and see who administers them"),
        ("r_member_postAnalytics", "See the figures of your posts"),
        ("w_member_social_feed", "Comment and react for you"),
        ("r_organization_social_feed", "Read comments on the posts of your pages"),
        ("w_organization_social_feed", "Comment and react for your pages"),
    ],
    separator: ' ',
    strict: false,
    scope_error: "unauthorized_scope_error",
};

/// LinkedIn's handling of tokens.
pub(crate) fn rules(settings: &Settings) -> Rules {
    Rules {
        code_ms: CODE_MS,
        access_ms: settings.linkedin_access_token_s * 1_000,
        refresh_ms: settings.linkedin_refresh_tokens.then_some(REFRESH_MS),
        rotates: false,
    }
}

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/linkedin/oauth/v2/authorization", get(ask).post(decide))
        .route("/linkedin/oauth/v2/accessToken", post(token))
        .route("/linkedin/oauth/v2/revoke", post(revoke))
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &fields)
}

async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, &FLOW, &fields)
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}

fn client_problem(form: &Fields) -> Option<Response> {
    let is = |name: &str, value: &str| form.get(name).is_some_and(|shown| shown == value);
    let known = is("client_id", CLIENT_ID) && is("client_secret", CLIENT_SECRET);
    (!known).then(|| refused(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed"))
}

async fn token(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    if let Some(refusal) = client_problem(&form) {
        return refusal;
    }
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let now = now_ms();
    let mut world = state.world();
    let rules = rules(&world.settings);
    let result = match field("grant_type") {
        "authorization_code" => world.linkedin.oauth.redeem(field("code"), field("redirect_uri"), None, &rules, now),
        "refresh_token" => world.linkedin.oauth.refresh(field("refresh_token"), &rules, now),
        _ => return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "The grant_type is not supported."),
    };
    match result {
        Ok(issued) => answer(&issued),
        Err(Refused::Refresh | Refused::Replay) => refused(
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "The provided authorization grant or refresh token is invalid, expired or revoked",
        ),
        Err(_) => refused(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. \
             Or authorization code expired. Or external member binding exists",
        ),
    }
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued) -> Response {
    let mut body = json!({"access_token": issued.access, "expires_in": issued.expires_s,
                          "scope": issued.scopes.join(","), "token_type": "Bearer"});
    if let Some((refresh, remaining_s)) = &issued.refresh {
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(remaining_s);
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn revoke(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    if let Some(refusal) = client_problem(&form) {
        return refusal;
    }
    state.world().linkedin.oauth.revoke(form.get("token").map_or("", String::as_str));
    StatusCode::OK.into_response()
}
