use super::*;
use crate::Error;
use crate::fakes::{once, shown};
use domain::access::Role;
use std::collections::BTreeMap;

fn entries(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(name, entry)| ((*name).to_owned(), (*entry).to_owned())).collect()
}

fn broken(result: Result<Vec<Account>, Error>) -> Vec<(String, String)> {
    match result.unwrap_err() {
        Error::Invalid(list) => list.into_iter().map(|v| (v.code, v.field)).collect(),
        other => panic!("{other:?}"),
    }
}

fn said(code: &str, field: &str) -> (String, String) {
    (code.into(), field.into())
}

#[tokio::test]
async fn good_entries_connect_an_account_whose_key_never_ends_and_entering_them_again_connects_the_same() {
    let world = World::new();
    let owner = world.owner(1).await;
    let good = entries(&[("server", "perch.example/"), ("token", " canary-key ")]);
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    assert_eq!(account.profile.home.as_deref(), Some("https://perch.example"));
    assert_eq!((account.token.expires_at, account.token.refreshable), (None, false));
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-key".into(), 1));
    assert_eq!(world.audited(owner.tenant).await, ["account.connected"]);

    let again = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    assert_eq!(again.id, account.id);
    let elsewhere = entries(&[("server", "other.example"), ("token", "canary-key")]);
    let other = connect_by_key(&world.deps, &owner, "perch", &elsewhere).await.unwrap().remove(0);
    assert_ne!(other.id, account.id, "the same id on another server is somebody else");
    let held = world.secrets.held.lock().unwrap();
    assert!(held.values().all(|value| !value.contains("canary-key")), "it lies sealed");
}

#[tokio::test]
async fn all_that_is_wrong_with_entries_is_told_before_the_platform_is_asked() {
    let world = World::new();
    let owner = world.owner(1).await;
    let bad = entries(&[("server", "https://private.example"), ("tok/en", "x")]);
    assert_eq!(
        broken(connect_by_key(&world.deps, &owner, "perch", &bad).await),
        [
            said("entry_unknown", "/entries/tok~1en"),
            said("server_not_allowed", "/entries/server"),
            said("entry_missing", "/entries/token"),
        ]
    );
    let long = "x".repeat(2_049);
    for token in ["two\nlines", long.as_str()] {
        let bad = entries(&[("server", "perch.example"), ("token", token)]);
        assert_eq!(
            broken(connect_by_key(&world.deps, &owner, "perch", &bad).await),
            [said("entry_malformed", "/entries/token")]
        );
    }
    assert!(world.platform.server(|server| server.entered.is_empty()));
}

#[tokio::test]
async fn what_the_platform_refuses_or_does_not_answer_connects_nothing() {
    let world = World::new();
    let owner = world.owner(1).await;
    let wrong = entries(&[("server", "perch.example"), ("token", "canary-wrong")]);
    assert_eq!(
        broken(connect_by_key(&world.deps, &owner, "perch", &wrong).await),
        [said("entry_refused", "/entries/token")]
    );
    let slow = entries(&[("server", "perch.example"), ("token", "slow")]);
    let lost = connect_by_key(&world.deps, &owner, "perch", &slow).await.unwrap_err();
    assert!(matches!(lost, Error::Unavailable(_)));
    assert!(accounts(&world.deps, &owner).await.unwrap().is_empty());
    assert!(world.audited(owner.tenant).await.is_empty());
}

#[tokio::test]
async fn a_key_that_the_platform_stops_taking_asks_for_a_person_and_a_new_one_mends_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    let good = entries(&[("server", "perch.example"), ("token", "canary-key")]);
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    assert_eq!(cold(&world, &account, Some(1)).await.unwrap_err(), TokenTrouble::Dead);
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    assert!(account.is_active() && account.token.version > 1);
    assert_eq!(cold(&world, &account, None).await.unwrap().0, "canary-key");
}

#[tokio::test]
async fn each_platform_is_connected_its_own_way_and_only_by_owners() {
    let world = World::new();
    let owner = world.owner(1).await;
    let good = entries(&[("server", "perch.example"), ("token", "canary-key")]);
    let code = |error| match error {
        Error::Conflict { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(connect_by_key(&world.deps, &owner, "chirp", &good).await.unwrap_err()), "connected_by_consent");
    let begun = begin(&world.deps, &owner, "perch", "https://herald.example", None).await.unwrap_err();
    assert_eq!(code(begun), "connected_by_key");
    let editor = world.member(1, 101, Role::Editor).await;
    let refused = connect_by_key(&world.deps, &editor, "perch", &good).await.unwrap_err();
    assert!(matches!(refused, Error::Forbidden(_)));
}

#[tokio::test]
async fn a_pair_that_ends_is_renewed_once_by_the_server_it_was_entered_for_and_given_back_there() {
    let world = World::new();
    let owner = world.owner(1).await;
    let good = entries(&[("server", "perch.example"), ("token", "canary-password")]);
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    assert!(account.token.refreshable && account.token.expires_at.is_some());
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-access-0-0".into(), 1));
    world.clock.pass(7_200);
    assert_eq!(cold(&world, &account, None).await.unwrap(), ("canary-access-0-1".into(), 2));
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2);
    assert_eq!(world.platform.server(|s| (s.refresh_calls, s.family_kills)), (1, 0));
    assert_eq!(world.platform.server(|s| std::mem::take(&mut s.asked)), ["https://perch.example"]);
    let held = world.secrets.held.lock().unwrap().clone();
    assert!(held.values().all(|value| !value.contains("canary-password")), "what was entered is not kept");

    let id = account.id.to_string();
    disconnect(&world.deps, &owner, &id, &once("a"), &|d| shown(&d.accounts.len())).await.unwrap();
    assert!(world.platform.server(|s| s.nothing_granted()), "the session is ended, too");
    assert_eq!(world.platform.server(|s| std::mem::take(&mut s.asked)), ["https://perch.example"]);
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_asks_for_a_person_and_entering_anew_mends_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    let good = entries(&[("server", "perch.example"), ("token", "canary-password")]);
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    world.clock.pass(7_200);
    // A worker had the pair rotated, and died with the answer.
    world.platform.renews(&"canary-refresh-0-0".to_owned().into()).await.unwrap();
    assert_eq!(cold(&world, &account, None).await.unwrap_err(), TokenTrouble::Dead);
    assert_eq!(cold(&world, &account, None).await.unwrap_err(), TokenTrouble::Dead);
    assert_eq!(world.platform.server(|s| s.refresh_calls), 2, "what was refused is not presented again");
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    assert_eq!(cold(&world, &account, None).await.unwrap().0, "canary-access-1-0");
}

#[tokio::test]
async fn a_server_that_does_not_renew_now_disconnects_nobody() {
    let world = World::new();
    let owner = world.owner(1).await;
    let good = entries(&[("server", "perch.example"), ("token", "canary-password")]);
    let account = connect_by_key(&world.deps, &owner, "perch", &good).await.unwrap().remove(0);
    world.clock.pass(7_200);
    world.platform.server(|s| s.refresh_fails = Some(ports::AuthFailure::Transient));
    assert!(matches!(cold(&world, &account, None).await, Err(TokenTrouble::Later(_))));
    assert_eq!(cold(&world, &account, None).await.unwrap().1, 2);
}
