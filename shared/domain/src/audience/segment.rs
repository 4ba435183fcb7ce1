//! Segments: contacts told by a rule.

use crate::{SegmentId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most segments of a tenant.
pub const MAX_SEGMENTS: usize = 200;

/// A segment: who belongs to it follows from what is known of each contact at the moment it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Id.
    pub id: SegmentId,
    /// Tenant.
    pub tenant: TenantId,
    /// What people call it.
    pub name: String,
    /// The rule as it was written; [`super::Rule::read`] reads it.
    pub rule: Value,
    /// When it was made.
    pub created_at: Timestamp,
}
