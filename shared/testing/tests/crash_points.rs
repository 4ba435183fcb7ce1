//! A crash at every port call of the API, the tick, the worker, the reconciler and the notifier that changes something or asks
//! somebody else than the store, then redelivery and a run to the end (F1). Whoever dies while it reads from the store has left
//! what it would have left at the call before that or after it; of invocations with the same course of calls and writes two are tried.
// Test support and proofs: the pedantic group is for what ships.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use common::{each, readable, write_only};
use std::collections::BTreeMap;
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
    let (mut all, mut passed) = (0, 0);
    let mut met = BTreeMap::<Kind, u64>::new();
    for seed in 0..8 {
        let rules = if seed % 2 == 0 { readable() } else { write_only() };
        let weather = if seed < 2 { Weather::calm() } else { unkind_platform() };
        let base = Setup { weather, posts: 4, ..common::stormy(rules, 0) };
        let whole = run(seed, &base);
        assert!(whole.report.verdict.is_good(), "{seed}: {}", whole.report);
        for kind in Kind::ALL {
            let points = &whole.telling[&kind];
            let crash = |k: u64| Setup { crash_at: Some((kind, points[usize::try_from(k).unwrap()])), ..base.clone() };
            // One seed, one crash point each: the range counts the points.
            let sum = each(0..points.len() as u64, |k| (seed, crash(k)), |_| false);
            println!(
                "crash points, world {seed}, {kind:?}: {} of {} points, broken {:?}",
                points.len(),
                whole.points[&kind],
                sum.broken
            );
            assert!(sum.bad.is_empty(), "world {seed}, {kind:?}, points {:?}: {:?}", sum.bad, sum.broken);
            all += sum.runs;
            passed += whole.points[&kind];
            *met.entry(kind).or_default() += sum.runs;
        }
    }
    println!("crash points: {all} of {passed} points, each course of calls covered twice, 0 double, 0 lost, {met:?}");
    assert!(Kind::ALL.iter().all(|kind| met[kind] > 20), "{met:?}");
    assert!(all > 1_000, "{all}");
}
