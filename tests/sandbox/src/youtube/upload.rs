//! Uploads: a session takes a file piece by piece, tells what it has, and ends in a video. And thumbnails.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde_json::json;
use std::collections::BTreeMap;

use super::snippet::{Said, Snippet, Status, check};
use super::videos::{Video, view};
use super::{PLATFORM, absent, bad, parts, refused};
use crate::consent::Fields;
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::{Media, Stage, is_mp4, sniff};

/// A piece that is not the last has a multiple of this many bytes.
const STEP: u64 = 256 * 1024;
/// The largest video (discovery document).
const MAX_BYTES: u64 = 274_877_906_944;
const MAX_THUMBNAIL: usize = 2 * 1024 * 1024;

/// A file on its way.
pub(super) struct Session {
    id: String,
    channel: String,
    snippet: Snippet,
    status: Status,
    parts: Vec<String>,
    media_type: String,
    total: u64,
    bytes: Vec<u8>,
    /// The video it became.
    video: Option<String>,
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(super) async fn begin(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if asked.get("uploadType").map(String::as_str) != Some("resumable") {
        return bad("mediaBodyRequired", "The request does not include the video content.");
    }
    let Ok(said) = serde_json::from_slice::<Said>(&body) else { return bad("parseError", "Parse Error") };
    let (snippet, status) = (said.snippet.unwrap_or_default(), said.status.unwrap_or_default());
    if let Err(refusal) = check(&snippet, &status) {
        return refusal;
    }
    let media_type = text(&headers, "x-upload-content-type");
    let total: u64 = text(&headers, "x-upload-content-length").parse().unwrap_or_default();
    if !(media_type.starts_with("video/") || media_type == "application/octet-stream")
        || !(1..=MAX_BYTES).contains(&total)
    {
        return bad("mediaBodyRequired", "The request does not include the video content.");
    }
    let mut world = state.world();
    let most = world.settings.youtube_uploads_a_day;
    if world.look(PLATFORM).videos.begun >= most {
        let words = "The request cannot be completed because you have exceeded your quota.";
        return refused(StatusCode::FORBIDDEN, "quotaExceeded", words);
    }
    let id = format!("session{}", world.side(PLATFORM).next_number());
    let session = Session {
        id: id.clone(),
        channel: caller.actor.to_owned(),
        snippet,
        status,
        parts: parts(&asked),
        media_type: media_type.to_owned(),
        total,
        bytes: Vec::new(),
        video: None,
    };
    world.side(PLATFORM).videos.open(session);
    let location =
        format!("{}/youtube/api/upload/youtube/v3/videos?uploadType=resumable&upload_id={id}", state.public_url());
    ([(header::LOCATION, location)], StatusCode::OK).into_response()
}

/// From where to where a piece goes; none where only the state is asked for. And the size of the whole.
fn range(text: &str) -> Option<(Option<(u64, u64)>, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let total = total.parse().ok()?;
    if range == "*" {
        return Some((None, total));
    }
    let (first, last) = range.split_once('-')?;
    Some((Some((first.parse().ok()?, last.parse().ok()?)), total))
}

/// What the session has.
fn resume(session: &Session) -> Response {
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    if let Some(last) = session.bytes.len().checked_sub(1)
        && let Ok(value) = format!("bytes=0-{last}").parse()
    {
        response.headers_mut().insert(header::RANGE, value);
    }
    response
}

/// Text that is no error of the API: the upload server answers without one.
fn plain(status: StatusCode, words: &'static str) -> Response {
    (status, words).into_response()
}

pub(super) async fn piece(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let id = asked.get("upload_id").map_or("", String::as_str);
    let mut world = state.world();
    let settings = world.settings.clone();
    let side = world.side(PLATFORM);
    let Some(at) = side.videos.sessions.iter().position(|s| s.id == id && s.channel == caller.actor) else {
        return plain(StatusCode::NOT_FOUND, "Not Found");
    };
    if settings.youtube_sessions_gone {
        side.videos.sessions.remove(at);
        return plain(StatusCode::NOT_FOUND, "Not Found");
    }
    let session = &mut side.videos.sessions[at];
    if let Some(video) = session.video.clone() {
        let parts = session.parts.clone();
        let told = side.videos.own(&video, caller.actor).map(|video| view(video, &settings, &parts));
        return told.map_or_else(absent, |told| Json(told).into_response());
    }
    let Some((piece, total)) = range(text(&headers, "content-range")).filter(|(_, total)| *total == session.total)
    else {
        return plain(StatusCode::BAD_REQUEST, "Failed to parse Content-Range header.");
    };
    let Some((first, last)) = piece else { return resume(session) };
    let length = body.len() as u64;
    let fits = first == session.bytes.len() as u64 && last + 1 == first + length && last < total;
    if !fits || (last + 1 < total && !length.is_multiple_of(STEP)) {
        return plain(StatusCode::BAD_REQUEST, "Invalid request. The piece does not begin where the last one ended.");
    }
    // It may keep less than came.
    let kept = settings.youtube_kept_bytes.filter(|_| last + 1 < total).map_or(body.len(), |most| body.len().min(most));
    session.bytes.extend_from_slice(&body[..kept]);
    if (session.bytes.len() as u64) < total {
        return resume(session);
    }
    finish(&mut world, at)
}

/// The file is there: it becomes a video, which is then processed.
fn finish(world: &mut World, at: usize) -> Response {
    let settings = world.settings.clone();
    let side = world.side(PLATFORM);
    let id = format!("vid{:08}", side.next_number());
    let session = &mut side.videos.sessions[at];
    session.video = Some(id.clone());
    let bytes = Bytes::from(std::mem::take(&mut session.bytes));
    let video = Video {
        id: id.clone(),
        channel: session.channel.clone(),
        snippet: session.snippet.clone(),
        status: session.status.clone(),
        polls: settings.youtube_polls,
        sound: is_mp4(&bytes),
        thumbnail: None,
        created_ms: now_ms(),
    };
    let (owner, mime) = (session.channel.clone(), session.media_type.clone());
    let told = view(&video, &settings, &session.parts);
    side.videos.keep(video);
    side.shelf.add(kept(id, owner, mime, bytes));
    Json(told).into_response()
}

fn kept(id: String, owner: String, mime: String, bytes: Bytes) -> Media {
    Media {
        id,
        owner,
        mime,
        category: String::new(),
        announced: bytes.len(),
        parts: BTreeMap::new(),
        bytes,
        stage: Stage::Polls(0),
        alt: None,
    }
}

pub(super) async fn thumbnail(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    body: Bytes,
) -> Response {
    let mut world = state.world();
    let side = world.side(PLATFORM);
    let number = side.next_number();
    let Some(video) = asked.get("videoId").and_then(|id| side.videos.own(id, caller.actor)) else { return absent() };
    let Some(mime @ ("image/png" | "image/jpeg")) = sniff(&body) else {
        return bad("invalidImage", "The provided image content is invalid.");
    };
    if body.len() > MAX_THUMBNAIL {
        return bad("mediaBodyRequired", "The image is too large.");
    }
    if caller.actor == "UCboDemoChannel000000002" {
        let words = "The authenticated user doesn't have permissions to upload and set custom video thumbnails.";
        return refused(StatusCode::FORBIDDEN, "forbidden", words);
    }
    let id = format!("thumbnail{number}");
    video.thumbnail = Some(id.clone());
    side.shelf.add(kept(id, caller.actor.to_owned(), mime.to_owned(), body));
    Json(json!({"kind": "youtube#thumbnailSetResponse", "items": [{}]})).into_response()
}
