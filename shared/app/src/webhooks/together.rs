//! Writes that are ready at the same time leave in one request. Nobody waits for others to be ready: whoever comes while a request is under
//! way goes with the next one, as a database commits its transactions in groups.

use crate::Deps;
use futures_util::lock::Mutex as AsyncMutex;
use ports::{Committed, Sent, StoreError, Write};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Who commits together.
#[derive(Debug, Default)]
pub(super) struct Together {
    state: Mutex<State>,
    /// Held by whoever writes for all.
    turn: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    last: u64,
    ready: Vec<(u64, Write)>,
    /// What left with others and is not asked for yet by who brought it.
    sent: BTreeMap<u64, Sent>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("last", &self.last).finish_non_exhaustive()
    }
}

impl Together {
    /// Commits a write by itself: whatever becomes of those that leave with it. The turn is over when the request is. A record that is
    /// throttled, or of which it must be looked up what became, is one event's trouble: the next request does not wait for that.
    pub(super) async fn commit(&self, deps: &Deps, write: Write) -> Result<Committed, StoreError> {
        let ticket = self.state(|state| {
            state.last += 1;
            state.ready.push((state.last, write));
            state.last
        });
        match self.sent(deps, ticket).await {
            Some(sent) => sent.await,
            // Whoever had it was stopped before it was told what became of it.
            None => Err(StoreError::Unavailable("it cannot be told whether the write happened".into())),
        }
    }

    /// Waits for its turn, and sends all that is ready, unless its own write has left by then.
    async fn sent(&self, deps: &Deps, ticket: u64) -> Option<Sent> {
        let _turn = self.turn.lock().await;
        if let Some(sent) = self.state(|state| state.sent.remove(&ticket)) {
            return Some(sent);
        }
        let (tickets, writes): (Vec<_>, Vec<_>) =
            self.state(|state| std::mem::take(&mut state.ready)).into_iter().unzip();
        let sent = if writes.is_empty() { Vec::new() } else { deps.ledger.commit_each(writes).await };
        self.state(|state| {
            state.sent.extend(tickets.into_iter().zip(sent));
            state.sent.remove(&ticket)
        })
    }

    fn state<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
