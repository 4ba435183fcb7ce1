//! Amending: other words for what is live. The change is kept before anything leaves, and what came of it on each platform after;
//! a delivery that it did not reach for certain goes on saying what it said, and the same words may be sent again.

use super::command::slug;
use super::commit::transition;
use super::edit::at_revision;
use super::load::{Load, load};
use super::request::{content_hash, plan};
use super::{Accepted, CALL_TIMEOUT_S, Edit, PublishCommand, REQUEST_S, TargetSpec, When, all_over, rules};
use crate::accounts::fresh_token;
use crate::mutate::require;
use crate::{Deps, Error, Once, PlatformDeps, Reply, audit};
use domain::access::{Caller, Permission};
use domain::publishing::{AmendOutcome, Delivery, Post, Rules, Variant, Violation, amended_there, check_amend};
use domain::{AccountId, PlatformId, PostId};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ports::{Manage, PublishCall, Record, StoredReply, Versioned, Write};
use serde_json::json;
use std::collections::BTreeMap;

/// Most bytes of what deliveries say that do not say what their post says: they commit together, and the store takes four million.
const MAX_SAID_BYTES: usize = 3_000_000;

/// Changes the words of a post that is live, at revision `rev`, on its platforms. Refused as a whole where one of them cannot change
/// what is asked; once requests leave, what became of each stands in its delivery.
pub async fn amend(
    deps: &PlatformDeps<dyn Manage>,
    caller: &Caller,
    id: PostId,
    rev: u64,
    edit: &Edit,
    once: &Once,
    encode: &(dyn Fn(&Accepted) -> StoredReply + Sync),
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    let deadline = deps.clock.now() + SignedDuration::from_secs(REQUEST_S);
    let effect = async {
        let Change { post, deliveries, warnings } = prepared(deps, caller, id, rev, edit).await?;
        let all = deliveries.into_iter().map(|delivery| carried_out(deps, &post, delivery, deadline, &caller.cid));
        let deliveries = join_all(all).await;
        Ok(encode(&Accepted { post, deliveries, approval: None, warnings }))
    };
    Box::pin(once.reserve(deps, caller.tenant, effect)).await
}

/// When the change began whose requests are about to leave.
fn leaving(delivery: &Delivery) -> Option<Timestamp> {
    delivery.amendment.as_ref().filter(|a| a.outcome == AmendOutcome::Leaving).map(|a| a.at)
}

/// A change that is kept, before anything left.
struct Change {
    post: Post,
    deliveries: Vec<Versioned<Delivery>>,
    warnings: Vec<String>,
}

async fn prepared(
    deps: &PlatformDeps<dyn Manage>,
    caller: &Caller,
    id: PostId,
    rev: u64,
    edit: &Edit,
) -> Result<Change, Error> {
    if edit.targets.is_some() || edit.when.is_some() {
        let field = match edit.when {
            Some(When::Now) => "/publish_now",
            Some(_) => "/scheduled_at",
            None => "/accounts",
        };
        let detail = "what is live has left: neither its time nor its accounts can be changed; leave it out";
        return Err(Error::invalid("too_late", field, detail));
    }
    let rules = rules::of(deps, caller.tenant).await?;
    if rules.approval.binds_caller(caller) {
        let detail = "what you write needs an approval before it leaves, and a change of what is live leaves at once: ask \
                      somebody whose posts need none";
        return Err(Error::conflict("approval_needed", detail));
    }
    let old = at_revision(deps, caller, id, rev).await?;
    let before = deps.ledger.deliveries(caller.tenant, id).await?;
    all_over(deps, &before).await?;
    if !before.iter().any(|d| is_shown(&d.value)) {
        return Err(Error::conflict("not_live", "nothing of the post is live: make a new one"));
    }
    let (post, warnings) = wanted(deps, &rules, &old.value, &before, edit).await?;
    let (now, mut next) = (store_now(deps)?, Vec::new());
    for found in &before {
        let (delivery, says) = (&found.value, found.value.content(&old.value));
        let says_now = post.variant_for(&delivery.platform);
        next.push(if delivery.says.is_none() && says == says_now {
            delivery.clone()
        } else if is_shown(delivery) && says != says_now && differs_nowhere(deps, &delivery.platform, says, says_now) {
            delivery.says_already(says, says_now, &content_hash)
        } else if is_shown(delivery) {
            let parts = delivery.to_amend(says, says_now);
            delivery.amending(says, says_now, &content_hash, parts, now)?.next
        } else {
            delivery.keeps_or_takes(says, says_now, &content_hash)
        });
    }
    if !next.iter().any(|delivery| leaving(delivery).is_some()) {
        return Err(Error::invalid("nothing_changes", "/content", "what is live says this already: change its words"));
    }
    let said = next.iter().filter_map(|d| serde_json::to_string(&d.says.as_ref()?).ok());
    if said.map(|text| text.len()).sum::<usize>() > MAX_SAID_BYTES {
        let detail = "the texts are too large to change for so many accounts at once: change one platform at a time";
        return Err(Error::invalid("content_too_large", "/content", detail));
    }
    let facts = json!({ "deliveries": next.iter().filter(|d| leaving(d).is_some()).count() });
    let mut writes = vec![
        Write::replace(&old, Record::Post(post.clone())),
        audit::entry(deps, caller, "post.amended", id.to_string(), Some(facts)),
    ];
    let changed = |(old, next): &(&Versioned<Delivery>, &Delivery)| old.value != **next;
    let pairs = || before.iter().zip(&next).filter(changed);
    writes.extend(pairs().map(|(old, next)| Write::replace(old, Record::Delivery(next.clone()))));
    deps.ledger.commit(writes).await?;
    let kept = before.iter().zip(next).map(|(old, next)| {
        let rev = old.rev + u64::from(old.value != next);
        // Events that have not left yet ride on.
        Versioned { rev, value: next, unsent: old.unsent.clone() }
    });
    Ok(Change { post, deliveries: kept.collect(), warnings })
}

/// The store's clock: changes are told from each other on it, whoever makes them, so that no other clock will do.
fn store_now(deps: &Deps) -> Result<Timestamp, Error> {
    let unknown = || Error::Unavailable("the store did not tell its time: try again".into());
    deps.ledger.store_now().ok_or_else(unknown)
}

/// Whether people see something of it.
fn is_shown(delivery: &Delivery) -> bool {
    delivery.any_live() && delivery.removed_at.is_none()
}

/// Whether people see the same of both on a platform.
fn differs_nowhere(deps: &Deps, platform: &PlatformId, says: &Variant, wanted: &Variant) -> bool {
    let connector = deps.connectors.get(platform);
    connector.is_some_and(|known| amended_there(says, wanted, known.descriptor()) == *says)
}

/// The post as it is to be, checked by the rules of every platform where it is live and changes, and what is done otherwise than
/// asked.
async fn wanted(
    deps: &PlatformDeps<dyn Manage>,
    rules: &Rules,
    old: &Post,
    before: &[Versioned<Delivery>],
    edit: &Edit,
) -> Result<(Post, Vec<String>), Error> {
    let names = |variants: &BTreeMap<PlatformId, Variant>| {
        variants.iter().map(|(platform, variant)| (platform.to_string(), variant.clone())).collect()
    };
    let content = edit.content.clone().unwrap_or_else(|| old.content.clone());
    let variants: BTreeMap<String, Variant> = edit.variants.clone().unwrap_or_else(|| names(&old.variants));
    // By what the platforms are called; a name that none has is told when the targets are planned for.
    let known = variants.iter().filter_map(|(name, variant)| Some((slug(deps, name)?, variant.clone()))).collect();
    let post = Post { content: content.clone(), variants: known, amended: true, ..old.clone() };
    let active: Vec<AccountId> =
        deps.ledger.accounts(old.tenant).await?.iter().filter(|a| a.value.is_active()).map(|a| a.value.id).collect();
    let (mut violations, mut targets): (Vec<Violation>, Vec<TargetSpec>) = (Vec::new(), Vec::new());
    for found in before.iter().map(|found| &found.value) {
        let (says, wanted) = (found.content(old), post.variant_for(&found.platform));
        let shown = is_shown(found);
        if (says == wanted && found.says.is_none()) || !(shown || found.takes_content()) {
            continue;
        }
        if shown && says != wanted && differs_nowhere(deps, &found.platform, says, wanted) {
            continue;
        }
        // Of an account that is not connected any more, the refusal stands in its delivery.
        if active.contains(&found.account) {
            targets.push(TargetSpec::Account(found.account));
        }
        let Some(connector) = deps.connectors.get(&found.platform).filter(|_| shown) else { continue };
        let own = post.variants.contains_key(&found.platform);
        let at = if own { format!("/variants/{}", found.platform) } else { "/content".to_owned() };
        violations.extend(check_amend(says, wanted, connector.descriptor(), &at));
    }
    violations.dedup();
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let command = PublishCommand { content, variants, targets, when: When::Draft, max_lateness_s: None };
    // Without targets, what every platform and the tenant say of all of it would count.
    let warnings = if command.targets.is_empty() { Vec::new() } else { plan(deps, rules, &command).await?.warnings };
    Ok((post, warnings))
}

/// Sends what one delivery is to say, and records what came of it. From here on something may have left: whatever goes wrong stands
/// in the answer, and in the delivery as far as the store can be reached.
async fn carried_out(
    deps: &PlatformDeps<dyn Manage>,
    post: &Post,
    delivery: Versioned<Delivery>,
    deadline: Timestamp,
    cid: &str,
) -> Delivery {
    let Some(began) = leaving(&delivery.value) else { return delivery.value };
    let (wanted, mut done) = (post.variant_for(&delivery.value.platform), Vec::new());
    let failed = sent(deps, &delivery.value, wanted, &mut done, deadline, cid).await.err();
    let came = (done.as_slice(), failed);
    let Ok(moved) = delivery.value.amended(began, (wanted, &content_hash), came, deps.clock.now()) else {
        return delivery.value;
    };
    let after = moved.next.clone();
    if let Err(error) = transition(deps, &delivery, moved, cid).await {
        // A minute from now it counts as unknown, which is what it is.
        tracing::warn!(%error, delivery = %delivery.value.id, "what became of a change could not be recorded");
        return delivery.value;
    }
    after
}

/// Part after part; the first that fails ends it. Those that say the new words are `done`.
async fn sent(
    deps: &PlatformDeps<dyn Manage>,
    delivery: &Delivery,
    wanted: &Variant,
    done: &mut Vec<u16>,
    deadline: Timestamp,
    cid: &str,
) -> Result<(), AmendOutcome> {
    let unavailable = |detail: String| AmendOutcome::Refused { code: "unavailable".into(), detail };
    let unprepared = |error: Error| {
        tracing::warn!(%error, "a change could not be prepared");
        unavailable("nothing was sent, since the store did not answer: save the same words again".into())
    };
    let load: Load<dyn Manage> = load(deps, delivery).await.map_err(unprepared)??;
    let token = fresh_token(deps, &deps.tokens, &load.account, None, deadline, cid).await;
    let (token, _) = token.map_err(|trouble| unavailable(trouble.to_string()))?;
    let Some(latest) = &delivery.amendment else { return Ok(()) };
    let unsure = latest.unsure_before();
    for part in &latest.sending {
        let at = usize::from(*part);
        let Some(receipt) = delivery.parts.get(at).and_then(|record| record.receipt.as_ref()) else { continue };
        if deps.clock.now() + SignedDuration::from_secs(CALL_TIMEOUT_S) > deadline {
            let detail = "no time was left for it, so nothing was sent: save the same words again, and they go on here";
            return Err(AmendOutcome::Refused { code: "no_time".into(), detail: detail.into() });
        }
        let call = PublishCall { part: at, variant: wanted, ..load.call(deps, delivery, &token, &[]) };
        let says = Some(load.variant()).filter(|_| !unsure.contains(part));
        load.connector.amend(&call, says, receipt).await?;
        done.push(*part);
    }
    Ok(())
}
