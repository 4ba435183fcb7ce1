//! `POST /api/v1/communication/social/{platform}/content`: the campaign design's form, whose content has a shape of its
//! own per platform. Fields of `TwitterContent` and `LinkedInContent` that the first connectors carry are taken; those a
//! platform no longer offers are refused with the reason, never dropped in silence.

use super::content::{reply_restrictions, with_marks};
use super::posts::PostBody;
use super::publish::when_of;
use app::Error;
use app::publishing::{PublishCommand, TargetSpec, When};
use domain::publishing::{LinkCard, MediaRef, Part, ReplyRestriction, Variant, Visibility};
use domain::time::OnGap;
use domain::{AccountId, MediaId};
use runtime::http::whole_number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A text, or one text per language of which `language` chooses.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum TranslatedText {
    /// One text.
    One(String),
    /// By language tag.
    ByLanguage(BTreeMap<String, String>),
}

/// Mentions, hashtags and links beside a text.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Formatting {
    /// Handles to mention.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// Hashtags.
    #[serde(default)]
    pub hashtags: Vec<String>,
    /// Links; the first with `preview` becomes the card.
    #[serde(default)]
    pub links: Vec<FormattedLink>,
}

/// A link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FormattedLink {
    /// Absolute address.
    pub url: String,
    /// The card's title.
    #[serde(default)]
    pub display_text: Option<String>,
    /// Whether it is shown as a card.
    #[serde(default)]
    pub preview: bool,
}

/// One post of a thread.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadItem {
    /// Its text.
    pub text: String,
    /// Its place, from 1.
    #[serde(default, deserialize_with = "whole_number")]
    pub order: Option<u32>,
}

/// A thread.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thread {
    /// Its posts.
    pub tweets: Vec<ThreadItem>,
}

/// Who may reply.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// everyone, following or mentioned.
    #[serde(default)]
    #[schema(schema_with = reply_restrictions)]
    pub reply_restriction: Option<ReplyRestriction>,
}

/// What is said.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SocialContent {
    /// post or tweet, thread, reply, quote, article, video, document.
    #[serde(default)]
    pub content_type: Option<String>,
    /// The text.
    #[serde(default)]
    pub text: Option<TranslatedText>,
    /// Mentions, hashtags, links.
    #[serde(default)]
    pub formatting: Formatting,
    /// A thread.
    #[serde(default)]
    pub thread: Option<Thread>,
    /// public, connections or network.
    #[serde(default)]
    pub visibility: Option<String>,
    /// Reply settings.
    #[serde(default)]
    pub settings: Settings,
}

/// A picture.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SocialImage {
    /// A public address, or the id of a registered medium.
    pub url: String,
    /// What it shows.
    #[serde(default)]
    pub alt_text: Option<String>,
}

/// Pictures.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SocialMedia {
    /// Pictures.
    #[serde(default)]
    pub images: Vec<SocialImage>,
}

/// A content to create, and to schedule when it says when.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SocialContentBody {
    /// The account; may be left out where only one is connected.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    /// The content.
    pub content: SocialContent,
    /// Its media.
    #[serde(default)]
    pub media: SocialMedia,
    /// Which language of a translated text is published.
    #[serde(default)]
    pub language: Option<String>,
    /// An instant (RFC 3339); without it the content is kept as a draft.
    #[serde(default)]
    pub schedule_for: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SocialContentAnswer {
    /// True.
    pub success: bool,
    /// The content as a post.
    pub data: PostBody,
    /// What happened.
    pub message: String,
}

impl SocialContentBody {
    /// The command this body means; `media` are the pictures of `media.images`, registered, in order.
    pub fn command(&self, platform: &str, media: &[MediaId]) -> Result<PublishCommand, Error> {
        self.refuse_what_is_not_there()?;
        let pictures = media.iter().zip(&self.media.images);
        let pictures =
            pictures.map(|(id, i)| MediaRef { alt_text: i.alt_text.clone(), ..MediaRef::new(*id) }).collect();
        let formatting = &self.content.formatting;
        let mut parts = self.parts()?;
        if let Some(last) = parts.last_mut() {
            last.text = with_marks(&last.text, &formatting.hashtags, &formatting.mentions);
        }
        if let Some(first) = parts.first_mut() {
            first.media = pictures;
        }
        let link = formatting.links.iter().find(|l| l.preview).or(formatting.links.first());
        let content = Variant {
            parts,
            link: link.map(|l| LinkCard { url: l.url.clone(), title: l.display_text.clone(), description: None }),
            visibility: self.visibility()?,
            reply_restriction: self.content.settings.reply_restriction.unwrap_or_default(),
            ..Variant::default()
        };
        let target = self.account_id.map_or_else(|| TargetSpec::Platform(platform.to_owned()), TargetSpec::Account);
        let when = self
            .schedule_for
            .as_deref()
            .map_or(Ok(When::Draft), |t| when_of(t, None, OnGap::Reject, "/schedule_for"))?;
        Ok(PublishCommand { content, variants: BTreeMap::new(), targets: vec![target], when, max_lateness_s: None })
    }

    fn refuse_what_is_not_there(&self) -> Result<(), Error> {
        let why = match self.content.content_type.as_deref() {
            None | Some("post" | "tweet" | "thread") => return Ok(()),
            Some("quote") => {
                "quote posts through the API were withdrawn for self-serve apps in April 2026: put the post's address in the text"
            }
            Some("reply") => {
                "replies are allowed only to posts that mention the account; they are not offered here yet"
            }
            Some("article") => {
                "there is no API for native articles: give formatting.links with a title, which becomes an article card"
            }
            Some("video" | "document") => "videos and documents are not offered here yet",
            Some(_) => "one of post, tweet, thread",
        };
        Err(Error::invalid("unsupported", "/content/contentType", why))
    }

    fn parts(&self) -> Result<Vec<Part>, Error> {
        let part = |text: String| Part { text, media: Vec::new() };
        match (&self.content.thread, &self.content.text) {
            (Some(thread), None) => {
                let mut items: Vec<&ThreadItem> = thread.tweets.iter().collect();
                items.sort_by_key(|t| t.order.unwrap_or(0));
                Ok(items.into_iter().map(|t| part(t.text.clone())).collect())
            }
            (Some(_), Some(_)) => {
                Err(Error::invalid("content_ambiguous", "/content/thread", "give a text or a thread, not both"))
            }
            (None, None) => Err(Error::invalid("content_empty", "/content/text", "write a text")),
            (None, Some(TranslatedText::One(text))) => Ok(vec![part(text.clone())]),
            (None, Some(TranslatedText::ByLanguage(texts))) => {
                let chosen = match &self.language {
                    Some(language) => texts.get(language),
                    None if texts.len() == 1 => texts.values().next(),
                    None => None,
                };
                let text = chosen.ok_or_else(|| {
                    Error::invalid("language_missing", "/language", "name one of the text's languages")
                })?;
                Ok(vec![part(text.clone())])
            }
        }
    }

    fn visibility(&self) -> Result<Visibility, Error> {
        match self.content.visibility.as_deref() {
            None | Some("public") => Ok(Visibility::Public),
            Some("connections") => Ok(Visibility::Connections),
            Some("network") => Ok(Visibility::LoggedIn),
            Some(_) => Err(Error::invalid("unsupported", "/content/visibility", "public, connections or network")),
        }
    }
}
