//! Consent and tokens of Mailchimp: no scopes, no end, no refresh token; a token tells its data centre when it is asked.

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use serde_json::{Value, json};

use super::PLATFORM;
use crate::consent::{self, Fields, Flow};
use crate::directory::MAILCHIMP_ACCOUNTS;
use crate::oauth::{Issued, Refused, Rules};
use crate::state::{State, now_ms};

const CLIENT_ID: &str = "sandbox-mailchimp";
const CLIENT_SECRET: &str = "sandbox-mailchimp-secret";
/// The data centre of every account here.
const CENTRE: &str = "us6";

/// How Mailchimp asks for consent.
pub(crate) const FLOW: Flow = Flow {
    platform: PLATFORM,
    title: "Mailchimp",
    brand: "#241c15",
    ground: "#ffe01b",
    client_id: CLIENT_ID,
    actors: MAILCHIMP_ACCOUNTS,
    scopes: &[],
    separator: ' ',
    strict: false,
    scope_error: "invalid_scope",
};

/// Mailchimp's handling of tokens. It gives no end; here it is longer than a test lives.
pub(crate) const RULES: Rules =
    Rules { code_ms: 600_000, access_ms: 10 * 365 * 86_400_000, refresh_ms: None, rotates: false };

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/mailchimp/oauth2/authorize", get(ask).post(decide))
        .route("/mailchimp/oauth2/token", post(token))
        .route("/mailchimp/oauth2/metadata", get(metadata))
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &fields)
}

async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, &FLOW, &fields)
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

async fn token(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if (field("client_id"), field("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if field("grant_type") != "authorization_code" {
        return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let mut world = state.world();
    let book = &mut world.side(PLATFORM).oauth;
    match book.redeem(field("code"), field("redirect_uri"), None, &RULES, now_ms()) {
        Ok(issued) => answer(&issued),
        Err(Refused::Redirect | Refused::Code | Refused::Verifier | Refused::Refresh | Refused::Replay) => {
            refused(StatusCode::BAD_REQUEST, "invalid_grant")
        }
    }
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued) -> Response {
    let body = json!({ "access_token": issued.access, "expires_in": 0, "scope": Value::Null });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn metadata(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("OAuth "));
    match state.world().look(PLATFORM).oauth.authenticate(shown, now_ms()) {
        Ok(caller) => {
            let endpoint = format!("https://{CENTRE}.api.mailchimp.com");
            Json(json!({ "dc": CENTRE, "role": "owner", "accountname": caller.actor, "api_endpoint": endpoint }))
                .into_response()
        }
        Err(_) => refused(StatusCode::UNAUTHORIZED, "invalid_token"),
    }
}
