//! Writing, watching and deciding, through the pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use axum::http::HeaderMap;
use domain::MediaId;
use domain::access::{Caller, Member, Role, Tenant};
use domain::publishing::{MediaSource, Post, PostStatus, Schedule, State};
use domain::time::WallTime;
use domain::{MemberId, TenantId};
use ports::{Record, Write};
use site::{PNG, Site, pairs};
use uuid::Uuid;

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_page_comes_with_its_policy_and_is_kept_by_nobody() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "hello").await;
    let mut browser = site.signed_in(Role::Owner).await;
    let post_page = format!("/console/posts/{post}");
    for (path, status) in [
        ("/console", 200),
        ("/console/accounts", 200),
        ("/console/accounts?connected=acc_1", 200),
        ("/console/accounts?error=consent_denied", 200),
        ("/console/compose", 200),
        ("/console/compose?date=2026-12-24", 200),
        ("/console/calendar", 200),
        ("/console/calendar?month=2026-02", 200),
        ("/console/calendar?week=2026-02-04", 200),
        ("/console/calendar?list=2026-02", 200),
        ("/console/approvals", 200),
        ("/console/media", 200),
        ("/console/queue", 200),
        ("/console/queue?state=draft", 200),
        ("/console/queue?day=2026-10-19", 200),
        ("/console/attention", 200),
        ("/console/webhooks", 200),
        ("/console/team", 200),
        (&post_page, 200),
        ("/console/posts/post_1", 404),
        ("/console/nowhere", 404),
        ("/console/webhooks/ep_00000000000000000000000000000001", 404),
        ("/console/queue?after=nonsense", 404),
        ("/console/webhooks/x", 404),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, status, "{path}: {}", page.body);
        assert!(page.body.starts_with("<!doctype html>"), "{path}: {}", page.body);
        assert!(header(&page.headers, "content-security-policy").contains("script-src 'self'"), "{path}");
        assert_eq!(header(&page.headers, "cache-control"), "no-store", "{path}");
        assert_eq!(header(&page.headers, "referrer-policy"), "same-origin", "{path}");
        assert!(header(&page.headers, "strict-transport-security").starts_with("max-age="), "{path}");
        if status == 404 {
            let cid = header(&page.headers, "x-correlation-id");
            assert!(page.body.contains("This page does not exist") && page.body.contains(cid), "{path}");
        }
    }
    let refused = browser.post("/console/calendar", &[]).await;
    assert_eq!((refused.status, refused.body.starts_with("<!doctype html>")), (405, true));
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_need_no_session() {
    let site = Site::new();
    let mut browser = site.browser();
    for asset in console::assets::all() {
        let found = browser.get(&asset.href).await;
        assert_eq!((found.status, header(&found.headers, "content-type")), (200, asset.content_type));
        assert!(header(&found.headers, "cache-control").contains("immutable"));
    }
    assert_eq!(browser.get("/console/assets/../../etc/passwd").await.status, 404);
}

#[tokio::test]
async fn a_post_is_written_scheduled_and_seen_in_calendar_queue_and_on_its_page() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose?date=2026-10-24").await;
    assert!(page.body.contains("value=\"2026-10-24\""));
    let fields = [
        ("text", "One\r\n---\r\nTwo"),
        ("target", &account.id.to_string()),
        ("when", "at"),
        ("date", "2026-10-24"),
        ("time", "14:30"),
        ("zone", "America/New_York"),
        ("action", "save"),
    ];
    let answer = browser.send_form(&page, "/console/compose", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let view = site.posts().await.remove(0);
    assert_eq!(view.status, PostStatus::Scheduled);
    let wall = match &view.post.schedule {
        Schedule::At { at, wall, .. } => (at.to_string(), wall.clone().unwrap().zone),
        other => panic!("{other:?}"),
    };
    assert_eq!(wall, ("2026-10-24T18:30:00Z".into(), "America/New_York".into()));
    let parts = &view.post.variant_for(&account.platform).parts;
    assert_eq!(parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
    assert_eq!(answer.location(), format!("/console/posts/{}?said=scheduled", view.post.id));
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("Scheduled.") && page.body.contains("Sat 24 Oct 2026, 20:30"), "{}", page.body);
    for path in ["/console", "/console/calendar", "/console/queue?state=upcoming", "/console/queue?day=2026-10-24"] {
        let found = browser.get(path).await;
        assert!(found.body.contains(&view.post.id.to_string()), "{path}");
    }
    assert!(!browser.get("/console/queue?state=draft").await.body.contains(&view.post.id.to_string()));
}

#[tokio::test]
async fn a_refused_post_keeps_what_was_typed_and_tells_everything_beside_its_field() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose").await;
    let fields = [
        ("text", "a".repeat(300)),
        ("variant_readable", "b".repeat(281)),
        ("target", account.id.to_string()),
        ("link", "ftp://example.com/a".into()),
        ("link_title", "A title".into()),
        ("media_0_url", "https://example.com/no-picture".into()),
        ("media_0_alt", "What it shows".into()),
        ("when", "at".into()),
        ("date", "2026-10-25".into()),
        ("time", String::new()),
        ("zone", "Europe/Berlin".into()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.send_form(&page, "/console/compose", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.error_of("variant_readable").unwrap().contains("281")
            || answer.error_of("variant_readable").unwrap().contains("shorten")
    );
    for field in ["variant_readable", "link", "media_0", "time"] {
        assert!(answer.error_of(field).is_some(), "nothing is told beside {field}: {}", answer.body);
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field} is not told on top");
    }
    let typed = answer.body.clone();
    for kept in [
        &"a".repeat(300),
        &"b".repeat(281),
        "ftp://example.com/a",
        "A title",
        "https://example.com/no-picture",
        "What it shows",
        "2026-10-25",
    ] {
        assert!(typed.contains(kept), "{kept} is lost");
    }
    assert!(typed.contains(&format!("value=\"{}\" data-platform=\"readable\" checked", account.id)));
    assert!(site.posts().await.is_empty());
    let nothing = browser.send_form(&page, "/console/compose", &[("text", "hello"), ("when", "now")]).await;
    assert!(nothing.error_of("targets").is_some(), "{}", nothing.body);
}

#[tokio::test]
async fn a_time_that_clocks_skip_is_refused_beside_the_time() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose").await;
    let at = |date, time, zone| {
        [("text", "x"), ("target", ""), ("when", "at"), ("date", date), ("time", time), ("zone", zone)]
    };
    for (fields, field) in [
        (at("2027-03-28", "02:30", "Europe/Berlin"), "time"),
        (at("2026-10-20", "09:00", "Mars/Olympus"), "zone"),
        (at("2020-01-01", "09:00", "Europe/Berlin"), "date"),
        (at("someday", "09:00", "Europe/Berlin"), "date"),
    ] {
        let mut fields = fields;
        let id = account.id.to_string();
        fields[1].1 = &id;
        let answer = browser.send_form(&page, "/console/compose", &fields).await;
        assert!(answer.status == 422 && answer.error_of(field).is_some(), "{field}: {}", answer.body);
    }
    assert!(site.posts().await.is_empty());
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_post_and_leads_to_it_both_times() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose").await;
    let mut fields = page.hidden_with("/console/compose", &[]);
    fields.extend(pairs(&[("text", "once"), ("target", &account.id.to_string()), ("when", "now")]));
    let first = browser.upload("/console/compose", &fields, ("media_0_file", PNG)).await;
    let second = browser.upload("/console/compose", &fields, ("media_0_file", PNG)).await;
    assert_eq!((first.status, second.status), (303, 303), "{}", second.body);
    assert_eq!(first.location(), second.location());
    assert_eq!(site.posts().await.len(), 1);
    assert_eq!(site.bucket.0.lock().unwrap().len(), 1, "the picture was stored twice");
    // The same form with another text is another wish: it is asked about, with everything in it and a fresh key.
    fields.iter_mut().filter(|(name, _)| name == "text").for_each(|(_, value)| *value = "twice".into());
    let third = browser.upload("/console/compose", &fields, ("media_0_file", b"")).await;
    assert_eq!(third.status, 409);
    assert!(third.body.contains("was sent before") && third.body.contains("twice"));
    assert_ne!(third.hidden_with("/console/compose", &[]), page.hidden_with("/console/compose", &[]));
    assert_eq!(site.posts().await.len(), 1);
}

#[tokio::test]
async fn an_uploaded_picture_survives_a_mistake_elsewhere_and_is_shown_to_its_tenant_only() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose").await;
    let mut fields = page.hidden_with("/console/compose", &[]);
    fields.extend(pairs(&[("text", "with a picture"), ("media_0_alt", "A dot"), ("when", "now")]));
    let refused = browser.upload("/console/compose", &fields, ("media_0_file", PNG)).await;
    assert_eq!(refused.status, 422);
    let hidden = refused.hidden_with("/console/compose", &[]);
    let (_, id) = hidden.iter().find(|(name, _)| name == "media_0_id").expect("the picture is kept");
    assert!(refused.body.contains("PNG, 1 × 1") && refused.body.contains("A dot"));
    let shown = browser.get(&format!("/console/media/{id}")).await;
    assert_eq!((shown.status, header(&shown.headers, "content-type")), (200, "image/png"));
    assert!(header(&shown.headers, "content-security-policy").contains("sandbox"));
    assert_eq!(site.browser().get(&format!("/console/media/{id}")).await.status, 303);
    let more =
        [("text", "with a picture"), ("target", &*account.id.to_string()), ("media_0_alt", "A dot"), ("when", "draft")];
    let answer = browser.send_form(&refused, "/console/compose", &more).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let post = site.posts().await.remove(0).post;
    let media: Vec<_> = post.content.media().cloned().collect();
    assert_eq!((media[0].id.to_string(), media[0].alt_text.as_deref()), (id.clone(), Some("A dot")));
    let medium = app::publishing::media(site.deps(), &site.world.caller, id.parse::<MediaId>().unwrap()).await.unwrap();
    assert!(matches!(medium.source, MediaSource::Upload { .. }));
    let no_picture = browser.upload("/console/compose", &fields, ("media_0_file", b"<svg onload=alert(1)>")).await;
    assert!(no_picture.error_of("media_0").unwrap().contains("nothing Herald can read"));
    assert_eq!(site.bucket.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_scripts_another_row_of_media_is_asked_of_the_server() {
    let site = Site::new();
    site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose").await;
    let mut fields = page.hidden_with("/console/compose", &[]);
    fields.extend(pairs(&[("text", "typed"), ("action", "add_media")]));
    let answer = browser.upload("/console/compose", &fields, ("media_0_file", PNG)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("name=\"media_0_id\"") && answer.body.contains("name=\"media_1_url\""));
    assert!(answer.body.contains("typed") && site.posts().await.is_empty());
}

#[tokio::test]
async fn a_scheduled_post_is_changed_only_as_it_was_seen() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "before").await;
    let mut browser = site.signed_in(Role::Editor).await;
    let address = format!("/console/compose?post={post}");
    let seen = browser.get(&address).await;
    assert!(seen.body.contains("before"));
    let change = |text| [("text", text), ("when", "at"), ("date", "2026-10-20"), ("time", "09:00"), ("zone", "UTC")];
    let answer = browser.send_form(&seen, &address, &change("after")).await;
    assert_eq!((answer.status, answer.location()), (303, &*format!("/console/posts/{post}?said=saved")));
    let late = browser.get(&address).await;
    let again = browser.send_form(&seen, &address, &change("after all")).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(again.body.contains("after all"), "what was typed is lost");
    assert!(late.body.contains("2026-10-20"));
    let view = site.posts().await.remove(0);
    assert_eq!(view.post.content.parts[0].text, "after");
    assert_eq!(view.post.schedule.due_at().unwrap().to_string(), "2026-10-20T09:00:00Z");
}

#[tokio::test]
async fn a_text_that_is_mended_leaves_the_time_alone_in_an_hour_that_comes_twice_and_in_one_that_never_comes() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let at = |at: &str| at.parse::<jiff::Timestamp>().unwrap();
    let wall = |local: &str| Some(WallTime { local: local.parse().unwrap(), zone: "Europe/Berlin".into() });
    for (due, wall, date, time) in [
        ("2026-10-25T01:30:00Z", None, "2026-10-25", "02:30"),
        ("2026-10-25T01:30:00Z", wall("2026-10-25T02:30"), "2026-10-25", "02:30"),
        ("2026-10-25T00:30:00Z", wall("2026-10-25T02:30"), "2026-10-25", "02:30"),
        ("2027-03-28T01:30:00Z", wall("2027-03-28T02:30"), "2027-03-28", "02:30"),
    ] {
        let post = site.scheduled(&site.world.caller, account.id, "tpyo").await;
        let old = site.deps().ledger.post(site.world.caller.tenant, post).await.unwrap().unwrap();
        let schedule = Schedule::At { at: at(due), wall, tzdb: None };
        let next = Post { schedule: schedule.clone(), ..old.value.clone() };
        site.deps().ledger.commit(vec![Write::replace(&old, Record::Post(next))]).await.unwrap();
        let address = format!("/console/compose?post={post}");
        let sends = [("text", "typo"), ("when", "at"), ("date", date), ("time", time), ("zone", "Europe/Berlin")];
        let seen = browser.get(&address).await;
        let saved = browser.send_form(&seen, &address, &sends).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        let found = site.deps().ledger.post(site.world.caller.tenant, post).await.unwrap().unwrap().value;
        assert_eq!((found.content.parts[0].text.as_str(), found.schedule), ("typo", schedule));
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_decided_by_a_person_with_either_button() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "write-only", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Approver).await;
    for (answer, label, state, said) in
        [("live", "It is live", "published", "said=live"), ("again", "Send again", "retry", "said=again")]
    {
        let post = site.scheduled(&site.world.caller, account.id, "is it there?").await;
        let since = site.deps().clock.now();
        site.set_state(post, State::Attention { part: 0, reason: "this account cannot be read".into(), since }).await;
        let page = browser.get("/console/attention").await;
        assert!(
            page.body.contains("is it there?") && page.body.contains("1<span class=\"hidden\"> waiting"),
            "{}",
            page.body
        );
        let action = format!("/console/posts/{post}/resolve");
        let value = format!("name=\"answer\" value=\"{answer}\"");
        let done = browser.send_form_with(&page, &action, &[label, &value], &[]).await;
        assert_eq!((done.status, done.location()), (303, &*format!("/console/attention?{said}")));
        assert_eq!(site.delivery(post).await.state.name(), state);
        let twice = browser.send_form_with(&page, &action, &[label, &value], &[]).await;
        assert_eq!(twice.status, 303, "a double click acts once and leads on");
        assert!(browser.get("/console/attention").await.body.contains("Nothing needs you"));
    }
    let mut viewer = site.signed_in(Role::Viewer).await;
    let post = site.scheduled(&site.world.caller, account.id, "and this?").await;
    let since = site.deps().clock.now();
    site.set_state(post, State::Attention { part: 0, reason: "no".into(), since }).await;
    let page = viewer.get("/console/attention").await;
    assert!(page.body.contains("and this?") && !page.body.contains("Send again"));
}

#[tokio::test]
async fn who_saw_a_part_of_a_thread_is_asked_for_its_address_and_told_what_comes_of_none() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "write-only", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Approver).await;
    let post = site.scheduled(&site.world.caller, account.id, "part one").await;
    let since = site.deps().clock.now();
    site.set_state(post, State::Attention { part: 0, reason: "this account cannot be read".into(), since }).await;
    let alone = browser.get("/console/attention").await;
    assert!(alone.body.contains("The delivery counts as published.") && !alone.body.contains("the thread ends here"));
    site.set_parts(post, 2).await;
    let page = browser.get("/console/attention").await;
    assert!(page.body.contains("This is part 1 of 2") && page.body.contains("the thread ends here"), "{}", page.body);
    let (action, with) = (format!("/console/posts/{post}/resolve"), ["name=\"answer\" value=\"live\""]);
    let refused = browser.send_form_with(&page, &action, &with, &[("post", "<b>elsewhere</b>")]).await;
    assert_eq!((refused.status, site.delivery(post).await.state.name()), (422, "attention"));
    assert!(refused.body.contains("is no post of the account") && !refused.body.contains("<b>"), "{}", refused.body);
    let page = browser.get("/console/attention").await;
    let done = browser.send_form_with(&page, &action, &with, &[("post", " https://platform.test/77 ")]).await;
    assert_eq!(done.status, 303);
    let delivery = site.delivery(post).await;
    assert_eq!((delivery.state.name(), delivery.url()), ("retry", Some("https://platform.test/77")));
}

#[tokio::test]
async fn what_failed_is_tried_again_called_off_or_deleted_from_its_page() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let post = site.scheduled(&site.world.caller, account.id, "hello").await;
    let at = format!("/console/posts/{post}");
    let failed =
        State::Failed { at: site.deps().clock.now(), code: "policy".into(), detail: "links are not allowed".into() };
    site.set_state(post, failed.clone()).await;
    let page = browser.get(&at).await;
    assert!(page.body.contains("Nothing of it is live. Links are not allowed."), "{}", page.body);
    let detail = "the link could not be read".to_owned();
    let known = State::Failed { at: site.deps().clock.now(), code: "link_refused".into(), detail };
    site.set_state(post, known).await;
    let told = "The link could not be read. Look whether the link opens for everybody, then ask for another try;";
    for address in [at.as_str(), "/console/queue"] {
        let page = browser.get(address).await;
        assert!(page.body.contains(told), "{address}: {}", page.body);
    }
    site.set_state(post, failed).await;
    let page = browser.get(&at).await;
    let answer = browser.send_form(&page, &format!("{at}/retry"), &[]).await;
    assert_eq!((answer.status, site.delivery(post).await.state.name()), (303, "retry"));
    let page = browser.get(&at).await;
    let answer = browser.send_form(&page, &format!("{at}/cancel"), &[]).await;
    assert_eq!((answer.status, site.delivery(post).await.state.name()), (303, "canceled"));
    let late = browser.send_form(&page, &format!("{at}/cancel"), &[]).await;
    assert_eq!(late.status, 303, "the same form again is the same wish");
    let page = browser.get(&at).await;
    let answer = browser.send_form(&page, &format!("{at}/delete"), &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/console/queue?said=deleted"));
    assert!(site.posts().await.is_empty());
}

#[tokio::test]
async fn another_tenants_things_are_not_there() {
    let site = Site::new();
    let other = Caller {
        tenant: TenantId::from_uuid(Uuid::from_u128(100)),
        member: MemberId::from_uuid(Uuid::from_u128(101)),
        ..site.world.caller.clone()
    };
    let at = site.deps().clock.now();
    let tenant = Tenant { id: other.tenant, name: "Other".into(), zone: "UTC".into(), created_at: at };
    let owner =
        Member { id: other.member, tenant: other.tenant, name: "Eve".into(), role: Role::Owner, created_at: at };
    let writes = vec![Write::create(Record::Tenant(tenant)), Write::create(Record::Member(owner))];
    site.deps().ledger.commit(writes).await.unwrap();
    let begun = app::accounts::begin(site.deps(), &other, "readable", site::BASE, None).await.unwrap();
    let callback = app::accounts::Callback { state: Some(begun.state), code: Some("eve".into()), ..Default::default() };
    let returned = app::accounts::finish(site.deps(), &other, "readable", &callback).await.unwrap();
    let account = returned.connected().unwrap().accounts.remove(0);
    let post = site.scheduled(&other, account.id, "theirs").await;
    let mut browser = site.signed_in(Role::Owner).await;
    for path in [format!("/console/posts/{post}"), format!("/console/compose?post={post}")] {
        let page = browser.get(&path).await;
        assert!(page.status == 404 && !page.body.contains("theirs"), "{path}");
    }
    let page = browser.get("/console/queue").await;
    assert!(!page.body.contains("theirs"));
    let theirs = site.deps().ledger.deliveries(other.tenant, post).await.unwrap().remove(0).value;
    let mut fields = page.hidden_with("/console/sign-out", &[]);
    fields.extend(pairs(&[
        ("idempotency_key", "0123456789"),
        ("account", &account.id.to_string()),
        ("answer", "live"),
        ("question", &format!("{}.0.1", theirs.id)),
    ]));
    for path in [
        format!("/console/posts/{post}/cancel"),
        format!("/console/posts/{post}/resolve"),
        format!("/console/posts/{post}/delete"),
        format!("/console/accounts/{}/disconnect", account.id),
        format!("/console/team/members/{}/remove", other.member),
    ] {
        assert_eq!(browser.post(&path, &fields).await.status, 404, "{path}");
    }
}
