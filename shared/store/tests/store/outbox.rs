//! What the outbox promises.

use crate::fixtures::World;
use domain::events::Event;
use ports::{Accounts, OUTBOX_SHARDS, Outbox, OutboxRef, Record, Versioned, Write};
use std::collections::BTreeSet;
use store::Backend;

/// Everything of this test's tenant that waits.
async fn waiting<B: Backend>(w: &World<B>) -> Vec<(OutboxRef, Vec<Event>)> {
    let mut found = Vec::new();
    for shard in 0..OUTBOX_SHARDS {
        found.extend(w.store.unsent(shard, w.in_s(3600), 400).await.unwrap());
    }
    found.retain(|(_, events)| events.iter().all(|event| event.tenant == w.tenant));
    found
}

pub(crate) async fn events_commit_with_their_record_and_wait_until_confirmed<B: Backend>(w: &World<B>) {
    let (account, events) = (w.account(), vec![w.event(), w.event()]);
    let write = || Write::create(Record::Account(account.clone())).telling(events.clone());
    let committed = w.commit([write()]).await.unwrap();
    assert_eq!(committed.outbox.len(), 1);
    assert_eq!(committed.outbox[0].1, events);
    assert_eq!(waiting(w).await, committed.outbox, "what the commit says is what lies there");
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().unsent, events);

    w.store.clear(&committed.outbox[0].0).await.unwrap();
    assert_eq!(waiting(w).await, []);
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().unsent, []);
    w.store.clear(&committed.outbox[0].0).await.unwrap();

    // A commit that does not happen tells nothing.
    w.commit([write()]).await.unwrap_err();
    assert_eq!(waiting(w).await, []);
}

pub(crate) async fn unsent_events_are_carried_on_by_the_next_change<B: Backend>(w: &World<B>) {
    let (account, first, second) = (w.account(), w.event(), w.event());
    w.commit([Write::create(Record::Account(account.clone())).telling([first.clone()])]).await.unwrap();
    let found = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    let write = Write::replace(&found, Record::Account(account)).telling([second.clone()]);
    let committed = w.commit([write]).await.unwrap();
    assert_eq!(committed.outbox[0].1, [first, second]);
    assert_eq!(waiting(w).await, committed.outbox);
}

pub(crate) async fn events_are_cleared_only_at_the_same_revision<B: Backend>(w: &World<B>) {
    let (account, event) = (w.account(), w.event());
    let first = w.commit([Write::create(Record::Account(account.clone())).telling([event.clone()])]).await.unwrap();
    let found = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    let second = w.commit([Write::replace(&found, Record::Account(account))]).await.unwrap();
    w.store.clear(&first.outbox[0].0).await.unwrap();
    assert_eq!(waiting(w).await, second.outbox, "the record has moved on and carries them");
    w.store.clear(&second.outbox[0].0).await.unwrap();
    assert_eq!(waiting(w).await, []);
}

pub(crate) async fn clearing_leaves_the_revision_as_it_is<B: Backend>(w: &World<B>) {
    let account = w.account();
    let write = Write::create(Record::Account(account.clone())).telling([w.event()]);
    let committed = w.commit([write]).await.unwrap();
    w.store.clear(&committed.outbox[0].0).await.unwrap();
    let found = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    assert_eq!(found, Versioned { value: account.clone(), rev: 1, unsent: vec![] });
    w.commit([Write::replace(&found, Record::Account(account))]).await.unwrap();
}

pub(crate) async fn a_deletion_tells_its_events_all_the_same<B: Backend>(w: &World<B>) {
    let (account, event) = (w.account(), w.event());
    w.create(Record::Account(account.clone())).await;
    let found = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    let gone = || Write::delete(&found, Record::Account(account.clone())).telling([event.clone()]);
    let committed = w.commit([gone()]).await.unwrap();
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap(), None);
    assert_eq!(waiting(w).await, committed.outbox);
    assert_eq!(committed.outbox[0].1, std::slice::from_ref(&event));
    w.store.clear(&committed.outbox[0].0).await.unwrap();
    assert_eq!(waiting(w).await, []);

    // The write's own place is named although its events take a second one.
    let conflict = w.commit([Write::create(Record::Account(w.account())), gone()]).await;
    assert_eq!(conflict, Err(ports::StoreError::Conflict { index: 1 }));
    assert_eq!(waiting(w).await, []);
}

pub(crate) async fn a_record_that_expires_tells_its_events_all_the_same<B: Backend>(w: &World<B>) {
    let write = Write::create(Record::Session(w.session())).telling([w.event()]);
    let committed = w.commit([write]).await.unwrap();
    assert_eq!(waiting(w).await, committed.outbox);
}

pub(crate) async fn events_spread_over_all_shards<B: Backend>(w: &World<B>) {
    let mut used = BTreeSet::new();
    for _ in 0..40 {
        w.commit([Write::create(Record::Account(w.account())).telling([w.event()])]).await.unwrap();
    }
    for shard in 0..OUTBOX_SHARDS {
        let found = w.store.unsent(shard, w.in_s(3600), 400).await.unwrap();
        used.extend(found.iter().filter(|(_, e)| e[0].tenant == w.tenant).map(|_| shard));
    }
    assert_eq!(used.len(), usize::from(OUTBOX_SHARDS));
}

pub(crate) async fn a_fresh_event_is_left_to_its_committer<B: Backend>(w: &World<B>) {
    let write = Write::create(Record::Account(w.account())).telling([w.event()]);
    w.commit([write]).await.unwrap();
    for shard in 0..OUTBOX_SHARDS {
        let found = w.store.unsent(shard, w.now(), 400).await.unwrap();
        assert!(found.iter().all(|(_, events)| events[0].tenant != w.tenant));
    }
}
