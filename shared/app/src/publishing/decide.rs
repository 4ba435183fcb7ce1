//! What people decide: cancel, try again, and "it is live" / "send again" for outcomes no machine can tell.

use super::commit::{due_soon, wake};
use super::media::kept;
use super::slots::freed;
use super::{approval, rules};
use crate::mutate::require;
use crate::{AccountDeps, Deps, Error, Once, Reply, inbox, relay};
use domain::access::{Caller, Permission};
use domain::audit::AuditEntry;
use domain::publishing::{Clearance, Delivery, Post, Question, Receipt, Refused, Rules, State, Transition, Violation};
use domain::{AccountId, AuditId, PostId};
use jiff::Timestamp;
use ports::{Record, StoredReply, Versioned, Write};

/// Bytes of a post's address, at most: none is nearly as long.
const MAX_NAMED: usize = 500;

/// What a person found out about an unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They looked: it is on the platform. The post, by its id or address there, if they give it: without, the later parts
    /// of a thread have nothing to answer.
    ItIsLive(Option<String>),
    /// They looked: it is not there. It is sent again; where it answers what awaits no answer any more, it is called off instead.
    SendAgain,
}

/// A person's answer about one delivery of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    let off: Move<'_> = &|d, clocks| Some(d.canceled(clocks.ours));
    let canceled = Change { action: "post.canceled", frees_slot: true, revives: false, sends: false, mv: off };
    change(deps, caller, post, once, encode, &canceled).await
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
    if !not_live.is_empty() {
        // It answers a doubt, as `resolve` does.
        require(caller, Permission::Resolve)?;
    }
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let rules = rules::of(deps, caller.tenant).await?;
    on_brand(deps, caller, post, only, &rules).await?;
    // What somebody sends again is accepted anew, by the rules of this moment.
    let bound = rules.approval.binds_caller(caller);
    let wanted = |d: &Delivery| only.is_none_or(|a| a == d.account);
    let again: Move<'_> = &|d, clocks| {
        wanted(d).then(|| {
            let moved = d.retry_asked(not_live, clocks.store, clocks.ours)?;
            if bound && d.clearance == Clearance::Free { Err(Refused::NotApproved) } else { Ok(moved) }
        })
    };
    let retried = Change { action: "post.retried", frees_slot: false, revives: true, sends: true, mv: again };
    change(deps, caller, post, once, encode, &retried).await
}

/// What would be tried again keeps to the brand rules as they are now.
async fn on_brand(
    deps: &Deps,
    caller: &Caller,
    id: PostId,
    only: Option<AccountId>,
    rules: &Rules,
) -> Result<(), Error> {
    if rules.brand.is_empty() {
        return Ok(());
    }
    let post = deps.ledger.post(caller.tenant, id).await?.ok_or(Error::NotFound("post"))?.value;
    if post.archived {
        return Err(Error::deleted());
    }
    let ended = |d: &Delivery| {
        let over = matches!(d.state, State::Failed { .. } | State::Partial { .. } | State::Missed { .. });
        (over || d.question().is_some()) && only.is_none_or(|account| account == d.account)
    };
    let mut violations: Vec<Violation> = Vec::new();
    for found in deps.ledger.deliveries(caller.tenant, id).await?.iter().filter(|found| ended(&found.value)) {
        let platform = &found.value.platform;
        let own = post.variants.contains_key(platform);
        let at = if own { format!("/variants/{platform}") } else { "/content".to_owned() };
        let says = found.value.content(&post);
        let media = kept(deps, caller.tenant, [says].into_iter()).await?;
        for violation in rules::off_brand(deps, &rules.brand, platform, says, &media, &at) {
            if !violations.contains(&violation) {
                violations.push(violation);
            }
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

/// Decides one unknown outcome, if the question is still the one that is open. `field` is where the request names the post,
/// for a refusal.
pub async fn resolve(
    deps: &AccountDeps,
    caller: &Caller,
    post: PostId,
    answer: &Answer,
    field: &str,
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    require(caller, Permission::Resolve)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let seen = seen(deps, caller, post, answer, field).await?;
    let over = seen.is_none() && answers_nothing(deps, caller, post).await?;
    let action = match &seen {
        Some(_) => "outcome.live",
        None if over => "outcome.not_live",
        None => "outcome.send_again",
    };
    let decided: Move<'_> = &|d, clocks| {
        (d.account == answer.account).then(|| {
            let moved = d.decided(answer.question, seen.clone(), clocks.store, clocks.ours)?;
            if !over {
                return Ok(moved);
            }
            let off = moved.next.canceled(clocks.ours)?;
            Ok(Transition { events: [moved.events, off.events].concat(), ..off })
        })
    };
    let sends = seen.is_none() && !over;
    change(deps, caller, post, once, encode, &Change { action, frees_slot: false, revives: false, sends, mv: decided })
        .await
}

/// Whether the post answers something of the inbox that awaits it no more: what is found not to be there is then not sent again, and is
/// over.
async fn answers_nothing(deps: &Deps, caller: &Caller, post: PostId) -> Result<bool, Error> {
    let kept = deps.ledger.post(caller.tenant, post).await?.ok_or(Error::NotFound("post"))?;
    let Some(answered) = kept.value.interaction else { return Ok(false) };
    match inbox::still_the_answer(deps, caller, answered, post).await {
        Ok(_) => Ok(false),
        Err(Error::Conflict { .. }) => Ok(true),
        Err(other) => Err(other),
    }
}

/// The post that a person says they saw. What they name must be a post of the account's, and not an earlier part of the same
/// thread, whose address is the one that platforms show first.
async fn seen(
    deps: &AccountDeps,
    caller: &Caller,
    post: PostId,
    answer: &Answer,
    field: &str,
) -> Result<Option<Receipt>, Error> {
    let named = match &answer.decision {
        Decision::SendAgain => return Ok(None),
        Decision::ItIsLive(None) => return Ok(Some(Receipt::NAMELESS)),
        Decision::ItIsLive(Some(named)) => named.trim(),
    };
    let delivery = deps.ledger.delivery(caller.tenant, post, answer.account).await?;
    let account = deps.ledger.account(caller.tenant, answer.account).await?;
    let (Some(delivery), Some(account)) = (delivery, account) else { return Err(Error::NotFound("delivery")) };
    let platform = &delivery.value.platform;
    let missing = || Error::conflict("platform_not_configured", "the platform is not configured in this stack");
    let connector = deps.connectors.get(platform).ok_or_else(missing)?;
    let app = deps.app_of(platform).await?.ok_or_else(missing)?;
    let receipt = connector.named(&app, &account.value, named);
    let receipt = receipt.filter(|_| named.len() <= MAX_NAMED).ok_or_else(|| {
        let detail =
            format!("this is no post of the account on {}: give its address or its id", connector.descriptor().name);
        Error::invalid("post_not_recognised", field, detail)
    })?;
    let mut before = delivery.value.parts.iter().filter_map(|part| part.receipt.as_ref());
    if before.any(|known| known.id.is_some() && known.id == receipt.id) {
        let detail = "this is an earlier part of the same thread: give the address of the part in question";
        return Err(Error::invalid("post_not_recognised", field, detail));
    }
    Ok(Some(receipt))
}

/// The time, as we have it and as the store has it.
struct Clocks {
    ours: Timestamp,
    store: Timestamp,
}

type Move<'a> = &'a (dyn Fn(&Delivery, &Clocks) -> Option<Result<Transition, Refused>> + Sync);

/// What people want changed in the deliveries of a post.
struct Change<'a> {
    /// Its name in the audit log.
    action: &'a str,
    /// Whether the post needs its queue slot no more when all of them are called off.
    frees_slot: bool,
    /// Whether it sets going what was over, which a deletion at the same moment takes for granted.
    revives: bool,
    /// Whether something leaves again.
    sends: bool,
    /// The move of each; none where it does not concern it.
    mv: Move<'a>,
}

/// Moves the deliveries of a post that `change` permits to move, all in one commit with the audit entry and the remembered
/// answer. When it permits none, the first refusal is the answer and nothing is written.
async fn change(
    deps: &Deps,
    caller: &Caller,
    post: PostId,
    once: &Once,
    encode: Encode<'_>,
    change: &Change<'_>,
) -> Result<Reply, Error> {
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let kept = deps.ledger.post(caller.tenant, post).await?.ok_or(Error::NotFound("post"))?;
    if kept.value.archived {
        return Err(Error::deleted());
    }
    let found = deps.ledger.deliveries(caller.tenant, post).await?;
    if found.is_empty() {
        return Err(Error::conflict("wrong_state", "it is a draft: there is nothing to call off or to try again"));
    }
    let now = deps.clock.now();
    // The store has just answered a read, so its clock is fresh. Without it nothing counts as settled.
    let clocks = Clocks { ours: now, store: deps.ledger.store_now().unwrap_or(Timestamp::MIN) };
    if change.revives && kept.value.is_being_removed(now) {
        return Err(Error::conflict("still_open", "it is being deleted on its platforms: try again in a minute"));
    }
    let mut after: Vec<Delivery> = Vec::new();
    let mut writes: Vec<Write> = Vec::new();
    let (mut refusal, mut again) = (None, false);
    for old in &found {
        match (change.mv)(&old.value, &clocks) {
            Some(Ok(moved)) => {
                again |= moved.next.due_at != old.value.due_at;
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
    if change.frees_slot && after.iter().all(|d| matches!(d.state, State::Canceled { .. })) {
        writes.extend(freed(deps, &kept.value).await?);
        if approval::concerns(after.iter()) {
            writes.extend(approval::called_off(deps, caller, &kept.value).await?);
        }
    }
    if change.sends
        && let Some(answered) = kept.value.interaction
    {
        writes.push(inbox::still_the_answer(deps, caller, answered, post).await?);
    }
    if change.revives || again {
        // Whoever deletes the post replaces it, too: one of the two is refused. And whoever looks for a lost one finds what leaves
        // at another time than it was due.
        let sent_again_at = if again { Some(now) } else { kept.value.sent_again_at };
        writes.push(Write::replace(&kept, Record::Post(Post { sent_again_at, ..kept.value.clone() })));
    }
    let entry = AuditEntry {
        id: AuditId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        at: now,
        actor: Some(caller.member),
        action: change.action.to_owned(),
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
