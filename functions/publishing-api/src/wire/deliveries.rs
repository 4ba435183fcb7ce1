//! Deliveries as the API shows them.

use super::amendment::AmendmentBody;
use app::accounts::Ends;
use domain::publishing::{Delivery, Entry, State};
use serde::Serialize;
use utoipa::ToSchema;

/// What happened to one delivery, in one line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineBody {
    /// When (RFC 3339).
    pub at: String,
    /// Stable name of what happened.
    pub event: String,
    /// In words.
    pub text: String,
}

/// Why a delivery did not succeed, or why a person must look.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryError {
    /// Stable code.
    pub code: String,
    /// In words.
    pub detail: String,
}

/// One post to one account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryBody {
    /// Id.
    pub delivery_id: String,
    /// Account.
    pub account_id: String,
    /// Platform slug.
    pub platform: String,
    /// scheduled, queued, leased, dispatching, processing, retry, `blocked_auth`, unknown, attention, published, partial,
    /// failed, missed or canceled.
    pub status: String,
    /// When it is due.
    pub due_at: String,
    /// When the machine looks at it next.
    pub next_at: Option<String>,
    /// While it waits: when it is expected to go out. Later than its time where the platform takes no more before.
    pub expected_at: Option<String>,
    /// Requests that left for the current part.
    pub attempts: u8,
    /// The platform's ids of the confirmed parts.
    pub platform_post_ids: Vec<String>,
    /// Where people can see it.
    pub url: Option<String>,
    /// Whether it was taken off the platform again.
    pub removed: bool,
    /// How the latest change of its words stands, where what is live was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub amendment: Option<AmendmentBody>,
    /// What went wrong.
    pub error: Option<DeliveryError>,
    /// While it waits: what will keep it from going out on time unless somebody acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub warning: Option<DeliveryError>,
    /// While the outcome is unknown: what an answer to it must name, so that it cannot hit another doubt.
    pub question: Option<String>,
    /// While the outcome is unknown: from when "it is not there" is taken. Until then what was sent may still appear.
    pub send_again_from: Option<String>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineBody>,
}

impl DeliveryBody {
    /// The body of a delivery.
    pub fn of(d: &Delivery) -> Self {
        let error = match &d.state {
            State::Failed { code, detail, .. } | State::Partial { code, detail, .. } => {
                Some(DeliveryError { code: code.clone(), detail: detail.clone() })
            }
            State::Attention { reason, .. } => {
                Some(DeliveryError { code: "outcome_unknown".into(), detail: reason.clone() })
            }
            State::BlockedAuth { .. } => {
                Some(DeliveryError { code: "account_needs_reauth".into(), detail: "connect the account again".into() })
            }
            _ => None,
        };
        Self {
            delivery_id: d.id.to_string(),
            account_id: d.account.to_string(),
            platform: d.platform.to_string(),
            status: d.state.name().into(),
            due_at: d.due_at.to_string(),
            next_at: d.wake.map(|w| w.at.to_string()),
            expected_at: d.expected_at().map(|at| at.to_string()),
            attempts: d.attempts,
            platform_post_ids: d.parts.iter().filter_map(|p| p.receipt.as_ref()?.id.clone()).collect(),
            url: d.url().map(str::to_owned),
            removed: d.removed_at.is_some(),
            amendment: AmendmentBody::of(d),
            error,
            warning: None,
            question: d.question().map(|q| q.to_string()),
            send_again_from: d.question().and(d.settles_at()).map(|at| at.to_string()),
            timeline: d.timeline.iter().map(line).collect(),
        }
    }
}

/// What keeps a delivery from going out on time unless somebody acts.
pub(super) fn warning(d: &Delivery, ends: &Ends) -> Option<DeliveryError> {
    let end = ends.get(&d.account).filter(|end| d.outlives(**end))?;
    let detail = format!(
        "the access to its account ends at {end}, before it is due: connect the account again; the post keeps its time"
    );
    Some(DeliveryError { code: "access_ends_before".into(), detail })
}

fn line(entry: &Entry) -> TimelineBody {
    let event = serde_json::to_value(&entry.note).ok().and_then(|v| Some(v.get("note")?.as_str()?.to_owned()));
    TimelineBody { at: entry.at.to_string(), event: event.unwrap_or_default(), text: entry.note.to_string() }
}
