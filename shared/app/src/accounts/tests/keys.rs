use super::*;
use crate::Error;
use crate::fakes::{once, scoped, shown};
use domain::access::Permission;

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
async fn only_who_administers_rotates_keys() {
    let world = World::new();
    let owner = scoped(&world.owner(1).await, &[Permission::ManageAccounts]);
    let answer = rotate_keys(&world.deps, &owner, &once("r"), &shown).await;
    assert_eq!(answer, Err(Error::Forbidden("administer")));
    assert_eq!(reseal(&world.deps, &owner).await, Err(Error::Forbidden("administer")));
}
