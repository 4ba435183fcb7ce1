//! Medium's API v1 with integration tokens. Facts (routes, shapes, what is ignored) follow the README of
//! github.com/Medium/medium-api-docs, archived in March 2023; the numbers of errors beyond 6004 and 6005 are not documented.

use axum::body::Bytes;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, extract};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::html;
use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, now_ms};
use crate::store::{Card, Post};

const PLATFORM: Platform = Platform::Medium;
/// Tags that are kept, and their longest.
const TAGS: (usize, usize) = (3, 25);
/// A longer title is ignored.
const TITLE: usize = 100;

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Medium",
    brand: "#000000",
    keyholders: &[
        Keyholder {
            handle: "ada",
            id: "5303d74c64f66366f00cb9b2a94f3251bf5",
            name: "Ada Demo",
            key: "181d415f34379af07b2c11d144dfbe35d",
        },
        Keyholder {
            handle: "bo",
            id: "6403d74c64f66366f00cb9b2a94f3251bf6",
            name: "Bo Demo",
            key: "191d415f34379af07b2c11d144dfbe35e",
        },
    ],
    entries,
    routes,
    op,
    problem,
};

/// A publication, and what Ada is there. Bo is in none.
struct Publication {
    id: &'static str,
    name: &'static str,
    path: &'static str,
    role: &'static str,
}

const PUBLICATIONS: [Publication; 4] = [
    Publication { id: "b45573563f5a", name: "Harbour Stories", path: "harbour-stories", role: "editor" },
    Publication { id: "b969ac62a2b", name: "Lighthouse Notes", path: "lighthouse-notes", role: "writer" },
    Publication { id: "c969ac62a2b1", name: "Twins", path: "twins-1", role: "editor" },
    Publication { id: "c969ac62a2b2", name: "Twins", path: "twins-2", role: "editor" },
];

fn entries(_: &State, holder: &Keyholder) -> Value {
    json!({ "token": holder.key, "place": "profile" })
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/medium/me", get(me))
        .route("/medium/users/{id}/publications", get(publications))
        .route("/medium/users/{id}/posts", post(on_profile))
        .route("/medium/publications/{id}/contributors", get(contributors))
        .route("/medium/publications/{id}/posts", post(in_publication))
        .route_layer(from_fn_with_state(state.clone(), guard))
        // The forms of the platform's own links to a story.
        .route(
            "/medium/{place}/{story}",
            get(async |Path((_, story)): Path<(String, String)>| {
                let anchor: String =
                    story.rsplit('-').next().unwrap_or_default().chars().filter(char::is_ascii_hexdigit).collect();
                Redirect::to(&format!("/medium/timeline#{anchor}"))
            }),
        )
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    Some(match segments.as_slice() {
        ["me"] => Op::Me,
        ["users", _, "publications"] | ["publications", _, "contributors"] => Op::Orgs,
        ["users" | "publications", _, "posts"] if method == Method::POST => Op::CreatePost,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    refused(status, -1, reason)
}

/// A refusal in Medium's words.
fn refused(status: StatusCode, code: i64, message: &str) -> Response {
    (status, Json(json!({ "errors": [{ "message": message, "code": code }] }))).into_response()
}

/// Who calls.
#[derive(Clone, Copy)]
struct Caller(&'static Keyholder);

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

async fn guard(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let revoked = state.world().side(PLATFORM).keys_revoked;
    let Some(holder) = SITE.holder(bearer(request.headers())).filter(|_| !revoked) else {
        return refused(StatusCode::UNAUTHORIZED, 6_003, "Token was invalid.");
    };
    request.extensions_mut().insert(Caller(holder));
    next.run(request).await
}

fn data(status: StatusCode, data: &Value) -> Response {
    (status, Json(json!({ "data": data }))).into_response()
}

async fn me(extract::State(state): extract::State<State>, Extension(Caller(caller)): Extension<Caller>) -> Response {
    let url = format!("{}/medium/@{}", state.public_url(), caller.handle);
    let told = json!({ "id": caller.id, "username": caller.handle, "name": caller.name, "url": url, "imageUrl": "" });
    data(StatusCode::OK, &told)
}

async fn publications(
    extract::State(state): extract::State<State>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    if caller.id != id {
        return refused(StatusCode::NOT_FOUND, 6_004, "User not found.");
    }
    let view = |one: &Publication| {
        let url = format!("{}/medium/{}", state.public_url(), one.path);
        json!({ "id": one.id, "name": one.name, "description": "", "url": url, "imageUrl": "" })
    };
    let all: Vec<Value> = PUBLICATIONS.iter().filter(|_| caller.handle == "ada").map(view).collect();
    data(StatusCode::OK, &json!(all))
}

async fn contributors(Path(id): Path<String>) -> Response {
    match PUBLICATIONS.iter().find(|one| one.id == id) {
        Some(one) => {
            let person = |user: &Keyholder, role: &str| json!({ "publicationId": id, "userId": user.id, "role": role });
            data(StatusCode::OK, &json!([person(&SITE.keyholders[0], one.role)]))
        }
        None => refused(StatusCode::NOT_FOUND, -1, "Publication not found."),
    }
}

/// A story as a client sends it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct New {
    title: String,
    content_format: String,
    content: String,
    #[serde(default)]
    tags: Vec<String>,
    publish_status: Option<String>,
    canonical_url: Option<String>,
    license: Option<String>,
    notify_followers: Option<bool>,
}

async fn on_profile(
    extract::State(state): extract::State<State>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if caller.id != id {
        return refused(StatusCode::FORBIDDEN, -1, "The user is not the one of the token.");
    }
    made(&state, caller, &format!("@{}", caller.handle), false, &body)
}

async fn in_publication(
    extract::State(state): extract::State<State>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    match PUBLICATIONS.iter().find(|one| one.id == id && caller.handle == "ada") {
        Some(one) => made(&state, caller, one.path, one.role == "writer", &body),
        None => refused(StatusCode::FORBIDDEN, -1, "The user is no contributor of this publication."),
    }
}

fn made(state: &State, caller: &Keyholder, place: &str, drafts_only: bool, body: &[u8]) -> Response {
    let new: New = match serde_json::from_slice(body) {
        Ok(new) => new,
        Err(error) => return refused(StatusCode::BAD_REQUEST, 2_002, &format!("Invalid fields: {error}")),
    };
    let status = new.publish_status.as_deref().unwrap_or("public");
    if !matches!(new.content_format.as_str(), "html" | "markdown") || new.content.is_empty() {
        return refused(StatusCode::BAD_REQUEST, 2_002, "Invalid fields: contentFormat, content");
    }
    if !matches!(status, "public" | "draft" | "unlisted") {
        return refused(StatusCode::BAD_REQUEST, 2_004, "Publish status is invalid.");
    }
    if drafts_only && status != "draft" {
        return refused(StatusCode::FORBIDDEN, -1, "Writers may only create drafts.");
    }
    let mut world = state.world();
    let side = world.side(PLATFORM);
    let id = format!("e{:011x}", side.next_number());
    let (heading, rest) = html::taken(&new.content, "h1");
    let title =
        heading.unwrap_or_else(|| if new.title.chars().count() > TITLE { String::new() } else { new.title.clone() });
    let words: Vec<String> =
        title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let url = format!("{}/medium/{place}/{}", state.public_url(), [words, vec![id.clone()]].concat().join("-"));
    let tags: Vec<&String> = new.tags.iter().take(TAGS.0).filter(|tag| tag.chars().count() <= TAGS.1).collect();
    let answer = json!({
        "id": id, "title": new.title, "authorId": caller.id, "tags": tags, "url": url, "canonicalUrl": "",
        "publishStatus": status, "publishedAt": now_ms(), "license": "all-rights-reserved", "licenseUrl": "",
    });
    if status != "draft" {
        side.wall.commit(Post {
            id,
            author: place.to_owned(),
            author_name: caller.name.to_owned(),
            text: html::text(&rest),
            raw: json!(new).to_string(),
            truncated: false,
            media: Vec::new(),
            card: (!title.is_empty()).then_some(Card { url, title, description: None, thumbnail: None }),
            poll: Vec::new(),
            asked: None,
            reply_to: None,
            visibility: None,
            created_ms: now_ms(),
            targets: Vec::new(),
            deleted: false,
        });
    }
    data(StatusCode::CREATED, &answer)
}
