//! Another content for a series, through the pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::accounts::Account;
use domain::publishing::{Series, Variant};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use ports::{Record, Write};
use site::{Browser, Page, Site, pairs};

async fn only(site: &Site) -> Series {
    app::publishing::all_series(site.deps(), &site.world.caller, None, 50).await.unwrap().items.remove(0)
}

async fn change(site: &Site, with: impl FnOnce(&mut Series)) {
    let id = only(site).await.id;
    let old = site.deps().ledger.series(site.world.caller.tenant, id).await.unwrap().unwrap();
    let mut next = old.value.clone();
    with(&mut next);
    site.deps().ledger.commit(vec![Write::replace(&old, Record::Series(Box::new(next)))]).await.unwrap();
}

/// A daily series of one account, and the address of its content.
async fn daily(site: &Site, browser: &mut Browser<'_>) -> (Account, String) {
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let composer = browser.get("/console/compose?series=1").await;
    let now = site.deps().clock.now().to_zoned(TimeZone::UTC);
    let (day, target) = (now.date().checked_add(2.days()).unwrap().to_string(), account.id.to_string());
    let fields = [
        ("text", "Fresh beans"),
        ("target", &*target),
        ("when", "series"),
        ("date", &*day),
        ("time", "09:00"),
        ("zone", "UTC"),
        ("freq", "day"),
    ];
    let made = browser.send_form(&composer, "/console/compose", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let id = only(site).await.id;
    (account, format!("/console/series/{id}/content"))
}

/// Its platform takes the access to this account back.
async fn lose(site: &Site, account: &Account) {
    let old = site.deps().ledger.account(site.world.caller.tenant, account.id).await.unwrap().unwrap();
    let next = old.value.needs_reconnect("revoked", site.deps().clock.now());
    site.deps().ledger.commit(vec![Write::replace(&old, Record::Account(next))]).await.unwrap();
}

/// What the composer's tick of an account is.
fn tick_of<'a>(page: &'a Page, account: &str) -> &'a str {
    let from = page.body.split(&format!("name=\"target\" value=\"{account}\"")).nth(1).unwrap();
    from.split('>').next().unwrap()
}

#[tokio::test]
async fn what_a_series_says_and_where_it_goes_is_changed_and_its_times_stay() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let (account, here) = daily(&site, &mut editor).await;
    let other = site.world.connect(site.deps(), "write-only", "bea").await.unwrap();
    let before = only(&site).await;
    let series = here.strip_suffix("/content").unwrap();
    assert!(editor.get(series).await.body.contains(&format!("href=\"{here}\"")));
    let page = editor.get(&here).await;
    assert!(page.status == 200 && page.body.contains("Fresh beans</textarea>"), "{}", page.body);
    assert!(!page.body.contains("name=\"when\"") && page.body.contains("Its times stay as they are"));
    let targets = [account.id.to_string(), other.id.to_string()];
    let fields = [
        ("text", "Roasted today"),
        ("variant_readable", "One\n---\nTwo"),
        ("link", "https://example.com/beans"),
        ("target", &*targets[0]),
        ("target", &*targets[1]),
    ];
    for _ in 0..2 {
        let saved = editor.send_form(&page, &here, &fields).await;
        assert_eq!(
            (saved.status, saved.location()),
            (303, &*format!("{series}?said=series-rewritten")),
            "{}",
            saved.body
        );
    }
    let after = only(&site).await;
    assert_eq!(after.content.parts[0].text, "Roasted today");
    assert_eq!(after.content.link.unwrap().url, "https://example.com/beans");
    assert_eq!((after.variants.len(), after.targets.len()), (1, 2));
    assert_eq!((after.recurrence, after.next, after.missed), (before.recurrence, before.next, before.missed));
    assert!(editor.get(series).await.body.contains("Roasted today"));
}

#[tokio::test]
async fn what_is_wrong_with_a_series_content_stands_beside_its_field_and_nothing_is_changed() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let (account, here) = daily(&site, &mut editor).await;
    let page = editor.get(&here).await;
    let (target, long) = (account.id.to_string(), "a".repeat(300));
    let refused = editor.send_form(&page, &here, &[("text", &*long), ("target", &*target)]).await;
    assert!(refused.status == 422 && refused.error_of("text").is_some(), "{}", refused.body);
    assert!(refused.body.contains(&long), "what was typed stays");
    let nowhere = editor.send_form(&page, &here, &[("text", "a")]).await;
    assert!(nowhere.status == 422 && nowhere.error_of("targets").is_some(), "{}", nowhere.body);
    let row = editor.send_form(&page, &here, &[("text", "a"), ("target", &*target), ("action", "add_media")]).await;
    assert!(row.status == 200 && row.body.contains("media_0_file"), "{}", row.body);
    assert_eq!(only(&site).await.content.parts[0].text, "Fresh beans");
}

#[tokio::test]
async fn a_content_that_somebody_else_changed_meanwhile_is_not_overridden_however_often_the_form_is_sent() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let (account, here) = daily(&site, &mut editor).await;
    let target = account.id.to_string();
    let mut page = editor.get(&here).await;
    change(&site, |series| series.content = Variant::text("Theirs")).await;
    for _ in 0..2 {
        page = editor.send_form(&page, &here, &[("text", "Mine"), ("target", &*target)]).await;
        assert!(page.status == 409 && page.body.contains("nothing of yours was"), "{}", page.body);
        assert!(page.body.contains("Mine</textarea>"), "what was typed stays");
    }
    assert_eq!(only(&site).await.content.parts[0].text, "Theirs");
}

#[tokio::test]
async fn whoever_changes_a_word_joins_those_who_wrote_the_series_and_takes_nobodys_place() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (account, here) = daily(&site, &mut owner).await;
    let mut editor = site.signed_in(Role::Editor).await;
    let (page, target) = (editor.get(&here).await, account.id.to_string());
    let saved = editor.send_form(&page, &here, &[("text", "Fresh beans!"), ("target", &*target)]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let writers = only(&site).await.writers();
    assert!(writers.len() == 2 && writers.contains(&site.world.caller.member), "{writers:?}");
}

#[tokio::test]
async fn an_account_that_cannot_be_used_now_is_never_lost_in_silence() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let (account, here) = daily(&site, &mut editor).await;
    let other = site.world.connect(site.deps(), "write-only", "bea").await.unwrap();
    let (target, second) = (account.id.to_string(), other.id.to_string());
    lose(&site, &account).await;
    let page = editor.get(&here).await;
    let tick = tick_of(&page, &target);
    assert!(tick.contains("checked") && !tick.contains("disabled"), "{tick}");
    assert!(page.body.contains("Reconnect this account first, or leave it out"));
    let refused = editor.send_form(&page, &here, &[("text", "a"), ("target", &*target), ("target", &*second)]).await;
    assert!(refused.status == 409 && refused.error_of("targets").is_some(), "{}", refused.body);
    let without = editor.send_form(&page, &here, &[("text", "a"), ("target", &*second)]).await;
    assert_eq!(without.status, 303, "{}", without.body);
    assert_eq!(only(&site).await.targets[0].account, other.id);
}

#[tokio::test]
async fn nor_does_a_draft_lose_an_account_that_must_be_connected_again() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let composer = editor.get("/console/compose").await;
    let target = account.id.to_string();
    editor.send_form(&composer, "/console/compose", &[("text", "a"), ("target", &*target), ("when", "draft")]).await;
    lose(&site, &account).await;
    let path = format!("/console/compose?post={}", site.posts().await[0].post.id);
    let page = editor.get(&path).await;
    let tick = tick_of(&page, &target);
    assert!(tick.contains("checked") && !tick.contains("disabled"), "{tick}");
    let fields = [("text", "b"), ("target", &*target), ("when", "draft")];
    assert!(editor.send_form(&page, &path, &fields).await.error_of("targets").is_some());
    assert_eq!(editor.send_form(&page, &path, &[("text", "b"), ("when", "draft")]).await.status, 303);
    assert!(site.posts().await[0].post.targets.is_empty(), "left out by who said so");
    let fresh = editor.get("/console/compose").await;
    assert!(tick_of(&fresh, &target).contains("disabled"), "what is not ticked cannot be");
}

#[tokio::test]
async fn what_the_form_cannot_show_is_left_to_the_api_and_who_may_only_look_changes_nothing() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let (_, here) = daily(&site, &mut editor).await;
    let series = here.strip_suffix("/content").unwrap();
    let mut viewer = site.signed_in(Role::Viewer).await;
    let seen = viewer.get(series).await;
    assert!(seen.status == 200 && !seen.body.contains("/content"), "{}", seen.body);
    let csrf = seen.hidden_with("/console/sign-out", &[]);
    let fields = [csrf, pairs(&[("idempotency_key", "anything8"), ("rev", "1"), ("text", "a")])].concat();
    assert_eq!((viewer.get(&here).await.status, viewer.post(&here, &fields).await.status), (403, 403));

    change(&site, |series| series.content.tags = vec!["tea, coffee".into()]).await;
    let page = editor.get(series).await;
    assert!(page.body.contains("says more than the form can show") && !page.body.contains(&here), "{}", page.body);
    assert_eq!(editor.get(&here).await.status, 409);
    for nothing in ["nonsense", "ser_00000000000040008000000000000001"] {
        assert_eq!(editor.get(&format!("/console/series/{nothing}/content")).await.status, 404, "{nothing}");
    }
}
