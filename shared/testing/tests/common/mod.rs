//! What the simulator's tests share: threads over seeds, and figures.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use testing::sim::{Run, Setup, Webhooks, run};
use testing::{Fates, Kind, Mutant, READABLE, Rules, WRITE_ONLY, Weather};

/// A stormy world. `throttled` store calls in a thousand.
pub(crate) fn stormy(rules: Vec<Rules>, throttled: u32) -> Setup {
    Setup {
        weather: Weather::storm(throttled),
        rules,
        mutant: Mutant::None,
        crash_at: None,
        people: false,
        people_err: false,
        amends: false,
        posts: 3,
        together: false,
        workers: 3,
        listening: true,
        webhooks: None,
        verbose: false,
    }
}

/// Two accounts on platforms that can be read back.
pub(crate) fn readable() -> Vec<Rules> {
    vec![READABLE, Rules { slug: "readable-too", refuses_duplicates: true, access_life_s: 0, ..READABLE }]
}

/// No request goes well, and half of the answers find a worker that sleeps, until its request may have been read to be absent and made
/// again. Nobody else sleeps or dies, so that it was; and the platforms take the same words twice, so that nothing of theirs stands
/// between a late answer and a double.
pub(crate) fn sleepy() -> Setup {
    let fates = Fates { pause: 5_000, sleeper: Some(Kind::Worker), ..Fates::default() };
    let weather = Weather { platform: 1_000, fates, ..Weather::storm(30) };
    let rules = readable().into_iter().map(|rules| Rules { refuses_duplicates: false, ..rules }).collect();
    Setup { weather, listening: false, ..stormy(rules, 30) }
}

/// Two accounts on platforms that take posts and publish them in their own time, or never.
pub(crate) fn taking() -> Vec<Rules> {
    readable().into_iter().map(|rules| Rules { takes: true, ..rules }).collect()
}

/// Two accounts on platforms that cannot.
pub(crate) fn write_only() -> Vec<Rules> {
    vec![WRITE_ONLY, Rules { slug: "write-only-too", refuses_duplicates: true, access_life_s: 0, ..WRITE_ONLY }]
}

/// Two accounts on platforms that take posts and tell only by the name that their answer gave what became of them.
pub(crate) fn naming() -> Vec<Rules> {
    write_only().into_iter().map(|rules| Rules { takes: true, ..rules }).collect()
}

/// A world of webhooks: in a storm, or where nothing but the receivers is unkind, or with more messages than one step of a recovery
/// takes; and with limits of requests, or told in order, in calm weather, where everything but clocks fails, or in a storm.
pub(crate) fn hooked(world: &str, seed: u64) -> Setup {
    let base = Setup { listening: false, ..stormy(vec![READABLE], 0) };
    let webhooks = Some(Webhooks { endpoints: 3, events: 8, days: 14, limited: false, ordered: false });
    match world {
        "stormy" => {
            // The schedule is measured by the workers' clocks: one that jumps says nothing of it.
            let storm = Weather::storm(30 + u32::try_from(seed % 10).unwrap() * 10);
            Setup { weather: Weather { fates: Fates { jump: 0, ..storm.fates }, ..storm }, webhooks, ..base }
        }
        "calm" => Setup { weather: Weather::calm(), webhooks, ..base },
        "crowded" => {
            let webhooks = Some(Webhooks { endpoints: 1, events: 260, days: 6, limited: false, ordered: false });
            Setup { weather: Weather::calm(), webhooks, ..base }
        }
        "limited" | "limited true clocks" | "limited stormy" => {
            let webhooks = Some(Webhooks { endpoints: 2, events: 8, days: 8, limited: true, ordered: false });
            let throttled = 30 + u32::try_from(seed % 10).unwrap() * 10;
            let weather = match world {
                "limited" => Weather::calm(),
                "limited stormy" => hooked("stormy", seed).weather,
                _ => Weather::storm_with_true_clocks(throttled),
            };
            Setup { weather, webhooks, ..base }
        }
        "ordered" | "ordered true clocks" | "ordered stormy" | "ordered limited" => {
            let limited = world == "ordered limited";
            let webhooks = Some(Webhooks { endpoints: 2, events: 8, days: 14, limited, ordered: true });
            let weather = match world {
                "ordered true clocks" => hooked("limited true clocks", seed).weather,
                "ordered stormy" => hooked("stormy", seed).weather,
                _ => Weather::calm(),
            };
            Setup { weather, webhooks, ..base }
        }
        other => panic!("there is no world {other}"),
    }
}

/// Figures of many runs.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub runs: u64,
    pub states: BTreeMap<&'static str, u64>,
    pub broken: BTreeMap<&'static str, u64>,
    pub bad: Vec<u64>,
    pub requests: u64,
    pub minutes: Vec<i64>,
    pub family_kills: u64,
    pub parked: u64,
    pub unparked: u64,
    pub comments: u64,
    pub reworded: u64,
    pub amended: u64,
    pub amendments: BTreeMap<&'static str, u64>,
    pub hooks: BTreeMap<String, u64>,
    pub points: BTreeMap<Kind, u64>,
}

impl Sum {
    pub(crate) fn add(&mut self, seed: u64, run: Run) {
        self.runs += 1;
        for (state, n) in run.report.states {
            *self.states.entry(state).or_default() += n;
        }
        for (rule, n) in run.report.verdict.figures() {
            if n > 0 {
                *self.broken.entry(rule).or_default() += n;
            }
        }
        if !run.report.verdict.is_good() {
            self.bad.push(seed);
        }
        self.parked += run.report.parked;
        self.unparked += run.report.unparked;
        self.comments += run.report.comments;
        self.reworded += run.report.reworded;
        self.requests += run.report.requests;
        self.amended += run.report.amended;
        for (outcome, n) in run.report.amendments {
            *self.amendments.entry(outcome).or_default() += n;
        }
        for (state, n) in run.report.hooks {
            *self.hooks.entry(state).or_default() += n;
        }
        self.family_kills += run.report.family_kills;
        self.minutes.extend(run.report.minutes);
        for (kind, n) in run.points {
            *self.points.entry(kind).or_default() += n;
        }
    }

    pub(crate) fn p99_minutes(&mut self) -> i64 {
        self.minutes.sort_unstable();
        self.minutes.get(self.minutes.len() * 99 / 100).copied().unwrap_or(0)
    }
}

/// Runs `seeds` on every processor; `until` stops early.
pub(crate) fn many(seeds: Range<u64>, setup: impl Fn(u64) -> Setup + Sync, until: impl Fn(&Sum) -> bool + Sync) -> Sum {
    each(seeds, |n| (n, setup(n)), until)
}

/// Runs what `case` says for each number: a seed and a setup.
pub(crate) fn each(
    seeds: Range<u64>,
    case: impl Fn(u64) -> (u64, Setup) + Sync,
    until: impl Fn(&Sum) -> bool + Sync,
) -> Sum {
    let next = AtomicU64::new(seeds.start);
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || until(&sum.lock().unwrap()) {
                        return;
                    }
                    let (world, setup) = case(seed);
                    let done = run(world, &setup);
                    sum.lock().unwrap().add(seed, done);
                }
            });
        }
    });
    sum.into_inner().unwrap()
}
