//! A post that waits because the platform takes no more says so, and when it is expected to go out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod site;

use domain::access::Role;
use domain::publishing::Wakened;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ports::{Record, Write};
use site::Site;

#[tokio::test]
async fn a_post_that_a_quota_holds_back_says_when_it_is_expected_to_go_out() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "one too many").await;
    let ledger = &site.deps().ledger;
    let found = ledger.delivery(site.world.caller.tenant, post, account.id).await.unwrap().unwrap();
    let due = found.value.due_at;
    let Wakened::Claimed(leased) = found.value.wakened("w", due) else { panic!("not due") };
    let soon = due + SignedDuration::from_mins(35);
    let there = TimeZone::get("Europe/Berlin").unwrap();
    let says = soon.to_zoned(there).strftime("%a %-d %b %Y, %H:%M").to_string();
    let late = due + SignedDuration::from_mins(95);
    for (until, says) in [
        (soon, format!("It is expected to go out at about {says}.")),
        // It may start an hour late.
        (late, "Where it takes none by the latest time at which this may start, it is missed.".to_owned()),
    ] {
        let found = ledger.delivery(site.world.caller.tenant, post, account.id).await.unwrap().unwrap();
        let waits = leased.next.waits_for_quota("w", until, due).unwrap();
        ledger.commit(vec![Write::replace(&found, Record::Delivery(waits.next))]).await.unwrap();
        let page = site.signed_in(Role::Viewer).await.get(&format!("/console/posts/{post}")).await;
        assert!(page.body.contains("Waits its turn"), "{}", page.body);
        assert!(page.body.contains(&says), "{says}: {}", page.body);
        assert_eq!(page.body.contains("It is expected to go out"), until == soon, "nobody is told what will not be");
    }
}
