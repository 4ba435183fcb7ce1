//! The audit log: who did what to credentials, access and outcomes. Append-only; it names things by id, never by content.

use crate::{AuditId, MemberId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Id.
    pub id: AuditId,
    /// Tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// Who; none for Herald itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<MemberId>,
    /// What, as `noun.verb`, e.g. `credential.refreshed`.
    pub action: String,
    /// To what: the id of the thing.
    pub subject: String,
    /// Stable facts about it (versions, reasons), never secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<serde_json::Value>,
    /// The correlation id.
    pub cid: String,
}
