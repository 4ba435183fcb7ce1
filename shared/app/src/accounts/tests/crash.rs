//! The time between a platform's answer and its two durable copies, taken apart.

use super::*;
use std::sync::atomic::Ordering;

async fn expired(world: &World) -> Account {
    let owner = world.owner(1).await;
    let account = connect(world, &owner).await.remove(0);
    world.clock.pass(7_200);
    account
}

fn refreshes(world: &World) -> (u32, u32) {
    world.platform.server(|s| (s.refresh_calls, s.family_kills))
}

#[tokio::test]
async fn when_the_secret_store_fails_the_account_carries_the_pair_and_gives_it_back_later() {
    let world = World::new();
    let account = expired(&world).await;
    world.secrets.puts_fail.store(true, Ordering::SeqCst);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2);
    assert!(stored(&world, &account).await.value.token.rescue.is_some());
    // Another process, the secret store still half down, then quite down.
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-access-0-1".into(), 2));
    world.secrets.all_fails.store(true, Ordering::SeqCst);
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-access-0-1".into(), 2));
    world.secrets.all_fails.store(false, Ordering::SeqCst);
    world.secrets.puts_fail.store(false, Ordering::SeqCst);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2);
    assert!(stored(&world, &account).await.value.token.rescue.is_none(), "the copy goes once it is not needed");
    world.clock.pass(7_200);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 3);
    assert_eq!(refreshes(&world), (2, 0));
}

#[tokio::test]
async fn a_refresh_is_not_begun_when_its_answer_might_come_after_the_process_is_stopped() {
    let world = World::new();
    let account = expired(&world).await;
    let stored = stored(&world, &account).await;
    let with = async |seconds: i64| {
        let deadline = world.deps.clock.now() + SignedDuration::from_secs(seconds);
        fresh_token(&world.deps, &TokenCache::default(), &stored, None, deadline, "test").await
    };
    assert_eq!(with(20).await.err(), Some(TokenTrouble::Busy));
    assert_eq!(refreshes(&world), (0, 0), "the old pair is still good, and nobody holds the lease");
    assert!(with(30).await.is_ok());
    assert_eq!(refreshes(&world), (1, 0));
}

#[tokio::test]
async fn after_a_crash_between_the_secret_and_the_account_the_stored_pair_is_adopted_and_not_refreshed_again() {
    let world = World::new();
    let account = expired(&world).await;
    let faults = world.faults.clone();
    // The store stops taking writes at the very moment the secret is put: as good as a crash right after it.
    *world.secrets.on_put.lock().unwrap() = Some(Box::new(move || faults.writes_fail.store(true, Ordering::SeqCst)));
    assert!(matches!(cold(&world, &account, None).await, Err(TokenTrouble::Later(_))));
    *world.secrets.on_put.lock().unwrap() = None;
    world.faults.writes_fail.store(false, Ordering::SeqCst);
    assert_eq!(stored(&world, &account).await.value.token.version, 1);

    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Busy), "the dead worker's lease still runs");
    world.clock.pass(domain::accounts::REFRESH_LEASE_S + 1);
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-access-0-1".into(), 2));
    assert_eq!(refreshes(&world), (1, 0));
    assert_eq!(stored(&world, &account).await.value.token.version, 2);
}

#[tokio::test]
async fn when_both_stores_fail_the_process_holds_the_pair_until_one_takes_it() {
    let world = World::new();
    let account = expired(&world).await;
    let cache = TokenCache::default();
    let (faults, secrets) = (world.faults.clone(), world.secrets.clone());
    *world.secrets.on_put.lock().unwrap() = Some(Box::new(move || {
        faults.writes_fail.store(true, Ordering::SeqCst);
        secrets.puts_fail.store(true, Ordering::SeqCst);
    }));
    assert!(matches!(token(&world, &cache, &account, None).await, Err(TokenTrouble::Later(_))));
    *world.secrets.on_put.lock().unwrap() = None;
    assert!(matches!(token(&world, &cache, &account, None).await, Err(TokenTrouble::Later(_))));
    world.secrets.puts_fail.store(false, Ordering::SeqCst);
    world.faults.writes_fail.store(false, Ordering::SeqCst);
    assert_eq!(token(&world, &cache, &account, None).await.unwrap(), ("canary-access-0-1".into(), 2));
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-access-0-1".into(), 2));
    assert_eq!(refreshes(&world), (1, 0));
}

#[tokio::test]
async fn without_the_ledger_no_refresh_begins() {
    let world = World::new();
    let account = expired(&world).await;
    world.faults.writes_fail.store(true, Ordering::SeqCst);
    assert!(matches!(cold(&world, &account, None).await, Err(TokenTrouble::Later(_))));
    assert_eq!(refreshes(&world), (0, 0));
}

#[tokio::test]
async fn a_reconnect_at_any_moment_of_a_refresh_wins_and_the_older_pair_never_comes_back() {
    for moment in 0..40 {
        let world = World::new();
        let account = expired(&world).await;
        let owner = world.member(1, 500, domain::access::Role::Owner).await;
        let callback = consented(&world, &owner).await;
        let reconnect = async {
            for _ in 0..moment {
                tokio::task::yield_now().await;
            }
            let done = finish(&world.deps, &owner, "chirp", &callback).await;
            // Somebody reads the new pair at once, while the refresh may still put the older one over it.
            cold(&world, &account, None).await.unwrap();
            done
        };
        let (refreshed, reconnected) = futures_util::future::join(cold(&world, &account, None), reconnect).await;
        assert_eq!(reconnected.unwrap().connected().unwrap().accounts[0].id, account.id);
        drop(refreshed);
        let (token, version) = cold(&world, &account, None).await.unwrap();
        assert_eq!(token, "canary-access-1-0", "the new consent's pair, moment {moment}");
        world.clock.pass(60);
        assert_eq!(cold(&world, &account, None).await.unwrap(), (token, version), "moment {moment}");
        assert!(stored(&world, &account).await.value.token.rescue.is_none(), "moment {moment}");
        assert_eq!(cold(&world, &account, Some(version)).await.unwrap().0, "canary-access-1-1");
        assert_eq!(world.platform.server(|s| s.family_kills), 0);
    }
}

#[tokio::test]
async fn a_secret_that_is_gone_needs_a_person_and_one_that_is_merely_old_does_not() {
    let world = World::new();
    let account = expired(&world).await;
    let old = world.secrets.held.lock().unwrap().clone();
    cold(&world, &account, None).await.unwrap();
    *world.secrets.held.lock().unwrap() = old;
    assert!(matches!(cold(&world, &account, None).await, Err(TokenTrouble::Later(_))));
    assert!(stored(&world, &account).await.value.is_active());
    world.secrets.held.lock().unwrap().clear();
    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Dead));
}

#[tokio::test]
async fn a_pair_put_in_another_accounts_place_does_not_open() {
    let world = World::new();
    let account = expired(&world).await;
    let stranger = world.owner(2).await;
    let theirs = connect(&world, &stranger).await.remove(0);
    let mut held = world.secrets.held.lock().unwrap().clone();
    let mine = held[&format!("{}/{}", account.tenant, account.id)].clone();
    held.insert(format!("{}/{}", theirs.tenant, theirs.id), mine);
    *world.secrets.held.lock().unwrap() = held;
    assert!(matches!(cold(&world, &theirs, None).await, Err(TokenTrouble::Later(_))));
}
