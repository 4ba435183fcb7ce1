use super::*;
use crate::Error;
use crate::fakes::{once, profile, shown};
use domain::accounts::AccountKind;
use domain::publishing::Failure;

/// A world with three pages beside the person, of which the first two have tokens of their own.
async fn world() -> (World, Caller) {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| {
        s.profiles.extend(["org-1", "org-2", "org-3"].map(|id| profile(id, AccountKind::Organisation)));
        s.own = vec!["org-1", "org-2"];
    });
    (world, owner)
}

async fn gone(world: &World, caller: &Caller, account: &Account, key: &str) {
    let target = account.id.to_string();
    disconnect(&world.deps, caller, &target, &once(key), &|d| shown(&d.accounts.len())).await.unwrap();
}

#[tokio::test]
async fn a_profile_with_a_token_of_its_own_holds_it_and_the_others_share_the_consents() {
    let (world, owner) = world().await;
    let all = connect_these(&world, &owner, &["ada", "org-1", "org-2", "org-3"]).await;
    let holders: Vec<_> = all.iter().map(|a| a.holder).collect();
    assert_eq!(holders, [None, None, None, Some(all[0].id)]);
    for (account, expected) in all.iter().zip(["", "-of-org-1", "-of-org-2", ""]) {
        assert_eq!(cold(&world, account, None).await.unwrap().0, format!("canary-access-0-0{expected}"));
    }
    assert_eq!((all[1].token.expires_at, all[1].token.refreshable), (None, false), "it lives until somebody ends it");
    assert_eq!(all[1].scopes, all[0].scopes, "what it may do is what was consented to");
    world.clock.pass(7_300);
    assert_eq!(cold(&world, &all[3], None).await.unwrap().0, "canary-access-0-1", "the shared pair was refreshed");
    assert_eq!(cold(&world, &all[1], None).await.unwrap().0, "canary-access-0-0-of-org-1");
}

#[tokio::test]
async fn the_first_without_one_holds_the_consents_pair_though_others_come_before_it() {
    let (world, owner) = world().await;
    world.platform.server(|s| s.own = vec!["ada", "org-1"]);
    let all = connect_these(&world, &owner, &["ada", "org-1", "org-2", "org-3"]).await;
    let holders: Vec<_> = all.iter().map(|a| a.holder).collect();
    assert_eq!(holders, [None, None, None, Some(all[2].id)]);
    assert_eq!(cold(&world, &all[3], None).await.unwrap().0, "canary-access-0-0");
}

#[tokio::test]
async fn a_page_is_disconnected_without_the_others_and_refused_without_the_others() {
    let (world, owner) = world().await;
    let pages = connect_these(&world, &owner, &["org-1", "org-2"]).await;
    gone(&world, &owner, &pages[0], "a").await;
    assert_eq!(cold(&world, &pages[0], None).await, Err(TokenTrouble::Dead));
    assert!(cold(&world, &pages[1], None).await.is_ok());

    let again = connect_these(&world, &owner, &["org-1"]).await.remove(0);
    assert_eq!(again.id, pages[0].id, "the same account");
    assert!(again.token.version > pages[0].token.version);
    assert_eq!(cold(&world, &again, Some(again.token.version)).await, Err(TokenTrouble::Dead), "nothing renews it");
    assert!(!stored(&world, &again).await.value.is_active());
    assert!(stored(&world, &pages[1]).await.value.is_active(), "that one page was refused says nothing of the other");
    let anew = connect_these(&world, &owner, &["org-1"]).await.remove(0);
    assert!(stored(&world, &anew).await.value.is_active() && cold(&world, &anew, None).await.is_ok());
}

#[tokio::test]
async fn a_choice_is_not_used_up_when_the_platform_does_not_tell_the_tokens() {
    let (world, owner) = world().await;
    let callback = consented(&world, &owner).await;
    let Returned::Choose(offer) = finish(&world.deps, &owner, "chirp", &callback).await.unwrap() else {
        panic!("nobody was asked")
    };
    world.platform.server(|s| s.own_fail = Some(Failure::Unavailable));
    let failed = choose(&world.deps, &owner, "chirp", &offer.id, &ids(&["org-1"])).await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    assert!(accounts(&world.deps, &owner).await.unwrap().is_empty());
    world.platform.server(|s| s.own_fail = None);
    let done = choose(&world.deps, &owner, "chirp", &offer.id, &ids(&["org-1"])).await.unwrap();
    assert_eq!(cold(&world, &done.accounts[0], None).await.unwrap().0, "canary-access-0-0-of-org-1");
}

#[tokio::test]
async fn a_consent_whose_tokens_are_not_told_connects_nothing_and_is_given_back() {
    let (world, owner) = world().await;
    world.platform.server(|s| s.own_fail = Some(Failure::Unavailable));
    let callback = Callback { selection: Some(ids(&["org-1"])), ..consented(&world, &owner).await };
    let failed = finish(&world.deps, &owner, "chirp", &callback).await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    assert!(accounts(&world.deps, &owner).await.unwrap().is_empty());
    assert!(world.platform.server(|s| s.nothing_granted()));
}

#[tokio::test]
async fn tokens_of_profiles_that_were_not_chosen_are_not_even_asked_for() {
    let (world, owner) = world().await;
    let page = connect_these(&world, &owner, &["org-2"]).await.remove(0);
    assert_eq!(page.holder, None);
    assert_eq!(world.secrets.held.lock().unwrap().len(), 1, "neither theirs nor the consent's is kept");
}

#[tokio::test]
async fn what_a_platform_does_not_take_back_is_not_called_revoked() {
    let world = World::new();
    let owner = world.owner(1).await;
    // A key lasts until its owner takes it back; the session that a password gave is ended.
    for (token, expected) in [("canary-key", "not_offered"), ("canary-password", "revoked")] {
        let entries = [("server", "perch.example"), ("token", token)];
        let entries = entries.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let account = connect_by_key(&world.deps, &owner, "perch", &entries).await.unwrap().remove(0);
        gone(&world, &owner, &account, token).await;
        let log = world.deps.ledger.audit(owner.tenant, None, 50).await.unwrap().items;
        let mut told: Vec<_> = log.into_iter().filter(|e| e.action == "credential.revoked").collect();
        told.sort_by_key(|e| (e.at, e.id));
        assert_eq!(told.last().unwrap().facts.as_ref().unwrap()["at_platform"], expected);
        world.clock.pass(1);
    }
}
