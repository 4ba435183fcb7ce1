//! A process may die before or after any write: nothing is lost, and nothing counts twice.

use super::taken_back::{bird, left, marked, status_of};
use super::*;
use domain::accounts::AccountStatus;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Fault, Faults, Memory, Store};

/// Lets one write go wrong: the one of this number.
struct Once {
    left: AtomicU32,
    fault: Fault,
}

impl Faults for Once {
    fn before(&self, call: store::Call<'_>) -> Fault {
        if !matches!(call, store::Call::Write(_) | store::Call::Transact(_)) {
            return Fault::None;
        }
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.wrapping_sub(1), Ordering::SeqCst);
        if left == 0 { self.fault } else { Fault::None }
    }
}

/// A caller repeats what was not answered; the queue brings what was not done again; the tick finds the rest.
async fn through(loft: &Loft, body: &[u8]) {
    for _ in 0..3 {
        if loft.call(body).await.is_ok() {
            break;
        }
    }
    for _ in 0..3 {
        let jobs = loft.jobs();
        for job in &jobs {
            // What fails is brought again by the queue: here, by the tick, which is later still.
            let _ = ingest(&loft.deps, job, Timestamp::MAX).await;
        }
        loft.world.clock.pass(120);
        // A tick that fails is followed by another.
        let deadline = loft.deps.clock.now() + SignedDuration::from_mins(1);
        let _ = tick(&loft.deps, deadline, "tick").await;
    }
    loft.read().await.unwrap();
}

/// A loft, and the fault that hits a write of it once it has a number.
async fn failing(fault: Fault) -> (Loft, Arc<Once>) {
    let mut loft = Loft::new().await;
    let faults = Arc::new(Once { left: AtomicU32::new(u32::MAX), fault });
    let entropy = Arc::clone(&loft.deps.base.entropy);
    let clock = loft.world.clock.clone();
    let memory = Arc::new(Memory::new(clock.clone()).with_faults(faults.clone()));
    loft.deps.base.ledger = Arc::new(Store::new(memory, entropy, clock));
    loft.world.deps.base.ledger = loft.deps.base.ledger.clone();
    let (source, token) = make(&loft.deps, &loft.owner, "here").await;
    (loft.source, loft.token) = (source, token);
    (loft, faults)
}

#[tokio::test]
async fn a_crash_before_or_after_any_write_loses_nothing_and_doubles_nothing() {
    let mut hit = 0;
    for fault in [Fault::Refused, Fault::LostRequest, Fault::LostAnswer, Fault::Repeated] {
        for n in 0..8 {
            let (loft, faults) = failing(fault).await;
            faults.left.store(n, Ordering::SeqCst);
            let body = leaves(&[comment("c1"), status("s1", MessageStanding::Sent, 1), comment("c2")]);
            through(&loft, &body).await;
            hit += u32::from(faults.left.load(Ordering::SeqCst) > 1_000);
            assert_eq!((loft.incoming().await.len(), loft.told().len()), (3, 3), "{fault:?} of write {n}");
            assert_eq!(loft.inbox().await.len(), 2, "{fault:?} of write {n}");
        }
    }
    assert_eq!(hit, 32, "each write was there");
}

#[tokio::test]
async fn a_crash_before_or_after_any_write_leaves_an_access_ended_that_was_taken_back_and_tells_it_once() {
    for fault in [Fault::Refused, Fault::LostRequest, Fault::LostAnswer, Fault::Repeated] {
        for n in 0..6 {
            let (loft, faults) = failing(fault).await;
            let account = bird(&loft, 1, "b1").await;
            loft.world.clock.pass(60);
            faults.left.store(n, Ordering::SeqCst);
            let body = leaves(&[left("e1", "b1", Some(loft.deps.clock.now())), comment("c1")]);
            through(&loft, &body).await;
            assert_ne!(status_of(&loft, &account).await, AccountStatus::Active, "{fault:?} of write {n}");
            let marks: BTreeSet<_> = marked(&loft).into_iter().collect();
            assert_eq!((loft.incoming().await.len(), marks.len()), (2, 1), "{fault:?} of write {n}");
        }
    }
}

#[tokio::test]
async fn a_process_that_dies_while_it_tells_the_bus_is_followed_by_one_that_tells_it() {
    let loft = Arc::new(Loft::new().await);
    loft.call(&leaves(&[comment("c1"), comment("c2")])).await.unwrap();
    let job = loft.jobs().remove(0);
    loft.world.outbound.dies_after.store(1, Ordering::SeqCst);
    let (dying, its) = (Arc::clone(&loft), job.clone());
    assert!(tokio::spawn(async move { ingest(&dying.deps, &its, Timestamp::MAX).await }).await.is_err(), "it died");
    assert!(loft.told().is_empty());
    assert_eq!(ingest(&loft.deps, &job, Timestamp::MAX).await.unwrap(), Ingested::Read(0), "both are stored already");
    loft.world.clock.pass(10);
    loft.tick().await;
    assert_eq!((loft.incoming().await.len(), loft.told().len()), (2, 2));
}

#[tokio::test]
async fn a_call_whose_message_is_lost_is_found_by_the_tick_and_a_read_one_is_not_looked_at_again() {
    let loft = Loft::new().await;
    loft.call(&leaves(&[comment("c1")])).await.unwrap();
    assert_eq!(loft.jobs().len(), 1, "and it is lost");
    loft.tick().await;
    assert!(loft.jobs().is_empty(), "it may still come");
    loft.world.clock.pass(120);
    loft.tick().await;
    loft.read().await.unwrap();
    assert_eq!(loft.incoming().await.len(), 1);
    loft.world.clock.pass(120);
    loft.tick().await;
    assert!(loft.jobs().is_empty());
}
