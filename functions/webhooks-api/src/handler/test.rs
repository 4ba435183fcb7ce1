//! Trying an endpoint out.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{TestBody, TestSentBody};
use app::webhooks::{self as webhooks, TestSent};
use axum::extract::State;
use http::StatusCode;
use runtime::http::{Api, ApiJson, Authenticated, Envelope, IdempotencyKey, once, respond, stored};
use runtime::openapi::WriteProblems;

/// Send a test event to an endpoint, whatever it subscribed to.
///
/// `webhook.test`, or the sample of the event type that `event` names. It says that it is a test, and goes to this endpoint alone.
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
    Ok(respond(
        webhooks::send_test(&api.deps, &caller, json.body.webhook_id, json.body.event.as_deref(), &once, &encode)
            .await?,
    ))
}
