//! Remembered answers. The time-to-live deletes late, sometimes by days, so expiry is decided here.

use crate::backend::{Backend, Table};
use crate::placed::kind;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::TenantId;
use jiff::Timestamp;
use ports::{Idempotency, IdempotencyRecord, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Idempotency for Store<B> {
    async fn remembered(
        &self,
        tenant: TenantId,
        route: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Versioned<IdempotencyRecord>>, StoreError> {
        let found: Option<Versioned<IdempotencyRecord>> =
            self.one(Table::Ephemeral, keys::idempotency(tenant, route, key), kind::IDEMPOTENCY).await?;
        Ok(found.filter(|record| record.value.expires_at > now))
    }
}
