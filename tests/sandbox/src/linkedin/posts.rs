//! Posts of LinkedIn: create, delete, and reading back, which only pages may.

use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::comments::is_comment;
use super::content::{Content, Draft, invalid};
use super::{ORGANIZATION, PLATFORM, acts_as, denied, name_of, problem, targets, text};
use crate::faults::Lag;
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::Post;

/// Characters a reader sees at most.
const MAX_CHARS: usize = 3_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPost {
    author: String,
    #[serde(default)]
    commentary: String,
    visibility: String,
    distribution: Distribution,
    lifecycle_state: String,
    #[serde(rename = "isReshareDisabledByAuthor")]
    _no_reshare: bool,
    content: Option<Content>,
    reshare_context: Option<Reshare>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Distribution {
    #[serde(rename = "feedDistribution")]
    feed: String,
    #[serde(default)]
    target_entities: Vec<Value>,
    #[serde(default, rename = "thirdPartyDistributionChannels")]
    _channels: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reshare {
    parent: String,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let new: NewPost = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return invalid(&error.to_string()),
    };
    let mut world = state.world();
    let draft = match check(&world, &caller, &new) {
        Ok(draft) => draft,
        Err(refusal) => return refusal,
    };
    let now = now_ms();
    let shown = text::shown(&new.commentary);
    let kind = if draft.poll.is_empty() { "share" } else { "ugcPost" };
    let post = Post {
        id: format!("urn:li:{kind}:{}", world.next_id(PLATFORM, now)),
        author_name: name_of(&new.author).0.to_owned(),
        author: new.author,
        text: shown.text,
        raw: new.commentary,
        truncated: shown.truncated,
        media: draft.media,
        card: draft.card,
        poll: draft.poll,
        asked: draft.asked,
        reply_to: new.reshare_context.map(|reshare| reshare.parent),
        visibility: Some(new.visibility),
        created_ms: now,
        targets: new.distribution.target_entities,
        deleted: false,
    };
    let id = post.id.clone();
    world.linkedin.wall.commit(post);
    (StatusCode::CREATED, [(HeaderName::from_static("x-restli-id"), id)]).into_response()
}

fn check(world: &World, caller: &Caller, new: &NewPost) -> Result<Draft, Response> {
    if !acts_as(caller, &new.author, "w_member_social", "w_organization_social") {
        return Err(denied("Not enough permissions to access: posts.CREATE for this author"));
    }
    if !matches!(new.visibility.as_str(), "PUBLIC" | "CONNECTIONS" | "LOGGED_IN") {
        return Err(invalid("/visibility :: not an allowed value"));
    }
    if !matches!(new.lifecycle_state.as_str(), "PUBLISHED" | "DRAFT")
        || !matches!(new.distribution.feed.as_str(), "MAIN_FEED" | "NONE")
    {
        return Err(invalid("/lifecycleState or /distribution/feedDistribution :: not an allowed value"));
    }
    targets::check(world, &new.author, &new.distribution.target_entities)?;
    if text::visible_length(&new.commentary) > MAX_CHARS {
        let message = "The length of commentary is longer than 3000 characters";
        return Err(problem(StatusCode::BAD_REQUEST, "FIELD_LENGTH_TOO_LONG", message));
    }
    if let Some(reshare) = &new.reshare_context
        && world.linkedin.wall.get(&reshare.parent).is_none()
    {
        return Err(invalid("/reshareContext/parent :: no such post"));
    }
    let draft =
        new.content.as_ref().map_or_else(|| Ok(Draft::default()), |content| content.draft(world, &new.author))?;
    if new.commentary.trim().is_empty() && new.content.is_none() && new.reshare_context.is_none() {
        return Err(invalid("/commentary :: a post needs text or content"));
    }
    duplicate(world, new, &draft).map_or(Ok(draft), Err)
}

/// The refusal that names the post which already says this.
fn duplicate(world: &World, new: &NewPost, draft: &Draft) -> Option<Response> {
    let card = draft.card.as_ref().map(|card| &card.url);
    let same = |post: &&Post| {
        !is_comment(post)
            && post.author == new.author
            && post.raw == new.commentary
            && post.card.as_ref().map(|card| &card.url) == card
            && post.reply_to.as_ref() == new.reshare_context.as_ref().map(|reshare| &reshare.parent)
            && (!post.deleted || world.settings.linkedin_ghost_duplicates)
    };
    if new.commentary.is_empty() && card.is_none() {
        return None;
    }
    let existing = world.linkedin.wall.all().find(same)?;
    let message = format!("Content is a duplicate of {}", existing.id);
    let errors = json!([{"code": "DUPLICATE_POST", "description": message}]);
    let body = json!({"status": 422, "message": message, "errorDetails": {"inputErrors": errors},
                      "errorDetailType": "com.linkedin.common.error.BadRequest"});
    Some((StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response())
}

/// Reading a member's posts needs a permission that LinkedIn no longer gives out.
fn readable(caller: &Caller, author: &str) -> bool {
    author.starts_with(ORGANIZATION) && acts_as(caller, author, "", "r_organization_social")
}

fn render(post: &Post) -> Value {
    let commentary = &post.raw[..text::shown(&post.raw).used];
    let mut out = json!({
        "id": post.id, "author": post.author, "commentary": commentary, "visibility": post.visibility,
        "lifecycleState": "PUBLISHED", "createdAt": post.created_ms, "publishedAt": post.created_ms,
        "lastModifiedAt": post.created_ms, "isReshareDisabledByAuthor": false,
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": post.targets, "thirdPartyDistributionChannels": []},
    });
    let images: Vec<Value> = post.media.iter().map(|media| json!({"id": media.id, "altText": media.alt})).collect();
    if let Some(asked) = &post.asked {
        out["content"] = json!({"poll": asked});
    }
    match (&post.card, images.as_slice()) {
        (Some(card), _) => out["content"] = json!({"article": {"source": card.url, "title": card.title}}),
        (None, [one]) => out["content"] = json!({"media": one}),
        (None, [_, ..]) => out["content"] = json!({"multiImage": {"images": images}}),
        (None, []) => {}
    }
    out
}

#[derive(Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    q: String,
    #[serde(default)]
    author: String,
    start: Option<usize>,
    count: Option<usize>,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Query(query): Query<Listing>,
) -> Response {
    if query.q != "author" || query.author.is_empty() {
        return problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", "q=author and author are required");
    }
    if !readable(&caller, &query.author) {
        return denied("Not enough permissions to access: posts.FINDER-author");
    }
    let (start, count) = (query.start.unwrap_or(0), query.count.unwrap_or(10).min(100));
    let newest_ms = Lag::newest_ms(lag);
    let world = state.world();
    let posts = world.linkedin.wall.live().rev();
    let elements: Vec<Value> = posts
        .filter(|post| post.author == query.author && post.created_ms <= newest_ms && !is_comment(post))
        .skip(start)
        .take(count)
        .map(render)
        .collect();
    Json(json!({"paging": {"start": start, "count": count, "links": []}, "elements": elements})).into_response()
}

fn absent() -> Response {
    problem(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Could not find entity")
}

pub(super) async fn by_urn(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(urn): Path<String>,
) -> Response {
    let world = state.world();
    match world.linkedin.wall.get(&urn) {
        Some(post) if readable(&caller, &post.author) => Json(render(post)).into_response(),
        // A caller who could read nothing learns nothing, not even that the post is gone.
        None if caller.may("r_organization_social") => absent(),
        _ => denied("Not enough permissions to access: posts.GET"),
    }
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(urn): Path<String>,
) -> Response {
    let mut world = state.world();
    let post = world.linkedin.wall.get(&urn).filter(|post| !is_comment(post));
    match post.map(|post| post.author.clone()) {
        Some(author) if acts_as(&caller, &author, "w_member_social", "w_organization_social") => {
            world.linkedin.wall.delete(&urn);
            // What was said below it is gone with it.
            let below = |post: &&Post| is_comment(post) && post.reply_to.as_deref() == Some(&urn);
            let comments: Vec<String> = world.linkedin.wall.live().filter(below).map(|post| post.id.clone()).collect();
            for comment in &comments {
                world.linkedin.wall.delete(comment);
            }
            StatusCode::NO_CONTENT.into_response()
        }
        Some(_) => denied("Not enough permissions to access: posts.DELETE"),
        None => absent(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    patch: Patched,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patched {
    #[serde(rename = "$set")]
    set: NewWords,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWords {
    commentary: String,
}

/// A partial update: other words for a post.
pub(super) async fn amend(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(urn): Path<String>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Response {
    if headers.get("x-restli-method").is_none_or(|method| method != "PARTIAL_UPDATE") {
        return problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", "X-RestLi-Method: PARTIAL_UPDATE is required");
    }
    let commentary = match serde_json::from_slice::<Patch>(&body) {
        Ok(Patch { patch: Patched { set: NewWords { commentary } } }) => commentary,
        Err(error) => return invalid(&error.to_string()),
    };
    if text::visible_length(&commentary) > MAX_CHARS {
        let message = "The length of commentary is longer than 3000 characters";
        return problem(StatusCode::BAD_REQUEST, "FIELD_LENGTH_TOO_LONG", message);
    }
    let mut world = state.world();
    let Some(post) = world.linkedin.wall.get_mut(&urn) else { return absent() };
    if !acts_as(&caller, &post.author, "w_member_social", "w_organization_social") {
        return denied("Not enough permissions to access: posts.PARTIAL_UPDATE");
    }
    let shown = text::shown(&commentary);
    (post.text, post.truncated, post.raw) = (shown.text, shown.truncated, commentary);
    StatusCode::NO_CONTENT.into_response()
}
