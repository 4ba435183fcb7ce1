//! Who gets in, and which forms count.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::{Permission, Role};
use site::{Site, pairs};

#[tokio::test]
async fn a_key_opens_a_session_whose_cookie_no_script_and_no_other_site_can_use() {
    let site = Site::new();
    let key = site.key(site.world.caller.member, &[]).await;
    let mut browser = site.browser();
    let page = browser.get("/console/sign-in?next=%2Fconsole%2Fcalendar").await;
    assert_eq!(page.status, 200);
    let answer = browser.send_form(&page, "/console/sign-in", &[("key", &key)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/console/calendar"));
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-herald=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    assert_eq!(browser.get("/console/calendar").await.status, 200);
}

#[tokio::test]
async fn a_wrong_key_opens_nothing_and_is_not_shown_again() {
    let site = Site::new();
    let mut browser = site.browser();
    let page = browser.get("/console/sign-in").await;
    let answer = browser.send_form(&page, "/console/sign-in", &[("key", "hk_nonsense")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("This key is not known") && !answer.body.contains("hk_nonsense"));
    assert!(!browser.cookies.contains_key("__Host-herald"));
}

#[tokio::test]
async fn a_sign_in_form_of_another_browser_or_site_signs_nobody_in() {
    let site = Site::new();
    let key = site.key(site.world.caller.member, &[]).await;
    let foreign = site.browser().get("/console/sign-in").await;
    let mut browser = site.browser();
    let page = browser.get("/console/sign-in").await;
    let answer = browser.send_form(&foreign, "/console/sign-in", &[("key", &key)]).await;
    assert_eq!(answer.status, 422);
    browser.site_header = Some("cross-site");
    assert_eq!(browser.send_form(&page, "/console/sign-in", &[("key", &key)]).await.status, 403);
    assert!(!browser.cookies.contains_key("__Host-herald"));
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_sign_in_and_back_to_our_own_pages_only() {
    let site = Site::new();
    let mut browser = site.browser();
    let answer = browser.get("/console/queue?state=failed").await;
    assert_eq!((answer.status, answer.location()), (303, "/console/sign-in?next=%2Fconsole%2Fqueue%3Fstate%3Dfailed"));
    assert_eq!(browser.get("/").await.location(), "/console");
    let page = browser.get("/console/sign-in?next=https:%2F%2Fevil.example%2F").await;
    assert!(!page.body.contains("evil.example"));
    let answer = browser.post("/console/compose", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/console/sign-in"));
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Editor).await;
    let stolen = browser.cookies.clone();
    let page = browser.get("/console").await;
    let answer = browser.send_form(&page, "/console/sign-out", &[]).await;
    assert_eq!(answer.status, 303);
    assert!(!browser.cookies.contains_key("__Host-herald"));
    browser.cookies = stolen;
    assert_eq!(browser.get("/console").await.status, 303);
}

#[tokio::test]
async fn a_form_without_its_token_or_from_another_site_is_refused_and_writes_nothing() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/compose").await;
    let hidden = page.hidden_with("/console/compose", &[]);
    let content = pairs(&[("text", "hello"), ("target", &account.id.to_string()), ("when", "now"), ("action", "save")]);
    let with = |fields: &[(String, String)]| [fields, content.as_slice()].concat();
    let without_token: Vec<_> = hidden.iter().filter(|(name, _)| name != "csrf").cloned().collect();
    let mut other_token = hidden.clone();
    other_token.iter_mut().filter(|(name, _)| name == "csrf").for_each(|(_, value)| *value = "A".repeat(43));
    for fields in [without_token, other_token] {
        let answer = browser.post("/console/compose", &with(&fields)).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("not ours, or too old"), "{}", answer.body);
    }
    for (sec_fetch_site, origin) in [
        (Some("cross-site"), None),
        (Some("same-site"), None),
        (None, Some("https://evil.example")),
        (None, Some("null")),
    ] {
        (browser.site_header, browser.origin) = (sec_fetch_site, origin);
        assert_eq!(browser.post("/console/compose", &with(&hidden)).await.status, 403, "{sec_fetch_site:?} {origin:?}");
    }
    assert!(site.posts().await.is_empty());
    (browser.site_header, browser.origin) = (None, Some(site::BASE));
    assert_eq!(browser.post("/console/compose", &with(&hidden)).await.status, 303);
    assert_eq!(site.posts().await.len(), 1);
}

#[tokio::test]
async fn who_may_only_look_is_offered_nothing_to_write_and_is_refused() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let post = site.scheduled(&site.world.caller, account.id, "hello").await;
    let mut owner = site.signed_in(Role::Owner).await;
    let mut viewer = site.signed_in(Role::Viewer).await;
    for path in ["/console", "/console/queue", "/console/calendar", "/console/attention"] {
        let page = viewer.get(path).await;
        assert!(page.status == 200 && !page.body.contains("/console/compose"), "{path}");
    }
    let address = format!("/console/posts/{post}");
    assert!(owner.get(&address).await.body.contains("/cancel\""));
    let page = viewer.get(&address).await;
    assert!(page.status == 200 && !page.body.contains("/cancel\"") && !page.body.contains("Edit</a>"));
    for path in ["/console/accounts", "/console/webhooks", "/console/team"] {
        let page = viewer.get(path).await;
        // Signing out is the one form a viewer has: in the wide and in the narrow navigation.
        assert_eq!((page.status, page.body.matches("<form").count()), (200, 2), "{path}");
    }
    assert_eq!(viewer.get("/console/compose").await.status, 403);
    let csrf = page.hidden_with("/console/sign-out", &[]);
    let fields = [csrf, pairs(&[("idempotency_key", "0123456789"), ("role", "owner")])].concat();
    for path in [
        "/console/compose".to_owned(),
        "/console/compose/count".into(),
        format!("{address}/cancel"),
        format!("{address}/delete"),
        format!("/console/accounts/{}/disconnect", account.id),
        "/console/webhooks".into(),
        format!("/console/team/members/{}/role", site.world.caller.member),
    ] {
        let answer = viewer.post(&path, &fields).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
        assert!(answer.body.contains("Your role does not allow this"), "{path}");
    }
    assert_eq!(site.delivery(post).await.state.name(), "scheduled");
}

#[tokio::test]
async fn a_key_that_may_less_than_its_member_opens_a_session_that_may_less() {
    let site = Site::new();
    let key = site.key(site.world.caller.member, &[Permission::Read]).await;
    let mut browser = site.browser();
    let page = browser.get("/console/sign-in").await;
    browser.send_form(&page, "/console/sign-in", &[("key", &key)]).await;
    assert!(!browser.get("/console").await.body.contains("/console/compose"));
    assert_eq!(browser.get("/console/compose").await.status, 403);
}
