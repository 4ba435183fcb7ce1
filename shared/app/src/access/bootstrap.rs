//! The first tenant. Nobody can be authenticated yet, so a secret of the stack's owner stands in, once.

use super::secret::{hash, key_text, random, same};
use crate::audit::{Actor, entry};
use crate::mutate::named;
use crate::{Deps, Error, relay};
use domain::access::{ApiKey, Member, Role, Tenant};
use domain::{KeyId, MemberId, TenantId};
use jiff::tz::TimeZone;
use ports::{Record, StoreError, Write};
use secrecy::SecretString;

/// What the first tenant is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstTenant {
    /// The organisation's name.
    pub tenant: String,
    /// IANA zone in which its people plan.
    pub zone: String,
    /// The first owner's name.
    pub owner: String,
}

/// The first tenant, its owner and the owner's key.
#[derive(Debug, Clone)]
pub struct Bootstrapped {
    /// The tenant.
    pub tenant: Tenant,
    /// Its owner.
    pub owner: Member,
    /// The owner's key.
    pub key: ApiKey,
    /// The key's text; it cannot be shown again.
    pub secret: SecretString,
}

/// Makes the first tenant, once per stack, for whoever presents the stack's bootstrap secret.
pub async fn bootstrap(
    deps: &Deps,
    expected: &SecretString,
    presented: &str,
    first: &FirstTenant,
    cid: &str,
) -> Result<Bootstrapped, Error> {
    if !same(expected, presented) {
        return Err(Error::Forbidden("bootstrap"));
    }
    let done = || Error::conflict("already_bootstrapped", "the first tenant exists: ask its owner for a key");
    if deps.ledger.bootstrapped().await?.is_some() {
        return Err(done());
    }
    let made = make(deps, first)?;
    let actor = Actor { tenant: made.tenant.id, member: Some(made.owner.id), cid };
    let writes = vec![
        Write::create(Record::Bootstrapped(made.tenant.id)),
        Write::create(Record::Tenant(made.tenant.clone())),
        Write::create(Record::Member(made.owner.clone())),
        Write::create(Record::ApiKey(made.key.clone())),
        entry(deps, actor, "tenant.created", made.tenant.id, None),
    ];
    match deps.ledger.commit(writes).await {
        Ok(committed) => {
            relay(deps, &committed.outbox).await;
            Ok(made)
        }
        Err(StoreError::Conflict { .. }) => Err(done()),
        Err(other) => Err(other.into()),
    }
}

fn make(deps: &Deps, first: &FirstTenant) -> Result<Bootstrapped, Error> {
    if TimeZone::get(&first.zone).is_err() {
        return Err(Error::invalid("unknown_zone", "/zone", "give an IANA time zone such as Europe/Berlin"));
    }
    let created_at = deps.clock.now();
    let id = TenantId::from_uuid(deps.uuid());
    let tenant = Tenant { id, name: named(&first.tenant, "/tenant")?, zone: first.zone.clone(), created_at };
    let name = named(&first.owner, "/owner")?;
    let owner = Member { id: MemberId::from_uuid(deps.uuid()), tenant: id, name, role: Role::Owner, created_at };
    let secret = random(deps);
    let key = ApiKey {
        id: KeyId::from_uuid(deps.uuid()),
        tenant: id,
        member: owner.id,
        name: "first key".into(),
        scopes: Vec::new(),
        secret_hash: hash(&secret),
        created_at,
        expires_at: None,
    };
    let secret = key_text(id, key.id, &secret);
    Ok(Bootstrapped { tenant, owner, key, secret })
}
