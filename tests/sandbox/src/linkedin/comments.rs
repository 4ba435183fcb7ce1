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
    #[serde(rename = "parentComment")]
    parent: Option<String>,
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
    // What answers an answer stands below the comment that began it.
    let above = world.linkedin.wall.get(&urn).and_then(|above| above.reply_to.clone()).filter(|above| is_urn(above));
    let below = above.unwrap_or_else(|| urn.clone());
    // A comment is named below the activity that a post is shown as.
    let id = format!("{COMMENT}(urn:li:activity:{},{number})", activity(&urn));
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
        reply_to: Some(below),
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
    let answers = is_urn(urn);
    if !answers && new.object != urn || answers && activity(&new.object) != activity(urn) {
        return Err(invalid("/object :: does not match the entity that is commented"));
    }
    if new.parent.as_deref() != answers.then_some(urn) {
        return Err(invalid("/parentComment :: is the comment that is answered"));
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

/// Whether a URN names a comment.
fn is_urn(urn: &str) -> bool {
    urn.starts_with(COMMENT)
}

/// The number of the activity that a post or a comment belongs to.
fn activity(urn: &str) -> &str {
    let entity = urn.strip_prefix(COMMENT).and_then(|rest| rest.split(',').next()).unwrap_or(urn);
    entity.rsplit(':').next().unwrap_or_default()
}

fn absent() -> Response {
    problem(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Could not find entity")
}

fn render(post: &Post) -> Value {
    let at = json!({"actor": post.author, "time": post.created_ms});
    let mut out = json!({
        "$URN": post.id, "commentUrn": post.id, "actor": post.author, "object": post.reply_to,
        "id": post.id.rsplit(',').next().map(|id| id.trim_end_matches(')')),
        "message": {"attributes": [], "text": post.raw[..text::shown(&post.raw).used]},
        "created": at, "lastModified": at,
    });
    if let Some(parent) = post.reply_to.as_deref().filter(|above| is_urn(above)) {
        out["parentComment"] = json!(parent);
        out["object"] = json!(format!("urn:li:activity:{}", activity(parent)));
    }
    out
}

/// Whether the caller may read what is said below a page's posts.
fn may_read(caller: &Caller, author: &str) -> bool {
    let readable = ["r_organization_social", "r_organization_social_feed"];
    author.starts_with(ORGANIZATION) && readable.iter().any(|scope| acts_as(caller, author, "", scope))
}

/// One comment, by its number below what it stands below, or below its activity.
pub(super) async fn one(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path((urn, id)): Path<(String, String)>,
) -> Response {
    let world = state.world();
    let comment = world.linkedin.wall.get(&format!("{COMMENT}(urn:li:activity:{},{id})", activity(&urn)));
    match comment {
        Some(comment) if may_read(&caller, &comment.author) => Json(render(comment)).into_response(),
        Some(_) => denied("Not enough permissions to access: socialActions.comments.GET"),
        None => absent(),
    }
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
    if !may_read(&caller, &author) {
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
    let comment = format!("{COMMENT}(urn:li:activity:{},{id})", activity(&urn));
    match world.linkedin.wall.get(&comment).map(|comment| comment.author.clone()) {
        Some(author) if author == by.actor && may(&caller, &author) => {
            world.linkedin.wall.delete(&comment);
            StatusCode::NO_CONTENT.into_response()
        }
        Some(_) => denied("Not enough permissions to access: socialActions.comments.DELETE"),
        None => absent(),
    }
}
