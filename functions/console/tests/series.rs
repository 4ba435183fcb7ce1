//! Series, through the pages: made in the composer, looked at, paused, given other times, and ended.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::publishing::{MissedRun, PastRun, RunOutcome, Series, SeriesStatus};
use domain::time::{Fall, Occurrence};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use ports::{Record, Write};
use site::{Browser, Page, Site};

const ZONE: &str = "Europe/Berlin";

async fn all(site: &Site) -> Vec<Series> {
    app::publishing::all_series(site.deps(), &site.world.caller, None, 50).await.unwrap().items
}

/// The day after tomorrow.
fn soon(site: &Site) -> Date {
    let now = site.deps().clock.now().to_zoned(TimeZone::get(ZONE).unwrap());
    now.date().checked_add(2.days()).unwrap()
}

/// Sends the composer for a series to `account` with these fields, and usual ones for what is left out.
async fn compose(browser: &mut Browser<'_>, account: &str, fields: &[(&str, &str)]) -> Page {
    let composer = browser.get("/console/compose?series=1").await;
    assert!(composer.body.contains("value=\"series\" checked"), "{}", composer.body);
    let day = soon(browser.site).to_string();
    let mut all = vec![("target", account), ("when", "series")];
    for usual in [("text", "Fresh beans"), ("date", &*day), ("time", "09:00"), ("zone", ZONE)] {
        all.extend((!fields.iter().any(|(name, _)| *name == usual.0)).then_some(usual));
    }
    all.extend(fields);
    browser.send_form(&composer, "/console/compose", &all).await
}

/// A series each week on Monday and Friday, and its page.
async fn weekly(site: &Site, browser: &mut Browser<'_>) -> String {
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let fields = [("every", "1"), ("freq", "week"), ("weekday", "MO"), ("weekday", "FR"), ("missed", "ask")];
    let made = compose(browser, &account, &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.location().split('?').next().unwrap().to_owned()
}

async fn change(site: &Site, with: impl FnOnce(&mut Series)) {
    let id = all(site).await[0].id;
    let old = site.deps().ledger.series(site.world.caller.tenant, id).await.unwrap().unwrap();
    let mut next = old.value.clone();
    with(&mut next);
    site.deps().ledger.commit(vec![Write::replace(&old, Record::Series(Box::new(next)))]).await.unwrap();
}

#[tokio::test]
async fn the_composer_makes_a_series_whose_page_tells_the_next_runs_and_the_list_what_it_does() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    assert!(editor.get("/console/series").await.body.contains("No series yet"));
    let here = weekly(&site, &mut editor).await;
    let made = all(&site).await.remove(0);
    assert_eq!(here, format!("/console/series/{}", made.id));
    assert_eq!(
        (made.recurrence.rule.to_string().as_str(), made.recurrence.zone.as_str()),
        ("FREQ=WEEKLY;BYDAY=MO,FR", ZONE)
    );
    assert_eq!((made.missed, made.content.parts[0].text.as_str()), (MissedRun::Ask, "Fresh beans"));
    assert!(site.posts().await.is_empty(), "a run gets its post by itself");

    let page = editor.get(&here).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Every week on Monday and Friday at 09:00") && page.body.contains("Fresh beans"));
    assert!(page.body.contains("Kept as a draft, for a person to decide"));
    let runs = made.recurrence.runs(site.deps().clock.now(), 11).unwrap().runs;
    assert_eq!(made.next.unwrap().run, runs[0]);
    for run in &runs[..10] {
        assert!(page.body.contains(&format!("datetime=\"{}\"", run.at)), "{}", run.at);
    }
    assert!(!page.body.contains(&format!("datetime=\"{}\"", runs[10].at)));
    let list = editor.get("/console/series").await;
    assert!(list.body.contains(&format!("href=\"{here}\"")) && list.body.contains("Goes on"), "{}", list.body);
    assert!(list.body.contains(&format!("Next run <time datetime=\"{}\"", runs[0].at)), "{}", list.body);
}

#[tokio::test]
async fn a_series_is_made_once_however_often_its_form_is_sent() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let composer = editor.get("/console/compose?series=1").await;
    let day = soon(&site).to_string();
    let fields = [
        ("text", "a"),
        ("target", &*account),
        ("when", "series"),
        ("date", &*day),
        ("time", "09:00"),
        ("zone", ZONE),
        ("freq", "day"),
    ];
    let first = editor.send_form(&composer, "/console/compose", &fields).await;
    let second = editor.send_form(&composer, "/console/compose", &fields).await;
    assert_eq!((first.status, first.location()), (303, second.location()));
    assert_eq!(all(&site).await.len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_series_stands_beside_its_fields_and_nothing_is_made() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let until = soon(&site).to_string();
    let bad = [("every", "0"), ("freq", "month"), ("until", &*until), ("count", "3"), ("time", ""), ("text", "")];
    let refused = compose(&mut editor, &account, &bad).await;
    assert_eq!(refused.status, 422);
    for field in ["every", "count", "time"] {
        assert!(refused.error_of(field).is_some(), "{field}: {}", refused.body);
    }
    assert!(refused.body.contains("value=\"month\" selected") && refused.body.contains("value=\"series\" checked"));
    let far = compose(&mut editor, &account, &[("date", "2999-01-01"), ("freq", "day")]).await;
    assert!(far.status == 422 && far.error_of("date").is_some(), "{}", far.body);
    let nowhere = compose(&mut editor, &account, &[("zone", "Mars/Olympus")]).await;
    assert!(nowhere.status == 422 && nowhere.error_of("zone").is_some(), "{}", nowhere.body);
    let none = compose(&mut editor, "", &[("freq", "day")]).await;
    assert!(none.status == 422 && none.error_of("targets").is_some(), "{}", none.body);
    let over =
        compose(&mut editor, &account, &[("date", "2020-01-01"), ("freq", "day"), ("until", "2020-02-01")]).await;
    assert!(over.status == 422 && over.error_of("freq").unwrap().contains("No run is to come"), "{}", over.body);
    assert!(all(&site).await.is_empty());
}

#[tokio::test]
async fn a_post_that_is_there_already_becomes_no_series() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "once").await;
    let path = format!("/console/compose?post={post}");
    let page = editor.get(&path).await;
    assert!(!page.body.contains("value=\"series\""));
    let day = soon(&site).to_string();
    let fields = [("text", "often"), ("when", "series"), ("date", &*day), ("time", "09:00"), ("zone", ZONE)];
    let refused = editor.send_form(&page, &path, &fields).await;
    assert!(refused.status == 422 && refused.error_of("when").unwrap().contains("no series"), "{}", refused.body);
    assert!(all(&site).await.is_empty());
    assert_eq!(site.posts().await[0].post.content.parts[0].text, "once");
}

#[tokio::test]
async fn a_series_is_paused_and_resumed_as_it_was_seen_and_ends_after_a_question() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = weekly(&site, &mut editor).await;
    let seen = editor.get(&here).await;
    let (pause, resume, end) = (format!("{here}/pause"), format!("{here}/resume"), format!("{here}/end"));
    for _ in 0..2 {
        let paused = editor.send_form(&seen, &pause, &[]).await;
        assert_eq!(
            (paused.status, paused.location()),
            (303, &*format!("{here}?said=series-paused")),
            "{}",
            paused.body
        );
    }
    let page = editor.get(&here).await;
    assert!(page.body.contains("Somebody paused it") && page.body.contains("No run is to come"), "{}", page.body);
    assert!(!page.body.contains(&format!("action=\"{pause}\"")));
    assert!(editor.get("/console/series").await.body.contains("Somebody paused it"));
    let resumed = editor.send_form(&page, &resume, &[]).await;
    assert_eq!((resumed.status, resumed.location()), (303, &*format!("{here}?said=series-resumed")));
    assert_eq!(all(&site).await[0].status, SeriesStatus::Active);

    // Of a page that was made before: another key, and a revision that has passed.
    let mut stale = page.hidden_with(&resume, &[]);
    stale.iter_mut().filter(|(name, _)| name == "idempotency_key").for_each(|(_, key)| *key = "another8".into());
    let late = editor.post(&pause, &stale).await;
    assert!(late.status == 409 && late.body.contains("nothing of yours was"), "{}", late.body);
    assert_eq!(all(&site).await[0].status, SeriesStatus::Active);

    let page = editor.get(&here).await;
    assert!(page.body.contains("No run gets a post any more"), "it asks first");
    let ended = editor.send_form(&page, &end, &[]).await;
    assert_eq!((ended.status, ended.location()), (303, "/console/series?said=series-ended"));
    assert!(all(&site).await.is_empty());
    assert_eq!(editor.get(&here).await.status, 404);
}

#[tokio::test]
async fn the_times_of_a_series_are_changed_and_what_is_wrong_with_them_stands_beside_its_field() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = weekly(&site, &mut editor).await;
    let times = format!("{here}/times");
    let page = editor.get(&here).await;
    assert!(page.body.contains("value=\"FR\" checked") && !page.body.contains("value=\"TU\" checked"));
    let day = soon(&site).to_string();
    let bad = [("date", &*day), ("time", "10:30"), ("zone", "UTC"), ("freq", "day"), ("every", "x"), ("count", "0")];
    let refused = editor.send_form(&page, &times, &bad).await;
    assert_eq!(refused.status, 422);
    assert!(refused.error_of("every").is_some() && refused.error_of("count").is_some(), "{}", refused.body);
    assert!(refused.body.contains("value=\"10:30\""), "what was typed stays");
    let gone = [("date", "2020-01-01"), ("time", "10:30"), ("zone", "UTC"), ("freq", "day"), ("until", "2020-02-01")];
    let refused = editor.send_form(&page, &times, &gone).await;
    assert!(refused.status == 422 && refused.error_of("freq").is_some(), "{}", refused.body);
    assert_eq!(all(&site).await[0].recurrence.rule.to_string(), "FREQ=WEEKLY;BYDAY=MO,FR");

    let page = editor.get(&here).await;
    let good =
        [("date", &*day), ("time", "10:30"), ("zone", "UTC"), ("freq", "day"), ("every", "3"), ("missed", "send-7200")];
    let moved = editor.send_form(&page, &times, &good).await;
    assert_eq!((moved.status, moved.location()), (303, &*format!("{here}?said=series-moved")), "{}", moved.body);
    let series = all(&site).await.remove(0);
    assert_eq!(series.recurrence.rule.to_string(), "FREQ=DAILY;INTERVAL=3");
    assert_eq!((series.recurrence.zone.as_str(), series.missed), ("UTC", MissedRun::Send { at_most_s: 7_200 }));
    assert!(editor.get(&here).await.body.contains("Every 3 days at 10:30"));
}

#[tokio::test]
async fn times_that_somebody_else_changed_meanwhile_are_shown_and_overridden_only_by_who_says_so() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = weekly(&site, &mut editor).await;
    let (times, day) = (format!("{here}/times"), soon(&site).to_string());
    let rule = async || all(&site).await[0].recurrence.rule.to_string();
    let theirs = [("date", &*day), ("time", "10:30"), ("zone", "UTC"), ("freq", "day"), ("every", "3")];
    let mine = [("date", &*day), ("time", "11:00"), ("zone", ZONE), ("freq", "month")];
    let seen = editor.get(&here).await;
    assert!(!seen.body.contains("name=\"over\""), "there is nothing to override");
    let mut colleague = site.signed_in(Role::Owner).await;
    let opened = colleague.get(&here).await;
    assert_eq!(colleague.send_form(&opened, &times, &theirs).await.status, 303);

    let mut stale = editor.send_form(&seen, &times, &mine).await;
    for _ in 0..2 {
        assert_eq!(stale.status, 409);
        assert!(stale.error_of("recurrence").unwrap().contains("Nothing of yours was applied"), "{}", stale.body);
        assert!(stale.body.contains("Every 3 days at 10:30, in UTC"), "how it stands: {}", stale.body);
        assert!(
            stale.body.contains("value=\"month\" selected") && stale.body.contains("value=\"11:00\""),
            "what was typed"
        );
        // Sent again without a word it changes as little as before.
        stale = editor.send_form(&stale, &times, &mine).await;
        assert_eq!(rule().await, "FREQ=DAILY;INTERVAL=3");
    }
    // A mistake beside it takes nothing back of that.
    let wrong =
        editor.send_form(&stale, &times, &[("date", &*day), ("time", ""), ("zone", ZONE), ("freq", "day")]).await;
    assert!(wrong.status == 422 && wrong.error_of("time").is_some(), "{}", wrong.body);
    assert_eq!(editor.send_form(&wrong, &times, &mine).await.status, 409);

    // What is put in the place of what was shown does not take the place of what came after that.
    let over =
        |page: &Page| page.body.split("name=\"over\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let first = over(&stale);
    let fresh = editor.get(&here).await;
    let later = [("date", &*day), ("time", "12:00"), ("zone", "UTC"), ("freq", "day"), ("every", "5")];
    assert_eq!(editor.send_form(&fresh, &times, &later).await.status, 303);
    let knowing = |over| [&mine[..], &[("over", over)]].concat();
    let again = editor.send_form(&stale, &times, &knowing(&first)).await;
    assert!(again.status == 409 && again.body.contains("Every 5 days at 12:00"), "{}", again.body);
    let done = editor.send_form(&again, &times, &knowing(&over(&again))).await;
    assert_eq!((done.status, done.location()), (303, &*format!("{here}?said=series-moved")), "{}", done.body);
    assert_eq!(rule().await, "FREQ=MONTHLY");
}

#[tokio::test]
async fn a_rule_that_the_form_cannot_show_is_told_and_left_to_the_api() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = weekly(&site, &mut editor).await;
    change(&site, |series| series.recurrence.rule = "FREQ=MONTHLY;BYDAY=-1FR".parse().unwrap()).await;
    let page = editor.get(&here).await;
    assert!(page.body.contains("FREQ=MONTHLY;BYDAY=-1FR") && page.body.contains("more than this form can show"));
    assert!(!page.body.contains(&format!("action=\"{here}/times\"")));
}

#[tokio::test]
async fn what_became_of_the_runs_is_told_with_the_way_to_their_posts_and_why_a_series_stopped() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = weekly(&site, &mut editor).await;
    let account = all(&site).await[0].targets[0].account;
    let post = site.scheduled(&site.world.caller, account, "a run").await;
    let now = site.deps().clock.now();
    let run = |hours: i64, outcome| {
        let at = now - SignedDuration::from_hours(hours);
        let local = at.to_zoned(TimeZone::UTC).datetime();
        PastRun { run: Occurrence { local, at, fall: Fall::Plain }, outcome }
    };
    change(&site, |series| {
        series.runs = vec![run(50, RunOutcome::Skipped), run(2, RunOutcome::Made { post })];
        *series = series.clone().paused("account_disconnected", now);
    })
    .await;
    let page = editor.get(&here).await;
    let listed = page.body.split("Runs so far").nth(1).unwrap();
    let (latest, before) = (listed.find(&format!("href=\"/console/posts/{post}\"")), listed.find("Left out"));
    assert!(latest.unwrap() < before.unwrap(), "the latest first: {}", page.body);
    assert!(listed.contains("Scheduled") && page.body.contains("Connect it again, then resume the series"));
    assert!(editor.get("/console/series").await.body.contains("Connect it again"));

    let gone = domain::PostId::from_uuid(site.deps().uuid());
    change(&site, |series| series.runs.push(run(1, RunOutcome::Waits { post: gone }))).await;
    let page = editor.get(&here).await;
    assert!(page.status == 200 && page.body.contains("Waits for a person"), "a post that is gone hides no page");
}

#[tokio::test]
async fn whose_runs_wait_for_an_approval_is_told_so_when_the_series_is_made() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let team = owner.get("/console/team").await;
    owner.send_form(&team, "/console/team/approval-rule", &[("required_for", "editors")]).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let mut editor = site.signed_in(Role::Editor).await;
    let made = compose(&mut editor, &account, &[("freq", "day")]).await;
    assert!(made.location().ends_with("?said=series-waits"), "{}", made.location());
    let free = compose(&mut owner, &account, &[("freq", "day")]).await;
    assert!(free.location().ends_with("?said=series-made"), "{}", free.location());
}

#[tokio::test]
async fn who_may_only_look_sees_series_and_changes_none() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = weekly(&site, &mut editor).await;
    let mut viewer = site.signed_in(Role::Viewer).await;
    let page = viewer.get(&here).await;
    assert!(page.status == 200 && page.body.contains("Every week on Monday and Friday"), "{}", page.body);
    assert!(viewer.get("/console/series").await.body.contains(&here));
    let csrf = page.hidden_with("/console/sign-out", &[]);
    let day = soon(&site).to_string();
    for action in ["pause", "resume", "end", "times"] {
        assert!(!page.body.contains(&format!("action=\"{here}/{action}\"")), "{action}");
        let more =
            [("idempotency_key", "anything8"), ("rev", "1"), ("date", &*day), ("time", "09:00"), ("zone", "UTC")];
        let fields = [csrf.clone(), site::pairs(&more)].concat();
        assert_eq!(viewer.post(&format!("{here}/{action}"), &fields).await.status, 403, "{action}");
    }
    assert_eq!(all(&site).await[0].status, SeriesStatus::Active);
    for nothing in ["nonsense", "ser_00000000000040008000000000000001"] {
        assert_eq!(viewer.get(&format!("/console/series/{nothing}")).await.status, 404, "{nothing}");
    }
}
