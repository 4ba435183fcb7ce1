//! Finding out: deliveries whose outcome is unknown are looked up on the platform, never posted again.

use super::CALL_AND_RECORD_S;
use super::commit::transition;
use super::load::load;
use super::siblings::{listed_siblings, siblings};
use crate::accounts::fresh_token;
use crate::shares::{Walk, Within};
use crate::{Error, PlatformDeps};
use domain::platform::DedupeClass;
use domain::publishing::{Delivery, Doubt, Failure, Finding, LEASE_S, Receipt, State};
use jiff::{SignedDuration, Timestamp};
use ports::{DueRef, DueSubject, Find, PublishCall};

/// Seconds that looking up one outcome may take on the platform: ten pages of a slow one. What takes longer is tried again, and is
/// for a person after a day.
const LOOK_S: i64 = 40;
/// Seconds that must be left to begin a look.
const LEFT_S: i64 = 30;
/// Seconds of them in which what was found is written down.
const RECORD_S: i64 = 5;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Deliveries looked at.
    pub looked_at: u64,
    /// Deliveries that are not unknown any more.
    pub decided: u64,
}

/// Looks at every unknown outcome whose time for a read has come, until `deadline`. A shard that cannot be read does not
/// hold up the others, which is an error at the end; nor does a tenant whose platform is slow.
pub async fn reconcile(deps: &PlatformDeps<dyn Find>, deadline: Timestamp, cid: &str) -> Result<Reconciled, Error> {
    let mut run = Reconciled::default();
    let mut walk = Walk::through(deps, Within::Unknown, |_| true);
    while let Some(due) = walk.next().await {
        if deps.clock.now() + SignedDuration::from_secs(LEFT_S) > deadline {
            return Ok(run);
        }
        run.looked_at += 1;
        match one(deps, &due, deadline, cid).await {
            Ok(decided) => run.decided += u64::from(decided),
            Err(error) => tracing::warn!(%error, "an unknown outcome could not be looked at; the next run does"),
        }
    }
    walk.end()?;
    Ok(run)
}

async fn one(deps: &PlatformDeps<dyn Find>, due: &DueRef, deadline: Timestamp, cid: &str) -> Result<bool, Error> {
    let DueSubject::Delivery { post, account, .. } = due.subject else { return Ok(false) };
    let Some(found) = deps.ledger.delivery(due.tenant, post, account).await? else { return Ok(false) };
    let now = deps.clock.now();
    let State::Unknown { .. } = found.value.state else { return Ok(false) };
    if found.value.wake.is_none_or(|w| w.at > now) {
        return Ok(false);
    }
    let finding = look(deps, &found.value, deadline, cid).await.unwrap_or_else(|error| {
        // A look that fails each time must still meet the time at which a person is asked.
        tracing::warn!(post = %found.value.post, %error, "an unknown outcome could not be looked up");
        Err(Failure::Unavailable)
    });
    // The store has just answered a read, so its clock is fresh. Without it Δ is not proved and nothing is sent again.
    let store_now = deps.ledger.store_now().unwrap_or(found.value.base_date.unwrap_or(now));
    let now = deps.clock.now();
    let moved = found.value.reconciled(&finding, store_now, now)?;
    let decided = !matches!(moved.next.state, State::Unknown { .. });
    transition(deps, &found, moved, cid).await?;
    Ok(decided)
}

/// Reads the platform. A platform that cannot be read is not asked.
async fn look(
    deps: &PlatformDeps<dyn Find>,
    delivery: &Delivery,
    deadline: Timestamp,
    cid: &str,
) -> Result<Result<Finding, Failure>, Error> {
    let load = match load(deps, delivery).await? {
        Ok(load) => load,
        Err(failure) => return Ok(Err(failure)),
    };
    // What the platform took, or calls there already, it is asked of by the id that it gave it, also where nothing can be found
    // without one.
    let has_id = matches!(delivery.doubt, Doubt::Taken | Doubt::Duplicate);
    if load.connector.dedupe(&load.account.value) == DedupeClass::WriteOnly && !has_id {
        return Ok(Ok(Finding::Unreadable));
    }
    let Ok((token, _)) = fresh_token(deps, &deps.tokens, &load.account, None, deadline, cid).await else {
        return Ok(Err(Failure::Unauthorized));
    };
    let before: Vec<_> = delivery.parts.iter().map_while(|p| p.receipt.clone()).collect();
    // One lease and a minute before the request left, so that clocks may differ.
    let since = delivery.base_date.unwrap_or(delivery.due_at) - SignedDuration::from_secs(LEASE_S + 60);
    let wanted = (load.variant(), before.len());
    let mut others = listed_siblings(deps, delivery, wanted, since).await?;
    let mut is_second = false;
    let until = deps.clock.now() + SignedDuration::from_secs(LOOK_S);
    let until = until.min(deadline - SignedDuration::from_secs(RECORD_S));
    loop {
        let call = PublishCall { elsewhere: &others.ids, until, ..load.call(deps, delivery, &token, &before) };
        let asked_at = deps.clock.now();
        let found = load.connector.find(&call, since).await;
        deps.platform_called(&delivery.platform, "read_back", asked_at);
        let receipt = match &found {
            Ok(Finding::Found(receipt) | Finding::Live(receipt)) => Some(receipt),
            Ok(Finding::Several(_) | Finding::Resembling(1..)) => None,
            // Nothing of another's is in it: what has this delivery's own id is no other's.
            _ => return Ok(found),
        };
        // All of them, also those that stand in no list at this time, and those that went out while the platform was read.
        let all = siblings(deps, delivery, wanted, since).await?;
        if all.ids.iter().any(|id| !others.ids.contains(id)) {
            let time_left = deadline.duration_since(deps.clock.now()) >= SignedDuration::from_secs(CALL_AND_RECORD_S);
            if is_second || !time_left {
                // What it says may be of those, and is evidence of nothing.
                return Ok(Err(Failure::Unavailable));
            }
            (others, is_second) = (all, true);
            continue;
        }
        if !receipt.is_some_and(|receipt| all.may_hold(receipt)) {
            // Until the elder is decided nobody knows whose this is, and whoever reads for that one may be taking it now.
            let waits = all.elder && matches!(found, Ok(Finding::Found(_)));
            return Ok(if waits { Err(Failure::Unavailable) } else { found });
        }
        // That it is live is proved, and only which of the two it is nobody can tell.
        let live = matches!(found, Ok(Finding::Live(_)));
        return Ok(Ok(if live { Finding::Proved(Receipt::NAMELESS) } else { Finding::Resembling(1) }));
    }
}
