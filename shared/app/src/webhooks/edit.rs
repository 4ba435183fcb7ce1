//! Showing one endpoint, changing it, switching it off and on.

use super::destination::{Given, NewDestination, reachable, told_already, useless, way};
use super::endpoints::shown;
use super::{check, seal, validation};
use crate::audit::entry;
use crate::mutate::{Encode, commit, named, require, seen};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::events::{EndpointFacts, EventData};
use domain::publishing::Violation;
use domain::webhooks::{BY_HAND, Endpoint, EndpointStatus, Format, Order, Pace};
use domain::{AccountId, EndpointId, PlatformId};
use ports::{Listener, Record, Versioned, Write};
use serde_json::json;
use std::collections::BTreeMap;

/// What to change of an endpoint; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct EndpointEdit {
    /// What the customer calls it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Absolute https address, of an endpoint that has one.
    pub url: Option<String>,
    /// Another queue, bus or chat, of an endpoint that has one of that kind.
    pub destination: Option<NewDestination>,
    /// Event types wanted; empty means all.
    pub events: Option<Vec<String>>,
    /// Accounts of which it wants to hear; empty means all.
    pub accounts: Option<Vec<AccountId>>,
    /// Platforms of which it wants to hear; empty means all.
    pub platforms: Option<Vec<PlatformId>>,
    /// Most requests to it in any minute; 0 takes the limit away.
    pub rate_per_minute: Option<u32>,
    /// Whether the receiver is asked whether it wants to be told: true asks now, false asks no more.
    pub validate: Option<bool>,
    /// Whether what it is told keeps an order, from the next event on: what stands in line goes on in its order.
    pub order: Option<Order>,
    /// In which form it is told, from the next event on: messages that there are keep theirs.
    pub format: Option<Format>,
    /// Headers to set, or to leave out from now on where there is no value. The others stay.
    pub headers: BTreeMap<String, Option<String>>,
    /// Whether it is on. Switching on forgets failures and waits, also of one that is on.
    pub on: Option<bool>,
}

/// One endpoint, without its secrets and the values of its headers.
pub async fn endpoint(deps: &Deps, caller: &Caller, id: EndpointId) -> Result<Versioned<Endpoint>, Error> {
    require(caller, Permission::Read)?;
    let found = deps.ledger.endpoint(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?;
    Ok(Versioned { value: shown(found.value), ..found })
}

/// Changes an endpoint as it was at revision `rev`. `base_url` is our own public address, which cannot be one.
#[allow(clippy::too_many_arguments)] // each is one thing of a request
pub async fn edit_endpoint(
    deps: &Deps,
    caller: &Caller,
    id: EndpointId,
    rev: u64,
    edit: &EndpointEdit,
    base_url: &str,
    once: &Once,
    encode: Encode<'_, Endpoint>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let Listener { endpoint: found, pace, .. } =
        deps.ledger.listener(caller.tenant, id).await?.ok_or(Error::NotFound("endpoint"))?;
    seen(&found, rev, "the endpoint was changed: read it again before editing")?;
    let mut next = changed(deps, &found.value, edit, base_url).await?;
    let mut audits = vec![entry(deps, caller, "endpoint.changed", id, Some(json!({ "fields": fields(edit) })))];
    let mut told = Vec::new();
    match (edit.on, next.is_on()) {
        (Some(false), true) => {
            next.status = EndpointStatus::Disabled { since: deps.clock.now(), reason: BY_HAND.into() };
            told.push(EventData::EndpointDisabled(EndpointFacts { endpoint_id: id, reason: BY_HAND.into() }));
            audits.push(entry(deps, caller, "endpoint.disabled", id, Some(json!({ "reason": BY_HAND }))));
        }
        (Some(true), was_on) => {
            next.status = EndpointStatus::Active;
            if !was_on {
                audits.push(entry(deps, caller, "endpoint.enabled", id, None));
            }
        }
        _ => {}
    }
    let moved = next.url != found.value.url || next.destination != found.value.destination;
    let reply = encode(&shown(next.clone()));
    let events = deps.events(caller.tenant, &caller.cid, told);
    let mut writes = vec![Write::replace(&found, Record::Endpoint(next)).telling(events)];
    let fresh = Record::Pace(Pace::new(caller.tenant, id, deps.clock.now()));
    match pace {
        Some(pace) if moved || edit.on == Some(true) => writes.push(Write::replace(&pace, fresh)),
        // So that what is still under way to the old address conflicts and says nothing of the new one.
        None if moved => writes.push(Write::create(fresh)),
        _ => {}
    }
    writes.extend(audits);
    commit(deps, caller.tenant, once, writes, reply).await
}

/// The names of what an edit gives.
fn fields(edit: &EndpointEdit) -> Vec<&'static str> {
    let given = [
        ("name", edit.name.is_some()),
        ("description", edit.description.is_some()),
        ("url", edit.url.is_some()),
        ("destination", edit.destination.is_some()),
        ("events", edit.events.is_some()),
        ("accounts", edit.accounts.is_some()),
        ("platforms", edit.platforms.is_some()),
        ("rate_per_minute", edit.rate_per_minute.is_some()),
        ("validate", edit.validate.is_some()),
        ("order", edit.order.is_some()),
        ("format", edit.format.is_some()),
        ("headers", !edit.headers.is_empty()),
        ("enabled", edit.on.is_some()),
    ];
    given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

/// The endpoint with what an edit gives, checked as at its registration: an https address last, since that asks the name service.
async fn changed(deps: &Deps, old: &Endpoint, edit: &EndpointEdit, base_url: &str) -> Result<Endpoint, Error> {
    let mut next = old.clone();
    let mut violations: Vec<Violation> = Vec::new();
    if let Some(name) = &edit.name {
        match named(name, "/name") {
            Ok(name) => next.name = name,
            Err(Error::Invalid(found)) => violations.extend(found),
            Err(other) => return Err(other),
        }
    }
    if let Some(description) = &edit.description {
        violations.extend(check::description(description));
        next.description.clone_from(description);
    }
    if let Some(events) = &edit.events {
        violations.extend(check::events(events));
        next.events = check::each_once(events);
    }
    let (accounts, platforms) = (edit.accounts.as_deref(), edit.platforms.as_deref());
    violations
        .extend(check::filter(deps, old.tenant, accounts.unwrap_or_default(), platforms.unwrap_or_default()).await?);
    next.accounts = accounts.map_or(next.accounts, check::each_once);
    next.platforms = platforms.map_or(next.platforms, |named| check::own_slugs(deps, named));
    if let Some(rate) = edit.rate_per_minute {
        violations.extend(check::rate(rate, 0));
        next.rate_per_minute = Some(rate).filter(|rate| *rate > 0);
    }
    next.order = edit.order.unwrap_or(next.order);
    next.format = edit.format.unwrap_or(next.format);
    let set = edit.headers.values().any(Option::is_some);
    let validate = edit.validate == Some(true);
    let given = Given { headers: set, format: next.format, validate, ..Given::default() };
    violations.extend(useless(&old.destination, given));
    if !edit.headers.is_empty() {
        // A name is the same in whatever letters it is written.
        next.headers.retain(|name, _| !edit.headers.keys().any(|given| given.eq_ignore_ascii_case(name)));
        let given: BTreeMap<String, String> =
            edit.headers.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
        let kept = next.headers.keys().map(|name| (name.clone(), String::new()));
        violations.extend(check::headers(&given.clone().into_iter().chain(kept).collect()));
        if violations.is_empty() {
            next.headers.extend(seal::headers(deps, (old.tenant, old.id), &given).await?);
        }
    }
    violations.extend(moved(deps, &mut next, edit, base_url, violations.is_empty()).await?);
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    // Last of all, since it calls somebody. It agreed for one address: another one is asked anew.
    if !edit.validate.unwrap_or(next.validated.is_some()) {
        next.validated = None;
    } else if validate || next.url != old.url {
        next.validated = Some(validation::ask(deps, next.tenant, &next.url, next.rate_per_minute, base_url).await?);
    }
    Ok(next)
}

/// Gives the endpoint the address that an edit names, if any; answers with what is wrong with it. `ask` is whether the name service may be
/// asked about it.
async fn moved(
    deps: &Deps,
    next: &mut Endpoint,
    edit: &EndpointEdit,
    base_url: &str,
    ask: bool,
) -> Result<Vec<Violation>, Error> {
    let kind = next.destination.name();
    let named = match (&edit.url, &edit.destination) {
        (None, None) => return Ok(Vec::new()),
        (Some(_), _) if !next.destination.is_https() => {
            let detail = format!("a {kind} has no url of this kind: give a destination");
            return Ok(vec![Violation::new("not_for_destination", "/url", detail)]);
        }
        (_, Some(given)) if given.kind.name() != kind => {
            let detail = format!("this is a destination of the kind {kind}, and stays one: register another endpoint");
            return Ok(vec![Violation::new("destination_invalid", "/destination/kind", detail)]);
        }
        (url, given) => way(deps, url.as_deref().unwrap_or_default(), given.as_ref(), base_url),
    };
    let way = match named {
        Ok(way) => way,
        Err(violations) => return Ok(violations),
    };
    if ask && let Some(wrong) = reachable(deps, next.tenant, &way).await? {
        return Ok(vec![wrong]);
    }
    if !way.destination.is_https() {
        let others = deps.ledger.endpoints(next.tenant).await?;
        if let Some(twice) = told_already(&way, &others, Some(next.id)) {
            return Ok(vec![twice]);
        }
    }
    next.url = way.shown;
    next.destination = seal::destination(deps, (next.tenant, next.id), way.destination).await?;
    Ok(Vec::new())
}
