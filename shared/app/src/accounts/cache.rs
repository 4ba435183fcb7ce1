//! What a process remembers of tokens, so that a warm worker reads no secret at all.

use super::pair::Pair;
use domain::accounts::Account;
use domain::{AccountId, TenantId};
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most accounts remembered.
const MAX_ACCOUNTS: usize = 1_000;

type Place = (TenantId, AccountId);

/// Access tokens by account and version, in this process only. An entry is valid for exactly one version, so it never
/// has to be withdrawn.
#[derive(Debug, Default)]
pub struct TokenCache {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    access: HashMap<Place, (u32, SecretString)>,
    unsaved: HashMap<Place, Unsaved>,
}

/// A pair that a platform has handed out and that no store would take yet. As long as the process lives it is not lost.
#[derive(Debug, Clone)]
pub(super) struct Unsaved {
    pub(super) version: u32,
    pub(super) pair: Pair,
    pub(super) sealed: String,
}

impl TokenCache {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The access token of the holder's current version.
    pub(super) fn get(&self, holder: &Account) -> Option<SecretString> {
        let inner = self.inner();
        let (version, access) = inner.access.get(&(holder.tenant, holder.id))?;
        (*version == holder.token.version).then(|| access.clone())
    }

    /// Remembers an access token.
    pub(super) fn put(&self, holder: &Account, version: u32, access: SecretString) {
        let mut inner = self.inner();
        if inner.access.len() >= MAX_ACCOUNTS
            && let Some(any) = inner.access.keys().next().copied()
        {
            inner.access.remove(&any);
        }
        inner.access.insert((holder.tenant, holder.id), (version, access));
    }

    /// Holds a pair until a store takes it.
    pub(super) fn hold(&self, holder: &Account, unsaved: Unsaved) {
        self.inner().unsaved.insert((holder.tenant, holder.id), unsaved);
    }

    /// Takes out a pair that is still to be stored, if it is the successor of the stored one.
    pub(super) fn take_unsaved(&self, holder: &Account) -> Option<Unsaved> {
        let unsaved = self.inner().unsaved.remove(&(holder.tenant, holder.id))?;
        (unsaved.version == holder.token.version + 1).then_some(unsaved)
    }
}
