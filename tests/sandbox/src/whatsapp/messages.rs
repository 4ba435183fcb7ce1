//! Messages, from being accepted to what became of them.

use std::collections::VecDeque;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Asked, PHONE, PLATFORM, refused, templates};
use crate::state::{State, World, now_ms};
use crate::store::{Attached, Post};

/// Messages kept; the oldest is forgotten first.
const MAX: usize = 10_000;
const MAX_TEXT: usize = 4_096;
const MAX_CAPTION: usize = 1_024;
/// What is told where the recipient did not write within 24 hours.
const CLOSED: &str = "More than 24 hours have passed since the recipient last replied to the sender number.";

/// One message.
struct Message {
    post: Post,
    accepted_ms: i64,
    /// What became of it, once it is told, and when.
    outcome: Option<(Result<(), String>, i64)>,
    /// It is no template, and the recipient did not write.
    closed: bool,
}

/// Those that were accepted.
#[derive(Default)]
pub(crate) struct Messages(VecDeque<Message>);

/// Sends what has waited long enough. Whoever looks at the world comes here first, so nothing has to run for it.
pub(crate) fn ripen(world: &mut World, now: i64) {
    let wait_ms = world.settings.whatsapp_send_ms;
    let failure = world.settings.whatsapp_failure.clone();
    let mut sent = Vec::new();
    for message in world.whatsapp.0.iter_mut().filter(|message| message.outcome.is_none()) {
        if now < message.accepted_ms.saturating_add(wait_ms) {
            continue;
        }
        let why = if message.closed { Some(CLOSED.to_owned()) } else { failure.clone() };
        if why.is_none() {
            sent.push(message.post.clone());
        }
        message.outcome = Some((why.map_or(Ok(()), Err), now));
    }
    for post in sent {
        world.side(PLATFORM).wall.commit(post);
    }
}

fn missing(field: &str) -> Response {
    refused(400, 131_008, &format!("Required parameter is missing: {field}"))
}

fn bad(field: &str) -> Response {
    refused(400, 131_009, &format!("Parameter value is not valid: {field}"))
}

/// The only fields that there are.
fn only(value: &Value, at: &str, known: &[&str]) -> Result<(), Response> {
    let Some(object) = value.as_object() else { return Err(missing(at)) };
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(other) => Err(refused(400, 100, &format!("Unexpected key \"{other}\" on param \"{at}\""))),
        None => Ok(()),
    }
}

fn words<'a>(value: &'a Value, at: &str, most: usize) -> Result<&'a str, Response> {
    let text = value.as_str().ok_or_else(|| missing(at))?;
    if text.is_empty() || text.chars().count() > most { Err(bad(at)) } else { Ok(text) }
}

/// What a message says and shows.
struct Said {
    text: String,
    medium: Option<(String, String)>,
    called: Option<String>,
}

fn said(body: &Value, kind: &str) -> Result<Said, Response> {
    let what = &body[kind];
    match kind {
        "text" => {
            only(what, "text", &["body", "preview_url"])?;
            let text = words(&what["body"], "text.body", MAX_TEXT)?.to_owned();
            Ok(Said { text, medium: None, called: None })
        }
        "image" | "video" | "document" => {
            let known: &[&str] =
                if kind == "document" { &["id", "link", "caption", "filename"] } else { &["id", "link", "caption"] };
            only(what, kind, known)?;
            let caption = if what["caption"].is_null() { "" } else { words(&what["caption"], "caption", MAX_CAPTION)? };
            // What stands at an address is not fetched here.
            let id = what["id"].as_str().filter(|_| what["link"].is_null()).ok_or_else(|| missing("id"))?;
            let called = what["filename"].as_str().map(str::to_owned);
            Ok(Said { text: caption.to_owned(), medium: Some((kind.to_owned(), id.to_owned())), called })
        }
        "template" => {
            only(what, "template", &["name", "language", "components"])?;
            let (text, medium) = templates::filled(what)?;
            Ok(Said { text, medium, called: None })
        }
        _ => Err(refused(400, 131_051, "Unsupported message type")),
    }
}

pub(super) async fn send(state: &State, request: Request) -> Result<Response, Response> {
    let bytes = to_bytes(request.into_body(), crate::MAX_BODY_BYTES).await.map_err(|_| bad("body"))?;
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| refused(400, 100, "Invalid JSON"))?;
    if body["messaging_product"] != "whatsapp" {
        return Err(missing("messaging_product"));
    }
    let kind = body["type"].as_str().unwrap_or("text").to_owned();
    let all =
        ["messaging_product", "recipient_type", "to", "type", "biz_opaque_callback_data", "context", kind.as_str()];
    only(&body, "message", &all)?;
    if body["recipient_type"].as_str().is_some_and(|to| to != "individual") {
        return Err(bad("recipient_type"));
    }
    if body["biz_opaque_callback_data"].as_str().is_some_and(|data| data.len() > 512) {
        return Err(bad("biz_opaque_callback_data"));
    }
    let to = words(&body["to"], "to", 20)?.trim_start_matches('+').to_owned();
    if to.len() < 7 || !to.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("to"));
    }
    let said = said(&body, &kind)?;
    let context = &body["context"];
    if !context.is_null() {
        only(context, "context", &["message_id"])?;
        words(&context["message_id"], "context.message_id", 512)?;
    }
    let mut world = state.world();
    if let Some((category, id)) = &said.medium {
        let held = world.look(PLATFORM).shelf.get(id);
        if held.is_none_or(|held| held.category != *category || held.owner != PHONE.0) {
            return Err(refused(400, 131_053, "Media upload error: no such media, or not of this type"));
        }
    }
    let reply_to = context["message_id"].as_str().filter(|_| kind != "template");
    let reply_to = reply_to.filter(|id| is_of(&world, &to, id)).map(str::to_owned);
    let closed = kind != "template" && !world.settings.whatsapp_written;
    if closed && !world.settings.whatsapp_told_late {
        return Err(refused(400, 131_047, CLOSED));
    }
    let now = now_ms();
    let number = world.side(PLATFORM).next_number();
    // As WhatsApp's own ids do, it holds the number of whom it went to.
    let id = format!("wamid.{}", STANDARD.encode(format!("{to}:{number:012}")));
    let post = Post {
        id: id.clone(),
        author: to.clone(),
        author_name: format!("To …{}", &to[to.len() - 3..]),
        text: said.text,
        raw: body.to_string(),
        truncated: false,
        media: said.medium.into_iter().map(|(_, id)| Attached { id, alt: said.called.clone() }).collect(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to,
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let all = &mut world.whatsapp.0;
    all.push_back(Message { post, accepted_ms: now, outcome: None, closed });
    if all.len() > MAX {
        all.pop_front();
    }
    let answer = json!({
        "messaging_product": "whatsapp", "contacts": [{ "input": to, "wa_id": to }],
        "messages": [{ "id": id, "message_status": "accepted" }],
    });
    Ok(Json(answer).into_response())
}

/// Whether it is a message of the conversation with this number: one that was sent there, or what the recipient wrote. Another stands
/// above nothing, and what answers it is sent without it.
fn is_of(world: &World, to: &str, id: &str) -> bool {
    let sent = world.whatsapp.0.iter().any(|message| message.post.id == id && message.post.author == to);
    sent || (world.settings.whatsapp_written && id == format!("wamid.{}", STANDARD.encode(format!("{to}:written"))))
}

/// What became of messages: of one, where its id is given.
pub(super) fn history(state: &State, asked: &Asked) -> Response {
    let known = ["message_id", "fields", "limit", "after", "before"];
    if let Some(other) = asked.keys().find(|name| !known.contains(&name.as_str())) {
        return refused(400, 100, &format!("the sandbox does not know the parameter {other}"));
    }
    let with_events = asked.get("fields").is_some_and(|fields| fields.contains("events"));
    let world = state.world();
    let is_asked = |message: &&Message| asked.get("message_id").is_none_or(|id| *id == message.post.id);
    let shown = world.whatsapp.0.iter().filter(is_asked).filter_map(|message| {
        // Nothing is told before something became of it.
        let (outcome, at_ms) = message.outcome.as_ref()?;
        let id = format!("23{}", message.accepted_ms);
        let mut entry = json!({ "id": id, "message_id": message.post.id });
        if with_events {
            let (status, why) = match outcome {
                Ok(()) => ("SENT", None),
                Err(why) => ("FAILED", Some(why)),
            };
            let mut event = json!({ "id": format!("{id}1"), "delivery_status": status, "timestamp": at_ms / 1_000 });
            if let Some(why) = why {
                event["error_description"] = json!(why);
            }
            entry["events"] = json!({ "data": [event] });
        }
        Some(entry)
    });
    let data: Vec<Value> = shown.take(25).collect();
    Json(json!({ "data": data })).into_response()
}
