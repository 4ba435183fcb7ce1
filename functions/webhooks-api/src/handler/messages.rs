//! Sending again what has ended, and giving up what waits.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{MessageBody, RecoverBody, RecoveriesBody, RecoveryBody, TestSentBody};
use app::webhooks::{self as webhooks, TestSent};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::webhooks::{Recovery, WebhookMessage};
use domain::{EndpointId, EventId};
use http::StatusCode;
use runtime::http::{
    Api, ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, once, respond, stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};

/// Send one message again.
///
/// The same bytes under the same `webhook-id`, with a schedule of their own; also of one that was taken.
#[utoipa::path(
    post, operation_id = "resend_webhook_message", tag = "webhooks",
    path = "/api/publishing/webhooks/{webhook_id}/messages/{event_id}/resend",
    params(("webhook_id" = String, Path, description = "The endpoint"), ("event_id" = String, Path, description = "The event"),
        ("Idempotency-Key" = String, Header, description = "One value per intended resend")),
    responses((status = 202, description = "On its way", body = Envelope<TestSentBody>), WriteProblems)
)]
pub(crate) async fn resend(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath((id, event)): ApiPath<(EndpointId, EventId)>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |sent: &TestSent| stored(StatusCode::ACCEPTED, &Envelope::new(TestSentBody::from(sent), "on its way"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::resend(&api.deps, &caller, id, event, &once, &encode).await?))
}

/// Give up one message that waits.
///
/// It ends as `dead` and is not tried any more; where it held back others, at an endpoint that is told in order, the next of them is due. It
/// can be sent again. Refused with 409 while a request is under way (`being_sent`), and when it has ended (`wrong_state`).
#[utoipa::path(
    post, operation_id = "give_up_webhook_message", tag = "webhooks",
    path = "/api/publishing/webhooks/{webhook_id}/messages/{event_id}/give_up",
    params(("webhook_id" = String, Path, description = "The endpoint"), ("event_id" = String, Path, description = "The event"),
        ("Idempotency-Key" = String, Header, description = "One value per message")),
    responses((status = 200, description = "Given up", body = Envelope<MessageBody>), WriteProblems)
)]
pub(crate) async fn give_up(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath((id, event)): ApiPath<(EndpointId, EventId)>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |ended: &WebhookMessage| stored(StatusCode::OK, &Envelope::new(MessageBody::of(ended), "given up"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::give_up(&api.deps, &caller, id, event, &once, &encode).await?))
}

/// Send the messages of a time again.
///
/// What is dead, or, with `every`, what was taken as well. It goes through the log step by step; the next minute's tick sends what was found.
#[utoipa::path(
    post, operation_id = "recover_webhook", path = "/api/publishing/webhooks/{webhook_id}/recover", tag = "webhooks",
    request_body = RecoverBody,
    params(("webhook_id" = String, Path, description = "The endpoint"),
        ("Idempotency-Key" = String, Header, description = "One value per intended recovery")),
    responses((status = 202, description = "Begun", body = Envelope<RecoveryBody>), WriteProblems)
)]
pub(crate) async fn recover(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
    key: IdempotencyKey,
    json: ApiJson<RecoverBody>,
) -> Answer {
    let encode = |begun: &Recovery| stored(StatusCode::ACCEPTED, &Envelope::new(RecoveryBody::of(begun), "begun"));
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::recover(&api.deps, &caller, id, json.body.into(), &once, &encode).await?))
}

/// The last recoveries of an endpoint.
#[utoipa::path(
    get, operation_id = "list_webhook_recoveries", path = "/api/publishing/webhooks/{webhook_id}/recover", tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The endpoint")),
    responses((status = 200, description = "The recoveries, newest first", body = Envelope<RecoveriesBody>), ReadProblems)
)]
pub(crate) async fn recoveries(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<EndpointId>,
) -> Answer {
    let found = webhooks::recoveries(&api.deps, &caller, id).await?;
    let items = found.iter().map(RecoveryBody::of).collect();
    Ok(Envelope::new(RecoveriesBody { items }, "recoveries").into_response())
}
