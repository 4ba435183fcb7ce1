//! Ports that count what AWS would bill.
//!
//! `DynamoDB`'s rules (developer guide, "`DynamoDB` on-demand capacity mode" and "Provisioned capacity for global secondary
//! indexes"): a write costs a unit per started KB of the larger of the old and the new item, a strongly consistent read
//! one per started 4 KB, an eventually consistent one half; a write pays in every index for the entry it removes, adds or
//! changes; a transaction pays double. Entries of indexes are counted double in a transaction too: whether they are is
//! not documented, and a figure that flatters is worth nothing.

use async_trait::async_trait;
use domain::events::Event;
use ports::{Bus, Job, Queues, SecretError, Secrets, WakeUp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Answer, Backend, Change, Entry, Failure, Index, Item, Key, Op, Query, Rows, Table, one_by_one};

/// Most messages of one SQS request.
pub const SQS_BATCH: u64 = 10;
const KB: usize = 1024;

/// What is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Write units of `DynamoDB`.
    Write,
    /// Read units of `DynamoDB`.
    Read,
    /// Requests to SQS, Lambda's own included.
    Sqs,
    /// Events put on the bus.
    Event,
    /// Calls to Secrets Manager.
    Secret,
    /// Invocations of functions.
    Invocation,
    /// Requests to the HTTP API.
    Api,
}

/// Counts by step of a post's life, unit, and what it was for.
#[derive(Default)]
pub struct Meter(Mutex<State>);

#[derive(Default)]
struct State {
    step: &'static str,
    lines: BTreeMap<Line, f64>,
    rows: u64,
}

/// Step, unit, what for.
pub type Line = (&'static str, Unit, String);

impl Meter {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is counted from now on belongs to this step.
    pub fn step(&self, name: &'static str) {
        self.with(|state| state.step = name);
    }

    /// Forgets everything counted so far.
    pub fn reset(&self) {
        self.with(|state| *state = State::default());
    }

    /// Counts.
    pub fn add(&self, unit: Unit, what: impl Into<String>, n: f64) {
        if n > 0.0 {
            self.with(|state| *state.lines.entry((state.step, unit, what.into())).or_default() += n);
        }
    }

    /// Lambda's poller took a batch of so many messages from a queue, invoked a function with it, and deleted it.
    pub fn batch(&self, messages: u64) {
        let requests = messages.div_ceil(SQS_BATCH) as f64;
        self.add(Unit::Sqs, "receive", requests);
        self.add(Unit::Sqs, "delete", requests);
        self.add(Unit::Invocation, "worker", requests);
    }

    /// All lines.
    pub fn lines(&self) -> BTreeMap<Line, f64> {
        self.with(|state| state.lines.clone())
    }

    /// Rows that queries answered with.
    pub fn rows(&self) -> u64 {
        self.with(|state| state.rows)
    }
}

fn units(bytes: usize, each: usize) -> f64 {
    bytes.div_ceil(each).max(1) as f64
}

fn index_units(old: Option<&Item>, new: Option<&Item>, index: Index) -> f64 {
    let entry = |item: Option<&Item>| item.and_then(|item| item.entry(index));
    let size = |entry: &Entry| units(entry.bytes, KB);
    match (&entry(old), &entry(new)) {
        (None, None) => 0.0,
        (Some(one), None) | (None, Some(one)) => size(one),
        (Some(old), Some(new)) if old == new => 0.0,
        (Some(old), Some(new)) if old.key == new.key => size(old).max(size(new)),
        (Some(old), Some(new)) => size(old) + size(new),
    }
}

/// A table service that counts.
pub struct Metered<B> {
    inner: B,
    meter: Arc<Meter>,
}

impl<B: Backend> Metered<B> {
    /// Around a table service.
    pub fn new(inner: B, meter: Arc<Meter>) -> Self {
        Self { inner, meter }
    }

    async fn at(&self, table: Table, key: &Key) -> Option<Item> {
        self.inner.get(table, key).await.ok().and_then(|found| found.value)
    }

    fn changed(&self, kind: &str, old: Option<&Item>, new: Option<&Item>, times: f64, how: &str) {
        let bytes = old.map_or(0, Item::bytes).max(new.map_or(0, Item::bytes));
        self.meter.add(Unit::Write, format!("{kind}{how}"), times * units(bytes, KB));
        for index in [Index::Due, Index::Outbox, Index::List] {
            let n = times * index_units(old, new, index);
            self.meter.add(Unit::Write, format!("{kind}{how}: index {}", index.name()), n);
        }
    }

    async fn before(&self, change: &Change) -> (String, Option<Item>, Option<Item>) {
        let old = self.at(change.table, change.key()).await;
        let new = match &change.op {
            Op::Put(item) => Some(Item::clone(item)),
            Op::Delete(_) => None,
        };
        let kind = new.as_ref().or(old.as_ref()).map_or("nothing", |item| item.kind.as_str()).to_owned();
        (kind, old, new)
    }
}

#[async_trait]
impl<B: Backend> Backend for Metered<B> {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        let found = self.inner.get(table, key).await?;
        let what = found.value.as_ref().map_or("nothing", |item| item.kind.as_str());
        self.meter.add(Unit::Read, what, units(found.value.as_ref().map_or(0, Item::bytes), 4 * KB));
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        let found = self.inner.query(query).await?;
        let rows = &found.value.rows;
        let keys = |at: &store::Position| at.key.pk.len() + at.key.sk.len() + query.pk.len() + at.sort.len();
        let bytes = rows.iter().map(|row| row.item.as_ref().map_or_else(|| keys(&row.at), Item::bytes)).sum();
        let half = if query.index.is_some() { 0.5 } else { 1.0 };
        let what = query.index.map_or_else(|| "partition".to_owned(), |index| format!("index {}", index.name()));
        self.meter.add(Unit::Read, what, half * units(bytes, 4 * KB));
        self.meter.with(|state| state.rows += rows.len() as u64);
        Ok(found)
    }

    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        let (kind, old, new) = self.before(change).await;
        let done = self.inner.write(change).await;
        // A condition that does not hold is paid like a write of what is there.
        if done.is_ok() {
            self.changed(&kind, old.as_ref(), new.as_ref(), 1.0, "");
        } else {
            self.changed(&kind, old.as_ref(), old.as_ref(), 1.0, ", refused");
        }
        done
    }

    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        // In one request they cost what each would.
        one_by_one(self, changes).await
    }

    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        let mut before = Vec::new();
        for change in changes {
            before.push(self.before(change).await);
        }
        let done = self.inner.transact(changes, token).await;
        for (kind, old, new) in &before {
            let new = if done.is_ok() { new.as_ref() } else { old.as_ref() };
            self.changed(kind, old.as_ref(), new, 2.0, if done.is_ok() { " (×2)" } else { " (×2), refused" });
        }
        done
    }

    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        let old = self.at(Table::Core, key).await;
        let done = self.inner.clear_outbox(key, rev).await;
        let new = self.at(Table::Core, key).await;
        let kind = old.as_ref().map_or("nothing", |item| item.kind.as_str());
        self.changed(kind, old.as_ref(), new.as_ref(), 1.0, ", outbox cleared");
        done
    }
}

/// Queues that count.
pub struct MeteredQueues(pub Arc<dyn Queues>, pub Arc<Meter>);

#[async_trait]
impl Queues for MeteredQueues {
    async fn send(&self, wake_ups: Vec<WakeUp>) -> Vec<bool> {
        let mut by_queue: BTreeMap<String, u64> = BTreeMap::new();
        for wake_up in &wake_ups {
            let queue = match &wake_up.job {
                Job::Publish { queue, .. } => queue.clone(),
                Job::Webhook(_) | Job::Recover(_) => "webhooks".to_owned(),
                Job::Ingest(_) => "ingest".to_owned(),
            };
            *by_queue.entry(queue).or_default() += 1;
        }
        for messages in by_queue.values() {
            self.1.add(Unit::Sqs, "send", messages.div_ceil(SQS_BATCH) as f64);
        }
        self.0.send(wake_ups).await
    }

    async fn hide(&self, receipt: &str, seconds: u16) -> bool {
        self.1.add(Unit::Sqs, "hide", 1.0);
        self.0.hide(receipt, seconds).await
    }
}

/// A bus that counts.
pub struct MeteredBus(pub Arc<dyn Bus>, pub Arc<Meter>);

#[async_trait]
impl Bus for MeteredBus {
    async fn publish(&self, events: &[Event]) -> Vec<bool> {
        for event in events {
            self.1.add(Unit::Event, event.data.kind(), 1.0);
        }
        self.0.publish(events).await
    }
}

/// A secret store that counts.
pub struct MeteredSecrets(pub Arc<dyn Secrets>, pub Arc<Meter>);

#[async_trait]
impl Secrets for MeteredSecrets {
    async fn get(&self, name: &str) -> Result<Option<secrecy::SecretString>, SecretError> {
        self.1.add(Unit::Secret, "get", 1.0);
        self.0.get(name).await
    }
    async fn put(&self, name: &str, value: &secrecy::SecretString) -> Result<(), SecretError> {
        self.1.add(Unit::Secret, "put", 1.0);
        self.0.put(name, value).await
    }
    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.1.add(Unit::Secret, "delete", 1.0);
        self.0.delete(name).await
    }
}
