//! The delivery log of an endpoint.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{AttemptsBody, MessageBody};
use app::webhooks;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::EndpointId;
use runtime::http::{Api, ApiPath, ApiQuery, Authenticated, Envelope, open_cursor, page_size, seal_cursor};
use runtime::openapi::ReadProblems;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which page of the log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// What was sent to an endpoint, and what it answered.
#[utoipa::path(
    get, operation_id = "list_webhook_attempts", path = "/api/publishing/webhooks/{webhook_id}/attempts", tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The endpoint"), PageQuery),
    responses((status = 200, description = "A page of messages", body = Envelope<AttemptsBody>), ReadProblems)
)]
pub(crate) async fn attempts(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Answer {
    let list = format!("attempts {} {id}", caller.tenant);
    let cursor = query.cursor.as_deref().map(|c| open_cursor(&list, c)).transpose()?;
    let limit = page_size(query.limit, 20, 100)?;
    let page = webhooks::messages(&api.deps, &caller, id, cursor.as_deref(), limit).await?;
    let items = page.items.iter().map(MessageBody::of).collect();
    let next_cursor = page.next.map(|c| seal_cursor(&list, &c));
    Ok(Envelope::new(AttemptsBody { items, next_cursor }, "attempts").into_response())
}
