//! What can be read: who one is, the channels, what was said in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::oauth::workspace;
use super::say::{listed, place};
use super::{BOT_ID, BOT_USER, CHANNELS, Call, Channel, PLATFORM, Refusal};

/// What the two lists of messages take.
pub(super) const TAKES: [&str; 8] =
    ["channel", "cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest", "ts"];
/// What the list of channels takes.
pub(super) const LIST_TAKES: [&str; 5] = ["cursor", "exclude_archived", "limit", "team_id", "types"];
/// Items of a page unless another number is asked for.
const USUAL: usize = 100;

pub(super) fn me(call: &Call<'_>) -> Result<Value, Refusal> {
    let workspace = workspace(call.caller.actor).ok_or(Refusal::from("account_inactive"))?;
    Ok(json!({
        "url": format!("https://{}.slack.com/", workspace.handle), "team": workspace.name, "team_id": workspace.id,
        "user": "herald", "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": false,
    }))
}

/// How many items a page has.
fn limit(call: &Call<'_>) -> Result<usize, Refusal> {
    let asked = match call.text("limit") {
        "" => USUAL,
        text => text.parse().ok().filter(|n| (1..1_000).contains(n)).ok_or(Refusal::from("invalid_limit"))?,
    };
    Ok(asked.min(call.state.world().settings.slack_page))
}

/// Where the page begins.
fn from(call: &Call<'_>) -> Result<usize, Refusal> {
    let cursor = call.text("cursor");
    if cursor.is_empty() {
        return Ok(0);
    }
    let text = STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let number = text.as_deref().and_then(|text| text.strip_prefix("next:")?.parse().ok());
    number.ok_or(Refusal::from("invalid_cursor"))
}

/// A page of these, and where the list goes on.
fn page(call: &Call<'_>, items: &[Value]) -> Result<(Vec<Value>, String), Refusal> {
    let (from, limit) = (from(call)?, limit(call)?);
    let page: Vec<Value> = items.iter().skip(from).take(limit).cloned().collect();
    let more = from + page.len() < items.len();
    let cursor = if more { STANDARD.encode(format!("next:{}", from + page.len())) } else { String::new() };
    Ok((page, cursor))
}

pub(super) fn channels(call: &Call<'_>) -> Result<Value, Refusal> {
    let types: Vec<&str> = call.text("types").split(',').collect();
    let wants = |kind: &str| types.contains(&kind) || (types == [""] && kind == "public_channel");
    if wants("public_channel") {
        call.scope("channels:read")?;
    }
    if wants("private_channel") {
        call.scope("groups:read")?;
    }
    let shown = |channel: &&Channel| {
        let seen = if channel.private { channel.member && wants("private_channel") } else { wants("public_channel") };
        seen && channel.team == call.caller.actor && !(channel.archived && call.text("exclude_archived") == "true")
    };
    let all: Vec<Value> = CHANNELS
        .iter()
        .filter(shown)
        .map(|channel| {
            json!({
                "id": channel.id, "name": channel.name, "is_channel": !channel.private, "is_group": channel.private,
                "is_im": false, "is_archived": channel.archived, "is_private": channel.private,
                "is_member": channel.member, "context_team_id": channel.team,
            })
        })
        .collect();
    let (channels, next_cursor) = page(call, &all)?;
    Ok(json!({"channels": channels, "response_metadata": {"next_cursor": next_cursor}}))
}

/// The channel, if what was said there may be read.
fn readable(call: &Call<'_>) -> Result<&'static Channel, Refusal> {
    let channel = call.channel()?;
    call.scope(if channel.private { "groups:history" } else { "channels:history" })?;
    if channel.member { Ok(channel) } else { Err("not_in_channel".into()) }
}

/// The messages that `shown` names, by its `ts` and the one it answers, oldest first.
fn said(call: &Call<'_>, channel: &Channel, shown: impl Fn(&str, Option<&str>) -> bool) -> Vec<Value> {
    let (oldest, latest) = (call.text("oldest"), call.text("latest"));
    let with_metadata = call.text("include_all_metadata") == "true";
    let world = call.state.world();
    let posts = world.look(PLATFORM).wall.live().filter(|post| {
        let here = place(post) == (channel.team, channel.id) && shown(&post.id, post.reply_to.as_deref());
        let timely = (oldest.is_empty() || *post.id > *oldest) && (latest.is_empty() || *post.id < *latest);
        // The message that a thread begins with comes with it whatever was asked for.
        let first = post.id == call.text("ts");
        here && (timely || first) && post.created_ms <= call.newest_ms
    });
    posts.map(|post| listed(post, with_metadata)).collect()
}

fn answered(call: &Call<'_>, messages: &[Value]) -> Result<Value, Refusal> {
    let (messages, next_cursor) = page(call, messages)?;
    let has_more = !next_cursor.is_empty();
    Ok(json!({"messages": messages, "has_more": has_more, "response_metadata": {"next_cursor": next_cursor}}))
}

pub(super) fn history(call: &Call<'_>) -> Result<Value, Refusal> {
    let channel = readable(call)?;
    let mut messages = said(call, channel, |_, root| root.is_none());
    messages.reverse();
    answered(call, &messages)
}

pub(super) fn replies(call: &Call<'_>) -> Result<Value, Refusal> {
    let channel = readable(call)?;
    let ts = call.needed("ts")?;
    let there = call.state.world().look(PLATFORM).wall.get(ts).is_some_and(|p| place(p) == (channel.team, channel.id));
    if !there {
        return Err("thread_not_found".into());
    }
    answered(call, &said(call, channel, |id, root| id == ts || root == Some(ts)))
}
