//! The description of the whole API: `docs/openapi/herald.json`, as it is. A function does not know another, so the
//! documents of all of them are joined by a test (`tests/describe.rs`), which also keeps the file as they are.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

/// The description of the whole API.
pub const DOCUMENT: &str = include_str!("../../../docs/openapi/herald.json");

/// The description of the API, as OpenAPI 3.1.
#[utoipa::path(
    get, operation_id = "openapi_document", path = "/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "The document", body = Object))
)]
pub(crate) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

/// The description of the API, to read.
#[utoipa::path(
    get, path = "/docs", tag = "operations", security(()),
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs() -> Response {
    runtime::openapi::page_response(&serde_json::from_str(DOCUMENT).unwrap_or_default())
}
