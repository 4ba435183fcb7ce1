//! Seeing which accounts are connected, and giving their access back.

use super::keep::revoke;
use super::pair::{self, Found};
use super::{TRIES, commit, facts};
use crate::audit::entry;
use crate::mutate::{Encode, require};
use crate::{AccountDeps, Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::events::EventData;
use domain::{AccountId, PlatformId};
use ports::{SecretError, StoreError, Versioned, Write};
use serde_json::json;

/// Accounts that were disconnected.
#[derive(Debug, Clone, PartialEq)]
pub struct Disconnected {
    /// As they were before.
    pub accounts: Vec<Account>,
}

/// The connected accounts, oldest first. An account that uses another's token pair shows that pair's expiry.
pub async fn accounts(deps: &Deps, caller: &Caller) -> Result<Vec<Account>, Error> {
    require(caller, Permission::Read)?;
    let all: Vec<Account> = deps.ledger.accounts(caller.tenant).await?.into_iter().map(|a| a.value).collect();
    let mut shown: Vec<Account> = all.iter().filter(|a| !a.is_disconnected()).cloned().collect();
    for account in &mut shown {
        if let Some(holder) = all.iter().find(|a| account.holder == Some(a.id)) {
            account.token = holder.token.clone();
        }
        account.token.rescue = None;
    }
    shown.sort_by_key(|a| (a.connected_at, a.id));
    Ok(shown)
}

/// Disconnects the account of an id, or all accounts of a platform named by slug or alias: the platform is asked to
/// forget the access, the tokens are deleted, and what is still planned for them waits for a reconnect, visibly.
pub async fn disconnect(
    deps: &AccountDeps,
    caller: &Caller,
    target: &str,
    once: &Once,
    encode: Encode<'_, Disconnected>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageAccounts)?;
    let effect = async {
        let all = deps.ledger.accounts(caller.tenant).await?;
        let named = named(deps, target)?;
        let (mut chosen, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| named.means(&a.value));
        if chosen.is_empty() {
            return Err(Error::NotFound("account"));
        }
        nobody_depends(&chosen, &others)?;
        // Those that use another's pair go first: the pair must not vanish under them.
        let ids: Vec<Account> = chosen.iter().map(|a| a.value.clone()).collect();
        chosen.sort_by_key(|a| std::cmp::Reverse(steps(&a.value, &ids)));
        let accounts: Vec<Account> = chosen.iter().map(|a| a.value.clone()).collect();
        let reply = encode(&Disconnected { accounts });
        let last = chosen.len() - 1;
        for (n, account) in chosen.into_iter().enumerate() {
            // The answer is remembered with the last change: whoever asks again after a crash must not hear that there is
            // no such account.
            let with = (n == last).then(|| once.answered(deps, caller.tenant, &reply));
            one(deps, caller, account, with).await?;
        }
        Ok(reply)
    };
    // On the heap: it holds all that disconnecting one account needs.
    once.reserve(deps, caller.tenant, Box::pin(effect)).await
}

/// What a request names.
enum Named {
    One(AccountId),
    All(PlatformId),
}

fn named(deps: &Deps, target: &str) -> Result<Named, Error> {
    if let Ok(id) = target.parse() {
        return Ok(Named::One(id));
    }
    let connector = deps.connectors.named(target).ok_or(Error::NotFound("account"))?;
    Ok(Named::All(connector.descriptor().id.clone()))
}

impl Named {
    fn means(&self, account: &Account) -> bool {
        let named = match self {
            Self::One(id) => account.id == *id,
            Self::All(platform) => account.platform == *platform,
        };
        named && !account.is_disconnected()
    }
}

/// How many pairs lie between an account and one that uses its own alone.
fn steps(account: &Account, all: &[Account]) -> usize {
    let mut at = account;
    for n in 0..all.len() {
        match all.iter().find(|a| at.holder == Some(a.id)) {
            Some(holder) => at = holder,
            None => return n,
        }
    }
    all.len()
}

fn nobody_depends(chosen: &[Versioned<Account>], others: &[Versioned<Account>]) -> Result<(), Error> {
    let depends = |o: &&Versioned<Account>| chosen.iter().any(|c| o.value.holder == Some(c.value.id));
    others.iter().find(depends).map_or(Ok(()), |user| {
        let name = &user.value.profile.name;
        let detail = format!("{name} was connected with the same consent and uses this access: disconnect it first");
        Err(Error::conflict("access_is_shared", detail))
    })
}

async fn one(
    deps: &AccountDeps,
    caller: &Caller,
    account: Versioned<Account>,
    with: Option<Write>,
) -> Result<(), Error> {
    let (id, name) = (account.value.id, account.value.profile.name.clone());
    let (mut current, mut before) = (account, None);
    for _ in 0..TRIES {
        // Each time anew: a refresh under way may have brought and stored another pair meanwhile.
        let came = take_back(deps, &current.value).await?;
        // Who finds no pair any more took it back before.
        let at_platform = before.filter(|_| matches!(came, "no_token" | "shared")).unwrap_or(came);
        before = Some(at_platform);
        let next = current.value.disconnected(deps.clock.now());
        let event = EventData::AccountDisconnected(facts(&next, None));
        let told = json!({ "platform": next.platform, "at_platform": at_platform });
        let audits = [
            entry(deps, caller, "credential.revoked", next.id, Some(told)),
            entry(deps, caller, "account.disconnected", next.id, None),
        ];
        let more = audits.into_iter().chain(with.clone()).collect();
        match commit(deps, &current, next, Some(event), more, &caller.cid).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Conflict { .. }) => {
                let found = deps.ledger.account(caller.tenant, id).await?;
                // Somebody else disconnected it at this moment: it is as it was wanted.
                let Some(found) = found.filter(|a| !a.value.is_disconnected()) else { return Ok(()) };
                current = found;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let detail = format!(
        "{name} is still listed, since others were changing it all the while, and its access is deleted here: disconnect it \
         again"
    );
    Err(Error::conflict("disconnected_in_part", detail))
}

/// Revokes a pair, where the platform can be asked to, and deletes it. That the platform does not answer, or that the pair cannot be
/// read, never keeps a person from disconnecting; it is written down.
async fn take_back(deps: &AccountDeps, account: &Account) -> Result<&'static str, Error> {
    let at = (account.tenant, account.id);
    let outcome = match pair::load(deps, account).await {
        Ok(Found::Current { pair, .. } | Found::Newer { pair, .. }) => match revoke(deps, account, &pair).await {
            Ok(true) => "revoked",
            Ok(false) => "not_offered",
            Err(error) => {
                tracing::warn!(account = %account.id, %error, "the platform did not revoke an access");
                "failed"
            }
        },
        // It used another's pair, and has none of its own, which is usual.
        Ok(Found::Missing) if account.holder.is_some() => return Ok("shared"),
        Ok(Found::Missing | Found::Behind) => "no_token",
        Err(SecretError::Unavailable(why)) => return Err(Error::Unavailable(why)),
        Err(error) => {
            tracing::error!(account = %account.id, %error, "a token pair cannot be read, and is deleted unrevoked");
            "unreadable"
        }
    };
    pair::delete(deps, at).await?;
    Ok(outcome)
}
