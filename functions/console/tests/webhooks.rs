//! Webhook endpoints through the pages: changing, switching, another secret, the log, single messages, sending again, and the
//! catalogue of events.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use app::webhooks::{Batch, LogFilter, Visit, attempt, fan_out};
use domain::access::Role;
use domain::events::{AccountFacts, Event, EventData};
use domain::webhooks::{Endpoint, Format, Order, Signature, WebhookMessage};
use domain::{AccountId, EndpointId};
use site::{Browser, Page, Site};
use testing::Mood;

const URL: &str = "https://hooks.example/in";

fn shown_once(page: &Page) -> String {
    let from = page.body.split("<code id=\"secret\">").nth(1).expect("something is shown once");
    from.split('<').next().unwrap().to_owned()
}

async fn all(site: &Site) -> Vec<Endpoint> {
    app::webhooks::endpoints(site.deps(), &site.world.caller).await.unwrap()
}

async fn only(site: &Site) -> Endpoint {
    all(site).await.remove(0)
}

/// An endpoint, made on the page; its id and page.
async fn made(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> (EndpointId, String, Page) {
    let page = browser.get("/console/webhooks").await;
    let fields = [&[("url", URL)], fields].concat();
    let answer = browser.send_form(&page, "/console/webhooks", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = only(browser.site).await.id;
    (id, format!("/console/webhooks/{id}"), answer)
}

/// Something happens, and the endpoints are told of it once.
async fn happens(site: &Site) -> Event {
    let account_id = AccountId::from_uuid(uuid::Uuid::from_u128(9));
    let facts = AccountFacts { account_id, platform: "readable".parse().unwrap(), reason: Some("<b>why</b>".into()) };
    let event = site.deps().events(site.world.caller.tenant, "test", [EventData::AccountConnected(facts)]).remove(0);
    fan_out(&Batch::default(), site.deps(), &event, Visit::FIRST).await.unwrap();
    event
}

async fn log(site: &Site, id: EndpointId) -> Vec<WebhookMessage> {
    let (caller, filter) = (&site.world.caller, LogFilter::default());
    app::webhooks::messages(site.deps(), caller, id, &filter, None, 100).await.unwrap().items
}

#[tokio::test]
async fn an_endpoint_is_made_with_all_that_it_can_have_and_the_page_shows_it() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let account = site.world.connect(site.deps(), "readable", "Zuzanna Q.").await.unwrap();
    let id = account.id.to_string();
    let (_, href, answer) = made(
        &mut owner,
        &[
            ("name", "CRM"),
            ("description", "for the shop"),
            ("event", "post.failed"),
            ("account", &id),
            ("platform", "readable"),
            ("rate_per_minute", "90"),
            ("validate", "1"),
            ("order", "key"),
            ("format", "cloudevents_binary"),
            ("headers", "Authorization: Bearer canary-header\nX-Of: ours"),
            ("signature", "v1a"),
        ],
    )
    .await;
    let endpoint = only(&site).await;
    assert_eq!((&*endpoint.name, &*endpoint.description, &*endpoint.url), ("CRM", "for the shop", URL));
    assert_eq!(
        (endpoint.events.as_slice(), endpoint.accounts.as_slice()),
        (&["post.failed".to_owned()][..], &[account.id][..])
    );
    assert_eq!((endpoint.format, endpoint.signature), (Format::CloudeventsBinary, Signature::V1a));
    assert_eq!((endpoint.order, endpoint.rate_per_minute), (Order::Key, Some(90)));
    assert!(endpoint.validated.is_some());
    assert_eq!(endpoint.headers.keys().collect::<Vec<_>>(), ["Authorization", "X-Of"]);
    assert_eq!(shown_once(&answer), endpoint.public_key.clone().unwrap());
    let page = owner.get(&href).await;
    for says in [
        "CRM",
        "for the shop",
        "Zuzanna Q.",
        "In order, of each post",
        "<dd dir=\"auto\">90</dd>",
        "CloudEvents, binary",
        "Ed25519",
        "Authorization, X-Of",
    ] {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    assert!(page.body.contains(endpoint.public_key.as_deref().unwrap()), "a public key can be seen later, too");
    assert!(!page.body.contains("canary-header") && !answer.body.contains("canary-header"));
    assert!(page.body.contains("createPublicKey") && !page.body.contains("pip install standardwebhooks"));
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_no_secret_comes_back() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/webhooks").await;
    let typed = [
        ("url", "https://herald.test/in"),
        ("description", "kept"),
        ("event", "post.failed"),
        ("headers", "Authorization: Bearer canary-header"),
        ("own_secret", "canary-secret"),
    ];
    let refused = owner.send_form(&page, "/console/webhooks", &typed).await;
    assert_eq!(refused.status, 422);
    for field in ["url", "headers", "own_secret"] {
        assert!(refused.error_of(field).is_some(), "{field}: {}", refused.body);
    }
    assert!(!refused.body.contains("canary") && refused.body.contains("value=\"kept\""));
    assert!(refused.body.contains("value=\"post.failed\" checked"));
    let fields = [("url", URL), ("headers", "Authorization Bearer canary-header")];
    let refused = owner.send_form(&page, "/console/webhooks", &fields).await;
    assert!(refused.error_of("headers").unwrap().starts_with("Line 1") && !refused.body.contains("canary"));
    for wrong in ["0", "1001", "many", "-1"] {
        let refused = owner.send_form(&page, "/console/webhooks", &[("url", URL), ("rate_per_minute", wrong)]).await;
        assert!(refused.error_of("rate_per_minute").is_some(), "{wrong}: {}", refused.body);
    }
    for (field, none) in [("format", "xml"), ("order", "random")] {
        assert_eq!(owner.send_form(&page, "/console/webhooks", &[("url", URL), (field, none)]).await.status, 400);
    }
    assert!(all(&site).await.is_empty());
}

const ROLE: &str = "arn:aws:iam::123456789012:role/herald-events-crm";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/herald";
const BUS: &str = "arn:aws:events:eu-west-1:123456789012:event-bus/herald";
const CHAT: &str = "https://board.test/lobby/canary-chat";

#[tokio::test]
async fn an_endpoint_may_be_a_queue_a_bus_or_a_chat_and_its_page_leads_on_without_a_secret() {
    for (to, field, address, shown) in [
        ("queue", "queue", QUEUE, QUEUE),
        ("bus", "bus", BUS, BUS),
        ("chat", "chat", CHAT, "https://board.test/lobby/…"),
    ] {
        let site = Site::new();
        let mut owner = site.signed_in(Role::Owner).await;
        let page = owner.get("/console/webhooks").await;
        assert!(page.body.contains(&format!("name=\"to\" value=\"{to}\"")), "{}", page.body);
        // What stands in the fields of other ways does not count.
        let typed = [("to", to), (field, address), ("role", ROLE), ("url", URL), ("event", "post.failed")];
        let answer = owner.send_form(&page, "/console/webhooks", &typed).await;
        let endpoint = only(&site).await;
        let href = format!("/console/webhooks/{}", endpoint.id);
        assert_eq!((answer.status, answer.location()), (303, &*format!("{href}?said=endpoint-added")));
        assert_eq!((endpoint.destination.name(), &*endpoint.url), (to, shown));
        assert_eq!(endpoint.destination.role_arn(), Some(ROLE).filter(|_| to != "chat"));
        assert_eq!(
            owner.send_form(&page, "/console/webhooks", &typed).await.location(),
            answer.location(),
            "sent again"
        );
        let page = owner.get(&href).await;
        for hidden in ["canary-chat", "Change the signing secret", "Verify what comes", "Signed with"] {
            assert!(!page.body.contains(hidden), "{to} {hidden}: {}", page.body);
        }
        let tenant = site.world.caller.tenant.to_string();
        assert_eq!(page.body.contains(&tenant) && page.body.contains(ROLE), to != "chat", "{to}: {}", page.body);
        let form = format!("{href}/edit");
        let page = owner.get(&form).await;
        assert!(!page.body.contains("canary-chat") && !page.body.contains("type=\"radio\""), "{to}: {}", page.body);
        let same =
            [("to", to), (field, if to == "chat" { "" } else { address }), ("role", ROLE), ("event", "post.failed")];
        let typed = [&same[..], &[("description", "new words")]].concat();
        assert_eq!(owner.send_form(&page, &form, &typed).await.status, 303);
        let after = only(&site).await;
        assert_eq!(Endpoint { description: String::new(), ..after }, endpoint, "{to}: nothing else is changed");
        let other = address.replace("herald", "other").replace("lobby", "hall");
        let typed = [("to", to), (field, &*other), ("role", ROLE)];
        let page = owner.get(&form).await;
        assert_eq!(owner.send_form(&page, &form, &typed).await.status, 303);
        assert_eq!(only(&site).await.url, shown.replace("herald", "other").replace("lobby", "hall"));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_queue_bus_or_chat_is_told_beside_its_field_and_an_address_of_a_chat_does_not_come_back() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/webhooks").await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for (typed, fields) in [
        (vec![("to", "queue")], vec!["queue", "role"]),
        (vec![("to", "queue"), ("queue", URL), ("role", ROLE)], vec!["queue"]),
        (vec![("to", "bus"), ("bus", QUEUE), ("role", "arn:aws:iam::123456789012:role/other")], vec!["bus", "role"]),
        (vec![("to", "chat")], vec!["chat"]),
        (vec![("to", "chat"), ("chat", "https://elsewhere.test/canary-chat")], vec!["chat"]),
        (vec![("to", "chat"), ("chat", CHAT), ("rate_per_minute", "0")], vec!["rate_per_minute", "chat"]),
        (vec![("to", "chat"), ("chat", CHAT), ("format", "cloudevents")], vec!["format", "chat"]),
        (
            vec![("to", "queue"), ("queue", QUEUE), ("role", ROLE), ("headers", "X-A: canary"), ("own_secret", secret)],
            vec!["headers", "own_secret"],
        ),
        (
            vec![("to", "bus"), ("bus", BUS), ("role", ROLE), ("validate", "1"), ("signature", "v1a")],
            vec!["validate", "signature"],
        ),
        (vec![("to", "https")], vec!["url"]),
        (vec![("to", "https"), ("url", CHAT)], vec!["url"]),
    ] {
        let refused = owner.send_form(&page, "/console/webhooks", &typed).await;
        assert_eq!(refused.status, 422, "{typed:?}");
        for field in ["url", "queue", "bus", "role", "chat", "headers", "own_secret", "validate", "format", "signature"]
        {
            assert_eq!(
                refused.error_of(field).is_some(),
                fields.contains(&field),
                "{typed:?} {field}: {}",
                refused.body
            );
        }
        assert!(!refused.body.contains("canary"), "{typed:?}: {}", refused.body);
    }
    assert_eq!(owner.send_form(&page, "/console/webhooks", &[("to", "pigeon")]).await.status, 400);
    assert!(all(&site).await.is_empty());
}

#[tokio::test]
async fn an_endpoint_is_changed_in_what_differs_alone() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (_, href, _) = made(&mut owner, &[("event", "post.failed"), ("headers", "X-A: 1\nX-B: 2")]).await;
    let before = only(&site).await;
    let form = format!("{href}/edit");
    let (page, stale) = (owner.get(&form).await, owner.get(&form).await);
    assert!(page.body.contains(&format!("value=\"{URL}\"")) && page.body.contains("value=\"post.failed\" checked"));
    let same = [("url", URL), ("event", "post.failed"), ("format", "standard")];
    let typed = [&same[..], &[("description", "new words"), ("drop", "X-A"), ("headers", "X-C: 3")]].concat();
    let saved = owner.send_form(&page, &form, &typed).await;
    assert_eq!((saved.status, saved.location()), (303, &*format!("{href}?said=endpoint-saved")), "{}", saved.body);
    let after = only(&site).await;
    assert_eq!(after.headers.keys().collect::<Vec<_>>(), ["X-B", "X-C"]);
    assert_eq!(Endpoint { description: String::new(), headers: before.headers.clone(), ..after }, before);
    // The same form sent twice leads to the same place; one that was opened before the change is not applied.
    assert_eq!(owner.send_form(&page, &form, &typed).await.location(), saved.location());
    let late = owner.send_form(&stale, &form, &[("url", "https://late.example")]).await;
    assert_eq!(late.status, 409, "{}", late.body);
    assert!(late.error_of("endpoint").is_some() && late.body.contains("value=\"new words\""), "{}", late.body);
    assert_eq!(only(&site).await.url, URL);
    for order in ["key", "none"] {
        let page = owner.get(&form).await;
        assert_eq!(owner.send_form(&page, &form, &[("url", URL), ("order", order)]).await.status, 303);
        assert_eq!(only(&site).await.order.name(), order);
        let chosen = format!("<option value=\"{order}\" selected>");
        assert!(owner.get(&form).await.body.contains(&chosen), "{chosen}");
    }
    let page = owner.get(&form).await;
    let refused = owner.send_form(&page, &form, &[("url", "https://herald.test/in"), ("name", "kept")]).await;
    assert!(refused.status == 422 && refused.error_of("url").is_some() && refused.body.contains("value=\"kept\""));
}

#[tokio::test]
async fn a_message_that_waits_is_given_up_on_its_page_which_says_by_whom() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (id, href, _) = made(&mut owner, &[("order", "key")]).await;
    site.world.listener.is(URL, Mood::Broken);
    let (event, behind) = (happens(&site).await, happens(&site).await);
    let at = format!("{href}/messages/{}", event.id);
    let page = owner.get(&at).await;
    let done = owner.send_form(&page, &format!("{at}/give_up"), &[]).await;
    assert_eq!((done.status, done.location()), (303, &*format!("{at}?said=given-up")), "{}", done.body);
    assert_eq!(owner.send_form(&page, &format!("{at}/give_up"), &[]).await.location(), done.location());
    let page = owner.get(done.location()).await;
    let tenant = site.world.caller.tenant;
    let member = site.deps().ledger.member(tenant, site.world.caller.member).await.unwrap().unwrap();
    let says = format!("{} gave it up.", member.value.name);
    assert!(page.body.contains(&says) && page.body.contains("It is given up"), "{says}: {}", page.body);
    assert!(!page.body.contains("/give_up") && page.body.contains("/resend"));
    let next = log(&site, id).await.into_iter().find(|message| message.event == behind.id).unwrap();
    assert!(next.wake.is_some(), "what stood behind it is due");
    let page = owner.get(&format!("{href}/messages/{}", behind.id)).await;
    assert!(page.body.contains("/give_up"), "{}", page.body);
}

#[tokio::test]
async fn an_account_that_is_gone_stays_ticked_until_somebody_unticks_it() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let account = site.world.connect(site.deps(), "readable", "Zuzanna Q.").await.unwrap();
    let (_, href, _) = made(&mut owner, &[("account", &account.id.to_string())]).await;
    let accounts = owner.get("/console/accounts").await;
    owner.send_form(&accounts, &format!("/console/accounts/{}/disconnect", account.id), &[]).await;
    let page = owner.get(&format!("{href}/edit")).await;
    assert!(page.body.contains(&format!("value=\"{}\" checked", account.id)), "{}", page.body);
}

#[tokio::test]
async fn an_endpoint_is_switched_off_and_on_and_what_it_missed_is_offered() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (id, href, _) = made(&mut owner, &[]).await;
    let switch = format!("{href}/switch");
    let page = owner.get(&href).await;
    let off = owner.send_form(&page, &switch, &[]).await;
    assert_eq!((off.status, off.location()), (303, &*format!("{href}?said=switched-off")));
    assert!(!only(&site).await.is_on());
    happens(&site).await;
    let page = owner.get(&href).await;
    for says in ["Switched off by hand", "It has been off since", "The endpoint was off."] {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    assert!(!page.body.contains(&format!("{href}/recover")) && !page.body.contains("/resend"), "nothing goes there");
    assert!(owner.get("/console/webhooks").await.body.contains("Switched off by hand"));
    let on = owner.send_form(&page, &switch, &[]).await;
    assert!(only(&site).await.is_on() && on.location().ends_with("#again"), "{}", on.location());
    let page = owner.get(on.location().split('#').next().unwrap()).await;
    assert!(page.body.contains("What it was not told can be sent again"));
    // The form has the minute in which it was switched off, before anything happened.
    let since =
        page.body.split("id=\"since\"").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    let again = owner.send_form(&page, &format!("{href}/recover"), &[("since", since)]).await;
    assert_eq!((again.status, again.location()), (303, &*format!("{href}?said=recovering#again")), "{}", again.body);
    let recoveries = app::webhooks::recoveries(site.deps(), &site.world.caller, id).await.unwrap();
    let recovery = &recoveries[0];
    assert!(recoveries.len() == 1 && !recovery.every);
    let page = owner.get(&href).await;
    assert!(page.body.contains("Under way") && page.body.contains("data-moving=\"on\""), "{}", page.body);
    let second = owner.send_form(&page, &format!("{href}/recover"), &[("since", since)]).await;
    assert!(second.status == 409 && second.error_of("again").is_some(), "{}", second.body);
    let tenant = site.world.caller.tenant;
    app::webhooks::go_on(site.deps(), tenant, id, recovery.id, Visit::FIRST).await.unwrap();
    let page = owner.get(&href).await;
    assert!(page.body.contains("1 message sent again."), "{}", page.body);
}

#[tokio::test]
async fn a_replay_asks_for_a_time_and_a_time_that_is_none_is_told_beside_its_field() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (id, href, _) = made(&mut owner, &[]).await;
    let form = format!("{href}/recover");
    let page = owner.get(&href).await;
    for (since, until, field) in [
        ("", "", "since"),
        ("soon", "", "since"),
        ("2026-01-01T00:00", "2026-99-01T00:00", "until"),
        ("2999-01-01T00:00", "", "since"),
    ] {
        let refused = owner.send_form(&page, &form, &[("since", since), ("until", until)]).await;
        assert!(refused.status == 422 && refused.error_of(field).is_some(), "{since} {until}: {}", refused.body);
    }
    let typed = [("since", "2020-01-01T00:00"), ("until", "2020-01-02T12:30"), ("every", "1")];
    assert_eq!(owner.send_form(&page, &form, &typed).await.status, 303);
    let recovery = app::webhooks::recoveries(site.deps(), &site.world.caller, id).await.unwrap().remove(0);
    assert!(recovery.every);
    // The tenant plans in its own zone.
    let zone = site.deps().ledger.tenant(site.world.caller.tenant).await.unwrap().unwrap().value.zone;
    assert_eq!(recovery.to.in_tz(&zone).unwrap().strftime("%Y-%m-%dT%H:%M").to_string(), "2020-01-02T12:30");
}

#[tokio::test]
async fn another_secret_is_shown_once_and_the_one_before_is_ended_only_when_asked() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (_, href, first) = made(&mut owner, &[]).await;
    let form = format!("{href}/rotate");
    let page = owner.get(&href).await;
    assert!(!page.body.contains("name=\"force\""));
    site.world.listener.is(URL, Mood::Broken);
    happens(&site).await;
    assert!(owner.get(&href).await.body.contains("data-moving=\"on\""));
    let rotated = owner.send_form(&page, &form, &[]).await;
    let secret = shown_once(&rotated);
    assert!(rotated.status == 200 && secret.starts_with("whsec_") && secret != shown_once(&first), "{}", rotated.body);
    assert!(rotated.body.contains("data-moving=\"off\""), "a page that shows a secret stays");
    assert_eq!(shown_once(&owner.send_form(&page, &form, &[]).await), secret, "the form that was sent again");
    let page = owner.get(&href).await;
    assert!(!page.body.contains(&secret) && page.body.contains("name=\"force\""));
    let refused = owner.send_form(&page, &form, &[]).await;
    assert!(refused.status == 409 && refused.error_of("rotate").is_some(), "{}", refused.body);
    let malformed = owner.send_form(&page, &form, &[("own_secret", "canary"), ("force", "1")]).await;
    assert!(malformed.error_of("own_secret").is_some() && !malformed.body.contains("canary"), "{}", malformed.body);
    let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let page = owner.get(&href).await;
    let forced = owner.send_form(&page, &form, &[("own_secret", own), ("force", "1")]).await;
    assert!(forced.status == 200 && shown_once(&forced) == own, "{}", forced.body);
}

#[tokio::test]
async fn the_log_shows_every_try_and_a_message_shows_what_was_sent_and_goes_out_again() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (id, href, _) = made(&mut owner, &[]).await;
    site.world.listener.is(URL, Mood::Broken);
    let event = happens(&site).await;
    let page = owner.get(&href).await;
    for says in ["account.connected", "HTTP 500", "try 1", "Will retry", "Failing", "It has taken nothing since"] {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    assert!(page.body.contains("data-moving=\"on\"") && !page.body.contains("/resend"), "it is still being tried");
    let at = format!("{href}/messages/{}", event.id);
    assert!(page.body.contains(&format!("href=\"{at}\"")));
    site.world.listener.is(URL, Mood::Gone);
    while log(&site, id).await[0].wake.is_some() {
        site.world.engine.advance_ms(60_000);
        let (tenant, cid) = (site.world.caller.tenant, "test");
        attempt(site.deps(), tenant, id, event.id, cid, Visit::FIRST).await.unwrap();
    }
    let page = owner.get(&href).await;
    for says in ["Switched off: it answered that it is gone", "The endpoint answered that it is gone.", "HTTP 410"] {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    let page = owner.get(&at).await;
    let sent = log(&site, id).await[0].body.clone();
    let written = sent.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    assert!(page.body.contains(&written), "{sent}: {}", page.body);
    assert!(page.body.contains("application/json") && page.body.contains("HTTP 500") && page.body.contains("HTTP 410"));
    assert!(!page.body.contains("/resend"), "it is off");

    site.world.listener.is(URL, Mood::Well);
    let page = owner.get(&href).await;
    owner.send_form(&page, &format!("{href}/switch"), &[]).await;
    let page = owner.get(&at).await;
    let again = owner.send_form(&page, &format!("{at}/resend"), &[]).await;
    assert_eq!((again.status, again.location()), (303, &*format!("{at}?said=resent")), "{}", again.body);
    let page = owner.get(again.location()).await;
    assert!(page.body.contains("It is sent again") && page.body.contains("Waits"), "{}", page.body);
    attempt(site.deps(), site.world.caller.tenant, id, event.id, "test", Visit::FIRST).await.unwrap();
    let page = owner.get(&at).await;
    assert!(
        page.body.contains("Delivered") && page.body.contains("HTTP 200") && page.body.contains("try 3"),
        "{}",
        page.body
    );
    let heard = site.world.listener.heard();
    assert!(
        heard.iter().all(|one| one.body == sent && one.id == event.id.to_string()),
        "the same bytes under the same id"
    );
}

#[tokio::test]
async fn the_log_is_narrowed_by_result_event_and_time_and_goes_on_page_by_page() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (id, href, _) = made(&mut owner, &[]).await;
    for _ in 0..27 {
        happens(&site).await;
        site.world.engine.advance_ms(1_000);
    }
    let rows = |page: &Page| page.body.matches("data-label=\"When\"").count();
    let page = owner.get(&href).await;
    assert_eq!(rows(&page), 25, "{}", page.body);
    let older = page.body.split("<nav class=\"pager").nth(1).unwrap().split("href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&");
    let page = owner.get(&older).await;
    assert_eq!(rows(&page), 2, "{}", page.body);
    assert!(page.body.contains("Newest"));
    for (asked, all) in [
        ("state=delivered", true),
        ("state=dead", false),
        ("event=account.connected", true),
        ("event=post.failed", false),
        ("from=2000-01-01T00%3A00", true),
        ("to=2000-01-01T00%3A00", false),
        ("state=made-up&event=made-up", true),
    ] {
        let page = owner.get(&format!("{href}?{asked}")).await;
        assert_eq!((page.status, rows(&page) > 0), (200, all), "{asked}: {}", page.body);
    }
    let page = owner.get(&format!("{href}?state=dead&from=2000-01-01T00%3A00")).await;
    assert!(page.body.contains("value=\"dead\" selected") && page.body.contains("value=\"2000-01-01T00:00\""));
    assert!(page.body.contains("None of this kind"));
    let page = owner.get(&format!("{href}?from=soon")).await;
    assert!(page.status == 200 && page.error_of("from").is_some(), "{}", page.body);
    assert_eq!(owner.get(&format!("{href}?after=made-up")).await.status, 404);
    assert_eq!(log(&site, id).await.len(), 27);
}

#[tokio::test]
async fn the_catalogue_has_every_event_with_its_schema_and_sends_its_sample_as_a_test() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let list = owner.get("/console/webhooks/events").await;
    for name in domain::events::EVENT_TYPES {
        let href = format!("/console/webhooks/events/{name}");
        assert!(list.body.contains(&format!("href=\"{href}\"")), "{name}");
        let page = owner.get(&href).await;
        assert!(
            page.body.contains("json-schema.org/draft/2020-12")
                && page.body.contains(&format!("&quot;type&quot;: &quot;{name}&quot;")),
            "{name}: {}",
            page.body
        );
    }
    let at = "/console/webhooks/events/post.published";
    assert!(owner.get(at).await.body.contains("no endpoint that is on"));
    let (id, href, _) = made(&mut owner, &[("event", "post.failed")]).await;
    let page = owner.get(at).await;
    let sent = owner.send_form(&page, at, &[("endpoint", &id.to_string())]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(sent.location().starts_with(&format!("{href}/messages/evt_")), "{}", sent.location());
    let message = owner.get(sent.location()).await;
    assert!(
        message.body.contains("post.published") && message.body.contains("&quot;test&quot;:true"),
        "{}",
        message.body
    );
    let (page, endpoint) = (owner.get(at).await, owner.get(&href).await);
    owner.send_form(&endpoint, &format!("{href}/switch"), &[]).await;
    let page = owner.send_form(&page, at, &[("endpoint", &id.to_string())]).await;
    assert!(page.status == 409 && page.body.contains("switched off"), "{}", page.body);
    assert_eq!(owner.get("/console/webhooks/events/post.made_up").await.status, 404);
}

#[tokio::test]
async fn who_may_only_look_sees_everything_and_is_offered_nothing() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let (id, href, _) = made(&mut owner, &[]).await;
    let event = happens(&site).await;
    let at = format!("{href}/messages/{}", event.id);
    let mut viewer = site.signed_in(Role::Viewer).await;
    for path in ["/console/webhooks", &*href, &*at, "/console/webhooks/events", "/console/webhooks/events/post.failed"]
    {
        let page = viewer.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let forms = page.body.matches("<form method=\"post\"").count();
        assert_eq!(forms, 2, "{path} offers more than signing out");
    }
    assert_eq!(viewer.get(&format!("{href}/edit")).await.status, 403);
    let csrf = viewer.get(&href).await.hidden_with("/console/sign-out", &[]);
    let fields = [
        csrf.clone(),
        site::pairs(&[
            ("idempotency_key", "anything8"),
            ("on", "0"),
            ("url", URL),
            ("rev", "1"),
            ("since", "2020-01-01T00:00"),
            ("endpoint", &id.to_string()),
        ]),
    ]
    .concat();
    let acts = ["edit", "switch", "rotate", "recover"].map(|act| format!("{href}/{act}"));
    let others = [format!("{at}/resend"), format!("{at}/give_up"), "/console/webhooks/events/post.failed".to_owned()];
    for path in acts.iter().chain(&others) {
        assert_eq!(viewer.post(path, &fields).await.status, 403, "{path}");
        // And an owner's own form without its token.
        let bare = site::pairs(&[("idempotency_key", "anything8"), ("on", "0")]);
        assert_eq!(owner.post(path, &bare).await.status, 403, "{path}");
    }
    assert!(only(&site).await.is_on() && log(&site, id).await.len() == 1);
}
