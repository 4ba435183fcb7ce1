//! What a commit promises.

use crate::fixtures::{World, fresh, reply};
use domain::accounts::Account;
use domain::platform::{Quota, QuotaScope};
use domain::publishing::{ApprovalRule, Asking, Engagement, Gate, Governor, Rules, SlotPlan};
use domain::{AccountId, PlatformId, TenantId};
use futures_util::future::join_all;
use ports::{
    Access, Accounts, Audit, Endpoints, Expect, Idempotency, IdempotencyRecord, Posts, Record, Slot, StoreError,
    SweepMark, UnitOfWork, Versioned, Write,
};
use store::{Backend, Change, Condition, Op, Table};

pub(crate) async fn a_record_is_created_only_once<B: Backend>(w: &World<B>) {
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let again = w.commit([Write::create(Record::Account(account.clone()))]).await;
    assert_eq!(again, Err(StoreError::Conflict { index: 0 }));
    let found = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    assert_eq!(found, Versioned { value: account, rev: 1, unsent: vec![] });
}

pub(crate) async fn a_stale_revision_is_refused_and_the_conflict_names_the_write<B: Backend>(w: &World<B>) {
    let (a, b) = (w.account(), w.account());
    w.create(Record::Account(a.clone())).await;
    w.create(Record::Account(b.clone())).await;
    let old_b = w.store.account(w.tenant, b.id).await.unwrap().unwrap();
    w.commit([Write::replace(&old_b, Record::Account(b.clone()))]).await.unwrap();
    assert_eq!(w.store.account(w.tenant, b.id).await.unwrap().unwrap().rev, 2);

    let lone = w.commit([Write::replace(&old_b, Record::Account(b.clone()))]).await;
    assert_eq!(lone, Err(StoreError::Conflict { index: 0 }));
    let old_a = w.store.account(w.tenant, a.id).await.unwrap().unwrap();
    let both = [Write::replace(&old_a, Record::Account(a)), Write::replace(&old_b, Record::Account(b))];
    assert_eq!(w.commit(both).await, Err(StoreError::Conflict { index: 1 }));
}

pub(crate) async fn a_transaction_is_all_or_nothing<B: Backend>(w: &World<B>) {
    let (post, delivery) = (w.post(w.in_s(60)), w.delivery(w.in_s(60)));
    let key = w.idempotency("all", 60);
    let writes = || {
        [
            Write::create(Record::Post(post.clone())),
            Write::create(Record::Delivery(delivery.clone())),
            Write::create(Record::Idempotency(key.clone())),
            Write::create(Record::Audit(w.audit_entry())),
        ]
    };
    w.create(Record::Delivery(delivery.clone())).await;
    assert_eq!(w.commit(writes()).await, Err(StoreError::Conflict { index: 1 }));
    assert_eq!(w.store.post(w.tenant, post.id).await.unwrap(), None);
    assert_eq!(w.store.audit(w.tenant, None, 5).await.unwrap().items, []);

    let old = w.store.delivery(w.tenant, delivery.post, delivery.account).await.unwrap().unwrap();
    w.commit([Write::delete(&old, Record::Delivery(delivery.clone()))]).await.unwrap();
    w.commit(writes()).await.unwrap();
    assert_eq!(w.store.post(w.tenant, post.id).await.unwrap().unwrap().value, post);
    assert_eq!(w.store.deliveries(w.tenant, delivery.post).await.unwrap()[0].value, delivery);
    assert!(w.store.remembered(w.tenant, &key.route, &key.key, w.now()).await.unwrap().is_some());
    assert_eq!(w.store.audit(w.tenant, None, 5).await.unwrap().items.len(), 1);
}

pub(crate) async fn writes_that_leave_together_are_made_each_by_itself<B: Backend>(w: &World<B>) {
    let create = |account: &Account| Write::create(Record::Account(account.clone()));
    let (known, twice, told) = (w.account(), w.account(), w.account());
    w.create(Record::Account(known.clone())).await;
    let old = w.store.account(w.tenant, known.id).await.unwrap().unwrap();
    // More than one request takes.
    let others: Vec<Account> = (0..30).map(|_| w.account()).collect();
    let first =
        [create(&others[0]), create(&known), create(&twice), create(&twice), create(&told).telling([w.event()])];
    let writes: Vec<Write> = first.into_iter().chain(others[1..].iter().map(create)).collect();
    let (asked, done) = (writes.len(), join_all(w.store.commit_each(writes).await).await);
    assert_eq!(done.len(), asked);
    for (n, done) in done.into_iter().enumerate() {
        match n {
            1 | 3 => assert_eq!(done.unwrap_err(), StoreError::Conflict { index: 0 }, "{n}"),
            _ => assert_eq!(done.unwrap().outbox.len(), usize::from(n == 4), "{n}"),
        }
    }
    for account in others.iter().chain([&known, &twice, &told]) {
        assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().rev, 1);
    }
    let mixed = [Write::replace(&old, Record::Account(known.clone())), create(&known), create(&w.account())];
    let done = join_all(w.store.commit_each(mixed.into()).await).await;
    assert_eq!(done.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert!(w.store.commit_each(Vec::new()).await.is_empty());
}

pub(crate) async fn a_deleted_record_is_gone_and_only_at_its_revision<B: Backend>(w: &World<B>) {
    let consent = w.consent();
    let record = |hash: &str| Record::Consent(hash.into(), consent.clone());
    let hash = w.tenant.to_string();
    w.create(record(&hash)).await;
    let stale = w.store.consent(&hash).await.unwrap().unwrap();
    w.commit([Write::replace(&stale, record(&hash))]).await.unwrap();
    let found = w.store.consent(&hash).await.unwrap().unwrap();
    let refused = w.commit([Write::delete(&stale, record(&hash))]).await;
    assert_eq!(refused, Err(StoreError::Conflict { index: 0 }));
    w.commit([Write::delete(&found, record(&hash))]).await.unwrap();
    assert_eq!(w.store.consent(&hash).await.unwrap(), None);
    let twice = w.commit([Write::delete(&found, record(&hash))]).await;
    assert_eq!(twice, Err(StoreError::Conflict { index: 0 }), "read by deleting: only one deletion succeeds");
}

pub(crate) async fn a_write_without_condition_makes_older_revisions_stale<B: Backend>(w: &World<B>) {
    let gate = Gate::new(w.tenant, AccountId::from_uuid(fresh()));
    w.commit([Write::put(Record::Gate(gate.clone()))]).await.unwrap();
    let first = w.store.gate(w.tenant, gate.account).await.unwrap().unwrap();
    w.clock.forward(1);
    w.commit([Write::put(Record::Gate(gate.clone()))]).await.unwrap();
    let stale = w.commit([Write::replace(&first, Record::Gate(gate.clone()))]).await;
    assert_eq!(stale, Err(StoreError::Conflict { index: 0 }));
    let second = w.store.gate(w.tenant, gate.account).await.unwrap().unwrap();
    w.commit([Write::replace(&second, Record::Gate(gate))]).await.unwrap();
}

pub(crate) async fn a_commit_of_too_many_records_or_of_one_twice_is_refused<B: Backend>(w: &World<B>) {
    let many: Vec<Write> = (0..101).map(|_| Write::create(Record::Account(w.account()))).collect();
    assert!(matches!(w.commit(many).await, Err(StoreError::Corrupt(_))));
    assert_eq!(w.store.accounts(w.tenant).await.unwrap(), []);
    let account = w.account();
    let twice = [Write::create(Record::Account(account.clone())), Write::create(Record::Account(account))];
    assert!(matches!(w.commit(twice).await, Err(StoreError::Corrupt(_))));
    assert_eq!(w.store.accounts(w.tenant).await.unwrap(), []);
    let most: Vec<Write> = (0..100).map(|_| Write::create(Record::Account(w.account()))).collect();
    w.commit(most).await.unwrap();
    assert_eq!(w.store.accounts(w.tenant).await.unwrap().len(), 100);
}

pub(crate) async fn an_expired_record_counts_as_absent_and_its_late_holder_cannot_write<B: Backend>(w: &World<B>) {
    let first = w.idempotency("k", 60);
    w.create(Record::Idempotency(first.clone())).await;
    let held = w.store.remembered(w.tenant, &first.route, "k", w.now()).await.unwrap().unwrap();
    w.clock.forward(59);
    let early = w.commit([Write::create(Record::Idempotency(w.idempotency("k", 60)))]).await;
    assert_eq!(early, Err(StoreError::Conflict { index: 0 }));

    w.clock.forward(1);
    let second = w.idempotency("k", 60);
    // In a transaction too, and the effect beside it commits once.
    let account = w.account();
    let writes = [Write::create(Record::Account(account.clone())), Write::create(Record::Idempotency(second.clone()))];
    w.commit(writes).await.unwrap();
    assert!(w.store.account(w.tenant, account.id).await.unwrap().is_some());
    let late = Write::replace(&held, Record::Idempotency(IdempotencyRecord { reply: Some(reply()), ..first.clone() }));
    assert_eq!(w.commit([late]).await, Err(StoreError::Conflict { index: 0 }));
    let freed =
        Write { record: Record::Idempotency(first), expect: Expect::Rev(held.rev), delete: true, events: vec![] };
    assert_eq!(w.commit([freed]).await, Err(StoreError::Conflict { index: 0 }));
    let now = w.store.remembered(w.tenant, &second.route, "k", w.now()).await.unwrap().unwrap();
    assert_eq!(now.value, second);

    w.clock.forward(60);
    w.create(Record::Idempotency(w.idempotency("k", 60))).await;
}

pub(crate) async fn a_remembered_answer_is_forgotten_when_it_expires<B: Backend>(w: &World<B>) {
    let record = IdempotencyRecord { reply: Some(reply()), ..w.idempotency("a#b/ü", 60) };
    w.create(Record::Idempotency(record.clone())).await;
    let ask = |at| w.store.remembered(w.tenant, &record.route, "a#b/ü", at);
    assert_eq!(ask(w.in_s(59)).await.unwrap().unwrap().value, record);
    assert_eq!(ask(w.in_s(60)).await.unwrap(), None);
    assert_eq!(w.store.remembered(w.tenant, "POST /other", "a#b/ü", w.now()).await.unwrap(), None);
}

pub(crate) async fn the_audit_log_is_only_appended_to<B: Backend>(w: &World<B>) {
    let mut entries = Vec::new();
    for _ in 0..3 {
        let entry = w.audit_entry();
        w.create(Record::Audit(entry.clone())).await;
        w.clock.forward(1);
        entries.insert(0, entry);
    }
    let record = Record::Audit(entries[0].clone());
    for (expect, delete) in [(Expect::Rev(1), false), (Expect::Anything, false), (Expect::Rev(1), true)] {
        let write = Write { record: record.clone(), expect, delete, events: vec![] };
        assert!(matches!(w.commit([write]).await, Err(StoreError::Corrupt(_))));
    }
    let page = w.store.audit(w.tenant, None, 2).await.unwrap();
    assert_eq!(page.items, entries[..2]);
    let rest = w.store.audit(w.tenant, page.next.as_deref(), 2).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next), (&entries[2..], None));
}

/// Rewrites the stored item of `account` behind the store's back.
async fn tamper<B: Backend>(w: &World<B>, account: AccountId, change: impl FnOnce(&mut store::Item)) {
    let tenant = w.tenant.uuid().simple();
    let key = store::Key { pk: format!("T#{tenant}"), sk: format!("ACC#{}", account.uuid().simple()) };
    let mut item = w.store.backend().get(Table::Core, &key).await.unwrap().value.unwrap();
    change(&mut item);
    let write = Change { table: Table::Core, op: Op::Put(Box::new(item)), condition: Condition::Nothing };
    w.store.backend().write(&write).await.unwrap();
}

pub(crate) async fn a_record_that_cannot_be_read_is_corrupt_and_no_panic<B: Backend>(w: &World<B>) {
    let secret = "hunter2";
    for doc in ["", "{", "null", "[1,2]", "{\"id\":\"hunter2\"}", "\u{1}hunter2"] {
        let account = w.account();
        w.create(Record::Account(account.clone())).await;
        tamper(w, account.id, |item| doc.clone_into(&mut item.doc)).await;
        let one = w.store.account(w.tenant, account.id).await;
        let Err(StoreError::Corrupt(why)) = one else { panic!("{doc}: {one:?}") };
        assert!(!why.contains(secret), "errors do not quote what is stored: {why}");
        assert!(matches!(w.store.accounts(w.tenant).await, Err(StoreError::Corrupt(_))));
    }
}

pub(crate) async fn a_record_of_a_newer_version_is_not_guessed_at<B: Backend>(w: &World<B>) {
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    tamper(w, account.id, |item| item.schema = 99).await;
    assert!(matches!(w.store.account(w.tenant, account.id).await, Err(StoreError::Corrupt(_))));
}

/// A platform that no other test knows: what all tenants share has no tenant in its key.
fn unheard_of() -> PlatformId {
    fresh().simple().to_string().parse().unwrap()
}

pub(crate) async fn every_kind_of_record_comes_back_as_it_was_stored<B: Backend>(w: &World<B>) {
    let (tenant, member, key, session) = (w.tenant_record(), w.member(), w.api_key(), w.session());
    let (account, consent, post, delivery) = (w.account(), w.consent(), w.post(w.in_s(9)), w.delivery(w.in_s(9)));
    let (media, gate, endpoint) = (w.media(), Gate::new(w.tenant, account.id), w.endpoint());
    let message = w.message(endpoint.id, None);
    let (approval, rules) =
        (w.approval(post.id, w.in_s(60)), Rules { approval: ApprovalRule::Editors, ..Rules::none(w.tenant) });
    let mut governor = Governor::new(unheard_of(), w.now());
    let quota = Quota::new("day", QuotaScope::App, 100, 86_400);
    for (n, waited) in [(60, false), (60, false), (3, true)] {
        let _ = governor.meters.ask(&[&quota], Asking { who: "a", n, waited }, w.now());
    }
    let hash = w.tenant.to_string();
    let records = [
        Record::Tenant(tenant.clone()),
        Record::Member(member.clone()),
        Record::ApiKey(key.clone()),
        Record::Session(session.clone()),
        Record::Account(account.clone()),
        Record::Consent(hash.clone(), consent.clone()),
        Record::Post(post.clone()),
        Record::Delivery(delivery.clone()),
        Record::Approval(approval.clone()),
        Record::Rules(rules.clone()),
        Record::Media(media.clone()),
        Record::Gate(gate.clone()),
        Record::Governor(governor.clone()),
        Record::Endpoint(endpoint.clone()),
        Record::WebhookMessage(message.clone()),
    ];
    w.commit(records.map(Write::create)).await.unwrap();
    let (s, t) = (&w.store, w.tenant);
    assert_eq!(s.tenant(t).await.unwrap().unwrap().value, tenant);
    assert_eq!(s.member(t, member.id).await.unwrap().unwrap().value, member);
    assert_eq!(s.key(t, key.id).await.unwrap().unwrap().value, key);
    assert_eq!(s.session(t, session.id).await.unwrap().unwrap().value, session);
    assert_eq!(s.account(t, account.id).await.unwrap().unwrap().value, account);
    assert_eq!(s.consent(&hash).await.unwrap().unwrap().value, consent);
    assert_eq!(s.post(t, post.id).await.unwrap().unwrap().value, post);
    assert_eq!(s.delivery(t, delivery.post, delivery.account).await.unwrap().unwrap().value, delivery);
    assert_eq!(s.approval(t, post.id).await.unwrap().unwrap().value, approval);
    assert_eq!(s.rules(t).await.unwrap().unwrap().value, rules);
    assert_eq!(s.media(t, media.id).await.unwrap().unwrap().value, media);
    assert_eq!(s.gate(t, account.id).await.unwrap().unwrap().value, gate);
    assert_eq!(s.governor(&governor.platform).await.unwrap().unwrap().value, governor);
    assert!(s.governor(&unheard_of()).await.unwrap().is_none());
    assert_eq!(s.endpoint(t, endpoint.id).await.unwrap().unwrap().value, endpoint);
    assert_eq!(s.message(t, endpoint.id, message.event).await.unwrap().unwrap().value, message);

    // The two records that exist once.
    let before = s.bootstrapped().await.unwrap();
    let first = w.commit([Write::create(Record::Bootstrapped(t))]).await;
    assert_eq!(first.is_ok(), before.is_none());
    assert_eq!(s.bootstrapped().await.unwrap(), before.or(Some(t)));
    let mark = SweepMark { swept_at: w.now(), until: w.in_s(120) };
    w.commit([Write::put(Record::Sweep(mark.clone()))]).await.unwrap();
    assert_eq!(ports::Due::sweep_mark(s).await.unwrap(), Some(mark));
}

pub(crate) async fn a_foreign_tenant_sees_nothing<B: Backend>(w: &World<B>) {
    let (member, key, session, account) = (w.member(), w.api_key(), w.session(), w.account());
    let (post, delivery, media, endpoint) = (w.post(w.now()), w.delivery(w.now()), w.media(), w.endpoint());
    let (message, idempotency, series) = (w.message(endpoint.id, None), w.idempotency("k", 60), w.series());
    let plan = SlotPlan::standard(w.tenant, account.id, "Europe/Berlin".into());
    let engagement = Engagement::asked_first(w.tenant, account.id, account.platform.clone(), w.now());
    let records = [
        Record::Member(member.clone()),
        Record::ApiKey(key.clone()),
        Record::Session(session.clone()),
        Record::Account(account.clone()),
        Record::Post(post.clone()),
        Record::Delivery(delivery.clone()),
        Record::Approval(w.approval(post.id, w.in_s(60))),
        Record::Rules(Rules::none(w.tenant)),
        Record::Series(Box::new(series.clone())),
        Record::Media(media.clone()),
        Record::Slot(Slot { tenant: w.tenant, at: w.in_s(60), post: post.id, taken: [].into(), free: false }),
        Record::SlotPlan(plan.clone()),
        Record::Engagement(engagement.clone()),
        Record::Gate(Gate::new(w.tenant, account.id)),
        Record::Endpoint(endpoint.clone()),
        Record::WebhookMessage(message.clone()),
        Record::Idempotency(idempotency.clone()),
        Record::Audit(w.audit_entry()),
    ];
    w.commit(records.map(Write::create)).await.unwrap();
    let (s, other) = (&w.store, TenantId::from_uuid(fresh()));
    assert!(s.tenant(other).await.unwrap().is_none());
    assert!(s.member(other, member.id).await.unwrap().is_none());
    assert!(s.members(other).await.unwrap().is_empty());
    assert!(s.key(other, key.id).await.unwrap().is_none());
    assert!(s.keys(other).await.unwrap().is_empty());
    assert!(s.session(other, session.id).await.unwrap().is_none());
    assert!(s.approval(other, post.id).await.unwrap().is_none());
    assert!(s.approvals(other, w.now(), None, 10).await.unwrap().items.is_empty());
    assert!(s.rules(other).await.unwrap().is_none());
    assert!(s.list_media(other, None, 10).await.unwrap().items.is_empty());
    assert!(s.account(other, account.id).await.unwrap().is_none());
    assert!(s.accounts(other).await.unwrap().is_empty());
    assert!(s.post(other, post.id).await.unwrap().is_none());
    assert!(s.delivery(other, delivery.post, delivery.account).await.unwrap().is_none());
    assert!(s.deliveries(other, delivery.post).await.unwrap().is_empty());
    assert!(s.list_posts(other, &ports::PostQuery { limit: 9, ..Default::default() }).await.unwrap().items.is_empty());
    assert!(s.attention(other, None, 9).await.unwrap().items.is_empty());
    assert!(s.parked(other, account.id).await.unwrap().is_empty());
    assert!(s.series(other, series.id).await.unwrap().is_none());
    assert!(s.all_series(other, None, 9).await.unwrap().items.is_empty());
    assert!(s.media(other, media.id).await.unwrap().is_none());
    assert!(s.gate(other, account.id).await.unwrap().is_none());
    assert!(s.slots(other, w.now(), 9).await.unwrap().is_empty());
    assert!(s.slot_plan(other, account.id).await.unwrap().is_none());
    assert!(s.engagement(other, account.id).await.unwrap().is_none());
    assert_eq!(s.engagement(w.tenant, account.id).await.unwrap().unwrap().value, engagement);
    assert_eq!(s.slot_plan(w.tenant, account.id).await.unwrap().unwrap().value, plan);
    assert!(s.endpoint(other, endpoint.id).await.unwrap().is_none());
    assert!(s.endpoints(other).await.unwrap().is_empty());
    assert!(s.message(other, endpoint.id, message.event).await.unwrap().is_none());
    assert!(s.messages(other, endpoint.id, ports::MessageSpan::default(), None, 9).await.unwrap().items.is_empty());
    assert!(s.remembered(other, &idempotency.route, "k", w.now()).await.unwrap().is_none());
    assert!(s.audit(other, None, 9).await.unwrap().items.is_empty());
}

pub(crate) async fn the_stores_clock_is_known_after_the_first_answer<B: Backend>(w: &World<B>) {
    w.store.tenant(w.tenant).await.unwrap();
    let read = w.store.store_now().unwrap();
    let committed = w.commit([Write::create(Record::Account(w.account()))]).await.unwrap();
    assert!(committed.store_now >= read);
    assert!(w.store.store_now().unwrap() >= committed.store_now);
}
