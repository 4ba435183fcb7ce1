//! YouTube's Data API v3: resumable uploads, videos and what becomes of them, channels, categories, thumbnails, captions,
//! comments. Shapes, methods and
//! enumerations follow Google's discovery document `youtube.v3` (revision 20261104), error reasons the published revision
//! history, sessions of uploads Google's guide to resumable uploads.

mod captions;
mod comments;
mod oauth;
mod snippet;
mod upload;
mod videos;

use axum::extract::{Query, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract};
use serde_json::{Value, json};

use crate::consent::Fields;
use crate::ops::{Op, Platform};
use crate::site::Site;
use crate::state::{State, now_ms};

pub(crate) use comments::stranger;
pub(crate) use oauth::{FLOW, answer as token_answer, rules};
pub(crate) use videos::Videos;

const PLATFORM: Platform = Platform::Youtube;
/// What each method here needs at least: this scope carries them all.
const SCOPE: &str = "https://www.googleapis.com/auth/youtube.force-ssl";

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "YouTube",
    brand: "#ff0033",
    keyholders: &[],
    entries: |_, _| json!({}),
    routes,
    op,
    problem,
};

/// The categories of the demo's region: number, title, whether a video may be put there.
const CATEGORIES: [(&str, &str, bool); 5] = [
    ("1", "Film & Animation", true),
    ("22", "People & Blogs", true),
    ("27", "Education", true),
    ("28", "Science & Technology", true),
    ("30", "Movies", false),
];

fn routes(state: &State) -> Router<State> {
    let api = Router::new()
        .route("/youtube/api/youtube/v3/channels", get(channels))
        .route("/youtube/api/youtube/v3/videoCategories", get(categories))
        .route("/youtube/api/youtube/v3/playlistItems", get(videos::uploads))
        .route("/youtube/api/youtube/v3/videos", get(videos::list).put(videos::update).delete(videos::delete))
        .route("/youtube/api/youtube/v3/commentThreads", post(comments::insert).get(comments::list))
        .route(
            "/youtube/api/youtube/v3/comments",
            get(comments::replies).post(comments::reply).put(comments::update).delete(comments::delete),
        )
        .route("/youtube/api/youtube/v3/captions", get(captions::list))
        .route("/youtube/api/upload/youtube/v3/captions", post(captions::insert))
        .route("/youtube/api/upload/youtube/v3/videos", post(upload::begin).put(upload::piece))
        .route("/youtube/api/upload/youtube/v3/thumbnails/set", post(upload::thumbnail))
        .route_layer(from_fn_with_state(state.clone(), signed_in));
    // The form of the platform's own links to a video.
    let watch = get(async |Query(asked): Query<Fields>| {
        let id: String =
            asked.get("v").map(|id| id.chars().filter(char::is_ascii_alphanumeric).collect()).unwrap_or_default();
        Redirect::to(&format!("/youtube/timeline#{id}"))
    });
    api.merge(oauth::routes()).route("/youtube/web/watch", watch)
}

fn op(method: &Method, path: &str) -> Option<Op> {
    Some(match (path, method) {
        ("oauth/token", _) => Op::Token,
        ("oauth/revoke", _) => Op::Revoke,
        ("api/youtube/v3/channels", _) => Op::Me,
        ("api/youtube/v3/videoCategories", _) => Op::Terms,
        ("api/youtube/v3/videos", &Method::PUT)
        | ("api/youtube/v3/commentThreads" | "api/youtube/v3/comments", &Method::POST) => Op::CreatePost,
        ("api/youtube/v3/comments", &Method::PUT) => Op::Amend,
        ("api/youtube/v3/playlistItems" | "api/youtube/v3/captions" | "api/youtube/v3/commentThreads", _)
        | ("api/youtube/v3/comments", &Method::GET) => Op::List,
        ("api/youtube/v3/videos", &Method::DELETE) | ("api/youtube/v3/comments", _) => Op::DeletePost,
        ("api/youtube/v3/videos", _) => Op::Lookup,
        ("api/upload/youtube/v3/videos", &Method::POST) => Op::Draft,
        (_, _) if path.starts_with("api/upload/") => Op::Media,
        _ => return None,
    })
}

/// The reason that usually stands beside such a status.
fn problem(status: StatusCode, message: &str) -> Response {
    let reason = match status.as_u16() {
        401 => "authError",
        403 => "forbidden",
        404 => "videoNotFound",
        429 => "rateLimitExceeded",
        500..=599 => "backendError",
        _ => "badRequest",
    };
    refused(status, reason, message)
}

/// A refusal in Google's shape.
fn refused(status: StatusCode, reason: &str, message: &str) -> Response {
    let error = json!({"message": message, "domain": "youtube.video", "reason": reason});
    let body = json!({"error": {"code": status.as_u16(), "message": message, "errors": [error]}});
    (status, Json(body)).into_response()
}

fn bad(reason: &str, message: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, reason, message)
}

fn absent() -> Response {
    refused(StatusCode::NOT_FOUND, "videoNotFound", "The video that you are trying to find cannot be found.")
}

/// The parts that a call names.
fn parts(asked: &Fields) -> Vec<String> {
    asked.get("part").map(|part| part.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

async fn signed_in(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let token = crate::x::bearer(request.headers());
    let caller = state.world().side(PLATFORM).oauth.authenticate(token, now_ms());
    let Ok(caller) = caller else {
        return refused(StatusCode::UNAUTHORIZED, "authError", "Invalid Credentials");
    };
    if !caller.may(SCOPE) {
        let message = "Request had insufficient authentication scopes.";
        return refused(StatusCode::FORBIDDEN, "insufficientPermissions", message);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

async fn channels(
    axum::Extension(caller): axum::Extension<crate::oauth::Caller>,
    Query(asked): Query<Fields>,
) -> Response {
    let parts = parts(&asked);
    if parts.is_empty() || asked.get("mine").map(String::as_str) != Some("true") {
        return bad("missingRequiredParameter", "part and mine are needed");
    }
    let Some(actor) = oauth::channel(caller.actor).filter(|actor| actor.id.starts_with("UC")) else {
        // Somebody who has an account with Google and no channel.
        return Json(json!({"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}})).into_response();
    };
    let mut item = json!({"kind": "youtube#channel", "id": actor.id});
    if parts.iter().any(|part| part == "snippet") {
        item["snippet"] =
            json!({"title": actor.name, "description": actor.about, "customUrl": format!("@{}", actor.handle)});
    }
    if parts.iter().any(|part| part == "contentDetails") {
        item["contentDetails"] = json!({"relatedPlaylists": {"likes": "", "uploads": videos::playlist(actor.id)}});
    }
    Json(json!({"kind": "youtube#channelListResponse", "items": [item]})).into_response()
}

async fn categories(Query(asked): Query<Fields>) -> Response {
    if parts(&asked) != ["snippet"] || !asked.contains_key("regionCode") {
        return bad("missingRequiredParameter", "part and a filter are needed");
    }
    let item = |(id, title, assignable): (&str, &str, bool)| json!({"kind": "youtube#videoCategory", "id": id, "snippet": {"title": title, "assignable": assignable}});
    let items: Vec<Value> = CATEGORIES.into_iter().map(item).collect();
    Json(json!({"kind": "youtube#videoCategoryListResponse", "items": items})).into_response()
}
