//! What people want of a run: that it goes on, pauses, or ends; and what became of it.

use super::{TRIES, gave_up};
use crate::{Deps, Error};
use domain::campaigns::{Control, RUN_SHARDS, Shard, ShardRef, Sums};
use domain::{RunId, TenantId};
use futures_util::future::join_all;
use ports::{Record, StoreError, Versioned, Write};

/// Times the shards are looked at again for those of a stage that was opened meanwhile.
const LOOKS: u8 = 3;

/// Makes the shards of a stage, as far as they are not there. What people want of the run's other stages holds for it, too.
///
/// # Errors
/// [`Error::Unavailable`]: some may have been made; asking again makes the others.
pub async fn open(deps: &Deps, tenant: TenantId, run: RunId, stage: u8) -> Result<(), Error> {
    let made = |shard| Shard::new(ShardRef { tenant, run, stage, shard });
    let create = |shard| Write::create(Record::RunShard(Box::new(made(shard))));
    for done in join_all(deps.ledger.commit_each((0..RUN_SHARDS).map(create).collect()).await).await {
        match done {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // After they are there: whoever stops the run from now on sees them.
    let shards = deps.ledger.shards(tenant, run).await?;
    let others = || shards.iter().filter(|s| s.value.at.stage != stage).map(|s| s.value.control);
    let wanted =
        [Control::Cancelled, Control::Paused].into_iter().find(|wanted| others().any(|found| found == *wanted));
    if let Some(wanted) = wanted {
        let new = shards.iter().filter(|s| s.value.at.stage == stage && s.value.control != wanted);
        set_all(deps, new, wanted).await?;
    }
    Ok(())
}

/// No recipient is claimed after this has answered, until somebody resumes the run.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] with `cancelled` or `finished`; [`Error::Unavailable`]: it may have paused some shards, and
/// nothing is promised before it answers without an error.
pub async fn pause(deps: &Deps, tenant: TenantId, run: RunId) -> Result<Sums, Error> {
    control(deps, tenant, run, Control::Paused).await
}

/// Goes on with a run that was paused.
///
/// # Errors
/// As of [`pause`].
pub async fn resume(deps: &Deps, tenant: TenantId, run: RunId) -> Result<Sums, Error> {
    control(deps, tenant, run, Control::Run).await
}

/// No recipient is ever claimed again after this has answered. Those who were not count as skipped.
///
/// # Errors
/// As of [`pause`].
pub async fn cancel(deps: &Deps, tenant: TenantId, run: RunId) -> Result<Sums, Error> {
    control(deps, tenant, run, Control::Cancelled).await
}

/// What became of a run: at every moment everybody of its audience is in one of its sums.
///
/// # Errors
/// [`Error::NotFound`], and what the store says.
pub async fn progress(deps: &Deps, tenant: TenantId, run: RunId) -> Result<Sums, Error> {
    Ok(sums(&shards_of(deps, tenant, run).await?))
}

async fn shards_of(deps: &Deps, tenant: TenantId, run: RunId) -> Result<Vec<Versioned<Shard>>, Error> {
    let shards = deps.ledger.shards(tenant, run).await?;
    if shards.is_empty() { Err(Error::NotFound("run")) } else { Ok(shards) }
}

fn sums(shards: &[Versioned<Shard>]) -> Sums {
    Sums::of(shards.iter().map(|shard| &shard.value))
}

async fn control(deps: &Deps, tenant: TenantId, run: RunId, wanted: Control) -> Result<Sums, Error> {
    let shards = shards_of(deps, tenant, run).await?;
    let cancelled = shards.iter().any(|s| s.value.control == Control::Cancelled);
    if cancelled && wanted != Control::Cancelled {
        return Err(Error::conflict("cancelled", "the run is cancelled, and stays so"));
    }
    if !cancelled && sums(&shards).finished {
        return Err(Error::conflict("finished", "the run is over: nothing is left to be stopped"));
    }
    // Each is written, also where it says so already: a write of somebody else's that is still under way, with an answer that nobody
    // heard, then finds another revision.
    set_all(deps, shards.iter(), wanted).await?;
    for _ in 0..LOOKS {
        let shards = shards_of(deps, tenant, run).await?;
        let left: Vec<_> = shards.iter().filter(|s| s.value.control != wanted).collect();
        if left.is_empty() {
            return Ok(sums(&shards));
        }
        set_all(deps, left, wanted).await?;
    }
    Err(Error::conflict("changed_meanwhile", "somebody else wants something else of it: read it and try again"))
}

async fn set_all<'a>(
    deps: &Deps,
    shards: impl IntoIterator<Item = &'a Versioned<Shard>>,
    wanted: Control,
) -> Result<(), Error> {
    let set = shards.into_iter().map(|shard| set(deps, shard.clone(), wanted));
    join_all(set).await.into_iter().collect()
}

async fn set(deps: &Deps, mut shard: Versioned<Shard>, wanted: Control) -> Result<(), Error> {
    let at = shard.value.at;
    for _ in 0..TRIES {
        let next = Record::RunShard(Box::new(shard.value.controlled(wanted)?));
        match deps.ledger.commit(vec![Write::replace(&shard, next)]).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Corrupt(why)) => return Err(Error::Internal(why)),
            // Where nobody knows whether it was written it is written again, over what is there.
            Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => {}
        }
        match deps.ledger.shard(at).await {
            Ok(Some(found)) => shard = found,
            Ok(None) => return Err(Error::NotFound("run")),
            Err(StoreError::Unavailable(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(gave_up("what is wanted of the run"))
}
