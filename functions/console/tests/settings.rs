//! Accounts, webhooks, members and keys, through the pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use site::{Browser, Page, Site};
use testing::{EITHER, KEYED, Mutant, READABLE, Rules, Weather, World};

fn shown_once(page: &Page) -> String {
    let from = page.body.split("<code id=\"").nth(1).expect("something is shown once");
    from.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn connecting_leads_to_the_platform_and_disconnecting_asks_first() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Owner).await;
    assert!(browser.get("/console/compose").await.body.contains("Connect an account first"));
    let page = browser.get("/console/accounts").await;
    assert!(page.body.contains("href=\"/console/accounts/connect/readable\""));
    let answer = browser.get("/console/accounts/connect/readable").await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with("https://platform.test/authorize?state="), "{}", answer.location());
    assert_eq!(browser.get("/console/accounts/connect/nowhere").await.status, 404);
    let account = site.world.connect(site.deps(), "readable", "Zuzanna Q.").await.unwrap();
    let page = browser.get("/console/accounts?connected=1").await;
    assert!(page.body.contains("The account is connected.") && page.body.contains("Zuzanna Q."));
    assert!(page.body.contains("is asked to forget"));
    let answer = browser.send_form(&page, &format!("/console/accounts/{}/disconnect", account.id), &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/console/accounts?said=disconnected"));
    assert!(!browser.get("/console/accounts").await.body.contains("Zuzanna Q."));
}

#[tokio::test]
async fn where_the_platform_cannot_be_asked_to_take_an_access_back_the_page_says_who_can() {
    let keeps = Rules { slug: "keeps", takes_back: false, ..READABLE };
    let site = Site::of(World::with(7, Weather::calm(), &[keeps], Mutant::None));
    let mut browser = site.signed_in(Role::Owner).await;
    site.world.connect(site.deps(), "keeps", "Zuzanna Q.").await.unwrap();
    let page = browser.get("/console/accounts").await;
    assert!(
        page.body.contains("until you remove Herald in the settings there")
            && !page.body.contains("is asked to forget")
    );
}

#[tokio::test]
async fn an_account_without_a_consent_page_is_connected_by_a_form_that_keeps_no_secret_in_the_page() {
    let site = Site::of(World::with(7, Weather::calm(), &[READABLE, KEYED], Mutant::None));
    let mut browser = site.signed_in(Role::Owner).await;
    let path = "/console/accounts/connect/keyed";
    let accounts = browser.get("/console/accounts").await;
    assert!(accounts.body.contains(&format!("href=\"{path}\"")));
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(
        page.body.contains("Ask the platform&#x27;s robot for a token.") && page.body.contains("type=\"password\"")
    );

    let empty = browser.send_form(&page, path, &[("author", "ada"), ("token", " ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.error_of("token").is_some(), "{}", empty.body);
    let wrong = browser.send_form(&page, path, &[("author", "ada"), ("token", "canary-entry")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.error_of("token").unwrap().contains("The robot does not know this token"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"ada\"") && !wrong.body.contains("canary-entry"));

    let done = browser.send_form(&wrong, path, &[("author", "ada"), ("token", "good")]).await;
    assert_eq!((done.status, done.location()), (303, "/console/accounts?said=connected"));
    let accounts = browser.get("/console/accounts").await;
    assert!(accounts.body.contains("ada") && accounts.body.contains("Does not end"));
    assert!(accounts.body.contains("stays good until you take it back there"));

    let mut editor = site.signed_in(Role::Editor).await;
    assert_eq!(editor.get(path).await.status, 403);
}

#[tokio::test]
async fn where_a_platform_has_both_ways_the_form_leads_to_its_consent_page_and_either_connects_the_same_account() {
    let site = Site::of(World::with(7, Weather::calm(), &[EITHER], Mutant::None));
    let mut browser = site.signed_in(Role::Owner).await;
    let path = "/console/accounts/connect/either";
    let page = browser.get(path).await;
    assert!(page.body.contains("type=\"password\"") && page.body.contains(&format!("href=\"{path}/consent\"")));
    let answer = browser.get(&format!("{path}/consent")).await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with("https://platform.test/authorize?state="), "{}", answer.location());

    let done = browser.send_form(&page, path, &[("author", "ada"), ("token", "good")]).await;
    assert_eq!((done.status, done.location()), (303, "/console/accounts?said=connected"));
    let caller = &site.world.caller;
    let begun = app::accounts::begin(site.deps(), caller, "either", site::BASE, None).await.unwrap();
    let back = app::accounts::Callback { state: Some(begun.state), code: Some("ada".into()), ..Default::default() };
    let connected = app::accounts::finish(site.deps(), caller, "either", &back).await.unwrap().connected().unwrap();
    assert_eq!(connected.accounts.len(), 1);
    let accounts = browser.get("/console/accounts").await;
    let disconnect = format!("/console/accounts/{}/disconnect", connected.accounts[0].id);
    assert_eq!(accounts.body.matches("/disconnect\"").count(), 1, "{}", accounts.body);
    assert!(accounts.body.contains(&disconnect) && accounts.body.contains("stays good until you take it back there"));
    // On a platform that knows one way, the other leads nowhere.
    assert_eq!(browser.get("/console/accounts/connect/nowhere/consent").await.status, 404);
}

/// The address of a choice that a consent of the site's owner left open.
async fn open_choice(site: &Site, caller: &domain::access::Caller) -> String {
    let begun = app::accounts::begin(site.deps(), caller, "readable", site::BASE, None).await.unwrap();
    let code = Some("grace+harbour+light".to_owned());
    let callback = app::accounts::Callback { state: Some(begun.state), code, ..Default::default() };
    match app::accounts::finish(site.deps(), caller, "readable", &callback).await.unwrap() {
        app::accounts::Returned::Choose(offer) => format!("/console/accounts/choose/readable/{}", offer.id),
        app::accounts::Returned::Connected(_) => panic!("nothing to choose"),
    }
}

/// A browser in which the very member is signed in who gives the consents.
async fn consenting(site: &Site) -> Browser<'_> {
    signed_in_as(site, site.world.caller.member).await
}

async fn signed_in_as(site: &Site, member: domain::MemberId) -> Browser<'_> {
    let key = site.key(member, &[]).await;
    let mut browser = site.browser();
    let gate = browser.get("/console/sign-in").await;
    assert_eq!(browser.send_form(&gate, "/console/sign-in", &[("key", &key)]).await.status, 303);
    browser
}

#[tokio::test]
async fn after_a_consent_for_several_profiles_the_person_ticks_what_to_connect() {
    let site = Site::new();
    let path = open_choice(&site, &site.world.caller).await;
    let mut browser = consenting(&site).await;
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("You may publish for 3") && page.body.contains("harbour"));
    assert!(!page.body.contains(" checked"), "nothing is decided for the person");

    let none = browser.send_form(&page, &path, &[]).await;
    assert_eq!(none.status, 422);
    assert!(none.error_of("choices").is_some(), "{}", none.body);
    let made_up = browser.send_form(&page, &path, &[("choice", "somebody"), ("choice", "light")]).await;
    assert_eq!(made_up.status, 422);
    assert_eq!(made_up.body.matches(" checked").count(), 1, "what was ticked stays so");

    let done = browser.send_form(&page, &path, &[("choice", "harbour"), ("choice", "light")]).await;
    assert_eq!((done.status, done.location()), (303, "/console/accounts?said=connected"));
    let accounts = browser.get(done.location()).await;
    assert!(accounts.body.contains("harbour") && accounts.body.contains("light") && !accounts.body.contains("grace"));
    let again = browser.send_form(&page, &path, &[("choice", "grace")]).await;
    assert_eq!((again.status, again.location()), (303, "/console/accounts?error=oauth_state"));
    assert!(!browser.get("/console/accounts").await.body.contains("grace"));

    let renewed = browser.get(&open_choice(&site, &site.world.caller).await).await;
    assert_eq!((renewed.body.matches(" checked").count(), renewed.body.matches("already connected").count()), (2, 2));
}

#[tokio::test]
async fn a_choice_is_made_from_our_own_page_by_whom_it_belongs_to() {
    let site = Site::new();
    let path = open_choice(&site, &site.world.caller).await;
    let mut browser = consenting(&site).await;
    let page = browser.get(&path).await;
    let fields = |csrf: &str| site::pairs(&[("csrf", csrf), ("choice", "harbour")]);
    assert_eq!(browser.post(&path, &fields("made-up")).await.status, 403);
    // A colleague who may connect accounts as well.
    let promoted = site.member(Role::Owner).await;
    let mut colleague = signed_in_as(&site, promoted).await;
    let seen = colleague.get(&path).await;
    assert_eq!((seen.status, seen.location()), (303, "/console/accounts?error=oauth_state"));
    let csrf = page.hidden_with(&path, &[]).into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    assert_eq!(colleague.post(&path, &fields(&csrf)).await.status, 403, "another session's form");
    let mut editor = site.signed_in(Role::Editor).await;
    assert_eq!(editor.get(&path).await.status, 403);
    assert_eq!(browser.post(&path, &fields(&csrf)).await.status, 303);
}

#[tokio::test]
async fn a_code_from_outside_chooses_words_and_never_brings_its_own() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Owner).await;
    for path in ["/console/accounts?error=Call%20us%20at%20evil", "/console?said=Call%20us%20at%20evil"] {
        assert!(!browser.get(path).await.body.contains("Call us"), "{path}");
    }
}

async fn create_endpoint(browser: &mut Browser<'_>, page: &Page, url: &str) -> Page {
    browser
        .send_form(page, "/console/webhooks", &[("url", url), ("event", "post.published"), ("description", "")])
        .await
}

#[tokio::test]
async fn an_endpoints_secret_is_shown_after_it_was_made_and_never_in_an_address() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Owner).await;
    let page = browser.get("/console/webhooks").await;
    let made = create_endpoint(&mut browser, &page, "https://hooks.example/in").await;
    let secret = shown_once(&made);
    assert!(made.status == 200 && secret.starts_with("whsec_"), "{}", made.body);
    assert_eq!(shown_once(&create_endpoint(&mut browser, &page, "https://hooks.example/in").await), secret);
    let list = browser.get("/console/webhooks").await;
    assert!(!list.body.contains(&secret));
    let href = &list.body;
    let address = href.split("href=\"").find(|part| part.starts_with("/console/webhooks/ep_")).unwrap();
    let address = address.split('"').next().unwrap().to_owned();
    assert_eq!(href.matches(&format!("class=\"clip\" href=\"{address}")).count(), 1, "one endpoint, though sent twice");
    let page = browser.get(&address).await;
    let answer = browser.send_form(&page, &format!("{address}/test"), &[]).await;
    assert_eq!((answer.status, answer.location()), (303, &*format!("{address}?said=tested")));
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("A test message is on its way"));
    let answer = browser.send_form(&page, &format!("{address}/delete"), &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(browser.get(&address).await.status, 404);
}

#[tokio::test]
async fn an_address_that_cannot_be_called_is_told_beside_its_field() {
    let site = Site::new();
    let mut browser = site.signed_in(Role::Owner).await;
    let page = browser.get("/console/webhooks").await;
    let refused = create_endpoint(&mut browser, &page, "https://herald.test/in").await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.error_of("url").is_some() && refused.body.contains("https://herald.test/in"));
    assert!(refused.body.contains("value=\"post.published\" checked"));
}

#[tokio::test]
async fn a_member_is_added_gets_a_key_another_role_and_goes() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    let empty =
        owner.send_form(&page, "/console/team/members", &[("member_name", " "), ("member_role", "viewer")]).await;
    assert!(empty.status == 422 && empty.error_of("member_name").is_some(), "{}", empty.body);
    let added =
        owner.send_form(&page, "/console/team/members", &[("member_name", "Noa"), ("member_role", "viewer")]).await;
    assert_eq!((added.status, added.location()), (303, "/console/team?said=member-added"));
    let page = owner.get("/console/team").await;
    let option = page.body.split(">Noa</option>").next().unwrap().rsplit("value=\"").next().unwrap();
    let member = option.split('"').next().unwrap().to_owned();
    let fields = [("key_name", "Noa’s key"), ("key_member", &*member), ("key_role", "all")];
    let made = owner.send_form(&page, "/console/team/keys", &fields).await;
    let key = shown_once(&made);
    assert!(made.status == 200 && key.starts_with("hk_"), "{}", made.body);
    assert!(!owner.get("/console/team").await.body.contains(&key));

    let mut noa = site.browser();
    let gate = noa.get("/console/sign-in").await;
    assert_eq!(noa.send_form(&gate, "/console/sign-in", &[("key", &key)]).await.status, 303);
    assert_eq!(noa.get("/console/compose").await.status, 403);
    let page = owner.get("/console/team").await;
    let role = format!("/console/team/members/{member}/role");
    assert_eq!(owner.send_form(&page, &role, &[("role", "editor")]).await.status, 303);
    assert_eq!(noa.get("/console/compose").await.status, 200);

    let page = owner.get("/console/team").await;
    assert_eq!(owner.send_form(&page, &format!("/console/team/members/{member}/remove"), &[]).await.status, 303);
    assert_eq!(noa.get("/console/compose").await.status, 303, "the session ends with its member");
}

#[tokio::test]
async fn the_last_owner_stays_and_is_told_why() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    let role = format!("/console/team/members/{}/role", site.world.caller.member);
    let answer = owner.send_form(&page, &role, &[("role", "viewer")]).await;
    assert!(answer.status == 409 && answer.body.contains("needs an owner"), "{}", answer.body);
}

#[tokio::test]
async fn revoking_the_key_of_a_session_ends_it() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    assert!(page.body.contains("You are signed in with this key"));
    let action = page
        .body
        .split("action=\"")
        .find(|part| part.contains("/revoke\""))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let fields = page.hidden_with(&action, &[]);
    assert_eq!(owner.post(&action, &fields).await.status, 303);
    assert_eq!(owner.get("/console/team").await.status, 303);
}
