//! Endpoints: registering, showing, changing, deleting.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{NewWebhookBody, RotationBody, WebhookBody, WebhookEditBody, WebhooksBody};
use app::webhooks::{self as webhooks, Registered};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::EndpointId;
use domain::access::Permission;
use domain::webhooks::Endpoint;
use http::StatusCode;
use http::header::ETAG;
use http::request::Parts;
use runtime::http::{
    Api, ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, IfMatch, Nothing, OptionalJson, base_url, etag,
    once, respond, stored,
};
use runtime::openapi::{EditProblems, ReadProblems, WriteProblems};

/// Register an endpoint.
///
/// The answer shows the signing secret, this once, or the public key. Requests are signed after Standard Webhooks 1.0.0.
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
    let (base_url, now) = (base_url(&parts, &api.address), api.deps.clock.now());
    let encode = |made: &Registered| {
        stored(StatusCode::CREATED, &Envelope::new(WebhookBody::registered(made, now), "registered"))
    };
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::register(&api.deps, &caller, &json.body.into(), &base_url, &once, &encode).await?))
}

/// The endpoints.
#[utoipa::path(
    get, operation_id = "list_webhooks", path = "/api/publishing/webhooks", tag = "webhooks",
    responses((status = 200, description = "The endpoints", body = Envelope<WebhooksBody>), ReadProblems)
)]
pub(crate) async fn webhooks(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let found = webhooks::endpoints_with_health(&api.deps, &caller).await?;
    let now = api.deps.clock.now();
    let items = found.iter().map(|(endpoint, health)| WebhookBody::faring(endpoint, *health, now)).collect();
    Ok(Envelope::new(WebhooksBody { items }, "endpoints").into_response())
}

/// One endpoint.
///
/// Its `ETag` is what a change of it asks for.
#[utoipa::path(
    get, operation_id = "get_webhook", path = "/api/publishing/webhooks/{webhook_id}", tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The endpoint")),
    responses((status = 200, description = "The endpoint", body = Envelope<WebhookBody>), ReadProblems)
)]
pub(crate) async fn one(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
) -> Answer {
    let (found, health) = webhooks::endpoint_with_health(&api.deps, &caller, id).await?;
    let shown = WebhookBody::faring(&found.value, health, api.deps.clock.now());
    Ok(([(ETAG, etag(found.rev))], Envelope::new(shown, "endpoint")).into_response())
}

/// Change an endpoint, or switch it off and on.
///
/// What happens while it is off is kept in its log, and can be recovered.
#[utoipa::path(
    patch, operation_id = "edit_webhook", path = "/api/publishing/webhooks/{webhook_id}", tag = "webhooks",
    request_body = WebhookEditBody,
    params(("webhook_id" = String, Path, description = "The endpoint"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended edit")),
    responses((status = 200, description = "The changed endpoint", body = Envelope<WebhookBody>), EditProblems)
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
    key: IdempotencyKey,
    tag: IfMatch,
    parts: Parts,
    json: ApiJson<WebhookEditBody>,
) -> Answer {
    let base_url = base_url(&parts, &api.address);
    let once = once(key, json.fingerprint);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::ManageWebhooks).await? {
        return Ok(respond(reply));
    }
    let rev = webhooks::endpoint(&api.deps, &caller, id).await?.rev;
    tag.check(rev)?;
    let now = api.deps.clock.now();
    let encode = |next: &Endpoint| stored(StatusCode::OK, &Envelope::new(WebhookBody::of(next, now), "changed"));
    let edit = json.body.into();
    Ok(respond(webhooks::edit_endpoint(&api.deps, &caller, id, rev, &edit, &base_url, &once, &encode).await?))
}

/// Change an endpoint's signing secret.
///
/// The answer shows the new one, this once, or the new public key. For 24 hours requests carry a signature of each: of the new secret and of the one before.
#[utoipa::path(
    post, operation_id = "rotate_webhook_secret", path = "/api/publishing/webhooks/{webhook_id}/secret/rotate", tag = "webhooks",
    request_body = Option<RotationBody>,
    params(("webhook_id" = String, Path, description = "The endpoint"),
        ("Idempotency-Key" = String, Header, description = "One value per intended rotation")),
    responses((status = 200, description = "The endpoint with its new secret", body = Envelope<WebhookBody>), WriteProblems)
)]
pub(crate) async fn rotate(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
    key: IdempotencyKey,
    json: OptionalJson<RotationBody>,
) -> Answer {
    let now = api.deps.clock.now();
    let encode =
        |made: &Registered| stored(StatusCode::OK, &Envelope::new(WebhookBody::registered(made, now), "rotated"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::rotate_secret(&api.deps, &caller, id, &json.body.into(), &once, &encode).await?))
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
    let now = api.deps.clock.now();
    let encode = |gone: &Endpoint| stored(StatusCode::OK, &Envelope::new(WebhookBody::of(gone, now), "deleted"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::remove_endpoint(&api.deps, &caller, id, &once, &encode).await?))
}
