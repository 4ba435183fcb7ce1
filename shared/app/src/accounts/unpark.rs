//! Deliveries that waited for their account go on.

use super::TRIES;
use crate::{Deps, Error, relay};
use domain::publishing::Delivery;
use domain::{AccountId, TenantId};
use ports::{Record, StoreError, Write};

/// Sets the account's parked deliveries going again, with the next tick; those whose time is over are missed, visibly.
/// May be called any number of times. Returns how many moved; one that cannot be moved now does not hold up the others,
/// but is an error.
pub async fn unpark(deps: &Deps, tenant: TenantId, account: AccountId, cid: &str) -> Result<u32, Error> {
    let mut moved = 0;
    let mut trouble = None;
    for parked in deps.ledger.parked(tenant, account).await? {
        match one(deps, &parked, cid).await {
            Ok(next) => moved += u32::from(next),
            Err(error) => trouble = Some(error),
        }
    }
    match trouble {
        None => Ok(moved),
        Some(error) => Err(error.into()),
    }
}

async fn one(deps: &Deps, parked: &Delivery, cid: &str) -> Result<bool, StoreError> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        let Some(found) = deps.ledger.delivery(parked.tenant, parked.post, parked.account).await? else {
            return Ok(false);
        };
        // Refused means that it is not parked any more: somebody called it off, or was faster.
        let Ok(transition) = found.value.unparked(deps.clock.now()) else { return Ok(false) };
        let events = deps.events(parked.tenant, cid, transition.events);
        let write = Write::replace(&found, Record::Delivery(transition.next)).telling(events);
        match deps.ledger.commit(vec![write]).await {
            Ok(committed) => {
                relay(deps, &committed.outbox).await;
                return Ok(true);
            }
            Err(error @ StoreError::Conflict { .. }) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
