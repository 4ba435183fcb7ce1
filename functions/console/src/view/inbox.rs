//! What people said, and what becomes of it.

use serde::Serialize;

use super::{AccountRef, Action, Badge, FieldError, Moment, Platform, SelectOption, StateFilter};

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

/// A post of ours that answers something.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AnswerItem {
    /// The post's page.
    pub href: String,
    /// What it says; none where the post was deleted.
    pub text: Option<String>,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub when: Moment,
    /// Where it stands; none where nothing is known of it any more.
    pub state: Option<Badge>,
    /// What that means.
    pub summary: Option<String>,
    /// Where people see it.
    pub live_url: Option<String>,
}

/// Whom something may be given to: a button, with the field `to`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GiveForm {
    /// The button.
    pub action: Action,
    /// Members who may answer.
    pub members: Vec<SelectOption>,
}

/// `GET /console/inbox/{interaction_id}`.
///
/// Posts `text`, the answer. Error field: `text`.
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
    /// The answers that were written here, the oldest first.
    pub answers: Vec<AnswerItem>,
    /// Answers it, where the reader may and it can be.
    pub answer: Option<Action>,
    /// Why it cannot be answered from here now, for who might.
    pub refusal: Option<String>,
    /// What was typed and not taken.
    pub text: String,
    /// Why it was not.
    pub errors: Vec<FieldError>,
    /// What the reader may make of it.
    pub actions: Vec<Action>,
    /// Gives it to somebody.
    pub give: Option<GiveForm>,
}
