//! Videos of pages: an upload is begun, takes chunks where the last one ended, and is finished, which publishes it once it is
//! processed. A chunk may be shorter than what was asked for, and none is taken twice; neither is documented.

use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::page::{commit, own, permalink};
use super::reels::is_whole;
use super::{Who, refused};
use crate::ops::Platform;
use crate::state::{State, World, now_ms};
use crate::store::{Attached, Media, Post, Stage, is_mp4};

/// How ids of videos begin here that go up by chunks, and of all.
const PREFIX: &str = "1330";
const VIDEO: &str = "133";
/// What an upload that was finished is called.
pub(super) const FINISHED: &str = "finished";

pub(super) fn is_video(id: &str) -> bool {
    id.starts_with(VIDEO) && id.len() == 16
}

/// Whether a request to the videos of a page publishes: it finishes an upload.
pub(crate) fn finishes(body: &[u8]) -> bool {
    let asked = serde_json::from_slice::<Value>(body).unwrap_or_default();
    asked["upload_phase"].as_str().is_some_and(|phase| phase.eq_ignore_ascii_case("finish"))
}

fn wrong(words: &str) -> Response {
    refused(400, 100, 0, words)
}

pub(super) async fn upload(state: &State, who: &Who, page: &str, request: Request) -> Result<Response, Response> {
    own(who, page)?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        return transfer(state, page, request).await;
    }
    let asked: Value = super::body(request).await?;
    match asked["upload_phase"].as_str() {
        Some("start") => start(state, page, &asked),
        Some("finish") => finish(state, page, &asked),
        _ => Err(wrong("Invalid parameter: upload_phase")),
    }
}

fn start(state: &State, page: &str, asked: &Value) -> Result<Response, Response> {
    let whole = asked["file_size"].as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    let whole = whole.ok_or_else(|| wrong("Invalid parameter: file_size"))?;
    let mut world = state.world();
    let chunk = world.settings.facebook_chunk_bytes;
    let side = world.side(Platform::Facebook);
    let (video, session) = (format!("{PREFIX}{:012}", side.next_number()), format!("1440{:012}", side.next_number()));
    side.shelf.add(Media {
        id: video.clone(),
        owner: page.to_owned(),
        mime: "video/mp4".to_owned(),
        category: session.clone(),
        announced: whole,
        parts: BTreeMap::new(),
        bytes: Bytes::new(),
        stage: Stage::Waiting,
        alt: None,
    });
    let body = json!({
        "video_id": video, "upload_session_id": session, "start_offset": "0", "end_offset": chunk.min(whole).to_string(),
    });
    Ok(Json(body).into_response())
}

/// The upload that waits under this session of the page.
fn waiting<'a>(world: &'a mut World, page: &str, session: &str) -> Result<&'a mut Media, Response> {
    let id = {
        let shelf = &world.look(Platform::Facebook).shelf;
        shelf.of_category(session).filter(|held| held.owner == page).map(|held| held.id.clone())
    };
    let held = id.and_then(|id| world.side(Platform::Facebook).shelf.get_mut(&id));
    held.filter(|held| held.stage == Stage::Waiting)
        .ok_or_else(|| refused(400, 100, 1_363_030, "The session has ended"))
}

async fn transfer(state: &State, page: &str, request: Request) -> Result<Response, Response> {
    let broken = |words: String| wrong(&words);
    let (mut texts, mut chunk) = (BTreeMap::new(), None);
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(|e| broken(e.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "video_file_chunk" => chunk = Some(field.bytes().await.map_err(|e| broken(e.body_text()))?),
            "upload_phase" | "upload_session_id" | "start_offset" => {
                texts.insert(name, field.text().await.map_err(|e| broken(e.body_text()))?);
            }
            _ => return Err(wrong("an unknown field")),
        }
    }
    let text = |name: &str| texts.get(name).map_or("", String::as_str);
    let chunk = chunk.filter(|_| text("upload_phase") == "transfer").ok_or_else(|| wrong("Invalid parameter"))?;
    let mut world = state.world();
    let most = world.settings.facebook_chunk_bytes;
    let held = waiting(&mut world, page, text("upload_session_id"))?;
    let from = held.bytes.len();
    if text("start_offset") != from.to_string() || chunk.is_empty() || chunk.len() > most.min(held.announced - from) {
        return Err(refused(400, 6_000, 1_363_037, "There was a problem uploading your video file"));
    }
    held.bytes = [held.bytes.as_ref(), chunk.as_ref()].concat().into();
    let (from, size) = (held.bytes.len(), held.announced);
    let body = json!({ "start_offset": from.to_string(), "end_offset": (from + most).min(size).to_string() });
    Ok(Json(body).into_response())
}

fn finish(state: &State, page: &str, asked: &Value) -> Result<Response, Response> {
    let known = ["upload_phase", "upload_session_id", "description", "title", "published", "unpublished_content_type"];
    if !asked.as_object().is_some_and(|fields| fields.keys().all(|name| known.contains(&name.as_str()))) {
        return Err(wrong("an unknown field"));
    }
    let seen = unseen(asked["published"].as_bool(), asked["unpublished_content_type"].as_str())?;
    let mut world = state.world();
    let (ready_at, fails) = (now_ms() + world.settings.facebook_video_ms, world.settings.facebook_video_fails);
    let held = waiting(&mut world, page, asked["upload_session_id"].as_str().unwrap_or_default())?;
    if held.bytes.len() != held.announced {
        return Err(refused(400, 6_000, 1_363_031, "The video is not whole"));
    }
    FINISHED.clone_into(&mut held.category);
    let video = held.id.clone();
    if fails || !is_mp4(&held.bytes) {
        held.stage = Stage::Failed;
        return Ok(Json(json!({ "success": true })).into_response());
    }
    held.stage = Stage::ReadyAt(ready_at);
    let text = asked["description"].as_str().unwrap_or_default().to_owned();
    let post = commit(&mut world, page, text, vec![Attached { id: video, alt: None }], None, seen);
    if let Some(post) = world.side(Platform::Facebook).wall.get_mut(&post.id) {
        post.raw = asked.to_string();
    }
    Ok(Json(json!({ "success": true })).into_response())
}

/// As what a post is kept that nobody sees.
pub(super) fn unseen(published: Option<bool>, kind: Option<&str>) -> Result<Option<String>, Response> {
    match (published, kind) {
        (None | Some(true), None) => Ok(None),
        (Some(false), Some("DRAFT")) => Ok(Some("draft".to_owned())),
        _ => Err(wrong("this server keeps nothing unpublished but drafts")),
    }
}

/// The post that shows a video.
pub(super) fn post_of(world: &World, id: &str) -> Option<String> {
    let posts = world.look(Platform::Facebook).wall.live();
    let mut posts = posts.filter(|post| is_video(id) && post.media.iter().any(|media| media.id == id));
    posts.next().map(|post| post.id.clone())
}

/// Whether a post is shown: not while its video is processed.
pub(super) fn is_processed(world: &World, post: &Post) -> bool {
    let shelf = &world.look(Platform::Facebook).shelf;
    let busy = |id: &str| is_video(id) && shelf.get(id).is_some_and(|held| !held.ready(now_ms()));
    !post.media.iter().any(|media| busy(&media.id))
}

/// A video as the API gives it to its page.
pub(super) fn shown(state: &State, world: &World, who: &Who, id: &str) -> Option<Value> {
    let side = world.look(Platform::Facebook);
    let held = side.shelf.get(id).filter(|held| is_video(id) && who.page == Some(held.owner.as_str()))?;
    let post = side.wall.all().find(|post| post.media.iter().any(|media| media.id == id));
    if post.is_some_and(|post| post.deleted) {
        return None;
    }
    let status = match held.stage {
        Stage::Failed => "error",
        _ if held.category != FINISHED && is_whole(id) && !held.bytes.is_empty() => "upload_complete",
        _ if held.category != FINISHED => "uploading",
        _ if held.ready(now_ms()) => "ready",
        _ => "processing",
    };
    let is_draft = post.is_some_and(|post| post.visibility.as_deref() == Some("draft"));
    let published = post.is_some() && !is_draft;
    let mut out = json!({ "id": id, "published": published, "status": { "video_status": status } });
    if is_whole(id) {
        let arrived = if held.bytes.is_empty() { "not_started" } else { "complete" };
        out["status"]["uploading_phase"] = json!({ "status": arrived, "bytes_transfered": held.bytes.len() });
        if held.stage == Stage::Failed {
            let error = json!({ "message": "Resolution too low. Video must have a minimum resolution of 540p." });
            out["status"]["processing_phase"] = json!({ "status": "error", "error": error });
        }
    }
    out["status"]["publishing_phase"] = match status {
        "ready" => json!({ "status": "complete", "publish_status": if is_draft { "draft" } else { "published" } }),
        _ => json!({ "status": "not_started" }),
    };
    if let Some(post) = post.filter(|_| status == "ready" && published) {
        out["post_id"] = json!(post.id);
        out["permalink_url"] = json!(permalink(state, post));
    }
    Some(out)
}
