//! Wire types of the Data API, named as it names them.

use domain::publishing::{Variant, Visibility};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A list of anything. One without anything in it may come without its items.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(super) items: Vec<T>,
}

/// A video as it is told to its owner.
#[derive(Debug, Deserialize)]
pub(super) struct Video {
    pub(super) id: String,
    #[serde(default)]
    pub(super) snippet: ToldSnippet,
    #[serde(default)]
    pub(super) status: ToldStatus,
}

impl Video {
    /// Whether it has this tag.
    pub(super) fn is_tagged(&self, tag: &str) -> bool {
        self.snippet.tags.iter().any(|held| held == tag)
    }

    /// Whether nobody sees it but its owner.
    pub(super) fn is_private(&self) -> bool {
        self.status.privacy_status == PRIVATE
    }
}

/// A video with what others did with it. Counts are written as texts, and left out where the channel hides them.
#[derive(Debug, Deserialize)]
pub(super) struct Counted {
    pub(super) id: String,
    #[serde(default)]
    statistics: Statistics,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Statistics {
    like_count: String,
    comment_count: String,
}

impl Counted {
    pub(super) fn all(&self) -> u64 {
        let Statistics { like_count, comment_count } = &self.statistics;
        let number = |text: &str| text.parse().unwrap_or(0_u64);
        number(like_count).saturating_add(number(comment_count))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ToldSnippet {
    pub(super) tags: Vec<String>,
    pub(super) category_id: String,
    pub(super) default_language: Option<String>,
    pub(super) default_audio_language: Option<String>,
    pub(super) published_at: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ToldStatus {
    /// `uploaded`, `processed`, `failed`, `rejected`, `deleted`.
    pub(super) upload_status: String,
    /// `public`, `unlisted`, `private`.
    pub(super) privacy_status: String,
    pub(super) failure_reason: String,
    pub(super) rejection_reason: String,
}

/// What is said of a video: of one that comes, or instead of what is said of one that is there.
#[derive(Debug, Serialize)]
pub(super) struct Said<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) snippet: Snippet<'a>,
    pub(super) status: Status,
}

/// What is said instead of a live video, whoever may see it.
#[derive(Debug, Serialize)]
pub(super) struct Renamed<'a> {
    pub(super) id: &'a str,
    pub(super) snippet: Snippet<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Snippet<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) tags: Vec<&'a str>,
    pub(super) category_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_audio_language: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) privacy_status: &'static str,
    pub(super) self_declared_made_for_kids: bool,
}

/// Who sees nothing of it but its owner.
pub(super) const PRIVATE: &str = "private";
/// Everybody.
pub(super) const PUBLIC: &str = "public";
/// Who has the address.
pub(super) const UNLISTED: &str = "unlisted";

/// Who may see the video once it is published.
pub(super) fn privacy(variant: &Variant) -> &'static str {
    match variant.visibility {
        _ if variant.draft => PRIVATE,
        Visibility::Public => PUBLIC,
        Visibility::Unlisted => UNLISTED,
        // The descriptor lets none of the others through.
        Visibility::Private | Visibility::Connections | Visibility::LoggedIn => PRIVATE,
    }
}

/// A channel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Channel {
    pub(super) id: String,
    #[serde(default)]
    pub(super) snippet: ChannelSnippet,
    #[serde(default)]
    pub(super) content_details: ChannelContent,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ChannelSnippet {
    pub(super) title: String,
    pub(super) custom_url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ChannelContent {
    pub(super) related_playlists: RelatedPlaylists,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RelatedPlaylists {
    pub(super) uploads: String,
}

/// An item of a playlist.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaylistItem {
    pub(super) content_details: ItemContent,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemContent {
    pub(super) video_id: String,
}

/// A category of videos.
#[derive(Debug, Deserialize)]
pub(super) struct Category {
    pub(super) id: String,
    pub(super) snippet: CategorySnippet,
}

#[derive(Debug, Deserialize)]
pub(super) struct CategorySnippet {
    pub(super) title: String,
    #[serde(default)]
    pub(super) assignable: bool,
}

/// A track of captions that a video has.
#[derive(Debug, Deserialize)]
pub(super) struct Caption {
    pub(super) snippet: ToldCaption,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToldCaption {
    pub(super) language: String,
    #[serde(default)]
    pub(super) name: String,
    /// `standard`, `forced`, or `ASR` where YouTube listened itself.
    #[serde(default)]
    pub(super) track_kind: String,
    /// `serving`, `syncing`, `failed`.
    #[serde(default)]
    pub(super) status: String,
    #[serde(default)]
    pub(super) failure_reason: String,
}

/// A track of captions that comes.
#[derive(Debug, Serialize)]
pub(super) struct NewCaption<'a> {
    pub(super) snippet: CaptionSnippet<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaptionSnippet<'a> {
    pub(super) video_id: &'a str,
    pub(super) language: &'a str,
    pub(super) name: &'a str,
    pub(super) is_draft: bool,
}

/// A page of a list that goes on while it names the next one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    #[serde(default = "Vec::new")]
    pub(super) items: Vec<T>,
    #[serde(default)]
    pub(super) next_page_token: String,
}

/// A comment below a video, with some of the answers to it where they are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct CommentThread {
    pub(super) id: String,
    #[serde(default)]
    snippet: ToldThread,
    #[serde(default)]
    replies: Replies,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Replies {
    comments: Vec<OneComment>,
}

impl CommentThread {
    pub(super) fn comment(&self) -> &ToldComment {
        &self.snippet.top_level_comment.snippet
    }

    /// Some of the answers to it.
    pub(super) fn answers(&self) -> &[OneComment] {
        &self.replies.comments
    }

    /// The video that it stands below; empty where that is not told.
    pub(super) fn video(&self) -> &str {
        &self.snippet.video_id
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ToldThread {
    video_id: String,
    top_level_comment: TopLevel,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TopLevel {
    snippet: ToldComment,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ToldComment {
    pub(super) author_channel_id: ChannelRef,
    /// As it was written; told to its author.
    text_original: String,
    text_display: String,
    /// `published`, `heldForReview`, `likelySpam`, `rejected`; or it is not told.
    pub(super) moderation_status: String,
    /// The video that it stands below, if any.
    pub(super) video_id: String,
    pub(super) published_at: Option<Timestamp>,
    /// When its words were last changed; when it was published, where they were not.
    pub(super) updated_at: Option<Timestamp>,
    pub(super) author_display_name: String,
}

impl ToldComment {
    pub(super) fn said(&self) -> &str {
        if self.text_original.is_empty() { &self.text_display } else { &self.text_original }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChannelRef {
    pub(super) value: String,
}

/// A comment that comes.
#[derive(Debug, Serialize)]
pub(super) struct NewThread<'a> {
    pub(super) snippet: ThreadSnippet<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadSnippet<'a> {
    pub(super) video_id: &'a str,
    pub(super) top_level_comment: NewComment<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct NewComment<'a> {
    pub(super) snippet: CommentSnippet<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommentSnippet<'a> {
    pub(super) text_original: &'a str,
}

/// A comment by itself, as answers are told.
#[derive(Debug, Deserialize)]
pub(super) struct OneComment {
    pub(super) id: String,
    #[serde(default)]
    pub(super) snippet: ToldComment,
}

/// An answer that comes, or one that is to say something else.
#[derive(Debug, Serialize)]
pub(super) struct NewReply<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) snippet: ReplySnippet<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplySnippet<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_id: Option<&'a str>,
    pub(super) text_original: &'a str,
}

/// An error as Google tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub(super) error: Told,
}

#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub(super) code: u16,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) errors: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    pub(super) reason: String,
}
