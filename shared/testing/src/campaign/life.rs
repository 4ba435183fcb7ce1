//! The life itself: what happens when, and who does what.

use super::crowd::{Crowd, Edition, Seen};
use super::judge::Ended;
use super::office::{Counter, Office};
use super::table::{Claims, Watched};
use super::{Campaign, Lived, Missing};
use crate::backend::FarMemory;
use crate::engine::Happening;
use crate::sim::stage::{Body, Over, Stage};
use crate::{Kind, Mutant, Process, SeededEntropy, SkewedClock, TaskId, World};
use app::Error;
use app::campaigns::{CampaignDeps, Next, cancel, open, pause, plan, progress, resume, send, settle};
use domain::RunId;
use domain::campaigns::{ChunkKey, RUN_SHARDS, Shard, ShardRef, Sums};
use jiff::SignedDuration;
use ports::{Campaigns, Clock};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store::Store;
use uuid::Uuid;

/// Seconds that the functions may run.
const WORKER_S: i64 = 60;
const API_S: i64 = 30;
/// Seconds after which a message that was not deleted shows again.
const VISIBILITY_MS: i64 = 360_000;
/// Between looks for shards whose message was lost.
const TICK_MS: i64 = 300_000;
/// Hours after which a life is over in any case.
const END_H: i64 = 36;

/// What somebody wants of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Pause,
    Resume,
    Cancel,
}

/// What an invocation is about.
#[derive(Debug, Clone, Copy)]
enum Duty {
    Open,
    Plan(u8),
    Send(u8),
    Want(Wish),
    Look,
    Event(usize),
}

/// What it came to.
enum End {
    Opened(bool),
    Planned(bool),
    Sent(Option<Next>),
    /// Whether it is so now; none where it could not be, ever.
    Wanted(Option<bool>),
    Looked(Option<Sums>),
    Heard(bool),
}

pub(super) struct Life {
    pub(super) campaign: Campaign,
    pub(super) world: Arc<World>,
    pub(super) crowd: Arc<Crowd>,
    pub(super) office: Arc<Office>,
    pub(super) claims: Arc<Claims>,
    pub(super) run: RunId,
    edition: Arc<Edition>,
    stage: Stage<End>,
    duties: BTreeMap<TaskId, Duty>,
    /// What is still wanted, the next first, with how long to wait before it.
    wishes: Vec<(i64, Wish)>,
    /// Up to where each shard was claimed when somebody was told that nothing is any more.
    stopped: Option<BTreeMap<u8, Option<ChunkKey>>>,
    /// The last wish that was granted.
    pub(super) granted: Option<Wish>,
    pub(super) ended: Ended,
    pub(super) everybody: u64,
}

impl Life {
    pub(super) fn new(seed: u64, campaign: &Campaign) -> Self {
        let world = Arc::new(World::with(seed, campaign.weather, &[], Mutant::None));
        let engine = Arc::clone(&world.engine);
        if campaign.verbose {
            engine.verbose();
        }
        let crowd = Arc::new(Crowd::gathered(&engine, world.caller.tenant, campaign));
        let everybody = crowd.concerned().len() as u64;
        let wishes = engine.chance(|rng| {
            let mut wishes = Vec::new();
            for _ in 0..rng.index(campaign.controls + 1) {
                wishes.push((rng.between(1_000, 1_500_000), Wish::Pause));
                if rng.permille(150) {
                    wishes.push((rng.between(1_000, 600_000), Wish::Cancel));
                    break;
                }
                wishes.push((rng.between(1_000, 1_200_000), Wish::Resume));
            }
            if campaign.controls > 0 && rng.permille(100) {
                wishes.push((rng.between(1_000, 3_000_000), Wish::Cancel));
            }
            wishes
        });
        let leaves = campaign.people * campaign.leaving / 1000;
        for _ in 0..leaves {
            let (at, who) = engine.chance(|rng| (rng.between(0, campaign.leave_within_ms), rng.index(1 << 20)));
            engine.after(at, Happening::Client(who));
        }
        engine.after(0, Happening::Message(u64::from(u8::MAX)));
        engine.after(TICK_MS, Happening::Tick);
        engine.after(engine.chance(|rng| rng.between(1_000, 60_000)), Happening::People);
        engine.storm(true);
        engine.schedule(campaign.weather.fates, campaign.crash_at);
        let starts = engine.now() + SignedDuration::from_secs(30);
        Self {
            run: RunId::from_uuid(Uuid::from_u128(0x5eed << 64 | u128::from(seed))),
            office: Arc::new(Office::new(&engine, campaign.weather)),
            edition: Arc::new(Edition { starts }),
            stage: Stage::new(&engine),
            duties: BTreeMap::new(),
            claims: Arc::default(),
            stopped: None,
            granted: None,
            ended: Ended::default(),
            campaign: campaign.clone(),
            world,
            crowd,
            wishes,
            everybody,
        }
    }

    pub(super) fn at(&self, shard: u8) -> ShardRef {
        ShardRef { tenant: self.world.caller.tenant, run: self.run, stage: 0, shard }
    }

    pub(super) fn live(mut self) -> Lived {
        let ends_at = self.world.engine.now_ms() + END_H * 3_600_000;
        while let Some(happening) = self.world.engine.next() {
            if self.world.engine.now_ms() > ends_at {
                break;
            }
            // Reading all shards for every step would be most of the work.
            let looks = matches!(happening, Happening::People | Happening::Tick);
            match happening {
                Happening::Resume(id, waker) => {
                    let over = self.stage.resume(id, &waker);
                    self.over(over);
                }
                Happening::Deadline(id) => {
                    let over = self.stage.kill(id);
                    self.over(over);
                }
                Happening::Message(n) => self.message(n),
                Happening::Event(n) => self.start(Duty::Event(n)),
                Happening::Client(who) => self.crowd.leave(who),
                Happening::Reconcile => self.want(),
                Happening::People => {
                    self.start(Duty::Look);
                    let again = self.world.engine.chance(|rng| rng.between(60_000, 900_000));
                    self.world.engine.after(again, Happening::People);
                }
                Happening::Tick => self.tick(),
                Happening::Land => self.world.memory.land(),
                Happening::Poll | Happening::Sabotage => {}
            }
            // Where a guard is missing the same people may be written to for hours.
            let far_too_many = || self.office.books().requests > u64::from(self.campaign.people) * 10;
            if far_too_many() || (looks && self.is_over()) {
                break;
            }
        }
        self.world.engine.calm();
        self.stage.clear();
        self.world.memory.land();
        self.still_stopped();
        self.judge();
        let (hash, log) = self.world.engine.story();
        let telling = Kind::ALL.map(|kind| (kind, self.world.engine.telling_points(kind))).into();
        Lived { ended: self.ended, hash, log, telling }
    }

    /// As the ledger has it, read by nobody's process.
    #[allow(clippy::panic)] // a fault of the test world itself
    pub(super) fn shards(&self) -> Vec<Shard> {
        let stormy = self.world.engine.stormy();
        self.world.engine.storm(false);
        let found = crate::now(self.world.ledger.shards(self.world.caller.tenant, self.run));
        self.world.engine.storm(stormy);
        match found {
            Ok(found) => found.into_iter().map(|shard| shard.value).collect(),
            Err(error) => panic!("the shards cannot be read: {error}"),
        }
    }

    fn is_over(&self) -> bool {
        // A look may be under way.
        let looking = |duty: &Duty| matches!(duty, Duty::Look);
        if !self.duties.values().all(looking) || !self.wishes.is_empty() {
            return false;
        }
        if self.office.books().told.iter().any(|told| !told.heard) {
            return false;
        }
        let shards = self.shards();
        !shards.is_empty() && shards.iter().all(Shard::is_finished)
    }

    /// Messages 0 to 15 plan a shard, 16 to 31 send one; the one beyond opens the run.
    fn message(&mut self, n: u64) {
        let shard = u8::try_from(n % 16).unwrap_or(0);
        match n {
            0..16 => self.start(Duty::Plan(shard)),
            16..32 => self.start(Duty::Send(shard)),
            _ => self.start(Duty::Open),
        }
    }

    /// A message, which may come twice, or never.
    fn send_message(&mut self, n: u64, after_ms: i64) {
        let weather = self.campaign.weather;
        let engine = &self.world.engine;
        if engine.strikes(weather.queue_refused) {
            return;
        }
        engine.after(after_ms, Happening::Message(n));
        if engine.strikes(weather.queue_doubled) {
            let late = engine.chance(|rng| rng.between(0, 120_000));
            engine.after(after_ms + late, Happening::Message(n));
        }
    }

    /// Whatever lost its message gets another.
    fn tick(&mut self) {
        for shard in self.shards() {
            if !shard.is_finished() {
                let of = if shard.planned || shard.flight.is_some() { 16 } else { 0 };
                self.send_message(of + u64::from(shard.at.shard), 0);
            }
        }
        self.world.engine.after(TICK_MS, Happening::Tick);
    }

    fn want(&mut self) {
        if let Some((_, wish)) = self.wishes.first() {
            let wish = *wish;
            self.still_stopped();
            // From here on its effect may come.
            self.stopped = None;
            self.start(Duty::Want(wish));
        }
    }

    /// Whether anything was claimed since somebody was told that nothing would be.
    fn still_stopped(&mut self) {
        if let Some(stopped) = &self.stopped {
            let shards = self.shards();
            let claimed = shards.iter().filter(|s| stopped.get(&s.at.shard) != Some(&s.claimed)).count();
            self.ended.verdict.claims_after_stop += claimed as u64;
        }
    }

    fn process(&self, kind: Kind) -> (Process, CampaignDeps) {
        let mut process = self.world.process();
        let engine = Arc::clone(&self.world.engine);
        let clock = Arc::new(SkewedClock { engine: Arc::clone(&engine), offset: Arc::clone(&process.offset) });
        let missing = self.campaign.missing;
        let mutant = if missing == Missing::DoubtfulIsDone { Mutant::DoubtfulIsDone } else { Mutant::None };
        let far = FarMemory {
            engine: Arc::clone(&engine),
            memory: Arc::clone(&self.world.memory),
            weather: self.campaign.weather,
            mutant,
            clock: Arc::clone(&clock),
            fences: Mutex::default(),
        };
        let watched = Watched {
            far,
            memory: Arc::clone(&self.world.memory),
            kind,
            missing,
            claims: Arc::clone(&self.claims),
            engine: Arc::clone(&engine),
        };
        let entropy = Arc::new(SeededEntropy(Arc::clone(&engine)));
        process.deps.base.ledger = Arc::new(Store::new(watched, entropy, clock as Arc<dyn Clock>));
        let deps = CampaignDeps {
            base: process.deps.base.clone(),
            audience: Arc::new(Seen { crowd: Arc::clone(&self.crowd), missing, since: engine.now_ms() }),
            mailer: Arc::new(Counter { office: Arc::clone(&self.office), missing }),
        };
        (process, deps)
    }

    fn start(&mut self, duty: Duty) {
        let (kind, limit_s) = match duty {
            Duty::Open | Duty::Want(_) | Duty::Look => (Kind::Api, API_S),
            Duty::Plan(_) => (Kind::Tick, WORKER_S),
            Duty::Send(_) => (Kind::Worker, WORKER_S),
            Duty::Event(_) => (Kind::Notifier, API_S),
        };
        let (process, deps) = self.process(kind);
        let id = self.world.engine.new_task();
        self.duties.insert(id, duty);
        let body = self.body(duty, deps);
        let over = self.stage.start(id, kind, process, limit_s, body);
        self.over(over);
    }

    fn body(&self, duty: Duty, deps: CampaignDeps) -> Body<End> {
        let (tenant, run) = (self.world.caller.tenant, self.run);
        let edition = Arc::clone(&self.edition);
        let deadline = deps.clock.now() + SignedDuration::from_secs(WORKER_S);
        match duty {
            Duty::Open => Box::pin(async move { End::Opened(open(&deps, tenant, run, 0).await.is_ok()) }),
            Duty::Plan(shard) => {
                let at = self.at(shard);
                let limit = self.world.engine.chance(|rng| if rng.permille(500) { 10 } else { 1_000 });
                Box::pin(async move {
                    End::Planned(plan(&deps, at, &*edition, limit, deadline).await.is_ok_and(|step| step.done))
                })
            }
            Duty::Send(shard) => {
                let at = self.at(shard);
                Box::pin(async move {
                    End::Sent(send(&deps, at, &*edition, &*edition, deadline).await.ok().map(|sent| sent.next))
                })
            }
            Duty::Want(wish) => Box::pin(async move {
                let done = match wish {
                    Wish::Pause => pause(&deps, tenant, run).await,
                    Wish::Resume => resume(&deps, tenant, run).await,
                    Wish::Cancel => cancel(&deps, tenant, run).await,
                };
                End::Wanted(match done {
                    Ok(_) => Some(true),
                    Err(Error::Conflict { code: "finished" | "cancelled", .. }) => None,
                    Err(_) => Some(false),
                })
            }),
            Duty::Look => Box::pin(async move { End::Looked(progress(&deps, tenant, run).await.ok()) }),
            Duty::Event(n) => {
                let told = self.office.books().told.get(n).cloned();
                Box::pin(async move {
                    let Some(told) = told else { return End::Heard(false) };
                    End::Heard(settle(&deps, &told.entry, &told.found).await.is_ok())
                })
            }
        }
    }

    fn over(&mut self, over: Option<Over<End>>) {
        let Some(over) = over else { return };
        let Some(duty) = self.duties.remove(&over.id) else { return };
        match (duty, over.end) {
            (Duty::Open, Some(End::Opened(true))) => {
                for n in 0..u64::from(RUN_SHARDS) {
                    self.send_message(n, 0);
                }
                self.wish();
            }
            (Duty::Open, _) => self.world.engine.after(1_000, Happening::Message(u64::from(u8::MAX))),
            (Duty::Plan(shard), Some(End::Planned(done))) => {
                self.send_message(if done { 16 } else { 0 } + u64::from(shard), 100);
            }
            (Duty::Send(shard), Some(End::Sent(Some(next)))) => self.next(shard, next),
            // Died, or could not: the message shows again.
            (Duty::Plan(shard), _) => self.world.engine.after(VISIBILITY_MS, Happening::Message(shard.into())),
            (Duty::Send(shard), _) => self.world.engine.after(VISIBILITY_MS, Happening::Message(16 + u64::from(shard))),
            (Duty::Want(wish), Some(End::Wanted(done))) => self.wanted(wish, done),
            (Duty::Want(_), _) => self.world.engine.after(2_000, Happening::Reconcile),
            (Duty::Look, Some(End::Looked(Some(sums)))) => self.looked(&sums),
            (Duty::Look, _) => {}
            (Duty::Event(n), Some(End::Heard(true))) => {
                if let Some(told) = self.office.books().told.get_mut(n) {
                    told.heard = true;
                }
            }
            (Duty::Event(n), _) => self.world.engine.after(60_000, Happening::Event(n)),
        }
    }

    fn next(&mut self, shard: u8, next: Next) {
        let n = u64::from(shard);
        let now = self.world.engine.now();
        let until = |at: jiff::Timestamp| i64::try_from(at.duration_since(now).as_millis()).unwrap_or(0).max(0) + 50;
        match next {
            Next::Done | Next::Stopped => {}
            Next::Now => self.send_message(16 + n, 10),
            Next::At(at) | Next::Busy(at) => self.send_message(16 + n, until(at)),
            Next::NotPlanned => self.send_message(n, 1_000),
        }
    }

    /// The next wish comes up.
    fn wish(&mut self) {
        if let Some((wait, _)) = self.wishes.first() {
            self.world.engine.after(*wait, Happening::Reconcile);
        }
    }

    fn wanted(&mut self, wish: Wish, done: Option<bool>) {
        match done {
            Some(false) => return self.world.engine.after(2_000, Happening::Reconcile),
            Some(true) => {
                self.granted = Some(wish);
                let shards = self.shards();
                if wish == Wish::Resume {
                    for shard in &shards {
                        let of = if shard.planned { 16 } else { 0 };
                        self.send_message(of + u64::from(shard.at.shard), 0);
                    }
                } else {
                    self.stopped = Some(shards.iter().map(|s| (s.at.shard, s.claimed)).collect());
                    self.ended.stops += 1;
                }
            }
            None => {}
        }
        self.wishes.remove(0);
        self.wish();
    }

    fn looked(&mut self, sums: &Sums) {
        self.ended.looks += 1;
        let whole = !sums.planned || self.granted == Some(Wish::Cancel) || sums.audience == self.everybody;
        if sums.total() != sums.audience || sums.audience > self.everybody || !whole {
            self.ended.verdict.sums += 1;
        }
    }
}
