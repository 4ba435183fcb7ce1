//! Answers that say yes, in the form the requirement documents have: `{success, data, message}`.

use super::problem::Problem;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use ports::StoredReply;
use serde::Serialize;
use utoipa::ToSchema;

/// Set on an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A successful answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always true; a problem says false.
    pub success: bool,
    /// The result.
    pub data: T,
    /// The result in a sentence.
    pub message: String,
}

impl<T> Envelope<T> {
    /// A result and what it means.
    pub fn new(data: T, message: impl Into<String>) -> Self {
        Self { success: true, data, message: message.into() }
    }
}

impl<T: Serialize> Envelope<T> {
    /// As it is stored for the idempotency key, to be repeated byte for byte.
    ///
    /// # Errors
    /// 500 when the data has no JSON form, which is a defect.
    pub fn stored(&self, status: StatusCode) -> Result<StoredReply, Problem> {
        let body = serde_json::to_string(self).map_err(|_| Problem::internal())?;
        Ok(StoredReply { status: status.as_u16(), body })
    }
}

impl<T: Serialize> IntoResponse for Envelope<T> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}

/// A stored answer, with `Idempotent-Replayed: true` when it was given before.
pub fn replay(stored: StoredReply, replayed: bool) -> Response {
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let media_type = if status.is_success() { "application/json" } else { "application/problem+json" };
    let mut response = (status, [(CONTENT_TYPE, media_type)], stored.body).into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_replayed_answer_is_the_first_one_byte_for_byte() {
        let envelope = Envelope::new(vec![1, 2], "two");
        let stored = envelope.stored(StatusCode::ACCEPTED).unwrap();
        let first = (StatusCode::ACCEPTED, envelope).into_response();
        let again = replay(stored, true);
        assert_eq!(first.status(), again.status());
        assert_eq!(first.headers()[CONTENT_TYPE], again.headers()[CONTENT_TYPE]);
        assert_eq!(again.headers()["idempotent-replayed"], "true");
        let bytes = |r: Response| axum::body::to_bytes(r.into_body(), 1000);
        let (first, again) = (bytes(first).await.unwrap(), bytes(again).await.unwrap());
        assert_eq!(first, again);
        assert_eq!(first, r#"{"success":true,"data":[1,2],"message":"two"}"#);
    }
}
