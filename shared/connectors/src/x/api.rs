//! The wire types of API v2, named as X names them.

use serde::{Deserialize, Serialize};

/// `POST /2/tweets`.
#[derive(Serialize)]
pub(super) struct NewTweet<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media: Option<TweetMedia>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) poll: Option<NewPoll<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<Reply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_settings: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct TweetMedia {
    pub(super) media_ids: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct NewPoll<'a> {
    pub(super) options: &'a [String],
    pub(super) duration_minutes: u32,
}

#[derive(Serialize)]
pub(super) struct Reply<'a> {
    pub(super) in_reply_to_tweet_id: &'a str,
}

/// `POST /2/articles/draft`.
#[derive(Serialize)]
pub(super) struct NewArticle<'a> {
    pub(super) title: &'a str,
    pub(super) content_state: ContentState<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cover_media: Option<CoverMedia>,
}

#[derive(Serialize)]
pub(super) struct CoverMedia {
    pub(super) media_category: &'static str,
    pub(super) media_id: String,
}

/// The text of an article: rows, and what is referred to in them.
#[derive(Serialize, Default)]
pub(super) struct ContentState<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) entities: Vec<Entity<'a>>,
}

/// One row.
#[derive(Serialize)]
pub(super) struct Block<'a> {
    pub(super) text: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entity_ranges: Vec<EntityRange>,
    #[serde(skip_serializing_if = "BlockData::is_empty")]
    pub(super) data: BlockData<'a>,
}

#[derive(Serialize)]
pub(super) struct EntityRange {
    /// The place among the entities.
    pub(super) key: usize,
    pub(super) offset: usize,
    pub(super) length: usize,
}

#[derive(Serialize, Default)]
pub(super) struct BlockData<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mentions: Vec<Span<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashtags: Vec<Span<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) urls: Vec<Span<'a>>,
}

impl BlockData<'_> {
    fn is_empty(&self) -> bool {
        self.mentions.is_empty() && self.hashtags.is_empty() && self.urls.is_empty()
    }
}

/// From the first character to the one after the last.
#[derive(Serialize)]
pub(super) struct Span<'a> {
    pub(super) from_index: usize,
    pub(super) to_index: usize,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
pub(super) struct Entity<'a> {
    pub(super) key: String,
    pub(super) value: EntityValue<'a>,
}

#[derive(Serialize)]
pub(super) struct EntityValue<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) mutability: &'static str,
    pub(super) data: EntityData<'a>,
}

#[derive(Serialize)]
pub(super) struct EntityData<'a> {
    pub(super) url: &'a str,
}

/// `POST /2/articles/{id}/publish`.
#[derive(Deserialize)]
pub(super) struct PublishedArticle {
    pub(super) post_id: String,
}

/// The envelope of an answer about one thing.
#[derive(Deserialize)]
pub(super) struct One<T> {
    pub(super) data: T,
}

#[derive(Deserialize)]
pub(super) struct Identified {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Deleted {
    pub(super) deleted: bool,
}

/// `GET /2/users/me`.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) username: String,
}

/// `GET /2/users/{id}/tweets`.
#[derive(Deserialize)]
pub(super) struct Timeline {
    #[serde(default)]
    pub(super) data: Vec<Tweet>,
    pub(super) meta: Meta,
    /// Parts that could not be given: then the listing is not complete.
    #[serde(default)]
    pub(super) errors: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct Meta {
    pub(super) result_count: usize,
    pub(super) next_token: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Tweet {
    pub(super) id: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) entities: Entities,
    #[serde(default)]
    pub(super) attachments: Attachments,
    #[serde(default)]
    pub(super) referenced_tweets: Vec<Referenced>,
    /// What it tells of its article, where it was asked for. Its form is not documented: nothing of it may be missed.
    #[serde(default)]
    pub(super) article: serde_json::Value,
    /// Every version's id, the first one first: an edit makes a new post. X calls it by both names.
    #[serde(default, rename = "edit_history_post_ids", alias = "edit_history_tweet_ids")]
    pub(super) edit_history: Vec<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct Entities {
    #[serde(default)]
    pub(super) urls: Vec<UrlEntity>,
}

#[derive(Deserialize)]
pub(super) struct UrlEntity {
    pub(super) url: String,
    #[serde(default)]
    pub(super) expanded_url: String,
    pub(super) media_key: Option<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct Attachments {
    #[serde(default)]
    pub(super) media_keys: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Referenced {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
}

/// `POST /2/media/upload/initialize`.
#[derive(Serialize)]
pub(super) struct Initialize<'a> {
    pub(super) media_type: &'a str,
    pub(super) total_bytes: u64,
    pub(super) media_category: &'static str,
}

/// An uploaded medium.
#[derive(Deserialize)]
pub(super) struct MediaUpload {
    pub(super) id: String,
    pub(super) processing_info: Option<ProcessingInfo>,
    /// Seconds until X forgets an upload that is not finished.
    pub(super) expires_after_secs: Option<i64>,
    /// What X says is wrong with it.
    #[serde(skip)]
    pub(super) said: String,
}

#[derive(Deserialize)]
pub(super) struct ProcessingInfo {
    pub(super) state: String,
    pub(super) check_after_secs: Option<u32>,
    /// Why processing failed.
    pub(super) error: Option<ProcessingError>,
}

#[derive(Deserialize)]
pub(super) struct ProcessingError {
    #[serde(default)]
    pub(super) message: String,
}

/// `POST /2/media/metadata`.
#[derive(Serialize)]
pub(super) struct MediaMetadata<'a> {
    pub(super) id: &'a str,
    pub(super) metadata: Metadata<'a>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) alt_text: AltText<'a>,
}

#[derive(Serialize)]
pub(super) struct AltText<'a> {
    pub(super) text: &'a str,
}

/// `POST /2/media/subtitles`.
#[derive(Serialize)]
pub(super) struct NewSubtitles<'a> {
    /// Of the video.
    pub(super) id: &'a str,
    pub(super) media_category: &'static str,
    pub(super) subtitles: SubtitleTrack<'a>,
}

#[derive(Serialize)]
pub(super) struct SubtitleTrack<'a> {
    pub(super) id: &'a str,
    /// Two capital letters.
    pub(super) language_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_name: Option<&'a str>,
}

/// A problem document, or the older list of errors.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Problem {
    pub(super) title: String,
    pub(super) detail: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) errors: Vec<ProblemItem>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ProblemItem {
    pub(super) message: String,
    pub(super) detail: String,
}
