//! Single sends: drafts, until they are scheduled.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, extract};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{GROUPS, LISTS, PLATFORM, Page, SENDERS, refused, unknown};
use crate::html;
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::{Card, Post};

/// Single sends kept; the oldest leaves first.
const MAX_SENDS: usize = 10_000;

/// One single send.
#[derive(Clone, Serialize)]
pub(crate) struct Send {
    id: String,
    status: &'static str,
    #[serde(rename = "send_at")]
    at: Option<String>,
    #[serde(flatten)]
    what: New,
    created_ms: i64,
    /// Changes since it was made.
    #[serde(skip)]
    changes: i64,
}

impl Send {
    /// Another moment after each change, however fast they follow each other.
    fn updated_at(&self) -> String {
        rfc3339(self.created_ms + self.changes)
    }
}

/// The single sends by id, in the order they were made.
#[derive(Default)]
pub(crate) struct Sends(BTreeMap<String, Send>);

impl Sends {
    fn keep(&mut self, mut send: Send) {
        send.changes += 1;
        self.0.insert(send.id.clone(), send);
        if self.0.len() > MAX_SENDS {
            self.0.pop_first();
        }
    }
}

/// What a client sends.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct New {
    name: String,
    send_to: To,
    email_config: Config,
}

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct To {
    list_ids: Vec<String>,
    segment_ids: Vec<String>,
    all: bool,
}

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    subject: String,
    html_content: String,
    generate_plain_content: bool,
    editor: String,
    design_id: Option<String>,
    suppression_group_id: Option<u64>,
    custom_unsubscribe_url: Option<String>,
    sender_id: Option<u64>,
}

impl New {
    /// This with what a client says of it. What is blank or missing stays as it was; none where it says what there is not.
    fn with(&self, said: &Value) -> Option<Self> {
        let mut all = json!(self);
        laid(&mut all, said);
        serde_json::from_value(all).ok()
    }
}

fn laid(over: &mut Value, said: &Value) {
    let Value::Object(said) = said else { return };
    for (name, value) in said {
        match value {
            Value::Object(_) if over[name].is_object() => laid(&mut over[name], value),
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::Array(list) if list.is_empty() => {}
            _ => over[name] = value.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    send_at: String,
}

fn view(send: &Send) -> Value {
    json!({ "id": send.id, "name": send.what.name, "status": send.status, "send_at": send.at,
            "created_at": rfc3339(send.created_ms), "updated_at": send.updated_at(), "categories": [],
            "send_to": send.what.send_to, "email_config": send.what.email_config })
}

/// As it stands in lists.
fn short(send: &Send) -> Value {
    json!({ "id": send.id, "name": send.what.name, "status": send.status, "send_at": send.at,
            "created_at": rfc3339(send.created_ms), "updated_at": send.updated_at(), "categories": [],
            "is_abtest": false, "abtest": null })
}

fn taken(world: &World, id: &str) -> Option<Send> {
    world.look(PLATFORM).sends.0.get(id).cloned()
}

/// What is wrong with it, whatever it lacks still.
fn invalid(new: &New) -> Option<Response> {
    let config = &new.email_config;
    let unknown_group = config.suppression_group_id.is_some_and(|id| GROUPS.iter().all(|(known, _)| *known != id));
    let unknown_sender = config.sender_id.is_some_and(|id| SENDERS.iter().all(|known| known.id != id));
    let unknown_list = new.send_to.list_ids.iter().any(|id| LISTS.iter().all(|(known, _)| known != id));
    [
        (!(1..=100).contains(&new.name.chars().count()), "name", "name must have 1 to 100 characters"),
        (unknown_list, "send_to.list_ids", "list not found"),
        (unknown_sender, "email_config.sender_id", "sender not found"),
        (unknown_group, "email_config.suppression_group_id", "suppression group not found"),
    ]
    .into_iter()
    .find_map(|(is_wrong, field, message)| is_wrong.then(|| refused(StatusCode::BAD_REQUEST, field, message)))
}

pub(super) async fn create(extract::State(state): extract::State<State>, Json(new): Json<New>) -> Response {
    if let Some(refusal) = invalid(&new) {
        return refusal;
    }
    let mut world = state.world();
    let side = world.side(PLATFORM);
    let id = format!("27c21bbf-a12c-440b-b8bf-{:012x}", side.next_number());
    let made = Send { id, status: "draft", at: None, what: new, created_ms: now_ms(), changes: 0 };
    side.sends.keep(made.clone());
    (StatusCode::CREATED, Json(view(&made))).into_response()
}

pub(super) async fn search(
    extract::State(state): extract::State<State>,
    Query(page): Query<Page>,
    Json(asked): Json<Search>,
) -> Response {
    let world = state.world();
    let fits = |send: &&Send| send.what.name.contains(&asked.name);
    let found: Vec<Value> = world.look(PLATFORM).sends.0.values().filter(fits).map(short).collect();
    page.of(&state, "marketing/singlesends/search", &found)
}

pub(super) async fn one(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    taken(&state.world(), &id).map_or_else(unknown, |send| Json(view(&send)).into_response())
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    Json(said): Json<Value>,
) -> Response {
    let mut world = state.world();
    let Some(mut send) = taken(&world, &id) else { return unknown() };
    if send.status != "draft" {
        return refused(StatusCode::BAD_REQUEST, "status", "only drafts can be updated");
    }
    let Some(new) = send.what.with(&said) else {
        return refused(StatusCode::BAD_REQUEST, "", "invalid json");
    };
    if let Some(refusal) = invalid(&new) {
        return refusal;
    }
    send.what = new;
    world.side(PLATFORM).sends.keep(send.clone());
    (StatusCode::ACCEPTED, Json(view(&send))).into_response()
}

pub(super) async fn delete(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    // What was sent stays with those who have it.
    let gone = state.world().side(PLATFORM).sends.0.remove(&id);
    gone.map_or_else(unknown, |_| StatusCode::NO_CONTENT.into_response())
}

/// What keeps it from being sent: the field, and the words.
fn missing(new: &New) -> Option<(&'static str, &'static str)> {
    let config = &new.email_config;
    let unverified = config.sender_id.is_none_or(|id| !SENDERS.iter().any(|sender| sender.id == id && sender.verified));
    [
        (
            new.send_to.list_ids.is_empty() && new.send_to.segment_ids.is_empty() && !new.send_to.all,
            ("send_to", "recipients are required"),
        ),
        (unverified, ("sender_id", "a verified sender is required")),
        (config.subject.trim().is_empty(), ("subject", "a subject is required")),
        (config.html_content.is_empty(), ("html_content", "content is required")),
        (!config.html_content.contains("{{{unsubscribe}}}"), ("html_content", "an unsubscribe tag is required")),
        (
            config.suppression_group_id.is_none() && config.custom_unsubscribe_url.is_none(),
            ("suppression_group_id", "a suppression group or a custom unsubscribe URL is required"),
        ),
    ]
    .into_iter()
    .find_map(|(is_missing, what)| is_missing.then_some(what))
}

pub(super) async fn schedule(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    Json(when): Json<When>,
) -> Response {
    let mut world = state.world();
    let Some(mut send) = taken(&world, &id) else { return unknown() };
    if send.status != "draft" {
        return refused(StatusCode::BAD_REQUEST, "status", "the single send is scheduled already");
    }
    if let Some((field, message)) = missing(&send.what) {
        return refused(StatusCode::BAD_REQUEST, field, message);
    }
    let later = when.send_at.parse::<Timestamp>().ok().filter(|at| at.as_millisecond() > now_ms());
    if when.send_at != "now" && later.is_none() {
        return refused(StatusCode::BAD_REQUEST, "send_at", "send_at must be in the future, or now");
    }
    let at = rfc3339(later.map_or_else(now_ms, Timestamp::as_millisecond));
    send.status = if later.is_some() { "scheduled" } else { "triggered" };
    send.at = Some(at.clone());
    let side = world.side(PLATFORM);
    if later.is_none() {
        side.wall.commit(mail(&send));
    }
    side.sends.keep(send);
    // The one state that this answer knows, whatever it is in afterwards.
    (StatusCode::CREATED, Json(json!({ "send_at": at, "status": "scheduled" }))).into_response()
}

/// Calls off one that waits for its time.
pub(super) async fn unschedule(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    let mut world = state.world();
    let Some(mut send) = taken(&world, &id).filter(|send| send.status == "scheduled") else { return unknown() };
    (send.status, send.at) = ("draft", None);
    world.side(PLATFORM).sends.keep(send);
    Json(json!({ "send_at": null, "status": "draft" })).into_response()
}

/// The text with its tags filled in, as it arrives: nothing stands where a tag names nothing that is known.
fn filled(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((tag, tail)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        let tail = if tag.starts_with('{') { tail.strip_prefix('}').unwrap_or(tail) } else { tail };
        out.push_str(match tag.trim_matches(['{', ' ']).to_ascii_lowercase().as_str() {
            "sender_name" => "Harbour Coffee",
            "sender_address" => "1 Quay",
            "sender_city" => "Port",
            "sender_zip" => "12345",
            "unsubscribe" => "https://u.example/wf/unsubscribe",
            _ => "",
        });
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn mail(send: &Send) -> Post {
    let config = &send.what.email_config;
    let content = filled(&config.html_content);
    // What stands below everything is not what is said.
    let (footer, said) = html::taken(&content, "footer");
    let mut raw = json!(send);
    raw["footer"] = json!(footer);
    let card = Card { url: String::new(), title: filled(&config.subject), description: None, thumbnail: None };
    Post {
        id: send.id.clone(),
        author: send.what.send_to.list_ids.join(" "),
        author_name: "Harbour Coffee Demo".to_owned(),
        text: html::text(&said),
        raw: raw.to_string(),
        truncated: false,
        media: Vec::new(),
        card: Some(card),
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: None,
        created_ms: now_ms(),
        targets: Vec::new(),
        deleted: false,
    }
}
