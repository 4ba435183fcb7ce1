//! One run: an agenda of happenings, and invocations that are polled one at a time, in the order the seed says.

use super::Setup;
use super::check::{Asked, Report, Witness};
use super::clients::{self, Answer};
use super::hooks::Hooks;
use super::plan::{Act, Plan};
use super::stage::{Body, Over, Stage};
use crate::engine::Happening;
use crate::{Kind, Mutant, Process, START_MS, TaskId, World, now};
use app::Error;
use app::publishing::tick;
use app::webhooks::{Batch, Visit, fan_out, seconds_until};
use domain::{AccountId, EndpointId, PostId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Table;

/// Seconds after which a message that was not deleted shows again.
const VISIBILITY_MS: i64 = 360_000;
/// Hours after the last post's permitted start at which the world ends: the horizon is 24, people may decide or ask for another try
/// in the first 21, which begins it anew, and a stormy store may put the last read off.
const END_H: i64 = 48;

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
    /// Those of them at which a crash makes a difference of its own.
    pub telling: BTreeMap<Kind, Vec<u64>>,
}

/// What an invocation came to: which messages are done with.
pub(super) enum End {
    Nothing,
    Client(usize, Answer),
    Messages(Vec<(u64, Back)>),
    Events(Vec<(usize, Back)>),
}

/// What becomes of a queue message that was worked on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Back {
    /// It is deleted.
    Done,
    /// It shows again when the queue's time is over.
    Failed,
    /// It was hidden for so many milliseconds, or, where that was lost, shows as one that failed.
    Hidden(i64),
}

impl Back {
    pub(super) fn of(process: &Process, done: Result<Option<Timestamp>, Error>) -> Self {
        match done {
            Err(_) => Self::Failed,
            Ok(None) => Self::Done,
            Ok(Some(at)) => Self::Hidden(i64::from(seconds_until(&process.deps, at)) * 1000),
        }
    }
}

/// What must go on if an invocation dies: the act it performs, the messages or the events it holds.
#[derive(Default)]
pub(super) struct Duty {
    pub act: Option<usize>,
    pub messages: Vec<u64>,
    pub events: Vec<usize>,
}

pub(super) struct Sim<'a> {
    pub setup: &'a Setup,
    pub world: Arc<World>,
    pub plan: Plan,
    pub accounts: Vec<(AccountId, usize, String)>,
    /// The endpoint that listens, if one does.
    pub endpoint: Option<EndpointId>,
    pub stage: Stage<End>,
    pub duties: BTreeMap<TaskId, Duty>,
    pub idle: BTreeMap<Kind, Vec<Process>>,
    pub posts: BTreeMap<PostId, usize>,
    pub ids: BTreeMap<usize, PostId>,
    pub asked: BTreeMap<usize, u32>,
    pub settled: BTreeSet<usize>,
    pub canceled: BTreeMap<usize, i64>,
    /// When each act was granted, by its number.
    pub granted: BTreeMap<usize, i64>,
    /// Posts that somebody wanted to call off, whatever they were answered.
    pub called_off: BTreeSet<usize>,
    /// Where endpoints are what it is about.
    pub hooks: Hooks,
    pub outage_until: i64,
    /// Events of the bus that show in the webhook queue, and nobody has.
    pub shown: Vec<usize>,
    /// How often the message of each event of the bus went back to the queue.
    pub back: BTreeMap<usize, u32>,
    pub round: usize,
    pub ends_at: i64,
}

/// Runs the world of `seed` to its end and judges it.
pub fn run(seed: u64, setup: &Setup) -> Run {
    let mut sim = Sim::new(seed, setup);
    sim.live();
    sim.judge()
}

/// Lets the functions of a world that was filled by hand work until nothing is due any more, or until `ends_at`.
pub fn serve(world: &Arc<World>, setup: &Setup, ends_at: i64) {
    Sim::begin(Arc::clone(world), setup, Plan::default(), Vec::new(), ends_at).live();
}

impl<'a> Sim<'a> {
    #[allow(clippy::panic)] // a fault of the simulator itself
    fn new(seed: u64, setup: &'a Setup) -> Self {
        let world = Arc::new(World::with(seed, setup.weather, &setup.rules, setup.mutant));
        if setup.verbose {
            world.engine.verbose();
        }
        let deps = world.deps();
        let endpoint = setup.listening.then(|| match now(clients::listen(&deps, &world.caller)) {
            Ok(id) => id,
            Err(error) => panic!("an endpoint could not be registered in calm weather: {error}"),
        });
        if setup.listening || setup.webhooks.is_some() {
            world.bus.rule();
        }
        let mut accounts = Vec::new();
        for (at, platform) in setup.rules.iter().enumerate() {
            let author = format!("author{at}");
            match now(world.connect(&deps, platform.slug, &author)) {
                Ok(account) => accounts.push((account.id, at, author)),
                Err(error) => panic!("an account could not be connected in calm weather: {error}"),
            }
        }
        let mut plan = world.engine.chance(|rng| Plan::draw(rng, setup, accounts.len()));
        let hooks = setup.webhooks.map(|wanted| Hooks::begin(&world, wanted, &mut plan));
        for (n, (at, _)) in plan.acts.iter().enumerate() {
            world.engine.at(*at, Happening::Client(n));
        }
        let last = plan.posts.iter().map(|p| p.due_ms.unwrap_or(p.asked_ms) + i64::from(p.lateness_s) * 1000).max();
        let ends_at = last.unwrap_or(START_MS) + 600_000 + END_H * 3_600_000;
        let ends_at = setup.webhooks.map_or(ends_at, |wanted| START_MS + wanted.days * 86_400_000);
        Self { endpoint, hooks: hooks.unwrap_or_default(), ..Self::begin(world, setup, plan, accounts, ends_at) }
    }

    fn begin(
        world: Arc<World>,
        setup: &'a Setup,
        plan: Plan,
        accounts: Vec<(AccountId, usize, String)>,
        ends_at: i64,
    ) -> Self {
        let engine = &world.engine;
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
            stage: Stage::new(engine),
            duties: BTreeMap::new(),
            setup,
            plan,
            accounts,
            endpoint: None,
            idle: BTreeMap::new(),
            posts: BTreeMap::new(),
            ids: BTreeMap::new(),
            asked: BTreeMap::new(),
            settled: BTreeSet::new(),
            canceled: BTreeMap::new(),
            granted: BTreeMap::new(),
            called_off: BTreeSet::new(),
            hooks: Hooks::default(),
            outage_until: 0,
            shown: Vec::new(),
            back: BTreeMap::new(),
            round: 0,
            ends_at,
            world,
        }
    }

    fn live(&mut self) {
        while let Some(happening) = self.world.engine.next() {
            if self.world.engine.now_ms() > self.ends_at {
                break;
            }
            match happening {
                Happening::Resume(id, waker) => {
                    let over = self.stage.resume(id, &waker);
                    self.over(over);
                }
                Happening::Deadline(id) => {
                    let over = self.stage.kill(id);
                    self.over(over);
                }
                Happening::Message(id) => {
                    self.world.queues.show(id);
                    self.work();
                }
                Happening::Event(n) => self.show(n),
                Happening::Poll => {
                    self.work();
                    self.tell();
                }
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
        self.stage.clear();
        self.world.memory.land();
        // Later than any clock that was ahead.
        self.world.engine.advance_ms(1_800_000);
        for _ in 0..3 {
            self.world.engine.advance_ms(60_000);
            let deadline = self.world.engine.now() + jiff::SignedDuration::from_secs(60);
            drop(now(tick(&self.world.deps(), deadline, "last")));
        }
        // What is told may have more to tell: that an endpoint fails.
        let mut told = BTreeSet::new();
        while let Some(n) = self.world.bus.waiting().into_iter().find(|n| !told.contains(n)) {
            told.insert(n);
            let event = self.world.bus.event(n);
            let visit = Visit { receives: 1 + self.back.get(&n).copied().unwrap_or_default() };
            drop(event.map(|event| now(fan_out(&Batch::default(), &self.world.deps(), &event, visit))));
        }
    }

    fn judge(mut self) -> Run {
        let hooks = self.setup.webhooks.is_some().then(|| self.judge_hooks());
        let asked = self.asked_for();
        let clocks = self.setup.weather.fates.jump > 0 || self.setup.weather.fates.pause > 0;
        let witness = Witness {
            world: &self.world,
            accounts: &self.accounts,
            posts: &self.posts,
            canceled: &self.canceled,
            asked: &asked,
            endpoint: self.endpoint,
            tolerance_ms: if clocks { 3_600_000 } else { 20_000 },
        };
        let mut report = witness.judge();
        if let Some(found) = hooks {
            found.tell(&mut report);
        }
        if clocks {
            // A lease, and the end of an access, are as good as the clocks: these are judged where clocks are right.
            let v = &mut report.verdict;
            (v.overlaps, v.refresh_overlaps, v.without_access) = (0, 0, 0);
        }
        let (hash, log) = self.world.engine.story();
        let points = Kind::ALL.map(|k| (k, self.world.engine.points(k))).into();
        let telling = Kind::ALL.map(|k| (k, self.world.engine.telling_points(k))).into();
        Run { report, hash, log, points, telling }
    }

    /// The other words that were asked for, by post number.
    fn asked_for(&self) -> BTreeMap<usize, Vec<Asked>> {
        let mut all: BTreeMap<usize, Vec<Asked>> = BTreeMap::new();
        for (n, (asked_ms, act)) in self.plan.acts.iter().enumerate() {
            let (post, version, amends) = match act {
                Act::Edit(post) => (*post, 1, false),
                Act::Amend { post, version, .. } => (*post, *version, true),
                _ => continue,
            };
            let granted_ms = self.granted.get(&n).copied();
            all.entry(post).or_default().push(Asked { version, asked_ms: *asked_ms, granted_ms, amends });
        }
        all
    }

    fn is_over(&self) -> bool {
        self.stage.is_empty()
            && self.settled.len() == self.plan.acts.len()
            && self.world.queues.is_empty()
            && self.world.bus.waiting().is_empty()
            && (!self.setup.people || self.round > 60)
            && !self.has_due("")
    }

    /// Whether the due index has an entry whose partition starts so. What the machine is not done with is always in it:
    /// the judge finds what is not.
    pub(super) fn has_due(&self, pk: &str) -> bool {
        self.world.memory.look(Table::Core, |items| {
            // How posts did is read each day, without end.
            let ends = items.filter(|item| !item.key.sk.starts_with("ENG#"));
            // What people had sent again is only listed there, in a partition of the tenant's own.
            ends.filter_map(|i| i.due.as_ref()).any(|k| k.pk.starts_with(pk) && !k.pk.starts_with("T#"))
        })
    }

    fn process(&mut self, kind: Kind) -> Process {
        let idle = self.idle.entry(kind).or_default();
        let at = self.world.engine.chance(|rng| rng.index(idle.len() + 1));
        if at < idle.len() { idle.swap_remove(at) } else { self.world.process() }
    }

    pub(super) fn start<F>(&mut self, kind: Kind, limit_s: i64, duty: Duty, body: F)
    where
        F: FnOnce(Process, Arc<World>) -> Body<End>,
    {
        let process = self.process(kind);
        let id = self.world.engine.new_task();
        self.duties.insert(id, duty);
        let body = body(process.clone(), Arc::clone(&self.world));
        let over = self.stage.start(id, kind, process, limit_s, body);
        self.over(over);
    }

    fn over(&mut self, over: Option<Over<End>>) {
        let Some(over) = over else { return };
        let duty = self.duties.remove(&over.id).unwrap_or_default();
        let idle = self.idle.entry(over.kind).or_default();
        if idle.len() < 3 {
            idle.extend(over.process);
        }
        if let Some(end) = over.end {
            self.ended(end);
            return;
        }
        if let Some(n) = duty.act {
            self.ended(End::Client(n, Answer::Again));
        }
        self.ended(End::Events(duty.events.into_iter().map(|n| (n, Back::Failed)).collect()));
        self.ended(End::Messages(duty.messages.into_iter().map(|m| (m, Back::Failed)).collect()));
    }

    pub(super) fn hidden_ms(&self, back: Back) -> i64 {
        match back {
            Back::Hidden(ms) if !self.world.engine.strikes(self.setup.weather.queue_refused) => ms,
            _ => VISIBILITY_MS,
        }
    }

    pub(super) fn ended(&mut self, end: End) {
        match end {
            End::Nothing => {}
            End::Client(n, answer) => self.answered(n, answer),
            End::Events(events) => {
                for (n, back) in events {
                    if matches!(back, Back::Done) || self.setup.mutant == Mutant::DeletedBeforeRecorded {
                        self.world.bus.heard(n);
                    } else {
                        *self.back.entry(n).or_default() += 1;
                        let hidden = self.hidden_ms(back);
                        self.world.engine.after(hidden, Happening::Event(n));
                    }
                }
            }
            End::Messages(messages) => {
                for (id, back) in messages {
                    if matches!(back, Back::Done) {
                        self.world.queues.delete(id);
                    } else {
                        let hidden = self.hidden_ms(back);
                        self.world.engine.after(hidden, Happening::Message(id));
                    }
                }
                if self.world.queues.any_visible() {
                    self.world.engine.after(1, Happening::Poll);
                }
            }
        }
    }
}
