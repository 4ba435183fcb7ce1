//! The wire types, named as Mastodon names them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/accounts/verify_credentials`.
#[derive(Deserialize)]
pub(super) struct CredentialAccount {
    pub(super) id: String,
    pub(super) username: String,
    #[serde(default)]
    pub(super) display_name: String,
}

/// `GET /api/v1/statuses/:id`: what others did with it. Servers of this API that do not count something leave it out.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Counted {
    #[serde(rename = "replies_count")]
    replies: u64,
    #[serde(rename = "reblogs_count")]
    reblogs: u64,
    #[serde(rename = "favourites_count")]
    favourites: u64,
}

impl Counted {
    pub(super) fn all(&self) -> u64 {
        self.replies.saturating_add(self.reblogs).saturating_add(self.favourites)
    }
}

/// `GET /api/v1/apps/verify_credentials`.
#[derive(Deserialize)]
pub(super) struct Application {
    /// What its tokens may at most; told since 4.3.
    pub(super) scopes: Option<Vec<String>>,
}

/// `GET /api/v2/instance`.
#[derive(Deserialize)]
pub(super) struct Instance {
    /// What handles end with; not always where the API is.
    pub(super) domain: String,
    pub(super) configuration: Configuration,
}

#[derive(Deserialize)]
pub(super) struct Configuration {
    pub(super) statuses: StatusLimits,
    #[serde(default)]
    pub(super) media_attachments: MediaLimits,
    /// What it takes of polls: `max_options`, `max_characters_per_option`, `min_expiration`, `max_expiration`. Read number by number,
    /// since servers that have no limit write something else.
    #[serde(default)]
    pub(super) polls: serde_json::Value,
}

/// What a server takes of media, as far as it says.
#[derive(Deserialize, Default)]
pub(super) struct MediaLimits {
    #[serde(default)]
    pub(super) supported_mime_types: Vec<String>,
    pub(super) video_size_limit: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct StatusLimits {
    pub(super) max_characters: u64,
    pub(super) characters_reserved_per_url: u64,
}

/// `POST /api/v1/statuses`.
#[derive(Serialize)]
pub(super) struct NewStatus<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) status: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) media_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_reply_to_id: Option<&'a str>,
    pub(super) visibility: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) poll: Option<NewPoll<'a>>,
}

/// The poll of a new status; its question is the status' text.
#[derive(Serialize)]
pub(super) struct NewPoll<'a> {
    pub(super) options: &'a [String],
    /// Seconds that it is open.
    pub(super) expires_in: u64,
    pub(super) multiple: bool,
}

/// As much of a status as proves that it was published.
#[derive(Deserialize)]
pub(super) struct Posted {
    pub(super) id: String,
    pub(super) url: Option<String>,
    pub(super) account: Identified,
}

/// A status of `GET /api/v1/accounts/:id/statuses`. What is compared is required: a listing without it proves nothing.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) created_at: Timestamp,
    pub(super) edited_at: Option<String>,
    pub(super) in_reply_to_id: Option<String>,
    pub(super) url: Option<String>,
    /// HTML.
    pub(super) content: String,
    pub(super) account: Identified,
    pub(super) media_attachments: Vec<Identified>,
    pub(super) reblog: Option<serde_json::Value>,
    pub(super) poll: Option<Asked>,
}

/// The poll of a status.
#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) multiple: bool,
    pub(super) options: Vec<Choice>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    pub(super) title: String,
}

#[derive(Deserialize)]
pub(super) struct Identified {
    pub(super) id: String,
}

/// One of `GET /api/v1/notifications`.
#[derive(Deserialize)]
pub(super) struct Notification {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// When the server noted it.
    pub(super) created_at: Timestamp,
    pub(super) account: Named,
    pub(super) status: Option<Mentioning>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    /// The name, with the server's where it is another one.
    pub(super) acct: Option<String>,
}

/// A status that mentions somebody.
#[derive(Deserialize)]
pub(super) struct Mentioning {
    pub(super) id: String,
    pub(super) in_reply_to_id: Option<String>,
    pub(super) in_reply_to_account_id: Option<String>,
    pub(super) visibility: Option<String>,
    /// HTML.
    pub(super) content: String,
    pub(super) account: Identified,
}

/// What every refusal looks like.
#[derive(Deserialize)]
pub(super) struct Problem {
    pub(super) error: String,
}
