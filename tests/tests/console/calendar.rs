//! The calendar in a browser: a post is dragged to another day and hour, moved by keyboard, and refused in words.

use crate::visit::Visit;
use e2e::{Stack, unique};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::json;
use thirtyfour::prelude::*;

/// A day that is not today, far enough from the ends of its month and week for a move by a day.
fn a_wednesday() -> Date {
    let today = e2e::now().to_zoned(TimeZone::UTC).date();
    let first = today.first_of_month().checked_add(1.month()).unwrap();
    let days = (0..14).map(|n| first.checked_add(n.days()).unwrap());
    days.filter(|day| day.weekday() == jiff::civil::Weekday::Wednesday).nth(1).unwrap()
}

fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
    day.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

/// Drags a post's chip onto the cell of a selector, with the mouse.
async fn drag(visit: &Visit, post: &str, cell: &str) {
    let chip = visit.browser.find(By::Css(format!("[data-post='{post}'] .chip-text"))).await.unwrap();
    let cell = visit.browser.find(By::Css(cell.to_owned())).await.unwrap();
    chip.scroll_into_view().await.unwrap();
    let hold = visit.browser.action_chain().move_to_element_center(&chip).click_and_hold();
    // The browser takes it for a drag once the pointer has moved a little.
    hold.move_by_offset(6, 6).move_to_element_center(&cell).release().perform().await.unwrap();
}

async fn due(stack: &Stack, post: &str) -> Timestamp {
    stack.post(post).await["scheduled_at"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_person_moves_a_post_by_dragging_it_and_by_keyboard_and_is_told_what_was_refused() {
    let stack = Stack::alone().await;
    let account = stack.account("x", "ada_demo").await;
    let (day, mark) = (a_wednesday(), unique("calendar"));
    let post = stack.publish(&mark, &[&account], Some(at(day, 9, 20))).await;
    let visit = Visit::signed_in(&stack).await;
    let month = format!("/calendar?month={}", day.strftime("%Y-%m"));

    // The chip says what, when, where and how it stands.
    visit.open(&month).await;
    let chip = visit.text(&format!("//li[@data-post='{post}']")).await;
    for part in [mark.as_str(), "09:20", "Scheduled"] {
        assert!(chip.contains(part), "{chip:?} does not say {part}");
    }

    // In the month: to the next day, at the same time.
    let thursday = day.tomorrow().unwrap();
    drag(&visit, &post, &format!("td[data-day='{thursday}']")).await;
    visit.hears("It goes out at its new time").await;
    assert_eq!(due(&stack, &post).await, at(thursday, 9, 20));

    // In the week: to an hour of another day, at the same minute.
    let friday = thursday.tomorrow().unwrap();
    visit.open(&format!("/calendar?week={day}")).await;
    drag(&visit, &post, &format!("[data-day='{friday}'][data-hour='15']")).await;
    visit.hears("It goes out at its new time").await;
    assert_eq!(due(&stack, &post).await, at(friday, 15, 20));

    // By keyboard, in the list: Escape leaves it, Enter moves it.
    visit.open(&format!("/calendar?list={}", day.strftime("%Y-%m"))).await;
    let link = visit.browser.find(By::Css(format!("[data-post='{post}'] .move"))).await.unwrap();
    let fill = "for (const [id, value] of Object.entries(arguments[0])) document.getElementById(id).value = value;";
    link.send_keys(Key::Enter + "").await.unwrap();
    let time = visit.browser.find(By::Id("move-time")).await.unwrap();
    time.send_keys(Key::Escape + "").await.unwrap();
    assert_eq!(visit.run("return document.querySelector('dialog[open]')", vec![]).await, json!(null));
    link.send_keys(Key::Enter + "").await.unwrap();
    visit.run(fill, vec![json!({ "move-date": day.to_string(), "move-time": "07:05" })]).await;
    time.send_keys(Key::Enter + "").await.unwrap();
    visit.hears("It goes out at its new time").await;
    assert_eq!(due(&stack, &post).await, at(day, 7, 5));

    // A day that is over takes nothing, and the page says so.
    visit
        .browser
        .find(By::Css(format!("[data-post='{post}'] .move")))
        .await
        .unwrap()
        .send_keys(Key::Enter + "")
        .await
        .unwrap();
    visit.run(fill, vec![json!({ "move-date": "2020-01-01", "move-time": "07:05" })]).await;
    visit.click("#mover button.primary").await;
    visit.hears("This time has passed").await;
    assert_eq!(due(&stack, &post).await, at(day, 7, 5));

    // What somebody else moved meanwhile is not moved again: the page says so and shows how it stands.
    visit.open(&month).await;
    let seen = stack.ask("GET", &format!("/api/publishing/posts/{post}"), None).await;
    let headers = [
        ("authorization", &*format!("Bearer {}", stack.key)),
        ("idempotency-key", &*unique("key")),
        ("if-match", seen.header("etag").unwrap()),
    ];
    let moved = json!({ "scheduled_at": at(friday, 11, 0).to_string() }).to_string();
    stack.call("PATCH", &format!("/api/publishing/posts/{post}"), &headers, Some(&moved)).await.data();
    drag(&visit, &post, &format!("td[data-day='{thursday}']")).await;
    visit.hears("Somebody changed this post after you opened the page").await;
    assert!(visit.text(&format!("//td[@data-day='{friday}']")).await.contains("11:00"), "the page is not a fresh one");
    assert_eq!(due(&stack, &post).await, at(friday, 11, 0));

    // An empty day leads to the composer, with its date.
    let empty = friday.tomorrow().unwrap();
    visit
        .run("document.querySelector(arguments[0]).click()", vec![json!(format!("[data-day='{empty}'] .day-add"))])
        .await;
    visit.arrives("/console/compose").await;
    assert_eq!(visit.run("return document.getElementById('date').value", vec![]).await, json!(empty.to_string()));

    // More than a day shows is counted, and all of it is one click away. Nothing is wider than a phone.
    let mut posts = vec![post];
    for minute in 1..=4 {
        posts.push(stack.publish(&format!("{mark} {minute}"), &[&account], Some(at(friday, 11, minute))).await);
    }
    for view in [month, format!("/calendar?week={day}"), format!("/calendar?list={}", day.strftime("%Y-%m"))] {
        visit.open(&view).await;
        visit.fits_a_phone(&view).await;
        assert!(visit.says(&mark).await, "{view}");
    }
    visit.open(&format!("/calendar?week={day}")).await;
    assert!(visit.says("and 2 more").await, "{}", visit.shown().await);
    visit.click(".week .more").await;
    visit.arrives("/console/queue").await;
    assert!(visit.says(&format!("{mark} 4")).await, "the list does not have all of them");

    for post in posts {
        stack.ask("POST", &format!("/api/publishing/posts/{post}/cancel"), None).await.data();
    }
    visit.end().await;
}
