//! The routes of sources: who may call us, and what they told.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{IncomingPageBody, New, NewSourceBody, SourceBody, SourcesBody};
use app::inbound::{self, Listed, SourceMade};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::SourceId;
use http::StatusCode;
use http::request::Parts;
use runtime::http::{
    Api, ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, Page, base_url,
    once, respond, stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};
use serde::Deserialize;
use utoipa::IntoParams;

/// Make a source: an address that a platform or another system calls, or an account whose platform calls nobody and is asked.
///
/// Of an address the answer shows it and the secrets that were made for it, this once. Enter them at the platform, as `help` says.
#[utoipa::path(
    post, operation_id = "make_source", path = "/api/publishing/sources", tag = "inbound", request_body = NewSourceBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended source")),
    responses((status = 201, description = "Made", body = Envelope<SourceBody>), WriteProblems)
)]
pub(crate) async fn make(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    parts: Parts,
    json: ApiJson<NewSourceBody>,
) -> Answer {
    let base_url = base_url(&parts, &api.address);
    let encode = |made: &SourceMade| stored(StatusCode::CREATED, &Envelope::new(SourceBody::made(made), "made"));
    let once = once(key, json.fingerprint);
    Ok(respond(match New::try_from(json.body)? {
        New::Called(new) => inbound::register_source(&api.deps, &caller, &new, &base_url, &once, &encode).await?,
        New::Asked(new) => {
            let encode = |made: &Listed| stored(StatusCode::CREATED, &Envelope::new(SourceBody::listed(made), "made"));
            inbound::ask_source(&api.deps, &caller, &new, &once, &encode).await?
        }
    }))
}

/// The sources.
#[utoipa::path(
    get, operation_id = "list_sources", path = "/api/publishing/sources", tag = "inbound",
    responses((status = 200, description = "The sources", body = Envelope<SourcesBody>), ReadProblems)
)]
pub(crate) async fn sources(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let items = inbound::sources(&api.deps, &caller).await?.iter().map(SourceBody::listed).collect();
    Ok(Envelope::new(SourcesBody { items }, "sources").into_response())
}

/// Delete a source.
///
/// Its address is no address any more, and its account is not asked any more. What came in stays.
#[utoipa::path(
    delete, operation_id = "delete_source", path = "/api/publishing/sources/{source_id}", tag = "inbound",
    params(("source_id" = String, Path, description = "The source"),
        ("Idempotency-Key" = String, Header, description = "One value per intended deletion")),
    responses((status = 200, description = "The source as it was", body = Envelope<SourceBody>), WriteProblems)
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SourceId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |gone: &Listed| stored(StatusCode::OK, &Envelope::new(SourceBody::listed(gone), "deleted"));
    let once = once(key, json.fingerprint);
    Ok(respond(inbound::remove_source(&api.deps, &caller, id, &once, &encode).await?))
}

/// Which page of what came in.
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

/// What came in at a source, the newest first.
#[utoipa::path(
    get, operation_id = "list_incoming", path = "/api/publishing/sources/{source_id}/incoming", tag = "inbound",
    params(("source_id" = String, Path, description = "The source"), PageQuery),
    responses((status = 200, description = "A page of events", body = Envelope<IncomingPageBody>), ReadProblems)
)]
pub(crate) async fn incoming(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SourceId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Answer {
    let asked = Page::asked(format!("incoming {} {id}", caller.tenant), query.cursor.as_deref(), query.limit)?;
    let page = inbound::incoming(&api.deps, &caller, id, asked.cursor.as_deref(), asked.limit).await?;
    let next_cursor = asked.next(page.next.as_deref());
    let body = IncomingPageBody { items: page.items.iter().map(Into::into).collect(), next_cursor };
    Ok(Envelope::new(body, "incoming").into_response())
}
