//! Pairs that nobody uses: they are renewed before they end, so that no account is lost for want of a post; and where nothing renews them,
//! their people are told while there is time.

use super::credentials::Desk;
use super::{TokenCache, TokenTrouble, commit};
use crate::audit::entry;
use crate::publishing::CALL_AND_RECORD_S;
use crate::shares::{Walk, Within};
use crate::{AccountDeps, Error};
use domain::TenantId;
use domain::accounts::{AGAIN_H, Account};
use domain::events::{EventData, ExpiryFacts};
use jiff::{SignedDuration, Timestamp};
use ports::{DueRef, DueSubject, StoreError};
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What was renewed before somebody needed it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RenewedAhead {
    /// Accounts whose time had come.
    pub looked_at: u64,
    /// Those of them that have a new pair.
    pub renewed: u64,
    /// Those of them of whose end somebody was told.
    pub warned: u64,
}

/// Renews the pair of every account whose time for it has come, until `deadline`. One at a time, and a platform that does not answer is
/// asked again hours later; what is refused for good parks the account, and its people are told while there is time.
pub async fn renew_ahead(
    deps: &AccountDeps,
    cache: &TokenCache,
    deadline: Timestamp,
    cid: &str,
) -> Result<RenewedAhead, Error> {
    let (mut run, mut known) = (RenewedAhead::default(), BTreeMap::new());
    let desk = Desk { deps, cache, deadline, cid };
    let mut walk = Walk::through(deps, Within::Ahead, |subject| matches!(subject, DueSubject::Account(_)));
    while let Some(due) = walk.next().await {
        if deps.clock.now() + SignedDuration::from_secs(CALL_AND_RECORD_S) > deadline {
            return Ok(run);
        }
        run.looked_at += 1;
        match one(&desk, &due).await {
            Ok(renewed) => run.renewed += u64::from(renewed),
            Err(error) => tracing::warn!(%error, "a pair could not be renewed ahead; the next run tries"),
        }
        match warn(&desk, &due, &mut known).await {
            Ok(warned) => run.warned += u64::from(warned),
            Err(error) => tracing::warn!(%error, "the end of a pair could not be told; the next run tries"),
        }
    }
    walk.end()?;
    Ok(run)
}

async fn one(desk: &Desk<'_>, due: &DueRef) -> Result<bool, StoreError> {
    let (deps, now) = (desk.deps, desk.deps.clock.now());
    let DueSubject::Account(id) = due.subject else { return Ok(false) };
    let Some(found) = deps.ledger.account(due.tenant, id).await? else { return Ok(false) };
    if found.value.ahead_at().is_none_or(|at| at > now) {
        return Ok(false);
    }
    let version = found.value.token.version;
    // Whatever became of it, the account says: who else was at it, or whether a person must come.
    if let Err(TokenTrouble::Later(why)) = desk.refresh(found, false).await {
        tracing::warn!(account = %id, %why, "a pair was not renewed ahead");
    }
    let Some(seen) = deps.ledger.account(due.tenant, id).await? else { return Ok(false) };
    let is_new = seen.value.token.version != version;
    let is_at_it = seen.value.token.lease.as_ref().is_some_and(|lease| lease.until > now);
    // A new pair that is as good as due again waits as one does that could not be renewed, or it would take every run.
    let soon = if is_new { now + SignedDuration::from_hours(AGAIN_H) } else { now };
    if seen.value.ahead_at().is_some_and(|at| at <= soon) && !is_at_it {
        let mut next: Account = seen.value.clone();
        next.token.tried_at = Some(now);
        commit(deps, &seen, next, None, Vec::new(), desk.cid).await?;
    }
    Ok(is_new)
}

/// Tells of the end of a pair that nothing has put off, once for each of its horizons: the event stands on the record that says so, under
/// its revision, so that of two runs one tells it. Every account that lives on the pair is named. `known` are the accounts of tenants as they
/// were read in this run: once for each, however many of a tenant's end.
async fn warn(desk: &Desk<'_>, due: &DueRef, known: &mut BTreeMap<TenantId, Vec<Account>>) -> Result<bool, StoreError> {
    let (deps, DueSubject::Account(id)) = (desk.deps, &due.subject) else { return Ok(false) };
    let Some(seen) = deps.ledger.account(due.tenant, *id).await? else { return Ok(false) };
    let Some((next, ends_at)) = seen.value.warned(deps.clock.now()) else { return Ok(false) };
    let all = match known.entry(due.tenant) {
        Entry::Occupied(all) => all.into_mut(),
        Entry::Vacant(none) => {
            none.insert(deps.ledger.accounts(due.tenant).await?.into_iter().map(|account| account.value).collect())
        }
    };
    let users = all.iter().filter(|account| account.is_active() && account.credential() == *id);
    let told: Vec<EventData> =
        users.map(|account| EventData::AccountExpiring(ExpiryFacts::of(account, ends_at))).collect();
    let facts =
        json!({ "ends_at": ends_at, "days": next.token.warned.map(|warned| warned.days), "accounts": told.len() });
    let audit = entry(deps, desk.herald(&next), "account.expiring", next.id, Some(facts));
    match commit(deps, &seen, next, told, vec![audit], desk.cid).await {
        Ok(_) => Ok(true),
        // Somebody changed it meanwhile, or told it.
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
