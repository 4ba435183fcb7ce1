//! The routes of accounts' slots.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Api;
use crate::wire::best_time::BestTimeBody;
use crate::wire::slots::{NextSlotBody, SlotsBody};
use app::publishing::{self, Range};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::AccountId;
use domain::publishing::SlotPlan;
use http::StatusCode;
use jiff::Timestamp;
use runtime::http::{
    ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, Problem, once, respond, stored,
};
use runtime::openapi::{ReadProblems, WriteProblems};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::place::Places;

type Answer = Result<Response, Problem>;

/// The slots of an account's queue.
#[utoipa::path(
    get, path = "/api/publishing/accounts/{account_id}/slots", tag = "slots",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, description = "Its own, or those that every account has", body = Envelope<SlotsBody>), ReadProblems)
)]
pub(crate) async fn slots(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(account): ApiPath<AccountId>,
) -> Answer {
    let plan = publishing::slots(&api.deps, &caller, account).await?;
    Ok(Envelope::new(SlotsBody::of(&plan), "slots").into_response())
}

/// Give an account slots of its own. Posts that have a slot keep it.
#[utoipa::path(
    put, path = "/api/publishing/accounts/{account_id}/slots", tag = "slots", request_body = SlotsBody,
    params(("account_id" = String, Path, description = "The account"),
        ("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The slots from now on", body = Envelope<SlotsBody>), WriteProblems)
)]
pub(crate) async fn set_slots(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(account): ApiPath<AccountId>,
    key: IdempotencyKey,
    json: ApiJson<SlotsBody>,
) -> Answer {
    let new = json.body.slots()?;
    let encode = |plan: &SlotPlan| stored(StatusCode::OK, &Envelope::new(SlotsBody::of(plan), "set"));
    let once = once(key, json.fingerprint.clone());
    Ok(respond(publishing::set_slots(&api.deps, &caller, account, &new, &once, &encode).await?))
}

/// Whose slot to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NextSlotQuery {
    /// The account.
    #[param(value_type = String)]
    account_id: AccountId,
}

/// The next slot of an account that no post has taken.
#[utoipa::path(
    get, path = "/api/publishing/slots/next", tag = "slots", params(NextSlotQuery),
    responses((status = 200, description = "When", body = Envelope<NextSlotBody>), WriteProblems)
)]
pub(crate) async fn next_slot(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<NextSlotQuery>,
) -> Answer {
    let at = publishing::next_slot(&api.deps, &caller, query.account_id).await?;
    Ok(Envelope::new(NextSlotBody::of(at), "slot").into_response())
}

/// Whose best time to look for, and where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BestTimeQuery {
    /// The account.
    #[param(value_type = String)]
    account_id: AccountId,
    /// IANA zone in which hours are compared; the organisation's when left out.
    timezone: Option<String>,
    /// From this instant on; five minutes from now when left out.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until this instant; a week after its begin when left out, sixty days at most.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl Places for BestTimeQuery {
    fn place(&self, _: &str, field: &str) -> String {
        match field {
            "/when" => "/timezone",
            "/range" => "/to",
            other => other,
        }
        .to_owned()
    }
}

/// The best time of an account that no other post has taken which is queued or at its best time, and why it is the best.
#[utoipa::path(
    get, path = "/api/publishing/slots/best", tag = "slots", params(BestTimeQuery),
    responses((status = 200, description = "When, and why", body = Envelope<BestTimeBody>), WriteProblems)
)]
pub(crate) async fn best_time(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<BestTimeQuery>,
) -> Answer {
    let range = Range { zone: query.timezone.clone(), from: query.from, to: query.to };
    let found = publishing::best_time(&api.deps, &caller, query.account_id, &range).await;
    let (at, best) = found.map_err(|error| query.problem(error))?;
    Ok(Envelope::new(BestTimeBody::of(at, &best), "best time").into_response())
}
