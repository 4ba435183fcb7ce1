//! Threads: containers, which fetch what they are given an address of, posts and replies. Facts follow Meta's documentation of the
//! Threads API of 2026.

mod containers;

use std::collections::BTreeMap;

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use serde_json::{Value, json};

use super::page::instant;
use super::{Asked, Who, missing, nothing_to_enter, problem, to_post, who};
use crate::directory::{self, INSTAGRAM_ACCOUNTS};
use crate::faults::Lag;
use crate::ops::{Op, Platform};
use crate::site::Site;
use crate::state::{State, World, now_ms};
use crate::store::Post;

pub(crate) use containers::Container;
use containers::{CONTAINER, create, invalid, publish};

const PLATFORM: Platform = Platform::Threads;

/// People and businesses alike.
pub(crate) const THREADS: Site = Site {
    platform: PLATFORM,
    title: "Threads",
    brand: "#000000",
    keyholders: &[],
    entries: nothing_to_enter,
    routes,
    op,
    problem,
};

fn routes(_: &State) -> Router<State> {
    Router::new()
        .route("/threads/web/oauth/authorize", get(super::login::ask_threads).post(super::login::decide_threads))
        .route("/threads/graph/oauth/access_token", post(super::login::threads_code))
        .route("/threads/graph/access_token", get(super::login::threads_long))
        .route("/threads/graph/refresh_access_token", get(super::login::threads_refresh))
        .route("/threads/graph/{version}/me", get(me))
        .route("/threads/graph/{version}/{id}", get(node).delete(delete))
        .route("/threads/graph/{version}/{id}/{edge}", get(list).post(act))
        .route(
            "/threads/web/{author}/post/{code}",
            get(async |Path((_, code)): Path<(String, String)>| to_post("threads", code.trim_start_matches('D'))),
        )
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    Some(match segments.as_slice() {
        [.., "access_token" | "refresh_access_token"] => Op::Token,
        ["graph", _, "me"] => Op::Me,
        ["graph", _, _, "threads_publish"] => Op::CreatePost,
        ["graph", _, _, "threads"] if method == Method::POST => Op::Media,
        ["graph", _, _, "threads" | "replies"] => Op::List,
        ["graph", _, _] if method == Method::DELETE => Op::DeletePost,
        ["graph", _, id] if id.starts_with(CONTAINER) => Op::MediaStatus,
        ["graph", _, _] => Op::Lookup,
        _ => return None,
    })
}

/// Who calls, with this permission.
fn caller(world: &World, headers: &HeaderMap, scope: &str) -> Result<Who, Response> {
    let who = who(world, PLATFORM, headers)?;
    who.may("threads_basic")?;
    who.may(scope)?;
    Ok(who)
}

async fn me(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    let who = match caller(&state.world(), &headers, "threads_basic") {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    let Some(account) = directory::find(INSTAGRAM_ACCOUNTS, who.actor) else { return missing("me") };
    Json(json!({ "id": account.id, "username": account.handle, "name": account.name })).into_response()
}

async fn act(
    extract::State(state): extract::State<State>,
    Path((_, id, edge)): Path<(String, String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    use axum::extract::FromRequest as _;
    let who = match caller(&state.world(), &headers, "threads_content_publish") {
        Ok(who) if who.holds(&id) => who,
        Ok(_) => return missing(&id),
        Err(refusal) => return refusal,
    };
    let Ok(Form(said)) = Form::<BTreeMap<String, String>>::from_request(request, &()).await else {
        return invalid("the form");
    };
    let done = match edge.as_str() {
        "threads" => create(&state, &who, &id, said).await,
        "threads_publish" => publish(&state, &id, &said),
        _ => Err(missing(&id)),
    };
    done.unwrap_or_else(|refusal| refusal)
}

fn shown(state: &State, post: &Post) -> Value {
    let handle = directory::find(INSTAGRAM_ACCOUNTS, &post.author).map_or("unknown", |account| account.handle);
    let mut out = json!({
        "id": post.id, "timestamp": instant(post.created_ms), "username": handle,
        "permalink": format!("{}/threads/web/@{handle}/post/D{}", state.public_url(), post.id),
    });
    if !post.text.is_empty() {
        out["text"] = json!(post.text);
    }
    if let Some(parent) = &post.reply_to {
        out["replied_to"] = json!({ "id": parent });
    }
    out
}

async fn node(
    extract::State(state): extract::State<State>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let world = state.world();
    let who = match caller(&world, &headers, "threads_basic") {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    if let Some(container) = world.threads.iter().find(|c| c.id == id && who.holds(&c.owner)) {
        let mut body = json!({ "id": id, "status": container.status(now_ms()) });
        if let Some(why) = container.failed.filter(|_| body["status"] == "ERROR") {
            body["error_message"] = json!(why);
        }
        return Json(body).into_response();
    }
    match world.look(PLATFORM).wall.get(&id) {
        Some(post) if who.holds(&post.author) => Json(shown(&state, post)).into_response(),
        _ if who.holds(&id) => Json(json!({ "id": id })).into_response(),
        _ => missing(&id),
    }
}

async fn delete(
    extract::State(state): extract::State<State>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut world = state.world();
    let who = match caller(&world, &headers, "threads_delete") {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    let is_theirs = world.look(PLATFORM).wall.get(&id).is_some_and(|post| who.holds(&post.author));
    if is_theirs && world.side(PLATFORM).wall.delete(&id) {
        return Json(json!({ "success": true, "deleted_id": id })).into_response();
    }
    missing(&id)
}

async fn list(
    extract::State(state): extract::State<State>,
    uri: Uri,
    Path((_, id, edge)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
    lag: Option<extract::Extension<Lag>>,
    headers: HeaderMap,
) -> Response {
    let world = state.world();
    let replies = edge == "replies";
    let scope = if replies { "threads_read_replies" } else { "threads_basic" };
    match caller(&world, &headers, scope) {
        Ok(who) if who.holds(&id) && (replies || edge == "threads") => {}
        Ok(_) => return (StatusCode::BAD_REQUEST, missing(uri.path())).into_response(),
        Err(refusal) => return refusal,
    }
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<i64>().ok());
    let (since_ms, newest_ms) = (number("since").unwrap_or(0) * 1_000, Lag::newest_ms(lag));
    let own = |post: &&Post| {
        post.author == id && post.reply_to.is_some() == replies && (since_ms..=newest_ms).contains(&post.created_ms)
    };
    let told = |post: &Post| {
        let mut entry = shown(&state, post);
        if let Some(entry) = entry.as_object_mut().filter(|_| !world.settings.threads_tells_parents) {
            entry.remove("replied_to");
        }
        entry
    };
    let all: Vec<Value> = world.look(PLATFORM).wall.live().rev().filter(own).map(told).collect();
    let place = |name: &str, or: usize| number(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(or);
    let (start, limit) = (place("after", 0), place("limit", 25).min(world.settings.threads_page));
    let end = (start + limit).min(all.len());
    // Cursors alone say that a list goes on.
    let paging =
        if end < all.len() { json!({ "cursors": { "before": "0", "after": end.to_string() } }) } else { json!({}) };
    let data: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    Json(json!({ "data": data, "paging": paging })).into_response()
}
