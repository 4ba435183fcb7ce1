//! The wire types of the Bot API, named as Telegram names them.

use serde::{Deserialize, Serialize};

/// The envelope of every answer.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) ok: bool,
    pub(super) result: Option<T>,
}

/// The envelope of a refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) ok: bool,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) parameters: ResponseParameters,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ResponseParameters {
    /// Seconds.
    pub(super) retry_after: Option<i64>,
    pub(super) migrate_to_chat_id: Option<i64>,
}

/// `getMe`.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
}

/// `getChat`, and the chat of a message.
#[derive(Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) title: String,
    pub(super) username: Option<String>,
    /// What those may who are neither administrators nor restricted; of groups only.
    #[serde(default)]
    pub(super) permissions: Permissions,
}

/// `ChatPermissions`, as far as we send: what is not told is not forbidden.
#[derive(Deserialize, Default)]
pub(super) struct Permissions {
    pub(super) can_send_messages: Option<bool>,
    pub(super) can_send_photos: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct WhichChat<'a> {
    pub(super) chat_id: &'a str,
}

#[derive(Serialize)]
pub(super) struct WhichMember<'a> {
    pub(super) chat_id: &'a str,
    pub(super) user_id: i64,
}

/// `getChatMember`.
#[derive(Deserialize)]
pub(super) struct ChatMember {
    pub(super) status: String,
    /// Of administrators of channels.
    #[serde(default)]
    pub(super) can_post_messages: bool,
    /// Of those who are restricted: whether they are in the chat at all.
    #[serde(default)]
    pub(super) is_member: bool,
    /// Of those who are restricted.
    #[serde(flatten)]
    pub(super) rights: Permissions,
}

/// `sendMessage`.
#[derive(Serialize)]
pub(super) struct NewMessage<'a> {
    pub(super) chat_id: &'a str,
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link_preview_options: Option<LinkPreviewOptions<'a>>,
}

/// Which link of the text is shown as a card below it.
#[derive(Serialize)]
pub(super) struct LinkPreviewOptions<'a> {
    pub(super) url: &'a str,
}

#[derive(Serialize)]
pub(super) struct ReplyParameters {
    pub(super) message_id: i64,
}

/// One picture of `sendMediaGroup`.
#[derive(Serialize)]
pub(super) struct InputMediaPhoto<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// `attach://` and the name of the form's file.
    pub(super) media: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<&'a str>,
}

/// `sendPoll`.
#[derive(Serialize)]
pub(super) struct NewPoll<'a> {
    pub(super) chat_id: &'a str,
    pub(super) question: &'a str,
    pub(super) options: Vec<InputPollOption<'a>>,
    pub(super) is_anonymous: bool,
    pub(super) allows_multiple_answers: bool,
    /// Seconds.
    pub(super) open_period: u32,
    /// What stands beside the question.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_parameters: Option<ReplyParameters>,
}

#[derive(Serialize)]
pub(super) struct InputPollOption<'a> {
    pub(super) text: &'a str,
}

/// `editMessageText`.
#[derive(Serialize)]
pub(super) struct NewText<'a> {
    pub(super) chat_id: &'a str,
    pub(super) message_id: i64,
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link_preview_options: Option<LinkPreviewOptions<'a>>,
}

/// `editMessageCaption`.
#[derive(Serialize)]
pub(super) struct NewCaption<'a> {
    pub(super) chat_id: &'a str,
    pub(super) message_id: i64,
    pub(super) caption: &'a str,
}

/// `deleteMessage`.
#[derive(Serialize)]
pub(super) struct WhichMessage<'a> {
    pub(super) chat_id: &'a str,
    pub(super) message_id: i64,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) message_id: i64,
    pub(super) chat: Chat,
}

/// One message, or those of an album.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Sent {
    One(Message),
    Album(Vec<Message>),
}

impl Sent {
    /// The message that stands for all: the first.
    pub(super) fn first(&self) -> Option<&Message> {
        match self {
            Self::One(message) => Some(message),
            Self::Album(messages) => messages.first(),
        }
    }
}
