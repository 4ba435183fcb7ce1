//! Articles of X: a draft that nobody but its author sees, and the request that publishes it. Shapes and refusals follow X's OpenAPI
//! document and its pages on articles; how the post of an article looks is what clients saw.

use std::collections::VecDeque;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{PLATFORM, invalid, person};
use crate::directory::{self, X_USERS};
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::{Card, Post};

/// Drafts kept; the oldest leaves first.
const MAX_DRAFTS: usize = 1_000;
/// The kinds of rows.
const ROWS: [&str; 8] = [
    "unstyled",
    "header-one",
    "header-two",
    "header-three",
    "unordered-list-item",
    "ordered-list-item",
    "blockquote",
    "atomic",
];

/// An article that is not published.
#[derive(Clone, Serialize)]
pub(crate) struct Draft {
    id: String,
    author: String,
    title: String,
    /// Its rows, each a line.
    text: String,
    cover: Option<String>,
    /// As it was sent.
    content_state: Value,
}

/// What is not published, oldest first.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Drafts(VecDeque<Draft>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewArticle {
    title: String,
    content_state: Value,
    cover_media: Option<Cover>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cover {
    media_category: String,
    media_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContentState {
    blocks: Vec<Block>,
    entities: Vec<Entity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    text: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    entity_ranges: Vec<EntityRange>,
    #[serde(default)]
    data: BlockData,
    #[serde(default, rename = "inline_style_ranges")]
    _styles: Vec<Value>,
    #[serde(default, rename = "key")]
    _key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityRange {
    key: usize,
    offset: usize,
    length: usize,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct BlockData {
    mentions: Vec<Span>,
    hashtags: Vec<Span>,
    cashtags: Vec<Span>,
    urls: Vec<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    from_index: usize,
    to_index: usize,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entity {
    key: String,
    #[serde(rename = "value")]
    _value: Value,
}

/// An error as the pages on articles show it.
fn refused(status: StatusCode, message: &str) -> Response {
    let body = json!({"errors": [{"message": message, "code": status.as_u16()}]});
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Only accounts with a subscription write articles.
fn check_premium(caller: &Caller) -> Result<(), Response> {
    let premium = directory::find(X_USERS, caller.actor).is_some_and(|user| user.premium);
    let message = "You are not authorized to create or publish articles. A Premium subscription is required.";
    premium.then_some(()).ok_or_else(|| refused(StatusCode::FORBIDDEN, message))
}

/// The text of the article, row by row; or what is wrong with it.
fn read(state: &Value) -> Result<String, String> {
    let ContentState { blocks, entities } = serde_json::from_value(state.clone()).map_err(|error| error.to_string())?;
    if blocks.is_empty() {
        return Err("an article has rows".into());
    }
    if entities.iter().enumerate().any(|(place, entity)| entity.key != place.to_string()) {
        return Err("an entity's key is its place".into());
    }
    for block in &blocks {
        let chars: Vec<char> = block.text.chars().collect();
        if !ROWS.contains(&block.kind.as_str()) || block.text.contains('\n') {
            return Err(format!("no row: {} {:?}", block.kind, block.text));
        }
        let within = |range: &EntityRange| {
            range.key < entities.len() && range.length > 0 && range.offset + range.length <= chars.len()
        };
        if !block.entity_ranges.iter().all(within) {
            return Err(format!("a range leaves {:?}", block.text));
        }
        let data = &block.data;
        for (sign, spans) in [("@", &data.mentions), ("#", &data.hashtags), ("$", &data.cashtags), ("", &data.urls)] {
            let named = |span: &Span| {
                let said: Option<String> =
                    chars.get(span.from_index..span.to_index).map(|chars| chars.iter().collect());
                said.is_some_and(|said| said == format!("{sign}{}", span.text))
            };
            if !spans.iter().all(named) {
                return Err(format!("what is named does not stand there in {:?}", block.text));
            }
        }
    }
    Ok(blocks.into_iter().map(|block| block.text).collect::<Vec<_>>().join("\n"))
}

pub(super) async fn draft(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let mut world = state.world();
    match check(&mut world, &caller, &body) {
        Err(refusal) => refusal,
        Ok(new) => {
            let answer = json!({"data": {"id": new.id, "title": new.title}});
            let Drafts(drafts) = &mut world.x.drafts;
            drafts.push_back(new);
            if drafts.len() > MAX_DRAFTS {
                drafts.pop_front();
            }
            (StatusCode::CREATED, Json(answer)).into_response()
        }
    }
}

fn check(world: &mut World, caller: &Caller, body: &Bytes) -> Result<Draft, Response> {
    let new: NewArticle =
        serde_json::from_slice(body).map_err(|error| invalid("body", &Value::Null, &error.to_string()))?;
    check_premium(caller)?;
    if new.title.is_empty() {
        return Err(invalid("title", &json!(new.title), "An article has a title."));
    }
    let text = read(&new.content_state).map_err(|wrong| invalid("content_state", &Value::Null, &wrong))?;
    let now = now_ms();
    let cover = match new.cover_media {
        None => None,
        Some(Cover { media_category, media_id }) => {
            let usable =
                world.x.shelf.get(&media_id).is_some_and(|item| {
                    item.owner == caller.actor && item.ready(now) && item.mime.starts_with("image/")
                });
            if !usable || media_category != "tweet_image" {
                return Err(invalid("cover_media", &json!(media_id), "Your media IDs are invalid."));
            }
            Some(media_id)
        }
    };
    let (id, author) = (world.next_id(PLATFORM, now), caller.actor.to_owned());
    Ok(Draft { id, author, title: new.title, text, cover, content_state: new.content_state })
}

/// What is published is a draft no more. That a second request is refused like one for a draft that never was is our guess.
pub(super) async fn publish(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let mut world = state.world();
    if let Err(refusal) = check_premium(&caller) {
        return refusal;
    }
    let Drafts(drafts) = &mut world.x.drafts;
    let Some(at) = drafts.iter().position(|draft| draft.id == id && draft.author == caller.actor) else {
        let message = "The specified article could not be found or is not owned by the authenticated user.";
        return refused(StatusCode::BAD_REQUEST, message);
    };
    let Some(Draft { id, title, text, cover, .. }) = drafts.remove(at) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let now = now_ms();
    let url = format!("https://x.com/i/article/{id}");
    let is_unlinked = world.settings.x_articles_untold || world.settings.x_articles_unlinked;
    let link = if is_unlinked { String::new() } else { url.clone() };
    let post = Post {
        id: world.next_id(PLATFORM, now),
        author: caller.actor.to_owned(),
        author_name: person(caller.actor).0.to_owned(),
        text: link.clone(),
        raw: link,
        truncated: false,
        media: Vec::new(),
        card: Some(Card { url, title, description: Some(text), thumbnail: cover }),
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let answer = json!({"data": {"post_id": post.id}});
    world.x.wall.commit(post);
    Json(answer).into_response()
}
