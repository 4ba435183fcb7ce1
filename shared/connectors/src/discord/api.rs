//! The wire types of API v10, named as Discord names them.

use serde::{Deserialize, Serialize};

/// `POST /channels/{channel.id}/messages`.
#[derive(Serialize)]
pub(super) struct NewMessage<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) content: &'a str,
    pub(super) allowed_mentions: AllowedMentions,
    pub(super) nonce: String,
    pub(super) enforce_nonce: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message_reference: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attachments: Vec<NewAttachment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) poll: Option<NewPoll<'a>>,
}

/// Another text for a message.
#[derive(Serialize)]
pub(super) struct EditedMessage<'a> {
    pub(super) content: &'a str,
    pub(super) allowed_mentions: AllowedMentions,
}

/// A poll of a message.
#[derive(Serialize)]
pub(super) struct NewPoll<'a> {
    pub(super) question: NewPollMedia<'a>,
    pub(super) answers: Vec<NewAnswer<'a>>,
    /// Hours.
    pub(super) duration: u32,
    pub(super) allow_multiselect: bool,
}

#[derive(Serialize)]
pub(super) struct NewAnswer<'a> {
    pub(super) poll_media: NewPollMedia<'a>,
}

#[derive(Serialize)]
pub(super) struct NewPollMedia<'a> {
    pub(super) text: &'a str,
}

/// Who is notified.
#[derive(Serialize)]
pub(super) struct AllowedMentions {
    pub(super) parse: [&'static str; 0],
}

#[derive(Serialize)]
pub(super) struct Reference<'a> {
    pub(super) message_id: &'a str,
}

#[derive(Serialize)]
pub(super) struct NewAttachment<'a> {
    /// Which of the form's files.
    pub(super) id: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    /// What readers see instead of a document's file name, of which Discord keeps plain letters only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
}

/// `GET /users/@me`, and the author of a message.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    #[serde(default)]
    pub(super) bot: bool,
}

/// `GET /channels/{channel.id}`.
#[derive(Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: u32,
    pub(super) guild_id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) channel_id: String,
    pub(super) author: User,
    #[serde(default)]
    pub(super) content: String,
    #[serde(default)]
    pub(super) attachments: Vec<serde::de::IgnoredAny>,
    #[serde(rename = "message_reference")]
    pub(super) reference: Option<Referenced>,
    pub(super) edited_timestamp: Option<String>,
    pub(super) poll: Option<Poll>,
    /// Of what a webhook said, which webhook.
    pub(super) webhook_id: Option<serde::de::IgnoredAny>,
}

/// The poll of a message, as far as it is ours: answers of others may be an emoji alone.
#[derive(Deserialize)]
pub(super) struct Poll {
    #[serde(default)]
    pub(super) question: PollMedia,
    #[serde(default)]
    pub(super) answers: Vec<PollAnswer>,
    #[serde(default)]
    pub(super) allow_multiselect: bool,
}

#[derive(Deserialize)]
pub(super) struct PollAnswer {
    #[serde(default)]
    pub(super) poll_media: PollMedia,
}

#[derive(Deserialize, Default)]
pub(super) struct PollMedia {
    #[serde(default)]
    pub(super) text: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Referenced {
    pub(super) message_id: Option<String>,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) code: i64,
    pub(super) message: String,
    /// What is wrong with which field.
    #[serde(default)]
    pub(super) errors: serde_json::Value,
}

/// A throttle.
#[derive(Deserialize)]
pub(super) struct Throttled {
    /// Seconds, with a fraction.
    pub(super) retry_after: f64,
}
