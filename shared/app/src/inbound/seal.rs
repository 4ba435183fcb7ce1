//! What the callers of a source prove themselves with lies sealed.

use crate::{Deps, Error};
use domain::inbound::Source;
use domain::{SourceId, TenantId};
use ports::{Proofs, Record, SecretError, Versioned, Write};
use secrecy::SecretString;
use std::collections::BTreeMap;

fn place(tenant: TenantId, source: SourceId, field: &str) -> String {
    format!("source|{tenant}|{source}|{field}|1")
}

/// Seals them.
pub(super) async fn seal(
    deps: &Deps,
    tenant: TenantId,
    source: SourceId,
    plain: &BTreeMap<String, SecretString>,
) -> Result<BTreeMap<String, String>, SecretError> {
    let mut sealed = BTreeMap::new();
    for (name, secret) in plain {
        sealed.insert(name.clone(), deps.sealer.seal(&place(tenant, source, name), secret).await?);
    }
    Ok(sealed)
}

async fn opened(deps: &Deps, source: &Source) -> Result<BTreeMap<String, SecretString>, SecretError> {
    let mut plain = BTreeMap::new();
    for (name, sealed) in &source.secrets {
        plain.insert(name.clone(), deps.sealer.open(&place(source.tenant, source.id, name), sealed).await?);
    }
    Ok(plain)
}

/// Opens them.
pub(super) async fn open(deps: &Deps, source: &Source) -> Result<Proofs, SecretError> {
    opened(deps, source).await.map(Proofs::new)
}

/// Moves them to the active key; false when they lie under it already.
pub(crate) async fn reseal(deps: &Deps, source: &Versioned<Source>) -> Result<bool, Error> {
    let mut stale = false;
    for sealed in source.value.secrets.values() {
        stale = stale || deps.sealer.is_stale(sealed).await?;
    }
    if !stale {
        return Ok(false);
    }
    let plain = opened(deps, &source.value).await?;
    let mut next = source.value.clone();
    next.secrets = seal(deps, next.tenant, next.id, &plain).await?;
    deps.ledger.commit(vec![Write::replace(source, Record::Source(next))]).await?;
    Ok(true)
}
