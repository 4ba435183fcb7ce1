//! Registering, listing, deleting and trying out endpoints.

use super::catalogue::EventType;
use super::destination::{Given, NewDestination, Way, reachable, told_already, useless, way};
use super::keys::Signing;
use super::resend::wake;
use super::{check, payload, seal, validation};
use crate::audit::entry;
use crate::mutate::{Encode, commit, commit_secret, earlier_secret, named, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::events::{EndpointFacts, EventData};
use domain::webhooks::{Destination, Endpoint, EndpointStatus, Format, MAX_ENDPOINTS, Order, Signature};
use domain::{AccountId, EndpointId, EventId, PlatformId, TenantId};
use ports::{Record, Write};
use secrecy::SecretString;
use serde_json::json;
use std::collections::BTreeMap;

/// An endpoint to register.
#[derive(Debug, Clone, Default)]
pub struct NewEndpoint {
    /// What the customer calls it; its address when empty.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Absolute https address; empty where there is a destination.
    pub url: String,
    /// Where to instead.
    pub destination: Option<NewDestination>,
    /// Event types wanted; empty means all.
    pub events: Vec<String>,
    /// Accounts of which it wants to hear; empty means all.
    pub accounts: Vec<AccountId>,
    /// Platforms of which it wants to hear; empty means all.
    pub platforms: Vec<PlatformId>,
    /// Most requests to it in any minute, 1 to [`domain::webhooks::MAX_RATE`]; none where there is no limit.
    pub rate_per_minute: Option<u32>,
    /// Whether the receiver is asked first whether it wants to be told.
    pub validate: bool,
    /// Whether what it is told keeps an order.
    pub order: Order,
    /// In which form it is told.
    pub format: Format,
    /// Extra headers of every request.
    pub headers: BTreeMap<String, String>,
    /// With what its requests are signed.
    pub signature: Signature,
    /// The signing secret to use (`whsec_` and base64 of 24 to 64 bytes); a new one is made when none is given. A key pair is
    /// always made here.
    pub secret: Option<SecretString>,
}

/// An endpoint that has just got a signing secret.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The endpoint, without the values of its headers.
    pub endpoint: Endpoint,
    /// Its signing secret; it cannot be shown again. None where a key pair signs (the endpoint has the public key), or nothing is
    /// signed.
    pub secret: Option<SecretString>,
}

/// A message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestSent {
    /// Where to.
    pub endpoint: EndpointId,
    /// The event; its attempts are in the endpoint's log.
    pub event: EventId,
}

/// Registers an endpoint. `base_url` is our own public address, which cannot be one.
pub async fn register(
    deps: &Deps,
    caller: &Caller,
    new: &NewEndpoint,
    base_url: &str,
    once: &Once,
    encode: Encode<'_, Registered>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = earlier_secret(deps, caller.tenant, once).await? {
        return Ok(reply);
    }
    let (name, way) = checked(deps, caller.tenant, new, base_url).await?;
    let others = deps.ledger.endpoints(caller.tenant).await?;
    if let Some(twice) = told_already(&way, &others, None) {
        return Err(Error::Invalid(vec![twice]));
    }
    let Way { shown: url, destination } = way;
    if others.len() >= MAX_ENDPOINTS {
        let detail = format!("a tenant has at most {MAX_ENDPOINTS} endpoints: delete one first");
        return Err(Error::conflict("too_many_endpoints", detail));
    }
    let validated = if new.validate {
        Some(validation::ask(deps, caller.tenant, &url, new.rate_per_minute, base_url).await?)
    } else {
        None
    };
    let id = EndpointId::from_uuid(deps.uuid());
    let at = (caller.tenant, id);
    let signing = if destination.is_https() {
        Some(Signing::given_or_made(deps, new.signature, new.secret.as_ref())?)
    } else {
        None
    };
    let secret = match &signing {
        Some(signing) => seal::secret(deps, at, &signing.secret).await?,
        None => String::new(),
    };
    let endpoint = Endpoint {
        id,
        tenant: caller.tenant,
        name,
        description: new.description.clone(),
        url,
        destination: seal::destination(deps, at, destination).await?,
        events: check::each_once(&new.events),
        accounts: check::each_once(&new.accounts),
        platforms: check::own_slugs(deps, &new.platforms),
        rate_per_minute: new.rate_per_minute,
        validated,
        order: new.order,
        format: new.format,
        headers: seal::headers(deps, at, &new.headers).await?,
        signature: new.signature,
        secret,
        public_key: signing.as_ref().and_then(|signing| signing.public_key.clone()),
        retiring: None,
        status: EndpointStatus::Active,
        created_at: deps.clock.now(),
    };
    let writes = vec![
        Write::create(Record::Endpoint(endpoint.clone())),
        entry(deps, caller, "endpoint.registered", id, Some(json!({ "events": endpoint.events }))),
    ];
    let secret = signing.and_then(|signing| signing.shown());
    let reply = encode(&Registered { endpoint: shown(endpoint), secret });
    commit_secret(deps, caller.tenant, once, writes, reply).await
}

/// Checks everything, an https address last since that asks the name service; answers with the name and the way.
async fn checked(deps: &Deps, tenant: TenantId, new: &NewEndpoint, base_url: &str) -> Result<(String, Way), Error> {
    let (way, mut violations) = match way(deps, &new.url, new.destination.as_ref(), base_url) {
        Ok(way) => (Some(way), Vec::new()),
        Err(violations) => (None, violations),
    };
    violations.extend(check::events(&new.events));
    violations.extend(check::headers(&new.headers));
    violations.extend(check::filter(deps, tenant, &new.accounts, &new.platforms).await?);
    violations.extend(new.rate_per_minute.and_then(|rate| check::rate(rate, 1)));
    violations.extend(check::description(&new.description));
    // Of one without a way there is no more to tell than that.
    let shown = way.as_ref().map_or("none", |way| way.shown.as_str());
    let name = if new.name.trim().is_empty() { shown.chars().take(100).collect() } else { new.name.clone() };
    let name = named(&name, "/name");
    if let Err(Error::Invalid(more)) = &name {
        violations.extend(more.iter().cloned());
    }
    if let Some(way) = &way {
        let (headers, secret) = (!new.headers.is_empty(), new.secret.is_some());
        let given = Given { headers, secret, signature: new.signature, format: new.format, validate: new.validate };
        violations.extend(useless(&way.destination, given));
    }
    if way.as_ref().is_none_or(|way| way.destination.is_https()) {
        violations.extend(check::secret(new.signature, new.secret.as_ref()));
    }
    if let Some(way) = way.as_ref().filter(|_| violations.is_empty()) {
        violations.extend(reachable(deps, tenant, way).await?);
    }
    match way {
        Some(way) if violations.is_empty() => Ok((name?, way)),
        _ => Err(Error::Invalid(violations)),
    }
}

/// An endpoint as people may see it: which headers it has, but neither their values nor the secret.
pub(super) fn shown(mut endpoint: Endpoint) -> Endpoint {
    endpoint.secret.clear();
    if let Destination::Chat { address, .. } = &mut endpoint.destination {
        address.clear();
    }
    endpoint.retiring.iter_mut().for_each(|old| old.secret.clear());
    endpoint.headers.values_mut().for_each(String::clear);
    endpoint
}

/// The tenant's endpoints, oldest first, without secrets and header values.
pub async fn endpoints(deps: &Deps, caller: &Caller) -> Result<Vec<Endpoint>, Error> {
    require(caller, Permission::Read)?;
    let found = deps.ledger.endpoints(caller.tenant).await?;
    let mut endpoints: Vec<_> = found.into_iter().map(|e| shown(e.value)).collect();
    endpoints.sort_by_key(|e| e.id);
    Ok(endpoints)
}

/// Deletes an endpoint. Messages still on their way to it end as dead, visibly.
pub async fn remove_endpoint(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
    once: &Once,
    encode: Encode<'_, Endpoint>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.endpoint(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?;
    let reply = encode(&shown(found.value.clone()));
    let writes = vec![
        Write::delete(&found, Record::Endpoint(found.value.clone())),
        entry(deps, caller, "endpoint.deleted", id, None),
    ];
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Sends a test to an endpoint, whatever it subscribed to: the sample of an event type, or `webhook.test`. It says that it is a
/// test, and nobody else is told.
pub async fn send_test(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
    named: Option<&str>,
    once: &Once,
    encode: Encode<'_, TestSent>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let endpoint = deps.ledger.endpoint(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?.value;
    check::listening(&endpoint)?;
    let data = match named {
        None => EventData::WebhookTest(EndpointFacts { endpoint_id: id, reason: "test".into() }),
        Some(named) => EventType::named(named).ok_or_else(|| check::unknown_event("/event"))?.sample()?.data,
    };
    let mut sent = None;
    let mut writes = Vec::new();
    for event in deps.events(caller.tenant, &caller.cid, [data]) {
        let message = payload::message(&event, &endpoint, true, deps.clock.now())?;
        writes.push(Write::create(Record::WebhookMessage(message)));
        sent = Some(TestSent { endpoint: id, event: event.id });
    }
    let sent = sent.ok_or_else(|| Error::Internal("no test event was made".into()))?;
    let reply = commit(deps, caller.tenant, once, writes, encode(&sent)).await?;
    if !reply.replayed {
        wake(deps, caller, id, sent.event).await;
    }
    Ok(reply)
}
