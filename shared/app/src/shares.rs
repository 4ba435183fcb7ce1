//! The time of one run, shared among tenants, and the way of a run through what is due.

use crate::Deps;
use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use ports::{DUE_SHARDS, DueRef, DueSubject, StoreError};
use std::collections::{HashMap, VecDeque};

/// Seconds of a run after which a tenant's turn is over as long as others wait.
pub(crate) const SHARE_S: i64 = 20;
/// Most entries that are put aside for the end of a run; the next one sees the others again.
const MAX_ASIDE: usize = 1_000;

/// All shards of the due index, not always the same one first: what lies in one may use up a run's time.
pub(crate) fn due_shards(deps: &Deps) -> impl Iterator<Item = u8> + use<> {
    let first = deps.entropy.below(DUE_SHARDS.into());
    (0..DUE_SHARDS).cycle().skip(first as usize).take(DUE_SHARDS.into())
}

/// What a run goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Deliveries whose unknown outcome is to be read.
    Unknown,
    /// What is due for accounts and no post waits for.
    Ahead,
}

/// What is due by now in all shards, one after another, each tenant within its share of the run. A shard that cannot be read does not hold
/// up the others.
pub(crate) struct Walk<'a> {
    deps: &'a Deps,
    within: Within,
    wanted: fn(&DueSubject) -> bool,
    until: Timestamp,
    shards: VecDeque<u8>,
    cursor: Option<String>,
    page: VecDeque<DueRef>,
    shares: Shares<DueRef>,
    /// Whose entry was given out last, and when.
    given: Option<(TenantId, Timestamp)>,
    trouble: Option<StoreError>,
}

impl<'a> Walk<'a> {
    /// Through those entries that are wanted.
    pub(crate) fn through(deps: &'a Deps, within: Within, wanted: fn(&DueSubject) -> bool) -> Self {
        Self {
            deps,
            within,
            wanted,
            until: deps.clock.now(),
            shards: due_shards(deps).collect(),
            cursor: None,
            page: VecDeque::new(),
            shares: Shares::default(),
            given: None,
            trouble: None,
        }
    }

    /// The next entry. What passes until the one after it is asked for is its tenant's time.
    pub(crate) async fn next(&mut self) -> Option<DueRef> {
        let now = self.deps.clock.now();
        if let Some((tenant, begun)) = self.given.take() {
            self.shares.took(tenant, begun, now);
        }
        loop {
            while let Some(due) = self.page.pop_front() {
                if (self.wanted)(&due.subject)
                    && let Some(due) = self.shares.turn(due.tenant, due)
                {
                    return Some(self.give(due));
                }
            }
            if !self.turn_page().await {
                let due = self.shares.rest()?;
                return Some(self.give(due));
            }
        }
    }

    /// That of the last shard that could not be read, if there was one.
    pub(crate) fn end(self) -> Result<(), StoreError> {
        self.trouble.map_or(Ok(()), Err)
    }

    fn give(&mut self, due: DueRef) -> DueRef {
        self.given = Some((due.tenant, self.deps.clock.now()));
        due
    }

    /// Reads on; false when all shards are at their end.
    async fn turn_page(&mut self) -> bool {
        let Some(shard) = self.shards.front().copied() else { return false };
        let (ledger, until, cursor) = (&self.deps.ledger, self.until, self.cursor.as_deref());
        let page = match self.within {
            Within::Unknown => ledger.unknown(shard, until, cursor).await,
            Within::Ahead => ledger.ahead(shard, until, cursor).await,
        };
        self.cursor = match page {
            Ok(page) => {
                self.page = page.items.into();
                page.next
            }
            Err(error) => {
                self.trouble = Some(error);
                None
            }
        };
        if self.cursor.is_none() {
            self.shards.pop_front();
        }
        true
    }
}

/// Who used how much of a run, and what is put aside: what a tenant is owed beyond its share comes when all others had theirs, so
/// that no platform which is slow for one of them, or server of somebody's own, takes the time of the rest.
struct Shares<T> {
    used: HashMap<TenantId, SignedDuration>,
    aside: VecDeque<T>,
}

impl<T> Default for Shares<T> {
    fn default() -> Self {
        Self { used: HashMap::new(), aside: VecDeque::new() }
    }
}

impl<T> Shares<T> {
    /// The entry, where it is this tenant's turn; else it is put aside.
    fn turn(&mut self, tenant: TenantId, entry: T) -> Option<T> {
        let is_over = self.used.get(&tenant).is_some_and(|used| *used >= SignedDuration::from_secs(SHARE_S));
        if !is_over {
            return Some(entry);
        }
        if self.aside.len() < MAX_ASIDE {
            self.aside.push_back(entry);
        }
        None
    }

    /// A tenant's entry took so long.
    fn took(&mut self, tenant: TenantId, from: Timestamp, to: Timestamp) {
        *self.used.entry(tenant).or_default() += to.duration_since(from);
    }

    /// The next of what was put aside.
    fn rest(&mut self) -> Option<T> {
        self.aside.pop_front()
    }
}
