//! A series in a browser: it is made, it gets another content, and a colleague's times are overridden only knowingly.

use crate::visit::Visit;
use e2e::{Stack, unique};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

#[tokio::test]
async fn a_person_changes_what_a_series_says_and_overrides_the_times_of_a_colleague_only_knowingly() {
    let stack = Stack::alone().await;
    let account = stack.account("x", "ada_demo").await;
    let mark = unique("series");
    let day = e2e::now().to_zoned(TimeZone::UTC).date().checked_add(3.days()).unwrap();
    let recurrence =
        |rule: &str, clock: &str| json!({ "rule": rule, "start": format!("{day}T{clock}:00"), "timezone": "UTC" });
    let new = json!({
        "content": { "text": mark }, "accounts": [account], "recurrence": recurrence("FREQ=DAILY", "09:00"),
    });
    let made = stack.ask("POST", "/api/publishing/series", Some(new)).await;
    let id = made.data()["series_id"].as_str().unwrap().to_owned();
    let (here, address) = (format!("/series/{id}"), format!("/api/publishing/series/{id}"));
    let visit = Visit::signed_in(&stack).await;

    visit.open(&here).await;
    visit.click("main a[href$='/content']").await;
    visit.arrives(&format!("/console{here}/content")).await;
    visit.fits_a_phone("the content of a series").await;
    visit.fill("#text", " and more").await;
    visit.click("button[value='save']").await;
    visit.arrives(&format!("/console{here}")).await;
    visit.hears(&format!("{mark} and more")).await;

    // Somebody else gives it other times while the form stands open.
    let seen = stack.ask("GET", &address, None).await;
    let headers = [
        ("authorization", &*format!("Bearer {}", stack.key)),
        ("idempotency-key", &*unique("key")),
        ("if-match", seen.header("etag").unwrap()),
    ];
    let theirs = json!({ "recurrence": recurrence("FREQ=DAILY;INTERVAL=3", "10:30") }).to_string();
    stack.call("PATCH", &address, &headers, Some(&theirs)).await.data();
    visit.click("#recurrence button.primary").await;
    visit.hears("Nothing of yours was applied").await;
    assert!(visit.says("Every 3 days at 10:30, in UTC").await);
    visit.fits_a_phone("times that somebody else changed").await;
    visit.click("#recurrence button.primary").await;
    visit.hears("Nothing of yours was applied").await;
    visit.click("input[name='over']").await;
    visit.click("#recurrence button.primary").await;
    visit.hears("The times are changed").await;
    assert!(visit.says("Every day at 09:00").await, "{}", visit.shown().await);

    stack.ask("DELETE", &address, None).await.data();
    visit.end().await;
}

#[tokio::test]
async fn a_person_makes_a_series_in_the_composer_and_its_page_tells_the_next_runs() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    let mark = unique("weekly");
    let visit = Visit::signed_in(&stack).await;
    visit.open("/series").await;
    visit.click("main a[href*='series=1']").await;
    visit.arrives("/console/compose").await;
    visit.only_on("x").await;
    visit.fill("#text", &mark).await;
    let day = e2e::now().to_zoned(TimeZone::UTC).date().checked_add(3.days()).unwrap();
    for (id, value) in [("date", day.to_string().as_str()), ("time", "08:30"), ("zone", "UTC"), ("every", "none")] {
        visit.set(id, value).await;
    }
    for weekday in ["TU", "FR"] {
        visit.click(&format!("input[name='weekday'][value='{weekday}']")).await;
    }
    visit.click("button[value='save']").await;
    visit.hears("to put right").await;
    assert!(!visit.text("//*[@id='every-error']").await.is_empty(), "{}", visit.shown().await);
    visit.fits_a_phone("a series that is refused").await;
    visit.retype("#every", "2").await;
    visit.fill("#count", "5").await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/series/").await;
    visit.hears("The series is made").await;
    visit.fits_a_phone("a series that was made").await;
    assert!(visit.says("Every 2 weeks on Tuesday and Friday at 08:30").await, "{}", visit.shown().await);
    let script =
        "return [...document.querySelectorAll('[aria-labelledby=ahead-title] time')].map((run) => run.dateTime)";
    let runs = visit.run(script, vec![]).await;
    let runs: Vec<Timestamp> =
        runs.as_array().unwrap().iter().map(|at| at.as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(runs.len(), 5);
    for run in &runs {
        let local = run.to_zoned(TimeZone::UTC);
        let name = local.strftime("%a %H:%M").to_string();
        assert!(["Tue 08:30", "Fri 08:30"].contains(&name.as_str()) && local.date() >= day, "{runs:?}");
    }
    let path = visit.path().await;
    stack.ask("DELETE", &format!("/api/publishing/series/{}", path.rsplit('/').next().unwrap()), None).await.data();
    visit.end().await;
}
