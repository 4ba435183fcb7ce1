//! A consent under way: what the browser was sent off with, so that what comes back can be checked against it; and then,
//! where it was given for several profiles, what the person may choose from.

use super::Profile;
use crate::{MemberId, PlatformId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds a consent may take.
pub const CONSENT_LIFE_S: i64 = 600;

/// What is remembered under the hash of the `state` parameter; while a person chooses, under the hash of the choice's id.
/// Single use: used up by deleting.
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
    /// What the consent turned out to be for, once its code was exchanged and there is something to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// What a consent turned out to be for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The token pair, sealed.
    pub sealed: String,
    /// Whom it may speak for, the person first.
    pub profiles: Vec<Profile>,
}
