//! A WordPress site with the REST API of its core and application passwords. Facts (routes, shapes, codes, who may do what)
//! follow the source of WordPress 6.1, `wp-includes`, and what such a site answers.

mod blog;
mod com;
mod comments;
mod markup;
mod media;
mod posts;
mod terms;

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Json, Router, extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::State;

pub(crate) use blog::Blog;
pub(crate) use com::{FLOW, RULES, answer as token_answer};
pub(crate) use comments::visitor;

const PLATFORM: Platform = Platform::Wordpress;

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "WordPress",
    brand: "#21759b",
    keyholders: &[
        Keyholder { handle: "ada", id: "2", name: "Ada Demo", key: "adaAuthor1111111111111ww" },
        Keyholder { handle: "owner", id: "1", name: "Owner Demo", key: "ownerAdmin11111111111www" },
        Keyholder { handle: "bo", id: "3", name: "Bo Demo", key: "boAuthor22222222222222ww" },
        Keyholder { handle: "cleo", id: "4", name: "Cleo Demo", key: "cleoContrib3333333333www" },
    ],
    entries,
    routes,
    op,
    problem,
};

fn entries(state: &State, holder: &Keyholder) -> Value {
    // In groups, as the profile shows it.
    let groups: Vec<&str> =
        holder.key.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    json!({ "server": home(state), "user": holder.handle, "password": groups.join(" ") })
}

/// Where people read the site.
pub(crate) fn home(state: &State) -> String {
    format!("{}/wordpress", state.public_url())
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/wordpress/", get(front))
        .route("/wordpress/{year}/{month}/{slug}/", get(permalink))
        .route("/wordpress/wp-json/", get(index))
        .merge(content("/wordpress/wp-json/wp/v2"))
        .route_layer(from_fn_with_state(state.clone(), signed_in))
        .merge(com::routes(state))
}

/// The namespace `wp/v2` below an address.
fn content(base: &str) -> Router<State> {
    let at = |route: &str| format!("{base}/{route}");
    Router::new()
        .route(&at("users/me"), get(me))
        .route(&at("posts"), get(posts::list).post(posts::create))
        .route(&at("posts/{id}"), get(posts::one).post(posts::update).delete(posts::delete))
        .route(&at("media"), get(media::list).post(media::create))
        .route(&at("comments"), get(comments::list).post(comments::create))
        .route(&at("comments/{id}"), get(comments::one).post(comments::moderate).delete(comments::delete))
        .route(&at("tags"), get(terms::tags).post(terms::new_tag))
        .route(&at("categories"), get(terms::categories).post(terms::new_category))
}

/// Which post or comment an address names; at WordPress.com it names a site, too.
#[derive(Deserialize)]
struct At {
    id: u64,
}

fn op(method: &Method, path: &str) -> Option<Op> {
    if let Some(path) = path.strip_prefix("com/") {
        return com::op(method, path);
    }
    content_op(method, path.strip_prefix("wp-json/")?)
}

fn content_op(method: &Method, route: &str) -> Option<Op> {
    let segments: Vec<&str> = route.strip_prefix("wp/v2/").unwrap_or(route).split('/').collect();
    Some(match (segments.as_slice(), method) {
        ([""] | ["users", "me"], _) => Op::Me,
        (["posts"], &Method::POST) => Op::Draft,
        (["comments"] | ["posts", _], &Method::POST) => Op::CreatePost,
        (["posts" | "comments"], _) => Op::List,
        (["posts" | "comments", _], &Method::DELETE) => Op::DeletePost,
        (["comments", _], &Method::POST) => Op::Amend,
        (["posts" | "comments", _], _) => Op::Lookup,
        (["media"], &Method::POST) => Op::Media,
        (["media"], _) => Op::MediaStatus,
        (["tags" | "categories"], _) => Op::Terms,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    let code = match status {
        StatusCode::FORBIDDEN => "rest_forbidden",
        StatusCode::UNAUTHORIZED => "rest_not_logged_in",
        StatusCode::NOT_FOUND => "rest_no_route",
        _ => "rest_error",
    };
    refused(status, code, reason)
}

/// A refusal in WordPress's words.
fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message, "data": { "status": status.as_u16() } }))).into_response()
}

/// What somebody may not: 401 to a stranger and 403 to whom the site knows.
fn not_allowed(caller: Caller, code: &str, message: &str) -> Response {
    let status = if caller.0.is_some() { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
    refused(status, code, message)
}

/// Who calls; nobody where name and password are not those of a user. The site says so only where somebody is needed.
#[derive(Clone, Copy)]
struct Caller(Option<&'static Keyholder>);

impl Caller {
    fn role(self) -> &'static str {
        match self.0.map(|holder| holder.handle) {
            Some("owner") => "administrator",
            Some("cleo") => "contributor",
            Some(_) => "author",
            None => "",
        }
    }

    /// What the role may, of what matters here.
    fn may(self, capability: &str) -> bool {
        match self.role() {
            "administrator" => true,
            "author" => matches!(capability, "edit_posts" | "publish_posts" | "upload_files" | "delete_posts"),
            "contributor" => matches!(capability, "edit_posts" | "delete_posts"),
            _ => false,
        }
    }

    /// Whether it may change what this user has written.
    fn may_edit(self, author: &str) -> bool {
        self.may("edit_others_posts") || (self.may("edit_posts") && self.0.is_some_and(|holder| holder.id == author))
    }
}

fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    // Spaces, and all that never is in one, do not count.
    Some((name.to_owned(), password.chars().filter(char::is_ascii_alphanumeric).collect()))
}

async fn signed_in(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let revoked = state.world().side(PLATFORM).keys_revoked;
    let caller = credentials(request.headers()).filter(|_| !revoked).and_then(|(name, password)| {
        SITE.keyholders.iter().find(|holder| holder.handle == name && holder.key == password)
    });
    request.extensions_mut().insert(Caller(caller));
    next.run(request).await
}

#[derive(Deserialize)]
struct Front {
    p: Option<String>,
}

/// The front page, which names the API; with `p` every post has an address here.
async fn front(extract::State(state): extract::State<State>, Query(front): Query<Front>) -> Response {
    if let Some(id) = front.p {
        to_post(&id)
    } else {
        let link = format!("<{}/wp-json/>; rel=\"https://api.w.org/\"", home(&state));
        ([(header::LINK, link)], axum::response::Html("<a href=\"timeline\">Posts</a>")).into_response()
    }
}

fn to_post(id: &str) -> Response {
    let anchor: String = id.chars().filter(char::is_ascii_digit).collect();
    Redirect::to(&format!("/wordpress/timeline#{anchor}")).into_response()
}

async fn permalink(
    extract::State(state): extract::State<State>,
    Path((_, _, slug)): Path<(String, String, String)>,
) -> Response {
    let world = state.world();
    match world.look(PLATFORM).blog.named(&slug) {
        Some(post) if post.status == "publish" => to_post(&post.id.to_string()),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn index(extract::State(state): extract::State<State>) -> Json<Value> {
    let authorization = format!("{}/wp-admin/authorize-application.php", home(&state));
    Json(json!({
        "name": "Harbour Coffee &amp; Friends", "description": "", "url": home(&state), "home": home(&state),
        "namespaces": ["oembed/1.0", "wp/v2"],
        "authentication": { "application-passwords": { "endpoints": { "authorization": authorization } } },
    }))
}

async fn me(Extension(caller): Extension<Caller>) -> Response {
    let Some(holder) = caller.0 else {
        return refused(StatusCode::UNAUTHORIZED, "rest_not_logged_in", "You are not currently logged in.");
    };
    let mut held = json!({ caller.role(): true });
    for capability in ["edit_posts", "publish_posts", "upload_files", "delete_posts", "manage_categories"] {
        if caller.may(capability) {
            held[capability] = json!(true);
        }
    }
    let id: u64 = holder.id.parse().unwrap_or_default();
    Json(json!({ "id": id, "username": holder.handle, "name": holder.name, "slug": holder.handle, "capabilities": held }))
        .into_response()
}
