//! What is asked and done under an id: reading it, deleting it, its lists, and what is made below it.

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, extract};
use serde_json::{Value, json};

use super::{Asked, comments, instagram, missing, page, page_of, reels, service, videos, who};
use crate::faults::Lag;
use crate::ops::Platform;
use crate::state::{State, World};
use crate::store::Post;

pub(super) async fn node(
    extract::State(state): extract::State<State>,
    uri: Uri,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let world = state.world();
    let who = match who(&world, service(uri.path()), &headers) {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    if instagram::is_container(&id) {
        return instagram::status(&world, &who, &id);
    }
    if let Some(video) = videos::shown(&state, &world, &who, &id) {
        return Json(video).into_response();
    }
    let found = [Platform::Facebook, Platform::Instagram]
        .into_iter()
        .find_map(|platform| Some((platform, world.look(platform).wall.get(&id)?)));
    match found {
        Some((platform, post))
            if post.reply_to.is_some() && (who.page == Some(post.author.as_str()) || who.holds(&post.author)) =>
        {
            Json(comments::shown(&world.look(platform).wall, platform, post)).into_response()
        }
        Some((Platform::Facebook, post)) if who.page == Some(post.author.as_str()) => {
            let likes = world.settings.likes_of(&post.id);
            Json(page::counted(page::shown(&state, post), &asked, likes)).into_response()
        }
        Some((Platform::Instagram, post)) if who.holds(&post.author) => {
            let likes = world.settings.likes_of(&post.id);
            Json(instagram::counted(instagram::shown(&state, post), &asked, likes)).into_response()
        }
        // A page or an account is there for whoever may act for it.
        _ if who.page == Some(id.as_str()) || who.holds(&id) => Json(json!({ "id": id })).into_response(),
        _ => missing(&id),
    }
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    uri: Uri,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut world = state.world();
    let who = match who(&world, service(uri.path()), &headers) {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    if service(uri.path()) == Platform::Instagram && !is_comment(&world, &id) {
        // The specification of this host has no such call but for comments.
        return missing(&id);
    }
    // A video is deleted with the post that shows it.
    let id = videos::post_of(&world, &id).unwrap_or(id);
    for platform in [Platform::Facebook, Platform::Instagram] {
        let author = world.look(platform).wall.get(&id).map(|post| post.author.clone());
        let theirs = author.is_some_and(|author| who.page == Some(author.as_str()) || who.holds(&author));
        if theirs && world.side(platform).wall.delete(&id) {
            return Json(json!({ "success": true })).into_response();
        }
    }
    missing(&id)
}

pub(super) async fn edge(
    extract::State(state): extract::State<State>,
    uri: Uri,
    Path((_, id, edge)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
    lag: Option<extract::Extension<Lag>>,
    headers: HeaderMap,
) -> Response {
    let world = state.world();
    let who = match who(&world, service(uri.path()), &headers) {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    let newest_ms = Lag::newest_ms(lag);
    let listed = |platform: Platform, keep: &dyn Fn(&Post) -> bool, show: &dyn Fn(&Post) -> Value| {
        let posts = world.look(platform).wall.live().rev();
        let all: Vec<Value> = posts.filter(|post| post.created_ms <= newest_ms && keep(post)).map(show).collect();
        page_of(all, &asked, uri.path())
    };
    match edge.as_str() {
        "published_posts" if who.page == Some(id.as_str()) => {
            let own = |post: &Post| {
                let shown = post.visibility.is_none() && videos::is_processed(&world, post);
                post.author == id && post.reply_to.is_none() && shown
            };
            listed(Platform::Facebook, &own, &|post| page::shown(&state, post))
        }
        "media" if who.holds(&id) => {
            let own = |post: &Post| post.author == id && post.reply_to.is_none() && post.visibility.is_none();
            listed(Platform::Instagram, &own, &|post| instagram::shown(&state, post))
        }
        "comments" => {
            let platform = if id.contains('_') { Platform::Facebook } else { Platform::Instagram };
            let (wall, stream) =
                (&world.look(platform).wall, asked.get("filter").is_some_and(|filter| filter == "stream"));
            let below = |post: &Post| comments::is_below(wall, post, &id, stream);
            listed(platform, &below, &|post| comments::shown(wall, platform, post))
        }
        "replies" => {
            let wall = &world.look(Platform::Instagram).wall;
            let below = |post: &Post| comments::is_below(wall, post, &id, false);
            listed(Platform::Instagram, &below, &|post| comments::shown(wall, Platform::Instagram, post))
        }
        _ => missing(&id),
    }
}

/// Whether it is a comment of Instagram, which is answered at another address than a medium is commented.
fn is_comment(world: &World, id: &str) -> bool {
    world.look(Platform::Instagram).wall.all().any(|post| post.id == id && post.reply_to.is_some())
}

pub(super) async fn act(
    extract::State(state): extract::State<State>,
    uri: Uri,
    Path((_, id, edge)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    request: extract::Request,
) -> Response {
    let who = who(&state.world(), service(uri.path()), &headers);
    let who = match who {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    let answers = is_comment(&state.world(), &id);
    let done = match edge.as_str() {
        "feed" => page::post(&state, &who, &id, &asked, request).await,
        "photos" => page::photo(&state, &who, &id, request).await,
        "videos" => videos::upload(&state, &who, &id, request).await,
        "video_reels" => reels::reel(&state, &who, &id, request).await,
        "video_stories" => reels::story(&state, &who, &id, request).await,
        "photo_stories" => page::story(&state, &who, &id, request).await,
        "media" => instagram::create(&state, &who, &id, request).await,
        "media_publish" => instagram::publish(&state, &who, &id, request).await,
        "comments" if !answers => comments::create(&state, &who, &id, request).await,
        "replies" if answers => comments::create(&state, &who, &id, request).await,
        _ => Err(missing(&id)),
    };
    done.unwrap_or_else(|refusal| refusal)
}
