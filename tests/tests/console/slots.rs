//! Queue slots in a browser: an account gets times of its own, and a post takes the next.

use crate::visit::Visit;
use e2e::{Stack, unique};
use jiff::{Timestamp, ToSpan, tz::TimeZone};

#[tokio::test]
async fn a_person_gives_an_account_slots_of_its_own_and_a_post_takes_the_next_that_is_free() {
    let stack = Stack::alone().await;
    let account = stack.account("x", "ada_demo").await;
    let visit = Visit::signed_in(&stack).await;

    visit.open("/accounts").await;
    visit.fits_a_phone("accounts with their slots").await;
    visit.click(&format!("a[href='/console/accounts/{account}/slots']")).await;
    visit.arrives(&format!("/console/accounts/{account}/slots")).await;
    visit.set("zone", "UTC").await;
    visit.retype("#monday", "09:00, 25:00").await;
    visit.click("#slots button.primary").await;
    visit.hears("to put right").await;
    assert!(visit.text("//*[@id='monday-error']").await.contains("25:00"), "{}", visit.shown().await);
    visit.fits_a_phone("slots that are refused").await;
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] {
        visit.retype(&format!("#{day}"), "7:15, 19:45").await;
    }
    visit.click("#slots button.primary").await;
    visit.hears("The slots are saved").await;
    assert!(visit.says("The next free slot is").await);
    visit.fits_a_phone("slots").await;

    let mark = unique("slot");
    visit.open("/compose").await;
    visit.only_on("x").await;
    visit.fill("#text", &mark).await;
    visit.click("input[name='when'][value='queue']").await;
    let from = e2e::now();
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    assert!(visit.says(&mark).await, "{}", visit.shown().await);
    let path = visit.path().await;
    let post = path.rsplit('/').next().unwrap();
    let due: Timestamp = stack.post(post).await["scheduled_at"].as_str().unwrap().parse().unwrap();
    let clock = due.to_zoned(TimeZone::UTC).time().strftime("%H:%M").to_string();
    assert!(["07:15", "19:45"].contains(&clock.as_str()), "{due}");
    assert!(due > from && due < from + 48.hours(), "slots of other days come first: {due}");

    stack.ask("POST", &format!("/api/publishing/posts/{post}/cancel"), None).await.data();
    visit.end().await;
}
