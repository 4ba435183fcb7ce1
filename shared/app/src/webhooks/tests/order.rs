//! Endpoints that are told in order.

mod by_hand;
mod meanwhile;

use super::delivery::{attempted, message};
use super::*;
use crate::fakes::shown;
use domain::webhooks::{
    DELETED, DISABLED, EXHAUSTED, LANE_FULL, Lane, MAX_LANE, Order, WAITS_S, WebhookState, order_key,
};
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

async fn world_of(more: NewEndpoint) -> (World, Caller, EndpointId) {
    let world = World::new();
    let owner = world.owner(1).await;
    let new = NewEndpoint { order: Order::Key, url: "https://a.example".into(), ..more };
    let (id, _) = registered(&world, &owner, &new, "a").await.unwrap();
    (world, owner, id)
}

async fn ordered() -> (World, Caller, EndpointId) {
    world_of(NewEndpoint::default()).await
}

/// Something happens to account `n`, a second after whatever happened before.
fn happens(world: &World, owner: &Caller, n: u128) -> Event {
    world.clock.pass(1);
    let account_id = domain::AccountId::from_uuid(Uuid::from_u128(n));
    let facts = AccountFacts { account_id, platform: "chirp".parse().unwrap(), reason: None };
    world.deps.events(owner.tenant, "test", [EventData::AccountConnected(facts)]).remove(0)
}

async fn told(world: &World, event: &Event) {
    fan_out(&Batch::default(), &world.deps, event, Visit::FIRST).await.unwrap();
}

/// The first of a line, which is not taken and waits five seconds, and `n` behind it.
async fn line(world: &World, owner: &Caller, n: usize) -> Vec<Event> {
    world.outbound.answer(Some(500));
    let events: Vec<Event> = (0..=n).map(|_| happens(world, owner, 9)).collect();
    for event in &events {
        told(world, event).await;
    }
    events
}

/// Which events arrived, each by its place in `events`.
fn arrived(world: &World, events: &[Event]) -> Vec<usize> {
    let place = |id: &String| events.iter().position(|event| event.id.to_string() == *id);
    world.outbound.arrived.lock().unwrap().iter().filter_map(|arrived| place(&arrived.id)).collect()
}

async fn lane(world: &World, id: EndpointId, event: &Event) -> Option<Lane> {
    let key = order_key(&event.data).unwrap();
    world.deps.ledger.lane(event.tenant, id, &key).await.unwrap().map(|lane| lane.value)
}

/// Nothing stands in the lane of an event any more.
async fn is_empty(world: &World, id: EndpointId, event: &Event) -> bool {
    lane(world, id, event).await.is_none_or(|lane| lane.line.is_empty())
}

async fn dead_of(world: &World, event: &Event, id: EndpointId) -> Option<String> {
    match message(world, event, id).await.state {
        WebhookState::Dead { reason, .. } => Some(reason),
        _ => None,
    }
}

async fn is_delivered(world: &World, event: &Event, id: EndpointId) -> bool {
    matches!(message(world, event, id).await.state, WebhookState::Delivered { .. })
}

/// Lets time pass until nothing is due any more, and has `workers` at once look at each message when its time comes, and not before. How
/// many looks that took.
async fn drained(world: &World, id: EndpointId, events: &[Event], workers: usize) -> usize {
    for looks in 0.. {
        let mut due = Vec::new();
        for event in events {
            due.extend(message(world, event, id).await.wake.map(|wake| (wake.at, event)));
        }
        let Some((at, event)) = due.into_iter().min_by_key(|(at, _)| *at) else { return looks };
        let ms = at.duration_since(world.deps.clock.now()).as_millis().max(0);
        world.clock.pass(i64::try_from((ms + 999) / 1_000).unwrap());
        join_all((0..workers).map(|_| attempted(world, event, id))).await;
        assert!(looks < 1_000, "it never ends");
    }
    0
}

#[tokio::test]
async fn of_one_key_one_goes_at_a_time_as_it_happened_however_shuffled_and_doubled_they_come() {
    for order in [[5, 2, 7, 1, 3, 6, 4], [7, 6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6, 7]] {
        let (world, owner, id) = ordered().await;
        world.outbound.answer(Some(500));
        let events: Vec<Event> = (0..8).map(|_| happens(&world, &owner, 9)).collect();
        let other = happens(&world, &owner, 8);
        told(&world, &events[0]).await;
        let twice = order.iter().flat_map(|n| [&events[*n], &events[*n]]);
        join_all(twice.map(|event| told(&world, event))).await;
        assert_eq!(arrived(&world, &events), [0], "it was not taken, and the others stand behind it");
        told(&world, &other).await;
        assert!(is_delivered(&world, &other, id).await, "what belongs to something else does not wait");
        for event in &events[1..] {
            let behind = message(&world, event, id).await;
            assert_eq!((&behind.state, behind.wake), (&WebhookState::Pending, None));
            assert_eq!(attempted(&world, event, id).await, Attempted::Waits { carried: None }, "nor does its queue");
        }
        drained(&world, id, &events, 2).await;
        assert_eq!(arrived(&world, &events), [0, 0, 1, 2, 3, 4, 5, 6, 7], "{order:?}");
        for event in &events {
            assert!(is_delivered(&world, event, id).await);
        }
        assert!(is_empty(&world, id, &events[0]).await);
    }
}

#[tokio::test]
async fn many_workers_that_are_brought_a_line_at_once_keep_its_order() {
    let (world, owner, id) = ordered().await;
    let events: Vec<Event> = (0..20).map(|_| happens(&world, &owner, 9)).collect();
    let thrice = [&events, &events, &events].into_iter().flatten();
    join_all(thrice.map(|event| told(&world, event))).await;
    drained(&world, id, &events, 3).await;
    let all = arrived(&world, &events);
    assert_eq!(all, (0..20).collect::<Vec<_>>(), "each once, in order");
}

#[tokio::test]
async fn a_head_that_is_given_up_is_seen_dead_and_the_next_goes_with_a_whole_life_of_its_own() {
    let (world, owner, id) = ordered().await;
    let events: Vec<Event> = (0..2).map(|_| happens(&world, &owner, 9)).collect();
    for _ in 0..=WAITS_S.len() {
        world.outbound.answer(Some(500));
    }
    for event in &events {
        told(&world, event).await;
    }
    drained(&world, id, &events, 1).await;
    assert_eq!(dead_of(&world, &events[0], id).await.as_deref(), Some(EXHAUSTED));
    assert_eq!(arrived(&world, &events), [[0; 10].as_slice(), &[1]].concat());
    let next = message(&world, &events[1], id).await;
    assert!(matches!(next.state, WebhookState::Delivered { .. }) && next.stood_s > 2 * 86_400, "{next:?}");
}

#[tokio::test]
async fn who_says_that_it_is_gone_and_who_is_deleted_or_off_has_its_whole_line_end_at_once_and_visibly() {
    for (how, reason) in [("gone", DISABLED), ("off", DISABLED), ("deleted", DELETED)] {
        let (world, owner, id) = ordered().await;
        let events = line(&world, &owner, 4).await;
        match how {
            "gone" => world.outbound.answer(Some(410)),
            "off" => edited(&world, &owner, id, how, &switch(false)).await,
            _ => drop(remove_endpoint(&world.deps, &owner, id, &once(how), &shown).await.unwrap()),
        }
        assert_eq!(drained(&world, id, &events, 1).await, 1, "{how}: one look ends all");
        let first = if how == "gone" { "gone" } else { reason };
        assert_eq!(dead_of(&world, &events[0], id).await.as_deref(), Some(first));
        for event in &events[1..] {
            assert_eq!(dead_of(&world, event, id).await.as_deref(), Some(reason), "{how}");
        }
        assert!(is_empty(&world, id, &events[0]).await);
    }
}

#[tokio::test]
async fn what_happens_while_an_endpoint_is_off_stands_before_nothing_once_it_is_on() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, 1).await;
    edited(&world, &owner, id, "off", &switch(false)).await;
    let missed = happens(&world, &owner, 9);
    told(&world, &missed).await;
    assert_eq!(dead_of(&world, &missed, id).await.as_deref(), Some(DISABLED));
    assert_eq!(lane(&world, id, &missed).await.unwrap().line.len(), 2, "it joined nothing");
    drained(&world, id, &events, 1).await;
    edited(&world, &owner, id, "on", &switch(true)).await;
    let next = happens(&world, &owner, 9);
    told(&world, &next).await;
    assert!(is_delivered(&world, &next, id).await);
}

#[tokio::test]
async fn who_does_not_get_into_a_full_lane_is_seen_dead_and_can_be_sent_again_and_a_full_one_empties_in_one_go() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, MAX_LANE - 1).await;
    let full = lane(&world, id, &events[0]).await.unwrap();
    assert_eq!(full.line.len(), MAX_LANE);
    let late = happens(&world, &owner, 9);
    for receives in 1..3 {
        fan_out(&Batch::default(), &world.deps, &late, Visit { receives }).await.unwrap();
    }
    assert_eq!(dead_of(&world, &late, id).await.as_deref(), Some(LANE_FULL));
    assert_eq!(lane(&world, id, &late).await.unwrap(), full, "and takes nobody's place");
    assert_eq!(drained(&world, id, &events, 1).await, 1, "whoever ends the head goes on with all of them");
    assert_eq!(arrived(&world, &events)[1..], (0..MAX_LANE).collect::<Vec<_>>());
    resend(&world.deps, &owner, id, late.id, &once("again"), &shown).await.unwrap();
    assert_eq!(attempted(&world, &late, id).await, Attempted::Delivered);
}

#[tokio::test]
async fn what_is_sent_again_or_to_try_an_endpoint_out_stands_beside_the_order() {
    let (world, owner, id) = ordered().await;
    let early = happens(&world, &owner, 9);
    told(&world, &early).await;
    let mut events = line(&world, &owner, 2).await;
    let encode = |test: &TestSent| StoredReply { status: 202, body: test.event.to_string() };
    for named in [None, Some("account.connected")] {
        let key = format!("{named:?}");
        let sent = send_test(&world.deps, &owner, id, named, &once(&key), &encode).await.unwrap();
        let test = Event { id: sent.stored.body.parse().unwrap(), ..early.clone() };
        assert_eq!(attempted(&world, &test, id).await, Attempted::Delivered, "{key}");
    }
    resend(&world.deps, &owner, id, early.id, &once("r"), &shown).await.unwrap();
    assert_eq!(attempted(&world, &early, id).await, Attempted::Delivered);
    let range = Range { since: early.at, until: None, every: true };
    let encode = |begun: &domain::webhooks::Recovery| StoredReply { status: 202, body: begun.id.to_string() };
    world.clock.pass(1);
    let begun = recover(&world.deps, &owner, id, range, &once("all"), &encode).await.unwrap();
    go_on(&world.deps, owner.tenant, id, begun.stored.body.parse().unwrap(), Visit::FIRST).await.unwrap();
    assert!(message(&world, &early, id).await.wake.is_some(), "a replay sends it again");
    for event in &events[1..] {
        assert_eq!(message(&world, event, id).await.wake, None, "and leaves alone what stands in line");
        let refused = resend(&world.deps, &owner, id, event.id, &once(&event.id.to_string()), &shown).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "wrong_state", .. })), "{refused:?}");
    }
    events.insert(0, early);
    drained(&world, id, &events, 2).await;
    let all = arrived(&world, &events);
    assert_eq!(all.iter().filter(|n| **n > 0).copied().collect::<Vec<_>>(), [1, 1, 2, 3], "{all:?}");
}

#[tokio::test]
async fn without_an_order_nothing_more_is_read_or_written_and_with_one_a_lane_each_time() {
    let mut calls = Vec::new();
    for order in [Order::None, Order::Key] {
        let (world, owner, id) = world_of(NewEndpoint::default()).await;
        edited(&world, &owner, id, "order", &EndpointEdit { order: Some(order), ..EndpointEdit::default() }).await;
        let count = || (world.faults.calls.load(Ordering::SeqCst), world.faults.writes.load(Ordering::SeqCst));
        let before = count();
        told(&world, &happens(&world, &owner, 9)).await;
        let after = count();
        calls.push((after.0 - before.0, after.1 - before.1));
        assert_eq!(world.items().iter().any(|item| item.kind == "lane"), order == Order::Key);
    }
    // The endpoints, and the message with what came of it.
    assert_eq!(calls[0], (2, 1));
    // The endpoints, the message as it is made and its end, and the lane as it joins, as it leaves and as whoever ended it looks for the
    // next; it is written with the message.
    assert_eq!(calls[1], (6, 2));
}

pub(super) async fn edited(world: &World, owner: &Caller, id: EndpointId, key: &str, edit: &EndpointEdit) {
    let rev = endpoint(&world.deps, owner, id).await.unwrap().rev;
    let base_url = "https://herald.example";
    edit_endpoint(&world.deps, owner, id, rev, edit, base_url, &once(key), &shown).await.unwrap();
}

fn switch(on: bool) -> EndpointEdit {
    EndpointEdit { on: Some(on), ..EndpointEdit::default() }
}

fn order(order: Order) -> EndpointEdit {
    EndpointEdit { order: Some(order), ..EndpointEdit::default() }
}
