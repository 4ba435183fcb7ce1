//! The description of the whole API, joined from the documents of its functions. They are files, because a function does
//! not know another; a test of each function keeps its file as its code.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use std::sync::LazyLock;
use utoipa::openapi::OpenApi;

const PARTS: [&str; 4] = [
    include_str!("../../../docs/openapi/accounts-api.json"),
    include_str!("../../../docs/openapi/admin-api.json"),
    include_str!("../../../docs/openapi/publishing-api.json"),
    include_str!("../../../docs/openapi/webhooks-api.json"),
];

static WHOLE: LazyLock<OpenApi> = LazyLock::new(|| {
    let parts = PARTS.iter().filter_map(|part| match serde_json::from_str(part) {
        Ok(part) => Some(part),
        Err(error) => {
            tracing::error!(%error, "a part of the API's description cannot be read");
            None
        }
    });
    runtime::openapi::document(parts)
});
static JSON: LazyLock<String> = LazyLock::new(|| serde_json::to_string(&*WHOLE).unwrap_or_default());

/// The description of the whole API.
pub fn whole() -> &'static OpenApi {
    &WHOLE
}

/// The description of the API, as OpenAPI 3.1.
#[utoipa::path(
    get, operation_id = "openapi_document", path = "/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "The document", body = Object))
)]
pub(crate) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}

/// The description of the API, to read.
#[utoipa::path(
    get, path = "/docs", tag = "operations", security(()),
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs() -> Response {
    runtime::openapi::page_response(whole())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_can_be_read() {
        for part in PARTS {
            assert!(serde_json::from_str::<OpenApi>(part).is_ok(), "{:?}", serde_json::from_str::<OpenApi>(part).err());
        }
    }
}
