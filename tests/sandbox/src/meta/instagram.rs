//! Professional accounts of Instagram: containers, which fetch what they are given an address of, and media.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fetched::{fetch, held};
use super::page::instant;
use super::{Asked, Who, body, missing, name_of, refused, who};
use crate::directory::{self, INSTAGRAM_ACCOUNTS};
use crate::ops::Platform;
use crate::state::{State, World, now_ms};
use crate::store::{Attached, Card, Media, Post};

const PLATFORM: Platform = Platform::Instagram;
/// What ids of containers begin with.
const CONTAINER: &str = "1790";
/// Containers kept; the oldest is forgotten first.
const MAX_CONTAINERS: usize = 1_000;
/// How long a container lives.
const LIFE_MS: i64 = 86_400_000;
/// Characters of a caption.
const MAX_CAPTION: usize = 2_200;
/// The pictures it takes.
const JPEG: &[&str] = &["image/jpeg"];
/// Bytes of the video of a story.
const MAX_STORY: usize = 100_000_000;

/// What is published, before it is.
pub(crate) struct Container {
    id: String,
    owner: String,
    /// `IMAGE`, `REELS`, `STORIES`, `CAROUSEL`; and of a carousel's parts `ITEM`.
    kind: String,
    caption: String,
    media: Vec<Attached>,
    /// The picture that a reel is shown under.
    cover: Option<String>,
    /// The instant of its video that it is shown under, in milliseconds.
    offset: Option<u64>,
    created_ms: i64,
    ready_ms: i64,
    /// The number of what went wrong.
    failed: Option<u32>,
    published: bool,
}

pub(super) fn is_container(id: &str) -> bool {
    id.starts_with(CONTAINER)
}

impl Container {
    fn code(&self, now: i64) -> &'static str {
        match self {
            Self { published: true, .. } => "PUBLISHED",
            _ if now - self.created_ms > LIFE_MS => "EXPIRED",
            _ if now < self.ready_ms => "IN_PROGRESS",
            Self { failed: Some(_), .. } => "ERROR",
            _ => "FINISHED",
        }
    }
}

pub(super) async fn me(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    let caller = match who(&state.world(), PLATFORM, &headers) {
        Ok(who) => who,
        Err(refusal) => return refusal,
    };
    if let Err(refusal) = caller.may("instagram_business_basic") {
        return refusal;
    }
    let Some(account) = directory::find(INSTAGRAM_ACCOUNTS, caller.actor) else { return missing("me") };
    let body = json!({
        "id": format!("99{}", account.id), "user_id": account.id, "username": account.handle, "name": account.name,
        "account_type": "BUSINESS",
    });
    Json(body).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContainer {
    media_type: Option<String>,
    image_url: Option<String>,
    video_url: Option<String>,
    cover_url: Option<String>,
    thumb_offset: Option<u64>,
    #[serde(default)]
    is_carousel_item: bool,
    alt_text: Option<String>,
    #[serde(default)]
    children: Vec<String>,
    #[serde(default)]
    caption: String,
}

/// Whether they may publish for the account.
fn own(who: &Who, id: &str) -> Result<(), Response> {
    if !who.holds(id) {
        return Err(missing(id));
    }
    who.may(if who.page.is_some() { "instagram_content_publish" } else { "instagram_business_content_publish" })
}

pub(super) async fn create(state: &State, who: &Who, id: &str, request: Request) -> Result<Response, Response> {
    own(who, id)?;
    let new: NewContainer = body(request).await?;
    if new.caption.chars().count() > MAX_CAPTION {
        return Err(refused(400, 36_000, 2_207_010, "The caption is too long"));
    }
    if new.caption.matches('#').count() > 30 || new.caption.matches('@').count() > 20 {
        return Err(refused(400, 100, 2_207_010, "The caption has too many hashtags or mentions"));
    }
    let kind = match (new.media_type.as_deref(), new.is_carousel_item) {
        (None, true) if new.video_url.is_none() => "ITEM",
        (Some("VIDEO"), true) if new.image_url.is_none() => "ITEM",
        (None, false) => "IMAGE",
        (Some(kind @ ("REELS" | "STORIES" | "CAROUSEL")), false) => kind,
        _ => return Err(refused(400, 100, 2_207_023, "The media type is unknown")),
    };
    let is_video = new.video_url.is_some();
    let fetched = match (&new.image_url, &new.video_url) {
        (Some(url), None) if kind != "REELS" && kind != "CAROUSEL" => Some(fetch(url, false, JPEG).await),
        (None, Some(url)) if kind != "IMAGE" && kind != "CAROUSEL" => Some(fetch(url, true, JPEG).await),
        (None, None) if kind == "CAROUSEL" => None,
        _ => return Err(refused(400, 100, 0, "Invalid parameter: image_url or video_url")),
    };
    let fetched = match fetched {
        Some(Ok((bytes, _))) if kind == "STORIES" && bytes.len() > MAX_STORY => Some(Err(2_207_004)),
        fetched => fetched,
    };
    if new.thumb_offset.is_some() && (kind != "REELS" || new.cover_url.is_some()) {
        return Err(refused(400, 100, 0, "Invalid parameter: thumb_offset"));
    }
    let cover = match &new.cover_url {
        Some(_) if kind != "REELS" => return Err(refused(400, 100, 0, "Invalid parameter: cover_url")),
        Some(url) => Some(fetch(url, false, JPEG).await),
        None => None,
    };
    let now = now_ms();
    let mut world = state.world();
    let number = world.side(PLATFORM).next_number();
    let container = format!("{CONTAINER}{number:013}");
    let (mut media, mut failed) = (Vec::new(), None);
    match fetched {
        Some(Ok((bytes, mime))) => {
            let held = held((&container, id), (bytes, mime), kind);
            world.side(PLATFORM).shelf.add(Media { alt: new.alt_text.clone(), ..held });
            media.push(Attached { id: container.clone(), alt: new.alt_text.filter(|_| !is_video) });
        }
        Some(Err(number)) => failed = Some(number),
        None => media = carousel(&world, id, &new.children, now)?,
    }
    let cover = match cover {
        Some(Ok((bytes, mime))) => {
            let cover = format!("{container}-cover");
            world.side(PLATFORM).shelf.add(held((&cover, id), (bytes, mime), "COVER"));
            Some(cover)
        }
        Some(Err(number)) => {
            failed = Some(number);
            None
        }
        None => None,
    };
    let ready_ms = now + world.settings.instagram_container_ms;
    let caption = if kind == "STORIES" { String::new() } else { new.caption };
    let (owner, kind) = (id.to_owned(), kind.to_owned());
    let made = Container {
        id: container.clone(),
        owner,
        kind,
        caption,
        media,
        cover,
        offset: new.thumb_offset,
        created_ms: now,
        ready_ms,
        failed,
        published: false,
    };
    world.containers.push_back(made);
    if world.containers.len() > MAX_CONTAINERS {
        world.containers.pop_front();
    }
    Ok(Json(json!({ "id": container })).into_response())
}

/// What the finished items with these ids show.
fn carousel(world: &World, owner: &str, children: &[String], now: i64) -> Result<Vec<Attached>, Response> {
    if !(2..=10).contains(&children.len()) {
        return Err(refused(400, 100, 2_207_028, "A carousel has 2 to 10 children"));
    }
    let mut media = Vec::new();
    for child in children {
        let item = world.containers.iter().find(|c| c.id == *child && c.owner == owner && c.kind == "ITEM");
        let Some(item) = item else { return Err(refused(400, 100, 2_207_028, "A child of the carousel is unknown")) };
        if item.code(now) != "FINISHED" {
            return Err(refused(400, 9_007, 2_207_027, "The media is not ready, please wait for a moment"));
        }
        media.extend(item.media.iter().cloned());
    }
    Ok(media)
}

pub(super) fn status(world: &World, who: &Who, id: &str) -> Response {
    let Some(container) = world.containers.iter().find(|c| c.id == id && who.holds(&c.owner)) else {
        return missing(id);
    };
    let code = container.code(now_ms());
    let status = match container.failed {
        Some(number) if code == "ERROR" => format!("Error: Media upload has failed with error code {number}"),
        _ => code.to_owned(),
    };
    Json(json!({ "id": id, "status_code": code, "status": status })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publish {
    creation_id: String,
}

pub(super) async fn publish(state: &State, who: &Who, id: &str, request: Request) -> Result<Response, Response> {
    own(who, id)?;
    let Publish { creation_id } = body(request).await?;
    let now = now_ms();
    let mut world = state.world();
    let number = world.side(PLATFORM).next_number();
    let found = world.containers.iter_mut().find(|c| c.id == creation_id && c.owner == id && c.kind != "ITEM");
    let Some(container) = found else { return Err(refused(400, 100, 2_207_006, "The container does not exist")) };
    match container.code(now) {
        "FINISHED" => {}
        "EXPIRED" => return Err(refused(400, 100, 2_207_008, "The container has expired")),
        "PUBLISHED" => return Err(refused(400, 100, 0, "The container was published already")),
        _ => return Err(refused(400, 9_007, 2_207_027, "The media is not ready, please wait for a moment")),
    }
    container.published = true;
    let post = Post {
        id: format!("1800{number:013}"),
        author: id.to_owned(),
        author_name: name_of(id).to_owned(),
        text: container.caption.clone(),
        raw: container.caption.clone(),
        truncated: false,
        media: container.media.clone(),
        // A reel is shown under its cover.
        card: (container.cover.is_some() || container.offset.is_some()).then(|| Card {
            url: format!("{}/instagram/web/p/C1800{number:013}/", state.public_url()),
            title: "cover".to_owned(),
            description: container.offset.map(|ms| format!("{ms} ms")),
            thumbnail: container.cover.clone(),
        }),
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: (container.kind == "STORIES").then(|| "story".to_owned()),
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let answer = json!({ "id": post.id });
    world.side(PLATFORM).wall.commit(post);
    Ok(Json(answer).into_response())
}

pub(super) fn shown(state: &State, post: &Post) -> Value {
    let mut out = json!({
        "id": post.id, "timestamp": instant(post.created_ms), "shortcode": format!("C{}", post.id),
        "permalink": format!("{}/instagram/web/p/C{}/", state.public_url(), post.id),
    });
    if !post.text.is_empty() {
        out["caption"] = json!(post.text);
    }
    out
}

/// With what others did with it, where that is asked for.
pub(super) fn counted(mut post: Value, asked: &Asked, likes: u64) -> Value {
    if asked.get("fields").is_some_and(|fields| fields.split(',').any(|field| field == "like_count")) {
        post["like_count"] = json!(likes);
        post["comments_count"] = json!(0);
    }
    post
}
