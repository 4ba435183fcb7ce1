//! Events leave: straight after their commit when all goes well, by the tick's sweep when not.

use crate::Deps;
use domain::events::Event;
use ports::OutboxRef;

/// Publishes committed events and confirms those the bus took. Failing is harmless: they stay in the outbox, and the
/// tick sends them again. Only what the bus reports as taken is confirmed. Returns how many events left.
pub async fn relay(deps: &Deps, committed: &[(OutboxRef, Vec<Event>)]) -> u64 {
    let events: Vec<Event> = committed.iter().flat_map(|(_, events)| events.clone()).collect();
    if events.is_empty() {
        return 0;
    }
    let taken = deps.bus.publish(&events).await;
    let mut from = 0;
    let mut left = 0;
    for (at, events) in committed {
        let all = taken.get(from..from + events.len()).is_some_and(|t| t.iter().all(|ok| *ok));
        from += events.len();
        if !all {
            tracing::warn!(events = events.len(), "events stay in the outbox: the bus did not take them");
            continue;
        }
        left += events.len() as u64;
        if let Err(error) = deps.ledger.clear(at).await {
            tracing::warn!(%error, "sent events could not be confirmed; they go out once more");
        }
    }
    left
}
