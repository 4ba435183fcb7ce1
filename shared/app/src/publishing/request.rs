//! Accepting a post: everything is checked first, all violations are told at once, and post, deliveries, slot, event and
//! idempotent answer commit together.

use super::commit::{due_soon, wake};
use super::slots::Book;
use super::{
    Accepted, PublishCommand, TargetSpec, When, approval, command::slug, engagement, media::probed, rules, schedule,
    slots,
};
use crate::mutate::require;
use crate::{Deps, Error, Once, Reply, inbox, relay, sha256_short};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::events::{EventData, PostFacts};
use domain::inbox::Interaction;
use domain::publishing::{
    DEFAULT_LATENESS_S, Delivery, LATENESS_S, MAX_TARGETS, Media, NewDelivery, Post, Rules, Schedule, Target, Variant,
    Violation, check, check_access, check_author, check_size, warnings as told,
};
use domain::{DeliveryId, InteractionId, PlatformId, PostId};
use jiff::Timestamp;
use ports::{Record, StoreError, StoredReply, Versioned, Write};
use std::collections::BTreeMap;

/// Times a queue slot is looked for again after another post took it first.
const SLOT_TRIES: usize = 5;

type Encode<'a> = &'a (dyn Fn(&Accepted) -> StoredReply + Sync);

/// Accepts a post. `encode` makes the answer that is sent and, with the effect, remembered under the client's key.
pub async fn request(
    deps: &Deps,
    caller: &Caller,
    command: &PublishCommand,
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    accepted(deps, caller, command, None, once, encode).await
}

/// Accepts a post that answers something in the inbox, as it was seen there: the two change together, or neither does.
pub(crate) async fn answer(
    deps: &Deps,
    caller: &Caller,
    command: &PublishCommand,
    to: &Versioned<Interaction>,
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    accepted(deps, caller, command, Some(to), once, encode).await
}

async fn accepted(
    deps: &Deps,
    caller: &Caller,
    command: &PublishCommand,
    to: Option<&Versioned<Interaction>>,
    once: &Once,
    encode: Encode<'_>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let rules = rules::of(deps, caller.tenant).await?;
    let plan = plan(deps, &rules, command).await?;
    for _ in 0..SLOT_TRIES {
        let accepted = accept(deps, caller, command, to.map(|to| to.value.id), &plan, &rules).await?;
        let reply = encode(&accepted);
        let slot = slots::taken(deps, &accepted.post).await?;
        let mut writes = writes(deps, caller, &accepted, slot, once.remember(deps, caller.tenant, &reply));
        writes.extend(to.map(|to| inbox::keeping(deps, caller, to, accepted.post.id)));
        match deps.ledger.commit(writes).await {
            Ok(committed) => {
                wake(deps, &accepted.deliveries, &caller.cid).await;
                relay(deps, &committed.outbox).await;
                if matches!(command.when, When::Best(_)) {
                    engagement::note(deps, caller.tenant, &accepted.post.targets).await;
                }
                return Ok(Reply::new(reply));
            }
            // The first write is the slot, where there is one: another post was faster. Look for the next.
            Err(StoreError::Conflict { index: 0 }) if command.when.takes_slot() => {}
            Err(error) => return once.after_conflict(deps, caller.tenant, error).await,
        }
    }
    Err(Error::Unavailable("the queue is busy: try again".into()))
}

/// A post that passed every check, without its time and ids.
pub(super) struct Plan {
    pub targets: Vec<Target>,
    pub variants: BTreeMap<PlatformId, Variant>,
    /// What is not as asked, in words: no reason to refuse the post.
    pub warnings: Vec<String>,
    /// What forbids it where somebody has to approve it.
    pub unfit_to_approve: Vec<Violation>,
    /// The media of its contents.
    pub media: Vec<Media>,
}

/// Checks content, targets and accounts, by the platforms' rules and the tenant's own. Every violation is told at once.
pub(super) async fn plan(deps: &Deps, rules: &Rules, command: &PublishCommand) -> Result<Plan, Error> {
    let (plan, violations) = survey(deps, rules, command).await?;
    // The state of things forbids it, and not the request.
    if let Some(parked) = violations.iter().find(|v| v.code == "account_needs_reauth") {
        return Err(Error::conflict("account_needs_reauth", parked.detail.clone()));
    }
    if violations.is_empty() { Ok(plan) } else { Err(Error::Invalid(violations)) }
}

/// What is there to accept, and every rule that it breaks.
pub(super) async fn survey(
    deps: &Deps,
    rules: &Rules,
    command: &PublishCommand,
) -> Result<(Plan, Vec<Violation>), Error> {
    let tenant = rules.tenant;
    let named = command.variants.iter().map(|(name, variant)| (format!("/variants/{name}"), variant));
    let mut violations = check_size([("/content".to_owned(), &command.content)].into_iter().chain(named));
    if !violations.is_empty() {
        // What cannot even be kept is not looked at any further.
        return Err(Error::Invalid(violations));
    }
    if command.max_lateness_s.is_some_and(|s| !LATENESS_S.contains(&s)) {
        let detail = format!("give {} to {} seconds", LATENESS_S.start(), LATENESS_S.end());
        violations.push(Violation::new("out_of_range", "/max_lateness_seconds", detail));
    }
    let mut accounts = deps.ledger.accounts(tenant).await?;
    accounts.retain(|a| !a.value.is_disconnected());
    let targets = targets(deps, &accounts, command, &mut violations);
    let mut variants = BTreeMap::new();
    for (name, variant) in &command.variants {
        match slug(deps, name) {
            Some(platform) => drop(variants.insert(platform, variant.clone())),
            None => violations.push(Violation::new(
                "unknown_platform",
                format!("/variants/{name}"),
                no_platform(deps, name),
            )),
        }
    }
    let named = command.variants.iter().map(|(name, variant)| (format!("/variants/{name}"), variant));
    let all = [("/content".to_owned(), &command.content)].into_iter().chain(named);
    let media = probed(deps, tenant, all, &mut violations).await?;
    let (mut seen, mut warnings): (Vec<&PlatformId>, Vec<String>) = (Vec::new(), Vec::new());
    let mut said: Vec<(String, &Variant)> = Vec::new();
    let mut off_brand: Vec<Violation> = Vec::new();
    for target in &targets {
        if seen.contains(&&target.platform) {
            continue;
        }
        seen.push(&target.platform);
        let Some(connector) = deps.connectors.get(&target.platform) else { continue };
        let (variant, at) = match variants.get(&target.platform) {
            Some(own) => (own, format!("/variants/{}", target.platform)),
            None => (&command.content, "/content".to_owned()),
        };
        violations.extend(check(variant, connector.descriptor(), &media, &at));
        // Told once, however many of the platform's accounts cannot have it.
        let authors = targets.iter().filter(|other| other.platform == target.platform);
        let authors: Vec<_> =
            authors.filter_map(|other| accounts.iter().find(|a| a.value.id == other.account)).collect();
        let refused =
            authors.iter().filter_map(|a| check_author(variant, connector.descriptor(), a.value.profile.kind, &at));
        violations.extend(refused.take(1));
        for violation in
            authors.iter().flat_map(|a| check_access(variant, connector.descriptor(), &a.value.scopes, &at))
        {
            if !violations.contains(&violation) {
                violations.push(violation);
            }
        }
        off_brand.extend(rules.brand.check_on(connector.descriptor(), variant, &media, &at));
        if !said.iter().any(|(known, _)| *known == at) {
            said.push((at, variant));
        }
        warnings.extend(told(variant, connector.descriptor(), &media));
    }
    if targets.is_empty() {
        // Of a draft that goes nowhere yet, everything may be said.
        said.push(("/content".to_owned(), &command.content));
        said.extend(variants.iter().map(|(platform, own)| (format!("/variants/{platform}"), own)));
        off_brand.extend(said.iter().flat_map(|(at, variant)| rules.brand.check(variant, at)));
    }
    // What several platforms get alike is wrong once.
    for violation in off_brand {
        if !violations.contains(&violation) {
            violations.push(violation);
        }
    }
    let unfit_to_approve = said.iter().flat_map(|(at, variant)| approval::not_pinned(at, variant, &media)).collect();
    Ok((Plan { targets, variants, warnings, unfit_to_approve, media }, violations))
}

fn targets(
    deps: &Deps,
    accounts: &[Versioned<Account>],
    command: &PublishCommand,
    violations: &mut Vec<Violation>,
) -> Vec<Target> {
    let mut out: Vec<Target> = Vec::new();
    if command.targets.is_empty() && command.when != When::Draft {
        violations.push(Violation::new("targets_missing", "/targets", "name at least one account or platform"));
    }
    if command.targets.len() > MAX_TARGETS {
        violations.push(Violation::new(
            "too_many_targets",
            "/targets",
            format!("a post has at most {MAX_TARGETS} targets: make several posts"),
        ));
        return out;
    }
    for (i, spec) in command.targets.iter().enumerate() {
        let field = format!("/targets/{i}");
        let account = match spec {
            TargetSpec::Account(id) => {
                let Some(found) = accounts.iter().find(|a| a.value.id == *id) else {
                    violations.push(Violation::new(
                        "account_not_found",
                        field,
                        "there is no such account: name one that is connected, by its id",
                    ));
                    continue;
                };
                &found.value
            }
            TargetSpec::Platform(name) => match only_account(deps, accounts, name) {
                Ok(found) => found,
                Err((code, detail)) => {
                    violations.push(Violation::new(code, field, detail));
                    continue;
                }
            },
        };
        if !account.is_active() {
            let detail =
                format!("the account {} must be connected again before posts can go to it", account.profile.name);
            violations.push(Violation::new("account_needs_reauth", field, detail));
            continue;
        }
        if out.iter().any(|t| t.account == account.id) {
            violations.push(Violation::new(
                "duplicate_target",
                field,
                "this account is named twice: leave one of them out",
            ));
            continue;
        }
        out.push(Target { account: account.id, platform: account.platform.clone() });
    }
    out
}

fn no_platform(deps: &Deps, name: &str) -> String {
    let why = deps.connectors.absent(name).unwrap_or("there is no such platform here");
    let all: Vec<String> = deps.connectors.all().iter().map(|c| c.descriptor().id.to_string()).collect();
    format!("{why}: name one of {}", all.join(", "))
}

fn only_account<'a>(
    deps: &Deps,
    accounts: &'a [Versioned<Account>],
    name: &str,
) -> Result<&'a Account, (&'static str, String)> {
    let platform = slug(deps, name).ok_or_else(|| ("unknown_platform", no_platform(deps, name)))?;
    let mut of_platform = accounts.iter().map(|a| &a.value).filter(|a| a.platform == platform);
    match (of_platform.next(), of_platform.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(("account_not_connected", format!("connect an account of {platform} first"))),
        _ => Err(("account_ambiguous", format!("several accounts of {platform} are connected: name one by its id"))),
    }
}

async fn accept(
    deps: &Deps,
    caller: &Caller,
    command: &PublishCommand,
    interaction: Option<InteractionId>,
    plan: &Plan,
    rules: &Rules,
) -> Result<Accepted, Error> {
    let resolved = schedule::resolve(deps, caller.tenant, &plan.targets, &command.when, &mut Book::default()).await?;
    let post = Post {
        id: PostId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        created_by: caller.member,
        created_at: deps.clock.now(),
        content: command.content.clone(),
        variants: plan.variants.clone(),
        schedule: resolved.schedule,
        targets: plan.targets.clone(),
        max_lateness_s: command.max_lateness_s.unwrap_or(DEFAULT_LATENESS_S),
        series: None,
        interaction,
        amended: false,
        sent_again_at: None,
        removing_until: None,
        archived: false,
    };
    let approval = approval::awaited(&post, caller.member, rules.approval.binds_caller(caller));
    if approval.is_some() && !plan.unfit_to_approve.is_empty() {
        return Err(Error::Invalid(plan.unfit_to_approve.clone()));
    }
    let deliveries = deliveries(deps, &post, approval.is_some());
    let warnings = resolved.warning.into_iter().chain(plan.warnings.iter().cloned()).collect();
    Ok(Accepted { post, deliveries, approval, warnings })
}

/// The deliveries of a post that has a time; with `approval`, they leave only when somebody approves them.
pub(super) fn deliveries(deps: &Deps, post: &Post, approval: bool) -> Vec<Delivery> {
    let now = deps.clock.now();
    let Some(due_at) = post.schedule.due_at() else { return Vec::new() };
    let accept = |target: &Target| {
        let variant = post.variant_for(&target.platform);
        let new = NewDelivery {
            id: DeliveryId::from_uuid(deps.uuid()),
            tenant: post.tenant,
            post: post.id,
            account: target.account,
            platform: target.platform.clone(),
            content_hash: content_hash(variant),
            parts: variant.steps(),
            due_at,
            max_lateness_s: post.max_lateness_s,
            // Without a connector nothing is ever sent; were it, nothing would count as settled.
            settle_s: deps.connectors.get(&target.platform).map_or(u32::MAX, |c| c.descriptor().settle_s),
        };
        let accepted = Delivery { interaction: post.interaction, ..Delivery::accepted(new, now).shaped(variant) };
        soon(if approval { accepted.awaiting(now) } else { accepted }, now)
    };
    post.targets.iter().map(accept).collect()
}

/// Marks a delivery whose message the committer sends itself.
pub(super) fn soon(delivery: Delivery, now: Timestamp) -> Delivery {
    if due_soon(&delivery, now) { delivery.with_message_sent() } else { delivery }
}

/// The hash a delivery freezes its content with.
pub(super) fn content_hash(variant: &Variant) -> String {
    // A struct of strings always serialises. Stored posts are hashed again when they are sent, by whatever release runs
    // then: what is written of a content that does not use a new field must stay the same, byte by byte.
    sha256_short(&serde_json::to_vec(variant).unwrap_or_default())
}

fn writes(deps: &Deps, caller: &Caller, accepted: &Accepted, slot: Option<Write>, remember: Write) -> Vec<Write> {
    let post = &accepted.post;
    let mut writes: Vec<Write> = slot.into_iter().collect();
    writes.push(remember);
    let facts = PostFacts { post_id: post.id, due_at: post.schedule.due_at() };
    // A post for now tells its outcome within seconds; only a scheduled one is news by itself.
    let news = matches!(post.schedule, Schedule::At { .. } | Schedule::Queue { .. })
        .then_some(EventData::PostScheduled(facts));
    writes.push(Write::create(Record::Post(post.clone())).telling(deps.events(post.tenant, &caller.cid, news)));
    writes.extend(accepted.deliveries.iter().map(|d| Write::create(Record::Delivery(d.clone()))));
    writes.extend(accepted.approval.iter().map(|asked| approval::asks(deps, &caller.cid, None, asked)));
    writes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Posts that wait were accepted by older releases. Should this fail, do not change the hashes: give the new field
    /// `#[serde(default, skip_serializing_if = "…")]`.
    #[test]
    fn the_hash_of_what_is_stored_already_never_changes() {
        let plain = r#"{"parts":[{"text":"a"}],"visibility":"public","reply_restriction":"everyone"}"#;
        let full = r#"{"parts":[{"text":"a","media":[{"id":"med_0198c0ffee0070008000000000000001","alt_text":"b"}]},{"text":"c"}],"link":{"url":"https://example.com","title":"d","description":"e"},"visibility":"logged_in","reply_restriction":"mentioned"}"#;
        for (stored, hash) in [(plain, "79662fea9dc8db2e1b4034e4acf1e303"), (full, "bb5e1e3c9794d25dfff7779cf5b4be7a")]
        {
            assert_eq!(content_hash(&serde_json::from_str(stored).unwrap()), hash, "{stored}");
        }
    }
}
