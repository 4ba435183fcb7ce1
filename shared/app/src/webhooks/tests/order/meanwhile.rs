//! What happens to a lane meanwhile: crashes, changes of the order, limits and waits.

use super::super::super::lane;
use super::*;
use ports::{Record, Write};

/// A worker that died: it holds the message, and its lease is over.
async fn died(world: &World, id: EndpointId, event: &Event) {
    let found = world.deps.ledger.message(event.tenant, id, event.id).await.unwrap().unwrap();
    let held = found.value.claimed("dead", world.deps.clock.now()).unwrap();
    world.deps.ledger.commit(vec![Write::replace(&found, Record::WebhookMessage(held))]).await.unwrap();
    world.clock.pass(61);
}

#[tokio::test]
async fn a_crash_leaves_the_head_to_its_lease_or_the_next_in_the_due_index() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, 3).await;
    world.clock.pass(10);
    // Died with the head.
    died(&world, id, &events[0]).await;
    // Ended the head, and died before it went on.
    let found = world.deps.ledger.message(owner.tenant, id, events[0].id).await.unwrap().unwrap();
    let now = world.deps.clock.now();
    lane::replace(&world.deps, &found, found.value.dead("exhausted", now)).await.unwrap();
    let wake = message(&world, &events[1], id).await.wake.unwrap();
    assert_eq!((wake.at, wake.sent), (now, false), "the tick has it");
    assert_eq!(message(&world, &events[2], id).await.wake, None);
    died(&world, id, &events[1]).await;
    // The end is not taken by the store: the head is sent again, and nobody went before it.
    world.faults.fail_writes_after(1);
    let refused = attempt(&world.deps, owner.tenant, id, events[1].id, "test", Visit::FIRST).await;
    assert!(refused.is_err(), "{refused:?}");
    world.faults.writes_fail.store(false, Ordering::SeqCst);
    world.clock.pass(61);
    drained(&world, id, &events, 2).await;
    assert_eq!(arrived(&world, &events), [0, 1, 1, 2, 3], "at least once, and in order");
    assert!(is_empty(&world, id, &events[0]).await);
}

#[tokio::test]
async fn a_change_of_the_order_counts_for_the_next_event_and_what_stands_in_line_goes_on_in_its_order() {
    let (world, owner, id) = ordered().await;
    let mut events = line(&world, &owner, 2).await;
    edited(&world, &owner, id, "none", &order(Order::None)).await;
    let free = happens(&world, &owner, 9);
    told(&world, &free).await;
    assert!(is_delivered(&world, &free, id).await, "it does not wait for the line any more");
    edited(&world, &owner, id, "key", &order(Order::Key)).await;
    let last = happens(&world, &owner, 9);
    told(&world, &last).await;
    assert_eq!(lane_of(&world, id, &last).await, 4, "the line that still stands");
    events.push(last);
    drained(&world, id, &events, 2).await;
    assert_eq!(arrived(&world, &events), [0, 0, 1, 2, 3]);
    // What was under way before there was an order stands beside it.
    edited(&world, &owner, id, "none again", &order(Order::None)).await;
    let before = line(&world, &owner, 0).await.remove(0);
    edited(&world, &owner, id, "key again", &order(Order::Key)).await;
    let after = happens(&world, &owner, 9);
    told(&world, &after).await;
    assert!(is_delivered(&world, &after, id).await && message(&world, &before, id).await.wake.is_some());
}

async fn lane_of(world: &World, id: EndpointId, event: &Event) -> usize {
    lane(world, id, event).await.map_or(0, |lane| lane.line.len())
}

#[tokio::test]
async fn under_a_limit_only_the_head_has_a_place_in_line_and_both_are_kept() {
    let (world, owner, id) = world_of(NewEndpoint { rate_per_minute: Some(2), ..NewEndpoint::default() }).await;
    let events: Vec<Event> = (0..9).map(|n| happens(&world, &owner, 8 + n % 2)).collect();
    for event in &events {
        told(&world, event).await;
    }
    let mut placed = BTreeSet::new();
    for event in &events {
        if message(&world, event, id).await.place.is_some() {
            assert!(placed.insert(order_key(&event.data).unwrap()), "two of one key");
        }
    }
    assert_eq!(placed.len(), 2, "one of each");
    drained(&world, id, &events, 2).await;
    let all = arrived(&world, &events);
    for key in 0..2 {
        let of_key: Vec<usize> = all.iter().copied().filter(|n| n % 2 == key).collect();
        assert_eq!(of_key, (key..9).step_by(2).collect::<Vec<_>>(), "{all:?}");
    }
    let times: Vec<i64> = world.outbound.arrived.lock().unwrap().iter().map(|arrived| arrived.timestamp).collect();
    assert!(times.windows(3).all(|three| three[2] - three[0] >= 60), "{times:?}");
}

#[tokio::test]
async fn an_endpoint_that_asks_to_be_left_alone_costs_one_look_a_lane() {
    let (world, owner, id) = ordered().await;
    let asked = ports::WebhookAnswer { status: Some(429), retry_after_s: Some(600), ..Default::default() };
    world.outbound.answers.lock().unwrap().push_back(asked);
    let events: Vec<Event> = (0..12).map(|n| happens(&world, &owner, 7 + n % 3)).collect();
    for event in &events {
        told(&world, event).await;
    }
    assert_eq!(arrived(&world, &events), [0]);
    let mut waiting = 0;
    for event in &events {
        waiting += usize::from(message(&world, event, id).await.wake.is_some());
    }
    assert_eq!(waiting, 3, "one of each key");
    assert_eq!(drained(&world, id, &events, 1).await, 3, "and nobody looks before it is over");
    let all = arrived(&world, &events);
    for key in 0..3 {
        let of_key: Vec<usize> = all[1..].iter().copied().filter(|n| n % 3 == key).collect();
        assert_eq!(of_key, (key..12).step_by(3).collect::<Vec<_>>(), "{all:?}");
    }
}

#[tokio::test]
async fn one_that_ends_its_message_before_it_joins_stands_before_nobody() {
    let (world, owner, id) = ordered().await;
    let muted = ports::WebhookAnswer { status: Some(429), retry_after_s: Some(u64::MAX), ..Default::default() };
    world.outbound.answers.lock().unwrap().push_back(muted);
    let events: Vec<Event> = (0..3).map(|_| happens(&world, &owner, 9)).collect();
    for event in &events {
        told(&world, event).await;
        assert_eq!(dead_of(&world, event, id).await.as_deref(), Some("asked_to_wait"));
        assert!(is_empty(&world, id, event).await);
    }
}

#[tokio::test]
async fn a_head_that_ended_without_its_lane_or_was_never_woken_holds_nobody_up() {
    for ended in [true, false] {
        let (world, owner, id) = ordered().await;
        let mut events = line(&world, &owner, 2).await;
        // As a release writes it that knows no lanes; or as nobody does.
        let found = world.deps.ledger.message(owner.tenant, id, events[0].id).await.unwrap().unwrap();
        let state = if ended { WebhookState::Delivered { at: world.deps.clock.now() } } else { WebhookState::Pending };
        let lane = found.value.lane.clone().filter(|_| !ended);
        let alone = domain::webhooks::WebhookMessage { state, wake: None, lane, ..found.value.clone() };
        world.deps.ledger.commit(vec![Write::replace(&found, Record::WebhookMessage(alone))]).await.unwrap();
        let more = happens(&world, &owner, 9);
        told(&world, &more).await;
        events.push(more);
        drained(&world, id, &events, 2).await;
        let expected: &[usize] = if ended { &[0, 1, 2, 3] } else { &[0, 0, 1, 2, 3] };
        assert_eq!(arrived(&world, &events), expected);
        assert!(is_empty(&world, id, &events[0]).await);
    }
}

#[tokio::test]
async fn who_joins_behind_a_head_that_is_due_goes_on_with_the_lane() {
    let (world, owner, _) = ordered().await;
    let mut events = line(&world, &owner, 2).await;
    world.clock.pass(10);
    let last = happens(&world, &owner, 9);
    told(&world, &last).await;
    events.push(last);
    assert_eq!(arrived(&world, &events), [0, 0, 1, 2, 3], "all at once, and no tick came");
}

#[tokio::test]
async fn a_lane_that_cannot_be_written_keeps_no_other_endpoint_from_its_event() {
    let (world, owner, id) = ordered().await;
    let (plain, _) = registered(&world, &owner, &new("https://b.example", &[]), "b").await.unwrap();
    let event = happens(&world, &owner, 9);
    world.faults.fail_writes_after(1);
    assert!(fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.is_err(), "so that it comes again");
    world.faults.writes_fail.store(false, Ordering::SeqCst);
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 2);
    world.clock.pass(61);
    fan_out(&Batch::default(), &world.deps, &event, Visit { receives: 2 }).await.unwrap();
    for endpoint in [id, plain] {
        assert!(is_delivered(&world, &event, endpoint).await);
    }
}
