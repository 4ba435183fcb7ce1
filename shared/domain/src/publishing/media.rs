//! A stored medium: what is known of a picture before any platform sees it.

use crate::{MediaId, MemberId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MediaSource {
    /// In our bucket, under this object key, uploaded through a presigned address.
    Upload {
        /// Object key.
        object: String,
    },
    /// At a public address, fetched when needed.
    Url {
        /// Absolute https address.
        url: String,
    },
}

/// What probing the first bytes found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Media type, from the bytes and not from a file name.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Which version of the object in our bucket was probed: who holds the upload's address may use it again until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A medium of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Id.
    pub id: MediaId,
    /// Tenant.
    pub tenant: TenantId,
    /// Who brought it.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// Where the bytes are.
    pub source: MediaSource,
    /// What it is; none until it was probed.
    pub probe: Option<Probe>,
}
