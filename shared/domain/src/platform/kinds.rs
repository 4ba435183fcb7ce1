//! What a platform asks of posts of one kind, where that is not what it asks of all, and of media that stand together.

use super::{Descriptor, Limits, VideoRule};
use crate::publishing::ContentKind;
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
    /// The platform as a post of this kind finds it.
    pub fn of(&self, kind: ContentKind) -> Cow<'_, Self> {
        let Some(own) = self.limits.article.as_deref().filter(|_| kind == ContentKind::Article) else {
            return Cow::Borrowed(self);
        };
        let Self { id, aliases, name, color, queue, limits: _, settle_s } = self;
        Cow::Owned(Self {
            id: id.clone(),
            aliases: aliases.clone(),
            name: name.clone(),
            color: color.clone(),
            queue: queue.clone(),
            limits: own.clone(),
            settle_s: *settle_s,
        })
    }
}

impl Limits {
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
