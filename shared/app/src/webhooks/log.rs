//! The delivery log of an endpoint.

use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::webhooks::{WebhookMessage, WebhookState};
use domain::{EndpointId, EventId};
use jiff::Timestamp;
use ports::{MessageSpan, Page};

/// Most messages of a page.
const MAX_PAGE: u32 = 100;
/// Most pages that are read for one answer where a filter leaves little of each.
const MAX_READS: u32 = 5;

/// Which messages to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Whose events happened then or later.
    pub from: Option<Timestamp>,
    /// Whose events happened then or before.
    pub to: Option<Timestamp>,
    /// Only those that stand so: `pending`, `sending`, `delivered` or `dead`.
    pub state: Option<String>,
    /// Only of this event type.
    pub kind: Option<String>,
}

impl LogFilter {
    fn lets(&self, message: &WebhookMessage) -> bool {
        self.state.as_deref().is_none_or(|state| state == state_name(&message.state))
            && self.kind.as_deref().is_none_or(|kind| kind == message.kind)
    }
}

/// A state in one word.
pub fn state_name(state: &WebhookState) -> &'static str {
    match state {
        WebhookState::Pending => "pending",
        WebhookState::Sending { .. } => "sending",
        WebhookState::Delivered { .. } => "delivered",
        WebhookState::Dead { .. } => "dead",
    }
}

/// The messages of an endpoint with their attempts, newest first; of a deleted one as long as they are kept, since what it
/// was not told is to be seen. A page may hold less than asked, and even nothing, before the last.
pub async fn messages(
    deps: &Deps,
    caller: &Caller,
    endpoint: EndpointId,
    filter: &LogFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<WebhookMessage>, Error> {
    require(caller, Permission::Read)?;
    let limit = limit.clamp(1, MAX_PAGE);
    let mut found = Page { items: Vec::new(), next: cursor.map(str::to_owned) };
    let span = MessageSpan { from: filter.from, to: filter.to, oldest_first: false };
    let mut any = cursor.is_some();
    for _ in 0..MAX_READS {
        let left = limit - u32::try_from(found.items.len()).unwrap_or(limit).min(limit);
        let page = deps.ledger.messages(caller.tenant, endpoint, span, found.next.as_deref(), left).await?;
        any = any || !page.items.is_empty();
        found.items.extend(page.items.into_iter().filter(|message| filter.lets(message)));
        found.next = page.next;
        if found.next.is_none() || found.items.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            break;
        }
    }
    if !any {
        deps.ledger.endpoint(caller.tenant, endpoint).await?.ok_or(Error::NotFound("endpoint"))?;
    }
    Ok(found)
}

/// One message with all of its attempts and the body that was sent.
pub async fn message(
    deps: &Deps,
    caller: &Caller,
    endpoint: EndpointId,
    event: EventId,
) -> Result<WebhookMessage, Error> {
    require(caller, Permission::Read)?;
    let found = deps.ledger.message(caller.tenant, endpoint, event).await?;
    found.map(|message| message.value).ok_or(Error::NotFound("message"))
}
