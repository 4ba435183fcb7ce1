//! What waits for a person.

use serde::Serialize;

use super::{AccountRef, Action, Moment, Notice};

/// `GET /console/attention`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AttentionPage {
    /// Deliveries whose outcome only a person can settle.
    pub unknown: Vec<UnknownOutcome>,
    /// Everything else: accounts to reconnect, missed and failed posts.
    pub notices: Vec<Notice>,
}

/// A delivery that may or may not be live.
///
/// Both answers are audited decisions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UnknownOutcome {
    /// The delivery's id, unique on the page.
    pub id: String,
    /// The post's page.
    pub post_href: String,
    /// The beginning of the text, to recognise it by.
    pub excerpt: String,
    /// Where it was sent.
    pub account: AccountRef,
    /// When it was sent.
    pub sent: Moment,
    /// What happened and why Herald cannot know, in plain words.
    pub explanation: String,
    /// Where to look: the account's own page on the platform.
    pub look_url: Option<String>,
    /// What `It is live` leads to.
    pub live_hint: String,
    /// `It is live`: nothing is sent again. The form may carry the address of the post.
    pub live: Action,
    /// `Send again`: it is sent once more. None while what was sent may still appear.
    pub again: Option<Action>,
    /// When that is offered.
    pub again_from: Option<Moment>,
}
