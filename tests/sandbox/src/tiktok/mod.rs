//! TikTok: Login Kit, Content Posting API (a video file, and pictures that it fetches), and what its owner reads back. The sheet that the
//! shapes follow is drawn from TikTok's references of these APIs and its media transfer guide.

mod init;
mod oauth;
mod photos;
mod publish;
mod upload;
mod videos;

use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router, extract};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::consent::Fields;
use crate::directory::{self, Actor, TIKTOK_CREATORS};
use crate::oauth::Caller;
use crate::ops::{Op, Platform};
use crate::site::Site;
use crate::state::{State, now_ms};

pub(crate) use oauth::{FLOW, RULES, answer as token_answer};
pub(crate) use publish::{Publishes, ripen};
pub(crate) use upload::is_last;

const PLATFORM: Platform = Platform::Tiktok;
/// Who may see a post; anybody, and its author alone.
const LEVELS: [&str; 4] = [EVERYONE, "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", SELF];
const EVERYONE: &str = "PUBLIC_TO_EVERYONE";
const SELF: &str = "SELF_ONLY";
/// Nobody yet: it lies in the inbox of its creator.
const INBOX: &str = "INBOX";

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "TikTok",
    brand: "#fe2c55",
    keyholders: &[],
    entries: |_, _| json!({}),
    routes,
    op,
    problem,
};

/// What a creator may do beside what the directory tells.
struct Means {
    /// Whom they may post to.
    levels: &'static [&'static str],
    comments: bool,
    /// Longest video in seconds.
    longest_s: u32,
}

fn means(handle: &str) -> Means {
    match handle {
        // A private account.
        "bo-demo" => {
            Means { levels: &["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", SELF], comments: false, longest_s: 60 }
        }
        "cleo-demo" => Means { levels: &[SELF], comments: true, longest_s: 600 },
        _ => Means { levels: &[EVERYONE, "MUTUAL_FOLLOW_FRIENDS", SELF], comments: true, longest_s: 600 },
    }
}

fn routes(state: &State) -> Router<State> {
    let api = Router::new()
        .route("/tiktok/api/v2/user/info/", get(user))
        .route("/tiktok/api/v2/post/publish/creator_info/query/", post(creator_info))
        .route("/tiktok/api/v2/post/publish/video/init/", post(init::init))
        .route("/tiktok/api/v2/post/publish/inbox/video/init/", post(init::inbox))
        .route("/tiktok/api/v2/post/publish/content/init/", post(photos::init))
        .route("/tiktok/api/v2/post/publish/status/fetch/", post(publish::status))
        .route("/tiktok/api/v2/video/list/", post(videos::list))
        .route("/tiktok/api/v2/video/query/", post(videos::query))
        .route_layer(from_fn_with_state(state.clone(), signed_in));
    // The form of the platform's own links to a video.
    let watch = get(async |Path((_, id)): Path<(String, String)>| {
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        Redirect::to(&format!("/tiktok/timeline#{id}"))
    });
    api.merge(oauth::routes())
        .route("/tiktok/upload/video/", put(upload::chunk))
        .route("/tiktok/web/{creator}/video/{id}", watch.clone())
        .route("/tiktok/web/{creator}/photo/{id}", watch)
}

/// A chunk that ends its file is told by its headers: see [`is_last`].
fn op(method: &Method, path: &str) -> Option<Op> {
    Some(match (path, method) {
        ("api/v2/oauth/token/", _) => Op::Token,
        ("api/v2/oauth/revoke/", _) => Op::Revoke,
        ("api/v2/user/info/", _) => Op::Me,
        ("api/v2/post/publish/creator_info/query/", _) => Op::Terms,
        ("api/v2/post/publish/video/init/" | "api/v2/post/publish/inbox/video/init/", _) => Op::Draft,
        ("api/v2/post/publish/content/init/", _) => Op::CreatePost,
        ("api/v2/post/publish/status/fetch/", _) => Op::MediaStatus,
        ("api/v2/video/list/", _) => Op::List,
        ("api/v2/video/query/", _) => Op::Lookup,
        ("upload/video/", &Method::PUT) => Op::Media,
        _ => return None,
    })
}

/// The code that stands beside such a status.
fn problem(status: StatusCode, message: &str) -> Response {
    let code = match status.as_u16() {
        401 => "access_token_invalid",
        403 => "spam_risk_user_banned_from_posting",
        429 => "rate_limit_exceeded",
        500..=599 => "internal_error",
        _ => "invalid_params",
    };
    refused(status, code, message)
}

/// What TikTok's support asks for: names a request.
fn log_id() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}{:08X}", now_ms(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A refusal in TikTok's shape.
fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let error = json!({"code": code, "message": message, "log_id": log_id()});
    (status, Json(json!({"data": {}, "error": error}))).into_response()
}

fn bad(message: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, "invalid_params", message)
}

/// A success in TikTok's shape.
fn told(data: &Value) -> Response {
    Json(json!({"data": data, "error": {"code": "ok", "message": "", "log_id": log_id()}})).into_response()
}

/// The body of a call, which must say that it is JSON.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Response> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next() != Some("application/json") {
        return Err(bad("Content-Type must be application/json; charset=UTF-8"));
    }
    serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))
}

/// The fields that a call asks for; all of them must be known.
fn fields(asked: &Fields, known: &[&str]) -> Result<Vec<String>, Response> {
    let fields: Vec<String> =
        asked.get("fields").map(|fields| fields.split(',').map(str::to_owned).collect()).unwrap_or_default();
    match fields.iter().find(|field| !known.contains(&field.as_str())) {
        None if fields.is_empty() => Err(bad("fields is required")),
        None => Ok(fields),
        Some(field) => Err(bad(&format!("Invalid field: {field}"))),
    }
}

/// Of an object only what was asked for.
fn only(mut whole: Value, fields: &[String]) -> Value {
    let kept: Map<String, Value> = fields.iter().map(|name| (name.clone(), whole[name.as_str()].take())).collect();
    Value::Object(kept)
}

fn needs(caller: &Caller, scope: &str) -> Result<(), Response> {
    if caller.may(scope) {
        return Ok(());
    }
    let message = "The user did not authorize the scope required for completing this request.";
    Err(refused(StatusCode::FORBIDDEN, "scope_not_authorized", message))
}

/// The name in addresses: letters, digits, underscores and points.
fn username(actor: &Actor) -> String {
    actor.handle.replace('-', "_")
}

/// The creator with that id.
fn creator(id: &str) -> Option<&'static Actor> {
    directory::find(TIKTOK_CREATORS, id)
}

async fn signed_in(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let token = crate::x::bearer(request.headers());
    let caller = state.world().side(PLATFORM).oauth.authenticate(token, now_ms());
    let Ok(caller) = caller else {
        let message = "The access token is invalid or not found in the request.";
        return refused(StatusCode::UNAUTHORIZED, "access_token_invalid", message);
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// The scope that a field of a user needs.
fn scope_of(field: &str) -> &'static str {
    match field {
        "username" => "user.info.profile",
        "follower_count" | "following_count" | "likes_count" | "video_count" => "user.info.stats",
        _ => "user.info.basic",
    }
}

async fn user(Extension(caller): Extension<Caller>, Query(asked): Query<Fields>) -> Response {
    const KNOWN: [&str; 8] = [
        "open_id",
        "display_name",
        "username",
        "avatar_url",
        "follower_count",
        "following_count",
        "likes_count",
        "video_count",
    ];
    let fields = match fields(&asked, &KNOWN) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let scopes = fields.iter().map(|field| scope_of(field)).chain(["user.info.basic"]);
    for scope in scopes {
        if let Err(refusal) = needs(&caller, scope) {
            return refusal;
        }
    }
    let Some(actor) = creator(caller.actor) else { return problem(StatusCode::UNAUTHORIZED, "no such user") };
    let whole = json!({
        "open_id": actor.id, "display_name": actor.name, "username": username(actor),
        "avatar_url": format!("https://p16-sign.tiktokcdn-us.com/demo/{}.jpeg", actor.handle),
        "follower_count": 0, "following_count": 0, "likes_count": 0, "video_count": 0,
    });
    told(&json!({"user": only(whole, &fields)}))
}

/// What the creator may choose for a post.
async fn creator_info(Extension(caller): Extension<Caller>) -> Response {
    if let Err(refusal) = needs(&caller, "video.publish") {
        return refusal;
    }
    let Some(actor) = creator(caller.actor) else { return problem(StatusCode::UNAUTHORIZED, "no such user") };
    let means = means(actor.handle);
    told(&json!({
        "creator_username": username(actor), "creator_nickname": actor.name, "privacy_level_options": means.levels,
        "comment_disabled": !means.comments, "duet_disabled": false, "stitch_disabled": false,
        "max_video_post_duration_sec": means.longest_s,
    }))
}
