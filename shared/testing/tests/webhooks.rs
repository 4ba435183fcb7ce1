//! Lives of webhooks through storms, from seeds (F19): receivers that fail, ask to be left alone, say that they are gone or take what
//! they never answer, and people who switch them off and on and send again what they were not told.
//!
//! `SIM_SEEDS=10000` sets how many of each world. A seed that broke is replayed with `SIM_SEED=… SIM_WORLD=…`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::disallowed_methods)]

mod common;

use common::{Sum, each, hooked, many};
use testing::Kind;
use testing::sim::{Setup, Webhooks, run};

/// Runs a world; what became of its messages.
fn lives(world: &str, share: u64) -> Sum {
    let seeds = std::env::var("SIM_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(share);
    let mut sum = many(0..seeds, |seed| hooked(world, seed), |_| false);
    println!("webhooks {world}: {} seeds, broken {:?}, {:?}", sum.runs, sum.broken, sum.hooks);
    sum.bad.sort_unstable();
    if let Some(first) = sum.bad.first() {
        let n = sum.bad.len();
        panic!("{world}: {:?} in {n} of {} seeds; replay: SIM_SEED={first} SIM_WORLD={world}", sum.broken, sum.runs);
    }
    sum
}

/// Whether what the world is about happened in it.
fn had(sum: &Sum, states: &[&str]) {
    for state in states {
        assert!(sum.hooks.get(*state).is_some_and(|n| *n > 0), "nothing was {state}: {:?}", sum.hooks);
    }
}

#[test]
fn every_event_is_delivered_or_visibly_dead_and_a_recovery_leaves_none_dead() {
    let sum = lives("stormy", 2_000);
    had(&sum, &["delivered", "dead: disabled", "dead: gone", "dead: exhausted"]);
}

#[test]
fn in_calm_weather_attempts_keep_to_the_schedule_and_to_what_endpoints_ask_for() {
    let sum = lives("calm", 1_500);
    had(&sum, &["delivered", "dead: disabled", "dead: gone", "dead: exhausted"]);
}

#[test]
fn a_recovery_of_more_messages_than_one_step_takes_leaves_none_out() {
    had(&lives("crowded", 100), &["delivered"]);
}

#[test]
fn no_minute_has_more_requests_than_an_endpoints_limit_and_nothing_is_lost_in_its_line() {
    had(&lives("limited", 400), &["delivered", "in line", "dead: exhausted"]);
    had(&lives("limited true clocks", 400), &["delivered", "in line"]);
    had(&lives("limited stormy", 400), &["delivered", "in line"]);
}

/// The notifier dies at each of its points in these small lives, one after another; at how many.
fn crashed_anywhere(name: &str, few: Webhooks, seeds: u64) -> u64 {
    let mut tried = 0;
    for seed in 0..seeds {
        let base = Setup { webhooks: Some(few), ..hooked(name, seed) };
        let whole = run(seed, &base);
        assert!(whole.report.verdict.is_good(), "{seed}: {}", whole.report);
        let points = &whole.telling[&Kind::Notifier];
        let crash =
            |k: u64| Setup { crash_at: Some((Kind::Notifier, points[usize::try_from(k).unwrap()])), ..base.clone() };
        let sum = each(0..points.len() as u64, |k| (seed, crash(k)), |_| false);
        assert!(sum.bad.is_empty(), "world {seed}, points {:?}: {:?}", sum.bad, sum.broken);
        tried += sum.runs;
    }
    println!("{name}: {tried} points of the notifier");
    tried
}

#[test]
fn a_crash_anywhere_between_a_place_in_line_and_its_request_loses_nothing() {
    let few = Webhooks { endpoints: 1, events: 2, days: 1, limited: true, ordered: false };
    let tried = crashed_anywhere("limited", few, 2);
    assert!(tried > 20, "{tried}");
}

#[test]
fn of_one_key_none_is_tried_before_those_before_it_have_ended_and_nothing_stands_for_ever() {
    had(&lives("ordered", 400), &["delivered", "in line", "dead: exhausted", "dead: disabled", "dead: gone"]);
    had(&lives("ordered limited", 60), &["delivered", "in line"]);
    had(&lives("ordered true clocks", 30), &["delivered", "in line", "dead: exhausted"]);
    had(&lives("ordered stormy", 15), &["delivered", "in line", "dead: exhausted"]);
}

#[test]
fn a_crash_anywhere_between_joining_a_lane_and_waking_the_next_loses_nothing_and_lets_nobody_by() {
    let few = Webhooks { endpoints: 1, events: 3, days: 1, limited: false, ordered: true };
    let tried = crashed_anywhere("ordered", few, 3);
    assert!(tried > 40, "{tried}");
}

#[test]
fn a_seed_of_webhooks_tells_the_same_story_twice() {
    for world in ["stormy", "calm", "limited stormy", "ordered stormy"] {
        for seed in 0..20 {
            let (one, two) = (run(seed, &hooked(world, seed)), run(seed, &hooked(world, seed)));
            assert_eq!((one.hash, one.report), (two.hash, two.report), "{world} {seed}");
        }
    }
}

/// One run with its event log: the seed and world that a test named, or the first.
#[test]
fn replay_of_webhooks() {
    let seed = std::env::var("SIM_SEED").map_or(0, |seed| seed.parse().expect("SIM_SEED is a number"));
    let world = std::env::var("SIM_WORLD").unwrap_or_else(|_| "stormy".into());
    let done = run(seed, &Setup { verbose: true, ..hooked(&world, seed) });
    for line in &done.log {
        println!("{line}");
    }
    println!("{world} {seed}: {} {:?}", done.report, done.report.hooks);
    assert!(!done.log.is_empty(), "a run that tells nothing cannot be replayed");
    assert!(done.report.verdict.is_good(), "{world} {seed}: {}", done.report);
}
