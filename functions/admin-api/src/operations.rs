//! The routes of whoever runs the stack: is it there, its first tenant, its key ring, its audit log.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::state::Admin;
use crate::wire::operations::{AuditPageBody, BootstrapBody, BootstrappedBody, HealthBody, RotatedBody};
use app::Error;
use app::access::{Bootstrapped, bootstrap as make_first};
use app::accounts::{Rotated, reseal, rotate_keys};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use runtime::http::{
    Api, ApiJson, ApiQuery, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, Problem, once, open_cursor,
    page_size, respond, seal_cursor, stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::IntoParams;

type Answer = Result<Response, Problem>;

/// Whether the API answers.
///
/// Nothing else is asked: what cannot be reached shows in the alarms, and must not take the API out of service.
#[utoipa::path(
    get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "It does", body = Envelope<HealthBody>))
)]
pub(crate) async fn health() -> Envelope<HealthBody> {
    Envelope::new(HealthBody { status: "ok", version: env!("CARGO_PKG_VERSION") }, "ok")
}

/// Make the first tenant, its owner and the owner's key.
///
/// For whoever has the stack's bootstrap token, once. Should the answer get lost, the same request gets it again for 24 hours.
#[utoipa::path(
    post, path = "/api/admin/bootstrap", tag = "operations", security(()), request_body = BootstrapBody,
    responses((status = 201, description = "Made; keep the key", body = Envelope<BootstrappedBody>), WriteProblems)
)]
pub(crate) async fn bootstrap(State(admin): State<Admin>, json: ApiJson<BootstrapBody>) -> Answer {
    let expected = (admin.bootstrap)().await.map_err(Error::from)?;
    let presented = json.body.token.expose_secret();
    let cid = runtime::cid::current();
    let encode = |made: &Bootstrapped| {
        let body = Envelope::new(BootstrappedBody::from(made), "the first tenant is made: keep the key");
        stored(StatusCode::CREATED, &body)
    };
    let (deps, first) = (&admin.api.deps, json.body.first());
    Ok(respond(make_first(deps, &expected, presented, &first, &json.fingerprint, &cid, &encode).await?))
}

/// Add a key to the ring and make it the active one.
///
/// What lies under older keys still opens, and is moved to the new one: asking again with the same `Idempotency-Key` adds
/// no key and goes on moving. The audit log says how much is left.
#[utoipa::path(
    post, operation_id = "rotate_key_ring", path = "/api/admin/keyring/rotate", tag = "administration",
    params(("Idempotency-Key" = String, Header, description = "One value per intended rotation")),
    responses((status = 200, description = "The active key", body = Envelope<RotatedBody>), WriteProblems)
)]
pub(crate) async fn rotate(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode =
        |rotated: &Rotated| stored(StatusCode::OK, &Envelope::new(RotatedBody { active: rotated.active }, "rotated"));
    let reply = rotate_keys(&api.deps, &caller, &once(key, json.fingerprint), &encode).await?;
    // The rotation stands whatever becomes of this: what is not moved still opens.
    if let Err(error) = reseal(&api.deps, &caller).await {
        tracing::warn!(%error, "what lies under older keys was not moved");
    }
    Ok(respond(reply))
}

/// Which page of the log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Lines per page, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Who did what, newest first.
#[utoipa::path(
    get, operation_id = "list_audit", path = "/api/admin/audit", tag = "administration", params(PageQuery),
    responses((status = 200, description = "A page of lines", body = Envelope<AuditPageBody>), ReadProblems)
)]
pub(crate) async fn audit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Answer {
    let list = format!("audit {}", caller.tenant);
    let cursor = query.cursor.as_deref().map(|c| open_cursor(&list, c)).transpose()?;
    let page = app::audit::log(&api.deps, &caller, cursor.as_deref(), page_size(query.limit, 50, 200)?).await?;
    let items = page.items.into_iter().map(Into::into).collect();
    let next_cursor = page.next.map(|c| seal_cursor(&list, &c));
    Ok(Envelope::new(AuditPageBody { items, next_cursor }, "audit log").into_response())
}
