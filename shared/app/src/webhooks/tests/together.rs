//! Writes that are ready together leave together.

use super::*;
use crate::Deps;
use crate::webhooks::together::Together;
use async_trait::async_trait;
use domain::MemberId;
use domain::access::{Member, Role};
use futures_util::future::join_all;
use ports::{Committed, Record, StoreError, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use store::{Answer, Backend, Change, Failure, Item, Key, Kind, Memory, Query, Rows, Store, Table};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, yield_now};

/// A store that tells how many writes each of its requests had, and answers when it is let.
struct Gated {
    memory: Arc<Memory>,
    requests: Mutex<Vec<usize>>,
    answers: Semaphore,
    /// Whether the first write of a request is throttled; what then is sent alone waits until it is let.
    throttled: AtomicBool,
    alone: Semaphore,
}

#[async_trait]
impl Backend for Gated {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        self.memory.get(table, key).await
    }
    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        self.memory.query(query).await
    }
    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        if self.throttled.load(Ordering::SeqCst) {
            self.alone.acquire().await.unwrap().forget();
        }
        self.memory.write(change).await
    }
    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        self.requests.lock().unwrap().push(changes.len());
        self.answers.acquire().await.unwrap().forget();
        let busy = || Err(Failure { kind: Kind::Busy, doubtful: false, detail: "throttled".into() });
        if self.throttled.load(Ordering::SeqCst) && self.requests.lock().unwrap().len() == 1 {
            return std::iter::once(busy()).chain(self.memory.each(&changes[1..]).await).collect();
        }
        self.memory.each(changes).await
    }
    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        self.memory.transact(changes, token).await
    }
    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        self.memory.clear_outbox(key, rev).await
    }
}

struct Desk {
    deps: Deps,
    gated: Arc<Gated>,
    together: Arc<Together>,
    owner: Caller,
    world: World,
}

impl Desk {
    async fn open() -> Self {
        let world = World::new();
        let owner = world.owner(1).await;
        let gated = Arc::new(Gated {
            memory: Arc::clone(&world.memory),
            requests: Mutex::default(),
            answers: Semaphore::new(0),
            throttled: AtomicBool::new(false),
            alone: Semaphore::new(0),
        });
        let base = world.deps.base.clone();
        let store = Store::new(Arc::clone(&gated), Arc::clone(&base.entropy), Arc::clone(&base.clock));
        Self { deps: Deps { ledger: Arc::new(store), ..base }, gated, together: Arc::default(), owner, world }
    }

    fn write(&self, n: u128) -> Write {
        let id = MemberId::from_uuid(Uuid::from_u128(n));
        let created_at = self.deps.clock.now();
        let member = Member { id, tenant: self.owner.tenant, name: "a".into(), role: Role::Viewer, created_at };
        Write::create(Record::Member(member))
    }

    /// Commits member `n`, and lets it come as far as it comes.
    async fn commits(&self, n: u128) -> JoinHandle<Result<Committed, StoreError>> {
        let (together, deps, write) = (Arc::clone(&self.together), self.deps.clone(), self.write(n));
        let committing = tokio::spawn(async move { together.commit(&deps, write).await });
        yield_now().await;
        committing
    }

    async fn answers(&self) {
        self.gated.answers.add_permits(1);
        settled().await;
    }

    fn requests(&self) -> Vec<usize> {
        self.gated.requests.lock().unwrap().clone()
    }
}

/// Whoever can go on has done so.
async fn settled() {
    for _ in 0..100 {
        yield_now().await;
    }
}

#[tokio::test]
async fn whoever_comes_while_a_request_is_under_way_goes_with_the_next_and_is_told_what_became_of_its_own() {
    let desk = Desk::open().await;
    desk.deps.ledger.commit(vec![desk.write(3)]).await.unwrap();
    let mut all = Vec::new();
    for n in 1..=5 {
        all.push(desk.commits(n).await);
    }
    assert_eq!(desk.requests(), [1], "the first waits for nobody");
    desk.answers().await;
    assert_eq!(desk.requests(), [1, 4]);
    desk.answers().await;
    for (n, done) in (1..).zip(all) {
        assert_eq!(done.await.unwrap().is_ok(), n != 3, "{n}");
    }
    let last = desk.commits(6).await;
    desk.answers().await;
    last.await.unwrap().unwrap();
    assert_eq!(desk.requests(), [1, 4, 1]);
}

#[tokio::test]
async fn a_record_that_is_throttled_keeps_none_of_those_that_leave_after_it_or_with_it() {
    let desk = Desk::open().await;
    desk.gated.throttled.store(true, Ordering::SeqCst);
    let first = desk.commits(1).await;
    let others = [desk.commits(2).await, desk.commits(3).await];
    desk.answers().await;
    assert_eq!(desk.requests(), [1, 2], "the next request leaves, whatever becomes of the first record");
    desk.answers().await;
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert!(!first.is_finished());
    desk.gated.alone.add_permits(1);
    first.await.unwrap().unwrap();
}

#[tokio::test]
async fn who_left_with_one_that_was_stopped_is_told_that_nobody_knows_and_may_ask_again() {
    let desk = Desk::open().await;
    let first = desk.commits(1).await;
    let (stopped, other) = (desk.commits(2).await, desk.commits(3).await);
    desk.answers().await;
    first.await.unwrap().unwrap();
    assert_eq!(desk.requests(), [1, 2], "the second has both");
    stopped.abort();
    assert!(stopped.await.unwrap_err().is_cancelled());
    assert!(matches!(other.await.unwrap(), Err(StoreError::Unavailable(_))));
    let again = desk.commits(3).await;
    desk.answers().await;
    again.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_events_of_a_batch_are_recorded_by_two_requests_where_their_endpoint_takes_them_at_once() {
    let desk = Desk::open().await;
    registered(&desk.world, &desk.owner, &new("https://a.example", &[]), "a").await.unwrap();
    let events: Vec<Event> = (0..10).map(|_| happened(&desk.world, &desk.owner)).collect();
    let (batch, deps) = (Batch::default(), &desk.deps);
    let told = join_all(events.iter().map(|event| fan_out(&batch, deps, event, Visit::FIRST)));
    let (told, ()) = futures_util::future::join(told, async {
        settled().await;
        desk.answers().await;
        desk.answers().await;
    })
    .await;
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    assert_eq!(desk.requests(), [1, 9]);
    assert_eq!(desk.world.outbound.arrived.lock().unwrap().len(), 10);
}
