//! The routes of our own form. Each decodes, makes one call and encodes; rules live in `app` and `domain`.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Api;
use crate::wire::deliveries::DeliveryBody;
use crate::wire::format::{FormatBody, FormattedBody, FormattedPart};
use crate::wire::media::{MediaBody, MediaRequest};
use crate::wire::posts::{EditBody, PostBody, ResolveBody, RetryBody};
use crate::wire::preflight::PreflightBody;
use app::publishing;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::publishing::Delivery;
use domain::{AccountId, MediaId, PostId};
use http::StatusCode;
use http::header::ETAG;
use jiff::Timestamp;
use ports::{PostQuery, StoredReply};
use runtime::http::{
    ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, IfMatch, Nothing, OptionalJson, Problem, etag,
    fingerprint, once, open_cursor, page_size, respond, seal_cursor, stored,
};
use runtime::openapi::{EditProblems, ListProblems, ReadProblems, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::place::Places;
use wire::publish::{PublishBody, ViolationBody};

type Answer = Result<Response, Problem>;

fn deliveries_reply(deliveries: &[Delivery], message: &str) -> StoredReply {
    let data: Vec<DeliveryBody> = deliveries.iter().map(DeliveryBody::of).collect();
    stored(StatusCode::OK, &Envelope::new(data, message))
}

/// Publish, schedule, queue or keep a post.
#[utoipa::path(
    post, path = "/api/publishing/publish", tag = "publishing", request_body = PublishBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended post")),
    responses((status = 202, description = "Accepted", body = Envelope<PostBody>), WriteProblems)
)]
pub(crate) async fn publish(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<PublishBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let command = json.body.command().map_err(place)?;
    let encode =
        |a: &publishing::Accepted| stored(StatusCode::ACCEPTED, &Envelope::new(PostBody::accepted(a), "accepted"));
    let once = once(key, json.fingerprint.clone());
    Ok(respond(publishing::request(&api.deps, &caller, &command, &once, &encode).await.map_err(place)?))
}

/// A post and what became of it.
#[utoipa::path(
    get, path = "/api/publishing/status/{pack_id}", tag = "publishing",
    params(("pack_id" = String, Path, description = "The post")),
    responses((status = 200, description = "The post with its deliveries", body = Envelope<PostBody>), ReadProblems)
)]
pub(crate) async fn status(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
) -> Answer {
    let view = publishing::status(&api.deps, &caller, id).await?;
    let ends = app::accounts::ends_for(&api.deps, &caller, std::slice::from_ref(&view)).await?;
    Ok(([(ETAG, etag(view.rev))], Envelope::new(PostBody::of(&view, &ends), "status")).into_response())
}

/// Try again what ended without success.
#[utoipa::path(
    post, path = "/api/publishing/retry/{pack_id}", tag = "publishing", request_body = Option<RetryBody>,
    params(("pack_id" = String, Path, description = "The post"), ("Idempotency-Key" = String, Header, description = "One value per intended retry")),
    responses((status = 200, description = "The deliveries after the retry was asked for", body = Envelope<Vec<DeliveryBody>>), WriteProblems)
)]
pub(crate) async fn retry(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    json: OptionalJson<RetryBody>,
) -> Answer {
    let RetryBody { account_id, confirm_not_live } = json.body;
    let encode = |d: &[Delivery]| deliveries_reply(d, "will be tried again");
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::retry(&api.deps, &caller, id, account_id, &confirm_not_live, &once, &encode).await?))
}

/// A content as one platform will get it.
#[utoipa::path(
    post, path = "/api/publishing/format/{platform}", tag = "publishing", request_body = FormatBody,
    params(("platform" = String, Path, description = "Platform slug or alias")),
    responses((status = 200, description = "The text of each part as it is sent", body = Envelope<FormattedBody>), WriteProblems)
)]
pub(crate) async fn format(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(platform): ApiPath<String>,
    json: ApiJson<FormatBody>,
) -> Answer {
    let variant = json.body.content.variant("/content")?;
    let made = publishing::format(&api.deps, &caller, &platform, &variant, json.body.split.unwrap_or(true)).await?;
    let violation = |v: domain::publishing::Violation| ViolationBody {
        field: json.body.place(&v.code, &v.field),
        code: v.code,
        detail: v.detail,
    };
    let body = FormattedBody {
        platform: made.descriptor.id.to_string(),
        limit: made.limit,
        parts: made.parts.into_iter().map(|(text, length)| FormattedPart { text, length }).collect(),
        violations: made.violations.into_iter().map(violation).collect(),
    };
    Ok(Envelope::new(body, "formatted").into_response())
}

/// What would be said of a post if it were accepted now: for all of its targets, and nothing is written.
#[utoipa::path(
    post, path = "/api/publishing/preflight", tag = "publishing", request_body = PublishBody,
    responses((status = 200, description = "What is sent where, and what stands in the way", body = Envelope<PreflightBody>), WriteProblems)
)]
pub(crate) async fn preflight(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    json: ApiJson<PublishBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let command = json.body.command().map_err(place)?;
    let found = publishing::preflight(&api.deps, &caller, &command).await.map_err(place)?;
    Ok(Envelope::new(PreflightBody::of(found, &json.body), "preflight").into_response())
}

/// Which posts to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Due from this instant on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
    /// Due before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
    /// Oldest first.
    pub(crate) ascending: Option<bool>,
    /// Where the page before ended.
    pub(crate) cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub(crate) limit: Option<u32>,
}

impl ListQuery {
    pub(crate) fn query(&self, list: &str) -> Result<PostQuery, Problem> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(Problem::unprocessable("range", "to lies before from: give an instant after it"));
        }
        Ok(PostQuery {
            from: self.from,
            to: self.to,
            ascending: self.ascending.unwrap_or_default(),
            cursor: self.cursor.as_deref().map(|c| open_cursor(list, c)).transpose()?,
            limit: page_size(self.limit, 20, 100)?,
        })
    }

    /// The address below `path` where the page after this one is.
    pub(crate) fn next(&self, path: &str, cursor: &str) -> String {
        let mut address = format!("{path}?cursor={cursor}");
        for (name, value) in [
            ("from", self.from.map(|at| at.to_string())),
            ("to", self.to.map(|at| at.to_string())),
            ("ascending", self.ascending.map(|is| is.to_string())),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ] {
            address.extend(value.map(|value| format!("&{name}={value}")));
        }
        address
    }
}

/// A page of posts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostsBody {
    /// The posts.
    pub(crate) items: Vec<PostBody>,
    /// Where the next page starts; none at the end.
    pub(crate) next_cursor: Option<String>,
}

/// Posts by due time, newest first.
#[utoipa::path(
    get, path = "/api/publishing/posts", tag = "publishing", params(ListQuery),
    responses((status = 200, description = "A page of posts", body = Envelope<PostsBody>), ListProblems)
)]
pub(crate) async fn posts(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Answer {
    let list = format!("posts {}", caller.tenant);
    let page = publishing::posts(&api.deps, &caller, &query.query(&list)?).await?;
    let next_cursor = page.next.map(|c| seal_cursor(&list, &c));
    let ends = app::accounts::ends_for(&api.deps, &caller, &page.items).await?;
    let items = page.items.iter().map(|view| PostBody::of(view, &ends)).collect();
    Ok(Envelope::new(PostsBody { items, next_cursor }, "posts").into_response())
}

/// One post.
#[utoipa::path(
    get, path = "/api/publishing/posts/{post_id}", tag = "publishing",
    params(("post_id" = String, Path, description = "The post")),
    responses((status = 200, description = "The post; its ETag is what an edit must match", body = Envelope<PostBody>), ReadProblems)
)]
pub(crate) async fn post(state: State<Api>, caller: Authenticated, id: ApiPath<PostId>) -> Answer {
    status(state, caller, id).await
}

/// How to change.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EditQuery {
    /// Change the words of what is live, on its platforms.
    on_platforms: Option<bool>,
}

/// Change a post while it only waits; on request the words of what is live, on its platforms.
#[utoipa::path(
    patch, path = "/api/publishing/posts/{post_id}", tag = "publishing", request_body = EditBody,
    params(("post_id" = String, Path, description = "The post"), EditQuery, ("If-Match" = String, Header, description = "The ETag you read"),
        ("Idempotency-Key" = String, Header, description = "One value per intended edit")),
    responses((status = 200, description = "The changed post", body = Envelope<PostBody>), EditProblems)
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    tag: IfMatch,
    ApiQuery(query): ApiQuery<EditQuery>,
    json: ApiJson<EditBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let edit = json.body.edit().map_err(place)?;
    let on_platforms = query.on_platforms.unwrap_or_default();
    let asked = if on_platforms {
        fingerprint(&http::Method::PATCH, &json.fingerprint, b"on_platforms")
    } else {
        json.fingerprint.clone()
    };
    let once = once(key, asked);
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    let rev = publishing::status(&api.deps, &caller, id).await?.rev;
    tag.check(rev)?;
    let encode = |a: &publishing::Accepted| stored(StatusCode::OK, &Envelope::new(PostBody::accepted(a), "changed"));
    let changed = if on_platforms {
        Box::pin(publishing::amend(&api.deps, &caller, id, rev, &edit, &once, &encode)).await
    } else {
        publishing::edit(&api.deps, &caller, id, rev, &edit, &once, &encode).await
    };
    Ok(respond(changed.map_err(place)?))
}

/// How to delete.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RemoveQuery {
    /// Also delete the live posts from the platforms.
    on_platforms: Option<bool>,
}

/// Delete a post that is a draft or over; on request also from the platforms.
#[utoipa::path(
    delete, path = "/api/publishing/posts/{post_id}", tag = "publishing",
    params(("post_id" = String, Path, description = "The post"), RemoveQuery,
        ("Idempotency-Key" = String, Header, description = "One value per intended deletion")),
    responses((status = 200, description = "Deleted", body = Envelope<String>), WriteProblems)
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    ApiQuery(query): ApiQuery<RemoveQuery>,
    json: OptionalJson<Nothing>,
) -> Answer {
    let on_platforms = query.on_platforms.unwrap_or_default();
    // Another answer to the question makes it another request, though the path and the body are the same.
    let asked = format!("{on_platforms}");
    let once = once(key, fingerprint(&http::Method::DELETE, &json.fingerprint, asked.as_bytes()));
    let reply = stored(StatusCode::OK, &Envelope::new(id.to_string(), "deleted"));
    Ok(respond(publishing::remove(&api.deps, &caller, id, on_platforms, &once, &reply).await?))
}

/// Call off what has not left.
#[utoipa::path(
    post, path = "/api/publishing/posts/{post_id}/cancel", tag = "publishing",
    params(("post_id" = String, Path, description = "The post"), ("Idempotency-Key" = String, Header, description = "One value per intended cancel")),
    responses((status = 200, description = "The deliveries after it", body = Envelope<Vec<DeliveryBody>>), WriteProblems)
)]
pub(crate) async fn cancel(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<PostId>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    let encode = |d: &[Delivery]| deliveries_reply(d, "called off");
    Ok(respond(publishing::cancel(&api.deps, &caller, id, &once(key, json.fingerprint), &encode).await?))
}

/// Decide an unknown outcome.
#[utoipa::path(
    post, path = "/api/publishing/posts/{post_id}/deliveries/{account_id}/resolve", tag = "publishing", request_body = ResolveBody,
    params(("post_id" = String, Path, description = "The post"), ("account_id" = String, Path, description = "The account"),
        ("Idempotency-Key" = String, Header, description = "One value per decision")),
    responses((status = 200, description = "The deliveries after it", body = Envelope<Vec<DeliveryBody>>), WriteProblems)
)]
pub(crate) async fn resolve(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath((id, account)): ApiPath<(PostId, AccountId)>,
    key: IdempotencyKey,
    json: ApiJson<ResolveBody>,
) -> Answer {
    let answer = publishing::Answer { account, question: json.body.question, decision: json.body.decision()? };
    let encode = |d: &[Delivery]| deliveries_reply(d, "decided");
    let once = once(key, json.fingerprint);
    Ok(respond(publishing::resolve(&api.deps, &caller, id, &answer, ResolveBody::POST, &once, &encode).await?))
}

/// Register a medium: a picture, a video, a document or captions.
#[utoipa::path(
    post, path = "/api/publishing/media", tag = "media", request_body = MediaRequest,
    params(("Idempotency-Key" = String, Header, description = "One value per medium")),
    responses((status = 201, description = "Registered; an upload has its address here", body = Envelope<MediaBody>), WriteProblems)
)]
pub(crate) async fn create_media(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<MediaRequest>,
) -> Answer {
    let new = json.body.new_media()?;
    let encode = |m: &domain::publishing::Media, url: Option<&str>| {
        stored(StatusCode::CREATED, &Envelope::new(MediaBody::of(m, url), "registered"))
    };
    Ok(respond(publishing::create_media(&api.deps, &caller, &new, &once(key, json.fingerprint), &encode).await?))
}

/// A medium.
#[utoipa::path(
    get, path = "/api/publishing/media/{media_id}", tag = "media",
    params(("media_id" = String, Path, description = "The medium")),
    responses((status = 200, description = "What is known of it", body = Envelope<MediaBody>), ReadProblems)
)]
pub(crate) async fn media(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(id): ApiPath<MediaId>,
) -> Answer {
    let (found, unread) = publishing::looked_into(&api.deps, &caller, id).await?;
    Ok(Envelope::new(MediaBody::of(&found, None).unread(unread), "medium").into_response())
}
