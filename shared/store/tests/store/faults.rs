//! Ambiguous writes on memory (faults F5 to F7): whatever is lost on the way, the store never says "done" of what was not
//! done, nor "nothing was written" of what was.

use crate::fixtures::{Turned, World, counted};
use jiff::SignedDuration;
use ports::{Accounts, Due, Posts, Record, StoreError, Write};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::{Call, Fault, Faults, Memory, Table};

/// Faults in the order they shall happen; then none. Reads and writes have lists of their own.
#[derive(Default)]
struct Script {
    writes: Mutex<VecDeque<Fault>>,
    reads: Mutex<VecDeque<Fault>>,
    lag_ms: AtomicI64,
}

impl Faults for Script {
    fn before(&self, call: Call<'_>) -> Fault {
        let list = if matches!(call, Call::Get(..) | Call::Query(_)) { &self.reads } else { &self.writes };
        list.lock().unwrap().pop_front().unwrap_or_default()
    }

    fn index_lag_ms(&self) -> i64 {
        self.lag_ms.load(Ordering::Relaxed)
    }
}

fn world() -> (World<Arc<Memory>>, Arc<Script>) {
    let (clock, script) = (Turned::at_start(), Arc::new(Script::default()));
    let memory = Memory::new(Arc::clone(&clock) as _).with_faults(Arc::clone(&script) as _);
    (World::new(Arc::new(memory), clock, counted()), script)
}

fn writes(script: &Script, faults: &[Fault]) {
    script.writes.lock().unwrap().extend(faults);
}

fn unavailable<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_recognised_as_done() {
    for fault in [Fault::LostAnswer, Fault::Repeated] {
        let (w, script) = world();
        let account = w.account();
        writes(&script, &[fault]);
        w.create(Record::Account(account.clone())).await;
        let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
        writes(&script, &[fault]);
        w.commit([Write::replace(&old, Record::Account(account.clone()))]).await.unwrap();
        writes(&script, &[fault]);
        let other = w.account();
        w.commit([Write::create(Record::Account(other)), Write::create(Record::Session(w.session()))]).await.unwrap();
    }
}

#[tokio::test]
async fn a_write_that_never_arrived_is_not_taken_for_done() {
    let (w, script) = world();
    let account = w.account();
    writes(&script, &[Fault::LostRequest]);
    unavailable(&w.commit([Write::create(Record::Account(account.clone()))]).await);
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap(), None);
}

#[tokio::test]
async fn losing_a_race_under_doubt_is_a_conflict_and_not_an_own_success() {
    let (w, script) = world();
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    w.commit([Write::replace(&old, Record::Account(account.clone()))]).await.unwrap();
    // The rival made revision 2; our attempts at it end in doubt.
    for fault in [Fault::LostRequest, Fault::LostAnswer, Fault::Repeated] {
        writes(&script, &[fault]);
        let lost = w.commit([Write::replace(&old, Record::Account(account.clone()))]).await;
        assert_eq!(lost, Err(StoreError::Conflict { index: 0 }), "{fault:?}");
    }
    let fine = || Write::create(Record::Session(w.session()));
    writes(&script, &[Fault::Repeated]);
    let lost = w.commit([fine(), Write::replace(&old, Record::Account(account.clone()))]).await;
    assert_eq!(lost, Err(StoreError::Conflict { index: 1 }));
}

#[tokio::test]
async fn when_others_may_have_built_upon_our_write_nothing_is_claimed() {
    let (w, script) = world();
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    for _ in 0..2 {
        let now = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
        w.commit([Write::replace(&now, Record::Account(account.clone()))]).await.unwrap();
    }
    writes(&script, &[Fault::Repeated]);
    unavailable(&w.commit([Write::replace(&old, Record::Account(account.clone()))]).await);
    // Without doubt the same is a plain conflict.
    let plain = w.commit([Write::replace(&old, Record::Account(account))]).await;
    assert_eq!(plain, Err(StoreError::Conflict { index: 0 }));
}

#[tokio::test]
async fn a_doubtful_write_that_cannot_be_looked_up_stays_open() {
    let (w, script) = world();
    writes(&script, &[Fault::LostAnswer]);
    script.reads.lock().unwrap().push_back(Fault::Refused);
    unavailable(&w.commit([Write::create(Record::Account(w.account()))]).await);
}

#[tokio::test]
async fn a_doubtful_deletion_stays_open_because_it_leaves_no_token() {
    let (w, script) = world();
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    writes(&script, &[Fault::LostAnswer]);
    unavailable(&w.commit([Write::delete(&old, Record::Account(account.clone()))]).await);
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_doubtful_deletion_beside_a_put_is_told_by_the_put() {
    let (w, script) = world();
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    writes(&script, &[Fault::LostAnswer]);
    let gone = Write::delete(&old, Record::Account(account.clone())).telling([w.event()]);
    let committed = w.commit([gone]).await.unwrap();
    assert_eq!(committed.outbox.len(), 1);
}

#[tokio::test]
async fn a_late_write_lands_only_if_its_condition_still_holds() {
    let (w, script) = world();
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    writes(&script, &[Fault::Late]);
    unavailable(&w.commit([Write::replace(&old, Record::Account(account.clone()))]).await);
    w.store.backend().land();
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().rev, 2);

    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    writes(&script, &[Fault::Late]);
    unavailable(&w.commit([Write::replace(&old, Record::Account(account.clone()))]).await);
    w.commit([Write::replace(&old, Record::Account(account.clone()))]).await.unwrap();
    let mine = w.store.backend().items(Table::Core);
    w.store.backend().land();
    assert_eq!(w.store.backend().items(Table::Core), mine);
}

#[tokio::test]
async fn a_transaction_in_the_way_is_waited_out_without_waiting() {
    let (w, script) = world();
    writes(&script, &[Fault::Busy; 3]);
    w.create(Record::Account(w.account())).await;
    writes(&script, &[Fault::Busy; 4]);
    unavailable(&w.commit([Write::create(Record::Account(w.account()))]).await);
    assert!(script.writes.lock().unwrap().is_empty(), "four attempts and no more");
}

#[tokio::test]
async fn a_throttled_write_is_unavailable_and_did_nothing() {
    let (w, script) = world();
    let account = w.account();
    writes(&script, &[Fault::Refused]);
    unavailable(&w.commit([Write::create(Record::Account(account.clone()))]).await);
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_taken_over_record_keeps_its_doubt_resolved() {
    let (w, script) = world();
    w.create(Record::Idempotency(w.idempotency("k", 60))).await;
    w.clock.forward(60);
    // The first attempt finds the expired record; the second, over it, loses its answer.
    writes(&script, &[Fault::None, Fault::LostAnswer]);
    w.create(Record::Idempotency(w.idempotency("k", 60))).await;
    assert_eq!(w.store.backend().items(Table::Ephemeral)[0].rev, 2);
}

#[tokio::test]
async fn a_stale_index_shows_the_past_and_the_table_the_present() {
    let (w, script) = world();
    let delivery = w.delivery(w.now());
    w.clock.forward(5);
    w.create(Record::Delivery(delivery.clone())).await;
    script.lag_ms.store(10_000, Ordering::Relaxed);
    let seen = async |w: &World<Arc<Memory>>| {
        let mut n = 0;
        for shard in 0..ports::DUE_SHARDS {
            n += w.store.due(shard, w.now() + SignedDuration::from_hours(1), None).await.unwrap().items.len();
        }
        n
    };
    assert_eq!(seen(&w).await, 0);
    assert!(w.store.delivery(w.tenant, delivery.post, delivery.account).await.unwrap().is_some());
    w.clock.forward(11);
    assert_eq!(seen(&w).await, 1);
    let old = w.store.delivery(w.tenant, delivery.post, delivery.account).await.unwrap().unwrap();
    let canceled = delivery.canceled(w.now()).unwrap().next;
    w.commit([Write::replace(&old, Record::Delivery(canceled))]).await.unwrap();
    assert_eq!(seen(&w).await, 1);
    w.clock.forward(11);
    assert_eq!(seen(&w).await, 0);
}

/// A small generator: the same seed, the same course.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Three writers append to one record, from revisions that are sometimes stale, while every kind of fault happens. In the
/// end the record tells which appends took effect, and each writer must have been told the truth about each of its own.
async fn course(seed: u64, answers: &mut [u64; 3]) {
    let (w, script) = world();
    let mut dice = Dice(seed);
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let mut held = vec![w.store.account(w.tenant, account.id).await.unwrap().unwrap(); 3];
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for step in 0..30 {
        let writer = usize::try_from(dice.below(3)).unwrap();
        if dice.below(3) > 0 {
            held[writer] = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
        }
        let fault = match dice.below(10) {
            0 => Fault::Refused,
            1 => Fault::Busy,
            2 => Fault::LostRequest,
            3 => Fault::LostAnswer,
            4 => Fault::Repeated,
            5 => Fault::Late,
            _ => Fault::None,
        };
        writes(&script, &[fault]);
        if dice.below(20) == 0 {
            script.reads.lock().unwrap().push_back(Fault::Refused);
        }
        let mut next = held[writer].value.clone();
        let mark = format!("{step}");
        next.scopes.push(mark.clone());
        let mut all = vec![Write::replace(&held[writer], Record::Account(next))];
        if dice.below(2) == 0 {
            all.push(Write::create(Record::Session(w.session())));
        }
        match w.commit(all).await {
            Ok(_) => done.push(mark),
            Err(StoreError::Conflict { index: 0 }) => refused.push(mark),
            Err(StoreError::Unavailable(_)) => answers[2] += 1,
            Err(other) => panic!("seed {seed}: {other}"),
        }
        script.writes.lock().unwrap().clear();
        script.reads.lock().unwrap().clear();
        if dice.below(4) == 0 {
            w.store.backend().land();
        }
    }
    w.store.backend().land();
    let end = w.store.account(w.tenant, account.id).await.unwrap().unwrap().value.scopes;
    for mark in &done {
        assert_eq!(end.iter().filter(|m| *m == mark).count(), 1, "seed {seed}: {mark} was called done");
    }
    assert!(refused.iter().all(|mark| !end.contains(mark)), "seed {seed}: one called refused took effect");
    answers[0] += u64::try_from(done.len()).unwrap();
    answers[1] += u64::try_from(refused.len()).unwrap();
}

#[tokio::test]
async fn in_two_thousand_courses_of_faults_nobody_is_told_an_untruth() {
    let mut answers = [0; 3];
    for seed in 0..2000 {
        course(seed, &mut answers).await;
    }
    assert!(answers.iter().all(|n| *n > 1000), "every kind of answer occurred: {answers:?}");
}
