//! Guards taken away one by one: the simulator must notice each within so many seeds, or the guard stands below among
//! those that others back up (F25). Every guard earns its place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use common::{many, readable, stormy, write_only};
use testing::sim::Setup;
use testing::{Fates, Mutant, Rules, Weather};

/// A storm in which a platform's answer may reach its worker half an hour late.
fn sleepy() -> Setup {
    let weather = Weather { platform: 700, fates: Fates { pause: 1_500, crash: 50, jump: 0 }, ..Weather::storm(30) };
    Setup { weather, ..stormy(readable(), 30) }
}

/// A platform that may take all of its Δ, 15 minutes as on X.
fn slow_to_settle() -> Setup {
    let weather = Weather { late_commit_ms: 880_000, platform: 700, ..Weather::storm(30) };
    let rules = readable().into_iter().map(|r| Rules { settle_s: 900, refuses_duplicates: false, ..r }).collect();
    Setup { weather, ..stormy(rules, 30) }
}

/// A platform that refuses what it has, and people who do not see what is there.
fn erring_people() -> Setup {
    let rules = vec![write_only()[1].clone()];
    Setup { people: true, people_err: true, ..stormy(rules, 30) }
}

/// People who look whenever they like, at a platform that nobody else can read and that takes its time.
fn early_people() -> Setup {
    let rules = write_only().into_iter().map(|r| Rules { settle_s: 1_800, refuses_duplicates: false, ..r }).collect();
    let weather = Weather { late_commit_ms: 1_700_000, platform: 900, ..Weather::storm(30) };
    Setup { weather, people: true, ..stormy(rules, 30) }
}

fn true_clocks() -> Setup {
    let rules = vec![readable()[0].clone(), write_only()[1].clone()];
    Setup { weather: Weather::storm_with_true_clocks(50), ..stormy(rules, 50) }
}

/// Runs a mutant until it is noticed. The same world with all guards must be good over the same seeds.
fn is_noticed(mutant: Mutant, base: &Setup, most: u64) {
    let sum = many(0..most, |_| Setup { mutant, ..base.clone() }, |sum| !sum.bad.is_empty());
    println!("guard {mutant:?}: noticed within {} of {most} seeds: {:?}", sum.runs, sum.broken);
    assert!(!sum.bad.is_empty(), "{mutant:?} was not noticed in {most} seeds");
    let last = sum.bad.iter().max().unwrap() + 1;
    let whole = many(0..last, |_| base.clone(), |_| false);
    assert!(whole.bad.is_empty(), "with all guards: {:?} in {:?}", whole.broken, whole.bad);
}

#[test]
fn guards_of_the_ledger_are_noticed_when_they_are_missing() {
    let base = stormy(readable(), 100);
    is_noticed(Mutant::NoRevisions, &base, 2_000);
    is_noticed(Mutant::DoubtfulIsDone, &base, 1_000);
    is_noticed(Mutant::DispatchingNotDurable, &base, 200);
    is_noticed(Mutant::NoIdempotency, &base, 200);
    is_noticed(Mutant::BusBelieved, &base, 200);
    is_noticed(Mutant::NoGate, &true_clocks(), 2_000);
}

#[test]
fn guards_against_a_lost_outcome_are_noticed_when_they_are_missing() {
    let base = stormy(readable(), 100);
    is_noticed(Mutant::PostTwice, &base, 200);
    is_noticed(Mutant::SilenceIsRefusal, &base, 200);
    is_noticed(Mutant::ReaperRequeues, &base, 1_000);
    is_noticed(Mutant::AbsentAtOnce, &base, 1_000);
    is_noticed(Mutant::BlindCancel, &base, 500);
    is_noticed(Mutant::DuplicateIsRefusal, &erring_people(), 100);
}

#[test]
fn guards_of_time_are_noticed_when_they_are_missing() {
    is_noticed(Mutant::SettleOnOwnClock, &stormy(readable(), 100), 2_000);
    is_noticed(Mutant::SettleAtOnce, &slow_to_settle(), 2_000);
    is_noticed(Mutant::SettleAtOnce, &early_people(), 2_000);
    is_noticed(Mutant::NoFence, &sleepy(), 3_000);
}

/// A lost answer taken as "not written", without looking: the worker stops although its claim holds, and the lease or
/// the reconciler ends what it began. Looking saves an hour, not a promise.
#[test]
fn a_lost_answer_taken_as_a_failure_costs_time_only() {
    let base = stormy(readable(), 100);
    let sum = many(0..1_000, |_| Setup { mutant: Mutant::DoubtfulIsNotDone, ..base.clone() }, |_| false);
    println!("guard DoubtfulIsNotDone: equivalent over {} seeds: {:?}", sum.runs, sum.broken);
    assert!(sum.bad.is_empty(), "{:?} in {:?}", sum.broken, sum.bad);
}

/// Beyond Δ nothing can be promised without a key of the platform's own; this shows that the limit is where the documents
/// say it is (F12).
#[test]
fn a_commit_beyond_the_platforms_settle_time_can_double() {
    let mut base = slow_to_settle();
    base.weather.late_commit_ms = 3_600_000;
    let sum = many(0..400, |_| base.clone(), |_| false);
    println!("beyond Δ: {} seeds, {:?}", sum.runs, sum.broken);
    assert!(sum.broken.contains_key("doubles"));
}
