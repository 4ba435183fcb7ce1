//! Connecting accounts, and keeping their tokens alive.
//!
//! `begin` sends a person off to consent, `finish` takes them back, `choose` connects what they pick of several profiles;
//! `connect_by_key` connects what a person enters; `fresh_token` is the one way to an access token, and `renew_ahead` keeps it
//! open; `disconnect` gives the access back; `horizon` says which posts are planned for after the end of an access; `rotate_keys` and `reseal` change the key everything lies under.

mod ahead;
mod by_key;
mod cache;
mod choose;
mod connect;
mod credentials;
mod finish;
mod horizon;
mod keep;
mod leftover;
mod manage;
mod pair;
mod refused;
mod rotate;
#[cfg(test)]
mod tests;
mod unpark;

pub use ahead::{RenewedAhead, renew_ahead};
pub use by_key::connect_by_key;
pub use cache::TokenCache;
pub use choose::{Offer, Offered, choose, offered};
pub use connect::{Begun, CONSOLE_PATHS, begin, can_connect, can_consent};
pub use credentials::{TokenTrouble, fresh_token};
pub use finish::{Callback, Finished, Returned, finish};
pub use horizon::{AtRisk, Ends, Horizon, ends, ends_for, ends_of, horizon};
pub use manage::{Disconnected, accounts, disconnect};
pub(crate) use refused::access_taken_back;
pub use refused::account_refused;
pub use rotate::{Resealed, Rotated, reseal, rotate_keys};
pub use unpark::unpark;

use crate::{Deps, relay};
use domain::accounts::Account;
use domain::events::{AccountFacts, EventData};
use ports::{Record, StoreError, Versioned, Write};

/// Times a change of an account is decided again after somebody else changed it first.
const TRIES: usize = 5;

/// What events tell of an account.
fn facts(account: &Account, reason: Option<&str>) -> AccountFacts {
    AccountFacts { account_id: account.id, platform: account.platform.clone(), reason: reason.map(ToOwned::to_owned) }
}

/// Commits `next` over `old` together with `more` writes, and sends the events off.
async fn commit(
    deps: &Deps,
    old: &Versioned<Account>,
    next: Account,
    told: impl IntoIterator<Item = EventData>,
    more: Vec<Write>,
    cid: &str,
) -> Result<Versioned<Account>, StoreError> {
    let events = deps.events(next.tenant, cid, told);
    let write = Write::replace(old, Record::Account(next.clone())).telling(events);
    let mut unsent = write.events.clone();
    let committed = deps.ledger.commit([write].into_iter().chain(more).collect()).await?;
    if !unsent.is_empty() && relay(deps, &committed.outbox).await > 0 {
        unsent.clear();
    }
    Ok(Versioned { value: next, rev: old.rev + 1, unsent })
}
