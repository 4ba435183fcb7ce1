//! What a platform's answer can mean. The kinds are closed: a connector must choose one, and an answer it does not
//! know after the body was sent is [`Failure::Unconfirmed`], never "failed".

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the platform gave a published part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The platform's id; none when it said yes but did not say the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where people can see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Receipt {
    /// It is live, and nobody knows where.
    pub const NAMELESS: Self = Self { id: None, url: None };
}

/// Why a call to a platform did not succeed. `detail` is the platform's own words, already stripped of secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// The access token was refused; a fresh one may work. Definitely not committed.
    #[error("the platform refused the access token")]
    Unauthorized,
    /// The person withdrew access, or the account is suspended. Definitely not committed.
    #[error("the account must be connected again: {detail}")]
    Revoked {
        /// The platform's words.
        detail: String,
    },
    /// The platform understood and said no. Definitely not committed.
    #[error("the platform refused the post: {detail}")]
    Rejected {
        /// A stable code for the reason.
        code: String,
        /// The platform's words.
        detail: String,
    },
    /// The platform says this very content exists already.
    #[error("the platform says this content exists already")]
    Duplicate {
        /// The existing post, when the platform names it.
        existing: Option<Receipt>,
    },
    /// Too many requests; not processed.
    #[error("the platform asks to slow down")]
    RateLimited {
        /// When it says it will accept again.
        until: Option<Timestamp>,
    },
    /// The request did not reach the platform (no connection, TLS failed). Definitely not committed.
    #[error("the platform could not be reached")]
    Unavailable,
    /// The request left us and no proof came back: it may or may not have been committed.
    #[error("the platform gave no proof of the outcome: {detail}")]
    Unconfirmed {
        /// What was seen instead of an answer.
        detail: String,
    },
    /// The platform has all of it, under an id that only this delivery has, and will publish it or say why not: nothing else of it
    /// may leave, and no reading proves it absent. Only [`Finding::Refused`] says that it never will be there.
    #[error("the platform took it and has not published it yet: {detail}")]
    Taken {
        /// What the platform does with it, as far as it says.
        detail: String,
        /// What the connector keeps from now on, where only this answer told the id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<serde_json::Value>,
    },
    /// The platform does not offer this.
    #[error("{detail}")]
    Unsupported {
        /// The rule.
        detail: String,
    },
    /// Our configuration or the customer's plan with the platform does not allow it; an operator must act.
    #[error("{detail}")]
    Misconfigured {
        /// What to mend.
        detail: String,
    },
}

impl Failure {
    /// The platform took it under an id that is kept already, and does this with it.
    pub fn taken(detail: impl Into<String>) -> Self {
        Self::Taken { detail: detail.into(), kept: None }
    }

    /// A stable code for logs, metrics and the API.
    pub fn code(&self) -> &str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Revoked { .. } => "revoked",
            Self::Rejected { code, .. } => code,
            Self::Duplicate { .. } => "duplicate_content",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Taken { .. } => "taken",
            Self::Unsupported { .. } => "unsupported",
            Self::Misconfigured { .. } => "misconfigured",
        }
    }
}

/// What reading the platform back found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Exactly one post that is ours.
    Found(Receipt),
    /// It is live: the platform says so of an id that only this delivery has, whatever else looks like it. The receipt names that
    /// id's post, or nothing.
    Proved(Receipt),
    /// It is live: the platform says so of an id that only this delivery has. Which post it is, it does not say: the receipt names the
    /// one that looks like it.
    Live(Receipt),
    /// The platform has it, says so of an id that only this delivery has, and will publish it or say that it does not.
    Pending,
    /// A complete listing since the baseline, without it, on a platform that has nothing of it under way.
    Absent,
    /// Nothing as it was written, but so many posts that may be ours, changed by somebody, or that another delivery of
    /// the account may be; none where the listing need not show it ([`Finding::UNSHOWN`]).
    Resembling(usize),
    /// The platform says of every id that this delivery has or had that it was not published and never will be.
    Refused {
        /// A stable code for the reason.
        code: String,
        /// The platform's words.
        detail: String,
    },
    /// Several posts that could be ours.
    Several(usize),
    /// The platform cannot be read for this account.
    Unreadable,
}

impl Finding {
    /// A complete listing without it, on a platform that does not promise that it would be shown there: it proves nothing, however
    /// often it is read.
    pub const UNSHOWN: Self = Self::Resembling(0);

    /// What a complete listing comes to that has these posts as they were written, and so many that resemble one.
    pub fn of(mut found: Vec<Receipt>, resembling: usize) -> Self {
        match (found.pop(), found.len()) {
            (None, _) if resembling > 0 => Self::Resembling(resembling),
            (None, _) => Self::Absent,
            (Some(receipt), 0) => Self::Found(receipt),
            (Some(_), others) => Self::Several(others + 1),
        }
    }
}
