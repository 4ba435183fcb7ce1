//! Sources, their calls, and what these told.

use crate::fixtures::{Turned, World, counted, fresh, platform};
use domain::inbound::{
    Asking, Changed, Incoming, MessageStanding, MessageStatus, Reading, Receipt, Said, Source, SourceKey, Standing,
    What,
};
use domain::inbox::{Done, InboxState, Interaction};
use domain::publishing::Wake;
use domain::{AccountId, IncomingId, InteractionId, MemberId, ReceiptId, SourceId, TenantId};
use ports::{Arrivals, DUE_SHARDS, Due, DueRef, DueSubject, Record, Write};
use std::sync::Arc;
use store::{Backend, Memory, Table};

fn receipt<B: Backend>(w: &World<B>, source: SourceId) -> Receipt {
    Receipt {
        id: ReceiptId::from_uuid(fresh()),
        tenant: w.tenant,
        source,
        platform: platform(),
        asked: None,
        content_type: "application/json".into(),
        body: "{}".into(),
        base64: false,
        deflated: false,
        received_at: w.now(),
        done: 0,
        wake: Some(Wake { at: w.now(), set_at: w.now(), sent: true }),
        read: None,
    }
}

#[tokio::test]
async fn where_a_message_stands_is_kept_from_when_that_came_in_whatever_time_it_tells() {
    let clock = Turned::at_start();
    let w = World::new(Memory::new(Arc::clone(&clock) as _), clock, counted());
    for (n, at) in [w.in_s(-100 * 86_400), w.now(), jiff::Timestamp::MAX].into_iter().enumerate() {
        let (source, message) = (SourceId::from_uuid(fresh()), format!("m{n}"));
        let standing = Standing { status: MessageStanding::Sent, at, code: None };
        let (tenant, hash, heard_at) = (w.tenant, "0f".to_owned(), Some(w.now()));
        w.create(Record::MessageStatus(MessageStatus { tenant, source, hash, message, standing, heard_at })).await;
    }
    let items = w.store.backend().items(Table::Core);
    let ttls: Vec<_> = items.iter().filter(|item| item.kind == "status").map(|item| item.ttl).collect();
    assert_eq!(ttls, [Some(w.in_s(90 * 86_400).as_second()); 3]);
}

fn incoming<B: Backend>(w: &World<B>, source: SourceId) -> Incoming {
    Incoming {
        id: IncomingId::from_uuid(fresh()),
        tenant: w.tenant,
        source,
        platform: platform(),
        receipt: ReceiptId::from_uuid(fresh()),
        account: None,
        at: w.now(),
        received_at: w.now(),
        what: What::Comment(Said { external_id: "c".into(), ..Said::default() }),
    }
}

async fn due<B: Backend>(w: &World<B>) -> Vec<DueRef> {
    let mut all = Vec::new();
    for shard in 0..DUE_SHARDS {
        all.extend(w.store.due(shard, w.in_s(60), None).await.unwrap().items);
    }
    // An emulator holds other worlds' entries.
    all.into_iter().filter(|due| due.tenant == w.tenant).collect()
}

pub(crate) async fn what_comes_in_comes_back_as_it_was_stored<B: Backend>(w: &World<B>) {
    let (s, t, id) = (&w.store, w.tenant, SourceId::from_uuid(fresh()));
    let hash = format!("{:064x}", fresh().as_u128());
    let source = Source {
        id,
        tenant: t,
        platform: platform(),
        name: "ours".into(),
        account: None,
        token_hash: hash.clone(),
        secrets: [("secret".to_owned(), "sealed".to_owned())].into(),
        created_at: w.now(),
    };
    let key = SourceKey { hash: hash.clone(), tenant: t, source: id };
    let (call, event) = (receipt(w, id), incoming(w, id));
    let standing = Standing { status: MessageStanding::Sent, at: w.now(), code: None };
    let status =
        MessageStatus { tenant: t, source: id, hash: "0f".into(), message: "m 1#".into(), standing, heard_at: None };
    let records = [
        Record::Source(source.clone()),
        Record::SourceKey(key.clone()),
        Record::Receipt(call.clone()),
        Record::Incoming(event.clone()),
        Record::MessageStatus(status.clone()),
    ];
    w.commit(records.map(Write::create)).await.unwrap();
    assert_eq!(s.source(t, id).await.unwrap().unwrap().value, source);
    assert_eq!(s.sources(t).await.unwrap().remove(0).value, source);
    assert_eq!(s.source_by_token(&hash).await.unwrap().unwrap().value, key);
    assert!(s.source_by_token("unknown").await.unwrap().is_none());
    assert_eq!(s.receipt(t, id, call.id).await.unwrap().unwrap().value, call);
    assert_eq!(s.incoming(t, id, event.id).await.unwrap().unwrap().value, event);
    assert_eq!(s.message_status(t, id, "0f").await.unwrap().unwrap().value, status);
    let foreign = TenantId::from_uuid(fresh());
    assert!(s.source(foreign, id).await.unwrap().is_none());
    assert!(s.receipt(foreign, id, call.id).await.unwrap().is_none());
    assert!(s.all_incoming(foreign, id, None, 10).await.unwrap().items.is_empty());
}

pub(crate) async fn a_call_is_due_until_it_was_read<B: Backend>(w: &World<B>) {
    let call = receipt(w, SourceId::from_uuid(fresh()));
    w.create(Record::Receipt(call.clone())).await;
    let subject = DueSubject::Receipt { source: call.source, receipt: call.id };
    let wake = Wake { at: w.now(), set_at: w.now(), sent: true };
    assert_eq!(due(w).await, [DueRef { tenant: w.tenant, subject, wake }]);
    let old = w.store.receipt(w.tenant, call.source, call.id).await.unwrap().unwrap();
    let read = call.read(Reading { at: w.now(), events: 1, unknown: 0 });
    w.commit([Write::replace(&old, Record::Receipt(read))]).await.unwrap();
    assert_eq!(due(w).await, []);
}

pub(crate) async fn an_account_is_found_when_it_is_to_be_asked_while_it_has_a_source<B: Backend>(w: &World<B>) {
    let (account, source) = (AccountId::from_uuid(fresh()), SourceId::from_uuid(fresh()));
    let asking = Asking::of((w.tenant, account), platform(), source, 15, w.now());
    w.create(Record::Asking(Box::new(asking.clone()))).await;
    let found = async || {
        let mut all = Vec::new();
        for shard in 0..DUE_SHARDS {
            let page = w.store.ahead(shard, w.now(), None).await.unwrap();
            all.extend(page.items.into_iter().filter(|due| due.tenant == w.tenant).map(|due| due.subject));
        }
        all
    };
    assert_eq!(found().await, [DueSubject::Asking(account)]);
    assert_eq!(due(w).await, [], "no tick wakes it");
    let old = w.store.asking(w.tenant, account).await.unwrap().unwrap();
    assert_eq!(old.value, asking);
    assert_eq!(w.store.askings(w.tenant).await.unwrap()[0].value, asking);
    w.commit([Write::replace(&old, Record::Asking(Box::new(asking.taken(w.now()))))]).await.unwrap();
    assert_eq!(found().await, [], "a worker has it");
    let held = w.store.asking(w.tenant, account).await.unwrap().unwrap();
    w.commit([Write::replace(&held, Record::Asking(Box::new(held.value.ended())))]).await.unwrap();
    assert_eq!(found().await, []);
    assert!(w.store.asking(TenantId::from_uuid(fresh()), account).await.unwrap().is_none());
}

pub(crate) async fn what_came_in_at_a_source_is_listed_newest_first<B: Backend>(w: &World<B>) {
    let source = SourceId::from_uuid(fresh());
    let mut ids = Vec::new();
    for _ in 0..5 {
        let event = incoming(w, source);
        ids.insert(0, event.id);
        w.create(Record::Incoming(event)).await;
        w.clock.forward(1);
    }
    w.create(Record::Incoming(incoming(w, SourceId::from_uuid(fresh())))).await;
    let (mut walked, mut cursor) = (Vec::new(), None);
    loop {
        let page = w.store.all_incoming(w.tenant, source, cursor.as_deref(), 2).await.unwrap();
        walked.extend(page.items.into_iter().map(|event| event.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(walked, ids);
}

#[tokio::test]
async fn a_call_is_forgotten_eight_days_after_it_was_read_and_never_before_it_was() {
    let clock = Turned::at_start();
    let memory = Memory::new(Arc::clone(&clock) as _);
    let w = World::new(memory, clock, counted());
    let call = receipt(&w, SourceId::from_uuid(fresh()));
    w.create(Record::Receipt(call.clone())).await;
    let ttl = || w.store.backend().items(Table::Core).iter().find(|item| item.kind == "receipt").unwrap().ttl;
    assert_eq!(ttl(), None);
    w.clock.forward(30 * 86_400);
    let old = w.store.receipt(w.tenant, call.source, call.id).await.unwrap().unwrap();
    let read = call.read(Reading { at: w.now(), events: 1, unknown: 0 });
    w.commit([Write::replace(&old, Record::Receipt(read))]).await.unwrap();
    assert_eq!(ttl(), Some(w.in_s(8 * 86_400).as_second()));
}

/// What one event tells of something said in the conversation `thread`.
fn told<B: Backend>(w: &World<B>, thread: &str, what: What) -> Interaction {
    let incoming = Incoming { what, ..incoming(w, SourceId::from_uuid(fresh())) };
    let told = Interaction::told(InteractionId::from_uuid(fresh()), &incoming, None).unwrap();
    Interaction { thread: thread.into(), ..told }
}

/// All that stands so, two at a time.
async fn in_box<B: Backend>(w: &World<B>, state: InboxState) -> Vec<Interaction> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = w.store.inbox(w.tenant, state, cursor.as_deref(), 2).await.unwrap();
        all.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

pub(crate) async fn what_was_said_is_found_where_it_stands_and_in_its_conversation<B: Backend>(w: &World<B>) {
    let thread = format!("{:032x}", fresh().as_u128());
    let said = |id: &str| Said { external_id: id.into(), text: Some("Grüße 👋".into()), ..Said::default() };
    let mut comments = Vec::new();
    for n in 0..3 {
        let one = told(w, &thread, What::Comment(said(&format!("c{n}"))));
        w.create(Record::Interaction(Box::new(one.clone()))).await;
        w.clock.forward(1);
        comments.insert(0, one);
    }
    let other = told(w, "another", What::Message(said("m")));
    w.create(Record::Interaction(Box::new(other.clone()))).await;
    for n in 0..3 {
        w.create(Record::Interaction(Box::new(told(w, &thread, What::Reaction(said(&format!("l{n}"))))))).await;
    }
    let ids = |all: &[Interaction]| all.iter().map(|one| one.id).collect::<Vec<_>>();
    let boxed = async |state| in_box(w, state).await;
    let newest = [vec![other], comments.clone()].concat();
    assert_eq!(boxed(InboxState::Open).await, newest, "with all that it says, and without reactions");
    let conversation = async |limit| w.store.conversation(w.tenant, &thread, limit).await.unwrap();
    assert_eq!((conversation(50).await, conversation(2).await), (ids(&comments), ids(&comments[..2])));
    let reactions = async |most| w.store.reactions(w.tenant, &thread, most).await.unwrap();
    assert_eq!((reactions(1_000).await, reactions(2).await), (3, 2));

    let id = comments[1].id;
    let old = w.store.interaction(w.tenant, id).await.unwrap().unwrap();
    let done = Some(Done { at: w.now(), by: MemberId::from_uuid(fresh()) });
    let next = Interaction { done, ..old.value.clone() };
    w.commit([Write::replace(&old, Record::Interaction(Box::new(next.clone())))]).await.unwrap();
    assert_eq!((boxed(InboxState::Done).await, boxed(InboxState::Open).await.len()), (vec![next], 3));
    let old = w.store.interaction(w.tenant, id).await.unwrap().unwrap();
    let gone = Said { change: Changed::Removed, ..said("c1") };
    let gone = old.value.clone().merged(&told(w, &thread, What::Comment(gone)));
    w.commit([Write::replace(&old, Record::Interaction(Box::new(gone)))]).await.unwrap();
    assert_eq!(conversation(50).await, [comments[0].id, comments[2].id]);
    assert_eq!(ids(&boxed(InboxState::Done).await), [id]);

    let foreign = TenantId::from_uuid(fresh());
    assert!(w.store.interaction(foreign, id).await.unwrap().is_none());
    assert!(w.store.inbox(foreign, InboxState::Open, None, 10).await.unwrap().items.is_empty());
    assert!(w.store.conversation(foreign, &thread, 10).await.unwrap().is_empty());
    assert_eq!(w.store.reactions(foreign, &thread, 10).await.unwrap(), 0);
}

#[tokio::test]
async fn a_reaction_is_forgotten_after_ninety_days_and_what_was_said_never_by_itself() {
    let clock = Turned::at_start();
    let w = World::new(Memory::new(Arc::clone(&clock) as _), clock, counted());
    let said = || Said { external_id: "x".into(), ..Said::default() };
    for what in [What::Comment(said()), What::Mention(said()), What::Message(said()), What::Reaction(said())] {
        w.create(Record::Interaction(Box::new(told(&w, "t", what)))).await;
    }
    let mut ttls: Vec<_> = w.store.backend().items(Table::Core).iter().map(|item| item.ttl).collect();
    ttls.sort();
    assert_eq!(ttls, [None, None, None, Some(w.in_s(90 * 86_400).as_second())]);
}
