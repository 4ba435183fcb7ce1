//! Posts: drafts, and the change of state that publishes one.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::blog::Article;
use super::{At, Caller, PLATFORM, home, markup, not_allowed, refused};
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::{Attached, Card, Post};

#[derive(Deserialize)]
pub(super) struct Listing {
    slug: Option<String>,
    status: Option<String>,
    context: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Item {
    context: Option<String>,
    #[serde(default)]
    force: bool,
}

/// What a client sends. What is left out stays as it is.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Change {
    status: Option<String>,
    slug: Option<String>,
    title: Option<String>,
    content: Option<String>,
    excerpt: Option<String>,
    featured_media: Option<u64>,
    tags: Option<Vec<u64>>,
    categories: Option<Vec<u64>>,
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "rest_post_invalid_id", "Invalid post ID.")
}

/// Whether it is no draft any more: everybody sees it, or its author and those who may edit what others wrote.
fn is_out(post: &Article) -> bool {
    matches!(post.status.as_str(), "publish" | "private")
}

fn view(base: &str, post: &Article) -> Value {
    let link = if is_out(post) {
        format!("{base}/{}/{}/", &rfc3339(post.created_ms)[..7].replace('-', "/"), post.slug)
    } else {
        format!("{base}/?p={}", post.id)
    };
    let text = |html: &str| json!({ "raw": html, "rendered": html });
    json!({
        "id": post.id, "status": post.status, "slug": post.slug, "link": link, "type": "post", "author": post.author,
        "date_gmt": rfc3339(post.created_ms), "title": text(&post.title), "content": text(&post.content),
        "excerpt": text(&post.excerpt), "featured_media": post.featured_media, "tags": post.tags,
        "categories": post.categories,
    })
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(listing): Query<Listing>,
) -> Response {
    let status = listing.status.as_deref().unwrap_or("publish");
    if status != "publish" && !caller.may("edit_posts") {
        let data = json!({ "status": 400, "params": { "status": "Status is forbidden." } });
        let body = json!({ "code": "rest_invalid_param", "message": "Invalid parameter(s): status", "data": data });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if listing.context.as_deref() == Some("edit") && !caller.may("edit_posts") {
        return not_allowed(
            caller,
            "rest_forbidden_context",
            "Sorry, you are not allowed to edit posts in this post type.",
        );
    }
    let base = home(&state);
    let world = state.world();
    let Some(post) = listing.slug.as_deref().and_then(|slug| world.look(PLATFORM).blog.named(slug)) else {
        return Json(json!([])).into_response();
    };
    let fits = status == "any" || post.status == status;
    let shown: Vec<Value> = Some(post).filter(|_| fits).map(|post| view(&base, post)).into_iter().collect();
    Json(shown).into_response()
}

pub(super) async fn one(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(At { id }): Path<At>,
    Query(item): Query<Item>,
) -> Response {
    let base = home(&state);
    let world = state.world();
    let Some(post) = world.look(PLATFORM).blog.get(id) else { return unknown() };
    if post.status == "private" && !caller.may_edit(&post.author) {
        return not_allowed(caller, "rest_forbidden", "Sorry, you are not allowed to do that.");
    }
    if item.context.as_deref() == Some("edit") && !caller.may_edit(&post.author) {
        return not_allowed(caller, "rest_forbidden_context", "Sorry, you are not allowed to edit this post.");
    }
    Json(view(&base, post)).into_response()
}

/// What may be wrong with a change of this post.
fn check(caller: Caller, change: &Change, now: &str) -> Result<(), Response> {
    match change.status.as_deref() {
        None | Some("draft" | "pending") => Ok(()),
        Some(status) if status == now => Ok(()),
        Some("publish" | "private") if caller.may("publish_posts") => Ok(()),
        Some(status @ ("publish" | "private")) => {
            let word = if status == "publish" { "publish" } else { "create private" };
            let message = &format!("Sorry, you are not allowed to {word} posts in this post type.");
            Err(not_allowed(caller, "rest_cannot_publish", message))
        }
        Some(_) => Err(refused(StatusCode::BAD_REQUEST, "rest_invalid_param", "Invalid parameter(s): status")),
    }
}

fn changed(world: &World, caller: Caller, post: &mut Article, change: Change) {
    let filter = |html: String| if caller.may("unfiltered_html") { html } else { markup::kses(&html) };
    let take = |to: &mut String, from: Option<String>| {
        if let Some(html) = from {
            *to = filter(html);
        }
    };
    take(&mut post.title, change.title);
    take(&mut post.content, change.content);
    take(&mut post.excerpt, change.excerpt);
    post.status = change.status.unwrap_or_else(|| post.status.clone());
    post.featured_media = change.featured_media.unwrap_or(post.featured_media);
    post.tags = change.tags.unwrap_or_else(|| post.tags.clone());
    post.categories = change.categories.unwrap_or_else(|| post.categories.clone());
    if let Some(slug) = change.slug {
        post.slug = markup::slug(&slug);
    }
    if post.slug.is_empty() && is_out(post) {
        post.slug = markup::slug(&post.title);
        if post.slug.is_empty() {
            post.slug = post.id.to_string();
        }
    }
    if !post.slug.is_empty() {
        post.slug = world.look(PLATFORM).blog.unique(&post.slug, post.id);
    }
}

/// The post on the timeline.
fn on_the_wall(world: &World, post: &Article, raw: String, base: &str) -> Post {
    let (text, inline) = markup::shown(&post.content);
    let blog = &world.look(PLATFORM).blog;
    let featured = blog.files.iter().find(|file| file.id == post.featured_media);
    // Themes take tags out of it and leave entities as they are.
    let featured = featured.map(|file| (file.id, markup::decoded(&markup::stripped(&file.alt_text))));
    let media = featured.into_iter().chain(inline).map(|(id, alt)| Attached { id: id.to_string(), alt: Some(alt) });
    let title = markup::decoded(&markup::stripped(&post.title));
    let description = Some(markup::shown(&post.excerpt).0).filter(|text| !text.is_empty());
    let url = view(base, post)["link"].as_str().unwrap_or_default().to_owned();
    let author = super::SITE.keyholders.iter().find(|holder| holder.id == post.author);
    Post {
        id: post.id.to_string(),
        author: post.author.clone(),
        author_name: author.map(|holder| holder.name.to_owned()).unwrap_or_default(),
        text,
        raw,
        truncated: false,
        media: media.collect(),
        card: (!title.is_empty()).then_some(Card { url, title, description, thumbnail: None }),
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: (post.status == "private").then(|| post.status.clone()),
        created_ms: post.created_ms,
        targets: Vec::new(),
        deleted: false,
    }
}

/// The post as it is to be live now.
fn put_up(world: &mut World, post: &Article, base: &str) {
    let tagged = |ids: &[u64]| -> Vec<String> {
        let terms = &world.look(PLATFORM).blog.terms;
        ids.iter().filter_map(|id| terms.iter().find(|term| term.id == *id)).map(|term| term.name.clone()).collect()
    };
    let raw = json!({
        "title": post.title, "content": post.content, "excerpt": post.excerpt, "slug": post.slug,
        "tags": tagged(&post.tags), "categories": tagged(&post.categories), "featured_media": post.featured_media,
    });
    let shown = on_the_wall(world, post, raw.to_string(), base);
    let wall = &mut world.side(PLATFORM).wall;
    match wall.get_mut(&shown.id) {
        Some(live) => *live = shown,
        None => wall.commit(shown),
    }
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Json(change): Json<Change>,
) -> Response {
    let Some(author) = caller.0.filter(|_| caller.may("edit_posts")) else {
        return not_allowed(caller, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.");
    };
    if let Err(refusal) = check(caller, &change, "") {
        return refusal;
    }
    let given = [&change.title, &change.content, &change.excerpt];
    if given.iter().all(|text| text.as_deref().unwrap_or_default().is_empty()) {
        return refused(StatusCode::BAD_REQUEST, "empty_content", "Content, title, and excerpt are empty.");
    }
    let base = home(&state);
    let mut world = state.world();
    let id = u64::try_from(world.side(PLATFORM).next_number()).unwrap_or_default();
    let mut post = Article {
        id,
        author: author.id.to_owned(),
        status: "draft".to_owned(),
        created_ms: now_ms(),
        ..Article::default()
    };
    changed(&world, caller, &mut post, change);
    if post.categories.is_empty() {
        // "Uncategorized".
        post.categories = vec![1];
    }
    if is_out(&post) {
        put_up(&mut world, &post, &base);
    }
    world.side(PLATFORM).blog.keep(post.clone());
    (StatusCode::CREATED, Json(view(&base, &post))).into_response()
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(At { id }): Path<At>,
    Json(change): Json<Change>,
) -> Response {
    let base = home(&state);
    let mut world = state.world();
    let Some(mut post) = world.look(PLATFORM).blog.get(id).cloned() else { return unknown() };
    if !caller.may_edit(&post.author) {
        return not_allowed(caller, "rest_cannot_edit", "Sorry, you are not allowed to edit this post.");
    }
    if let Err(refusal) = check(caller, &change, &post.status) {
        return refusal;
    }
    if post.status == "draft" && matches!(change.status.as_deref(), Some("publish" | "private")) {
        post.created_ms = now_ms();
    }
    changed(&world, caller, &mut post, change);
    if is_out(&post) {
        put_up(&mut world, &post, &base);
    } else {
        world.side(PLATFORM).wall.delete(&id.to_string());
    }
    world.side(PLATFORM).blog.keep(post.clone());
    Json(view(&base, &post)).into_response()
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Path(At { id }): Path<At>,
    Query(item): Query<Item>,
) -> Response {
    let base = home(&state);
    let mut world = state.world();
    let Some(post) = world.look(PLATFORM).blog.get(id).cloned() else { return unknown() };
    if !(caller.may("delete_posts") && caller.may_edit(&post.author)) {
        return not_allowed(caller, "rest_cannot_delete", "Sorry, you are not allowed to delete this post.");
    }
    if !item.force && !world.settings.wordpress_trash {
        let message = "The post does not support trashing. Set 'force=true' to delete.";
        return refused(StatusCode::NOT_IMPLEMENTED, "rest_trash_not_supported", message);
    }
    if !item.force && post.status == "trash" {
        return refused(StatusCode::GONE, "rest_already_trashed", "The post has already been deleted.");
    }
    let side = world.side(PLATFORM);
    side.wall.delete(&id.to_string());
    // What was said below it goes with it.
    for said in side.blog.said.iter_mut().filter(|said| said.post == id) {
        "post-trashed".clone_into(&mut said.status);
        side.wall.delete(&said.id.to_string());
    }
    if item.force {
        side.blog.remove(id);
        return Json(json!({ "deleted": true, "previous": view(&base, &post) })).into_response();
    }
    let binned = Article { status: "trash".to_owned(), slug: format!("{}__trashed", post.slug), ..post };
    let answer = Json(view(&base, &binned)).into_response();
    side.blog.keep(binned);
    answer
}
