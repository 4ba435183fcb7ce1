//! Recurrences as they are asked for: what is refused of them, and what the others come to.

use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::publishing::Violation;
use domain::time::{BadRule, GapPolicy, MAX_AHEAD, OverlapPolicy, Recurrence, Runs, WallTimeError};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// Most runs that a preview shows.
pub const MAX_PREVIEW: usize = 50;

/// Years ahead from which on a preview looks at most: runs are found by going through the calendar.
const PREVIEW_YEARS: i64 = 100;

/// A recurrence as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrenceSpec {
    /// The `RRULE`.
    pub rule: String,
    /// The local time it starts from.
    pub start: DateTime,
    /// IANA zone name.
    pub zone: String,
    /// What becomes of times that the zone skips.
    pub on_gap: GapPolicy,
    /// What times mean that the zone has twice.
    pub on_overlap: OverlapPolicy,
}

/// The next `n` runs of a recurrence after `after`, or from now on. Nothing is stored.
pub fn preview(
    deps: &Deps,
    caller: &Caller,
    spec: &RecurrenceSpec,
    after: Option<Timestamp>,
    n: usize,
) -> Result<(Recurrence, Runs), Error> {
    require(caller, Permission::Read)?;
    let now = deps.clock.now();
    let recurrence = recurrence(spec, now)?;
    if after.is_some_and(|after| after.duration_since(now) > SignedDuration::from_hours(24 * 366 * PREVIEW_YEARS)) {
        let detail = format!("look at what comes within {PREVIEW_YEARS} years");
        return Err(Error::invalid("out_of_range", "/after", detail));
    }
    let runs = recurrence.runs(after.unwrap_or(now), n.clamp(1, MAX_PREVIEW));
    runs.map(|runs| (recurrence, runs)).map_err(|error| refuse(&error).into())
}

/// The recurrence that is asked for, or everything that is wrong with it.
pub(super) fn recurrence(spec: &RecurrenceSpec, now: Timestamp) -> Result<Recurrence, Error> {
    let mut violations = Vec::new();
    let rule = spec.rule.parse().map_err(|error: BadRule| violations.push(refuse_rule(&error)));
    // Runs are found by going through the calendar from here.
    let latest = (now + MAX_AHEAD).to_zoned(jiff::tz::TimeZone::UTC).datetime();
    if spec.start.year() < 2000 || spec.start > latest || spec.start.subsec_nanosecond() != 0 {
        let detail = "start in whole seconds, not before the year 2000 and at most a year ahead";
        violations.push(Violation::new("out_of_range", "/recurrence/start", detail));
    }
    if jiff::tz::TimeZone::get(&spec.zone).is_err() {
        violations.push(refuse(&WallTimeError::UnknownZone(spec.zone.clone())));
    }
    match rule {
        Ok(rule) if violations.is_empty() => Ok(Recurrence {
            rule,
            start: spec.start,
            zone: spec.zone.clone(),
            on_gap: spec.on_gap,
            on_overlap: spec.on_overlap,
        }),
        _ => Err(Error::Invalid(violations)),
    }
}

fn refuse_rule(error: &BadRule) -> Violation {
    let code = match error {
        BadRule::Malformed(_) => "rule_malformed",
        BadRule::Unsupported(_) => "rule_unsupported",
        BadRule::TooOften(_) => "rule_too_often",
    };
    Violation::new(code, "/recurrence/rule", error.to_string())
}

pub(super) fn refuse(error: &WallTimeError) -> Violation {
    match error {
        WallTimeError::UnknownZone(_) => Violation::new("unknown_zone", "/recurrence/timezone", error.to_string()),
        _ => Violation::new("out_of_range", "/recurrence/start", error.to_string()),
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}
