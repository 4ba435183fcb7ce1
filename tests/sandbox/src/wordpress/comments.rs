//! Comments of users below posts: `class-wp-rest-comments-controller.php` and `wp_allow_comment` of WordPress 6.1. Only what signed-in
//! users do is here.

use axum::extract::{Path, Query};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::blog::Said;
use super::{At, Caller, PLATFORM, home, markup, not_allowed, refused};
use crate::faults::Lag;
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::Post;

/// Bytes of a comment (`wp_comments.comment_content`).
const MAX_BYTES: usize = 65_525;
/// Comments per page, unless told, and at most.
const PAGE: usize = 10;
const MAX_PAGE: usize = 100;

#[derive(Deserialize)]
pub(super) struct New {
    #[serde(default)]
    post: u64,
    #[serde(default)]
    content: String,
    #[serde(default)]
    parent: u64,
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "rest_comment_invalid_id", "Invalid comment ID.")
}

/// What a theme gets: paragraphs, links, and the site's own typography.
fn rendered(kept: &str) -> String {
    let linked = |word: &str| match word.strip_prefix("https://") {
        Some(_) => format!("<a href=\"{word}\" rel=\"nofollow ugc\">{word}</a>"),
        None => word.replace("...", "&#8230;").replace("&#039;", "&#8217;").replace("&quot;", "&#8220;"),
    };
    let line = |line: &str| line.split(' ').map(linked).collect::<Vec<_>>().join(" ");
    let paragraph = |text: &str| format!("<p>{}</p>\n", text.lines().map(line).collect::<Vec<_>>().join("<br />\n"));
    kept.split("\n\n").map(paragraph).collect()
}

/// Visitors have no number, and the name that they gave.
fn author_name(author: &str) -> &str {
    let user = super::SITE.keyholders.iter().find(|user| user.id == author);
    user.map_or(author, |user| user.name)
}

fn view(base: &str, said: &Said) -> Value {
    json!({
        "id": said.id, "post": said.post, "parent": said.parent, "author": said.author.parse::<u64>().unwrap_or_default(),
        "author_name": author_name(&said.author),
        "date_gmt": rfc3339(said.created_ms), "content": { "rendered": rendered(&said.content) },
        "link": format!("{base}/?p={}#comment-{}", said.post, said.id), "status": said.status, "type": "comment",
    })
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<New>,
) -> Response {
    let Some(user) = caller.0 else {
        let message = "Sorry, you must be logged in to comment.";
        return refused(StatusCode::UNAUTHORIZED, "rest_comment_login_required", message);
    };
    let base = home(&state);
    let mut world = state.world();
    let forbidden = |code: &str, message: &str| refused(StatusCode::FORBIDDEN, code, message);
    let none = "Sorry, you are not allowed to create this comment without a post.";
    let Some(post) = world.look(PLATFORM).blog.get(new.post).cloned() else {
        return forbidden("rest_comment_invalid_post_id", none);
    };
    let no = "Sorry, you are not allowed to create a comment on this post.";
    match post.status.as_str() {
        "draft" => return forbidden("rest_comment_draft_post", no),
        "trash" => return forbidden("rest_comment_trash_post", no),
        "private" if !caller.may_edit(&post.author) => {
            let message = "Sorry, you are not allowed to read the post for this comment.";
            return not_allowed(caller, "rest_cannot_read_post", message);
        }
        _ if !world.settings.wordpress_comments => {
            return forbidden("rest_comment_closed", "Sorry, comments are closed for this item.");
        }
        _ => {}
    }
    if new.content.is_empty() {
        return refused(StatusCode::BAD_REQUEST, "rest_comment_content_invalid", "Invalid comment content.");
    }
    if new.content.len() > MAX_BYTES {
        let message = "Comment field exceeds maximum length allowed.";
        return refused(StatusCode::BAD_REQUEST, "comment_content_column_length", message);
    }
    let content = markup::kses(&new.content);
    let same = |said: &&Said| {
        said.post == new.post && said.parent == new.parent && said.author == user.id && said.content == content
    };
    if world.look(PLATFORM).blog.said.iter().any(|said| same(&said) && said.status != "trash") {
        let message = "Duplicate comment detected; it looks as though you&#8217;ve already said that!";
        return refused(StatusCode::CONFLICT, "comment_duplicate", message);
    }
    let id = u64::try_from(world.side(PLATFORM).next_number()).unwrap_or_default();
    // What the author of a post says below it needs nobody's approval.
    let approved = post.author == user.id || caller.may("moderate_comments");
    let status = if approved { "approved" } else { "hold" };
    let (author, created_ms) = (user.id.to_owned(), now_ms());
    let said = Said { id, post: new.post, parent: new.parent, author, status: status.to_owned(), content, created_ms };
    if approved {
        world.side(PLATFORM).wall.commit(Post {
            id: id.to_string(),
            author: user.id.to_owned(),
            author_name: user.name.to_owned(),
            text: markup::shown(&said.content).0,
            raw: said.content.clone(),
            truncated: false,
            media: Vec::new(),
            card: None,
            poll: Vec::new(),
            asked: None,
            reply_to: Some(if new.parent == 0 { new.post } else { new.parent }.to_string()),
            visibility: None,
            created_ms,
            targets: Vec::new(),
            deleted: false,
        });
    }
    let answer = view(&base, &said);
    world.side(PLATFORM).blog.say(said);
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// A visitor's comment below a post, or answer to a comment (`comment-…`), which waits for approval; its number.
pub(crate) fn visitor(world: &mut World, on: &str, author: &str, text: &str) -> Option<String> {
    let parent: u64 = on.strip_prefix("comment-").map_or(Some(0), |parent| parent.parse().ok())?;
    let above = world.look(PLATFORM).blog.said.iter().find(|said| said.id == parent).map(|said| said.post);
    let post = above.or_else(|| on.parse().ok())?;
    world.look(PLATFORM).blog.get(post)?;
    let id = u64::try_from(world.side(PLATFORM).next_number()).unwrap_or_default();
    let (author, status, content) = (author.to_owned(), "hold".to_owned(), markup::kses(text));
    world.side(PLATFORM).blog.say(Said { id, post, parent, author, status, content, created_ms: now_ms() });
    Some(id.to_string())
}

#[derive(Deserialize)]
pub(super) struct Listing {
    post: Option<u64>,
    author: Option<String>,
    status: Option<String>,
    per_page: Option<usize>,
    page: Option<usize>,
    offset: Option<usize>,
    orderby: Option<String>,
    order: Option<String>,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Query(listing): Query<Listing>,
) -> Response {
    let asks = listing.author.is_some() || listing.status.as_deref().is_some_and(|status| status != "approve");
    if asks && !caller.may("edit_posts") {
        return not_allowed(caller, "rest_forbidden_param", "Query parameter not permitted: author, status");
    }
    let (page, size) = (listing.page.unwrap_or(1).max(1), listing.per_page.unwrap_or(PAGE));
    if !(1..=MAX_PAGE).contains(&size) {
        return refused(StatusCode::BAD_REQUEST, "rest_invalid_param", "Invalid parameter(s): per_page");
    }
    // Only what is the usual order here.
    let by = listing.orderby.as_deref().unwrap_or("date_gmt");
    if !matches!(by, "date" | "date_gmt" | "id") || listing.order.as_deref().unwrap_or("desc") != "desc" {
        return refused(StatusCode::BAD_REQUEST, "rest_invalid_param", "Invalid parameter(s): orderby, order");
    }
    let base = home(&state);
    let world = state.world();
    let in_state = |said: &&Said| match listing.status.as_deref().unwrap_or("approve") {
        "all" => matches!(said.status.as_str(), "approved" | "hold"),
        "approve" => said.status == "approved",
        other => said.status == other,
    };
    let newest_ms = Lag::newest_ms(lag);
    let fits = |said: &&Said| {
        said.created_ms <= newest_ms
            && listing.post.is_none_or(|post| said.post == post)
            && listing.author.as_ref().is_none_or(|id| *id == said.author)
    };
    // The newest first.
    let all: Vec<&Said> = world.look(PLATFORM).blog.said.iter().rev().filter(fits).filter(in_state).collect();
    let shown: Vec<Value> =
        all.iter().skip(listing.offset.unwrap_or((page - 1) * size)).take(size).map(|said| view(&base, said)).collect();
    let pages = all.len().div_ceil(size);
    let headers = [
        (HeaderName::from_static("x-wp-total"), all.len().to_string()),
        (HeaderName::from_static("x-wp-totalpages"), pages.to_string()),
    ];
    (headers, Json(shown)).into_response()
}

/// The comment, if the caller may do this to it.
fn editable(world: &mut World, caller: Caller, id: u64, doing: &str) -> Result<Said, Response> {
    let Some(said) = world.look(PLATFORM).blog.said.iter().find(|said| said.id == id).cloned() else {
        return Err(unknown());
    };
    let author = world.look(PLATFORM).blog.get(said.post).map(|post| post.author.clone()).unwrap_or_default();
    if caller.may_edit(&author) {
        return Ok(said);
    }
    let message = format!("Sorry, you are not allowed to {doing} this comment.");
    Err(not_allowed(caller, &format!("rest_cannot_{doing}"), &message))
}

#[derive(Deserialize)]
pub(super) struct Moderated {
    status: Option<String>,
    content: Option<String>,
}

/// One comment that everybody sees, or that the caller may edit.
pub(super) async fn one(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(At { id }): Path<At>,
) -> Response {
    let base = home(&state);
    let mut world = state.world();
    let seen = world.look(PLATFORM).blog.said.iter().find(|said| said.id == id && said.status == "approved").cloned();
    match seen.map_or_else(|| editable(&mut world, caller, id, "read"), Ok) {
        Ok(said) => Json(view(&base, &said)).into_response(),
        Err(refusal) => refusal,
    }
}

/// What a person, or a filter of the site, decides about a comment: what is not approved nobody reads. Or other words for it.
pub(super) async fn moderate(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(At { id }): Path<At>,
    Json(moderated): Json<Moderated>,
) -> Response {
    let base = home(&state);
    let mut world = state.world();
    let said = match editable(&mut world, caller, id, "edit") {
        Ok(said) => said,
        Err(refusal) => return refusal,
    };
    let status = moderated.status.unwrap_or_else(|| said.status.clone());
    if !matches!(status.as_str(), "approved" | "hold" | "spam" | "trash") {
        let message = "Changing comment status failed.";
        return refused(StatusCode::INTERNAL_SERVER_ERROR, "rest_comment_failed_edit", message);
    }
    let side = world.side(PLATFORM);
    if status != "approved" {
        side.wall.delete(&id.to_string());
    }
    let content = moderated.content.map_or_else(|| said.content.clone(), |content| markup::kses(&content));
    if let Some(shown) = side.wall.get_mut(&id.to_string()) {
        (shown.text, shown.raw) = (markup::shown(&content).0, content.clone());
    }
    let decided = Said { status, content, ..said };
    let answer = Json(view(&base, &decided)).into_response();
    side.blog.said.iter_mut().filter(|said| said.id == id).for_each(|said| *said = decided.clone());
    answer
}

#[derive(Deserialize)]
pub(super) struct Item {
    #[serde(default)]
    force: bool,
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(At { id }): Path<At>,
    Query(item): Query<Item>,
) -> Response {
    let base = home(&state);
    let mut world = state.world();
    let said = match editable(&mut world, caller, id, "delete") {
        Ok(said) => said,
        Err(refusal) => return refusal,
    };
    if !item.force && !world.settings.wordpress_trash {
        let message = "The comment does not support trashing. Set 'force=true' to delete.";
        return refused(StatusCode::NOT_IMPLEMENTED, "rest_trash_not_supported", message);
    }
    if !item.force && said.status == "trash" {
        return refused(StatusCode::GONE, "rest_already_trashed", "The comment has already been trashed.");
    }
    let side = world.side(PLATFORM);
    side.wall.delete(&id.to_string());
    if item.force {
        side.blog.said.retain(|said| said.id != id);
        return Json(json!({ "deleted": true, "previous": view(&base, &said) })).into_response();
    }
    let binned = Said { status: "trash".to_owned(), ..said };
    let answer = Json(view(&base, &binned)).into_response();
    side.blog.said.iter_mut().filter(|said| said.id == id).for_each(|said| *said = binned.clone());
    answer
}
