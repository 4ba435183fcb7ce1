//! What a provider tells of a message, into the ledger.

use super::{TRIES, gave_up};
use crate::{Deps, Error};
use domain::campaigns::{EntryRef, Finding};
use ports::{Record, StoreError, Write};

/// What an event was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It says more than was known, and that is kept.
    Kept,
    /// It says nothing new, or there is no such entry, or nothing was ever sent for it.
    Nothing,
}

/// Keeps what an event tells of one recipient. Events may come twice, in any order, and before whoever sent the message has said so.
///
/// # Errors
/// [`Error::Unavailable`]: the event has to come again.
pub async fn settle(deps: &Deps, entry: &EntryRef, found: &Finding) -> Result<Settled, Error> {
    for _ in 0..TRIES {
        let Some(chunk) = deps.ledger.chunk(entry.at, entry.key).await? else { return Ok(Settled::Nothing) };
        let Some(next) = chunk.value.learned(entry.contact, found) else { return Ok(Settled::Nothing) };
        let mut writes = Vec::new();
        if !next.counts_as(&chunk.value) {
            // The sums change with it. Where it is not in them yet, the shard is written all the same: whoever is about to count what they
            // read before this finds another revision.
            let Some(shard) = deps.ledger.shard(entry.at).await? else { return Ok(Settled::Nothing) };
            if !shard.value.has_claimed(entry.key) {
                return Ok(Settled::Nothing);
            }
            let recounted = shard.value.recounted(&chunk.value, &next);
            writes.push(Write::replace(&shard, Record::RunShard(Box::new(recounted))));
        }
        writes.push(Write::replace(&chunk, Record::Chunk(next)));
        match deps.ledger.commit(writes).await {
            Ok(_) => return Ok(Settled::Kept),
            Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => {}
            Err(error @ StoreError::Corrupt(_)) => return Err(error.into()),
        }
    }
    Err(gave_up("what the provider told"))
}
