//! Posting a message: its limits, its files, and the nonce that keeps it from being posted twice.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Path, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Bot, PLATFORM, message, poll, refused, visible};
use crate::site::Keyholder;
use crate::state::{State, World, now_ms};
use crate::store::{Attached, Media, Post, Stage, is_mp4, is_paper, sniff};

/// The first millisecond of Discord's ids.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Characters of a message.
pub(super) const MAX_CONTENT: usize = 2_000;
/// Characters of an attachment's description, and of its title.
const MAX_DESCRIPTION: usize = 1_024;
/// Bytes of an attachment.
const MAX_FILE: usize = 10 * 1024 * 1024;
/// Bytes of a request.
const MAX_REQUEST: usize = 25 * 1024 * 1024;
/// Attachments of a message.
const MAX_FILES: usize = 10;
/// How long a nonce is remembered: "a few minutes".
const NONCE_MS: i64 = 300_000;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    #[serde(default)]
    content: String,
    allowed_mentions: Option<Value>,
    nonce: Option<String>,
    #[serde(default)]
    enforce_nonce: bool,
    message_reference: Option<Reference>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    poll: Option<Value>,
}

#[derive(Deserialize, Serialize)]
struct Reference {
    message_id: String,
}

#[derive(Deserialize, Serialize)]
struct Attachment {
    id: usize,
    description: Option<String>,
    title: Option<String>,
    /// As the form has it.
    #[serde(skip_deserializing)]
    filename: Option<String>,
}

fn invalid(what: &Value) -> Response {
    let body = json!({ "message": "Invalid Form Body", "code": 50_035, "errors": what });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The message and its files, by their number.
async fn read(request: Request) -> Result<(NewMessage, BTreeMap<usize, Bytes>), Response> {
    let mut names = BTreeMap::new();
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let broken = |words: String| invalid(&json!({ "_errors": [{ "code": "INVALID", "message": words }] }));
    if !kind.starts_with("multipart/form-data") {
        let Json(new) = Json::<NewMessage>::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
        return Ok((new, BTreeMap::new()));
    }
    let (mut new, mut files) = (None::<NewMessage>, BTreeMap::new());
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(|e| broken(e.body_text()))? {
        let (name, called) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(str::to_owned));
        let bytes = field.bytes().await.map_err(|e| broken(e.body_text()))?;
        if name == "payload_json" {
            new = Some(serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?);
        } else if let Some(n) = name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']')?.parse().ok()) {
            files.insert(n, bytes);
            names.insert(n, called);
        }
    }
    let mut new: NewMessage = new.ok_or_else(|| broken("payload_json is missing".into()))?;
    for attachment in &mut new.attachments {
        attachment.filename = names.get(&attachment.id).cloned().flatten();
    }
    Ok((new, files))
}

/// The message that the same bot posted in this channel under the same nonce a short while ago.
fn posted<'a>(world: &'a World, author: &str, new: &NewMessage, now: i64) -> Option<&'a Post> {
    let nonce = new.nonce.as_deref().filter(|_| new.enforce_nonce)?;
    let same = |post: &&Post| {
        let raw: Option<NewMessage> = serde_json::from_str(&post.raw).ok();
        post.author == author
            && now - post.created_ms < NONCE_MS
            && raw.is_some_and(|raw| raw.nonce.as_deref() == Some(nonce))
    };
    world.look(PLATFORM).wall.live().find(same)
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(Bot(bot)): Extension<Bot>,
    Path(channel): Path<String>,
    request: Request,
) -> Response {
    let (new, files) = match read(request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let mut world = state.world();
    committed(&mut world, bot, &channel, &new, &files).unwrap_or_else(|refusal| refusal)
}

fn check(world: &World, new: &NewMessage, files: &BTreeMap<usize, Bytes>) -> Result<(), Response> {
    if new.content.trim().is_empty() && files.is_empty() && new.poll.is_none() {
        return Err(refused(StatusCode::BAD_REQUEST, 50_006, "Cannot send an empty message"));
    }
    if new.content.encode_utf16().count() > MAX_CONTENT {
        let message = "Must be 2000 or fewer in length.";
        return Err(invalid(
            &json!({ "content": { "_errors": [{ "code": "BASE_TYPE_MAX_LENGTH", "message": message }] } }),
        ));
    }
    if new.nonce.as_ref().is_some_and(|nonce| nonce.len() > 25) {
        return Err(invalid(
            &json!({ "nonce": { "_errors": [{ "code": "NONCE_TYPE_TOO_LONG", "message": "too long" }] } }),
        ));
    }
    if let Some(at) = new.poll.as_ref().and_then(poll::wrong) {
        return Err(invalid(&json!({ "poll": { at: { "_errors": [{ "code": "INVALID", "message": "no" }] } } })));
    }
    let long = |a: &Attachment| {
        [&a.description, &a.title].into_iter().flatten().any(|text| text.chars().count() > MAX_DESCRIPTION)
    };
    if files.len() > MAX_FILES || new.attachments.len() != files.len() || new.attachments.iter().any(long) {
        return Err(invalid(
            &json!({ "attachments": { "_errors": [{ "code": "BASE_TYPE_MAX_LENGTH", "message": "no" }] } }),
        ));
    }
    let total: usize = files.values().map(Bytes::len).sum();
    if total > MAX_REQUEST || files.values().any(|bytes| bytes.len() > MAX_FILE) {
        return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, 40_005, "Request entity too large"));
    }
    if let Some(to) = &new.message_reference
        && world.look(PLATFORM).wall.get(&to.message_id).is_none()
    {
        let error = json!({ "code": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "message": "Unknown message" });
        return Err(invalid(&json!({ "message_reference": { "_errors": [error] } })));
    }
    Ok(())
}

fn committed(
    world: &mut World,
    bot: &Keyholder,
    channel: &str,
    new: &NewMessage,
    files: &BTreeMap<usize, Bytes>,
) -> Result<Response, Response> {
    let at = visible(channel)?;
    if !at.writable {
        return Err(refused(StatusCode::FORBIDDEN, 50_013, "Missing Permissions"));
    }
    if new.message_reference.is_some() && !at.history {
        let message = "Cannot reply without permission to read message history";
        return Err(refused(StatusCode::FORBIDDEN, 160_002, message));
    }
    check(world, new, files)?;
    let (now, author) = (now_ms(), format!("{channel}/{}", bot.id));
    if let Some(post) = posted(world, &author, new, now) {
        return Ok(Json(message(post)).into_response());
    }
    let side = world.side(PLATFORM);
    // Milliseconds in the upper bits, as Discord has it; the counter keeps them apart.
    let id = ((now - EPOCH_MS) << 22) + side.next_number();
    let mut media = Vec::new();
    for attachment in &new.attachments {
        let bytes = files.get(&attachment.id).cloned().unwrap_or_default();
        let key = format!("{id}-{}", attachment.id);
        let film = is_mp4(&bytes).then_some("video/mp4");
        let paper = is_paper(&bytes).then_some("application/pdf");
        side.shelf.add(Media {
            id: key.clone(),
            owner: author.clone(),
            mime: sniff(&bytes).or(film).or(paper).unwrap_or("application/octet-stream").to_owned(),
            category: String::new(),
            announced: bytes.len(),
            parts: BTreeMap::new(),
            bytes,
            stage: Stage::Polls(0),
            alt: attachment.description.clone(),
        });
        media.push(Attached { id: key, alt: attachment.description.clone() });
    }
    let post = Post {
        id: id.to_string(),
        author,
        author_name: bot.name.to_owned(),
        // White space at the ends goes.
        text: new.content.trim().to_owned(),
        raw: serde_json::to_string(new).unwrap_or_default(),
        truncated: false,
        media,
        card: None,
        poll: new.poll.as_ref().map(poll::answers).unwrap_or_default(),
        asked: new.poll.as_ref().map(|asked| poll::shown(asked, now)),
        reply_to: new.message_reference.as_ref().map(|to| to.message_id.clone()),
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let answer = Json(message(&post)).into_response();
    side.wall.commit(post);
    Ok(answer)
}
