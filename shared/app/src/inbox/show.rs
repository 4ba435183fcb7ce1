//! One interaction with the conversation that it belongs to.

use super::answer::{delivery, refusal};
use crate::inbound::{interaction_id, thread};
use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::inbox::{Answered, Interaction};
use domain::publishing::{Delivery, Post};
use domain::{AccountId, InteractionId, PostId, TenantId};
use futures_util::future::{try_join_all, try_join5};
use jiff::{SignedDuration, Timestamp};
use ports::{PostQuery, Versioned};
use std::collections::BTreeSet;

/// Most things that are shown of a conversation: the newest, and as many of what was said on the one that is looked at.
const SHOWN: u32 = 50;
/// Most levels that are gone up to the post: a comment on a comment on a comment.
const LEVELS: usize = 5;
/// Posts of one read of the list, and such reads, until a post counts as none of ours. Comments come within days.
const LOOKED_AT: (u32, usize) = (50, 2);
/// Seconds by which a platform's clock may be behind ours.
const SKEW_S: i64 = 300;
/// Reactions are counted up to so many.
pub const MAX_REACTIONS: u32 = 1_000;

/// An interaction among what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// The interaction.
    pub interaction: Versioned<Interaction>,
    /// The post that all of it is about, where it is one of ours.
    pub post: Option<PostId>,
    /// What was said, the oldest first: what it is on, what else is on that, itself, and what is on it.
    pub said: Vec<Interaction>,
    /// The posts that answer it, the oldest first.
    pub answers: Vec<AnswerSeen>,
    /// Why it cannot be answered from here now, in words.
    pub refusal: Option<String>,
    /// Reactions to it.
    pub reactions: u32,
    /// Reactions to what it is on.
    pub reactions_around: u32,
}

/// A post that answers an interaction, as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerSeen {
    /// What the interaction keeps of it.
    pub answered: Answered,
    /// What it says; none where the post was deleted from Herald's lists.
    pub text: Option<String>,
    /// Its delivery.
    pub delivery: Option<Delivery>,
}

/// One interaction with its conversation. Which post that is about is found by what our deliveries were called where they went: among
/// the latest posts that were due before, so that publishing writes nothing for it.
///
/// # Errors
/// When the caller may not read, when there is no such interaction, and when the store does not answer.
pub async fn interaction(deps: &Deps, caller: &Caller, id: InteractionId) -> Result<Conversation, Error> {
    require(caller, Permission::Read)?;
    let tenant = caller.tenant;
    let found = deps.ledger.interaction(tenant, id).await?.ok_or(Error::NotFound("interaction"))?;
    let one = &found.value;
    let above = above(deps, one).await?;
    let root = above.last().unwrap_or(one);
    let below = thread(&one.on_what(&one.external_id));
    let around = async {
        if one.thread == below { Ok(0) } else { deps.ledger.reactions(tenant, &one.thread, MAX_REACTIONS).await }
    };
    let (beside, under, reactions, reactions_around, post) = try_join5(
        async { deps.ledger.conversation(tenant, &one.thread, SHOWN).await.map_err(Error::from) },
        async { deps.ledger.conversation(tenant, &below, SHOWN).await.map_err(Error::from) },
        async { deps.ledger.reactions(tenant, &below, MAX_REACTIONS).await.map_err(Error::from) },
        async { around.await.map_err(Error::from) },
        post_of(deps, tenant, root),
    )
    .await?;
    let known: BTreeSet<InteractionId> = above.iter().map(|it| it.id).chain([id]).collect();
    let others: BTreeSet<InteractionId> = beside.into_iter().chain(under).filter(|it| !known.contains(it)).collect();
    let read = others.into_iter().map(|it| deps.ledger.interaction(tenant, it));
    let read = try_join_all(read).await?.into_iter().flatten().map(|it| it.value);
    let mut said: Vec<Interaction> = read.chain(above).chain([one.clone()]).collect();
    said.sort_by_key(|it| (it.at, it.id));
    let answers = try_join_all(one.answers.iter().map(|answered| seen(deps, one, *answered))).await?;
    let last = answers.last().and_then(|last| last.delivery.as_ref()).map(|delivery| &delivery.state);
    let refusal = refusal(deps, one, last);
    Ok(Conversation { interaction: found, post, said, answers, refusal, reactions, reactions_around })
}

async fn seen(deps: &Deps, one: &Interaction, answered: Answered) -> Result<AnswerSeen, Error> {
    let post = deps.ledger.post(one.tenant, answered.post).await?.filter(|post| !post.value.archived);
    let delivery = delivery(deps, one, &answered).await?;
    let says = |post: &Post| post.variant_for(&one.platform).parts.first().map(|part| part.text.clone());
    let text = post.and_then(|post| says(&post.value));
    Ok(AnswerSeen { answered, text, delivery })
}

/// The revision of an interaction.
pub async fn revision(deps: &Deps, caller: &Caller, id: InteractionId) -> Result<u64, Error> {
    require(caller, Permission::Read)?;
    deps.ledger.interaction(caller.tenant, id).await?.map(|found| found.rev).ok_or(Error::NotFound("interaction"))
}

/// What it is on, and what that is on, as far as it was said by people and came in here.
async fn above(deps: &Deps, one: &Interaction) -> Result<Vec<Interaction>, Error> {
    let mut all: Vec<Interaction> = Vec::new();
    for _ in 0..LEVELS {
        let last = all.last().unwrap_or(one);
        let Some(on) = &last.on else { break };
        let id = interaction_id(last.source, last.to.as_deref(), on);
        let seen = id == one.id || all.iter().any(|it| it.id == id);
        match deps.ledger.interaction(one.tenant, id).await? {
            Some(found) if !seen => all.push(found.value),
            _ => break,
        }
    }
    Ok(all)
}

/// The post of ours that a thing is on.
async fn post_of(deps: &Deps, tenant: TenantId, root: &Interaction) -> Result<Option<PostId>, Error> {
    let (Some(account), Some(on)) = (root.account, &root.on) else { return Ok(None) };
    let (limit, reads) = LOOKED_AT;
    let to = root.at.checked_add(SignedDuration::from_secs(SKEW_S)).unwrap_or(Timestamp::MAX);
    let mut query = PostQuery { to: Some(to), limit, ..PostQuery::default() };
    for _ in 0..reads {
        let page = deps.ledger.list_posts(tenant, &query).await?;
        let ours = page.items.iter().filter(|post| post.targets.iter().any(|target| target.account == account));
        let looked_at = try_join_all(ours.map(|post| is_on(deps, tenant, post.id, account, on))).await?;
        if let Some(post) = looked_at.into_iter().flatten().next() {
            return Ok(Some(post));
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(None)
}

/// The post, if a part of it has this id where it went.
async fn is_on(
    deps: &Deps,
    tenant: TenantId,
    post: PostId,
    account: AccountId,
    on: &str,
) -> Result<Option<PostId>, Error> {
    let Some(delivery) = deps.ledger.delivery(tenant, post, account).await? else { return Ok(None) };
    let mut receipts = delivery.value.parts.iter().filter_map(|part| part.receipt.as_ref());
    Ok(receipts.any(|receipt| receipt.id.as_deref() == Some(on)).then_some(post))
}
