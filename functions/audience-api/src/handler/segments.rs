//! Segments, and who belongs to one.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{NewSegmentBody, SegmentAskBody, SegmentBody, SegmentCountBody, SegmentEditBody, SegmentsBody};
use app::audience;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::SegmentId;
use domain::access::Permission;
use domain::audience::Segment;
use http::StatusCode;
use http::header::ETAG;
use ports::{StoredReply, Versioned};
use runtime::http::{
    Api, ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, IfMatch, Nothing, OptionalJson, etag, once,
    respond, stored,
};
use runtime::openapi::{EditProblems, ReadProblems, WriteProblems};

fn shown(status: StatusCode, message: &'static str) -> impl Fn(&Versioned<Segment>) -> StoredReply {
    move |found| stored(status, &Envelope::new(SegmentBody::from(&found.value), message))
}

/// Make a segment.
///
/// Its rule is checked with the attributes that are declared now.
#[utoipa::path(
    post, operation_id = "make_segment", path = "/api/audience/segments", tag = "audience", request_body = NewSegmentBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended segment")),
    responses((status = 201, description = "Made", body = Envelope<SegmentBody>), WriteProblems)
)]
pub(crate) async fn make(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewSegmentBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = shown(StatusCode::CREATED, "made");
    Ok(respond(audience::create_segment(&api.deps, &caller, &json.body.into(), &once, &encode).await?))
}

/// The segments, the oldest first.
#[utoipa::path(
    get, operation_id = "list_segments", path = "/api/audience/segments", tag = "audience",
    responses((status = 200, description = "The segments", body = Envelope<SegmentsBody>), ReadProblems)
)]
pub(crate) async fn segments(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let items = audience::segments(&api.deps, &caller).await?.iter().map(Into::into).collect();
    Ok(Envelope::new(SegmentsBody { items }, "segments").into_response())
}

/// One segment.
///
/// Its `ETag` is what a change of it asks for.
#[utoipa::path(
    get, operation_id = "get_segment", path = "/api/audience/segments/{segment_id}", tag = "audience",
    params(("segment_id" = String, Path, description = "The segment")),
    responses((status = 200, description = "The segment", body = Envelope<SegmentBody>), ReadProblems)
)]
pub(crate) async fn one(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SegmentId>,
) -> Answer {
    let found = audience::segment(&api.deps, &caller, id).await?;
    Ok(([(ETAG, etag(found.rev))], Envelope::new(SegmentBody::from(&found.value), "segment")).into_response())
}

/// Change a segment.
#[utoipa::path(
    patch, operation_id = "edit_segment", path = "/api/audience/segments/{segment_id}", tag = "audience",
    request_body = SegmentEditBody,
    params(("segment_id" = String, Path, description = "The segment"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The changed segment", body = Envelope<SegmentBody>), EditProblems)
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SegmentId>,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<SegmentEditBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = audience::segment(&api.deps, &caller, id).await?.rev;
    tag.check(rev)?;
    let encode = shown(StatusCode::OK, "changed");
    Ok(respond(audience::edit_segment(&api.deps, &caller, id, rev, &json.body.into(), &once, &encode).await?))
}

/// Delete a segment.
///
/// Nothing of a contact changes.
#[utoipa::path(
    delete, operation_id = "delete_segment", path = "/api/audience/segments/{segment_id}", tag = "audience",
    params(("segment_id" = String, Path, description = "The segment"),
        ("Idempotency-Key" = String, Header, description = "One value per intended deletion")),
    responses((status = 200, description = "The segment as it was", body = Envelope<SegmentBody>), WriteProblems)
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<SegmentId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = shown(StatusCode::OK, "deleted");
    Ok(respond(audience::remove_segment(&api.deps, &caller, id, &once, &encode).await?))
}

/// Count who belongs to a rule, and show some of them.
///
/// Counting takes a few seconds at most. Where `complete` is false it got as far as `next`: ask again with that as `after`, and add both counts.
#[utoipa::path(
    post, operation_id = "preview_segment", path = "/api/audience/segments/preview", tag = "audience", request_body = SegmentAskBody,
    responses((status = 200, description = "Who belongs to it, as far as was counted", body = Envelope<SegmentCountBody>), WriteProblems)
)]
pub(crate) async fn preview(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    json: ApiJson<SegmentAskBody>,
) -> Answer {
    let found = audience::preview(&api.deps, &caller, &json.body.rule.into(), json.body.after).await?;
    Ok(Envelope::new(SegmentCountBody::from(&found), "preview").into_response())
}
