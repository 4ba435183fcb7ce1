//! The queue slots of an account, through the pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::AccountId;
use domain::access::Role;
use jiff::civil::Weekday;
use site::Site;

fn path(account: AccountId) -> String {
    format!("/console/accounts/{account}/slots")
}

#[tokio::test]
async fn an_accounts_slots_are_found_from_its_card_and_from_the_queue_changed_and_used_by_the_next_post() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = path(account.id);
    for from in ["/console/accounts", "/console/queue"] {
        assert!(editor.get(from).await.body.contains(&format!("href=\"{here}\"")), "{from}");
    }
    let page = editor.get(&here).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.body.matches("value=\"09:00, 13:00, 17:00\"").count(), 7, "those that every account has");
    let week = [("monday", "17:30, 9:15"), ("sunday", ""), ("zone", "Asia/Tokyo")];
    let saved = editor.send_form(&page, &here, &week).await;
    assert_eq!((saved.status, saved.location()), (303, &*format!("{here}?said=slots-saved")), "{}", saved.body);
    let plan = app::publishing::slots(site.deps(), &site.world.caller, account.id).await.unwrap();
    let times: Vec<String> = plan.times.iter().map(|slot| slot.at.to_string()).collect();
    assert_eq!((plan.zone.as_str(), times), ("Asia/Tokyo", vec!["09:15:00".to_owned(), "17:30:00".to_owned()]));
    assert!(plan.times.iter().all(|slot| slot.weekday == Weekday::Monday));

    let next = app::publishing::next_slot(site.deps(), &site.world.caller, account.id).await.unwrap();
    let page = editor.get(saved.location()).await;
    assert!(page.body.contains("The slots are saved") && page.body.contains("value=\"09:15, 17:30\""), "{}", page.body);
    assert!(page.body.contains(&format!("The next free slot is <time datetime=\"{next}\"")), "{}", page.body);
    let composer = editor.get("/console/compose").await;
    let target = account.id.to_string();
    let queued = editor
        .send_form(&composer, "/console/compose", &[("text", "later"), ("target", &target), ("when", "queue")])
        .await;
    assert_eq!(queued.status, 303, "{}", queued.body);
    assert_eq!(site.posts().await[0].post.schedule.due_at(), Some(next));
    assert!(!editor.get(&here).await.body.contains(&format!("datetime=\"{next}\"")), "it is taken");
}

#[tokio::test]
async fn what_is_no_time_stands_beside_its_day_and_a_week_without_a_slot_is_refused() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = path(account.id);
    let page = editor.get(&here).await;
    let bad = [("monday", "09:00, noon"), ("friday", "25:00"), ("zone", "UTC")];
    let refused = editor.send_form(&page, &here, &bad).await;
    assert_eq!(refused.status, 422);
    assert!(refused.error_of("monday").unwrap().contains("“noon”"), "{}", refused.body);
    assert!(refused.error_of("friday").unwrap().contains("“25:00”") && refused.error_of("sunday").is_none());
    assert!(refused.body.contains("value=\"09:00, noon\""), "what was typed stays");
    let none = editor.send_form(&refused, &here, &[("zone", "UTC")]).await;
    assert!(none.status == 422 && none.error_of("slots").unwrap().contains("1 to 168"), "{}", none.body);
    let nowhere = editor.send_form(&none, &here, &[("monday", "09:00"), ("zone", "Mars/Olympus")]).await;
    assert!(nowhere.status == 422 && nowhere.error_of("zone").is_some(), "{}", nowhere.body);
    let plan = app::publishing::slots(site.deps(), &site.world.caller, account.id).await.unwrap();
    assert_eq!(plan.times.len(), 21, "nothing was changed");
}

#[tokio::test]
async fn the_form_of_slots_acts_once_and_another_week_under_its_key_is_refused() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    let here = path(account.id);
    let page = editor.get(&here).await;
    for _ in 0..2 {
        assert_eq!(editor.send_form(&page, &here, &[("monday", "09:00"), ("zone", "UTC")]).await.status, 303);
    }
    let other = editor.send_form(&page, &here, &[("monday", "10:00"), ("zone", "UTC")]).await;
    assert!(other.status == 422 && other.error_of("slots").is_some(), "{}", other.body);
}

#[tokio::test]
async fn who_may_only_look_reads_the_slots_and_changes_none_and_what_is_not_connected_has_none() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let here = path(account.id);
    let mut viewer = site.signed_in(Role::Viewer).await;
    let page = viewer.get(&here).await;
    assert!(page.status == 200 && page.body.contains("09:00, 13:00, 17:00"), "{}", page.body);
    assert!(!page.body.contains(&format!("action=\"{here}\"")));
    let csrf = page.hidden_with("/console/sign-out", &[]);
    let fields =
        [csrf, site::pairs(&[("idempotency_key", "anything8"), ("monday", "10:00"), ("zone", "UTC")])].concat();
    assert_eq!(viewer.post(&here, &fields).await.status, 403);
    for nothing in ["acc_nonsense", "acc_00000000000040008000000000000001"] {
        assert_eq!(viewer.get(&format!("/console/accounts/{nothing}/slots")).await.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn a_post_for_the_best_time_gets_it_its_page_says_why_and_its_form_keeps_it() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    let composer = editor.get("/console/compose").await;
    let target = account.id.to_string();
    let fields = [("text", "at its best"), ("target", target.as_str()), ("when", "best")];
    let made = editor.send_form(&composer, "/console/compose", &fields).await;
    assert!(made.status == 303 && made.location().contains("said=best-time"), "{}", made.body);
    let post = site.posts().await.remove(0).post;
    assert_eq!(post.schedule.best_time().unwrap().wall.local.to_string(), "2026-10-19T12:00:00");
    let page = editor.get(made.location()).await;
    assert!(page.body.contains("Why then"), "{}", page.body);
    assert!(page.body.contains("No post of this account is known to have done better or worse"), "{}", page.body);
    let edit = format!("/console/compose?post={}", post.id);
    let form = editor.get(&edit).await;
    assert!(form.body.contains("value=\"best\" checked"), "{}", form.body);
    let saved = editor.send_form(&form, &edit, &[("text", "better still"), ("when", "best")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let after = site.posts().await.remove(0).post;
    assert_eq!((&after.schedule, after.content.parts[0].text.as_str()), (&post.schedule, "better still"));
}
