//! Posts from a file and into one, through the pages: looked at, made once, and taken along.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Record, Write};
use site::{Browser, Page, Site, pairs};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use testing::World;

const CHECK: &str = "/console/import";
const MAKE: &str = "/console/import/make";

/// Sends rows as they are pasted, to be looked at.
async fn paste(browser: &mut Browser<'_>, csv: &str) -> Page {
    let page = browser.get(CHECK).await;
    browser.send_form(&page, CHECK, &[("csv", csv)]).await
}

/// What the pages say of a row, up to the next.
fn row(page: &Page, number: usize) -> &str {
    let cell = format!("data-label=\"Row\">{number}<");
    let from = page.body.split(&cell).nth(1).unwrap_or_else(|| panic!("no row {number} in {}", page.body));
    from.split("</tr>").next().unwrap()
}

#[tokio::test]
async fn a_file_is_looked_at_first_and_made_only_then_with_the_way_to_each_post() {
    let site = Site::new();
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    assert!(editor.get("/console/queue").await.body.contains("href=\"/console/import\""));
    let page = editor.get(CHECK).await;
    assert!(page.body.contains("Up to 100 rows and 262 KB") && page.body.contains("scheduled_at"), "{}", page.body);

    let at = site.deps().clock.now() + SignedDuration::from_hours(30);
    // As a spreadsheet writes it: its mark, its line ends, a quote and a line within a cell.
    let file = format!(
        "\u{feff}text,platforms,option,scheduled_at\r\n\"Say \"\"hi\"\",\r\nall\",readable,,{at}\r\nNow,readable,immediate,\r\nLater,,draft,\r\n"
    );
    let hidden = page.hidden_with(CHECK, &[]);
    let looked = editor.upload(CHECK, &hidden, ("file", file.as_bytes())).await;
    assert_eq!(looked.status, 200, "{}", looked.body);
    assert!(
        looked.body.contains("All 3 rows are good") && looked.body.contains("Import all 3 rows"),
        "{}",
        looked.body
    );
    assert!(looked.body.contains("1 goes out at once, 1 goes out at its time, 1 is kept as a draft"));
    assert!(row(&looked, 1).contains("Say &quot;hi&quot;, all") && row(&looked, 1).contains("on readable"));
    assert!(row(&looked, 2).contains("At once") && row(&looked, 3).contains("Nowhere yet"));
    assert!(site.posts().await.is_empty(), "nothing is made yet");

    let made = editor.send_form(&looked, MAKE, &[]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let posts = site.posts().await;
    assert_eq!(posts.len(), 3);
    let text = |text: &str| posts.iter().find(|view| view.post.content.parts[0].text == text).unwrap().post.id;
    let done = editor.get(made.location()).await;
    assert!(done.status == 200 && done.body.contains("3 posts were made"), "{}", done.body);
    assert!(row(&done, 1).contains(&format!("href=\"/console/posts/{}\"", text("Say \"hi\",\nall"))));
    assert!(row(&done, 3).contains(&text("Later").to_string()) && row(&done, 3).contains("Draft"), "{}", done.body);
}

#[tokio::test]
async fn the_second_step_makes_nothing_twice_however_often_it_is_sent() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let looked = paste(&mut editor, "text\nOne\nTwo\n").await;
    let first = editor.send_form(&looked, MAKE, &[]).await;
    let second = editor.send_form(&looked, MAKE, &[]).await;
    assert_eq!((first.status, first.location()), (303, second.location()));
    assert_eq!(site.posts().await.len(), 2);

    // As if its end had not been kept, since it was interrupted: it goes on, and finds nothing left to do.
    let (key, now) = (first.location().rsplit('/').next().unwrap(), site.deps().clock.now());
    let (ledger, tenant) = (&site.deps().ledger, site.world.caller.tenant);
    let kept = ledger.remembered(tenant, "POST /console/import/make", key, now).await.unwrap().unwrap();
    ledger.commit(vec![Write::delete(&kept, Record::Idempotency(kept.value.clone()))]).await.unwrap();
    assert_eq!(editor.get(first.location()).await.status, 404);
    let third = editor.send_form(&looked, MAKE, &[]).await;
    assert_eq!((third.location(), site.posts().await.len()), (first.location(), 2));

    let mut other = looked.hidden_with(MAKE, &[]);
    other.iter_mut().find(|(name, _)| name == "csv").unwrap().1 = "text\nThree\n".into();
    let refused = editor.post(MAKE, &other).await;
    assert!(refused.status == 409 && refused.body.contains("sent before"), "{}", refused.body);
    assert_eq!(site.posts().await.len(), 2);
}

/// A clock that moves on by so many seconds whenever somebody looks at it.
struct Hasty {
    real: Arc<dyn Clock>,
    step_s: AtomicI64,
    gone_s: AtomicI64,
}

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        let gone_s = self.gone_s.fetch_add(self.step_s.load(Ordering::SeqCst), Ordering::SeqCst);
        self.real.now() + SignedDuration::from_secs(gone_s)
    }
}

#[tokio::test]
async fn an_import_that_takes_longer_than_a_request_may_says_so_and_goes_on_where_it_stopped() {
    let world = World::new(7);
    let real = world.process().deps.base.clock;
    let hasty = Arc::new(Hasty { real, step_s: AtomicI64::new(0), gone_s: AtomicI64::new(0) });
    let clock = hasty.clone();
    let site = Site::altered(world, move |process| process.deps.base.clock = clock);
    let mut editor = site.signed_in(Role::Editor).await;
    let looked = paste(&mut editor, "text\n1\n2\n3\n4\n5\n6\n").await;
    hasty.step_s.store(1, Ordering::SeqCst);
    let mut answer = editor.send_form(&looked, MAKE, &[]).await;
    let (mut tries, mut made) = (0, Vec::new());
    while answer.status == 503 {
        assert!(answer.body.contains("What was made stays made") && answer.body.contains("Go on"), "{}", answer.body);
        made.push(site.posts().await.len());
        tries += 1;
        assert!(tries < 20, "it does not go on: {made:?}");
        answer = editor.send_form(&answer, MAKE, &[]).await;
    }
    assert!(made.iter().any(|posts| (1..6).contains(posts)), "it was never interrupted: {made:?}");
    assert_eq!((answer.status, site.posts().await.len()), (303, 6), "{}", answer.body);
    assert!(editor.get(answer.location()).await.body.contains("6 posts were made"));
}

#[tokio::test]
async fn wrong_rows_are_told_by_their_columns_and_the_good_ones_are_made_alone() {
    let site = Site::new();
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    let csv =
        "text;platforms;scheduled_at;timezone\nGood;;;\nLate;readable;2020-01-01T09:00:00;Europe/Berlin\nx;myspace;;\n";
    let looked = paste(&mut editor, csv).await;
    assert!(looked.body.contains("2 of 3 rows have to be put right"), "{}", looked.body);
    assert!(row(&looked, 2).contains("<code>scheduled_at</code>") && row(&looked, 2).contains("2020"));
    assert!(row(&looked, 3).contains("<code>platforms</code>") && row(&looked, 3).contains("Wrong"));
    assert!(looked.body.contains("Import the good row only") && !looked.body.contains("value=\"whole\""));
    assert!(looked.body.contains("Late;readable"), "the rows stay, to be put right");

    let made = editor.send_form(&looked, MAKE, &[]).await;
    let done = editor.get(made.location()).await;
    assert!(done.body.contains("1 post was made") && done.body.contains("2 rows were left out"), "{}", done.body);
    assert!(row(&done, 2).contains("<code>scheduled_at</code>") && row(&done, 2).contains("Left out"));
    assert_eq!(site.posts().await.len(), 1);

    let none = paste(&mut editor, "text,platforms\nx,myspace\n").await;
    assert!(none.body.contains("The row has to be put right"), "{}", none.body);
    assert!(!none.body.contains(&format!("action=\"{MAKE}\"")), "there is nothing to make");
}

#[tokio::test]
async fn a_whole_file_of_which_a_row_became_wrong_meanwhile_makes_nothing_and_shows_how_it_stands() {
    let site = Site::new();
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut editor = site.signed_in(Role::Editor).await;
    let looked = paste(&mut editor, "text,platforms\nOne,readable\nTwo,\n").await;
    assert!(looked.body.contains("Import all 2 rows"));
    let mut owner = site.signed_in(Role::Owner).await;
    let team = owner.get("/console/team").await;
    owner.send_form(&team, "/console/team/brand-rules", &[("forbidden_words", "one")]).await;
    let refused = editor.send_form(&looked, MAKE, &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("nothing was made") && refused.body.contains("Import the good row only"));
    assert!(row(&refused, 1).contains("<code>text</code>"), "{}", refused.body);
    assert!(site.posts().await.is_empty());
}

#[tokio::test]
async fn what_is_no_file_of_rows_is_told_in_words_and_stays_to_be_put_right() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let many = format!("text\n{}", "a\n".repeat(101));
    let large = format!("text\n{}", "a".repeat(300_000));
    for (csv, words) in [
        ("", "Choose a file, or paste its rows"),
        ("text,colour\na,b\n", "There is no column"),
        ("text\n\"a\n", "quotes of line 2"),
        (&many, "at most 100 rows"),
        (&large, "Herald takes 262 KB at once"),
    ] {
        let refused = paste(&mut editor, csv).await;
        assert_eq!(refused.status, 422, "{csv:.40}");
        assert!(refused.error_of("file").unwrap().contains(words), "{:?}", refused.error_of("file"));
    }
    assert!(paste(&mut editor, "text,colour\na,b\n").await.body.contains("text,colour\na,b\n</textarea>"));
    let page = editor.get(CHECK).await;
    let other = editor.upload(CHECK, &page.hidden_with(CHECK, &[]), ("file", b"text\nM\xfcller\n")).await;
    assert!(other.status == 422 && other.error_of("file").unwrap().contains("UTF-8"), "{}", other.body);
    let oversize = editor.upload(CHECK, &page.hidden_with(CHECK, &[]), ("file", large.as_bytes())).await;
    assert!(oversize.status == 422 && oversize.error_of("file").unwrap().contains("300 KB"), "{}", oversize.body);
    assert!(site.posts().await.is_empty());
}

#[tokio::test]
async fn whose_posts_wait_for_an_approval_is_told_so_before_they_are_made() {
    let site = Site::new();
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut owner = site.signed_in(Role::Owner).await;
    let team = owner.get("/console/team").await;
    owner.send_form(&team, "/console/team/approval-rule", &[("required_for", "editors")]).await;
    let csv = "text,platforms,option\na,readable,queue\n";
    let mut editor = site.signed_in(Role::Editor).await;
    assert!(paste(&mut editor, csv).await.body.contains("waits until somebody approves it"));
    assert!(!paste(&mut owner, csv).await.body.contains("waits until somebody approves it"));
}

#[tokio::test]
async fn who_may_only_look_is_told_that_their_role_imports_nothing_and_takes_the_posts_along_all_the_same() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    site.scheduled(&site.world.caller, account.id, "a").await;
    let mut editor = site.signed_in(Role::Editor).await;
    let looked = paste(&mut editor, "text\nb\n").await;
    let made = editor.send_form(&looked, MAKE, &[]).await;
    let mut viewer = site.signed_in(Role::Viewer).await;
    let queue = viewer.get("/console/queue").await;
    assert!(!queue.body.contains("href=\"/console/import\"") && queue.body.contains("/console/export?state=all"));
    let csrf = queue.hidden_with("/console/sign-out", &[]);
    let fields = [csrf, pairs(&[("idempotency_key", "anything8"), ("csv", "text\na\n"), ("how", "whole")])].concat();
    for page in [viewer.get(CHECK).await, viewer.get(made.location()).await] {
        assert!(page.status == 403 && page.body.contains("Your role does not allow this"), "{}", page.body);
    }
    for address in [CHECK, MAKE] {
        assert_eq!(viewer.post(address, &fields).await.status, 403, "{address}");
    }
    assert_eq!(site.posts().await.len(), 2);
    assert_eq!(viewer.get("/console/export?state=all").await.status, 200);
    // A report that nobody made, and one of another tenant, are not there.
    assert_eq!(editor.get("/console/import/anything8").await.status, 404);
}

#[tokio::test]
async fn an_export_has_the_posts_of_the_list_and_can_be_imported_again() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    site.scheduled(&site.world.caller, account.id, "=Fresh, \"today\"").await;
    let mut editor = site.signed_in(Role::Editor).await;
    let looked = paste(&mut editor, "text\nKept\n").await;
    editor.send_form(&looked, MAKE, &[]).await;

    let queue = editor.get("/console/queue?state=draft").await;
    assert!(queue.body.contains("href=\"/console/export?state=draft\""), "{}", queue.body);
    let file = editor.get("/console/export?state=draft").await;
    let head = |name: &str| file.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(head("content-type"), "Text/csv; charset=utf-8");
    assert_eq!(head("content-disposition"), "attachment; filename=\"posts-draft.csv\"");
    assert_eq!(head("cache-control"), "no-store");
    assert!(file.body.starts_with("\u{feff}pack_id,") && file.body.contains("Kept"), "{}", file.body);
    assert!(!file.body.contains("Fresh"), "the list's filter counts");

    let all = editor.get("/console/export?state=all").await;
    assert!(all.body.contains("'=Fresh"), "a spreadsheet must not take it for a formula: {}", all.body);
    let page = editor.get(CHECK).await;
    let again = editor.upload(CHECK, &page.hidden_with(CHECK, &[]), ("file", all.body.as_bytes())).await;
    assert!(
        again.body.contains("All 2 rows are good") && again.body.contains("=Fresh, &quot;today&quot;"),
        "{}",
        again.body
    );
    let empty = editor.get("/console/queue?state=failed").await;
    assert!(!empty.body.contains("/console/export"), "there is nothing to take along");
}

#[tokio::test]
async fn more_posts_than_one_file_holds_are_never_cut_off_in_silence() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    for n in 0..1_010 {
        site.scheduled(&site.world.caller, account.id, &n.to_string()).await;
    }
    let mut editor = site.signed_in(Role::Editor).await;
    let told = editor.get("/console/export?state=all").await;
    assert!(told.body.contains("more posts than one file holds") && told.body.contains("Download 1000 posts"));
    let link = |starts: &str| {
        let from = told.body.split(&format!("href=\"/console/export?state=all&amp;{starts}")).nth(1).unwrap();
        format!("/console/export?state=all&{starts}{}", from.split('"').next().unwrap())
    };
    site.scheduled(&site.world.caller, account.id, "written since").await;
    let file = editor.get(&link("until=")).await;
    let further = editor.get(&link("after=")).await;
    let ids = |page: &Page| page.body.lines().filter(|line| line.starts_with("post_")).count();
    // What was written since is in the first file, and nothing is in neither.
    assert_eq!((ids(&file), ids(&further)), (1_001, 10));
    for wrong in ["after=nonsense", "until=nonsense"] {
        assert_eq!(editor.get(&format!("/console/export?state=all&{wrong}")).await.status, 404, "{wrong}");
    }
}
