//! Consent and tokens of Google: a refresh token comes only with `access_type=offline` and `prompt=consent`, and does not rotate.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use serde_json::{Value, json};

use super::PLATFORM;
use crate::consent::{self, Fields, Flow};
use crate::directory::{self, Actor, YOUTUBE_CHANNELS};
use crate::oauth::{Issued, Refused, Rules};
use crate::state::{State, now_ms};

const CLIENT_ID: &str = "sandbox-youtube";
const CLIENT_SECRET: &str = "sandbox-youtube-secret";
const CODE_MS: i64 = 600_000;
/// An hour.
const ACCESS_MS: i64 = 3_600_000;
/// Longer than a test lives: while it is used it does not end.
const NO_END_MS: i64 = 10 * 365 * 86_400_000;
/// How a code remembers that a refresh token goes with it. No scope of Google's.
const OFFLINE: &str = "sandbox:offline";

/// How Google asks for consent. Who has several channels chooses one of them on Google's own page.
pub(crate) const FLOW: Flow = Flow {
    platform: PLATFORM,
    title: "YouTube",
    brand: "#ff0033",
    ground: "#f9f9f9",
    client_id: CLIENT_ID,
    actors: YOUTUBE_CHANNELS,
    scopes: &[
        (super::SCOPE, "See, edit, and permanently delete your YouTube videos, ratings, comments and captions"),
        ("https://www.googleapis.com/auth/youtube.upload", "Manage your YouTube videos"),
        ("https://www.googleapis.com/auth/youtube.readonly", "View your YouTube account"),
        (OFFLINE, "Whenever you are not there"),
    ],
    separator: ' ',
    // Google recommends PKCE; here it must be there.
    strict: true,
    scope_error: "invalid_scope",
};

/// Google's handling of tokens.
pub(crate) fn rules(scopes: &[String]) -> Rules {
    let offline = scopes.iter().any(|scope| scope == OFFLINE);
    Rules { code_ms: CODE_MS, access_ms: ACCESS_MS, refresh_ms: offline.then_some(NO_END_MS), rotates: false }
}

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/youtube/accounts/o/oauth2/v2/auth", get(ask).post(decide))
        .route("/youtube/oauth/token", post(token))
        .route("/youtube/oauth/revoke", post(revoke))
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &fields)
}

async fn decide(extract::State(state): extract::State<State>, Form(mut fields): Form<Fields>) -> Response {
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|given| given == value);
    if is("access_type", "offline") && is("prompt", "consent") {
        let scope = fields.entry("scope".to_owned()).or_default();
        scope.push(' ');
        scope.push_str(OFFLINE);
    }
    consent::decide(&state, &FLOW, &fields)
}

/// The channel with that id.
pub(super) fn channel(id: &str) -> Option<&'static Actor> {
    directory::find(YOUTUBE_CHANNELS, id)
}

fn refused(status: StatusCode, error: &str, words: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": words}))).into_response()
}

async fn token(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("client_id") != CLIENT_ID || field("client_secret") != CLIENT_SECRET {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", "The provided client secret is invalid.");
    }
    let mut world = state.world();
    let book = &mut world.side(PLATFORM).oauth;
    let result = match field("grant_type") {
        "authorization_code" => {
            let rules = rules(book.scopes_of_code(field("code")).unwrap_or_default());
            book.redeem(field("code"), field("redirect_uri"), Some(field("code_verifier")), &rules, now_ms())
        }
        "refresh_token" => book.refresh(field("refresh_token"), &rules(&[]), now_ms()).map(|issued| Issued {
            // The old one stays good, and is not told again.
            refresh: None,
            ..issued
        }),
        _ => return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Invalid grant_type"),
    };
    match result {
        Ok(issued) => answer(&issued),
        Err(Refused::Redirect) => refused(StatusCode::BAD_REQUEST, "redirect_uri_mismatch", "Bad Request"),
        Err(Refused::Refresh | Refused::Replay) => {
            refused(StatusCode::BAD_REQUEST, "invalid_grant", "Token has been expired or revoked.")
        }
        Err(Refused::Code | Refused::Verifier) => refused(StatusCode::BAD_REQUEST, "invalid_grant", "Bad Request"),
    }
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued) -> Response {
    let scopes: Vec<&str> = issued.scopes.iter().map(String::as_str).filter(|scope| *scope != OFFLINE).collect();
    let mut body = json!({
        "access_token": issued.access, "token_type": "Bearer", "expires_in": issued.expires_s, "scope": scopes.join(" "),
    });
    if let Some((refresh, _)) = &issued.refresh {
        body["refresh_token"] = json!(refresh);
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Either token ends the grant.
async fn revoke(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    let token = form.get("token").map_or("", String::as_str);
    let mut world = state.world();
    let book = &mut world.side(PLATFORM).oauth;
    if book.ends(token) {
        Json(Value::Object(serde_json::Map::new())).into_response()
    } else {
        refused(StatusCode::BAD_REQUEST, "invalid_token", "Token expired or revoked")
    }
}
