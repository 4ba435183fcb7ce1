//! People are told of an access that ends while there is time, once for each horizon.

use super::*;
use crate::fakes::{once, profile, shown};
use domain::AccountId;
use domain::accounts::AccountKind;
use domain::events::EventData;
use jiff::Timestamp;
use ports::{AuthFailure, Record, Write};
use std::collections::BTreeSet;

const DAY_S: i64 = 86_400;

/// Lets the access end in so many days, for good, or with a renewal that does not put it off.
async fn ending(world: &World, account: &Account, days: i64, refreshable: bool) -> Timestamp {
    let ends_at = world.deps.clock.now() + SignedDuration::from_hours(24 * days);
    let old = stored(world, account).await;
    let mut next = old.value.clone();
    next.token.refreshable = refreshable;
    next.token.refresh_expires_at = refreshable.then_some(ends_at);
    if !refreshable {
        next.token.expires_at = Some(ends_at);
    }
    world.deps.ledger.commit(vec![Write::replace(&old, Record::Account(next))]).await.unwrap();
    ends_at
}

async fn run(world: &World) -> RenewedAhead {
    let deadline = world.deps.clock.now() + SignedDuration::from_mins(2);
    renew_ahead(&world.deps, &TokenCache::default(), deadline, "run").await.unwrap()
}

/// Who was told of which end, in order, each event once.
fn told(world: &World) -> Vec<(AccountId, Timestamp)> {
    let mut seen = BTreeSet::new();
    let events = world.outbound.told.lock().unwrap().clone();
    let fresh = events.into_iter().filter(|event| seen.insert(event.id));
    let expiry = |data| match data {
        EventData::AccountExpiring(facts) => Some((facts.account_id, facts.expires_at)),
        _ => None,
    };
    fresh.filter_map(|event| expiry(event.data)).collect()
}

/// Runs twice each day for so many days; on which days somebody was told.
async fn days(world: &World, days: i64) -> Vec<i64> {
    let mut on = Vec::new();
    for day in 0..days {
        for _ in 0..2 {
            let before = told(world).len();
            run(world).await;
            on.extend((told(world).len() > before).then_some(day));
            world.clock.pass(DAY_S / 2);
        }
    }
    on
}

#[tokio::test]
async fn an_end_is_told_a_month_a_week_and_a_day_before_and_each_once() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let ends_at = ending(&world, &account, 60, false).await;
    assert_eq!(days(&world, 70).await, [30, 53, 59]);
    assert_eq!(told(&world), vec![(account.id, ends_at); 3]);
    let audited = world.audited(owner.tenant).await;
    assert_eq!(audited.iter().filter(|action| *action == "account.expiring").count(), 3);
    assert_eq!(stored(&world, &account).await.value.attention_at(), None, "nobody looks at it any more");
}

#[tokio::test]
async fn what_a_late_run_missed_is_told_once() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let ends_at = ending(&world, &account, 60, false).await;
    world.clock.pass(55 * DAY_S);
    assert_eq!((run(&world).await.warned, run(&world).await.warned), (1, 0));
    assert_eq!(told(&world), [(account.id, ends_at)]);
}

#[tokio::test]
async fn nobody_is_told_of_what_herald_renews_by_itself() {
    let world = World::new();
    let owner = world.owner(1).await;
    connect(&world, &owner).await;
    assert_eq!(days(&world, 100).await, [0; 0]);
}

#[tokio::test]
async fn an_end_that_renewing_does_not_put_off_is_told_once_renewing_was_tried() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let ends_at = ending(&world, &account, 60, true).await;
    let mut on = Vec::new();
    for half in 0..120 {
        world.platform.server(|s| s.refresh_fails = Some(AuthFailure::Transient));
        on.extend((run(&world).await.warned > 0).then_some(half / 2));
        world.clock.pass(DAY_S / 2);
    }
    assert_eq!(on, [54, 59], "a day after it was first tried, and a day before the end");
    assert_eq!(told(&world), vec![(account.id, ends_at); 2]);
    assert!(stored(&world, &account).await.value.is_active(), "what does not answer disconnects nobody");
}

#[tokio::test]
async fn every_account_that_lives_on_the_pair_is_named_and_no_other() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.extend(["org-1", "org-2"].map(|id| profile(id, AccountKind::Organisation))));
    let all = connect_these(&world, &owner, &["ada", "org-1", "org-2"]).await;
    let gone = all[2].id.to_string();
    disconnect(&world.deps, &owner, &gone, &once("gone"), &|d| shown(&d.accounts.len())).await.unwrap();
    let ends_at = ending(&world, &all[0], 40, false).await;
    world.clock.pass(11 * DAY_S);
    assert_eq!(run(&world).await.warned, 1);
    let named: BTreeSet<_> = told(&world).into_iter().collect();
    assert_eq!(named, BTreeSet::from([(all[0].id, ends_at), (all[1].id, ends_at)]));
}

#[tokio::test]
async fn connecting_anew_ends_the_warnings_and_another_end_begins_them_anew() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    ending(&world, &account, 31, false).await;
    world.clock.pass(2 * DAY_S);
    assert_eq!(run(&world).await.warned, 1);
    assert_eq!(connect(&world, &owner).await.remove(0).id, account.id);
    assert_eq!(days(&world, 40).await, [0; 0]);
    let second = ending(&world, &account, 60, false).await;
    world.clock.pass(31 * DAY_S);
    assert_eq!(run(&world).await.warned, 1);
    assert_eq!(told(&world).last().map(|(_, ends_at)| *ends_at), Some(second));
}

#[tokio::test]
async fn an_account_that_nobody_can_use_is_not_told_of() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    ending(&world, &account, 60, false).await;
    account_refused(&world.deps, &stored(&world, &account).await, "revoked", "cid").await;
    assert_eq!(days(&world, 70).await, [0; 0]);
}
