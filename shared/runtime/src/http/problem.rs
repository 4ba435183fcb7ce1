//! Problems: RFC 9457 documents with a stable code, and `success: false` beside it for clients of the requirement
//! documents, which look at that.

use super::fields::FieldError;
use crate::cid;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// An answer that says no.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem(Box<Parts>);

// Behind one pointer: an error as large as this would weigh on every `Result` of every handler.
#[derive(Debug, Clone, PartialEq)]
struct Parts {
    status: StatusCode,
    code: String,
    detail: String,
    retryable: bool,
    errors: Vec<FieldError>,
    extra: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem. `code` is stable (`snake_case`, part of the API); `detail` tells a person what to do.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            detail: detail.into(),
            retryable: false,
            errors: Vec::new(),
            extra: Map::new(),
            headers: Vec::new(),
        }))
    }

    /// 400 with a code of its own.
    pub fn bad_request(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 400 `malformed_json`.
    pub fn malformed_json(detail: impl Into<String>) -> Self {
        Self::bad_request("malformed_json", detail)
    }

    /// 400 `validation`: fields that are missing, unknown or of the wrong type.
    pub fn validation(errors: Vec<FieldError>) -> Self {
        Self::bad_request("validation", "some fields are not as they should be: see errors").with_errors(errors)
    }

    /// 401 `unauthenticated`. `token_given` tells whether there was something that did not hold.
    pub fn unauthenticated(token_given: bool) -> Self {
        let challenge =
            if token_given { "Bearer realm=\"herald\", error=\"invalid_token\"" } else { "Bearer realm=\"herald\"" };
        let detail = if token_given {
            "this key or session is not known, has ended or was revoked: send another key, or sign in again"
        } else {
            "send an API key as `Authorization: Bearer hk_…`, or sign in to the console"
        };
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// 403 `forbidden`.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404 `not_found`. The same for what never was and for what belongs to somebody else.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// 405 `method_not_allowed`; the router adds `Allow`.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address does not take this method")
    }

    /// 409.
    pub fn conflict(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 413 `too_large`.
    pub fn too_large(most_bytes: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("a body may have {most_bytes} bytes"))
    }

    /// 415 `unsupported_media_type`.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// 422 with a code of its own: well-formed, but against the rules.
    pub fn unprocessable(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 503 `unavailable`: something we depend on did not answer.
    pub fn unavailable(retry_after_s: u32) -> Self {
        let detail = "a part of Herald does not answer just now: ask again, with the same Idempotency-Key";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(retry_after_s)
    }

    /// 500 `internal`: a defect of ours. It says nothing but the id that the logs know it by.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "a defect of ours; tell us the instance of this answer",
        )
        .retryable()
    }

    /// Marks that the same request may succeed later.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Retryable after so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.retryable().with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Adds what is wrong with which field.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Adds a member of this code's own, as `limit` and `actual` of `content_too_long`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What a person reads.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What is wrong with which field.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The document, with `instance` as the correlation id.
    pub fn body(&self, instance: &str) -> Value {
        let mut body = Map::new();
        body.insert("success".into(), false.into());
        body.insert("type".into(), format!("/errors/{}", self.0.code).into());
        body.insert("title".into(), title_of(&self.0.code).into());
        body.insert("status".into(), self.0.status.as_u16().into());
        body.insert("detail".into(), self.0.detail.as_str().into());
        body.insert("code".into(), self.0.code.as_str().into());
        body.insert("retryable".into(), self.0.retryable.into());
        body.insert("instance".into(), instance.into());
        if !self.0.errors.is_empty() {
            body.insert("errors".into(), json!(self.0.errors));
        }
        for (name, value) in &self.0.extra {
            body.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        Value::Object(body)
    }
}

/// `content_too_long` → `Content too long`: the same for every occurrence of a code, as RFC 9457 asks.
fn title_of(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body(&cid::current()).to_string();
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in self.0.headers {
            if name == ALLOW {
                headers.append(name, value)
            } else {
                headers.insert(name, value).is_some()
            };
        }
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_problem_is_an_rfc_9457_document_that_also_says_success_false() {
        let problem = Problem::unprocessable("content_too_long", "shorten it")
            .with_errors(vec![FieldError::new("/text", "too_long", "280 at most")])
            .with("limit", 280)
            .with("status", 200);
        let response = cid::scope("c1".into(), async { problem.into_response() }).await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&body).unwrap(),
            json!({
                "type": "/errors/content_too_long", "title": "Content too long", "status": 422, "detail": "shorten it",
                "code": "content_too_long", "retryable": false, "instance": "c1", "success": false, "limit": 280,
                "errors": [{"field": "/text", "code": "too_long", "detail": "280 at most"}],
            })
        );
    }

    #[test]
    fn waiting_and_signing_in_are_said_in_headers() {
        assert_eq!(Problem::unavailable(5).into_response().headers()[RETRY_AFTER], "5");
        let challenge = |given| Problem::unauthenticated(given).into_response().headers()[WWW_AUTHENTICATE].clone();
        assert_eq!(challenge(false), "Bearer realm=\"herald\"");
        assert!(challenge(true).to_str().unwrap().contains("invalid_token"));
    }
}
