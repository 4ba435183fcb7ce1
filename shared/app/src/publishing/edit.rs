//! Changing a post while it only waits. The revision the client saw must still be the current one, so that two editors
//! do not overwrite each other.

use super::commit::wake;
use super::request::{Plan, content_hash, deliveries, plan, soon};
use super::slots::Book;
use super::{Accepted, PublishCommand, TargetSpec, When, approval, rules, schedule, slots};
use crate::mutate::{require, seen};
use crate::{Deps, Error, Once, Reply, relay};
use domain::PostId;
use domain::access::{Caller, Permission};
use domain::events::{EventData, PostFacts};
use domain::publishing::{Approval, Delivery, Post, Rules, Schedule, Variant, Violation};
use ports::{Record, StoredReply, Versioned, Write};
use std::collections::BTreeMap;

/// What to change; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// New content for all platforms.
    pub content: Option<Variant>,
    /// New content for single platforms.
    pub variants: Option<BTreeMap<String, Variant>>,
    /// New targets; only of a draft.
    pub targets: Option<Vec<TargetSpec>>,
    /// A new time.
    pub when: Option<When>,
}

/// Edits a post at revision `rev`.
pub async fn edit(
    deps: &Deps,
    caller: &Caller,
    id: PostId,
    rev: u64,
    edit: &Edit,
    once: &Once,
    encode: &(dyn Fn(&Accepted) -> StoredReply + Sync),
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let old = at_revision(deps, caller, id, rev).await?;
    if edit.targets.is_some() && !old.value.is_draft() {
        return Err(Error::conflict(
            "no_draft",
            "targets can be changed while it is a draft: cancel it and make a new post",
        ));
    }
    let before = deps.ledger.deliveries(caller.tenant, id).await?;
    let rules = rules::of(deps, caller.tenant).await?;
    let (post, warnings, unfit_to_approve) = changed(deps, &rules, &old.value, edit).await?;
    // What needed an approval once needs it again; what the caller changes, by the rule for the caller.
    let asked = approval::to_approve(&post, caller.member)
        .filter(|_| rules.approval.binds_caller(caller) || approval::concerns(before.iter().map(|d| &d.value)));
    if asked.is_some() && !unfit_to_approve.is_empty() {
        return Err(Error::Invalid(unfit_to_approve));
    }
    let (after, mut writes) = if before.is_empty() {
        let fresh = deliveries(deps, &post, asked.is_some());
        let writes = fresh.iter().map(|d| Write::create(Record::Delivery(d.clone()))).collect();
        (fresh, writes)
    } else {
        moved(deps, &before, &post, asked.is_some())?
    };
    let now = deps.clock.now();
    let before = if asked.is_some() { deps.ledger.approval(caller.tenant, id).await? } else { None };
    let approval = asked.map(|asked| match &before {
        Some(old) => old.value.changed(asked, now),
        None => Approval::asked((post.tenant, id), asked, caller.member, None, now),
    });
    writes.extend(approval.iter().map(|next| approval::asks(deps, &caller.cid, before.as_ref(), next)));
    let accepted = Accepted { post: post.clone(), deliveries: after, approval, warnings };
    let reply = encode(&accepted);
    if post.schedule.slot() != old.value.schedule.slot() {
        writes.extend(slots::freed(deps, &old.value).await?);
        writes.extend(slots::taken(deps, &post).await?);
    }
    let facts = PostFacts { post_id: id, due_at: post.schedule.due_at() };
    let news = matches!(post.schedule, Schedule::At { .. } | Schedule::Queue { .. })
        .then_some(EventData::PostScheduled(facts));
    writes.push(Write::replace(&old, Record::Post(post)).telling(deps.events(caller.tenant, &caller.cid, news)));
    writes.push(once.remember(deps, caller.tenant, &reply));
    match deps.ledger.commit(writes).await {
        Ok(committed) => {
            wake(deps, &accepted.deliveries, &caller.cid).await;
            relay(deps, &committed.outbox).await;
            Ok(Reply::new(reply))
        }
        Err(error) => once.after_conflict(deps, caller.tenant, error).await,
    }
}

/// The post as the client saw it.
///
/// # Errors
/// There is none, somebody changed it since, or it was deleted.
pub(super) async fn at_revision(deps: &Deps, caller: &Caller, id: PostId, rev: u64) -> Result<Versioned<Post>, Error> {
    let found = deps.ledger.post(caller.tenant, id).await?.ok_or(Error::NotFound("post"))?;
    seen(&found, rev, "somebody changed the post: read it again before editing")?;
    if found.value.archived {
        return Err(Error::deleted());
    }
    Ok(found)
}

async fn changed(
    deps: &Deps,
    rules: &Rules,
    old: &Post,
    edit: &Edit,
) -> Result<(Post, Vec<String>, Vec<Violation>), Error> {
    let names = |v: &BTreeMap<_, Variant>| {
        v.iter().map(|(k, v): (&domain::PlatformId, _)| (k.to_string(), v.clone())).collect()
    };
    let command = PublishCommand {
        content: edit.content.clone().unwrap_or_else(|| old.content.clone()),
        variants: edit.variants.clone().unwrap_or_else(|| names(&old.variants)),
        targets: edit
            .targets
            .clone()
            .unwrap_or_else(|| old.targets.iter().map(|t| TargetSpec::Account(t.account)).collect()),
        when: edit.when.clone().unwrap_or(When::Draft),
        max_lateness_s: Some(old.max_lateness_s),
    };
    if old.is_draft() && command.targets.is_empty() && !matches!(edit.when, None | Some(When::Draft)) {
        return Err(Error::invalid("targets_missing", "/targets", "name at least one account or platform"));
    }
    if !old.is_draft() && edit.when == Some(When::Draft) {
        return Err(Error::conflict("no_draft", "a scheduled post does not become a draft again: cancel it"));
    }
    let plan = plan(deps, rules, &command).await?;
    still_answers(old, &plan, &command.content)?;
    let mut post = Post { content: command.content, variants: plan.variants, targets: plan.targets, ..old.clone() };
    let mut warnings = plan.warnings;
    if let Some(when) = &edit.when {
        let resolved = schedule::resolve(deps, old.tenant, &post.targets, when, &mut Book::of(old.id)).await?;
        post.schedule = resolved.schedule;
        warnings.extend(resolved.warning);
    }
    Ok((post, warnings, plan.unfit_to_approve))
}

/// What answers something in the inbox goes on to answer that.
fn still_answers(old: &Post, plan: &Plan, content: &Variant) -> Result<(), Error> {
    let says = |platform| plan.variants.get(platform).unwrap_or(content);
    let mut platforms = old.targets.iter().map(|target| &target.platform);
    if old.interaction.is_none() || platforms.all(|it| says(it).reply_to == old.variant_for(it).reply_to) {
        return Ok(());
    }
    let detail = "it answers something in the inbox, and nothing else: cancel it, and answer the other thing";
    Err(Error::invalid("answer_fixed", "/content/reply_to", detail))
}

fn moved(
    deps: &Deps,
    before: &[Versioned<Delivery>],
    post: &Post,
    approval: bool,
) -> Result<(Vec<Delivery>, Vec<Write>), Error> {
    let now = deps.clock.now();
    let due_at = post.schedule.due_at().unwrap_or(now);
    let mut after = Vec::new();
    let mut writes = Vec::new();
    for old in before {
        let variant = post.variant_for(&old.value.platform);
        let edited = old.value.edited(due_at, variant.steps(), content_hash(variant), now)?.next;
        let next = edited.shaped(variant);
        let next = soon(if approval && next.is_cleared() { next.awaiting(now) } else { next }, now);
        writes.push(Write::replace(old, Record::Delivery(next.clone())));
        after.push(next);
    }
    Ok((after, writes))
}
