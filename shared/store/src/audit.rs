//! The audit log.

use crate::backend::{Backend, Range, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::TenantId;
use domain::audit::AuditEntry;
use ports::{Audit, Page, StoreError};

#[async_trait]
impl<B: Backend> Audit for Store<B> {
    async fn audit(&self, tenant: TenantId, cursor: Option<&str>, limit: u32) -> Result<Page<AuditEntry>, StoreError> {
        let range = Range::Between(keys::FIRST.to_owned(), keys::LAST.to_owned());
        let span = Span { table: Table::Audit, index: None, pk: keys::tenant_pk(tenant), range, ascending: false };
        self.page(&span, kind::AUDIT, cursor, limit).await
    }
}
