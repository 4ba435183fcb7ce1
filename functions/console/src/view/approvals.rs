//! What waits for an approver, and how an approval stands.

use serde::Serialize;

use super::{AccountRef, Action, Badge, Fact, MediaView, Moment, Platform, TimelineEntry};

/// `GET /console/approvals`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ApprovalsPage {
    /// The posts that wait, the most urgent first.
    pub items: Vec<ApprovalItem>,
    /// The next page, if there is one.
    pub more_href: Option<String>,
}

/// A post that waits.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ApprovalItem {
    /// The post's page.
    pub href: String,
    /// What it says, everything of it; platforms with a content of their own come after the common one.
    pub said: Vec<Said>,
    /// Where it goes.
    pub accounts: Vec<AccountRef>,
    /// When it goes out.
    pub when: Option<Moment>,
    /// Who wrote it or changed it last.
    pub author: String,
    /// How its approval stands.
    pub approval: ApprovalView,
}

/// One content of a post, whole: nobody approves what they were not shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Said {
    /// Whose content it is; none for the common one.
    pub platform: Option<Platform>,
    /// The text.
    pub text: String,
    /// The attached link.
    pub link: Option<String>,
    /// Everything else of it that people read, or that changes who sees it.
    pub facts: Vec<Fact>,
    /// Its pictures and videos, where the page shows them.
    pub media: Vec<MediaView>,
}

/// How an approval stands, and what the reader may do about it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ApprovalView {
    /// The post's id, unique on the page.
    pub id: String,
    /// The state.
    pub state: Badge,
    /// What that means, in a sentence or two.
    pub text: String,
    /// The last instant at which approving it helps, while it waits.
    pub until: Option<Moment>,
    /// The comment that came with the last step, if one did.
    pub comment: Option<String>,
    /// The "yes"; its form may carry a comment.
    pub approve: Option<Action>,
    /// The "no"; its form carries a comment.
    pub reject: Option<Action>,
    /// Asks for it, or asks again; its form may carry a comment.
    pub ask: Option<Action>,
    /// Who did what, oldest first.
    pub steps: Vec<TimelineEntry>,
}
