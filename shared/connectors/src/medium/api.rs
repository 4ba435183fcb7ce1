//! The wire types of the API, named as Medium names them.

use serde::{Deserialize, Serialize};

/// Every success.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

/// `GET /me`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) name: String,
}

/// One of `GET /users/{id}/publications`.
#[derive(Deserialize)]
pub(super) struct Publication {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) url: String,
}

/// One of `GET /publications/{id}/contributors`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contributor {
    pub(super) user_id: String,
    /// `editor` or `writer`.
    pub(super) role: String,
}

/// A story as it is made.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewPost<'a> {
    pub(super) title: &'a str,
    pub(super) content_format: &'static str,
    pub(super) content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<&'a str>,
    pub(super) publish_status: &'static str,
}

/// A story as it was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Post {
    pub(super) id: String,
    #[serde(default)]
    pub(super) url: String,
    pub(super) publish_status: String,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) errors: Vec<Error>,
}

/// What it says.
#[derive(Deserialize)]
pub(super) struct Error {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) code: i64,
}
