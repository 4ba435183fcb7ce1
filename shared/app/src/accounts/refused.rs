//! The platform refused even a fresh token, or says that the access was taken back: a person must connect again.

use super::credentials::{Desk, TokenTrouble, Turn, Turned, later};
use super::{TRIES, TokenCache, commit, facts};
use crate::audit::{Actor, entry};
use crate::{AccountDeps, Deps};
use domain::accounts::{Account, AccountStatus, TokenState};
use domain::events::EventData;
use domain::{AccountId, TenantId};
use jiff::Timestamp;
use ports::{StoreError, Versioned};
use secrecy::SecretString;
use serde_json::json;

/// Marks the account, and tells of it once. Failing is harmless: the next delivery through it finds the same. Only this
/// account is marked: that a page was suspended says nothing of the person whose consent it shares.
///
/// Nothing happens to an account that was connected anew since `seen` was read, as [`super::fresh_token`] gives it: it lives on
/// another pair then, or the version of its pair has grown by two or more, where a refresh adds one.
pub async fn account_refused(deps: &AccountDeps, seen: &Versioned<Account>, reason: &str, cid: &str) {
    let cache = TokenCache::default();
    let desk = Desk { deps, cache: &cache, deadline: deps.clock.now(), cid };
    for _ in 0..TRIES {
        let Ok(now) = desk.reread(&seen.value).await else { return };
        if !now.value.is_active() || now.value.credential() != seen.value.credential() {
            return;
        }
        // What was seen of an account that lives on another's pair has that pair's version.
        let Ok(held) = desk.holder_of(&now).await else { return };
        if held.value.token.version >= seen.value.token.version + 2 {
            return;
        }
        match desk.mark(now, reason).await {
            Ok(None) => return,
            Ok(Some(_)) => {}
            Err(trouble) => {
                tracing::warn!(account = %seen.value.id, %trouble, "an account could not be marked as refused");
                return;
            }
        }
    }
}

/// The platform says that the access was taken back, `at` that instant. Marks the account as [`account_refused`] does, unless it was
/// connected anew since: what is told late, or again, changes nothing. True when it was marked.
pub(crate) async fn access_taken_back(
    deps: &Deps,
    (tenant, id): (TenantId, AccountId),
    at: Timestamp,
    reason: &str,
    cid: &str,
) -> Result<bool, StoreError> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        let Some(now) = deps.ledger.account(tenant, id).await? else { return Ok(false) };
        if !now.value.is_active() || at <= now.value.granted_at() {
            return Ok(false);
        }
        match needs_person(deps, &now, reason, cid).await {
            Ok(()) => return Ok(true),
            Err(conflict @ StoreError::Conflict { .. }) => last = conflict,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Marks an account, and tells of it.
async fn needs_person(deps: &Deps, old: &Versioned<Account>, reason: &str, cid: &str) -> Result<(), StoreError> {
    let next = old.value.needs_reconnect(reason, deps.clock.now());
    let event = EventData::AccountNeedsReconnect(facts(&next, Some(reason)));
    let audit = json!({ "reason": reason, "version": next.token.version });
    let herald = Actor { tenant: next.tenant, member: None, cid };
    let audit = entry(deps, herald, "account.needs_reconnect", next.id, Some(audit));
    commit(deps, old, next, Some(event), vec![audit], cid).await.map(drop)
}

impl Desk<'_> {
    /// The account's own access is another's, and that one is gone: so is this one's.
    pub(super) async fn follows(
        &self,
        account: &Versioned<Account>,
        holder: &Account,
    ) -> Result<(SecretString, Versioned<Account>), TokenTrouble> {
        if account.value.id != holder.id {
            let reason = match &holder.status {
                AccountStatus::NeedsReconnect { reason, .. } => reason.clone(),
                _ => "disconnected".into(),
            };
            self.mark(account.clone(), &reason).await?;
        }
        Err(TokenTrouble::Dead)
    }

    /// The access is gone for good: the holder and every account that uses its pair need a person.
    pub(super) async fn dead(&self, holder: Versioned<Account>, reason: &str) -> Turned {
        let changed = match holder.value.holder {
            None => self.mark(holder.clone(), reason).await?,
            // It has moved to another's pair, which may be in good health, and kept this one for others.
            Some(_) => self.without_pair(&holder).await?,
        };
        if let Some(changed) = changed {
            return Ok(Turn::Again(changed));
        }
        let (tenant, id) = (holder.value.tenant, holder.value.id);
        for user in self.deps.ledger.accounts(tenant).await.map_err(|e| later(&e))? {
            if user.value.holder == Some(id) && user.value.is_active() {
                self.mark(user, reason).await?;
            }
        }
        Err(TokenTrouble::Dead)
    }

    /// The account without the pair that it keeps for others, unless it was changed meanwhile: then how it is now.
    async fn without_pair(&self, old: &Versioned<Account>) -> Result<Option<Versioned<Account>>, TokenTrouble> {
        let next = Account { token: TokenState::none(old.value.token.version), ..old.value.clone() };
        match commit(self.deps, old, next, None, Vec::new(), self.cid).await {
            Ok(_) => Ok(None),
            Err(StoreError::Conflict { .. }) => self.reread(&old.value).await.map(Some),
            Err(error) => Err(later(&error)),
        }
    }

    /// Marks one account, unless it was changed meanwhile: then how it is now.
    async fn mark(&self, old: Versioned<Account>, reason: &str) -> Result<Option<Versioned<Account>>, TokenTrouble> {
        if !old.value.is_active() {
            // Marked already, or disconnected by hand, which is not to be undone.
            return Ok(None);
        }
        match needs_person(self.deps, &old, reason, self.cid).await {
            Ok(()) => Ok(None),
            Err(StoreError::Conflict { .. }) => self.reread(&old.value).await.map(Some),
            Err(error) => Err(later(&error)),
        }
    }
}
