//! What a post says: text, link, pictures, and the parts of a thread.
//!
//! A delivery keeps the hash of the content it was accepted with, and a later release hashes the stored post again. So a new
//! field here is `#[serde(default, skip_serializing_if = "…")]`: without it what is stored already must read as it did.

use crate::MediaId;
use serde::{Deserialize, Serialize};

/// Who may see a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone.
    #[default]
    Public,
    /// The author's own connections.
    Connections,
    /// Everyone who is signed in to the platform.
    LoggedIn,
}

/// Who may reply to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyRestriction {
    /// Everyone.
    #[default]
    Everyone,
    /// Accounts the author follows.
    Following,
    /// Accounts the post mentions.
    Mentioned,
}

/// A link shown as a card where the platform has cards; elsewhere it is appended to the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCard {
    /// Absolute http(s) address.
    pub url: String,
    /// The card's title; platforms that do not read the page need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The card's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A picture of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// The stored medium.
    pub id: MediaId,
    /// What it shows, for people who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

/// One part of a thread; a plain post has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Part {
    /// The text as people wrote it (escaping for a platform happens in its connector).
    pub text: String,
    /// Pictures, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaRef>,
}

/// The content for one platform.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Variant {
    /// One part, or several for a thread.
    pub parts: Vec<Part>,
    /// A link card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkCard>,
    /// Who may see it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Who may reply.
    #[serde(default)]
    pub reply_restriction: ReplyRestriction,
}

impl Variant {
    /// A plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { parts: vec![Part { text: text.into(), media: Vec::new() }], ..Self::default() }
    }

    /// Every picture of every part.
    pub fn media(&self) -> impl Iterator<Item = &MediaRef> {
        self.parts.iter().flat_map(|p| &p.media)
    }

    /// The text of part `index` as it will be sent where links are not cards: the link stands at the end of the first part.
    pub fn full_text(&self, index: usize, link_cards: bool) -> String {
        let text = self.parts.get(index).map_or("", |p| p.text.as_str());
        match &self.link {
            Some(link) if index == 0 && !link_cards && !text.contains(&link.url) => {
                if text.is_empty() {
                    link.url.clone()
                } else {
                    format!("{text}\n{}", link.url)
                }
            }
            _ => text.to_owned(),
        }
    }
}
