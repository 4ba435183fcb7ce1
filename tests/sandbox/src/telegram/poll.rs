//! Polls of Telegram. How long their texts may be is counted in characters; the words of the refusals are ours.

use axum::response::Response;
use serde_json::{Value, json};

use super::chats::{Chat, Kind};
use super::form::Fields;
use super::refused;
use super::send::{commit, place};
use crate::state::World;

const MAX_QUESTION: usize = 300;
const MAX_OPTIONS: usize = 12;
const MAX_OPTION: usize = 100;
const MAX_DESCRIPTION: usize = 1_024;
/// Seconds that a poll is open.
const OPEN: std::ops::RangeInclusive<u64> = 5..=2_628_000;

pub(super) fn send(world: &mut World, chat: &'static Chat, fields: &Fields) -> Response {
    sent(world, chat, fields).unwrap_or_else(|refusal| refusal)
}

fn sent(world: &mut World, chat: &'static Chat, fields: &Fields) -> Result<Response, Response> {
    let mut place = place(world, chat, fields, Kind::Poll)?;
    let wrong = |words: &str| Err(refused(400, &format!("Bad Request: {words}")));
    let (question, description) = (fields.text("question").trim(), fields.text("description").trim());
    if !(1..=MAX_QUESTION).contains(&question.chars().count()) {
        return wrong("poll question length must be from 1 to 300");
    }
    if description.chars().count() > MAX_DESCRIPTION {
        return wrong("poll description is too long");
    }
    let options = fields.json("options").and_then(|options| options.as_array().cloned()).unwrap_or_default();
    let options: Vec<String> =
        options.iter().map(|option| option["text"].as_str().unwrap_or_default().trim().to_owned()).collect();
    if !(1..=MAX_OPTIONS).contains(&options.len()) {
        return wrong("poll must have from 1 to 12 options");
    }
    if options.iter().any(|option| !(1..=MAX_OPTION).contains(&option.chars().count())) {
        return wrong("poll options length must be from 1 to 100");
    }
    let open = fields.text("open_period");
    if !open.is_empty() && !open.parse().is_ok_and(|seconds| OPEN.contains(&seconds)) {
        return wrong("wrong poll open period specified");
    }
    // In channels nobody may see who chose what.
    if chat.kind == "channel" && fields.json("is_anonymous") == Some(Value::Bool(false)) {
        return wrong("non-anonymous polls can't be sent to channel chats");
    }
    place.poll = options;
    let asked = json!({
        "question": question, "is_anonymous": fields.text("is_anonymous"), "open_period": open,
        "allows_multiple_answers": fields.text("allows_multiple_answers"),
    });
    place.raw = Some(asked.to_string());
    Ok(commit(world, place, description, Vec::new()))
}
