use super::*;
use domain::accounts::{AccountKind, AccountStatus, REFRESH_LEASE_S};
use futures_util::FutureExt as _;
use ports::AuthFailure;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};

use crate::fakes::profile;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn twenty_workers_at_an_expired_token_refresh_once_and_never_kill_the_family() {
    for _ in 0..20 {
        let world = Arc::new(World::new());
        let owner = block_on(world.owner(1));
        let account = block_on(connect(&world, &owner)).remove(0);
        world.clock.pass(7_200);
        let start = Arc::new(Barrier::new(20));
        let workers: Vec<_> = (0..20)
            .map(|_| {
                let (world, account, start) = (world.clone(), account.clone(), start.clone());
                std::thread::spawn(move || {
                    start.wait();
                    for _ in 0..10_000 {
                        match block_on(cold(&world, &account, None)) {
                            Ok(token) => return token,
                            Err(TokenTrouble::Busy) => std::thread::yield_now(),
                            Err(other) => panic!("{other}"),
                        }
                    }
                    panic!("never got a token");
                })
            })
            .collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), ("canary-access-0-1".into(), 2));
        }
        assert_eq!(world.platform.server(|s| (s.refresh_calls, s.family_kills)), (1, 0));
    }
}

#[tokio::test]
async fn a_warm_worker_reads_no_secret() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let cache = TokenCache::default();
    token(&world, &cache, &account, None).await.unwrap();
    let reads = world.secrets.reads.load(Ordering::SeqCst);
    for _ in 0..100 {
        token(&world, &cache, &account, None).await.unwrap();
    }
    assert_eq!(world.secrets.reads.load(Ordering::SeqCst), reads);
}

#[tokio::test]
async fn a_refused_token_is_refreshed_and_a_newer_one_is_used_as_it_is() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    assert_eq!(cold(&world, &account, Some(1)).await.unwrap().1, 2);
    // Another worker still holds the old answer: version 1 was refused, but there is a version 2 by now.
    assert_eq!(cold(&world, &account, Some(1)).await.unwrap().1, 2);
    assert_eq!(world.platform.server(|s| s.refresh_calls), 1);
    assert!(world.audited(owner.tenant).await.contains(&"credential.refreshed".into()));
}

#[tokio::test]
async fn while_another_refreshes_a_token_with_some_life_left_is_used() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    world.clock.pass(7_200 - 60);
    let (now, mut held) = (world.deps.clock.now(), stored(&world, &account).await);
    held.value.token = held.value.token.leased("another", now).unwrap();
    commit(&world.deps, &stored(&world, &account).await, held.value, None, vec![], "test").await.unwrap();
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 1);
    assert_eq!(cold(&world, &account, Some(1)).await, Err(TokenTrouble::Busy));
    world.clock.pass(15);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 1, "45 seconds left are enough");
    world.clock.pass(REFRESH_LEASE_S - 15 + 1);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2, "the lease has run out: its worker is dead");
}

#[tokio::test]
async fn a_token_that_is_renewed_early_is_used_to_its_end_while_the_platform_does_not_renew_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.renew_in_s = Some(600));
    let account = connect(&world, &owner).await.remove(0);
    world.clock.pass(599);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 1);
    world.clock.pass(1);
    world.platform.server(|s| s.refresh_fails = Some(AuthFailure::Transient));
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 1, "it was tried, and the token is alive");
    assert_eq!(world.platform.server(|s| s.refresh_calls), 1);
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2, "the next one renews it");
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2, "and not again before its time");
}

/// What a refresh may take at most from its call to the platform to the second copy: the timeouts of the clients.
const CALL_S: i64 = 20 + 12 + 12;

#[tokio::test]
async fn a_lease_never_ends_while_its_holders_call_is_out_however_slowly_the_secrets_came() {
    for (before_s, moment) in (0..60).flat_map(|moment| [(0, moment), (9, moment), (11, moment), (44, moment)]) {
        let world = World::new();
        let owner = world.owner(1).await;
        let account = connect(&world, &owner).await.remove(0);
        world.clock.pass(7_200);
        let clock = world.clock.clone();
        *world.secrets.on_get.lock().unwrap() = Some(Box::new(move || clock.pass(before_s)));
        let late = async {
            for _ in 0..moment {
                tokio::task::yield_now().await;
            }
            world.clock.pass(CALL_S);
            cold(&world, &account, None).await
        };
        let (one, two) = futures_util::future::join(cold(&world, &account, None), late).await;
        let (kills, calls) = world.platform.server(|s| (s.family_kills, s.refresh_calls));
        assert_eq!((kills, calls), (0, 1), "{before_s} {moment}: {one:?} {two:?}");
        assert!(stored(&world, &account).await.value.is_active());
    }
}

#[tokio::test]
async fn whose_lease_was_taken_over_before_the_call_makes_none() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    world.clock.pass(7_200);
    let (deps, clock, id) = (world.deps.clone(), world.clock.clone(), (account.tenant, account.id));
    *world.secrets.on_get.lock().unwrap() = Some(Box::new(move || {
        clock.pass(REFRESH_LEASE_S + 1);
        let old = deps.ledger.account(id.0, id.1).now_or_never().unwrap().unwrap().unwrap();
        let token = old.value.token.leased("another", deps.clock.now()).unwrap();
        let next = Account { token, ..old.value.clone() };
        commit(&deps, &old, next, None, vec![], "test").now_or_never().unwrap().unwrap();
    }));
    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Busy));
    assert_eq!(world.platform.server(|s| s.refresh_calls), 0);
}

#[tokio::test]
async fn trouble_with_the_platform_never_disconnects_and_frees_the_lease() {
    for trouble in [AuthFailure::Transient, AuthFailure::Misconfigured("client".into())] {
        let world = World::new();
        let owner = world.owner(1).await;
        let account = connect(&world, &owner).await.remove(0);
        world.clock.pass(7_200);
        world.platform.server(|s| s.refresh_fails = Some(trouble));
        assert!(matches!(cold(&world, &account, None).await, Err(TokenTrouble::Later(_))));
        let now = stored(&world, &account).await.value;
        assert!(now.is_active() && now.token.lease.is_none());
        assert_eq!(cold(&world, &account, None).await.unwrap().1, 2);
    }
}

#[tokio::test]
async fn a_refused_grant_needs_a_person_and_tells_once() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    world.clock.pass(7_200);
    world.platform.server(|s| s.refresh_fails = Some(AuthFailure::Refused));
    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Dead));
    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Dead));
    let status = stored(&world, &account).await.value.status;
    assert!(matches!(status, AccountStatus::NeedsReconnect { reason, .. } if reason == "grant_refused"));
    assert_eq!(world.outbound.told_kinds(), ["account.connected", "account.needs_reconnect"]);
    assert_eq!(world.platform.server(|s| s.refresh_calls), 1);
}

#[tokio::test]
async fn a_token_without_a_refresh_token_is_used_to_its_end_and_then_needs_a_person() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.no_refresh = true);
    let account = connect(&world, &owner).await.remove(0);
    world.clock.pass(7_190);
    assert!(cold(&world, &account, None).await.is_ok());
    world.clock.pass(10);
    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Dead));
    assert_eq!(world.platform.server(|s| s.refresh_calls), 0);
}

#[tokio::test]
async fn accounts_of_one_consent_share_one_pair_and_one_refresh() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let accounts = connect(&world, &owner).await;
    assert_eq!(accounts.len(), 2);
    world.clock.pass(7_200);
    assert_eq!(cold(&world, &accounts[1], None).await.unwrap(), ("canary-access-0-1".into(), 2));
    assert_eq!(cold(&world, &accounts[0], None).await.unwrap(), ("canary-access-0-1".into(), 2));
    assert_eq!(world.platform.server(|s| (s.refresh_calls, s.family_kills)), (1, 0));
    assert_eq!(world.secrets.held.lock().unwrap().len(), 1);

    world.platform.server(|s| s.refresh_fails = Some(AuthFailure::Refused));
    assert_eq!(cold(&world, &accounts[1], Some(2)).await, Err(TokenTrouble::Dead));
    for account in &accounts {
        assert!(!stored(&world, account).await.value.is_active(), "both stand on the same grant");
    }
}

#[tokio::test]
async fn a_refused_account_is_marked_once_unless_it_was_connected_anew_meanwhile() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let seen = stored(&world, &account).await;
    connect(&world, &owner).await;
    account_refused(&world.deps, &seen, "revoked", "test").await;
    assert!(stored(&world, &account).await.value.is_active());
    let seen = stored(&world, &account).await;
    account_refused(&world.deps, &seen, "revoked", "test").await;
    account_refused(&world.deps, &seen, "revoked", "test").await;
    assert!(!stored(&world, &account).await.value.is_active());
    assert_eq!(world.outbound.told_kinds().iter().filter(|k| **k == "account.needs_reconnect").count(), 1);
}

#[tokio::test]
async fn an_account_on_anothers_pair_is_not_marked_for_an_answer_of_before_it_was_connected_anew() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let page = connect(&world, &owner).await.remove(1);
    assert!(page.holder.is_some());
    let seen = async || {
        let until = world.deps.clock.now() + SignedDuration::from_mins(1);
        let stored = stored(&world, &page).await;
        fresh_token(&world.deps, &TokenCache::default(), &stored, None, until, "test").await.unwrap().1
    };
    // A publish is under way with the old access meanwhile.
    let old = seen().await;
    connect(&world, &owner).await;
    account_refused(&world.deps, &old, "revoked", "test").await;
    assert!(stored(&world, &page).await.value.is_active(), "the person has just connected it");
    // A refresh makes no new consent of it.
    let old = seen().await;
    world.clock.pass(7_200);
    seen().await;
    account_refused(&world.deps, &old, "revoked", "test").await;
    assert!(!stored(&world, &page).await.value.is_active());
}

#[tokio::test]
async fn an_account_that_moved_to_another_pair_is_not_marked_for_an_answer_to_its_old_one() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let page = connect_these(&world, &owner, &["org"]).await.remove(0);
    let old = stored(&world, &page).await;
    assert_eq!(old.value.holder, None);
    connect(&world, &owner).await;
    assert!(stored(&world, &page).await.value.holder.is_some());
    account_refused(&world.deps, &old, "revoked", "test").await;
    assert!(stored(&world, &page).await.value.is_active());
}
