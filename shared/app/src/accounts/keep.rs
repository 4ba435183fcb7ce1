//! Making a new pair durable before it is used. A platform that rotates refresh tokens has just made the old one
//! worthless: from its answer until one of the two copies is written, the pair exists in this process only (I23).

use super::cache::Unsaved;
use super::credentials::{Desk, Turn, Turned, later};
use super::pair::{self, Pair};
use super::{TRIES, commit};
use crate::audit::entry;
use crate::{AccountDeps, Error};
use domain::accounts::Account;
use ports::{AuthFailure, StoreError, Versioned};
use serde_json::json;

impl Desk<'_> {
    /// Stores the pair a refresh has just brought.
    pub(super) async fn store(&self, leased: Versioned<Account>, pair: Pair) -> Turned {
        let version = leased.value.token.version + 1;
        let at = (leased.value.tenant, leased.value.id);
        // The old pair was opened a moment ago with the same key ring, so this fails only when something is very wrong.
        let sealed = pair.seal(self.deps, at, version).await.map_err(|e: Error| {
            tracing::error!(account = %leased.value.id, "a refreshed token pair could not be sealed");
            later(&e)
        })?;
        self.keep(leased, Unsaved { version, pair, sealed }).await
    }

    /// Writes the sealed pair to the secret store, or else into the account; then the account moves to its version; only
    /// then the token may be used.
    pub(super) async fn keep(&self, leased: Versioned<Account>, new: Unsaved) -> Turned {
        let at = (leased.value.tenant, leased.value.id);
        let mut current = leased;
        let mut in_store = false;
        for _ in 0..TRIES {
            in_store = in_store || pair::put(self.deps, at, new.version, &new.sealed).await.is_ok();
            let mut next = current.value.clone();
            next.token = new.pair.state(&next.token, new.version);
            next.token.rescue = (!in_store).then(|| new.sealed.clone());
            let audit = json!({ "version": new.version, "second_copy": !in_store });
            let audit = entry(self.deps, self.herald(&next), "credential.refreshed", next.id, Some(audit));
            match commit(self.deps, &current, next, None, vec![audit], self.cid).await {
                Ok(held) => {
                    self.cache.put(&held.value, new.version, new.pair.access.clone());
                    return Ok(Turn::Use(new.pair.access, held));
                }
                Err(StoreError::Conflict { .. }) => {
                    let Ok(now) = self.reread(&current.value).await else { continue };
                    if now.value.is_disconnected() {
                        undo(self.deps, &now.value, &new.pair).await;
                        return Ok(Turn::Again(now));
                    }
                    if now.value.token.version >= new.version {
                        // Somebody adopted this pair already, or the account was connected anew and this one is void.
                        return Ok(Turn::Again(now));
                    }
                    current = now;
                }
                Err(_) => {}
            }
        }
        tracing::error!(account = %current.value.id, in_store, "a refreshed token pair is not recorded yet");
        if !in_store {
            self.cache.hold(&current.value, new);
        }
        Err(later(&"the ledger does not take the refreshed token"))
    }
}

/// Takes back an access that arrived after its account was disconnected.
async fn undo(deps: &AccountDeps, account: &Account, pair: &Pair) {
    let taken_back = revoke(deps, account, pair).await.is_ok();
    let deleted = pair::delete(deps, (account.tenant, account.id)).await.is_ok();
    if !(taken_back && deleted) {
        tracing::warn!(account = %account.id, "an access that came too late could not be taken back completely");
    }
}

/// Asks the platform to forget the pair that speaks for an account; whether it can be asked. What a person entered and lasts
/// only they can take back, and some platforms take back nothing but everything at once.
pub(super) async fn revoke(deps: &AccountDeps, account: &Account, pair: &Pair) -> Result<bool, AuthFailure> {
    let missing = || AuthFailure::Misconfigured("the platform is not configured".into());
    let connector = deps.connect.get(&account.platform).ok_or_else(missing)?;
    let app = deps.app_of(&account.platform).await.map_err(|_| AuthFailure::Transient)?.ok_or_else(missing)?;
    match (connector.auth(), connector.keys()) {
        (Some(auth), _) if auth.oauth().revoke.is_some() => auth.revoke(&app, &pair.as_answer()).await.map(|()| true),
        (None, Some(keys)) => {
            let session = pair.refresh.is_some();
            keys.revoke(&app, &account.profile, &pair.as_answer()).await.map(|()| session)
        }
        _ => Ok(false),
    }
}
