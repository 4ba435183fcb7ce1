//! Who is left alone, and who is written to again.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::{Answer, PageQuery, state};
use crate::wire::{ContactStateBody, LiftBody, NewSuppressionBody, SuppressedBody};
use app::audience;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use runtime::http::{Api, ApiJson, ApiQuery, Authenticated, Envelope, IdempotencyKey, Page, once, respond};
use runtime::openapi::{ReadProblems, WriteProblems};

/// Leave somebody alone on a channel.
///
/// By contact or by address; an address that is no contact is kept as its hash alone. Where they are left alone already, the stronger reason
/// stays.
#[utoipa::path(
    post, operation_id = "suppress", path = "/api/audience/suppressions", tag = "audience", request_body = NewSuppressionBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended suppression")),
    responses((status = 201, description = "Left alone", body = Envelope<ContactStateBody>), WriteProblems)
)]
pub(crate) async fn suppress(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewSuppressionBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = state(StatusCode::CREATED, "left alone");
    Ok(respond(audience::suppress(&api.deps, &caller, &json.body.try_into()?, &once, &encode).await?))
}

/// Who is left alone, the one for whom that was last said first.
#[utoipa::path(
    get, operation_id = "list_suppressions", path = "/api/audience/suppressions", tag = "audience", params(PageQuery),
    responses((status = 200, description = "A page of them", body = Envelope<SuppressedBody>), ReadProblems)
)]
pub(crate) async fn suppressions(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Answer {
    let asked = Page::asked(format!("suppressions {}", caller.tenant), query.cursor.as_deref(), query.limit)?;
    let page = audience::suppressions(&api.deps, &caller, asked.cursor.as_deref(), asked.limit).await?;
    let next_cursor = asked.next(page.next.as_deref());
    let body = SuppressedBody { items: page.items.iter().map(ContactStateBody::of).collect(), next_cursor };
    Ok(Envelope::new(body, "suppressions").into_response())
}

/// Let somebody be written to again on a channel.
///
/// Where they complained or were forgotten, `why` must say what makes that right; it is kept with the contact.
#[utoipa::path(
    post, operation_id = "lift_suppression", path = "/api/audience/suppressions/lift", tag = "audience", request_body = LiftBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended lifting")),
    responses((status = 200, description = "How the contact stands", body = Envelope<ContactStateBody>), WriteProblems)
)]
pub(crate) async fn lift(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<LiftBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = state(StatusCode::OK, "lifted");
    Ok(respond(audience::lift(&api.deps, &caller, &json.body.try_into()?, &once, &encode).await?))
}
