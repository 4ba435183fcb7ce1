//! What a post says: texts, titles, link, media, a poll, and the parts of a thread.
//!
//! A delivery keeps the hash of the content it was accepted with, and a later release hashes the stored post again. So a new
//! field here is `#[serde(default, skip_serializing_if = "…")]`: without it what is stored already must read as it did.

use super::Targeting;
use crate::MediaId;
use crate::text::has_link;
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
    /// Everyone who has its address; lists and searches do not show it.
    Unlisted,
    /// The author alone, and whom they let see it on the platform.
    Private,
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

impl ReplyRestriction {
    /// Who may reply, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Following => "those whom the account follows",
            Self::Mentioned => "those whom the post mentions",
        }
    }
}

/// What kind of post it is, where a platform has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// What the platform calls a post.
    #[default]
    Post,
    /// A long text with a title.
    Article,
    /// A picture or video that is shown for a day.
    Story,
    /// A short upright video.
    Reel,
}

impl ContentKind {
    // serde hands it over so.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn is_post(&self) -> bool {
        *self == Self::Post
    }
}

/// A question with answers to choose from. The question is the post's text, unless the platform keeps it apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Poll {
    /// The question, where the platform shows it apart from the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The answers, in order.
    pub options: Vec<String>,
    /// How long it is open, in minutes.
    pub duration_minutes: u32,
    /// Whether one may choose several answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
}

/// A text that the platform has approved before, in which only the parameters vary: what is said is told by its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Template {
    /// Its name there.
    pub name: String,
    /// Its language, as the platform writes it: `en_US`.
    pub language: String,
    /// What stands at the places of its text that vary, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
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

/// Captions of a video in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionTrack {
    /// The stored file with the captions.
    pub id: MediaId,
    /// Their language, as a BCP 47 tag: `en`, `pt-BR`.
    pub language: String,
    /// What viewers choose them by, where it is more than the language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A picture, a video or a document of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// The stored medium.
    pub id: MediaId,
    /// What it shows, for people who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
    /// The title of a video or a document, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Captions of a video, one track for each language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<CaptionTrack>,
    /// The instant of a video whose picture is its cover, in milliseconds from its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover_ms: Option<u32>,
}

impl MediaRef {
    /// A medium without words beside it.
    pub fn new(id: MediaId) -> Self {
        Self { id, alt_text: None, title: None, captions: Vec::new(), cover_ms: None }
    }
}

/// One part of a thread; a plain post has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Part {
    /// The text as people wrote it (escaping for a platform happens in its connector).
    pub text: String,
    /// Pictures, videos or documents, in order.
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
    /// What kind of post it is.
    #[serde(default, skip_serializing_if = "ContentKind::is_post")]
    pub kind: ContentKind,
    /// A title, for platforms whose posts have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A summary, for platforms that show one instead of the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Key words beside the text, without `#`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Names of categories that it is filed under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// A poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// An approved template, which says what is said instead of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// What the author says below the post as soon as it is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_comment: Option<String>,
    /// The post or comment on the platform that this one answers: its id or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The post on the platform that this one quotes: its id or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Whether it is left on the platform as a draft, for somebody to publish there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// Whether its author declares it made for children, where a platform has rules of its own for that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub made_for_kids: bool,
    /// Whom it is shown to, of those who follow its author.
    #[serde(default, skip_serializing_if = "Targeting::is_empty")]
    pub targeting: Targeting,
    /// Seconds between the parts of a thread: each part waits so long after the one before was confirmed.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub thread_delay_s: u32,
}

// Serde hands over a reference.
/// The waits within a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spacing {
    /// Seconds that a part waits after the one before was confirmed.
    pub delay_s: u32,
    /// How many of the steps are parts; a first comment follows at once.
    pub parts: u16,
}

impl Variant {
    /// The waits between its parts; none where they follow each other at once.
    pub fn spacing(&self) -> Option<Spacing> {
        let parts = u16::try_from(self.parts.len()).unwrap_or(u16::MAX);
        (self.thread_delay_s > 0 && parts > 1).then_some(Spacing { delay_s: self.thread_delay_s, parts })
    }

    /// A plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { parts: vec![Part { text: text.into(), media: Vec::new() }], ..Self::default() }
    }

    /// How many times the platform is asked to publish something: once for each part, and for a first comment.
    pub fn steps(&self) -> usize {
        self.parts.len().max(1) + usize::from(self.first_comment.is_some())
    }

    /// The media of step `index`; a first comment has none.
    pub fn media_of(&self, index: usize) -> &[MediaRef] {
        self.parts.get(index).map_or(&[], |part| &part.media)
    }

    /// The words of part `index`, which alone can be changed of what is live: its text and, with the first, title and summary.
    pub fn words_of(&self, index: usize) -> (Option<&str>, Option<&str>, Option<&str>) {
        let text = self.parts.get(index).map(|part| part.text.as_str());
        if index == 0 { (text, self.title.as_deref(), self.summary.as_deref()) } else { (text, None, None) }
    }

    /// Lets part `index` say what it says in `other`.
    pub fn take_words(&mut self, index: usize, other: &Self) {
        if let (Some(mine), Some(theirs)) = (self.parts.get_mut(index), other.parts.get(index)) {
            mine.text.clone_from(&theirs.text);
        }
        if index == 0 {
            self.title.clone_from(&other.title);
            self.summary.clone_from(&other.summary);
        }
    }

    /// The same without its words: what of it stays as it is once it is live.
    #[must_use]
    pub fn without_words(&self) -> Self {
        let mut frame = self.clone();
        let wordless = Self { parts: vec![Part::default(); self.parts.len()], ..Self::default() };
        for index in 0..self.parts.len().max(1) {
            frame.take_words(index, &wordless);
        }
        frame
    }

    /// Whether step `index` is the first comment, and not a part.
    pub fn is_comment(&self, index: usize) -> bool {
        self.first_comment.is_some() && index == self.parts.len().max(1)
    }

    /// Whether step `index` stands below something, on a platform where first comments are no posts, nor are answers.
    pub fn is_below(&self, index: usize) -> bool {
        self.is_comment(index) || self.reply_to.is_some()
    }

    /// Every medium of every part.
    pub fn media(&self) -> impl Iterator<Item = &MediaRef> {
        self.parts.iter().flat_map(|p| &p.media)
    }

    /// Every stored file that it needs: its media, and the captions of its videos.
    pub fn stored(&self) -> impl Iterator<Item = MediaId> {
        self.media().flat_map(|medium| std::iter::once(medium.id).chain(medium.captions.iter().map(|track| track.id)))
    }

    /// The text of step `index` as it will be sent where links are not cards: the link stands at the end of the first part.
    pub fn full_text(&self, index: usize, link_cards: bool) -> String {
        if self.is_comment(index) {
            return self.first_comment.clone().unwrap_or_default();
        }
        let text = self.parts.get(index).map_or("", |p| p.text.as_str());
        match &self.link {
            Some(link) if index == 0 && !link_cards && !has_link(text, &link.url) => {
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
