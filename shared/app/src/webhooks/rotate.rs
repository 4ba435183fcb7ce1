//! A new signing secret or key pair for an endpoint; the one before signs as well for a day, so that a receiver can change over.

use super::endpoints::{Registered, shown};
use super::keys::Signing;
use super::{check, seal};
use crate::audit::entry;
use crate::mutate::{Encode, commit_secret, earlier_secret, require};
use crate::{Deps, Error, Once, Reply};
use domain::EndpointId;
use domain::access::{Caller, Permission};
use domain::webhooks::{Endpoint, ROTATION_H, Retiring};
use jiff::SignedDuration;
use ports::{Record, Write};
use secrecy::SecretString;
use serde_json::json;

/// Which secret to change to.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// The secret to use; a new one is made when none is given.
    pub secret: Option<SecretString>,
    /// Whether to go on though the last rotation is not over: the secret before that one then signs no more, at once.
    pub force: bool,
}

/// Changes an endpoint's signing secret.
pub async fn rotate_secret(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
    rotation: &Rotation,
    once: &Once,
    encode: Encode<'_, Registered>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = earlier_secret(deps, caller.tenant, once).await? {
        return Ok(reply);
    }
    let found = deps.ledger.endpoint(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?;
    if !found.value.destination.is_https() {
        let detail =
            format!("nothing is signed for a {}: there is no secret to change", found.value.destination.name());
        return Err(Error::conflict("unsigned", detail));
    }
    let signature = found.value.signature;
    if let Some(wrong) = check::secret(signature, rotation.secret.as_ref()) {
        return Err(Error::Invalid(vec![wrong]));
    }
    let now = deps.clock.now();
    if found.value.still_signs(now).is_some() && !rotation.force {
        let detail = "the secret before this one still signs: wait for its end, or give force to end it now";
        return Err(Error::conflict("rotation_under_way", detail));
    }
    let signing = Signing::given_or_made(deps, signature, rotation.secret.as_ref())?;
    let until = now + SignedDuration::from_hours(ROTATION_H);
    let next = Endpoint {
        secret: seal::secret(deps, (caller.tenant, id), &signing.secret).await?,
        public_key: signing.public_key.clone(),
        retiring: Some(Retiring {
            secret: found.value.secret.clone(),
            public_key: found.value.public_key.clone(),
            until,
        }),
        ..found.value.clone()
    };
    let reply = encode(&Registered { endpoint: shown(next.clone()), secret: signing.shown() });
    let detail = json!({ "force": rotation.force });
    let writes = vec![
        Write::replace(&found, Record::Endpoint(next)),
        entry(deps, caller, "endpoint.secret_rotated", id, Some(detail)),
    ];
    commit_secret(deps, caller.tenant, once, writes, reply).await
}
