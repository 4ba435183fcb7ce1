//! From "when" to an instant: zones and tolerances.

use super::slots::Book;
use super::{When, best_time, slots};
use crate::{Deps, Error};
use domain::publishing::{Schedule, Target, Violation};
use domain::time::{MAX_AHEAD, PAST_TOLERANCE, WallTimeError};
use domain::{AccountId, TenantId};
use jiff::Timestamp;

/// What the use cases call the field that says when.
const FIELD: &str = "/when";

/// A resolved schedule and what was done differently than asked.
pub(super) struct Resolved {
    pub schedule: Schedule,
    pub warning: Option<String>,
}

/// Resolves `when` for a post to these targets; slots of the queue are those that `book` has.
pub(super) async fn resolve(
    deps: &Deps,
    tenant: TenantId,
    targets: &[Target],
    when: &When,
    book: &mut Book,
) -> Result<Resolved, Error> {
    let now = deps.clock.now();
    let plain = |schedule| Resolved { schedule, warning: None };
    match when {
        When::Draft => Ok(plain(Schedule::Draft)),
        When::Now => Ok(plain(Schedule::Now { at: now })),
        When::At(at) => Ok(plain(Schedule::At { at: within(*at, now, FIELD)?, wall: None, tzdb: None })),
        When::Wall(wall, on_gap) => {
            let found = wall.resolve(*on_gap).map_err(|e| Error::Invalid(vec![refuse(&e)]))?;
            let warning =
                found.shifted.then(|| format!("{} does not exist in {}: moved to {}", wall.local, wall.zone, found.at));
            let at = within(found.at, now, FIELD)?;
            Ok(Resolved { schedule: Schedule::wall(at, wall.clone()), warning })
        }
        When::Queue => {
            let accounts: Vec<AccountId> = targets.iter().map(|target| target.account).collect();
            let at = slots::next_free(deps, tenant, &accounts, book).await?;
            Ok(plain(Schedule::Queue { at, best: None }))
        }
        When::Best(range) => {
            let (at, best) = best_time::choose(deps, tenant, targets, range, book).await?;
            Ok(plain(Schedule::Queue { at, best: Some(Box::new(best)) }))
        }
    }
}

pub(super) fn refuse(error: &WallTimeError) -> Violation {
    let code = match error {
        WallTimeError::UnknownZone(_) => "unknown_zone",
        WallTimeError::Gap(..) => "time_in_gap",
        WallTimeError::OutOfRange => "out_of_range",
    };
    let mend = if code == "time_in_gap" { ": give another, or `on_gap: shift`" } else { "" };
    Violation::new(code, FIELD, format!("{error}{mend}"))
}

/// The instant, if a post may be planned for it; `field` named it.
pub(super) fn within(at: Timestamp, now: Timestamp, field: &'static str) -> Result<Timestamp, Error> {
    if at < now - PAST_TOLERANCE {
        return Err(Error::invalid("due_in_past", field, "this time has passed: give a later one, or publish now"));
    }
    if at > now + MAX_AHEAD {
        return Err(Error::invalid("due_too_far", field, "a post can be scheduled at most a year ahead"));
    }
    Ok(at)
}
