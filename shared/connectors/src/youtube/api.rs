//! Wire types of the Data API, named as it names them.

use domain::publishing::{Variant, Visibility};
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
