//! The route of exports.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Api;
use crate::handler::ListQuery;
use app::publishing;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use runtime::http::{ApiQuery, Authenticated, Problem, seal_cursor};
use runtime::openapi::ListProblems;
use wire::export::table;

/// Posts by due time as a CSV file, newest first. Its columns are those of an import, and what became of the post beside them.
#[utoipa::path(
    get, operation_id = "export_posts", path = "/api/publishing/posts/export", tag = "publishing", params(ListQuery),
    responses((status = 200, description = "A page of posts as a file; `Link` (RFC 8288) has the next", body = String,
        content_type = "text/csv", headers(("Link" = String, description = "Where the next page is, unless this is the last"))),
        ListProblems)
)]
pub(crate) async fn export(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Response, Problem> {
    let list = format!("export {}", caller.tenant);
    let page = publishing::posts(&api.deps, &caller, &query.query(&list)?).await?;
    let file = [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"posts.csv\"")];
    let mut response = (file, table(&page.items)?).into_response();
    let next = page.next.map(|cursor| query.next("/api/publishing/posts/export", &seal_cursor(&list, &cursor)));
    if let Some(link) = next.and_then(|address| format!("<{address}>; rel=\"next\"").parse().ok()) {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
