//! The ids of contacts: made from their addresses, under a key of the tenant's that lies sealed in the ledger.

use crate::{Deps, Error};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::audience::{Address, AudienceKey, contact_id};
use domain::{ContactId, TenantId};
use ports::{Record, SecretError, StoreError, Versioned, Write};
use secrecy::{ExposeSecret, SecretString};

fn place(tenant: TenantId) -> String {
    format!("audience|{tenant}|key|1")
}

/// The id of the contact with this address; none where the tenant never had a contact.
pub(super) async fn known_id(deps: &Deps, tenant: TenantId, address: &Address) -> Result<Option<ContactId>, Error> {
    match deps.ledger.audience_key(tenant).await? {
        Some(key) => Ok(Some(id(&open(deps, &key.value).await?, address)?)),
        None => Ok(None),
    }
}

/// The id of the contact with this address. The tenant's key is made where there is none; of two who make it at once both use the one that
/// was kept.
pub(super) async fn id_of(deps: &Deps, tenant: TenantId, address: &Address) -> Result<ContactId, Error> {
    if let Some(id) = known_id(deps, tenant, address).await? {
        return Ok(id);
    }
    let mut bytes = [0_u8; 32];
    deps.entropy.fill(&mut bytes);
    let plain = SecretString::from(STANDARD.encode(bytes));
    let sealed = deps.sealer.seal(&place(tenant), &plain).await?;
    match deps.ledger.commit(vec![Write::create(Record::AudienceKey(AudienceKey { tenant, sealed }))]).await {
        // What was kept is read, also after our own write: an id under a key that is not kept would be nobody's.
        Ok(_) | Err(StoreError::Conflict { .. }) => {}
        Err(other) => return Err(other.into()),
    }
    known_id(deps, tenant, address).await?.ok_or_else(|| Error::Unavailable("the audience's key was not kept".into()))
}

async fn open(deps: &Deps, key: &AudienceKey) -> Result<SecretString, SecretError> {
    deps.sealer.open(&place(key.tenant), &key.sealed).await
}

fn id(key: &SecretString, address: &Address) -> Result<ContactId, Error> {
    let broken = || Error::Internal("the audience's key is malformed".into());
    let bytes = STANDARD.decode(key.expose_secret()).map_err(|_| broken())?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
    let mac = hmac::sign(&key, address.identity().as_bytes());
    Ok(contact_id(mac.as_ref().try_into().map_err(|_| broken())?))
}

/// Moves the key to the active key of the ring; false when it lies under it already. The key itself stays as it is.
pub(crate) async fn reseal(deps: &Deps, key: &Versioned<AudienceKey>) -> Result<bool, Error> {
    if !deps.sealer.is_stale(&key.value.sealed).await? {
        return Ok(false);
    }
    let plain = open(deps, &key.value).await?;
    let sealed = deps.sealer.seal(&place(key.value.tenant), &plain).await?;
    let next = AudienceKey { tenant: key.value.tenant, sealed };
    deps.ledger.commit(vec![Write::replace(key, Record::AudienceKey(next))]).await?;
    Ok(true)
}
