//! What attempts tell about an endpoint: that it is to be left alone for a while, that it has only failed for days. All of it
//! may be lost: the next attempt tells it anew.

use super::outcome;
use crate::audit::{Actor, entry};
use crate::{Deps, Error, relay};
use domain::events::{EndpointFacts, EventData};
use domain::webhooks::{Answer, Endpoint, FAILING, Pace, Verdict};
use jiff::SignedDuration;
use ports::{Listener, Record, StoreError, Versioned, Write};
use serde_json::json;

/// Times it is written again when others write as well. Whoever loses to a shorter wait than it heard of, or to a failure when it was
/// a success, still has something to say, and each of a crowd may lose to every other: these are as many as all workers have under way.
const TRIES: usize = 100;
/// For how long it is tried. A worker has a minute, of which an attempt takes a quarter at most.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// Keeps what an attempt tells about its endpoint, and does what follows.
pub(super) async fn learn(deps: &Deps, listener: &Listener, answer: &Answer, cid: &str) {
    if let Err(error) = learned(deps, listener, answer, cid).await {
        tracing::warn!(endpoint = %listener.endpoint.value.id, %error, "how an endpoint fares was not kept");
    }
}

async fn learned(deps: &Deps, listener: &Listener, answer: &Answer, cid: &str) -> Result<(), Error> {
    let (tenant, id) = (listener.endpoint.value.tenant, listener.endpoint.value.id);
    let mut known = listener.pace.clone();
    let until = deps.clock.now() + PATIENCE;
    for _ in 0..TRIES {
        let now = deps.clock.now();
        let before = known.as_ref().map_or_else(|| Pace::new(tenant, id, now), |known| known.value.clone());
        let (next, verdict) = before.after(answer, now);
        if verdict == Some(Verdict::SwitchOff) {
            return outcome::failing(deps, tenant, id, cid).await;
        }
        if next == before {
            return Ok(());
        }
        match deps.ledger.commit(writes(deps, known.as_ref(), next, verdict, cid)).await {
            Ok(committed) => {
                relay(deps, &committed.outbox).await;
                return Ok(());
            }
            // Its record only grows older for those who read it; what this attempt tells counts all the same.
            Err(StoreError::Conflict { .. }) => {
                let called = &listener.endpoint.value;
                let same = |now: &Endpoint| now.url == called.url && now.destination == called.destination;
                match deps.ledger.listener(tenant, id).await? {
                    Some(now) if same(&now.endpoint.value) => known = now.pace,
                    // It has another address by now, of which this attempt tells nothing.
                    _ => return Ok(()),
                }
            }
            Err(other) => return Err(other.into()),
        }
        if until < deps.clock.now() {
            break;
        }
    }
    tracing::warn!(endpoint = %id, "how an endpoint fares was not kept: others wrote it all the time; the next attempt tells it anew");
    Ok(())
}

/// A message ended since its endpoint asks for longer than that lives. No attempt is made that would tell that it still
/// takes nothing, so that is looked at here. May be lost as well: the next message that ends so tells it anew.
pub(super) async fn muted(deps: &Deps, listener: &Listener, cid: &str) {
    let (tenant, id) = (listener.endpoint.value.tenant, listener.endpoint.value.id);
    if !listener.pace.as_ref().is_some_and(|pace| pace.value.is_over(deps.clock.now())) {
        return;
    }
    if let Err(error) = outcome::failing(deps, tenant, id, cid).await {
        tracing::warn!(endpoint = %id, %error, "an endpoint that takes nothing was not switched off");
    }
}

fn writes(deps: &Deps, known: Option<&Versioned<Pace>>, next: Pace, verdict: Option<Verdict>, cid: &str) -> Vec<Write> {
    let (tenant, id) = (next.tenant, next.endpoint);
    let record = Record::Pace(next);
    let write = known.map_or_else(|| Write::create(record.clone()), |known| Write::replace(known, record.clone()));
    if verdict != Some(Verdict::Notice) {
        return vec![write];
    }
    let told = EventData::EndpointFailing(EndpointFacts { endpoint_id: id, reason: FAILING.into() });
    let actor = Actor { tenant, member: None, cid };
    let audit = entry(deps, actor, "endpoint.failing", id, Some(json!({ "reason": FAILING })));
    vec![write.telling(deps.events(tenant, cid, [told])), audit]
}
