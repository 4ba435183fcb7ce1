//! Mastodon's REST API, by its public documentation (<https://docs.joinmastodon.org>): one server, on which every keyholder
//! has an account. Error texts that the documentation lacks are those of Mastodon's English texts.

mod account;
mod media;
mod notifications;
mod poll;
mod statuses;
mod text;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract};
use serde_json::{Value, json};

use crate::ops::{self, Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, Window, World, now_ms};

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Mastodon",
    brand: "#6364ff",
    keyholders: &[
        Keyholder { handle: "ada", id: "109348112233445501", name: "Ada Demo", key: "sandbox-mastodon-token-ada" },
        Keyholder { handle: "bo", id: "109348112233445502", name: "", key: "sandbox-mastodon-token-bo" },
        Keyholder { handle: "cleo", id: "109348112233445503", name: "Cleo Demo", key: "sandbox-mastodon-token-cleo" },
    ],
    entries,
    routes,
    op,
    problem,
};
const PLATFORM: Platform = Platform::Mastodon;
/// What handles end with. It is not where the server answers, as at servers whose web domain is another one.
const DOMAIN: &str = "social.example";

fn entries(state: &State, holder: &Keyholder) -> Value {
    json!({ "server": base(state), "token": holder.key })
}

/// Where the server is.
fn base(state: &State) -> String {
    format!("{}/{}", state.public_url(), PLATFORM.name())
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/mastodon/api/v1/accounts/verify_credentials", get(account::verify_credentials))
        .route("/mastodon/api/v1/apps/verify_credentials", get(account::application))
        .route("/mastodon/api/v1/accounts/{id}/statuses", get(statuses::list))
        .route("/mastodon/api/v1/statuses", post(statuses::create))
        .route("/mastodon/api/v1/statuses/{id}", get(statuses::get).delete(statuses::delete))
        .route("/mastodon/api/v1/notifications", get(notifications::list))
        .route("/mastodon/api/v2/media", post(media::upload))
        .route("/mastodon/api/v1/media/{id}", get(media::get))
        .route_layer(from_fn_with_state(state.clone(), guard))
        .route("/mastodon/api/v2/instance", get(account::instance))
        .route("/mastodon/{user}/{id}", get(show))
}

/// Where people look at a post.
async fn show(Path((_, id)): Path<(String, String)>) -> Redirect {
    let anchor: String = id.chars().filter(char::is_ascii_digit).collect();
    Redirect::to(&format!("/mastodon/timeline#{anchor}"))
}

fn op(method: &Method, path: &str) -> Option<Op> {
    Some(match path {
        "api/v1/accounts/verify_credentials" | "api/v1/apps/verify_credentials" => Op::Me,
        "api/v2/instance" => Op::Lookup,
        "api/v1/notifications" => Op::Listen,
        "api/v2/media" => Op::Media,
        "api/v1/statuses" if method == Method::POST => Op::CreatePost,
        _ if path.starts_with("api/v1/media/") => Op::MediaStatus,
        _ if path.starts_with("api/v1/statuses/") && method == Method::DELETE => Op::DeletePost,
        _ if path.starts_with("api/v1/statuses/") => Op::List,
        _ if path.starts_with("api/v1/accounts/") && path.ends_with("/statuses") => Op::List,
        _ => return None,
    })
}

/// The one shape of errors.
fn problem(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}

fn invalid(what: &str) -> Response {
    problem(StatusCode::UNPROCESSABLE_ENTITY, &format!("Validation failed: {what}"))
}

fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "Record not found")
}

/// Whom a call is for.
#[derive(Clone, Copy)]
struct Caller(&'static Keyholder);

/// What the token of a keyholder may do. Cleo forgot to tick a box.
fn scopes(holder: &Keyholder) -> &'static [&'static str] {
    if holder.handle == "cleo" { &["read"] } else { &["read", "write"] }
}

/// The scope a call needs.
fn needed(op: Op) -> &'static str {
    match op {
        Op::CreatePost | Op::DeletePost | Op::Media | Op::MediaStatus => "write",
        _ => "read",
    }
}

/// Authenticates, checks the scope, counts, and tells of the rate on every answer.
async fn guard(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let Some((_, op)) = ops::of(request.method(), request.uri().path()) else { return next.run(request).await };
    let holder = crate::x::bearer(request.headers()).and_then(|key| SITE.holder(key));
    let Some(holder) = holder else { return problem(StatusCode::UNAUTHORIZED, "The access token is invalid") };
    let (allowed, headers) = {
        let mut world = state.world();
        if world.side(PLATFORM).keys_revoked {
            return problem(StatusCode::UNAUTHORIZED, "The access token was revoked");
        }
        count(&mut world, holder, op, now_ms())
    };
    let mut response = if !allowed {
        problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests")
    } else if scopes(holder).contains(&needed(op)) {
        request.extensions_mut().insert(Caller(holder));
        next.run(request).await
    } else {
        problem(StatusCode::FORBIDDEN, "This action is outside the authorized scopes")
    };
    response.headers_mut().extend(headers);
    response
}

/// The documented limits that cover an operation: bucket, calls, minutes.
fn limits(op: Op) -> Vec<(&'static str, Op, u32, i64)> {
    let all = ("all", Op::Me, 300, 5);
    match op {
        Op::Media => vec![all, ("media", op, 30, 30)],
        Op::DeletePost => vec![all, ("delete_post", op, 30, 30)],
        _ => vec![all],
    }
}

/// Counts the call in every window; the headers are those of the window that is nearest to its end.
fn count(world: &mut World, holder: &Keyholder, op: Op, now: i64) -> (bool, HeaderMap) {
    let settings = world.settings.mastodon_rate_limits.clone();
    let (mut allowed, mut nearest) = (true, (u32::MAX, 0, 0));
    for (name, bucket, documented, minutes) in limits(op) {
        let (limit, length_ms) = (settings.get(name).copied().unwrap_or(documented), minutes * 60_000);
        let window = world.side(PLATFORM).windows.entry((holder.id.to_owned(), bucket)).or_default();
        // Windows begin with the clock's, not with the first call.
        let start_ms = now - now.rem_euclid(length_ms);
        if window.start_ms != start_ms {
            *window = Window { start_ms, used: 0 };
        }
        allowed &= window.used < limit;
        window.used = window.used.saturating_add(1);
        nearest = nearest.min((limit.saturating_sub(window.used), limit, start_ms + length_ms));
    }
    let (remaining, limit, reset_ms) = nearest;
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(limit));
    headers.insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(remaining));
    if let Ok(reset) = HeaderValue::try_from(crate::state::rfc3339(reset_ms)) {
        headers.insert(HeaderName::from_static("x-ratelimit-reset"), reset);
    }
    (allowed, headers)
}
