//! Lives of campaigns through storms, from seeds (F16, F18).
//!
//! `SIM_SEEDS=2000` sets how many. A seed that broke is replayed with `SIM_SEED=…`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::disallowed_methods)]

use app::Error;
use app::campaigns::{Settled, cancel, open, pause, progress, resume, settle};
use domain::campaigns::{ChunkKey, Control, EntryRef, Finding, Planner, Shard, ShardRef, Verdict};
use domain::{ContactId, RunId};
use ports::{Record, Write};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use testing::campaign::{Campaign, Lived, Missing, live};
use testing::{Fates, Kind, Weather, World, now};

/// Figures over lives.
#[derive(Default)]
struct Sum {
    lives: u64,
    bad: Vec<u64>,
    broken: BTreeMap<&'static str, u64>,
    states: BTreeMap<&'static str, u64>,
    requests: u64,
    looks: u64,
    stops: u64,
    moved: u64,
    events: u64,
}

impl Sum {
    fn add(&mut self, seed: u64, lived: &Lived) {
        let ended = &lived.ended;
        self.lives += 1;
        if !ended.verdict.is_good() {
            self.bad.push(seed);
        }
        for (what, n) in ended.verdict.figures().into_iter().filter(|(_, n)| *n > 0) {
            *self.broken.entry(what).or_default() += n;
        }
        for (state, n) in &ended.states {
            *self.states.entry(state).or_default() += n;
        }
        self.requests += ended.requests;
        self.looks += ended.looks;
        self.stops += ended.stops;
        self.moved += ended.moved;
        self.events += ended.events;
    }

    fn tell(&self, what: &str) {
        println!(
            "campaigns {what}: {} lives, broken {:?} in {:?}; {:?}; {} requests, {} moved, {} events, {} looks, {} stops",
            self.lives,
            self.broken,
            self.bad,
            self.states,
            self.requests,
            self.moved,
            self.events,
            self.looks,
            self.stops
        );
    }
}

/// Lives what `case` says for each number, on every processor; `until` stops early.
fn each(seeds: Range<u64>, case: impl Fn(u64) -> (u64, Campaign) + Sync, until: impl Fn(&Sum) -> bool + Sync) -> Sum {
    let next = AtomicU64::new(seeds.start);
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= seeds.end || until(&sum.lock().unwrap()) {
                        return;
                    }
                    let (seed, campaign) = case(n);
                    let lived = live(seed, &campaign);
                    sum.lock().unwrap().add(n, &lived);
                }
            });
        }
    });
    let mut sum = sum.into_inner().unwrap();
    sum.bad.sort_unstable();
    sum
}

/// 3 to 30 percent of the store's calls are throttled.
fn stormy(seed: u64) -> Campaign {
    Campaign::stormy(30 + u32::try_from(seed % 10).unwrap() * 30)
}

#[test]
fn nobody_gets_a_run_twice_nobody_is_lost_and_what_is_stopped_stops_whatever_happens() {
    let seeds = std::env::var("SIM_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(800);
    let sum = each(0..seeds, |seed| (seed, stormy(seed)), |_| false);
    sum.tell("stormy");
    if let Some(first) = sum.bad.first() {
        panic!("{:?} in {} of {} lives; replay: SIM_SEED={first}", sum.broken, sum.bad.len(), sum.lives);
    }
    for state in ["unknown", "skipped", "rejected", "accepted", "delivered", "bounced", "complained", "planned"] {
        assert!(sum.states.contains_key(state), "nobody was {state}: {:?}", sum.states);
    }
    assert!(sum.moved > 0 && sum.looks > 0 && sum.stops > 0 && sum.events > 0);
}

#[test]
fn in_calm_weather_everybody_comes_to_something_certain() {
    let calm = |controls| Campaign { weather: Weather::calm(), controls, ..Campaign::stormy(0) };
    let sum = each(0..4, |seed| (seed, calm(0)), |_| false);
    sum.tell("calm");
    assert!(sum.bad.is_empty(), "{:?} in {:?}", sum.broken, sum.bad);
    assert!(!sum.states.contains_key("unknown") && !sum.states.contains_key("planned"), "{:?}", sum.states);
}

/// A seed that is lived twice is the same life.
#[test]
fn a_seed_of_campaigns_tells_the_same_story_twice() {
    for seed in 0..2 {
        let few = Campaign { people: 60, ..stormy(seed) };
        assert_eq!(live(seed, &few), live(seed, &few), "{seed}");
    }
}

/// A life with few people, in which only the provider is unkind until the crash.
fn small(seed: u64) -> Campaign {
    let weather = if seed == 0 { Weather::calm() } else { Weather { platform: 250, ..Weather::calm() } };
    let controls = usize::from(seed > 0);
    Campaign { weather, people: 26, shards: 1, controls, leaving: 150, ..Campaign::stormy(0) }
}

#[test]
fn a_crash_at_any_port_call_of_a_campaign_doubles_and_loses_nobody() {
    let mut met = BTreeMap::<Kind, u64>::new();
    for seed in 0..3 {
        let whole = live(seed, &small(seed));
        assert!(whole.ended.verdict.is_good(), "{seed}: {:?}", whole.ended);
        for (kind, points) in &whole.telling {
            let crash = |n: u64| {
                let at = points[usize::try_from(n).unwrap()];
                (seed, Campaign { crash_at: Some((*kind, at)), ..small(seed) })
            };
            let sum = each(0..points.len() as u64, crash, |_| false);
            assert!(sum.bad.is_empty(), "life {seed}, {kind:?}, points {:?}: {:?}", sum.bad, sum.broken);
            *met.entry(*kind).or_default() += sum.lives;
        }
    }
    println!("campaigns: crash points {met:?}");
    for kind in [Kind::Api, Kind::Tick, Kind::Worker, Kind::Notifier] {
        assert!(met[&kind] > 10, "{met:?}");
    }
}

/// Where a guard that is missing is looked for: in these lives, each with the most seeds within which it must be noticed. There is no
/// default: a new one does not compile without its trial.
fn trial(missing: Missing) -> (Campaign, u64) {
    let base = Campaign { people: 120, missing, ..stormy(2) };
    let fates = Fates { crash: 60, pause: 60, jump: 10, ..Fates::default() };
    let deadly = Campaign { weather: Weather { fates, ..base.weather }, ..base.clone() };
    match missing {
        Missing::None => unreachable!("no guard is missing"),
        Missing::UnknownAgain | Missing::PositionApart | Missing::LateOwnerOverwrites => (deadly, 40),
        Missing::ControlUnseen => (base, 20),
        Missing::AskedBeforeClaim => (Campaign { people: 445, leaving: 1_000, leave_within_ms: 60_000, ..base }, 40),
        Missing::CountedTwice | Missing::SilenceIsNo => (base, 10),
        Missing::DoubtfulIsDone | Missing::NoRevisions => (base, 40),
    }
}

#[test]
fn guards_of_a_campaign_are_noticed_when_they_are_missing() {
    for missing in Missing::ALL {
        let (campaign, most) = trial(*missing);
        let sum = each(0..most, |seed| (seed, campaign.clone()), |sum| !sum.bad.is_empty());
        println!("guard {missing:?}: noticed within {} of {most} lives: {:?}", sum.lives, sum.broken);
        assert!(!sum.bad.is_empty(), "{missing:?} was not noticed in {most} lives");
        let last = sum.bad.iter().max().unwrap() + 1;
        let whole = Campaign { missing: Missing::None, ..campaign };
        let with_all = each(0..last, |seed| (seed, whole.clone()), |_| false);
        assert!(with_all.bad.is_empty(), "with all guards: {:?} in {:?}", with_all.broken, with_all.bad);
    }
}

#[test]
fn a_stage_that_is_opened_later_is_stopped_as_its_run_is_and_what_is_cancelled_stays_so() {
    let world = World::new(1);
    let (deps, tenant) = (world.deps().base, world.caller.tenant);
    let run = RunId::from_uuid(uuid::Uuid::from_u128(9));
    assert_eq!(now(pause(&deps, tenant, run)), Err(Error::NotFound("run")));
    assert_eq!(now(progress(&deps, tenant, run)), Err(Error::NotFound("run")));
    for (stop, control) in [(Control::Paused, Control::Paused), (Control::Cancelled, Control::Cancelled)] {
        now(open(&deps, tenant, run, 0)).unwrap();
        let done =
            if stop == Control::Paused { now(pause(&deps, tenant, run)) } else { now(cancel(&deps, tenant, run)) };
        done.unwrap();
        now(open(&deps, tenant, run, u8::from(stop == Control::Cancelled) + 1)).unwrap();
        let shards = now(deps.ledger.shards(tenant, run)).unwrap();
        assert!(shards.iter().all(|shard| shard.value.control == control), "{stop:?}");
    }
    assert_eq!(now(deps.ledger.shards(tenant, run)).unwrap().len(), 48);
    for refused in [now(pause(&deps, tenant, run)), now(resume(&deps, tenant, run))] {
        assert!(matches!(refused, Err(Error::Conflict { code: "cancelled", .. })), "{refused:?}");
    }
    assert!(now(cancel(&deps, tenant, run)).unwrap().finished, "once more is no error");
}

#[test]
fn an_event_of_what_was_never_claimed_is_no_evidence() {
    let world = World::new(1);
    let (deps, tenant) = (world.deps().base, world.caller.tenant);
    let at = ShardRef { tenant, run: RunId::from_uuid(uuid::Uuid::from_u128(9)), stage: 0, shard: 0 };
    let contact = ContactId::from_uuid(uuid::Uuid::from_u128(7));
    let mut planner = Planner::new(&Shard::new(at)).unwrap();
    assert!(planner.take(contact, Verdict::In { variant: 0, not_before: world.engine.now() }));
    let (shard, chunks) = planner.done(true);
    let key = chunks[0].key;
    let chunks = chunks.into_iter().map(|chunk| Write::create(Record::Chunk(chunk)));
    now(deps.ledger.commit(chunks.chain([Write::create(Record::RunShard(Box::new(shard)))]).collect())).unwrap();
    for entry in [
        EntryRef { at, key, contact },
        EntryRef { at, key: ChunkKey { seq: 5, ..key }, contact },
        EntryRef { at: ShardRef { shard: 1, ..at }, key, contact },
        EntryRef { at, key, contact: ContactId::from_uuid(uuid::Uuid::from_u128(8)) },
    ] {
        assert_eq!(now(settle(&deps, &entry, &Finding::accepted("m"))), Ok(Settled::Nothing));
    }
    assert_eq!(now(progress(&deps, tenant, at.run)).unwrap().pending, 1);
}

/// One life with its event log: the seed that a test named, or the first.
#[test]
fn replay_of_a_campaign() {
    let seed = std::env::var("SIM_SEED").map_or(0, |seed| seed.parse().expect("SIM_SEED is a number"));
    let lived = live(seed, &Campaign { verbose: true, ..stormy(seed) });
    for line in &lived.log {
        println!("{line}");
    }
    println!("{seed}: {:?}", lived.ended);
    assert!(!lived.log.is_empty(), "a life that tells nothing cannot be replayed");
    assert!(lived.ended.verdict.is_good(), "{seed}: {:?}", lived.ended);
}
