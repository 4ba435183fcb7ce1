//! Approvals through the pages: what waits, who may say what, and that an answer counts for what was seen.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use app::Once;
use app::publishing::{Accepted, Edit, edit};
use domain::access::{Caller, Role};
use domain::publishing::{Clearance, Variant};
use domain::{AccountId, PostId};
use jiff::{SignedDuration, tz::TimeZone};
use site::{Page, Site};

/// Whose account, and an editor whose posts need an approval, by the rule that an owner sets on the page.
async fn scene(site: &Site) -> (AccountId, Caller) {
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id;
    let mut owner = site.signed_in(Role::Owner).await;
    let team = owner.get("/console/team").await;
    let set = owner.send_form(&team, "/console/team/approval-rule", &[("required_for", "editors")]).await;
    assert_eq!((set.status, set.location()), (303, "/console/team?said=rule-changed"));
    assert!(owner.get("/console/team").await.body.contains("<option value=\"editors\" selected>"));
    let member = site.member(Role::Editor).await;
    (account, Caller { member, role: Role::Editor, ..site.world.caller.clone() })
}

async fn clearance(site: &Site, post: PostId) -> Clearance {
    site.delivery(post).await.clearance
}

fn hidden(page: &Page, path: &str) -> Vec<(String, String)> {
    page.hidden_with(path, &["name=\"hash\""])
}

#[tokio::test]
async fn an_approver_sees_what_waits_and_approves_it_with_a_comment() {
    let site = Site::new();
    let (account, editor) = scene(&site).await;
    let post = site.scheduled(&editor, account, "Spring menu is here").await;
    let mut browser = site.signed_in(Role::Approver).await;
    let page = browser.get("/console/approvals").await;
    assert!(page.body.contains("Spring menu is here") && page.body.contains("Waits for approval"), "{}", page.body);
    assert!(page.body.contains("<span class=\"count\">1"), "the navigation counts it");
    let path = format!("/console/posts/{post}/approve");
    let done = browser.send_form(&page, &path, &[("comment", "Looks good")]).await;
    assert_eq!((done.status, done.location()), (303, "/console/approvals?said=approved"), "{}", done.body);
    assert!(matches!(clearance(&site, post).await, Clearance::Approved(_)));
    let page = browser.get("/console/approvals?said=approved").await;
    assert!(page.body.contains("Nothing waits for an approval") && page.body.contains("Approved: it goes out"));
    let page = browser.get(&format!("/console/posts/{post}")).await;
    assert!(page.body.contains("Looks good") && page.body.contains("Approved by Approver"), "{}", page.body);
}

#[tokio::test]
async fn a_rejection_tells_its_author_why_and_they_ask_again() {
    let site = Site::new();
    let (account, editor) = scene(&site).await;
    let post = site.scheduled(&editor, account, "Spring menu").await;
    let mut approver = site.signed_in(Role::Approver).await;
    let page = approver.get("/console/approvals").await;
    let path = format!("/console/posts/{post}/reject");
    let silent = approver.send_form(&page, &path, &[("comment", " ")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.body.contains("Say why"), "{}", silent.body);
    let done = approver.send_form(&page, &path, &[("comment", "The price is last year’s")]).await;
    assert_eq!(done.location(), "/console/approvals?said=rejected", "{}", done.body);
    let mut author = site.signed_in(Role::Editor).await;
    let page = author.get(&format!("/console/posts/{post}")).await;
    assert!(page.body.contains("Rejected") && page.body.contains("The price is last year’s"), "{}", page.body);
    let ask = format!("/console/posts/{post}/ask");
    let done = author.send_form(&page, &ask, &[("comment", "It is this year’s, too")]).await;
    assert_eq!(done.location(), format!("/console/posts/{post}?said=asked"), "{}", done.body);
    assert!(approver.get("/console/approvals").await.body.contains("It is this year’s, too"));
}

#[tokio::test]
async fn what_was_changed_since_the_page_was_shown_is_not_approved() {
    let site = Site::new();
    let (account, editor) = scene(&site).await;
    let post = site.scheduled(&editor, account, "Spring menu").await;
    let mut approver = site.signed_in(Role::Approver).await;
    let seen = approver.get("/console/approvals").await;
    let mut author = site.signed_in(Role::Editor).await;
    let address = format!("/console/compose?post={post}");
    let page = author.get(&address).await;
    let fields =
        [("text", "Summer menu"), ("when", "at"), ("date", "2026-10-24"), ("time", "14:30"), ("zone", "Europe/Berlin")];
    let saved = author.send_form(&page, &address, &fields).await;
    assert_eq!(saved.location(), format!("/console/posts/{post}?said=saved-waits"), "{}", saved.body);
    let path = format!("/console/posts/{post}/approve");
    let late = approver.send_form(&seen, &path, &[]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("The post was changed"), "{}", late.body);
    assert_eq!(clearance(&site, post).await, Clearance::Awaited);
    let again = approver.get("/console/approvals").await;
    assert_ne!(hidden(&seen, &path), hidden(&again, &path));
    assert_eq!(approver.send_form(&again, &path, &[]).await.status, 303);
}

#[tokio::test]
async fn who_may_not_approve_is_not_offered_it_and_is_refused() {
    let site = Site::new();
    let (account, editor) = scene(&site).await;
    let post = site.scheduled(&editor, account, "Spring menu").await;
    let mut approver = site.signed_in(Role::Approver).await;
    let path = format!("/console/posts/{post}/approve");
    let offered = hidden(&approver.get("/console/approvals").await, &path);
    for role in [Role::Viewer, Role::Editor] {
        let mut browser = site.signed_in(role).await;
        let page = browser.get("/console/approvals").await;
        assert!(page.body.contains("Spring menu") && !page.body.contains(&path), "{role:?}: {}", page.body);
        assert!(!page.body.contains("<span class=\"count\">"), "{role:?} has nothing to do there");
        // With the form token of their own page and everything else of an approver's.
        let csrf = page.hidden_with("/console/sign-out", &[]).remove(0);
        let fields: Vec<(String, String)> =
            offered.iter().map(|field| if field.0 == csrf.0 { csrf.clone() } else { field.clone() }).collect();
        assert_eq!(browser.post(&path, &fields).await.status, 403, "{role:?}");
    }
    assert_eq!(clearance(&site, post).await, Clearance::Awaited);
}

#[tokio::test]
async fn nobody_is_offered_to_approve_their_own_post_while_somebody_else_may() {
    let site = Site::new();
    let (account, _) = scene(&site).await;
    let mut owner = site.signed_in(Role::Owner).await;
    let team = owner.get("/console/team").await;
    owner.send_form(&team, "/console/team/approval-rule", &[("required_for", "everyone")]).await;
    let post = site.scheduled(&site.world.caller, account, "Spring menu").await;
    let path = format!("/console/posts/{post}/approve");
    // There is nobody else yet.
    assert!(owner.get("/console/approvals").await.body.contains(&path));
    let _approver = site.signed_in(Role::Approver).await;
    let page = owner.get("/console/approvals").await;
    assert!(page.body.contains("somebody else has to approve it") && !page.body.contains(&path), "{}", page.body);
}

#[tokio::test]
async fn an_approver_is_shown_everything_that_people_will_read() {
    let site = Site::new();
    let (account, editor) = scene(&site).await;
    let post = site.scheduled(&editor, account, "Spring menu").await;
    // As a program wrote it: the composer has no fields for these.
    let rev = site.deps().ledger.post(editor.tenant, post).await.unwrap().unwrap().rev;
    let content = Variant {
        title: Some("A headline".into()),
        summary: Some("The small print".into()),
        ..Variant::text("Spring menu")
    };
    let own = Variant { tags: vec!["only there".into()], ..content.clone() };
    let variants = [("readable".to_owned(), own)].into();
    let change = Edit { content: Some(content), variants: Some(variants), ..Edit::default() };
    let once = Once { route: "test".into(), key: "everything".into(), fingerprint: "f".into() };
    let done = |_: &Accepted| ports::StoredReply { status: 200, body: String::new() };
    edit(site.deps(), &editor, post, rev, &change, &once, &done).await.unwrap();
    let mut browser = site.signed_in(Role::Approver).await;
    for page in ["/console/approvals".to_owned(), format!("/console/posts/{post}")] {
        let page = browser.get(&page).await;
        assert!(page.body.contains("/approve\""), "it is offered there: {}", page.body);
        for words in ["The small print", "A headline", "only there"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn the_calendar_tells_what_waits_for_an_approval_and_another_time_takes_an_approval_back() {
    let site = Site::new();
    let (account, editor) = scene(&site).await;
    let post = site.scheduled(&editor, account, "Spring menu").await;
    let at = site.deps().clock.now() + SignedDuration::from_hours(1);
    let at = at.to_zoned(TimeZone::get("Europe/Berlin").unwrap());
    let views =
        ["month=%Y-%m", "week=%Y-%m-%d", "list=%Y-%m"].map(|view| format!("/console/calendar?{}", at.strftime(view)));
    let (its_page, takes_back) = (format!("/console/posts/{post}"), "Once moved, it waits until somebody approves it");
    let mut author = site.signed_in(Role::Editor).await;
    for path in &views {
        let page = author.get(path).await;
        assert!(page.body.contains("Waits for approval") && !page.body.contains(takes_back), "{path}: {}", page.body);
    }
    let mut approver = site.signed_in(Role::Approver).await;
    let page = approver.get("/console/approvals").await;
    assert_eq!(approver.send_form(&page, &format!("{its_page}/approve"), &[]).await.status, 303);
    for path in &views {
        let page = author.get(path).await;
        assert!(!page.body.contains("Waits for approval") && page.body.contains(takes_back), "{path}: {}", page.body);
    }
    let page = author.get(&its_page).await;
    assert!(page.body.contains(takes_back), "{}", page.body);
    let moved = author.send_form(&page, "/console/calendar/move", &[("date", "2026-11-02"), ("time", "09:30")]).await;
    assert_eq!(moved.location(), format!("{its_page}?said=moved-waits"), "{}", moved.body);
    assert_eq!(clearance(&site, post).await, Clearance::Awaited);
    assert!(author.get(moved.location()).await.body.contains("approves it with its new time"));
    let again = approver.get("/console/approvals").await;
    assert!(again.body.contains("Mon 2 Nov 2026, 09:30"), "{}", again.body);
}
