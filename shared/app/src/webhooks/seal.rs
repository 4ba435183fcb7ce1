//! An endpoint's secrets: the signing secret and the values of its headers (which may be passwords) lie sealed.

use crate::{Deps, Error};
use domain::webhooks::Endpoint;
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

/// What a request to the endpoint needs.
pub(super) struct Opened {
    pub(super) secret: SecretString,
    pub(super) headers: BTreeMap<String, String>,
}

/// Opens an endpoint's secrets.
pub(super) async fn open(deps: &Deps, endpoint: &Endpoint) -> Result<Opened, SecretError> {
    let at = (endpoint.tenant, endpoint.id);
    let secret = deps.sealer.open(&place(at, "secret"), &endpoint.secret).await?;
    let mut headers = BTreeMap::new();
    for (name, sealed) in &endpoint.headers {
        let value = deps.sealer.open(&place(at, &header(name)), sealed).await?;
        headers.insert(name.clone(), value.expose_secret().to_owned());
    }
    Ok(Opened { secret, headers })
}

/// Moves an endpoint's secrets to the active key; false when they lie under it already.
pub(crate) async fn reseal(deps: &Deps, endpoint: &Versioned<Endpoint>) -> Result<bool, Error> {
    let mut stale = deps.sealer.is_stale(&endpoint.value.secret).await?;
    for sealed in endpoint.value.headers.values() {
        stale = stale || deps.sealer.is_stale(sealed).await?;
    }
    if !stale {
        return Ok(false);
    }
    let at = (endpoint.value.tenant, endpoint.value.id);
    let opened = open(deps, &endpoint.value).await?;
    let mut next = endpoint.value.clone();
    next.secret = secret(deps, at, &opened.secret).await?;
    next.headers = headers(deps, at, &opened.headers).await?;
    deps.ledger.commit(vec![Write::replace(endpoint, Record::Endpoint(next))]).await?;
    Ok(true)
}
