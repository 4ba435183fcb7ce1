//! Giving up by hand what holds back others.

use super::*;
use crate::Reply;
use domain::access::Role;
use domain::webhooks::{ATTEMPT_LEASE_S, GIVEN_UP, WebhookMessage};
use ports::{Record, Write};

async fn given_up(world: &World, by: &Caller, id: EndpointId, event: &Event, key: &str) -> Result<Reply, Error> {
    let encode = |ended: &WebhookMessage| StoredReply { status: 200, body: ended.event.to_string() };
    give_up(&world.deps, by, id, event.id, &once(key), &encode).await
}

fn code(refused: Result<Reply, Error>) -> String {
    match refused {
        Err(Error::Conflict { code, .. }) => code.into(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_of_a_line_is_given_up_by_hand_and_with_that_the_next_is_due() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, 3).await;
    given_up(&world, &owner, id, &events[0], "1").await.unwrap();
    let dead = message(&world, &events[0], id).await;
    let WebhookState::Dead { reason, by, .. } = &dead.state else { panic!("{dead:?}") };
    assert_eq!((reason.as_str(), *by), (GIVEN_UP, Some(owner.member)));
    let next = message(&world, &events[1], id).await;
    assert!(next.claimed("w", world.deps.clock.now()).is_some(), "{next:?}");
    assert!(!next.wake.unwrap().sent, "the next tick has it, whatever becomes of this request");
    assert_eq!(lane(&world, id, &events[0]).await.unwrap().head(), Some(events[1].id));
    assert_eq!(world.audited(owner.tenant).await.iter().filter(|action| *action == "endpoint.given_up").count(), 1);
    world.outbound.answer(Some(200));
    drained(&world, id, &events, 1).await;
    assert_eq!(arrived(&world, &events), [0, 1, 2, 3]);
    assert!(is_empty(&world, id, &events[0]).await);
}

#[tokio::test]
async fn one_that_stands_behind_others_is_given_up_and_none_of_them_moves() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, 3).await;
    given_up(&world, &owner, id, &events[2], "1").await.unwrap();
    assert_eq!(lane(&world, id, &events[0]).await.unwrap().line, [events[0].id, events[1].id, events[3].id]);
    assert!(message(&world, &events[3], id).await.wake.is_none(), "it stands behind the others as before");
    world.outbound.answer(Some(200));
    drained(&world, id, &events, 1).await;
    assert_eq!(arrived(&world, &events), [0, 0, 1, 3]);
}

#[tokio::test]
async fn of_two_who_give_one_up_at_once_one_does_and_the_same_request_does_it_once() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, 2).await;
    let both = join_all(["x", "y"].map(|key| given_up(&world, &owner, id, &events[0], key))).await;
    assert_eq!(both.iter().filter(|done| done.is_ok()).count(), 1);
    assert!(both.into_iter().filter(Result::is_err).all(|refused| code(refused) == "wrong_state"));
    let same = join_all(["z", "z"].map(|key| given_up(&world, &owner, id, &events[1], key))).await;
    assert!(same.iter().all(Result::is_ok), "{same:?}");
    assert_eq!(world.audited(owner.tenant).await.iter().filter(|action| *action == "endpoint.given_up").count(), 2);
    assert_eq!(lane(&world, id, &events[0]).await.unwrap().line, [events[2].id]);
}

#[tokio::test]
async fn what_is_under_way_is_not_given_up_and_what_its_worker_left_is() {
    let (world, owner, id) = ordered().await;
    let events = line(&world, &owner, 1).await;
    let found = world.deps.ledger.message(owner.tenant, id, events[0].id).await.unwrap().unwrap();
    world.clock.pass(6);
    let held = found.value.claimed("another worker", world.deps.clock.now()).unwrap();
    world.deps.ledger.commit(vec![Write::replace(&found, Record::WebhookMessage(held))]).await.unwrap();
    assert_eq!(code(given_up(&world, &owner, id, &events[0], "1").await), "being_sent");
    assert!(dead_of(&world, &events[0], id).await.is_none());
    world.clock.pass(ATTEMPT_LEASE_S + 1);
    given_up(&world, &owner, id, &events[0], "2").await.unwrap();
    assert_eq!(dead_of(&world, &events[0], id).await.as_deref(), Some(GIVEN_UP));
    assert_eq!(code(given_up(&world, &owner, id, &events[0], "3").await), "wrong_state");
}

#[tokio::test]
async fn without_an_order_one_is_given_up_as_well_and_only_owners_of_its_tenant_do() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    world.outbound.answer(Some(500));
    let event = happens(&world, &owner, 9);
    told(&world, &event).await;
    for role in [Role::Viewer, Role::Approver, Role::Editor] {
        let other = Caller { role, ..owner.clone() };
        let refused = given_up(&world, &other, id, &event, "1").await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role:?}: {refused:?}");
    }
    let foreign = world.owner(2).await;
    let refused = given_up(&world, &foreign, id, &event, "1").await;
    assert!(matches!(refused, Err(Error::NotFound("message"))), "{refused:?}");
    assert!(message(&world, &event, id).await.wake.is_some());
    given_up(&world, &owner, id, &event, "1").await.unwrap();
    assert_eq!(attempted(&world, &event, id).await, Attempted::Idle, "nor does its queue message bring it");
    assert_eq!(arrived(&world, std::slice::from_ref(&event)), [0]);
    world.outbound.answer(Some(200));
    let encode = |sent: &TestSent| StoredReply { status: 202, body: sent.event.to_string() };
    resend(&world.deps, &owner, id, event.id, &once("again"), &encode).await.unwrap();
    assert_eq!(attempted(&world, &event, id).await, Attempted::Delivered, "it can be sent again");
}
