//! The best time of accounts: what their platforms' tables and their own posts say, and no other post of theirs has taken that is
//! queued or at its best time. A post that is planned so takes the time as it takes a slot of the queue.

use super::schedule::{refuse, within};
use super::slots::{Book, FIRST_IN_MIN, first_free, there, zone_of};
use super::{Range, engagement};
use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::publishing::{BestTime, Evidence, Habits, MAX_RANGE, Target, USUAL_RANGE, best_times};
use domain::time::{MAX_AHEAD, WallTimeError};
use domain::{AccountId, TenantId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// What the use cases call the field that says in which range.
const RANGE: &str = "/range";

/// The best time of an account that is free.
pub async fn best_time(
    deps: &Deps,
    caller: &Caller,
    account: AccountId,
    range: &Range,
) -> Result<(Timestamp, BestTime), Error> {
    require(caller, Permission::Read)?;
    let platform = there(deps, caller.tenant, account).await?.platform;
    let targets = [Target { account, platform }];
    let found = choose(deps, caller.tenant, &targets, range, &mut Book::default()).await?;
    engagement::note(deps, caller.tenant, &targets).await;
    Ok(found)
}

/// The best time for all of these targets together; from now on `book` has promised it.
pub(super) async fn choose(
    deps: &Deps,
    tenant: TenantId,
    targets: &[Target],
    range: &Range,
    book: &mut Book,
) -> Result<(Timestamp, BestTime), Error> {
    let now = deps.clock.now();
    let earliest = now + SignedDuration::from_mins(FIRST_IN_MIN);
    let from = range.from.unwrap_or(earliest);
    let to = range.to.unwrap_or_else(|| from.checked_add(USUAL_RANGE).unwrap_or(from));
    if to < from {
        return Err(Error::invalid("out_of_range", RANGE, "the range ends before it begins"));
    }
    let first = within(from.max(earliest), now, RANGE)?;
    if to < first {
        let detail = format!("the range is over before a post can go out, {FIRST_IN_MIN} minutes from now");
        return Err(Error::invalid("out_of_range", RANGE, detail));
    }
    if to.duration_since(first) > MAX_RANGE {
        let days = MAX_RANGE.as_hours() / 24;
        return Err(Error::invalid("out_of_range", RANGE, format!("a range has at most {days} days")));
    }
    let zone = match &range.zone {
        Some(zone) => zone.clone(),
        None => zone_of(deps, tenant).await?,
    };
    let clocks = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let mut habits = Vec::with_capacity(targets.len());
    for target in targets {
        habits.push(habits_of(deps, tenant, target, &clocks).await?);
    }
    let ranked = best_times(&habits, &zone, first, to.min(now + MAX_AHEAD)).map_err(|e| match e {
        WallTimeError::UnknownZone(_) if range.zone.is_none() => {
            Error::conflict("slots_without_zone", "the organisation's time zone is gone: name one")
        }
        WallTimeError::UnknownZone(_) => Error::Invalid(vec![refuse(&e)]),
        WallTimeError::OutOfRange | WallTimeError::Gap(..) => Error::invalid("out_of_range", RANGE, e.to_string()),
    })?;
    let accounts: Vec<AccountId> = targets.iter().map(|target| target.account).collect();
    let wanted: Vec<Timestamp> = ranked.iter().map(|(at, _)| *at).collect();
    let found = first_free(deps, tenant, &accounts, &wanted, book).await?;
    ranked.into_iter().find(|(at, _)| Some(*at) == found).ok_or_else(|| {
        Error::conflict("no_free_time", "no time of this range is free and still to come: give a longer one")
    })
}

/// What is known of a target: the table of its platform, and how its posts did, where the platform is asked that.
async fn habits_of(deps: &Deps, tenant: TenantId, target: &Target, clocks: &TimeZone) -> Result<Habits, Error> {
    let connector = deps.connectors.get(&target.platform);
    let table = connector.and_then(|connector| connector.descriptor().limits.good_times.clone());
    let is_read = engagement::is_asked(deps, target);
    let evidence =
        if is_read { engagement::evidence(deps, tenant, target.account, clocks).await? } else { Evidence::none() };
    Ok(Habits { table, evidence, is_read })
}
