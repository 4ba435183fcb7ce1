//! The lives of posts over ports that count: accepted by the real router, woken by the real tick, executed by the real
//! use case, told by the real relay.

use crate::meter::{Meter, Metered, MeteredBus, MeteredQueues, MeteredSecrets, Unit};
use app::Deps;
use app::publishing::{Executed, LOOK_AHEAD_S, execute, tick};
use app::webhooks::{Batch, Visit, fan_out};
use domain::access::Role;
use jiff::SignedDuration;
use ports::{Job, PublishJob};
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::json;
use std::sync::Arc;
use store::Store;
use testing::api::{Ask, Person, send};
use testing::{Cap, Mutant, Process, READABLE, Rules, Weather, World};

/// An ordinary text for X.
pub const TEXT: &str = "We have opened our new workshop in Lüneburg. Come by on Saturday between ten and four, look over \
                        our shoulders, and take home what you built. Children are welcome, and there is cake. #workshop";

/// A world whose ports count, with accounts.
pub struct Life {
    /// The world under it.
    pub world: World,
    /// What was counted.
    pub meter: Arc<Meter>,
    process: Process,
    owner: Person,
    accounts: Vec<String>,
}

impl Life {
    /// With this many accounts of one platform, which documents no quota.
    pub async fn new(accounts: usize) -> Self {
        Self::under(&[], accounts).await
    }

    /// Likewise, of a platform with these quotas.
    pub async fn under(caps: &'static [Cap], accounts: usize) -> Self {
        let world = World::with(11, Weather::calm(), &[Rules { caps, ..READABLE }], Mutant::None);
        let meter = Arc::new(Meter::default());
        let mut process = world.process();
        let owner = world.person(1, Role::Owner, &[]).await;
        let mut connected = Vec::new();
        for n in 0..accounts {
            let account = world.connect(&process.deps, "readable", &format!("author {n}")).await.unwrap();
            connected.push(account.id.to_string());
        }
        process.deps.base = metered(&world, &process.deps, &meter);
        Self { world, meter, process, owner, accounts: connected }
    }

    /// Posts through the API, one request for each; `due_in_s` none for at once.
    pub async fn accept(&self, posts: usize, due_in_s: Option<i64>) {
        self.accept_from(0, posts, due_in_s).await;
    }

    /// Likewise, for posts numbered from `first` on.
    pub async fn accept_from(&self, first: usize, posts: usize, due_in_s: Option<i64>) {
        let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
        let routes = publishing_api::router(Api::new(self.process.managing(), address));
        let start = self.world.engine.now();
        for n in first..first + posts {
            let account = &self.accounts[n % self.accounts.len()];
            let mut body = json!({ "content": { "text": format!("{TEXT} {n}") }, "accounts": [account] });
            if let Some(due_in_s) = due_in_s {
                body["option"] = "scheduled".into();
                body["scheduled_at"] = (start + SignedDuration::from_secs(due_in_s)).to_string().into();
            }
            let key = format!("0198c000-0000-7000-8000-{n:012}");
            self.meter.add(Unit::Api, "request", 1.0);
            self.meter.add(Unit::Invocation, "api", 1.0);
            let ask = Ask::new("POST", "/api/publishing/publish").once(&key).by(&self.owner).json(&body);
            let answer = send(&routes, ask).await;
            assert_eq!(answer.status, 202, "{answer:?}");
        }
    }

    /// Lets the clock run.
    pub fn forward(&self, s: i64) {
        self.world.engine.advance_ms(s * 1000);
    }

    /// One tick.
    pub async fn tick(&self) -> app::publishing::Swept {
        let deadline = self.process.deps.clock.now() + SignedDuration::from_mins(1);
        tick(&self.process.deps, deadline, "tick").await.unwrap()
    }

    /// Executes every message in batches of at most `batch`, as Lambda's poller brings them. Returns how many.
    pub async fn execute(&self, batch: usize) -> usize {
        let messages = self.world.queues.take();
        let jobs: Vec<PublishJob> = messages
            .into_iter()
            .map(|message| match message.job {
                Job::Publish { job, .. } => job,
                Job::Webhook(_) | Job::Recover(_) => panic!("nobody asked for a webhook"),
                Job::Ingest(_) => panic!("nobody called"),
            })
            .collect();
        for batch in jobs.chunks(batch) {
            self.meter.batch(batch.len() as u64);
            let deadline = self.process.deps.clock.now() + SignedDuration::from_secs(60);
            for job in batch {
                let done = Box::pin(execute(&self.process.publishing(), job, deadline)).await.unwrap();
                assert_eq!(done, Executed::Done);
            }
        }
        jobs.len()
    }

    /// What the events of these posts cost beyond the bus when nobody listens: the rule's message and the notifier.
    /// Events before number `from` are not theirs.
    pub async fn tell_nobody(&self, batch: usize, from: usize) {
        let events = self.world.bus.taken().split_off(from);
        self.meter.add(Unit::Sqs, "send by the rule", events.len() as f64);
        for batch in events.chunks(batch) {
            self.meter.batch(batch.len() as u64);
            let shared = Batch::default();
            for event in batch {
                assert_eq!(fan_out(&shared, &self.process.deps, event, Visit::FIRST).await.unwrap().wanting, 0);
            }
        }
    }

    /// How many posts the platform has.
    pub fn live(&self) -> usize {
        self.world.platforms[0].truth().posted.len()
    }
}

/// The same ports, counted.
pub(crate) fn metered(world: &World, deps: &Deps, meter: &Arc<Meter>) -> Deps {
    let backend = Metered::new(Arc::clone(&world.memory), Arc::clone(meter));
    Deps {
        ledger: Arc::new(Store::new(backend, Arc::clone(&deps.entropy), Arc::clone(&deps.clock))),
        queues: Arc::new(MeteredQueues(Arc::clone(&deps.queues), Arc::clone(meter))),
        bus: Arc::new(MeteredBus(Arc::clone(&deps.bus), Arc::clone(meter))),
        secrets: Arc::new(MeteredSecrets(Arc::clone(&deps.secrets), Arc::clone(meter))),
        ..deps.clone()
    }
}

/// Steps of a life, in their order.
pub const STEPS: [&str; 4] = ["accept", "wake", "publish", "tell"];

/// `posts` posts that were scheduled half an hour ahead and come due in one minute, over `accounts` accounts, by a worker
/// that has its tokens already.
pub async fn scheduled(posts: usize, accounts: usize) -> Life {
    scheduled_under(&[], posts, accounts).await
}

/// Likewise, of a platform with these quotas.
pub async fn scheduled_under(caps: &'static [Cap], posts: usize, accounts: usize) -> Life {
    let life = Life::under(caps, accounts).await;
    // The worker has spoken for each account before.
    life.accept(accounts, None).await;
    life.execute(10).await;
    life.meter.reset();
    let before = (life.live(), life.world.bus.taken().len());
    life.meter.step("accept");
    life.accept_from(accounts, posts, Some(1800)).await;
    life.forward(1800 - LOOK_AHEAD_S + 10);
    life.meter.step("wake");
    let swept = life.tick().await;
    assert_eq!((swept.seen, swept.sent), (posts as u64, posts as u64));
    life.forward(LOOK_AHEAD_S);
    life.meter.step("publish");
    assert_eq!(life.execute(10).await, posts);
    life.meter.step("tell");
    life.tell_nobody(10, before.1).await;
    assert_eq!(life.live() - before.0, posts);
    life
}

/// Posts that are published at once: nothing is there to share a request with.
pub async fn immediate(posts: usize, accounts: usize) -> Life {
    let life = Life::new(accounts).await;
    life.accept(accounts, None).await;
    life.execute(10).await;
    life.meter.reset();
    let before = (life.live(), life.world.bus.taken().len());
    for n in 0..posts {
        life.meter.step("accept");
        life.accept_from(accounts + n, 1, None).await;
        life.meter.step("publish");
        assert_eq!(life.execute(1).await, 1);
    }
    life.meter.step("tell");
    life.tell_nobody(1, before.1).await;
    assert_eq!(life.live() - before.0, posts);
    life
}
