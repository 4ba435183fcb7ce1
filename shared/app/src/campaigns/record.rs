//! Storing what came of a chunk.

use super::send::Work;
use super::{TRIES, advanced, gave_up, store_now};
use crate::Error;
use domain::ContactId;
use domain::campaigns::{Chunk, Finding, Tally};
use ports::{Record, StoreError, Versioned, Write};

/// What came of one recipient.
pub(super) struct Heard {
    pub(super) contact: ContactId,
    pub(super) answer: Answer,
}

pub(super) enum Answer {
    /// Something that is to be kept.
    Found(Finding),
    /// Nothing was sent, and may be later: after so many seconds, where somebody named them.
    NotNow(Option<i64>),
}

/// What a late worker says of somebody whom it did not write to: whoever has the shard now has called them unknown, and only it may plan
/// them anew.
const NOT_SENT: &str = "not_sent";

impl Work<'_> {
    /// Stores what came of a chunk that this worker claimed; how it counts.
    ///
    /// While the shard is this worker's, those who are to be written to later move into a chunk of their own, in one commit with all the rest.
    /// When it is not any more, what was found is kept all the same: it is evidence, and whoever took the shard over only knew that they
    /// did not know.
    pub(super) async fn record(&mut self, mut chunk: Versioned<Chunk>, heard: Vec<Heard>) -> Result<Tally, Error> {
        let (mut found, mut later, mut wait_s) = (Vec::new(), Vec::new(), None);
        for one in heard {
            match one.answer {
                Answer::Found(finding) => found.push((one.contact, finding)),
                Answer::NotNow(wanted) => {
                    wait_s = wait_s.max(wanted);
                    later.push((one.contact, Finding::rejected(NOT_SENT)));
                }
            }
        }
        let key = chunk.value.key;
        for _ in 0..TRIES {
            let held =
                self.shard.value.is_held_by(&self.owner) && self.shard.value.flight.is_some_and(|f| f.key == key);
            let mut next = chunk.value.recorded(&found);
            let mut writes = Vec::new();
            let mut shard = None;
            if held && next.is_open() {
                let (after, left, moved) =
                    self.shard.value.deferred(&self.owner, &next, wait_s, store_now(self.deps))?;
                writes.push(Write::create(Record::Chunk(moved)));
                (next, shard) = (left, Some(after));
            } else {
                next = next.recorded(&later);
                // One that has somebody open is in nobody's sums; every other may be.
                if !chunk.value.is_open() && !next.counts_as(&chunk.value) {
                    shard = Some(self.shard.value.recounted(&chunk.value, &next));
                }
            }
            if let Some(after) = &shard {
                writes.push(Write::replace(&self.shard, Record::RunShard(Box::new(after.clone()))));
            }
            if next != chunk.value {
                writes.push(Write::replace(&chunk, Record::Chunk(next.clone())));
            }
            match self.deps.ledger.commit(writes).await {
                Ok(_) => {
                    let counted = next.tally();
                    if let Some(after) = shard {
                        self.shard = advanced(&self.shard, after);
                        self.forget_ahead();
                    }
                    let flies = self.shard.value.flight.is_some_and(|f| f.key == key);
                    self.flight = (held && flies).then(|| advanced(&chunk, next));
                    return Ok(counted);
                }
                Err(StoreError::Corrupt(why)) => return Err(Error::Internal(why)),
                Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => {}
            }
            self.look().await?;
            match self.deps.ledger.chunk(self.at, key).await {
                Ok(Some(read)) => chunk = read,
                Ok(None) => return Err(Error::Internal("a chunk that was claimed is not there".into())),
                Err(StoreError::Unavailable(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(gave_up("what came of a chunk"))
    }
}
