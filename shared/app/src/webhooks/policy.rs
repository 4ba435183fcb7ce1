//! What a tenant allows its endpoints: plain http, and other ports than that of https.

use crate::mutate::{Encode, require};
use crate::publishing::{change_rules, rules_of};
use crate::{Deps, Error, Once, Reply};
use domain::TenantId;
use domain::access::{Caller, Permission};
use domain::egress::EgressPolicy;
use domain::publishing::Rules;
use domain::webhooks::Endpoint;
use serde_json::json;
use url::Url;

/// The policy for this address.
pub(super) async fn of(deps: &Deps, tenant: TenantId, url: &str) -> Result<EgressPolicy, Error> {
    for_address(url, async || Ok(rules_of(deps, tenant).await?.egress)).await
}

/// The policy for what goes to an endpoint, where `read` tells its tenant's. Only of https does a tenant have a say.
pub(super) async fn for_endpoint(
    endpoint: &Endpoint,
    read: impl AsyncFnOnce() -> Result<EgressPolicy, Error>,
) -> Result<EgressPolicy, Error> {
    if endpoint.destination.is_https() { for_address(&endpoint.url, read).await } else { Ok(EgressPolicy::STRICT) }
}

/// Most addresses need no policy of their own, and nothing is read for them.
async fn for_address(
    url: &str,
    read: impl AsyncFnOnce() -> Result<EgressPolicy, Error>,
) -> Result<EgressPolicy, Error> {
    if Url::parse(url).is_ok_and(|url| EgressPolicy::STRICT.allows(&url)) {
        Ok(EgressPolicy::STRICT)
    } else {
        read().await
    }
}

/// What the tenant allows its endpoints, for whoever may look.
pub async fn egress_policy(deps: &Deps, caller: &Caller) -> Result<EgressPolicy, Error> {
    require(caller, Permission::Read)?;
    Ok(rules_of(deps, caller.tenant).await?.egress)
}

/// Replaces it. It counts from now on, for endpoints that are registered already, too: one that is no longer allowed gets
/// nothing more, and its messages say so.
pub async fn set_egress_policy(
    deps: &Deps,
    caller: &Caller,
    policy: &EgressPolicy,
    once: &Once,
    encode: Encode<'_, Rules>,
) -> Result<Reply, Error> {
    let facts = json!({ "http": policy.http, "ports": policy.ports });
    change_rules(deps, caller, "rules.egress_changed", facts, once, encode, |rules| {
        Ok(Rules { egress: policy.clone().checked().map_err(Error::Invalid)?, ..rules })
    })
    .await
}
