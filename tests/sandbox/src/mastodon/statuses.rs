//! Publishing, deleting and listing statuses.

use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, PLATFORM, SITE, account, base, invalid, media, not_found, poll, problem, text};
use crate::faults::Lag;
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::{Attached, Post};

/// How long a key against doubles is kept.
const KEPT_MS: i64 = 3_600_000;
const MOST_LISTED: usize = 40;
const USUALLY_LISTED: usize = 20;

#[derive(Deserialize)]
struct New {
    #[serde(default)]
    status: String,
    #[serde(default)]
    media_ids: Vec<String>,
    in_reply_to_id: Option<String>,
    visibility: Option<String>,
    poll: Option<poll::New>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let new: New = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).filter(|key| !key.is_empty());
    let key = key.map(|key| format!("{}:{key}", holder.id));
    let (now, base) = (now_ms(), base(&state));
    let mut world = state.world();
    if let Some(id) = key.as_deref().and_then(|key| world.look(PLATFORM).once.post(key, now, KEPT_MS)) {
        let side = world.look(PLATFORM);
        return side.wall.get(id).map_or_else(not_found, |post| Json(describe(&world, &base, post)).into_response());
    }
    if let Err(refusal) = check(&world, holder.id, &new) {
        return refusal;
    }
    let alt = |id: &String| world.look(PLATFORM).shelf.get(id).and_then(|media| media.alt.clone());
    let media = new.media_ids.iter().map(|id| Attached { id: id.clone(), alt: alt(id) }).collect();
    let post = Post {
        id: world.next_id(PLATFORM, now),
        author: holder.id.to_owned(),
        author_name: if holder.name.is_empty() { holder.handle } else { holder.name }.to_owned(),
        text: new.status.trim().to_owned(),
        raw: new.status,
        truncated: false,
        media,
        card: None,
        poll: new.poll.as_ref().map(poll::New::options).unwrap_or_default(),
        asked: new.poll.map(|asked| json!(asked)),
        reply_to: new.in_reply_to_id,
        visibility: Some(new.visibility.unwrap_or_else(|| "public".into())),
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let answer = describe(&world, &base, &post);
    let side = world.side(PLATFORM);
    if let Some(key) = key {
        side.once.keep(key, post.id.clone(), now);
    }
    side.wall.commit(post);
    Json(answer).into_response()
}

fn check(world: &World, owner: &str, new: &New) -> Result<(), Response> {
    if new.status.trim().is_empty() && new.media_ids.is_empty() {
        return Err(invalid("Text can't be blank"));
    }
    if text::length(new.status.trim()) > text::MAX_CHARACTERS {
        return Err(invalid(&format!("Text character limit of {} exceeded", text::MAX_CHARACTERS)));
    }
    if !matches!(new.visibility.as_deref(), None | Some("public" | "unlisted" | "private" | "direct")) {
        return Err(invalid("Visibility is not included in the list"));
    }
    if new.in_reply_to_id.as_ref().is_some_and(|id| world.look(PLATFORM).wall.get(id).is_none()) {
        let message = "The post you are trying to reply to does not appear to exist.";
        return Err(problem(StatusCode::NOT_FOUND, message));
    }
    if let Some(asked) = &new.poll {
        // Media beside a poll are too many.
        if !new.media_ids.is_empty() {
            return Err(invalid(&format!("Cannot attach more than {} files", media::MAX_ATTACHED)));
        }
        asked.check()?;
    }
    media::check(world, owner, &new.media_ids)
}

pub(super) fn describe(world: &World, base: &str, post: &Post) -> Value {
    let side = world.look(PLATFORM);
    let holder = SITE.keyholders.iter().find(|holder| holder.id == post.author);
    let handle = holder.map_or("", |holder| holder.handle);
    let origin = base.strip_suffix(&format!("/{}", PLATFORM.name())).unwrap_or(base);
    let media = post.media.iter().filter_map(|media| side.shelf.get(&media.id));
    let parent = post.reply_to.as_deref().and_then(|id| side.wall.get(id));
    json!({
        "id": post.id, "created_at": rfc3339(post.created_ms), "in_reply_to_id": post.reply_to,
        "in_reply_to_account_id": parent.map(|parent| &parent.author), "sensitive": false, "spoiler_text": "",
        "visibility": post.visibility, "language": "en", "uri": format!("{base}/users/{handle}/statuses/{}", post.id),
        "url": format!("{base}/@{handle}/{}", post.id), "replies_count": 0, "reblogs_count": 0,
        "favourites_count": world.settings.likes_of(&post.id), "edited_at": null, "content": text::html(base, &post.text), "reblog": null,
        "application": {"name": "sandbox", "website": null},
        "account": holder.map(|holder| account::describe(base, holder)),
        "media_attachments": media.map(|media| media::describe(origin, media)).collect::<Vec<_>>(),
        "mentions": [], "tags": [], "emojis": [], "card": null, "poll": poll::shown(post),
    })
}

/// One status; of what only its author may see, the same as of what is not there.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let base = base(&state);
    let world = state.world();
    let shown = |post: &&Post| post.author == holder.id || post.visibility.as_deref() != Some("private");
    let found = world.look(PLATFORM).wall.get(&id).filter(shown);
    found.map_or_else(not_found, |post| Json(describe(&world, &base, post)).into_response())
}

/// Only one's own can be deleted; another's is not found.
pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let base = base(&state);
    let mut world = state.world();
    let own = world.look(PLATFORM).wall.get(&id).filter(|post| post.author == holder.id);
    let Some(mut answer) = own.map(|post| (describe(&world, &base, post), post.raw.clone())) else {
        return not_found();
    };
    answer.0["text"] = json!(answer.1);
    world.side(PLATFORM).wall.delete(&id);
    Json(answer.0).into_response()
}

#[derive(Deserialize)]
pub(super) struct Listing {
    max_id: Option<u64>,
    since_id: Option<u64>,
    min_id: Option<u64>,
    limit: Option<usize>,
}

/// The newest first; with `min_id` those that came next after it.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Path(author): Path<String>,
    Query(query): Query<Listing>,
) -> Response {
    if SITE.keyholders.iter().all(|holder| holder.id != author) {
        return not_found();
    }
    let newest_ms = Lag::newest_ms(lag);
    let limit = query.limit.unwrap_or(USUALLY_LISTED).clamp(1, MOST_LISTED);
    let base = base(&state);
    let world = state.world();
    let within = |post: &&Post| {
        let id: u64 = post.id.parse().unwrap_or_default();
        let public = matches!(post.visibility.as_deref(), Some("public" | "unlisted"));
        post.author == author
            && (public || holder.id == author)
            && post.created_ms <= newest_ms
            && query.max_id.is_none_or(|max| id < max)
            && query.since_id.is_none_or(|since| id > since)
            && query.min_id.is_none_or(|min| id > min)
    };
    let wall = &world.look(PLATFORM).wall;
    let page: Vec<&Post> = if query.min_id.is_some() {
        let next: Vec<&Post> = wall.live().filter(within).take(limit).collect();
        next.into_iter().rev().collect()
    } else {
        wall.live().rev().filter(within).take(limit).collect()
    };
    let mut response = Json(page.iter().map(|post| describe(&world, &base, post)).collect::<Vec<_>>()).into_response();
    let at = format!("{base}/api/v1/accounts/{author}/statuses?limit={limit}");
    let mut links = Vec::new();
    if let Some(last) = page.last().filter(|_| page.len() == limit) {
        links.push(format!("<{at}&max_id={}>; rel=\"next\"", last.id));
    }
    if let Some(first) = page.first() {
        links.push(format!("<{at}&min_id={}>; rel=\"prev\"", first.id));
    }
    if let Some(value) = HeaderValue::try_from(links.join(", ")).ok().filter(|value| !value.is_empty()) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}
