//! One change of the ledger, and what came of it.

use crate::{Record, Versioned};
use domain::events::Event;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// What must be true for a change to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// There is no such record (or it has expired and only its deletion is late).
    Absent,
    /// The record is still at this revision.
    Rev(u64),
    /// Nothing: last writer wins. Only for records whose loss is harmless.
    Anything,
}

/// One conditional change.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The record after the change (or the one to delete).
    pub record: Record,
    /// The condition.
    pub expect: Expect,
    /// True to delete.
    pub delete: bool,
    /// Events that commit with it, including those carried on.
    pub events: Vec<Event>,
}

impl Write {
    /// Stores a record that must not exist yet.
    pub fn create(record: Record) -> Self {
        Self { record, expect: Expect::Absent, delete: false, events: Vec::new() }
    }

    /// Replaces `old` by `record`, if nobody else changed it; unsent events are carried on.
    pub fn replace<T>(old: &Versioned<T>, record: Record) -> Self {
        Self { record, expect: Expect::Rev(old.rev), delete: false, events: old.unsent.clone() }
    }

    /// Stores a record whatever was there.
    pub fn put(record: Record) -> Self {
        Self { record, expect: Expect::Anything, delete: false, events: Vec::new() }
    }

    /// Deletes a record, if nobody else changed it; its unsent events are still told.
    pub fn delete<T>(old: &Versioned<T>, record: Record) -> Self {
        Self { record, expect: Expect::Rev(old.rev), delete: true, events: old.unsent.clone() }
    }

    /// Adds events to the commit.
    #[must_use]
    pub fn telling(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events.extend(events);
        self
    }
}

/// Where unsent events lie; opaque outside the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRef {
    /// The record's key.
    pub key: String,
    /// The record's revision.
    pub rev: u64,
}

/// A commit that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    /// The store's own clock (for DynamoDB the `Date` of its answer): the clock on which Δ is measured.
    pub store_now: Timestamp,
    /// Where the events of this commit lie until they are confirmed as sent.
    pub outbox: Vec<(OutboxRef, Vec<Event>)>,
}

/// A write that was sent with others. Mostly what it came to is known; what has to be sent once more or looked up is so while this is
/// awaited, by whoever's write it is, and nobody else waits for that. Dropped, it leaves open what the write came to.
pub type Sent = BoxFuture<'static, Result<Committed, StoreError>>;

/// Why a commit did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The condition of the write at `index` did not hold. Nothing was written.
    #[error("somebody else changed record {index} first")]
    Conflict {
        /// Which write.
        index: usize,
    },
    /// The store did not answer, or it cannot be told whether the write happened. Read again before acting.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// A stored record cannot be read: a defect, or a newer version wrote it.
    #[error("a stored record cannot be read: {0}")]
    Corrupt(String),
}
