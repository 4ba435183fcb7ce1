//! Whole lives of posts through storms, from seeds (F2-F11, F13, F14, F26).
//!
//! `SIM_SEED=… SIM_WORLD=readable cargo test -p testing --test sim replay -- --nocapture` prints one run's event log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::disallowed_methods)]

mod common;

use common::{Sum, many, readable, stormy, write_only};
use testing::Weather;
use testing::sim::{Setup, run};

fn world(name: &str, seed: u64) -> Setup {
    // 3 to 30 percent of the store's calls are throttled, by seed.
    let throttled = 30 + u32::try_from(seed % 28).unwrap() * 10;
    match name {
        "readable" => stormy(readable(), throttled),
        "write-only" => stormy(write_only(), throttled),
        "people" => Setup { people: true, ..stormy(write_only(), throttled) },
        "true-clocks" => Setup {
            people: true,
            weather: Weather::storm_with_true_clocks(throttled),
            ..stormy(vec![readable()[0].clone(), write_only()[1].clone()], throttled)
        },
        "slow" => Setup {
            weather: Weather { slow_answers: 700, platform: 200, ..Weather::storm_with_true_clocks(30) },
            posts: 12,
            together: true,
            ..stormy(vec![readable()[0].clone()], 30)
        },
        other => panic!("there is no world {other}"),
    }
}

fn seeds() -> u64 {
    std::env::var("SIM_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2_500)
}

fn storm(name: &str) {
    let mut sum: Sum = many(0..seeds(), |seed| world(name, seed), |_| false);
    let p99 = sum.p99_minutes();
    println!(
        "sim {name}: {} seeds, broken {:?}, {:?}, {} requests, p99 {p99} min, {} families lost, points {:?}",
        sum.runs, sum.broken, sum.states, sum.requests, sum.family_kills, sum.points
    );
    sum.bad.sort_unstable();
    assert!(
        sum.bad.is_empty(),
        "{name}: {:?} in {} of {} seeds, first {:?}: SIM_SEED={} SIM_WORLD={name}",
        sum.broken,
        sum.bad.len(),
        sum.runs,
        &sum.bad[..sum.bad.len().min(8)],
        sum.bad[0]
    );
}

#[test]
fn readable_platforms_lose_and_double_nothing() {
    storm("readable");
}

#[test]
fn write_only_platforms_lose_and_double_nothing() {
    storm("write-only");
}

#[test]
fn people_who_decide_and_retry_break_nothing() {
    storm("people");
}

#[test]
fn with_true_clocks_one_request_of_an_account_is_under_way_at_a_time() {
    storm("true-clocks");
}

#[test]
fn with_slow_answers_one_request_of_an_account_is_under_way_at_a_time() {
    storm("slow");
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    for name in ["readable", "write-only", "people", "true-clocks"] {
        for seed in 0..50 {
            let (one, two) = (run(seed, &world(name, seed)), run(seed, &world(name, seed)));
            assert_eq!(one.hash, two.hash, "{name} {seed}");
            assert_eq!(one.report, two.report, "{name} {seed}");
        }
    }
}

#[test]
fn replay() {
    let Some(seed) = std::env::var("SIM_SEED").ok().and_then(|s| s.parse().ok()) else { return };
    let name = std::env::var("SIM_WORLD").unwrap_or_else(|_| "readable".into());
    let done = run(seed, &Setup { verbose: true, ..world(&name, seed) });
    for line in &done.log {
        println!("{line}");
    }
    println!("{name} {seed}: {}", done.report);
}
