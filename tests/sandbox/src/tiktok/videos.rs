//! The public videos of a creator, for them.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{bad, fields, needs, only, read, told};
use crate::consent::Fields;
use crate::faults::Lag;
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};

/// Videos of a page unless another number is asked for, and at most.
const PAGE: usize = 10;
const MOST: usize = 20;
const KNOWN: [&str; 8] =
    ["id", "title", "like_count", "comment_count", "share_count", "view_count", "create_time", "share_url"];

/// When it was published, and what is told of it; the newest first.
fn public<'a>(world: &'a World, creator: &'a str) -> impl Iterator<Item = (i64, Value)> + 'a {
    let now = now_ms();
    let own = world.tiktok.all.iter().rev().filter(move |publish| publish.creator.id == creator);
    own.filter_map(move |publish| {
        let (number, at_ms) = publish.public(&world.settings, now)?;
        let id = number.to_string();
        let video = json!({
            "title": publish.title, "like_count": 0, "comment_count": 0, "share_count": 0, "view_count": 0,
            "create_time": at_ms / 1_000, "share_url": format!("https://www.tiktok.com/@{}/video/{id}", publish.creator.handle),
            "id": id,
        });
        Some((at_ms, video))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    max_count: Option<usize>,
    /// Published before this, in ms since the epoch.
    cursor: Option<i64>,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (fields, page) = match prepare::<Page>(&caller, &asked, &headers, &body) {
        Ok(prepared) => prepared,
        Err(refusal) => return refusal,
    };
    let most = page.max_count.unwrap_or(PAGE);
    if !(1..=MOST).contains(&most) {
        return bad("max_count must be from 1 to 20");
    }
    let before = page.cursor.unwrap_or(i64::MAX).min(Lag::newest_ms(lag).saturating_add(1));
    let world = state.world();
    let mut found: Vec<(i64, Value)> =
        public(&world, caller.actor).filter(|(at_ms, _)| *at_ms < before).take(most + 1).collect();
    let has_more = found.len() > most;
    found.truncate(most);
    let cursor = found.last().map_or(0, |(at_ms, _)| *at_ms);
    let videos: Vec<Value> = found.into_iter().map(|(_, video)| only(video, &fields)).collect();
    told(&json!({"videos": videos, "cursor": cursor, "has_more": has_more}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    filters: Filters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filters {
    video_ids: Vec<String>,
}

pub(super) async fn query(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (fields, Wanted { filters }) = match prepare::<Wanted>(&caller, &asked, &headers, &body) {
        Ok(prepared) => prepared,
        Err(refusal) => return refusal,
    };
    if !(1..=MOST).contains(&filters.video_ids.len()) {
        return bad("video_ids must have from 1 to 20 items");
    }
    let world = state.world();
    let videos: Vec<Value> = public(&world, caller.actor)
        .filter(|(_, video)| filters.video_ids.iter().any(|id| video["id"] == id.as_str()))
        .map(|(_, video)| only(video, &fields))
        .collect();
    told(&json!({"videos": videos}))
}

/// What is asked for, once it is known that the caller may.
fn prepare<T: serde::de::DeserializeOwned>(
    caller: &Caller,
    asked: &Fields,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Vec<String>, T), Response> {
    needs(caller, "video.list")?;
    Ok((fields(asked, &KNOWN)?, read(headers, body)?))
}
