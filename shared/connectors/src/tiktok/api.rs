//! Wire types of the Content Posting API, named as it names them.

use connector_kit::{Answer, is_id};
use domain::publishing::Visibility;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What every answer is.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
    pub(super) error: Problem,
}

/// An answer, as far as it says whether it is one of success.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Problem,
}

#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

impl Problem {
    pub(super) fn is_ok(&self) -> bool {
        self.code == "ok"
    }
}

/// An answer of success with what it should tell: its status says so, and its own words.
pub(super) fn good<T: DeserializeOwned>(answer: &Answer) -> Option<Envelope<T>> {
    answer.json().filter(|told: &Envelope<T>| answer.is_success() && told.error.is_ok())
}

/// What is asked where nothing is said.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// What somebody may publish, and how.
#[derive(Debug, Deserialize)]
pub(super) struct Creator {
    #[serde(default)]
    pub(super) privacy_level_options: Vec<String>,
    #[serde(default)]
    pub(super) comment_disabled: bool,
    #[serde(default)]
    pub(super) duet_disabled: bool,
    #[serde(default)]
    pub(super) stitch_disabled: bool,
    pub(super) max_video_post_duration_sec: Option<u64>,
}

/// The announcement of a video.
#[derive(Serialize)]
pub(super) struct Init<'a> {
    pub(super) post_info: PostInfo<'a>,
    pub(super) source_info: SourceInfo,
}

#[derive(Serialize)]
// They are flags on the wire.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct PostInfo<'a> {
    pub(super) title: &'a str,
    pub(super) privacy_level: &'static str,
    pub(super) disable_comment: bool,
    pub(super) disable_duet: bool,
    pub(super) disable_stitch: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) video_cover_timestamp_ms: Option<u32>,
    pub(super) brand_content_toggle: bool,
    pub(super) brand_organic_toggle: bool,
}

/// The announcement of a video that goes to the inbox of its creator.
#[derive(Serialize)]
pub(super) struct InboxInit {
    pub(super) source_info: SourceInfo,
}

#[derive(Serialize)]
pub(super) struct SourceInfo {
    pub(super) source: &'static str,
    pub(super) video_size: u64,
    pub(super) chunk_size: u64,
    pub(super) total_chunk_count: u64,
}

/// A post of pictures.
#[derive(Serialize)]
pub(super) struct PhotoInit<'a> {
    pub(super) media_type: &'static str,
    pub(super) post_mode: &'static str,
    pub(super) post_info: PhotoInfo<'a>,
    pub(super) source_info: PhotoSource<'a>,
}

/// What is said of pictures; nothing of those for the inbox.
#[derive(Default, Serialize)]
pub(super) struct PhotoInfo<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) description: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) direct: Option<Direct>,
}

/// What only a post is told that is published at once.
#[derive(Serialize)]
// They are flags on the wire.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Direct {
    pub(super) privacy_level: &'static str,
    pub(super) disable_comment: bool,
    pub(super) auto_add_music: bool,
    pub(super) brand_content_toggle: bool,
    pub(super) brand_organic_toggle: bool,
}

/// Where the pictures lie, and which of them is the cover.
#[derive(Serialize)]
pub(super) struct PhotoSource<'a> {
    pub(super) source: &'static str,
    pub(super) photo_images: Vec<&'a str>,
    pub(super) photo_cover_index: u32,
}

/// A post of pictures that was begun.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) publish_id: String,
}

/// What takes the file.
#[derive(Debug, Deserialize)]
pub(super) struct Begun {
    pub(super) publish_id: String,
    pub(super) upload_url: String,
}

/// Which post is asked after.
#[derive(Serialize)]
pub(super) struct Asked<'a> {
    pub(super) publish_id: &'a str,
}

/// What became of a post.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub(super) status: String,
    #[serde(default)]
    pub(super) fail_reason: Option<String>,
    /// As TikTok spells it. Numbers that JavaScript cannot hold, or texts of them.
    #[serde(default, rename = "publicaly_available_post_id")]
    ids: Option<Vec<PostId>>,
    #[serde(default)]
    pub(super) uploaded_bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PostId {
    Number(u64),
    Text(String),
}

impl Told {
    /// The id under which everybody sees it.
    pub(super) fn id(&self) -> Option<String> {
        let first = self.ids.as_ref()?.first()?;
        let id = match first {
            PostId::Number(number) => number.to_string(),
            PostId::Text(text) => text.clone(),
        };
        is_id(&id).then_some(id)
    }
}

/// Somebody.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    pub(super) user: User,
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) open_id: String,
    #[serde(default)]
    pub(super) display_name: String,
    #[serde(default)]
    pub(super) username: String,
}

/// What TikTok calls those who may see it.
pub(super) fn privacy(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => PUBLIC,
        Visibility::Connections => "MUTUAL_FOLLOW_FRIENDS",
        // The descriptor lets none of the others through.
        Visibility::Private | Visibility::LoggedIn | Visibility::Unlisted => "SELF_ONLY",
    }
}

/// Everybody: only such posts get an id that is told.
pub(super) const PUBLIC: &str = "PUBLIC_TO_EVERYONE";
