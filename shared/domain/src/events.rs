//! What the world is told: domain events, past tense, with a version. They are stored with the record they tell of
//! (the outbox) and leave at least once; `id` is the same every time.

use crate::accounts::Account;
use crate::inbound::{Changed, MessageStanding};
use crate::publishing::{Approval, Delivery, State};
use crate::{
    AccountId, DeliveryId, EndpointId, EventId, IncomingId, InteractionId, MemberId, PlatformId, PostId, SeriesId,
    SourceId, TenantId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An event on its way to the bus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Id, constant over every redelivery.
    pub id: EventId,
    /// Tenant.
    pub tenant: TenantId,
    /// When it happened.
    pub at: Timestamp,
    /// The correlation id of the request or message that caused it.
    pub cid: String,
    /// What happened.
    #[serde(flatten)]
    pub data: EventData,
}

/// A delivery as events tell of it; thin: the API has the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFacts {
    /// Post.
    pub post_id: PostId,
    /// Delivery.
    pub delivery_id: DeliveryId,
    /// Account.
    pub account_id: AccountId,
    /// Platform slug.
    pub platform: PlatformId,
    /// State in one word.
    pub status: String,
    /// The platform's id, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_post_id: Option<String>,
    /// Where people can see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What of the inbox it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_id: Option<InteractionId>,
    /// Stable code of a failure. Its words stay behind: they may be the platform's, and a platform may quote the post,
    /// which has no place in queues and endpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
}

/// An account as events tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Account.
    pub account_id: AccountId,
    /// Platform slug.
    pub platform: PlatformId,
    /// Stable code of the reason, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An account whose access ends, as events tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryFacts {
    /// Account.
    pub account_id: AccountId,
    /// Platform slug.
    pub platform: PlatformId,
    /// From when on nothing can go out through it unless a person connects it again.
    pub expires_at: Timestamp,
}

/// A post as events tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostFacts {
    /// Post.
    pub post_id: PostId,
    /// When it is due; none for a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

/// An approval as events tell of it. Comments stay behind, as posts' texts do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalFacts {
    /// Post.
    pub post_id: PostId,
    /// The hash of what the post says, to whom and when.
    pub hash: String,
    /// The last instant at which approving it helps.
    pub approve_by: Timestamp,
    /// Who asked, approved or rejected.
    pub member_id: MemberId,
}

/// A series as events tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesFacts {
    /// Series.
    pub series_id: SeriesId,
    /// The time of the run that is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// That run's post, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_id: Option<PostId>,
    /// Stable code of the reason, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An endpoint as events tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointFacts {
    /// Endpoint.
    pub endpoint_id: EndpointId,
    /// Stable code of the reason.
    pub reason: String,
}

/// A comment, mention, message or reaction as events tell of it. Who said what stays behind: the API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionFacts {
    /// The event that came in.
    pub incoming_id: IncomingId,
    /// Where.
    pub source_id: SourceId,
    /// The account that it concerns, where it is one of the tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Slug of who told it.
    pub platform: PlatformId,
    /// `comment`, `mention`, `message` or `reaction`.
    pub kind: String,
    /// Whether it is new, or was changed or taken back.
    pub change: Changed,
}

/// Where a message stands, as events tell of it. The platform's id of the message stays behind: some hold a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusFacts {
    /// The event that came in.
    pub incoming_id: IncomingId,
    /// Where.
    pub source_id: SourceId,
    /// The account that sent the message, where it is one of the tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Slug of who told it.
    pub platform: PlatformId,
    /// Where it stands.
    pub status: MessageStanding,
    /// The platform's code of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
}

/// Something about an address, which stays behind itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressFacts {
    /// The event that came in.
    pub incoming_id: IncomingId,
    /// Where.
    pub source_id: SourceId,
    /// The account that it concerns, where it is one of the tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Slug of who told it.
    pub platform: PlatformId,
    /// Why, as a code of the platform's, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The kinds of events. The type on the wire is the tag; a breaking change of a payload gets a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum EventData {
    /// A post was accepted for its time.
    #[serde(rename = "post.scheduled")]
    PostScheduled(PostFacts),
    /// A post is live on one account.
    #[serde(rename = "post.published")]
    PostPublished(DeliveryFacts),
    /// A post failed on one account (status `partial` when a thread ended half-way).
    #[serde(rename = "post.failed")]
    PostFailed(DeliveryFacts),
    /// A post's time passed before it could start.
    #[serde(rename = "post.missed")]
    PostMissed(DeliveryFacts),
    /// A post was called off on one account.
    #[serde(rename = "post.canceled")]
    PostCanceled(DeliveryFacts),
    /// Whether a post is live cannot be told by a machine.
    #[serde(rename = "post.outcome_unknown")]
    PostOutcomeUnknown(DeliveryFacts),
    /// Somebody has to approve a post before it leaves: it is new, was changed, or is asked for again.
    #[serde(rename = "post.approval_requested")]
    PostApprovalRequested(ApprovalFacts),
    /// A post was approved.
    #[serde(rename = "post.approved")]
    PostApproved(ApprovalFacts),
    /// A post was rejected, or its approval was taken back.
    #[serde(rename = "post.rejected")]
    PostRejected(ApprovalFacts),
    /// A run of a series was too late, or may not say what it says, and its post waits as a draft for a person.
    #[serde(rename = "series.run_waits")]
    SeriesRunWaits(SeriesFacts),
    /// A run of a series was left out.
    #[serde(rename = "series.run_skipped")]
    SeriesRunSkipped(SeriesFacts),
    /// A series was paused by the machine; a person must look.
    #[serde(rename = "series.paused")]
    SeriesPaused(SeriesFacts),
    /// The last run of a series has its post.
    #[serde(rename = "series.ended")]
    SeriesEnded(SeriesFacts),
    /// An account was connected.
    #[serde(rename = "account.connected")]
    AccountConnected(AccountFacts),
    /// An account was disconnected.
    #[serde(rename = "account.disconnected")]
    AccountDisconnected(AccountFacts),
    /// An account must be connected again.
    #[serde(rename = "account.needs_reconnect")]
    AccountNeedsReconnect(AccountFacts),
    /// An access ends soon, and nothing renews it but a person.
    #[serde(rename = "account.expiring")]
    AccountExpiring(ExpiryFacts),
    /// An endpoint was switched off.
    #[serde(rename = "endpoint.disabled")]
    EndpointDisabled(EndpointFacts),
    /// Nothing was taken by an endpoint for days; it will be switched off.
    #[serde(rename = "endpoint.failing")]
    EndpointFailing(EndpointFacts),
    /// Somebody pressed "send a test".
    #[serde(rename = "webhook.test")]
    WebhookTest(EndpointFacts),
    /// Somebody commented, named the account, wrote to it or reacted.
    #[serde(rename = "interaction.received")]
    InteractionReceived(InteractionFacts),
    /// More is known of what became of a message.
    #[serde(rename = "message.status_changed")]
    MessageStatusChanged(StatusFacts),
    /// Somebody wants no more messages.
    #[serde(rename = "contact.opted_out")]
    ContactOptedOut(AddressFacts),
    /// A mail came back.
    #[serde(rename = "mail.bounced")]
    MailBounced(AddressFacts),
    /// Somebody called a mail spam.
    #[serde(rename = "mail.complained")]
    MailComplained(AddressFacts),
}

/// Every event type a customer can subscribe to.
pub const EVENT_TYPES: &[&str] = &[
    "post.scheduled",
    "post.published",
    "post.failed",
    "post.missed",
    "post.canceled",
    "post.outcome_unknown",
    "post.approval_requested",
    "post.approved",
    "post.rejected",
    "series.run_waits",
    "series.run_skipped",
    "series.paused",
    "series.ended",
    "account.connected",
    "account.disconnected",
    "account.needs_reconnect",
    "account.expiring",
    "endpoint.disabled",
    "endpoint.failing",
    "webhook.test",
    "interaction.received",
    "message.status_changed",
    "contact.opted_out",
    "mail.bounced",
    "mail.complained",
];

impl EventData {
    /// The type on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PostScheduled(_) => "post.scheduled",
            Self::PostPublished(_) => "post.published",
            Self::PostFailed(_) => "post.failed",
            Self::PostMissed(_) => "post.missed",
            Self::PostCanceled(_) => "post.canceled",
            Self::PostOutcomeUnknown(_) => "post.outcome_unknown",
            Self::PostApprovalRequested(_) => "post.approval_requested",
            Self::PostApproved(_) => "post.approved",
            Self::PostRejected(_) => "post.rejected",
            Self::SeriesRunWaits(_) => "series.run_waits",
            Self::SeriesRunSkipped(_) => "series.run_skipped",
            Self::SeriesPaused(_) => "series.paused",
            Self::SeriesEnded(_) => "series.ended",
            Self::AccountConnected(_) => "account.connected",
            Self::AccountDisconnected(_) => "account.disconnected",
            Self::AccountNeedsReconnect(_) => "account.needs_reconnect",
            Self::AccountExpiring(_) => "account.expiring",
            Self::EndpointDisabled(_) => "endpoint.disabled",
            Self::EndpointFailing(_) => "endpoint.failing",
            Self::WebhookTest(_) => "webhook.test",
            Self::InteractionReceived(_) => "interaction.received",
            Self::MessageStatusChanged(_) => "message.status_changed",
            Self::ContactOptedOut(_) => "contact.opted_out",
            Self::MailBounced(_) => "mail.bounced",
            Self::MailComplained(_) => "mail.complained",
        }
    }

    pub(crate) fn post_published(d: &Delivery) -> Self {
        Self::PostPublished(facts(d))
    }
    pub(crate) fn post_failed(d: &Delivery) -> Self {
        Self::PostFailed(facts(d))
    }
    pub(crate) fn post_missed(d: &Delivery) -> Self {
        Self::PostMissed(facts(d))
    }
    pub(crate) fn post_canceled(d: &Delivery) -> Self {
        Self::PostCanceled(facts(d))
    }
    pub(crate) fn post_outcome_unknown(d: &Delivery) -> Self {
        Self::PostOutcomeUnknown(facts(d))
    }
}

impl ExpiryFacts {
    /// An account whose access ends then.
    pub fn of(account: &Account, expires_at: Timestamp) -> Self {
        Self { account_id: account.id, platform: account.platform.clone(), expires_at }
    }
}

impl ApprovalFacts {
    /// An approval as `by` has just left it.
    pub fn of(approval: &Approval, by: MemberId) -> Self {
        let (post_id, hash, approve_by) = (approval.post, approval.hash.clone(), approval.until);
        Self { post_id, hash, approve_by, member_id: by }
    }
}

fn facts(d: &Delivery) -> DeliveryFacts {
    let error_code = match &d.state {
        State::Failed { code, .. } | State::Partial { code, .. } => Some(code.clone()),
        State::Attention { .. } => Some("outcome_unknown".into()),
        _ => None,
    };
    let receipt = d.parts.first().and_then(|p| p.receipt.as_ref());
    DeliveryFacts {
        post_id: d.post,
        delivery_id: d.id,
        account_id: d.account,
        platform: d.platform.clone(),
        status: d.state.name().into(),
        platform_post_id: receipt.and_then(|r| r.id.clone()),
        url: receipt.and_then(|r| r.url.clone()),
        interaction_id: d.interaction,
        error_code,
    }
}
