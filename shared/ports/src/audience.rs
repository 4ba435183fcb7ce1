//! The ledger's part for the audience.

use crate::{StoreError, Versioned};
use async_trait::async_trait;
use domain::audience::{AttributeSet, AudienceKey, Contact, ContactList, Segment};
use domain::{ContactId, ListId, SegmentId, TenantId};

/// Some contacts of one partition, in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactPage {
    /// The contacts; those who were forgotten are among them.
    pub items: Vec<Versioned<Contact>>,
    /// Behind which contact to go on; none at the end.
    pub next: Option<ContactId>,
}

/// Some contacts who are left alone, the one for whom that was last said first.
#[derive(Debug, Clone, PartialEq)]
pub struct SuppressedPage {
    /// Who.
    pub items: Vec<ContactId>,
    /// Where the next page starts; opaque, none at the end.
    pub next: Option<String>,
}

/// Contacts, lists and segments.
#[async_trait]
pub trait Audience: Send + Sync {
    /// What the ids of a tenant's contacts are made with; none before its first contact.
    async fn audience_key(&self, tenant: TenantId) -> Result<Option<Versioned<AudienceKey>>, StoreError>;
    /// The attributes that a tenant declared, if it ever did.
    async fn attributes(&self, tenant: TenantId) -> Result<Option<Versioned<AttributeSet>>, StoreError>;
    /// One contact, read consistently.
    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Versioned<Contact>>, StoreError>;
    /// The contacts of one partition (0 to 15) behind `after`, in the order of their ids, read consistently: at most `limit`. Whoever
    /// concerns the whole audience goes through its 16 partitions so, meets each contact once, and can go on where they stopped.
    async fn contacts(
        &self,
        tenant: TenantId,
        shard: u8,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<ContactPage, StoreError>;
    /// The contacts who are left alone on some channel, the one for whom that was last said first. A hint: their records decide.
    async fn suppressed(
        &self,
        tenant: TenantId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<SuppressedPage, StoreError>;
    /// One list.
    async fn contact_list(&self, tenant: TenantId, id: ListId) -> Result<Option<Versioned<ContactList>>, StoreError>;
    /// All lists of a tenant.
    async fn contact_lists(&self, tenant: TenantId) -> Result<Vec<Versioned<ContactList>>, StoreError>;
    /// One segment.
    async fn segment(&self, tenant: TenantId, id: SegmentId) -> Result<Option<Versioned<Segment>>, StoreError>;
    /// All segments of a tenant.
    async fn segments(&self, tenant: TenantId) -> Result<Vec<Versioned<Segment>>, StoreError>;
}
