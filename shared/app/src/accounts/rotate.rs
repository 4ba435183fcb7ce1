//! Changing the key that everything is sealed under, while everything goes on.
//!
//! A new key becomes the active one at once; what lies under older keys still opens, and `reseal` moves it over.

use super::commit;
use super::pair::{self, Found};
use crate::audience::reseal_audience;
use crate::audit::entry;
use crate::inbound::reseal_source;
use crate::mutate::{Encode, require};
use crate::webhooks::reseal_endpoint;
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::accounts::{Account, TokenState};
use ports::{StoreError, Versioned};
use serde_json::json;

/// Most accounts re-sealed in one call: a request must end.
const MAX_ACCOUNTS: u32 = 100;

/// A rotated key ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The number of the key that is active now.
    pub active: u32,
}

/// What re-sealing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Token pairs moved to the active key.
    pub tokens: u32,
    /// Secrets of endpoints, sources and the audience moved to the active key.
    pub endpoints: u32,
    /// Things still under an older key: call again.
    pub left: u32,
}

/// Adds a key to the ring and makes it the active one. The older keys still open what they sealed.
pub async fn rotate_keys(
    deps: &Deps,
    caller: &Caller,
    once: &Once,
    encode: Encode<'_, Rotated>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    let effect = async {
        let active = deps.sealer.rotate().await?;
        let audit = entry(deps, caller, "keyring.rotated", format!("key {active}"), Some(json!({ "active": active })));
        deps.ledger.commit(vec![audit]).await?;
        Ok(encode(&Rotated { active }))
    };
    once.reserve(deps, caller.tenant, effect).await
}

/// Moves the caller's tenant's token pairs and the secrets of endpoints, sources and the audience to the active key. May be called any number of times.
pub async fn reseal(deps: &Deps, caller: &Caller) -> Result<Resealed, Error> {
    require(caller, Permission::Administer)?;
    let mut done = Resealed::default();
    let accounts = deps.ledger.accounts(caller.tenant).await?;
    // Those that use another's pair too: they may keep one of their own for others.
    for account in accounts.into_iter().filter(|a| !a.value.is_disconnected()) {
        if done.tokens >= MAX_ACCOUNTS {
            done.left += 1;
            continue;
        }
        match tokens(deps, account, &caller.cid).await {
            Ok(moved) => done.tokens += u32::from(moved),
            Err(error) => {
                tracing::warn!(%error, "a token pair stays under its old key for now");
                done.left += 1;
            }
        }
    }
    for endpoint in deps.ledger.endpoints(caller.tenant).await? {
        match reseal_endpoint(deps, &endpoint).await {
            Ok(moved) => done.endpoints += u32::from(moved),
            Err(error) => {
                tracing::warn!(%error, "an endpoint's secret stays under its old key for now");
                done.left += 1;
            }
        }
    }
    for source in deps.ledger.sources(caller.tenant).await? {
        match reseal_source(deps, &source).await {
            Ok(moved) => done.endpoints += u32::from(moved),
            Err(error) => {
                tracing::warn!(%error, "a source's secrets stay under their old key for now");
                done.left += 1;
            }
        }
    }
    if let Some(key) = deps.ledger.audience_key(caller.tenant).await? {
        match reseal_audience(deps, &key).await {
            Ok(moved) => done.endpoints += u32::from(moved),
            Err(error) => {
                tracing::warn!(%error, "the audience's key stays under its old key for now");
                done.left += 1;
            }
        }
    }
    let told = json!({ "tokens": done.tokens, "endpoints": done.endpoints, "left": done.left });
    let audit = entry(deps, caller, "keyring.resealed", caller.tenant, Some(told));
    deps.ledger.commit(vec![audit]).await?;
    Ok(done)
}

/// Re-seals one pair, under the refresh lease: a refresh in between would otherwise be overwritten by what it replaced.
async fn tokens(deps: &Deps, holder: Versioned<Account>, cid: &str) -> Result<bool, Error> {
    let at = (holder.value.tenant, holder.value.id);
    let stored = pair::get(deps, at).await?;
    let copies = [stored.as_ref().map(|s| s.sealed.as_str()), holder.value.token.rescue.as_deref()];
    let mut stale = false;
    for sealed in copies.into_iter().flatten() {
        stale = stale || deps.sealer.is_stale(sealed).await?;
    }
    if !stale {
        return Ok(false);
    }
    let owner = deps.entropy.token();
    let token = holder.value.token.leased(&owner, deps.clock.now());
    // Whoever refreshes it now seals it under the active key.
    let token = token.ok_or(StoreError::Conflict { index: 0 })?;
    let next = Account { token, ..holder.value.clone() };
    let leased = commit(deps, &holder, next, None, Vec::new(), cid).await?;
    let (leased, moved) = resealed(deps, leased, &owner, cid).await;
    let mut next = leased.value.clone();
    next.token.lease = None;
    if let Ok(true) = moved {
        next.token.rescue = None;
    }
    commit(deps, &leased, next, None, Vec::new(), cid).await?;
    moved
}

/// The account as it is after the attempt, and whether its pair was moved. Directly before the put the lease is renewed: a
/// put that comes after it could replace the pair of a later refresh. Until the put has succeeded, the account carries the
/// re-sealed pair as well.
async fn resealed(
    deps: &Deps,
    leased: Versioned<Account>,
    owner: &str,
    cid: &str,
) -> (Versioned<Account>, Result<bool, Error>) {
    let prepared = async {
        let at = (leased.value.tenant, leased.value.id);
        let token = leased.value.token.clone();
        let (pair, token) = match pair::load(deps, &leased.value).await? {
            Found::Current { pair, .. } => (pair, token),
            // A refresh that the account never learnt of: it learns of it now.
            Found::Newer { version, pair } => {
                let token = pair.state(&token, version);
                (pair, token)
            }
            Found::Behind | Found::Missing => return Ok(None),
        };
        let sealed = pair.seal(deps, at, token.version).await?;
        let token = token.leased(owner, deps.clock.now()).ok_or(StoreError::Conflict { index: 0 })?;
        let token = TokenState { rescue: Some(sealed.clone()), ..token };
        let next = Account { token, ..leased.value.clone() };
        Ok::<_, Error>(Some((commit(deps, &leased, next, None, Vec::new(), cid).await?, sealed)))
    };
    match prepared.await {
        Ok(Some((renewed, sealed))) => {
            let at = (renewed.value.tenant, renewed.value.id);
            let put = pair::put(deps, at, renewed.value.token.version, &sealed).await;
            (renewed, put.map(|()| true).map_err(Error::from))
        }
        Ok(None) => (leased, Ok(false)),
        Err(error) => (leased, Err(error)),
    }
}
