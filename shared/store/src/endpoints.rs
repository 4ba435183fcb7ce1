//! Webhook endpoints and the messages to them.

use crate::backend::{Backend, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::webhooks::{Endpoint, WebhookMessage};
use domain::{EndpointId, EventId, TenantId};
use ports::{Endpoints, Page, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Endpoints for Store<B> {
    async fn endpoint(&self, tenant: TenantId, id: EndpointId) -> Result<Option<Versioned<Endpoint>>, StoreError> {
        self.one(Table::Core, keys::endpoint(tenant, id), kind::ENDPOINT).await
    }

    async fn endpoints(&self, tenant: TenantId) -> Result<Vec<Versioned<Endpoint>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::endpoints()), kind::ENDPOINT).await
    }

    async fn message(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        event: EventId,
    ) -> Result<Option<Versioned<WebhookMessage>>, StoreError> {
        self.one(Table::Core, keys::message(tenant, endpoint, event), kind::MESSAGE).await
    }

    async fn messages(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<WebhookMessage>, StoreError> {
        // Event ids sort by the time they were made, so the table itself is the list.
        let span = Span::of(Table::Core, keys::messages_pk(tenant, endpoint), keys::messages()).newest_first();
        self.page(&span, kind::MESSAGE, cursor, limit).await
    }
}
