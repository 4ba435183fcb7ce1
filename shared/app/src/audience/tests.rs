use super::*;
use crate::Error;
use crate::accounts::{reseal, rotate_keys};
use crate::fakes::{World, once, scoped, shown};
use domain::access::{Caller, Permission, Role};
use domain::audience::{
    AttributeKind, Channel, Contact, ContactList, Exclusion, MailKind, NewConsent, OptIn, SubscriptionState,
    SuppressionReason,
};
use domain::{ContactId, ListId, TenantId};
use futures_util::FutureExt;
use ports::Versioned;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

async fn contact_of(w: &World, caller: &Caller, id: ContactId) -> Contact {
    w.deps.ledger.contact(caller.tenant, id).await.unwrap().unwrap().value
}

fn at(address: &str) -> NewContact {
    NewContact { address: address.into(), ..NewContact::default() }
}

/// Makes a contact, and tells its id.
async fn made(w: &World, caller: &Caller, key: &str, new: &NewContact) -> ContactId {
    let reply = create_contact(&w.deps, caller, new, &once(key), &encode).await;
    reply.unwrap().stored.body.parse().unwrap()
}

async fn list(w: &World, caller: &Caller, key: &str, opt_in: OptIn) -> ListId {
    let new = NewList { name: "News".into(), description: String::new(), opt_in };
    let encode = |made: &Versioned<ContactList>| shown(&made.value.id);
    create_list(&w.deps, caller, &new, &once(key), &encode).await.unwrap().stored.body.parse().unwrap()
}

fn yes(w: &World) -> NewConsent {
    NewConsent { wording: "2026-01".into(), source: "form".into(), at: w.deps.clock.now(), ip: None }
}

fn encode(found: &Versioned<Contact>) -> ports::StoredReply {
    shown(&found.value.id)
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result.unwrap_err() {
        Error::Conflict { code, .. } | Error::BadRequest { code, .. } => code,
        Error::NotFound(what) => what,
        Error::Forbidden(permission) => permission,
        Error::Invalid(all) => Box::leak(all[0].code.clone().into_boxed_str()),
        other => panic!("{other:?}"),
    }
}

fn may(contact: &Contact, lists: &[ListId]) -> Result<(), Exclusion> {
    contact.may_be_mailed(MailKind::Marketing, lists, contact.created_at)
}

#[tokio::test]
async fn every_spelling_of_an_address_finds_its_one_contact_and_a_second_is_not_made() {
    let w = World::new();
    let owner = w.owner(1).await;
    let id = made(&w, &owner, "1", &at("Ada.L@Example.COM")).await;
    for spelling in ["ada.l@example.com", " ADA.L@EXAMPLE.com ", "Ada.L@Example.COM"] {
        assert_eq!(find_contact(&w.deps, &owner, spelling).await.unwrap().value.id, id);
        let again = create_contact(&w.deps, &owner, &at(spelling), &once(spelling.trim()), &encode).await;
        assert_eq!(code(again), "contact_exists");
    }
    assert_eq!(contact_of(&w, &owner, id).await.person.unwrap().address.as_str(), "Ada.L@example.com");
    let other = made(&w, &owner, "2", &at("ada.m@example.com")).await;
    assert_ne!(other, id);
    assert_eq!(code(find_contact(&w.deps, &owner, "nobody@example.com").await), "contact");
}

#[tokio::test]
async fn the_same_request_makes_one_contact_and_is_answered_the_same() {
    let w = World::new();
    let owner = w.owner(1).await;
    let first = create_contact(&w.deps, &owner, &at("ada@example.com"), &once("k"), &encode).await.unwrap();
    let again = create_contact(&w.deps, &owner, &at("ada@example.com"), &once("k"), &encode).await.unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.stored, again.stored);
    assert_eq!(w.audited(owner.tenant).await, ["contact.made"]);
}

#[tokio::test]
async fn another_tenants_contact_is_not_there_and_has_another_id() {
    let w = World::new();
    let (owner, foreigner) = (w.owner(1).await, w.owner(2).await);
    let id = made(&w, &owner, "1", &at("ada@example.com")).await;
    let list = list(&w, &owner, "l", OptIn::Single).await;
    assert_eq!(code(contact(&w.deps, &foreigner, id).await), "contact");
    assert_eq!(code(find_contact(&w.deps, &foreigner, "ada@example.com").await), "contact");
    assert_eq!(code(erase_contact(&w.deps, &foreigner, id, &once("2"), &encode).await), "contact");
    assert_eq!(code(contact_list(&w.deps, &foreigner, list).await), "list");
    let new = NewContact { lists: vec![list], ..at("ada@example.com") };
    assert_eq!(code(create_contact(&w.deps, &foreigner, &new, &once("3"), &encode).await), "list_not_found");
    let theirs = made(&w, &foreigner, "4", &at("ada@example.com")).await;
    assert_ne!(theirs, id, "an id tells nothing to whoever knows the address");
    let none = ContactFilter::default();
    let page = contacts(&w.deps, &foreigner, &none, None, 100).await.unwrap();
    assert_eq!(page.items.iter().map(|one| one.id).collect::<Vec<_>>(), [theirs]);
}

#[tokio::test]
async fn whoever_was_forgotten_and_comes_back_with_a_file_stays_left_alone_until_somebody_says_why_not() {
    let w = World::new();
    let owner = w.owner(1).await;
    let news = list(&w, &owner, "l", OptIn::Single).await;
    let new = NewContact { lists: vec![news], consent: Some(yes(&w)), ..at("ada@example.com") };
    let id = made(&w, &owner, "1", &new).await;
    assert_eq!(may(&contact_of(&w, &owner, id).await, &[news]), Ok(()));
    erase_contact(&w.deps, &owner, id, &once("2"), &encode).await.unwrap();
    erase_contact(&w.deps, &owner, id, &once("3"), &encode).await.unwrap();
    for item in w.items() {
        let text = format!("{} {} {:?}", item.doc, item.key.pk, item.key.sk);
        assert!(!text.contains("ada@") && !text.contains("form"), "{text}");
    }
    let edited = edit_contact(&w.deps, &owner, id, 3, &ContactEdit::default(), &once("4"), &encode).await;
    assert_eq!(code(edited), "contact_erased");
    let put = SubscriptionChange::Subscribe { consent: None, confirmed: false };
    assert_eq!(
        code(change_subscription(&w.deps, &owner, (id, news), &put, &once("5"), &encode).await),
        "contact_erased"
    );

    assert_eq!(made(&w, &owner, "6", &NewContact { address: "ADA@example.com".into(), ..new }).await, id);
    assert_eq!(may(&contact_of(&w, &owner, id).await, &[news]), Err(Exclusion::ForgottenBefore));
    let lifted = |why: &str| LiftedFrom { who: Who::Contact(id), channel: Channel::Email, why: why.into() };
    assert_eq!(code(lift(&w.deps, &owner, &lifted(" "), &once("7"), &encode).await), "why_missing");
    lift(&w.deps, &owner, &lifted("signed up again, ticket 9"), &once("8"), &encode).await.unwrap();
    let back = contact_of(&w, &owner, id).await;
    assert_eq!(may(&back, &[news]), Ok(()));
    let kept = &back.lifted[&Channel::Email];
    assert_eq!(
        (kept.was.reason, kept.why.as_str(), kept.by),
        (SuppressionReason::Erased, "signed up again, ticket 9", owner.member)
    );
}

/// What one writer does while another has read a contact and not written it yet: the answer is made in between.
fn meanwhile<'a>(
    first: &'a AtomicBool,
    change: &'a (dyn Fn() + Sync),
) -> impl Fn(&Versioned<Contact>) -> ports::StoredReply + Sync + 'a {
    move |found| {
        if !first.swap(true, Ordering::SeqCst) {
            change();
        }
        shown(&found.value.id)
    }
}

#[tokio::test]
async fn whoever_leaves_a_list_while_an_attribute_of_theirs_is_changed_has_left_and_neither_is_lost() {
    let w = World::new();
    let owner = w.owner(1).await;
    let news = list(&w, &owner, "l", OptIn::Single).await;
    let id = made(&w, &owner, "1", &NewContact { lists: vec![news], ..at("ada@example.com") }).await;
    let city = || ContactEdit {
        person: PersonEdit { given_name: Some("Ada".into()), ..PersonEdit::default() },
        ..ContactEdit::default()
    };
    let leave = SubscriptionChange::Unsubscribe;

    // The edit comes while they leave: leaving is done again over it.
    let change = || {
        let edited = edit_contact(&w.deps, &owner, id, 1, &city(), &once("2"), &encode).now_or_never().unwrap();
        edited.unwrap();
    };
    let first = AtomicBool::new(false);
    let encode_meanwhile = meanwhile(&first, &change);
    change_subscription(&w.deps, &owner, (id, news), &leave, &once("3"), &encode_meanwhile).await.unwrap();
    let after = contact_of(&w, &owner, id).await;
    assert_eq!(after.subscriptions[&news].state, SubscriptionState::Unsubscribed);
    assert_eq!(after.person.unwrap().given_name.as_deref(), Some("Ada"));

    // They leave while the edit is made: the edit is refused, and they have left.
    let other = made(&w, &owner, "4", &NewContact { lists: vec![news], ..at("bob@example.com") }).await;
    let change = || {
        let once = once("5");
        let left = change_subscription(&w.deps, &owner, (other, news), &leave, &once, &encode);
        left.now_or_never().unwrap().unwrap();
    };
    let first = AtomicBool::new(false);
    let encode_meanwhile = meanwhile(&first, &change);
    let edited = edit_contact(&w.deps, &owner, other, 1, &city(), &once("6"), &encode_meanwhile).await;
    assert_eq!(code(edited), "changed_meanwhile");
    let after = contact_of(&w, &owner, other).await;
    assert_eq!(after.subscriptions[&news].state, SubscriptionState::Unsubscribed);
    assert_eq!(after.person.unwrap().given_name, None);
}

#[tokio::test]
async fn of_two_who_change_a_contact_at_once_one_is_told_to_read_again() {
    let w = World::new();
    let owner = w.owner(1).await;
    let id = made(&w, &owner, "1", &at("ada@example.com")).await;
    let named = |name: &str| ContactEdit {
        person: PersonEdit { given_name: Some(name.into()), ..PersonEdit::default() },
        ..ContactEdit::default()
    };
    edit_contact(&w.deps, &owner, id, 1, &named("Ada"), &once("2"), &encode).await.unwrap();
    assert_eq!(
        code(edit_contact(&w.deps, &owner, id, 1, &named("Eve"), &once("3"), &encode).await),
        "changed_meanwhile"
    );
    assert_eq!(contact_of(&w, &owner, id).await.person.unwrap().given_name.as_deref(), Some("Ada"));
    // Two who make the first contact at once: of two keys one is kept, and both ids are of it.
    let w = World::new();
    let owner = w.owner(1).await;
    let change = || {
        let (new, once) = (at("ADA@example.com"), once("b"));
        create_contact(&w.deps, &owner, &new, &once, &encode).now_or_never().unwrap().unwrap();
    };
    let first = AtomicBool::new(false);
    let encode_meanwhile = meanwhile(&first, &change);
    let made = create_contact(&w.deps, &owner, &at("ada@example.com"), &once("a"), &encode_meanwhile).await;
    assert_eq!(code(made), "contact_exists");
}

#[tokio::test]
async fn a_list_that_asks_has_nobody_on_it_before_they_said_yes_and_nobody_back_without() {
    let w = World::new();
    let owner = w.owner(1).await;
    let news = list(&w, &owner, "l", OptIn::Double).await;
    let id = made(&w, &owner, "1", &NewContact { lists: vec![news], ..at("ada@example.com") }).await;
    let change = async |key: &str, consent, confirmed| {
        let change = SubscriptionChange::Subscribe { consent, confirmed };
        change_subscription(&w.deps, &owner, (id, news), &change, &once(key), &encode).await
    };
    assert_eq!(may(&contact_of(&w, &owner, id).await, &[news]), Err(Exclusion::Unconfirmed));
    assert_eq!(code(change("2", None, true).await), "consent_missing");
    change("3", Some(yes(&w)), true).await.unwrap();
    assert_eq!(may(&contact_of(&w, &owner, id).await, &[news]), Ok(()));
    let early = yes(&w);
    w.clock.pass(60);
    let leave = SubscriptionChange::Unsubscribe;
    change_subscription(&w.deps, &owner, (id, news), &leave, &once("4"), &encode).await.unwrap();
    assert_eq!(code(change("5", None, false).await), "left_the_list");
    assert_eq!(code(change("6", Some(early), true).await), "left_the_list", "what they agreed to before they left");
    w.clock.pass(60);
    change("7", Some(yes(&w)), true).await.unwrap();
    assert_eq!(may(&contact_of(&w, &owner, id).await, &[news]), Ok(()));
    let future = NewConsent { at: w.deps.clock.now() + jiff::SignedDuration::from_hours(1), ..yes(&w) };
    assert_eq!(code(change("8", Some(future), true).await), "consent_invalid");
}

#[tokio::test]
async fn an_address_that_is_no_contact_is_left_alone_by_its_hash_and_still_is_once_it_is_one() {
    let w = World::new();
    let owner = w.owner(1).await;
    let new = |reason, evidence: &str| NewSuppression {
        who: Who::Address("Eve@example.com".into()),
        channel: Channel::Email,
        reason,
        evidence: evidence.into(),
    };
    let first = new(SuppressionReason::Complained, "letter of eve@example.com");
    suppress(&w.deps, &owner, &first, &once("1"), &encode).await.unwrap();
    assert!(w.items().iter().all(|item| !item.doc.to_lowercase().contains("eve")), "nothing says who it is");
    let weaker = new(SuppressionReason::Manual, "");
    suppress(&w.deps, &owner, &weaker, &once("2"), &encode).await.unwrap();
    assert_eq!(contacts(&w.deps, &owner, &ContactFilter::default(), None, 10).await.unwrap().items, []);
    let id = made(&w, &owner, "3", &at("eve@example.com")).await;
    assert_eq!(may(&contact_of(&w, &owner, id).await, &[]), Err(Exclusion::Complained));
    let all = suppressions(&w.deps, &owner, None, 10).await.unwrap();
    assert_eq!(all.items.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    let lifted = |why: &str| LiftedFrom { who: Who::Contact(id), channel: Channel::Email, why: why.into() };
    assert_eq!(code(lift(&w.deps, &owner, &lifted(""), &once("4"), &encode).await), "why_missing");
    lift(&w.deps, &owner, &lifted("asked us to, ticket 12"), &once("5"), &encode).await.unwrap();
    assert_eq!(code(lift(&w.deps, &owner, &lifted("x"), &once("6"), &encode).await), "not_suppressed");
    assert!(suppressions(&w.deps, &owner, None, 10).await.unwrap().items.is_empty());
    let erased = new(SuppressionReason::Erased, "");
    assert_eq!(code(suppress(&w.deps, &owner, &erased, &once("7"), &encode).await), "reason_invalid");
    let mut audited = w.audited(owner.tenant).await;
    audited.sort();
    assert_eq!(audited, ["contact.made", "contact.suppressed", "contact.suppressed", "contact.unsuppressed"]);
}

#[tokio::test]
async fn attributes_are_taken_as_they_are_declared_and_everything_wrong_is_told_at_once() {
    let w = World::new();
    let owner = w.owner(1).await;
    let kinds = [("age", AttributeKind::Whole), ("born", AttributeKind::Date), ("spent", AttributeKind::Decimal)];
    let kinds = kinds.map(|(name, kind)| (name.to_owned(), kind)).into();
    declare(&w.deps, &owner, 0, &kinds, &once("1"), &|_| shown(&())).await.unwrap();
    let other = [("age".to_owned(), AttributeKind::Text)].into();
    assert_eq!(code(declare(&w.deps, &owner, 1, &other, &once("2"), &|_| shown(&())).await), "attribute_kind_changed");
    assert_eq!(code(declare(&w.deps, &owner, 0, &kinds, &once("3"), &|_| shown(&())).await), "changed_meanwhile");
    let wrong = PersonEdit {
        zone: Some("Mars/Phobos".into()),
        locale: Some("english please".into()),
        tags: Some(vec![String::new()]),
        attributes: [
            ("age".to_owned(), json!("17")),
            ("born".to_owned(), json!("2026-02-30")),
            ("shoe".to_owned(), json!(42)),
            ("spent".to_owned(), json!(19.9)),
        ]
        .into(),
        given_name: Some("A\r\nBcc: x".into()),
        family_name: None,
    };
    let new = NewContact { person: wrong, ..at("a@example.com") };
    let refused = create_contact(&w.deps, &owner, &new, &once("4"), &encode).await;
    let Err(Error::Invalid(all)) = refused else { panic!("it is wrong") };
    let told: Vec<(&str, &str)> = all.iter().map(|one| (one.code.as_str(), one.field.as_str())).collect();
    assert_eq!(
        told,
        [
            ("name_invalid", "/given_name"),
            ("unknown_zone", "/zone"),
            ("locale_invalid", "/locale"),
            ("tag_invalid", "/tags"),
            ("attribute_invalid", "/attributes/age"),
            ("attribute_invalid", "/attributes/born"),
            ("unknown_attribute", "/attributes/shoe"),
            ("attribute_invalid", "/attributes/spent"),
        ]
    );
    let good = PersonEdit {
        locale: Some("PT-br".into()),
        attributes: [("age".to_owned(), json!(17)), ("spent".to_owned(), json!("19.90"))].into(),
        ..PersonEdit::default()
    };
    let id = made(&w, &owner, "5", &NewContact { person: good, ..at("a@example.com") }).await;
    let without = PersonEdit { attributes: [("age".to_owned(), json!(null))].into(), ..PersonEdit::default() };
    let edit = ContactEdit { person: without, preferences: None };
    edit_contact(&w.deps, &owner, id, 1, &edit, &once("6"), &encode).await.unwrap();
    let person = contact_of(&w, &owner, id).await.person.unwrap();
    assert_eq!(person.locale.as_deref(), Some("pt-BR"));
    assert_eq!(person.attributes.keys().collect::<Vec<_>>(), ["spent"]);
}

#[tokio::test]
async fn a_contact_keeps_its_id_when_the_key_ring_is_rotated_and_what_was_sealed_under_it_moves() {
    let w = World::new();
    let owner = w.owner(1).await;
    let id = made(&w, &owner, "1", &at("ada@example.com")).await;
    rotate_keys(&w.deps, &owner, &once("2"), &|_| shown(&())).await.unwrap();
    assert_eq!(find_contact(&w.deps, &owner, "ada@example.com").await.unwrap().value.id, id);
    assert_eq!(reseal(&w.deps, &owner).await.unwrap().endpoints, 1);
    assert_eq!(find_contact(&w.deps, &owner, "ada@example.com").await.unwrap().value.id, id);
    assert_eq!(reseal(&w.deps, &owner).await.unwrap().endpoints, 0);
}

#[tokio::test]
async fn contacts_are_paged_through_all_partitions_each_once_by_list_and_by_tag() {
    let w = World::new();
    let owner = w.owner(1).await;
    let news = list(&w, &owner, "l", OptIn::Single).await;
    let mut ids = Vec::new();
    for n in 0..40 {
        let tags = Some(if n % 2 == 0 { vec!["even".to_owned()] } else { Vec::new() });
        let person = PersonEdit { tags, ..PersonEdit::default() };
        let lists = if n % 4 == 0 { vec![news] } else { Vec::new() };
        let new = NewContact { person, lists, ..at(&format!("someone{n}@example.com")) };
        ids.push((made(&w, &owner, &n.to_string(), &new).await, n));
    }
    ids.sort();
    let walk = async |filter: &ContactFilter, limit| {
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let page = contacts(&w.deps, &owner, filter, cursor.as_deref(), limit).await.unwrap();
            walked.extend(page.items.iter().map(|one| one.id));
            cursor = page.next;
            if cursor.is_none() {
                return walked;
            }
        }
    };
    let wanted = |every: i32| ids.iter().filter(|(_, n)| n % every == 0).map(|(id, _)| *id).collect::<Vec<_>>();
    let (none, tag) = (ContactFilter::default(), ContactFilter { tag: Some("even".into()), list: None });
    let on = ContactFilter { list: Some(news), tag: None };
    for limit in [1, 7, 100] {
        assert_eq!(walk(&none, limit).await, wanted(1));
        assert_eq!(walk(&tag, limit).await, wanted(2));
        assert_eq!(walk(&on, limit).await, wanted(4));
    }
    assert_eq!(code(contacts(&w.deps, &owner, &none, Some("x"), 10).await), "bad_cursor");
}

#[tokio::test]
async fn who_only_reads_changes_nobody() {
    let w = World::new();
    let owner = w.owner(1).await;
    let viewer = w.member(1, 7, Role::Viewer).await;
    let id = made(&w, &owner, "1", &at("ada@example.com")).await;
    let list = list(&w, &owner, "l", OptIn::Single).await;
    assert_eq!(contact(&w.deps, &viewer, id).await.unwrap().value.id, id);
    for caller in [&viewer, &scoped(&owner, &[Permission::Read])] {
        let new = NewSuppression {
            who: Who::Contact(id),
            channel: Channel::Email,
            reason: SuppressionReason::Manual,
            evidence: String::new(),
        };
        let lifted = LiftedFrom { who: Who::Contact(id), channel: Channel::Email, why: String::new() };
        let leave = SubscriptionChange::Unsubscribe;
        let o = || once("k");
        assert_eq!(code(create_contact(&w.deps, caller, &at("b@example.com"), &o(), &encode).await), "publish");
        assert_eq!(code(edit_contact(&w.deps, caller, id, 1, &ContactEdit::default(), &o(), &encode).await), "publish");
        assert_eq!(code(erase_contact(&w.deps, caller, id, &o(), &encode).await), "publish");
        assert_eq!(code(change_subscription(&w.deps, caller, (id, list), &leave, &o(), &encode).await), "publish");
        assert_eq!(code(suppress(&w.deps, caller, &new, &o(), &encode).await), "publish");
        assert_eq!(code(lift(&w.deps, caller, &lifted, &o(), &encode).await), "publish");
        assert_eq!(code(remove_list(&w.deps, caller, list, &o(), &|_| shown(&())).await), "publish");
        assert_eq!(code(declare(&w.deps, caller, 0, &[].into(), &o(), &|_| shown(&())).await), "publish");
    }
    assert_eq!(contact_of(&w, &owner, id).await.suppressions, [].into());
    let absent = TenantId::from_uuid(Uuid::from_u128(9));
    assert!(w.deps.ledger.audience_key(absent).await.unwrap().is_none());
}

fn vips() -> Value {
    json!({ "all": [
        { "field": "tags", "operator": "contains", "value": "vip" },
        { "not": { "field": "attributes.age", "operator": "less", "value": 18 } },
    ] })
}

/// Forty contacts, of whom every second has the tag, every fourth is on the list, every eighth is a child, and one was forgotten.
async fn crowd(w: &World, owner: &Caller) {
    let kinds = [("age".to_owned(), AttributeKind::Whole)].into();
    declare(&w.deps, owner, 0, &kinds, &once("kinds"), &|_| shown(&())).await.unwrap();
    let news = list(w, owner, "l", OptIn::Single).await;
    for n in 0..40 {
        let tags = Some(if n % 2 == 0 { vec!["vip".to_owned()] } else { Vec::new() });
        let age = if n % 8 == 0 { 17 } else { 40 };
        let attributes = [("age".to_owned(), json!(age))].into();
        let person = PersonEdit { tags, attributes, ..PersonEdit::default() };
        let lists = if n % 4 == 0 { vec![news] } else { Vec::new() };
        let new = NewContact { person, lists, ..at(&format!("someone{n}@example.com")) };
        let id = made(w, owner, &n.to_string(), &new).await;
        if n == 38 {
            erase_contact(&w.deps, owner, id, &once("gone"), &encode).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_preview_counts_everybody_once_and_tells_who_of_them_may_not_be_mailed_and_why() {
    let w = World::new();
    let owner = w.owner(1).await;
    crowd(&w, &owner).await;
    let found = preview(&w.deps, &owner, &vips(), None).await.unwrap();
    // 20 have the tag, 5 of them are children, and one was forgotten; of the 14 left 5 are on the list.
    assert_eq!((found.seen, found.matched, found.mailable, found.next), (39, 14, 5, None));
    assert_eq!(found.excluded, [(Exclusion::NoConsent, 9)].into());
    assert_eq!(found.sample.len(), 10);
    let foreigner = w.owner(2).await;
    let tags = json!({ "field": "tags", "operator": "contains", "value": "vip" });
    assert_eq!(preview(&w.deps, &foreigner, &tags, None).await.unwrap().seen, 0);
}

#[tokio::test]
async fn a_preview_that_runs_out_of_time_says_how_far_it_counted_and_goes_on_from_there() {
    let w = World::new();
    let owner = w.owner(1).await;
    crowd(&w, &owner).await;
    let mut all = (0, 0);
    let (mut after, mut rounds) = (None, 0);
    loop {
        // Every look at the clock takes two seconds from here on.
        w.clock.hurry(2);
        let found = preview(&w.deps, &owner, &vips(), after).await.unwrap();
        w.clock.hurry(0);
        all = (all.0 + found.seen, all.1 + found.matched);
        (after, rounds) = (found.next, rounds + 1);
        if after.is_none() {
            break;
        }
    }
    assert!(rounds > 2, "{rounds}");
    assert_eq!(all, (39, 14), "each counted once");
}

#[tokio::test]
async fn a_segment_is_kept_only_with_a_rule_that_can_be_asked_and_is_changed_at_its_revision() {
    let w = World::new();
    let owner = w.owner(1).await;
    crowd(&w, &owner).await;
    let new = |rule| NewSegment { name: "VIPs".into(), rule };
    let encode = |made: &Versioned<domain::audience::Segment>| shown(&made.value.id);
    let absent = json!({ "field": "lists", "operator": "contains", "value": "lst_00000000000000000000000000000bad" });
    for (rule, wanted) in [
        (json!({ "field": "attributes.shoe", "operator": "is_set" }), "unknown_field_of_contacts"),
        (json!({ "field": "tags", "operator": "greater", "value": 1 }), "operator_invalid"),
        (json!({ "all": [] }), "segment_rule_invalid"),
        (absent, "list_not_found"),
    ] {
        assert_eq!(code(create_segment(&w.deps, &owner, &new(rule), &once("k"), &encode).await), wanted);
    }
    let made = create_segment(&w.deps, &owner, &new(vips()), &once("k"), &encode).await.unwrap();
    let id = made.stored.body.parse().unwrap();
    let edit = SegmentEdit { name: Some("Adults".into()), rule: None };
    edit_segment(&w.deps, &owner, id, 1, &edit, &once("edit"), &encode).await.unwrap();
    assert_eq!(code(edit_segment(&w.deps, &owner, id, 1, &edit, &once("late"), &encode).await), "changed_meanwhile");
    let kept = segment(&w.deps, &owner, id).await.unwrap().value;
    assert_eq!((kept.name.as_str(), kept.rule), ("Adults", vips()));
    let foreigner = w.owner(2).await;
    assert_eq!(code(segment(&w.deps, &foreigner, id).await), "segment");
    remove_segment(&w.deps, &owner, id, &once("remove"), &encode).await.unwrap();
    assert!(segments(&w.deps, &owner).await.unwrap().is_empty());
}
