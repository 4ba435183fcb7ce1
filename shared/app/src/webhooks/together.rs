//! Writes that are ready at the same time leave in one request. Nobody waits for others to be ready: whoever comes while a request is under
//! way goes with the next one, as a database commits its transactions in groups.

use crate::Deps;
use futures_util::lock::Mutex as AsyncMutex;
use ports::{Committed, StoreError, Write};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Who commits together.
#[derive(Debug, Default)]
pub(super) struct Together {
    state: Mutex<State>,
    /// Held by whoever writes for all.
    turn: AsyncMutex<()>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    ready: Vec<(u64, Write)>,
    done: BTreeMap<u64, Result<Committed, StoreError>>,
}

impl Together {
    /// Commits a write by itself: whatever becomes of those that leave with it.
    pub(super) async fn commit(&self, deps: &Deps, write: Write) -> Result<Committed, StoreError> {
        let ticket = self.state(|state| {
            state.last += 1;
            state.ready.push((state.last, write));
            state.last
        });
        let _turn = self.turn.lock().await;
        if let Some(done) = self.state(|state| state.done.remove(&ticket)) {
            return done;
        }
        let (tickets, writes): (Vec<_>, Vec<_>) =
            self.state(|state| std::mem::take(&mut state.ready)).into_iter().unzip();
        let done = if writes.is_empty() { Vec::new() } else { deps.ledger.commit_each(writes).await };
        let mine = self.state(|state| {
            state.done.extend(tickets.into_iter().zip(done));
            state.done.remove(&ticket)
        });
        // Whoever had it was stopped before it was told what became of it.
        mine.unwrap_or_else(|| Err(StoreError::Unavailable("it cannot be told whether the write happened".into())))
    }

    fn state<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
