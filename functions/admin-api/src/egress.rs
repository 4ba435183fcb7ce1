//! The routes of what webhook endpoints may be.

use crate::wire::egress::EgressPolicyBody;
use app::webhooks;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::publishing::Rules;
use http::StatusCode;
use runtime::http::{Api, ApiJson, Authenticated, Envelope, IdempotencyKey, Problem, once, respond, stored};
use runtime::openapi::{ReadProblems, WriteProblems};

type Answer = Result<Response, Problem>;

/// What webhook endpoints may be.
#[utoipa::path(
    get, operation_id = "egress_policy", path = "/api/admin/egress-policy", tag = "administration",
    responses((status = 200, description = "The policy", body = Envelope<EgressPolicyBody>), ReadProblems)
)]
pub(crate) async fn policy(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let policy = webhooks::egress_policy(&api.deps, &caller).await?;
    Ok(Envelope::new(EgressPolicyBody::of(&policy), "egress policy").into_response())
}

/// Replace what webhook endpoints may be.
///
/// It counts from now on, for endpoints that are registered already, too.
#[utoipa::path(
    put, operation_id = "set_egress_policy", path = "/api/admin/egress-policy", tag = "administration",
    request_body = EgressPolicyBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The policy now", body = Envelope<EgressPolicyBody>), WriteProblems)
)]
pub(crate) async fn set_policy(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<EgressPolicyBody>,
) -> Answer {
    let encode = |rules: &Rules| {
        stored(StatusCode::OK, &Envelope::new(EgressPolicyBody::of(&rules.egress), "egress policy changed"))
    };
    let once = once(key, json.fingerprint);
    Ok(respond(webhooks::set_egress_policy(&api.deps, &caller, &json.body.policy(), &once, &encode).await?))
}
