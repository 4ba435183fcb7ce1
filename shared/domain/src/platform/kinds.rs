//! What a platform asks of posts of one kind, or of answers, where that is not what it asks of all, and of media that stand together.

use super::{Descriptor, Feature, Limits, VideoRule};
use crate::publishing::{ContentKind, Variant};
use crate::text::TextRule;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What is asked of the video of a post of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRule {
    /// The kind.
    pub kind: ContentKind,
    /// What its video may be, instead of what videos may be otherwise.
    pub video: VideoRule,
    /// Whether a picture beside the video is its cover.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cover: bool,
}

/// What is asked of several media in one part, where videos are among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixedRule {
    /// Most pictures and videos together.
    pub most: u16,
    /// Longest video among them, in milliseconds.
    pub max_ms: u64,
}

impl Descriptor {
    /// The platform as this content finds it: as one of its kind, or as an answer.
    pub fn of_content(&self, variant: &Variant) -> Cow<'_, Self> {
        self.with(self.limits.of_content(variant))
    }

    /// The same platform with these limits, which are of it.
    fn with(&self, limits: &Limits) -> Cow<'_, Self> {
        if std::ptr::eq(limits, &raw const self.limits) {
            return Cow::Borrowed(self);
        }
        let Self { id, aliases, name, color, queue, limits: _, settle_s } = self;
        Cow::Owned(Self {
            id: id.clone(),
            aliases: aliases.clone(),
            name: name.clone(),
            color: color.clone(),
            queue: queue.clone(),
            limits: limits.clone(),
            settle_s: *settle_s,
        })
    }
}

/// What no comment has that is a text alone.
const BESIDE_A_COMMENT: [Feature; 19] = [
    Feature::Article,
    Feature::Story,
    Feature::Reel,
    Feature::Picture,
    Feature::Video,
    Feature::Document,
    Feature::Poll,
    Feature::Template,
    Feature::Title,
    Feature::Summary,
    Feature::Tags,
    Feature::Categories,
    Feature::FirstComment,
    Feature::Quote,
    Feature::Draft,
    Feature::MadeForKids,
    Feature::Visibility,
    Feature::Targeting,
    Feature::Captions,
];

impl Limits {
    /// Those of an answer that is a comment: one text, counted like this, and nothing else. Whatever else a content has is refused in
    /// these words.
    pub fn of_comment(text: TextRule, words: &str) -> Self {
        let reasons = BESIDE_A_COMMENT.into_iter().map(|feature| (feature, words.to_owned())).collect();
        Self { has: vec![Feature::Reply], reasons, ..Self::text_only(text) }
    }

    /// What holds of an answer that is a comment; none where this content is no such.
    pub fn of_answer(&self, variant: &Variant) -> Option<&Self> {
        self.answer.as_deref().filter(|_| variant.reply_to.is_some())
    }

    /// What holds of this content: as one of its kind, or as an answer.
    pub fn of_content(&self, variant: &Variant) -> &Self {
        self.of_answer(variant).unwrap_or_else(|| self.of(variant.kind))
    }

    /// What holds of posts of this kind.
    pub fn of(&self, kind: ContentKind) -> &Self {
        self.article.as_deref().filter(|_| kind == ContentKind::Article).unwrap_or(self)
    }

    /// What is asked of posts of this kind, if it is something of their own.
    pub fn kind_rule(&self, kind: ContentKind) -> Option<&KindRule> {
        self.kind_rules.iter().find(|rule| rule.kind == kind)
    }

    /// What the video of a post of this kind may be; none where it takes none.
    pub fn video_of(&self, kind: ContentKind) -> Option<&VideoRule> {
        self.kind_rule(kind).map(|rule| &rule.video).or(self.video.as_ref())
    }

    /// Whether the picture beside the video of such a post is its cover.
    pub fn has_cover(&self, kind: ContentKind) -> bool {
        self.kind_rule(kind).is_some_and(|rule| rule.cover)
    }
}
