//! What a content is made of beside its words, in our own form: each the form of one thing of the domain.

use domain::MediaId;
use domain::publishing::{CaptionTrack, LinkCard, MediaRef, Part, Poll, Targeting, Template};
use runtime::http::whole_number;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a poll is open that does not say, in minutes.
pub const A_DAY: u32 = 24 * 60;

/// Captions of a video in one language.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptionItem {
    /// A SubRip or WebVTT file, registered through `POST /api/publishing/media`.
    #[schema(value_type = String, example = "med_0198c0ffee000000000000000000caf0")]
    pub media_id: MediaId,
    /// Their language, as a BCP 47 tag.
    #[schema(example = "en")]
    pub language: String,
    /// What viewers choose them by, where it is more than the language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl From<&CaptionItem> for CaptionTrack {
    fn from(item: &CaptionItem) -> Self {
        Self { id: item.media_id, language: item.language.clone(), name: given(item.name.as_ref()) }
    }
}

impl From<&CaptionTrack> for CaptionItem {
    fn from(track: &CaptionTrack) -> Self {
        let CaptionTrack { id, language, name } = track.clone();
        Self { media_id: id, language, name }
    }
}

/// A picture, a video or a document of a post.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaItem {
    /// A medium registered through `POST /api/publishing/media`.
    #[schema(value_type = String, example = "med_0198c0ffee000000000000000000cafe")]
    pub media_id: MediaId,
    /// What it shows, for people who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
    /// The title of a video or a document, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Captions of a video, one track for each language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<CaptionItem>,
    /// The instant of a video whose picture is its cover, in milliseconds from its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_number")]
    pub cover_ms: Option<u32>,
}

impl From<&MediaItem> for MediaRef {
    fn from(item: &MediaItem) -> Self {
        Self {
            id: item.media_id,
            alt_text: given(item.alt_text.as_ref()),
            title: given(item.title.as_ref()),
            captions: item.captions.iter().map(CaptionTrack::from).collect(),
            cover_ms: item.cover_ms,
        }
    }
}

impl From<&MediaRef> for MediaItem {
    fn from(reference: &MediaRef) -> Self {
        let MediaRef { id, alt_text, title, captions, cover_ms } = reference;
        Self {
            media_id: *id,
            alt_text: alt_text.clone(),
            title: title.clone(),
            captions: captions.iter().map(CaptionItem::from).collect(),
            cover_ms: *cover_ms,
        }
    }
}

/// A question with answers to choose from.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PollItem {
    /// The question, where the platform shows it apart from the text; elsewhere the text is the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The answers, in order.
    pub options: Vec<String>,
    /// How long it is open, in minutes; a day when left out.
    #[serde(default, deserialize_with = "whole_number")]
    pub duration_minutes: Option<u32>,
    /// Whether one may choose several answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
}

impl From<&PollItem> for Poll {
    fn from(item: &PollItem) -> Self {
        Self {
            question: given(item.question.as_ref()),
            options: item.options.clone(),
            duration_minutes: item.duration_minutes.unwrap_or(A_DAY),
            multiple: item.multiple,
        }
    }
}

impl From<&Poll> for PollItem {
    fn from(poll: &Poll) -> Self {
        let Poll { question, options, duration_minutes, multiple } = poll.clone();
        Self { question, options, duration_minutes: Some(duration_minutes), multiple }
    }
}

/// A text that the platform approved before, in which only the parameters vary.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateItem {
    /// Its name there.
    #[schema(example = "order_ready")]
    pub name: String,
    /// Its language, as the platform writes it.
    #[schema(example = "en_US")]
    pub language: String,
    /// What stands at the places of its text that vary, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
}

impl From<&TemplateItem> for Template {
    fn from(item: &TemplateItem) -> Self {
        let TemplateItem { name, language, parameters } = item.clone();
        Self { name, language, parameters }
    }
}

impl From<&Template> for TemplateItem {
    fn from(template: &Template) -> Self {
        let Template { name, language, parameters } = template.clone();
        Self { name, language, parameters }
    }
}

/// A link, shown as a card where the platform has cards; elsewhere it stands at the end of the text.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkItem {
    /// Absolute http(s) address.
    #[schema(example = "https://example.com/launch")]
    pub url: String,
    /// The card's title; platforms that do not read the page need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The card's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl From<&LinkItem> for LinkCard {
    fn from(item: &LinkItem) -> Self {
        let LinkItem { url, title, description } = item.clone();
        Self { url, title, description }
    }
}

impl From<&LinkCard> for LinkItem {
    fn from(card: &LinkCard) -> Self {
        let LinkCard { url, title, description } = card.clone();
        Self { url, title, description }
    }
}

/// Whom a page's post is shown to: those who match one entry of each list that has any, by the platform's own names.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetingItem {
    /// What they work in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    /// How high they stand at work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seniorities: Vec<String>,
    /// What they do at work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

impl From<&TargetingItem> for Targeting {
    fn from(item: &TargetingItem) -> Self {
        let TargetingItem { industries, seniorities, functions, regions } = item.clone();
        Self { industries, seniorities, functions, regions }
    }
}

impl From<&Targeting> for TargetingItem {
    fn from(targeting: &Targeting) -> Self {
        let Targeting { industries, seniorities, functions, regions } = targeting.clone();
        Self { industries, seniorities, functions, regions }
    }
}

/// One part of a thread.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadPart {
    /// Its text.
    pub text: String,
    /// Its pictures, videos or documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaItem>,
}

impl From<&ThreadPart> for Part {
    fn from(item: &ThreadPart) -> Self {
        Self { text: item.text.clone(), media: references(&item.media) }
    }
}

impl From<&Part> for ThreadPart {
    fn from(part: &Part) -> Self {
        Self { text: part.text.clone(), media: part.media.iter().map(MediaItem::from).collect() }
    }
}

/// The media of a text.
pub(super) fn references(media: &[MediaItem]) -> Vec<MediaRef> {
    media.iter().map(MediaRef::from).collect()
}

/// A text that says something.
pub(super) fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}
