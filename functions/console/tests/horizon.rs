//! The token horizon on the pages: what is planned for after the end of an access is told wherever one looks.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::AccountId;
use domain::access::Role;
use domain::publishing::State;
use jiff::SignedDuration;
use ports::{Record, Write};
use site::Site;

/// Lets an access that nobody renews end in so many minutes.
async fn ending(site: &Site, account: AccountId, minutes: i64) {
    let ledger = &site.deps().ledger;
    let old = ledger.account(site.world.caller.tenant, account).await.unwrap().unwrap();
    let mut next = old.value.clone();
    next.token.expires_at = Some(site.deps().clock.now() + SignedDuration::from_mins(minutes));
    next.token.refreshable = false;
    ledger.commit(vec![Write::replace(&old, Record::Account(next))]).await.unwrap();
}

#[tokio::test]
async fn a_post_that_outlives_its_access_is_told_on_every_page_until_the_account_is_connected_again() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    // Due in an hour.
    let post = site.scheduled(&site.world.caller, account.id, "too late for its access").await;
    let mut browser = site.signed_in(Role::Owner).await;
    let its_page = format!("/console/posts/{post}");
    let told = [
        ("/console/accounts", "1 post is planned for after this access ends"),
        ("/console/accounts", &*its_page),
        ("/console", "1 post is planned for after this access ends"),
        ("/console/attention", "1 post is planned for after this access ends"),
        ("/console/calendar", "Reconnect first"),
        ("/console/queue", "ends before this is due. Reconnect it; the post keeps its time."),
        (&its_page, "It would not go out. Reconnect the account before then"),
    ];
    for minutes in [62, 59] {
        ending(&site, account.id, minutes).await;
        for (path, says) in told {
            let page = browser.get(path).await;
            assert_eq!(page.body.contains(says), minutes == 59, "{path}, {minutes}: {}", page.body);
        }
    }
    let planned = site.delivery(post).await;
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    for (path, says) in told {
        assert!(!browser.get(path).await.body.contains(says), "{path} still says {says}");
    }
    let after = site.delivery(post).await;
    assert_eq!((after.due_at, after.state), (planned.due_at, State::Scheduled), "the schedule was touched");
}

#[tokio::test]
async fn a_post_whose_account_must_be_connected_again_says_by_when_and_that_it_is_missed_after_that() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "waits for its account").await;
    let since = site.deps().clock.now();
    let ledger = &site.deps().ledger;
    let old = ledger.account(site.world.caller.tenant, account.id).await.unwrap().unwrap();
    let broken = old.value.needs_reconnect("revoked", since);
    ledger.commit(vec![Write::replace(&old, Record::Account(broken))]).await.unwrap();
    site.set_state(post, State::BlockedAuth { since }).await;
    let delivery = site.delivery(post).await;
    assert_eq!(delivery.parked_until(), delivery.latest_start());
    let mut browser = site.signed_in(Role::Owner).await;
    let page = browser.get(&format!("/console/posts/{post}")).await;
    let by = delivery.latest_start().in_tz("Europe/Berlin").unwrap().strftime("%H:%M").to_string();
    let told = page.body.split("Reconnect by ").nth(1).expect("no time to reconnect by").split('.').next().unwrap();
    assert!(told.contains(&by) && told.ends_with("after that it is missed and not sent"), "{told}");
    for path in ["/console", "/console/accounts"] {
        let page = browser.get(path).await;
        assert!(page.body.contains("until its latest start") && !page.body.contains("not lost"), "{path}");
    }
}
