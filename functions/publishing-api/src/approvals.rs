//! The routes of approvals and of the tenant's own rules.

use crate::Api;
use crate::handler::PostsBody;
use crate::wire::approval::{ApprovalRulesBody, AskBody, VerdictBody};
use crate::wire::brand::BrandRulesBody;
use crate::wire::posts::PostBody;
use app::accounts::Ends;
use app::publishing::{self as publishing, PostView};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::PostId;
use domain::publishing::Rules;
use http::StatusCode;
use ports::StoredReply;
use runtime::http::{
    ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, OptionalJson, Page, Problem, once, respond,
    stored,
};
use runtime::openapi::{ListProblems, ReadProblems, WriteProblems};
use serde::Deserialize;

type Answer = Result<Response, Problem>;

fn post_reply(view: &PostView, message: &str) -> StoredReply {
    // Like every answer to a change, without what an access has to do with it: that is told where the post is read.
    stored(StatusCode::OK, &Envelope::new(PostBody::of(view, &Ends::new()), message))
}

/// Which page of what waits.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitingQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// The posts that wait for somebody to approve them, the most urgent first.
#[utoipa::path(
    get, operation_id = "list_approvals", path = "/api/publishing/approvals", tag = "approvals", params(WaitingQuery),
    responses((status = 200, description = "A page of posts", body = Envelope<PostsBody>), ListProblems)
)]
pub(crate) async fn waiting(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<WaitingQuery>,
) -> Answer {
    let asked = Page::asked(format!("approvals {}", caller.tenant), query.cursor.as_deref(), query.limit)?;
    let page = publishing::approvals(&api.deps, &caller, asked.cursor.as_deref(), asked.limit).await?;
    let next_cursor = asked.next(page.next.as_deref());
    let ends = app::accounts::ends_for(&api.deps, &caller, &page.items).await?;
    let items = page.items.iter().map(|view| PostBody::of(view, &ends)).collect();
    Ok(Envelope::new(PostsBody { items, next_cursor }, "approvals").into_response())
}

/// Ask for an approval, or ask again after a rejection.
#[utoipa::path(
    post, operation_id = "request_approval", path = "/api/publishing/posts/{post_id}/approval", tag = "approvals", request_body = Option<AskBody>,
    params(("post_id" = String, Path, description = "The post"), ("Idempotency-Key" = String, Header, description = "One value per intended request")),
    responses((status = 200, description = "The post, which now waits", body = Envelope<PostBody>), WriteProblems)
)]
pub(crate) async fn ask(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    json: OptionalJson<AskBody>,
) -> Answer {
    let encode = |view: &PostView| post_reply(view, "waits for an approval");
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::ask_approval(&api.deps, &caller, id, json.body.comment.as_deref(), &once, &encode).await?))
}

/// Approve a post as you saw it.
#[utoipa::path(
    post, path = "/api/publishing/posts/{post_id}/approve", tag = "approvals", request_body = VerdictBody,
    params(("post_id" = String, Path, description = "The post"), ("Idempotency-Key" = String, Header, description = "One value per approval")),
    responses((status = 200, description = "The post, which leaves at its time", body = Envelope<PostBody>), WriteProblems)
)]
pub(crate) async fn approve(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    json: ApiJson<VerdictBody>,
) -> Answer {
    let encode = |view: &PostView| post_reply(view, "approved");
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::approve(&api.deps, &caller, id, &json.body.verdict(), &once, &encode).await?))
}

/// Reject a post as you saw it, or take an approval back.
#[utoipa::path(
    post, path = "/api/publishing/posts/{post_id}/reject", tag = "approvals", request_body = VerdictBody,
    params(("post_id" = String, Path, description = "The post"), ("Idempotency-Key" = String, Header, description = "One value per rejection")),
    responses((status = 200, description = "The post, which does not leave", body = Envelope<PostBody>), WriteProblems)
)]
pub(crate) async fn reject(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    json: ApiJson<VerdictBody>,
) -> Answer {
    let encode = |view: &PostView| post_reply(view, "rejected");
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::reject(&api.deps, &caller, id, &json.body.verdict(), &once, &encode).await?))
}

/// Whose posts somebody has to approve.
#[utoipa::path(
    get, operation_id = "approval_rules", path = "/api/publishing/approval-rules", tag = "approvals",
    responses((status = 200, description = "The rule that holds now", body = Envelope<ApprovalRulesBody>), ReadProblems)
)]
pub(crate) async fn rules(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let rules = publishing::rules(&api.deps, &caller).await?;
    Ok(Envelope::new(ApprovalRulesBody::of(&rules), "approval rules").into_response())
}

/// Say whose posts somebody has to approve, from now on.
#[utoipa::path(
    put, operation_id = "set_approval_rules", path = "/api/publishing/approval-rules", tag = "approvals", request_body = ApprovalRulesBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The rule that holds now", body = Envelope<ApprovalRulesBody>), WriteProblems)
)]
pub(crate) async fn set_rules(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<ApprovalRulesBody>,
) -> Answer {
    let encode =
        |rules: &Rules| stored(StatusCode::OK, &Envelope::new(ApprovalRulesBody::of(rules), "approval rules changed"));
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::set_approval_rule(&api.deps, &caller, json.body.rule(), &once, &encode).await?))
}

/// The words, links and hashtags that posts must and must not have.
#[utoipa::path(
    get, operation_id = "brand_rules", path = "/api/publishing/brand-rules", tag = "brand rules",
    responses((status = 200, description = "The rules that hold now", body = Envelope<BrandRulesBody>), ReadProblems)
)]
pub(crate) async fn brand(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let rules = publishing::rules(&api.deps, &caller).await?;
    Ok(Envelope::new(BrandRulesBody::of(&rules.brand), "brand rules").into_response())
}

/// Replace the brand rules, from now on.
#[utoipa::path(
    put, operation_id = "set_brand_rules", path = "/api/publishing/brand-rules", tag = "brand rules", request_body = BrandRulesBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended change")),
    responses((status = 200, description = "The rules that hold now", body = Envelope<BrandRulesBody>), WriteProblems)
)]
pub(crate) async fn set_brand(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<BrandRulesBody>,
) -> Answer {
    let encode =
        |rules: &Rules| stored(StatusCode::OK, &Envelope::new(BrandRulesBody::of(&rules.brand), "brand rules changed"));
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::set_brand_rules(&api.deps, &caller, &json.body.rules(), &once, &encode).await?))
}
