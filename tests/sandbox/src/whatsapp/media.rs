//! Uploads, to be sent by their ids.

use axum::Json;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::collections::BTreeMap;

use super::{PHONE, PLATFORM, refused};
use crate::state::State;
use crate::store::{Media, Stage, is_mp4, is_paper, sniff};

/// Largest picture, video and document in bytes.
const LARGEST: [(&str, usize); 3] = [("image", 5_000_000), ("video", 16_000_000), ("document", 100_000_000)];

/// What kind of message may hold a file of this type, if its bytes are of it.
fn kind(mime: &str, bytes: &[u8]) -> Option<&'static str> {
    match mime {
        "image/jpeg" | "image/png" if sniff(bytes) == Some(mime) => Some("image"),
        "video/mp4" | "video/3gpp" if is_mp4(bytes) => Some("video"),
        "application/pdf" if is_paper(bytes) => Some("document"),
        _ => None,
    }
}

pub(super) async fn keep(state: &State, request: Request) -> Result<Response, Response> {
    let broken = |what: String| refused(400, 100, &what);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| broken(error.body_text()))?;
    let (mut fields, mut file) = (BTreeMap::new(), None);
    while let Some(field) = form.next_field().await.map_err(|error| broken(error.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let mime = field.content_type().unwrap_or_default().to_owned();
            file = Some((mime, field.bytes().await.map_err(|error| broken(error.body_text()))?));
        } else {
            fields.insert(name, field.text().await.map_err(|error| broken(error.body_text()))?);
        }
    }
    if fields.get("messaging_product").map(String::as_str) != Some("whatsapp") {
        return Err(refused(400, 100, "The parameter messaging_product is required."));
    }
    if let Some(other) = fields.keys().find(|name| !matches!(name.as_str(), "messaging_product" | "type")) {
        return Err(refused(400, 100, &format!("the sandbox does not know the field {other}")));
    }
    let (mime, bytes) = file.ok_or_else(|| refused(400, 100, "The parameter file is required."))?;
    let Some(kind) = kind(&mime, &bytes) else {
        return Err(refused(
            400,
            131_053,
            &format!("Media upload error: {mime} is not what this file is, or not taken"),
        ));
    };
    if LARGEST.iter().any(|(of, most)| *of == kind && bytes.len() > *most) {
        return Err(refused(400, 131_053, "Media upload error: the file is too large"));
    }
    let mut world = state.world();
    let side = world.side(PLATFORM);
    let id = format!("44{:014}", side.next_number());
    side.shelf.add(Media {
        id: id.clone(),
        owner: PHONE.0.to_owned(),
        mime,
        category: kind.to_owned(),
        announced: bytes.len(),
        parts: BTreeMap::new(),
        bytes,
        stage: Stage::Polls(0),
        alt: None,
    });
    side.shelf.trim();
    Ok(Json(json!({ "id": id })).into_response())
}
