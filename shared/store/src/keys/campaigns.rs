//! Keys of runs: the shards of one lie together, the chunks of each shard in a partition of their own.

use super::{RUN, RUN_SHARD, TENANT, key, under};
use crate::Key;
use domain::campaigns::{ChunkKey, ShardRef};
use domain::{RunId, TenantId};

pub(crate) fn run_pk(t: TenantId, run: RunId) -> String {
    format!("{}{}", under(t, RUN), run.uuid().simple())
}

pub(crate) fn run_shard(at: ShardRef) -> Key {
    key(run_pk(at.tenant, at.run), format!("{RUN_SHARD}{}", at.part()))
}

/// Sort keys of all shards.
pub(crate) fn run_shards() -> &'static str {
    RUN_SHARD
}

pub(crate) fn chunks_pk(at: ShardRef) -> String {
    format!("{}#{}", run_pk(at.tenant, at.run), at.part())
}

pub(crate) fn chunk(at: ShardRef, chunk: ChunkKey) -> Key {
    key(chunks_pk(at), chunk.to_string())
}

/// The least sort key behind a chunk's; all of them are of one length.
pub(crate) fn behind(after: ChunkKey) -> String {
    format!("{after}#")
}

pub(super) fn run_shard_ids(key: &Key) -> Option<Vec<(&'static str, String)>> {
    let (tenant, run) = key.pk.strip_prefix(TENANT)?.split_once(RUN)?;
    Some(vec![("at", format!("{tenant}.{run}.{}", key.sk.strip_prefix(RUN_SHARD)?))])
}

pub(super) fn chunk_ids(key: &Key) -> Option<Vec<(&'static str, String)>> {
    let (tenant, rest) = key.pk.strip_prefix(TENANT)?.split_once(RUN)?;
    let (run, part) = rest.split_once('#')?;
    Some(vec![("at", format!("{tenant}.{run}.{part}")), ("key", key.sk.clone())])
}
