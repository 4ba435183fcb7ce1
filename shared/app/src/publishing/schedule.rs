//! From "when" to an instant: zones, tolerances, and the slots of a tenant's queue.

use super::When;
use crate::{Deps, Error};
use domain::publishing::{Post, Schedule, Violation};
use domain::time::{MAX_AHEAD, OnGap, PAST_TOLERANCE, WallTime, WallTimeError};
use domain::{PostId, TenantId};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp, ToSpan};
use ports::{Record, Write};

/// The local times of a tenant's queue slots, each day.
const SLOTS: [(i8, i8); 3] = [(9, 0), (13, 0), (17, 0)];
/// Days ahead in which a free slot is looked for.
const SLOT_DAYS: i64 = 60;

/// A resolved schedule and what was done differently than asked.
pub(super) struct Resolved {
    pub schedule: Schedule,
    pub warning: Option<String>,
}

/// Resolves `when`. All refusals name the field `field`. A slot that `own`, the post that is being changed, has already is
/// free for it.
pub(super) async fn resolve(
    deps: &Deps,
    tenant: TenantId,
    when: &When,
    field: &str,
    own: Option<PostId>,
) -> Result<Resolved, Error> {
    let now = deps.clock.now();
    let plain = |schedule| Resolved { schedule, warning: None };
    match when {
        When::Draft => Ok(plain(Schedule::Draft)),
        When::Now => Ok(plain(Schedule::Now { at: now })),
        When::At(at) => Ok(plain(Schedule::At { at: within(*at, now, field)?, wall: None, tzdb: None })),
        When::Wall(wall, on_gap) => {
            let found = wall.resolve(*on_gap).map_err(|e| Error::Invalid(vec![refuse(&e, field)]))?;
            let warning =
                found.shifted.then(|| format!("{} does not exist in {}: moved to {}", wall.local, wall.zone, found.at));
            let at = within(found.at, now, field)?;
            Ok(Resolved { schedule: Schedule::wall(at, wall.clone()), warning })
        }
        When::Queue => Ok(plain(Schedule::Queue { at: next_slot(deps, tenant, now, own).await? })),
    }
}

fn refuse(error: &WallTimeError, field: &str) -> Violation {
    let code = match error {
        WallTimeError::UnknownZone(_) => "unknown_zone",
        WallTimeError::Gap(..) => "time_in_gap",
        WallTimeError::OutOfRange => "out_of_range",
    };
    let mend = if code == "time_in_gap" { ": give another, or `on_gap: shift`" } else { "" };
    Violation::new(code, field, format!("{error}{mend}"))
}

fn within(at: Timestamp, now: Timestamp, field: &str) -> Result<Timestamp, Error> {
    if at < now - PAST_TOLERANCE {
        return Err(Error::invalid("due_in_past", field, "this time has passed: give a later one, or publish now"));
    }
    if at > now + MAX_AHEAD {
        return Err(Error::invalid("due_too_far", field, "a post can be scheduled at most a year ahead"));
    }
    Ok(at)
}

/// The next slot of the tenant's queue that no post has taken. Two requests that pick the same one meet in the commit.
async fn next_slot(deps: &Deps, tenant: TenantId, now: Timestamp, own: Option<PostId>) -> Result<Timestamp, Error> {
    let zone = deps.ledger.tenant(tenant).await?.map_or_else(|| "UTC".to_owned(), |t| t.value.zone);
    let earliest = now + SignedDuration::from_mins(5);
    let taken = deps.ledger.slots(tenant, earliest, 500).await?;
    let today = WallTime { local: jiff::civil::DateTime::MIN, zone: zone.clone() };
    let start = earliest
        .in_tz(&today.zone)
        .map_err(|_| Error::Internal(format!("the tenant's zone {zone} is unknown")))?
        .date();
    for day in 0..SLOT_DAYS {
        let Ok(date) = start.checked_add(day.days()) else { break };
        for (hour, minute) in SLOTS {
            let wall = WallTime { local: date.to_datetime(time(hour, minute, 0, 0)), zone: zone.clone() };
            let Ok(found) = wall.resolve(OnGap::Shift) else { continue };
            if found.at >= earliest && !taken.iter().any(|s| s.at == found.at && Some(s.post) != own) {
                return Ok(found.at);
            }
        }
    }
    Err(Error::conflict("queue_full", "no slot of the next sixty days is free: schedule this post by hand"))
}

/// The write that frees the queue slot of a post that leaves it, for the commit in which it does. None where it has none: a
/// slot that has passed is history, and what lies at its instant may be another post's by now. That nobody else frees it,
/// and another post takes it, before the commit is guarded by the other writes in it: whoever frees it changes the post or
/// its deliveries.
pub(super) async fn freed(deps: &Deps, post: &Post) -> Result<Option<Write>, Error> {
    let Schedule::Queue { at } = post.schedule else { return Ok(None) };
    if at <= deps.clock.now() {
        return Ok(None);
    }
    let slot = deps.ledger.slot(post.tenant, at).await?.filter(|slot| slot.value.post == post.id);
    Ok(slot.map(|slot| Write::delete(&slot, Record::Slot(slot.value.clone()))))
}
