//! Consent and tokens: Facebook Login with its dialog, and the login at Instagram. Both give a short-lived token first.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json, extract};
use serde_json::json;

use super::{Asked, refused};
use crate::consent::{self, Fields, Flow};
use crate::directory::{FACEBOOK_PEOPLE, INSTAGRAM_ACCOUNTS};
use crate::oauth::{Issued, Refused, Rules};
use crate::ops::Platform;
use crate::state::{State, now_ms};

/// Sixty days, as both say it in seconds.
const LONG_MS: i64 = 5_183_944_000;
/// An hour.
const SHORT_MS: i64 = 3_600_000;
const CODE_MS: i64 = 600_000;

/// The dialog of Facebook.
pub(crate) const FACEBOOK_FLOW: Flow = Flow {
    platform: Platform::Facebook,
    title: "Facebook",
    brand: "#0866ff",
    ground: "#f0f2f5",
    client_id: "sandbox-facebook",
    actors: FACEBOOK_PEOPLE,
    scopes: &[
        ("pages_show_list", "See the pages you manage"),
        ("pages_read_engagement", "Read what your pages posted"),
        ("pages_manage_posts", "Create and delete posts of your pages"),
        ("pages_manage_engagement", "Comment for your pages"),
        ("instagram_basic", "See the Instagram accounts of your pages"),
        ("instagram_content_publish", "Publish on these accounts"),
        ("instagram_manage_comments", "Comment for these accounts"),
    ],
    strict: false,
    separator: ',',
    scope_error: "invalid_scope",
};

/// The login at Instagram.
pub(crate) const INSTAGRAM_FLOW: Flow = Flow {
    platform: Platform::Instagram,
    title: "Instagram",
    brand: "#e4405f",
    ground: "#fafafa",
    client_id: "sandbox-instagram",
    actors: INSTAGRAM_ACCOUNTS,
    scopes: &[
        ("instagram_business_basic", "See your profile and media"),
        ("instagram_business_content_publish", "Publish for you"),
        ("instagram_business_manage_comments", "Comment for you"),
    ],
    strict: false,
    separator: ',',
    scope_error: "invalid_scope",
};

/// The login at Threads.
pub(crate) const THREADS_FLOW: Flow = Flow {
    platform: Platform::Threads,
    title: "Threads",
    brand: "#000000",
    client_id: "sandbox-threads",
    scopes: &[
        ("threads_basic", "See your profile and posts"),
        ("threads_content_publish", "Publish for you"),
        ("threads_manage_replies", "Reply for you"),
        ("threads_read_replies", "Read your replies"),
        ("threads_delete", "Delete your posts"),
    ],
    ..INSTAGRAM_FLOW
};

fn rules(access_ms: i64) -> Rules {
    Rules { code_ms: CODE_MS, access_ms, refresh_ms: None, rotates: false }
}

/// How tokens are handled that live long.
pub(crate) fn long_rules() -> Rules {
    rules(LONG_MS)
}

pub(super) async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, flow_of(&fields), &fields)
}

pub(super) async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, flow_of(&fields), &fields)
}

/// The dialog serves another application, too: the one that publishes on Instagram through pages.
fn flow_of(fields: &Fields) -> &'static Flow {
    const THROUGH_PAGES: Flow = Flow { client_id: "sandbox-instagram", ..FACEBOOK_FLOW };
    static FACEBOOK: Flow = FACEBOOK_FLOW;
    static INSTAGRAM: Flow = THROUGH_PAGES;
    if fields.get("client_id").is_some_and(|id| id == "sandbox-instagram") { &INSTAGRAM } else { &FACEBOOK }
}

pub(super) async fn ask_instagram(
    extract::State(state): extract::State<State>,
    Query(fields): Query<Fields>,
) -> Response {
    consent::show(&state, &INSTAGRAM_FLOW, &fields)
}

pub(super) async fn decide_instagram(
    extract::State(state): extract::State<State>,
    Form(fields): Form<Fields>,
) -> Response {
    consent::decide(&state, &INSTAGRAM_FLOW, &fields)
}

pub(super) async fn ask_threads(extract::State(state): extract::State<State>, Query(asked): Query<Fields>) -> Response {
    consent::show(&state, &THREADS_FLOW, &asked)
}

pub(super) async fn decide_threads(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    consent::decide(&state, &THREADS_FLOW, &form)
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued) -> Response {
    let body = json!({ "access_token": issued.access, "token_type": "bearer", "expires_in": issued.expires_s });
    Json(body).into_response()
}

fn is_known(fields: &Fields, id: &str) -> bool {
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|shown| shown == value);
    is("client_id", id) && is("client_secret", &format!("{id}-secret"))
}

pub(super) async fn facebook_token(
    extract::State(state): extract::State<State>,
    Form(fields): Form<Fields>,
) -> Response {
    if !["sandbox-facebook", "sandbox-instagram"].iter().any(|id| is_known(&fields, id)) {
        return refused(400, 1, 0, "Error validating client secret.");
    }
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let mut world = state.world();
    let book = &mut world.side(Platform::Facebook).oauth;
    if field("grant_type") == "fb_exchange_token" {
        return match book.another(field("fb_exchange_token"), &long_rules(), 0, now_ms()) {
            Ok(issued) => answer(&issued),
            Err(_) => refused(400, 190, 463, "Error validating access token: Session has expired"),
        };
    }
    match book.redeem(field("code"), field("redirect_uri"), None, &rules(SHORT_MS), now_ms()) {
        Ok(issued) => answer(&issued),
        Err(Refused::Redirect) => refused(400, 100, 36_008, "Error validating verification code."),
        Err(_) => refused(400, 100, 36_009, "This authorization code has been used."),
    }
}

fn plain(message: &str) -> Response {
    let body = json!({ "error_type": "OAuthException", "code": 400, "error_message": message });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

pub(super) async fn instagram_code(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    code(&state, &form, &INSTAGRAM_FLOW)
}

pub(super) async fn threads_code(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    code(&state, &form, &THREADS_FLOW)
}

fn code(state: &State, form: &Fields, flow: &Flow) -> Response {
    if !is_known(form, flow.client_id) {
        return plain("Invalid client_secret");
    }
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("grant_type") != "authorization_code" {
        return plain("Invalid grant_type");
    }
    let mut world = state.world();
    let book = &mut world.side(flow.platform).oauth;
    match book.redeem(field("code"), field("redirect_uri"), None, &rules(SHORT_MS), now_ms()) {
        // Threads tells no permissions, and the id as a number.
        Ok(issued) if flow.platform == Platform::Threads => {
            let user = book.authenticate(Some(&issued.access), now_ms()).map(|caller| caller.actor);
            let user = user.ok().and_then(|id| id.parse::<i64>().ok());
            Json(json!({ "access_token": issued.access, "user_id": user })).into_response()
        }
        Ok(issued) => {
            let caller = book.authenticate(Some(&issued.access), now_ms());
            let user = caller.map(|caller| caller.actor).unwrap_or_default();
            let body = json!({ "access_token": issued.access, "user_id": user, "permissions": issued.scopes });
            Json(body).into_response()
        }
        Err(_) => plain("Invalid authorization code"),
    }
}

pub(super) async fn instagram_long(
    extract::State(state): extract::State<State>,
    Query(asked): Query<Asked>,
) -> Response {
    long(&state, &asked, &INSTAGRAM_FLOW, "ig_exchange_token")
}

pub(super) async fn threads_long(extract::State(state): extract::State<State>, Query(asked): Query<Asked>) -> Response {
    long(&state, &asked, &THREADS_FLOW, "th_exchange_token")
}

fn long(state: &State, asked: &Asked, flow: &Flow, grant_type: &str) -> Response {
    if asked.get("client_secret") != Some(&format!("{}-secret", flow.client_id)) {
        return refused(400, 101, 0, "Error validating application. Invalid client secret.");
    }
    another(state, asked, (flow.platform, grant_type), 0)
}

pub(super) async fn threads_refresh(
    extract::State(state): extract::State<State>,
    Query(asked): Query<Asked>,
) -> Response {
    let min_age_ms = state.world().settings.threads_token_min_age_s * 1_000;
    another(&state, &asked, (Platform::Threads, "th_refresh_token"), min_age_ms)
}

pub(super) async fn instagram_refresh(
    extract::State(state): extract::State<State>,
    Query(asked): Query<Asked>,
) -> Response {
    let min_age_ms = state.world().settings.instagram_token_min_age_s * 1_000;
    another(&state, &asked, (Platform::Instagram, "ig_refresh_token"), min_age_ms)
}

fn another(state: &State, asked: &Asked, (platform, grant_type): (Platform, &str), min_age_ms: i64) -> Response {
    if asked.get("grant_type").map(String::as_str) != Some(grant_type) {
        return refused(400, 100, 0, "Unsupported grant_type");
    }
    let token = asked.get("access_token").map_or("", String::as_str);
    let result = state.world().side(platform).oauth.another(token, &long_rules(), min_age_ms, now_ms());
    match result {
        Ok(issued) => answer(&issued),
        Err(_) => {
            refused(400, 190, 0, "Session key invalid. This could be because the session key has an incorrect format")
        }
    }
}
