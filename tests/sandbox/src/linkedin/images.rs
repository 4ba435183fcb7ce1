//! Images and documents of LinkedIn: initialize, upload to the address it gives, state.

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

use super::{ORGANIZATION, PLATFORM, acts_as, denied, problem};
use crate::oauth::Caller;
use crate::state::{State, now_ms};
use crate::store::{Media, Stage, is_paper, sniff};

const IMAGE: &str = "urn:li:image:";
const DOCUMENT: &str = "urn:li:document:";
/// How long an upload address lives, in ms.
pub(super) const UPLOAD_MS: i64 = 86_400_000;

#[derive(Deserialize)]
pub(super) struct Action {
    #[serde(default)]
    pub(super) action: String,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "initializeUploadRequest")]
    request: Owner,
}

#[derive(Deserialize)]
struct Owner {
    owner: String,
}

pub(super) async fn initialize(
    OriginalUri(uri): OriginalUri,
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Action>,
    body: Bytes,
) -> Response {
    let Ok(body) = serde_json::from_slice::<Body>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", "initializeUploadRequest.owner is required");
    };
    if query.action != "initializeUpload" {
        return problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", "action must be initializeUpload");
    }
    let owner = body.request.owner;
    if !acts_as(&caller, &owner, "w_member_social", "w_organization_social") {
        return denied("Not enough permissions to access: images.ACTION-initializeUpload");
    }
    let now = now_ms();
    let mut world = state.world();
    let number = world.next_id(PLATFORM, now);
    let (kind, category) = if uri.path().ends_with("/documents") { (DOCUMENT, "document") } else { (IMAGE, "image") };
    let urn = format!("{kind}D4E10AQ{number}");
    world.linkedin.shelf.add(Media {
        id: urn.clone(),
        owner,
        mime: String::new(),
        category: category.to_owned(),
        announced: 0,
        parts: BTreeMap::new(),
        bytes: Bytes::new(),
        stage: Stage::Waiting,
        alt: None,
    });
    let url = format!("{}/linkedin/upload/D4E10AQ{number}", state.public_url());
    Json(json!({"value": {"uploadUrl": url, category: urn, "uploadUrlExpiresAt": now + UPLOAD_MS}})).into_response()
}

pub(super) async fn upload(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let mut world = state.world();
    let ready_at = now_ms() + world.settings.linkedin_image_ms;
    let shelf = &mut world.linkedin.shelf;
    let kind = [IMAGE, DOCUMENT].into_iter().find(|kind| shelf.get(&format!("{kind}{id}")).is_some());
    let Some(media) = kind.and_then(|kind| shelf.get_mut(&format!("{kind}{id}"))) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let document = media.category == "document";
    let mime = if document { is_paper(&body).then_some("application/pdf") } else { sniff(&body) };
    // What is something else is taken all the same and fails in processing.
    media.stage = mime.map_or(Stage::Failed, |_| Stage::ReadyAt(ready_at));
    mime.unwrap_or_default().clone_into(&mut media.mime);
    media.bytes = body;
    world.linkedin.shelf.trim();
    StatusCode::CREATED.into_response()
}

pub(super) async fn status(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(urn): Path<String>,
) -> Response {
    let world = state.world();
    let Some(media) = world.linkedin.shelf.get(&urn) else {
        return problem(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Image not found");
    };
    // Member tokens are write-only.
    if !media.owner.starts_with(ORGANIZATION) || !acts_as(&caller, &media.owner, "", "w_organization_social") {
        return denied("Not enough permissions to access: images.GET");
    }
    let status = match media.stage {
        Stage::Waiting => "WAITING_UPLOAD",
        Stage::Failed => "PROCESSING_FAILED",
        _ if media.ready(now_ms()) => "AVAILABLE",
        _ => "PROCESSING",
    };
    Json(json!({"id": media.id, "owner": media.owner, "status": status})).into_response()
}
