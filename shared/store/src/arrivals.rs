//! Sources, their calls, and what these told.

use crate::backend::{Backend, Index, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::inbound::{Incoming, MessageStatus, Receipt, Source, SourceKey};
use domain::{IncomingId, ReceiptId, SourceId, TenantId};
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
}
