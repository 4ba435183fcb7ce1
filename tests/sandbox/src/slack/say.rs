//! Posting and deleting messages.

use serde_json::{Value, json};

use super::{APP_ID, BOT_ID, BOT_USER, Call, Channel, PLATFORM, Refusal};
use crate::state::{World, now_ms};
use crate::store::{Attached, Post};

/// What `chat.postMessage` takes.
pub(super) const TAKES: [&str; 17] = [
    "as_user",
    "attachments",
    "blocks",
    "channel",
    "icon_emoji",
    "icon_url",
    "link_names",
    "markdown_text",
    "metadata",
    "mrkdwn",
    "parse",
    "reply_broadcast",
    "text",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
    "username",
];
/// Characters that are kept of a text; the rest is cut off.
const MAX_TEXT: usize = 40_000;
/// Blocks of a message.
const MAX_BLOCKS: usize = 50;
/// Characters of a section.
const MAX_SECTION: usize = 3_000;
/// Characters of all sections together, which is undocumented.
const MAX_SECTIONS: usize = 13_000;
/// Characters of an alternative text.
const MAX_ALT: usize = 2_000;
/// Characters of metadata.
const MAX_METADATA: usize = 8_000;

/// Whether the bot may write there.
fn writable(call: &Call<'_>, channel: &Channel) -> Result<(), Refusal> {
    if channel.archived {
        return Err("is_archived".into());
    }
    if !channel.member && !call.caller.may("chat:write.public") {
        return Err("not_in_channel".into());
    }
    let forbids = match channel.forbids {
        Some("restricted_action_thread_only_channel") | None if call.arguments.contains_key("thread_ts") => {
            channel.forbids_replies
        }
        forbids => forbids,
    };
    forbids.map_or(Ok(()), |error| Err(error.into()))
}

fn broken(n: usize, what: &str, at: &str) -> Refusal {
    let words = format!("{what} [json-pointer:/blocks/{n}{at}]");
    Refusal(
        "invalid_blocks",
        json!({"errors": [words], "response_metadata": {"messages": [format!("[ERROR] {words}")]}}),
    )
}

/// What people read in the blocks, and the pictures in them.
fn blocks(call: &Call<'_>, world: &World) -> Result<Option<(String, Vec<Attached>)>, Refusal> {
    let Some(blocks) = call.value("blocks")? else { return Ok(None) };
    let blocks = blocks.as_array().ok_or(Refusal::from("invalid_blocks_format"))?;
    if blocks.len() > MAX_BLOCKS {
        return Err(broken(MAX_BLOCKS, "no more than 50 items allowed", ""));
    }
    let (mut texts, mut media) = (Vec::new(), Vec::new());
    for (n, block) in blocks.iter().enumerate() {
        match block["type"].as_str() {
            Some("section") => {
                let text = block["text"]["text"].as_str().unwrap_or_default();
                if !matches!(block["text"]["type"].as_str(), Some("mrkdwn" | "plain_text")) || text.is_empty() {
                    return Err(broken(n, "missing required field", "/text"));
                }
                if text.chars().count() > MAX_SECTION {
                    return Err(broken(n, "must be less than 3001 characters", "/text/text"));
                }
                texts.push(text);
            }
            Some("image") => {
                let alt =
                    block["alt_text"].as_str().ok_or_else(|| broken(n, "missing required field: alt_text", ""))?;
                if alt.chars().count() > MAX_ALT {
                    return Err(broken(n, "must be less than 2001 characters", "/alt_text"));
                }
                let id = block["slack_file"]["id"].as_str().unwrap_or_default();
                let file = world.look(PLATFORM).shelf.get(id).filter(|file| file.owner == call.caller.actor);
                let shown = |mime: &str| matches!(mime, "image/png" | "image/jpeg" | "image/gif");
                if !file.is_some_and(|file| file.ready(now_ms()) && shown(&file.mime)) {
                    return Err(broken(n, "invalid slack file", "/slack_file"));
                }
                media.push(Attached { id: id.to_owned(), alt: Some(alt.to_owned()) });
            }
            _ => return Err(broken(n, "unsupported type", "/type")),
        }
    }
    if texts.iter().map(|text| text.chars().count()).sum::<usize>() > MAX_SECTIONS {
        return Err("msg_blocks_too_long".into());
    }
    Ok(Some((texts.join("\n"), media)))
}

fn metadata(call: &Call<'_>) -> Result<(), Refusal> {
    let Some(metadata) = call.value("metadata")? else { return Ok(()) };
    if metadata["event_type"].as_str().is_none_or(str::is_empty) || !metadata["event_payload"].is_object() {
        return Err("invalid_metadata_format".into());
    }
    if metadata.to_string().chars().count() > MAX_METADATA { Err("metadata_too_large".into()) } else { Ok(()) }
}

pub(super) fn message(call: &Call<'_>) -> Result<Value, Refusal> {
    let channel = call.channel()?;
    writable(call, channel)?;
    metadata(call)?;
    let mut world = call.state.world();
    let (text, mut media) = (call.text("text"), Vec::new());
    let mut shown = text.to_owned();
    if let Some((texts, pictures)) = blocks(call, &world)? {
        // The text is for notifications then.
        (shown, media) = (texts, pictures);
    } else if text.trim().is_empty() {
        return Err("no_text".into());
    }
    // A reply to what is not there stands in the channel.
    let asked = call.arguments.get("thread_ts").and_then(Value::as_str).unwrap_or_default();
    let root = world.look(PLATFORM).wall.get(asked).filter(|post| place(post) == (channel.team, channel.id));
    if root.is_some_and(|post| post.reply_to.is_some()) {
        return Err("cannot_reply_to_message".into());
    }
    let reply_to = root.map(|post| post.id.clone());
    let (now, truncated) = (now_ms(), shown.chars().count() > MAX_TEXT);
    let side = world.side(PLATFORM);
    let us = side.rising(now * 1_000);
    let post = Post {
        id: format!("{}.{:06}", us / 1_000_000, us % 1_000_000),
        author: format!("{}/{}", channel.team, channel.id),
        author_name: format!("Herald in #{}", channel.name),
        text: read_by_people(&shown.chars().take(MAX_TEXT).collect::<String>()),
        raw: json!(call.arguments).to_string(),
        truncated,
        media,
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to,
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    };
    let answer = json!({"channel": channel.id, "ts": post.id, "message": listed(&post, false)});
    side.wall.commit(post);
    Ok(answer)
}

/// The channel that files are shared in. There the bot must be a member, whatever else it may.
pub(super) fn place_of_files(call: &Call<'_>) -> Result<&'static Channel, Refusal> {
    let channel = call.channel_in("channel_id")?;
    if !channel.member {
        return Err("not_in_channel".into());
    }
    writable(call, channel)?;
    Ok(channel)
}

/// The message that shares these files.
pub(super) fn files(call: &Call<'_>, world: &mut World, channel: &Channel, ids: &[&str]) {
    let root = world.look(PLATFORM).wall.get(call.text("thread_ts"));
    let root = root.filter(|post| place(post) == (channel.team, channel.id)).map(|post| post.id.clone());
    let now = now_ms();
    let side = world.side(PLATFORM);
    let us = side.rising(now * 1_000);
    let text: String = call.text("initial_comment").chars().take(MAX_TEXT).collect();
    side.wall.commit(Post {
        id: format!("{}.{:06}", us / 1_000_000, us % 1_000_000),
        author: format!("{}/{}", channel.team, channel.id),
        author_name: format!("Herald in #{}", channel.name),
        truncated: call.text("initial_comment").chars().count() > MAX_TEXT,
        text: read_by_people(&text),
        raw: json!({"text": text, "files": ids, "arguments": call.arguments}).to_string(),
        media: ids.iter().map(|id| Attached { id: (*id).to_owned(), alt: None }).collect(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to: root,
        visibility: None,
        created_ms: now,
        targets: Vec::new(),
        deleted: false,
    });
}

/// The files that a message shares, which is another thing than showing them in a block.
fn shared(sent: &Value) -> Vec<Value> {
    sent["files"].as_array().into_iter().flatten().map(|id| json!({"id": id})).collect()
}

/// As which messages a file was shared, as the API tells it of the file.
pub(super) fn shares(world: &World, file: &str) -> Value {
    let visible = now_ms() - world.settings.slack_share_ms;
    let mut told = json!({});
    let shown = |post: &&Post| post.created_ms <= visible && post.media.iter().any(|media| media.id == file);
    for post in world.look(PLATFORM).wall.live().filter(shown) {
        let sent: Value = serde_json::from_str(&post.raw).unwrap_or_default();
        if shared(&sent).iter().all(|shared| shared["id"] != file) {
            continue;
        }
        let (_, channel) = place(post);
        let mut share = json!({"ts": post.id, "channel_name": "channel"});
        if let Some(root) = &post.reply_to {
            share["thread_ts"] = json!(root);
        }
        let kind = if channel.starts_with('G') { "private" } else { "public" };
        told[kind][channel] = json!([share]);
    }
    told
}

/// Another text for a message without blocks and files.
pub(super) fn amend(call: &Call<'_>) -> Result<Value, Refusal> {
    let (channel, ts, text) = (call.channel()?, call.needed("ts")?, call.text("text"));
    if text.trim().is_empty() {
        return Err("no_text".into());
    }
    // Unlike a message that is posted, a change is read as a person's client reads what is typed, unless it asks not to be.
    let read = if call.text("parse") == "none" { text.to_owned() } else { text.replace("@channel", "<!channel>") };
    let text = read.as_str();
    let mut world = call.state.world();
    let found = world.side(PLATFORM).wall.get_mut(ts).filter(|post| place(post) == (channel.team, channel.id));
    let post = found.ok_or(Refusal::from("message_not_found"))?;
    if !post.media.is_empty() {
        return Err("block_mismatch".into());
    }
    let mut sent: Value = serde_json::from_str(&post.raw).unwrap_or_default();
    sent["text"] = json!(text);
    post.raw = sent.to_string();
    post.text = read_by_people(&text.chars().take(MAX_TEXT).collect::<String>());
    Ok(json!({"channel": channel.id, "ts": ts, "text": text, "message": listed(post, false)}))
}

pub(super) fn delete(call: &Call<'_>) -> Result<Value, Refusal> {
    let (channel, ts) = (call.channel()?, call.needed("ts")?);
    let mut world = call.state.world();
    let there = world.look(PLATFORM).wall.get(ts).is_some_and(|post| place(post) == (channel.team, channel.id));
    if !there {
        return Err("message_not_found".into());
    }
    world.side(PLATFORM).wall.delete(ts);
    Ok(json!({"channel": channel.id, "ts": ts}))
}

/// Workspace and channel of a message.
pub(super) fn place(post: &Post) -> (&str, &str) {
    post.author.split_once('/').unwrap_or_default()
}

/// A message as the API gives it.
pub(super) fn listed(post: &Post, with_metadata: bool) -> Value {
    let sent: Value = serde_json::from_str(&post.raw).unwrap_or_default();
    let mut message = json!({
        "type": "message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID, "team": place(post).0, "ts": post.id,
        "text": kept(sent["text"].as_str().unwrap_or_default()),
    });
    if !sent["blocks"].is_null() {
        message["blocks"] = sent["blocks"].clone();
    }
    let files = shared(&sent);
    if !files.is_empty() {
        message["files"] = json!(files);
    }
    if let Some(root) = &post.reply_to {
        message["thread_ts"] = json!(root);
    }
    if with_metadata && !sent["metadata"].is_null() {
        message["metadata"] = sent["metadata"].clone();
    }
    message
}

/// A text as Slack keeps it: links in brackets, emoji by their names.
fn kept(text: &str) -> String {
    let link = |word: &str| {
        let link = word.starts_with("https://") || word.starts_with("http://");
        if link { format!("<{word}>") } else { word.to_owned() }
    };
    let marked: Vec<String> =
        text.split('\n').map(|line| line.split(' ').map(link).collect::<Vec<_>>().join(" ")).collect();
    marked.join("\n").replace('🎉', ":tada:").replace("👨‍👩‍👧", ":man-woman-girl:")
}

/// What people read: mentions by their names, links by their labels, entities as what they stand for.
fn read_by_people(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('<') {
        let Some((inner, after)) = after.split_once('>') else { break };
        out.push_str(before);
        let (target, label) = inner.split_once('|').unwrap_or((inner, inner));
        match target.chars().next() {
            Some('!' | '@') => out.extend(["@", label.trim_start_matches(['!', '@'])]),
            Some('#') => out.extend(["#", label.trim_start_matches('#')]),
            _ => out.push_str(label),
        }
        rest = after;
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
