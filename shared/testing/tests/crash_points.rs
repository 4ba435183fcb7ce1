//! A crash at every single port call of the API, the tick, the worker, the reconciler and the notifier, then redelivery and a
//! run to the end (F1).
// Test support and proofs: the pedantic group is for what ships.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use common::{each, readable, write_only};
use testing::sim::{Setup, run};
use testing::{Kind, Weather};

/// Only the platform is unkind, so that every function has its work; everything else is calm until the crash.
fn unkind_platform() -> Weather {
    Weather {
        platform: 450,
        slow_answers: 100,
        late_commit_ms: 240_000,
        list_lag_ms: 60_000,
        listing_fails: 150,
        endpoint: 300,
        ..Weather::calm()
    }
}

#[test]
fn a_crash_at_any_port_call_doubles_and_loses_nothing() {
    let mut all = 0;
    for seed in 0..8 {
        let rules = if seed % 2 == 0 { readable() } else { write_only() };
        let weather = if seed < 2 { Weather::calm() } else { unkind_platform() };
        let base = Setup { weather, posts: 4, ..common::stormy(rules, 0) };
        let whole = run(seed, &base);
        assert!(whole.report.verdict.is_good(), "{seed}: {}", whole.report);
        for kind in Kind::ALL {
            let points = whole.points[&kind];
            let crash = |k: u64| Setup { crash_at: Some((kind, k + 1)), ..base.clone() };
            // One seed, one crash point each: the range counts the points.
            let sum = each(0..points, |k| (seed, crash(k)), |_| false);
            println!("crash points, world {seed}, {kind:?}: {points} points, broken {:?}", sum.broken);
            assert!(sum.bad.is_empty(), "world {seed}, {kind:?}, points {:?}: {:?}", sum.bad, sum.broken);
            all += sum.runs;
        }
    }
    println!("crash points: {} points, 100 % covered, 0 double, 0 lost", all);
    assert!(all > 2_000);
}
