//! The media library: what is there, how more comes in, and what each shows.
//!
//! A script asks for an address in the bucket, sends the bytes there itself, and then asks what came: only so can it show how
//! far an upload is, and large ones need no function to carry them. Without scripts the form brings one.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Console, Shared};
use crate::map::{file_types, library_item, media_label, named_types, uploader};
use crate::pages::uploading_policy;
use crate::view::{FieldError, LibraryPage};
use crate::words::{Said, sentence};
use app::Error;
use app::publishing::NewMedia;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use domain::MediaId;
use domain::publishing::Media;
use ports::StoredReply;
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;
use serde_json::json;

/// Pictures of a page.
const SHOWN: u32 = 24;
/// The list that a cursor of the library belongs to.
const LIST: &str = "console-library";
/// Where the library is.
const HERE: &str = "/console/media";

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// `GET /console/media`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    show(&console, &session, asked.after.as_deref(), None).await
}

/// The library; with what is wrong with a file that was sent.
async fn show(console: &Console, session: &Session, after: Option<&str>, wrong: Option<String>) -> Answer {
    let cursor = after.map(|after| open_cursor(LIST, after).map_err(|_| Trouble::Status(404))).transpose()?;
    let found = app::publishing::library(&console.deps, &session.caller, cursor.as_deref(), SHOWN).await?;
    let frame = session.frame(console).await?;
    let (reader, book) = (frame.reader(), frame.book().await?);
    let status = if wrong.is_some() { 422 } else { 200 };
    let view = LibraryPage {
        items: found.items.iter().map(|medium| library_item(&reader, medium)).collect(),
        uploader: uploader(&reader, &book),
        errors: wrong.map(|text| FieldError { field: "file".into(), text }).into_iter().collect(),
        older_href: found.next.map(|cursor| format!("{HERE}?after={}", encoded(&seal_cursor(LIST, &cursor)))),
        newest_href: after.is_some().then(|| HERE.to_owned()),
    };
    let mut response = frame.page(status, &view)?;
    let origin = console.deps.uploads.origin().await;
    if let Ok(policy) = HeaderValue::try_from(uploading_policy(origin.as_deref())) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// `POST /console/media`: a file that the form itself brings.
pub(super) async fn upload(State(console): State<Shared>, posted: Posted) -> Answer {
    let (deps, caller) = (&console.deps, &posted.session.caller);
    let Some(bytes) = posted.form.file("file") else {
        return show(&console, &posted.session, None, Some("Choose a file.".into())).await;
    };
    let encode = |_: &Media| goes(HERE, Said::Uploaded);
    let once = posted.once()?;
    match app::publishing::upload_media_once(deps, caller, bytes.clone(), "/file", once, &encode).await {
        Ok(reply) => Ok(follow(&reply)),
        Err(Error::Invalid(violations)) => {
            let texts: Vec<String> = violations.iter().map(|v| sentence(&v.detail)).collect();
            show(&console, &posted.session, None, Some(texts.join(" "))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/media/begin`: an address for a file of the form's `media_type`, as JSON for the page's script.
pub(super) async fn begin(State(console): State<Shared>, posted: Posted) -> Answer {
    let (deps, caller) = (&console.deps, &posted.session.caller);
    let media_type = posted.form.get("media_type").to_owned();
    let connectors = deps.connectors.all();
    let mut limits = connectors.iter().map(|connector| &connector.descriptor().limits);
    if !limits.any(|limits| file_types(limits).any(|taken| *taken == media_type)) {
        let all = connectors.iter().flat_map(|connector| file_types(&connector.descriptor().limits));
        let told = format!("A file of this kind cannot be uploaded here: choose one of {}.", named_types(all));
        return Ok(Json(json!({ "refused": told })).into_response());
    }
    let encode = |medium: &Media, upload_url: Option<&str>| StoredReply {
        status: 200,
        body: json!({ "id": medium.id.to_string(), "upload_url": upload_url }).to_string(),
    };
    let new = NewMedia::Upload { media_type };
    let reply = app::publishing::create_media(deps, caller, &new, posted.once()?, &encode).await?;
    Ok(([(CONTENT_TYPE, "application/json")], reply.stored.body).into_response())
}

/// `POST /console/media/{media_id}/arrived`: what came, as JSON for the page's script.
pub(super) async fn arrived(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id: MediaId = id.parse().map_err(|_| Trouble::Status(404))?;
    let (medium, unread) = app::publishing::looked_into(&console.deps, &posted.session.caller, id).await?;
    Ok(Json(match unread {
        Some(unread) => json!({ "refused": format!("What arrived cannot be used: {}", sentence(&unread.detail)) }),
        None => json!({ "text": media_label(&medium) }),
    })
    .into_response())
}

/// `POST /console/media/{media_id}/describe`: what it shows (`alt`).
pub(super) async fn describe(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id: MediaId = id.parse().map_err(|_| Trouble::Status(404))?;
    let (caller, alt) = (&posted.session.caller, posted.form.get("alt"));
    let encode = |_: &Media| goes(HERE, Said::Described);
    Ok(follow(&app::publishing::describe_media(&console.deps, caller, id, alt, posted.once()?, &encode).await?))
}
