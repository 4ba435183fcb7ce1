//! The event catalogue.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{EventTypesBody, WholeEventTypeBody};
use app::webhooks;
use axum::response::IntoResponse;
use runtime::http::{ApiPath, Authenticated, Envelope};
use runtime::openapi::ReadProblems;

/// The event types that endpoints can subscribe to.
#[utoipa::path(
    get, operation_id = "list_event_types", path = "/api/publishing/events", tag = "webhooks",
    responses((status = 200, description = "The event types", body = Envelope<EventTypesBody>), ReadProblems)
)]
pub(crate) async fn event_types(Authenticated(caller): Authenticated) -> Answer {
    let items = webhooks::event_types(&caller)?.iter().map(Into::into).collect();
    Ok(Envelope::new(EventTypesBody { items }, "event types").into_response())
}

/// One event type, with its JSON Schema and a sample.
#[utoipa::path(
    get, operation_id = "get_event_type", path = "/api/publishing/events/{event_type}", tag = "webhooks",
    params(("event_type" = String, Path, description = "The event type", example = "post.published")),
    responses((status = 200, description = "The event type", body = Envelope<WholeEventTypeBody>), ReadProblems)
)]
pub(crate) async fn event_type(Authenticated(caller): Authenticated, ApiPath(name): ApiPath<String>) -> Answer {
    let found = WholeEventTypeBody::of(webhooks::event_type(&caller, &name)?)?;
    Ok(Envelope::new(found, "event type").into_response())
}
