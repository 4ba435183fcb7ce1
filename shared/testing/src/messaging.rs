//! Queues and bus in memory: late, double, out of order, and now and then refusing.

use crate::engine::Happening;
use crate::{Engine, Weather};
use async_trait::async_trait;
use domain::events::Event;
use ports::{Bus, Job, Queues, WakeUp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub job: Job,
    /// How often it was given to a worker.
    pub received: u32,
}

#[derive(Debug, Default)]
struct Held {
    messages: BTreeMap<u64, Message>,
    visible: Vec<u64>,
    next: u64,
    sent: u64,
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
        if held.messages.contains_key(&id) {
            held.visible.push(id);
        }
    }

    /// Takes up to `most` visible messages, in no particular order.
    pub(crate) fn receive(&self, most: usize) -> Vec<(u64, Message)> {
        let mut held = self.held();
        let mut out = Vec::new();
        while out.len() < most && !held.visible.is_empty() {
            let at = self.engine.chance(|rng| rng.index(held.visible.len()));
            let id = held.visible.swap_remove(at);
            if let Some(message) = held.messages.get_mut(&id) {
                message.received += 1;
                out.push((id, message.clone()));
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
        self.held().messages.remove(&id);
    }

    fn put(&self, wake_up: WakeUp) {
        let copies = if self.engine.strikes(self.weather.queue_doubled) {
            self.engine.chance(|rng| rng.between(2, 3))
        } else {
            1
        };
        for _ in 0..copies {
            let id = {
                let mut held = self.held();
                held.next += 1;
                let id = held.next;
                held.messages.insert(id, Message { job: wake_up.job.clone(), received: 0 });
                id
            };
            let late =
                self.engine.chance(|rng| if rng.permille(100) { rng.between(0, 10_000) } else { rng.between(5, 300) });
            self.engine.after(i64::from(wake_up.delay_s) * 1000 + late, Happening::Message(id));
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

/// The bus: keeps what it took.
pub struct MemoryBus {
    engine: Arc<Engine>,
    weather: Weather,
    /// A mutant: says that it took what it did not take.
    lies: bool,
    taken: Mutex<Vec<Event>>,
}

impl MemoryBus {
    pub(crate) fn new(engine: Arc<Engine>, weather: Weather, lies: bool) -> Self {
        Self { engine, weather, lies, taken: Mutex::default() }
    }

    /// Everything taken so far.
    pub fn taken(&self) -> Vec<Event> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
                self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
            }
            answers.push(!refused || self.lies);
        }
        self.engine.point("bus answered", 1, 10, false).await;
        answers
    }
}
