//! Which attributes contacts may have.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::AttributesBody;
use app::audience;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::access::Permission;
use domain::audience::AttributeSet;
use http::StatusCode;
use http::header::ETAG;
use ports::Versioned;
use runtime::http::{Api, ApiJson, Authenticated, Envelope, IdempotencyKey, IfMatch, etag, once, respond, stored};
use runtime::openapi::{EditProblems, ReadProblems};

/// The attributes that contacts may have.
///
/// Their `ETag` is what a change of them asks for.
#[utoipa::path(
    get, operation_id = "get_attributes", path = "/api/audience/attributes", tag = "audience",
    responses((status = 200, description = "The attributes", body = Envelope<AttributesBody>), ReadProblems)
)]
pub(crate) async fn attributes(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let found = audience::attributes(&api.deps, &caller).await?;
    Ok(([(ETAG, etag(found.rev))], Envelope::new(AttributesBody::from(&found.value), "attributes")).into_response())
}

/// Declare the attributes that contacts may have from now on, all of them.
///
/// What contacts have of others stays with them. The kind of one that is declared stays as it is.
#[utoipa::path(
    put, operation_id = "declare_attributes", path = "/api/audience/attributes", tag = "audience", request_body = AttributesBody,
    params(("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended declaration")),
    responses((status = 200, description = "Declared", body = Envelope<AttributesBody>), EditProblems)
)]
pub(crate) async fn declare(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<AttributesBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = audience::attributes(&api.deps, &caller).await?.rev;
    tag.check(rev)?;
    let encode = |found: &Versioned<AttributeSet>| {
        stored(StatusCode::OK, &Envelope::new(AttributesBody::from(&found.value), "declared"))
    };
    Ok(respond(audience::declare(&api.deps, &caller, rev, &json.body.attributes, &once, &encode).await?))
}
