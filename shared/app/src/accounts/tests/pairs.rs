//! Accounts that hold a pair for others and live on another's.

use super::*;
use crate::fakes::{once, profile, shown};
use domain::accounts::AccountKind;
use ports::AuthFailure;
use std::sync::atomic::Ordering;

/// Consent 1 connects two pages (the first holds the pair of both), consent 2 the person and the first page, which keeps its
/// own pair for the second: the person and the two pages.
async fn chained(world: &World, owner: &Caller) -> [Account; 3] {
    world.platform.server(|s| {
        s.profiles.push(profile("org-1", AccountKind::Organisation));
        s.profiles.push(profile("org-2", AccountKind::Organisation));
    });
    let first = connect_these(world, owner, &["org-1", "org-2"]).await;
    let second = connect_these(world, owner, &["ada", "org-1"]).await;
    assert_eq!(first[1].holder, Some(first[0].id));
    assert_eq!((second[1].id, second[1].holder), (first[0].id, Some(second[0].id)));
    [second[0].clone(), second[1].clone(), first[1].clone()]
}

fn stored_pairs(world: &World) -> usize {
    world.secrets.held.lock().unwrap().len()
}

async fn disconnect_all(world: &World, owner: &Caller) {
    disconnect(&world.deps, owner, "chirp", &once("a"), &|d| shown(&d.accounts.len())).await.unwrap();
}

#[tokio::test]
async fn each_account_uses_the_pair_of_the_consent_it_was_connected_with_last() {
    let world = World::new();
    let owner = world.owner(1).await;
    let [ada, org1, org2] = chained(&world, &owner).await;
    world.clock.pass(7_200);
    assert_eq!(cold(&world, &ada, None).await.unwrap().0, "canary-access-1-1");
    assert_eq!(cold(&world, &org1, None).await.unwrap().0, "canary-access-1-1");
    assert_eq!(cold(&world, &org2, None).await.unwrap().0, "canary-access-0-1");
    assert_eq!(world.platform.server(|s| s.family_kills), 0);
}

#[tokio::test]
async fn disconnecting_everything_leaves_neither_tokens_nor_access_whoever_held_them_for_whom() {
    let world = World::new();
    let owner = world.owner(1).await;
    chained(&world, &owner).await;
    assert_eq!(stored_pairs(&world), 2);
    disconnect_all(&world, &owner).await;
    assert_eq!(stored_pairs(&world), 0);
    assert!(world.platform.server(|s| s.nothing_granted()));
}

#[tokio::test]
async fn re_sealing_moves_the_pair_that_an_account_keeps_for_others_too() {
    let world = World::new();
    let owner = world.owner(1).await;
    let [_, _, org2] = chained(&world, &owner).await;
    rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap();
    assert_eq!(reseal(&world.deps, &owner).await.unwrap(), Resealed { tokens: 2, endpoints: 0, left: 0 });
    assert!(world.secrets.held.lock().unwrap().values().all(|v| v.contains("\"sealed\":\"2.")));
    assert_eq!(cold(&world, &org2, None).await.unwrap().0, "canary-access-0-0");
}

#[tokio::test]
async fn a_dead_pair_takes_down_those_that_use_it_and_not_the_account_that_kept_it_for_them() {
    let world = World::new();
    let owner = world.owner(1).await;
    let [ada, org1, org2] = chained(&world, &owner).await;
    world.platform.server(|s| s.refresh_fails = Some(AuthFailure::Refused));
    let version = stored(&world, &org1).await.value.token.version;
    assert_eq!(cold(&world, &org2, Some(version)).await, Err(TokenTrouble::Dead));
    assert!(!stored(&world, &org2).await.value.is_active());
    for healthy in [&ada, &org1] {
        assert!(stored(&world, healthy).await.value.is_active());
        assert_eq!(cold(&world, healthy, None).await.unwrap().0, "canary-access-1-0");
    }
    let told = world.outbound.told_kinds();
    assert_eq!(told.iter().filter(|k| **k == "account.needs_reconnect").count(), 1);
}

#[tokio::test]
async fn the_pair_that_an_account_keeps_for_others_outlives_the_one_it_uses_itself() {
    let world = World::new();
    let owner = world.owner(1).await;
    let [ada, org1, org2] = chained(&world, &owner).await;
    world.platform.server(|s| s.refresh_fails = Some(AuthFailure::Refused));
    assert_eq!(cold(&world, &org1, Some(1)).await, Err(TokenTrouble::Dead));
    assert!(!stored(&world, &ada).await.value.is_active() && !stored(&world, &org1).await.value.is_active());
    assert_eq!(cold(&world, &org2, None).await.unwrap().0, "canary-access-0-0");
    assert!(stored(&world, &org2).await.value.is_active());
}

#[tokio::test]
async fn a_pair_is_deleted_when_the_last_account_that_lives_on_it_has_moved() {
    let world = World::new();
    let owner = world.owner(1).await;
    chained(&world, &owner).await;
    let all = connect_these(&world, &owner, &["ada", "org-2"]).await;
    assert_eq!(all[1].holder, Some(all[0].id));
    assert_eq!(stored_pairs(&world), 1, "nobody lives on the first page's pair any more");
    assert_eq!(cold(&world, &all[1], None).await.unwrap().0, "canary-access-2-0");

    let world = World::new();
    let owner = world.owner(1).await;
    chained(&world, &owner).await;
    connect_these(&world, &owner, &["ada", "org-1", "org-2"]).await;
    assert_eq!(stored_pairs(&world), 1, "nor when all move at once");
}

/// A world in which a superseded pair could not be deleted, which is what a crash after the consent's commit leaves.
async fn with_leftover() -> (World, Caller) {
    let world = World::new();
    let owner = world.owner(1).await;
    chained(&world, &owner).await;
    world.secrets.deletes_fail.store(true, Ordering::SeqCst);
    connect_these(&world, &owner, &["ada", "org-1", "org-2"]).await;
    world.secrets.deletes_fail.store(false, Ordering::SeqCst);
    assert_eq!(stored_pairs(&world), 2);
    (world, owner)
}

#[tokio::test]
async fn a_pair_that_a_crash_left_behind_is_found_by_the_next_consent_and_by_disconnecting() {
    let (world, owner) = with_leftover().await;
    connect_these(&world, &owner, &["ada"]).await;
    assert_eq!(stored_pairs(&world), 1);

    let (world, owner) = with_leftover().await;
    rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap();
    assert_eq!(reseal(&world.deps, &owner).await.unwrap(), Resealed { tokens: 2, endpoints: 0, left: 0 });
    disconnect_all(&world, &owner).await;
    assert_eq!(stored_pairs(&world), 0);
    assert!(world.platform.server(|s| s.revoked.iter().any(|token| token.starts_with("canary-access-0"))));
}
