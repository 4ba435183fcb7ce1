//! An event to every endpoint that subscribed to it: one message for each, which is a record before the event's queue message is
//! done with.

use super::attempt::{Attempted, Visit, attempt, deliver};
use super::batch::Batch;
use super::{lane, pace, payload, plain, rate};
use crate::{Deps, Error};
use domain::events::{Event, EventData};
use domain::webhooks::{DISABLED, WebhookMessage, WebhookState};
use futures_util::future::join_all;
use jiff::Timestamp;
use ports::{Listener, Versioned};

/// How far an event was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FanOut {
    /// Endpoints that are on and want it.
    pub wanting: u32,
    /// When the event is to be brought again, for those that did not take it and wait only shortly. It has to be: the due index has all
    /// of them but one that has no message yet, since others wrote its lane all the time.
    pub again_at: Option<Timestamp>,
}

/// What is to be done for one endpoint.
enum Step<'a> {
    /// Its first attempt, and then its message.
    Plain(&'a Listener),
    /// Its message was just made, and this worker has its first attempt.
    First(&'a Listener, Box<Versioned<WebhookMessage>>),
    /// It had a message before.
    Later(&'a Listener),
    /// Its message was just made and stands behind another of its key, which is due and held by nobody.
    Behind(Box<WebhookMessage>),
    /// Not to be attempted now: its message was just made, or could not be made yet.
    NotNow(Attempted),
}

/// Delivers an event, which came in a batch with others, to every endpoint that wants it. May be called any number of times for one event:
/// each endpoint has one message for it. An endpoint that is off gets its message too, which ends at once: so it is seen what it
/// was not told, and it can be told later.
///
/// # Errors
/// When an endpoint may have no message yet: the event must be brought again.
pub async fn fan_out(batch: &Batch, deps: &Deps, event: &Event, visit: Visit) -> Result<FanOut, Error> {
    let listeners = batch.listeners(deps, event.tenant).await?;
    let concerned: Vec<&Listener> = listeners.iter().filter(|l| concerns(event, l)).collect();
    // Whatever needs a record before its attempt has it before any attempt is made: a slow endpoint must not keep the others'
    // from being durable.
    let (mut steps, mut without_record) = (Vec::new(), None);
    for listener in &concerned {
        match step(deps, event, listener, visit).await {
            Ok(step) => steps.push(step),
            // The others are told all the same.
            Err(error) => without_record = Some(error),
        }
    }
    let attempts = steps.into_iter().map(async |step| match step {
        Step::Plain(listener) => plain::tell(batch, deps, event, listener, visit).await,
        Step::NotNow(done) => Ok(done),
        Step::Behind(made) => {
            lane::moves(deps, (event.tenant, made.endpoint), made.lane.as_deref(), &event.cid).await;
            Ok(Attempted::of(&made))
        }
        Step::First(listener, held) => {
            let (at, key) = ((event.tenant, held.value.endpoint), held.value.lane.clone());
            let done = kept(event, deliver(deps, listener, *held, &event.cid, visit).await);
            Ok(lane::go_on(deps, at, key, done, &event.cid).await)
        }
        Step::Later(listener) => {
            let id = listener.endpoint.value.id;
            Ok(kept(event, attempt(deps, event.tenant, id, event.id, &event.cid, visit).await))
        }
    });
    let mut told = FanOut::default();
    for done in join_all(attempts).await {
        match done {
            Ok(done) => told.again_at = told.again_at.into_iter().chain(done.again_at()).min(),
            Err(error) => without_record = Some(error),
        }
    }
    if let Some(error) = without_record {
        return Err(error);
    }
    let wanting = concerned.iter().filter(|l| l.endpoint.value.is_on()).count();
    told.wanting = u32::try_from(wanting).unwrap_or(u32::MAX);
    Ok(told)
}

/// What became of a message that is a record: whatever kept its attempt from being made, it is not lost.
fn kept(event: &Event, done: Result<Attempted, Error>) -> Attempted {
    done.unwrap_or_else(|error| {
        tracing::warn!(event = %event.id, %error, "an attempt could not be made; the due index brings the next");
        Attempted::Idle
    })
}

/// Whether an endpoint is to hear of an event, on or off. None is told of itself.
fn concerns(event: &Event, listener: &Listener) -> bool {
    let endpoint = &listener.endpoint.value;
    let itself = match &event.data {
        EventData::EndpointDisabled(facts) | EventData::EndpointFailing(facts) => facts.endpoint_id == endpoint.id,
        _ => false,
    };
    !itself && endpoint.minds(&event.data)
}

/// Makes an endpoint's message, unless it has one, or its attempt comes first.
async fn step<'a>(deps: &Deps, event: &Event, listener: &'a Listener, visit: Visit) -> Result<Step<'a>, Error> {
    let (endpoint, now) = (&listener.endpoint.value, deps.clock.now());
    // A refused write costs as much as one that is taken: who comes again looks first.
    let looks = plain::may_be_known(event, visit, now);
    if looks && deps.ledger.message(event.tenant, endpoint.id, event.id).await?.is_some() {
        return Ok(Step::Later(listener));
    }
    if plain::goes(deps, listener, visit, now) {
        return Ok(Step::Plain(listener));
    }
    let new = payload::message(event, endpoint, false, now)?;
    let place = lane::place(deps, endpoint, event).await?;
    let quiet = listener.pace.as_ref().and_then(|pace| pace.value.quiet(now));
    let made = match quiet {
        _ if !endpoint.is_on() => new.dead(DISABLED, now),
        _ if place.as_ref().is_some_and(lane::Place::is_behind) => new,
        Some(until) => new.put_off(until, visit.again(deps, None), now),
        None => match rate::ahead(deps, listener, &new).await.put(&new, visit.again(deps, None), now) {
            Some(standing) => standing,
            // Made as one that is being sent: a second write to claim it would say no more.
            None => new.claimed(&deps.entropy.token(), now).unwrap_or(new),
        },
    };
    let moves = place.as_ref().is_some_and(lane::Place::is_due);
    match lane::create(deps, place, made).await? {
        lane::Made::As(made) if matches!(made.state, WebhookState::Sending { .. }) => {
            let held = Versioned { value: *made, rev: 1, unsent: Vec::new() };
            Ok(Step::First(listener, Box::new(held)))
        }
        lane::Made::As(made) if moves && made.wake.is_none() && !made.has_ended() => Ok(Step::Behind(made)),
        lane::Made::As(made) => {
            let done = Attempted::of(&made);
            if quiet.is_some() && endpoint.is_on() && done == Attempted::Dead {
                pace::muted(deps, listener, &event.cid).await;
            }
            Ok(Step::NotNow(done))
        }
        lane::Made::Found => Ok(Step::Later(listener)),
        lane::Made::Busy(until) => Ok(Step::NotNow(Attempted::Waits { carried: Some(until) })),
    }
}
