//! Queues and bus in memory: late, double, out of order, and now and then refusing.

use crate::engine::Happening;
use crate::{Engine, Rng, Weather};
use async_trait::async_trait;
use domain::TenantId;
use domain::events::Event;
use ports::{Bus, Job, Queues, WakeUp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub job: Job,
    /// How often it was given to a worker.
    pub received: u32,
    /// From when on a worker may take it, in milliseconds of true time.
    pub shows_ms: i64,
}

#[derive(Debug, Default)]
struct Held {
    messages: BTreeMap<u64, Message>,
    visible: Vec<u64>,
    in_flight: BTreeMap<u64, TenantId>,
    next: u64,
    sent: u64,
}

impl Message {
    fn tenant(&self) -> TenantId {
        match &self.job {
            Job::Publish { job, .. } => job.tenant,
            Job::Webhook(job) => job.tenant,
            Job::Recover(job) => job.tenant,
            Job::Ingest(job) => job.tenant,
        }
    }
}

impl Held {
    /// Index of a visible message. A tenant is noisy with 30 messages and a tenth of all in flight (SQS developer guide,
    /// "Amazon SQS fair queues").
    fn pick(&self, rng: &mut Rng) -> usize {
        let mut counts: BTreeMap<TenantId, usize> = BTreeMap::new();
        for tenant in self.in_flight.values() {
            *counts.entry(*tenant).or_default() += 1;
        }
        counts.retain(|_, n| *n >= 30 && *n * 10 > self.in_flight.len());
        if counts.is_empty() {
            return rng.index(self.visible.len());
        }
        let quiet = |id: &u64| self.messages.get(id).is_some_and(|m| !counts.contains_key(&m.tenant()));
        let quiet: Vec<usize> = (0..self.visible.len()).filter(|at| quiet(&self.visible[*at])).collect();
        if quiet.is_empty() { rng.index(self.visible.len()) } else { quiet[rng.index(quiet.len())] }
    }
}

/// All queues.
pub struct MemoryQueues {
    engine: Arc<Engine>,
    weather: Weather,
    held: Mutex<Held>,
}

impl MemoryQueues {
    pub(crate) fn new(engine: Arc<Engine>, weather: Weather) -> Self {
        Self { engine, weather, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages not yet deleted, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.held().messages.values().cloned().collect()
    }

    /// Takes out every message, whatever its delay: for tests without a scheduler.
    pub fn take(&self) -> Vec<Message> {
        let mut held = self.held();
        held.visible.clear();
        std::mem::take(&mut held.messages).into_values().collect()
    }

    /// How many were sent, copies not counted.
    pub fn sent(&self) -> u64 {
        self.held().sent
    }

    /// Whether no message is anywhere.
    pub fn is_empty(&self) -> bool {
        self.held().messages.is_empty()
    }

    pub(crate) fn show(&self, id: u64) {
        let mut held = self.held();
        held.in_flight.remove(&id);
        if held.messages.contains_key(&id) {
            held.visible.push(id);
        }
    }

    /// Takes up to `most` visible messages, in no particular order; those of a tenant with many in flight come last (a
    /// fair queue: our messages carry their tenant as message group).
    pub(crate) fn receive(&self, most: usize) -> Vec<(u64, Message)> {
        let mut held = self.held();
        let mut out = Vec::new();
        while out.len() < most && !held.visible.is_empty() {
            let at = self.engine.chance(|rng| held.pick(rng));
            let id = held.visible.swap_remove(at);
            if let Some(message) = held.messages.get_mut(&id) {
                message.received += 1;
                let message = message.clone();
                held.in_flight.insert(id, message.tenant());
                out.push((id, message));
            }
        }
        out
    }

    pub(crate) fn visible(&self) -> usize {
        self.held().visible.len()
    }

    pub(crate) fn any_visible(&self) -> bool {
        self.visible() > 0
    }

    pub(crate) fn delete(&self, id: u64) {
        let mut held = self.held();
        held.messages.remove(&id);
        held.in_flight.remove(&id);
    }

    fn put(&self, wake_up: WakeUp) {
        let copies = if self.engine.strikes(self.weather.queue_doubled) {
            self.engine.chance(|rng| rng.between(2, 3))
        } else {
            1
        };
        for _ in 0..copies {
            let late =
                self.engine.chance(|rng| if rng.permille(100) { rng.between(0, 10_000) } else { rng.between(5, 300) });
            let shows_ms = self.engine.now_ms() + i64::from(wake_up.delay_s) * 1000 + late;
            let id = {
                let mut held = self.held();
                held.next += 1;
                let id = held.next;
                held.messages.insert(id, Message { job: wake_up.job.clone(), received: 0, shows_ms });
                id
            };
            self.engine.at(shows_ms, Happening::Message(id));
        }
    }
}

#[async_trait]
impl Queues for MemoryQueues {
    async fn send(&self, wake_ups: Vec<WakeUp>) -> Vec<bool> {
        self.engine.point("queue send", 1, 10, false).await;
        let mut taken = Vec::new();
        for wake_up in wake_ups {
            let refused = self.engine.strikes(self.weather.queue_refused);
            // Some of what is reported as refused was taken all the same.
            if !refused || self.engine.strikes(300) {
                self.held().sent += 1;
                self.put(wake_up);
            }
            taken.push(!refused);
        }
        self.engine.point("queue sent", 1, 10, false).await;
        taken
    }
}

#[derive(Debug, Default)]
struct Taken {
    events: Vec<Event>,
    /// Whether its rule brings what it takes to the webhook queue.
    ruled: bool,
    /// Numbers of the events whose message is still in the webhook queue.
    waiting: BTreeSet<usize>,
}

/// The bus: keeps what it took, and may bring it to the webhook queue.
pub struct MemoryBus {
    engine: Arc<Engine>,
    weather: Weather,
    /// A mutant: says that it took what it did not take.
    lies: bool,
    taken: Mutex<Taken>,
}

impl MemoryBus {
    pub(crate) fn new(engine: Arc<Engine>, weather: Weather, lies: bool) -> Self {
        Self { engine, weather, lies, taken: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything taken so far.
    pub fn taken(&self) -> Vec<Event> {
        self.held().events.clone()
    }

    /// From now on every event gets its message in the webhook queue.
    pub(crate) fn rule(&self) {
        self.held().ruled = true;
    }

    /// Event number `n`.
    pub(crate) fn event(&self, n: usize) -> Option<Event> {
        self.held().events.get(n).cloned()
    }

    /// Numbers of the events whose message is still in the webhook queue.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        self.held().waiting.iter().copied().collect()
    }

    /// The message of event number `n` is deleted.
    pub(crate) fn heard(&self, n: usize) {
        self.held().waiting.remove(&n);
    }

    fn take(&self, event: &Event) {
        let n = {
            let mut held = self.held();
            held.events.push(event.clone());
            let n = held.events.len() - 1;
            if !held.ruled {
                return;
            }
            held.waiting.insert(n);
            n
        };
        let copies = 1 + i32::from(self.engine.strikes(self.weather.queue_doubled));
        for _ in 0..copies {
            let late = self.engine.chance(|rng| rng.between(50, 2_000));
            self.engine.after(late, Happening::Event(n));
        }
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn publish(&self, events: &[Event]) -> Vec<bool> {
        self.engine.point("bus put", 1, 10, false).await;
        let mut answers = Vec::new();
        for event in events {
            let refused = self.engine.strikes(self.weather.bus_refused);
            if !refused {
                self.take(event);
            }
            answers.push(!refused || self.lies);
        }
        self.engine.point("bus answered", 1, 10, false).await;
        answers
    }
}
