//! API keys: made, listed, revoked. A key may never do more than its member, nor more than whoever made it.

use super::secret::{hash, key_text, random};
use crate::audit::entry;
use crate::mutate::{Encode, commit, commit_secret, earlier_secret, named, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{ApiKey, Caller, Permission, Role};
use domain::{KeyId, MemberId};
use jiff::Timestamp;
use ports::{Record, Write};
use secrecy::SecretString;
use serde_json::json;

/// Most keys of a tenant. Removing a member takes the member's keys along in one transaction, which has at most 100
/// items (DynamoDB).
pub(super) const MAX_KEYS: usize = 50;

/// A key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// In whose name it acts; the caller's when not said.
    pub member: Option<MemberId>,
    /// What it may do at most; empty: all the member's role may do.
    pub scopes: Vec<Permission>,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct KeyMade {
    /// The key.
    pub key: ApiKey,
    /// Its text; it cannot be shown again.
    pub secret: SecretString,
}

/// Makes a key.
pub async fn create_key(
    deps: &Deps,
    caller: &Caller,
    new: &NewKey,
    once: &Once,
    encode: Encode<'_, KeyMade>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    if let Some(reply) = earlier_secret(deps, caller.tenant, once).await? {
        return Ok(reply);
    }
    let name = named(&new.name, "/name")?;
    let member = new.member.unwrap_or(caller.member);
    let member = deps.ledger.member(caller.tenant, member).await?.ok_or(Error::NotFound("member"))?.value;
    within(&new.scopes, member.role, caller)?;
    let created_at = deps.clock.now();
    if new.expires_at.is_some_and(|at| at <= created_at) {
        return Err(Error::invalid("expires_in_past", "/expires_at", "the key would never work: give a later time"));
    }
    if deps.ledger.keys(caller.tenant).await?.len() >= MAX_KEYS {
        let detail = format!("a tenant has at most {MAX_KEYS} keys: revoke one that is not used");
        return Err(Error::conflict("too_many_keys", detail));
    }
    let secret = random(deps);
    let (id, secret_hash) = (KeyId::from_uuid(deps.uuid()), hash(&secret));
    let (tenant, member, scopes) = (caller.tenant, member.id, new.scopes.clone());
    let key = ApiKey { id, tenant, member, name, scopes, secret_hash, created_at, expires_at: new.expires_at };
    let writes = vec![
        Write::create(Record::ApiKey(key.clone())),
        entry(deps, caller, "key.created", id, Some(json!({ "member": member, "scopes": key.scopes }))),
    ];
    let reply = encode(&KeyMade { key, secret: key_text(tenant, id, &secret) });
    commit_secret(deps, tenant, once, writes, reply).await
}

fn within(scopes: &[Permission], role: Role, maker: &Caller) -> Result<(), Error> {
    if let Some(over) = scopes.iter().find(|s| !role.may(**s)) {
        let detail = format!("the member's role does not have the permission {}", over.name());
        return Err(Error::invalid("scope_exceeds_role", "/scopes", detail));
    }
    let all = Permission::ALL;
    let wanted = if scopes.is_empty() { all.as_slice() } else { scopes };
    match wanted.iter().find(|p| role.may(**p) && !maker.may(**p)) {
        Some(over) => Err(Error::Forbidden(over.name())),
        None => Ok(()),
    }
}

/// The tenant's keys, oldest first; who may not administer sees their own.
pub async fn keys(deps: &Deps, caller: &Caller) -> Result<Vec<ApiKey>, Error> {
    require(caller, Permission::Read)?;
    let all = caller.may(Permission::Administer);
    let found = deps.ledger.keys(caller.tenant).await?;
    let mut keys: Vec<_> = found.into_iter().map(|k| k.value).filter(|k| all || k.member == caller.member).collect();
    keys.sort_by_key(|k| k.id);
    Ok(keys)
}

/// Revokes a key; sessions opened with it end.
pub async fn revoke_key(
    deps: &Deps,
    caller: &Caller,
    id: KeyId,
    once: &Once,
    encode: Encode<'_, ApiKey>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.key(caller.tenant, id).await?.ok_or(Error::NotFound("key"))?;
    let reply = encode(&found.value);
    let writes = vec![
        Write::delete(&found, Record::ApiKey(found.value.clone())),
        entry(deps, caller, "key.revoked", id, Some(json!({ "member": found.value.member }))),
    ];
    commit(deps, caller.tenant, once, writes, reply).await
}
