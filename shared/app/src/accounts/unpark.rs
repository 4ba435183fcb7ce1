//! Deliveries that waited for their account go on.

use super::TRIES;
use crate::{Deps, Error, relay};
use domain::publishing::Delivery;
use domain::{AccountId, TenantId};
use ports::{Job, PublishJob, Record, StoreError, WakeUp, Write};

/// Sets the account's parked deliveries going again; those whose time is over are missed, visibly. May be called any
/// number of times. Returns how many moved; one that cannot be moved now does not hold up the others, but is an error.
pub async fn unpark(deps: &Deps, tenant: TenantId, account: AccountId, cid: &str) -> Result<u32, Error> {
    let mut moved = Vec::new();
    let mut trouble = None;
    for parked in deps.ledger.parked(tenant, account).await? {
        match one(deps, &parked, cid).await {
            Ok(next) => moved.extend(next),
            Err(error) => trouble = Some(error),
        }
    }
    wake(deps, &moved, cid).await;
    match trouble {
        None => Ok(u32::try_from(moved.len()).unwrap_or(u32::MAX)),
        Some(error) => Err(error.into()),
    }
}

async fn one(deps: &Deps, parked: &Delivery, cid: &str) -> Result<Option<Delivery>, StoreError> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        let Some(found) = deps.ledger.delivery(parked.tenant, parked.post, parked.account).await? else {
            return Ok(None);
        };
        // Refused means that it is not parked any more: somebody called it off, or was faster.
        let Ok(transition) = found.value.unparked(deps.clock.now()) else { return Ok(None) };
        let events = deps.events(parked.tenant, cid, transition.events);
        let write = Write::replace(&found, Record::Delivery(transition.next.clone())).telling(events);
        match deps.ledger.commit(vec![write]).await {
            Ok(committed) => {
                relay(deps, &committed.outbox).await;
                return Ok(Some(transition.next));
            }
            Err(error @ StoreError::Conflict { .. }) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Sends wake-ups. What does not get through, the tick finds.
async fn wake(deps: &Deps, moved: &[Delivery], cid: &str) {
    let job =
        |d: &Delivery| PublishJob { v: 1, tenant: d.tenant, post: d.post, account: d.account, cid: cid.to_owned() };
    let wake_ups: Vec<WakeUp> = moved
        .iter()
        .filter(|d| d.wake.is_some())
        .filter_map(|d| {
            let queue = deps.connectors.get(&d.platform)?.descriptor().queue.clone();
            Some(WakeUp { job: Job::Publish { queue, job: job(d) }, delay_s: 0 })
        })
        .collect();
    if !wake_ups.is_empty() && deps.queues.send(wake_ups).await.contains(&false) {
        tracing::warn!("some wake-ups could not be sent; the tick finds their deliveries");
    }
}
