//! Events that are committed and not yet confirmed as sent.

use crate::backend::{Backend, Change, Condition, Index, Kind, Op, Table};
use crate::read::Span;
use crate::{Key, Store, keys};
use async_trait::async_trait;
use domain::events::Event;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ports::{Outbox, OutboxRef, StoreError};

/// Records read at once while sweeping.
const AT_ONCE: usize = 8;

#[async_trait]
impl<B: Backend> Outbox for Store<B> {
    async fn unsent(
        &self,
        shard: u8,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OutboxRef, Vec<Event>)>, StoreError> {
        let before = keys::ms(before);
        let span = Span::indexed(Index::Outbox, keys::outbox_pk(shard), keys::FIRST, before.clone());
        let rows = self.rows(&span, None, limit).await?;
        let found: Vec<Option<_>> = stream::iter(rows.items)
            .map(|row| self.letter_of(row.at.key, &before))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn clear(&self, at: &OutboxRef) -> Result<(), StoreError> {
        let Some(key) = keys::parse_outbox_ref(at) else {
            return Err(StoreError::Corrupt("this is no reference to unsent events".into()));
        };
        let cleared = if keys::is_letter(&key) {
            let change = Change { table: Table::Core, op: Op::Delete(key), condition: Condition::Rev(at.rev) };
            self.backend.write(&change).await
        } else {
            self.backend.clear_outbox(&key, at.rev).await
        };
        match cleared {
            Ok(answer) => {
                self.heard(answer);
                Ok(())
            }
            // The record has moved on and carries the events, or it is cleared already.
            Err(failure) if matches!(failure.kind, Kind::Condition(_)) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl<B: Backend> Store<B> {
    /// The unsent events of a record that the index names, unless it was cleared or rewritten since.
    async fn letter_of(&self, key: Key, before: &str) -> Result<Option<(OutboxRef, Vec<Event>)>, StoreError> {
        let Some(item) = self.read(Table::Core, &key).await? else { return Ok(None) };
        if item.outbox.as_ref().is_none_or(|entry| entry.sk.as_str() > before) {
            return Ok(None);
        }
        match item.events() {
            Ok(events) if events.is_empty() => Ok(None),
            Ok(events) => Ok(Some((keys::outbox_ref(&key, item.rev), events))),
            Err(error) => {
                // One bad record must not hold up the events of all others.
                tracing::error!(%error, kind = item.kind, "unsent events cannot be read");
                Ok(None)
            }
        }
    }
}
