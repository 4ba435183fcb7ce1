//! Wall-clock times in every zone of the database, around every change of its clocks in two years (F13).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use domain::time::{OnGap, WallTime, WallTimeError};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

fn from() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn until() -> Timestamp {
    "2028-01-01T00:00:00Z".parse().unwrap()
}

fn wall(local: DateTime, zone: &str) -> WallTime {
    WallTime { local, zone: zone.into() }
}

fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

#[test]
fn around_every_change_of_clocks_a_wall_time_means_one_instant_and_never_none() {
    let (mut zones_seen, mut changes, mut gaps, mut folds) = (0, 0, 0, 0);
    for name in zones() {
        let zone = TimeZone::get(&name).unwrap();
        zones_seen += 1;
        for change in zone.following(from()).take_while(|t| t.timestamp() < until()) {
            changes += 1;
            let at = change.timestamp();
            let before = zone.to_offset(at - SignedDuration::from_secs(1));
            let after = zone.to_offset(at);
            let shift_s = after.seconds() - before.seconds();
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
        "zones: {zones_seen} zones, {changes} changes of clocks, {gaps} skipped times moved, {folds} double times taken once"
    );
    assert!(zones_seen > 400 && gaps > 1_000 && folds > 1_000);
}

#[test]
fn a_daily_time_fires_once_on_each_local_date_in_every_zone() {
    let mut fired = 0_u64;
    for name in zones() {
        let zone = TimeZone::get(&name).unwrap();
        for (hour, minute) in [(0, 15), (2, 30), (9, 0)] {
            let mut date = zone.to_datetime(from()).date();
            let last = zone.to_datetime(until()).date();
            let mut before = Timestamp::MIN;
            while date < last {
                let local = date.at(hour, minute, 0, 0);
                let at = wall(local, &name).resolve(OnGap::Shift).unwrap().at;
                assert!(at > before, "{name} {local}: after the day before");
                before = at;
                fired += 1;
                date = date.tomorrow().unwrap();
            }
        }
    }
    println!("zones: {fired} daily times, each fired once");
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
