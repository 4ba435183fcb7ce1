//! Series: making, looking at, changing, pausing and ending them. What the tick does for them is in `runs.rs`.

use super::recurrence::{RecurrenceSpec, recurrence, refuse};
use super::request::{Plan, plan};
use super::{PublishCommand, TargetSpec, When, rules};
use crate::mutate::{Encode, commit, require, seen};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::publishing::{
    LATENESS_S, MADE_AHEAD_S, MAX_SERIES, MAX_WRITERS, MissedRun, Series, SeriesStatus, Target, Variant, said_again,
};
use domain::{PlatformId, SeriesId, TenantId};
use jiff::Timestamp;
use ports::{Page, Record, StoredReply, Versioned, Write};
use std::collections::BTreeMap;

/// A series to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeries {
    /// The content.
    pub content: Variant,
    /// Content for single platforms, by slug or alias.
    pub variants: BTreeMap<String, Variant>,
    /// Where.
    pub targets: Vec<TargetSpec>,
    /// When.
    pub recurrence: RecurrenceSpec,
    /// What becomes of a run whose time has passed.
    pub missed: MissedRun,
}

/// What to change of a series; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesEdit {
    /// New content for all platforms.
    pub content: Option<Variant>,
    /// New content for single platforms.
    pub variants: Option<BTreeMap<String, Variant>>,
    /// New targets.
    pub targets: Option<Vec<TargetSpec>>,
    /// A new recurrence.
    pub recurrence: Option<RecurrenceSpec>,
    /// Another missed-run policy.
    pub missed: Option<MissedRun>,
    /// Pause it, or resume it.
    pub paused: Option<bool>,
}

/// A series with what was done otherwise than its author may expect.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesView {
    /// The series.
    pub series: Series,
    /// Its revision: the entity tag of an edit.
    pub rev: u64,
    /// In words.
    pub warnings: Vec<String>,
}

/// Makes a series.
pub async fn create_series(
    deps: &Deps,
    caller: &Caller,
    new: &NewSeries,
    once: &Once,
    encode: Encode<'_, SeriesView>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let now = deps.clock.now();
    let recurrence = recurrence(&new.recurrence, now)?;
    let missed = checked(new.missed)?;
    let sent = sendable(deps, caller, &new.content, &new.variants, &new.targets).await?;
    if are_full(deps, caller.tenant).await? {
        let detail = format!("a tenant has at most {MAX_SERIES} series: end one first");
        return Err(Error::conflict("too_many_series", detail));
    }
    let series = Series {
        id: SeriesId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        created_by: caller.member,
        changed_by: None,
        written_by: Vec::new(),
        created_at: now,
        content: new.content.clone(),
        variants: sent.variants,
        targets: sent.targets,
        recurrence,
        missed,
        status: SeriesStatus::Active,
        next: None,
        wake: None,
        ran_until: None,
        runs: Vec::new(),
    };
    let series = to_come(series, now)?;
    let reply = encode(&SeriesView { series: series.clone(), rev: 1, warnings: sent.warnings });
    commit(deps, caller.tenant, once, vec![Write::create(Record::Series(Box::new(series)))], reply).await
}

/// Changes a series at revision `rev`: the runs that have no post yet.
pub async fn edit_series(
    deps: &Deps,
    caller: &Caller,
    id: SeriesId,
    rev: u64,
    edit: &SeriesEdit,
    once: &Once,
    encode: Encode<'_, SeriesView>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let now = deps.clock.now();
    let old = found(deps, caller.tenant, id).await?;
    seen(&old, rev, "the series changed, or a run of it got its post: read it again before editing")?;
    let mut series = old.value.clone();
    let (mut warnings, mut told) = (Vec::new(), Vec::new());
    // Before its times change or it stops: what is overdue by the rule as it was is not dealt with any more.
    if edit.recurrence.is_some() || edit.paused == Some(true) {
        (series, told) = series.caught_up(now);
    }
    if let Some(spec) = &edit.recurrence {
        series.recurrence = recurrence(spec, now)?;
    }
    if let Some(missed) = edit.missed {
        series.missed = checked(missed)?;
    }
    if edit.content.is_some() || edit.variants.is_some() || edit.targets.is_some() {
        let names = |v: &BTreeMap<PlatformId, Variant>| v.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        let variants = edit.variants.clone().unwrap_or_else(|| names(&series.variants));
        let accounts = || series.targets.iter().map(|t| TargetSpec::Account(t.account)).collect();
        let targets = edit.targets.clone().unwrap_or_else(accounts);
        let content = edit.content.clone().unwrap_or_else(|| series.content.clone());
        let sent = sendable(deps, caller, &content, &variants, &targets).await?;
        (series.content, series.variants, series.targets) = (content, sent.variants, sent.targets);
        warnings = sent.warnings;
        // Who changes its times, pauses or resumes it has not said what it says.
        let whole = edit.content.is_some() && edit.variants.is_some() && edit.targets.is_some();
        series = series.written(caller.member, whole).ok_or_else(|| {
            let detail = format!("it is the work of {MAX_WRITERS} members: give content, variants and targets anew");
            Error::conflict("too_many_writers", detail)
        })?;
    }
    let was_paused = matches!(series.status, SeriesStatus::Paused { .. });
    let series = match edit.paused {
        Some(true) if !was_paused => series.paused("asked", now),
        Some(true) => series,
        Some(false) if was_paused => {
            if deps.ledger.accounts(caller.tenant).await.map(|all| is_cut_off(&series.targets, &all))? {
                let detail = "an account of this series was disconnected: connect it again, or name others";
                return Err(Error::conflict("account_disconnected", detail));
            }
            to_come(Series { status: SeriesStatus::Active, ..series }, now)?
        }
        _ if was_paused => series,
        // Nothing of its time changes when its words do: it keeps the run it expects.
        _ if edit.recurrence.is_none() => series,
        _ => to_come(series, now)?,
    };
    warnings.extend(made_already(&series, now));
    let view = SeriesView { warnings, rev: rev + 1, series };
    let reply = encode(&view);
    let news = deps.events(caller.tenant, &caller.cid, told);
    let changed = Write::replace(&old, Record::Series(Box::new(view.series))).telling(news);
    commit(deps, caller.tenant, once, vec![changed], reply).await
}

/// Ends a series: no run gets a post any more. Those that have one keep it.
pub async fn end_series(
    deps: &Deps,
    caller: &Caller,
    id: SeriesId,
    once: &Once,
    reply: &StoredReply,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let old = found(deps, caller.tenant, id).await?;
    let (_, told) = old.value.clone().caught_up(deps.clock.now());
    let news = deps.events(caller.tenant, &caller.cid, told);
    let gone = Write::delete(&old, Record::Series(Box::new(old.value.clone()))).telling(news);
    commit(deps, caller.tenant, once, vec![gone], reply.clone()).await
}

/// One series.
pub async fn series(deps: &Deps, caller: &Caller, id: SeriesId) -> Result<SeriesView, Error> {
    require(caller, Permission::Read)?;
    let found = found(deps, caller.tenant, id).await?;
    Ok(SeriesView { series: found.value, rev: found.rev, warnings: Vec::new() })
}

/// A page of the tenant's series, in the order they were made.
pub async fn all_series(deps: &Deps, caller: &Caller, cursor: Option<&str>, limit: u32) -> Result<Page<Series>, Error> {
    require(caller, Permission::Read)?;
    Ok(deps.ledger.all_series(caller.tenant, cursor, limit).await?)
}

/// Whether an account of these targets is not connected any more.
pub(super) fn is_cut_off(targets: &[Target], accounts: &[Versioned<Account>]) -> bool {
    let there = |target: &Target| accounts.iter().any(|a| a.value.id == target.account && !a.value.is_disconnected());
    !targets.iter().all(there)
}

/// Whether the tenant has as many series as it may. A page may hold fewer than were asked for and not be the last.
async fn are_full(deps: &Deps, tenant: TenantId) -> Result<bool, Error> {
    let most = u32::try_from(MAX_SERIES).unwrap_or(u32::MAX);
    let (mut count, mut cursor) = (0, None);
    loop {
        let page = deps.ledger.all_series(tenant, cursor.as_deref(), most).await?;
        count += page.items.len();
        cursor = page.next;
        if count >= MAX_SERIES || cursor.is_none() {
            return Ok(count >= MAX_SERIES);
        }
    }
}

async fn found(deps: &Deps, tenant: TenantId, id: SeriesId) -> Result<Versioned<Series>, Error> {
    deps.ledger.series(tenant, id).await?.ok_or(Error::NotFound("series"))
}

/// What is sent, checked as that of a post is: by the platforms' rules, and by the tenant's own as they are now.
async fn sendable(
    deps: &Deps,
    caller: &Caller,
    content: &Variant,
    variants: &BTreeMap<String, Variant>,
    targets: &[TargetSpec],
) -> Result<Plan, Error> {
    let rules = rules::of(deps, caller.tenant).await?;
    let command = PublishCommand {
        content: content.clone(),
        variants: variants.clone(),
        targets: targets.to_vec(),
        when: When::Now,
        max_lateness_s: None,
    };
    let mut plan = plan(deps, &rules, &command).await?;
    let mut asked: Vec<&PlatformId> = plan.targets.iter().map(|target| &target.platform).collect();
    asked.sort();
    asked.dedup();
    let known = asked.into_iter().filter_map(|platform| deps.connectors.get(platform));
    plan.warnings.extend(known.filter_map(|connector| said_again(connector.descriptor())));
    if rules.approval.binds_caller(caller) {
        if !plan.unfit_to_approve.is_empty() {
            return Err(Error::Invalid(plan.unfit_to_approve));
        }
        let ahead_h = MADE_AHEAD_S / 3_600;
        plan.warnings.push(format!(
            "each run waits from {ahead_h} hours before its time until somebody approves it, and is missed when nobody does"
        ));
    }
    Ok(plan)
}

fn checked(missed: MissedRun) -> Result<MissedRun, Error> {
    match missed {
        MissedRun::Send { at_most_s } if !LATENESS_S.contains(&at_most_s) => {
            let detail = format!("give {} to {} seconds", LATENESS_S.start(), LATENESS_S.end());
            Err(Error::invalid("out_of_range", "/missed_run/at_most_seconds", detail))
        }
        missed => Ok(missed),
    }
}

/// The series with a run to come: one without would be over before it began.
fn to_come(series: Series, now: Timestamp) -> Result<Series, Error> {
    let planned = series.planned(now).map_err(|error| refuse(&error))?;
    if matches!(planned.status, SeriesStatus::Ended { .. }) {
        let detail = "no run is to come: the rule never comes true, or its last run has passed";
        return Err(Error::invalid("no_run", "/recurrence/rule", detail));
    }
    Ok(planned)
}

/// Runs to come that an edit does not reach: they have their posts.
fn made_already(series: &Series, now: Timestamp) -> Vec<String> {
    let made = series.runs.iter().filter(|past| past.run.at > now);
    let posts = made.filter_map(|past| Some((past.run.local, past.outcome.post()?)));
    posts.map(|(local, post)| format!("the run of {local} has its post already: change or cancel {post}")).collect()
}
