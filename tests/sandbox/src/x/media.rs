//! Media of X: one-shot and chunked upload, status, alt text.

use axum::body::Bytes;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::form::parts;
use super::{PLATFORM, invalid, problem};
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::{Media, Stage, captions, is_mp4, sniff};

/// Largest picture.
const MAX_IMAGE_BYTES: usize = 5 * 1024 * 1024;
const MAX_GIF_BYTES: usize = 15 * 1024 * 1024;
/// Larger pieces get an empty 413 at the platform's edge; 1 MiB is what its samples use.
const MAX_CHUNK_BYTES: usize = 1024 * 1024;
const MAX_ALT_CHARS: usize = 1_000;
const MAX_SEGMENT: u32 = 999;
/// An upload nobody uses is gone after a day.
const EXPIRES_S: u32 = 86_400;
const CATEGORIES: &[&str] = &["tweet_image", "tweet_gif", "tweet_video", "amplify_video", "subtitles"];
/// Types that subtitles are announced as.
const SUBTITLES: [&str; 2] = ["text/srt", "text/vtt"];

pub(super) async fn one_shot(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let parts = match parts(request).await {
        Ok(parts) => parts,
        Err(refusal) => return refusal,
    };
    let category = parts.texts.get("media_category").map_or("", String::as_str);
    if category != "tweet_image" {
        return invalid("media_category", &json!(category), "One-shot upload takes tweet_image.");
    }
    let Some(mime) = sniff(&parts.media) else {
        return invalid("media", &Value::Null, "media type unrecognized.");
    };
    if parts.media.len() > MAX_IMAGE_BYTES {
        return invalid("media", &json!(parts.media.len()), "File size exceeds 5242880 bytes.");
    }
    let mut world = state.world();
    let id = world.next_id(PLATFORM, now_ms());
    let media = Media {
        id,
        owner: caller.actor.to_owned(),
        mime: mime.to_owned(),
        category: category.to_owned(),
        announced: parts.media.len(),
        parts: BTreeMap::new(),
        bytes: parts.media,
        stage: Stage::Polls(0),
        alt: None,
    };
    let answer = describe(&media);
    world.x.shelf.add(media);
    Json(json!({"data": answer})).into_response()
}

#[derive(Deserialize)]
pub(super) struct Announcement {
    media_type: String,
    total_bytes: usize,
    media_category: String,
}

pub(super) async fn initialize(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let new: Announcement = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return invalid("body", &Value::Null, &error.to_string()),
    };
    if !CATEGORIES.contains(&new.media_category.as_str()) {
        return invalid("media_category", &json!(new.media_category), "Unknown media category.");
    }
    if (new.media_category == "subtitles") != SUBTITLES.contains(&new.media_type.as_str()) {
        return invalid("media_type", &json!(new.media_type), "The type does not go with the category.");
    }
    let most = match new.media_category.as_str() {
        "tweet_image" => MAX_IMAGE_BYTES,
        "tweet_gif" => MAX_GIF_BYTES,
        _ => 512 * 1024 * 1024,
    };
    if !(1..=most).contains(&new.total_bytes) {
        return invalid("total_bytes", &json!(new.total_bytes), "The file size is out of range.");
    }
    let mut world = state.world();
    let id = world.next_id(PLATFORM, now_ms());
    let media = Media {
        id,
        owner: caller.actor.to_owned(),
        mime: new.media_type,
        category: new.media_category,
        announced: new.total_bytes,
        parts: BTreeMap::new(),
        bytes: Bytes::new(),
        stage: Stage::Waiting,
        alt: None,
    };
    let answer = describe(&media);
    world.x.shelf.add(media);
    Json(json!({"data": answer})).into_response()
}

pub(super) async fn append(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let parts = match parts(request).await {
        Ok(parts) => parts,
        Err(refusal) => return refusal,
    };
    if parts.media.len() > MAX_CHUNK_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let index = parts.texts.get("segment_index").and_then(|text| text.parse::<u32>().ok());
    let Some(index) = index.filter(|index| *index <= MAX_SEGMENT) else {
        return invalid("segment_index", &Value::Null, "segment_index must be 0 to 999.");
    };
    let mut world = state.world();
    let once = world.settings.x_segments_once;
    let media = match own(&mut world, &caller, &id) {
        Ok(media) if media.stage == Stage::Waiting => media,
        Ok(_) => return invalid("id", &json!(id), "This upload is already finalized."),
        Err(refusal) => return refusal,
    };
    if once && media.parts.contains_key(&index) {
        return invalid("segment_index", &json!(index), "This segment is there already.");
    }
    media.parts.insert(index, parts.media);
    world.x.shelf.trim();
    Json(json!({"data": {"expires_at": now_ms() / 1_000 + i64::from(EXPIRES_S)}})).into_response()
}

pub(super) async fn finalize(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let mut world = state.world();
    let media = match own(&mut world, &caller, &id) {
        Ok(media) => media,
        Err(refusal) => return refusal,
    };
    // Whether X takes this twice is not documented: here it does not.
    if media.stage != Stage::Waiting {
        return invalid("id", &json!(id), "This upload is already finalized.");
    }
    let whole: Vec<u8> = media.parts.values().flatten().copied().collect();
    if whole.len() != media.announced {
        return invalid("id", &json!(id), "Segments do not add up to provided total file size.");
    }
    media.parts.clear();
    media.bytes = Bytes::from(whole);
    let picture = media.category == "tweet_image";
    let film = media.mime.starts_with("video/");
    let words = media.category == "subtitles";
    let genuine = match () {
        () if film => is_mp4(&media.bytes),
        () if words => captions(&media.bytes).is_some(),
        () => sniff(&media.bytes).is_some(),
    };
    media.stage = match (genuine, picture || words) {
        // That a video is none is found out while it is transcoded.
        (false, _) if !film => Stage::Failed,
        (true, true) => Stage::Polls(0),
        // GIF and video are transcoded: one status call sees it in progress, the second one done.
        _ => Stage::Polls(2),
    };
    Json(json!({"data": describe(media)})).into_response()
}

#[derive(Deserialize)]
pub(super) struct StatusQuery {
    #[serde(default)]
    command: String,
    #[serde(default)]
    media_id: String,
}

pub(super) async fn status(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<StatusQuery>,
) -> Response {
    if query.command != "STATUS" {
        return invalid("command", &json!(query.command), "command must be STATUS.");
    }
    let mut world = state.world();
    match own(&mut world, &caller, &query.media_id) {
        Ok(media) => {
            if let Stage::Polls(left) = media.stage {
                let sound = !media.mime.starts_with("video/") || is_mp4(&media.bytes);
                media.stage = if left > 1 || sound { Stage::Polls(left.saturating_sub(1)) } else { Stage::Failed };
            }
            let mut answer = describe(media);
            if media.stage == Stage::Polls(0) {
                answer["processing_info"] = json!({"state": "succeeded", "progress_percent": 100});
            }
            Json(json!({"data": answer})).into_response()
        }
        Err(refusal) => refusal,
    }
}

fn describe(media: &Media) -> Value {
    let mut out = json!({"id": media.id, "media_key": format!("3_{}", media.id), "expires_after_secs": EXPIRES_S});
    if !media.bytes.is_empty() {
        out["size"] = json!(media.bytes.len());
    }
    match media.stage {
        Stage::Failed => {
            let error = json!({"code": 1, "name": "InvalidMedia", "message": "file is not of the announced type"});
            out["processing_info"] = json!({"state": "failed", "error": error});
        }
        Stage::Polls(2..) => {
            out["processing_info"] = json!({"state": "pending", "check_after_secs": 1});
        }
        Stage::Polls(1) => {
            out["processing_info"] = json!({"state": "in_progress", "check_after_secs": 1, "progress_percent": 50});
        }
        Stage::Polls(0) | Stage::Waiting | Stage::ReadyAt(_) => {}
    }
    out
}

/// The caller's own upload.
pub(super) fn own<'a>(world: &'a mut World, caller: &Caller, id: &str) -> Result<&'a mut Media, Response> {
    match world.x.shelf.get_mut(id) {
        Some(media) if media.owner == caller.actor => Ok(media),
        Some(_) => Err(problem(StatusCode::FORBIDDEN, "This media belongs to another user.")),
        None => Err(invalid("id", &json!(id), "Invalid media id.")),
    }
}

#[derive(Deserialize)]
pub(super) struct NewMetadata {
    id: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    alt_text: Option<AltText>,
}

#[derive(Deserialize)]
struct AltText {
    text: String,
}

pub(super) async fn metadata(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let new: NewMetadata = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return invalid("body", &Value::Null, &error.to_string()),
    };
    let alt = new.metadata.alt_text.map(|alt| alt.text);
    if alt.as_ref().is_some_and(|text| text.chars().count() > MAX_ALT_CHARS) {
        return invalid("metadata.alt_text.text", &Value::Null, "Alt text is longer than 1000 characters.");
    }
    let mut world = state.world();
    match own(&mut world, &caller, &new.id) {
        Ok(media) => {
            media.alt.clone_from(&alt);
            let set = json!({"alt_text": {"text": alt}});
            Json(json!({"data": {"id": new.id, "associated_metadata": set}})).into_response()
        }
        Err(refusal) => refusal,
    }
}
