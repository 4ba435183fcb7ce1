//! The route that answers what somebody said. The rest of the inbox is another function's, which publishes nothing.

use crate::Api;
use crate::wire::answer::AnswerBody;
use crate::wire::posts::PostBody;
use app::{inbox, publishing};
use axum::extract::State;
use axum::response::Response;
use domain::InteractionId;
use domain::access::Permission;
use http::StatusCode;
use runtime::http::{
    ApiJson, ApiPath, Authenticated, Envelope, IdempotencyKey, IfMatch, Problem, once, respond, stored,
};
use runtime::openapi::EditProblems;
use wire::place::Places;

/// Answer something that was said, by a post of the account that it was said to.
///
/// The post is due at once, and goes the way of every other, approval included. When it is live, what it answers is done.
#[utoipa::path(
    post, operation_id = "answer_interaction", path = "/api/inbox/{interaction_id}/answers", tag = "inbox", request_body = AnswerBody,
    params(("interaction_id" = String, Path, description = "The interaction"), ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended answer")),
    responses((status = 202, description = "The post that answers it", body = Envelope<PostBody>), EditProblems)
)]
pub(crate) async fn answer(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<InteractionId>,
    key: IdempotencyKey,
    tag: IfMatch,
    json: ApiJson<AnswerBody>,
) -> Result<Response, Problem> {
    let once = once(key, json.fingerprint.clone());
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = inbox::revision(&api.deps, &caller, id).await?;
    tag.check(rev)?;
    let place = |error| json.body.problem(error);
    let encode =
        |a: &publishing::Accepted| stored(StatusCode::ACCEPTED, &Envelope::new(PostBody::accepted(a), "accepted"));
    Ok(respond(inbox::answer(&api.deps, &caller, id, rev, &json.body.text, &once, &encode).await.map_err(place)?))
}
