//! The inbox through the pages: what was said, who sees to it, and what is shown of the conversation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::accounts::Account;
use domain::inbound::{Changed, Incoming, Said, What};
use domain::inbox::Interaction;
use domain::{IncomingId, InteractionId, ReceiptId, SourceId};
use ports::{Job, Record, Write};
use site::Site;
use testing::{ANSWERED, Mutant, Weather, World};
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

/// A site with a platform on which posts answer, an account there, and a comment to it.
async fn answerable() -> (Site, InteractionId) {
    let site = Site::of(World::with(7, Weather::calm(), &[ANSWERED], Mutant::None));
    let account = site.world.connect(site.deps(), "answered", "ada").await.unwrap();
    let id = comments(&site, &account, "When do you <i>open</i>?").await;
    (site, id)
}

async fn comments(site: &Site, account: &Account, text: &str) -> InteractionId {
    let said = Said { external_id: "c1".into(), text: Some(text.into()), ..Said::default() };
    site.world.told(&account.platform, Some(account.id), What::Comment(said)).await
}

#[tokio::test]
async fn an_answer_is_written_on_the_page_shows_where_it_stands_and_closes_the_conversation_when_it_is_live() {
    let (site, id) = answerable().await;
    let (address, answers) = (format!("/console/inbox/{id}"), format!("/console/inbox/{id}/answers"));
    let mut browser = site.signed_in(Role::Editor).await;
    let one = browser.get(&address).await;
    let sent = browser.send_form(&one, &answers, &[("text", "At <b>ten</b>.")]).await;
    assert_eq!((sent.status, sent.location()), (303, format!("{address}?said=posted").as_str()), "{}", sent.body);
    let clicked = browser.send_form(&one, &answers, &[("text", "At <b>ten</b>.")]).await;
    assert_eq!((clicked.status, clicked.location(), site.world.posts().len()), (303, sent.location(), 1), "once more");
    let page = browser.get(&address).await;
    assert!(page.body.contains("At &lt;b&gt;ten&lt;") && !page.body.contains("<b>ten"), "{}", page.body);
    assert!(
        page.body.contains("and is not over") && !page.body.contains("name=\"text\""),
        "no second answer is offered"
    );
    let late = browser.send_form(&one, &answers, &[("text", "At nine.")]).await;
    assert_eq!(late.status, 409, "the page was made before the first answer");
    assert!(
        late.body.contains("At nine.") && late.error_of("text").is_none(),
        "what was typed is there: {}",
        late.body
    );
    for message in site.world.queues.take() {
        let Job::Publish { job, .. } = message.job else { continue };
        let deadline = site.deps().clock.now() + jiff::SignedDuration::from_secs(30);
        app::publishing::execute(&site.process.publishing(), &job, deadline).await.unwrap();
    }
    for event in site.world.bus.taken() {
        app::inbox::answered(site.deps(), &event).await.unwrap();
    }
    let page = browser.get(&address).await;
    assert!(page.body.contains("Published") && page.body.contains("Answered"), "{}", page.body);
    assert!(page.body.contains("Open again") && page.body.contains("open it again"), "{}", page.body);
}

#[tokio::test]
async fn what_is_not_taken_comes_again_with_the_reason_and_what_was_typed() {
    let (site, id) = answerable().await;
    let mut browser = site.signed_in(Role::Editor).await;
    let address = format!("/console/inbox/{id}");
    let one = browser.get(&address).await;
    let long = "x".repeat(300);
    let refused = browser.send_form(&one, &format!("{address}/answers"), &[("text", &long)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains(&long) && refused.error_of("text").is_some(), "{}", refused.body);
    let shorter = browser.send_form(&refused, &format!("{address}/answers"), &[("text", "At ten.")]).await;
    assert_eq!(shorter.status, 303, "{}", shorter.body);
}

#[tokio::test]
async fn where_nothing_can_be_answered_the_page_says_why_and_who_only_looks_is_offered_nothing() {
    let site = Site::new();
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap();
    let id = comments(&site, &account, "Hello").await;
    let address = format!("/console/inbox/{id}");
    let page = site.signed_in(Role::Editor).await.get(&address).await;
    assert!(
        page.body.contains("has no answers to other people") && !page.body.contains("name=\"text\""),
        "{}",
        page.body
    );
    let (site, id) = answerable().await;
    let (address, answers) = (format!("/console/inbox/{id}"), format!("/console/inbox/{id}/answers"));
    let form = site.signed_in(Role::Editor).await.get(&address).await;
    let mut viewer = site.signed_in(Role::Viewer).await;
    let page = viewer.get(&address).await;
    assert!(page.body.contains("When do you") && !page.body.contains("name=\"text\""), "{}", page.body);
    let mut fields = form.hidden_with(&answers, &[]);
    let csrf = page.hidden_with("/console/sign-out", &[]);
    fields.retain(|(name, _)| name != "csrf");
    fields.extend(csrf.into_iter().filter(|(name, _)| name == "csrf"));
    fields.push(("text".into(), "No.".into()));
    assert_eq!(viewer.post(&answers, &fields).await.status, 403);
}

#[tokio::test]
async fn it_is_given_to_a_colleague() {
    let (site, id) = answerable().await;
    let colleague = site.member(Role::Editor).await;
    let mut browser = site.signed_in(Role::Owner).await;
    let address = format!("/console/inbox/{id}");
    let one = browser.get(&address).await;
    let to = colleague.to_string();
    let given = browser.send_form_with(&one, &address, &["value=\"give\""], &[("to", &to)]).await;
    assert_eq!(given.status, 303, "{}", given.body);
    assert!(browser.get(&address).await.body.contains("Editor</span> sees to it"));
}
