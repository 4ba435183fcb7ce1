//! Many attempts at one endpoint that end at once, each with something to say of it.

use super::*;
use crate::Deps;
use crate::webhooks::pace;
use async_trait::async_trait;
use domain::webhooks::{Answer, Pace, WebhookAttempt};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Answer as Told, Backend, Change, Condition, Failure, Item, Key, Memory, Op, Query, Rows, Store, Table};

/// A store in which others are faster: as often as said, before a pace is written another attempt's wait is, which is a second longer
/// than the last.
struct Rivals {
    memory: Arc<Memory>,
    left: AtomicU32,
}

impl Rivals {
    async fn are_faster(&self, change: &Change) {
        let Op::Put(item) = &change.op else { return };
        let less = |left: u32| left.checked_sub(1);
        if item.kind != "pace" || self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err() {
            return;
        }
        let mut rival = self.memory.get(change.table, change.key()).await.unwrap().value.unwrap();
        let mut pace: Pace = serde_json::from_str(&rival.doc).unwrap();
        pace.quiet_until = pace.quiet_until.map(|until| until + SignedDuration::from_secs(1));
        (rival.doc, rival.rev) = (serde_json::to_string(&pace).unwrap(), rival.rev + 1);
        rival.by = format!("rival {}", rival.rev);
        let op = Op::Put(Box::new(rival));
        let faster = Change { table: change.table, op, condition: Condition::Nothing };
        self.memory.write(&faster).await.unwrap();
    }
}

#[async_trait]
impl Backend for Rivals {
    async fn get(&self, table: Table, key: &Key) -> Result<Told<Option<Item>>, Failure> {
        self.memory.get(table, key).await
    }
    async fn query(&self, query: &Query) -> Result<Told<Rows>, Failure> {
        self.memory.query(query).await
    }
    async fn write(&self, change: &Change) -> Result<Told<()>, Failure> {
        self.are_faster(change).await;
        self.memory.write(change).await
    }
    async fn each(&self, changes: &[Change]) -> Vec<Result<Told<()>, Failure>> {
        self.memory.each(changes).await
    }
    async fn transact(&self, changes: &[Change], token: &str) -> Result<Told<()>, Failure> {
        self.memory.transact(changes, token).await
    }
    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Told<()>, Failure> {
        self.memory.clear_outbox(key, rev).await
    }
}

fn answer(world: &World, status: u16, retry_after_s: Option<u64>) -> Answer {
    let at = world.deps.clock.now();
    Answer { attempt: WebhookAttempt { at, status: Some(status), ..WebhookAttempt::default() }, retry_after_s }
}

/// An endpoint that asked for a minute, and then gave this answer while 40 others were faster: how it fares.
async fn after(status: u16, retry_after_s: Option<u64>) -> (Pace, Timestamp) {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let base = world.deps.base.clone();
    let rivals = Arc::new(Rivals { memory: Arc::clone(&world.memory), left: AtomicU32::new(0) });
    let ledger = Arc::new(Store::new(Arc::clone(&rivals), Arc::clone(&base.entropy), Arc::clone(&base.clock)));
    let deps = Deps { ledger, ..base };
    let listener = async || deps.ledger.listener(owner.tenant, id).await.unwrap().unwrap();
    pace::learn(&deps, &listener().await, &answer(&world, 429, Some(60)), "test").await;
    let (known, now) = (listener().await, deps.clock.now());
    rivals.left.store(40, Ordering::SeqCst);
    pace::learn(&deps, &known, &answer(&world, status, retry_after_s), "test").await;
    (listener().await.pace.unwrap().value, now)
}

#[tokio::test]
async fn of_a_crowd_that_is_refused_at_once_the_longest_wait_is_kept_however_often_others_are_faster() {
    let (pace, now) = after(429, Some(3_600)).await;
    assert!(pace.quiet_until >= Some(now + SignedDuration::from_hours(1)), "{pace:?}");
}

#[tokio::test]
async fn a_success_begins_the_days_of_failures_anew_however_often_others_are_faster() {
    assert_eq!(after(204, None).await.0.failing_since, None);
}
