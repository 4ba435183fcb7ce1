//! The routes of members and keys. Each decodes, makes one call and encodes; rules live in `app` and `domain`.

use crate::wire::access::{ChangeRoleBody, KeyBody, KeysBody, MemberBody, MembersBody, NewKeyBody, NewMemberBody};
use app::access::{self as access, KeyMade};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::{ApiKey, Member};
use domain::{KeyId, MemberId};
use http::StatusCode;
use ports::StoredReply;
use runtime::http::{
    Api, ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, Problem, once, respond,
    stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};

type Answer = Result<Response, Problem>;

fn member_reply(status: StatusCode, member: &Member, message: &str) -> StoredReply {
    stored(status, &Envelope::new(MemberBody::from(member), message))
}

/// The members.
#[utoipa::path(
    get, operation_id = "list_members", path = "/api/admin/members", tag = "administration",
    responses((status = 200, description = "The members", body = Envelope<MembersBody>), ReadProblems)
)]
pub(crate) async fn members(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let found = access::members(&api.deps, &caller).await?;
    let items = found.iter().map(MemberBody::from).collect();
    Ok(Envelope::new(MembersBody { items }, "members").into_response())
}

/// Add a member.
///
/// The member signs in with a key that an owner makes for them.
#[utoipa::path(
    post, operation_id = "add_member", path = "/api/admin/members", tag = "administration", request_body = NewMemberBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended member")),
    responses((status = 201, description = "Added", body = Envelope<MemberBody>), WriteProblems)
)]
pub(crate) async fn create_member(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewMemberBody>,
) -> Answer {
    let encode = |made: &Member| member_reply(StatusCode::CREATED, made, "added");
    let once = once(key, json.fingerprint);
    Ok(respond(access::create_member(&api.deps, &caller, &json.body.into(), &once, &encode).await?))
}

/// Give a member another role.
///
/// It counts from the next request on. A tenant always keeps an owner.
#[utoipa::path(
    patch, path = "/api/admin/members/{member_id}", tag = "administration", request_body = ChangeRoleBody,
    params(("member_id" = String, Path, description = "The member"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The member now", body = Envelope<MemberBody>), WriteProblems)
)]
pub(crate) async fn change_role(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<MemberId>,
    key: IdempotencyKey,
    json: ApiJson<ChangeRoleBody>,
) -> Answer {
    let encode = |changed: &Member| member_reply(StatusCode::OK, changed, "changed");
    let once = once(key, json.fingerprint);
    Ok(respond(access::change_role(&api.deps, &caller, id, json.body.role.into(), &once, &encode).await?))
}

/// Remove a member, with the member's keys and sessions.
#[utoipa::path(
    delete, path = "/api/admin/members/{member_id}", tag = "administration",
    params(("member_id" = String, Path, description = "The member"),
        ("Idempotency-Key" = String, Header, description = "One value per intended removal")),
    responses((status = 200, description = "The member as it was", body = Envelope<MemberBody>), WriteProblems)
)]
pub(crate) async fn remove_member(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<MemberId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |gone: &Member| member_reply(StatusCode::OK, gone, "removed");
    let once = once(key, json.fingerprint);
    Ok(respond(access::remove_member(&api.deps, &caller, id, &once, &encode).await?))
}

/// The keys, without their texts.
#[utoipa::path(
    get, operation_id = "list_keys", path = "/api/admin/keys", tag = "administration",
    responses((status = 200, description = "The keys", body = Envelope<KeysBody>), ReadProblems)
)]
pub(crate) async fn keys(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let found = access::keys(&api.deps, &caller).await?;
    let items = found.iter().map(KeyBody::of).collect();
    Ok(Envelope::new(KeysBody { items }, "keys").into_response())
}

/// Make a key.
///
/// The answer shows it, this once.
#[utoipa::path(
    post, operation_id = "make_key", path = "/api/admin/keys", tag = "administration", request_body = NewKeyBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended key")),
    responses((status = 201, description = "Made", body = Envelope<KeyBody>), WriteProblems)
)]
pub(crate) async fn create_key(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<NewKeyBody>,
) -> Answer {
    let encode = |made: &KeyMade| stored(StatusCode::CREATED, &Envelope::new(KeyBody::made(made), "made"));
    let once = once(key, json.fingerprint);
    Ok(respond(access::create_key(&api.deps, &caller, &json.body.into(), &once, &encode).await?))
}

/// Revoke a key.
///
/// Sessions that were opened with it end.
#[utoipa::path(
    delete, path = "/api/admin/keys/{key_id}", tag = "administration",
    params(("key_id" = String, Path, description = "The key"),
        ("Idempotency-Key" = String, Header, description = "One value per intended revocation")),
    responses((status = 200, description = "The key as it was", body = Envelope<KeyBody>), WriteProblems)
)]
pub(crate) async fn revoke_key(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<KeyId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |gone: &ApiKey| stored(StatusCode::OK, &Envelope::new(KeyBody::of(gone), "revoked"));
    let once = once(key, json.fingerprint);
    Ok(respond(access::revoke_key(&api.deps, &caller, id, &once, &encode).await?))
}
