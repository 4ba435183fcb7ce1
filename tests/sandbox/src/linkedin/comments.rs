//! Comments of LinkedIn below posts: written by members and pages, read below the posts of pages only. Whoever has the permission
//! for posts, or the newer one for comments, may comment; how long a comment may be follows the product.

use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::content::invalid;
use super::{ORGANIZATION, PLATFORM, acts_as, denied, name_of, problem, text};
use crate::faults::Lag;
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::Post;

/// What URNs of comments begin with.
const COMMENT: &str = "urn:li:comment:";
/// Characters a reader sees at most.
const MAX_CHARS: usize = 1_250;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewComment {
    actor: String,
    object: String,
    message: Message,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    text: String,
}

/// Whether it is no post.
pub(super) fn is_comment(post: &Post) -> bool {
    post.id.starts_with(COMMENT)
}

/// Whether the caller may do what either name of the permission is for.
fn may(caller: &Caller, actor: &str) -> bool {
    acts_as(caller, actor, "w_member_social", "w_organization_social")
        || acts_as(caller, actor, "w_member_social_feed", "w_organization_social_feed")
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(urn): Path<String>,
    body: Bytes,
) -> Response {
    let new: NewComment = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return invalid(&error.to_string()),
    };
    let mut world = state.world();
    if let Err(refusal) = check(&world, &caller, &urn, &new) {
        return refusal;
    }
    let now = now_ms();
    let shown = text::shown(&new.message.text);
    let number = world.next_id(PLATFORM, now);
    // A comment is named below the activity that a post is shown as.
    let activity = urn.rsplit(':').next().unwrap_or_default();
    let id = format!("{COMMENT}(urn:li:activity:{activity},{number})");
    let post = Post {
        id: id.clone(),
        author_name: name_of(&new.actor).0.to_owned(),
        author: new.actor,
        text: shown.text,
        raw: new.message.text,
        truncated: shown.truncated,
        media: Vec::new(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to: Some(urn),
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let told = render(&post);
    world.linkedin.wall.commit(post);
    let headers =
        [(HeaderName::from_static("x-restli-id"), number), (HeaderName::from_static("x-resourceidentity-urn"), id)];
    (StatusCode::CREATED, headers, Json(told)).into_response()
}

fn check(world: &World, caller: &Caller, urn: &str, new: &NewComment) -> Result<(), Response> {
    if !may(caller, &new.actor) {
        return Err(denied("Not enough permissions to access: socialActions.comments.CREATE for this actor"));
    }
    if new.object != urn {
        return Err(invalid("/object :: does not match the entity that is commented"));
    }
    if world.linkedin.wall.get(urn).is_none() {
        return Err(absent());
    }
    if new.message.text.trim().is_empty() {
        return Err(invalid("/message/text :: a comment needs text"));
    }
    if text::visible_length(&new.message.text) > MAX_CHARS {
        let message = "The length of message/text is longer than 1250 characters";
        return Err(problem(StatusCode::BAD_REQUEST, "FIELD_LENGTH_TOO_LONG", message));
    }
    Ok(())
}

fn absent() -> Response {
    problem(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Could not find entity")
}

fn render(post: &Post) -> Value {
    let at = json!({"actor": post.author, "time": post.created_ms});
    json!({
        "$URN": post.id, "commentUrn": post.id, "actor": post.author, "object": post.reply_to,
        "id": post.id.rsplit(',').next().map(|id| id.trim_end_matches(')')),
        "message": {"attributes": [], "text": post.raw[..text::shown(&post.raw).used]},
        "created": at, "lastModified": at,
    })
}

#[derive(Deserialize)]
pub(super) struct Listing {
    start: Option<usize>,
    count: Option<usize>,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Path(urn): Path<String>,
    Query(query): Query<Listing>,
) -> Response {
    let world = state.world();
    let Some(author) = world.linkedin.wall.get(&urn).map(|post| post.author.clone()) else { return absent() };
    let readable = ["r_organization_social", "r_organization_social_feed"];
    if !author.starts_with(ORGANIZATION) || !readable.iter().any(|scope| acts_as(&caller, &author, "", scope)) {
        return denied("Not enough permissions to access: socialActions.comments.GET_ALL");
    }
    let (start, count) = (query.start.unwrap_or(0), query.count.unwrap_or(10).min(100));
    let newest_ms = Lag::newest_ms(lag);
    let below = |post: &&Post| is_comment(post) && post.reply_to.as_deref() == Some(&urn);
    let comments: Vec<&Post> =
        world.linkedin.wall.live().filter(below).filter(|post| post.created_ms <= newest_ms).collect();
    let elements: Vec<Value> = comments.iter().skip(start).take(count).map(|post| render(post)).collect();
    let paging = json!({"start": start, "count": count, "total": comments.len(), "links": []});
    Json(json!({"paging": paging, "elements": elements})).into_response()
}

#[derive(Deserialize)]
pub(super) struct By {
    #[serde(default)]
    actor: String,
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path((urn, id)): Path<(String, String)>,
    Query(by): Query<By>,
) -> Response {
    let mut world = state.world();
    // Below the post, or below its activity.
    let activity = urn.rsplit(':').next().unwrap_or_default();
    let comment = format!("{COMMENT}(urn:li:activity:{activity},{id})");
    match world.linkedin.wall.get(&comment).map(|comment| comment.author.clone()) {
        Some(author) if author == by.actor && may(&caller, &author) => {
            world.linkedin.wall.delete(&comment);
            StatusCode::NO_CONTENT.into_response()
        }
        Some(_) => denied("Not enough permissions to access: socialActions.comments.DELETE"),
        None => absent(),
    }
}
