//! The delivery log of an endpoint.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{AttemptsBody, MessageBody, MessageFilter, WholeMessageBody};
use app::webhooks;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{EndpointId, EventId};
use runtime::http::{Api, ApiPath, ApiQuery, Authenticated, Envelope, Page};
use runtime::openapi::ReadProblems;

/// What was sent to an endpoint, and what it answered.
#[utoipa::path(
    get, operation_id = "list_webhook_attempts", path = "/api/publishing/webhooks/{webhook_id}/attempts", tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The endpoint"), MessageFilter),
    responses((status = 200, description = "A page of messages", body = Envelope<AttemptsBody>), ReadProblems)
)]
pub(crate) async fn attempts(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
    ApiQuery(query): ApiQuery<MessageFilter>,
) -> Answer {
    let asked = Page::asked(format!("attempts {} {id}", caller.tenant), query.cursor.as_deref(), query.limit)?;
    let (filter, cursor) = ((&query).into(), asked.cursor.as_deref());
    let page = webhooks::messages(&api.deps, &caller, id, &filter, cursor, asked.limit).await?;
    let items = page.items.iter().map(MessageBody::listed).collect();
    let next_cursor = asked.next(page.next.as_deref());
    Ok(Envelope::new(AttemptsBody { items, next_cursor }, "attempts").into_response())
}

/// One message, with the body that was sent.
#[utoipa::path(
    get, operation_id = "get_webhook_message", path = "/api/publishing/webhooks/{webhook_id}/messages/{event_id}", tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The endpoint"), ("event_id" = String, Path, description = "The event")),
    responses((status = 200, description = "The message", body = Envelope<WholeMessageBody>), ReadProblems)
)]
pub(crate) async fn message(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath((id, event)): ApiPath<(EndpointId, EventId)>,
) -> Answer {
    let found = webhooks::message(&api.deps, &caller, id, event).await?;
    Ok(Envelope::new(WholeMessageBody::of(&found), "message").into_response())
}
