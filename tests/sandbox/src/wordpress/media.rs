//! The library.

use axum::extract::{Multipart, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::blog::Filed;
use super::{Caller, PLATFORM, markup, not_allowed, refused};
use crate::state::State;
use crate::store::{Media, Stage, is_mp4, is_paper, sniff};

/// The largest file, as PHP's `upload_max_filesize` has it on many a host.
const MAX_FILE: usize = 16 * 1024 * 1024;

#[derive(Deserialize)]
pub(super) struct Listing {
    slug: Option<String>,
    include: Option<String>,
}

fn view(state: &State, file: &Filed) -> Value {
    let url = format!("{}/media/wordpress/{}", state.public_url(), file.id);
    json!({ "id": file.id, "slug": file.slug, "status": "inherit", "alt_text": file.alt_text, "title": { "rendered": file.title },
            "source_url": url })
}

pub(super) async fn list(extract::State(state): extract::State<State>, Query(listing): Query<Listing>) -> Json<Value> {
    let ids: Option<Vec<u64>> = listing.include.map(|ids| ids.split(',').filter_map(|id| id.parse().ok()).collect());
    let world = state.world();
    let fits = |file: &&Filed| {
        listing.slug.as_ref().is_none_or(|slug| *slug == file.slug)
            && ids.as_ref().is_none_or(|ids| ids.contains(&file.id))
    };
    // The newest first.
    let found = world.look(PLATFORM).blog.files.iter().rev().filter(fits).take(10);
    Json(found.map(|file| view(&state, file)).collect())
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    mut form: Multipart,
) -> Response {
    let Some(owner) = caller.0.filter(|_| caller.may("publish_posts")) else {
        return not_allowed(caller, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.");
    };
    let (mut slug, mut alt_text, mut title, mut file) = (String::new(), String::new(), String::new(), None);
    let broken = || refused(StatusCode::BAD_REQUEST, "rest_upload_no_data", "No data supplied.");
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => return broken(),
        };
        let (name, file_name) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(str::to_owned));
        let Ok(bytes) = field.bytes().await else { return broken() };
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "slug" => slug = markup::slug(&text()),
            "alt_text" => alt_text = markup::field(&text()),
            "title" => title = text(),
            "file" => file = Some((file_name.unwrap_or_default(), bytes)),
            _ => {}
        }
    }
    let Some((file_name, bytes)) = file else { return broken() };
    // What is wrong with a file is answered as if the server were at fault.
    let refusal = |message| refused(StatusCode::INTERNAL_SERVER_ERROR, "rest_upload_unknown_error", message);
    if bytes.len() > MAX_FILE {
        return refusal("The uploaded file exceeds the upload_max_filesize directive in php.ini.");
    }
    let video = is_mp4(&bytes).then_some("video/mp4");
    let mime = sniff(&bytes).or(video).or(is_paper(&bytes).then_some("application/pdf"));
    let Some(mime) = mime.filter(|_| file_name.to_ascii_lowercase().rsplit('.').next() != Some("php")) else {
        return refusal("Sorry, you are not allowed to upload this file type.");
    };
    let mut world = state.world();
    let side = world.side(PLATFORM);
    let id = u64::try_from(side.next_number()).unwrap_or_default();
    let bare = file_name.rsplit_once('.').map_or(file_name.as_str(), |(name, _)| name);
    if slug.is_empty() {
        slug = markup::slug(bare);
    }
    if title.is_empty() {
        bare.clone_into(&mut title);
    }
    let filed = Filed { id, slug: side.blog.unique(&slug, id), alt_text, title };
    side.blog.file(filed.clone());
    side.shelf.add(Media {
        id: id.to_string(),
        owner: owner.id.to_owned(),
        mime: mime.to_owned(),
        category: String::new(),
        announced: 0,
        parts: std::collections::BTreeMap::new(),
        bytes,
        stage: Stage::Polls(0),
        alt: Some(filed.alt_text.clone()),
    });
    (StatusCode::CREATED, Json(view(&state, &filed))).into_response()
}
