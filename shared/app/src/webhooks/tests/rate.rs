//! An endpoint's own limit of requests a minute.

mod meanwhile;

use super::super::rate::{Turn, ahead, turn};
use super::delivery::{attempted, message};
use super::*;
use crate::fakes::shown;
use domain::webhooks::{EXHAUSTED, LINE_D, LINE_FULL, MAX_RATE, Recovery, Turnstile, WAITS_S, WebhookState};
use futures_util::future::join_all;
use jiff::SignedDuration;
use ports::{Listener, Record, Write};
use std::sync::atomic::Ordering;

fn limited(rate: u32) -> NewEndpoint {
    NewEndpoint { rate_per_minute: Some(rate), ..new("https://a.example", &[]) }
}

async fn world_of(rate: u32) -> (World, Caller, EndpointId) {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &limited(rate), "a").await.unwrap();
    (world, owner, id)
}

async fn told(world: &World, owner: &Caller, n: usize) -> Vec<Event> {
    let events: Vec<Event> = (0..n).map(|_| happened(world, owner)).collect();
    for event in &events {
        fan_out(&Batch::default(), &world.deps, event, Visit::FIRST).await.unwrap();
    }
    events
}

async fn listener(world: &World, owner: &Caller, id: EndpointId) -> Listener {
    world.deps.ledger.listener(owner.tenant, id).await.unwrap().unwrap()
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

/// Lets time pass until nothing waits any more, and has `workers` at once look at each message when its time comes, and not before.
/// How many looks that took.
async fn drained(world: &World, endpoint: EndpointId, events: &[Event], workers: usize) -> usize {
    let mut looks = 0;
    let mut waiting: Vec<&Event> = events.iter().collect();
    loop {
        let mut due = Vec::new();
        let mut left = Vec::new();
        for event in waiting {
            if let Some(wake) = message(world, event, endpoint).await.wake {
                left.push(event);
                due.push((wake.at, event));
            }
        }
        waiting = left;
        let Some(next) = due.iter().map(|(at, _)| *at).min() else { return looks };
        let now = world.deps.clock.now();
        world.clock.pass(i64::try_from((next.duration_since(now).as_millis().max(0) + 999) / 1_000).unwrap());
        let now = world.deps.clock.now();
        for (_, event) in due.iter().filter(|(at, _)| *at <= now) {
            looks += 1;
            join_all((0..workers).map(|_| attempted(world, event, endpoint))).await;
        }
    }
}

#[tokio::test]
async fn what_is_over_an_endpoints_limit_stands_in_line_and_no_minute_has_more_with_two_workers_at_each() {
    for (rate, n) in [(1, 6), (3, 40), (20, 90)] {
        let (world, owner, id) = world_of(rate).await;
        let events: Vec<Event> = (0..n).map(|_| happened(&world, &owner)).collect();
        let both = events.iter().flat_map(|event| [event, event]);
        let told = async |event| fan_out(&Batch::default(), &world.deps, event, Visit::FIRST).await;
        for done in join_all(both.map(told)).await {
            done.unwrap();
        }
        assert!(arrived(&world).len() <= rate as usize);
        drained(&world, id, &events, 2).await;
        assert_eq!(arrived(&world).len(), n, "each once");
        assert!(most_in_a_minute(&arrived(&world)) <= rate as usize, "{:?}", arrived(&world));
        for event in &events {
            let over = message(&world, event, id).await;
            assert!(matches!(over.state, WebhookState::Delivered { .. }) && over.attempts.len() == 1, "{over:?}");
            assert_eq!(over.place, None);
        }
    }
}

#[tokio::test]
async fn a_long_line_costs_each_message_one_more_look_and_two_more_writes_and_no_more_when_it_is_longer() {
    for n in [100_u32, 300] {
        let (world, owner, id) = world_of(10).await;
        let before = world.faults.writes.load(Ordering::SeqCst);
        let events = told(&world, &owner, n as usize).await;
        assert_eq!(arrived(&world).len(), 10);
        let looks = drained(&world, id, &events, 1).await;
        assert_eq!((arrived(&world).len(), looks), (n as usize, n as usize - 10));
        // One that goes at once: it is made, counted, and its outcome kept. One that waits: booked and made, claimed, counted, kept.
        assert_eq!(world.faults.writes.load(Ordering::SeqCst) - before, 10 * 3 + (n - 10) * 5);
        assert!(most_in_a_minute(&arrived(&world)) <= 10);
    }
}

#[tokio::test]
async fn who_comes_before_its_place_writes_nothing_and_books_nothing() {
    let (world, owner, id) = world_of(1).await;
    let events = told(&world, &owner, 3).await;
    let (last, line) = (message(&world, &events[2], id).await, listener(&world, &owner, id).await.turnstile);
    let before = world.faults.writes.load(Ordering::SeqCst);
    for receives in 1..=20 {
        let visit = Visit { receives };
        let done = attempt(&world.deps, owner.tenant, id, events[2].id, "test", visit).await.unwrap();
        assert!(matches!(done, Attempted::Waits { .. }) || receives > 8 && done == Attempted::Idle, "{done:?}");
    }
    assert_eq!(world.faults.writes.load(Ordering::SeqCst), before);
    assert_eq!(message(&world, &events[2], id).await, last);
    assert_eq!(listener(&world, &owner, id).await.turnstile, line);
}

#[tokio::test]
async fn workers_that_know_an_old_count_let_no_more_through_than_the_limit() {
    let (world, owner, id) = world_of(3).await;
    let event = told(&world, &owner, 1).await.remove(0);
    let new = message(&world, &event, id).await.again(true, world.deps.clock.now()).unwrap();
    let stale = Listener { turnstile: None, ..listener(&world, &owner, id).await };
    let mut turns = Vec::new();
    for _ in 0..8 {
        turns.push(turn(&world.deps, &stale, &new).await.unwrap());
    }
    let places: Vec<_> = turns.iter().filter_map(|t| if let Turn::Stands(at) = t { Some(*at) } else { None }).collect();
    assert_eq!((turns[..2].to_vec(), places.len()), (vec![Turn::Goes; 2], 6), "one went before: {turns:?}");
    assert!(places.is_sorted(), "who comes later goes later");
}

/// As if places were given away for so many days.
async fn line_of(world: &World, owner: &Caller, id: EndpointId, rate: u32, length: SignedDuration) {
    let known = listener(world, owner, id).await.turnstile;
    let now = world.deps.clock.now();
    let line = vec![((now + length).as_second() / 5, 1)];
    let next = Turnstile { line, ..Turnstile::new(owner.tenant, id, rate, now) };
    let write = match &known {
        Some(known) => Write::replace(known, Record::Turnstile(next)),
        None => Write::create(Record::Turnstile(next)),
    };
    world.deps.ledger.commit(vec![write]).await.unwrap();
}

#[tokio::test]
async fn nothing_ends_because_it_stood_in_line_and_a_message_has_its_whole_schedule_after_that() {
    let (world, owner, id) = world_of(1).await;
    for _ in 0..=WAITS_S.len() {
        world.outbound.answer(Some(500));
    }
    let event = happened(&world, &owner);
    line_of(&world, &owner, id, 1, SignedDuration::from_hours(24 * LINE_D) - SignedDuration::from_mins(5)).await;
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    let mut seen = 0;
    loop {
        let m = message(&world, &event, id).await;
        let Some(wake) = m.wake else { break };
        world.clock.pass(wake.at.duration_since(world.deps.clock.now()).as_secs() + 1);
        // Before each of its tries there is a line of three days.
        if m.place.is_none() {
            line_of(&world, &owner, id, 1, SignedDuration::from_hours(24 * LINE_D)).await;
        }
        attempted(&world, &event, id).await;
        // So that it is not switched off meanwhile, as one that takes nothing for five days is.
        let on = EndpointEdit { on: Some(true), ..EndpointEdit::default() };
        changed(&world, &owner, id, &on, &format!("on {seen}")).await.unwrap();
        seen += 1;
        assert!(seen < 40, "{m:?}");
    }
    let ended = message(&world, &event, id).await;
    assert!(matches!(&ended.state, WebhookState::Dead { reason, .. } if reason == EXHAUSTED), "{:?}", ended.state);
    assert_eq!(ended.attempts.len(), 10);
    assert!(ended.stood_s > 29 * 86_400 && world.deps.clock.now() > event.at + SignedDuration::from_hours(24 * 30));
}

#[tokio::test]
async fn what_does_not_get_into_the_line_any_more_is_dead_visibly_and_can_be_sent_again() {
    let (world, owner, id) = world_of(1).await;
    line_of(&world, &owner, id, 1, SignedDuration::from_hours(24 * LINE_D)).await;
    let line = listener(&world, &owner, id).await.turnstile;
    let event = told(&world, &owner, 1).await.remove(0);
    let full = |state: &WebhookState| matches!(state, WebhookState::Dead { reason, .. } if reason == LINE_FULL);
    assert!(full(&message(&world, &event, id).await.state));
    let test = send_test(&world.deps, &owner, id, None, &once("t"), &shown).await.unwrap();
    assert_eq!(test.stored.status, 200);
    assert_eq!(listener(&world, &owner, id).await.turnstile, line, "and it takes no place");
    world.clock.pass(24 * LINE_D * 3_600 + 100);
    resend(&world.deps, &owner, id, event.id, &once("r"), &shown).await.unwrap();
    assert_eq!(attempted(&world, &event, id).await, Attempted::Delivered);
    assert_eq!(arrived(&world).len(), 1);
}

#[tokio::test]
async fn what_is_sent_again_or_to_try_an_endpoint_out_stands_in_the_same_line() {
    let (world, owner, id) = world_of(2).await;
    let start = world.deps.clock.now();
    let mut events = told(&world, &owner, 2).await;
    let encode = |test: &TestSent| StoredReply { status: 202, body: test.event.to_string() };
    let sent = send_test(&world.deps, &owner, id, None, &once("t"), &encode).await.unwrap();
    let test = Event { id: sent.stored.body.parse().unwrap(), ..events[0].clone() };
    resend(&world.deps, &owner, id, events[0].id, &once("r"), &shown).await.unwrap();
    for event in [&test, &events[0]] {
        assert!(matches!(attempted(&world, event, id).await, Attempted::Waits { .. }));
        assert!(message(&world, event, id).await.place.is_some());
    }
    events.push(test);
    drained(&world, id, &events, 1).await;
    let encode = |begun: &Recovery| StoredReply { status: 202, body: begun.id.to_string() };
    let range = Range { since: start, until: None, every: true };
    let begun = recover(&world.deps, &owner, id, range, &once("all"), &encode).await.unwrap();
    go_on(&world.deps, owner.tenant, id, begun.stored.body.parse().unwrap(), Visit::FIRST).await.unwrap();
    drained(&world, id, &events, 2).await;
    assert_eq!(arrived(&world).len(), 7);
    assert!(most_in_a_minute(&arrived(&world)) <= 2, "{:?}", arrived(&world));
}

#[tokio::test]
async fn an_endpoint_that_asks_to_be_left_alone_is_and_the_line_goes_on_after_that() {
    let (world, owner, id) = world_of(2).await;
    let events = told(&world, &owner, 4).await;
    let (third, fourth) = (message(&world, &events[2], id).await, message(&world, &events[3], id).await);
    let asked = ports::WebhookAnswer { status: Some(429), retry_after_s: Some(600), ..Default::default() };
    world.outbound.answers.lock().unwrap().push_back(asked);
    world.clock.pass(third.place.unwrap().duration_since(world.deps.clock.now()).as_secs() + 1);
    attempted(&world, &events[2], id).await;
    let quiet_until = listener(&world, &owner, id).await.pace.unwrap().value.quiet_until.unwrap();
    world.clock.pass(fourth.place.unwrap().duration_since(world.deps.clock.now()).as_secs().max(0) + 1);
    assert!(matches!(attempted(&world, &events[3], id).await, Attempted::Waits { .. }));
    let put_off = message(&world, &events[3], id).await;
    assert_eq!((put_off.attempts.len(), put_off.place), (0, fourth.place), "it keeps its place");
    assert!(put_off.wake.unwrap().at >= quiet_until);
    let more = told(&world, &owner, 3).await;
    let all: Vec<Event> = events.into_iter().chain(more).collect();
    drained(&world, id, &all, 2).await;
    let times = arrived(&world);
    assert_eq!(times.len(), 8, "seven, one of them twice");
    assert!(times[3..].iter().all(|at| *at >= quiet_until.as_second()), "{times:?} {quiet_until}");
    assert!(most_in_a_minute(&times) <= 2, "{times:?}");
}

async fn changed(world: &World, owner: &Caller, id: EndpointId, edit: &EndpointEdit, key: &str) -> Result<(), Error> {
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    let base = "https://herald.example";
    edit_endpoint(&world.deps, owner, id, found.rev, edit, base, &once(key), &shown).await.map(drop)
}

fn rate(rate: u32) -> EndpointEdit {
    EndpointEdit { rate_per_minute: Some(rate), ..EndpointEdit::default() }
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted_and_a_limit_lies_in_its_range() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    told(&world, &owner, 10).await;
    assert_eq!(arrived(&world).len(), 10);
    assert!(listener(&world, &owner, id).await.turnstile.is_none());
    let out = |done: &Result<(), Error>| {
        let Err(Error::Invalid(found)) = done else { return false };
        found[0].code == "out_of_range" && found[0].field == "/rate_per_minute"
    };
    for (key, n, fine) in [("0", 0, false), ("1", 1, true), ("m", MAX_RATE, true), ("o", MAX_RATE + 1, false)] {
        let done = registered(&world, &owner, &limited(n), key).await.map(drop);
        assert_eq!((done.is_ok(), out(&done)), (fine, !fine), "{n}");
        let changed = changed(&world, &owner, id, &rate(n), &format!("c{key}")).await;
        let fine = n <= MAX_RATE;
        assert_eq!((changed.is_ok(), out(&changed)), (fine, !fine), "{n}");
    }
}
