//! The first time that an event comes: the attempt, and then its record.

use super::delivery::message;
use super::*;
use crate::fakes::UNAVAILABLE;
use domain::webhooks::{Endpoint, EndpointStatus, GONE, WebhookMessage, WebhookState};
use futures_util::future::join;
use ports::{Record, Write};
use std::sync::atomic::Ordering::SeqCst;

const AGAIN: Visit = Visit { receives: 2 };

async fn world_of_one() -> (World, Caller, EndpointId) {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    (world, owner, id)
}

fn arrived(world: &World) -> Vec<String> {
    world.outbound.arrived.lock().unwrap().iter().map(|a| a.id.clone()).collect()
}

async fn kept(world: &World, event: &Event, id: EndpointId) -> Option<WebhookMessage> {
    world.deps.ledger.message(event.tenant, id, event.id).await.unwrap().map(|found| found.value)
}

/// Gives an endpoint this sealed secret; the one that it had.
async fn with_secret(world: &World, owner: &Caller, id: EndpointId, secret: &str) -> String {
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    let next = Endpoint { secret: secret.into(), ..found.value.clone() };
    world.deps.ledger.commit(vec![Write::replace(&found, Record::Endpoint(next))]).await.unwrap();
    found.value.secret
}

fn is_delivered(message: &WebhookMessage) -> bool {
    matches!(message.state, WebhookState::Delivered { .. })
}

#[tokio::test]
async fn a_first_try_that_could_not_be_recorded_is_no_end_of_the_event_and_without_the_ledger_there_is_no_second() {
    for status in [Some(204), Some(500), Some(410), None] {
        let (world, owner, id) = world_of_one().await;
        let event = happened(&world, &owner);
        world.outbound.answer(status);
        world.faults.writes_fail.store(true, SeqCst);
        for visit in [Visit::FIRST, AGAIN, Visit { receives: 3 }] {
            let done = fan_out(&Batch::default(), &world.deps, &event, visit).await;
            assert!(matches!(done, Err(Error::Unavailable(_))), "{status:?} {done:?}");
        }
        assert_eq!((arrived(&world).len(), kept(&world, &event, id).await), (1, None), "{status:?}");
        assert!(endpoint(&world.deps, &owner, id).await.unwrap().value.is_on(), "nothing is learned without a record");
        world.faults.writes_fail.store(false, SeqCst);
        fan_out(&Batch::default(), &world.deps, &event, AGAIN).await.unwrap();
        assert!(is_delivered(&message(&world, &event, id).await), "{status:?}");
        let id = event.id.to_string();
        assert_eq!(arrived(&world), [id.clone(), id], "under the same id");
    }
}

/// Refused by the endpoint with this status and wait.
fn refused(world: &World, status: u16, retry_after_s: Option<u64>) {
    let answer = ports::WebhookAnswer { status: Some(status), retry_after_s, ..Default::default() };
    world.outbound.answers.lock().unwrap().push_back(answer);
}

#[tokio::test]
async fn what_an_endpoint_asks_for_is_kept_where_the_attempt_itself_could_not_be_recorded() {
    for (status, asked) in [(503, Some(3_600)), (429, Some(60)), (410, None)] {
        let (world, owner, id) = world_of_one().await;
        let event = happened(&world, &owner);
        refused(&world, status, asked);
        *world.faults.some_fail.lock().unwrap() = event.id.to_string().leak().split('_').next_back();
        assert!(fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.is_err(), "{status}");
        assert_eq!(kept(&world, &event, id).await, None);
        *world.faults.some_fail.lock().unwrap() = None;
        world.clock.pass(30);
        fan_out(&Batch::default(), &world.deps, &event, AGAIN).await.unwrap();
        assert_eq!(arrived(&world).len(), 1, "{status}: it is not called again");
        let is_off = !endpoint(&world.deps, &owner, id).await.unwrap().value.is_on();
        assert_eq!((is_off, kept(&world, &event, id).await.is_some()), (status == 410, true));
    }
}

#[tokio::test]
async fn of_the_waits_that_an_event_was_asked_for_when_it_came_twice_the_later_one_holds() {
    for waits in [[None, Some(3_600)], [Some(3_600), None], [Some(60), Some(3_600)]] {
        let (world, owner, id) = world_of_one().await;
        let event = happened(&world, &owner);
        for wait in waits {
            refused(&world, 500, wait);
        }
        let now = world.deps.clock.now();
        let tell = async || fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
        join(tell(), tell()).await;
        assert_eq!(arrived(&world).len(), 2);
        let waiting = message(&world, &event, id).await;
        let hour = now + jiff::SignedDuration::from_hours(1);
        assert!(waiting.wake.is_some_and(|wake| wake.at >= hour), "{waits:?}: {waiting:?}");
        assert_eq!(waiting.attempts.len(), 1, "the attempt of who came first is recorded");
    }
}

#[tokio::test]
async fn one_endpoint_without_a_record_brings_the_event_again_and_no_other_hears_it_twice() {
    let (world, owner, _) = world_of_one().await;
    let (b, _) = registered(&world, &owner, &new("https://b.example", &[]), "b").await.unwrap();
    let event = happened(&world, &owner);
    let sealed = with_secret(&world, &owner, b, UNAVAILABLE).await;
    assert!(fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.is_err());
    assert_eq!((arrived(&world).len(), kept(&world, &event, b).await), (1, None));
    with_secret(&world, &owner, b, &sealed).await;
    fan_out(&Batch::default(), &world.deps, &event, AGAIN).await.unwrap();
    assert!(is_delivered(&message(&world, &event, b).await));
    let urls: Vec<String> = world.outbound.arrived.lock().unwrap().iter().map(|a| a.url.clone()).collect();
    assert!(urls.len() == 2 && urls[0].contains("a.example") && urls[1].contains("b.example"), "{urls:?}");
}

#[tokio::test]
async fn an_event_that_comes_twice_for_the_first_time_may_be_told_twice_under_one_id_and_has_one_record() {
    let (world, owner, id) = world_of_one().await;
    for answers in [[Some(204), Some(204)], [Some(500), Some(204)], [Some(204), Some(500)], [Some(410), Some(204)]] {
        let before = arrived(&world).len();
        let event = happened(&world, &owner);
        for status in answers {
            world.outbound.answer(status);
        }
        let (a, b) = join(
            fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST),
            fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST),
        )
        .await;
        assert_eq!((a.unwrap().wanting, b.unwrap().wanting), (1, 1));
        let ids = arrived(&world);
        assert_eq!(ids[before..], [event.id.to_string(), event.id.to_string()], "{answers:?}");
        let kept = message(&world, &event, id).await;
        assert!(is_delivered(&kept), "{answers:?}: one success is enough, {kept:?}");
        assert!(kept.wake.is_none());
    }
}

#[tokio::test]
async fn a_refusal_after_another_workers_record_leaves_that_as_it_is() {
    let (world, owner, id) = world_of_one().await;
    for status in [Some(204), Some(500), Some(410)] {
        let event = happened(&world, &owner);
        world.outbound.answer(status);
        world.outbound.answer(Some(503));
        fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
        let first = message(&world, &event, id).await;
        fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
        assert_eq!(message(&world, &event, id).await, first);
        world.clock.pass(3_600);
    }
}

#[tokio::test]
async fn a_first_try_ends_as_every_other_does() {
    let (world, owner, id) = world_of_one().await;
    let event = happened(&world, &owner);
    world.outbound.answer(Some(500));
    let at = fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap().again_at.unwrap();
    let waiting = message(&world, &event, id).await;
    assert_eq!((&waiting.state, waiting.attempts.len()), (&WebhookState::Pending, 1));
    assert_eq!(waiting.wake.map(|wake| (wake.at, wake.sent)), Some((at, true)));
    let gone = happened(&world, &owner);
    world.outbound.answer(Some(410));
    fan_out(&Batch::default(), &world.deps, &gone, Visit::FIRST).await.unwrap();
    let dead = message(&world, &gone, id).await;
    assert!(matches!(&dead.state, WebhookState::Dead { reason, .. } if reason == GONE) && dead.wake.is_none());
    let off = endpoint(&world.deps, &owner, id).await.unwrap().value.status;
    assert!(matches!(off, EndpointStatus::Disabled { reason, .. } if reason == GONE));
}

#[tokio::test]
async fn what_must_wait_or_is_counted_has_its_record_before_its_request() {
    let (world, owner, limited) = world_of_one().await;
    let found = world.deps.ledger.endpoint(owner.tenant, limited).await.unwrap().unwrap();
    let rate = Endpoint { rate_per_minute: Some(5), ..found.value.clone() };
    world.deps.ledger.commit(vec![Write::replace(&found, Record::Endpoint(rate))]).await.unwrap();
    world.faults.writes_fail.store(true, SeqCst);
    let event = happened(&world, &owner);
    assert!(fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.is_err());
    assert_eq!(arrived(&world).len(), 0);
}

#[tokio::test]
async fn what_comes_late_for_the_first_time_is_looked_for_before_it_is_told() {
    let (world, owner, id) = world_of_one().await;
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    // The tick found it in the outbox, or a person put its dead letter back.
    for seconds in [5, 3_600] {
        world.clock.pass(seconds);
        world.faults.writes_fail.store(true, SeqCst);
        assert_eq!(fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap().again_at, None);
        assert_eq!(arrived(&world).len(), 1);
    }
    world.faults.writes_fail.store(false, SeqCst);
    let late = happened(&world, &owner);
    world.clock.pass(5);
    fan_out(&Batch::default(), &world.deps, &late, Visit::FIRST).await.unwrap();
    let made = world.items().into_iter().filter(|item| item.kind == "message");
    assert!(made.into_iter().all(|item| item.rev == 1), "one write for each");
    assert!(is_delivered(&message(&world, &late, id).await));
}

#[tokio::test]
async fn the_events_of_one_batch_share_what_is_known_of_the_endpoints_and_no_batch_knows_what_another_did() {
    let (world, owner, _) = world_of_one().await;
    let stranger = world.owner(2).await;
    let batch = Batch::default();
    let told = async |batch: &Batch, caller: &Caller| {
        fan_out(batch, &world.deps, &happened(&world, caller), Visit::FIRST).await.unwrap().wanting
    };
    assert_eq!((told(&batch, &owner).await, told(&batch, &stranger).await), (1, 0));
    registered(&world, &owner, &new("https://b.example", &[]), "b").await.unwrap();
    assert_eq!((told(&batch, &owner).await, told(&batch, &stranger).await), (1, 0));
    assert_eq!((told(&Batch::default(), &owner).await, told(&Batch::default(), &stranger).await), (2, 0));
}

/// Nobody of a batch waits in a queue for a read that fails: all of them come again.
#[tokio::test]
async fn what_cannot_be_read_for_one_event_of_a_batch_is_not_tried_again_for_each_other() {
    let (world, owner, id) = world_of_one().await;
    let (one, two) = (happened(&world, &owner), happened(&world, &owner));
    let opened = with_secret(&world, &owner, id, UNAVAILABLE).await;
    let batch = Batch::default();
    assert!(matches!(fan_out(&batch, &world.deps, &one, Visit::FIRST).await, Err(Error::Unavailable(_))));
    with_secret(&world, &owner, id, &opened).await;
    assert!(matches!(fan_out(&batch, &world.deps, &two, Visit::FIRST).await, Err(Error::Unavailable(_))));
    assert_eq!(arrived(&world).len(), 0);
    for event in [&one, &two] {
        fan_out(&Batch::default(), &world.deps, event, AGAIN).await.unwrap();
    }
    assert_eq!(arrived(&world).len(), 2);
}
