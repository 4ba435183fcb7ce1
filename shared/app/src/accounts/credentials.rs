//! The one way to an access token. It is refreshed only when it must be, by one worker at a time (I20), and a new pair
//! is durable before it is used (I22, I23). Nobody waits here: who cannot have a token now is told so and comes back.

use super::cache::TokenCache;
use super::pair::{self, Found, Pair};
use super::{TRIES, commit};
use crate::AccountDeps;
use crate::audit::{Actor, entry};
use crate::publishing::CALL_AND_RECORD_S;
use domain::accounts::{Account, Profile, TokenNeed};
use jiff::{SignedDuration, Timestamp};
use ports::{AuthFailure, Connect, PlatformApp, StoreError, Versioned};
use secrecy::SecretString;
use serde_json::json;
use std::sync::Arc;

/// Seconds an access token must still live to be used while another worker refreshes it.
const STOPGAP_S: i64 = 10;

/// Why there is no token now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenTrouble {
    /// Another worker is refreshing it, or has to, since this one has no time left for it: it will be there in a moment.
    #[error("the token is being refreshed: try again in a moment")]
    Busy,
    /// Something we depend on did not answer; the account stays connected, and later may be better.
    #[error("there is no token now: {0}")]
    Later(String),
    /// The access is gone; a person must connect the account again.
    #[error("the account must be connected again")]
    Dead,
}

/// What one look at the account came to.
pub(super) enum Turn {
    /// This token may be used.
    Use(SecretString, Versioned<Account>),
    /// The account has changed: look again.
    Again(Versioned<Account>),
}

pub(super) type Turned = Result<Turn, TokenTrouble>;

/// A usable access token of the account. `refused_version` is the token version the platform has just answered 401 to.
/// `deadline` is when the process is stopped: none is refreshed shortly before.
///
/// The account comes back as it is now. When it uses another account's pair, its `token` is that account's: read its
/// version and expiry, do not store it.
pub async fn fresh_token(
    deps: &AccountDeps,
    cache: &TokenCache,
    account: &Versioned<Account>,
    refused_version: Option<u32>,
    deadline: Timestamp,
    cid: &str,
) -> Result<(SecretString, Versioned<Account>), TokenTrouble> {
    let desk = Desk { deps, cache, deadline, cid };
    if !account.value.is_active() {
        return Err(TokenTrouble::Dead);
    }
    let mut holder = desk.holder_of(account).await?;
    for _ in 0..TRIES {
        let refused = refused_version == Some(holder.value.token.version);
        let turn = match holder.value.token.need(deps.clock.now(), refused) {
            _ if unusable(&holder.value) => return Box::pin(desk.follows(account, &holder.value)).await,
            TokenNeed::Fresh => match cache.get(&holder.value) {
                Some(token) => Turn::Use(token, holder),
                // The rare paths are boxed, so that the usual one stays small.
                None => Box::pin(desk.cold(holder)).await?,
            },
            TokenNeed::Refresh => Box::pin(desk.refresh(holder, refused)).await?,
            TokenNeed::Dead => Box::pin(desk.dead(holder, "expired")).await?,
        };
        match turn {
            Turn::Use(token, held) => return Ok((token, view(account, held))),
            Turn::Again(changed) => holder = changed,
        }
    }
    Err(TokenTrouble::Busy)
}

/// Whether nothing can be had of the pair under this account. An account that has moved to another's pair and keeps its
/// own for those that live on it says nothing of this pair by its own state.
fn unusable(holder: &Account) -> bool {
    !holder.is_active() && holder.holder.is_none()
}

fn view(account: &Versioned<Account>, held: Versioned<Account>) -> Versioned<Account> {
    if account.value.id == held.value.id {
        return held;
    }
    let mut seen = account.clone();
    seen.value.token = held.value.token;
    seen
}

pub(super) fn later(error: &impl ToString) -> TokenTrouble {
    TokenTrouble::Later(error.to_string())
}

/// One worker's attempt to get a token.
pub(super) struct Desk<'a> {
    pub(super) deps: &'a AccountDeps,
    pub(super) cache: &'a TokenCache,
    /// When the process is stopped.
    pub(super) deadline: Timestamp,
    pub(super) cid: &'a str,
}

impl Desk<'_> {
    /// Herald itself, in the audit log.
    pub(super) fn herald(&self, account: &Account) -> Actor<'_> {
        Actor { tenant: account.tenant, member: None, cid: self.cid }
    }

    /// The account whose pair it uses.
    pub(super) async fn holder_of(&self, account: &Versioned<Account>) -> Result<Versioned<Account>, TokenTrouble> {
        match account.value.holder {
            None => Ok(account.clone()),
            Some(id) => {
                let found = self.deps.ledger.account(account.value.tenant, id).await.map_err(|e| later(&e))?;
                found.ok_or(TokenTrouble::Dead)
            }
        }
    }

    /// The account as it is now.
    pub(super) async fn reread(&self, account: &Account) -> Result<Versioned<Account>, TokenTrouble> {
        let found = self.deps.ledger.account(account.tenant, account.id).await.map_err(|e| later(&e))?;
        found.ok_or(TokenTrouble::Dead)
    }

    /// The stored token, when this process does not know it.
    async fn cold(&self, holder: Versioned<Account>) -> Turned {
        match pair::load(self.deps, &holder.value).await.map_err(|e| later(&e))? {
            Found::Current { pair, mended } => {
                self.cache.put(&holder.value, holder.value.token.version, pair.access.clone());
                let holder = if mended { self.without_rescue(holder).await } else { holder };
                Ok(Turn::Use(pair.access, holder))
            }
            Found::Newer { version, pair } => self.adopt(holder, version, &pair).await,
            Found::Behind => Err(behind(&holder.value)),
            Found::Missing => self.dead(holder, "token_missing").await,
        }
    }

    /// The secret store has caught up: the copy in the account can go. While somebody refreshes it stays, since that
    /// worker may still put an older pair over the one in the secret store.
    async fn without_rescue(&self, holder: Versioned<Account>) -> Versioned<Account> {
        let refreshing = holder.value.token.lease.as_ref().is_some_and(|l| l.until > self.deps.clock.now());
        if refreshing {
            return holder;
        }
        let mut next = holder.value.clone();
        next.token.rescue = None;
        next.token.lease = None;
        commit(self.deps, &holder, next, None, Vec::new(), self.cid).await.unwrap_or(holder)
    }

    /// A refresh was stored and the account never learnt of it (a crash in between): it learns of it now.
    async fn adopt(&self, holder: Versioned<Account>, version: u32, pair: &Pair) -> Turned {
        let mut next = holder.value.clone();
        next.token = pair.state(&next.token, version);
        let audit = json!({ "version": version, "adopted": true });
        let audit = entry(self.deps, self.herald(&next), "credential.refreshed", next.id, Some(audit));
        match commit(self.deps, &holder, next, None, vec![audit], self.cid).await {
            Ok(held) => {
                self.cache.put(&held.value, version, pair.access.clone());
                Ok(Turn::Again(held))
            }
            Err(StoreError::Conflict { .. }) => self.reread(&holder.value).await.map(Turn::Again),
            Err(error) => Err(later(&error)),
        }
    }

    /// Refreshes, if nobody else is at it: the lease is committed first, and only its holder calls the platform, once.
    pub(super) async fn refresh(&self, holder: Versioned<Account>, refused: bool) -> Turned {
        if let Some(unsaved) = self.cache.take_unsaved(&holder.value) {
            return self.keep(holder, unsaved).await;
        }
        // The platform may spend the old pair at the very end of the call; unless the new one is written down, both are lost.
        if self.deadline.duration_since(self.deps.clock.now()) < SignedDuration::from_secs(CALL_AND_RECORD_S) {
            return self.stopgap(holder, refused, TokenTrouble::Busy).await;
        }
        let owner = self.deps.entropy.token();
        let Some(token) = holder.value.token.leased(&owner, self.deps.clock.now()) else {
            return self.stopgap(holder, refused, TokenTrouble::Busy).await;
        };
        let next = Account { token, ..holder.value.clone() };
        let leased = match commit(self.deps, &holder, next, None, Vec::new(), self.cid).await {
            Ok(leased) => leased,
            Err(StoreError::Conflict { .. }) => return self.reread(&holder.value).await.map(Turn::Again),
            Err(error) => return Err(later(&error)),
        };
        let pair = match pair::load(self.deps, &leased.value).await {
            Ok(Found::Current { pair, .. }) => pair,
            Ok(Found::Newer { version, pair }) => return self.adopt(leased, version, &pair).await,
            Ok(Found::Behind) => return self.give_back(leased, refused, behind).await,
            Ok(Found::Missing) => return self.dead(leased, "token_missing").await,
            Err(error) => return self.give_back(leased, refused, |_| later(&error)).await,
        };
        let (connector, app) = match self.registered(&leased.value).await {
            Ok(found) => found,
            Err(error) => return self.give_back(leased, refused, |_| later(&error)).await,
        };
        // Whatever took long so far took it from the lease.
        let Some(leased) = self.renewed(leased).await? else {
            return self.reread(&holder.value).await.map(Turn::Again);
        };
        match self.ask(connector.as_ref(), &app, &leased.value.profile, &pair).await {
            Ok(renewed) => self.store(leased, renewed).await,
            Err(AuthFailure::Refused) => {
                let now = self.reread(&leased.value).await?;
                if now.value.token.version != leased.value.token.version {
                    return Ok(Turn::Again(now));
                }
                self.dead(now, "grant_refused").await
            }
            Err(error) => self.give_back(leased, refused, |_| later(&error)).await,
        }
    }

    /// The account with a lease that lasts for the call to the platform and for what comes after it; none when another
    /// worker has taken over, and nothing may be called.
    async fn renewed(&self, leased: Versioned<Account>) -> Result<Option<Versioned<Account>>, TokenTrouble> {
        let now = self.deps.clock.now();
        if leased.value.token.lease_suffices(now) {
            return Ok(Some(leased));
        }
        let owner = leased.value.token.lease.as_ref().map(|l| l.owner.clone()).unwrap_or_default();
        let Some(token) = leased.value.token.leased(&owner, now) else { return Ok(None) };
        let next = Account { token, ..leased.value.clone() };
        match commit(self.deps, &leased, next, None, Vec::new(), self.cid).await {
            Ok(renewed) => Ok(Some(renewed)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(later(&error)),
        }
    }

    async fn registered(&self, account: &Account) -> Result<(Arc<dyn Connect>, PlatformApp), AuthFailure> {
        let missing = |what: &str| AuthFailure::Misconfigured(what.to_owned());
        let connector = self.deps.connect.get(&account.platform).ok_or_else(|| missing("no connector"))?;
        let app = self.deps.app_of(&account.platform).await.map_err(|_| AuthFailure::Transient)?;
        Ok((connector, app.ok_or_else(|| missing("the platform is not configured"))?))
    }

    /// Asks the platform, once, by the role through which its accounts are connected.
    async fn ask(
        &self,
        connector: &dyn Connect,
        app: &PlatformApp,
        whose: &Profile,
        pair: &Pair,
    ) -> Result<Pair, AuthFailure> {
        let Some(refresh) = &pair.refresh else { return Err(AuthFailure::Refused) };
        let asked_at = self.deps.clock.now();
        let (answer, life_s) = match (connector.auth(), connector.keys()) {
            (Some(auth), _) => (auth.refresh(app, refresh).await, auth.oauth().default_access_life_s),
            (None, Some(keys)) => (keys.refresh(app, whose, refresh).await, 0),
            (None, None) => return Err(AuthFailure::Refused),
        };
        self.deps.platform_called(&connector.descriptor().id, "refresh", asked_at);
        Ok(Pair::answered(answer?, life_s, asked_at, Some(pair)))
    }

    /// Gives the lease back: nothing has changed, and the account stays connected.
    async fn give_back(
        &self,
        leased: Versioned<Account>,
        refused: bool,
        trouble: impl FnOnce(&Account) -> TokenTrouble + Send,
    ) -> Turned {
        let trouble = trouble(&leased.value);
        tracing::warn!(account = %leased.value.id, %trouble, "a token could not be refreshed");
        let next = Account { token: leased.value.token.released(), ..leased.value.clone() };
        let held = commit(self.deps, &leased, next, None, Vec::new(), self.cid).await.unwrap_or(leased);
        self.stopgap(held, refused, trouble).await
    }

    /// The present token does for now, unless it was refused or is about to die.
    async fn stopgap(&self, holder: Versioned<Account>, refused: bool, trouble: TokenTrouble) -> Turned {
        let now = self.deps.clock.now();
        let dies = holder.value.token.expires_at;
        if refused || dies.is_some_and(|at| at.duration_since(now) <= SignedDuration::from_secs(STOPGAP_S)) {
            return Err(trouble);
        }
        match self.cache.get(&holder.value) {
            Some(token) => Ok(Turn::Use(token, holder)),
            None => match pair::load(self.deps, &holder.value).await {
                Ok(Found::Current { pair, .. }) => Ok(Turn::Use(pair.access, holder)),
                _ => Err(trouble),
            },
        }
    }
}

fn behind(account: &Account) -> TokenTrouble {
    tracing::error!(account = %account.id, version = account.token.version, "the secret store is behind the ledger");
    TokenTrouble::Later("the secret store is behind the ledger".into())
}
