//! Guards taken away one by one: the simulator must notice each within so many seeds, or the guard stands below among
//! those that others back up (F25). Every guard earns its place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use common::{hooked, many, readable, sleepy, stormy, write_only};
use testing::sim::{Setup, Webhooks};
use testing::{Mutant, Rules, Weather};

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

/// An endpoint whose limit makes the record come before the request, and little to tell.
fn claimed_first() -> Setup {
    let webhooks = Some(Webhooks { endpoints: 1, events: 2, days: 1, limited: true, ordered: false });
    Setup { webhooks, ..hooked("limited", 0) }
}

fn true_clocks() -> Setup {
    let rules = vec![readable()[0].clone(), write_only()[1].clone()];
    Setup { weather: Weather::storm_with_true_clocks(50), ..stormy(rules, 50) }
}

/// What a guard guards; each has a test of its own, so that they run beside each other.
#[derive(PartialEq)]
enum Guards {
    /// What the ledger and the queues say.
    Ledger,
    /// What is known of a request.
    Outcome,
    /// What endpoints are told.
    Webhooks,
    /// What time proves.
    Time,
    /// Nothing that another guard does not guard as well: without it the promises hold.
    Spare,
}

/// Where a mutant is tried: in these worlds, each with the most seeds within which it must be noticed. There is no default:
/// a new mutant does not compile without its trial.
fn trials(mutant: Mutant) -> (Guards, Vec<(Setup, u64)>) {
    let base = || stormy(readable(), 100);
    match mutant {
        Mutant::None => unreachable!("no guard is missing"),
        Mutant::NoRevisions => (Guards::Ledger, vec![(base(), 2_000)]),
        Mutant::DoubtfulIsDone => (Guards::Ledger, vec![(base(), 1_000)]),
        Mutant::DispatchingNotDurable | Mutant::NoIdempotency | Mutant::BusBelieved | Mutant::MessageNotDurable => {
            (Guards::Ledger, vec![(base(), 200)])
        }
        Mutant::ParkedForgotten | Mutant::EditNotDurable => (Guards::Ledger, vec![(base(), 200)]),
        Mutant::RetryAfterCut | Mutant::DueAtOnce => (Guards::Webhooks, vec![(hooked("stormy", 2), 100)]),
        Mutant::SendingNotDurable => (Guards::Webhooks, vec![(claimed_first(), 20)]),
        Mutant::DeletedBeforeRecorded => (Guards::Webhooks, vec![(hooked("stormy", 2), 100), (base(), 200)]),
        Mutant::TurnstileOpen => (Guards::Webhooks, vec![(hooked("limited", 0), 20)]),
        Mutant::LaneSkipsHead | Mutant::EndWakesNobody => (Guards::Webhooks, vec![(hooked("ordered", 0), 10)]),
        Mutant::RecoveryForgets => (Guards::Webhooks, vec![(hooked("crowded", 0), 6)]),
        Mutant::NoGate => (Guards::Ledger, vec![(true_clocks(), 2_000)]),
        // The platform refuses such a request, and what is due then goes on as it should: it was made in vain.
        Mutant::EndUnseen => (Guards::Time, vec![(true_clocks(), 100)]),
        Mutant::DisconnectUnseen => (Guards::Ledger, vec![(true_clocks(), 1_000)]),
        Mutant::PostTwice | Mutant::SilenceIsRefusal | Mutant::SilenceIsTaken => (Guards::Outcome, vec![(base(), 200)]),
        Mutant::ReaperRequeues | Mutant::AbsentAtOnce => (Guards::Outcome, vec![(base(), 1_000)]),
        Mutant::CommentForgotten | Mutant::BlindCancel => (Guards::Outcome, vec![(base(), 50)]),
        Mutant::DuplicateIsRefusal => (Guards::Outcome, vec![(erring_people(), 100)]),
        Mutant::SettleOnOwnClock => (Guards::Time, vec![(base(), 2_000)]),
        Mutant::SettleAtOnce => (Guards::Time, vec![(slow_to_settle(), 2_000), (early_people(), 2_000)]),
        // Whoever reads and wakes must be awake: where they sleep as well, the sleeper is up before anything of it is sent again, and one
        // world in eight thousand shows it. `fence.rs` has the one story in which the fence alone stands between it and a double.
        Mutant::NoFence => (Guards::Time, vec![(sleepy(), 200)]),
        // A lost answer taken as "not written", without looking: the worker stops although its claim holds, and the
        // lease or the reconciler ends what it began. Looking saves an hour, not a promise.
        Mutant::DoubtfulIsNotDone => (Guards::Spare, vec![(base(), 1_000)]),
    }
}

/// Every trial of the mutants that lack such a guard.
fn each_of(guards: &Guards) -> impl Iterator<Item = (Mutant, Setup, u64)> {
    let of = |mutant: &Mutant| {
        let (guarded, worlds) = trials(*mutant);
        let mutant = *mutant;
        let worlds = worlds.into_iter().map(move |(base, most)| (mutant, base, most)).collect::<Vec<_>>();
        if guarded == *guards { worlds } else { Vec::new() }
    };
    let all: Vec<_> = Mutant::ALL.iter().flat_map(of).collect();
    assert!(!all.is_empty());
    all.into_iter()
}

/// Runs each mutant until it is noticed. The same world with all guards must be good over the same seeds.
fn are_noticed(guards: &Guards) {
    for (mutant, base, most) in each_of(guards) {
        let sum = many(0..most, |_| Setup { mutant, ..base.clone() }, |sum| !sum.bad.is_empty());
        println!("guard {mutant:?}: noticed within {} of {most} seeds: {:?}", sum.runs, sum.broken);
        assert!(!sum.bad.is_empty(), "{mutant:?} was not noticed in {most} seeds");
        let last = sum.bad.iter().max().unwrap() + 1;
        let whole = many(0..last, |_| base.clone(), |_| false);
        assert!(whole.bad.is_empty(), "with all guards: {:?} in {:?}", whole.broken, whole.bad);
    }
}

#[test]
fn guards_of_the_ledger_are_noticed_when_they_are_missing() {
    are_noticed(&Guards::Ledger);
}

#[test]
fn guards_against_a_lost_outcome_are_noticed_when_they_are_missing() {
    are_noticed(&Guards::Outcome);
}

#[test]
fn guards_of_webhooks_are_noticed_when_they_are_missing() {
    are_noticed(&Guards::Webhooks);
}

#[test]
fn guards_of_time_are_noticed_when_they_are_missing() {
    are_noticed(&Guards::Time);
}

#[test]
fn a_lost_answer_taken_as_a_failure_costs_time_only() {
    for (mutant, base, most) in each_of(&Guards::Spare) {
        let sum = many(0..most, |_| Setup { mutant, ..base.clone() }, |_| false);
        println!("guard {mutant:?}: equivalent over {} seeds: {:?}", sum.runs, sum.broken);
        assert!(sum.bad.is_empty(), "{mutant:?}: {:?} in {:?}", sum.broken, sum.bad);
    }
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
