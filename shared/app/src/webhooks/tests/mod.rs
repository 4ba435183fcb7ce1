#![allow(clippy::unwrap_used, clippy::expect_used)]

mod catalogue;
mod changes;
mod cloudevents;
mod crowd;
mod delivery;
mod destinations;
mod filter;
mod keys;
mod order;
mod pace;
mod plain;
mod policy;
mod rate;
mod recover;
mod registration;
mod together;
mod validation;

use super::*;
use crate::Error;
use crate::fakes::{World, once};
use domain::EndpointId;
use domain::access::Caller;
use domain::events::{AccountFacts, Event, EventData};
use ports::StoredReply;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn new(url: &str, events: &[&str]) -> NewEndpoint {
    let events = events.iter().map(|e| (*e).to_owned()).collect();
    NewEndpoint { name: "CRM".into(), url: url.into(), events, ..NewEndpoint::default() }
}

/// Registers an endpoint; its id and signing secret.
pub(super) async fn registered(
    world: &World,
    caller: &Caller,
    new: &NewEndpoint,
    key: &str,
) -> Result<(EndpointId, String), Error> {
    let encode = |made: &Registered| StoredReply {
        status: 201,
        body: format!("{} {}", made.endpoint.id, made.secret.as_ref().map_or("", |secret| secret.expose_secret())),
    };
    let reply = register(&world.deps, caller, new, "https://herald.example", &once(key), &encode).await?;
    let (id, secret) = reply.stored.body.split_once(' ').unwrap();
    Ok((id.parse().unwrap(), secret.to_owned()))
}

/// Something that happened to a tenant.
pub(super) fn happened(world: &World, caller: &Caller) -> Event {
    let account_id = domain::AccountId::from_uuid(Uuid::from_u128(9));
    let facts = AccountFacts { account_id, platform: "chirp".parse().unwrap(), reason: None };
    world.deps.events(caller.tenant, "test", [EventData::AccountConnected(facts)]).remove(0)
}
