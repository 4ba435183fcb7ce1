//! Committing: records become items with a fresh write token, events ride on them, and what an ambiguous answer meant
//! is found out by reading.
//!
//! A write is *doubtful* when an attempt of it may have been applied although no success was heard: a timeout, a lost
//! answer, a 5xx. A condition that fails after a doubtful attempt may have failed because of that very attempt. So a
//! doubtful write is looked up: every put leaves its token (`by`) and the revision it made, and
//!
//! - our token there means that it was applied (and, in a transaction, that all of it was);
//! - another's token at the revision we wanted means that we lost, for good;
//! - anything else (still the old revision: a late attempt could yet land; or revisions beyond ours: somebody may have
//!   built upon ours) cannot be told, and the caller is told just that.

mod batch;

use crate::Store;
use crate::backend::{Answer, Backend, Change, Condition, Failure, Kind, Op, Table};
use crate::item::Item;
use crate::placed::{letter, place};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use batch::{Batch, Prepared};
use futures_util::FutureExt;
use jiff::Timestamp;
use ports::{Committed, Expect, Sent, StoreError, UnitOfWork, Write};

/// Attempts when another transaction is at the same item: they end within milliseconds, and a function does not wait.
const BUSY_TRIES: u8 = 4;
/// Times an expired record is taken over in one commit before somebody else is taken to be faster.
const TAKE_OVERS: u8 = 3;

#[async_trait]
impl<B: Backend> UnitOfWork for Store<B> {
    async fn commit(&self, writes: Vec<Write>) -> Result<Committed, StoreError> {
        let batch = self.prepare(writes)?;
        if batch.changes.is_empty() {
            return Ok(Committed { store_now: self.latest().unwrap_or_else(|| self.clock.now()), outbox: Vec::new() });
        }
        let sent = self.send(&batch).await;
        self.finish(batch, sent).await
    }

    async fn commit_each(&self, writes: Vec<Write>) -> Vec<Sent> {
        let batches: Vec<_> = writes.into_iter().map(|write| self.prepare(vec![write])).collect();
        let alone = batches.iter().flatten().filter(|batch| batch.changes.len() == 1);
        let changes: Vec<Change> = alone.flat_map(|batch| &batch.changes).map(|one| one.change.clone()).collect();
        let mut sent = self.backend.each(&changes).await.into_iter();
        let finishing = batches.into_iter().map(|batch| {
            let answered = batch.as_ref().is_ok_and(|batch| batch.changes.len() == 1).then(|| sent.next()).flatten();
            let answered = answered.map(|sent| sent.map(|answer| self.told(answer)));
            let store = self.clone();
            async move {
                let batch = batch?;
                let sent = match answered {
                    Some(sent) => sent,
                    None => store.send(&batch).await,
                };
                store.finish(batch, sent).await
            }
            .boxed()
        });
        finishing.collect()
    }

    fn store_now(&self) -> Option<Timestamp> {
        self.latest()
    }
}

impl<B: Backend> Store<B> {
    fn prepare(&self, writes: Vec<Write>) -> Result<Batch, StoreError> {
        let now = self.clock.now();
        let mut batch = Batch { changes: Vec::new(), outbox: Vec::new(), token: self.token() };
        for (index, write) in writes.into_iter().enumerate() {
            let placed = place(&write.record)?;
            if placed.table == Table::Audit && (write.delete || write.expect != Expect::Absent) {
                return Err(StoreError::Corrupt("the audit log is only appended to".into()));
            }
            let rides = placed.table == Table::Core && !write.delete;
            let (expires, condition) = (placed.expires_at.is_some(), condition(write.expect));
            let (table, key) = (placed.table, placed.key.clone());
            let mut events = write.events;
            let op = if write.delete {
                Op::Delete(key)
            } else {
                let carried = if rides { std::mem::take(&mut events) } else { Vec::new() };
                Op::Put(batch.item(placed, revision(write.expect, now), carried, now)?)
            };
            batch.changes.push(Prepared { change: Change { table, op, condition }, index, expires });
            // A deletion, and a record outside the core table, cannot carry its events: they get an item of their own.
            if let Some(tenant) = events.first().map(|event| event.tenant) {
                let placed = letter(tenant, &format!("{}{index}", batch.token))?;
                let op = Op::Put(batch.item(placed, 1, events, now)?);
                let change = Change { table: Table::Core, op, condition: Condition::Absent };
                batch.changes.push(Prepared { change, index, expires: false });
            }
        }
        batch.check()?;
        Ok(batch)
    }

    async fn finish(&self, mut batch: Batch, sent: Result<Timestamp, Failure>) -> Result<Committed, StoreError> {
        let store_now = self.settle(&mut batch, sent).await?;
        Ok(Committed { store_now, outbox: batch.outbox })
    }

    /// What a batch that was sent came to: it is sent again where that may help, and what cannot be told is looked up.
    async fn settle(&self, batch: &mut Batch, mut sent: Result<Timestamp, Failure>) -> Result<Timestamp, StoreError> {
        let (mut doubtful, mut busy, mut taken) = (false, 0, 0);
        loop {
            let failure = match sent {
                Ok(store_now) => return Ok(store_now),
                Err(failure) => failure,
            };
            doubtful |= failure.doubtful;
            match failure.kind {
                Kind::Busy if busy + 1 < BUSY_TRIES => busy += 1,
                Kind::Condition(at)
                    if taken < TAKE_OVERS && batch.may_take_over(at) && self.take_over(batch, at).await? =>
                {
                    // What lies there is older than any attempt of ours, so none was applied.
                    doubtful = false;
                    taken += 1;
                }
                Kind::Condition(at) if !doubtful => return Err(batch.conflict(at)),
                Kind::Condition(at) => return self.look_up(batch, Some(at)).await,
                _ if doubtful => return self.look_up(batch, None).await,
                _ => return Err(StoreError::Unavailable(failure.detail)),
            }
            sent = self.send(batch).await;
        }
    }

    /// 128 random bits, in the shortest form that both an attribute and a `ClientRequestToken` take.
    fn token(&self) -> String {
        let mut random = [0_u8; 16];
        self.entropy.fill(&mut random);
        URL_SAFE_NO_PAD.encode(random)
    }

    async fn send(&self, batch: &Batch) -> Result<Timestamp, Failure> {
        let answer = if let [only] = batch.changes.as_slice() {
            self.backend.write(&only.change).await?
        } else {
            let changes: Vec<Change> = batch.changes.iter().map(|p| p.change.clone()).collect();
            self.backend.transact(&changes, &batch.token).await?
        };
        Ok(self.told(answer))
    }

    /// When the store applied what it answered so.
    fn told(&self, answer: Answer<()>) -> Timestamp {
        let store_now = answer.store_now;
        self.heard(answer);
        store_now
    }

    /// The record that should be absent is there. If it has expired, the change goes over exactly that record, and its
    /// revision goes on counting, so that whoever still holds the expired one cannot mistake the new for it. False if it
    /// has not expired.
    async fn take_over(&self, batch: &mut Batch, at: usize) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some(prepared) = batch.changes.get_mut(at) else { return Ok(false) };
        let found = self.read(prepared.change.table, prepared.change.key()).await?;
        let (Op::Put(item), Some(old)) = (&mut prepared.change.op, found) else { return Ok(false) };
        if old.by == item.by || !expired(&old, now) {
            return Ok(false);
        }
        item.rev = old.rev + 1;
        prepared.change.condition = Condition::Same { rev: old.rev, by: old.by };
        // Another request: the old transaction token stands for the old one.
        batch.retoken(self.token());
        Ok(true)
    }

    /// Finds out what a doubtful write came to. `failed` is the change whose condition failed last, if one did.
    async fn look_up(&self, batch: &Batch, failed: Option<usize>) -> Result<Timestamp, StoreError> {
        let unclear = || StoreError::Unavailable("it cannot be told whether the write happened".into());
        let is_put = |at: &usize| matches!(batch.changes[*at].change.op, Op::Put(_));
        let puts = || (0..batch.changes.len()).find(is_put);
        // Deletions leave no token, but a later revision tells that one did not happen.
        let Some(at) = failed.filter(is_put).or_else(puts).or(failed) else { return Err(unclear()) };
        let change = &batch.changes[at].change;
        let answer = self.backend.get(change.table, change.key()).await;
        let answer = answer.map_err(|f| StoreError::Unavailable(f.detail))?;
        let store_now = answer.store_now;
        let found = self.heard(answer);
        let ours = match (&change.op, &change.condition) {
            (Op::Put(ours), _) => ours,
            (Op::Delete(_), Condition::Rev(rev)) if found.as_ref().is_some_and(|f| f.rev > *rev) => {
                return Err(batch.conflict(at));
            }
            (Op::Delete(_), _) => return Err(unclear()),
        };
        match (found, failed) {
            (Some(found), _) if found.by == ours.by => Ok(store_now),
            (Some(found), _) if found.rev == ours.rev && change.condition != Condition::Nothing => {
                Err(batch.conflict(failed.unwrap_or(at)))
            }
            // Not applied when we looked, and refused after every attempt of ours had arrived or failed.
            (Some(found), Some(failed)) if found.rev < ours.rev => Err(batch.conflict(failed)),
            (None, Some(failed)) if failed != at && change.condition == Condition::Absent => {
                Err(batch.conflict(failed))
            }
            _ => Err(unclear()),
        }
    }
}

fn condition(expect: Expect) -> Condition {
    match expect {
        Expect::Absent => Condition::Absent,
        Expect::Rev(rev) => Condition::Rev(rev),
        Expect::Anything => Condition::Nothing,
    }
}

/// The revision a write makes. Without a condition the old one is not known; the time in microseconds is beyond every
/// counted revision and never the same, so that nobody's compare-and-set can mistake one such write for another.
fn revision(expect: Expect, now: Timestamp) -> u64 {
    match expect {
        Expect::Absent => 1,
        Expect::Rev(rev) => rev + 1,
        Expect::Anything => u64::try_from(now.as_microsecond()).unwrap_or(1),
    }
}

/// Whether a record that expires has done so. One that cannot be read has not.
fn expired(item: &Item, now: Timestamp) -> bool {
    #[derive(serde::Deserialize)]
    struct Expiring {
        expires_at: Timestamp,
    }
    serde_json::from_str::<Expiring>(&item.doc).is_ok_and(|record| record.expires_at <= now)
}
