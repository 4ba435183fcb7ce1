//! The overview.

use serde::Serialize;

use super::{AccountCard, Notice, PostRow};

/// `GET /console`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HomePage {
    /// A few numbers, each a link to what it counts.
    pub figures: Vec<Figure>,
    /// What should be looked at, most urgent first.
    pub notices: Vec<Notice>,
    /// What is left to do before the first post; empty once everything is done.
    pub steps: Vec<SetupStep>,
    /// The next posts to go out, soonest first.
    pub next: Vec<PostRow>,
    /// What went out last, newest first.
    pub recent: Vec<PostRow>,
    /// Connected accounts, those in trouble first.
    pub accounts: Vec<AccountCard>,
}

/// One number of the overview.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: u64,
    /// Where they are listed.
    pub href: String,
}

/// One step of getting started.
#[derive(Debug, Clone, Serialize)]
pub struct SetupStep {
    /// Whether it is done.
    pub done: bool,
    /// What to do.
    pub title: String,
    /// Why.
    pub text: String,
    /// Where.
    pub href: String,
}
