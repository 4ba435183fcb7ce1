//! Messages of Telegram: texts, a photo, a video, an album. Their limits count characters after parsing; without `parse_mode` nothing
//! is parsed.

use axum::body::Bytes;
use axum::response::Response;
use serde_json::{Value, json};

use super::chats::Kind;
use super::form::Fields;
use super::{Chat, PLATFORM, refused, result};
use crate::state::{World, now_ms};
use crate::store::{Attached, Card, Media, Post, Stage, is_mp4, is_paper, sniff};

pub(super) const MAX_TEXT: usize = 4_096;
pub(super) const MAX_CAPTION: usize = 1_024;
/// Largest photo in bytes.
const MAX_PHOTO: usize = 10 * 1024 * 1024;
/// Largest document or animation in bytes.
const MAX_FILE: usize = 50_000_000;
/// Largest sum of a photo's sides, and largest ratio of the two.
const MAX_SIDES: u64 = 10_000;
const MAX_RATIO: u64 = 20;
/// What these methods take; the real ones take more.
const KNOWN: [&str; 16] = [
    "chat_id",
    "text",
    "caption",
    "media",
    "reply_parameters",
    "link_preview_options",
    "disable_notification",
    "duration",
    "width",
    "height",
    "question",
    "options",
    "is_anonymous",
    "allows_multiple_answers",
    "open_period",
    "description",
];

/// Where a message goes and what it answers.
pub(super) struct Place {
    chat: &'static Chat,
    reply_to: Option<String>,
    card: Option<Card>,
    /// The answers of a poll.
    pub(super) poll: Vec<String>,
    /// What the client sent, where that is not the text.
    pub(super) raw: Option<String>,
    /// What the file is called, which readers see of a document.
    called: Option<String>,
}

pub(super) fn place(world: &World, chat: &'static Chat, fields: &Fields, kind: Kind) -> Result<Place, Response> {
    if let Some(other) = fields.names().find(|name| !KNOWN.contains(name)) {
        return Err(refused(400, &format!("Bad Request: the sandbox does not know the field {other}")));
    }
    if let Some((status, words)) = chat.refusal(kind) {
        return Err(refused(status, &words));
    }
    let reply_to = match fields.json("reply_parameters") {
        None => None,
        Some(parameters) => {
            let id = parameters["message_id"].to_string();
            let there = world.look(PLATFORM).wall.get(&id).is_some_and(|post| post.author == chat.id.to_string());
            if !there {
                return Err(refused(400, "Bad Request: message to be replied not found"));
            }
            Some(id)
        }
    };
    let preview = fields.json("link_preview_options").and_then(|options| options["url"].as_str().map(str::to_owned));
    let card = preview.map(|url| Card { url, title: String::new(), description: None, thumbnail: None });
    Ok(Place { chat, reply_to, card, poll: Vec::new(), raw: None, called: None })
}

pub(super) fn commit(world: &mut World, place: Place, text: &str, photos: Vec<String>) -> Response {
    let now = now_ms();
    let side = world.side(PLATFORM);
    let count = photos.len().max(1);
    let ids: Vec<i64> = (0..count).map(|_| side.next_number()).collect();
    let chat = place.chat;
    side.wall.commit(Post {
        id: ids[0].to_string(),
        author: chat.id.to_string(),
        author_name: chat.title.to_owned(),
        text: text.to_owned(),
        raw: place.raw.unwrap_or_else(|| text.to_owned()),
        truncated: false,
        media: photos.into_iter().map(|id| Attached { id, alt: place.called.clone() }).collect(),
        card: place.card,
        poll: place.poll,
        asked: None,
        reply_to: place.reply_to,
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    });
    let message = |id: &i64| json!({ "message_id": id, "date": now / 1_000, "chat": chat.json() });
    match ids.as_slice() {
        [id] => result(&message(id)),
        several => result(&Value::Array(several.iter().map(message).collect())),
    }
}

pub(super) fn message(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    let place = match place(world, chat, fields, Kind::Text) {
        Ok(place) => place,
        Err(refusal) => return refusal,
    };
    let text = fields.text("text").trim();
    match text.encode_utf16().count() {
        0 => refused(400, "Bad Request: message text is empty"),
        n if n > MAX_TEXT => refused(400, "Bad Request: message is too long"),
        _ => commit(world, place, text, Vec::new()),
    }
}

/// Width and height of a PNG; what is none, or has no header, is not measured.
fn sides(bytes: &[u8]) -> Option<(u64, u64)> {
    bytes.get(12..16).filter(|kind| *kind == b"IHDR")?;
    let side = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?).into());
    Some((side(16)?, side(20)?))
}

/// Keeps an uploaded photo; its id.
fn kept(world: &mut World, file: Option<&Bytes>) -> Result<String, Response> {
    let bytes = file.ok_or_else(|| refused(400, "Bad Request: there is no photo in the request"))?;
    if bytes.len() > MAX_PHOTO {
        return Err(refused(413, "Request Entity Too Large"));
    }
    if sides(bytes).is_some_and(|(a, b)| a + b > MAX_SIDES || a.max(b) > a.min(b) * MAX_RATIO) {
        return Err(refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"));
    }
    // A GIF goes as an animation.
    let mime = sniff(bytes).filter(|mime| *mime != "image/gif");
    let mime = mime.ok_or_else(|| refused(400, "Bad Request: IMAGE_PROCESS_FAILED"))?;
    Ok(shelved(world, mime, bytes))
}

fn shelved(world: &mut World, mime: &str, bytes: &Bytes) -> String {
    let side = world.side(PLATFORM);
    let id = format!("file{}", side.next_number());
    side.shelf.add(Media {
        id: id.clone(),
        owner: String::new(),
        mime: mime.to_owned(),
        category: String::new(),
        announced: bytes.len(),
        parts: std::collections::BTreeMap::new(),
        bytes: bytes.clone(),
        stage: Stage::Polls(0),
        alt: None,
    });
    id
}

fn caption_fits(text: &str) -> Result<(), Response> {
    if text.encode_utf16().count() > MAX_CAPTION {
        return Err(refused(400, "Bad Request: message caption is too long"));
    }
    Ok(())
}

pub(super) fn photo(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    let sent = (|| {
        let place = place(world, chat, fields, Kind::Photo)?;
        let caption = fields.text("caption").trim();
        caption_fits(caption)?;
        let id = kept(world, fields.file("photo"))?;
        Ok(commit(world, place, caption, vec![id]))
    })();
    sent.unwrap_or_else(|refusal| refusal)
}

/// A file under its caption, readers seeing what it is called. Files of any type are taken.
pub(super) fn document(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    let sent = (|| {
        let mut place = place(world, chat, fields, Kind::Document)?;
        let caption = fields.text("caption").trim();
        caption_fits(caption)?;
        let none = || refused(400, "Bad Request: there is no document in the request");
        let bytes = fields.file("document").ok_or_else(none)?;
        if bytes.is_empty() {
            return Err(refused(400, "Bad Request: file must be non-empty"));
        }
        if bytes.len() > MAX_FILE {
            return Err(refused(413, "Request Entity Too Large"));
        }
        place.called = fields.file_name("document");
        let mime = if is_paper(bytes) { Some("application/pdf") } else { sniff(bytes) };
        let id = shelved(world, mime.unwrap_or("application/octet-stream"), bytes);
        Ok(commit(world, place, caption, vec![id]))
    })();
    sent.unwrap_or_else(|refusal| refusal)
}

/// A GIF under its caption. (The real method takes films without sound, too.)
pub(super) fn animation(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    let sent = (|| {
        let place = place(world, chat, fields, Kind::Animation)?;
        let caption = fields.text("caption").trim();
        caption_fits(caption)?;
        let none = || refused(400, "Bad Request: there is no animation in the request");
        let bytes = fields.file("animation").ok_or_else(none)?;
        if sniff(bytes) != Some("image/gif") {
            return Err(refused(400, "Bad Request: the sandbox takes GIFs as animations"));
        }
        if bytes.len() > MAX_FILE {
            return Err(refused(413, "Request Entity Too Large"));
        }
        let id = shelved(world, "image/gif", bytes);
        Ok(commit(world, place, caption, vec![id]))
    })();
    sent.unwrap_or_else(|refusal| refusal)
}

/// A video under its caption. (The rights of a chat are told for photos; what holds for them holds for videos here.)
pub(super) fn video(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    let sent = (|| {
        let place = place(world, chat, fields, Kind::Photo)?;
        let caption = fields.text("caption").trim();
        caption_fits(caption)?;
        let bytes =
            fields.file("video").ok_or_else(|| refused(400, "Bad Request: there is no video in the request"))?;
        if ["duration", "width", "height"].iter().any(|name| fields.text(name).parse::<u32>().is_err()) {
            return Err(refused(400, "Bad Request: the sandbox wants to know how long and large a video is"));
        }
        if !is_mp4(bytes) {
            return Err(refused(400, "Bad Request: VIDEO_FILE_INVALID"));
        }
        let id = shelved(world, "video/mp4", bytes);
        Ok(commit(world, place, caption, vec![id]))
    })();
    sent.unwrap_or_else(|refusal| refusal)
}

pub(super) fn album(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    let sent = (|| {
        let place = place(world, chat, fields, Kind::Photo)?;
        let items = fields.json("media").and_then(|media| media.as_array().cloned()).unwrap_or_default();
        if !(2..=10).contains(&items.len()) {
            return Err(refused(400, "Bad Request: group send failed"));
        }
        let captions: Vec<&str> = items.iter().filter_map(|item| item["caption"].as_str()).collect();
        captions.iter().try_for_each(|caption| caption_fits(caption))?;
        let mut photos = Vec::new();
        for item in &items {
            let name = item["media"].as_str().and_then(|media| media.strip_prefix("attach://"));
            if item["type"] != "photo" || name.is_none() {
                return Err(refused(400, "Bad Request: wrong file identifier/HTTP URL specified"));
            }
            photos.push(kept(world, name.and_then(|name| fields.file(name)))?);
        }
        // Below the album stands the caption of its only item that has one; of several, each stands at its own.
        let below = if let [only] = captions.as_slice() { only.trim() } else { "" };
        Ok(commit(world, place, below, photos))
    })();
    sent.unwrap_or_else(|refusal| refusal)
}
