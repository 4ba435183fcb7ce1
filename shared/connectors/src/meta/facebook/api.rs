//! The wire types of pages, named as the Graph API names them.

use super::super::recent::Dated;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `POST /{page}/feed`.
#[derive(Serialize)]
pub(super) struct NewPost<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attached_media: Vec<Attached>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) published: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unpublished_content_type: Option<&'static str>,
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

/// `POST /{page}/videos` with the phase `start`.
#[derive(Serialize)]
pub(super) struct StartVideo {
    pub(super) upload_phase: &'static str,
    pub(super) file_size: u64,
}

/// What that answers.
#[derive(Deserialize)]
pub(super) struct Started {
    pub(super) upload_session_id: String,
    pub(super) video_id: String,
    #[serde(flatten)]
    pub(super) range: Range,
}

/// Which bytes are wanted next; numbers come as texts.
#[derive(Deserialize)]
pub(super) struct Range {
    start_offset: Value,
    end_offset: Value,
}

impl Range {
    /// From the first to before the second.
    pub(super) fn read(&self) -> Option<(u64, u64)> {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        Some((number(&self.start_offset)?, number(&self.end_offset)?))
    }
}

/// The same with the phase `finish`.
#[derive(Serialize)]
pub(super) struct FinishVideo<'a> {
    pub(super) upload_phase: &'static str,
    pub(super) upload_session_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
    pub(super) published: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unpublished_content_type: Option<&'static str>,
}

/// `POST /{page}/video_reels` or `/video_stories`, to announce a video.
#[derive(Serialize)]
pub(super) struct Announce {
    pub(super) upload_phase: &'static str,
}

/// What that answers.
#[derive(Deserialize)]
pub(super) struct Announced {
    pub(super) video_id: String,
    pub(super) upload_url: String,
}

/// The same, to end the upload.
#[derive(Serialize, Default)]
pub(super) struct EndUpload<'a> {
    pub(super) upload_phase: &'static str,
    pub(super) video_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) video_state: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
}

/// A refusal of the host that takes bytes.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) debug_info: DebugInfo,
}

#[derive(Deserialize)]
pub(super) struct DebugInfo {
    #[serde(default)]
    pub(super) message: String,
}

/// `GET /{video}`.
#[derive(Deserialize)]
pub(super) struct Video {
    pub(super) id: String,
    pub(super) published: Option<bool>,
    pub(super) post_id: Option<String>,
    pub(super) permalink_url: Option<String>,
    pub(super) status: Option<VideoStatus>,
}

#[derive(Deserialize)]
pub(super) struct VideoStatus {
    #[serde(rename = "video_status")]
    pub(super) word: Option<String>,
    pub(super) uploading_phase: Option<Phase>,
    pub(super) processing_phase: Option<Phase>,
    pub(super) publishing_phase: Option<Phase>,
}

/// One of the phases of a video.
#[derive(Deserialize)]
pub(super) struct Phase {
    pub(super) status: Option<String>,
    pub(super) publish_status: Option<String>,
    error: Option<Value>,
}

impl Phase {
    pub(super) fn is(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }
}

impl VideoStatus {
    pub(super) fn is(&self, word: &str) -> bool {
        self.word.as_deref() == Some(word)
    }

    /// What it says went wrong.
    pub(super) fn words(&self) -> Option<&str> {
        let mut phases = self.processing_phase.iter().chain(&self.uploading_phase);
        let words = phases.find_map(|phase| phase.error.as_ref()?.get("message")?.as_str());
        words.filter(|words| !words.trim().is_empty())
    }
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

/// `POST /{post}`.
#[derive(Serialize)]
pub(super) struct NewMessage<'a> {
    pub(super) message: &'a str,
}

/// `POST /{post}/comments`, and of a comment that is answered.
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
    /// The comment that it answers.
    pub(super) parent: Option<Target>,
}

/// `GET /{comment}?fields=id,parent{id}`.
#[derive(Deserialize)]
pub(super) struct Answered {
    /// The comment that it answers itself; none where it begins a thread.
    pub(super) parent: Option<Target>,
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

/// What others did with a post. What nobody did is left out.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Counted {
    shares: Shares,
    reactions: Summed,
    comments: Summed,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shares {
    count: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summed {
    summary: Summary,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summary {
    total_count: u64,
}

impl From<Counted> for u64 {
    fn from(Counted { shares, reactions, comments }: Counted) -> Self {
        shares.count.saturating_add(reactions.summary.total_count).saturating_add(comments.summary.total_count)
    }
}
