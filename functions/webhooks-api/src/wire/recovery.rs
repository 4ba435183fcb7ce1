//! Recoveries as the API takes and shows them.

use app::webhooks::Range;
use domain::webhooks::Recovery;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which messages to send again.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoverBody {
    /// Those whose events happened then or later.
    #[schema(value_type = String, format = DateTime, example = "2026-01-01T00:00:00Z")]
    pub since: Timestamp,
    /// Those whose events happened then or before; until now when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Whether those that were taken are sent again as well: a replay. When left out, only what is dead is.
    pub every: Option<bool>,
}

impl From<RecoverBody> for Range {
    fn from(body: RecoverBody) -> Self {
        Self { since: body.since, until: body.until, every: body.every.unwrap_or_default() }
    }
}

/// The sending again of the messages of a time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecoveryBody {
    /// Id.
    pub recovery_id: String,
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Whether those that were taken are sent again as well.
    pub every: bool,
    /// `running`, `done` or `stopped`.
    #[schema(example = "running")]
    pub state: &'static str,
    /// Why it stopped: `disabled` or `deleted`.
    pub reason: Option<String>,
    /// Messages that were made due until now.
    pub sent: u32,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

impl RecoveryBody {
    /// A recovery as people see it.
    pub fn of(recovery: &Recovery) -> Self {
        let state = match (&recovery.stopped, recovery.ended_at) {
            (Some(_), _) => "stopped",
            (None, Some(_)) => "done",
            (None, None) => "running",
        };
        Self {
            recovery_id: recovery.id.to_string(),
            since: recovery.from,
            until: recovery.to,
            every: recovery.every,
            state,
            reason: recovery.stopped.clone(),
            sent: recovery.sent,
            created_at: recovery.created_at,
            ended_at: recovery.ended_at,
        }
    }
}

/// The last recoveries of an endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecoveriesBody {
    /// At most 20, newest first.
    pub items: Vec<RecoveryBody>,
}
