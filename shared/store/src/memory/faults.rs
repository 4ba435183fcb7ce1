//! What can go wrong between the store and a table service, for tests and the simulator to choose from.

use crate::backend::{Change, Key, Query, Table};

/// An operation, as the hook sees it.
#[derive(Debug, Clone, Copy)]
pub enum Call<'a> {
    /// A read of one item.
    Get(Table, &'a Key),
    /// A read of a partition.
    Query(&'a Query),
    /// One conditional change.
    Write(&'a Change),
    /// A transaction.
    Transact(&'a [Change]),
    /// Taking the events off an item.
    ClearOutbox(&'a Key),
}

/// What goes wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Throttled: not applied, and the caller knows.
    Refused,
    /// Another transaction is at the item: not applied, and the caller knows.
    Busy,
    /// Not applied, but the caller cannot know.
    LostRequest,
    /// Applied, but the caller cannot know.
    LostAnswer,
    /// Applied, the answer was lost, and the client repeated the request, which met its own effect.
    Repeated,
    /// Not applied yet, but under way: applied at [`Memory::land`]. The caller cannot know.
    Late,
}

/// Decides what goes wrong.
pub trait Faults: Send + Sync {
    /// Asked before every operation.
    fn before(&self, call: Call<'_>) -> Fault {
        let _ = call;
        Fault::None
    }

    /// Told after every operation whether it took effect (for a read: whether it was answered).
    fn after(&self, call: Call<'_>, effective: bool) {
        let _ = (call, effective);
    }

    /// How many milliseconds the indexes lag behind, asked before every query of one.
    fn index_lag_ms(&self) -> i64 {
        0
    }
}

/// Nothing goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Faults for NoFaults {}
