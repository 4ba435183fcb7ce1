//! Reels and video stories of pages: announced, sent in one request to an address of another host, which takes it all or nothing, and
//! ended by the request that publishes them. A video is ended once; that it is refused a second time is not documented.

use axum::body::to_bytes;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes, extract};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::page::{commit, own};
use super::videos::{FINISHED, is_video};
use super::{Who, holder, refused};
use crate::ops::Platform;
use crate::state::{State, now_ms};
use crate::store::{Attached, Media, Stage, is_mp4};

/// How ids of reels and of stories begin here.
const REEL: &str = "1331";
const STORY: &str = "1332";

fn wrong(words: &str) -> Response {
    refused(400, 100, 0, words)
}

/// Whether it is a video that goes up in one request.
pub(super) fn is_whole(id: &str) -> bool {
    is_video(id) && (id.starts_with(REEL) || id.starts_with(STORY))
}

fn has_only(asked: &Value, known: &[&str]) -> Result<(), Response> {
    let fields = asked.as_object().map(|fields| fields.keys().all(|name| known.contains(&name.as_str())));
    if fields == Some(true) { Ok(()) } else { Err(wrong("an unknown field")) }
}

pub(super) async fn reel(state: &State, who: &Who, page: &str, request: Request) -> Result<Response, Response> {
    own(who, page)?;
    let asked: Value = super::body(request).await?;
    match asked["upload_phase"].as_str() {
        Some("START") => announce(state, page, &asked, REEL),
        Some("FINISH") => end_reel(state, page, &asked),
        _ => Err(wrong("Invalid parameter: upload_phase")),
    }
}

pub(super) async fn story(state: &State, who: &Who, page: &str, request: Request) -> Result<Response, Response> {
    own(who, page)?;
    let asked: Value = super::body(request).await?;
    match asked["upload_phase"].as_str() {
        Some("start") => announce(state, page, &asked, STORY),
        Some("finish") => end_story(state, page, &asked),
        _ => Err(wrong("Invalid parameter: upload_phase")),
    }
}

fn announce(state: &State, page: &str, asked: &Value, prefix: &str) -> Result<Response, Response> {
    has_only(asked, &["upload_phase"])?;
    let mut world = state.world();
    let side = world.side(Platform::Facebook);
    let video = format!("{prefix}{:012}", side.next_number());
    side.shelf.add(Media {
        id: video.clone(),
        owner: page.to_owned(),
        mime: "video/mp4".to_owned(),
        category: "announced".to_owned(),
        announced: 0,
        parts: BTreeMap::new(),
        bytes: Bytes::new(),
        stage: Stage::Waiting,
        alt: None,
    });
    let url = format!("{}/facebook/rupload/video-upload/v25.0/{video}", state.public_url());
    Ok(Json(json!({ "video_id": video, "upload_url": url })).into_response())
}

/// A refusal as the host that takes bytes words it.
fn not_taken(kind: &str, words: &str) -> Response {
    let body = json!({ "debug_info": { "retriable": false, "type": kind, "message": words } });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

pub(super) async fn take(
    extract::State(state): extract::State<State>,
    Path((_, video)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = text("authorization").strip_prefix("OAuth ").unwrap_or_default();
    let who = match holder(&state.world(), Platform::Facebook, token) {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    let number = |name: &str| text(name).parse::<usize>().ok();
    let (Some(offset), Some(size)) = (number("offset"), number("file_size")) else {
        let words = "HeaderValuePredicate: Header Offset not convertable to unsigned long";
        return not_taken("ParameterValidationError", words);
    };
    let Ok(bytes) = to_bytes(request.into_body(), usize::MAX).await else {
        return not_taken("PartialRequestError", "The body did not come to its end");
    };
    let mut world = state.world();
    let held = world.side(Platform::Facebook).shelf.get_mut(&video);
    let held = held.filter(|held| is_whole(&held.id) && who.page == Some(held.owner.as_str()));
    let Some(held) = held.filter(|held| held.category != FINISHED) else {
        return not_taken("NotAuthorizedError", "There is no such upload");
    };
    if offset != 0 || !held.bytes.is_empty() {
        return not_taken("OffsetInvalidError", "Offset is not where the upload is");
    }
    if bytes.len() != size || size == 0 {
        return not_taken("PartialRequestError", "Partial request (did not match length of file)");
    }
    (held.announced, held.bytes) = (size, bytes);
    if !is_mp4(&held.bytes) {
        held.stage = Stage::Failed;
    }
    Json(json!({ "success": true })).into_response()
}

/// Takes the end of an upload: the video, once it is whole.
fn end(state: &State, page: &str, asked: &Value, prefix: &str) -> Result<String, Response> {
    let mut world = state.world();
    let (ready_at, fails) = (now_ms() + world.settings.facebook_video_ms, world.settings.facebook_video_fails);
    let id = asked["video_id"].as_str().unwrap_or_default();
    let held = world.side(Platform::Facebook).shelf.get_mut(id);
    let held = held.filter(|held| held.owner == page && held.id.starts_with(prefix));
    let held = held.filter(|held| held.category != FINISHED).ok_or_else(|| wrong("Invalid parameter: video_id"))?;
    if held.bytes.is_empty() {
        return Err(refused(400, 6_000, 1_363_130, "Video Upload Is Missing"));
    }
    FINISHED.clone_into(&mut held.category);
    held.stage = if fails || held.stage == Stage::Failed { Stage::Failed } else { Stage::ReadyAt(ready_at) };
    Ok(held.id.clone())
}

fn end_reel(state: &State, page: &str, asked: &Value) -> Result<Response, Response> {
    has_only(asked, &["upload_phase", "video_id", "video_state", "description", "title"])?;
    let is_draft = match asked["video_state"].as_str() {
        Some("PUBLISHED") => false,
        Some("DRAFT") => true,
        _ => return Err(wrong("Invalid parameter: video_state")),
    };
    {
        let world = state.world();
        let day = now_ms() - 86_400_000;
        let is_reel = |id: &str| id.starts_with(REEL) && is_video(id);
        let posts = world.look(Platform::Facebook).wall.all();
        let posts = posts.filter(|post| post.author == page && post.visibility.is_none() && post.created_ms > day);
        let reels = posts.filter(|post| post.media.iter().any(|media| is_reel(&media.id))).count();
        if !is_draft && reels >= world.settings.facebook_reels_a_day {
            return Err(refused(400, 613, 0, "Calls to this api have exceeded the rate limit."));
        }
    }
    let video = end(state, page, asked, REEL)?;
    let mut world = state.world();
    if world.look(Platform::Facebook).shelf.get(&video).is_some_and(|held| held.stage == Stage::Failed) {
        return Ok(Json(json!({ "success": true })).into_response());
    }
    let text = asked["description"].as_str().unwrap_or_default().to_owned();
    let seen = is_draft.then(|| "draft".to_owned());
    let post = commit(&mut world, page, text, vec![Attached { id: video, alt: None }], None, seen);
    if let Some(post) = world.side(Platform::Facebook).wall.get_mut(&post.id) {
        post.raw = asked.to_string();
    }
    Ok(Json(json!({ "success": true })).into_response())
}

fn end_story(state: &State, page: &str, asked: &Value) -> Result<Response, Response> {
    has_only(asked, &["upload_phase", "video_id"])?;
    let video = end(state, page, asked, STORY)?;
    let mut world = state.world();
    if world.look(Platform::Facebook).shelf.get(&video).is_some_and(|held| held.stage == Stage::Failed) {
        return Ok(Json(json!({ "success": true })).into_response());
    }
    let media = vec![Attached { id: video, alt: None }];
    let post = commit(&mut world, page, String::new(), media, None, Some("story".to_owned()));
    Ok(Json(json!({ "success": true, "post_id": post.id })).into_response())
}
