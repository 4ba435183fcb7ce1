//! What a use case can answer besides its result.

use domain::publishing::{Refused, Violation};
use ports::{SecretError, StoreError};

/// Why a use case did not do what was asked. Nothing was written unless the variant says so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The request breaks rules; all of them are listed.
    #[error("the request breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
    /// There is no such thing, or it is another tenant's: the caller cannot tell.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The state of things forbids it now.
    #[error("{detail}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// What is in the way and what to do.
        detail: String,
    },
    /// The caller may not do this.
    #[error("this needs the permission {0}")]
    Forbidden(&'static str),
    /// A request that is wrong in a way of its own: a stable code and what to mend (HTTP 400).
    #[error("{detail}")]
    BadRequest {
        /// Stable code.
        code: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The key was used with another request.
    #[error("this idempotency key was used with another request")]
    KeyReused,
    /// The same request is being worked on.
    #[error("the same request is being worked on")]
    InFlight,
    /// A part we depend on did not answer; asking again later is safe.
    #[error("{0}")]
    Unavailable(String),
    /// A defect of ours.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A single violation.
    pub fn invalid(code: &str, field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(code, field, detail)])
    }

    /// A conflict.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    /// The post was deleted from Herald's lists.
    pub(crate) fn deleted() -> Self {
        Self::conflict("deleted", "the post was deleted: make a new one")
    }

    /// A bad request.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::BadRequest { code, detail: detail.into() }
    }
}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Conflict { .. } => Self::conflict(
                "changed_meanwhile",
                "somebody else changed it at the same moment: read it and try again",
            ),
            StoreError::Unavailable(why) => Self::Unavailable(why),
            StoreError::Corrupt(why) => Self::Internal(why),
        }
    }
}

impl From<SecretError> for Error {
    fn from(e: SecretError) -> Self {
        match e {
            SecretError::Unavailable(why) => Self::Unavailable(why),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Refused> for Error {
    fn from(e: Refused) -> Self {
        match e {
            Refused::TooLate(_) => Self::conflict("too_late", e.to_string()),
            Refused::OutcomeUnknown => Self::conflict(
                "outcome_unknown",
                "it may be live: look at the account, then answer \"it is live\" or confirm that it is not",
            ),
            Refused::OtherQuestion => Self::conflict(
                "other_question",
                "this question is not open any more: read the delivery again and answer the one it shows now",
            ),
            Refused::NotSettled(until) => Self::conflict(
                "not_settled",
                format!("what was sent may still appear until {until:.0}: look again after that, then send again"),
            ),
            Refused::NotApproved => Self::conflict(
                "not_approved",
                "it was not approved, or it was for a time that has passed: make a new post of it",
            ),
            Refused::Removed => Self::conflict(
                "deleted",
                "it was deleted there, or a part of it was: what is left of it has nothing to follow, make a new post of it",
            ),
            Refused::TimeOver => {
                Self::conflict("time_over", "its time has passed, and it may not start so late: give it a later time")
            }
            Refused::OtherContent => Self::conflict(
                "content_changed",
                "the post was changed since you looked: read it again and answer with the hash it shows now",
            ),
            Refused::Stands(_) | Refused::Wrong(_) | Refused::Fenced => Self::conflict("wrong_state", e.to_string()),
        }
    }
}
