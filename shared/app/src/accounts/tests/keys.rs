use super::*;
use crate::Error;
use crate::fakes::{once, scoped, shown};
use domain::access::Permission;
use domain::accounts::REFRESH_LEASE_S;
use futures_util::FutureExt as _;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn after_a_rotation_everything_still_opens_and_is_moved_to_the_new_key() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let reply = rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap();
    assert!(reply.stored.body.contains("active: 2"));
    assert_eq!(rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap().stored, reply.stored);

    assert!(cold(&world, &account, None).await.is_ok(), "what lies under the old key opens");
    assert_eq!(reseal(&world.deps, &owner).await.unwrap(), Resealed { tokens: 1, endpoints: 0, left: 0 });
    assert!(world.secrets.held.lock().unwrap().values().all(|v| v.contains("\"sealed\":\"2.")));
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 1);
    assert_eq!(reseal(&world.deps, &owner).await.unwrap(), Resealed::default());
    assert!(stored(&world, &account).await.value.token.lease.is_none());
    let audited = world.audited(owner.tenant).await;
    assert!(audited.contains(&"keyring.rotated".into()) && audited.contains(&"keyring.resealed".into()));
}

#[tokio::test]
async fn a_pair_that_is_being_refreshed_is_left_alone() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap();
    let before = stored(&world, &account).await;
    let mut next = before.value.clone();
    next.token = next.token.leased("another", world.deps.clock.now()).unwrap();
    commit(&world.deps, &before, next, None, vec![], "test").await.unwrap();
    assert_eq!(reseal(&world.deps, &owner).await.unwrap(), Resealed { tokens: 0, endpoints: 0, left: 1 });
}

#[tokio::test]
async fn a_re_sealed_pair_is_put_under_a_lease_that_outlasts_the_put_and_beside_a_second_copy() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap();
    let seen = Arc::new(Mutex::new(None));
    let (deps, told) = (world.deps.clone(), seen.clone());
    let (tenant, id) = (account.tenant, account.id);
    *world.secrets.on_put.lock().unwrap() = Some(Box::new(move || {
        let found = deps.ledger.account(tenant, id).now_or_never().unwrap().unwrap();
        *told.lock().unwrap() = Some(found.unwrap().value.token);
    }));
    // The first read looks at the key; the second is under the lease, and slow.
    let (clock, secrets) = (world.clock.clone(), world.secrets.clone());
    *world.secrets.on_get.lock().unwrap() = Some(Box::new(move || {
        *secrets.on_get.lock().unwrap() = Some(Box::new(move || clock.pass(REFRESH_LEASE_S - 10)));
    }));
    assert_eq!(reseal(&world.deps, &owner).await.unwrap().tokens, 1);
    let token = seen.lock().unwrap().take().unwrap();
    assert!(token.lease_suffices(world.deps.clock.now()), "{token:?}");
    assert!(token.rescue.is_some_and(|sealed| sealed.starts_with("2.")));
    let now = stored(&world, &account).await.value.token;
    assert!(now.lease.is_none() && now.rescue.is_none());
}

#[tokio::test]
async fn a_pair_that_was_taken_over_meanwhile_is_not_put_over_its_successor() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    rotate_keys(&world.deps, &owner, &once("r"), &shown).await.unwrap();
    let late = async {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        world.clock.pass(7_200);
        cold(&world, &account, None).await
    };
    let (done, refreshed) = futures_util::future::join(reseal(&world.deps, &owner), late).await;
    assert_eq!(refreshed.unwrap().1, 2);
    assert_eq!(done.unwrap(), Resealed { tokens: 0, endpoints: 0, left: 1 });
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2, "the secret store is not behind the ledger");
}

#[tokio::test]
async fn only_who_administers_rotates_keys() {
    let world = World::new();
    let owner = scoped(&world.owner(1).await, &[Permission::ManageAccounts]);
    let answer = rotate_keys(&world.deps, &owner, &once("r"), &shown).await;
    assert_eq!(answer, Err(Error::Forbidden("administer")));
    assert_eq!(reseal(&world.deps, &owner).await, Err(Error::Forbidden("administer")));
}
