//! The calendar: a month, a week and a list of the same posts, and moving them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use console::map::{Book, Calendar, Read, Reader, Shown};
use domain::PostId;
use domain::access::Role;
use domain::publishing::{Post, Schedule, State};
use jiff::{SignedDuration, tz::TimeZone};
use ports::{PostQuery, Record, Write};
use site::{Browser, Page, Site};

/// The opening tag of a post's chip or row, when the page has one.
fn chip(page: &Page, post: PostId) -> Option<&str> {
    let id = format!("data-post=\"{post}\"");
    page.body.split("<li").find(|tag| tag.split('>').next().unwrap().contains(&id))
}

fn data<'a>(chip: &'a str, name: &str) -> &'a str {
    chip.split(&format!("data-{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

/// Moves a post as the page's script does: with what the chip says, to a day and a time of the page's zone.
async fn moved(browser: &mut Browser<'_>, page: &Page, post: PostId, date: &str, time: &str) -> Page {
    let chip = chip(page, post).expect("the post is on the page and may be moved");
    let mut fields = page.hidden_with("/console/calendar/move", &[]);
    fields.retain(|(name, _)| name != "post" && name != "rev");
    for (name, value) in [("post", data(chip, "post")), ("rev", data(chip, "rev")), ("date", date), ("time", time)] {
        fields.push((name.into(), value.into()));
    }
    browser.post("/console/calendar/move", &fields).await
}

async fn due(site: &Site, post: PostId) -> String {
    let view = app::publishing::status(site.deps(), &site.world.caller, post).await.unwrap();
    view.post.schedule.due_at().unwrap().to_zoned(TimeZone::get("Europe/Berlin").unwrap()).datetime().to_string()
}

/// A site with one post an hour from now.
async fn waiting() -> (Site, PostId) {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "to be moved").await;
    (site, post)
}

fn local(site: &Site) -> jiff::Zoned {
    site.deps().clock.now().to_zoned(TimeZone::get("Europe/Berlin").unwrap())
}

#[tokio::test]
async fn a_post_stands_on_its_day_and_hour_in_every_view_with_its_state_in_words() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let at = local(&site) + SignedDuration::from_hours(1);
    let month = at.strftime("%Y-%m");
    for path in [format!("month={month}"), format!("week={}", at.date()), format!("list={month}")] {
        let page = browser.get(&format!("/console/calendar?{path}")).await;
        assert_eq!(page.status, 200, "{path}");
        let found = chip(&page, post).unwrap_or_else(|| panic!("{path} does not have it: {}", page.body));
        assert_eq!(
            (data(found, "date"), &data(found, "time")[..2]),
            (&*at.date().to_string(), &*at.strftime("%H").to_string())
        );
        let whole = &found[..found.find("</li>").unwrap()];
        assert!(whole.contains("Scheduled") && whole.contains("#move"), "{path}: {whole}");
    }
    let week = browser.get(&format!("/console/calendar?week={}", at.date())).await;
    let hour = format!("data-day=\"{}\" data-hour=\"{}\"", at.date(), at.strftime("%H"));
    let cell = week.body.split(&hour).nth(1).expect("today's hours take posts");
    assert!(cell.split("data-hour").next().unwrap().contains(&post.to_string()), "it is in another hour");
    // Days that are over take none.
    let earlier = browser.get("/console/calendar?month=2020-01").await;
    assert!(earlier.status == 200 && !earlier.body.contains("data-day"));
}

#[tokio::test]
async fn a_moved_post_keeps_its_id_and_content_and_goes_out_at_the_local_time_of_the_page() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let before = site.delivery(post).await;
    let page = browser.get("/console/calendar").await;
    // Over the end of summer time: the local time counts.
    let answer = moved(&mut browser, &page, post, "2026-11-02", "09:30").await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let back = answer.location().to_owned();
    assert!(back.starts_with("/console/calendar?month=") && back.ends_with("&said=moved"), "{back}");
    assert!(browser.get(&back).await.body.contains("It goes out at its new time."));
    assert_eq!(due(&site, post).await, "2026-11-02T09:30:00");
    let after = site.delivery(post).await;
    assert_eq!((after.id, &after.content_hash, &after.state), (before.id, &before.content_hash, &State::Scheduled));
    assert_eq!(after.due_at.to_string(), "2026-11-02T08:30:00Z");
    let view = site.posts().await.remove(0);
    assert!(matches!(&view.post.schedule, Schedule::At { wall: Some(wall), .. } if wall.zone == "Europe/Berlin"));
    let there = browser.get("/console/calendar?week=2026-11-02").await;
    assert_eq!(data(chip(&there, post).unwrap(), "time"), "09:30");
}

#[tokio::test]
async fn a_move_to_the_time_that_is_shown_leaves_it_alone_in_an_hour_that_comes_twice() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let (ledger, tenant) = (&site.deps().ledger, site.world.caller.tenant);
    for (due, other) in
        [("2026-10-25T00:30:00.5Z", "2026-10-25T00:45:00Z"), ("2026-10-25T01:30:00Z", "2026-10-25T00:45:00Z")]
    {
        let old = ledger.post(tenant, post).await.unwrap().unwrap();
        let schedule = Schedule::At { at: due.parse().unwrap(), wall: None, tzdb: None };
        let next = Post { schedule: schedule.clone(), ..old.value.clone() };
        ledger.commit(vec![Write::replace(&old, Record::Post(next))]).await.unwrap();
        let page = browser.get("/console/calendar?month=2026-10").await;
        assert_eq!(data(chip(&page, post).unwrap(), "time"), "02:30");
        assert_eq!(moved(&mut browser, &page, post, "2026-10-25", "02:30").await.status, 303);
        assert_eq!(ledger.post(tenant, post).await.unwrap().unwrap().value.schedule, schedule);
        assert_eq!(site.delivery(post).await.due_at, schedule.due_at().unwrap());
        // Another time is what people mean by it elsewhere, too: the first of both.
        let page = browser.get("/console/calendar?month=2026-10").await;
        assert_eq!(moved(&mut browser, &page, post, "2026-10-25", "02:45").await.status, 303);
        assert_eq!(site.delivery(post).await.due_at.to_string(), other);
    }
}

#[tokio::test]
async fn the_same_move_sent_twice_moves_once() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/calendar").await;
    let first = moved(&mut browser, &page, post, "2026-11-02", "09:30").await;
    let second = moved(&mut browser, &page, post, "2026-11-02", "09:30").await;
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(first.location(), second.location());
    let edits = site.delivery(post).await.timeline;
    let edits = edits.iter().filter(|entry| entry.note == domain::publishing::Note::Edited).count();
    assert_eq!(edits, 1);
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_moved_and_the_page_shows_how_it_stands() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let (seen, other) = (browser.get("/console/calendar").await, browser.get("/console/calendar").await);
    assert_eq!(moved(&mut browser, &other, post, "2026-11-02", "09:30").await.status, 303);
    let late = moved(&mut browser, &seen, post, "2026-11-03", "10:00").await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("Somebody changed this post after you opened the page"), "{}", late.body);
    assert!(late.body.contains("<table class=\"month\""), "the calendar is not shown");
    assert_eq!(due(&site, post).await, "2026-11-02T09:30:00");
    // With what the fresh page shows it works.
    let fresh = browser.get("/console/calendar?month=2026-11").await;
    assert_eq!(moved(&mut browser, &fresh, post, "2026-11-03", "10:00").await.status, 303);
}

#[tokio::test]
async fn a_time_that_is_over_or_skipped_is_refused_in_words_and_the_post_stays() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let before = due(&site, post).await;
    let page = browser.get("/console/calendar").await;
    for (date, time, says) in [
        ("2020-01-01", "09:00", "This time has passed"),
        ("2027-03-28", "02:30", "Choose another time"),
        ("2029-01-01", "09:00", "at most a year ahead"),
        ("someday", "09:00", "Give a date"),
        ("2026-11-02", "", "Give a time"),
    ] {
        let refused = moved(&mut browser, &page, post, date, time).await;
        assert_eq!(refused.status, 422, "{date} {time}: {}", refused.body);
        assert!(refused.body.contains(says), "{date} {time} does not say {says:?}");
        assert!(refused.body.contains("The post stays where it was."), "{date} {time}");
        assert!(!refused.body.contains("on_gap"), "words of the API on a page");
        assert!(chip(&refused, post).is_some(), "the calendar is not shown");
    }
    assert_eq!(due(&site, post).await, before);
}

#[tokio::test]
async fn what_has_left_cannot_be_moved_and_is_not_offered_for_it() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/calendar").await;
    site.set_state(post, State::Published { at: site.deps().clock.now() }).await;
    let late = moved(&mut browser, &page, post, "2026-11-02", "09:30").await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("so it was not moved"), "{}", late.body);
    assert!(chip(&late, post).is_none() && late.body.contains(&post.to_string()), "it is still offered");
    let its_page = browser.get(&format!("/console/posts/{post}")).await;
    assert!(!its_page.body.contains("/console/calendar/move"));
    // Who may not write is not offered it either, and is refused.
    let (site, post) = waiting().await;
    let mut editor = site.signed_in(Role::Editor).await;
    let page = editor.get("/console/calendar").await;
    let mut viewer = site.signed_in(Role::Viewer).await;
    let own = viewer.get("/console/calendar").await;
    assert!(chip(&own, post).is_none() && !own.body.contains("calendar/move") && !own.body.contains("data-day"));
    let csrf = own.hidden_with("/console/sign-out", &[]);
    let mut fields = page.hidden_with("/console/calendar/move", &[]);
    fields.retain(|(name, _)| !["csrf", "post", "rev"].contains(&name.as_str()));
    fields.extend(csrf);
    for (name, value) in [("post", &*post.to_string()), ("rev", "1"), ("date", "2026-11-02"), ("time", "09:30")] {
        fields.push((name.into(), value.into()));
    }
    assert_eq!(viewer.post("/console/calendar/move", &fields).await.status, 403);
}

#[tokio::test]
async fn without_scripts_a_post_is_moved_on_its_own_page() {
    let (site, post) = waiting().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let address = format!("/console/posts/{post}");
    let page = browser.get(&address).await;
    let refused =
        browser.send_form(&page, "/console/calendar/move", &[("date", "2020-01-01"), ("time", "09:00")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("This time has passed") && refused.body.contains("What happened"));
    let answer =
        browser.send_form(&refused, "/console/calendar/move", &[("date", "2026-11-02"), ("time", "07:15")]).await;
    assert_eq!((answer.status, answer.location()), (303, &*format!("{address}?said=moved")));
    assert_eq!(due(&site, post).await, "2026-11-02T07:15:00");
}

#[tokio::test]
async fn a_day_with_more_posts_than_fit_says_how_many_more_and_leads_to_all_of_them() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    for n in 0..53 {
        site.scheduled(&site.world.caller, account.id, &format!("number {n}")).await;
    }
    let mut browser = site.signed_in(Role::Viewer).await;
    let at = local(&site) + SignedDuration::from_hours(1);
    for path in ["/console/calendar".to_owned(), format!("/console/calendar?week={}", at.date())] {
        let page = browser.get(&path).await;
        let more = format!("<a class=\"more\" href=\"/console/queue?day={}\">and 50 more</a>", at.date());
        assert!(page.body.contains(&more), "{path}: {}", page.body);
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut path = at.strftime("/console/calendar?list=%Y-%m").to_string();
    loop {
        let page = browser.get(&path).await;
        seen.extend(page.body.split("/console/posts/").skip(1).map(|rest| rest[..37].to_owned()));
        let Some(more) = page.body.split("There are more").next().filter(|before| before.len() < page.body.len())
        else {
            break;
        };
        path = more.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(seen.len(), 53, "the list drops posts");
}

#[tokio::test]
async fn days_whose_posts_were_not_all_counted_say_so_and_lead_to_their_list() {
    let (site, post) = waiting().await;
    let caller = &site.world.caller;
    let query = PostQuery { limit: 9, ..PostQuery::default() };
    let posts = app::publishing::planned(site.deps(), caller, &query).await.unwrap().items;
    let views = app::publishing::views(site.deps(), caller, &[post]).await.unwrap();
    let now = site.deps().clock.now();
    let day = (local(&site) + SignedDuration::from_hours(1)).date();
    let entropy = site.deps().entropy.as_ref();
    let reader = Reader { caller, zone: "Europe/Berlin", now, entropy };
    let book = Book::new(Vec::new(), site.deps().connect.all());
    for cut in [false, true] {
        let calendar = Calendar { shown: Shown::month_of(day), reader: &reader, book: &book };
        let page = calendar.grid(&Read { posts: posts.clone(), cut }, &views);
        assert_eq!(page.short.is_some_and(|text| text.contains(&day.strftime("%A %-d %B").to_string())), cut);
        let short: Vec<&str> = page.weeks.iter().flatten().filter(|day| day.cut).map(|day| day.date.as_str()).collect();
        let all = calendar.shown.days();
        let after = all.iter().filter(|date| cut && **date >= day).map(ToString::to_string);
        assert_eq!(short, after.collect::<Vec<_>>());
    }
}
