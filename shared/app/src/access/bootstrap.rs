//! The first tenant. Nobody can be authenticated yet, so a secret of the stack's owner stands in, once.

use super::secret::{hash, key_text, random, same};
use crate::audit::{Actor, entry};
use crate::mutate::{Encode, commit_secret, earlier_secret, named};
use crate::{Deps, Error, Once, Reply, sha256_hex};
use domain::access::{ApiKey, Member, Role, Tenant};
use domain::{KeyId, MemberId, TenantId};
use jiff::tz::TimeZone;
use ports::{Record, Write};
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
    /// The key's text; it is not stored.
    pub secret: SecretString,
}

/// Makes the first tenant, once per stack, for whoever presents the stack's bootstrap secret. The answer shows the only
/// key there is: should it get lost, the same request (`fingerprint`) gets it again for as long as answers are remembered.
pub async fn bootstrap(
    deps: &Deps,
    expected: &SecretString,
    presented: &str,
    first: &FirstTenant,
    fingerprint: &str,
    cid: &str,
    encode: Encode<'_, Bootstrapped>,
) -> Result<Reply, Error> {
    if !same(expected, presented) {
        return Err(Error::Forbidden("bootstrap"));
    }
    let key = sha256_hex(format!("bootstrap|{presented}").as_bytes());
    let once = Once { route: "POST /api/admin/bootstrap".into(), key, fingerprint: fingerprint.into() };
    let done = || Error::conflict("already_bootstrapped", "the first tenant exists: ask its owner for a key");
    if let Some(tenant) = deps.ledger.bootstrapped().await? {
        return match earlier_secret(deps, tenant, &once).await {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) | Err(Error::KeyReused) => Err(done()),
            Err(other) => Err(other),
        };
    }
    let made = make(deps, first)?;
    let tenant = made.tenant.id;
    let actor = Actor { tenant, member: Some(made.owner.id), cid };
    let writes = vec![
        Write::create(Record::Bootstrapped(tenant)),
        Write::create(Record::Tenant(made.tenant.clone())),
        Write::create(Record::Member(made.owner.clone())),
        Write::create(Record::ApiKey(made.key.clone())),
        entry(deps, actor, "tenant.created", tenant, None),
    ];
    match commit_secret(deps, tenant, &once, writes, encode(&made)).await {
        // Another request came first, and made another tenant.
        Err(Error::Conflict { .. }) => Err(done()),
        answered => answered,
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
