//! Of which accounts and platforms an endpoint wants to hear.

use super::Endpoint;
use crate::events::EventData;
use crate::{AccountId, PlatformId};

/// Most accounts, most platforms, and most event types that an endpoint names.
pub const MAX_FILTER: usize = 100;

impl Endpoint {
    /// Whether it is to hear of an event, on or off: one of the types that it subscribed to, of the accounts and on the platforms that
    /// it named. What an event does not carry keeps no event from it.
    pub fn minds(&self, data: &EventData) -> bool {
        let (account, platform) = carried(data);
        let of_account = account.is_none_or(|id| self.accounts.is_empty() || self.accounts.contains(&id));
        let on_platform = platform.is_none_or(|slug| self.platforms.is_empty() || self.platforms.contains(slug));
        self.subscribes(data.kind()) && of_account && on_platform
    }
}

/// The account and the platform that an event carries.
fn carried(data: &EventData) -> (Option<AccountId>, Option<&PlatformId>) {
    match data {
        EventData::PostPublished(facts)
        | EventData::PostFailed(facts)
        | EventData::PostMissed(facts)
        | EventData::PostCanceled(facts)
        | EventData::PostOutcomeUnknown(facts) => (Some(facts.account_id), Some(&facts.platform)),
        EventData::AccountConnected(facts)
        | EventData::AccountDisconnected(facts)
        | EventData::AccountNeedsReconnect(facts) => (Some(facts.account_id), Some(&facts.platform)),
        EventData::AccountExpiring(facts) => (Some(facts.account_id), Some(&facts.platform)),
        EventData::InteractionReceived(facts) => (facts.account_id, Some(&facts.platform)),
        EventData::MessageStatusChanged(facts) => (facts.account_id, Some(&facts.platform)),
        EventData::ContactOptedOut(facts) | EventData::MailBounced(facts) | EventData::MailComplained(facts) => {
            (facts.account_id, Some(&facts.platform))
        }
        EventData::PostScheduled(_)
        | EventData::PostApprovalRequested(_)
        | EventData::PostApproved(_)
        | EventData::PostRejected(_)
        | EventData::SeriesRunWaits(_)
        | EventData::SeriesRunSkipped(_)
        | EventData::SeriesPaused(_)
        | EventData::SeriesEnded(_)
        | EventData::EndpointDisabled(_)
        | EventData::EndpointFailing(_)
        | EventData::WebhookTest(_) => (None, None),
    }
}
