//! The routes. Each decodes, makes one call and encodes; rules live in `app` and `domain`.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::wire::{AttemptsBody, MessageBody, NewWebhookBody, TestBody, TestSentBody, WebhookBody, WebhooksBody};
use app::webhooks::{self as webhooks, Registered, TestSent};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::EndpointId;
use domain::webhooks::Endpoint;
use http::StatusCode;
use http::request::Parts;
use runtime::http::{
    Api, ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, Problem, base_url,
    once, open_cursor, page_size, respond, seal_cursor, stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};
use serde::Deserialize;
use utoipa::IntoParams;

type Answer = Result<Response, Problem>;

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

/// Send a test event to an endpoint, whatever it subscribed to.
#[utoipa::path(
    post, operation_id = "test_webhook", path = "/api/publishing/test/webhook", tag = "webhooks", request_body = TestBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended test")),
    responses((status = 202, description = "On its way", body = Envelope<TestSentBody>), WriteProblems)
)]
pub(crate) async fn test(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<TestBody>,
) -> Answer {
    let encode = |sent: &TestSent| stored(StatusCode::ACCEPTED, &Envelope::new(TestSentBody::from(sent), "on its way"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::send_test(&api.deps, &caller, json.body.webhook_id, &once, &encode).await?))
}
