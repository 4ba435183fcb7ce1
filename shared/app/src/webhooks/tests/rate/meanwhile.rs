//! What happens to a line meanwhile: crashes, and changes of the limit.

use super::*;

/// A worker that died: it holds the message, and its lease is over.
async fn died(world: &World, id: EndpointId, event: &Event) {
    let found = world.deps.ledger.message(event.tenant, id, event.id).await.unwrap().unwrap();
    let held = found.value.claimed("dead", world.deps.clock.now()).unwrap();
    world.deps.ledger.commit(vec![Write::replace(&found, Record::WebhookMessage(held))]).await.unwrap();
    world.clock.pass(61);
}

#[tokio::test]
async fn a_crash_between_a_place_and_its_request_loses_nothing_and_sends_nothing_twice() {
    let (world, owner, id) = world_of(1).await;
    told(&world, &owner, 1).await;
    // Booked, and died before the message was made: the event comes again.
    let event = happened(&world, &owner);
    let known = listener(&world, &owner, id).await;
    let new = payload::message(&event, &known.endpoint.value, false, world.deps.clock.now()).unwrap();
    let lost = ahead(&world.deps, &known, &new).await;
    assert!(matches!(lost, Turn::Stands(_)));
    fan_out(&Batch::default(), &world.deps, &event, Visit { receives: 2 }).await.unwrap();
    let place = message(&world, &event, id).await.place.unwrap();
    assert!(Turn::Stands(place) != lost, "that place stays empty");
    world.clock.pass(place.duration_since(world.deps.clock.now()).as_secs() + 1);
    // Claimed, and died before it was counted.
    died(&world, id, &event).await;
    // Counted, and died before it was sent.
    let known = listener(&world, &owner, id).await;
    let held = message(&world, &event, id).await;
    assert_eq!(turn(&world.deps, &known, &held).await.unwrap(), Turn::Goes);
    died(&world, id, &event).await;
    assert_eq!(arrived(&world).len(), 1);
    drained(&world, id, std::slice::from_ref(&event), 2).await;
    assert!(matches!(message(&world, &event, id).await.state, WebhookState::Delivered { .. }));
    // Sent, and died before that was kept: again, under the same id.
    let found = world.deps.ledger.message(event.tenant, id, event.id).await.unwrap().unwrap();
    let back = Record::WebhookMessage(held);
    world.deps.ledger.commit(vec![Write::replace(&found, back)]).await.unwrap();
    world.clock.pass(61);
    drained(&world, id, std::slice::from_ref(&event), 2).await;
    let ids: Vec<String> = world.outbound.arrived.lock().unwrap().iter().map(|a| a.id.clone()).collect();
    assert_eq!((ids.len(), &ids[1..]), (3, &[event.id.to_string(), event.id.to_string()][..]));
    assert!(most_in_a_minute(&arrived(&world)) <= 1);
}

#[tokio::test]
async fn a_change_of_the_limit_counts_at_once_and_what_stands_in_line_goes_at_its_time() {
    let (world, owner, id) = world_of(1).await;
    let mut events = told(&world, &owner, 4).await;
    let place = message(&world, &events[3], id).await.place.unwrap();
    changed(&world, &owner, id, &rate(30), "raised").await.unwrap();
    events.extend(told(&world, &owner, 1).await);
    assert_eq!(arrived(&world).len(), 2, "who comes now does not stand behind the old line");
    assert_eq!(message(&world, &events[3], id).await.place, Some(place));
    changed(&world, &owner, id, &rate(0), "lifted").await.unwrap();
    assert_eq!(listener(&world, &owner, id).await.endpoint.value.rate_per_minute, None);
    events.extend(told(&world, &owner, 3).await);
    assert_eq!(arrived(&world).len(), 5, "nothing is counted any more");
    changed(&world, &owner, id, &rate(2), "lowered").await.unwrap();
    events.extend(told(&world, &owner, 5).await);
    let so_far = arrived(&world).len();
    drained(&world, id, &events, 2).await;
    let times = arrived(&world);
    assert_eq!(times.len(), 13, "all of them");
    assert!(most_in_a_minute(&times[so_far..]) <= 2, "{times:?}");
}

#[tokio::test]
async fn a_turnstile_that_cannot_be_written_holds_up_no_other_endpoint() {
    let (world, owner, limited) = world_of(1).await;
    let mut others = Vec::new();
    for name in ["b", "c"] {
        let new = new(&format!("https://{name}.example"), &[]);
        others.push(registered(&world, &owner, &new, name).await.unwrap().0);
    }
    told(&world, &owner, 2).await;
    let before = arrived(&world).len();
    *world.faults.some_fail.lock().unwrap() = Some("#TURN");
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    assert_eq!(arrived(&world).len() - before, 2, "the two without a limit");
    for other in others {
        assert!(matches!(message(&world, &event, other).await.state, WebhookState::Delivered { .. }));
    }
    *world.faults.some_fail.lock().unwrap() = None;
    let held = message(&world, &event, limited).await;
    assert!(matches!(held.state, WebhookState::Sending { .. }), "its message is durable: {held:?}");
    world.clock.pass(200);
    attempted(&world, &event, limited).await;
    drained(&world, limited, std::slice::from_ref(&event), 2).await;
    assert!(matches!(message(&world, &event, limited).await.state, WebhookState::Delivered { .. }));
}

#[tokio::test]
async fn who_could_not_be_counted_comes_again_without_a_place_and_is_still_new() {
    let (world, owner, id) = world_of(1).await;
    let event = told(&world, &owner, 1).await.remove(0);
    let new = message(&world, &event, id).await.again(true, world.deps.clock.now()).unwrap();
    let now = world.deps.clock.now();
    let soon = now + SignedDuration::from_secs(5);
    let again = domain::webhooks::Again { jitter: 0.0, quiet_until: None, carried_s: 0 };
    let later = Turn::Later(soon).put(&new, again, now).unwrap();
    assert!(later.is_new() && later.wake.is_some_and(|wake| wake.at == soon), "{later:?}");
    let place = now + SignedDuration::from_secs(60);
    let stood = new.stands(place, 0, now);
    let kept = Turn::Later(place).put(&stood, again, now).unwrap();
    assert_eq!((kept.place, kept.stood_s), (Some(place), 60), "and who has a place keeps it");
}

#[tokio::test]
async fn what_others_were_asked_for_while_they_counted_holds_for_who_counts_after_them() {
    let (world, owner, id) = world_of(100).await;
    let event = told(&world, &owner, 1).await.remove(0);
    let new = message(&world, &event, id).await.again(true, world.deps.clock.now()).unwrap();
    let before = listener(&world, &owner, id).await;
    world.outbound.answers.lock().unwrap().push_back(ports::WebhookAnswer {
        status: Some(429),
        retry_after_s: Some(3_600),
        ..ports::WebhookAnswer::default()
    });
    told(&world, &owner, 1).await;
    let until = world.deps.clock.now() + SignedDuration::from_hours(1);
    assert_eq!(turn(&world.deps, &before, &new).await.unwrap(), Turn::Asked(until));
    assert_eq!(arrived(&world).len(), 2);
}
