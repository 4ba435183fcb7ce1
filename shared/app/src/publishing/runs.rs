//! What the tick does for a series: each run gets its post in one commit with the series' step to the next, so that two
//! ticks make one post, and a tick that dies makes it whole or not at all. It is accepted then, as any post is: by the tenant's
//! rules and the roles of that moment.

use super::commit::wake;
use super::media::kept;
use super::request::deliveries;
use super::series::is_cut_off;
use super::{approval, rules};
use crate::{Deps, Error, relay};
use aws_lc_rs::digest::{SHA256, digest};
use domain::access::Role;
use domain::events::{EventData, PostFacts};
use domain::publishing::{
    Approval, ApprovalRule, DEFAULT_LATENESS_S, Media, Post, Rules, RunStep, Schedule, Series, Stepped, Variant,
};
use domain::time::{Fall, Occurrence, WallTime};
use domain::{PlatformId, PostId, SeriesId, TenantId};
use jiff::Timestamp;
use ports::{Record, StoreError, Versioned, Write};

/// Runs of one series that one tick deals with: after an outage there may be many, and the others wait.
const RUNS_A_TICK: usize = 10;

/// Deals with what is due of a series until `until`. Returns how many posts were made.
pub(super) async fn run(
    deps: &Deps,
    tenant: TenantId,
    id: SeriesId,
    until: Timestamp,
    cid: &str,
) -> Result<u64, Error> {
    let mut made = 0;
    for _ in 0..RUNS_A_TICK {
        let Some(found) = deps.ledger.series(tenant, id).await? else { break };
        let now = deps.clock.now();
        let stepped = match found.value.stepped(now, until, &|run| post_of(&found.value, run)) {
            Ok(None) => break,
            Ok(Some(stepped)) => stepped,
            // Only a zone that a new tz database does not have any more: a person must name another.
            Err(_) => {
                let same = Stepped { step: RunStep::Nothing, next: found.value.clone(), events: Vec::new() };
                same.paused("unknown_zone", now)
            }
        };
        made += step(deps, &found, stepped, now, cid).await?;
    }
    Ok(made)
}

/// The post of a run follows from the series and from the local time and zone that it says: it cannot be made twice, whatever
/// else goes wrong. The same local time of another zone is another run; that it does not come after a run which it would
/// repeat is [`Series::ran_until`]'s.
fn post_of(series: &Series, run: &Occurrence) -> PostId {
    let (tenant, id, zone) = (series.tenant, series.id, &series.recurrence.zone);
    let second = if run.fall == Fall::Second { "|second" } else { "" };
    let whole = digest(&SHA256, format!("{tenant}|{id}|{}{second}|{zone}", run.local).as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&whole.as_ref()[..16]);
    PostId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// What goes out, by platform.
fn said(series: &Series) -> impl Iterator<Item = (&PlatformId, &Variant)> {
    series.targets.iter().map(|to| (&to.platform, series.variants.get(&to.platform).unwrap_or(&series.content)))
}

/// Whether what goes out breaks the tenant's brand rules.
fn is_off_brand(deps: &Deps, series: &Series, rules: &Rules, media: &[Media]) -> bool {
    said(series).any(|(to, variant)| !rules::off_brand(deps, &rules.brand, to, variant, media, "").is_empty())
}

/// Why a run of it waits as a draft by the rules of this moment; or whether somebody has to approve it.
async fn judged(deps: &Deps, series: &Series, rules: &Rules) -> Result<Result<bool, &'static str>, Error> {
    let bound = is_bound(deps, series, rules).await?;
    if !bound && rules.brand.is_empty() {
        return Ok(Ok(false));
    }
    let media = kept(deps, series.tenant, said(series).map(|(_, variant)| variant)).await?;
    if is_off_brand(deps, series, rules, &media) {
        return Ok(Err("brand_rules"));
    }
    // The rule may be younger than the series: an approval that nobody can give would miss run after run.
    let pinned = said(series).all(|(_, variant)| approval::not_pinned("", variant, &media).is_empty());
    Ok(if bound && !pinned { Err("media_not_pinned") } else { Ok(bound) })
}

/// Whether somebody has to approve what any of those wrote whose work still stands in it. Who is no member any more is bound
/// as whoever is bound at all.
async fn is_bound(deps: &Deps, series: &Series, rules: &Rules) -> Result<bool, Error> {
    if rules.approval == ApprovalRule::Nobody {
        return Ok(false);
    }
    for member in series.writers() {
        let found = deps.ledger.member(series.tenant, member).await?;
        if rules.approval.binds(found.map_or(Role::Viewer, |found| found.value.role)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn step(
    deps: &Deps,
    old: &Versioned<Series>,
    mut stepped: Stepped,
    now: Timestamp,
    cid: &str,
) -> Result<u64, Error> {
    let series = &old.value;
    let mut bound = false;
    if matches!(stepped.step, RunStep::Make { .. }) {
        let rules = rules::of(deps, series.tenant).await?;
        match judged(deps, series, &rules).await? {
            Ok(asked) => bound = asked,
            Err(reason) => stepped = stepped.held(reason, now),
        }
    }
    let post = match &stepped.step {
        RunStep::Make { run, lateness_s } => {
            let wall = WallTime { local: run.local, zone: series.recurrence.zone.clone() };
            Some(Post { max_lateness_s: *lateness_s, ..post(series, run, Schedule::wall(run.at, wall), now) })
        }
        RunStep::Draft { run } => Some(post(series, run, Schedule::Draft, now)),
        RunStep::Nothing => None,
    };
    if post.is_some() && is_cut_off(&series.targets, &deps.ledger.accounts(series.tenant).await?) {
        // This run still gets its post, which ends visibly; those after it would end the same way.
        stepped = stepped.paused("account_disconnected", now);
    }
    let approval = post.as_ref().and_then(|post| approval::awaited(post, series.made_by(), bound));
    let approval = approval.map(|asked| Approval { earlier: series.writers(), ..asked });
    let advance = |stepped: &Stepped| {
        let events = deps.events(series.tenant, cid, stepped.events.clone());
        Write::replace(old, Record::Series(Box::new(stepped.next.clone()))).telling(events)
    };
    let deliveries = post.as_ref().map(|post| deliveries(deps, post, approval.is_some())).unwrap_or_default();
    let mut writes = Vec::new();
    if let Some(post) = post.clone() {
        let facts = PostFacts { post_id: post.id, due_at: post.schedule.due_at() };
        let news = (!post.is_draft()).then_some(EventData::PostScheduled(facts));
        writes.push(Write::create(Record::Post(post)).telling(deps.events(series.tenant, cid, news)));
    }
    writes.extend(deliveries.iter().map(|d| Write::create(Record::Delivery(d.clone()))));
    writes.push(advance(&stepped));
    writes.extend(approval.iter().map(|asked| approval::asks(deps, cid, None, asked)));
    let committed = match deps.ledger.commit(writes).await {
        // The run has its post: whoever made it did not leave the series as it is, but it must go on all the same.
        Err(StoreError::Conflict { index: 0 }) if post.is_some() => {
            tracing::warn!(series = %series.id, "a run has its post already");
            if !is_there(deps, post.as_ref()).await? {
                stepped = stepped.left_out("post_exists");
            }
            deps.ledger.commit(vec![advance(&stepped)]).await.map(|committed| (committed, 0))
        }
        other => other.map(|committed| (committed, u64::from(post.is_some()))),
    };
    match committed {
        Ok((committed, made)) => {
            if made > 0 {
                wake(deps, &deliveries, cid).await;
            }
            relay(deps, &committed.outbox).await;
            Ok(made)
        }
        // Another tick, or somebody who edits it, was faster; what is left is found again.
        Err(StoreError::Conflict { .. }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Whether the ledger has this post of a run as the run wants it: for its instant, or as a draft. One that says another time
/// is not this run's.
async fn is_there(deps: &Deps, post: Option<&Post>) -> Result<bool, Error> {
    let Some(post) = post else { return Ok(false) };
    let found = deps.ledger.post(post.tenant, post.id).await?;
    Ok(found.is_some_and(|found| found.value.schedule.due_at() == post.schedule.due_at()))
}

fn post(series: &Series, run: &Occurrence, schedule: Schedule, now: Timestamp) -> Post {
    Post {
        id: post_of(series, run),
        tenant: series.tenant,
        created_by: series.created_by,
        created_at: now,
        content: series.content.clone(),
        variants: series.variants.clone(),
        schedule,
        targets: series.targets.clone(),
        max_lateness_s: DEFAULT_LATENESS_S,
        series: Some(series.id),
        amended: false,
        interaction: None,
        sent_again_at: None,
        removing_until: None,
        archived: false,
    }
}
