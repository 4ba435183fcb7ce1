//! What a client says of a video, and what of it is refused.

use axum::response::Response;
use serde::Deserialize;

use super::{CATEGORIES, bad};

const MAX_TITLE_CHARS: usize = 100;
const MAX_DESCRIPTION_BYTES: usize = 5_000;
const MAX_TAGS_CHARS: usize = 500;

/// The body of `videos.insert` and `videos.update`.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) id: String,
    pub(super) snippet: Option<Snippet>,
    pub(super) status: Option<Status>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Snippet {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) category_id: String,
    pub(super) default_language: Option<String>,
    pub(super) default_audio_language: Option<String>,
}

/// What is not named falls back to what it is without being said: public, not for children.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    pub(super) privacy_status: String,
    pub(super) self_declared_made_for_kids: bool,
}

impl Default for Status {
    fn default() -> Self {
        Self { privacy_status: "public".into(), self_declared_made_for_kids: false }
    }
}

fn is_broken(text: &str) -> bool {
    text.contains(['<', '>'])
}

/// What is wrong with it.
pub(super) fn check(snippet: &Snippet, status: &Status) -> Result<(), Response> {
    let title = snippet.title.chars().count();
    if title == 0 || title > MAX_TITLE_CHARS || is_broken(&snippet.title) {
        return Err(bad("invalidTitle", "The request metadata specifies an invalid or empty video title."));
    }
    if snippet.description.len() > MAX_DESCRIPTION_BYTES || is_broken(&snippet.description) {
        return Err(bad("invalidDescription", "The request metadata specifies an invalid video description."));
    }
    // The commas between them count, and the quotation marks that one with a space gets.
    let quoted = |tag: &String| tag.chars().count() + if tag.contains(' ') { 2 } else { 0 };
    let tags = snippet.tags.iter().map(quoted).sum::<usize>() + snippet.tags.len().saturating_sub(1);
    if tags > MAX_TAGS_CHARS || snippet.tags.iter().any(|tag| is_broken(tag)) {
        return Err(bad("invalidTags", "The request metadata specifies invalid video keywords."));
    }
    if !CATEGORIES.iter().any(|(id, _, assignable)| *id == snippet.category_id && *assignable) {
        return Err(bad("invalidCategoryId", "The snippet.categoryId property specifies an invalid category ID."));
    }
    if !matches!(status.privacy_status.as_str(), "public" | "unlisted" | "private") {
        return Err(bad("invalidVideoMetadata", "The request metadata is invalid."));
    }
    Ok(())
}
