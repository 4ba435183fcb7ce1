//! A call that tells much is read in steps, each of which keeps its place; and who has not been read is woken ever less often.

use super::*;
use domain::inbound::{MAX_HEARD, MAX_MARKS, Receipt, TOO_MANY};
use store::{Fault, Faults, Memory, Store};

/// Each write takes a second.
struct Slow(Arc<crate::fakes::FakeClock>);

impl Faults for Slow {
    fn before(&self, call: store::Call<'_>) -> Fault {
        if matches!(call, store::Call::Transact(_) | store::Call::Write(_)) {
            self.0.pass(1);
        }
        Fault::None
    }
}

impl Loft {
    /// The same over a store that takes a second for each write.
    async fn slow() -> Self {
        let mut loft = Self::new().await;
        let clock = loft.world.clock.clone();
        let memory = Arc::new(Memory::new(clock.clone()).with_faults(Arc::new(Slow(clock.clone()))));
        loft.deps.base.ledger = Arc::new(Store::new(memory, Arc::clone(&loft.deps.base.entropy), clock));
        loft.world.deps.base.ledger = loft.deps.base.ledger.clone();
        let (source, token) = make(&loft.deps, &loft.owner, "here").await;
        (loft.source, loft.token) = (source, token);
        loft
    }

    async fn receipt(&self, job: &IngestJob) -> Receipt {
        self.deps.ledger.receipt(job.tenant, job.source, job.receipt).await.unwrap().unwrap().value
    }

    /// What each visit came to until the call was read; before each there is a tick.
    async fn visits(&self) -> Vec<Ingested> {
        let mut all = Vec::new();
        while !matches!(all.last(), Some(Ingested::Read(_))) {
            self.tick().await;
            for job in self.jobs() {
                all.push(ingest(&self.deps, &job, Timestamp::MAX).await.unwrap());
            }
            self.world.clock.pass(60);
        }
        all
    }
}

fn comments(n: usize) -> Vec<u8> {
    leaves(&(0..n).map(|n| comment(&format!("c{n}"))).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_step_ends_after_eight_seconds_and_each_goes_on_where_the_last_ended() {
    let loft = Loft::slow().await;
    loft.call(&comments(20)).await.unwrap();
    assert_eq!(loft.visits().await, [Ingested::Further(8), Ingested::Further(16), Ingested::Read(4)]);
    assert_eq!((loft.incoming().await.len(), loft.told().len()), (20, 20));
}

#[tokio::test]
async fn a_step_ends_before_its_process_is_stopped_and_stores_one_event_at_least() {
    let loft = Loft::slow().await;
    loft.call(&comments(5)).await.unwrap();
    let job = loft.jobs().remove(0);
    let visit = async |left_s: i64| {
        let deadline = loft.deps.clock.now() + SignedDuration::from_secs(left_s);
        ingest(&loft.deps, &job, deadline).await.unwrap()
    };
    assert_eq!(visit(12).await, Ingested::Further(2));
    assert_eq!(visit(3).await, Ingested::Further(3));
    let reading = loft.receipt(&job).await;
    assert_eq!((reading.done, reading.read), (3, None));
    assert_eq!(visit(60).await, Ingested::Read(2));
    assert_eq!(
        loft.receipt(&job).await.read.map(|read| read.events),
        Some(5),
        "all of them, not those of the last step"
    );
}

#[tokio::test]
async fn the_rest_of_a_call_is_sent_for_by_the_next_tick_and_by_nobody_before() {
    let loft = Loft::slow().await;
    loft.call(&comments(10)).await.unwrap();
    let job = loft.jobs().remove(0);
    assert_eq!(ingest(&loft.deps, &job, Timestamp::MAX).await.unwrap(), Ingested::Further(8));
    assert_eq!(loft.jobs(), [], "the reader sends nothing to its own queue");
    loft.tick().await;
    let rest = loft.jobs().remove(0);
    assert_eq!(ingest(&loft.deps, &rest, Timestamp::MAX).await.unwrap(), Ingested::Read(2));
}

#[tokio::test]
async fn what_a_call_tells_beyond_the_limit_is_kept_as_one_event_that_says_so() {
    let loft = Loft::new().await;
    let leaf = |n: usize| Leaf {
        id: n.to_string(),
        to: None,
        at: None,
        what: What::OptIn(domain::inbound::Person::default()),
    };
    let mut last = None;
    for (n, unknown) in [(MAX_HEARD, 0), (MAX_HEARD + 2, 1)] {
        loft.call(&leaves(&(0..n).map(leaf).collect::<Vec<_>>())).await.unwrap();
        let job = loft.jobs().remove(0);
        while let Ingested::Further(_) = ingest(&loft.deps, &job, Timestamp::MAX).await.unwrap() {}
        let read = loft.receipt(&job).await.read.unwrap();
        assert_eq!((read.events as usize, read.unknown), (MAX_HEARD + unknown as usize, unknown), "{n}");
        loft.jobs();
        last = Some(job.receipt);
    }
    let rest = last.unwrap();
    let named = crate::sha256_hex(format!("{}|{rest}/rest", loft.source).as_bytes());
    let id = domain::IncomingId::from_uuid(ingest::uuid_of(&named));
    let found = loft.deps.ledger.incoming(loft.owner.tenant, loft.source, id).await.unwrap().unwrap();
    assert_eq!(found.value.what, What::Unknown { kind: TOO_MANY.into() });
}

#[tokio::test]
async fn a_body_of_nothing_but_beginnings_is_not_read_at_all_and_that_is_there_to_see() {
    let loft = Loft::new().await;
    for (marks, kinds) in [(MAX_MARKS, vec![]), (MAX_MARKS + 1, vec![What::Unknown { kind: TOO_MANY.into() }])] {
        loft.call(&vec![b','; marks]).await.unwrap();
        loft.read().await.unwrap();
        assert_eq!(loft.incoming().await.into_iter().map(|one| one.what).collect::<Vec<_>>(), kinds, "{marks}");
    }
}

#[tokio::test]
async fn a_call_that_nobody_can_read_is_woken_ever_less_often_and_for_good() {
    let loft = Loft::new().await;
    loft.call(&comments(1)).await.unwrap();
    loft.jobs();
    let mut woken = Vec::new();
    for minute in 0..=260 {
        loft.tick().await;
        woken.extend(loft.jobs().iter().map(|_| minute));
        loft.world.clock.pass(60);
    }
    assert_eq!(woken, [2, 4, 8, 16, 32, 64, 128, 192, 256]);
}

#[tokio::test]
async fn a_tick_without_time_reads_and_wakes_nothing_and_the_next_one_finds_it_all() {
    let loft = Loft::new().await;
    loft.call(&comments(1)).await.unwrap();
    loft.jobs();
    loft.world.clock.pass(90);
    let short = loft.deps.clock.now() + SignedDuration::from_secs(19);
    let swept = tick(&loft.deps, short, "tick").await.unwrap();
    assert_eq!((swept.seen, loft.jobs().len()), (0, 0));
    assert_eq!(loft.deps.ledger.sweep_mark().await.unwrap(), None, "nothing of it counts as seen");
    loft.tick().await;
    assert_eq!(loft.jobs().len(), 1);
}
