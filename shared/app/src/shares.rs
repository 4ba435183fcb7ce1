//! The time of one run, shared among tenants.

use crate::Deps;
use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use ports::DUE_SHARDS;
use std::collections::HashMap;

/// Seconds of a run after which a tenant's turn is over as long as others wait.
pub(crate) const SHARE_S: i64 = 20;
/// Most entries that are put aside for the end of a run; the next one sees the others again.
const MAX_ASIDE: usize = 1_000;

/// All shards of the due index, not always the same one first: what lies in one may use up a run's time.
pub(crate) fn due_shards(deps: &Deps) -> impl Iterator<Item = u8> + use<> {
    let first = deps.entropy.below(DUE_SHARDS.into());
    (0..DUE_SHARDS).cycle().skip(first as usize).take(DUE_SHARDS.into())
}

/// Who used how much of a run, and what is put aside: what a tenant is owed beyond its share comes when all others had theirs, so
/// that no platform which is slow for one of them, or server of somebody's own, takes the time of the rest.
pub(crate) struct Shares<T> {
    used: HashMap<TenantId, SignedDuration>,
    aside: Vec<T>,
}

impl<T> Default for Shares<T> {
    fn default() -> Self {
        Self { used: HashMap::new(), aside: Vec::new() }
    }
}

impl<T> Shares<T> {
    /// The entry, where it is this tenant's turn; else it is put aside.
    pub(crate) fn turn(&mut self, tenant: TenantId, entry: T) -> Option<T> {
        let is_over = self.used.get(&tenant).is_some_and(|used| *used >= SignedDuration::from_secs(SHARE_S));
        if !is_over {
            return Some(entry);
        }
        if self.aside.len() < MAX_ASIDE {
            self.aside.push(entry);
        }
        None
    }

    /// A tenant's entry took so long.
    pub(crate) fn took(&mut self, tenant: TenantId, from: Timestamp, to: Timestamp) {
        *self.used.entry(tenant).or_default() += to.duration_since(from);
    }

    /// What was put aside.
    pub(crate) fn rest(self) -> Vec<T> {
        self.aside
    }
}
