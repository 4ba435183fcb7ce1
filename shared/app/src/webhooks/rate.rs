//! An endpoint's own limit of requests a minute. What is over it waits for its turn; nothing is dropped, and nobody sleeps.

use crate::{Deps, Error};
use domain::webhooks::Pace;
use jiff::{SignedDuration, Timestamp};
use ports::{Listener, Record, StoreError, Write};

/// Times the count is written again when others write as well.
const TRIES: usize = 5;
/// Where others do so all the time: after how long to ask again.
const BUSY: SignedDuration = SignedDuration::from_secs(2);

/// Takes a request of the endpoint's limit before it is made: none, or when to come back. It is counted by one record that
/// every worker writes over the revision it read, so several at once take no more than one would.
pub(super) async fn turn(deps: &Deps, listener: &Listener, waited: bool) -> Result<Option<Timestamp>, Error> {
    let endpoint = &listener.endpoint.value;
    let Some(limit) = endpoint.rate_limit else { return Ok(None) };
    let mut known = listener.pace.clone();
    for _ in 0..TRIES {
        let now = deps.clock.now();
        let mut next = match &known {
            Some(known) => known.value.clone(),
            None => Pace::new(endpoint.tenant, endpoint.id, now),
        };
        let until = next.take(limit, waited, now).err();
        next.at = now;
        let write = match &known {
            Some(known) => Write::replace(known, Record::Pace(next)),
            None => Write::create(Record::Pace(next)),
        };
        match deps.ledger.commit(vec![write]).await {
            Ok(_) => return Ok(until),
            Err(StoreError::Conflict { .. }) => {
                known = deps.ledger.listener(endpoint.tenant, endpoint.id).await?.and_then(|now| now.pace);
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(Some(deps.clock.now() + BUSY))
}
