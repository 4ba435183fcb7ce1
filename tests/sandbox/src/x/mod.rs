//! X API v2. Facts (paths, shapes, limits, error texts) follow docs.x.com and its `OpenAPI` 2.167.

mod articles;
mod form;
mod media;
mod oauth;
mod posts;
mod read;
mod subtitles;
pub(crate) mod text;

use axum::Router;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::directory::{self, X_USERS};
use crate::oauth::Caller;
use crate::ops::{self, Op, Platform};
use crate::state::{State, Window, World, now_ms};

pub(crate) use articles::Drafts;
pub(crate) use oauth::{FLOW, answer as token_answer, rules};

/// The endpoints of X.
pub(crate) fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/x/api/2/users/me", get(me))
        .route("/x/api/2/users/{id}/tweets", get(read::list))
        .route("/x/api/2/tweets", post(posts::create).get(read::by_ids))
        .route("/x/api/2/tweets/{id}", get(read::by_id).delete(read::delete))
        .route("/x/api/2/articles/draft", post(articles::draft))
        .route("/x/api/2/articles/{id}/publish", post(articles::publish))
        .route("/x/api/2/media/upload", post(media::one_shot).get(media::status))
        .route("/x/api/2/media/upload/initialize", post(media::initialize))
        .route("/x/api/2/media/upload/{id}/append", post(media::append))
        .route("/x/api/2/media/upload/{id}/finalize", post(media::finalize))
        .route("/x/api/2/media/metadata", post(media::metadata))
        .route("/x/api/2/media/subtitles", post(subtitles::create))
        .route_layer(from_fn_with_state(state.clone(), guard))
        .merge(oauth::routes())
}

/// A problem document. `detail` is what clients tell errors apart by.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({"title": title, "detail": detail, "type": "about:blank", "status": status.as_u16()});
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// A 400 that names the offending parameter.
fn invalid(parameter: &str, value: &Value, message: &str) -> Response {
    let body = json!({
        "errors": [{"parameters": {parameter: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request",
    });
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// The error object for an absent resource.
fn not_found(parameter: &str, id: &str) -> Value {
    json!({
        "value": id, "detail": format!("Could not find tweet with {parameter}: [{id}]."), "title": "Not Found Error",
        "resource_type": "tweet", "parameter": parameter, "resource_id": id,
        "type": "https://api.x.com/2/problems/resource-not-found",
    })
}

/// The scopes an operation needs (`security` of its `OpenAPI` entry).
fn scopes(op: Op) -> &'static [&'static str] {
    match op {
        Op::CreatePost | Op::Draft | Op::DeletePost => &["tweet.read", "tweet.write", "users.read"],
        Op::Media | Op::MediaStatus => &["media.write"],
        _ => &["tweet.read", "users.read"],
    }
}

/// Calls per user and 15 minutes, from the rate-limits page of the documentation.
fn default_limit(op: Op) -> u32 {
    match op {
        Op::CreatePost => 100,
        Op::DeletePost => 50,
        Op::Me => 75,
        Op::Media => 1_875,
        Op::MediaStatus => 1_000,
        _ => 900,
    }
}

/// Authenticates, checks scopes, counts the rate and puts its headers on every answer.
async fn guard(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let Some((_, op)) = ops::of(request.method(), request.uri().path()) else { return next.run(request).await };
    let now = now_ms();
    let caller = state.world().x.oauth.authenticate(bearer(request.headers()), now);
    let Ok(caller) = caller else { return problem(StatusCode::UNAUTHORIZED, "Unauthorized") };
    // No limits of articles are documented.
    let is_article = request.uri().path().contains("/2/articles/");
    let (allowed, headers) =
        if is_article { (true, HeaderMap::new()) } else { count(&mut state.world(), caller.actor, op, now) };
    let mut response = if !allowed {
        problem(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")
    } else if scopes(op).iter().all(|scope| caller.may(scope)) {
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        problem(StatusCode::FORBIDDEN, "Your client app is not permitted to perform this action: a scope is missing.")
    };
    response.headers_mut().extend(headers);
    response
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// Counts a call in its user's window, and a post in that of the application as well.
fn count(world: &mut World, actor: &str, op: Op, now: i64) -> (bool, HeaderMap) {
    let limit = world.settings.x_rate_limits.get(op.name()).copied().unwrap_or_else(|| default_limit(op));
    let mut windows = vec![("x-rate-limit", actor, limit, world.settings.x_rate_window_s * 1_000)];
    let of_all = world.settings.x_app_posts_24h.filter(|_| op == Op::CreatePost);
    windows.extend(of_all.map(|limit| ("x-app-limit-24hour", "", limit, 86_400_000)));
    let mut used = |actor: &str, length_ms: i64, more: u32| {
        let window = world.x.windows.entry((actor.to_owned(), op)).or_default();
        if now - window.start_ms >= length_ms {
            *window = Window { start_ms: now, used: 0 };
        }
        window.used += more;
        (window.used, window.start_ms)
    };
    let allowed = windows.iter().all(|(_, actor, limit, length_ms)| used(actor, *length_ms, 0).0 < *limit);
    let mut headers = HeaderMap::new();
    for (name, actor, limit, length_ms) in windows {
        let (used, start_ms) = used(actor, length_ms, u32::from(allowed));
        // Whole seconds, rounded up: at the named second the window has truly ended.
        let reset = (start_ms + length_ms + 999) / 1_000;
        let values =
            [("limit", i64::from(limit)), ("remaining", i64::from(limit.saturating_sub(used))), ("reset", reset)];
        for (what, value) in values {
            if let Ok(header) = HeaderName::try_from(format!("{name}-{what}")) {
                headers.insert(header, HeaderValue::from(value));
            }
        }
    }
    (allowed, headers)
}

#[derive(Deserialize)]
struct UserFields {
    #[serde(rename = "user.fields", default)]
    fields: String,
}

async fn me(Extension(caller): Extension<Caller>, Query(query): Query<UserFields>) -> Response {
    let Some(user) = directory::find(X_USERS, caller.actor) else {
        return problem(StatusCode::UNAUTHORIZED, "Unauthorized");
    };
    let mut data = Map::new();
    for (name, value) in [("id", user.id), ("name", user.name), ("username", user.handle)] {
        data.insert(name.to_owned(), json!(value));
    }
    for name in query.fields.split(',') {
        let value = match name {
            "description" => json!(user.about),
            "verified" => json!(user.premium),
            "verified_type" => json!(if user.premium { "blue" } else { "none" }),
            "profile_image_url" => json!(format!("https://pbs.twimg.com/demo/{}.png", user.handle)),
            "created_at" => json!("2026-01-01T00:00:00.000Z"),
            "public_metrics" => json!({"followers_count": 0, "following_count": 0, "tweet_count": 0}),
            _ => continue,
        };
        data.insert(name.to_owned(), value);
    }
    Json(json!({"data": data})).into_response()
}

/// The display name and handle of a user id, for the timeline.
pub(crate) fn person(id: &str) -> (&'static str, &'static str) {
    directory::find(X_USERS, id).map_or(("Unknown", "unknown"), |user| (user.name, user.handle))
}

/// The platform these endpoints belong to.
const PLATFORM: Platform = Platform::X;
