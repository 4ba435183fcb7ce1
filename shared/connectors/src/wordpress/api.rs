//! The wire types of the REST API (namespace `wp/v2`), named as WordPress names them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer at the root of the API.
#[derive(Deserialize)]
pub(super) struct Index {
    #[serde(default)]
    pub(super) name: String,
    pub(super) namespaces: Vec<String>,
    /// How one may sign in; an empty list where there is no way.
    #[serde(default)]
    pub(super) authentication: serde_json::Value,
}

/// `GET /wp/v2/users/me?context=edit`.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    /// The name in addresses; the one to sign in with may be an e-mail address.
    pub(super) slug: String,
    #[serde(default)]
    pub(super) capabilities: BTreeMap<String, serde_json::Value>,
}

/// `GET /oauth2/token-info` of WordPress.com. Ids are told as text or as numbers.
#[derive(Deserialize)]
pub(super) struct ComToken {
    #[serde(default)]
    pub(super) client_id: serde_json::Value,
    /// The site; none where the token is for all of somebody's, or for none.
    #[serde(default)]
    pub(super) blog_id: serde_json::Value,
    #[serde(default)]
    pub(super) scope: String,
}

/// `GET /rest/v1.1/sites/{site}` of WordPress.com.
#[derive(Deserialize)]
pub(super) struct ComSite {
    #[serde(rename = "ID")]
    pub(super) id: serde_json::Value,
    /// As HTML.
    #[serde(default)]
    pub(super) name: String,
    /// Where people read it.
    #[serde(rename = "URL")]
    pub(super) address: String,
    /// What the user may do.
    #[serde(default)]
    pub(super) capabilities: BTreeMap<String, serde_json::Value>,
}

/// A post as it is made or changed.
#[derive(Serialize)]
pub(super) struct NewPost<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) slug: Option<&'a str>,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) excerpt: String,
    /// The picture that stands for the post; 0 is none.
    pub(super) featured_media: u64,
    pub(super) tags: &'a [u64],
    /// Without any, the site's own default is taken.
    #[serde(skip_serializing_if = "<[u64]>::is_empty")]
    pub(super) categories: &'a [u64],
}

/// What is said instead of a live post.
#[derive(Serialize)]
pub(super) struct Amended {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) excerpt: Option<String>,
}

/// What publishes a post.
#[derive(Serialize)]
pub(super) struct Publishing {
    pub(super) status: &'static str,
    /// An empty one: WordPress makes it of the title.
    pub(super) slug: &'static str,
}

/// A post, as far as [`POST_FIELDS`] go.
#[derive(Deserialize)]
pub(super) struct Post {
    pub(super) id: u64,
    pub(super) status: String,
    #[serde(default)]
    pub(super) slug: String,
    #[serde(default)]
    pub(super) link: String,
}

/// The fields of [`Post`].
pub(super) const POST_FIELDS: &str = "_fields=id,status,slug,link";

/// `POST /wp/v2/comments`.
#[derive(Serialize)]
pub(super) struct NewComment {
    pub(super) post: u64,
    /// The comment that it answers; 0 is none.
    #[serde(skip_serializing_if = "is_none")]
    pub(super) parent: u64,
    pub(super) content: String,
}

// Serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(id: &u64) -> bool {
    *id == 0
}

/// `POST /wp/v2/comments/{id}`.
#[derive(Serialize)]
pub(super) struct NewWords {
    pub(super) content: String,
}

/// A comment that is answered.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) id: u64,
    /// The post that it stands below.
    pub(super) post: u64,
}

/// A comment, as far as [`COMMENT_FIELDS`] go.
#[derive(Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) status: String,
    #[serde(default)]
    pub(super) link: String,
    /// The comment that it answers; 0 is none.
    #[serde(default)]
    pub(super) parent: u64,
    /// When it was written, in UTC, without saying so.
    #[serde(default)]
    date_gmt: String,
    #[serde(default)]
    pub(super) content: Rendered,
}

impl Comment {
    /// When it was written, by the site's clock.
    pub(super) fn at(&self) -> Option<Timestamp> {
        utc(&self.date_gmt)
    }
}

/// A comment of a site's list.
#[derive(Deserialize)]
pub(super) struct ListedComment {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) post: u64,
    /// The comment that it answers; 0 is none.
    #[serde(default)]
    pub(super) parent: u64,
    /// The user who wrote it; 0 is none.
    #[serde(default)]
    pub(super) author: u64,
    #[serde(default)]
    pub(super) author_name: String,
    #[serde(default)]
    date_gmt: String,
    #[serde(default)]
    pub(super) content: Rendered,
}

impl ListedComment {
    /// When it was written, by the site's clock.
    pub(super) fn at(&self) -> Option<Timestamp> {
        utc(&self.date_gmt)
    }
}

/// A time in UTC that does not say so.
fn utc(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.trim_end_matches('Z').parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// What readers get of a text.
#[derive(Deserialize, Default)]
pub(super) struct Rendered {
    #[serde(default)]
    pub(super) rendered: String,
}

/// The fields of [`Comment`].
pub(super) const COMMENT_FIELDS: &str = "_fields=id,status,link,parent,date_gmt,content";

/// A file of the library, as far as [`MEDIA_FIELDS`] go.
#[derive(Deserialize)]
pub(super) struct Attachment {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) alt_text: String,
    #[serde(default)]
    pub(super) source_url: String,
}

/// The fields of [`Attachment`].
pub(super) const MEDIA_FIELDS: &str = "_fields=id,alt_text,source_url";

/// A tag or a category.
#[derive(Serialize)]
pub(super) struct NewTerm<'a> {
    pub(super) name: &'a str,
}

/// A tag or a category.
#[derive(Deserialize)]
pub(super) struct Term {
    pub(super) id: u64,
    /// As HTML.
    #[serde(default)]
    pub(super) name: String,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) data: serde_json::Value,
}
