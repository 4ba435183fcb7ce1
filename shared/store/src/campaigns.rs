//! The ledger of campaigns.

use crate::backend::{Backend, Range, Table};
use crate::placed::kind;
use crate::read::{Span, decode};
use crate::{Store, keys};
use async_trait::async_trait;
use domain::campaigns::{Chunk, ChunkKey, Shard, ShardRef};
use domain::{RunId, TenantId};
use ports::{Campaigns, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Campaigns for Store<B> {
    async fn shard(&self, at: ShardRef) -> Result<Option<Versioned<Shard>>, StoreError> {
        self.one(Table::Core, keys::run_shard(at), kind::RUN_SHARD).await
    }

    async fn shards(&self, tenant: TenantId, run: RunId) -> Result<Vec<Versioned<Shard>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::run_pk(tenant, run), keys::run_shards()), kind::RUN_SHARD).await
    }

    async fn chunk(&self, at: ShardRef, key: ChunkKey) -> Result<Option<Versioned<Chunk>>, StoreError> {
        self.one(Table::Core, keys::chunk(at, key), kind::CHUNK).await
    }

    async fn chunks(
        &self,
        at: ShardRef,
        after: Option<ChunkKey>,
        limit: u32,
    ) -> Result<Vec<Versioned<Chunk>>, StoreError> {
        let low = after.map_or_else(|| keys::FIRST.to_owned(), keys::behind);
        let range = Range::Between(low, keys::LAST.to_owned());
        let span = Span { table: Table::Core, index: None, pk: keys::chunks_pk(at), range, ascending: true };
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let page = self.rows(&span, cursor.as_deref(), left).await?;
            found.extend(decode(page.items, kind::CHUNK)?);
            cursor = page.next;
            if cursor.is_none() || found.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
                return Ok(found);
            }
        }
    }
}
