//! Other words for a message: a text, or the caption of what has none.

use axum::response::Response;
use serde_json::json;

use super::form::Fields;
use super::send::{MAX_CAPTION, MAX_TEXT};
use super::{Chat, PLATFORM, refused, result};
use crate::state::World;

pub(super) fn edit(world: &mut World, chat: &Chat, method: &str, fields: &Fields) -> Response {
    let (field, most) = if method == "editMessageText" { ("text", MAX_TEXT) } else { ("caption", MAX_CAPTION) };
    let known = ["chat_id", "message_id", "link_preview_options", field];
    if let Some(other) = fields.names().find(|name| !known.contains(name)) {
        return refused(400, &format!("Bad Request: the sandbox does not know the field {other}"));
    }
    let text = fields.text(field).trim();
    let wall = &mut world.side(PLATFORM).wall;
    let found = wall.get_mut(fields.text("message_id")).filter(|message| message.author == chat.id.to_string());
    let Some(message) = found else { return refused(400, "Bad Request: message to edit not found") };
    if !message.poll.is_empty() || message.media.is_empty() != (field == "text") {
        let words = if field == "text" { "text" } else { "caption" };
        return refused(400, &format!("Bad Request: there is no {words} in the message to edit"));
    }
    match text.encode_utf16().count() {
        0 if field == "text" => return refused(400, "Bad Request: message text is empty"),
        n if n > most => return refused(400, "Bad Request: MESSAGE_TOO_LONG"),
        _ => {}
    }
    if message.text == text {
        let words = "specified new message content and reply markup are exactly the same as a current content";
        return refused(400, &format!("Bad Request: message is not modified: {words}"));
    }
    text.clone_into(&mut message.text);
    text.clone_into(&mut message.raw);
    let id: i64 = message.id.parse().unwrap_or_default();
    result(&json!({ "message_id": id, "date": message.created_ms / 1_000, "chat": chat.json() }))
}
