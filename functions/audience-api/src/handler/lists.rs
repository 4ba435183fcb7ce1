//! Lists of contacts.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{ListBody, ListEditBody, ListsBody, NewListBody};
use app::audience;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::ListId;
use domain::access::Permission;
use domain::audience::ContactList;
use http::StatusCode;
use http::header::ETAG;
use ports::{StoredReply, Versioned};
use runtime::http::{
    Api, ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, IfMatch, Nothing, OptionalJson, etag, once,
    respond, stored,
};
use runtime::openapi::{EditProblems, ReadProblems, WriteProblems};

fn shown(status: StatusCode, message: &'static str) -> impl Fn(&Versioned<ContactList>) -> StoredReply {
    move |found| stored(status, &Envelope::new(ListBody::from(&found.value), message))
}

/// Make a list.
#[utoipa::path(
    post, operation_id = "make_list", path = "/api/audience/lists", tag = "audience", request_body = NewListBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended list")),
    responses((status = 201, description = "Made", body = Envelope<ListBody>), WriteProblems)
)]
pub(crate) async fn make(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewListBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = shown(StatusCode::CREATED, "made");
    Ok(respond(audience::create_list(&api.deps, &caller, &json.body.into(), &once, &encode).await?))
}

/// The lists, the oldest first.
#[utoipa::path(
    get, operation_id = "list_lists", path = "/api/audience/lists", tag = "audience",
    responses((status = 200, description = "The lists", body = Envelope<ListsBody>), ReadProblems)
)]
pub(crate) async fn lists(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let items = audience::contact_lists(&api.deps, &caller).await?.iter().map(Into::into).collect();
    Ok(Envelope::new(ListsBody { items }, "lists").into_response())
}

/// One list.
///
/// Its `ETag` is what a change of it asks for.
#[utoipa::path(
    get, operation_id = "get_list", path = "/api/audience/lists/{list_id}", tag = "audience",
    params(("list_id" = String, Path, description = "The list")),
    responses((status = 200, description = "The list", body = Envelope<ListBody>), ReadProblems)
)]
pub(crate) async fn one(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<ListId>,
) -> Answer {
    let found = audience::contact_list(&api.deps, &caller, id).await?;
    Ok(([(ETAG, etag(found.rev))], Envelope::new(ListBody::from(&found.value), "list")).into_response())
}

/// Change a list.
///
/// Who is on it stays on it, also where it asks for a confirmation from now on.
#[utoipa::path(
    patch, operation_id = "edit_list", path = "/api/audience/lists/{list_id}", tag = "audience", request_body = ListEditBody,
    params(("list_id" = String, Path, description = "The list"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The changed list", body = Envelope<ListBody>), EditProblems)
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<ListId>,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<ListEditBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = audience::contact_list(&api.deps, &caller, id).await?.rev;
    tag.check(rev)?;
    let encode = shown(StatusCode::OK, "changed");
    Ok(respond(audience::edit_list(&api.deps, &caller, id, rev, &json.body.into(), &once, &encode).await?))
}

/// Delete a list.
///
/// Nobody is on it any more. What people agreed to for it stays with them.
#[utoipa::path(
    delete, operation_id = "delete_list", path = "/api/audience/lists/{list_id}", tag = "audience",
    params(("list_id" = String, Path, description = "The list"),
        ("Idempotency-Key" = String, Header, description = "One value per intended deletion")),
    responses((status = 200, description = "The list as it was", body = Envelope<ListBody>), WriteProblems)
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<ListId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = shown(StatusCode::OK, "deleted");
    Ok(respond(audience::remove_list(&api.deps, &caller, id, &once, &encode).await?))
}
