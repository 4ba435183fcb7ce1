//! The queue: which slots an account has, and the next that is free. A queued post takes its slot for each of its accounts,
//! in the commit that makes it, and gives it back in the commit in which it leaves it.

use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::publishing::{MAX_SLOTS, Post, SlotPlan, SlotTime, Violation};
use domain::{AccountId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Record, Slot, Write};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Minutes until the first slot that is offered: a post is not accepted into one that passes meanwhile.
pub(super) const FIRST_IN_MIN: i64 = 5;
/// Taken slots that are read at once.
const TAKEN: u32 = 500;

/// An account's slots as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSlots {
    /// IANA zone.
    pub zone: String,
    /// The times.
    pub times: Vec<SlotTime>,
}

/// What is known of the queues while posts are planned, one or several before any of them is made.
#[derive(Default)]
pub(super) struct Book {
    /// The post that is being changed: what it has is free for it.
    own: Option<PostId>,
    plans: BTreeMap<AccountId, SlotPlan>,
    promised: BTreeSet<(Timestamp, AccountId)>,
}

impl Book {
    /// Of a post that is being changed.
    pub(super) fn of(own: PostId) -> Self {
        Self { own: Some(own), ..Self::default() }
    }

    /// Whether none of these accounts' other posts has this time, whose slot is `slot`, and it is promised to none.
    fn is_free(&self, at: Timestamp, slot: Option<&Slot>, accounts: &[AccountId]) -> bool {
        let is_promised = accounts.iter().any(|account| self.promised.contains(&(at, *account)));
        let is_ours = |slot: &Slot, account| slot.holder(account).is_none_or(|post| Some(post) == self.own);
        !is_promised && slot.is_none_or(|slot| accounts.iter().all(|account| is_ours(slot, *account)))
    }

    fn promise(&mut self, at: Timestamp, accounts: &[AccountId]) {
        self.promised.extend(accounts.iter().map(|account| (at, *account)));
    }

    async fn plan(&mut self, deps: &Deps, tenant: TenantId, account: AccountId) -> Result<&SlotPlan, Error> {
        match self.plans.entry(account) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => Ok(new.insert(plan_of(deps, tenant, account).await?)),
        }
    }
}

/// The slots of an account: its own, or those that every account has.
pub async fn slots(deps: &Deps, caller: &Caller, account: AccountId) -> Result<SlotPlan, Error> {
    require(caller, Permission::Read)?;
    there(deps, caller.tenant, account).await?;
    plan_of(deps, caller.tenant, account).await
}

/// Gives an account slots of its own. Posts that have a slot keep it.
pub async fn set_slots(
    deps: &Deps,
    caller: &Caller,
    account: AccountId,
    new: &NewSlots,
    once: &Once,
    encode: Encode<'_, SlotPlan>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    there(deps, caller.tenant, account).await?;
    let mut violations = Vec::new();
    if jiff::tz::TimeZone::get(&new.zone).is_err() {
        let detail = format!("there is no IANA time zone named {:?}: give one such as Europe/Berlin", new.zone);
        violations.push(Violation::new("unknown_zone", "/timezone", detail));
    }
    if new.times.is_empty() || new.times.len() > MAX_SLOTS {
        violations.push(Violation::new("out_of_range", "/slots", format!("give 1 to {MAX_SLOTS} times of a week")));
    }
    if new.times.iter().any(|slot| slot.at.subsec_nanosecond() != 0 || slot.at.second() != 0) {
        violations.push(Violation::new("out_of_range", "/slots", "slots lie at whole minutes"));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let plan = SlotPlan::new(caller.tenant, account, new.zone.clone(), new.times.clone());
    let reply = encode(&plan);
    // Whoever writes last has it: a plan is one small thing, written whole.
    commit(deps, caller.tenant, once, vec![Write::put(Record::SlotPlan(plan))], reply).await
}

/// The next slot of an account that is free.
pub async fn next_slot(deps: &Deps, caller: &Caller, account: AccountId) -> Result<Timestamp, Error> {
    require(caller, Permission::Read)?;
    there(deps, caller.tenant, account).await?;
    next_free(deps, caller.tenant, &[account], &mut Book::default()).await
}

pub(super) async fn there(deps: &Deps, tenant: TenantId, account: AccountId) -> Result<Account, Error> {
    let found = deps.ledger.account(tenant, account).await?;
    found.map(|a| a.value).filter(|a| !a.is_disconnected()).ok_or(Error::NotFound("account"))
}

async fn plan_of(deps: &Deps, tenant: TenantId, account: AccountId) -> Result<SlotPlan, Error> {
    if let Some(own) = deps.ledger.slot_plan(tenant, account).await? {
        return Ok(own.value);
    }
    Ok(SlotPlan::standard(tenant, account, zone_of(deps, tenant).await?))
}

/// The tenant's zone.
pub(super) async fn zone_of(deps: &Deps, tenant: TenantId) -> Result<String, Error> {
    Ok(deps.ledger.tenant(tenant).await?.map_or_else(|| "UTC".to_owned(), |t| t.value.zone))
}

/// The next slot that all of these accounts have, none of their other posts has taken, and `book` has promised to none: from now on
/// it has. Two requests that pick the same one meet in the commit.
pub(super) async fn next_free(
    deps: &Deps,
    tenant: TenantId,
    accounts: &[AccountId],
    book: &mut Book,
) -> Result<Timestamp, Error> {
    let earliest = deps.clock.now() + SignedDuration::from_mins(FIRST_IN_MIN);
    let mut common: Option<Vec<Timestamp>> = None;
    for account in accounts {
        let plan = book.plan(deps, tenant, *account).await?;
        let times = plan.instants(earliest).map_err(|_| {
            Error::conflict("slots_without_zone", "the zone of an account's slots is gone: set them anew")
        })?;
        common = Some(match common {
            None => times,
            Some(found) => found.into_iter().filter(|at| times.binary_search(at).is_ok()).collect(),
        });
    }
    let common = common.unwrap_or_default();
    if common.is_empty() {
        let detail = "these accounts have no slot in common: publish to them one by one, or name a time";
        return Err(Error::conflict("no_common_slot", detail));
    }
    let found = first_free(deps, tenant, accounts, &common, book).await?;
    found.ok_or_else(|| Error::conflict("queue_full", "no slot of the next sixty days is free: name a time"))
}

/// The first of `wanted`, in their order, that none of these accounts' other posts has taken, and `book` has promised to none: from
/// now on it has.
pub(super) async fn first_free(
    deps: &Deps,
    tenant: TenantId,
    accounts: &[AccountId],
    wanted: &[Timestamp],
    book: &mut Book,
) -> Result<Option<Timestamp>, Error> {
    let Some(mut from) = wanted.iter().min().copied() else { return Ok(None) };
    let mut taken = BTreeMap::new();
    loop {
        let page = deps.ledger.slots(tenant, from, TAKEN).await?;
        // What lies behind a full page is not known yet.
        let known = page.last().filter(|_| page.len() >= TAKEN as usize).map(|slot| slot.at);
        taken.extend(page.into_iter().map(|slot| (slot.at, slot)));
        let is_known = |at: Timestamp| known.is_none_or(|end| at <= end);
        let may_be = |at: &Timestamp| !is_known(*at) || book.is_free(*at, taken.get(at), accounts);
        match (wanted.iter().copied().find(may_be), known) {
            (Some(found), _) if is_known(found) => {
                book.promise(found, accounts);
                return Ok(Some(found));
            }
            (Some(_), Some(end)) => from = end + SignedDuration::from_millis(1),
            _ => return Ok(None),
        }
    }
}

/// The write by which a queued post takes its slot for its accounts; none for a post that is not queued. Posts of other
/// accounts stand beside it. Where one of its own accounts has the slot taken by now, the write fails.
pub(super) async fn taken(deps: &Deps, post: &Post) -> Result<Option<Write>, Error> {
    let Some(at) = post.schedule.slot() else { return Ok(None) };
    let found = deps.ledger.slot(post.tenant, at).await?;
    let is_free = |slot: &Slot, account| slot.holder(account).is_none_or(|holder| holder == post.id);
    let free = found.filter(|old| post.targets.iter().all(|target| is_free(&old.value, target.account)));
    let accounts = post.targets.iter().map(|target| target.account);
    Ok(Some(if let Some(old) = free {
        Write::replace(&old, Record::Slot(old.value.with(post.id, accounts)))
    } else {
        let taken = accounts.map(|account| (account, post.id)).collect();
        Write::create(Record::Slot(Slot { tenant: post.tenant, at, post: post.id, taken, free: false }))
    }))
}

/// The write that frees the slot of a post that leaves it, for the commit in which it does. None where it has none: a slot
/// that has passed is history, and what lies at its instant may be another post's by now. That nobody else frees it, and
/// another post takes it, before the commit is guarded by the other writes in it: whoever frees it changes the post or its
/// deliveries.
pub(super) async fn freed(deps: &Deps, post: &Post) -> Result<Option<Write>, Error> {
    let Some(at) = post.schedule.slot() else { return Ok(None) };
    if at <= deps.clock.now() {
        return Ok(None);
    }
    let Some(old) = deps.ledger.slot(post.tenant, at).await? else { return Ok(None) };
    let rest = old.value.without(post.id);
    Ok((rest != old.value).then(|| Write::replace(&old, Record::Slot(rest))))
}
