//! Uploads. Still pictures are ready at once, as since 4.0; moving ones and videos are processed for a while.

use axum::body::Bytes;
use axum::extract::{Multipart, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::{Caller, PLATFORM, invalid, not_found, problem};
use crate::state::{State, World, now_ms};
use crate::store::{Media, Stage, is_mp4, sniff};

/// Bytes of a picture, as a server is set up: 16 MB.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Pictures of a status.
pub(super) const MAX_ATTACHED: usize = 4;
/// Characters of a description.
pub(super) const MAX_DESCRIPTION: usize = 1_500;
pub(super) const TYPES: [&str; 6] =
    ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/quicktime"];

/// The form: the file with the type it says it has, and its description.
async fn read(mut form: Multipart) -> Result<(Bytes, String, Option<String>), Response> {
    let broken = |message: String| problem(StatusCode::BAD_REQUEST, &message);
    let (mut file, mut description) = (None, None);
    while let Some(field) = form.next_field().await.map_err(|error| broken(error.body_text()))? {
        match field.name() {
            Some("file") if field.file_name().is_some() => {
                let kind = field.content_type().unwrap_or_default().to_owned();
                file = Some((field.bytes().await.map_err(|error| broken(error.body_text()))?, kind));
            }
            Some("description") => {
                description = Some(field.text().await.map_err(|error| broken(error.body_text()))?);
            }
            _ => {}
        }
    }
    let (bytes, kind) = file.ok_or_else(|| invalid("File can't be blank"))?;
    Ok((bytes, kind, description))
}

pub(super) async fn upload(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    form: Multipart,
) -> Response {
    let (bytes, kind, description) = match read(form).await {
        Ok(form) => form,
        Err(refusal) => return refusal,
    };
    let film = TYPES.into_iter().find(|mime| is_mp4(&bytes) && mime.starts_with("video/") && *mime == kind);
    let Some(mime) = sniff(&bytes).filter(|mime| *mime == kind).or(film) else {
        return invalid("File content type is invalid, File is invalid");
    };
    let most = if film.is_some() { state.world().settings.mastodon_video_bytes } else { MAX_BYTES };
    if bytes.len() > most {
        return invalid(&format!("File file size must be less than {} MB", most >> 20));
    }
    if description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return invalid(&format!("Description is too long (maximum is {MAX_DESCRIPTION} characters)"));
    }
    let mut world = state.world();
    let moving = film.is_some() || mime == "image/gif";
    let progress = Stage::Polls(if moving { world.settings.mastodon_polls } else { 0 });
    let media = Media {
        id: world.next_id(PLATFORM, now_ms()),
        owner: holder.id.to_owned(),
        mime: mime.to_owned(),
        category: String::new(),
        announced: bytes.len(),
        parts: BTreeMap::new(),
        bytes,
        stage: progress,
        alt: description,
    };
    let status = if progress == Stage::Polls(0) { StatusCode::OK } else { StatusCode::ACCEPTED };
    let answer = describe(state.public_url(), &media);
    world.side(PLATFORM).shelf.add(media);
    (status, Json(answer)).into_response()
}

/// A medium as statuses carry it; without an address while it is processed.
pub(super) fn describe(base: &str, media: &Media) -> Value {
    let url = format!("{base}/media/{}/{}", PLATFORM.name(), media.id);
    let kind = match media.mime.as_str() {
        "image/gif" => "gifv",
        mime if mime.starts_with("video/") => "video",
        _ => "image",
    };
    json!({
        "id": media.id, "type": kind, "url": media.ready(now_ms()).then_some(&url), "preview_url": url,
        "remote_url": null, "meta": {}, "description": media.alt, "blurhash": null,
    })
}

pub(super) async fn get(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let mut world = state.world();
    let media = world.side(PLATFORM).shelf.get_mut(&id).filter(|media| media.owner == holder.id);
    let Some(media) = media else { return not_found() };
    if let Stage::Polls(left) = media.stage {
        media.stage = Stage::Polls(left.saturating_sub(1));
    }
    let status = if media.stage == Stage::Polls(0) { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
    (status, Json(describe(state.public_url(), media))).into_response()
}

/// Whether these may be attached to a new status of the account.
pub(super) fn check(world: &World, owner: &str, ids: &[String]) -> Result<(), Response> {
    let side = world.look(PLATFORM);
    if ids.len() > MAX_ATTACHED {
        return Err(invalid(&format!("Cannot attach more than {MAX_ATTACHED} files")));
    }
    let used = |id: &str| side.wall.live().any(|post| post.media.iter().any(|media| media.id == id));
    let mut media = Vec::new();
    for id in ids {
        match side.shelf.get(id).filter(|media| media.owner == owner && !used(&media.id)) {
            Some(found) => media.push(found),
            None => return Err(invalid(&format!("Media {id} not found or already attached to another post"))),
        }
    }
    let moves = |media: &&Media| media.mime == "image/gif" || media.mime.starts_with("video/");
    if media.len() > 1 && media.iter().any(moves) {
        return Err(invalid("Cannot attach a video to a post that already contains images"));
    }
    if media.iter().any(|media| !media.ready(now_ms())) {
        return Err(invalid("Cannot attach files that have not finished processing. Try again in a moment!"));
    }
    Ok(())
}
