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
