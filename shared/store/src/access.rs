//! Tenants, members, keys and sessions. All read consistently: a revoked key is dead at once.

use crate::backend::{Backend, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::access::{ApiKey, Member, Session, Tenant};
use domain::{KeyId, MemberId, SessionId, TenantId};
use ports::{Access, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Access for Store<B> {
    async fn tenant(&self, id: TenantId) -> Result<Option<Versioned<Tenant>>, StoreError> {
        self.one(Table::Core, keys::tenant(id), kind::TENANT).await
    }

    async fn member(&self, tenant: TenantId, id: MemberId) -> Result<Option<Versioned<Member>>, StoreError> {
        self.one(Table::Core, keys::member(tenant, id), kind::MEMBER).await
    }

    async fn members(&self, tenant: TenantId) -> Result<Vec<Versioned<Member>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::members()), kind::MEMBER).await
    }

    async fn key(&self, tenant: TenantId, id: KeyId) -> Result<Option<Versioned<ApiKey>>, StoreError> {
        self.one(Table::Core, keys::api_key(tenant, id), kind::API_KEY).await
    }

    async fn keys(&self, tenant: TenantId) -> Result<Vec<Versioned<ApiKey>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::api_keys()), kind::API_KEY).await
    }

    async fn session(&self, tenant: TenantId, id: SessionId) -> Result<Option<Versioned<Session>>, StoreError> {
        self.one(Table::Ephemeral, keys::session(tenant, id), kind::SESSION).await
    }

    async fn bootstrapped(&self) -> Result<Option<TenantId>, StoreError> {
        Ok(self.one(Table::Core, keys::bootstrapped(), kind::BOOTSTRAPPED).await?.map(|found| found.value))
    }
}
