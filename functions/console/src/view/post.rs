//! One post, and what happened to each of its deliveries.

use serde::Serialize;

use super::{AccountRef, Action, ApprovalView, Badge, Moment, Mover, Said, Tone, UnknownOutcome};

/// `GET /console/posts/{post_id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostPage {
    /// The post's id.
    pub id: String,
    /// The state of the whole.
    pub state: Badge,
    /// Whether something becomes of it within minutes: then the page looks again by itself.
    pub moving: bool,
    /// What it says, whole: to every platform, and to single ones.
    pub said: Vec<Said>,
    /// When it goes or went out.
    pub when: Option<Moment>,
    /// Why then, where the best time was asked for.
    pub why_then: Option<String>,
    /// When it was written.
    pub created: Moment,
    /// Who wrote it: a member's or a key's name.
    pub author: String,
    /// The composer for it, while it may be edited.
    pub edit_href: Option<String>,
    /// The form for other words, where it is live and they can be changed.
    pub amend_href: Option<String>,
    /// How it is given another time, while it may be.
    pub mover: Option<Mover>,
    /// What may be done with the whole post now.
    pub actions: Vec<Action>,
    /// How its approval stands, where there is something to say of it.
    pub approval: Option<ApprovalView>,
    /// One per account.
    pub deliveries: Vec<DeliveryView>,
}

/// A picture or video of a post.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MediaView {
    /// An address the browser may load; absent while it is being fetched.
    pub src: Option<String>,
    /// Where a browser shows what the page does not.
    pub href: Option<String>,
    /// The text for those who do not see it; empty when there is none.
    pub alt: String,
    /// What it is, in words (type, size, state).
    pub label: String,
}

/// One post on its way to one account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DeliveryView {
    /// The delivery's id; also the anchor on the page.
    pub id: String,
    /// Where to.
    pub account: AccountRef,
    /// Its state.
    pub state: Badge,
    /// What the state means, in one or two sentences.
    pub summary: String,
    /// What will keep it from going out unless somebody acts; it is dealt with at the accounts.
    pub warning: Option<String>,
    /// When it is tried next or due.
    pub due: Option<Moment>,
    /// Where it can be seen, once it is live.
    pub live_url: Option<String>,
    /// What may be done now.
    pub actions: Vec<Action>,
    /// The question to a person, when the outcome is unknown and reading could not settle it.
    pub unknown: Option<UnknownOutcome>,
    /// What people see there, where the post says something else since it was changed.
    pub says: Option<String>,
    /// Whether that is not certain.
    pub unsure: bool,
    /// Everything that happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

/// One thing that happened: an attempt, an answer, a decision.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TimelineEntry {
    /// When.
    pub at: Moment,
    /// How it is meant.
    pub tone: Tone,
    /// What, in a few words.
    pub title: String,
    /// Why, in words.
    pub text: Option<String>,
    /// Technical detail for those who ask: status, latency, correlation id.
    pub facts: Vec<Fact>,
}

/// A named detail.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
}
