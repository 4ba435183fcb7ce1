//! How endpoints fare, beside what they are.

use super::endpoints::shown;
use crate::mutate::require;
use crate::{Deps, Error};
use domain::EndpointId;
use domain::access::{Caller, Permission};
use domain::webhooks::Endpoint;
use jiff::Timestamp;
use ports::{Listener, Versioned};

/// How an endpoint fares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// The first failure since anything was taken; none when all is well.
    pub failing_since: Option<Timestamp>,
    /// Until when nothing is sent to it; none when it may be called.
    pub quiet_until: Option<Timestamp>,
}

impl Health {
    fn of(deps: &Deps, listener: &Listener) -> Self {
        let Some(pace) = &listener.pace else { return Self::default() };
        Self { failing_since: pace.value.failing_since, quiet_until: pace.value.quiet(deps.clock.now()) }
    }
}

/// The tenant's endpoints, oldest first, without secrets and header values, each with how it fares.
pub async fn endpoints_with_health(deps: &Deps, caller: &Caller) -> Result<Vec<(Endpoint, Health)>, Error> {
    require(caller, Permission::Read)?;
    let found = deps.ledger.listeners(caller.tenant).await?;
    let mut endpoints: Vec<_> =
        found.into_iter().map(|found| (Health::of(deps, &found), shown(found.endpoint.value))).collect();
    endpoints.sort_by_key(|(_, endpoint)| endpoint.id);
    Ok(endpoints.into_iter().map(|(health, endpoint)| (endpoint, health)).collect())
}

/// One endpoint, without its secrets and the values of its headers, with how it fares.
pub async fn endpoint_with_health(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
) -> Result<(Versioned<Endpoint>, Health), Error> {
    require(caller, Permission::Read)?;
    let found = deps.ledger.listener(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?;
    let health = Health::of(deps, &found);
    Ok((Versioned { value: shown(found.endpoint.value), ..found.endpoint }, health))
}
