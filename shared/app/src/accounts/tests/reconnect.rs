use super::*;
use crate::fakes::profile;
use crate::publishing::execute;
use domain::accounts::{AccountKind, Profile};
use domain::publishing::{Delivery, Failure, NewDelivery, PARKED_LOOK_S, State, Wakened};
use domain::{DeliveryId, PostId};
use jiff::SignedDuration;
use ports::{PublishJob, Record, Write};
use uuid::Uuid;

/// A delivery of the account that found it needing a person.
async fn parked(world: &World, account: &Account, n: u128, max_lateness_s: u32) -> Delivery {
    let now = world.deps.clock.now();
    let new = NewDelivery {
        id: DeliveryId::from_uuid(Uuid::from_u128(n)),
        tenant: account.tenant,
        post: PostId::from_uuid(Uuid::from_u128(n)),
        account: account.id,
        platform: account.platform.clone(),
        content_hash: String::new(),
        parts: 1,
        due_at: now,
        max_lateness_s,
        settle_s: 900,
    };
    let Wakened::Claimed(claimed) = Delivery::accepted(new, now).wakened("w", now) else { panic!("not claimed") };
    let gone = Failure::Revoked { detail: String::new() };
    let parked = claimed.next.held_back("w", &gone, now, 0).unwrap().next;
    world.deps.ledger.commit(vec![Write::create(Record::Delivery(parked.clone()))]).await.unwrap();
    parked
}

async fn state(world: &World, delivery: &Delivery) -> State {
    let found = world.deps.ledger.delivery(delivery.tenant, delivery.post, delivery.account).await.unwrap();
    found.unwrap().value.state
}

#[tokio::test]
async fn connecting_again_keeps_the_account_and_its_deliveries_go_on_or_are_missed() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let soon = parked(&world, &account, 1, 3_600).await;
    let late = parked(&world, &account, 2, 5).await;
    world.clock.pass(60);
    account_refused(&world.deps, &stored(&world, &account).await, "revoked", "test").await;

    let again = connect(&world, &owner).await.remove(0);
    assert_eq!(again.id, account.id);
    assert_eq!(again.connected_at, account.connected_at);
    assert!(again.is_active() && again.token.version > account.token.version);
    assert_eq!(state(&world, &soon).await.name(), "retry");
    assert_eq!(state(&world, &late).await.name(), "missed");
    let next = world.deps.ledger.delivery(soon.tenant, soon.post, soon.account).await.unwrap().unwrap().value;
    assert!(next.wake.is_some_and(|w| w.at <= world.deps.clock.now() && !w.sent), "the next tick finds it");
    assert_eq!(unpark(&world.deps, account.tenant, account.id, "test").await, Ok(0), "repeating it moves nothing");
}

#[tokio::test]
async fn a_delivery_that_was_being_parked_while_its_account_was_connected_finds_out_by_itself() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let unseen = parked(&world, &account, 1, 3_600).await;
    let job = PublishJob { v: 1, tenant: unseen.tenant, post: unseen.post, account: account.id, cid: "test".into() };
    let wake = async |pass_s| {
        world.clock.pass(pass_s);
        let deadline = world.deps.clock.now() + SignedDuration::from_secs(60);
        execute(&world.publisher(), &job, deadline).await.unwrap();
        state(&world, &unseen).await.name()
    };
    assert_eq!(wake(60).await, "blocked_auth", "not at every message");
    assert_eq!(wake(PARKED_LOOK_S).await, "retry", "the account is active");

    account_refused(&world.deps, &stored(&world, &account).await, "revoked", "test").await;
    let waits = parked(&world, &account, 2, 3_600).await;
    let job = PublishJob { post: waits.post, ..job };
    world.clock.pass(PARKED_LOOK_S);
    let deadline = world.deps.clock.now() + SignedDuration::from_secs(60);
    execute(&world.publisher(), &job, deadline).await.unwrap();
    let next = world.deps.ledger.delivery(waits.tenant, waits.post, waits.account).await.unwrap().unwrap().value;
    assert_eq!(next.state.name(), "blocked_auth");
    assert!(next.wake.unwrap().at > world.deps.clock.now(), "it looks again");
}

#[tokio::test]
async fn only_the_selected_profiles_are_connected() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let callback = Callback { selection: Some(vec!["org".into()]), ..consented(&world, &owner).await };
    let done = finish(&world.deps, &owner, "chirp", &callback).await.unwrap().connected().unwrap();
    assert_eq!(done.accounts.len(), 1);
    assert_eq!(done.accounts[0].profile.external_id, "org");
    assert_eq!(done.accounts[0].holder, None);
    // Later the person joins with the organisation: the organisation moves to the new, shared pair.
    let both = connect(&world, &owner).await;
    assert_eq!(both[1].id, done.accounts[0].id);
    assert_eq!(both[1].holder, Some(both[0].id));
    assert_eq!(cold(&world, &both[1], None).await.unwrap().0, "canary-access-1-0");
    assert_eq!(world.secrets.held.lock().unwrap().len(), 1, "the superseded pair is gone");
}

#[tokio::test]
async fn one_platform_account_of_two_tenants_is_two_accounts() {
    let world = World::new();
    let (one, two) = (world.owner(1).await, world.owner(2).await);
    let (a, b) = (connect(&world, &one).await.remove(0), connect(&world, &two).await.remove(0));
    assert_ne!(a.id, b.id);
    assert!(world.deps.ledger.account(two.tenant, a.id).await.unwrap().is_none());
    assert_eq!(accounts(&world.deps, &two).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_place_whose_address_changes_is_the_same_account_and_an_author_on_another_server_is_another() {
    for (id, same) in [("9001/2", true), ("2", false)] {
        let world = World::new();
        let owner = world.owner(1).await;
        let at = |home: &str| Profile { home: Some(home.into()), ..profile(id, AccountKind::Organisation) };
        world.platform.server(|s| s.profiles = vec![at("https://harbour.wordpress.com")]);
        let before = connect(&world, &owner).await.remove(0);
        world.platform.server(|s| s.profiles = vec![at("https://harbour.example")]);
        let after = connect(&world, &owner).await.remove(0);
        assert_eq!(after.profile.home.as_deref(), Some("https://harbour.example"));
        assert_eq!(after.id == before.id, same, "{id}");
        assert_eq!(accounts(&world.deps, &owner).await.unwrap().len(), if same { 1 } else { 2 });
        // As if both callbacks had come at once: the id follows from whom it speaks for.
        let elsewhere = World::new();
        let owner = elsewhere.owner(1).await;
        elsewhere.platform.server(|s| s.profiles = vec![at("https://harbour.example")]);
        assert_eq!(connect(&elsewhere, &owner).await[0].id == before.id, same, "{id}");
    }
}
