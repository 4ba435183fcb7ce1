//! Videos of LinkedIn: announced, sent part by part to the addresses that it gives, finished, state.

use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::images::{Action, UPLOAD_MS};
use super::{PLATFORM, acts_as, denied, problem};
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::{Media, Stage, is_mp4};

const VIDEO: &str = "urn:li:video:";
/// Largest video.
const MAX_BYTES: usize = 500_000_000;
/// What an upload is named by at its end, beside its tags.
const TOKEN: &str = "upload-token-1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Initialize {
    initialize_upload_request: New,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct New {
    owner: String,
    file_size_bytes: usize,
    #[serde(default)]
    upload_captions: bool,
    #[serde(default)]
    upload_thumbnail: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Finalize {
    finalize_upload_request: Finished,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Finished {
    video: String,
    upload_token: String,
    uploaded_part_ids: Vec<String>,
}

fn illegal(message: &str) -> Response {
    problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", message)
}

pub(super) async fn act(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Action>,
    body: Bytes,
) -> Response {
    match query.action.as_str() {
        "initializeUpload" => initialize(&state, &caller, &body),
        "finalizeUpload" => finalize(&state, &caller, &body),
        _ => illegal("action must be initializeUpload or finalizeUpload"),
    }
}

fn initialize(state: &State, caller: &Caller, body: &[u8]) -> Response {
    let new = match serde_json::from_slice::<Initialize>(body) {
        Ok(body) => body.initialize_upload_request,
        Err(error) => return illegal(&error.to_string()),
    };
    if !acts_as(caller, &new.owner, "w_member_social", "w_organization_social") {
        return denied("Not enough permissions to access: videos.ACTION-initializeUpload");
    }
    if new.upload_captions || new.upload_thumbnail || !(1..=MAX_BYTES).contains(&new.file_size_bytes) {
        return illegal("fileSizeBytes is out of range, or something is asked for that is not imitated");
    }
    let now = now_ms();
    let mut world = state.world();
    let id = format!("D5605AQ{}", world.next_id(PLATFORM, now));
    let step = world.settings.linkedin_part_bytes.max(1);
    let instruction = |(n, first): (usize, usize)| {
        let last = (first + step).min(new.file_size_bytes) - 1;
        let url = format!("{}/linkedin/upload/{id}/{n}", state.public_url());
        json!({"uploadUrl": url, "firstByte": first, "lastByte": last})
    };
    let parts: Vec<Value> = (0..new.file_size_bytes).step_by(step).enumerate().map(instruction).collect();
    let urn = format!("{VIDEO}{id}");
    world.linkedin.shelf.add(Media {
        id: urn.clone(),
        owner: new.owner,
        mime: String::new(),
        category: "video".to_owned(),
        announced: new.file_size_bytes,
        parts: BTreeMap::new(),
        bytes: Bytes::new(),
        stage: Stage::Waiting,
        alt: None,
    });
    let expires = now + UPLOAD_MS;
    let value = json!({"video": urn, "uploadToken": TOKEN, "uploadInstructions": parts, "uploadUrlsExpireAt": expires});
    Json(json!({"value": value})).into_response()
}

/// The tag of a part: of its place and bytes.
fn tag(part: u32, bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    format!("/ambry-video/signedId/{part}-{sum:x}")
}

pub(super) async fn upload(
    extract::State(state): extract::State<State>,
    Path((id, part)): Path<(String, u32)>,
    body: Bytes,
) -> Response {
    let mut world = state.world();
    let step = world.settings.linkedin_part_bytes.max(1);
    let found = world.linkedin.shelf.get_mut(&format!("{VIDEO}{id}")).filter(|media| media.stage == Stage::Waiting);
    let Some(media) = found else { return StatusCode::NOT_FOUND.into_response() };
    let first = step * usize::try_from(part).unwrap_or(usize::MAX / step);
    if first >= media.announced || body.len() != step.min(media.announced - first) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let tag = tag(part, &body);
    media.parts.insert(part, body);
    world.linkedin.shelf.trim();
    (StatusCode::OK, [(header::ETAG, tag)]).into_response()
}

fn finalize(state: &State, caller: &Caller, body: &[u8]) -> Response {
    let finished = match serde_json::from_slice::<Finalize>(body) {
        Ok(body) => body.finalize_upload_request,
        Err(error) => return illegal(&error.to_string()),
    };
    let mut world = state.world();
    let ready_at = now_ms() + world.settings.linkedin_image_ms;
    let media = match own(&mut world, caller, &finished.video) {
        Ok(media) => media,
        Err(refusal) => return refusal,
    };
    // Whether LinkedIn takes this twice is not documented: here it does not.
    let tags: Vec<String> = media.parts.iter().map(|(part, bytes)| tag(*part, bytes)).collect();
    if media.stage != Stage::Waiting || finished.upload_token != TOKEN || finished.uploaded_part_ids != tags {
        return illegal("the upload is not one that waits for these parts");
    }
    let whole: Vec<u8> = media.parts.values().flatten().copied().collect();
    if whole.len() != media.announced {
        return illegal("parts are missing");
    }
    media.parts.clear();
    // What is something else is taken all the same and fails in processing.
    media.stage = if is_mp4(&whole) { Stage::ReadyAt(ready_at) } else { Stage::Failed };
    "video/mp4".clone_into(&mut media.mime);
    media.bytes = Bytes::from(whole);
    StatusCode::OK.into_response()
}

/// Members may ask about their own videos, unlike about their pictures.
pub(super) async fn status(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(urn): Path<String>,
) -> Response {
    let mut world = state.world();
    let media = match own(&mut world, &caller, &urn) {
        Ok(media) => media,
        Err(refusal) => return refusal,
    };
    let status = match media.stage {
        Stage::Waiting => "WAITING_UPLOAD",
        Stage::Failed => "PROCESSING_FAILED",
        _ if media.ready(now_ms()) => "AVAILABLE",
        _ => "PROCESSING",
    };
    Json(json!({"id": media.id, "owner": media.owner, "status": status})).into_response()
}

fn own<'a>(world: &'a mut World, caller: &Caller, urn: &str) -> Result<&'a mut Media, Response> {
    match world.linkedin.shelf.get_mut(urn) {
        Some(media) if media.category != "video" => Err(illegal("this is no video")),
        Some(media) if acts_as(caller, &media.owner, "w_member_social", "w_organization_social") => Ok(media),
        Some(_) => Err(denied("Not enough permissions to access: videos")),
        None => Err(problem(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Video not found")),
    }
}
