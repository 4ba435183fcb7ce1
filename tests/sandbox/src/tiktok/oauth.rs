//! Consent and tokens of TikTok: the client is named by `client_key`, scopes stand between commas, refresh tokens rotate.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use serde_json::{Value, json};
use url::Url;

use super::{PLATFORM, creator, log_id};
use crate::consent::{self, Fields, Flow};
use crate::directory::{Actor, TIKTOK_CREATORS};
use crate::oauth::{Issued, Refused, Rules};
use crate::state::{State, now_ms};

const CLIENT_KEY: &str = "sandbox-tiktok";
const CLIENT_SECRET: &str = "sandbox-tiktok-secret";
/// An address to return to is shorter than this, in characters.
const MAX_REDIRECT: usize = 512;

/// How TikTok asks for consent. It asks the web for no PKCE, and what comes of it is not looked at.
pub(crate) const FLOW: Flow = Flow {
    platform: PLATFORM,
    title: "TikTok",
    brand: "#fe2c55",
    ground: "#f8f8f8",
    client_id: CLIENT_KEY,
    actors: TIKTOK_CREATORS,
    scopes: &[
        ("user.info.basic", "Read your profile info (avatar, display name)"),
        ("user.info.profile", "Read access to your profile web link, bio and user name"),
        ("user.info.stats", "Read your likes count, follower count, following count and video count"),
        ("video.list", "Read your public videos on TikTok"),
        ("video.publish", "Post content to TikTok"),
        ("video.upload", "Share content to your account as a draft to further edit and post in TikTok"),
    ],
    separator: ',',
    strict: false,
    scope_error: "invalid_scope",
};

/// TikTok's handling of tokens: two hours and 180 days (its documentation of November 2026).
pub(crate) const RULES: Rules =
    Rules { code_ms: 600_000, access_ms: 7_200_000, refresh_ms: Some(15_552_000_000), rotates: true };

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/tiktok/web/v2/auth/authorize/", get(ask).post(decide))
        .route("/tiktok/api/v2/oauth/token/", post(token))
        .route("/tiktok/api/v2/oauth/revoke/", post(revoke))
}

/// The same request by the names that all consent pages have.
fn usual(mut fields: Fields) -> Fields {
    fields.remove("client_id");
    if let Some(key) = fields.get("client_key").cloned() {
        fields.insert("client_id".to_owned(), key);
    }
    // An address with a query, or a long one, cannot have been registered.
    let fits = |text: &String| text.len() < MAX_REDIRECT && Url::parse(text).is_ok_and(|url| url.query().is_none());
    if !fields.get("redirect_uri").is_some_and(fits) {
        fields.remove("redirect_uri");
    }
    fields
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &usual(fields))
}

async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, &FLOW, &usual(fields))
}

/// A refusal in the shape of OAuth.
fn refused(status: StatusCode, error: &str, words: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": words, "log_id": log_id()}))).into_response()
}

/// What is wrong with who asks.
fn stranger(form: &Fields) -> Option<Response> {
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    let known = is("client_key", CLIENT_KEY) && is("client_secret", CLIENT_SECRET);
    (!known).then(|| refused(StatusCode::UNAUTHORIZED, "invalid_client", "Client key or secret is incorrect."))
}

async fn token(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    if let Some(refusal) = stranger(&form) {
        return refusal;
    }
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let now = now_ms();
    let mut world = state.world();
    let book = &mut world.side(PLATFORM).oauth;
    let result = match field("grant_type") {
        "authorization_code" => book.redeem(field("code"), field("redirect_uri"), None, &RULES, now),
        // The old one stops working, and that is all that TikTok says of it.
        "refresh_token" if book.is_spent(field("refresh_token")) => Err(Refused::Refresh),
        "refresh_token" => book.refresh(field("refresh_token"), &RULES, now),
        _ => return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Grant type is not supported."),
    };
    let words = match result {
        Ok(issued) => {
            let actor = book.authenticate(Some(&issued.access), now).ok().and_then(|caller| creator(caller.actor));
            return actor.map_or_else(
                || refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Something is wrong."),
                |actor| answer(&issued, actor),
            );
        }
        Err(Refused::Redirect) => "Redirect_uri is not matched with the uri when requesting code.",
        Err(Refused::Refresh | Refused::Replay) => "Refresh token is invalid or expired.",
        Err(Refused::Code | Refused::Verifier) => "Authorization code is expired.",
    };
    refused(StatusCode::BAD_REQUEST, "invalid_grant", words)
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued, creator: &Actor) -> Response {
    let mut body = json!({
        "open_id": creator.id, "scope": issued.scopes.join(","), "access_token": issued.access,
        "expires_in": issued.expires_s, "token_type": "Bearer",
    });
    if let Some((refresh, left_s)) = &issued.refresh {
        body["refresh_token"] = json!(refresh);
        body["refresh_expires_in"] = json!(left_s);
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn revoke(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    if let Some(refusal) = stranger(&form) {
        return refusal;
    }
    let Some(token) = form.get("token") else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "The parameter token is missing.");
    };
    state.world().side(PLATFORM).oauth.revoke(token);
    Json(Value::Object(serde_json::Map::new())).into_response()
}
