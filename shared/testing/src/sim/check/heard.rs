//! What was told: to the bus, and to the endpoint.

use super::{LAST_READ_MS, Witness};
use domain::events::EventData;
use domain::webhooks::WebhookState;
use domain::{AccountId, PostId};
use std::collections::{BTreeMap, BTreeSet};

impl Witness<'_> {
    /// What the endpoint should have taken and has not, or was sent otherwise.
    pub(super) fn unheard(&self) -> u64 {
        let Some(endpoint) = self.endpoint else { return 0 };
        let (heard, now) = (self.world.listener.heard(), self.world.engine.now());
        let mut bodies: BTreeMap<&str, &str> = BTreeMap::new();
        let mut wrong: u64 = heard.iter().map(|h| u64::from(*bodies.entry(&h.id).or_insert(&h.body) != h.body)).sum();
        let mut events = BTreeSet::new();
        for event in self.world.bus.taken() {
            let taken = heard.iter().any(|h| h.taken && h.id == event.id.to_string());
            let message = self.world.message(endpoint, event.id);
            let good = message.is_some_and(|m| match m.state {
                WebhookState::Delivered { .. } => taken,
                WebhookState::Dead { .. } => false,
                // Its next attempt is in the index and will be woken.
                _ => m.wake.is_some_and(|wake| now.duration_since(wake.at).as_millis() < LAST_READ_MS.into()),
            });
            wrong += u64::from(!good);
            events.insert(event.id.to_string());
        }
        wrong + heard.iter().filter(|h| !events.contains(&h.id)).count() as u64
    }

    /// Ends of deliveries of which the bus heard.
    pub(super) fn told(&self) -> BTreeSet<(PostId, AccountId, &'static str)> {
        let mut told = BTreeSet::new();
        for event in self.world.bus.taken() {
            let (facts, state) = match event.data {
                EventData::PostPublished(f) => (f, "published"),
                EventData::PostMissed(f) => (f, "missed"),
                EventData::PostCanceled(f) => (f, "canceled"),
                EventData::PostFailed(f) if f.status == "partial" => (f, "partial"),
                EventData::PostFailed(f) => (f, "failed"),
                _ => continue,
            };
            told.insert((facts.post_id, facts.account_id, state));
        }
        told
    }
}
