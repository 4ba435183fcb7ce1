//! The due index, read without touching a record: its entries hold all that a wake-up needs.

use crate::backend::{Backend, Index, Table};
use crate::placed::kind;
use crate::read::{MAX_PAGE, Span};
use crate::{Store, keys};
use async_trait::async_trait;
use jiff::Timestamp;
use ports::{Due, DueRef, Page, StoreError, SweepMark};

#[async_trait]
impl<B: Backend> Due for Store<B> {
    async fn due(&self, shard: u8, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError> {
        self.entries(keys::due_pk(shard), until, cursor).await
    }

    async fn unknown(&self, shard: u8, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError> {
        self.entries(keys::unknown_pk(shard), until, cursor).await
    }

    async fn ahead(&self, shard: u8, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError> {
        self.entries(keys::ahead_pk(shard), until, cursor).await
    }

    async fn sweep_mark(&self) -> Result<Option<SweepMark>, StoreError> {
        Ok(self.one(Table::Ephemeral, keys::sweep(), kind::SWEEP).await?.map(|mark| mark.value))
    }
}

impl<B: Backend> Store<B> {
    async fn entries(&self, pk: String, until: Timestamp, cursor: Option<&str>) -> Result<Page<DueRef>, StoreError> {
        let until = format!("{}{}", keys::ms(until), keys::LAST);
        let page = self.rows(&Span::indexed(Index::Due, pk, keys::FIRST, until), cursor, MAX_PAGE).await?;
        let parse = |row: crate::Row| {
            let entry = keys::parse_due(&row.at.key, &row.at.sort);
            if entry.is_none() {
                // One bad entry must not hold up the rest of its shard.
                tracing::error!("an entry of the due index cannot be read");
            }
            entry
        };
        Ok(Page { items: page.items.into_iter().filter_map(parse).collect(), next: page.next })
    }
}
