//! Files: their chunks come one after the other to an address that is known to whoever began the post, and the last one
//! publishes it.

use axum::body::Bytes;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{bad, publish, refused};
use crate::consent::Fields;
use crate::state::{State, now_ms};

/// What a file may be.
const KINDS: [&str; 3] = ["video/mp4", "video/quicktime", "video/webm"];

/// First and last byte of a chunk, and the size of the whole.
fn range(headers: &HeaderMap) -> Option<(u64, u64, u64)> {
    let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, total) = text.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?, total.parse().ok()?))
}

/// Whether a chunk says that it ends its file. That request publishes: it is the operation `create_post`, the others `media`.
pub(crate) fn is_last(headers: &HeaderMap) -> bool {
    range(headers).is_some_and(|(_, last, total)| last.checked_add(1) == Some(total))
}

pub(super) async fn chunk(
    extract::State(state): extract::State<State>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let named = |name: &str| asked.get(name).map_or("", String::as_str);
    let now = now_ms();
    let mut world = state.world();
    let life_ms = world.settings.tiktok_upload_s.saturating_mul(1_000);
    let at = world.tiktok.all.iter().position(|publish| {
        let known = publish.upload_id == named("upload_id") && publish.upload_token == named("upload_token");
        known && now - publish.created_ms < life_ms
    });
    let Some(at) = at else {
        return refused(StatusCode::FORBIDDEN, "access_denied", "The upload_url is not valid, or has expired.");
    };
    let publish = &mut world.tiktok.all[at];
    if publish.complete_ms.is_some() {
        return bad("The file has been uploaded already.");
    }
    let Some(kind) =
        headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).filter(|kind| KINDS.contains(kind))
    else {
        return bad("Content-Type must be video/mp4, video/quicktime or video/webm.");
    };
    let Some((first, last, total)) = range(&headers) else { return bad("Content-Range is missing or malformed.") };
    let file = publish.file;
    let fits = (first, last) == file.next(publish.received) && total == file.video_size;
    if !fits || body.len() as u64 != last - first + 1 {
        let message = "Content-Range does not follow what has been uploaded, or is not what was announced.";
        return refused(StatusCode::RANGE_NOT_SATISFIABLE, "invalid_params", message);
    }
    kind.clone_into(&mut publish.mime);
    publish.bytes.extend_from_slice(&body);
    publish.received = last + 1;
    if publish.received < file.video_size {
        return StatusCode::PARTIAL_CONTENT.into_response();
    }
    publish::complete(&mut world, at, now);
    StatusCode::CREATED.into_response()
}
