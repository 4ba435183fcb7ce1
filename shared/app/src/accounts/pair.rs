//! A token pair: its sealed form, where it lies, and how it is found again when a crash came between its two copies.
//!
//! The secret store holds `{"version":n,"sealed":"…"}` per account; the account record holds the version that counts.
//! The secret is written first: a newer version there is a refresh whose record was lost, and is adopted. The account
//! holds the sealed pair itself (`rescue`) while the secret store could not be made to.

use crate::{Deps, Error};
use domain::accounts::{Account, TokenState};
use domain::{AccountId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{SecretError, TokenPair};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// A token pair with the instants it dies at.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) refresh_expires_at: Option<Timestamp>,
    /// From when on it is renewed before it is used, though it is alive.
    pub(super) renew_at: Option<Timestamp>,
    pub(super) scopes: Vec<String>,
}

#[derive(Serialize)]
struct Plain<'a> {
    access: &'a str,
    refresh: Option<&'a str>,
    expires_at: Option<Timestamp>,
    refresh_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renew_at: Option<Timestamp>,
    scopes: &'a [String],
}

#[derive(Deserialize)]
struct Opened {
    access: String,
    refresh: Option<String>,
    expires_at: Option<Timestamp>,
    refresh_expires_at: Option<Timestamp>,
    #[serde(default)]
    renew_at: Option<Timestamp>,
    scopes: Vec<String>,
}

/// What the secret store holds of an account.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) version: u32,
    pub(super) sealed: String,
}

/// What was found for an account.
pub(super) enum Found {
    /// The pair of the account's version. `mended`: the secret store has it, and the account need not hold a copy.
    Current { pair: Pair, mended: bool },
    /// A later pair: a refresh that the account record never learnt of.
    Newer { version: u32, pair: Pair },
    /// The secret store is behind the account, and there is no second copy.
    Behind,
    /// There is nothing.
    Missing,
}

impl Pair {
    /// A platform's answer to a call made at `asked_at`. A platform that does not rotate refresh tokens leaves them out
    /// of its answers: the one `before` then stays.
    pub(super) fn answered(answer: TokenPair, default_life_s: u32, asked_at: Timestamp, before: Option<&Self>) -> Self {
        let after = |s: u32| asked_at + SignedDuration::from_secs(s.into());
        let life_s = answer.expires_in_s.unwrap_or(default_life_s);
        let scopes = match before {
            Some(before) if answer.scopes.is_empty() => before.scopes.clone(),
            _ => answer.scopes,
        };
        Self {
            access: answer.access,
            refresh: answer.refresh.or_else(|| before.and_then(|b| b.refresh.clone())),
            expires_at: (life_s > 0).then(|| after(life_s)),
            refresh_expires_at: answer
                .refresh_expires_in_s
                .map(after)
                .or_else(|| before.and_then(|b| b.refresh_expires_at)),
            renew_at: answer.renew_in_s.map(after),
            scopes,
        }
    }

    /// As a platform hands it out, to revoke it.
    pub(super) fn as_answer(&self) -> TokenPair {
        TokenPair {
            refresh: self.refresh.clone(),
            scopes: self.scopes.clone(),
            ..TokenPair::lasting(self.access.clone())
        }
    }

    /// The account's token state once this pair is stored as `version`.
    pub(super) fn state(&self, before: &TokenState, version: u32) -> TokenState {
        before.refreshed(TokenState {
            expires_at: self.expires_at,
            refresh_expires_at: self.refresh_expires_at,
            renew_at: self.renew_at,
            refreshable: self.refresh.is_some(),
            ..TokenState::none(version)
        })
    }

    /// Seals the pair for its place: it opens for this account and version only.
    pub(super) async fn seal(&self, deps: &Deps, at: (TenantId, AccountId), version: u32) -> Result<String, Error> {
        self.seal_for(deps, &place(at, version)).await
    }

    /// Seals the pair for a place that is no account's yet.
    pub(super) async fn seal_for(&self, deps: &Deps, place: &str) -> Result<String, Error> {
        let plain = Plain {
            access: self.access.expose_secret(),
            refresh: self.refresh.as_ref().map(ExposeSecret::expose_secret),
            expires_at: self.expires_at,
            refresh_expires_at: self.refresh_expires_at,
            renew_at: self.renew_at,
            scopes: &self.scopes,
        };
        let plain = serde_json::to_string(&plain).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(deps.sealer.seal(place, &plain.into()).await?)
    }
}

/// Opens a sealed pair.
pub(super) async fn open(
    deps: &Deps,
    at: (TenantId, AccountId),
    version: u32,
    sealed: &str,
) -> Result<Pair, SecretError> {
    open_for(deps, &place(at, version), sealed).await
}

/// Opens a pair that was sealed for a place.
pub(super) async fn open_for(deps: &Deps, place: &str, sealed: &str) -> Result<Pair, SecretError> {
    let plain = deps.sealer.open(place, sealed).await?;
    let malformed = |_| SecretError::Malformed("a token pair");
    let Opened { access, refresh, expires_at, refresh_expires_at, renew_at, scopes } =
        serde_json::from_str(plain.expose_secret()).map_err(malformed)?;
    let (access, refresh) = (access.into(), refresh.map(SecretString::from));
    Ok(Pair { access, refresh, expires_at, refresh_expires_at, renew_at, scopes })
}

fn place((tenant, account): (TenantId, AccountId), version: u32) -> String {
    format!("token|{tenant}|{account}|pair|{version}")
}

fn name((tenant, account): (TenantId, AccountId)) -> String {
    format!("{tenant}/{account}")
}

/// Puts a sealed pair into the secret store.
pub(super) async fn put(deps: &Deps, at: (TenantId, AccountId), version: u32, sealed: &str) -> Result<(), SecretError> {
    let stored = Stored { version, sealed: sealed.to_owned() };
    let text = serde_json::to_string(&stored).map_err(|_| SecretError::Malformed("a token pair"))?;
    deps.secrets.put(&name(at), &text.into()).await
}

/// What the secret store holds.
pub(super) async fn get(deps: &Deps, at: (TenantId, AccountId)) -> Result<Option<Stored>, SecretError> {
    let Some(text) = deps.secrets.get(&name(at)).await? else { return Ok(None) };
    serde_json::from_str(text.expose_secret()).map(Some).map_err(|_| SecretError::Malformed("a token pair"))
}

/// Deletes the stored pair.
pub(super) async fn delete(deps: &Deps, at: (TenantId, AccountId)) -> Result<(), SecretError> {
    deps.secrets.delete(&name(at)).await
}

/// Finds the pair of a holder.
pub(super) async fn load(deps: &Deps, holder: &Account) -> Result<Found, SecretError> {
    let (at, version) = ((holder.tenant, holder.id), holder.token.version);
    let rescue = holder.token.rescue.as_deref();
    let stored = match (get(deps, at).await, rescue) {
        (Ok(stored), _) => stored,
        (Err(SecretError::Unavailable(_)), Some(sealed)) => {
            return Ok(Found::Current { pair: open(deps, at, version, sealed).await?, mended: false });
        }
        (Err(error), _) => return Err(error),
    };
    match (stored, rescue) {
        (Some(s), _) if s.version > version => {
            Ok(Found::Newer { version: s.version, pair: open(deps, at, s.version, &s.sealed).await? })
        }
        (Some(s), _) if s.version == version => {
            Ok(Found::Current { pair: open(deps, at, version, &s.sealed).await?, mended: rescue.is_some() })
        }
        (_, Some(sealed)) => {
            let pair = open(deps, at, version, sealed).await?;
            let mended = put(deps, at, version, sealed).await.is_ok();
            Ok(Found::Current { pair, mended })
        }
        (Some(_), None) => Ok(Found::Behind),
        (None, None) => Ok(Found::Missing),
    }
}
