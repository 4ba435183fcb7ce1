//! Deleting: a post leaves Herald's lists; on request it is also taken off the platforms. Its history stays.

use super::commit::transition;
use super::load::load;
use super::slots::freed;
use super::{CALL_TIMEOUT_S, REQUEST_S, all_over, whom};
use crate::accounts::fresh_token;
use crate::mutate::require;
use crate::{Deps, Error, Once, PlatformDeps, Reply};
use domain::PostId;
use domain::access::{Caller, Permission};
use domain::publishing::{Delivery, Failure, Post};
use jiff::{SignedDuration, Timestamp};
use ports::{Manage, PublishCall, Record, StoreError, StoredReply, Versioned, Write};

/// Seconds for which a post says that it is being deleted: a request, and what clocks may differ by.
const REMOVAL_S: i64 = 60;
/// Times that a deletion is begun again, or written down again, after somebody else wrote first.
const RECORD_TRIES: usize = 4;
/// Why something was not begun.
const NO_TIME: &str = "no time was left, delete it again";

/// Deletes a post that is a draft or over. With `on_platforms` its live parts are deleted there first, last part first.
pub async fn remove(
    deps: &PlatformDeps<dyn Manage>,
    caller: &Caller,
    id: PostId,
    on_platforms: bool,
    once: &Once,
    reply: &StoredReply,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    let deadline = deps.clock.now() + SignedDuration::from_secs(REQUEST_S);
    let effect = async {
        let (post, deliveries) = begun(deps, caller, id, on_platforms).await?;
        let mut gone = Vec::new();
        if on_platforms {
            gone = everywhere(deps, &deliveries, deadline, &caller.cid).await?;
        }
        let archived = Post { archived: true, removing_until: None, ..post.value.clone() };
        let mut writes = vec![Write::replace(&post, Record::Post(archived))];
        writes.extend(freed(deps, &post.value).await?);
        match deps.ledger.commit(writes).await {
            Ok(_) => Ok(reply.clone()),
            // Somebody else deleted it at this moment: it is as it was wanted.
            Err(StoreError::Conflict { .. }) if gone.is_empty() && is_archived(deps, caller, id).await? => {
                Ok(reply.clone())
            }
            Err(error) => Err(after(error.into(), &gone)),
        }
    };
    once.reserve(deps, caller.tenant, effect).await
}

async fn is_archived(deps: &Deps, caller: &Caller, id: PostId) -> Result<bool, Error> {
    Ok(deps.ledger.post(caller.tenant, id).await?.is_some_and(|found| found.value.archived))
}

/// The post and its deliveries, all of which are over. Before anything is deleted on platforms the post says so, and nobody sets going
/// meanwhile what is.
async fn begun(
    deps: &PlatformDeps<dyn Manage>,
    caller: &Caller,
    id: PostId,
    on_platforms: bool,
) -> Result<(Versioned<Post>, Vec<Versioned<Delivery>>), Error> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..RECORD_TRIES {
        let post = deps.ledger.post(caller.tenant, id).await?.ok_or(Error::NotFound("post"))?;
        let deliveries = deps.ledger.deliveries(caller.tenant, id).await?;
        all_over(deps, &deliveries).await?;
        let (now, ours) = (deps.ledger.store_now(), deps.clock.now());
        let is_leaving = |found: &Versioned<Delivery>| {
            found.value.amendment.as_ref().is_some_and(|latest| latest.is_leaving(now.unwrap_or(ours)))
        };
        if deliveries.iter().any(is_leaving) {
            let detail = "its words are being changed at this moment: try again in a minute";
            return Err(Error::conflict("still_open", detail));
        }
        let long_enough = ours + SignedDuration::from_secs(REQUEST_S);
        if !on_platforms || post.value.is_being_removed(long_enough) {
            return Ok((post, deliveries));
        }
        let marked = Post { removing_until: Some(ours + SignedDuration::from_secs(REMOVAL_S)), ..post.value.clone() };
        match deps.ledger.commit(vec![Write::replace(&post, Record::Post(marked.clone()))]).await {
            Ok(_) => return Ok((Versioned { value: marked, rev: post.rev + 1, unsent: post.unsent }, deliveries)),
            Err(error @ StoreError::Conflict { .. }) => last = error,
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

/// Takes it off every platform where it is live. One that keeps it keeps no other from being asked.
async fn everywhere(
    deps: &PlatformDeps<dyn Manage>,
    deliveries: &[Versioned<Delivery>],
    deadline: Timestamp,
    cid: &str,
) -> Result<Vec<String>, Error> {
    let (mut gone, mut stays, mut unnoted) = (Vec::new(), Vec::new(), false);
    for delivery in deliveries.iter().filter(|d| d.value.any_live() && d.value.removed_at.is_none()) {
        let whom = whom(deps, &delivery.value).await?;
        let asked = !(gone.is_empty() && stays.is_empty());
        if asked && deps.clock.now() + SignedDuration::from_secs(CALL_TIMEOUT_S) > deadline {
            stays.push(format!("{whom}: {NO_TIME}"));
            continue;
        }
        match Box::pin(take_down(deps, delivery, deadline, cid)).await.map_err(|error| after(error, &gone))? {
            TakenDown::Gone { noted } => {
                unnoted |= !noted;
                gone.push(whom);
            }
            TakenDown::Stays(why) => stays.push(format!("{whom}: {why}")),
        }
    }
    if !stays.is_empty() {
        let gone = if gone.is_empty() { String::new() } else { format!("; it was deleted for {}", gone.join(", ")) };
        let detail = format!("{}{gone}; nothing was deleted from Herald's lists", stays.join("; "));
        return Err(Error::conflict("not_deleted", detail));
    }
    if unnoted { Err(in_part(&gone.join(", "))) } else { Ok(gone) }
}

/// What went wrong, after the post was deleted for those who are `gone`: that somebody wrote at the same moment must not sound as if
/// nothing had been deleted.
fn after(error: Error, gone: &[String]) -> Error {
    match error {
        Error::Conflict { code: "changed_meanwhile", .. } if !gone.is_empty() => in_part(&gone.join(", ")),
        error => error,
    }
}

fn in_part(gone: &str) -> Error {
    let detail = format!("it was deleted for {gone}, and somebody changed it here at the same moment: delete it again");
    Error::conflict("deleted_in_part", detail)
}

/// What came of deleting one delivery on its platform.
enum TakenDown {
    /// It is gone there.
    Gone {
        /// Whether that could be written down.
        noted: bool,
    },
    /// It, or a part of it, is still there, for this reason.
    Stays(String),
}

/// Takes it off the platform of one delivery.
async fn take_down(
    deps: &PlatformDeps<dyn Manage>,
    delivery: &Versioned<Delivery>,
    deadline: Timestamp,
    cid: &str,
) -> Result<TakenDown, Error> {
    let load = match load(deps, &delivery.value).await? {
        Ok(load) => load,
        Err(failure) => return Ok(TakenDown::Stays(failure.to_string())),
    };
    let token = match fresh_token(deps, &deps.tokens, &load.account, None, deadline, cid).await {
        Ok((token, _)) => token,
        Err(trouble) => return Ok(TakenDown::Stays(trouble.to_string())),
    };
    let (mut gone, mut stays) = (Vec::new(), None);
    for (part, at) in delivery.value.parts.iter().enumerate().rev() {
        let Some(receipt) = at.receipt.as_ref().filter(|_| at.removed_at.is_none()) else { continue };
        if deps.clock.now() + SignedDuration::from_secs(CALL_TIMEOUT_S) > deadline {
            stays = Some(NO_TIME.to_owned());
            break;
        }
        let call = PublishCall { part, ..load.call(deps, &delivery.value, &token, &[]) };
        match load.connector.delete(&call, receipt).await {
            Ok(()) => gone.push(part),
            // What the platform never deletes must not keep the others from being deleted.
            Err(failure @ Failure::Unsupported { .. }) => stays = Some(failure.to_string()),
            Err(failure) => {
                stays = Some(failure.to_string());
                break;
            }
        }
    }
    // Also where the rest stays: nothing may go on below what is gone.
    let noted = if gone.is_empty() { None } else { noted(deps, delivery, &gone, cid).await? };
    let Some(why) = stays else { return Ok(TakenDown::Gone { noted: noted.is_some() }) };
    let (before, of) = delivery.value.parts_gone();
    Ok(TakenDown::Stays(match before + gone.len() {
        0 => why,
        1 => format!("{why} (1 of {of} parts is deleted)"),
        gone => format!("{why} ({gone} of {of} parts are deleted)"),
    }))
}

/// Writes down which parts are gone, whoever wrote of the delivery meanwhile. None where that could not be.
async fn noted(
    deps: &PlatformDeps<dyn Manage>,
    delivery: &Versioned<Delivery>,
    gone: &[usize],
    cid: &str,
) -> Result<Option<Versioned<Delivery>>, Error> {
    let mut found = Some(delivery.clone());
    for _ in 0..RECORD_TRIES {
        let Some(current) = found else { break };
        match transition(deps, &current, current.value.removed(gone, deps.clock.now())?, cid).await {
            Err(StoreError::Conflict { .. }) => {
                let Delivery { tenant, post, account, .. } = delivery.value;
                found = deps.ledger.delivery(tenant, post, account).await?;
            }
            result => return Ok(Some(result?)),
        }
    }
    Ok(None)
}
