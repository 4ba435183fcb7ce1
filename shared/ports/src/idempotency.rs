//! Answers that are remembered under a client's key, and given again.

use crate::{StoreError, Versioned};
use async_trait::async_trait;
use domain::TenantId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer kept for an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// Tenant.
    pub tenant: TenantId,
    /// Method and route template.
    pub route: String,
    /// The client's key.
    pub key: String,
    /// SHA-256 (hex) of the request body and path.
    pub fingerprint: String,
    /// The answer; none while an effect outside the store is under way.
    pub reply: Option<StoredReply>,
    /// When an unanswered record stops blocking, and when an answered one is forgotten.
    pub expires_at: Timestamp,
}

/// An answer to repeat byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReply {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Remembered answers.
#[async_trait]
pub trait Idempotency: Send + Sync {
    /// The record of a key, read consistently; expired ones count as absent.
    async fn remembered(
        &self,
        tenant: TenantId,
        route: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Versioned<IdempotencyRecord>>, StoreError>;
}
