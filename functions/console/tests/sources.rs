//! Sources through the pages: making one, what is shown once, what came in, and deleting one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::inbound::{Changed, Incoming, MessageStanding, Said, Source, Standing, What};
use domain::{IncomingId, ReceiptId};
use ports::{Record, Write};
use site::{Page, Site};
use uuid::Uuid;

const NEW: &str = "/console/webhooks/sources/new/pigeons";

async fn all(site: &Site) -> Vec<Source> {
    let listed = app::inbound::sources(site.deps(), &site.world.caller).await.unwrap();
    listed.into_iter().map(|listed| listed.source).collect()
}

fn shown_once(page: &Page, i: usize) -> String {
    let from = page.body.split(&format!("<code id=\"once-{i}\">")).nth(1).expect("it is shown");
    from.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_source_is_made_and_its_address_and_what_was_made_for_it_are_shown_once() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let list = owner.get("/console/webhooks/sources").await;
    assert!(list.body.contains(&format!("href=\"{NEW}\"")) && list.body.contains("No sources yet"), "{}", list.body);
    let page = owner.get(NEW).await;
    assert!(page.body.contains("tie it to a leg") && page.body.contains("The number on the ring"), "{}", page.body);
    let refused = owner.send_form(&page, NEW, &[("name", "kept"), ("secret_whistle", "canary-tune")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.error_of("secret_ring").is_some() && refused.error_of("secret_whistle").is_some());
    assert!(refused.body.contains("value=\"kept\"") && !refused.body.contains("canary"));
    let malformed = owner.send_form(&page, NEW, &[("secret_ring", "no ring")]).await;
    assert!(malformed.status == 422 && malformed.error_of("secret_ring").is_some(), "{}", malformed.body);
    assert!(all(&site).await.is_empty());

    let typed = [("name", "The loft"), ("secret_ring", "canary-ring")];
    let made = owner.send_form(&page, NEW, &typed).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let (address, tune) = (shown_once(&made, 0), shown_once(&made, 1));
    assert!(address.starts_with("https://herald.test/api/inbound/pigeons/") && !tune.is_empty());
    assert!(!made.body.contains("canary-ring"), "what somebody brought along is theirs");
    assert_eq!(shown_once(&owner.send_form(&page, NEW, &typed).await, 0), address, "the form that was sent again");
    let list = owner.get("/console/webhooks/sources").await;
    assert!(list.body.contains("The loft") && !list.body.contains(&address) && !list.body.contains(&tune));
    assert_eq!(all(&site).await.len(), 1);

    let at = format!("/console/webhooks/sources/{}", all(&site).await[0].id);
    let gone = owner.send_form(&list, &format!("{at}/delete"), &[]).await;
    assert_eq!((gone.status, gone.location()), (303, "/console/webhooks/sources?said=source-deleted"));
    assert!(all(&site).await.is_empty());
    assert_eq!(owner.get(&at).await.status, 404, "nothing came in at it");
    assert_eq!(owner.get("/console/webhooks/sources/new/owls").await.status, 404);
}

#[tokio::test]
async fn what_came_in_is_listed_in_words_whatever_others_wrote() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get(NEW).await;
    owner.send_form(&page, NEW, &[("secret_ring", "ring")]).await;
    let source = all(&site).await.remove(0);
    let said = Said {
        external_id: "7".into(),
        on: Some("post-1".into()),
        handle: Some("@ada".into()),
        text: Some("<script>alert(1)</script>".into()),
        change: Changed::Edited,
        ..Said::default()
    };
    let status = Standing { status: MessageStanding::Failed, at: site.deps().clock.now(), code: Some("131026".into()) };
    let told = [
        What::Comment(said),
        What::Status { message: "wamid.1".into(), recipient: Some("+15550100".into()), standing: status },
        What::Unknown { kind: "story_insight".into() },
    ];
    for (n, what) in (1..).zip(told) {
        let incoming = Incoming {
            id: IncomingId::from_uuid(Uuid::from_u128(n)),
            tenant: source.tenant,
            source: source.id,
            platform: source.platform.clone(),
            receipt: ReceiptId::from_uuid(Uuid::from_u128(n)),
            account: None,
            at: site.deps().clock.now(),
            received_at: site.deps().clock.now(),
            what,
        };
        site.deps().ledger.commit(vec![Write::create(Record::Incoming(incoming))]).await.unwrap();
    }
    let at = format!("/console/webhooks/sources/{}", source.id);
    let mut viewer = site.signed_in(Role::Viewer).await;
    let page = viewer.get(&at).await;
    for says in ["Comment, edited", "@ada", "post-1", "Failed (131026)", "+15550100", "Something else", "story_insight"]
    {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    assert!(page.body.contains("&lt;script&gt;alert(1)") && !page.body.contains("<script>alert"));
}

#[tokio::test]
async fn who_may_only_look_makes_and_deletes_no_source() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get(NEW).await;
    owner.send_form(&page, NEW, &[("secret_ring", "ring")]).await;
    let at = format!("/console/webhooks/sources/{}", all(&site).await[0].id);
    let mut viewer = site.signed_in(Role::Viewer).await;
    for path in ["/console/webhooks/sources", &*at] {
        let page = viewer.get(path).await;
        assert_eq!(
            (page.status, page.body.matches("<form method=\"post\"").count()),
            (200, 2),
            "{path}: signing out only"
        );
        assert!(!page.body.contains(NEW));
    }
    assert_eq!(viewer.get(NEW).await.status, 403);
    let csrf = viewer.get(&at).await.hidden_with("/console/sign-out", &[]);
    let fields = [csrf, site::pairs(&[("idempotency_key", "anything8"), ("secret_ring", "ring")])].concat();
    for path in [NEW, &*format!("{at}/delete")] {
        assert_eq!(viewer.post(path, &fields).await.status, 403, "{path}");
        assert_eq!(owner.post(path, &site::pairs(&[("idempotency_key", "anything8")])).await.status, 403, "{path}");
    }
    assert_eq!(all(&site).await.len(), 1);
}

#[tokio::test]
async fn an_account_whose_platform_calls_nobody_has_a_button_and_is_asked_from_then_on() {
    let site = Site::new();
    let account = site.world.connect(&site.world.deps(), "readable", "ada").await.unwrap();
    let mut owner = site.signed_in(Role::Owner).await;
    let ask = format!("/console/webhooks/sources/ask/{}", account.id);
    let list = owner.get("/console/webhooks/sources").await;
    let made = owner.send_form(&list, &ask, &[]).await;
    assert_eq!((made.status, made.location()), (303, "/console/webhooks/sources?said=source-asked"), "{}", made.body);
    let list = owner.get("/console/webhooks/sources").await;
    assert!(list.body.contains("Asked every 15 minutes") && !list.body.contains(&ask), "{}", list.body);
    assert_eq!(all(&site).await[0].account, Some(account.id));
}
