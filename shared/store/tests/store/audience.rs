//! Contacts and lists.

use crate::fixtures::{Turned, World, counted, fresh};
use domain::audience::{
    Address, AttributeKind, AttributeSet, AttributeValue, AudienceKey, Channel, Contact, ContactList, Decimal,
    NewConsent, OptIn, Person, Preferences, Segment, Suppression, SuppressionReason, contact_id, contact_shard,
};
use domain::{ContactId, ListId, SegmentId, TenantId};
use ports::{Audience, Record, StoreError, Write};
use std::sync::Arc;
use store::{Backend, Memory, Table};

fn person(n: u128) -> Person {
    Person::at(Address::parse(&format!("someone{n}@example.com")).unwrap())
}

/// A contact of this partition. Real ids are spread by a hash.
fn contact<B: Backend>(w: &World<B>, shard: u8) -> Contact {
    let n = fresh().as_u128();
    let mut mac = [0; 32];
    mac[..16].copy_from_slice(&n.rotate_right(64).to_be_bytes());
    mac[0] = shard << 4;
    Contact::new(contact_id(mac), w.tenant, person(n), w.now())
}

fn list<B: Backend>(w: &World<B>) -> ContactList {
    let (id, name) = (ListId::from_uuid(fresh()), "News".into());
    let description = "Once a month".into();
    ContactList { id, tenant: w.tenant, name, description, opt_in: OptIn::Double, created_at: w.now() }
}

fn full<B: Backend>(w: &World<B>, list: &ContactList) -> Contact {
    let mut contact = contact(w, 9);
    let consent =
        || NewConsent { wording: "2026-01".into(), source: "shop".into(), at: w.now(), ip: "2001:db8::7".parse().ok() };
    contact.subscribe(list, Some(consent()), true, w.now()).unwrap();
    contact.consent(Channel::Sms, None, consent());
    let evidence = Some("ticket 17".into());
    let complained = Suppression { reason: SuppressionReason::Complained, since: w.now(), evidence };
    contact.suppress(Channel::Voice, complained);
    contact.preferences.topics.insert("cats".into(), false);
    contact.preferences.off.insert(Channel::Push);
    contact.responses.clicks = 4;
    contact.responses.last_click_at = Some(w.now());
    let person = contact.person.as_mut().unwrap();
    person.given_name = Some("Ada".into());
    (person.zone, person.locale) = (Some("Europe/Berlin".into()), Some("de-CH".into()));
    person.tags.insert("vip".into());
    person.attributes = [
        ("text", AttributeValue::Text("Grüße 👋\nzwei".into())),
        ("whole", AttributeValue::Whole(i64::MIN)),
        ("decimal", AttributeValue::Decimal(Decimal::parse("-0.10").unwrap())),
        ("boolean", AttributeValue::Boolean(false)),
        ("date", AttributeValue::Date("2026-02-28".parse().unwrap())),
        ("list", AttributeValue::List(vec!["a".into(), String::new()])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    contact
}

pub(crate) async fn what_belongs_to_an_audience_comes_back_as_it_was_stored<B: Backend>(w: &World<B>) {
    let (s, t, list) = (&w.store, w.tenant, list(w));
    let contact = full(w, &list);
    let gone = self::contact(w, 3).erased(w.now());
    let key = AudienceKey { tenant: t, sealed: "sealed".into() };
    let kinds = AttributeKind::NAMES.map(|name| (name.to_owned(), serde_json::from_str(&format!("{name:?}")).unwrap()));
    let set = AttributeSet { tenant: t, kinds: kinds.into() };
    let rule = serde_json::json!({ "field": "tags", "operator": "contains", "value": "vip" });
    let segment =
        Segment { id: SegmentId::from_uuid(fresh()), tenant: t, name: "VIPs".into(), rule, created_at: w.now() };
    let records = [
        Record::AudienceKey(key.clone()),
        Record::AttributeSet(set.clone()),
        Record::Contact(Box::new(contact.clone())),
        Record::Contact(Box::new(gone.clone())),
        Record::ContactList(list.clone()),
        Record::Segment(segment.clone()),
    ];
    w.commit(records.map(Write::create)).await.unwrap();
    assert_eq!(s.audience_key(t).await.unwrap().unwrap().value, key);
    assert_eq!(s.attributes(t).await.unwrap().unwrap().value, set);
    assert_eq!(s.contact(t, contact.id).await.unwrap().unwrap().value, contact);
    assert_eq!(s.contact(t, gone.id).await.unwrap().unwrap().value, gone);
    assert_eq!(s.contact_list(t, list.id).await.unwrap().unwrap().value, list);
    assert_eq!(s.contact_lists(t).await.unwrap().remove(0).value, list);
    assert_eq!(s.segment(t, segment.id).await.unwrap().unwrap().value, segment);
    assert_eq!(s.segments(t).await.unwrap().remove(0).value, segment);
    let foreign = TenantId::from_uuid(fresh());
    assert!(s.audience_key(foreign).await.unwrap().is_none());
    assert!(s.attributes(foreign).await.unwrap().is_none());
    assert!(s.contact(foreign, contact.id).await.unwrap().is_none());
    assert!(s.contacts(foreign, contact_shard(contact.id), None, 10).await.unwrap().items.is_empty());
    assert!(s.suppressed(foreign, None, 10).await.unwrap().items.is_empty());
    assert!(s.contact_list(foreign, list.id).await.unwrap().is_none());
    assert!(s.segment(foreign, segment.id).await.unwrap().is_none());
    assert!(s.segments(foreign).await.unwrap().is_empty());
    assert!(s.contact_lists(foreign).await.unwrap().is_empty());
}

pub(crate) async fn everybody_of_a_partition_is_met_once_and_the_walk_goes_on_behind_anybody<B: Backend>(w: &World<B>) {
    let mut ids = Vec::new();
    for _ in 0..7 {
        let one = contact(w, 5);
        ids.push(one.id);
        w.create(Record::Contact(Box::new(one))).await;
    }
    w.create(Record::Contact(Box::new(contact(w, 4)))).await;
    w.create(Record::Contact(Box::new(contact(w, 6)))).await;
    ids.sort();
    let walk = async |mut after, limit| {
        let mut walked = Vec::new();
        loop {
            let page = w.store.contacts(w.tenant, 5, after, limit).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            walked.extend(page.items.iter().map(|found| found.value.id));
            after = page.next;
            if after.is_none() {
                return walked;
            }
        }
    };
    for limit in [1, 2, 3, 7, 50] {
        assert_eq!(walk(None, limit).await, ids, "{limit} at a time");
    }
    // Behind somebody who is not there, and behind somebody of another partition.
    let nobody = ContactId::from_uuid(uuid::Uuid::from_u128(ids[3].uuid().as_u128() - 1));
    let behind = async |after| walk(Some(after), 50).await;
    assert_eq!(behind(nobody).await, ids[3..]);
    assert_eq!(behind(ContactId::from_uuid(uuid::Uuid::nil())).await, ids);
    assert!(behind(ContactId::from_uuid(uuid::Uuid::max())).await.is_empty());
}

pub(crate) async fn who_is_left_alone_is_listed_until_nothing_keeps_them_so<B: Backend>(w: &World<B>) {
    let mut ids = Vec::new();
    for n in 0..5 {
        let mut one = contact(w, n);
        let suppression = Suppression { reason: SuppressionReason::Manual, since: w.now(), evidence: None };
        one.suppress(Channel::Sms, suppression);
        ids.insert(0, one.id);
        w.create(Record::Contact(Box::new(one))).await;
        w.create(Record::Contact(Box::new(contact(w, n)))).await;
        w.clock.forward(1);
    }
    let walk = async || {
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let page = w.store.suppressed(w.tenant, cursor.as_deref(), 2).await.unwrap();
            walked.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return walked;
            }
        }
    };
    assert_eq!(walk().await, ids);
    let old = w.store.contact(w.tenant, ids[2]).await.unwrap().unwrap();
    let free = Contact { suppressions: [].into(), ..old.value.clone() };
    w.commit([Write::replace(&old, Record::Contact(Box::new(free)))]).await.unwrap();
    ids.remove(2);
    assert_eq!(walk().await, ids);
}

pub(crate) async fn of_two_writers_of_one_contact_one_is_refused<B: Backend>(w: &World<B>) {
    let (one, list) = (contact(w, 1), list(w));
    w.create(Record::Contact(Box::new(one.clone()))).await;
    let read = w.store.contact(w.tenant, one.id).await.unwrap().unwrap();
    let mut left = read.value.clone();
    left.unsubscribe(list.id, w.now()).unwrap();
    w.commit([Write::replace(&read, Record::Contact(Box::new(left.clone())))]).await.unwrap();
    let late = w.commit([Write::replace(&read, Record::Contact(Box::new(one.clone())))]).await;
    assert_eq!(late.unwrap_err(), StoreError::Conflict { index: 0 });
    let twice = w.commit([Write::create(Record::Contact(Box::new(one.clone())))]).await;
    assert_eq!(twice.unwrap_err(), StoreError::Conflict { index: 0 });
    assert_eq!(w.store.contact(w.tenant, one.id).await.unwrap().unwrap().value, left);
}

#[tokio::test]
async fn an_ordinary_contact_is_written_for_one_unit_and_is_never_forgotten_by_itself() {
    let clock = Turned::at_start();
    let w = World::new(Memory::new(Arc::clone(&clock) as _), clock, counted());
    let list = list(&w);
    let contact = full(&w, &list);
    w.create(Record::Contact(Box::new(Contact { preferences: Preferences::default(), ..contact.clone() }))).await;
    w.create(Record::Contact(Box::new(self::contact(&w, 2)))).await;
    let items = w.store.backend().items(Table::Core);
    let sizes: Vec<usize> = items.iter().map(store::Item::bytes).collect();
    assert!(sizes[0] <= 400, "of whom only the address is known: {sizes:?}");
    assert!(sizes[1] <= 2 * 1024, "with one of everything: {sizes:?}");
    assert!(items.iter().all(|item| item.ttl.is_none()));
    assert!(items.iter().all(|item| !item.doc.contains("con_") && !item.doc.contains("ten_")), "the key has its ids");
}
