use super::*;
use crate::fakes::{once, profile};
use crate::publishing::{Accepted, PublishCommand, TargetSpec, When, cancel, request, status};
use domain::PostId;
use domain::accounts::AccountKind;
use domain::publishing::{Delivery, Part, State, Variant};
use jiff::Timestamp;
use ports::{Record, StoredReply, Write};

/// A post for `account` that is due in so many hours.
async fn planned(world: &World, owner: &Caller, account: &Account, hours: i64) -> PostId {
    let command = PublishCommand {
        content: Variant { parts: vec![Part { text: "hello".into(), media: vec![] }], ..Variant::default() },
        variants: std::collections::BTreeMap::new(),
        targets: vec![TargetSpec::Account(account.id)],
        when: When::At(world.deps.clock.now() + SignedDuration::from_hours(hours)),
        max_lateness_s: None,
    };
    let encode = |made: &Accepted| StoredReply { status: 0, body: made.post.id.to_string() };
    let made = request(&world.deps, owner, &command, &once(&format!("plan-{hours}")), &encode).await.unwrap();
    made.stored.body.parse().unwrap()
}

/// Lets the access end in so many hours, for good.
async fn ending(world: &World, account: &Account, hours: i64) -> Timestamp {
    let ends_at = world.deps.clock.now() + SignedDuration::from_hours(hours);
    let old = stored(world, account).await;
    let mut next = old.value.clone();
    next.token.expires_at = Some(ends_at);
    next.token.refreshable = false;
    world.deps.ledger.commit(vec![Write::replace(&old, Record::Account(next))]).await.unwrap();
    ends_at
}

#[tokio::test]
async fn what_is_planned_for_after_the_end_of_an_access_is_named_and_reconnecting_keeps_the_schedule() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let (before, after) = (planned(&world, &owner, &account, 5).await, planned(&world, &owner, &account, 20).await);
    let gone = planned(&world, &owner, &account, 21).await;
    let nothing = |_: &[Delivery]| StoredReply { status: 0, body: String::new() };
    cancel(&world.deps, &owner, gone, &once("cancel"), &nothing).await.unwrap();
    assert!(horizon(&world.deps, &owner).await.unwrap().is_empty(), "it is renewed without an end");

    let ends_at = ending(&world, &account, 10).await;
    let found = horizon(&world.deps, &owner).await.unwrap();
    let reach = &found[&account.id];
    assert_eq!((reach.ends_at, reach.more), (ends_at, false));
    let named: Vec<PostId> = reach.posts.iter().map(|at_risk| at_risk.post).collect();
    assert_eq!(named, [after], "not {before}, which goes out in time, nor {gone}, which was called off");
    let view = status(&world.deps, &owner, after).await.unwrap();
    assert_eq!(ends_for(&world.deps, &owner, std::slice::from_ref(&view)).await.unwrap()[&account.id], ends_at);

    assert_eq!(connect(&world, &owner).await.remove(0).id, account.id);
    assert!(horizon(&world.deps, &owner).await.unwrap().is_empty());
    assert_eq!(status(&world.deps, &owner, after).await.unwrap(), view, "the schedule was touched");
}

#[tokio::test]
async fn an_account_that_must_be_reconnected_holds_up_everything_that_waits_for_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    let post = planned(&world, &owner, &account, 5).await;
    account_refused(&world.deps, &stored(&world, &account).await, "revoked", "test").await;
    let found = horizon(&world.deps, &owner).await.unwrap();
    assert_eq!(found[&account.id].posts.iter().map(|at_risk| at_risk.post).collect::<Vec<_>>(), [post]);
    connect(&world, &owner).await;
    assert!(horizon(&world.deps, &owner).await.unwrap().is_empty());
    let view = status(&world.deps, &owner, post).await.unwrap();
    assert_eq!(view.deliveries[0].state, State::Scheduled);
}

#[tokio::test]
async fn an_account_that_shares_an_access_reaches_as_far_as_its_holder() {
    let world = World::new();
    let owner = world.owner(1).await;
    let profiles = vec![profile("ada", AccountKind::Person), profile("page", AccountKind::Organisation)];
    world.platform.server(|server| server.profiles = profiles);
    let accounts = connect(&world, &owner).await;
    let page = accounts.iter().find(|account| account.holder.is_some()).unwrap();
    let holder = accounts.iter().find(|account| Some(account.id) == page.holder).unwrap();
    let ends_at = ending(&world, holder, 10).await;
    let post = planned(&world, &owner, page, 10).await;
    let found = horizon(&world.deps, &owner).await.unwrap();
    assert_eq!(found[&page.id].ends_at, ends_at);
    assert_eq!((found[&page.id].posts[0].post, found[&holder.id].posts.len()), (post, 0), "due as it ends is too late");
}

#[tokio::test]
async fn more_posts_than_are_named_are_not_kept_quiet() {
    let world = World::new();
    let owner = world.owner(1).await;
    let account = connect(&world, &owner).await.remove(0);
    for hours in 11..=31 {
        planned(&world, &owner, &account, hours).await;
    }
    ending(&world, &account, 10).await;
    let reach = horizon(&world.deps, &owner).await.unwrap().remove(&account.id).unwrap();
    assert_eq!((reach.posts.len(), reach.more), (20, true));
    assert!(reach.posts.is_sorted_by_key(|at_risk| at_risk.due_at), "soonest first");
}
