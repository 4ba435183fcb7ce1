//! The Graph API, for pages of Facebook, professional accounts of Instagram, and Threads. Facts (paths, shapes, codes, limits) follow
//! Meta's published specifications and documentation of 2026, and where those are silent what clients report.

mod comments;
mod fetched;
mod instagram;
mod login;
mod nodes;
mod page;
mod reels;
mod threads;
mod videos;

use axum::extract::Path;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::directory;
use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, World};

pub(crate) use instagram::Container;
pub(crate) use login::{FACEBOOK_FLOW, INSTAGRAM_FLOW, THREADS_FLOW, answer as token_answer, long_rules};
pub(crate) use threads::{Container as ThreadsContainer, THREADS};
pub(crate) use videos::finishes;

/// The query of a call.
pub(super) type Asked = BTreeMap<String, String>;

/// Pages.
pub(crate) const FACEBOOK: Site = Site {
    platform: Platform::Facebook,
    title: "Facebook",
    brand: "#0866ff",
    keyholders: &[],
    entries: nothing_to_enter,
    routes: facebook_routes,
    op,
    problem,
};

/// Professional accounts.
pub(crate) const INSTAGRAM: Site = Site {
    platform: Platform::Instagram,
    title: "Instagram",
    brand: "#e4405f",
    keyholders: &[],
    entries: nothing_to_enter,
    routes: instagram_routes,
    op,
    problem,
};

/// Which account of Instagram belongs to which page.
pub(super) const LINKED: [(&str, &str); 1] = [("61001", "17841400000000001")];

fn nothing_to_enter(_: &State, _: &Keyholder) -> Value {
    json!({})
}

fn facebook_routes(_: &State) -> Router<State> {
    Router::new()
        .route("/facebook/web/{version}/dialog/oauth", get(login::ask).post(login::decide))
        .route("/facebook/graph/{version}/oauth/access_token", post(login::facebook_token))
        .route("/facebook/graph/{version}/me/accounts", get(page::accounts))
        .route("/facebook/graph/{version}/{id}", get(nodes::node).post(page::amend).delete(nodes::delete))
        .route("/facebook/graph/{version}/{id}/{edge}", get(nodes::edge).post(nodes::act))
        .route("/facebook/rupload/video-upload/{version}/{video}", post(reels::take))
        // The forms of the platform's own links to a post.
        .route("/facebook/web/{id}", get(async |Path(id): Path<String>| to_post("facebook", &id)))
        .route(
            "/facebook/web/{page}/posts/{id}/",
            get(async |Path((page, id)): Path<(String, String)>| to_post("facebook", &format!("{page}_{id}"))),
        )
}

fn instagram_routes(_: &State) -> Router<State> {
    Router::new()
        .route("/instagram/web/oauth/authorize", get(login::ask_instagram).post(login::decide_instagram))
        .route("/instagram/api/oauth/access_token", post(login::instagram_code))
        .route("/instagram/graph/access_token", get(login::instagram_long))
        .route("/instagram/graph/refresh_access_token", get(login::instagram_refresh))
        .route("/instagram/graph/{version}/me", get(instagram::me))
        .route("/instagram/graph/{version}/{id}", get(nodes::node).delete(nodes::delete))
        .route("/instagram/graph/{version}/{id}/{edge}", get(nodes::edge).post(nodes::act))
        .route(
            "/instagram/web/p/{code}/",
            get(async |Path(code): Path<String>| to_post("instagram", code.trim_start_matches('C'))),
        )
}

fn to_post(platform: &str, id: &str) -> Redirect {
    let anchor: String = id.chars().filter(|c| c.is_ascii_digit() || *c == '_').collect();
    Redirect::to(&format!("/{platform}/timeline#{anchor}"))
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    let posts = method == Method::POST;
    Some(match segments.as_slice() {
        [.., "access_token" | "refresh_access_token"] => Op::Token,
        ["graph", _, "me"] => Op::Me,
        ["graph", _, "me", "accounts"] => Op::Orgs,
        ["graph", _, _, "feed" | "photo_stories" | "media_publish"] => Op::CreatePost,
        ["graph", _, _, "comments" | "replies"] => {
            if posts {
                Op::CreatePost
            } else {
                Op::List
            }
        }
        ["graph", _, _, "photos" | "videos" | "video_reels" | "video_stories"] | ["rupload", ..] => Op::Media,
        ["graph", _, _, "media"] => {
            if posts {
                Op::Media
            } else {
                Op::List
            }
        }
        ["graph", _, _, "published_posts"] => Op::List,
        ["graph", _, _] if method == Method::DELETE => Op::DeletePost,
        ["graph", _, _] if posts => Op::Amend,
        ["graph", _, id] if instagram::is_container(id) || videos::is_video(id) => Op::MediaStatus,
        ["graph", _, _] => Op::Lookup,
        _ => return None,
    })
}

/// An error body.
pub(super) fn refused(status: u16, code: i64, subcode: i64, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut error = json!({
        "message": format!("(#{code}) {message}"), "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEfGhIjK",
    });
    if subcode != 0 {
        error["error_subcode"] = json!(subcode);
    }
    if matches!(code, 1 | 2 | 4) {
        error["is_transient"] = json!(true);
    }
    (status, Json(json!({ "error": error }))).into_response()
}

fn problem(status: StatusCode, reason: &str) -> Response {
    let (code, subcode) = match status.as_u16() {
        401 => (190, 463),
        403 => (368, 0),
        404 => (803, 0),
        429 => (4, 0),
        500.. => (2, 0),
        _ => (100, 0),
    };
    refused(status.as_u16(), code, subcode, reason)
}

/// What is said about ids that are none, or not for this caller.
pub(super) fn missing(id: &str) -> Response {
    let message = format!(
        "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does \
         not support this operation"
    );
    refused(400, 100, 33, &message)
}

/// Who calls: a person, or a page that a person gave access to.
pub(super) struct Who {
    pub(super) actor: &'static str,
    pub(super) page: Option<&'static str>,
    scopes: Vec<String>,
}

impl Who {
    /// Whether this scope was given; else the refusal.
    pub(super) fn may(&self, scope: &str) -> Result<(), Response> {
        if self.scopes.iter().any(|held| held == scope) {
            return Ok(());
        }
        Err(refused(403, 10, 0, &format!("Application does not have permission for this action: {scope}")))
    }

    /// Whether they may act for this account of Instagram.
    pub(super) fn holds(&self, id: &str) -> bool {
        let linked = self.page.is_some_and(|page| LINKED.contains(&(page, id)));
        linked || (self.page.is_none() && self.actor == id)
    }
}

/// The token that a page has of its own: it lives as long as the person's that it was made with.
pub(super) fn page_token(page: &str, token: &str) -> String {
    format!("{token}.page.{page}")
}

/// Whom the token of a call stands for.
pub(super) fn who(world: &World, platform: Platform, headers: &HeaderMap) -> Result<Who, Response> {
    holder(world, platform, crate::x::bearer(headers).unwrap_or_default())
}

/// Whom a token stands for.
pub(super) fn holder(world: &World, platform: Platform, token: &str) -> Result<Who, Response> {
    let (token, page) = token.split_once(".page.").map_or((token, None), |(token, page)| (token, Some(page)));
    let caller = world.look(platform).oauth.authenticate(Some(token), crate::state::now_ms());
    let invalid = |subcode| refused(401, 190, subcode, "Error validating access token");
    let caller = caller.map_err(|bad| match bad {
        crate::oauth::BadToken::Expired => invalid(463),
        crate::oauth::BadToken::Revoked => invalid(458),
        _ => invalid(0),
    })?;
    let page = match page {
        None => None,
        Some(id) => Some(page::of(caller.actor, id).ok_or_else(|| invalid(0))?.id),
    };
    Ok(Who { actor: caller.actor, page, scopes: caller.scopes })
}

/// The service that a path belongs to, by its first segment.
pub(super) fn service(path: &str) -> Platform {
    if path.starts_with("/instagram/") { Platform::Instagram } else { Platform::Facebook }
}

/// A page of a list: how many, and after which.
fn page_of(all: Vec<Value>, asked: &Asked, path: &str) -> Response {
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<usize>().ok());
    let (start, limit) = (number("after").unwrap_or(0), number("limit").unwrap_or(25).min(100));
    let end = (start + limit).min(all.len());
    let mut paging = json!({ "cursors": { "before": start.to_string(), "after": end.to_string() } });
    if end < all.len() {
        paging["next"] = json!(format!("https://graph.example{path}?after={end}"));
    }
    let data: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    Json(json!({ "data": data, "paging": paging })).into_response()
}

/// The body as JSON of this shape.
pub(super) async fn body<T: serde::de::DeserializeOwned>(request: extract::Request) -> Result<T, Response> {
    use axum::extract::FromRequest as _;
    let read = Json::<T>::from_request(request, &()).await;
    read.map(|Json(body)| body).map_err(|error| refused(400, 100, 0, &error.body_text()))
}

/// The name of whoever has this id.
pub(super) fn name_of(id: &str) -> &'static str {
    let page = directory::organization(id).map(|page| page.name);
    page.or_else(|| directory::find(directory::INSTAGRAM_ACCOUNTS, id).map(|account| account.name)).unwrap_or("Unknown")
}
