//! Waits: the first retry's, those an endpoint asks for, and the days after which it is off.

use super::delivery::{attempted, message};
use super::*;
use domain::webhooks::{ASKED_TO_WAIT, DISABLED, EndpointStatus, FAILING, WebhookState};
use jiff::{SignedDuration, Timestamp};
use ports::{WebhookAnswer, Write};

const AGAIN: Visit = Visit { receives: 2 };

fn refuse(world: &World, status: u16, retry_after_s: Option<u64>) {
    let answer =
        WebhookAnswer { status: Some(status), excerpt: String::new(), retry_after_s, ..WebhookAnswer::default() };
    world.outbound.answers.lock().unwrap().push_back(answer);
}

fn arrived(world: &World) -> usize {
    world.outbound.arrived.lock().unwrap().len()
}

async fn told(world: &World, event: &Event, visit: Visit) -> Option<Timestamp> {
    fan_out(&Batch::default(), &world.deps, event, visit).await.unwrap().again_at
}

fn in_s(world: &World, seconds: i64) -> Timestamp {
    world.deps.clock.now() + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn the_first_retry_comes_after_five_seconds_by_the_message_that_brought_the_event() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    registered(&world, &owner, &new("https://b.example", &[]), "b").await.unwrap();
    refuse(&world, 500, None);
    refuse(&world, 500, None);
    let event = happened(&world, &owner);
    let mut visits = 0;
    while let Some(at) = told(&world, &event, Visit { receives: visits + 1 }).await {
        visits += 1;
        let seconds = seconds_until(&world.deps, at);
        assert!((1..=6).contains(&seconds), "{seconds}");
        world.clock.pass(seconds.into());
    }
    assert!(arrived(&world) == 4 && visits <= 2, "{visits} more visits for two endpoints");
    let attempts = message(&world, &event, id).await.attempts;
    let waited = attempts[1].at.duration_since(attempts[0].at).as_secs();
    assert!((4..=6).contains(&waited), "{waited} s");
}

#[tokio::test]
async fn a_delivery_that_is_taken_at_once_is_one_write_and_nothing_is_kept_of_the_endpoint() {
    let world = World::new();
    let owner = world.owner(1).await;
    registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let before = world.items().len();
    assert_eq!(told(&world, &happened(&world, &owner), Visit::FIRST).await, None);
    let items = world.items();
    assert_eq!(items.len(), before + 1);
    let message = items.iter().find(|item| item.kind == "message").unwrap();
    assert_eq!((message.rev, &message.due), (1, &None));
}

#[tokio::test]
async fn an_event_that_is_brought_once_more_makes_no_write_for_what_is_over() {
    let world = World::new();
    let owner = world.owner(1).await;
    registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let event = happened(&world, &owner);
    told(&world, &event, Visit::FIRST).await;
    world.faults.writes_fail.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(told(&world, &event, AGAIN).await, None, "it would fail if it wrote");
    assert_eq!(arrived(&world), 1);
}

#[tokio::test]
async fn one_endpoints_wait_holds_all_its_messages_and_no_others() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &["account.connected"]), "a").await.unwrap();
    refuse(&world, 429, Some(90_000));
    let until = in_s(&world, 90_000);
    let first = happened(&world, &owner);
    told(&world, &first, Visit::FIRST).await;
    registered(&world, &owner, &new("https://b.example", &[]), "b").await.unwrap();
    world.clock.pass(60);
    let second = happened(&world, &owner);
    told(&world, &second, Visit::FIRST).await;
    assert_eq!(arrived(&world), 2, "the first event to one endpoint, the second to the other");
    let waiting = message(&world, &second, id).await;
    assert_eq!((waiting.attempts.len(), &waiting.state), (0, &WebhookState::Pending));
    assert!(waiting.wake.unwrap().at >= until && waiting.wake.unwrap().at <= until + SignedDuration::from_secs(61));
    world.clock.pass(90_000 - 61);
    for event in [&first, &second] {
        assert!(matches!(attempted(&world, event, id).await, Attempted::Waits { .. } | Attempted::Idle));
    }
    assert_eq!(arrived(&world), 2, "a second before");
    world.clock.pass(62);
    for event in [&first, &second] {
        assert_eq!(attempted(&world, event, id).await, Attempted::Delivered);
    }
}

#[tokio::test]
async fn what_was_due_meanwhile_is_put_off_without_an_attempt() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    refuse(&world, 500, None);
    let first = happened(&world, &owner);
    told(&world, &first, Visit::FIRST).await;
    refuse(&world, 503, Some(7_200));
    told(&world, &happened(&world, &owner), Visit::FIRST).await;
    world.clock.pass(10);
    assert_eq!(attempted(&world, &first, id).await, Attempted::Waits { carried: None });
    let put_off = message(&world, &first, id).await;
    assert_eq!(put_off.attempts.len(), 1);
    assert!(put_off.wake.unwrap().at >= in_s(&world, 7_190));
    assert_eq!(arrived(&world), 2);
}

#[tokio::test]
async fn an_endpoint_that_asks_for_longer_than_a_message_lives_leaves_it_dead_and_says_why() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    refuse(&world, 429, Some(u64::MAX));
    let events = [happened(&world, &owner), happened(&world, &owner)];
    for event in &events {
        told(&world, event, Visit::FIRST).await;
        let state = message(&world, event, id).await.state;
        assert!(matches!(state, WebhookState::Dead { reason, .. } if reason == ASKED_TO_WAIT));
    }
    assert_eq!(arrived(&world), 1);
}

#[tokio::test]
async fn an_endpoint_that_is_off_still_gets_its_messages_which_end_at_once() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &["account.connected"]), "a").await.unwrap();
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    let status = EndpointStatus::Disabled { since: world.deps.clock.now(), reason: "by_hand".into() };
    let off = domain::webhooks::Endpoint { status, ..found.value.clone() };
    world.deps.ledger.commit(vec![Write::replace(&found, ports::Record::Endpoint(off))]).await.unwrap();
    let event = happened(&world, &owner);
    for visit in [Visit::FIRST, AGAIN] {
        let done = fan_out(&Batch::default(), &world.deps, &event, visit).await.unwrap();
        assert_eq!(done, FanOut::default());
    }
    let kept = message(&world, &event, id).await;
    assert!(matches!(&kept.state, WebhookState::Dead { reason, .. } if reason == DISABLED));
    assert!(kept.wake.is_none() && kept.body.contains(&event.id.to_string()));
    assert_eq!(arrived(&world), 0);
}

#[tokio::test]
async fn an_endpoint_that_only_fails_is_told_of_after_three_days_and_switched_off_after_five() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let mut said = Vec::new();
    for hour in 0..=121 {
        refuse(&world, 500, None);
        let event = happened(&world, &owner);
        told(&world, &event, Visit::FIRST).await;
        let told = std::mem::take(&mut *world.outbound.told.lock().unwrap());
        for kind in told {
            said.push((hour, kind.data.kind()));
            // Whoever it tells of does not hear it itself.
            assert_eq!(fan_out(&Batch::default(), &world.deps, &kind, Visit::FIRST).await.unwrap().wanting, 0);
            assert!(world.deps.ledger.message(owner.tenant, id, kind.id).await.unwrap().is_none());
        }
        world.clock.pass(3_600);
    }
    assert_eq!(said, [(72, "endpoint.failing"), (120, "endpoint.disabled")]);
    let endpoint = endpoints(&world.deps, &owner).await.unwrap().remove(0);
    assert!(matches!(endpoint.status, EndpointStatus::Disabled { reason, .. } if reason == FAILING));
    assert_eq!(arrived(&world), 121);
    let audited = world.audited(owner.tenant).await;
    assert!(audited.ends_with(&["endpoint.failing".into(), "endpoint.disabled".into()]), "{audited:?}");
}

#[tokio::test]
async fn what_is_new_for_an_endpoint_that_is_left_alone_for_seconds_comes_by_its_own_message() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    refuse(&world, 503, None);
    told(&world, &happened(&world, &owner), Visit::FIRST).await;
    let second = happened(&world, &owner);
    let at = told(&world, &second, Visit::FIRST).await.unwrap();
    assert_eq!((arrived(&world), message(&world, &second, id).await.attempts.len()), (1, 0));
    world.clock.pass(seconds_until(&world.deps, at).into());
    assert_eq!(told(&world, &second, AGAIN).await, None);
    assert!(matches!(message(&world, &second, id).await.state, WebhookState::Delivered { .. }));
}

#[tokio::test]
async fn an_endpoint_that_asks_for_ever_is_told_of_at_once_shown_as_quiet_and_off_after_five_days() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    refuse(&world, 503, Some(1_767_225_600));
    let mut said = Vec::new();
    for hour in 0..=121 {
        let event = happened(&world, &owner);
        told(&world, &event, Visit::FIRST).await;
        let told = std::mem::take(&mut *world.outbound.told.lock().unwrap());
        said.extend(told.iter().map(|event| (hour, event.data.kind())));
        if hour == 0 {
            let (_, Health { quiet_until: until, .. }) = endpoint_with_health(&world.deps, &owner, id).await.unwrap();
            assert_eq!(until, Some(in_s(&world, 1_767_225_600)));
            assert_eq!(endpoints_with_health(&world.deps, &owner).await.unwrap()[0].1.quiet_until, until);
        }
        world.clock.pass(3_600);
    }
    assert_eq!(said, [(0, "endpoint.failing"), (120, "endpoint.disabled")]);
    assert_eq!(arrived(&world), 1, "the wait itself is obeyed");
}

#[tokio::test]
async fn an_endpoint_that_took_something_while_the_last_failure_was_under_way_stays_on() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    for hours in [72, 48] {
        refuse(&world, 500, None);
        told(&world, &happened(&world, &owner), Visit::FIRST).await;
        world.clock.pass(hours * 3_600);
    }
    let stale = world.deps.ledger.listener(owner.tenant, id).await.unwrap().unwrap();
    assert!(stale.endpoint.value.is_on() && stale.pace.as_ref().unwrap().value.noticed_at.is_some());
    told(&world, &happened(&world, &owner), Visit::FIRST).await;
    let at = world.deps.clock.now();
    let attempt = domain::webhooks::WebhookAttempt { at, status: Some(500), ..Default::default() };
    let answer = domain::webhooks::Answer { attempt, retry_after_s: None };
    super::super::pace::learn(&world.deps, &stale, &answer, "test").await;
    assert!(endpoint(&world.deps, &owner, id).await.unwrap().value.is_on());
}
