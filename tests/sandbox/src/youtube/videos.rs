//! Videos: what they say, how far their processing is, and who sees them.

use std::collections::VecDeque;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde_json::{Value, json};

use super::snippet::{Said, Snippet, Status, check};
use super::upload::Session;
use super::{PLATFORM, absent, bad, oauth, parts};
use crate::consent::Fields;
use crate::faults::Lag;
use crate::oauth::Caller;
use crate::state::{Settings, State, World, rfc3339};
use crate::store::{Attached, Card, Post};

/// Videos and sessions kept; the oldest leaves first.
const MAX: usize = 1_000;
/// Items of a page unless another number is asked for, and at most.
const PAGE: usize = 5;
const MOST: usize = 50;

/// One video.
pub(super) struct Video {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) snippet: Snippet,
    pub(super) status: Status,
    /// How many more times it is asked after before it is processed.
    pub(super) polls: u8,
    pub(super) sound: bool,
    pub(super) thumbnail: Option<String>,
    pub(super) created_ms: i64,
}

/// All videos, and the sessions in which they come.
#[derive(Default)]
pub(crate) struct Videos {
    pub(super) all: VecDeque<Video>,
    pub(super) sessions: VecDeque<Session>,
    /// Sessions ever begun.
    pub(super) begun: u32,
}

impl Videos {
    pub(super) fn keep(&mut self, video: Video) {
        self.all.push_back(video);
        if self.all.len() > MAX {
            self.all.pop_front();
        }
    }

    pub(super) fn open(&mut self, session: Session) {
        self.begun += 1;
        self.sessions.push_back(session);
        if self.sessions.len() > MAX {
            self.sessions.pop_front();
        }
    }

    pub(super) fn is_of(&self, id: &str, channel: &str) -> bool {
        self.all.iter().any(|video| video.id == id && video.channel == channel)
    }

    pub(super) fn own(&mut self, id: &str, channel: &str) -> Option<&mut Video> {
        self.all.iter_mut().find(|video| video.id == id && video.channel == channel)
    }
}

/// The list of a channel's uploads.
pub(super) fn playlist(channel: &str) -> String {
    format!("UU{}", channel.trim_start_matches("UC"))
}

/// A video as its owner is told of it.
pub(super) fn view(video: &Video, settings: &Settings, parts: &[String]) -> Value {
    let mut out = json!({"kind": "youtube#video", "id": video.id});
    let has = |part: &str| parts.iter().any(|asked| asked == part);
    if has("snippet") {
        let Snippet { title, description, tags, category_id, default_language, default_audio_language } =
            &video.snippet;
        out["snippet"] = json!({
            "publishedAt": rfc3339(video.created_ms), "channelId": video.channel, "title": title, "description": description,
            "categoryId": category_id,
        });
        // A list without anything in it is left out.
        if !tags.is_empty() {
            out["snippet"]["tags"] = json!(tags);
        }
        for (name, language) in
            [("defaultLanguage", default_language), ("defaultAudioLanguage", default_audio_language)]
        {
            if let Some(language) = language {
                out["snippet"][name] = json!(language);
            }
        }
    }
    if has("statistics") {
        out["statistics"] = json!({"likeCount": settings.likes_of(&video.id).to_string(), "commentCount": "0"});
    }
    if has("status") {
        let (upload, why) = match settings.youtube_outcome.as_deref().and_then(|outcome| outcome.split_once(':')) {
            _ if video.polls > 0 => ("uploaded", None),
            Some((outcome, why)) => (outcome, Some(why)),
            None if !video.sound => ("failed", Some("invalidFile")),
            None => ("processed", None),
        };
        out["status"] = json!({
            "uploadStatus": upload, "privacyStatus": video.status.privacy_status,
            "selfDeclaredMadeForKids": video.status.self_declared_made_for_kids,
        });
        if let Some(why) = why {
            let name = if upload == "rejected" { "rejectionReason" } else { "failureReason" };
            out["status"][name] = json!(why);
        }
    }
    if has("processingDetails") {
        out["processingDetails"] =
            json!({"processingStatus": if video.polls > 0 { "processing" } else { "succeeded" }});
    }
    out
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
) -> Response {
    let parts = parts(&asked);
    let Some(ids) = asked.get("id").filter(|_| !parts.is_empty()) else {
        return bad("missingRequiredParameter", "part and a filter are needed");
    };
    let mut world = state.world();
    let settings = world.settings.clone();
    let videos = &mut world.side(PLATFORM).videos;
    let mut items = Vec::new();
    for id in ids.split(',').take(MOST) {
        if let Some(video) = videos.own(id, caller.actor) {
            items.push(view(video, &settings, &parts));
            if parts.iter().any(|part| part == "status") {
                video.polls = video.polls.saturating_sub(1);
            }
        }
    }
    Json(json!({"kind": "youtube#videoListResponse", "items": items})).into_response()
}

/// A channel's uploads, the newest first.
pub(super) async fn uploads(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Query(asked): Query<Fields>,
) -> Response {
    if parts(&asked).is_empty() || asked.get("playlistId") != Some(&playlist(caller.actor)) {
        return super::refused(StatusCode::NOT_FOUND, "playlistNotFound", "The playlist cannot be found.");
    }
    let most = asked.get("maxResults").and_then(|most| most.parse().ok()).unwrap_or(PAGE).min(MOST);
    let newest_ms = Lag::newest_ms(lag);
    let world = state.world();
    let shown = world.look(PLATFORM).videos.all.iter().rev();
    let shown = shown.filter(|video| video.channel == caller.actor && video.created_ms <= newest_ms).take(most);
    let items: Vec<Value> = shown
        .map(|video| {
            let published = rfc3339(video.created_ms);
            json!({"kind": "youtube#playlistItem", "contentDetails": {"videoId": video.id, "videoPublishedAt": published}})
        })
        .collect();
    Json(json!({"kind": "youtube#playlistItemListResponse", "items": items})).into_response()
}

/// The video as people see it.
fn on_the_wall(video: &Video) -> Post {
    let actor = oauth::channel(&video.channel);
    let raw = json!({
        "title": video.snippet.title, "tags": video.snippet.tags, "categoryId": video.snippet.category_id,
        "defaultLanguage": video.snippet.default_language, "defaultAudioLanguage": video.snippet.default_audio_language,
        "selfDeclaredMadeForKids": video.status.self_declared_made_for_kids, "thumbnail": video.thumbnail,
    });
    let url = format!("https://www.youtube.com/watch?v={}", video.id);
    let title = video.snippet.title.clone();
    Post {
        id: video.id.clone(),
        author: video.channel.clone(),
        author_name: actor.map(|actor| actor.name.to_owned()).unwrap_or_default(),
        text: video.snippet.description.clone(),
        raw: raw.to_string(),
        truncated: false,
        media: vec![Attached { id: video.id.clone(), alt: None }],
        card: Some(Card { url, title, description: None, thumbnail: video.thumbnail.clone() }),
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: Some(video.status.privacy_status.clone()),
        created_ms: video.created_ms,
        targets: Vec::new(),
        deleted: false,
    }
}

/// Puts the video up for whoever may see it, or takes it down.
fn show(world: &mut World, id: &str, channel: &str) {
    let side = world.side(PLATFORM);
    let Some(video) = side.videos.own(id, channel) else { return };
    let post = on_the_wall(video);
    match side.wall.get_mut(id) {
        _ if video.status.privacy_status == "private" => drop(side.wall.delete(id)),
        Some(live) => *live = post,
        None => side.wall.commit(post),
    }
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    body: Bytes,
) -> Response {
    let Ok(said) = serde_json::from_slice::<Said>(&body) else { return bad("parseError", "Parse Error") };
    let parts = parts(&asked);
    let mut world = state.world();
    let settings = world.settings.clone();
    let Some(video) = world.side(PLATFORM).videos.own(&said.id, caller.actor) else { return absent() };
    let has = |part: &str| parts.iter().any(|asked| asked == part);
    // A part that is named takes the place of the old one, with all that is not said in it.
    let snippet = if has("snippet") { said.snippet.unwrap_or_default() } else { video.snippet.clone() };
    let status = if has("status") { said.status.unwrap_or_default() } else { video.status.clone() };
    if let Err(refusal) = check(&snippet, &status) {
        return refusal;
    }
    (video.snippet, video.status) = (snippet, status);
    if settings.youtube_locked {
        "private".clone_into(&mut video.status.privacy_status);
    }
    let answer = view(video, &settings, &parts);
    let id = video.id.clone();
    show(&mut world, &id, caller.actor);
    Json(answer).into_response()
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
) -> Response {
    let id = asked.get("id").map_or("", String::as_str);
    let mut world = state.world();
    let side = world.side(PLATFORM);
    if side.videos.own(id, caller.actor).is_none() {
        return absent();
    }
    side.videos.all.retain(|video| video.id != id);
    side.wall.delete(id);
    StatusCode::NO_CONTENT.into_response()
}
