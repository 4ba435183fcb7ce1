//! Whether an endpoint was told in order, by what it heard and what its log says, and not by its lanes.

use crate::egress::Heard;
use crate::now;
use crate::sim::run::Sim;
use domain::events::Event;
use domain::webhooks::{WebhookMessage, WebhookState, order_key};
use std::collections::BTreeMap;

/// Milliseconds for which a worker may live from when it looks at an event until that stands in its lane.
const JOINS_MS: i64 = 90_000;

/// What became of a message before anybody had it sent again.
struct Life {
    event: Event,
    /// When its message was made.
    made_ms: i64,
    /// When it was first tried.
    first_ms: Option<i64>,
    /// When it was first taken, or given up; never, as long as it is under way.
    ended_ms: i64,
}

impl Sim<'_> {
    /// Messages that were tried although one of their key had begun and not ended, or had come before and happened before.
    pub(super) fn out_of_order(&self, at: usize, heard: &[Heard]) -> u64 {
        let mut by_key: BTreeMap<String, Vec<Life>> = BTreeMap::new();
        for event in self.events_of(at) {
            if let (Some(key), Some(m)) =
                (order_key(&event.data), self.world.message(self.hooks.endpoints[at].0, event.id))
            {
                by_key.entry(key).or_default().push(self.life(at, event, &m, heard));
            }
        }
        let mut wrong = 0;
        for lives in by_key.values() {
            for (one, other) in lives.iter().flat_map(|one| lives.iter().map(move |other| (one, other))) {
                let Some(first_ms) = other.first_ms.filter(|_| one.event.id != other.event.id) else { continue };
                let had_begun = one.first_ms.is_some_and(|ms| ms < first_ms);
                let stood_before = one.event.id < other.event.id && one.made_ms + JOINS_MS < other.made_ms;
                if (had_begun || stood_before) && one.ended_ms > first_ms {
                    wrong += 1;
                    let (one, other) = (one.event.id, other.event.id);
                    self.world.engine.log("out of order", |t| *t = format!("{other} at {first_ms} before {one}"));
                }
            }
        }
        wrong
    }

    fn life(&self, at: usize, event: Event, m: &WebhookMessage, heard: &[Heard]) -> Life {
        let (url, id, made_ms) = (&self.hooks.endpoints[at].1, event.id.to_string(), m.created_at.as_millisecond());
        // What is sent again stands beside the order.
        let asked = self.hooks.recovered.iter().filter(|(of, ms)| *of == at && *ms >= made_ms).map(|(_, ms)| *ms).min();
        let again = m.again_at.map(|again| asked.unwrap_or_else(|| again.as_millisecond()));
        let mine = || heard.iter().filter(|h| h.url == *url && h.id == id && again.is_none_or(|ms| h.at_ms < ms));
        let given_up = match (&m.state, again) {
            // When it ended is not known any more, but that it had not before it was last tried.
            (_, Some(_)) => mine().map(|h| h.at_ms).max().unwrap_or(made_ms),
            (WebhookState::Dead { at, .. }, None) => at.as_millisecond(),
            _ => i64::MAX,
        };
        let taken = mine().filter(|h| h.taken).map(|h| h.at_ms).min();
        Life { event, made_ms, first_ms: mine().map(|h| h.at_ms).min(), ended_ms: taken.unwrap_or(given_up) }
    }

    /// Whether a message that nobody looks at stands behind another, of which the due index knows.
    pub(super) fn stands_behind(&self, at: usize, m: &WebhookMessage) -> bool {
        let (deps, endpoint) = (self.world.deps(), self.hooks.endpoints[at].0);
        let Some(key) = &m.lane else { return false };
        let Ok(Some(lane)) = now(deps.ledger.lane(m.tenant, endpoint, key)) else { return false };
        let head = lane.value.head().filter(|head| *head != m.event && lane.value.line.contains(&m.event));
        head.and_then(|head| self.world.message(endpoint, head)).is_some_and(|head| head.wake.is_some())
    }
}
