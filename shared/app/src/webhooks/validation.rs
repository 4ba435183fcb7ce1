//! Asking a receiver whether it wants to be told, before the first event.

use super::policy;
use crate::{Deps, Error};
use domain::TenantId;
use domain::publishing::Violation;
use domain::webhooks::{MAX_RATE, Validated};
use ports::ValidationCall;
use url::Url;

/// Asks whoever is at this https address. `rate` is the limit that the endpoint has anyway, and `base_url` our own address, whose host
/// is the name by which we ask.
pub(super) async fn ask(
    deps: &Deps,
    tenant: TenantId,
    url: &str,
    rate: Option<u32>,
    base_url: &str,
) -> Result<Validated, Error> {
    let policy = policy::of(deps, tenant, url).await?;
    let ours = Url::parse(base_url).ok();
    let origin = ours.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    match deps.webhooks.validate(ValidationCall { url, policy: &policy, origin, rate }).await {
        Ok(agreed) => Ok(Validated { at: deps.clock.now(), rate: agreed.rate.map(|rate| rate.min(MAX_RATE)) }),
        Err(refused) => {
            let detail = format!("the receiver did not say that it wants to be told: {refused}");
            Err(Error::Invalid(vec![Violation::new("not_validated", "/url", detail)]))
        }
    }
}
