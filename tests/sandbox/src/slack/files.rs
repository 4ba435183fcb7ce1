//! Files: announced, sent, completed, and looked at for a while. Completed into a channel they are a message of it.

use axum::body::Bytes;
use axum::extract;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::{Call, PLATFORM, Refusal, say};
use crate::state::{State, now_ms};
use crate::store::{Media, Stage, is_mp4, is_paper, sniff};

pub(super) fn announce(call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.needed("filename")?;
    let length: usize =
        call.needed("length")?.parse().ok().filter(|n| *n > 0).ok_or(Refusal::from("invalid_arguments"))?;
    let mut world = call.state.world();
    let side = world.side(PLATFORM);
    let id = format!("F{}", side.next_number());
    side.shelf.add(Media {
        id: id.clone(),
        owner: call.caller.actor.to_owned(),
        mime: String::new(),
        category: name.to_owned(),
        announced: length,
        parts: BTreeMap::new(),
        bytes: Bytes::new(),
        stage: Stage::Waiting,
        alt: Some(call.text("alt_txt").to_owned()).filter(|text| !text.is_empty()),
    });
    Ok(json!({"upload_url": format!("{}/slack/upload/{id}", call.state.public_url()), "file_id": id}))
}

/// The address is the secret: no token comes with the bytes.
pub(super) async fn upload(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let mut world = state.world();
    let shelf = &mut world.side(PLATFORM).shelf;
    let Some(file) = shelf.get_mut(&id).filter(|file| file.stage == Stage::Waiting) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if body.len() != file.announced {
        return (StatusCode::BAD_REQUEST, "length mismatch").into_response();
    }
    let video = is_mp4(&body).then_some("video/mp4");
    let paper = is_paper(&body).then_some("application/pdf");
    sniff(&body).or(video).or(paper).unwrap_or("application/octet-stream").clone_into(&mut file.mime);
    file.bytes = body;
    let answer = format!("OK - {}", file.announced);
    shelf.trim();
    answer.into_response()
}

pub(super) fn complete(call: &Call<'_>) -> Result<Value, Refusal> {
    let files = call.value("files")?.unwrap_or_default();
    let files = files.as_array().filter(|files| !files.is_empty()).ok_or(Refusal::from("invalid_arguments"))?;
    let shared = if call.text("channel_id").is_empty() { None } else { Some(say::place_of_files(call)?) };
    let mut world = call.state.world();
    let ready_at = now_ms() + world.settings.slack_file_ms;
    let ids: Vec<&str> = files.iter().map(|file| file["id"].as_str().unwrap_or_default()).collect();
    let shelf = &mut world.side(PLATFORM).shelf;
    // What is completed waits for nothing any more.
    let waits =
        |file: &Media| file.owner == call.caller.actor && !file.bytes.is_empty() && file.stage == Stage::Waiting;
    if !ids.iter().all(|id| shelf.get(id).is_some_and(waits)) {
        return Err("file_not_found".into());
    }
    for id in &ids {
        if let Some(file) = shelf.get_mut(id) {
            file.stage = Stage::ReadyAt(ready_at);
        }
    }
    if let Some(channel) = shared {
        say::files(call, &mut world, channel, &ids);
    }
    Ok(json!({"files": files}))
}

pub(super) fn delete(call: &Call<'_>) -> Result<Value, Refusal> {
    let mut world = call.state.world();
    let gone = world.side(PLATFORM).shelf.remove(call.needed("file")?, call.caller.actor);
    if gone { Ok(json!({})) } else { Err("file_not_found".into()) }
}

pub(super) fn info(call: &Call<'_>) -> Result<Value, Refusal> {
    let world = call.state.world();
    let held = world.look(PLATFORM).shelf.get(call.needed("file")?);
    let held = held.filter(|file| file.owner == call.caller.actor).ok_or(Refusal::from("file_not_found"))?;
    let kind = if held.ready(now_ms()) { held.mime.as_str() } else { "" };
    let shares = say::shares(&world, &held.id);
    Ok(json!({"file": {
        "id": held.id, "name": held.category, "mimetype": kind, "size": held.announced, "is_public": false,
        "shares": shares,
    }}))
}
