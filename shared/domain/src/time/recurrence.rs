//! Recurring times: a rule in a zone. The rule says local times; each is resolved by itself, by the zone as the tz database
//! has it when it is asked, with a declared answer for times that the zone skips or has twice.

use super::rule::Until;
use super::{Placed, Rule, WallTimeError};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days after which a rule that had no run since counts as ended: more than the forty years that a Monday in February's
/// leap day can be away (over 2100, which has none).
const SEARCH_D: i64 = 50 * 366;
/// Hours by which a local time, read as UTC, can lie after what it means: the farthest that any zone of the tz database ever was
/// ahead (America/Metlakatla, 15:13:42 until 1867; 14 hours today), rounded up. A time that is skipped is moved by the offset
/// before the gap, however long that is, so that this holds for it as well.
const AHEAD_H: i64 = 16;

/// What becomes of a local time that the zone skips, clocks going forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapPolicy {
    /// It is moved forward by the length of the gap: 02:30 becomes 03:30.
    #[default]
    Shift,
    /// There is no run, and `COUNT` does not count it (RFC 5545, section 3.3.10).
    Skip,
}

/// Which of the two a local time means that the zone has twice, clocks going back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlapPolicy {
    /// The first (RFC 5545, section 3.3.5).
    #[default]
    First,
    /// The second.
    Second,
    /// Both: two runs, which `COUNT` counts as one.
    Both,
}

/// How the zone has a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fall {
    /// Once.
    #[default]
    Plain,
    /// Not at all: it was moved forward.
    Shifted,
    /// Twice, and this is the first.
    First,
    /// Twice, and this is the second.
    Second,
}

/// One run of a recurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The local time that the rule says. It names the run, whatever becomes of its instant.
    pub local: DateTime,
    /// What it means.
    pub at: Timestamp,
    /// How the zone has it.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub fall: Fall,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_plain(fall: &Fall) -> bool {
    *fall == Fall::Plain
}

/// Most local times that a search lists as left out.
pub const MAX_SKIPPED: usize = 100;

/// The next runs of a recurrence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runs {
    /// The runs, in order.
    pub runs: Vec<Occurrence>,
    /// Local times before the last of them that the zone skips, left out as the recurrence wants: the first [`MAX_SKIPPED`].
    pub skipped: Vec<DateTime>,
    /// Whether there are no more: fewer runs than were asked for.
    pub ended: bool,
}

/// When something happens again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// How often.
    pub rule: Rule,
    /// The local time it starts from (`DTSTART`): the first run, if the rule says so, and what the rule leaves open.
    pub start: DateTime,
    /// IANA zone name.
    pub zone: String,
    /// What becomes of times that the zone skips.
    #[serde(default)]
    pub on_gap: GapPolicy,
    /// What times mean that the zone has twice.
    #[serde(default)]
    pub on_overlap: OverlapPolicy,
}

impl Recurrence {
    /// The first `n` runs after `after`, each instant later than the one before. Two local times that mean one instant (one
    /// of them moved) are one run, also to `COUNT`. Where none comes for fifty years, none comes any more.
    pub fn runs(&self, after: Timestamp, n: usize) -> Result<Runs, WallTimeError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| WallTimeError::UnknownZone(self.zone.clone()))?;
        let mut found = Found { after, n, runs: Runs::default(), held: BTreeMap::new() };
        let local = TimeZone::UTC.to_datetime(earlier(after, 2 * AHEAD_H));
        // `COUNT` counts from the start.
        let mut k = if self.rule.count.is_some() { 0 } else { self.rule.period_before(self.start, local) };
        let mut since = if self.rule.count.is_some() { as_utc(self.start) } else { after.max(as_utc(self.start)) };
        let mut counted = 0;
        'periods: while let Some(period) = self.rule.period(self.start, k) {
            k += 1;
            let first = as_utc(period.first.to_datetime(jiff::civil::Time::midnight()));
            let earliest = earlier(first, AHEAD_H);
            if found.settled(earliest) {
                return Ok(found.runs);
            }
            let give_up = since.checked_add(SignedDuration::from_hours(24 * SEARCH_D)).unwrap_or(Timestamp::MAX);
            if first > give_up || matches!(self.rule.until, Some(Until::Instant(until)) if earliest > until) {
                break;
            }
            for local in period.times {
                let over = match self.rule.until {
                    Some(Until::Local(until)) => local > until,
                    Some(Until::Date(until)) => local.date() > until,
                    Some(Until::Instant(_)) | None => false,
                };
                if over {
                    break 'periods;
                }
                let placed = self.place(&zone, local)?;
                if placed.is_empty() {
                    found.skip(local);
                    continue;
                }
                since = since.max(as_utc(local));
                counted += u32::from(placed.iter().any(|run| !found.held.contains_key(&run.at)));
                if self.rule.count.is_some_and(|count| counted > count) {
                    break 'periods;
                }
                for occurrence in placed {
                    if !matches!(self.rule.until, Some(Until::Instant(until)) if occurrence.at > until) {
                        found.held.entry(occurrence.at).or_insert(occurrence);
                    }
                }
            }
        }
        if !found.settled(Timestamp::MAX) {
            found.runs.ended = true;
        }
        Ok(found.runs)
    }

    /// The runs that a local time means: none where it is left out, two where both are meant.
    fn place(&self, zone: &TimeZone, local: DateTime) -> Result<Vec<Occurrence>, WallTimeError> {
        let run = |at, fall| Occurrence { local, at, fall };
        Ok(match (Placed::of(zone, local)?, self.on_gap, self.on_overlap) {
            (Placed::Once(at), ..) => vec![run(at, Fall::Plain)],
            (Placed::Skipped(at), GapPolicy::Shift, _) => vec![run(at, Fall::Shifted)],
            (Placed::Skipped(_), GapPolicy::Skip, _) => Vec::new(),
            (Placed::Twice(first, _), _, OverlapPolicy::First) => vec![run(first, Fall::First)],
            (Placed::Twice(_, second), _, OverlapPolicy::Second) => vec![run(second, Fall::Second)],
            (Placed::Twice(first, second), _, OverlapPolicy::Both) => {
                vec![run(first, Fall::First), run(second, Fall::Second)]
            }
        })
    }

    /// What a run's local time means now. None where the zone has come to skip it, or to have it only once.
    pub fn again(&self, run: &Occurrence) -> Result<Option<Occurrence>, WallTimeError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| WallTimeError::UnknownZone(self.zone.clone()))?;
        let mut placed = self.place(&zone, run.local)?;
        let second = run.fall == Fall::Second && self.on_overlap == OverlapPolicy::Both;
        if second && placed.len() < 2 {
            return Ok(None);
        }
        Ok(if second { placed.pop() } else { placed.into_iter().next() })
    }
}

/// What a search has found so far.
struct Found {
    after: Timestamp,
    n: usize,
    runs: Runs,
    /// Runs that an earlier one may still come before: a time that is moved can overtake those after it.
    held: BTreeMap<Timestamp, Occurrence>,
}

impl Found {
    /// Nothing found from now on lies before `bound`. Whether there are enough.
    fn settled(&mut self, bound: Timestamp) -> bool {
        while let Some((at, run)) = self.held.pop_first() {
            if at >= bound && bound != Timestamp::MAX {
                self.held.insert(at, run);
                break;
            }
            if at > self.after && self.runs.runs.len() < self.n {
                self.runs.runs.push(run);
            }
        }
        if self.runs.runs.len() < self.n {
            return false;
        }
        if let Some(last) = self.runs.runs.last() {
            self.runs.skipped.retain(|local| *local < last.local);
        }
        true
    }

    fn skip(&mut self, local: DateTime) {
        if as_utc(local) > self.after && self.runs.skipped.len() < MAX_SKIPPED {
            self.runs.skipped.push(local);
        }
    }
}

fn earlier(at: Timestamp, hours: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN)
}

/// A local time as if it were UTC; what is beyond the range of instants is its end.
fn as_utc(local: DateTime) -> Timestamp {
    let end = if local.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    TimeZone::UTC.to_timestamp(local).unwrap_or(end)
}
