//! What a call with a fault is answered.

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::stream::once;
use serde_json::{Value, json};

use super::Params;
use crate::net::Line;
use crate::ops::Platform;
use crate::site;

/// Ends the connection without an answer. Without our own listener only the body can be broken.
pub(super) fn hang_up(line: Option<Line>, reset: bool) -> Response {
    if let Some(line) = line {
        line.cut(reset);
        return StatusCode::OK.into_response();
    }
    broken_body(Bytes::new())
}

fn broken_body(first: Bytes) -> Response {
    let end = async {
        // The server flushes while the body is pending; without the pause nothing at all would be sent.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    };
    Body::from_stream(once(ready(Ok(first))).chain(once(end))).into_response()
}

/// Announces the whole answer and sends half of it.
pub(super) async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, crate::MAX_BODY_BYTES).await.unwrap_or_default();
    // At least one byte must be missing, also where the true answer has no body.
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len().max(1)));
    Response::from_parts(parts, broken_body(whole.slice(..whole.len() / 2)).into_body())
}

pub(super) fn without_id(platform: Platform, mut response: Response) -> Response {
    response.headers_mut().remove("x-restli-id");
    if site::of(platform).is_some() && response.status().is_success() {
        return site::nameless();
    }
    if platform == Platform::X && response.status().is_success() {
        return (response.status(), Json(json!({"data": {}}))).into_response();
    }
    response
}

/// The ordered answer. Only what was ordered: a 429 has no headers unless the order names them.
pub(super) fn answer(platform: Platform, params: &Params, default_code: u16) -> Response {
    let status = StatusCode::from_u16(params.code.unwrap_or(default_code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match &params.body {
        Some(Value::String(text)) => (status, text.clone()).into_response(),
        Some(body) => (status, Json(body)).into_response(),
        None => usual(platform, status),
    };
    let headers = response.headers_mut();
    if let Some(seconds) = params.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(seconds) = params.reset_in_s {
        headers.insert("x-rate-limit-reset", HeaderValue::from(crate::state::now_ms() / 1_000 + seconds));
        headers.insert("x-rate-limit-remaining", HeaderValue::from(0));
    }
    for (name, value) in &params.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// The body a platform usually sends with such a status.
fn usual(platform: Platform, status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    match platform {
        Platform::X => crate::x::problem(status, reason),
        Platform::Linkedin if status == StatusCode::TOO_MANY_REQUESTS => {
            let message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.";
            crate::linkedin::problem(status, "TOO_MANY_REQUESTS", message)
        }
        Platform::Linkedin => crate::linkedin::problem(status, &reason.to_uppercase().replace(' ', "_"), reason),
        other => site::of(other).map_or_else(|| status.into_response(), |site| (site.problem)(status, reason)),
    }
}
