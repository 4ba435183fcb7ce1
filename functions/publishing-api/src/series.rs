//! The routes of series and of what a recurrence comes to.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Api;
use crate::wire::series::{NewSeriesBody, PreviewBody, PreviewedBody, SeriesBody, SeriesEditBody};
use app::publishing::{self, MAX_PREVIEW, SeriesView};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::SeriesId;
use domain::access::Permission;
use http::StatusCode;
use http::header::ETAG;
use runtime::http::{
    ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, IfMatch, Nothing, OptionalJson, Page, Problem,
    etag, once, respond, stored,
};
use runtime::openapi::{EditProblems, ListProblems, ReadProblems, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::place::Places;

type Answer = Result<Response, Problem>;

/// Make a series: one content that goes out again and again.
#[utoipa::path(
    post, path = "/api/publishing/series", tag = "series", request_body = NewSeriesBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended series")),
    responses((status = 201, description = "Made", body = Envelope<SeriesBody>), WriteProblems)
)]
pub(crate) async fn create_series(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewSeriesBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let new = json.body.new_series().map_err(place)?;
    let encode = |view: &SeriesView| stored(StatusCode::CREATED, &Envelope::new(SeriesBody::viewed(view), "made"));
    let once = once(key, json.fingerprint.clone());
    Ok(respond(publishing::create_series(&api.deps, &caller, &new, &once, &encode).await.map_err(place)?))
}

/// Which series to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeriesPage {
    /// The series.
    items: Vec<SeriesBody>,
    /// Where the next page starts; none at the end.
    next_cursor: Option<String>,
}

/// The series, in the order they were made.
#[utoipa::path(
    get, path = "/api/publishing/series", tag = "series", params(SeriesQuery),
    responses((status = 200, description = "A page of series", body = Envelope<SeriesPage>), ListProblems)
)]
pub(crate) async fn all_series(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<SeriesQuery>,
) -> Answer {
    let asked = Page::asked(format!("series {}", caller.tenant), query.cursor.as_deref(), query.limit)?;
    let page = publishing::all_series(&api.deps, &caller, asked.cursor.as_deref(), asked.limit).await?;
    let next_cursor = asked.next(page.next.as_deref());
    let items = page.items.iter().map(SeriesBody::of).collect();
    Ok(Envelope::new(SeriesPage { items, next_cursor }, "series").into_response())
}

/// One series.
#[utoipa::path(
    get, path = "/api/publishing/series/{series_id}", tag = "series",
    params(("series_id" = String, Path, description = "The series")),
    responses((status = 200, description = "The series; its ETag is what an edit must match", body = Envelope<SeriesBody>), ReadProblems)
)]
pub(crate) async fn one_series(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SeriesId>,
) -> Answer {
    let view = publishing::series(&api.deps, &caller, id).await?;
    Ok(([(ETAG, etag(view.rev))], Envelope::new(SeriesBody::viewed(&view), "series")).into_response())
}

/// Change, pause or resume a series: the runs that have no post yet.
#[utoipa::path(
    patch, path = "/api/publishing/series/{series_id}", tag = "series", request_body = SeriesEditBody,
    params(("series_id" = String, Path, description = "The series"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended edit")),
    responses((status = 200, description = "The changed series", body = Envelope<SeriesBody>), EditProblems)
)]
pub(crate) async fn edit_series(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SeriesId>,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<SeriesEditBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let edit = json.body.edit().map_err(place)?;
    let once = once(key, json.fingerprint.clone());
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = publishing::series(&api.deps, &caller, id).await?.rev;
    tag.check(rev)?;
    let encode = |view: &SeriesView| stored(StatusCode::OK, &Envelope::new(SeriesBody::viewed(view), "changed"));
    Ok(respond(publishing::edit_series(&api.deps, &caller, id, rev, &edit, &once, &encode).await.map_err(place)?))
}

/// End a series. Runs that have their post keep it.
#[utoipa::path(
    delete, path = "/api/publishing/series/{series_id}", tag = "series",
    params(("series_id" = String, Path, description = "The series"),
        ("Idempotency-Key" = String, Header, description = "One value per intended end")),
    responses((status = 200, description = "Ended", body = Envelope<String>), WriteProblems)
)]
pub(crate) async fn end_series(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SeriesId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let reply = stored(StatusCode::OK, &Envelope::new(id.to_string(), "ended"));
    Ok(respond(publishing::end_series(&api.deps, &caller, id, &once(key, json.fingerprint), &reply).await?))
}

/// The next runs of a recurrence, with what the zone's clocks do to them. Nothing is stored.
#[utoipa::path(
    post, path = "/api/publishing/schedule/preview", tag = "series", request_body = PreviewBody,
    responses((status = 200, description = "The runs to come", body = Envelope<PreviewedBody>), WriteProblems)
)]
pub(crate) async fn preview(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    json: ApiJson<PreviewBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let count = json.body.count.unwrap_or(10);
    let n = usize::try_from(count).ok().filter(|n| (1..=MAX_PREVIEW).contains(n)).ok_or_else(|| {
        place(app::Error::invalid("out_of_range", "/count", format!("ask for 1 to {MAX_PREVIEW} runs")))
    })?;
    let spec = json.body.recurrence.spec().map_err(place)?;
    let (recurrence, runs) = publishing::preview(&api.deps, &caller, &spec, json.body.after, n).map_err(place)?;
    Ok(Envelope::new(PreviewedBody::of(&recurrence, &runs), "preview").into_response())
}
