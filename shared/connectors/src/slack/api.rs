//! The wire types of the Web API, named as Slack names them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `chat.postMessage`.
#[derive(Serialize)]
pub(super) struct NewMessage<'a> {
    pub(super) channel: &'a str,
    /// What people read; beside `blocks` only what notifications say.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) blocks: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thread_ts: Option<&'a str>,
    pub(super) unfurl_links: bool,
    pub(super) unfurl_media: bool,
    pub(super) metadata: NewMetadata,
}

/// What people do not see.
#[derive(Serialize)]
pub(super) struct NewMetadata {
    pub(super) event_type: &'static str,
    pub(super) event_payload: Payload,
}

#[derive(Serialize)]
pub(super) struct Payload {
    /// Names the part of the delivery.
    pub(super) part: String,
}

/// A block of a message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Section { text: Mrkdwn },
    Image { slack_file: SlackFile<'a>, alt_text: &'a str },
}

/// A text object.
#[derive(Serialize)]
pub(super) struct Mrkdwn {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) text: String,
    /// Names of channels and people in it are no mentions.
    pub(super) verbatim: bool,
}

#[derive(Serialize)]
pub(super) struct SlackFile<'a> {
    pub(super) id: &'a str,
}

/// What `chat.postMessage` answers.
#[derive(Deserialize)]
pub(super) struct Posted {
    pub(super) channel: String,
    pub(super) ts: String,
    #[serde(default)]
    pub(super) message: Said,
}

/// The message as it stands there.
#[derive(Deserialize, Default)]
pub(super) struct Said {
    /// The thread it is in; none of one that stands in the channel, whatever was asked for.
    pub(super) thread_ts: Option<String>,
}

/// What `auth.test` answers.
#[derive(Deserialize)]
pub(super) struct Me {
    #[serde(default)]
    pub(super) team: String,
    pub(super) team_id: String,
    /// The workspace's address: `https://subarachnoid.slack.com/`.
    #[serde(default)]
    pub(super) url: String,
    pub(super) user_id: String,
    pub(super) bot_id: Option<String>,
}

/// What `conversations.list` answers.
#[derive(Deserialize)]
pub(super) struct Channels {
    pub(super) channels: Vec<Channel>,
    #[serde(default)]
    pub(super) response_metadata: Next,
}

#[derive(Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) is_archived: bool,
    #[serde(default)]
    pub(super) is_private: bool,
    #[serde(default)]
    pub(super) is_member: bool,
}

/// Where a list goes on; it ends where this is empty.
#[derive(Deserialize, Default)]
pub(super) struct Next {
    #[serde(default)]
    pub(super) next_cursor: String,
}

/// What `conversations.history` and `conversations.replies` answer.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    pub(super) has_more: bool,
    #[serde(default)]
    pub(super) response_metadata: Next,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) ts: String,
    pub(super) user: Option<String>,
    pub(super) bot_id: Option<String>,
    #[serde(default)]
    pub(super) text: String,
    pub(super) thread_ts: Option<String>,
    pub(super) edited: Option<serde::de::IgnoredAny>,
    pub(super) metadata: Option<Metadata>,
    /// The files that it shares.
    #[serde(default)]
    pub(super) files: Vec<Shown>,
}

/// A file, by its id.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) event_payload: Value,
}

/// What `files.getUploadURLExternal` answers.
#[derive(Deserialize)]
pub(super) struct Upload {
    pub(super) upload_url: String,
    pub(super) file_id: String,
}

/// What `files.info` answers.
#[derive(Deserialize)]
pub(super) struct FileInfo {
    pub(super) file: File,
}

#[derive(Deserialize)]
pub(super) struct File {
    /// Empty while the file is being looked at.
    #[serde(default)]
    pub(super) mimetype: String,
    #[serde(default)]
    pub(super) shares: Shares,
}

/// As which messages a file was shared, by channel.
#[derive(Deserialize, Default)]
pub(super) struct Shares {
    #[serde(default)]
    pub(super) public: BTreeMap<String, Vec<Share>>,
    #[serde(default)]
    pub(super) private: BTreeMap<String, Vec<Share>>,
}

#[derive(Deserialize)]
pub(super) struct Share {
    #[serde(default)]
    pub(super) ts: String,
    /// The thread it is in.
    pub(super) thread_ts: Option<String>,
}

/// What `files.completeUploadExternal` answers.
#[derive(Deserialize)]
pub(super) struct Completed {
    pub(super) files: Vec<Shown>,
}

/// An answer whose shape does not matter.
#[derive(Deserialize)]
pub(super) struct Done {}

/// A refusal, which comes as a 200.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) ok: bool,
    #[serde(default)]
    pub(super) error: String,
    /// The scope that is missing.
    #[serde(default)]
    pub(super) needed: String,
    #[serde(default)]
    pub(super) response_metadata: Messages,
}

#[derive(Deserialize, Default)]
pub(super) struct Messages {
    #[serde(default)]
    pub(super) messages: Vec<String>,
}
