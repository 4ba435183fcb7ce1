//! The content of a post in our own form.

use app::Error;
use domain::MediaId;
use domain::publishing::{
    CaptionTrack, ContentKind, LinkCard, MediaRef, Part, Poll, ReplyRestriction, Targeting, Template, Variant,
    Visibility,
};
use runtime::http::whole_number;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Object;

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
    /// The post on the platform that this one answers: its id or address.
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

fn references(media: &[MediaItem]) -> Vec<MediaRef> {
    let words = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let track = |c: &CaptionItem| CaptionTrack { id: c.media_id, language: c.language.clone(), name: words(&c.name) };
    let reference = |m: &MediaItem| MediaRef {
        id: m.media_id,
        alt_text: words(&m.alt_text),
        title: words(&m.title),
        captions: m.captions.iter().map(track).collect(),
        cover_ms: m.cover_ms,
    };
    media.iter().map(reference).collect()
}

/// `text` with the marks that it does not have yet at its end.
pub fn with_marks(text: &str, hashtags: &[String], mentions: &[String]) -> String {
    let marked = |sign: char, words: &[String]| -> Vec<String> {
        words.iter().map(|w| format!("{sign}{}", w.trim().trim_start_matches(sign))).filter(|w| w.len() > 1).collect()
    };
    let mut out = text.to_owned();
    for word in marked('@', mentions).into_iter().chain(marked('#', hashtags)) {
        let there =
            text.split(|c: char| c.is_whitespace() || ",.;:!?()".contains(c)).any(|w| w.eq_ignore_ascii_case(&word));
        if !there {
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
        let mut parts: Vec<Part> =
            self.thread.iter().map(|p| Part { text: p.text.clone(), media: references(&p.media) }).collect();
        if parts.is_empty() {
            parts.push(Part { text: self.text.clone().unwrap_or_default(), media: references(&self.media) });
        }
        if let Some(last) = parts.last_mut() {
            last.text = with_marks(&last.text, &self.hashtags, &self.mentions);
        }
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(Variant {
            parts,
            link: self.link.as_ref().map(|l| LinkCard {
                url: l.url.clone(),
                title: l.title.clone(),
                description: l.description.clone(),
            }),
            visibility: self.visibility.unwrap_or_default(),
            reply_restriction: self.reply_restriction.unwrap_or_default(),
            kind: self.kind.unwrap_or_default(),
            title: given(&self.title),
            summary: given(&self.summary),
            tags: self.tags.clone(),
            categories: self.categories.clone(),
            poll: self.poll.as_ref().map(|poll| Poll {
                question: given(&poll.question),
                options: poll.options.clone(),
                duration_minutes: poll.duration_minutes.unwrap_or(A_DAY),
                multiple: poll.multiple,
            }),
            template: self.template.as_ref().map(|template| Template {
                name: template.name.clone(),
                language: template.language.clone(),
                parameters: template.parameters.clone(),
            }),
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
        let items = |media: &[MediaRef]| {
            let track = |c: &CaptionTrack| {
                let CaptionTrack { id, language, name } = c.clone();
                CaptionItem { media_id: id, language, name }
            };
            let item = |m: &MediaRef| {
                let MediaRef { id, alt_text, title, captions, cover_ms } = m;
                MediaItem {
                    media_id: *id,
                    alt_text: alt_text.clone(),
                    title: title.clone(),
                    captions: captions.iter().map(track).collect(),
                    cover_ms: *cover_ms,
                }
            };
            media.iter().map(item).collect()
        };
        let mut body = Self {
            link: link.as_ref().map(|l| LinkItem {
                url: l.url.clone(),
                title: l.title.clone(),
                description: l.description.clone(),
            }),
            visibility: Some(*visibility),
            reply_restriction: Some(*reply_restriction),
            kind: Some(*kind),
            title: title.clone(),
            summary: summary.clone(),
            tags: tags.clone(),
            categories: categories.clone(),
            poll: poll.as_ref().map(|poll| PollItem {
                question: poll.question.clone(),
                options: poll.options.clone(),
                duration_minutes: Some(poll.duration_minutes),
                multiple: poll.multiple,
            }),
            template: template.as_ref().map(|template| TemplateItem {
                name: template.name.clone(),
                language: template.language.clone(),
                parameters: template.parameters.clone(),
            }),
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
                body.text = Some(only.text.clone());
                body.media = items(&only.media);
            }
            parts => {
                body.thread =
                    parts.iter().map(|p| ThreadPart { text: p.text.clone(), media: items(&p.media) }).collect();
            }
        }
        body
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn marks_are_added_once_and_only_when_the_text_lacks_them() {
        let tags = ["launch".to_owned(), "#news".to_owned(), " ".to_owned()];
        assert_eq!(with_marks("Big #Launch today", &tags, &["ada".to_owned()]), "Big #Launch today @ada #news");
        assert_eq!(with_marks("", &tags[..1], &[]), "#launch");
    }

    #[test]
    fn a_content_survives_the_way_to_a_variant_and_back() {
        let body = ContentBody {
            thread: vec![
                ThreadPart { text: "a".into(), media: vec![] },
                ThreadPart { text: "b".into(), media: vec![] },
            ],
            ..ContentBody::default()
        };
        let variant = body.variant("/content").unwrap();
        assert_eq!(variant.parts.len(), 2);
        assert_eq!(ContentBody::of(&variant).variant("/content").unwrap(), variant);
    }

    #[test]
    fn a_template_survives_it_with_its_parameters_in_their_order() {
        let parameters = vec!["Ada".to_owned(), "42".to_owned()];
        let template = TemplateItem { name: "order_ready".into(), language: "en_US".into(), parameters };
        let body = ContentBody { template: Some(template), ..ContentBody::default() };
        let variant = body.variant("/content").unwrap();
        assert_eq!(variant.template.as_ref().unwrap().parameters, ["Ada", "42"]);
        assert_eq!(ContentBody::of(&variant).variant("/content").unwrap(), variant);
    }

    #[test]
    fn a_thread_beside_a_text_or_pictures_is_refused_wherever_it_stands() {
        let thread = vec![ThreadPart { text: "a".into(), media: vec![] }];
        let media_id: MediaId = "med_0198c0ffee0070008000000000000001".parse().unwrap();
        let picture = MediaItem { media_id, alt_text: None, title: None, captions: vec![], cover_ms: None };
        let text = ContentBody { text: Some("b".into()), thread: thread.clone(), ..ContentBody::default() };
        let media = ContentBody { media: vec![picture], thread, ..ContentBody::default() };
        for (body, field) in [(text, "/variants/x/thread"), (media, "/variants/x/media")] {
            let Err(Error::Invalid(told)) = body.variant("/variants/x") else { panic!("{body:?} is taken") };
            assert_eq!((told[0].code.as_str(), told[0].field.as_str()), ("content_ambiguous", field));
        }
    }
}
