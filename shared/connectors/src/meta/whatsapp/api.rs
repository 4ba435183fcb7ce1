//! The shapes of the Cloud API, as Meta's description of Business Messaging v23.0 has them.

use crate::meta::login::Paging;
use serde::{Deserialize, Serialize};

/// `POST /{phone number}/messages`.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) messaging_product: &'static str,
    pub(super) recipient_type: &'static str,
    pub(super) to: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// Comes back with the message's states, in webhooks.
    pub(super) biz_opaque_callback_data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<Context<'a>>,
    #[serde(flatten)]
    pub(super) content: Content<'a>,
}

/// Which message it answers: the recipient sees that one above it.
#[derive(Serialize)]
pub(super) struct Context<'a> {
    pub(super) message_id: &'a str,
}

/// What it says, under the name of its type.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Content<'a> {
    Text(Text<'a>),
    Image(Attached<'a>),
    Video(Attached<'a>),
    Document(Attached<'a>),
    Template(Named<'a>),
}

#[derive(Serialize)]
pub(super) struct Text<'a> {
    pub(super) body: &'a str,
    pub(super) preview_url: bool,
}

/// An uploaded medium.
#[derive(Serialize)]
pub(super) struct Attached<'a> {
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) language: Language<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) components: Vec<Filled<'a>>,
}

#[derive(Serialize)]
pub(super) struct Language<'a> {
    pub(super) policy: &'static str,
    pub(super) code: &'a str,
}

/// What varies in a part of a template.
#[derive(Serialize)]
pub(super) struct Filled<'a> {
    #[serde(rename = "type")]
    pub(super) part: &'static str,
    pub(super) parameters: Vec<Parameter<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Parameter<'a> {
    Text { text: &'a str },
    Image { image: Attached<'a> },
    Video { video: Attached<'a> },
    Document { document: Attached<'a> },
}

/// What a message was taken as.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    pub(super) messages: Vec<SentAs>,
}

#[derive(Deserialize)]
pub(super) struct SentAs {
    pub(super) id: String,
    /// `accepted`, `held_for_quality_assessment`, `paused`.
    pub(super) message_status: Option<String>,
}

/// `POST /{phone number}/media`.
#[derive(Deserialize)]
pub(super) struct Uploaded {
    pub(super) id: String,
}

/// `GET /{phone number}`.
#[derive(Deserialize)]
pub(super) struct Phone {
    pub(super) id: String,
    #[serde(default)]
    pub(super) verified_name: String,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) paging: Paging,
}

/// A template as it was approved, or not.
#[derive(Deserialize)]
pub(super) struct Approved {
    pub(super) name: String,
    pub(super) language: String,
    #[serde(default)]
    pub(super) status: String,
    #[serde(default)]
    pub(super) components: Vec<Component>,
}

#[derive(Deserialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) part: String,
    #[serde(default)]
    pub(super) format: String,
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) buttons: Vec<Button>,
}

#[derive(Deserialize)]
pub(super) struct Button {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) url: String,
}

/// What became of a message.
#[derive(Deserialize)]
pub(super) struct History {
    pub(super) message_id: String,
    #[serde(default)]
    pub(super) events: Events,
}

#[derive(Deserialize, Default)]
pub(super) struct Events {
    #[serde(default)]
    pub(super) data: Vec<Event>,
}

#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) delivery_status: String,
    pub(super) error_description: Option<String>,
}
