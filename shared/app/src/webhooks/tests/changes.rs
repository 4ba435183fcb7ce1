//! Changing an endpoint, its secret, and sending again.

use super::delivery::{attempted, message};
use super::*;
use crate::fakes::shown;
use domain::webhooks::{EndpointStatus, WebhookState};
use ports::WebhookAnswer;

async fn rotated(world: &World, owner: &Caller, id: EndpointId, key: &str, force: bool) -> Result<String, Error> {
    let encode =
        |made: &Registered| StoredReply { status: 200, body: made.secret.as_ref().unwrap().expose_secret().to_owned() };
    let rotation = Rotation { secret: None, force };
    Ok(rotate_secret(&world.deps, owner, id, &rotation, &once(key), &encode).await?.stored.body)
}

async fn edited(world: &World, owner: &Caller, id: EndpointId, key: &str, edit: &EndpointEdit) {
    let rev = endpoint(&world.deps, owner, id).await.unwrap().rev;
    let base_url = "https://herald.example";
    edit_endpoint(&world.deps, owner, id, rev, edit, base_url, &once(key), &shown).await.unwrap();
}

async fn signed(world: &World, owner: &Caller) -> Vec<String> {
    fan_out(&Batch::default(), &world.deps, &happened(world, owner), Visit::FIRST).await.unwrap();
    world.outbound.arrived.lock().unwrap().last().unwrap().secrets.clone()
}

fn on(on: bool) -> EndpointEdit {
    EndpointEdit { on: Some(on), ..EndpointEdit::default() }
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_keys_sign_and_then_only_the_new_one() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, old) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let new = rotated(&world, &owner, id, "r", false).await.unwrap();
    assert_eq!(signed(&world, &owner).await, [new.clone(), old.clone()]);
    world.clock.pass(86_399);
    assert_eq!(signed(&world, &owner).await, [new.clone(), old]);
    world.clock.pass(2);
    assert_eq!(signed(&world, &owner).await, std::slice::from_ref(&new));
    assert!(!format!("{:?}", world.items()).contains(&new), "it lies sealed, in the answer that is repeated too");
}

#[tokio::test]
async fn a_second_rotation_meanwhile_needs_force_and_ends_the_oldest_key() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let second = rotated(&world, &owner, id, "r", false).await.unwrap();
    let refused = rotated(&world, &owner, id, "s", false).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "rotation_under_way", .. })), "{refused:?}");
    let third = rotated(&world, &owner, id, "t", true).await.unwrap();
    assert_eq!(signed(&world, &owner).await, [third, second]);
}

#[tokio::test]
async fn after_a_key_rotation_both_secrets_are_resealed_and_still_sign() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, old) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let new = rotated(&world, &owner, id, "r", false).await.unwrap();
    world.deps.sealer.rotate().await.unwrap();
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    assert!(reseal_endpoint(&world.deps, &found).await.unwrap());
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    assert!(!reseal_endpoint(&world.deps, &found).await.unwrap(), "nothing is left under the old key");
    assert_eq!(signed(&world, &owner).await, [new, old]);
}

#[tokio::test]
async fn who_is_switched_off_by_hand_is_told_nothing_and_the_others_are_told_of_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    edited(&world, &owner, id, "off", &on(false)).await;
    edited(&world, &owner, id, "off again", &on(false)).await;
    assert_eq!(world.outbound.told_kinds(), ["endpoint.disabled"]);
    let now = endpoint(&world.deps, &owner, id).await.unwrap().value;
    assert!(matches!(now.status, EndpointStatus::Disabled { reason, .. } if reason == "by_hand"));
    let missed = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &missed, Visit::FIRST).await.unwrap();
    edited(&world, &owner, id, "on", &on(true)).await;
    resend(&world.deps, &owner, id, missed.id, &once("resend"), &shown).await.unwrap();
    assert_eq!(attempted(&world, &missed, id).await, Attempted::Delivered, "what it was not told can be told later");
}

#[tokio::test]
async fn switching_on_forgets_failures_and_waits() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let asks = WebhookAnswer { status: Some(429), retry_after_s: Some(u64::MAX), ..WebhookAnswer::default() };
    world.outbound.answers.lock().unwrap().push_back(asks);
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    edited(&world, &owner, id, "on", &on(true)).await;
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    assert!(matches!(message(&world, &event, id).await.state, WebhookState::Delivered { .. }));
}

#[tokio::test]
async fn one_that_is_sent_again_keeps_its_id_and_bytes() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    for key in ["1", "1"] {
        resend(&world.deps, &owner, id, event.id, &once(key), &shown).await.unwrap();
    }
    assert_eq!(world.outbound.woken.lock().unwrap().len(), 1, "a repetition wakes nobody");
    assert_eq!(attempted(&world, &event, id).await, Attempted::Delivered);
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert!(arrived[0].id == arrived[1].id && arrived[0].body == arrived[1].body);
    assert!(world.audited(owner.tenant).await.contains(&"endpoint.resent".into()));
}

#[tokio::test]
async fn another_address_begins_anew_and_what_the_old_one_still_says_counts_no_more() {
    let world = World::new();
    let owner = world.owner(1).await;
    for (key, status) in [("fresh", 0), ("slow", 503)] {
        let (id, _) = registered(&world, &owner, &new("https://old.example", &[]), key).await.unwrap();
        if status > 0 {
            let answer = WebhookAnswer { status: Some(status), retry_after_s: Some(900), ..WebhookAnswer::default() };
            world.outbound.answers.lock().unwrap().push_back(answer);
            fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
        }
        let before = world.deps.ledger.listener(owner.tenant, id).await.unwrap().unwrap();
        let edit = EndpointEdit { url: Some("https://new.example".into()), ..EndpointEdit::default() };
        edited(&world, &owner, id, &format!("{key} moved"), &edit).await;
        assert_eq!(endpoint_with_health(&world.deps, &owner, id).await.unwrap().1.quiet_until, None, "{key}");
        let at = world.deps.clock.now();
        let attempt = domain::webhooks::WebhookAttempt { at, status: Some(503), ..Default::default() };
        let late = domain::webhooks::Answer { attempt, retry_after_s: Some(900) };
        super::super::pace::learn(&world.deps, &before, &late, "test").await;
        outcome::gone(&world.deps, before.endpoint, "test").await.unwrap();
        let (now, Health { quiet_until: until, .. }) = endpoint_with_health(&world.deps, &owner, id).await.unwrap();
        assert_eq!((now.value.is_on(), until), (true, None), "{key}");
        let gone = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
        outcome::gone(&world.deps, gone, "test").await.unwrap();
        assert!(!endpoint(&world.deps, &owner, id).await.unwrap().value.is_on(), "{key}");
    }
}
