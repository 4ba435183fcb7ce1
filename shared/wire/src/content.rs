//! The content of a post in our own form.

mod items;

pub use items::*;

use app::Error;
use domain::publishing::{
    ContentKind, LinkCard, Part, Poll, ReplyRestriction, Targeting, Template, Variant, Visibility,
};
use runtime::http::whole_number;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// The content of a post: a text, or a thread.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentBody {
    /// The text. With `thread`, leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The parts of a thread, for platforms that have threads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thread: Vec<ThreadPart>,
    /// Seconds that each part of the thread waits after the one before is live; all waits together are twelve hours at most.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_number")]
    #[schema(maximum = 43_200)]
    pub thread_delay_seconds: Option<u32>,
    /// Pictures, videos or documents of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaItem>,
    /// A link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkItem>,
    /// Hashtags to put at the end unless the text has them, with or without `#`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashtags: Vec<String>,
    /// Handles to mention at the end unless the text has them, with or without `@`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// Who may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = visibilities)]
    pub visibility: Option<Visibility>,
    /// Who may reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = reply_restrictions)]
    pub reply_restriction: Option<ReplyRestriction>,
    /// What kind of post it is, where a platform has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = kinds)]
    pub kind: Option<ContentKind>,
    /// A title, for platforms whose posts have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A summary, for platforms that show one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Key words beside the text, for platforms that have them; hashtags of the text are another thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Names of categories, for platforms that have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// A poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollItem>,
    /// An approved template, for platforms that have such: it says what is said, instead of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateItem>,
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
    /// Whether it is declared made for children, for platforms that have rules of their own for that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub made_for_kids: bool,
    /// Whom it is shown to, for pages of platforms that have that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeting: Option<TargetingItem>,
}

fn kinds() -> Object {
    one_of(&["post", "article", "story", "reel"])
}

fn visibilities() -> Object {
    one_of(&["public", "connections", "logged_in", "unlisted", "private"])
}

/// The form of [`ReplyRestriction`].
pub fn reply_restrictions() -> Object {
    one_of(&["everyone", "following", "mentioned"])
}

/// `text` with the marks that it does not have yet at its end.
pub fn with_marks(text: &str, hashtags: &[String], mentions: &[String]) -> String {
    let marked = |sign: char, words: &[String]| -> Vec<(char, String)> {
        let word = |w: &String| (sign, format!("{sign}{}", w.trim().trim_start_matches(sign)));
        words.iter().map(word).filter(|(_, w)| w.len() > 1).collect()
    };
    let mut out = text.to_owned();
    for (sign, word) in marked('@', mentions).into_iter().chain(marked('#', hashtags)) {
        // A name may have dots in it, and ends before one at its end; a tag has none.
        let ends = |c: char| c.is_whitespace() || ",;:!?()\"'".contains(c) || (sign == '#' && c == '.');
        if !text.split(ends).any(|w| w.trim_end_matches('.').eq_ignore_ascii_case(&word)) {
            out.push_str(if out.is_empty() { "" } else { " " });
            out.push_str(&word);
        }
    }
    out
}

/// The variants that these contents mean, by name.
pub fn variants(bodies: &BTreeMap<String, ContentBody>) -> Result<BTreeMap<String, Variant>, Error> {
    let one = |(name, body): (&String, &ContentBody)| Ok((name.clone(), body.variant(&format!("/variants/{name}"))?));
    bodies.iter().map(one).collect()
}

impl ContentBody {
    /// The variant this content means; `at` is where it stands in the request. What contradicts itself is a violation.
    pub fn variant(&self, at: &str) -> Result<Variant, Error> {
        if !self.thread.is_empty() {
            let both =
                |field: &str, detail: &str| Error::invalid("content_ambiguous", &format!("{at}/{field}"), detail);
            if self.text.is_some() {
                return Err(both("thread", "give a text or a thread, not both"));
            }
            if !self.media.is_empty() {
                return Err(both("media", "pictures of a thread stand at its parts"));
            }
        }
        let mut parts: Vec<Part> = self.thread.iter().map(Part::from).collect();
        if parts.is_empty() {
            parts.push(Part { text: self.text.clone().unwrap_or_default(), media: references(&self.media) });
        }
        if let Some(last) = parts.last_mut() {
            last.text = with_marks(&last.text, &self.hashtags, &self.mentions);
        }
        Ok(Variant {
            parts,
            link: self.link.as_ref().map(LinkCard::from),
            visibility: self.visibility.unwrap_or_default(),
            reply_restriction: self.reply_restriction.unwrap_or_default(),
            kind: self.kind.unwrap_or_default(),
            title: given(self.title.as_ref()),
            summary: given(self.summary.as_ref()),
            tags: self.tags.clone(),
            categories: self.categories.clone(),
            poll: self.poll.as_ref().map(Poll::from),
            template: self.template.as_ref().map(Template::from),
            first_comment: self.first_comment.clone(),
            reply_to: self.reply_to.clone(),
            quote: self.quote.clone(),
            draft: self.draft,
            made_for_kids: self.made_for_kids,
            targeting: self.targeting.as_ref().map(Targeting::from).unwrap_or_default(),
            thread_delay_s: self.thread_delay_seconds.unwrap_or(0),
        })
    }

    /// The content a variant is shown as.
    pub fn of(variant: &Variant) -> Self {
        // Named one by one: a new field of the content does not compile until it is shown.
        let Variant {
            parts,
            link,
            visibility,
            reply_restriction,
            kind,
            title,
            summary,
            tags,
            categories,
            poll,
            template,
            first_comment,
            reply_to,
            quote,
            draft,
            made_for_kids,
            targeting,
            thread_delay_s,
        } = variant;
        let mut body = Self {
            link: link.as_ref().map(LinkItem::from),
            visibility: Some(*visibility),
            reply_restriction: Some(*reply_restriction),
            kind: Some(*kind),
            title: title.clone(),
            summary: summary.clone(),
            tags: tags.clone(),
            categories: categories.clone(),
            poll: poll.as_ref().map(PollItem::from),
            template: template.as_ref().map(TemplateItem::from),
            first_comment: first_comment.clone(),
            reply_to: reply_to.clone(),
            quote: quote.clone(),
            draft: *draft,
            made_for_kids: *made_for_kids,
            targeting: (!targeting.is_empty()).then(|| targeting.into()),
            thread_delay_seconds: Some(*thread_delay_s).filter(|seconds| *seconds > 0),
            ..Self::default()
        };
        match parts.as_slice() {
            [only] => {
                let ThreadPart { text, media } = only.into();
                (body.text, body.media) = (Some(text), media);
            }
            parts => body.thread = parts.iter().map(ThreadPart::from).collect(),
        }
        body
    }
}

#[cfg(test)]
mod tests;
