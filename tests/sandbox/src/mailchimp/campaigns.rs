//! Campaigns: made and filled in the state `save`, sent once.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, extract};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{LISTS, PLATFORM, refused, unknown};
use crate::html;
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::{Card, Post};

/// Whoever an audience has.
const SUBSCRIBERS: u32 = 2;
/// Campaigns kept; the oldest leaves first.
const MAX_CAMPAIGNS: usize = 10_000;

/// One campaign.
#[derive(Clone, Serialize)]
pub(crate) struct Campaign {
    id: String,
    status: &'static str,
    list: String,
    /// What of the audience it goes to: all of it, where there is none.
    segment: Option<Value>,
    settings: Settings,
    html: String,
    created_ms: i64,
    sent_ms: Option<i64>,
}

/// The campaigns by id, in the order they were made.
#[derive(Default)]
pub(crate) struct Campaigns(BTreeMap<String, Campaign>);

impl Campaigns {
    fn keep(&mut self, campaign: Campaign) {
        self.0.insert(campaign.id.clone(), campaign);
        if self.0.len() > MAX_CAMPAIGNS {
            self.0.pop_first();
        }
    }
}

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    subject_line: String,
    preview_text: String,
    title: String,
    from_name: String,
    reply_to: String,
    auto_footer: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipients {
    list_id: String,
    segment_opts: Option<Value>,
}

/// What a client sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(rename = "type")]
    kind: Option<String>,
    recipients: Option<Recipients>,
    settings: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    html: String,
}

#[derive(Deserialize)]
pub(super) struct Page {
    count: Option<usize>,
    offset: Option<usize>,
    list_id: Option<String>,
    since_create_time: Option<jiff::Timestamp>,
}

fn archive(base: &str, id: &str) -> String {
    format!("{base}/mailchimp/archive?u=0123456789&id={id}")
}

impl Settings {
    /// These with what a client says of them; none where it names a setting that there is not.
    fn with(&self, said: Option<Map<String, Value>>) -> Option<Self> {
        let mut all = json!(self);
        for (name, value) in said.into_iter().flatten() {
            all[name] = value;
        }
        serde_json::from_value(all).ok()
    }
}

fn view(base: &str, campaign: &Campaign) -> Value {
    let mut recipients = json!({ "list_id": campaign.list, "list_is_active": true, "segment_text": "" });
    if let Some(segment) = &campaign.segment {
        recipients["segment_opts"] = segment.clone();
    }
    let emails_sent = if campaign.sent_ms.is_some() { SUBSCRIBERS } else { 0 };
    json!({
        "id": campaign.id, "type": "regular", "status": campaign.status, "create_time": rfc3339(campaign.created_ms),
        "archive_url": archive(base, &campaign.id), "long_archive_url": archive(base, &campaign.id), "emails_sent": emails_sent,
        "send_time": campaign.sent_ms.map_or_else(String::new, rfc3339),
        "recipients": recipients, "settings": campaign.settings, "content_type": "html",
    })
}

fn invalid(detail: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, "Invalid Resource", detail)
}

fn taken(world: &World, id: &str) -> Option<Campaign> {
    world.look(PLATFORM).campaigns.0.get(id).cloned()
}

pub(super) async fn list(extract::State(state): extract::State<State>, Query(page): Query<Page>) -> Response {
    let world = state.world();
    let since = page.since_create_time.map_or(i64::MIN, jiff::Timestamp::as_millisecond);
    let fits = |one: &&Campaign| one.created_ms >= since && page.list_id.as_ref().is_none_or(|list| *list == one.list);
    let all: Vec<&Campaign> = world.look(PLATFORM).campaigns.0.values().filter(fits).collect();
    let shown = all.iter().skip(page.offset.unwrap_or_default()).take(page.count.unwrap_or(10).min(1_000));
    let shown: Vec<Value> = shown.map(|one| view(state.public_url(), one)).collect();
    Json(json!({ "campaigns": shown, "total_items": all.len() })).into_response()
}

pub(super) async fn one(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    taken(&state.world(), &id).map_or_else(unknown, |one| Json(view(state.public_url(), &one)).into_response())
}

pub(super) async fn create(extract::State(state): extract::State<State>, Json(new): Json<New>) -> Response {
    if new.kind.as_deref() != Some("regular") {
        return invalid("type: Data presented is not one of the accepted values: regular, plaintext, rss, variate.");
    }
    let (list, segment) = new.recipients.map(|to| (to.list_id, to.segment_opts)).unwrap_or_default();
    if !list.is_empty() && LISTS.iter().all(|known| known.id != list) {
        return invalid("recipients.list_id: The list is unknown.");
    }
    let Some(settings) = Settings::default().with(new.settings) else {
        return invalid("settings: Schema describes object, other found instead.");
    };
    let mut world = state.world();
    let side = world.side(PLATFORM);
    let id = format!("f{:09x}", side.next_number());
    let made = Campaign {
        id,
        status: "save",
        list,
        segment,
        settings,
        html: String::new(),
        created_ms: now_ms(),
        sent_ms: None,
    };
    side.campaigns.keep(made.clone());
    Json(view(state.public_url(), &made)).into_response()
}

/// The campaign, as long as it may be changed.
fn open(world: &World, id: &str) -> Result<Campaign, Response> {
    let found = taken(world, id).ok_or_else(unknown)?;
    if found.status == "save" { Ok(found) } else { Err(invalid("Campaign cannot be edited: it has been sent.")) }
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    Json(new): Json<New>,
) -> Response {
    let mut world = state.world();
    let mut found = match open(&world, &id) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let Some(settings) = found.settings.with(new.settings) else {
        return invalid("settings: Schema describes object, other found instead.");
    };
    found.settings = settings;
    if let Some(to) = new.recipients {
        // A segment is one of its audience. What is not named stays.
        found.segment = to.segment_opts.or(found.segment.filter(|_| to.list_id == found.list));
        found.list = to.list_id;
    }
    world.side(PLATFORM).campaigns.keep(found.clone());
    Json(view(state.public_url(), &found)).into_response()
}

pub(super) async fn fill(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    Json(content): Json<Content>,
) -> Response {
    let mut world = state.world();
    let mut found = match open(&world, &id) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    found.html = content.html;
    let answer = Json(json!({ "html": found.html, "plain_text": html::text(&found.html) }));
    world.side(PLATFORM).campaigns.keep(found);
    answer.into_response()
}

/// What keeps it from being sent.
fn missing(campaign: &Campaign) -> Vec<(&'static str, &'static str)> {
    let settings = &campaign.settings;
    let footer = settings.auto_footer || campaign.html.contains("*|UNSUB|*");
    [
        (campaign.list.is_empty(), ("Audience", "Choose an audience.")),
        (settings.subject_line.is_empty(), ("Subject", "Write a subject line.")),
        (settings.from_name.is_empty() || settings.reply_to.is_empty(), ("From", "Say whom it is from.")),
        (campaign.html.is_empty(), ("Content", "Design an email.")),
        (!footer, ("Unsubscribe", "An unsubscribe link is required.")),
    ]
    .into_iter()
    .filter_map(|(is_missing, what)| is_missing.then_some(what))
    .collect()
}

pub(super) async fn checklist(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    let Some(found) = taken(&state.world(), &id) else { return unknown() };
    let item = |(heading, details): (&str, &str)| json!({ "type": "error", "heading": heading, "details": details });
    let items: Vec<Value> = missing(&found).into_iter().map(item).collect();
    Json(json!({ "is_ready": items.is_empty(), "items": items })).into_response()
}

pub(super) async fn send(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    let mut world = state.world();
    let Some(mut found) = taken(&world, &id) else { return unknown() };
    if found.status != "save" || !missing(&found).is_empty() {
        return invalid("Your Campaign is not ready to send.");
    }
    (found.status, found.sent_ms) = ("sending", Some(now_ms()));
    let side = world.side(PLATFORM);
    side.wall.commit(mail(&found, state.public_url()));
    side.campaigns.keep(found);
    StatusCode::NO_CONTENT.into_response()
}

/// What somebody does in Mailchimp's own pages.
pub(super) async fn schedule(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    let mut world = state.world();
    let mut found = match open(&world, &id) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    found.status = "schedule";
    world.side(PLATFORM).campaigns.keep(found);
    StatusCode::NO_CONTENT.into_response()
}

pub(super) async fn delete(extract::State(state): extract::State<State>, Path(id): Path<String>) -> Response {
    // What was sent stays with those who have it.
    let gone = state.world().side(PLATFORM).campaigns.0.remove(&id);
    gone.map_or_else(unknown, |_| StatusCode::NO_CONTENT.into_response())
}

fn mail(campaign: &Campaign, base: &str) -> Post {
    let settings = &campaign.settings;
    let description = Some(settings.preview_text.clone()).filter(|text| !text.is_empty());
    let url = archive(base, &campaign.id);
    Post {
        id: campaign.id.clone(),
        author: campaign.list.clone(),
        author_name: settings.from_name.clone(),
        text: html::text(&campaign.html),
        raw: json!(campaign).to_string(),
        truncated: false,
        media: Vec::new(),
        card: Some(Card { url, title: settings.subject_line.clone(), description, thumbnail: None }),
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: None,
        created_ms: now_ms(),
        targets: Vec::new(),
        deleted: false,
    }
}
