//! Comments below videos, by the channel itself: threads are begun, answered, listed by state, and comments changed and deleted.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{PLATFORM, absent, bad, oauth, parts, refused};
use crate::consent::Fields;
use crate::faults::Lag;
use crate::oauth::Caller;
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::Post;

/// Longest comment, in characters.
const MAX_CHARS: usize = 10_000;
/// Threads of a page unless another number is asked for, and at most.
const PAGE: usize = 20;
const MOST: usize = 100;

#[derive(Deserialize)]
struct Said {
    snippet: Thread,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    video_id: String,
    top_level_comment: Comment,
}

#[derive(Deserialize)]
struct Comment {
    snippet: Snippet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snippet {
    text_original: String,
}

/// Whether the channel's video may be commented; the refusal where it may not.
fn open(world: &mut World, video: &str, channel: &str) -> Result<(), Response> {
    let off = !world.settings.youtube_comments;
    let Some(video) = world.side(PLATFORM).videos.own(video, channel) else { return Err(absent()) };
    if off || video.status.self_declared_made_for_kids || video.status.privacy_status == "private" {
        let words = "The video identified by the videoId parameter has disabled comments.";
        return Err(refused(StatusCode::FORBIDDEN, "commentsDisabled", words));
    }
    Ok(())
}

fn view(post: &Post) -> Value {
    let comment = json!({
        "kind": "youtube#comment", "id": post.id,
        "snippet": {
            "authorChannelId": {"value": post.author}, "authorDisplayName": post.author_name, "videoId": post.reply_to,
            "textOriginal": post.raw, "textDisplay": post.text, "publishedAt": rfc3339(post.created_ms),
            "updatedAt": rfc3339(post.created_ms),
        },
    });
    let snippet = json!({"videoId": post.reply_to, "topLevelComment": comment, "isPublic": true, "totalReplyCount": 0});
    json!({"kind": "youtube#commentThread", "id": post.id, "snippet": snippet})
}

pub(super) async fn insert(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    body: Bytes,
) -> Response {
    let Ok(Said { snippet }) = serde_json::from_slice::<Said>(&body) else { return bad("parseError", "Parse Error") };
    let text = snippet.top_level_comment.snippet.text_original;
    if parts(&asked) != ["snippet"] {
        return bad("missingRequiredParameter", "part is needed");
    }
    if let Some(refusal) = wordless(&text) {
        return refusal;
    }
    let mut world = state.world();
    if let Err(refusal) = open(&mut world, &snippet.video_id, caller.actor) {
        return refusal;
    }
    let side = world.side(PLATFORM);
    let post = Post {
        id: format!("Ugx{:020}AaABAg", side.next_number()),
        reply_to: Some(snippet.video_id),
        ..said(&caller, text)
    };
    let told = view(&post);
    side.wall.commit(post);
    Json(told).into_response()
}

#[derive(Deserialize)]
struct Replied {
    id: Option<String>,
    snippet: Reply,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default)]
    parent_id: String,
    text_original: String,
}

/// Whether it is a comment that begins a thread: the video that it stands below.
fn begins(world: &World, id: &str) -> Option<String> {
    let video = world.look(PLATFORM).wall.get(id)?.reply_to.clone()?;
    world.look(PLATFORM).wall.get(&video).is_none_or(|above| above.reply_to.is_none()).then_some(video)
}

/// An answer by itself.
fn one(post: &Post, video: &str) -> Value {
    json!({
        "kind": "youtube#comment", "id": post.id,
        "snippet": {
            "authorChannelId": {"value": post.author}, "authorDisplayName": post.author_name, "parentId": post.reply_to,
            "videoId": video, "textOriginal": post.raw, "textDisplay": post.text, "publishedAt": rfc3339(post.created_ms),
        },
    })
}

/// What is said of a text that is no comment.
fn wordless(text: &str) -> Option<Response> {
    let empty = text.trim().is_empty();
    let reason = if empty { "commentTextRequired" } else { "commentTextTooLong" };
    let wrong = empty || text.chars().count() > MAX_CHARS;
    wrong.then(|| bad(reason, "The comment resource that is being inserted is too long or has no text."))
}

/// An answer to a comment that begins a thread.
pub(super) async fn reply(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
    body: Bytes,
) -> Response {
    let Ok(Replied { snippet, .. }) = serde_json::from_slice::<Replied>(&body) else {
        return bad("parseError", "Parse Error");
    };
    if parts(&asked) != ["snippet"] {
        return bad("missingRequiredParameter", "part is needed");
    }
    if let Some(refusal) = wordless(&snippet.text_original) {
        return refusal;
    }
    let mut world = state.world();
    let Some(video) = begins(&world, &snippet.parent_id) else {
        return refused(
            StatusCode::NOT_FOUND,
            "parentCommentNotFound",
            "The specified parent comment could not be found.",
        );
    };
    if let Err(refusal) = open(&mut world, &video, caller.actor) {
        return refusal;
    }
    let side = world.side(PLATFORM);
    let post = Post {
        id: format!("{}.{:022}", snippet.parent_id, side.next_number()),
        reply_to: Some(snippet.parent_id),
        ..said(&caller, snippet.text_original)
    };
    let told = one(&post, &video);
    side.wall.commit(post);
    Json(told).into_response()
}

/// The answers to a comment, the oldest first.
pub(super) async fn replies(
    extract::State(state): extract::State<State>,
    lag: Option<Extension<Lag>>,
    Query(asked): Query<Fields>,
) -> Response {
    let Some(parent) = asked.get("parentId").filter(|_| !parts(&asked).is_empty()) else {
        return bad("missingRequiredParameter", "part and a filter are needed");
    };
    let newest_ms = Lag::newest_ms(lag);
    let world = state.world();
    let Some(video) = begins(&world, parent) else { return absent() };
    let below = |post: &&Post| post.reply_to.as_ref() == Some(parent) && post.created_ms <= newest_ms;
    let items: Vec<Value> = world.look(PLATFORM).wall.live().filter(below).map(|post| one(post, &video)).collect();
    paged("youtube#commentListResponse", &items, &asked)
}

/// Other words for an answer.
pub(super) async fn update(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let Ok(Replied { id: Some(id), snippet }) = serde_json::from_slice::<Replied>(&body) else {
        return bad("parseError", "Parse Error");
    };
    if let Some(refusal) = wordless(&snippet.text_original) {
        return refusal;
    }
    let mut world = state.world();
    let video = world.look(PLATFORM).wall.get(&id).and_then(|post| begins(&world, post.reply_to.as_deref()?));
    let found = world.side(PLATFORM).wall.get_mut(&id).filter(|post| post.author == caller.actor);
    let (Some(video), Some(post)) = (video, found) else {
        return refused(StatusCode::NOT_FOUND, "commentNotFound", "The specified comment could not be found.");
    };
    (post.raw, post.text) = (snippet.text_original.clone(), snippet.text_original);
    Json(one(post, &video)).into_response()
}

/// A comment of the caller's with this text, which is not placed yet.
fn said(caller: &Caller, text: String) -> Post {
    Post {
        id: String::new(),
        author: caller.actor.to_owned(),
        author_name: oauth::channel(caller.actor).map(|actor| actor.name.to_owned()).unwrap_or_default(),
        raw: text.clone(),
        text,
        truncated: false,
        media: Vec::new(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: None,
        targets: Vec::new(),
        created_ms: now_ms(),
        deleted: false,
    }
}

/// Somebody else's comment below a video, or answer to one that begins a thread; its id.
pub(crate) fn stranger(world: &mut World, on: &str, author: &str, text: String) -> Option<String> {
    let answer = begins(world, on).is_some();
    let side = world.side(PLATFORM);
    if !answer && side.videos.all.iter().all(|video| video.id != on) {
        return None;
    }
    let number = side.next_number();
    let id = if answer { format!("{on}.{number:022}") } else { format!("Ugx{number:020}AaABAg") };
    side.wall.commit(Post {
        id: id.clone(),
        author: format!("UC{author}"),
        author_name: format!("@{author}"),
        raw: text.clone(),
        text,
        truncated: false,
        media: Vec::new(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to: Some(on.to_owned()),
        visibility: None,
        targets: Vec::new(),
        created_ms: now_ms(),
        deleted: false,
    });
    Some(id)
}

/// A page of a list.
fn paged(kind: &str, all: &[Value], asked: &Fields) -> Response {
    let number = |name: &str| asked.get(name).and_then(|number| number.parse::<usize>().ok());
    let (from, most) = (number("pageToken").unwrap_or(0), number("maxResults").unwrap_or(PAGE).min(MOST));
    let items: Vec<&Value> = all.iter().skip(from).take(most).collect();
    let mut answer = json!({"kind": kind, "items": items});
    if from + most < all.len() {
        answer["nextPageToken"] = json!((from + most).to_string());
    }
    Json(answer).into_response()
}

/// All threads below a channel's videos, the newest first; with `replies` each has its latest answers.
fn related(world: &World, channel: &str, newest_ms: i64, asked: &Fields) -> Response {
    /// Answers that stand with a thread.
    const SOME: usize = 5;
    let side = world.look(PLATFORM);
    let shown = |post: &&Post| post.created_ms <= newest_ms;
    let on = |post: &&Post| post.reply_to.as_deref().is_some_and(|video| side.videos.is_of(video, channel));
    let thread = |post: &Post| {
        let mut thread = view(post);
        let video = post.reply_to.as_deref().unwrap_or_default();
        let below = |answer: &&Post| answer.reply_to.as_ref() == Some(&post.id);
        let answers: Vec<Value> =
            side.wall.live().rev().filter(shown).filter(below).map(|answer| one(answer, video)).collect();
        thread["snippet"]["totalReplyCount"] = json!(answers.len());
        if parts(asked).iter().any(|part| part == "replies") && !answers.is_empty() {
            thread["replies"] = json!({"comments": answers.iter().take(SOME).collect::<Vec<_>>()});
        }
        thread
    };
    let all: Vec<Value> = side.wall.live().rev().filter(shown).filter(on).map(thread).collect();
    paged("youtube#commentThreadListResponse", &all, asked)
}

/// The threads below a video or a whole channel, the newest first, or the one with an id. What is held back is none here.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    Query(asked): Query<Fields>,
) -> Response {
    if let Some(id) = asked.get("id").filter(|_| !parts(&asked).is_empty()) {
        let world = state.world();
        let thread = begins(&world, id).and_then(|_| world.look(PLATFORM).wall.get(id)).map(view);
        return paged("youtube#commentThreadListResponse", thread.as_slice(), &asked);
    }
    if let Some(channel) = asked.get("allThreadsRelatedToChannelId").filter(|_| !parts(&asked).is_empty()) {
        return related(&state.world(), channel, Lag::newest_ms(lag), &asked);
    }
    let Some(video) = asked.get("videoId").filter(|_| !parts(&asked).is_empty()) else {
        return bad("missingRequiredParameter", "part and a filter are needed");
    };
    let newest_ms = Lag::newest_ms(lag);
    let mut world = state.world();
    if let Err(refusal) = open(&mut world, video, caller.actor) {
        return refusal;
    }
    let shown = asked.get("moderationStatus").is_none_or(|state| state == "published");
    let all: Vec<Value> = world
        .look(PLATFORM)
        .wall
        .live()
        .rev()
        .filter(|post| shown && post.reply_to.as_ref() == Some(video) && post.created_ms <= newest_ms)
        .map(view)
        .collect();
    paged("youtube#commentThreadListResponse", &all, &asked)
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Fields>,
) -> Response {
    let id = asked.get("id").map_or("", String::as_str);
    let mut world = state.world();
    let wall = &mut world.side(PLATFORM).wall;
    let own = wall.get(id).is_some_and(|post| post.author == caller.actor && post.reply_to.is_some() && !post.deleted);
    if !own {
        return refused(StatusCode::NOT_FOUND, "commentNotFound", "The specified comment could not be found.");
    }
    wall.delete(id);
    StatusCode::NO_CONTENT.into_response()
}
