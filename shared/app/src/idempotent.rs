//! One effect per `Idempotency-Key`. The record commits in the same transaction as the effect, so there is no window in
//! which one exists without the other; a use case whose effect lies outside the store reserves the key first.

use crate::{Deps, Error};
use domain::TenantId;
use domain::access::{Caller, Permission};
use jiff::{SignedDuration, Timestamp};
use ports::{IdempotencyRecord, Record, StoreError, StoredReply, Versioned, Write};

/// Hours an answer is repeated.
const KEPT_H: i64 = 24;
/// Seconds a reservation blocks: longer than any request lives.
const RESERVED_S: i64 = 60;

/// The client's key for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Method and route template.
    pub route: String,
    /// The key.
    pub key: String,
    /// SHA-256 (hex) of method, path and body.
    pub fingerprint: String,
}

/// An answer, new or repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What to send.
    pub stored: StoredReply,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Reply {
    /// A first answer.
    pub fn new(stored: StoredReply) -> Self {
        Self { stored, replayed: false }
    }
}

impl Once {
    /// The answer given before to this key, if any, for a caller who needs this permission.
    pub async fn earlier_for(&self, deps: &Deps, caller: &Caller, needs: Permission) -> Result<Option<Reply>, Error> {
        crate::mutate::require(caller, needs)?;
        self.earlier(deps, caller.tenant).await
    }

    /// The answer given before to this key, if any. The caller's permission was asked for already.
    pub(crate) async fn earlier(&self, deps: &Deps, tenant: TenantId) -> Result<Option<Reply>, Error> {
        match deps.ledger.remembered(tenant, &self.route, &self.key, deps.clock.now()).await? {
            None => Ok(None),
            Some(found) => self.answer_of(&found).map(Some),
        }
    }

    fn answer_of(&self, found: &Versioned<IdempotencyRecord>) -> Result<Reply, Error> {
        if found.value.fingerprint != self.fingerprint {
            return Err(Error::KeyReused);
        }
        let stored = found.value.reply.clone().ok_or(Error::InFlight)?;
        Ok(Reply { stored, replayed: true })
    }

    fn record(&self, tenant: TenantId, reply: Option<StoredReply>, expires_at: Timestamp) -> Record {
        let (route, key, fingerprint) = (self.route.clone(), self.key.clone(), self.fingerprint.clone());
        Record::Idempotency(IdempotencyRecord { tenant, route, key, fingerprint, reply, expires_at })
    }

    /// The write that remembers `reply`, to be committed with the effect.
    pub fn remember(&self, deps: &Deps, tenant: TenantId, reply: &StoredReply) -> Write {
        let expires_at = deps.clock.now() + SignedDuration::from_hours(KEPT_H);
        Write::create(self.record(tenant, Some(reply.clone()), expires_at))
    }

    /// After a conflict: the answer of whoever was first with this key, if that is what the conflict was.
    pub async fn after_conflict(&self, deps: &Deps, tenant: TenantId, error: StoreError) -> Result<Reply, Error> {
        if let StoreError::Conflict { .. } = error
            && let Some(reply) = self.earlier(deps, tenant).await?
        {
            return Ok(reply);
        }
        Err(error.into())
    }

    /// The write that puts `reply` in the place of the reservation; an effect may commit it with its last change.
    pub fn answered(&self, deps: &Deps, tenant: TenantId, reply: &StoredReply) -> Write {
        let expires_at = deps.clock.now() + SignedDuration::from_hours(KEPT_H);
        Write::put(self.record(tenant, Some(reply.clone()), expires_at))
    }

    /// Runs `effect`, which reaches outside the store, under a reservation of the key: a second request meanwhile is told
    /// so, a later one gets the same answer. An error frees the key again.
    pub async fn reserve<F>(&self, deps: &Deps, tenant: TenantId, effect: F) -> Result<Reply, Error>
    where
        F: Future<Output = Result<StoredReply, Error>>,
    {
        if let Some(reply) = self.earlier(deps, tenant).await? {
            return Ok(reply);
        }
        let until = deps.clock.now() + SignedDuration::from_secs(RESERVED_S);
        let reserved = Write::create(self.record(tenant, None, until));
        if let Err(error) = deps.ledger.commit(vec![reserved]).await {
            return match error {
                StoreError::Conflict { .. } => self.earlier(deps, tenant).await?.ok_or(Error::InFlight),
                other => Err(other.into()),
            };
        }
        match effect.await {
            Ok(stored) => {
                let done = self.answered(deps, tenant, &stored);
                // The effect has happened: failing to remember it must not turn it into an error.
                if let Err(error) = deps.ledger.commit(vec![done]).await {
                    tracing::warn!(%error, "an answer could not be remembered for its idempotency key");
                }
                Ok(Reply::new(stored))
            }
            Err(error) => {
                // The reservation may have been made over an expired record, so its revision is read, not assumed.
                let held = deps.ledger.remembered(tenant, &self.route, &self.key, deps.clock.now()).await;
                let Ok(Some(held)) = held else { return Err(error) };
                if held.value.reply.is_some() {
                    return Err(error);
                }
                let freed = Write::delete(&held, Record::Idempotency(held.value.clone()));
                if let Err(error) = deps.ledger.commit(vec![freed]).await {
                    tracing::warn!(%error, "a reserved idempotency key could not be freed; it frees itself in a minute");
                }
                Err(error)
            }
        }
    }
}
