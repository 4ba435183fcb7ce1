//! The inbox through the pages: what was said, who sees to it, and what is shown of the conversation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::inbound::{Changed, Incoming, Said, What};
use domain::inbox::Interaction;
use domain::{IncomingId, InteractionId, ReceiptId, SourceId};
use ports::{Record, Write};
use site::Site;
use uuid::Uuid;

/// Somebody says something, in the conversation `thread`.
async fn says(site: &Site, thread: &str, what: fn(Said) -> What, text: &str) -> InteractionId {
    let deps = site.deps();
    let id = InteractionId::from_uuid(deps.uuid());
    let said = Said {
        external_id: id.to_string(),
        author: Some("u1".into()),
        handle: Some("ada <b>".into()),
        text: Some(text.into()),
        change: Changed::Added,
        ..Said::default()
    };
    let incoming = Incoming {
        id: IncomingId::from_uuid(deps.uuid()),
        tenant: site.world.caller.tenant,
        source: SourceId::from_uuid(Uuid::from_u128(4)),
        platform: "readable".parse().unwrap(),
        receipt: ReceiptId::from_uuid(Uuid::from_u128(5)),
        account: None,
        at: deps.clock.now(),
        received_at: deps.clock.now(),
        what: what(said),
    };
    let one = Interaction { thread: thread.into(), ..Interaction::told(id, &incoming, None).unwrap() };
    deps.ledger.commit(vec![Write::create(Record::Interaction(Box::new(one)))]).await.unwrap();
    id
}

#[tokio::test]
async fn what_was_said_is_listed_assigned_to_me_and_done() {
    let site = Site::new();
    let id = says(&site, "t", What::Comment, "When do you <i>open</i>?").await;
    says(&site, "other", What::Message, "Good morning").await;
    let mut browser = site.signed_in(Role::Editor).await;
    let page = browser.get("/console/inbox").await;
    assert!(page.body.contains("When do you &lt;i&gt;open") && page.body.contains("Good morning"), "{}", page.body);
    let messages = browser.get("/console/inbox?kind=message").await;
    assert!(!messages.body.contains("When do you") && messages.body.contains("Good morning"));
    let address = format!("/console/inbox/{id}");
    let one = browser.get(&address).await;
    assert!(one.body.contains("Assign to me") && !one.body.contains("Good morning"), "{}", one.body);
    let taken = browser.send_form_with(&one, &address, &["value=\"take\""], &[]).await;
    assert_eq!((taken.status, taken.location()), (303, format!("{address}?said=saved").as_str()), "{}", taken.body);
    assert!(browser.get("/console/inbox?whose=mine").await.body.contains("When do you"));
    assert!(!browser.get("/console/inbox?whose=nobody").await.body.contains("When do you"));
    let stale = browser.send_form_with(&one, &address, &["value=\"done\""], &[]).await;
    assert_eq!(stale.status, 409, "the page was made before it was assigned");
    let one = browser.get(&address).await;
    assert!(one.body.contains("Editor</span> sees to it"), "{}", one.body);
    assert_eq!(browser.send_form_with(&one, &address, &["value=\"answered\""], &[]).await.status, 303);
    assert!(!browser.get("/console/inbox").await.body.contains("When do you"));
    let done = browser.get("/console/inbox?state=done").await;
    assert!(done.body.contains("When do you") && done.body.contains("Answered"), "{}", done.body);
    let one = browser.get(&address).await;
    assert_eq!(browser.send_form_with(&one, &address, &["value=\"open\""], &[]).await.status, 303);
    assert!(browser.get("/console/inbox").await.body.contains("When do you"));
}

#[tokio::test]
async fn who_only_looks_is_offered_nothing_and_refused_and_what_is_not_there_is_not_found() {
    let site = Site::new();
    let id = says(&site, "t", What::Comment, "Hello").await;
    let address = format!("/console/inbox/{id}");
    let mut editor = site.signed_in(Role::Editor).await;
    let form = editor.get(&address).await;
    let mut fields = form.hidden_with(&address, &["value=\"take\""]);
    fields.iter_mut().filter(|(name, _)| name == "what").for_each(|(_, what)| *what = "explode".into());
    let odd = editor.post(&address, &fields).await;
    assert_eq!(odd.status, 400);
    let mut viewer = site.signed_in(Role::Viewer).await;
    let page = viewer.get(&address).await;
    assert!(page.body.contains("Hello") && !page.body.contains("Assign to me"), "{}", page.body);
    for absent in ["/console/inbox/int_00000000000000000000000000000bad", "/console/inbox/x", "/console/inbox?after=x"]
    {
        assert_eq!(viewer.get(absent).await.status, 404, "{absent}");
    }
}
