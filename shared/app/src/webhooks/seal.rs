//! An endpoint's secrets: the signing secret, the values of its headers (which may be passwords) and the address of a chat lie sealed.

use crate::{Deps, Error};
use domain::webhooks::{Destination, Endpoint, Retiring};
use domain::{EndpointId, TenantId};
use ports::{Record, SecretError, Versioned, Write};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;

type Place = (TenantId, EndpointId);

fn place((tenant, endpoint): Place, field: &str) -> String {
    format!("endpoint|{tenant}|{endpoint}|{field}|1")
}

fn header(name: &str) -> String {
    format!("header:{}", name.to_ascii_lowercase())
}

/// Seals the signing secret.
pub(super) async fn secret(deps: &Deps, at: Place, secret: &SecretString) -> Result<String, SecretError> {
    deps.sealer.seal(&place(at, "secret"), secret).await
}

/// Seals the values of headers.
pub(super) async fn headers(
    deps: &Deps,
    at: Place,
    plain: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, SecretError> {
    let mut sealed = BTreeMap::new();
    for (name, value) in plain {
        let value = deps.sealer.seal(&place(at, &header(name)), &value.clone().into()).await?;
        sealed.insert(name.clone(), value);
    }
    Ok(sealed)
}

/// A destination with the address of a chat sealed.
pub(super) async fn destination(deps: &Deps, at: Place, plain: Destination) -> Result<Destination, SecretError> {
    match plain {
        Destination::Chat { platform, address } => {
            let address = deps.sealer.seal(&place(at, "address"), &address.into()).await?;
            Ok(Destination::Chat { platform, address })
        }
        open => Ok(open),
    }
}

/// What a request to the endpoint needs.
pub(super) struct Opened {
    /// The signing secrets that sign now, newest first; none where nothing is signed.
    pub(super) secrets: Vec<SecretString>,
    /// The address of a chat.
    pub(super) address: Option<SecretString>,
    pub(super) headers: BTreeMap<String, String>,
}

/// Opens an endpoint's secrets.
pub(super) async fn open(deps: &Deps, endpoint: &Endpoint) -> Result<Opened, SecretError> {
    let at = (endpoint.tenant, endpoint.id);
    let address = match &endpoint.destination {
        Destination::Chat { address, .. } => Some(deps.sealer.open(&place(at, "address"), address).await?),
        _ => None,
    };
    let mut secrets = Vec::new();
    if !endpoint.secret.is_empty() {
        secrets.push(deps.sealer.open(&place(at, "secret"), &endpoint.secret).await?);
    }
    if let Some(old) = endpoint.still_signs(deps.clock.now()) {
        secrets.push(deps.sealer.open(&place(at, "secret"), old).await?);
    }
    let mut headers = BTreeMap::new();
    for (name, sealed) in &endpoint.headers {
        let value = deps.sealer.open(&place(at, &header(name)), sealed).await?;
        headers.insert(name.clone(), value.expose_secret().to_owned());
    }
    Ok(Opened { secrets, address, headers })
}

/// Moves an endpoint's secrets to the active key; false when they lie under it already.
pub(crate) async fn reseal(deps: &Deps, endpoint: &Versioned<Endpoint>) -> Result<bool, Error> {
    let kept = &endpoint.value;
    let old = kept.retiring.as_ref().filter(|old| deps.clock.now() < old.until);
    let address = match &kept.destination {
        Destination::Chat { address, .. } => Some(address),
        _ => None,
    };
    let signing = Some(&kept.secret).filter(|secret| !secret.is_empty());
    let all = signing.into_iter().chain(old.map(|old| &old.secret)).chain(address).chain(kept.headers.values());
    let mut stale = false;
    for sealed in all {
        stale = stale || deps.sealer.is_stale(sealed).await?;
    }
    if !stale {
        return Ok(false);
    }
    let at = (kept.tenant, kept.id);
    let opened = open(deps, kept).await?;
    let mut next = kept.clone();
    let mut secrets = opened.secrets.iter();
    if let Some(newest) = secrets.next() {
        next.secret = secret(deps, at, newest).await?;
    }
    // One whose time is over is not opened, and goes.
    next.retiring = match (secrets.next(), &kept.retiring) {
        (Some(before), Some(old)) => Some(Retiring {
            secret: secret(deps, at, before).await?,
            public_key: old.public_key.clone(),
            until: old.until,
        }),
        _ => None,
    };
    next.headers = headers(deps, at, &opened.headers).await?;
    if let (Destination::Chat { platform, .. }, Some(address)) = (kept.destination.clone(), &opened.address) {
        let address = address.expose_secret().to_owned();
        next.destination = destination(deps, at, Destination::Chat { platform, address }).await?;
    }
    deps.ledger.commit(vec![Write::replace(endpoint, Record::Endpoint(next))]).await?;
    Ok(true)
}
