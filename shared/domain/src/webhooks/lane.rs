//! The order in which an endpoint is told of what belongs together: a lane for each key, in which one goes at a time.

use crate::events::EventData;
use crate::{AccountId, EndpointId, EventId, SourceId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most messages of a lane. It is written whole whenever one joins or leaves it, and 200 ids are 8 KB. A post has some ten events in
/// all; only what comes in at an account may be many.
pub const MAX_LANE: usize = 200;

/// Whether what an endpoint is told keeps an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Each message goes when it can.
    #[default]
    None,
    /// Of the messages of one key ([`order_key`]) each goes when those before it have ended.
    Key,
}

impl Order {
    /// Every name on the wire.
    pub const NAMES: &[&str] = &["none", "key"];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Key => "key",
        }
    }

    /// Whether none is kept.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What an event belongs to, and keeps its order with: its post, series or account, the source of what came in for no account, or the
/// endpoint that it tells of. A test belongs to nothing.
pub fn order_key(data: &EventData) -> Option<String> {
    let key = match data {
        EventData::PostScheduled(facts) => facts.post_id.to_string(),
        EventData::PostPublished(facts)
        | EventData::PostFailed(facts)
        | EventData::PostMissed(facts)
        | EventData::PostCanceled(facts)
        | EventData::PostOutcomeUnknown(facts) => facts.post_id.to_string(),
        EventData::PostApprovalRequested(facts) | EventData::PostApproved(facts) | EventData::PostRejected(facts) => {
            facts.post_id.to_string()
        }
        EventData::SeriesRunWaits(facts)
        | EventData::SeriesRunSkipped(facts)
        | EventData::SeriesPaused(facts)
        | EventData::SeriesEnded(facts) => facts.series_id.to_string(),
        EventData::AccountConnected(facts)
        | EventData::AccountDisconnected(facts)
        | EventData::AccountNeedsReconnect(facts) => facts.account_id.to_string(),
        EventData::AccountExpiring(facts) => facts.account_id.to_string(),
        EventData::InteractionReceived(facts) => of(facts.account_id, facts.source_id),
        EventData::MessageStatusChanged(facts) => of(facts.account_id, facts.source_id),
        EventData::ContactOptedOut(facts) | EventData::MailBounced(facts) | EventData::MailComplained(facts) => {
            of(facts.account_id, facts.source_id)
        }
        EventData::EndpointDisabled(facts) | EventData::EndpointFailing(facts) => facts.endpoint_id.to_string(),
        EventData::WebhookTest(_) => return None,
    };
    Some(key)
}

fn of(account: Option<AccountId>, source: SourceId) -> String {
    account.map_or_else(|| source.to_string(), |account| account.to_string())
}

/// The messages of one key that are on their way to an endpoint. Only the first of them, the head, is ever tried: it alone has a time
/// in the due index, and whoever ends it wakes the next in the same transaction. So nothing asks whether those before have ended, and
/// nobody has to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Tenant.
    pub tenant: TenantId,
    /// What they belong to.
    pub key: String,
    /// Their events, the head first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<EventId>,
    /// When this was written.
    pub at: Timestamp,
}

impl Lane {
    /// One in which nothing stands.
    pub fn new(tenant: TenantId, endpoint: EndpointId, key: &str, now: Timestamp) -> Self {
        Self { endpoint, tenant, key: key.to_owned(), line: Vec::new(), at: now }
    }

    /// The one that is tried.
    pub fn head(&self) -> Option<EventId> {
        self.line.first().copied()
    }

    /// With one more. The head may have been tried and stays where it is; behind it they stand as their events happened, which their
    /// ids tell, in whatever order they came. None when it is full.
    pub fn joins(&self, event: EventId, now: Timestamp) -> Option<Self> {
        if self.line.contains(&event) {
            return Some(self.clone());
        }
        if self.line.len() >= MAX_LANE {
            return None;
        }
        let behind = self.line.get(1..).unwrap_or_default();
        let at = self.line.len().min(1) + behind.partition_point(|known| *known < event);
        let mut next = Self { at: now, ..self.clone() };
        next.line.insert(at, event);
        Some(next)
    }

    /// Without one that has ended. None when it does not stand here.
    pub fn leaves(&self, event: EventId, now: Timestamp) -> Option<Self> {
        let at = self.line.iter().position(|known| *known == event)?;
        let mut next = Self { at: now, ..self.clone() };
        next.line.remove(at);
        Some(next)
    }
}

#[cfg(test)]
mod tests;
