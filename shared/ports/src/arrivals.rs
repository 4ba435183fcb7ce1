//! The ledger's part for what comes in.

use crate::{Page, StoreError, Versioned};
use async_trait::async_trait;
use domain::inbound::{Asking, Incoming, MessageStatus, Receipt, Source, SourceKey};
use domain::inbox::{InboxState, Interaction};
use domain::{AccountId, IncomingId, InteractionId, ReceiptId, SourceId, TenantId};

/// Sources, their calls, and what these told.
#[async_trait]
pub trait Arrivals: Send + Sync {
    /// Which source has the token with this hash.
    async fn source_by_token(&self, hash: &str) -> Result<Option<Versioned<SourceKey>>, StoreError>;
    /// One source, read consistently.
    async fn source(&self, tenant: TenantId, id: SourceId) -> Result<Option<Versioned<Source>>, StoreError>;
    /// All sources of a tenant.
    async fn sources(&self, tenant: TenantId) -> Result<Vec<Versioned<Source>>, StoreError>;
    /// How an account is asked what was said to it, where it ever had a source; read consistently.
    async fn asking(&self, tenant: TenantId, account: AccountId) -> Result<Option<Versioned<Asking>>, StoreError>;
    /// How all accounts of a tenant are asked that ever had a source.
    async fn askings(&self, tenant: TenantId) -> Result<Vec<Versioned<Asking>>, StoreError>;
    /// One call of a source, read consistently.
    async fn receipt(
        &self,
        tenant: TenantId,
        source: SourceId,
        id: ReceiptId,
    ) -> Result<Option<Versioned<Receipt>>, StoreError>;
    /// One event that came in, read consistently.
    async fn incoming(
        &self,
        tenant: TenantId,
        source: SourceId,
        id: IncomingId,
    ) -> Result<Option<Versioned<Incoming>>, StoreError>;
    /// The events that came in at a source, the newest first.
    async fn all_incoming(
        &self,
        tenant: TenantId,
        source: SourceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Incoming>, StoreError>;
    /// Where a message stands, by the hash of the platform's id of it; read consistently.
    async fn message_status(
        &self,
        tenant: TenantId,
        source: SourceId,
        hash: &str,
    ) -> Result<Option<Versioned<MessageStatus>>, StoreError>;
    /// Something that somebody said or did; read consistently.
    async fn interaction(
        &self,
        tenant: TenantId,
        id: InteractionId,
    ) -> Result<Option<Versioned<Interaction>>, StoreError>;
    /// What stands so in a tenant's inbox, the newest first.
    async fn inbox(
        &self,
        tenant: TenantId,
        state: InboxState,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Interaction>, StoreError>;
    /// What was said in the conversation with this hash and is there, the newest first: `limit` of it, or all that there is.
    async fn conversation(&self, tenant: TenantId, thread: &str, limit: u32) -> Result<Vec<InteractionId>, StoreError>;
    /// How many reactions there are in it, as far as `most`.
    async fn reactions(&self, tenant: TenantId, thread: &str, most: u32) -> Result<u32, StoreError>;
}
