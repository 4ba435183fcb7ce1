//! Reading X posts back by id and by author, and deleting them.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::posts::FORBIDDEN_ACTION;
use super::{invalid, not_found, problem, text};
use crate::faults::Lag;
use crate::oauth::Caller;
use crate::state::{State, World, rfc3339};
use crate::store::Post;

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    ids: String,
    #[serde(rename = "tweet.fields", default)]
    fields: String,
}

fn render(world: &World, post: &Post, fields: &str) -> Value {
    let (text, urls) = text::on_the_wire(&post.id, &post.text, !post.media.is_empty());
    let mut out = Map::new();
    out.insert("id".into(), json!(post.id));
    out.insert("text".into(), json!(text));
    out.insert("edit_history_post_ids".into(), json!([post.id]));
    for name in fields.split(',') {
        let value = match name {
            "created_at" => json!(rfc3339(post.created_ms)),
            "author_id" => json!(post.author),
            "conversation_id" => json!(root(world, post)),
            "entities" if !urls.is_empty() => json!({"urls": urls}),
            "attachments" if !post.media.is_empty() => {
                let keys: Vec<String> = post.media.iter().map(|media| format!("3_{}", media.id)).collect();
                json!({"media_keys": keys})
            }
            "in_reply_to_user_id" if post.reply_to.is_some() => {
                json!(post.reply_to.as_deref().and_then(|id| world.x.wall.get(id)).map(|target| &target.author))
            }
            "referenced_tweets" if post.reply_to.is_some() => json!([{"type": "replied_to", "id": post.reply_to}]),
            "article" if !world.settings.x_articles_untold => match &post.card {
                Some(article) => json!({"title": article.title, "plain_text": article.description}),
                None => continue,
            },
            "public_metrics" => json!({"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0,
                                       "bookmark_count": 0, "impression_count": 0}),
            _ => continue,
        };
        out.insert(name.to_owned(), value);
    }
    Value::Object(out)
}

/// The first post of the thread.
fn root<'a>(world: &'a World, post: &'a Post) -> &'a str {
    let mut top = post;
    while let Some(parent) = top.reply_to.as_deref().and_then(|id| world.x.wall.get(id)) {
        top = parent;
    }
    &top.id
}

pub(super) async fn by_ids(extract::State(state): extract::State<State>, Query(query): Query<Fields>) -> Response {
    let ids: Vec<&str> = query.ids.split(',').filter(|id| !id.is_empty()).collect();
    if !(1..=100).contains(&ids.len()) {
        return invalid(
            "ids",
            &json!(query.ids),
            "The number of values in the `ids` query parameter must be 1 to 100.",
        );
    }
    let world = state.world();
    let (mut data, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match world.x.wall.get(id) {
            Some(post) => data.push(render(&world, post, &query.fields)),
            None => errors.push(not_found("ids", id)),
        }
    }
    let mut body = Map::new();
    for (name, list) in [("data", data), ("errors", errors)] {
        if !list.is_empty() {
            body.insert(name.to_owned(), Value::Array(list));
        }
    }
    Json(body).into_response()
}

/// A single absent post is a 200 with `errors`, as the platform has it.
pub(super) async fn by_id(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
) -> Response {
    let world = state.world();
    match world.x.wall.get(&id) {
        Some(post) => Json(json!({"data": render(&world, post, &query.fields)})).into_response(),
        None => Json(json!({"errors": [not_found("id", &id)]})).into_response(),
    }
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let mut world = state.world();
    match world.x.wall.get(&id) {
        Some(post) if post.author == caller.actor => {
            let deleted = world.x.wall.delete(&id);
            Json(json!({"data": {"deleted": deleted}})).into_response()
        }
        Some(_) => problem(StatusCode::FORBIDDEN, FORBIDDEN_ACTION),
        None => (StatusCode::NOT_FOUND, Json(not_found("id", &id))).into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct Listing {
    since_id: Option<u64>,
    until_id: Option<u64>,
    max_results: Option<usize>,
    /// Offset from an earlier `next_token`.
    pagination_token: Option<usize>,
    #[serde(default)]
    exclude: String,
    #[serde(rename = "tweet.fields", default)]
    fields: String,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Path(user): Path<String>,
    lag: Option<Extension<Lag>>,
    Query(query): Query<Listing>,
) -> Response {
    let size = query.max_results.unwrap_or(10);
    if !(5..=100).contains(&size) {
        return invalid(
            "max_results",
            &json!(size),
            "The `max_results` query parameter value is not between 5 and 100.",
        );
    }
    let newest_ms = Lag::newest_ms(lag);
    let no_replies = query.exclude.split(',').any(|word| word == "replies");
    let world = state.world();
    let within = |post: &&Post| {
        let id: u64 = post.id.parse().unwrap_or_default();
        post.author == user
            && post.created_ms <= newest_ms
            && query.since_id.is_none_or(|since| id > since)
            && query.until_id.is_none_or(|until| id < until)
            && !(no_replies && post.reply_to.is_some())
    };
    let from = query.pagination_token.unwrap_or(0);
    let mut page: Vec<&Post> = world.x.wall.live().rev().filter(within).skip(from).take(size + 1).collect();
    let more = page.len() > size;
    page.truncate(size);
    let mut meta = json!({"result_count": page.len()});
    if let (Some(newest), Some(oldest)) = (page.first(), page.last()) {
        meta["newest_id"] = json!(newest.id);
        meta["oldest_id"] = json!(oldest.id);
    }
    if more {
        meta["next_token"] = json!((from + size).to_string());
    }
    let data: Vec<Value> = page.into_iter().map(|post| render(&world, post, &query.fields)).collect();
    let body = if data.is_empty() { json!({"meta": meta}) } else { json!({"data": data, "meta": meta}) };
    Json(body).into_response()
}
