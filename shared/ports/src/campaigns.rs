//! Where the ledger of campaigns lies. It is changed through [`UnitOfWork`](crate::UnitOfWork), like everything.

use crate::{StoreError, Versioned};
use async_trait::async_trait;
use domain::campaigns::{Chunk, ChunkKey, Shard, ShardRef};
use domain::{RunId, TenantId};

/// Shards of runs, and their recipients. Everything is read consistently.
#[async_trait]
pub trait Campaigns: Send + Sync {
    /// One shard.
    async fn shard(&self, at: ShardRef) -> Result<Option<Versioned<Shard>>, StoreError>;
    /// All shards of a run, of all its stages.
    async fn shards(&self, tenant: TenantId, run: RunId) -> Result<Vec<Versioned<Shard>>, StoreError>;
    /// One chunk.
    async fn chunk(&self, at: ShardRef, key: ChunkKey) -> Result<Option<Versioned<Chunk>>, StoreError>;
    /// Chunks of a shard in the order of their keys, behind `after` or from the first: at most `limit`.
    async fn chunks(
        &self,
        at: ShardRef,
        after: Option<ChunkKey>,
        limit: u32,
    ) -> Result<Vec<Versioned<Chunk>>, StoreError>;
}
