//! Sending again what an endpoint was not told, or all of a time: a piece of work that goes through the endpoint's log.

use crate::publishing::Wake;
use crate::{EndpointId, RecoveryId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Messages of one step of a recovery; after each it is kept how far it is.
pub const RECOVERY_STEP: u32 = 100;

/// Sending again the messages of a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Id.
    pub id: RecoveryId,
    /// Tenant.
    pub tenant: TenantId,
    /// Whose messages.
    pub endpoint: EndpointId,
    /// Of events that happened then or later.
    pub from: Timestamp,
    /// Of events that happened then or before.
    pub to: Timestamp,
    /// Whether those that were taken are sent again as well: a replay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub every: bool,
    /// Where the last step ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Messages that were made due.
    pub sent: u32,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it was over before its end: [`super::DISABLED`] or [`super::DELETED`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// When the machine goes on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Wake>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

impl Recovery {
    /// One step further: `sent` more messages are due, and the next step is where `cursor` says; without one it is over.
    pub fn further(&self, cursor: Option<String>, sent: u32, carried: bool, now: Timestamp) -> Self {
        let over = cursor.is_none();
        Self {
            sent: self.sent.saturating_add(sent),
            ended_at: over.then_some(now),
            wake: (!over).then_some(Wake { at: now, set_at: now, sent: carried }),
            cursor,
            ..self.clone()
        }
    }

    /// Over before its end.
    pub fn stopped(&self, why: &str, now: Timestamp) -> Self {
        Self { stopped: Some(why.into()), ..self.further(None, 0, false, now) }
    }
}
