//! From a key or a cookie to a caller. Every reason to refuse gives the same answer: nobody learns which keys exist.

use super::secret::{matches, parse_cookie, parse_key};
use crate::{Deps, Error};
use domain::access::{ApiKey, Caller, Session};
use domain::{KeyId, MemberId, TenantId};
use ports::Versioned;

/// The caller who presents an API key; none when the key is unknown, wrong, expired, or its member is gone.
pub async fn by_key(deps: &Deps, text: &str, cid: &str) -> Result<Option<Caller>, Error> {
    let Some((tenant, id, secret)) = parse_key(text) else { return Ok(None) };
    let found = deps.ledger.key(tenant, id).await?;
    if !matches(found.as_ref().map(|k| k.value.secret_hash.as_str()), secret) {
        return Ok(None);
    }
    match found {
        Some(key) => caller(deps, key.value, cid).await,
        None => Ok(None),
    }
}

/// The caller whose session the cookie names; none when it has ended, or its key or member is gone.
pub async fn by_session(deps: &Deps, cookie: &str, cid: &str) -> Result<Option<Caller>, Error> {
    let Some(session) = session(deps, cookie).await? else { return Ok(None) };
    let Session { tenant, member, key, expires_at, .. } = session.value;
    if expires_at <= deps.clock.now() {
        return Ok(None);
    }
    let Some(key) = bound_key(deps, tenant, key, member).await? else { return Ok(None) };
    caller(deps, key, cid).await
}

/// The session a cookie names, if its secret is right.
pub(super) async fn session(deps: &Deps, cookie: &str) -> Result<Option<Versioned<Session>>, Error> {
    let Some((tenant, id, secret)) = parse_cookie(cookie) else { return Ok(None) };
    let found = deps.ledger.session(tenant, id).await?;
    let right = matches(found.as_ref().map(|s| s.value.secret_hash.as_str()), secret);
    Ok(found.filter(|_| right))
}

async fn bound_key(deps: &Deps, tenant: TenantId, key: KeyId, member: MemberId) -> Result<Option<ApiKey>, Error> {
    let found = deps.ledger.key(tenant, key).await?;
    Ok(found.map(|k| k.value).filter(|k| k.member == member))
}

async fn caller(deps: &Deps, key: ApiKey, cid: &str) -> Result<Option<Caller>, Error> {
    if key.expires_at.is_some_and(|at| at <= deps.clock.now()) {
        return Ok(None);
    }
    let Some(member) = deps.ledger.member(key.tenant, key.member).await? else { return Ok(None) };
    let (tenant, member, role) = (key.tenant, member.value.id, member.value.role);
    Ok(Some(Caller { tenant, member, role, key: key.id, scopes: key.scopes, cid: cid.to_owned() }))
}
