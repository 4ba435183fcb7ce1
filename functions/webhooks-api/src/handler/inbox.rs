//! The routes of the inbox: what people said, and what becomes of it.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use super::Answer;
use crate::wire::{ConversationBody, InboxBody, InboxEditBody, InboxQuery, InteractionBody};
use app::inbox::{self, InboxFilter};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::InteractionId;
use domain::access::Permission;
use domain::inbox::Interaction;
use http::StatusCode;
use http::header::ETAG;
use runtime::http::{
    Api, ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, IfMatch, Page, etag, once, respond,
    stored,
};
use runtime::openapi::{EditProblems, ReadProblems};

/// What people said, the newest first.
///
/// Reactions are counted with what they are on, and not listed.
#[utoipa::path(
    get, operation_id = "list_inbox", path = "/api/inbox", tag = "inbox", params(InboxQuery),
    responses((status = 200, description = "A page of the inbox", body = Envelope<InboxBody>), ReadProblems)
)]
pub(crate) async fn interactions(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<InboxQuery>,
) -> Answer {
    let filter = InboxFilter::from(&query);
    let list = format!("inbox {} {}", caller.tenant, filter.state.name());
    let asked = Page::asked(list, query.cursor.as_deref(), query.limit)?;
    let page = inbox::interactions(&api.deps, &caller, &filter, asked.cursor.as_deref(), asked.limit).await?;
    let next_cursor = asked.next(page.next.as_deref());
    let body = InboxBody { items: page.items.iter().map(Into::into).collect(), next_cursor };
    Ok(Envelope::new(body, "inbox").into_response())
}

/// One interaction, with its conversation and the post that it is about.
///
/// Its `ETag` is what a change of it asks for.
#[utoipa::path(
    get, operation_id = "get_interaction", path = "/api/inbox/{interaction_id}", tag = "inbox",
    params(("interaction_id" = String, Path, description = "The interaction")),
    responses((status = 200, description = "The interaction", body = Envelope<ConversationBody>), ReadProblems)
)]
pub(crate) async fn one(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<InteractionId>,
) -> Answer {
    let seen = inbox::interaction(&api.deps, &caller, id).await?;
    let body = ConversationBody::from(&seen);
    Ok(([(ETAG, etag(seen.interaction.rev))], Envelope::new(body, "interaction")).into_response())
}

/// Say who sees to it, that it is done, or that it was answered.
#[utoipa::path(
    patch, operation_id = "edit_interaction", path = "/api/inbox/{interaction_id}", tag = "inbox", request_body = InboxEditBody,
    params(("interaction_id" = String, Path, description = "The interaction"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The changed interaction", body = Envelope<InteractionBody>), EditProblems)
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<InteractionId>,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<InboxEditBody>,
) -> Answer {
    let once = once(key, json.fingerprint);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = inbox::revision(&api.deps, &caller, id).await?;
    tag.check(rev)?;
    let encode = |next: &Interaction| stored(StatusCode::OK, &Envelope::new(InteractionBody::from(next), "changed"));
    Ok(respond(inbox::change(&api.deps, &caller, id, rev, json.body.into(), &once, &encode).await?))
}
