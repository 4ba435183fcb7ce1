//! What the events of one batch share.

use super::opened::OpenEndpoint;
use super::together::Together;
use crate::publishing::rules_of;
use crate::{Deps, Error};
use domain::publishing::Rules;
use domain::webhooks::Endpoint;
use domain::{EndpointId, TenantId};
use futures_util::lock::Mutex as AsyncMutex;
use ports::{Committed, Listener, StoreError, Write};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What the notifier knows while it works on the events of one batch of the queue: the endpoints of their tenants, each of them opened once.
/// Each is read once for all of them, and after the batch was received: none of its events sees anything as it was before.
/// Nothing of it is kept for the next batch. And the records of what came of them are written together where they are ready together.
#[derive(Debug, Default)]
pub struct Batch {
    listeners: Known<TenantId, Vec<Listener>>,
    rules: Known<TenantId, Rules>,
    open: Known<EndpointId, OpenEndpoint>,
    records: Together,
}

impl Batch {
    pub(super) async fn listeners(&self, deps: &Deps, tenant: TenantId) -> Result<Arc<Vec<Listener>>, Error> {
        self.listeners.get(tenant, async || Ok(deps.ledger.listeners(tenant).await?)).await
    }

    /// An endpoint, opened.
    pub(super) async fn open(&self, deps: &Deps, endpoint: &Endpoint) -> Result<Arc<OpenEndpoint>, Error> {
        let rules = async || self.rules.get(endpoint.tenant, async || rules_of(deps, endpoint.tenant).await).await;
        let policy = async || Ok(rules().await?.egress.clone());
        self.open.get(endpoint.id, async || OpenEndpoint::of(deps, endpoint, policy).await).await
    }

    /// Commits a write by itself.
    pub(super) async fn commit(&self, deps: &Deps, write: Write) -> Result<Committed, StoreError> {
        self.records.commit(deps, write).await
    }
}

/// Things that are read once, by their keys. Who asks while one is being read waits for it; where it cannot be read, all of the batch go
/// without it, and nobody stands in a queue to try the same once more.
#[derive(Debug)]
struct Known<K, T>(Mutex<BTreeMap<K, Arc<Slot<T>>>>);

type Slot<T> = AsyncMutex<Option<Result<Arc<T>, Error>>>;

impl<K, T> Default for Known<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, T> Known<K, T> {
    async fn get(&self, key: K, read: impl AsyncFnOnce() -> Result<T, Error>) -> Result<Arc<T>, Error> {
        let known = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        let mut known = known.lock().await;
        if let Some(known) = known.as_ref() {
            return known.clone();
        }
        let read = read().await.map(Arc::new);
        *known = Some(read.clone());
        read
    }
}
