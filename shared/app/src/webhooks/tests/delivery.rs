use super::*;
use crate::fakes::shown;
use domain::webhooks::{EndpointStatus, WAITS_S, WebhookMessage, WebhookState};
use ports::{Job, Measure};

pub(super) async fn message(world: &World, event: &Event, endpoint: EndpointId) -> WebhookMessage {
    world.deps.ledger.message(event.tenant, endpoint, event.id).await.unwrap().unwrap().value
}

pub(super) async fn attempted(world: &World, event: &Event, endpoint: EndpointId) -> Attempted {
    attempt(&world.deps, event.tenant, endpoint, event.id, "test", Visit::FIRST).await.unwrap()
}

#[tokio::test]
async fn an_event_reaches_every_endpoint_that_wants_it_once_however_often_it_is_told() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (all, secret) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    registered(&world, &owner, &new("https://b.example", &["post.failed"]), "b").await.unwrap();
    registered(&world, &owner, &new("https://c.example", &["account.connected"]), "c").await.unwrap();
    registered(&world, &world.owner(2).await, &new("https://d.example", &[]), "d").await.unwrap();
    let event = happened(&world, &owner);
    for receives in 1..=3 {
        assert_eq!(fan_out(&Batch::default(), &world.deps, &event, Visit { receives }).await.unwrap().wanting, 2);
    }
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert_eq!(arrived.len(), 2);
    assert!(arrived.iter().all(|a| a.id == event.id.to_string()));
    assert_eq!(arrived.iter().filter(|a| a.secret == secret).count(), 1, "each is signed with its endpoint's secret");
    let body: serde_json::Value = serde_json::from_str(&arrived[0].body).unwrap();
    assert_eq!(body["id"], event.id.to_string());
    assert_eq!(body["type"], "account.connected");
    assert_eq!(body["timestamp"], event.at.to_string());
    assert_eq!(body["data"]["tenant_id"], owner.tenant.to_string());
    assert_eq!(body["data"]["platform"], "chirp");
    assert!(matches!(message(&world, &event, all).await.state, WebhookState::Delivered { .. }));
    assert!(matches!(world.outbound.measured.lock().unwrap()[0], Measure::Webhook { delivered: true, .. }));
}

/// A queue that is behind has nearly all of what is overdue in it: more messages for the same keep it behind.
#[tokio::test]
async fn what_is_overdue_is_woken_ever_less_often_and_for_good() {
    let world = World::new();
    let owner = world.owner(1).await;
    registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    world.outbound.answer(Some(500));
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    let mut woken = Vec::new();
    for minute in 0..=200 {
        let deadline = world.deps.clock.now() + jiff::SignedDuration::from_mins(1);
        crate::publishing::tick(&world.deps, deadline, "tick").await.unwrap();
        let jobs = std::mem::take(&mut *world.outbound.woken.lock().unwrap());
        woken.extend(jobs.iter().filter(|woken| matches!(woken.job, Job::Webhook(_))).map(|_| minute));
        world.clock.pass(60);
    }
    assert_eq!(woken, [2, 3, 5, 9, 17, 33, 65, 129, 193], "it was due after five seconds");
}

#[tokio::test]
async fn a_failing_endpoint_gets_the_same_bytes_again_later_with_a_fresh_timestamp_until_it_is_given_up() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    for _ in 0..=WAITS_S.len() {
        world.outbound.answer(Some(500));
    }
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    let mut last = attempted(&world, &event, id).await;
    assert!(matches!(last, Attempted::Waits { carried: Some(_) }), "not before its time");
    for (n, wait) in WAITS_S.into_iter().enumerate() {
        let Attempted::Waits { carried } = last else { panic!("{last:?}") };
        assert_eq!(carried.is_some(), n == 0, "the tick sees the longer waits in time");
        let due = message(&world, &event, id).await.wake.unwrap();
        let left = due.at.duration_since(world.deps.clock.now()).as_secs();
        assert!((wait * 8 / 10 - 1..=wait * 12 / 10).contains(&left), "{left} of {wait}");
        world.clock.pass(left + 1);
        last = attempted(&world, &event, id).await;
    }
    assert_eq!(last, Attempted::Dead);
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert_eq!(arrived.len(), 10);
    assert!(
        arrived.windows(2).all(|w| w[0].body == w[1].body && w[0].id == w[1].id && w[0].timestamp < w[1].timestamp)
    );
    let log = messages(&world.deps, &owner, id, &LogFilter::default(), None, 10).await.unwrap();
    assert_eq!((log.items.len(), log.items[0].attempts.len()), (1, 10));
}

#[tokio::test]
async fn gone_switches_the_endpoint_off_and_tells_the_others() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    world.outbound.answer(Some(410));
    let first = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &first, Visit::FIRST).await.unwrap();
    assert!(matches!(message(&world, &first, id).await.state, WebhookState::Dead { reason, .. } if reason == "gone"));
    let now = endpoints(&world.deps, &owner).await.unwrap().remove(0);
    assert!(matches!(now.status, EndpointStatus::Disabled { reason, .. } if reason == "gone"));
    assert_eq!(world.outbound.told_kinds(), ["endpoint.disabled"]);
    assert!(world.audited(owner.tenant).await.contains(&"endpoint.disabled".into()));
    assert_eq!(
        fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap().wanting,
        0
    );
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 1, "and nothing more is sent to it");
    let test = send_test(&world.deps, &owner, id, None, &once("t"), &shown).await.unwrap_err();
    assert!(matches!(test, Error::Conflict { code: "endpoint_disabled", .. }));
}

#[tokio::test]
async fn messages_to_a_deleted_endpoint_end_visibly() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    world.outbound.answer(None);
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    remove_endpoint(&world.deps, &owner, id, &once("d"), &shown).await.unwrap();
    world.clock.pass(60);
    assert_eq!(attempted(&world, &event, id).await, Attempted::Dead);
    assert!(
        matches!(message(&world, &event, id).await.state, WebhookState::Dead { reason, .. } if reason == "deleted")
    );
    assert_eq!(attempted(&world, &event, id).await, Attempted::Idle);
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 1);
    let log = messages(&world.deps, &owner, id, &LogFilter::default(), None, 10).await.unwrap();
    assert!(matches!(&log.items[0].state, WebhookState::Dead { reason, .. } if reason == "deleted"), "{log:?}");
    let stranger = world.owner(2).await;
    let foreign = messages(&world.deps, &stranger, id, &LogFilter::default(), None, 10).await;
    assert!(matches!(foreign, Err(Error::NotFound("endpoint"))), "{foreign:?}");
}

#[tokio::test]
async fn what_an_endpoint_repeats_of_its_secrets_is_not_kept() {
    let world = World::new();
    let owner = world.owner(1).await;
    let headers = BTreeMap::from([("x-auth".to_owned(), "Bearer canary-of-the-header".to_owned())]);
    let (id, secret) =
        registered(&world, &owner, &NewEndpoint { headers, ..new("https://a.example", &[]) }, "a").await.unwrap();
    let excerpt = format!("unknown: Bearer canary-of-the-header, canary-of-the-header, {secret}; try again");
    let answer = ports::WebhookAnswer { status: Some(401), excerpt, ..ports::WebhookAnswer::default() };
    world.outbound.answers.lock().unwrap().push_back(answer);
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    let kept = message(&world, &event, id).await.attempts.remove(0).excerpt;
    assert_eq!(kept, "unknown: [removed], [removed], [removed]; try again");
}

#[tokio::test]
async fn two_workers_with_one_message_make_one_attempt() {
    let world = World::new();
    let owner = world.owner(1).await;
    registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let event = happened(&world, &owner);
    // Where a record is made before the attempt: it is the claim.
    let again = Visit { receives: 2 };
    let (a, b) = futures_util::future::join(
        fan_out(&Batch::default(), &world.deps, &event, again),
        fan_out(&Batch::default(), &world.deps, &event, again),
    )
    .await;
    assert_eq!((a.unwrap().wanting, b.unwrap().wanting), (1, 1));
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_outcome_that_could_not_be_recorded_is_sent_again_under_the_same_id() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    world.outbound.answer(Some(500));
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    world.clock.pass(10);
    let claimed = message(&world, &event, id).await.claimed("crashed", world.deps.clock.now()).unwrap();
    let found = world.deps.ledger.message(event.tenant, id, event.id).await.unwrap().unwrap();
    let write = ports::Write::replace(&found, ports::Record::WebhookMessage(claimed));
    world.deps.ledger.commit(vec![write]).await.unwrap();
    assert_eq!(attempted(&world, &event, id).await, Attempted::Idle);
    world.clock.pass(61);
    assert_eq!(attempted(&world, &event, id).await, Attempted::Delivered);
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert_eq!(arrived[0].id, arrived[1].id);
}

#[tokio::test]
async fn a_test_message_goes_to_its_endpoint_whatever_it_subscribed_to() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &["post.failed"]), "a").await.unwrap();
    let first = send_test(&world.deps, &owner, id, None, &once("t"), &shown).await.unwrap();
    let again = send_test(&world.deps, &owner, id, None, &once("t"), &shown).await.unwrap();
    assert_eq!((again.stored, again.replayed), (first.stored, true));
    let woken = world.outbound.woken.lock().unwrap().clone();
    let [wake_up] = woken.as_slice() else { panic!("{woken:?}") };
    let Job::Webhook(job) = &wake_up.job else { panic!("{wake_up:?}") };
    let done = attempt(&world.deps, job.tenant, job.endpoint, job.event, &job.cid, Visit::FIRST).await.unwrap();
    assert_eq!(done, Attempted::Delivered);
    assert!(world.outbound.arrived.lock().unwrap()[0].body.contains("\"type\":\"webhook.test\""));
}

#[tokio::test]
async fn the_log_pages_newest_first() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let mut sent = Vec::new();
    for _ in 0..5 {
        world.clock.pass(1);
        let event = happened(&world, &owner);
        fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
        sent.insert(0, event.id);
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = messages(&world.deps, &owner, id, &LogFilter::default(), cursor.as_deref(), 2).await.unwrap();
        seen.extend(page.items.iter().map(|m| m.event));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, sent);
}

#[tokio::test]
async fn a_message_whose_endpoints_secret_does_not_open_is_tried_visibly_until_it_is_given_up() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    let spoilt = domain::webhooks::Endpoint { secret: "spoilt".into(), ..found.value.clone() };
    world.deps.ledger.commit(vec![ports::Write::replace(&found, ports::Record::Endpoint(spoilt))]).await.unwrap();
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    for _ in WAITS_S {
        let kept = message(&world, &event, id).await;
        assert!(kept.attempts.last().unwrap().excerpt.contains("do not open"));
        world.clock.pass(kept.wake.unwrap().at.duration_since(world.deps.clock.now()).as_secs() + 1);
        attempted(&world, &event, id).await;
    }
    assert!(matches!(message(&world, &event, id).await.state, WebhookState::Dead { .. }));
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 0);
}
