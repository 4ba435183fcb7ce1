//! Contacts: making, finding, showing, changing, forgetting; and how they stand to lists.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::{Answer, state};
use crate::wire::{
    ContactBody, ContactEditBody, ContactQuery, ContactStateBody, ContactsBody, FindBody, NewContactBody,
    SubscriptionChangeBody,
};
use app::audience::{self, ContactFilter};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::access::Permission;
use domain::{ContactId, ListId};
use http::StatusCode;
use http::header::ETAG;
use runtime::http::{
    Api, ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, IfMatch, Nothing, OptionalJson, Page,
    etag, once, respond,
};
use runtime::openapi::{EditProblems, ReadProblems, WriteProblems};

/// Make a contact.
///
/// One address is one contact, however it is spelled. Of an address that was forgotten or is left alone, that stays so. The answer says how
/// the contact stands and nothing of who it is.
#[utoipa::path(
    post, operation_id = "make_contact", path = "/api/audience/contacts", tag = "audience", request_body = NewContactBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended contact")),
    responses((status = 201, description = "Made", body = Envelope<ContactStateBody>), WriteProblems)
)]
pub(crate) async fn make(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewContactBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = state(StatusCode::CREATED, "made");
    Ok(respond(audience::create_contact(&api.deps, &caller, &json.body.into(), &once, &encode).await?))
}

/// The contacts.
///
/// In an order that means nothing. A page may hold fewer than were asked for and not be the last: `next_cursor` says whether it is.
#[utoipa::path(
    get, operation_id = "list_contacts", path = "/api/audience/contacts", tag = "audience", params(ContactQuery),
    responses((status = 200, description = "A page of contacts", body = Envelope<ContactsBody>), ReadProblems)
)]
pub(crate) async fn contacts(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<ContactQuery>,
) -> Answer {
    let list = format!("contacts {} {:?} {:?}", caller.tenant, query.list_id, query.tag);
    let asked = Page::asked(list, query.cursor.as_deref(), query.limit)?;
    let filter = ContactFilter { list: query.list_id, tag: query.tag };
    let page = audience::contacts(&api.deps, &caller, &filter, asked.cursor.as_deref(), asked.limit).await?;
    let next_cursor = asked.next(page.next.as_deref());
    let body = ContactsBody { items: page.items.iter().map(Into::into).collect(), next_cursor };
    Ok(Envelope::new(body, "contacts").into_response())
}

/// Find a contact by address.
///
/// The address stands in the body, since addresses of requests are logged.
#[utoipa::path(
    post, operation_id = "find_contact", path = "/api/audience/contacts/find", tag = "audience", request_body = FindBody,
    responses((status = 200, description = "The contact", body = Envelope<ContactBody>), WriteProblems)
)]
pub(crate) async fn find(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    json: ApiJson<FindBody>,
) -> Answer {
    let found = audience::find_contact(&api.deps, &caller, &json.body.address).await?;
    Ok(([(ETAG, etag(found.rev))], Envelope::new(ContactBody::from(&found.value), "contact")).into_response())
}

/// One contact.
///
/// Its `ETag` is what a change of it asks for. Of one who was forgotten only that is left, and where it is left alone.
#[utoipa::path(
    get, operation_id = "get_contact", path = "/api/audience/contacts/{contact_id}", tag = "audience",
    params(("contact_id" = String, Path, description = "The contact")),
    responses((status = 200, description = "The contact", body = Envelope<ContactBody>), ReadProblems)
)]
pub(crate) async fn one(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<ContactId>,
) -> Answer {
    let found = audience::contact(&api.deps, &caller, id).await?;
    Ok(([(ETAG, etag(found.rev))], Envelope::new(ContactBody::from(&found.value), "contact")).into_response())
}

/// Change what is known of a contact, or what they want.
///
/// The address cannot be changed: another address is another contact.
#[utoipa::path(
    patch, operation_id = "edit_contact", path = "/api/audience/contacts/{contact_id}", tag = "audience",
    request_body = ContactEditBody,
    params(("contact_id" = String, Path, description = "The contact"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "Changed", body = Envelope<ContactStateBody>), EditProblems)
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<ContactId>,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<ContactEditBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = audience::contact(&api.deps, &caller, id).await?.rev;
    tag.check(rev)?;
    let encode = state(StatusCode::OK, "changed");
    Ok(respond(audience::edit_contact(&api.deps, &caller, id, rev, &json.body.into(), &once, &encode).await?))
}

/// Forget a contact.
///
/// Nothing is kept of who it was. Its id stays, and is left alone: should its address come back with a file, it gets no mail.
#[utoipa::path(
    delete, operation_id = "erase_contact", path = "/api/audience/contacts/{contact_id}", tag = "audience",
    params(("contact_id" = String, Path, description = "The contact"),
        ("Idempotency-Key" = String, Header, description = "One value per intended erasure")),
    responses((status = 200, description = "Forgotten", body = Envelope<ContactStateBody>), WriteProblems)
)]
pub(crate) async fn erase(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<ContactId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = state(StatusCode::OK, "forgotten");
    Ok(respond(audience::erase_contact(&api.deps, &caller, id, &once, &encode).await?))
}

/// Put a contact on a list, or take them off it.
///
/// It applies to the contact as they are by then, and needs no `If-Match`: nobody's leaving is lost because something else of them was changed.
/// Who left a list comes back only with a consent that they gave after that.
#[utoipa::path(
    put, operation_id = "change_subscription", path = "/api/audience/contacts/{contact_id}/lists/{list_id}", tag = "audience",
    request_body = SubscriptionChangeBody,
    params(("contact_id" = String, Path, description = "The contact"), ("list_id" = String, Path, description = "The list"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "How the contact stands", body = Envelope<ContactStateBody>), WriteProblems)
)]
pub(crate) async fn subscribe(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(at): ApiPath<(ContactId, ListId)>,
    key: IdempotencyKey,
    json: ApiJson<SubscriptionChangeBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    let encode = state(StatusCode::OK, "changed");
    Ok(respond(audience::change_subscription(&api.deps, &caller, at, &json.body.into(), &once, &encode).await?))
}
