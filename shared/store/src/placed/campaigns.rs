//! Where the ledger of campaigns lies.

use super::{Placed, kind, without_ids};
use crate::{Table, keys};
use domain::campaigns::{Chunk, Shard};
use ports::StoreError;

/// The record that is written with every claim: nothing of it is in an index.
pub(super) fn run_shard(r: &Shard) -> Result<Placed, StoreError> {
    let placed = Placed::new(Table::Core, kind::RUN_SHARD, keys::run_shard(r.at), r)?;
    Ok(Placed { doc: without_ids(kind::RUN_SHARD, r, &placed.key)?, ..placed })
}

pub(super) fn chunk(r: &Chunk) -> Result<Placed, StoreError> {
    let placed = Placed::new(Table::Core, kind::CHUNK, keys::chunk(r.at, r.key), r)?;
    Ok(Placed { doc: without_ids(kind::CHUNK, r, &placed.key)?, ..placed })
}
