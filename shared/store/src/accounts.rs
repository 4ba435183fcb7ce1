//! Accounts and consents.

use crate::backend::{Backend, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::accounts::{Account, Consent};
use domain::{AccountId, TenantId};
use ports::{Accounts, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Accounts for Store<B> {
    async fn account(&self, tenant: TenantId, id: AccountId) -> Result<Option<Versioned<Account>>, StoreError> {
        self.one(Table::Core, keys::account(tenant, id), kind::ACCOUNT).await
    }

    async fn accounts(&self, tenant: TenantId) -> Result<Vec<Versioned<Account>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::accounts()), kind::ACCOUNT).await
    }

    async fn consent(&self, state_hash: &str) -> Result<Option<Versioned<Consent>>, StoreError> {
        self.one(Table::Ephemeral, keys::consent(state_hash), kind::CONSENT).await
    }
}
