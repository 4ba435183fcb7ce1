//! The wire types of pages, named as the Graph API names them.

use super::super::recent::Dated;
use serde::{Deserialize, Serialize};

/// `POST /{page}/feed`.
#[derive(Serialize)]
pub(super) struct NewPost<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attached_media: Vec<Attached>,
}

/// A photo that was uploaded and is not published yet.
#[derive(Serialize)]
pub(super) struct Attached {
    pub(super) media_fbid: String,
}

/// What was made: its id, and with `fields` its address.
#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) id: Option<String>,
    pub(super) permalink_url: Option<String>,
}

/// Whether something was done.
#[derive(Deserialize)]
pub(super) struct Done {
    pub(super) success: bool,
}

/// `POST /{page}/photo_stories`.
#[derive(Serialize)]
pub(super) struct NewStory<'a> {
    pub(super) photo_id: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) post_id: Option<String>,
}

/// `POST /{post}/comments`.
#[derive(Serialize)]
pub(super) struct NewComment<'a> {
    pub(super) message: &'a str,
}

/// An entry of `GET /{post}/comments`.
#[derive(Deserialize)]
pub(super) struct Comment {
    pub(super) id: String,
    #[serde(default)]
    pub(super) message: String,
    created_time: String,
    pub(super) from: Option<Target>,
}

impl Dated for Comment {
    fn at(&self) -> &str {
        &self.created_time
    }
}

impl Dated for Post {
    fn at(&self) -> &str {
        &self.created_time
    }
}

/// An entry of `GET /{page}/published_posts`.
#[derive(Deserialize)]
pub(super) struct Post {
    pub(super) id: String,
    #[serde(default)]
    pub(super) message: String,
    created_time: String,
    pub(super) permalink_url: Option<String>,
    #[serde(default)]
    pub(super) attachments: List<Attachment>,
}

#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { data: Vec::new() }
    }
}

/// What a post shows: a link, a photo, or an album with several.
#[derive(Deserialize)]
pub(super) struct Attachment {
    /// The address as it was given, not as Facebook counts clicks on it.
    pub(super) unshimmed_url: Option<String>,
    pub(super) target: Option<Target>,
    #[serde(default)]
    pub(super) subattachments: List<Part>,
}

#[derive(Deserialize)]
pub(super) struct Part {
    pub(super) target: Option<Target>,
}

#[derive(Deserialize)]
pub(super) struct Target {
    pub(super) id: Option<String>,
}
