//! Subtitles of X: one uploaded track is made a video's, before a post has it. Shapes follow X's OpenAPI document
//! (`CreateMediaSubtitlesRequest`).

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::media::own;
use super::{PLATFORM, invalid};
use crate::oauth::Caller;
use crate::state::{State, now_ms};
use crate::store::{Captions, captions};

#[derive(Deserialize)]
pub(super) struct NewSubtitles {
    id: String,
    media_category: String,
    subtitles: Track,
}

#[derive(Deserialize)]
struct Track {
    id: String,
    language_code: String,
    display_name: Option<String>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let new: NewSubtitles = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return invalid("body", &Value::Null, &error.to_string()),
    };
    let Track { id, language_code: language, display_name: name } = new.subtitles;
    if !matches!(new.media_category.as_str(), "TweetVideo" | "AmplifyVideo") {
        return invalid("media_category", &json!(new.media_category), "Unknown media category.");
    }
    if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_uppercase()) {
        return invalid("subtitles.language_code", &json!(language), "language_code does not match ^[A-Z]{2}$.");
    }
    let mut world = state.world();
    let text = match own(&mut world, &caller, &id) {
        Ok(track) if track.category == "subtitles" && track.ready(now_ms()) => captions(&track.bytes),
        Ok(_) => return invalid("subtitles.id", &json!(id), "This is no subtitle track."),
        Err(refusal) => return refusal,
    };
    match own(&mut world, &caller, &new.id) {
        Ok(video) if video.mime.starts_with("video/") && video.ready(now_ms()) => {}
        Ok(_) => return invalid("id", &json!(new.id), "This is no video."),
        Err(refusal) => return refusal,
    }
    let shelf = &mut world.side(PLATFORM).shelf;
    shelf.caption(&new.id, Captions { language: language.clone(), name, text: text.unwrap_or_default() });
    let all: Vec<&String> = shelf.captions(&new.id).iter().map(|track| &track.language).collect();
    let data =
        json!({"id": new.id, "media_category": new.media_category, "associated_subtitles": {"language_codes": all}});
    Json(json!({"data": data})).into_response()
}
