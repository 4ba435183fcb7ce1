//! The ledger. Every change is conditional, every record has a revision, and events ride on the record they tell of, so
//! that an effect and its announcement commit together.

use crate::{
    Arrivals, Audience, Campaigns, Committed, Idempotency, IdempotencyRecord, OutboxRef, Sent, Slot, StoreError, Write,
};
use async_trait::async_trait;
use domain::access::{ApiKey, Member, Session, Tenant};
use domain::accounts::{Account, Consent};
use domain::audience::{AttributeSet, AudienceKey, Contact, ContactList, Segment};
use domain::audit::AuditEntry;
use domain::campaigns::{Chunk, Shard};
use domain::events::Event;
use domain::inbound::{Asking, Incoming, MessageStatus, Receipt, Source, SourceKey};
use domain::inbox::Interaction;
use domain::publishing::{Approval, Delivery, Engagement, Gate, Governor, Media, Post, Rules, Series, SlotPlan, Wake};
use domain::webhooks::{Endpoint, Lane, Pace, Recovery, Turnstile, WebhookMessage};
use domain::{
    AccountId, EndpointId, EventId, KeyId, MediaId, MemberId, PlatformId, PostId, ReceiptId, RecoveryId, SeriesId,
    SessionId, SourceId, TenantId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A record with its revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// The record.
    pub value: T,
    /// Grows by one with every change.
    pub rev: u64,
    /// Events of earlier changes that are not confirmed as sent; a change carries them on.
    pub unsent: Vec<Event>,
}

/// How far the due index was swept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepMark {
    /// When the last tick looked.
    pub swept_at: Timestamp,
    /// Up to which due time it sent wake-ups.
    pub until: Timestamp,
}

/// Everything that can be stored.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each variant is the type it carries
pub enum Record {
    Tenant(Tenant),
    Member(Member),
    ApiKey(ApiKey),
    Session(Session),
    Account(Account),
    /// A consent under the hash of its `state`.
    Consent(String, Consent),
    Post(Post),
    Delivery(Delivery),
    Approval(Approval),
    Rules(Rules),
    // By far the largest.
    Series(Box<Series>),
    Media(Media),
    Slot(Slot),
    SlotPlan(SlotPlan),
    Engagement(Engagement),
    Gate(Gate),
    Governor(Governor),
    Endpoint(Endpoint),
    Pace(Pace),
    Turnstile(Turnstile),
    Lane(Lane),
    WebhookMessage(WebhookMessage),
    Recovery(Recovery),
    Idempotency(IdempotencyRecord),
    Audit(AuditEntry),
    Sweep(SweepMark),
    /// Marks that the first tenant exists.
    Bootstrapped(TenantId),
    Source(Source),
    Asking(Box<Asking>),
    SourceKey(SourceKey),
    Receipt(Receipt),
    Incoming(Incoming),
    MessageStatus(MessageStatus),
    Interaction(Box<Interaction>),
    AudienceKey(AudienceKey),
    AttributeSet(AttributeSet),
    Contact(Box<Contact>),
    ContactList(ContactList),
    Segment(Segment),
    RunShard(Box<Shard>),
    Chunk(Chunk),
}

/// Commits changes, all or nothing. One write is one conditional put; several are one transaction.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Commits. An ambiguous answer is resolved by reading before this returns.
    async fn commit(&self, writes: Vec<Write>) -> Result<Committed, StoreError>;

    /// Sends each write by itself, in as few requests as the store can, and answers in the order of the writes when these requests are
    /// over. What each came to is said by its [`Sent`]: the same as by a call of [`commit`](Self::commit) with this one write.
    async fn commit_each(&self, writes: Vec<Write>) -> Vec<Sent>;

    /// The store's own clock, as its latest answer to this process told it; none before the first answer.
    fn store_now(&self) -> Option<Timestamp> {
        None
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; opaque, none at the end.
    pub next: Option<String>,
}

/// Posts and what became of them.
#[async_trait]
pub trait Posts: Send + Sync {
    /// One post.
    async fn post(&self, tenant: TenantId, id: PostId) -> Result<Option<Versioned<Post>>, StoreError>;
    /// One delivery, read consistently.
    async fn delivery(
        &self,
        tenant: TenantId,
        post: PostId,
        account: AccountId,
    ) -> Result<Option<Versioned<Delivery>>, StoreError>;
    /// All deliveries of a post, read consistently.
    async fn deliveries(&self, tenant: TenantId, post: PostId) -> Result<Vec<Versioned<Delivery>>, StoreError>;
    /// Posts by due time (drafts by creation), newest first unless `ascending`; `from..to` bounds the time.
    async fn list_posts(&self, tenant: TenantId, query: &PostQuery) -> Result<Page<Post>, StoreError>;
    /// Posts that stand elsewhere in that list than where they may have been sent, or not in it: those that a person had sent again
    /// since `from`, and those that were deleted and due since then. The latest first, `limit` a page.
    async fn posts_aside(
        &self,
        tenant: TenantId,
        from: Timestamp,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<PostId>, StoreError>;
    /// Deliveries that wait for a person.
    async fn attention(&self, tenant: TenantId, cursor: Option<&str>, limit: u32)
    -> Result<Page<Delivery>, StoreError>;
    /// Deliveries parked until `account` is connected again.
    async fn parked(&self, tenant: TenantId, account: AccountId) -> Result<Vec<Delivery>, StoreError>;
    /// The approval of a post, if it ever needed one; read consistently.
    async fn approval(&self, tenant: TenantId, post: PostId) -> Result<Option<Versioned<Approval>>, StoreError>;
    /// Approvals that wait for somebody and still help at `from`, the most urgent first.
    async fn approvals(
        &self,
        tenant: TenantId,
        from: Timestamp,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Approval>, StoreError>;
    /// The tenant's own rules, if it ever made some.
    async fn rules(&self, tenant: TenantId) -> Result<Option<Versioned<Rules>>, StoreError>;
    /// One series, read consistently.
    async fn series(&self, tenant: TenantId, id: SeriesId) -> Result<Option<Versioned<Series>>, StoreError>;
    /// The series of a tenant, in the order they were made, `limit` a page.
    async fn all_series(&self, tenant: TenantId, cursor: Option<&str>, limit: u32) -> Result<Page<Series>, StoreError>;
    /// The media of a tenant, newest first.
    async fn list_media(&self, tenant: TenantId, cursor: Option<&str>, limit: u32) -> Result<Page<Media>, StoreError>;
    /// One medium.
    async fn media(&self, tenant: TenantId, id: MediaId) -> Result<Option<Versioned<Media>>, StoreError>;
    /// The gate of an account.
    async fn gate(&self, tenant: TenantId, account: AccountId) -> Result<Option<Versioned<Gate>>, StoreError>;
    /// The governor of a platform, if anybody ever published to it and it has quotas for all accounts together; read
    /// consistently.
    async fn governor(&self, platform: &PlatformId) -> Result<Option<Versioned<Governor>>, StoreError>;
    /// The queue slot at this instant, if a post has it or had it.
    async fn slot(&self, tenant: TenantId, at: Timestamp) -> Result<Option<Versioned<Slot>>, StoreError>;
    /// The slots of an account, where it has its own.
    async fn slot_plan(&self, tenant: TenantId, account: AccountId) -> Result<Option<Versioned<SlotPlan>>, StoreError>;
    /// How the posts of an account did, where somebody ever asked for its best time.
    async fn engagement(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Option<Versioned<Engagement>>, StoreError>;
    /// Queue slots from `from` on that posts have or had, the earliest first: `limit` of them, or all that there are.
    async fn slots(&self, tenant: TenantId, from: Timestamp, limit: u32) -> Result<Vec<Slot>, StoreError>;
}

/// Which posts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostQuery {
    /// From this due time on.
    pub from: Option<Timestamp>,
    /// Before this due time.
    pub to: Option<Timestamp>,
    /// Oldest first.
    pub ascending: bool,
    /// Where to go on.
    pub cursor: Option<String>,
    /// Most items of a page.
    pub limit: u32,
}

/// What a due entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueSubject {
    /// A delivery to wake.
    Delivery {
        /// Post.
        post: PostId,
        /// Account.
        account: AccountId,
        /// Platform, which names the queue.
        platform: PlatformId,
    },
    /// A series whose next run comes near.
    Series(SeriesId),
    /// An account whose pair is to be renewed before it ends.
    Account(AccountId),
    /// An account whose posts are to be read, how they did.
    Engagement(AccountId),
    /// An account that is to be asked what was said to it.
    Asking(AccountId),
    /// A recovery of webhook messages to go on with.
    Recovery {
        /// The recovery.
        recovery: RecoveryId,
        /// Endpoint.
        endpoint: EndpointId,
    },
    /// A webhook message to send again.
    Webhook {
        /// Event.
        event: EventId,
        /// Endpoint.
        endpoint: EndpointId,
    },
    /// A call of a source that was not read yet.
    Receipt {
        /// Source.
        source: SourceId,
        /// The call.
        receipt: ReceiptId,
    },
}

/// An entry of the due index. It is a hint: the record decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRef {
    /// Tenant.
    pub tenant: TenantId,
    /// What.
    pub subject: DueSubject,
    /// When, since when that is known, and whether a message is on its way.
    pub wake: Wake,
}

/// Number of partitions of the due index: one takes 1,000 writes and 3,000 reads a second.
pub const DUE_SHARDS: u8 = 8;

/// The due index.
#[async_trait]
pub trait Due: Send + Sync {
    /// Entries of one shard due up to `until`, oldest first.
    async fn due(&self, shard: u8, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError>;
    /// Deliveries of one shard whose unknown outcome is to be read by `until`, oldest first.
    async fn unknown(&self, shard: u8, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError>;
    /// What is due by `until` for accounts of one shard and no post waits for: pairs to renew, reading how posts did, and
    /// asking what was said; oldest first.
    async fn ahead(&self, shard: u8, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError>;
    /// How far the last tick swept.
    async fn sweep_mark(&self) -> Result<Option<SweepMark>, StoreError>;
}

/// Number of partitions of the outbox index.
pub const OUTBOX_SHARDS: u8 = 4;

/// Events that are committed and not yet confirmed as sent.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Unsent events of one shard committed before `before`.
    async fn unsent(
        &self,
        shard: u8,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OutboxRef, Vec<Event>)>, StoreError>;
    /// Confirms that the events at `at` were sent. Harmless when the record has moved on: it carries them and they go
    /// out again.
    async fn clear(&self, at: &OutboxRef) -> Result<(), StoreError>;
}

/// Accounts and consents.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// One account, read consistently.
    async fn account(&self, tenant: TenantId, id: AccountId) -> Result<Option<Versioned<Account>>, StoreError>;
    /// All accounts of a tenant.
    async fn accounts(&self, tenant: TenantId) -> Result<Vec<Versioned<Account>>, StoreError>;
    /// The consent under the hash of its `state`.
    async fn consent(&self, state_hash: &str) -> Result<Option<Versioned<Consent>>, StoreError>;
}

/// Tenants, members, keys, sessions.
#[async_trait]
pub trait Access: Send + Sync {
    /// The tenant.
    async fn tenant(&self, id: TenantId) -> Result<Option<Versioned<Tenant>>, StoreError>;
    /// One member.
    async fn member(&self, tenant: TenantId, id: MemberId) -> Result<Option<Versioned<Member>>, StoreError>;
    /// All members.
    async fn members(&self, tenant: TenantId) -> Result<Vec<Versioned<Member>>, StoreError>;
    /// One key.
    async fn key(&self, tenant: TenantId, id: KeyId) -> Result<Option<Versioned<ApiKey>>, StoreError>;
    /// All keys.
    async fn keys(&self, tenant: TenantId) -> Result<Vec<Versioned<ApiKey>>, StoreError>;
    /// One session.
    async fn session(&self, tenant: TenantId, id: SessionId) -> Result<Option<Versioned<Session>>, StoreError>;
    /// Which tenant was made first, if any.
    async fn bootstrapped(&self) -> Result<Option<TenantId>, StoreError>;
}

/// Which messages of an endpoint, by when their events happened, and in which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageSpan {
    /// From this millisecond on.
    pub from: Option<Timestamp>,
    /// Up to and including this millisecond.
    pub to: Option<Timestamp>,
    /// Oldest first instead of newest first.
    pub oldest_first: bool,
}

/// An endpoint, how it fares, and what its own limit has let through.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// The endpoint.
    pub endpoint: Versioned<Endpoint>,
    /// How it fares; none as long as all is well.
    pub pace: Option<Versioned<Pace>>,
    /// What its limit has let through; none before the first request under one.
    pub turnstile: Option<Versioned<Turnstile>>,
}

/// Webhook endpoints and messages.
#[async_trait]
pub trait Endpoints: Send + Sync {
    /// One endpoint.
    async fn endpoint(&self, tenant: TenantId, id: EndpointId) -> Result<Option<Versioned<Endpoint>>, StoreError>;
    /// All endpoints of a tenant.
    async fn endpoints(&self, tenant: TenantId) -> Result<Vec<Versioned<Endpoint>>, StoreError>;
    /// One endpoint with what lies beside it, in one read.
    async fn listener(&self, tenant: TenantId, id: EndpointId) -> Result<Option<Listener>, StoreError>;
    /// All endpoints of a tenant with what lies beside them, in one read.
    async fn listeners(&self, tenant: TenantId) -> Result<Vec<Listener>, StoreError>;
    /// One message, read consistently.
    async fn message(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        event: EventId,
    ) -> Result<Option<Versioned<WebhookMessage>>, StoreError>;
    /// The lane of a key at an endpoint that is told in order, read consistently; none before its first message.
    async fn lane(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        key: &str,
    ) -> Result<Option<Versioned<Lane>>, StoreError>;
    /// One recovery, read consistently.
    async fn recovery(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        id: RecoveryId,
    ) -> Result<Option<Versioned<Recovery>>, StoreError>;
    /// Recoveries of an endpoint, newest first.
    async fn recoveries(&self, tenant: TenantId, endpoint: EndpointId, limit: u32)
    -> Result<Vec<Recovery>, StoreError>;
    /// Messages of an endpoint.
    async fn messages(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        span: MessageSpan,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<WebhookMessage>, StoreError>;
}

/// The audit log.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Entries of a tenant, newest first.
    async fn audit(&self, tenant: TenantId, cursor: Option<&str>, limit: u32) -> Result<Page<AuditEntry>, StoreError>;
}

/// Everything the ledger offers, for wiring.
pub trait Ledger:
    UnitOfWork
    + Posts
    + Due
    + Outbox
    + Accounts
    + Access
    + Endpoints
    + Arrivals
    + Audience
    + Campaigns
    + Idempotency
    + Audit
{
}
impl<
    T: UnitOfWork
        + Posts
        + Due
        + Outbox
        + Accounts
        + Access
        + Endpoints
        + Arrivals
        + Audience
        + Campaigns
        + Idempotency
        + Audit,
> Ledger for T
{
}
