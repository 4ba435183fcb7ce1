//! One run: an agenda of happenings, and invocations that are polled one at a time, in the order the seed says.

use super::Setup;
use super::check::{Report, Witness, deliveries, ended, texts};
use super::clients::{self, Answer};
use super::plan::{Act, Plan};
use crate::engine::{Happening, Running};
use crate::{Kind, Mutant, Process, TaskId, World, now};
use app::publishing::{Executed, execute, reconcile, tick};
use domain::publishing::State;
use domain::{AccountId, PostId};
use futures_util::future::join_all;
use jiff::SignedDuration;
use ports::{Job, Record, Write};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Waker};
use store::Table;

/// Seconds the functions may run, as the template sets them.
const API_S: i64 = 30;
const TICK_S: i64 = 60;
const WORKER_S: i64 = 60;
const RECONCILER_S: i64 = 120;
/// Seconds after which a message that was not deleted shows again.
const VISIBILITY_MS: i64 = 360_000;
/// Times a message shows before it goes to the dead-letter queue.
const MAX_RECEIVE: u32 = 5;
/// Workers at the same time.
const WORKERS: usize = 3;
/// Times a client asks again.
const PATIENCE: u32 = 40;
/// Hours after the last post's permitted start at which the world ends (the horizon is 24).
const END_H: i64 = 25;

/// A run that is over.
#[derive(Debug, Clone)]
pub struct Run {
    /// How it ended.
    pub report: Report,
    /// Hash of everything that happened.
    pub hash: u64,
    /// The event log, if it was kept.
    pub log: Vec<String>,
    /// Points passed by invocations of each kind.
    pub points: BTreeMap<Kind, u64>,
}

/// What an invocation came to.
enum End {
    Nothing,
    Client(usize, Answer),
    Worker(Vec<(u64, bool)>),
}

struct Task {
    kind: Kind,
    process: Process,
    future: Pin<Box<dyn Future<Output = End> + Send>>,
    frozen_until: i64,
    /// Messages it holds, or the act it performs: what must go on if it dies.
    messages: Vec<u64>,
    act: Option<usize>,
}

struct Sim<'a> {
    setup: &'a Setup,
    world: Arc<World>,
    plan: Plan,
    accounts: Vec<(AccountId, usize, String)>,
    tasks: BTreeMap<TaskId, Task>,
    next_task: TaskId,
    idle: BTreeMap<Kind, Vec<Process>>,
    posts: BTreeMap<PostId, usize>,
    ids: BTreeMap<usize, PostId>,
    asked: BTreeMap<usize, u32>,
    settled: BTreeSet<usize>,
    canceled: BTreeMap<usize, i64>,
    outage_until: i64,
    round: usize,
    ends_at: i64,
}

/// Runs the world of `seed` to its end and judges it.
pub fn run(seed: u64, setup: &Setup) -> Run {
    let mut sim = Sim::new(seed, setup);
    sim.live();
    sim.judge()
}

impl<'a> Sim<'a> {
    #[allow(clippy::panic)] // a fault of the simulator itself
    fn new(seed: u64, setup: &'a Setup) -> Self {
        let world = Arc::new(World::with(seed, setup.weather, &setup.rules, setup.mutant));
        if setup.verbose {
            world.engine.verbose();
        }
        let mut accounts = Vec::new();
        let deps = world.deps();
        for (at, platform) in setup.rules.iter().enumerate() {
            let author = format!("author{at}");
            match now(world.connect(&deps, platform.slug, &author)) {
                Ok(account) => accounts.push((account.id, at, author)),
                Err(error) => panic!("an account could not be connected in calm weather: {error}"),
            }
        }
        let plan = world.engine.chance(|rng| Plan::draw(rng, setup, accounts.len()));
        let engine = &world.engine;
        for (n, (at, _)) in plan.acts.iter().enumerate() {
            engine.at(*at, Happening::Client(n));
        }
        let last = plan.posts.iter().map(|p| p.due_ms.unwrap_or(p.asked_ms) + i64::from(p.lateness_s) * 1000).max();
        let ends_at = last.unwrap_or(0) + 600_000 + END_H * 3_600_000;
        engine.after(engine.chance(|rng| rng.between(0, 60_000)), Happening::Tick);
        engine.after(engine.chance(|rng| rng.between(0, 300_000)), Happening::Reconcile);
        if setup.people {
            engine.after(1_200_000, Happening::People);
        }
        if matches!(setup.mutant, Mutant::ReaperRequeues | Mutant::AbsentAtOnce | Mutant::BlindCancel) {
            engine.after(20_000, Happening::Sabotage);
        }
        engine.storm(true);
        engine.schedule(setup.weather.fates, setup.crash_at);
        Self {
            setup,
            world,
            plan,
            accounts,
            tasks: BTreeMap::new(),
            next_task: 0,
            idle: BTreeMap::new(),
            posts: BTreeMap::new(),
            ids: BTreeMap::new(),
            asked: BTreeMap::new(),
            settled: BTreeSet::new(),
            canceled: BTreeMap::new(),
            outage_until: 0,
            round: 0,
            ends_at,
        }
    }

    fn live(&mut self) {
        while let Some(happening) = self.world.engine.next() {
            if self.world.engine.now_ms() > self.ends_at {
                break;
            }
            match happening {
                Happening::Resume(task, waker) => self.resume(task, &waker),
                Happening::Deadline(task) => self.kill(task),
                Happening::Message(id) => {
                    self.world.queues.show(id);
                    self.work();
                }
                Happening::Poll => self.work(),
                Happening::Tick => self.tick(),
                Happening::Reconcile => self.reconcile(),
                Happening::Client(n) => self.client(n),
                Happening::People => self.people(),
                Happening::Land => self.world.memory.land(),
                Happening::Sabotage => self.sabotage(),
            }
            if self.is_over() {
                break;
            }
        }
        // The storm is over: what is left in the outbox goes out.
        self.world.engine.calm();
        self.tasks.clear();
        self.world.memory.land();
        // Later than any clock that was ahead.
        self.world.engine.advance_ms(1_800_000);
        for _ in 0..3 {
            self.world.engine.advance_ms(60_000);
            drop(now(tick(&self.world.deps(), "last")));
        }
    }

    fn judge(self) -> Run {
        let clocks = self.setup.weather.fates.jump > 0 || self.setup.weather.fates.pause > 0;
        let witness = Witness {
            world: &self.world,
            accounts: &self.accounts,
            posts: &self.posts,
            canceled: &self.canceled,
            slack_ms: if clocks { 3_600_000 } else { 20_000 },
        };
        let mut report = witness.judge();
        if clocks {
            // A lease is as good as the clocks: these two are judged where clocks are right.
            (report.verdict.overlaps, report.verdict.refresh_overlaps) = (0, 0);
        }
        let (hash, log) = self.world.engine.story();
        let kinds = [Kind::Api, Kind::Tick, Kind::Worker, Kind::Reconciler];
        let points = kinds.map(|k| (k, self.world.engine.points(k))).into();
        Run { report, hash, log, points }
    }

    fn is_over(&self) -> bool {
        self.tasks.is_empty()
            && self.settled.len() == self.plan.acts.len()
            && self.world.queues.is_empty()
            && (!self.setup.people || self.round > 60)
            && !self.has_due("")
    }

    /// Whether the due index has an entry whose partition starts so. What the machine is not done with is always in it:
    /// the judge finds what is not.
    fn has_due(&self, pk: &str) -> bool {
        let items = self.world.memory.items(Table::Core);
        items.iter().any(|i| i.due.as_ref().is_some_and(|k| k.pk.starts_with(pk)))
    }

    fn process(&mut self, kind: Kind) -> Process {
        let idle = self.idle.entry(kind).or_default();
        let at = self.world.engine.chance(|rng| rng.index(idle.len() + 1));
        if at < idle.len() { idle.swap_remove(at) } else { self.world.process() }
    }

    fn start<F>(&mut self, kind: Kind, limit_s: i64, messages: Vec<u64>, act: Option<usize>, body: F)
    where
        F: FnOnce(Process, Arc<World>) -> Pin<Box<dyn Future<Output = End> + Send>>,
    {
        let process = self.process(kind);
        self.next_task += 1;
        let id = self.next_task;
        let future = body(process.clone(), Arc::clone(&self.world));
        self.tasks.insert(id, Task { kind, process, future, frozen_until: 0, messages, act });
        self.world.engine.after(limit_s * 1000, Happening::Deadline(id));
        self.poll(id);
    }

    fn resume(&mut self, id: TaskId, waker: &Waker) {
        let Some(task) = self.tasks.get(&id) else { return };
        if task.frozen_until > self.world.engine.now_ms() {
            self.world.engine.at(task.frozen_until, Happening::Resume(id, waker.clone()));
            return;
        }
        waker.wake_by_ref();
        self.poll(id);
    }

    fn poll(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let offset = Arc::clone(&task.process.offset);
        self.world.engine.begin(Running { task: id, kind: task.kind, offset });
        let polled = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let (died, frozen) = self.world.engine.end();
        if let Some(until) = frozen {
            task.frozen_until = until;
        }
        if died {
            self.kill(id);
        } else if let std::task::Poll::Ready(end) = polled
            && let Some(task) = self.tasks.remove(&id)
        {
            let idle = self.idle.entry(task.kind).or_default();
            if idle.len() < 3 {
                idle.push(task.process);
            }
            self.ended(end);
        }
    }

    /// The process dies where it stands: its future is dropped, and with it everything it knew.
    fn kill(&mut self, id: TaskId) {
        let sleeps = |t: &Task| t.frozen_until > self.world.engine.now_ms();
        if self.tasks.get(&id).is_none_or(sleeps) {
            return;
        }
        let Some(task) = self.tasks.remove(&id) else { return };
        let kind = task.kind;
        self.world.engine.log("killed", |t| *t = format!("{kind:?} #{id}"));
        let Task { messages, act, future, .. } = task;
        drop(future);
        if let Some(n) = act {
            self.ended(End::Client(n, Answer::Again));
        }
        self.ended(End::Worker(messages.into_iter().map(|m| (m, false)).collect()));
    }

    fn ended(&mut self, end: End) {
        match end {
            End::Nothing => {}
            End::Client(n, answer) => self.answered(n, answer),
            End::Worker(messages) => {
                for (id, done) in messages {
                    if done {
                        self.world.queues.delete(id);
                    } else {
                        self.world.engine.after(VISIBILITY_MS, Happening::Message(id));
                    }
                }
                if self.world.queues.any_visible() {
                    self.world.engine.after(1, Happening::Poll);
                }
            }
        }
    }

    fn answered(&mut self, n: usize, answer: Answer) {
        let act = self.plan.acts[n].1.clone();
        self.world.engine.log("answered", |t| *t = format!("{act:?} {answer:?}"));
        match (&act, &answer) {
            (Act::Publish(post), Answer::Done(body)) => {
                if let Ok(id) = PostId::from_str(body) {
                    self.posts.insert(id, *post);
                    self.ids.entry(*post).or_insert(id);
                }
            }
            (Act::Cancel(post), Answer::Done(_)) => {
                self.canceled.entry(*post).or_insert(self.world.engine.now_ms());
            }
            _ => {}
        }
        let asked = self.asked.entry(n).or_default();
        *asked += 1;
        if answer == Answer::Again && *asked < PATIENCE {
            self.world.engine.after(5_000, Happening::Client(n));
        } else {
            self.settled.insert(n);
        }
    }

    fn client(&mut self, n: usize) {
        let act = self.plan.acts[n].1.clone();
        let known = match &act {
            Act::Publish(post) | Act::Edit(post) | Act::Cancel(post) => self.ids.get(post).copied(),
        };
        if known.is_none() && !matches!(act, Act::Publish(_)) {
            self.ended(End::Client(n, Answer::Again));
            return;
        }
        let posts = self.plan.posts.clone();
        let accounts: Vec<AccountId> = self.accounts.iter().map(|(id, ..)| *id).collect();
        self.start(Kind::Api, API_S, Vec::new(), Some(n), move |process, world| {
            Box::pin(async move {
                let answer = clients::act(&process, &world.caller, &act, &posts, &accounts, known).await;
                End::Client(n, answer)
            })
        });
    }

    fn work(&mut self) {
        while self.world.queues.any_visible() {
            if self.tasks.values().filter(|t| t.kind == Kind::Worker).count() >= WORKERS {
                self.world.engine.after(500, Happening::Poll);
                return;
            }
            let most = self.world.engine.chance(|rng| if rng.permille(500) { 1 } else { rng.index(10) + 1 });
            let mut batch = Vec::new();
            for (id, message) in self.world.queues.receive(most) {
                if message.received > MAX_RECEIVE {
                    self.world.queues.delete(id);
                } else if let Job::Publish { job, .. } = message.job {
                    batch.push((id, job));
                }
            }
            let messages = batch.iter().map(|(id, _)| *id).collect();
            self.start(Kind::Worker, WORKER_S, messages, None, move |process, _| {
                Box::pin(async move {
                    let deadline = process.deps.clock.now() + SignedDuration::from_secs(WORKER_S);
                    let one = async |(id, job)| {
                        let done = execute(&process.deps, &process.tokens, &job, deadline).await;
                        (id, matches!(done, Ok(Executed::Done)))
                    };
                    End::Worker(join_all(batch.into_iter().map(one)).await)
                })
            });
        }
    }

    fn tick(&mut self) {
        let engine = Arc::clone(&self.world.engine);
        let here = engine.now_ms();
        if engine.strikes(self.setup.weather.ticks) {
            self.outage_until = here + engine.chance(|rng| rng.between(60_000, 3_600_000));
        }
        if here >= self.outage_until {
            let times = 1 + i32::from(engine.strikes(self.setup.weather.ticks));
            for _ in 0..times {
                self.start(Kind::Tick, TICK_S, Vec::new(), None, |process, _| {
                    Box::pin(async move {
                        drop(tick(&process.deps, "tick").await);
                        End::Nothing
                    })
                });
            }
        }
        let next = self.next_need().map_or(here + 3_600_000, |at| at - 240_000);
        engine.at(next.max(here + 60_000), Happening::Tick);
    }

    /// When anything will need a tick; nothing is gained by ticking through the hours before.
    fn next_need(&self) -> Option<i64> {
        let here = self.world.engine.now_ms();
        let busy = |t: &Task| matches!(t.kind, Kind::Api | Kind::Worker);
        if self.tasks.values().any(busy) || !self.world.queues.is_empty() {
            return Some(here);
        }
        let items = self.world.memory.items(Table::Core);
        if items.iter().any(|i| i.outbox.is_some()) {
            return Some(here);
        }
        let due = items.iter().filter_map(|i| i.due.as_ref()).filter(|k| !k.pk.starts_with("UNK#"));
        let due = due.filter_map(|k| k.sk.split('#').next()?.parse().ok());
        let asked =
            (0..self.plan.acts.len()).filter(|n| !self.settled.contains(n)).map(|n| self.plan.acts[n].0.max(here));
        due.chain(asked).min()
    }

    fn reconcile(&mut self) {
        let engine = Arc::clone(&self.world.engine);
        if self.has_due("UNK#") {
            self.start(Kind::Reconciler, RECONCILER_S, Vec::new(), None, |process, _| {
                Box::pin(async move {
                    let deadline = process.deps.clock.now() + SignedDuration::from_secs(RECONCILER_S);
                    drop(reconcile(&process.deps, &process.tokens, deadline, "reconcile").await);
                    End::Nothing
                })
            });
        }
        engine.after(300_000, Happening::Reconcile);
    }

    /// Every 20 minutes people decide what waits for them, reconnect accounts, and sometimes try again what failed.
    fn people(&mut self) {
        self.round += 1;
        let round = self.round;
        let posts = self.world.posts();
        let found = posts.iter().flat_map(|(post, all)| all.iter().map(move |d| (texts(post), d.clone())));
        for (texts, d) in found.filter(|(_, d)| ended(d)) {
            let Some((_, at, author)) = self.accounts.iter().find(|(id, ..)| *id == d.account) else { continue };
            let (at, author) = (*at, author.clone());
            let again = self.world.engine.chance(|rng| rng.permille(100));
            let act = match &d.state {
                State::Attention { .. } | State::BlockedAuth { .. } => true,
                State::Failed { .. } | State::Partial { .. } | State::Missed { .. } => again && round < 20,
                _ => false,
            };
            if !act {
                continue;
            }
            let (slug, errs) = (self.setup.rules[at].slug, self.setup.people_err);
            self.start(Kind::Api, API_S, Vec::new(), None, move |process, world| {
                Box::pin(async move {
                    match &d.state {
                        State::Attention { part, .. } => {
                            let text = texts.get(usize::from(*part)).cloned().unwrap_or_default();
                            clients::decide(&process, &world.caller, &d, &world.platforms[at], &text, errs, round)
                                .await;
                        }
                        State::BlockedAuth { .. } => drop(world.connect(&process.deps, slug, &author).await),
                        _ => clients::retry(&process, &world.caller, &d, round).await,
                    }
                    End::Nothing
                })
            });
        }
        if round <= 60 {
            self.world.engine.after(1_200_000, Happening::People);
        }
    }

    /// Mutants that are somebody else writing into the ledger.
    fn sabotage(&mut self) {
        let store_now = self.world.engine.now();
        let deps = self.world.deps();
        for mut d in deliveries(&self.world) {
            let hit = match (&d.state, self.setup.mutant) {
                (State::Dispatching { lease_until, .. }, Mutant::ReaperRequeues) => *lease_until < store_now,
                (State::Unknown { neg_reads, .. }, Mutant::AbsentAtOnce) => *neg_reads > 0,
                (State::Dispatching { .. } | State::Unknown { .. }, Mutant::BlindCancel) => {
                    self.posts.get(&d.post).is_some_and(|n| self.canceled.contains_key(n))
                }
                _ => false,
            };
            if !hit {
                continue;
            }
            d.state = if self.setup.mutant == Mutant::BlindCancel {
                State::Canceled { at: store_now }
            } else {
                State::Retry { reason: "a mutant".into() }
            };
            let write = Write::put(Record::Delivery(d));
            self.world.engine.storm(false);
            drop(now(deps.ledger.commit(vec![write])));
            self.world.engine.storm(true);
        }
        self.world.engine.after(20_000, Happening::Sabotage);
    }
}
