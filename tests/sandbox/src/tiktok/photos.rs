//! Posts of pictures. TikTok fetches them from addresses that lie below one whose ownership was verified with it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, extract};
use serde::Deserialize;
use serde_json::json;

use super::init::{File, MAX_PENDING, forbidden, of_level};
use super::publish::{Publish, upload_token};
use super::{INBOX, PLATFORM, bad, creator, means, needs, problem, read, told};
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::{Media, Stage, sniff};

/// UTF-16 units of a title and of a description.
const MAX_TITLE: usize = 90;
const MAX_DESCRIPTION: usize = 4_000;
/// Pictures of a post, and the bytes of one.
const MAX_PICTURES: usize = 35;
const MAX_BYTES: usize = 20 * 1024 * 1024;
/// What they may be.
const KINDS: [&str; 2] = ["image/jpeg", "image/webp"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    media_type: String,
    post_mode: String,
    #[serde(default)]
    post_info: PostInfo,
    source_info: Pulled,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
// They are known, checked for their kind, and kept as they came.
#[allow(dead_code, clippy::struct_excessive_bools)]
struct PostInfo {
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    privacy_level: Option<String>,
    #[serde(default)]
    disable_comment: bool,
    #[serde(default)]
    auto_add_music: bool,
    #[serde(default)]
    brand_content_toggle: bool,
    #[serde(default)]
    brand_organic_toggle: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pulled {
    source: String,
    photo_images: Vec<String>,
    photo_cover_index: usize,
}

/// What is wrong with it, whoever sends it. `verified` is the address below which pictures may lie.
fn check(new: &New, verified: Option<&str>) -> Result<(), Response> {
    let New { media_type, post_mode, post_info, source_info } = new;
    if media_type != "PHOTO" {
        return Err(bad("Invalid media_type"));
    }
    if !matches!(post_mode.as_str(), "DIRECT_POST" | "MEDIA_UPLOAD") {
        return Err(bad("Invalid post_mode"));
    }
    if post_info.title.encode_utf16().count() > MAX_TITLE {
        return Err(bad("The title is too long"));
    }
    if post_info.description.encode_utf16().count() > MAX_DESCRIPTION {
        return Err(bad("The description is too long"));
    }
    let pictures = &source_info.photo_images;
    if source_info.source != "PULL_FROM_URL" || !(1..=MAX_PICTURES).contains(&pictures.len()) {
        return Err(bad("Invalid source_info"));
    }
    if source_info.photo_cover_index >= pictures.len() {
        return Err(bad("Invalid photo_cover_index"));
    }
    if !pictures.iter().all(|url| verified.is_some_and(|prefix| url.starts_with(prefix))) {
        let message = "Please review our URL ownership verification rules";
        return Err(forbidden("url_ownership_unverified", message));
    }
    Ok(())
}

/// The picture at an address, or why it is none. The sandbox stands outside the system and calls as the platform does: it follows no
/// redirection.
#[allow(clippy::disallowed_methods)]
async fn fetch(url: &str) -> Result<(Bytes, &'static str), &'static str> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.timeout(Duration::from_secs(10)).build().map_err(|_| "internal")?;
    let answer = client.get(url).send().await.map_err(|_| "photo_pull_failed")?;
    if answer.status() != StatusCode::OK {
        return Err("photo_pull_failed");
    }
    let bytes = answer.bytes().await.map_err(|_| "photo_pull_failed")?;
    match sniff(&bytes) {
        _ if bytes.len() > MAX_BYTES => Err("picture_size_check_failed"),
        Some(mime) if KINDS.contains(&mime) => Ok((bytes, mime)),
        _ => Err("file_format_check_failed"),
    }
}

/// Keeps the pictures, and says by which ids.
fn shelve(world: &mut World, (id, owner): (&str, &str), all: Vec<(Bytes, &'static str)>) -> Vec<String> {
    let mut ids = Vec::new();
    for (n, (bytes, mime)) in all.into_iter().enumerate() {
        let id = format!("{id}.{n}");
        world.side(PLATFORM).shelf.add(Media {
            id: id.clone(),
            owner: owner.to_owned(),
            mime: mime.to_owned(),
            category: String::new(),
            announced: bytes.len(),
            parts: BTreeMap::new(),
            bytes,
            stage: Stage::Polls(0),
            alt: None,
        });
        ids.push(id);
    }
    ids
}

pub(super) async fn init(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let new: New = match read(&headers, &body) {
        Ok(new) => new,
        Err(refusal) => return refusal,
    };
    let is_draft = new.post_mode == "MEDIA_UPLOAD";
    if let Err(refusal) = needs(&caller, if is_draft { "video.upload" } else { "video.publish" }) {
        return refusal;
    }
    let Some(actor) = creator(caller.actor) else { return problem(StatusCode::UNAUTHORIZED, "no such user") };
    let level = if is_draft { INBOX.to_owned() } else { new.post_info.privacy_level.clone().unwrap_or_default() };
    {
        let world = state.world();
        let (settings, posts) = (&world.settings, &world.tiktok);
        let taken = check(&new, settings.tiktok_verified.as_deref()).and_then(|()| {
            if !is_draft {
                return of_level(&level, means(actor.handle).levels, settings, posts.posted(actor.id));
            }
            if posts.pending(actor.id) < MAX_PENDING {
                return Ok(());
            }
            let message = "There may be at most 5 pending shares within any 24-hour period";
            Err(forbidden("spam_risk_too_many_pending_share", message))
        });
        if let Err(refusal) = taken {
            return refusal;
        }
    }
    let mut fetched = Vec::new();
    let mut failed = None;
    for url in &new.source_info.photo_images {
        match fetch(url).await {
            Ok(picture) => fetched.push(picture),
            Err(why) => failed = failed.or(Some(why.to_owned())),
        }
    }
    let mut world = state.world();
    let number = world.side(PLATFORM).next_number();
    let id = if is_draft { format!("p_inbox_url~v2.{number}") } else { format!("p_pub_url~v2.{number}") };
    let pictures = shelve(&mut world, (&id, actor.id), fetched);
    let now = now_ms();
    world.tiktok.keep(Publish {
        id: id.clone(),
        creator: actor,
        raw: String::from_utf8_lossy(&body).into_owned(),
        title: new.post_info.description,
        level,
        upload_id: number.to_string(),
        upload_token: upload_token(state.boot_ms(), number),
        file: File::NONE,
        mime: String::new(),
        bytes: Vec::new(),
        received: 0,
        sound: true,
        pictures: Some(pictures),
        failed,
        created_ms: now,
        complete_ms: Some(now),
        outcome: None,
    });
    told(&json!({ "publish_id": id }))
}
