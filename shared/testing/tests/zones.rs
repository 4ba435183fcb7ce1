//! I12: wall-clock times and recurrences in every zone of the database, around every change of its clocks from 2020 to
//! 2040, and at times drawn between them (F13).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use domain::time::{Fall, GapPolicy, OnGap, OverlapPolicy, Recurrence, WallTime, WallTimeError};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

fn from() -> Timestamp {
    "2020-01-01T00:00:00Z".parse().unwrap()
}

fn until() -> Timestamp {
    "2040-01-01T00:00:00Z".parse().unwrap()
}

fn wall(local: DateTime, zone: &str) -> WallTime {
    WallTime { local, zone: zone.into() }
}

fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

/// The changes of a zone's clocks, each with what they are set forward by, in seconds. (A change of the zone's name alone
/// sets nothing.)
fn changes(zone: &TimeZone) -> impl Iterator<Item = (Timestamp, i32)> {
    zone.following(from()).take_while(|change| change.timestamp() < until()).map(|change| {
        let at = change.timestamp();
        let before = zone.to_offset(at - SignedDuration::from_secs(1));
        (at, zone.to_offset(at).seconds() - before.seconds())
    })
}

#[test]
fn around_every_change_of_clocks_a_wall_time_means_one_instant_and_never_none() {
    let (mut zones_seen, mut changed, mut gaps, mut folds) = (0, 0, 0, 0);
    for name in zones() {
        let zone = TimeZone::get(&name).unwrap();
        zones_seen += 1;
        for (at, shift_s) in changes(&zone) {
            changed += 1;
            let before = zone.to_offset(at - SignedDuration::from_secs(1));
            // Every five minutes from three hours before the change to three hours after it.
            let start = before.to_datetime(at) - 3.hours();
            for step in 0..=24 * 3 {
                let local = start.checked_add((step * 5).minutes()).unwrap();
                let this = wall(local, &name);
                let shifted = this.resolve(OnGap::Shift).expect("every wall time means an instant");
                let shown = zone.to_datetime(shifted.at);
                if shifted.shifted {
                    gaps += 1;
                    assert!(matches!(this.resolve(OnGap::Reject), Err(WallTimeError::Gap(..))), "{name} {local}");
                    assert_eq!(shown, local + shift_s.seconds(), "{name} {local}: moved by the length of the gap");
                    assert!(shifted.at >= at, "{name} {local}: not before the change");
                } else {
                    assert_eq!(shown, local, "{name}");
                    assert_eq!(this.resolve(OnGap::Reject).unwrap(), shifted);
                    // Of two occurrences the first: the other one lies as far away as the clocks went back.
                    let back = SignedDuration::from_secs((-shift_s).max(0).into());
                    let twin = |at: Timestamp| shift_s < 0 && zone.to_datetime(at) == local;
                    folds += i32::from(twin(shifted.at + back));
                    assert!(!twin(shifted.at - back), "{name} {local}: the second occurrence");
                }
            }
        }
    }
    println!(
        "zones: {zones_seen} zones of tzdb {}, {changed} changes of clocks, {gaps} skipped times moved, {folds} double times taken once",
        domain::time::tzdb()
    );
    assert!(zones_seen > 400 && gaps > 10_000 && folds > 10_000);
}

#[test]
fn any_wall_time_of_twenty_years_means_one_instant_that_shows_it_again() {
    let (mut seed, mut tried) = (42_u64, 0_u64);
    let mut below = |n: i64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(seed >> 33).unwrap() % n
    };
    let minutes = until().duration_since(from()).as_mins();
    for name in zones() {
        let zone = TimeZone::get(&name).unwrap();
        for _ in 0..400 {
            let local = TimeZone::UTC.to_datetime(from()) + below(minutes).minutes();
            let found = wall(local, &name).resolve(OnGap::Shift).unwrap();
            let shown = zone.to_datetime(found.at);
            assert!(if found.shifted { shown > local } else { shown == local }, "{name} {local}");
            // And back: what an instant shows means that instant, or the first of two.
            let again = wall(shown, &name).resolve(OnGap::Reject).unwrap();
            assert!(again.at == found.at, "{name} {local}");
            tried += 1;
        }
    }
    println!("zones: {tried} drawn wall times, each there and back");
}

/// A recurrence of one time of each day, over two days before and after a change.
fn daily(
    at: Timestamp,
    local: DateTime,
    zone: &str,
    on_gap: GapPolicy,
    on_overlap: OverlapPolicy,
) -> Vec<(Timestamp, Fall, DateTime)> {
    let start = local - 2.days();
    let recurrence = Recurrence { rule: "FREQ=DAILY".parse().unwrap(), start, zone: zone.into(), on_gap, on_overlap };
    let runs = recurrence.runs(at - SignedDuration::from_hours(96), 9).unwrap();
    assert!(runs.runs.is_sorted_by(|a, b| a.at < b.at), "{zone} {local}: in order, each instant once");
    runs.runs.into_iter().map(|run| (run.at, run.fall, run.local)).collect()
}

#[test]
fn around_every_change_of_clocks_a_recurrence_does_what_it_declares() {
    let (mut gaps, mut folds) = (0_u64, 0_u64);
    for name in zones() {
        let zone = TimeZone::get(&name).unwrap();
        for (at, shift_s) in changes(&zone) {
            if shift_s == 0 {
                continue;
            }
            // The middle of what is skipped, or of what is there twice.
            let before = zone.to_offset(at - SignedDuration::from_secs(1)).to_datetime(at);
            let middle = before + (i64::from(shift_s) / 2).seconds();
            let on_day = |runs: &[(Timestamp, Fall, DateTime)]| -> Vec<(Timestamp, Fall)> {
                runs.iter().filter(|run| run.2 == middle).map(|run| (run.0, run.1)).collect()
            };
            let of = |gap, overlap| on_day(&daily(at, middle, &name, gap, overlap));
            let half = SignedDuration::from_secs((i64::from(shift_s) / 2).abs());
            if shift_s > 0 {
                gaps += 1;
                let moved = of(GapPolicy::Shift, OverlapPolicy::First);
                assert_eq!(moved, [(at + half, Fall::Shifted)], "{name} {middle}");
                assert_eq!(of(GapPolicy::Skip, OverlapPolicy::Both), [], "{name} {middle}");
            } else {
                folds += 1;
                // The clock shows the middle half a shift before the change, and again as long after it.
                let (first, second) = ((at - half, Fall::First), (at + half, Fall::Second));
                assert_eq!(of(GapPolicy::Skip, OverlapPolicy::First), [first], "{name} {middle}");
                assert_eq!(of(GapPolicy::Shift, OverlapPolicy::Second), [second], "{name} {middle}");
                assert_eq!(of(GapPolicy::Shift, OverlapPolicy::Both), [first, second], "{name} {middle}");
            }
        }
    }
    println!("zones: {gaps} gaps and {folds} overlaps, each under every policy");
    assert!(gaps > 1_000 && folds > 1_000);
}

#[test]
fn a_daily_recurrence_runs_once_on_each_local_date_in_every_zone_for_twenty_years() {
    let mut fired = 0_usize;
    for name in zones() {
        let zone = TimeZone::get(&name).unwrap();
        let date = zone.to_datetime(from()).date();
        let days = usize::try_from(date.until(zone.to_datetime(until()).date()).unwrap().get_days()).unwrap();
        // Where clocks change, they mostly do around this time.
        let recurrence = Recurrence {
            rule: "FREQ=DAILY".parse().unwrap(),
            start: date.at(2, 30, 0, 0),
            zone: name.clone(),
            on_gap: GapPolicy::Shift,
            on_overlap: OverlapPolicy::First,
        };
        let runs = recurrence.runs(Timestamp::MIN, days).unwrap().runs;
        assert_eq!(runs.len(), days, "{name}");
        for (day, run) in (0_i64..).zip(&runs) {
            assert_eq!(run.local, (date + day.days()).at(2, 30, 0, 0), "{name}: each date once");
            assert_eq!(run.at, wall(run.local, &name).resolve(OnGap::Shift).unwrap().at, "{name}");
        }
        assert!(runs.is_sorted_by(|a, b| a.at < b.at), "{name}: after the day before");
        fired += runs.len();
    }
    println!("zones: {fired} daily runs, each once on its date");
}

#[test]
fn leap_days_and_half_hour_changes_are_ordinary() {
    let leap = wall("2028-02-29T09:00:00".parse().unwrap(), "Europe/Berlin").resolve(OnGap::Reject).unwrap();
    assert_eq!(leap.at, "2028-02-29T08:00:00Z".parse().unwrap());
    // Lord Howe moves its clocks by half an hour: 02:00 becomes 02:30 on 4 October 2026.
    let gap = wall("2026-10-04T02:15:00".parse().unwrap(), "Australia/Lord_Howe").resolve(OnGap::Shift).unwrap();
    assert!(gap.shifted);
    assert_eq!(gap.at, "2026-10-03T15:45:00Z".parse().unwrap());
}
