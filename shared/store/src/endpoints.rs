//! Webhook endpoints and the messages to them.

use crate::backend::{Backend, Range, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::webhooks::{Endpoint, Lane, Pace, Recovery, Turnstile, WebhookMessage};
use domain::{EndpointId, EventId, RecoveryId, TenantId};
use ports::{Endpoints, Listener, MessageSpan, Page, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Endpoints for Store<B> {
    async fn endpoint(&self, tenant: TenantId, id: EndpointId) -> Result<Option<Versioned<Endpoint>>, StoreError> {
        self.one(Table::Core, keys::endpoint(tenant, id), kind::ENDPOINT).await
    }

    async fn endpoints(&self, tenant: TenantId) -> Result<Vec<Versioned<Endpoint>>, StoreError> {
        Ok(self.listeners(tenant).await?.into_iter().map(|listener| listener.endpoint).collect())
    }

    async fn listener(&self, tenant: TenantId, id: EndpointId) -> Result<Option<Listener>, StoreError> {
        Ok(self.listening(tenant, &keys::one_endpoint(id)).await?.into_iter().next())
    }

    async fn listeners(&self, tenant: TenantId) -> Result<Vec<Listener>, StoreError> {
        self.listening(tenant, keys::endpoints()).await
    }

    async fn message(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        event: EventId,
    ) -> Result<Option<Versioned<WebhookMessage>>, StoreError> {
        self.one(Table::Core, keys::message(tenant, endpoint, event), kind::MESSAGE).await
    }

    async fn lane(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        key: &str,
    ) -> Result<Option<Versioned<Lane>>, StoreError> {
        self.one(Table::Core, keys::lane(tenant, endpoint, key), kind::LANE).await
    }

    async fn recovery(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        id: RecoveryId,
    ) -> Result<Option<Versioned<Recovery>>, StoreError> {
        self.one(Table::Core, keys::recovery(tenant, endpoint, id), kind::RECOVERY).await
    }

    async fn recoveries(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        limit: u32,
    ) -> Result<Vec<Recovery>, StoreError> {
        let span = Span::of(Table::Core, keys::messages_pk(tenant, endpoint), keys::recoveries()).newest_first();
        Ok(self.page(&span, kind::RECOVERY, None, limit).await?.items)
    }

    async fn messages(
        &self,
        tenant: TenantId,
        endpoint: EndpointId,
        span: MessageSpan,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<WebhookMessage>, StoreError> {
        // Event ids sort by the time they were made, so the table itself is the list.
        let (low, high) = keys::messages_between(span.from, span.to);
        let range = Range::Between(low, high);
        let pk = keys::messages_pk(tenant, endpoint);
        let span = Span { table: Table::Core, index: None, pk, range, ascending: span.oldest_first };
        self.page(&span, kind::MESSAGE, cursor, limit).await
    }
}

impl<B: Backend> Store<B> {
    /// The endpoints whose sort keys start so. What lies beside one comes right after it, and alone when it was deleted.
    async fn listening(&self, tenant: TenantId, prefix: &str) -> Result<Vec<Listener>, StoreError> {
        let mut found: Vec<Listener> = Vec::new();
        let of = |last: &&mut Listener, id: EndpointId| last.endpoint.value.id == id;
        for item in self.items(&Span::of(Table::Core, keys::tenant_pk(tenant), prefix)).await? {
            match item.kind.as_str() {
                kind::PACE => {
                    let pace: Versioned<Pace> = item.decode(kind::PACE)?;
                    if let Some(last) = found.last_mut().filter(|last| of(last, pace.value.endpoint)) {
                        last.pace = Some(pace);
                    }
                }
                kind::TURNSTILE => {
                    let turnstile: Versioned<Turnstile> = item.decode(kind::TURNSTILE)?;
                    if let Some(last) = found.last_mut().filter(|last| of(last, turnstile.value.endpoint)) {
                        last.turnstile = Some(turnstile);
                    }
                }
                kind::ENDPOINT => {
                    found.push(Listener { endpoint: item.decode(kind::ENDPOINT)?, pace: None, turnstile: None });
                }
                // What a newer release keeps beside an endpoint must not keep this one from telling the tenant's events.
                _ => {}
            }
        }
        Ok(found)
    }
}
