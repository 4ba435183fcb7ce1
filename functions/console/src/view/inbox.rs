//! What people said, and what becomes of it.

use serde::Serialize;

use super::{AccountRef, Action, Badge, Moment, Platform, StateFilter};

/// `GET /console/inbox`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InboxPage {
    /// The ways to look at it.
    pub filters: Vec<InboxFilters>,
    /// What was said, the newest first.
    pub items: Vec<InboxItem>,
    /// The first page, on every other.
    pub newest_href: Option<String>,
    /// The next page, if there is one.
    pub older_href: Option<String>,
}

/// Ways to look at it of which one counts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InboxFilters {
    /// What they are about.
    pub label: String,
    /// The ways.
    pub links: Vec<StateFilter>,
}

/// Something that somebody said.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InboxItem {
    /// Its page.
    pub href: String,
    /// What it is: `Comment`, `Mention`, `Message`, `Reaction`.
    pub kind: String,
    /// Who said it.
    pub author: String,
    /// The words; none of what was taken back, or has none.
    pub text: Option<String>,
    /// Why there are none, or what else is to know of it.
    pub note: Option<String>,
    /// Where it was said.
    pub platform: Platform,
    /// The account that it concerns, where it is known.
    pub account: Option<AccountRef>,
    /// When.
    pub when: Moment,
    /// Where it stands; none of a reaction.
    pub state: Option<Badge>,
    /// Who sees to it.
    pub assignee: Option<String>,
    /// Whether it is the one that the page is about.
    pub current: bool,
}

/// `GET /console/inbox/{interaction_id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConversationPage {
    /// What the page is about.
    pub item: InboxItem,
    /// The post that it is about, where that is one of ours.
    pub post_href: Option<String>,
    /// How many reactions there are, in words.
    pub reactions: String,
    /// All that was said, the oldest first.
    pub said: Vec<InboxItem>,
    /// What the reader may make of it.
    pub actions: Vec<Action>,
}
