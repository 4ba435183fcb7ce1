//! What people decide: cancel, try again, and "it is live" / "send again" for outcomes no machine can tell.

use super::commit::{due_soon, wake};
use crate::{Deps, Error, Once, Reply, relay};
use domain::access::{Caller, Permission};
use domain::audit::AuditEntry;
use domain::publishing::{Delivery, Question, Refused, Transition};
use domain::{AccountId, AuditId, PostId};
use jiff::Timestamp;
use ports::{Record, StoredReply, Versioned, Write};

/// What a person found out about an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They looked: it is on the platform.
    ItIsLive,
    /// They looked: it is not there.
    SendAgain,
}

/// A person's answer about one delivery of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The account it went to.
    pub account: AccountId,
    /// The question that was open when they looked.
    pub question: Question,
    /// What they found.
    pub decision: Decision,
}

type Encode<'a> = &'a (dyn Fn(&[Delivery]) -> StoredReply + Sync);

/// Calls off every delivery of a post that has not left. When none can be called off any more, that is the answer.
pub async fn cancel(
    deps: &Deps,
    caller: &Caller,
    post: PostId,
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    change(deps, caller, post, once, encode, "post.canceled", &|d, clocks| Some(d.canceled(clocks.ours))).await
}

/// Tries again what ended without success; `only` names one account. `not_live` are the doubts of which the person says
/// that the post is not on the platform.
pub async fn retry(
    deps: &Deps,
    caller: &Caller,
    post: PostId,
    only: Option<AccountId>,
    not_live: &[Question],
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    let wanted = |d: &Delivery| only.is_none_or(|a| a == d.account);
    change(deps, caller, post, once, encode, "post.retried", &|d, clocks| {
        wanted(d).then(|| d.retry_asked(not_live, clocks.store, clocks.ours))
    })
    .await
}

/// Decides one unknown outcome, if the question is still the one that is open.
pub async fn resolve(
    deps: &Deps,
    caller: &Caller,
    post: PostId,
    answer: &Answer,
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    require(caller, Permission::Resolve)?;
    let live = answer.decision == Decision::ItIsLive;
    let action = if live { "outcome.live" } else { "outcome.send_again" };
    change(deps, caller, post, once, encode, action, &|d, clocks| {
        (d.account == answer.account).then(|| d.decided(answer.question, live, clocks.store, clocks.ours))
    })
    .await
}

fn require(caller: &Caller, permission: Permission) -> Result<(), Error> {
    let name = if permission == Permission::Resolve { "resolve" } else { "publish" };
    if caller.may(permission) { Ok(()) } else { Err(Error::Forbidden(name)) }
}

/// The time, as we have it and as the store has it.
struct Clocks {
    ours: Timestamp,
    store: Timestamp,
}

type Move<'a> = &'a (dyn Fn(&Delivery, &Clocks) -> Option<Result<Transition, Refused>> + Sync);

/// Moves the deliveries of a post that `mv` permits to move, all in one commit with the audit entry and the remembered
/// answer. When it permits none, the first refusal is the answer and nothing is written.
async fn change(
    deps: &Deps,
    caller: &Caller,
    post: PostId,
    once: &Once,
    encode: Encode<'_>,
    action: &str,
    mv: Move<'_>,
) -> Result<Reply, Error> {
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.deliveries(caller.tenant, post).await?;
    if found.is_empty() {
        return Err(none_of(deps, caller, post).await?);
    }
    let now = deps.clock.now();
    // The store has just answered a read, so its clock is fresh. Without it nothing counts as settled.
    let clocks = Clocks { ours: now, store: deps.ledger.store_now().unwrap_or(Timestamp::MIN) };
    let mut after: Vec<Delivery> = Vec::new();
    let mut writes: Vec<Write> = Vec::new();
    let mut refusal = None;
    for old in &found {
        match mv(&old.value, &clocks) {
            Some(Ok(moved)) => {
                let next = if due_soon(&moved.next, now) {
                    moved.next.clone().with_message_sent()
                } else {
                    moved.next.clone()
                };
                writes.push(replace(deps, caller, old, &next, moved));
                after.push(next);
            }
            Some(Err(refused)) => {
                refusal.get_or_insert(refused);
                after.push(old.value.clone());
            }
            None => after.push(old.value.clone()),
        }
    }
    if writes.is_empty() {
        return Err(refusal.map_or(Error::NotFound("delivery"), Error::from));
    }
    let entry = AuditEntry {
        id: AuditId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        at: now,
        actor: Some(caller.member),
        action: action.to_owned(),
        subject: post.to_string(),
        facts: None,
        cid: caller.cid.clone(),
    };
    writes.push(Write::create(Record::Audit(entry)));
    let reply = encode(&after);
    writes.push(once.remember(deps, caller.tenant, &reply));
    match deps.ledger.commit(writes).await {
        Ok(committed) => {
            wake(deps, &after, &caller.cid).await;
            relay(deps, &committed.outbox).await;
            Ok(Reply::new(reply))
        }
        Err(error) => once.after_conflict(deps, caller.tenant, error).await,
    }
}

fn replace(deps: &Deps, caller: &Caller, old: &Versioned<Delivery>, next: &Delivery, moved: Transition) -> Write {
    let events = deps.events(caller.tenant, &caller.cid, moved.events);
    Write::replace(old, Record::Delivery(next.clone())).telling(events)
}

/// A post without deliveries is a draft, or not there.
async fn none_of(deps: &Deps, caller: &Caller, post: PostId) -> Result<Error, Error> {
    Ok(match deps.ledger.post(caller.tenant, post).await? {
        None => Error::NotFound("post"),
        Some(_) => Error::conflict("wrong_state", "it is a draft: there is nothing to call off or to try again"),
    })
}
