//! Sources, their calls, and what these told.

use crate::backend::{Backend, Index, Row, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::inbound::{Asking, Incoming, MessageStatus, Receipt, Source, SourceKey};
use domain::inbox::{InboxState, Interaction};
use domain::{AccountId, IncomingId, InteractionId, ReceiptId, SourceId, TenantId};
use ports::{Arrivals, Page, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Arrivals for Store<B> {
    async fn source_by_token(&self, hash: &str) -> Result<Option<Versioned<SourceKey>>, StoreError> {
        self.one(Table::Core, keys::source_key(hash), kind::SOURCE_KEY).await
    }

    async fn source(&self, tenant: TenantId, id: SourceId) -> Result<Option<Versioned<Source>>, StoreError> {
        self.one(Table::Core, keys::source(tenant, id), kind::SOURCE).await
    }

    async fn sources(&self, tenant: TenantId) -> Result<Vec<Versioned<Source>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::sources()), kind::SOURCE).await
    }

    async fn asking(&self, tenant: TenantId, account: AccountId) -> Result<Option<Versioned<Asking>>, StoreError> {
        self.one(Table::Core, keys::asking(tenant, account), kind::ASKING).await
    }

    async fn askings(&self, tenant: TenantId) -> Result<Vec<Versioned<Asking>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::askings()), kind::ASKING).await
    }

    async fn receipt(
        &self,
        tenant: TenantId,
        source: SourceId,
        id: ReceiptId,
    ) -> Result<Option<Versioned<Receipt>>, StoreError> {
        self.one(Table::Core, keys::receipt(tenant, source, id), kind::RECEIPT).await
    }

    async fn incoming(
        &self,
        tenant: TenantId,
        source: SourceId,
        id: IncomingId,
    ) -> Result<Option<Versioned<Incoming>>, StoreError> {
        self.one(Table::Core, keys::incoming(tenant, source, id), kind::INCOMING).await
    }

    async fn all_incoming(
        &self,
        tenant: TenantId,
        source: SourceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Incoming>, StoreError> {
        let span = Span::indexed(Index::List, keys::arrivals_pk(tenant, source), keys::FIRST, keys::LAST);
        self.page(&span.newest_first(), kind::INCOMING, cursor, limit).await
    }

    async fn message_status(
        &self,
        tenant: TenantId,
        source: SourceId,
        hash: &str,
    ) -> Result<Option<Versioned<MessageStatus>>, StoreError> {
        self.one(Table::Core, keys::message_status(tenant, source, hash), kind::STATUS).await
    }

    async fn interaction(
        &self,
        tenant: TenantId,
        id: InteractionId,
    ) -> Result<Option<Versioned<Interaction>>, StoreError> {
        self.one(Table::Core, keys::interaction(tenant, id), kind::INTERACTION).await
    }

    async fn inbox(
        &self,
        tenant: TenantId,
        state: InboxState,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Interaction>, StoreError> {
        let span = Span::indexed(Index::List, keys::box_pk(tenant, state), keys::FIRST, keys::LAST);
        self.page(&span.newest_first(), kind::INTERACTION, cursor, limit).await
    }

    async fn conversation(&self, tenant: TenantId, thread: &str, limit: u32) -> Result<Vec<InteractionId>, StoreError> {
        let rows = self.in_thread(tenant, thread, false, limit).await?;
        Ok(rows.iter().filter_map(|row| keys::parse_interaction(&row.at.key)).collect())
    }

    async fn reactions(&self, tenant: TenantId, thread: &str, most: u32) -> Result<u32, StoreError> {
        let rows = self.in_thread(tenant, thread, true, most).await?;
        Ok(u32::try_from(rows.len()).unwrap_or(most))
    }
}

impl<B: Backend> Store<B> {
    /// The newest entries of a conversation: what was said, or the reactions.
    async fn in_thread(
        &self,
        tenant: TenantId,
        thread: &str,
        reaction: bool,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let prefix = keys::in_thread_prefix(reaction);
        let span =
            Span::indexed(Index::Due, keys::thread_pk(tenant, thread), prefix, format!("{prefix}{}", keys::LAST));
        let span = span.newest_first();
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let page = self.rows(&span, cursor.as_deref(), left).await?;
            found.extend(page.items);
            cursor = page.next;
            // A page may hold fewer than were asked for and not be the last.
            if cursor.is_none() || found.len() >= limit as usize {
                return Ok(found);
            }
        }
    }
}
