//! The routes of the social integration document and of the campaign design, over the same use cases.

use crate::Api;
use crate::handler::ListQuery;
use crate::wire::posts::PostBody;
use crate::wire::social::{ScheduleBody, Scheduled, SocialPost, SocialPosts};
use crate::wire::v1::{SocialContentAnswer, SocialContentBody};
use app::publishing::{self as publishing, Accepted, named_media};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::MediaId;
use domain::access::{Caller, Permission};
use http::StatusCode;
use runtime::http::{
    ApiJson, ApiPath, ApiQuery, Authenticated, IdempotencyKey, Problem, once, respond, seal_cursor, stored,
};
use runtime::openapi::{ListProblems, WriteProblems};
use wire::place::Places;

type Answer = Result<Response, Problem>;

async fn register(
    api: &Api,
    caller: &Caller,
    names: impl Iterator<Item = (&str, String)>,
) -> Result<Vec<MediaId>, Problem> {
    let mut out = Vec::new();
    for (name, field) in names {
        out.push(named_media(&api.deps, caller, name, &field).await?);
    }
    Ok(out)
}

/// Schedule a post to platforms by name.
#[utoipa::path(
    post, path = "/api/social/posts/schedule", tag = "social", request_body = ScheduleBody,
    params(("Idempotency-Key" = String, Header, description = "One value per intended post")),
    responses((status = 200, description = "Scheduled", body = Scheduled), WriteProblems)
)]
pub(crate) async fn schedule(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    json: ApiJson<ScheduleBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let once = once(key, json.fingerprint.clone());
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    // What is wrong without the pictures is found before they are registered.
    json.body.command(&[]).map_err(place)?;
    let names = json.body.media.iter().enumerate().map(|(i, name)| (name.as_str(), format!("/media/{i}")));
    let media = register(&api, &caller, names).await?;
    let command = json.body.command(&media).map_err(place)?;
    let encode = |a: &Accepted| stored(StatusCode::OK, &Scheduled::of(a));
    Ok(respond(publishing::request(&api.deps, &caller, &command, &once, &encode).await.map_err(place)?))
}

/// Posts, newest first.
#[utoipa::path(
    get, path = "/api/social/posts", tag = "social", params(ListQuery),
    responses((status = 200, description = "A page of posts", body = SocialPosts), ListProblems)
)]
pub(crate) async fn social_posts(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Answer {
    let list = format!("social posts {}", caller.tenant);
    let page = publishing::posts(&api.deps, &caller, &query.query(&list)?).await?;
    let next_cursor = page.next.map(|c| seal_cursor(&list, &c));
    let data = page.items.iter().map(SocialPost::of).collect();
    Ok(axum::Json(SocialPosts { success: true, data, next_cursor }).into_response())
}

/// Create content for one platform, and schedule it when it says when.
#[utoipa::path(
    post, path = "/api/v1/communication/social/{platform}/content", tag = "social", request_body = SocialContentBody,
    params(("platform" = String, Path, description = "Platform slug or alias"),
        ("Idempotency-Key" = String, Header, description = "One value per intended post")),
    responses((status = 200, description = "Created", body = SocialContentAnswer), WriteProblems)
)]
pub(crate) async fn social_content(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(platform): ApiPath<String>,
    key: IdempotencyKey,
    json: ApiJson<SocialContentBody>,
) -> Answer {
    let place = |error| json.body.problem(error);
    let once = once(key, json.fingerprint.clone());
    if let Some(reply) = once.earlier_for(&api.deps, &caller, Permission::Publish).await? {
        return Ok(respond(reply));
    }
    json.body.command(&platform, &[]).map_err(place)?;
    let named = json.body.named();
    let media = register(&api, &caller, named.iter().map(|medium| (medium.name, medium.field()))).await?;
    let command = json.body.command(&platform, &media).map_err(place)?;
    let encode = |a: &Accepted| {
        let message = format!("{platform} content created");
        let mut data = PostBody::accepted(a);
        data.warnings.extend(json.body.left_out());
        stored(StatusCode::OK, &SocialContentAnswer { success: true, data, message })
    };
    Ok(respond(publishing::request(&api.deps, &caller, &command, &once, &encode).await.map_err(place)?))
}
