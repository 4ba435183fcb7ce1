//! Embedded files, and the pictures and videos people uploaded.

use super::session::Session;
use super::trouble::{Trouble, see_other};
use super::{Answer, Shared};
use crate::assets;
use crate::map::MAX_SHOWN;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::MediaId;
use domain::publishing::{MediaKind, MediaSource};
use ports::MediaError;
use secrecy::ExposeSecret as _;

/// `GET /console/assets/…`.
pub(super) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Trouble> {
    let found = assets::find(&path).ok_or(Trouble::Status(404))?;
    let about = [(ETAG, found.asset.etag.as_str()), (CACHE_CONTROL, found.cache_control)];
    if headers.get(IF_NONE_MATCH).is_some_and(|tag| tag == found.asset.etag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, [(CONTENT_TYPE, found.asset.content_type)], found.asset.bytes).into_response())
}

/// `GET /console/media/{media_id}`: a medium from the bucket, for members of its tenant only. Its type is the one its
/// bytes have; nothing in it may run.
pub(super) async fn medium(State(console): State<Shared>, session: Session, Path(id): Path<String>) -> Answer {
    let id: MediaId = id.parse().map_err(|_| Trouble::Status(404))?;
    let medium = app::publishing::media(&console.deps, &session.caller, id).await?;
    let (MediaSource::Upload { .. }, Some(probe)) = (&medium.source, &medium.probe) else {
        return Err(Trouble::Status(404));
    };
    let gone = |error: MediaError| match error {
        MediaError::Absent | MediaError::Changed => Trouble::Status(404),
        other => Trouble::App(app::Error::Unavailable(other.to_string())),
    };
    if probe.kind() != MediaKind::Picture || probe.bytes > MAX_SHOWN {
        // More than a function can answer with: the bucket itself sends it to who was let in here.
        let address = console.deps.media.public_address(&medium).await.map_err(gone)?;
        return Ok(see_other(address.expose_secret()));
    }
    let found = console.deps.media.open(&medium).await.map_err(gone)?;
    let about = [
        (CONTENT_TYPE, probe.media_type.clone()),
        (CACHE_CONTROL, "private, max-age=3600".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((about, Body::from_stream(found.stream)).into_response())
}
