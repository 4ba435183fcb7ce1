//! Consent and tokens of Slack: OAuth v2 with comma scopes, nested answers, rotation where the registration has it.

use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{APP_ID, BOT_USER, Call, PLATFORM, Refusal, refused};
use crate::consent::{self, Fields, Flow};
use crate::directory::{self, Actor, SLACK_WORKSPACES};
use crate::oauth::{Issued, Refused, Rules};
use crate::state::{Settings, State, now_ms};

const CLIENT_ID: &str = "sandbox-slack";
const CLIENT_SECRET: &str = "sandbox-slack-secret";
/// Slack's documentation gives a code ten minutes.
const CODE_MS: i64 = 600_000;
/// Longer than a test lives: the platform says no end.
const NO_END_MS: i64 = 10 * 365 * 86_400_000;

/// How Slack asks for consent.
pub(crate) const FLOW: Flow = Flow {
    platform: PLATFORM,
    title: "Slack",
    brand: "#4a154b",
    ground: "#f8f8f8",
    client_id: CLIENT_ID,
    actors: SLACK_WORKSPACES,
    scopes: &[
        ("channels:history", "View messages in public channels that it has been added to"),
        ("channels:join", "Join public channels"),
        ("channels:read", "View the public channels"),
        ("chat:write", "Send messages"),
        ("chat:write.public", "Send messages to public channels it is not in"),
        ("files:read", "View files"),
        ("files:write", "Upload files"),
        ("groups:history", "View messages in private channels that it has been added to"),
        ("groups:read", "View the private channels that it has been added to"),
        ("users:read", "View people"),
    ],
    separator: ',',
    strict: false,
    scope_error: "invalid_scope",
};

/// Slack's handling of tokens.
pub(crate) fn rules(settings: &Settings) -> Rules {
    Rules {
        code_ms: CODE_MS,
        access_ms: if settings.slack_rotation { settings.slack_access_token_s * 1_000 } else { NO_END_MS },
        refresh_ms: settings.slack_rotation.then_some(NO_END_MS),
        rotates: true,
    }
}

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/slack/oauth/v2/authorize", get(ask).post(decide))
        .route("/slack/api/oauth.v2.access", post(token))
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &fields)
}

async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, &FLOW, &fields)
}

/// Id and secret of the client, which come in the header or the body.
fn client(headers: &HeaderMap, form: &Fields) -> (String, String) {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let shown = shown.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
    let pair = shown.as_deref().and_then(|text| text.split_once(':'));
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    pair.map_or_else(|| (field("client_id"), field("client_secret")), |(id, secret)| (id.into(), secret.into()))
}

async fn token(extract::State(state): extract::State<State>, headers: HeaderMap, Form(form): Form<Fields>) -> Response {
    let (id, secret) = client(&headers, &form);
    if id != CLIENT_ID {
        return refused("invalid_client_id".into());
    }
    if secret != CLIENT_SECRET {
        return refused("bad_client_secret".into());
    }
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let now = now_ms();
    let mut world = state.world();
    let rules = rules(&world.settings);
    let book = &mut world.side(PLATFORM).oauth;
    let result = match field("grant_type") {
        "" | "authorization_code" => book.redeem(field("code"), field("redirect_uri"), None, &rules, now),
        "refresh_token" => book.refresh(field("refresh_token"), &rules, now),
        _ => return refused("invalid_grant_type".into()),
    };
    let issued = match result {
        Ok(issued) => issued,
        Err(Refused::Redirect) => return refused("bad_redirect_uri".into()),
        Err(Refused::Refresh | Refused::Replay) => return refused("invalid_refresh_token".into()),
        Err(Refused::Code | Refused::Verifier) => return refused("invalid_code".into()),
    };
    let actor = book.authenticate(Some(&issued.access), now).ok().and_then(|caller| workspace(caller.actor));
    actor.map_or_else(|| refused("internal_error".into()), |actor| answer(&issued, actor))
}

/// The workspace with that id.
pub(super) fn workspace(id: &str) -> Option<&'static Actor> {
    directory::find(SLACK_WORKSPACES, id)
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued, workspace: &Actor) -> Response {
    let mut body = json!({
        "ok": true, "access_token": issued.access, "token_type": "bot", "scope": issued.scopes.join(","),
        "bot_user_id": BOT_USER, "app_id": APP_ID, "team": {"id": workspace.id, "name": workspace.name},
        "enterprise": null, "is_enterprise_install": false, "authed_user": {"id": "U0ADADEMO1"},
    });
    if let Some((refresh, _)) = &issued.refresh {
        body["expires_in"] = json!(issued.expires_s);
        body["refresh_token"] = json!(refresh);
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Revoking a bot's token deactivates the bot in its workspace: no other token is good there any more.
// Other methods refuse.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn revoke(call: &Call<'_>) -> Result<Value, Refusal> {
    call.state.world().side(PLATFORM).oauth.revoke_actor(call.caller.actor);
    Ok(json!({"revoked": true}))
}
