//! How the latest change of a delivery's words stands, as the API shows it.

use domain::publishing::{AmendOutcome, Delivery};
use serde::Serialize;
use utoipa::ToSchema;
use wire::content::ContentBody;

/// The latest change of the words of what is live.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AmendmentBody {
    /// done, refused, unknown, or leaving while its requests are under way, for at most a minute.
    pub outcome: String,
    /// When its requests left.
    pub at: String,
    /// Why it is not done, as a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub code: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub detail: Option<String>,
    /// What it says instead of what the post says, where the change has not reached it for certain; told with the post itself, and
    /// not in answers to changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub says: Option<ContentBody>,
    /// Indexes of the parts of which it is not known which of the two they say.
    pub unsure_parts: Vec<u16>,
}

impl AmendmentBody {
    /// The body of a delivery's latest change; none where there was none. What is said instead is left out: an answer is
    /// remembered, and contents are large.
    pub fn of(delivery: &Delivery) -> Option<Self> {
        let latest = delivery.amendment.as_ref()?;
        let (outcome, code, detail) = match &latest.outcome {
            AmendOutcome::Leaving => ("leaving", None, None),
            AmendOutcome::Done => ("done", None, None),
            AmendOutcome::Refused { code, detail } => ("refused", Some(code.as_str()), Some(detail)),
            AmendOutcome::Unknown { detail } => ("unknown", Some("unconfirmed"), Some(detail)),
        };
        Some(Self {
            outcome: outcome.into(),
            at: latest.at.to_string(),
            code: code.map(str::to_owned),
            detail: detail.cloned(),
            says: None,
            unsure_parts: latest.unsure(),
        })
    }
}
