//! The wire types of Instagram, named as it names them.

use super::super::recent::Dated;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// `POST /{user}/media`: a container.
#[derive(Serialize, Default)]
pub(super) struct NewContainer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) video_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cover_url: Option<&'a str>,
    /// The instant of a reel that is its cover, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thumb_offset: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_carousel_item: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alt_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) caption: &'a str,
}

/// `POST /{user}/media_publish`.
#[derive(Serialize)]
pub(super) struct Publish<'a> {
    pub(super) creation_id: &'a str,
}

/// `GET /{container}?fields=status_code,status`.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) status_code: String,
    #[serde(default)]
    pub(super) status: String,
}

/// `POST /{media}/comments`, and `POST /{comment}/replies`.
#[derive(Serialize)]
pub(super) struct NewComment<'a> {
    pub(super) message: &'a str,
}

/// `GET /{comment}?fields=id,parent_id`.
#[derive(Deserialize)]
pub(super) struct Top {
    /// The comment that it answers; none where it stands below the post itself.
    pub(super) parent_id: Option<String>,
}

/// An entry of `GET /{media}/comments`, or of `GET /{comment}/replies`.
#[derive(Deserialize)]
pub(super) struct Comment {
    pub(super) id: String,
    #[serde(default)]
    pub(super) text: String,
    timestamp: String,
    pub(super) username: Option<String>,
}

impl Dated for Comment {
    fn at(&self) -> &str {
        &self.timestamp
    }
}

/// The answer to a code.
#[derive(Deserialize)]
pub(super) struct Short {
    pub(super) access_token: SecretString,
    /// What the person gave; none when the answer does not say.
    pub(super) permissions: Option<Permissions>,
}

/// A list, or one text with commas: both have been seen.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Permissions {
    List(Vec<String>),
    Text(String),
}

impl Permissions {
    pub(super) fn list(self) -> Vec<String> {
        match self {
            Self::List(list) => list,
            Self::Text(text) => text.split(',').map(|scope| scope.trim().to_owned()).collect(),
        }
    }
}

/// `GET /me`.
#[derive(Deserialize)]
pub(super) struct Me {
    pub(super) user_id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) username: Option<String>,
}

/// What others did with a medium. The account may hide how many like it.
#[derive(Deserialize)]
pub(super) struct Counted {
    #[serde(default)]
    like_count: u64,
    #[serde(default)]
    comments_count: u64,
}

impl From<Counted> for u64 {
    fn from(counted: Counted) -> Self {
        counted.like_count.saturating_add(counted.comments_count)
    }
}
