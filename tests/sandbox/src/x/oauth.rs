//! Consent and tokens of X: PKCE required, confidential client by HTTP Basic, refresh tokens single-use and rotating.

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::consent::{self, Fields, Flow};
use crate::directory::X_USERS;
use crate::oauth::{Issued, Refused, Rules};
use crate::ops::Platform;
use crate::state::{Settings, State, now_ms};

const CLIENT_ID: &str = "sandbox-x";
const CLIENT_SECRET: &str = "sandbox-x-secret";
/// About six months, as clients have observed.
const REFRESH_MS: i64 = 180 * 86_400_000;

/// How X asks for consent.
pub(crate) const FLOW: Flow = Flow {
    platform: Platform::X,
    title: "X",
    brand: "#0f1419",
    ground: "#000",
    client_id: CLIENT_ID,
    actors: X_USERS,
    scopes: &[
        ("tweet.read", "See posts you can see"),
        ("tweet.write", "Post and delete posts for you"),
        ("tweet.moderate.write", "Hide replies to your posts"),
        ("users.read", "See profiles you can see"),
        ("media.write", "Upload pictures and videos for you"),
        ("offline.access", "Stay connected until you revoke access"),
        ("like.read", "See posts you liked"),
        ("dm.read", "See your direct messages"),
        ("dm.write", "Send direct messages for you"),
    ],
    separator: ' ',
    strict: true,
    scope_error: "invalid_scope",
};

/// X's handling of tokens for a grant with these scopes.
pub(crate) fn rules(settings: &Settings, scopes: &[String]) -> Rules {
    Rules {
        code_ms: settings.x_code_s * 1_000,
        access_ms: settings.x_access_token_s * 1_000,
        refresh_ms: scopes.iter().any(|scope| scope == "offline.access").then_some(REFRESH_MS),
        rotates: true,
    }
}

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/x/i/oauth2/authorize", get(ask).post(decide))
        .route("/x/api/2/oauth2/token", post(token))
        .route("/x/api/2/oauth2/revoke", post(revoke))
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &fields)
}

async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, &FLOW, &fields)
}

async fn token(extract::State(state): extract::State<State>, headers: HeaderMap, Form(form): Form<Fields>) -> Response {
    if !client_known(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "unauthorized_client", "Missing valid authorization header");
    }
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let now = now_ms();
    let mut world = state.world();
    let result = match field("grant_type") {
        "authorization_code" => {
            let scopes = world.x.oauth.scopes_of_code(field("code")).unwrap_or_default().to_vec();
            let rules = rules(&world.settings, &scopes);
            let verifier = form.get("code_verifier").map(String::as_str);
            world.x.oauth.redeem(field("code"), field("redirect_uri"), verifier, &rules, now)
        }
        "refresh_token" => {
            let rules = Rules { refresh_ms: Some(REFRESH_MS), ..rules(&world.settings, &[]) };
            world.x.oauth.refresh(field("refresh_token"), &rules, now)
        }
        _ => return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "The grant_type is not supported."),
    };
    match result {
        Ok(issued) => answer(&issued),
        Err(why) => refused(StatusCode::BAD_REQUEST, "invalid_request", words(&why)),
    }
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued) -> Response {
    let mut body = json!({"token_type": "bearer", "expires_in": issued.expires_s, "access_token": issued.access,
                          "scope": issued.scopes.join(" ")});
    if let Some((refresh, _)) = &issued.refresh {
        body["refresh_token"] = json!(refresh);
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// X answers `invalid_request` where RFC 6749 has `invalid_grant`; the words below are the ones it uses.
fn words(why: &Refused) -> &'static str {
    match why {
        Refused::Code => "Value passed for the authorization code was invalid.",
        Refused::Redirect => "Value passed for the redirect uri did not match the uri of the authorization code.",
        Refused::Verifier => "Value passed for the code verifier did not match the code challenge.",
        Refused::Refresh | Refused::Replay => "Value passed for the token was invalid.",
    }
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}

/// Whether the Basic header carries the client's id and secret.
fn client_known(headers: &HeaderMap) -> bool {
    let expected = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    shown
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, credentials)| scheme.eq_ignore_ascii_case("basic") && credentials.trim() == expected)
}

async fn revoke(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Response {
    if !client_known(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "unauthorized_client", "Missing valid authorization header");
    }
    let Some(token) = form.get("token") else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "Missing required parameter [token].");
    };
    state.world().x.oauth.revoke(token);
    Json(json!({"revoked": true})).into_response()
}
