//! The ledger on DynamoDB: keys, items, conditional writes and the reading that resolves a doubtful one.
//!
//! Everything above [`Backend`] is the same code for DynamoDB and for the memory that tests and the simulator use: the
//! keys, the serialisation, the conditions and the outbox are never imitated, only the table under them is. The access
//! patterns are listed in `docs/data-model.md`, and a test holds that list to this code.
//!
//! Two rules of the whole crate:
//!
//! - Base tables are read consistently; indexes cannot be, so what an index says is a hint and the record decides.
//! - An ambiguous write is neither success nor failure: it is looked up by its write token before anything is said
//!   (see [`Store`]'s commit).

mod access;
mod accounts;
mod arrivals;
mod audience;
mod audit;
mod backend;
mod campaigns;
mod commit;
mod due;
mod dynamo;
mod endpoints;
mod idempotency;
mod item;
mod keys;
mod memory;
mod outbox;
mod placed;
mod posts;
mod read;

pub use backend::{
    Answer, Backend, Change, Condition, Failure, Index, Key, Kind, Op, Position, Query, Range, Row, Rows, Table,
    one_by_one,
};
pub use dynamo::{Dynamo, Tables};
pub use item::{Entry, Item};
pub use keys::PREFIXES;
pub use memory::{Call, Fault, Faults, Memory, NoFaults};

use jiff::Timestamp;
use ports::{Clock, Entropy};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The storage ports over one backend. A clone is the same store.
pub struct Store<B> {
    backend: Arc<B>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    /// The latest `store_now` in milliseconds; `i64::MIN` before the first answer.
    latest_ms: Arc<AtomicI64>,
}

impl<B> Clone for Store<B> {
    fn clone(&self) -> Self {
        Self {
            backend: Arc::clone(&self.backend),
            entropy: Arc::clone(&self.entropy),
            clock: Arc::clone(&self.clock),
            latest_ms: Arc::clone(&self.latest_ms),
        }
    }
}

impl<B: Backend> Store<B> {
    /// A store over `backend`. `entropy` makes write tokens; `clock` stamps items and tells which record has expired.
    pub fn new(backend: B, entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>) -> Self {
        Self { backend: Arc::new(backend), entropy, clock, latest_ms: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    /// The backend, for tests and the simulator.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// Notes the store's clock as an answer told it. Answers may overtake each other; the later time counts.
    fn heard<T>(&self, answer: Answer<T>) -> T {
        self.latest_ms.fetch_max(answer.store_now.as_millisecond(), Ordering::Relaxed);
        answer.value
    }

    fn latest(&self) -> Option<Timestamp> {
        let ms = self.latest_ms.load(Ordering::Relaxed);
        if ms == i64::MIN { None } else { Timestamp::from_millisecond(ms).ok() }
    }
}

impl Store<Dynamo> {
    /// The store on DynamoDB. The client's own retries may stay on: a repeated conditional write that meets its own first
    /// attempt is recognised.
    pub fn dynamo(
        client: aws_sdk_dynamodb::Client,
        tables: Tables,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::new(Dynamo::new(client, tables, Arc::clone(&clock)), entropy, clock)
    }
}
