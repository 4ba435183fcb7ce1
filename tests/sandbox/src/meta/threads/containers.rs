//! Containers of Threads: what they are made of, and how one is published.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::fetched::{fetch, held};
use super::super::{Who, missing, name_of, refused};
use super::PLATFORM;
use crate::state::{State, now_ms};
use crate::store::{Attached, Card, Media, Post};

/// What ids of containers begin with.
pub(super) const CONTAINER: &str = "1791";
/// Containers kept; the oldest is forgotten first.
const MAX_CONTAINERS: usize = 1_000;
/// How long a container lives, and the time in which posts are counted.
const DAY_MS: i64 = 86_400_000;
/// Posts, and replies, of a profile in a day.
const A_DAY: (usize, usize) = (250, 1_000);

/// What is published, before it is.
pub(crate) struct Container {
    pub(super) id: String,
    pub(super) owner: String,
    is_item: bool,
    media: Vec<Attached>,
    said: BTreeMap<String, String>,
    created_ms: i64,
    ready_ms: i64,
    /// Why it failed, in Meta's word.
    pub(super) failed: Option<&'static str>,
    published: bool,
}

impl Container {
    pub(super) fn status(&self, now: i64) -> &'static str {
        match self {
            Self { published: true, .. } => "PUBLISHED",
            _ if now - self.created_ms > DAY_MS => "EXPIRED",
            _ if now < self.ready_ms => "IN_PROGRESS",
            Self { failed: Some(_), .. } => "ERROR",
            _ => "FINISHED",
        }
    }

    fn said(&self, name: &str) -> Option<String> {
        self.said.get(name).cloned()
    }
}

pub(super) fn invalid(parameter: &str) -> Response {
    refused(400, 100, 0, &format!("Invalid parameter: {parameter}"))
}

/// What is wrong with the parameters of a container, if anything is.
fn wrong(said: &BTreeMap<String, String>) -> Option<&'static str> {
    const KNOWN: [&str; 12] = [
        "media_type",
        "text",
        "image_url",
        "video_url",
        "is_carousel_item",
        "children",
        "reply_to_id",
        "reply_control",
        "alt_text",
        "link_attachment",
        "quote_post_id",
        "access_token",
    ];
    const WHO_REPLIES: [&str; 3] = ["everyone", "accounts_you_follow", "mentioned_only"];
    let has = |name: &str| said.contains_key(name);
    let kind = said.get("media_type").map(String::as_str);
    let text = said.get("text").map_or("", String::as_str);
    let control = said.get("reply_control");
    Some(match kind {
        _ if said.keys().any(|name| !KNOWN.contains(&name.as_str())) => "an unknown one",
        _ if length(text) > 500 => "text",
        _ if control.is_some_and(|who| !WHO_REPLIES.contains(&who.as_str())) => "reply_control",
        _ if said.get("alt_text").is_some_and(|alt| alt.chars().count() > 1_000) => "alt_text",
        Some("TEXT") if text.is_empty() || has("image_url") || has("video_url") || has("is_carousel_item") => "text",
        Some("IMAGE") if !has("image_url") || has("video_url") => "image_url",
        Some("VIDEO") if !has("video_url") || has("image_url") => "video_url",
        Some("CAROUSEL") if !has("children") => "children",
        Some("IMAGE" | "VIDEO" | "CAROUSEL") if has("link_attachment") => "link_attachment",
        Some("TEXT" | "CAROUSEL") if has("alt_text") => "alt_text",
        Some("TEXT" | "IMAGE" | "VIDEO" | "CAROUSEL") => return None,
        _ => "media_type",
    })
}

/// Characters, of which an emoji counts the bytes of its UTF-8.
fn length(text: &str) -> usize {
    let is_emoji = |c: char| matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{2600}'..='\u{27bf}' | '\u{1f000}'..);
    text.chars().map(|c| if is_emoji(c) { c.len_utf8() } else { 1 }).sum()
}

pub(super) async fn create(
    state: &State,
    who: &Who,
    id: &str,
    said: BTreeMap<String, String>,
) -> Result<Response, Response> {
    if let Some(parameter) = wrong(&said) {
        return Err(invalid(parameter));
    }
    if let Some(parent) = said.get("reply_to_id") {
        who.may("threads_manage_replies")?;
        let world = state.world();
        let wall = &world.look(PLATFORM).wall;
        let mut top = wall.get(parent).ok_or_else(|| missing(parent))?;
        while let Some(above) = top.reply_to.as_deref().and_then(|id| wall.get(id)) {
            top = above;
        }
        // In threads of others that takes a permission more, of which one of two is asked for.
        if top.author != id && who.may("threads_keyword_search").is_err() {
            who.may("threads_manage_mentions")?;
        }
    }
    let address = said.get("image_url").or_else(|| said.get("video_url"));
    let is_video = said.contains_key("video_url");
    let fetched = match address {
        Some(url) => Some(fetch(url, is_video, &["image/jpeg", "image/png"]).await),
        None => None,
    };
    let now = now_ms();
    let mut world = state.world();
    let number = world.side(PLATFORM).next_number();
    let container = format!("{CONTAINER}{number:013}");
    let (mut media, mut failed) = (Vec::new(), None);
    match fetched {
        Some(Ok((bytes, mime))) => {
            let alt = said.get("alt_text").cloned();
            let held = held((&container, id), (bytes, mime), "MEDIA");
            world.side(PLATFORM).shelf.add(Media { alt: alt.clone(), ..held });
            media.push(Attached { id: container.clone(), alt });
        }
        // Only of videos the documentation tells more.
        Some(Err(2_207_026)) => failed = Some("FAILED_PROCESSING_VIDEO"),
        Some(Err(_)) if is_video => failed = Some("FAILED_DOWNLOADING_VIDEO"),
        Some(Err(_)) => failed = Some("UNKNOWN"),
        None => {
            let children: Vec<&str> = said.get("children").map(|ids| ids.split(',').collect()).unwrap_or_default();
            if !children.is_empty() && !(2..=20).contains(&children.len()) {
                return Err(invalid("children"));
            }
            for child in children {
                let item = world.threads.iter().find(|c| c.id == child && c.owner == id && c.is_item);
                let item = item.filter(|item| item.status(now) == "FINISHED").ok_or_else(|| invalid("children"))?;
                media.extend(item.media.iter().cloned());
            }
        }
    }
    let made = Container {
        id: container.clone(),
        owner: id.to_owned(),
        is_item: said.get("is_carousel_item").is_some_and(|is| is == "true"),
        media,
        said,
        created_ms: now,
        ready_ms: now + world.settings.threads_container_ms,
        failed,
        published: false,
    };
    world.threads.push_back(made);
    if world.threads.len() > MAX_CONTAINERS {
        world.threads.pop_front();
    }
    Ok(Json(json!({ "id": container })).into_response())
}

pub(super) fn publish(state: &State, id: &str, said: &BTreeMap<String, String>) -> Result<Response, Response> {
    let now = now_ms();
    let mut world = state.world();
    let number = world.side(PLATFORM).next_number();
    let creation = said.get("creation_id").cloned().unwrap_or_default();
    let is_reply = |post: &Post| post.reply_to.is_some();
    let lately = world.look(PLATFORM).wall.live().filter(|post| post.author == id && post.created_ms > now - DAY_MS);
    let (replies, posts): (Vec<bool>, Vec<bool>) = lately.map(is_reply).partition(|is_reply| *is_reply);
    let found = world.threads.iter_mut().find(|c| c.id == creation && c.owner == id && !c.is_item);
    let container = found.ok_or_else(|| missing(&creation))?;
    if container.status(now) != "FINISHED" {
        return Err(refused(
            400,
            24,
            0,
            "The requested resource is not ready, was published already or does not exist",
        ));
    }
    let is_full =
        if container.said.contains_key("reply_to_id") { replies.len() >= A_DAY.1 } else { posts.len() >= A_DAY.0 };
    if is_full {
        return Err(refused(400, 4, 0, "Application request limit reached"));
    }
    container.published = true;
    let text = container.said("text").unwrap_or_default();
    let card = |url: String| Card { title: url.clone(), url, description: None, thumbnail: None };
    let post = Post {
        id: format!("1801{number:013}"),
        author: id.to_owned(),
        author_name: name_of(id).to_owned(),
        raw: text.clone(),
        text,
        truncated: false,
        media: container.media.clone(),
        card: container.said("link_attachment").map(card),
        poll: Vec::new(),
        asked: container.said("quote_post_id").map(|quoted| json!({ "quote_post_id": quoted })),
        reply_to: container.said("reply_to_id"),
        visibility: container.said("reply_control"),
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let answer = json!({ "id": post.id });
    world.side(PLATFORM).wall.commit(post);
    Ok(Json(answer).into_response())
}
