//! Creating a post on X and every reason to refuse one.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{PLATFORM, invalid, person, problem, text};
use crate::directory::{self, X_USERS};
use crate::oauth::Caller;
use crate::state::{State, World, now_ms};
use crate::store::{Attached, Post};

/// Units of a post; a Premium account may write more.
const MAX_UNITS: usize = 280;
const MAX_UNITS_PREMIUM: usize = 25_000;
/// What self-serve access may not use, or what the sandbox has no picture of.
const NOT_PERMITTED: &[&str] = &[
    "quote_tweet_id",
    "edit_options",
    "community_id",
    "share_with_followers",
    "card_uri",
    "nullcast",
    "direct_message_deep_link",
    "for_super_followers_only",
];
/// Fields without an effect that a person could see here.
const IGNORED: &[&str] = &["geo", "made_with_ai", "paid_partnership"];
/// What X says to replies, mentions and lengths it does not allow.
pub(super) const FORBIDDEN_ACTION: &str = "You are not permitted to perform this action.";

#[derive(Deserialize)]
struct NewPost {
    #[serde(default)]
    text: String,
    media: Option<NewMedia>,
    poll: Option<NewPoll>,
    reply: Option<NewReply>,
    reply_settings: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMedia {
    media_ids: Vec<String>,
    #[serde(default, rename = "tagged_user_ids")]
    _tagged: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPoll {
    options: Vec<String>,
    duration_minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReply {
    in_reply_to_tweet_id: String,
    #[serde(default, rename = "exclude_reply_user_ids")]
    _excluded: Vec<String>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Response {
    let new: NewPost = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return invalid("body", &Value::Null, &error.to_string()),
    };
    let mut world = state.world();
    if let Err(refusal) = check(&world, &caller, &new) {
        return refusal;
    }
    let now = now_ms();
    let post = Post {
        id: world.next_id(PLATFORM, now),
        author: caller.actor.to_owned(),
        author_name: person(caller.actor).0.to_owned(),
        text: new.text.clone(),
        raw: new.text,
        truncated: false,
        media: new.media.map_or_else(Vec::new, |media| attach(&world, &media.media_ids)),
        card: None,
        poll: new.poll.map(|poll| poll.options).unwrap_or_default(),
        asked: None,
        reply_to: new.reply.map(|reply| reply.in_reply_to_tweet_id),
        visibility: new.reply_settings,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let (text, _) = text::on_the_wire(&post.id, &post.text, !post.media.is_empty());
    let answer = json!({"data": {"id": post.id, "text": text, "edit_history_post_ids": [post.id]}});
    world.x.wall.commit(post);
    (StatusCode::CREATED, Json(answer)).into_response()
}

fn attach(world: &World, ids: &[String]) -> Vec<Attached> {
    let alt = |id: &String| world.x.shelf.get(id).and_then(|media| media.alt.clone());
    ids.iter().map(|id| Attached { id: id.clone(), alt: alt(id) }).collect()
}

fn check(world: &World, caller: &Caller, new: &NewPost) -> Result<(), Response> {
    check_form(new)?;
    let premium = directory::find(X_USERS, caller.actor).is_some_and(|user| user.premium);
    if text::weight(&new.text) > if premium { MAX_UNITS_PREMIUM } else { MAX_UNITS } {
        return Err(problem(StatusCode::FORBIDDEN, FORBIDDEN_ACTION));
    }
    if let Some(media) = &new.media {
        check_media(world, caller, &media.media_ids)?;
    }
    if let Some(reply) = &new.reply {
        check_reply(world, caller, &reply.in_reply_to_tweet_id)?;
    }
    let same = |post: &Post| post.author == caller.actor && post.raw == new.text;
    if !new.text.is_empty() && world.x.wall.live().any(same) {
        return Err(problem(StatusCode::FORBIDDEN, "You are not allowed to create a Tweet with duplicate content."));
    }
    Ok(())
}

/// What can be refused without looking at the world.
fn check_form(new: &NewPost) -> Result<(), Response> {
    if let Some(name) =
        new.rest.keys().find(|name| !NOT_PERMITTED.contains(&name.as_str()) && !IGNORED.contains(&name.as_str()))
    {
        return Err(invalid(name, &new.rest[name], &format!("[{name}] is not a valid request parameter")));
    }
    if new.rest.keys().any(|name| NOT_PERMITTED.contains(&name.as_str())) {
        return Err(problem(StatusCode::FORBIDDEN, FORBIDDEN_ACTION));
    }
    if new.text.trim().is_empty() && new.media.is_none() {
        return Err(invalid("text", &json!(new.text), "Your post needs text or media."));
    }
    if new.media.is_some() && new.poll.is_some() {
        return Err(invalid("poll", &Value::Null, "Media and poll exclude each other."));
    }
    if let Some(poll) = &new.poll {
        let options = (2..=4).contains(&poll.options.len())
            && poll.options.iter().all(|option| (1..=25).contains(&option.chars().count()));
        if !options || !(5..=10_080).contains(&poll.duration_minutes) {
            return Err(invalid(
                "poll",
                &json!(poll.options),
                "2 to 4 options of 1 to 25 characters, 5 to 10080 minutes.",
            ));
        }
    }
    match new.reply_settings.as_deref() {
        None | Some("following" | "mentionedUsers" | "subscribers" | "verified") => Ok(()),
        Some(other) => Err(invalid("reply_settings", &json!(other), "Not one of the allowed values.")),
    }
}

fn check_media(world: &World, caller: &Caller, ids: &[String]) -> Result<(), Response> {
    let now = now_ms();
    let usable = |id: &String| world.x.shelf.get(id).is_some_and(|item| item.owner == caller.actor && item.ready(now));
    if !(1..=4).contains(&ids.len()) || !ids.iter().all(usable) {
        return Err(invalid("media.media_ids", &json!(ids), "Your media IDs are invalid."));
    }
    let single = |id: &String| {
        world.x.shelf.get(id).is_some_and(|item| item.mime == "image/gif" || item.mime.starts_with("video/"))
    };
    if ids.len() > 1 && ids.iter().any(single) {
        return Err(invalid("media.media_ids", &json!(ids), "A GIF or a video must be the only media of a post."));
    }
    Ok(())
}

/// Own posts may be answered; a stranger's only when it mentions the caller (the "summoned" rule of self-serve access).
fn check_reply(world: &World, caller: &Caller, target: &str) -> Result<(), Response> {
    let Some(target) = world.x.wall.get(target) else {
        let detail = "You attempted to reply to a Tweet that is deleted or not visible to you.";
        return Err(problem(StatusCode::FORBIDDEN, detail));
    };
    let handle = format!("@{}", person(caller.actor).1);
    if target.author == caller.actor || target.text.contains(&handle) {
        return Ok(());
    }
    Err(problem(StatusCode::FORBIDDEN, FORBIDDEN_ACTION))
}
