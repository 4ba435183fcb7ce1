use super::*;
use crate::AccountDeps;
use crate::Error;
use crate::fakes::FakeSecrets;
use crate::fakes::{once, profile, shown};
use domain::accounts::AccountKind;
use futures_util::FutureExt;
use ports::{Record, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

async fn gone(world: &World, caller: &Caller, target: &str, key: &str) -> Result<crate::Reply, Error> {
    disconnect(&world.deps, caller, target, &once(key), &|d| shown(&d.accounts.len())).await
}

#[tokio::test]
async fn disconnecting_revokes_deletes_and_hides_and_a_repetition_gets_the_same_answer() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let first = gone(&world, &owner, "bird", "a").await.unwrap();
    assert_eq!(world.platform.server(|s| s.revoked.clone()), ["canary-access-0-0"]);
    assert!(world.secrets.held.lock().unwrap().is_empty());
    assert!(accounts(&world.deps, &owner).await.unwrap().is_empty());
    assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Dead));
    assert_eq!(world.outbound.told_kinds(), ["account.connected", "account.disconnected"]);
    let audited = world.audited(owner.tenant).await;
    assert!(audited.contains(&"credential.revoked".into()) && audited.contains(&"account.disconnected".into()));

    let again = gone(&world, &owner, "bird", "a").await.unwrap();
    assert_eq!((again.stored, again.replayed), (first.stored, true));
    assert_eq!(gone(&world, &owner, "chirp", "b").await, Err(Error::NotFound("account")));
    assert_eq!(connect(&world, &owner).await[0].id, account.id, "connecting again finds the same account");
}

#[tokio::test]
async fn whoever_asks_again_after_a_crash_right_after_the_last_change_gets_the_first_answer() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    connect(&world, &owner).await;
    // The process dies when the change is known to be committed: its event is the first thing that leaves after it.
    world.outbound.dies_after.store(2, Ordering::SeqCst);
    let worker = tokio::spawn({
        let (deps, owner) = (world.deps.clone(), owner.clone());
        async move { disconnect(&deps, &owner, "chirp", &once("a"), &|d| shown(&d.accounts.len())).await }
    });
    assert!(worker.await.unwrap_err().is_panic());
    assert!(accounts(&world.deps, &owner).await.unwrap().is_empty());
    let again = gone(&world, &owner, "chirp", "a").await.unwrap();
    assert_eq!((again.stored.body.as_str(), again.replayed), ("2", true));
}

#[tokio::test]
async fn a_platform_that_does_not_revoke_keeps_nobody_from_disconnecting() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    world.platform.server(|s| s.revoke_fails = true);
    gone(&world, &owner, &account.id.to_string(), "a").await.unwrap();
    assert!(world.secrets.held.lock().unwrap().is_empty());
    let log = world.deps.ledger.audit(owner.tenant, None, 50).await.unwrap().items;
    let revoked = log.iter().find(|e| e.action == "credential.revoked").unwrap();
    assert_eq!(revoked.facts.as_ref().unwrap()["at_platform"], "failed");
}

#[tokio::test]
async fn without_the_secret_store_nothing_is_said_to_be_deleted() {
    let world = World::new();
    let owner = world.owner(1).await;
    connect(&world, &owner).await;
    world.secrets.all_fails.store(true, Ordering::SeqCst);
    assert!(matches!(gone(&world, &owner, "chirp", "a").await, Err(Error::Unavailable(_))));
    world.secrets.all_fails.store(false, Ordering::SeqCst);
    assert_eq!(accounts(&world.deps, &owner).await.unwrap().len(), 1);
    gone(&world, &owner, "chirp", "a").await.unwrap();
}

#[tokio::test]
async fn an_access_that_others_use_stays_until_they_are_gone() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let both = connect(&world, &owner).await;
    let shared = gone(&world, &owner, &both[0].id.to_string(), "a").await.unwrap_err();
    assert!(matches!(shared, Error::Conflict { code: "access_is_shared", .. }));
    gone(&world, &owner, &both[1].id.to_string(), "b").await.unwrap();
    assert!(world.platform.server(|s| s.revoked.is_empty()), "the person still uses it");
    assert!(cold(&world, &both[0], None).await.is_ok());
    connect(&world, &owner).await;
    assert_eq!(gone(&world, &owner, "chirp", "c").await.unwrap().stored.body, "2");
    assert_eq!(world.platform.server(|s| s.revoked.len()), 1);
}

/// Each of the next `times` looks at a pair finds that somebody changed the account meanwhile, or disconnected it.
fn meddle(deps: AccountDeps, secrets: Arc<FakeSecrets>, account: &Account, times: u32, disconnects: bool) {
    let (at, account) = (Arc::clone(&secrets), account.clone());
    *at.on_get.lock().unwrap() = Some(Box::new(move || {
        let found = deps.ledger.account(account.tenant, account.id).now_or_never().unwrap().unwrap().unwrap();
        let next = if disconnects { found.value.disconnected(deps.clock.now()) } else { found.value.clone() };
        let write = Write::replace(&found, Record::Account(next));
        deps.ledger.commit(vec![write]).now_or_never().unwrap().unwrap();
        if times > 1 {
            meddle(deps, secrets, &account, times - 1, disconnects);
        }
    }));
}

#[tokio::test]
async fn who_disconnects_an_account_that_others_change_is_told_what_happened_and_what_did_not() {
    for (times, is_gone) in [(TRIES - 1, true), (TRIES, false)] {
        let world = World::new();
        let owner = world.owner(1).await;
        let account = connect(&world, &owner).await.remove(0);
        let times = u32::try_from(times).unwrap();
        meddle(world.deps.clone(), Arc::clone(&world.secrets), &account, times, false);
        let answer = gone(&world, &owner, "chirp", "a").await;
        assert_eq!(world.platform.server(|s| s.revoked.len()), 1);
        if !is_gone {
            let Err(Error::Conflict { code, detail }) = answer else { panic!("{answer:?}") };
            assert!(code == "disconnected_in_part" && detail.starts_with(&account.profile.name), "{detail}");
            assert_eq!(accounts(&world.deps, &owner).await.unwrap().len(), 1);
            gone(&world, &owner, "chirp", "b").await.unwrap();
        }
        assert!(stored(&world, &account).await.value.is_disconnected());
        assert_eq!(world.platform.server(|s| s.revoked.len()), 1, "nothing was left to take back");
        let log = world.deps.ledger.audit(owner.tenant, None, 50).await.unwrap().items;
        let revoked = log.iter().find(|e| e.action == "credential.revoked").unwrap();
        let told = if is_gone { "revoked" } else { "no_token" };
        assert_eq!(revoked.facts.as_ref().unwrap()["at_platform"], told);
    }
}

#[tokio::test]
async fn an_account_that_somebody_else_disconnects_at_the_same_moment_is_disconnected() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let both = connect(&world, &owner).await;
    meddle(world.deps.clone(), Arc::clone(&world.secrets), &both[1], 1, true);
    gone(&world, &owner, "chirp", "a").await.unwrap();
    assert!(accounts(&world.deps, &owner).await.unwrap().is_empty(), "and the others, too");
}

#[tokio::test]
async fn another_tenants_account_and_an_unknown_one_are_equally_absent() {
    let world = World::new();
    let (owner, stranger) = (world.owner(1).await, world.owner(2).await);
    let account = connect(&world, &owner).await.remove(0);
    let foreign = gone(&world, &stranger, &account.id.to_string(), "a").await;
    let unknown = gone(&world, &stranger, "acc_00000000000000000000000000000007", "b").await;
    assert_eq!(foreign, unknown);
    assert_eq!(foreign, Err(Error::NotFound("account")));
    assert_eq!(gone(&world, &stranger, "nowhere", "c").await, Err(Error::NotFound("account")));
    assert!(stored(&world, &account).await.value.is_active());
}

#[tokio::test]
async fn disconnecting_at_any_moment_of_a_refresh_leaves_neither_tokens_nor_access() {
    for moment in 0..40 {
        let world = World::new();
        let owner = world.owner(1).await;
        let account = connect(&world, &owner).await.remove(0);
        world.clock.pass(7_200);
        let late = Box::pin(async {
            for _ in 0..moment {
                tokio::task::yield_now().await;
            }
            gone(&world, &owner, "chirp", "a").await
        });
        let (_, done) = futures_util::future::join(cold(&world, &account, None), late).await;
        done.unwrap();
        assert!(stored(&world, &account).await.value.is_disconnected(), "moment {moment}");
        assert!(world.secrets.held.lock().unwrap().is_empty(), "moment {moment}");
        assert!(world.platform.server(|s| s.nothing_granted()), "moment {moment}");
        assert_eq!(cold(&world, &account, None).await, Err(TokenTrouble::Dead));
    }
}

#[tokio::test]
async fn an_access_that_a_whole_workspace_lives_on_is_taken_from_no_other_tenant() {
    let world = World::new();
    let (ours, theirs) = (world.owner(1).await, world.owner(2).await);
    let places = ["acme/news", "acme/jobs"].map(|id| profile(id, AccountKind::Organisation));
    world.platform.server(|s| (s.installs, s.profiles) = (true, places.to_vec()));
    let account = connect_these(&world, &ours, &["acme/news"]).await.remove(0);
    let other = connect_these(&world, &theirs, &["acme/jobs"]).await.remove(0);

    gone(&world, &ours, &account.id.to_string(), "a").await.unwrap();
    assert!(world.platform.server(|s| s.revoked.is_empty()), "the other tenant's channel lives on it");
    assert_eq!(world.secrets.held.lock().unwrap().len(), 1, "it is forgotten here all the same");
    let log = world.deps.ledger.audit(ours.tenant, None, 50).await.unwrap().items;
    let told = log.iter().find(|e| e.action == "credential.revoked").unwrap();
    assert_eq!(told.facts.as_ref().unwrap()["at_platform"], "not_offered");

    // Nor does a consent that comes to nothing take it, of somebody who has no account of the workspace at all.
    world.platform.server(|s| s.profiles_fail = Some(domain::publishing::Failure::Unavailable));
    let callback = consented(&world, &ours).await;
    finish(&world.deps, &ours, "chirp", &callback).await.unwrap_err();
    world.platform.server(|s| s.profiles_fail = None);
    let nobody = Callback { selection: Some(vec!["nobody".into()]), ..consented(&world, &ours).await };
    finish(&world.deps, &ours, "chirp", &nobody).await.unwrap_err();
    assert!(world.platform.server(|s| s.revoked.is_empty()));
    assert!(cold(&world, &other, None).await.is_ok());
}

#[tokio::test]
async fn an_access_that_comes_after_its_account_is_gone_is_not_taken_from_those_who_live_on_the_same() {
    for installs in [true, false] {
        let mut revoked = 0;
        for moment in 0..40 {
            let world = World::new();
            let owner = world.owner(1).await;
            world.platform.server(|s| s.installs = installs);
            let account = connect(&world, &owner).await.remove(0);
            world.clock.pass(7_200);
            let late = Box::pin(async {
                for _ in 0..moment {
                    tokio::task::yield_now().await;
                }
                gone(&world, &owner, &account.id.to_string(), "a").await
            });
            let (_, done) = futures_util::future::join(cold(&world, &account, None), late).await;
            done.unwrap();
            revoked += world.platform.server(|s| s.revoked.len());
            assert!(world.secrets.held.lock().unwrap().is_empty(), "moment {moment}");
        }
        assert_eq!(revoked == 0, installs);
    }
}
