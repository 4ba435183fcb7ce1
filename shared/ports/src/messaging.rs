//! Queues and the bus.

use async_trait::async_trait;
use domain::events::Event;
use domain::{AccountId, EndpointId, EventId, PostId, ReceiptId, RecoveryId, SourceId, TenantId};
use serde::{Deserialize, Serialize};

/// A message of a publish queue. It carries ids only: the ledger has the rest, and a queue is readable by operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishJob {
    /// Version of this form.
    pub v: u8,
    /// Tenant.
    pub tenant: TenantId,
    /// Post.
    pub post: PostId,
    /// Account.
    pub account: AccountId,
    /// Correlation id.
    pub cid: String,
}

/// A message of the webhook queue that asks for another attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookJob {
    /// Version of this form.
    pub v: u8,
    /// Tenant.
    pub tenant: TenantId,
    /// Endpoint.
    pub endpoint: EndpointId,
    /// Event.
    pub event: EventId,
    /// Correlation id.
    pub cid: String,
}

/// A message of the webhook queue that asks for the next step of a recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverJob {
    /// Version of this form.
    pub v: u8,
    /// Tenant.
    pub tenant: TenantId,
    /// Endpoint.
    pub endpoint: EndpointId,
    /// The recovery.
    pub recovery: RecoveryId,
    /// Correlation id.
    pub cid: String,
}

/// A message of the ingest queue: a call of a source is to be read. The call itself, which may hold words and addresses of
/// people, lies in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestJob {
    /// Version of this form.
    pub v: u8,
    /// Tenant.
    pub tenant: TenantId,
    /// Source.
    pub source: SourceId,
    /// The call.
    pub receipt: ReceiptId,
    /// Correlation id.
    pub cid: String,
}

/// What to put on which queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Onto the publish queue of this family.
    Publish {
        /// The family, from the platform's descriptor.
        queue: String,
        /// The message.
        job: PublishJob,
    },
    /// Onto the webhook queue.
    Webhook(WebhookJob),
    /// Onto the webhook queue.
    Recover(RecoverJob),
    /// Onto the ingest queue.
    Ingest(IngestJob),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WakeUp {
    /// What and where.
    pub job: Job,
    /// Seconds until it shows, 0 to 900 (the queue's own limit).
    pub delay_s: u16,
}

/// Sends wake-ups. A lost one is found by the tick, a double one does nothing.
#[async_trait]
pub trait Queues: Send + Sync {
    /// Sends; the answer tells for each, in order, whether it was taken.
    async fn send(&self, wake_ups: Vec<WakeUp>) -> Vec<bool>;
    /// Keeps a message of the webhook queue, which came with this receipt, from showing for so many seconds. False when the
    /// queue did not do it: then the message shows after the queue's own time.
    async fn hide(&self, receipt: &str, seconds: u16) -> bool {
        let _ = (receipt, seconds);
        false
    }
}

/// Publishes domain events.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Publishes; the answer tells for each, in order, whether it was taken.
    async fn publish(&self, events: &[Event]) -> Vec<bool>;
}
