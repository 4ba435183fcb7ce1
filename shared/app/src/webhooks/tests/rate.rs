//! An endpoint's own limit of requests a minute.

use super::super::rate::turn;
use super::delivery::{attempted, message};
use super::*;
use domain::webhooks::{MAX_RATE, WebhookState};
use futures_util::future::join_all;

const LIMIT: u32 = 3;

fn limited(limit: u32) -> NewEndpoint {
    NewEndpoint { rate_limit: Some(limit), ..new("https://a.example", &[]) }
}

/// The times at which requests arrived, in seconds.
fn arrived(world: &World) -> Vec<i64> {
    world.outbound.arrived.lock().unwrap().iter().map(|arrived| arrived.timestamp).collect()
}

/// The most that arrived within any minute.
fn most_in_a_minute(times: &[i64]) -> usize {
    let within = |from: i64| times.iter().filter(|at| (from..from + 60).contains(*at)).count();
    times.iter().map(|at| within(*at)).max().unwrap_or(0)
}

#[tokio::test]
async fn what_is_over_an_endpoints_limit_waits_for_its_turn_and_all_of_it_arrives() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &limited(LIMIT), "a").await.unwrap();
    let events: Vec<Event> = (0..10).map(|_| happened(&world, &owner)).collect();
    for told in join_all(events.iter().map(|event| fan_out(&world.deps, event, Visit::FIRST))).await {
        told.unwrap();
    }
    assert_eq!(arrived(&world).len(), 3);
    let waiting = message(&world, &events[9], id).await;
    assert!(waiting.in_line && waiting.attempts.is_empty() && waiting.state == WebhookState::Pending);
    for _ in 0..400 {
        world.clock.pass(1);
        // Two workers have each of them.
        for event in &events {
            let both = [attempted(&world, event, id), attempted(&world, event, id)];
            join_all(both).await;
        }
        assert!(most_in_a_minute(&arrived(&world)) <= 3, "{:?}", arrived(&world));
    }
    assert_eq!(arrived(&world).len(), 10, "each once: {:?}", arrived(&world));
    for event in &events {
        let over = message(&world, event, id).await;
        assert!(matches!(over.state, WebhookState::Delivered { .. }) && over.attempts.len() == 1 && !over.in_line);
    }
}

#[tokio::test]
async fn workers_that_know_an_old_count_take_no_more_than_the_limit() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &limited(LIMIT), "a").await.unwrap();
    let stale = world.deps.ledger.listener(owner.tenant, id).await.unwrap().unwrap();
    let mut waits = Vec::new();
    for _ in 0..8 {
        waits.push(turn(&world.deps, &stale, false).await.unwrap());
    }
    assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 3);
    assert!(waits[3..].iter().flatten().all(|until| *until > world.deps.clock.now()));
    assert!(waits[3..].is_sorted(), "who comes later goes later");
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted_and_a_limit_lies_in_its_range() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    for _ in 0..10 {
        fan_out(&world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    }
    assert_eq!(arrived(&world).len(), 10);
    assert!(world.deps.ledger.listener(owner.tenant, id).await.unwrap().unwrap().pace.is_none());
    for (key, limit, fine) in [("0", 0, false), ("1", 1, true), ("m", MAX_RATE, true), ("o", MAX_RATE + 1, false)] {
        let done = registered(&world, &owner, &limited(limit), key).await;
        let refused = matches!(&done, Err(Error::Invalid(found)) if found[0].code == "out_of_range" && found[0].field == "/rate_limit");
        assert_eq!((done.is_ok(), refused), (fine, !fine), "{limit}");
    }
}

#[tokio::test]
async fn a_line_that_is_longer_than_a_message_lives_drops_nothing() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &limited(1), "a").await.unwrap();
    let event = happened(&world, &owner);
    fan_out(&world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    fan_out(&world.deps, &event, Visit::FIRST).await.unwrap();
    let waiting = message(&world, &event, id).await;
    let (now, far) = (world.deps.clock.now(), jiff::Timestamp::MAX);
    let later =
        waiting.stand_in_line(far, domain::webhooks::Again { jitter: 0.0, quiet_until: None, carried_s: 0 }, now);
    assert!(later.state == WebhookState::Pending && later.wake.is_some());
}
