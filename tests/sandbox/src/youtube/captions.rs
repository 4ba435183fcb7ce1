//! Captions of videos: tracks are listed, and one comes with what is said of it in one request (Google's guide to media uploads,
//! `uploadType=multipart`).

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{PLATFORM, absent, bad, parts, refused};
use crate::consent::Fields;
use crate::oauth::Caller;
use crate::state::State;
use crate::store::{Captions, captions};

#[derive(Deserialize)]
struct Said {
    snippet: Snippet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snippet {
    video_id: String,
    language: String,
    name: String,
}

fn view(video: &str, track: &Captions) -> Value {
    let snippet = json!({
        "videoId": video, "trackKind": "standard", "language": track.language, "name": track.name, "isDraft": false,
        "status": "serving",
    });
    json!({"kind": "youtube#caption", "id": format!("{video}-{}", track.language), "snippet": snippet})
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
) -> Response {
    let Some(id) = asked.get("videoId").filter(|_| !parts(&asked).is_empty()) else {
        return bad("missingRequiredParameter", "part and videoId are needed");
    };
    let mut world = state.world();
    let side = world.side(PLATFORM);
    if side.videos.own(id, caller.actor).is_none() {
        return absent();
    }
    let items: Vec<Value> = side.shelf.captions(id).iter().map(|track| view(id, track)).collect();
    Json(json!({"kind": "youtube#captionListResponse", "items": items})).into_response()
}

/// The two parts of a `multipart/related` body.
fn halves<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let boundary = format!("--{}", kind.strip_prefix("multipart/related; boundary=")?);
    let find =
        |from: usize, what: &[u8]| body.get(from..)?.windows(what.len()).position(|w| w == what).map(|at| from + at);
    let content = |from: usize| {
        let begins = find(from, b"\r\n\r\n")? + 4;
        let ends = find(begins, format!("\r\n{boundary}").as_bytes())?;
        Some((begins, ends))
    };
    let said = content(find(0, boundary.as_bytes())?)?;
    let file = content(said.1 + 2)?;
    Some((body.get(said.0..said.1)?, body.get(file.0..file.1)?))
}

pub(super) async fn insert(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((said, file)) =
        halves(&headers, &body).filter(|_| asked.get("uploadType").is_some_and(|t| t == "multipart"))
    else {
        return bad("contentRequired", "The request does not contain the caption track contents.");
    };
    let Ok(Said { snippet }) = serde_json::from_slice::<Said>(said) else { return bad("parseError", "Parse Error") };
    let mut world = state.world();
    let side = world.side(PLATFORM);
    if side.videos.own(&snippet.video_id, caller.actor).is_none() {
        return absent();
    }
    let Some(text) = captions(file) else { return bad("invalidMetadata", "The captions cannot be read.") };
    let new = Captions { language: snippet.language, name: Some(snippet.name), text };
    let same = |held: &Captions| held.language.eq_ignore_ascii_case(&new.language) && held.name == new.name;
    if side.shelf.captions(&snippet.video_id).iter().any(same) {
        let words = "The specified video already has a caption track with the given language and track name.";
        return refused(StatusCode::CONFLICT, "captionExists", words);
    }
    let told = view(&snippet.video_id, &new);
    side.shelf.caption(&snippet.video_id, new);
    Json(told).into_response()
}
