//! What the store needs of a table service, and nothing more: so little that memory can do it exactly.

use crate::Item;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

/// A table, cut by how its contents are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Everything that lasts.
    Core,
    /// What may be lost without harm and expires by itself.
    Ephemeral,
    /// The audit log; only ever appended to.
    Audit,
}

/// A sparse index of the core table: an item is in it while it carries the index's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// What happens next, by time; keys only.
    Due,
    /// Events not yet confirmed as sent; keys only.
    Outbox,
    /// Pages of a tenant's records; items without the keys of other indexes and without unsent events.
    List,
}

impl Index {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Outbox => "outbox",
            Self::List => "list",
        }
    }

    /// Its partition and sort attributes.
    pub fn attributes(self) -> (&'static str, &'static str) {
        match self {
            Self::Due => ("gsi1pk", "gsi1sk"),
            Self::Outbox => ("gsi2pk", "gsi2sk"),
            Self::List => ("gsi3pk", "gsi3sk"),
        }
    }

    /// Whether it holds keys only.
    pub fn keys_only(self) -> bool {
        self.kept().is_empty()
    }

    /// What it keeps of an item besides keys, by attribute.
    pub fn kept(self) -> &'static [&'static str] {
        match self {
            Self::Due | Self::Outbox => &[],
            Self::List => &["t", "v", "rev", "by", "created_at", "updated_at", "doc", "ttl"],
        }
    }
}

/// A primary key, or an item's key in an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// Which sort keys a query wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// Those that start so.
    Prefix(String),
    /// Those from the first to the second, both included.
    Between(String, String),
}

impl Range {
    /// Whether `sk` is in it.
    pub fn contains(&self, sk: &str) -> bool {
        match self {
            Self::Prefix(p) => sk.starts_with(p.as_str()),
            Self::Between(low, high) => low.as_str() <= sk && sk <= high.as_str(),
        }
    }

    /// Whether nothing can be in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Between(low, high) if low > high)
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The sort key in the order of the query.
    pub sort: String,
    /// The item's primary key.
    pub key: Key,
}

/// A query of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Table.
    pub table: Table,
    /// Index; none for the base table, which is then read consistently.
    pub index: Option<Index>,
    /// Partition key of the table or index.
    pub pk: String,
    /// Sort keys wanted.
    pub range: Range,
    /// Smallest first.
    pub ascending: bool,
    /// After which position to go on.
    pub after: Option<Position>,
    /// Most rows of the answer.
    pub limit: u32,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The item's place in the order of the query.
    pub at: Position,
    /// The item; none from an index that holds keys only.
    pub item: Option<Item>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether there may be more after the last of them.
    pub more: bool,
}

/// What must be true for a change to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// No item has this key.
    Absent,
    /// The item is at this revision.
    Rev(u64),
    /// The item is exactly the one that was read: revision and write token.
    Same {
        /// Revision.
        rev: u64,
        /// Write token.
        by: String,
    },
    /// Nothing.
    Nothing,
}

/// What a change does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Replaces the whole item.
    Put(Box<Item>),
    /// Deletes it.
    Delete(Key),
}

/// One conditional change of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Table.
    pub table: Table,
    /// What it does.
    pub op: Op,
    /// If what.
    pub condition: Condition,
}

impl Change {
    /// The key it concerns.
    pub fn key(&self) -> &Key {
        match &self.op {
            Op::Put(item) => &item.key,
            Op::Delete(key) => key,
        }
    }
}

/// An answer, with the time on the service's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// The service's clock when it answered.
    pub store_now: Timestamp,
}

/// Why an operation has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was said.
    pub kind: Kind,
    /// Whether an attempt may have been applied all the same: its answer was lost. Never set for reads.
    pub doubtful: bool,
    /// A code for logs; no keys and no content.
    pub detail: String,
}

/// What a failure said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The condition of the change at this index did not hold.
    Condition(usize),
    /// Another transaction is at the same item; at once again may work.
    Busy,
    /// Anything else: throttled, unreachable, timed out.
    Other,
    /// An item lacks what every item has.
    Corrupt,
}

/// A table service.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Reads one item consistently.
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure>;
    /// Reads one partition: the base table consistently, an index as far as it has come.
    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure>;
    /// Applies one change.
    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure>;
    /// Applies changes each by itself: what becomes of one says nothing of the others, and they may come in any order. Answers in the
    /// order of the changes. A service that takes several in one request is asked so.
    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>>;
    /// Applies several changes or none. Repeating it with the same token within ten minutes is harmless.
    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure>;
    /// Takes the events off a core item if it is still at `rev`; its revision stays.
    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure>;
}

#[async_trait]
impl<B: Backend + ?Sized> Backend for Arc<B> {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        (**self).get(table, key).await
    }
    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        (**self).query(query).await
    }
    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        (**self).write(change).await
    }
    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        (**self).each(changes).await
    }
    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        (**self).transact(changes, token).await
    }
    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        (**self).clear_outbox(key, rev).await
    }
}

/// [`Backend::each`] of a backend that takes one change at a time.
pub async fn one_by_one<B: Backend>(backend: &B, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
    let mut done = Vec::with_capacity(changes.len());
    for change in changes {
        done.push(backend.write(change).await);
    }
    done
}
