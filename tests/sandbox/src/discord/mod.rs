//! Discord's API v10 for bots. Facts (paths, shapes, codes, limits) follow Discord's public documentation of August 2026.

mod amend;
mod poll;
mod post;

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Json, Router, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Lag;
use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, World, rfc3339};
use crate::store::Post;

const PLATFORM: Platform = Platform::Discord;
const GUILD: &str = "1400000000000000001";

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Discord",
    brand: "#5865f2",
    keyholders: &[
        Keyholder {
            handle: "harbour_bot",
            id: "1200000000000000001",
            name: "Harbour Bot",
            key: "MTIwMDAwMDAwMDAwMDAwMDAwMQ.GabcDE.harbour-bot-of-the-sandbox",
        },
        Keyholder {
            handle: "other_bot",
            id: "1200000000000000002",
            name: "Other Bot",
            key: "MTIwMDAwMDAwMDAwMDAwMDAwMg.GabcDE.other-bot-of-the-sandbox",
        },
    ],
    entries,
    routes,
    op,
    problem,
};

/// A channel of the one server: its kind, and whether the bots see it, may write, and may read what was said.
struct Channel {
    id: &'static str,
    kind: u32,
    name: &'static str,
    seen: bool,
    writable: bool,
    history: bool,
}

const CHANNELS: [Channel; 6] = [
    Channel { id: "1300000000000000001", kind: 0, name: "announcements", seen: true, writable: true, history: true },
    Channel { id: "1300000000000000002", kind: 5, name: "news", seen: true, writable: true, history: true },
    Channel { id: "1300000000000000003", kind: 0, name: "rules", seen: true, writable: false, history: true },
    Channel { id: "1300000000000000004", kind: 2, name: "voice", seen: true, writable: false, history: true },
    Channel { id: "1300000000000000005", kind: 0, name: "staff", seen: false, writable: false, history: true },
    Channel { id: "1300000000000000006", kind: 0, name: "press", seen: true, writable: true, history: false },
];

fn entries(_: &State, holder: &Keyholder) -> Value {
    json!({ "token": holder.key, "channel": CHANNELS[0].id })
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/discord/users/@me", get(me))
        .route("/discord/channels/{channel}", get(channel))
        .route("/discord/channels/{channel}/messages", get(list).post(post::create))
        .route("/discord/channels/{channel}/messages/{id}", get(one).patch(amend::amend).delete(delete))
        .route_layer(from_fn_with_state(state.clone(), guard))
        // The form of the platform's own links to a message.
        .route(
            "/discord/channels/{channel}/{place}/{id}",
            get(async |Path((_, _, id)): Path<(String, String, String)>| {
                let anchor: String = id.chars().filter(char::is_ascii_digit).collect();
                Redirect::to(&format!("/discord/timeline#{anchor}"))
            }),
        )
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    Some(match segments.as_slice() {
        ["users", "@me"] | ["channels", _] => Op::Me,
        ["channels", _, "messages"] if method == Method::POST => Op::CreatePost,
        ["channels", _, "messages"] => Op::List,
        ["channels", _, "messages", _] if method == Method::DELETE => Op::DeletePost,
        ["channels", _, "messages", _] if method == Method::PATCH => Op::Amend,
        ["channels", _, "messages", _] => Op::Lookup,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    let body = match status {
        StatusCode::TOO_MANY_REQUESTS => {
            json!({ "message": "You are being rate limited.", "retry_after": 1.5, "global": false })
        }
        _ => json!({ "message": format!("{}: {reason}", status.as_u16()), "code": 0 }),
    };
    (status, Json(body)).into_response()
}

/// A refusal in Discord's words.
fn refused(status: StatusCode, code: i64, message: &str) -> Response {
    (status, Json(json!({ "message": message, "code": code }))).into_response()
}

/// Who calls.
#[derive(Clone, Copy)]
struct Bot(&'static Keyholder);

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn guard(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let agent = text(request.headers(), header::USER_AGENT);
    let described = agent.strip_prefix("DiscordBot (").and_then(|rest| rest.strip_suffix(')')?.split_once(", "));
    if described.is_none_or(|(product, version)| product.is_empty() || version.is_empty()) {
        return (StatusCode::FORBIDDEN, "error code: 1010").into_response();
    }
    let key = text(request.headers(), header::AUTHORIZATION).strip_prefix("Bot ").unwrap_or_default();
    let revoked = state.world().side(PLATFORM).keys_revoked;
    let Some(bot) = SITE.holder(key).filter(|_| !revoked) else {
        return refused(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized");
    };
    request.extensions_mut().insert(Bot(bot));
    next.run(request).await
}

/// The channel, if the bots see it.
fn visible(id: &str) -> Result<&'static Channel, Response> {
    match CHANNELS.iter().find(|channel| channel.id == id) {
        None => Err(refused(StatusCode::NOT_FOUND, 10_003, "Unknown Channel")),
        Some(channel) if !channel.seen => Err(refused(StatusCode::FORBIDDEN, 50_001, "Missing Access")),
        Some(channel) => Ok(channel),
    }
}

async fn me(Extension(Bot(bot)): Extension<Bot>) -> Json<Value> {
    Json(json!({ "id": bot.id, "username": bot.name, "bot": true }))
}

async fn channel(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    let channel = match visible(&id) {
        Ok(channel) => channel,
        Err(refusal) => return refusal,
    };
    let world = state.world();
    // It stays when the message goes.
    let said = world.look(PLATFORM).wall.all().rev().find(|post| is_of(post, &id)).map(|post| post.id.clone());
    let body = json!({
        "id": channel.id, "type": channel.kind, "guild_id": GUILD, "name": channel.name, "position": 0, "flags": 0,
        "last_message_id": said,
    });
    Json(body).into_response()
}

fn is_of(post: &Post, channel: &str) -> bool {
    post.author.split_once('/').is_some_and(|(of, _)| of == channel)
}

/// A message as the API gives it. Its author is kept as `channel/bot`.
fn message(post: &Post) -> Value {
    let (channel, author) = post.author.split_once('/').unwrap_or_default();
    let attachments: Vec<Value> = post
        .media
        .iter()
        .map(|media| json!({ "id": media.id, "description": media.alt, "filename": media.id }))
        .collect();
    let mut message = json!({
        "id": post.id, "channel_id": channel, "type": 0, "content": post.text, "attachments": attachments,
        "author": { "id": author, "username": post.author_name, "bot": true },
        "timestamp": rfc3339(post.created_ms), "edited_timestamp": null,
    });
    if let Some(asked) = &post.asked {
        message["poll"] = asked.clone();
    }
    if let Some(to) = &post.reply_to {
        message["type"] = json!(19);
        message["message_reference"] = json!({ "message_id": to, "channel_id": channel, "guild_id": GUILD });
    }
    message
}

#[derive(Deserialize)]
struct Page {
    before: Option<u64>,
    #[serde(default = "usual")]
    limit: usize,
}

fn usual() -> usize {
    50
}

fn of_channel<'a>(world: &'a World, channel: &'a str) -> impl DoubleEndedIterator<Item = &'a Post> {
    let posts = world.look(PLATFORM).wall.live();
    posts.filter(move |post| is_of(post, channel))
}

async fn list(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    Query(page): Query<Page>,
    lag: Option<Extension<Lag>>,
) -> Response {
    let channel = match visible(&id) {
        Ok(channel) => channel,
        Err(refusal) => return refusal,
    };
    if !(1..=100).contains(&page.limit) {
        return refused(StatusCode::BAD_REQUEST, 50_035, "Invalid Form Body");
    }
    if !channel.history {
        // No refusal: there is just nothing.
        return Json(json!([])).into_response();
    }
    let newest_ms = Lag::newest_ms(lag);
    let world = state.world();
    let older = |post: &&Post| page.before.is_none_or(|before| post.id.parse::<u64>().is_ok_and(|id| id < before));
    let shown =
        of_channel(&world, &id).rev().filter(|post| post.created_ms <= newest_ms).filter(older).take(page.limit);
    Json(shown.map(message).collect::<Vec<_>>()).into_response()
}

async fn one(extract::State(state): extract::State<State>, Path((channel, id)): Path<(String, String)>) -> Response {
    if let Err(refusal) = visible(&channel) {
        return refusal;
    }
    let world = state.world();
    match of_channel(&world, &channel).find(|post| post.id == id) {
        Some(post) => Json(message(post)).into_response(),
        None => refused(StatusCode::NOT_FOUND, 10_008, "Unknown Message"),
    }
}

async fn delete(
    extract::State(state): extract::State<State>,
    Extension(Bot(bot)): Extension<Bot>,
    Path((channel, id)): Path<(String, String)>,
) -> Response {
    if let Err(refusal) = visible(&channel) {
        return refusal;
    }
    let mut world = state.world();
    let author = of_channel(&world, &channel).find(|post| post.id == id).map(|post| post.author.clone());
    match author.as_deref().and_then(|author| author.split_once('/')) {
        None => refused(StatusCode::NOT_FOUND, 10_008, "Unknown Message"),
        Some((_, author)) if author != bot.id => refused(StatusCode::FORBIDDEN, 50_013, "Missing Permissions"),
        Some(_) => {
            world.side(PLATFORM).wall.delete(&id);
            StatusCode::NO_CONTENT.into_response()
        }
    }
}
