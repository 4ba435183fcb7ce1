//! Endpoints: registering, showing, deleting.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{NewWebhookBody, WebhookBody, WebhooksBody};
use app::webhooks::{self as webhooks, Registered};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::EndpointId;
use domain::webhooks::Endpoint;
use http::StatusCode;
use http::request::Parts;
use runtime::http::{
    Api, ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, base_url, once, respond,
    stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};

/// Register an endpoint.
///
/// The answer shows the signing secret, this once. Requests are signed after Standard Webhooks 1.0.0.
#[utoipa::path(
    post, operation_id = "register_webhook", path = "/api/publishing/webhooks", tag = "webhooks", request_body = NewWebhookBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended endpoint")),
    responses((status = 201, description = "Registered", body = Envelope<WebhookBody>), WriteProblems)
)]
pub(crate) async fn register(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    parts: Parts,
    json: ApiJson<NewWebhookBody>,
) -> Answer {
    let base_url = base_url(&parts, &api.address);
    let encode =
        |made: &Registered| stored(StatusCode::CREATED, &Envelope::new(WebhookBody::registered(made), "registered"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::register(&api.deps, &caller, &json.body.into(), &base_url, &once, &encode).await?))
}

/// The endpoints.
#[utoipa::path(
    get, operation_id = "list_webhooks", path = "/api/publishing/webhooks", tag = "webhooks",
    responses((status = 200, description = "The endpoints", body = Envelope<WebhooksBody>), ReadProblems)
)]
pub(crate) async fn webhooks(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let found = webhooks::endpoints(&api.deps, &caller).await?;
    let items = found.iter().map(WebhookBody::of).collect();
    Ok(Envelope::new(WebhooksBody { items }, "endpoints").into_response())
}

/// Delete an endpoint.
///
/// Messages still on their way to it are given up, visibly.
#[utoipa::path(
    delete, operation_id = "delete_webhook", path = "/api/publishing/webhooks/{webhook_id}", tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The endpoint"),
        ("Idempotency-Key" = String, Header, description = "One value per intended deletion")),
    responses((status = 200, description = "The endpoint as it was", body = Envelope<WebhookBody>), WriteProblems)
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |gone: &Endpoint| stored(StatusCode::OK, &Envelope::new(WebhookBody::of(gone), "deleted"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::remove_endpoint(&api.deps, &caller, id, &once, &encode).await?))
}
