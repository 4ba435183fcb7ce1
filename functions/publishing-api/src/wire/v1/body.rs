//! The fields of the campaign design's form.

use super::super::posts::PostBody;
use super::SocialMedia;
use domain::AccountId;
use domain::publishing::ReplyRestriction;
use runtime::http::whole_number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wire::content::{TargetingItem, reply_restrictions};
use wire::publish::RangeBody;

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
    /// Links; the first with `preview` becomes the card, the others stand at the end of the text.
    #[serde(default)]
    pub links: Vec<FormattedLink>,
}

/// A link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FormattedLink {
    /// Absolute address.
    pub url: String,
    /// The card's title; a link without a card has none.
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
    /// Its media: public addresses, or ids of registered media.
    #[serde(default)]
    pub media: Vec<String>,
    /// Its place, from 1.
    #[serde(default, deserialize_with = "whole_number")]
    pub order: Option<u32>,
}

/// A thread.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Thread {
    /// Its posts.
    pub tweets: Vec<ThreadItem>,
    /// What it is about, for its author: nobody else sees it.
    #[serde(default)]
    pub summary: Option<String>,
    /// How long it is; it is counted again.
    #[serde(default, deserialize_with = "whole_number")]
    pub total_characters: Option<u32>,
}

/// One tweet: its text is the content's, and its marks are those of `formatting`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tweet {
    /// The text.
    pub text: String,
    /// How long it is; it is counted again.
    #[serde(default, deserialize_with = "whole_number")]
    pub character_count: Option<u32>,
    /// What is in the text, or is to stand at its end.
    #[serde(default)]
    pub formatting: TweetMarks,
}

/// What a tweet's text has of marks and addresses.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TweetMarks {
    /// Handles to mention.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// Hashtags.
    #[serde(default)]
    pub hashtags: Vec<String>,
    /// Signs of companies, with or without `$`.
    #[serde(default)]
    pub cashtags: Vec<String>,
    /// Addresses.
    #[serde(default)]
    pub urls: Vec<String>,
}

/// Who may reply.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// everyone, following or mentioned.
    #[serde(default)]
    #[schema(schema_with = reply_restrictions)]
    pub reply_restriction: Option<ReplyRestriction>,
    /// Whether it is marked as sensitive: no platform's API takes that mark any more.
    #[serde(default)]
    pub sensitive: bool,
    /// Whether it may be promoted: no platform's API asks.
    #[serde(default)]
    pub promotable: bool,
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
    /// A tweet, instead of `text`.
    #[serde(default)]
    pub tweet: Option<Tweet>,
    /// A title, where posts have one.
    #[serde(default)]
    pub title: Option<TranslatedText>,
    /// A summary, where posts have one.
    #[serde(default)]
    pub description: Option<TranslatedText>,
    /// Mentions, hashtags, links.
    #[serde(default)]
    pub formatting: Formatting,
    /// The post that this one answers: its id or address.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The post that this one quotes: its id or address.
    #[serde(default)]
    pub quote_tweet: Option<String>,
    /// Whom it is shown to.
    #[serde(default)]
    pub targeting: TargetingItem,
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

/// How it goes out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Publishing {
    /// Its times.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// Where else it goes.
    #[serde(default)]
    pub cross_posting: CrossPosting,
}

/// Where else a content goes.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CrossPosting {
    /// Whether the only account on X gets it, too.
    #[serde(default)]
    pub share_to_twitter: bool,
    /// Whether it is sent by e-mail: a campaign of its own does that.
    #[serde(default)]
    pub share_to_email: bool,
}

/// The times of a content beside its own.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scheduling {
    /// Minutes that each post of the thread waits after the one before is live.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(maximum = 720)]
    pub thread_delay: Option<u32>,
    /// Whether it goes out at the best time of its account, by the organisation's clock, instead of `schedule_for`.
    #[serde(default)]
    pub optimize_time: bool,
    /// Where the best time is looked for.
    #[serde(default)]
    pub date_range: Option<RangeBody>,
}

/// What a content belongs to. Herald does not group posts: one that names a campaign is refused.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Campaign {
    /// Its id.
    #[serde(default)]
    pub campaign_id: String,
    /// Its name.
    #[serde(default)]
    pub campaign_name: String,
    /// What it is sorted by.
    #[serde(default)]
    pub campaign_tags: Vec<String>,
}

/// What is to be done on the platform by itself. Herald does none of it: what asks for any is refused.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Automation {
    /// Accounts whose posts are passed on.
    #[serde(default)]
    pub auto_retweet: Vec<String>,
    /// Words of posts that are liked.
    #[serde(default)]
    pub auto_like: Vec<String>,
    /// What those who answer are told.
    #[serde(default)]
    pub auto_reply: Option<AutoReply>,
}

/// An answer to those who answer.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoReply {
    /// Whether it is sent.
    #[serde(default)]
    pub enabled: bool,
    /// Its words.
    #[serde(default)]
    pub template: String,
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
    /// How it goes out.
    #[serde(default)]
    pub publishing: Publishing,
    /// What it belongs to: taken only if it is left out.
    #[serde(default)]
    pub campaign: Option<Campaign>,
    /// What is to be done by itself: taken only if that is nothing.
    #[serde(default)]
    pub automation: Automation,
    /// Which language of a translated text is published.
    #[serde(default)]
    pub language: Option<String>,
    /// An instant (RFC 3339); without it, and without a best time, the content is kept as a draft.
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
