//! Sending again the messages of a time.

use super::delivery::{attempted, message};
use super::*;
use crate::fakes::shown;
use domain::RecoveryId;
use domain::webhooks::{EndpointStatus, Recovery, WebhookState};
use jiff::Timestamp;
use ports::{Job, Record, Write};

async fn begun(world: &World, owner: &Caller, endpoint: EndpointId, key: &str, range: Range) -> RecoveryId {
    let encode = |begun: &Recovery| StoredReply { status: 202, body: begun.id.to_string() };
    let reply = recover(&world.deps, owner, endpoint, range, &once(key), &encode).await.unwrap();
    reply.stored.body.parse().unwrap()
}

fn since(since: Timestamp, every: bool) -> Range {
    Range { since, until: None, every }
}

/// So many events, of which the first `dead` end as dead; a second lies between two.
async fn told(world: &World, owner: &Caller, all: usize, dead: usize) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..all {
        if n < dead {
            let answer =
                ports::WebhookAnswer { status: Some(400), retry_after_s: Some(u64::MAX), ..Default::default() };
            world.outbound.answers.lock().unwrap().push_back(answer);
        }
        let event = happened(world, owner);
        fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
        events.push(event);
        world.clock.pass(1);
    }
    events
}

async fn one(world: &World, owner: &Caller, endpoint: EndpointId) -> Recovery {
    recoveries(&world.deps, owner, endpoint).await.unwrap().remove(0)
}

#[tokio::test]
async fn what_an_endpoint_was_not_told_is_sent_again_and_what_it_took_is_not() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let start = world.deps.clock.now();
    let events = told(&world, &owner, 5, 3).await;
    let recovery = begun(&world, &owner, id, "r", since(start, false)).await;
    let woken = world.outbound.woken.lock().unwrap().clone();
    assert!(
        matches!(woken.as_slice(), [wake_up] if matches!(&wake_up.job, Job::Recover(job) if job.recovery == recovery))
    );
    assert_eq!(go_on(&world.deps, owner.tenant, id, recovery, Visit::FIRST).await.unwrap(), None);
    let over = one(&world, &owner, id).await;
    assert_eq!((over.sent, over.ended_at.is_some(), over.wake), (3, true, None));
    for event in &events[..3] {
        assert_eq!(attempted(&world, event, id).await, Attempted::Delivered);
    }
    assert_eq!(attempted(&world, &events[4], id).await, Attempted::Idle);
    assert_eq!(go_on(&world.deps, owner.tenant, id, recovery, Visit::FIRST).await.unwrap(), None);
    assert_eq!(one(&world, &owner, id).await.sent, 3, "it is over");
}

#[tokio::test]
async fn a_replay_sends_all_of_its_time_and_nothing_else() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let events = told(&world, &owner, 5, 1).await;
    let range = Range { since: events[1].at, until: Some(events[3].at), every: true };
    let recovery = begun(&world, &owner, id, "r", range).await;
    go_on(&world.deps, owner.tenant, id, recovery, Visit::FIRST).await.unwrap();
    let mut pending = Vec::new();
    for event in &events {
        pending.push(message(&world, event, id).await.state == WebhookState::Pending);
    }
    assert_eq!(pending, [false, true, true, true, false]);
}

#[tokio::test]
async fn a_recovery_that_dies_anywhere_is_finished_and_sends_nothing_twice() {
    for step in 0..2 {
        let world = World::new();
        let owner = world.owner(1).await;
        let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
        let start = world.deps.clock.now();
        let events = told(&world, &owner, 230, 0).await;
        let recovery = begun(&world, &owner, id, "r", since(start, true)).await;
        // As it stands when a worker died after its first messages, or after a step of which it kept nothing.
        let before = world.deps.ledger.recovery(owner.tenant, id, recovery).await.unwrap().unwrap();
        for event in events.iter().take(if step == 0 { 40 } else { 100 }) {
            let found = world.deps.ledger.message(owner.tenant, id, event.id).await.unwrap().unwrap();
            let again = found.value.again(false, world.deps.clock.now()).unwrap();
            world.deps.ledger.commit(vec![Write::replace(&found, Record::WebhookMessage(again))]).await.unwrap();
        }
        for event in events.iter().take(40) {
            assert_eq!(attempted(&world, event, id).await, Attempted::Delivered);
        }
        assert_eq!(before.value.cursor, None);
        let mut visits = 0;
        while go_on(&world.deps, owner.tenant, id, recovery, Visit::FIRST).await.unwrap().is_some() {
            visits += 1;
        }
        assert_eq!(visits, 0, "three steps are few enough for one worker");
        for event in &events[40..] {
            assert_eq!(attempted(&world, event, id).await, Attempted::Delivered);
        }
        for event in &events {
            assert_eq!(message(&world, event, id).await.attempts.len(), 2, "once before and once again");
        }
    }
}

#[tokio::test]
async fn a_long_one_is_given_back_and_comes_again_and_at_last_by_the_tick() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let start = world.deps.clock.now();
    told(&world, &owner, 1_050, 0).await;
    let recovery = begun(&world, &owner, id, "r", since(start, true)).await;
    let visit = |receives| go_on(&world.deps, owner.tenant, id, recovery, Visit { receives });
    assert!(visit(1).await.unwrap().is_some());
    assert_eq!(one(&world, &owner, id).await.sent, 500);
    assert_eq!(visit(4).await.unwrap(), None, "it has come often enough");
    let left = one(&world, &owner, id).await;
    assert!(left.sent == 1_000 && left.wake.is_some_and(|wake| !wake.sent), "the due index has the rest: {left:?}");
    assert_eq!(visit(1).await.unwrap(), None);
    assert_eq!(one(&world, &owner, id).await.sent, 1_050);
}

#[tokio::test]
async fn a_recovery_stops_when_its_endpoint_is_off() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let start = world.deps.clock.now();
    told(&world, &owner, 1, 1).await;
    let recovery = begun(&world, &owner, id, "r", since(start, false)).await;
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    let status = EndpointStatus::Disabled { since: start, reason: "gone".into() };
    let off = domain::webhooks::Endpoint { status, ..found.value.clone() };
    world.deps.ledger.commit(vec![Write::replace(&found, Record::Endpoint(off))]).await.unwrap();
    assert_eq!(go_on(&world.deps, owner.tenant, id, recovery, Visit::FIRST).await.unwrap(), None);
    assert_eq!(one(&world, &owner, id).await.stopped.as_deref(), Some("disabled"));
    let refused = recover(&world.deps, &owner, id, since(start, false), &once("s"), &shown).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "endpoint_disabled", .. })), "{refused:?}");
}
