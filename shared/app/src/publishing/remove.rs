//! Deleting: a post leaves Herald's lists; on request it is also taken off the platforms. Its history stays.

use super::commit::transition;
use super::load::load;
use super::slots::freed;
use super::{REQUEST_S, all_over, whom};
use crate::accounts::fresh_token;
use crate::mutate::require;
use crate::{Error, Once, PlatformDeps, Reply};
use domain::PostId;
use domain::access::{Caller, Permission};
use domain::publishing::{Delivery, Failure, Post};
use jiff::{SignedDuration, Timestamp};
use ports::{Manage, PublishCall, Record, StoreError, StoredReply, Versioned, Write};

/// Times that a deletion is written down again after somebody else wrote first.
const RECORD_TRIES: usize = 4;

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
        let post = deps.ledger.post(caller.tenant, id).await?.ok_or(Error::NotFound("post"))?;
        let deliveries = deps.ledger.deliveries(caller.tenant, id).await?;
        all_over(deps, &deliveries).await?;
        let mut gone = Vec::new();
        let now = deps.ledger.store_now().unwrap_or_else(|| deps.clock.now());
        if deliveries.iter().any(|d| d.value.amendment.as_ref().is_some_and(|latest| latest.is_leaving(now))) {
            return Err(Error::conflict(
                "still_open",
                "its words are being changed at this moment: try again in a minute",
            ));
        }
        if on_platforms {
            for delivery in deliveries.iter().filter(|d| d.value.any_live() && d.value.removed_at.is_none()) {
                let whom = whom(deps, &delivery.value).await?;
                let taken = Box::pin(take_down(deps, delivery, &whom, &gone, deadline, &caller.cid)).await;
                taken.map_err(|error| after(error, &gone))?;
                gone.push(whom);
            }
        }
        let archived = Post { archived: true, ..post.value.clone() };
        let mut writes = vec![Write::replace(&post, Record::Post(archived))];
        writes.extend(freed(deps, &post.value).await?);
        deps.ledger.commit(writes).await.map_err(|error| after(error.into(), &gone))?;
        Ok(reply.clone())
    };
    once.reserve(deps, caller.tenant, effect).await
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

/// Takes it off the platform of one delivery, which is for `whom`; it was taken off before for those who are `gone`.
async fn take_down(
    deps: &PlatformDeps<dyn Manage>,
    delivery: &Versioned<Delivery>,
    whom: &str,
    gone: &[String],
    deadline: Timestamp,
    cid: &str,
) -> Result<(), Error> {
    let before = if gone.is_empty() { String::new() } else { format!("; it was deleted for {}", gone.join(", ")) };
    let refused = |why: String| {
        Error::conflict("not_deleted", format!("{whom}: {why}{before}; nothing was deleted from Herald's lists"))
    };
    let load = load(deps, &delivery.value).await?.map_err(|f| refused(f.to_string()))?;
    let (token, _) = fresh_token(deps, &deps.tokens, &load.account, None, deadline, cid)
        .await
        .map_err(|trouble| refused(trouble.to_string()))?;
    let mut stays = None;
    for (part, at) in delivery.value.parts.iter().enumerate().rev() {
        let Some(receipt) = &at.receipt else { continue };
        let call = PublishCall { part, ..load.call(deps, &delivery.value, &token, &[]) };
        match load.connector.delete(&call, receipt).await {
            Ok(()) => {}
            // What the platform never deletes must not keep the others from being deleted.
            Err(failure @ Failure::Unsupported { .. }) => stays = Some(failure),
            Err(failure) => return Err(refused(failure.to_string())),
        }
    }
    if let Some(failure) = stays {
        return Err(refused(failure.to_string()));
    }
    // It is gone, whoever wrote of the delivery meanwhile.
    let mut found = Some(delivery.clone());
    for _ in 0..RECORD_TRIES {
        let Some(current) = found else { break };
        match transition(deps, &current, current.value.removed(deps.clock.now())?, cid).await {
            Err(StoreError::Conflict { .. }) => {
                let Delivery { tenant, post, account, .. } = delivery.value;
                found = deps.ledger.delivery(tenant, post, account).await?;
            }
            result => return result.map(drop).map_err(Error::from),
        }
    }
    Err(in_part(&gone.iter().map(String::as_str).chain([whom]).collect::<Vec<_>>().join(", ")))
}
