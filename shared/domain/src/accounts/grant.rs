//! A consent under way: what the browser was sent off with, so that what comes back can be checked against it.

use crate::{MemberId, PlatformId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds a consent may take.
pub const CONSENT_LIFE_S: i64 = 600;

/// What is remembered under the hash of the `state` parameter. Single use: read by deleting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Tenant that asked.
    pub tenant: TenantId,
    /// Member that asked; nobody else can finish it.
    pub member: MemberId,
    /// Platform.
    pub platform: PlatformId,
    /// The redirect address sent; the token call must repeat it exactly.
    pub redirect_uri: String,
    /// The PKCE verifier, sealed.
    pub verifier: String,
    /// Where the browser goes afterwards: a path of our own console.
    pub return_to: String,
    /// When it stops being valid.
    pub expires_at: Timestamp,
}
