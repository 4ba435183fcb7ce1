//! The route of imports.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Api;
use app::publishing::{self, Import, Imported, RowOutcome};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use runtime::http::{ApiJson, Authenticated, Envelope, IdempotencyKey, Problem, once, respond, stored};
use runtime::openapi::WriteProblems;
use wire::import::{ImportBody, ImportedBody};

/// Import posts from a CSV file, with a report of each row. With the same key again it goes on where it was interrupted.
#[utoipa::path(
    post, operation_id = "import_posts", path = "/api/publishing/posts/import", tag = "publishing", request_body = ImportBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended import")),
    responses((status = 200, description = "What became of each row", body = Envelope<ImportedBody>), WriteProblems)
)]
pub(crate) async fn import(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<ImportBody>,
) -> Result<Response, Problem> {
    let ((rows, bodies), how) = (json.body.rows()?, json.body.how());
    let report = |rows: &[RowOutcome]| ImportedBody::of(rows, &bodies);
    let encode = |rows: &[RowOutcome]| stored(StatusCode::OK, &Envelope::new(report(rows), "imported"));
    let once = once(key, json.fingerprint.clone());
    match publishing::import(&api.deps, &caller, rows, how, &once, &encode).await? {
        Imported::Done(reply) => Ok(respond(reply)),
        Imported::Nothing(rows) if how == Import::DryRun => {
            Ok(Envelope::new(report(&rows), "nothing was made").into_response())
        }
        Imported::Nothing(rows) => Err(report(&rows).problem()),
    }
}
