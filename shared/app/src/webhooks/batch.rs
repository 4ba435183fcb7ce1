//! What the events of one batch share.

use crate::{Deps, Error};
use domain::TenantId;
use futures_util::lock::Mutex as Turns;
use ports::Listener;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A tenant's endpoints as they are known; none until they are read.
type Known = Turns<Option<Arc<Vec<Listener>>>>;

/// The endpoints of tenants whose events came in one batch of the queue. Each tenant's are read once for all of them, and after the
/// batch was received: none of its events sees them as they were before. Nothing of it is kept for the next batch.
#[derive(Debug, Default)]
pub struct Batch(Mutex<BTreeMap<TenantId, Arc<Known>>>);

impl Batch {
    pub(super) async fn listeners(&self, deps: &Deps, tenant: TenantId) -> Result<Arc<Vec<Listener>>, Error> {
        let known = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_default());
        // Who comes meanwhile waits for the one read; where it fails, the next one reads.
        let mut known = known.lock().await;
        if let Some(known) = known.as_ref() {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(deps.ledger.listeners(tenant).await?);
        *known = Some(Arc::clone(&read));
        Ok(read)
    }
}
