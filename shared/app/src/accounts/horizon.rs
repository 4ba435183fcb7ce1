//! The token horizon: from when on nothing can go out through an account unless a person connects it again, and which
//! posts are planned for later than that. It only looks: the schedule stays, and reconnecting keeps it.

use crate::mutate::require;
use crate::publishing::PostView;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::publishing::{Post, State};
use domain::{AccountId, PostId};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use ports::PostQuery;
use std::collections::BTreeMap;

/// Posts named per account.
const NAMED: usize = 20;
/// Posts of one read of the list, and such reads. What lies beyond is not looked at, and the answer says so.
const LISTED: (u32, usize) = (500, 2);
/// Posts whose deliveries are looked at, and how many at once: one that was called off stays in the list.
const LOOKED_AT: (usize, usize) = (200, 25);

/// Ends of access by account; accounts without an end are not in it.
pub type Ends = BTreeMap<AccountId, Timestamp>;

/// A post that is planned for after the end of an access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtRisk {
    /// The post.
    pub post: PostId,
    /// When it is due.
    pub due_at: Timestamp,
}

/// How far an account reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// When its access ends.
    pub ends_at: Timestamp,
    /// What waits for a later time, soonest first; at most twenty.
    pub posts: Vec<AtRisk>,
    /// Whether there may be more than are named.
    pub more: bool,
}

/// When the access of each account of the tenant ends, of those where it does: also of accounts that must be connected
/// again already, and of disconnected ones.
pub async fn ends(deps: &Deps, caller: &Caller) -> Result<Ends, Error> {
    require(caller, Permission::Read)?;
    let accounts = deps.ledger.accounts(caller.tenant).await?;
    Ok(ends_of(&accounts.into_iter().map(|account| account.value).collect::<Vec<_>>()))
}

/// When the access ends of those accounts that posts wait for. Reads nothing where none waits for its time.
pub async fn ends_for(deps: &Deps, caller: &Caller, views: &[PostView]) -> Result<Ends, Error> {
    let waits = |view: &PostView| view.deliveries.iter().any(|delivery| delivery.state == State::Scheduled);
    if views.iter().any(waits) { ends(deps, caller).await } else { Ok(Ends::new()) }
}

/// The same of accounts that are at hand.
pub fn ends_of(accounts: &[Account]) -> Ends {
    accounts.iter().filter_map(|account| Some((account.id, account.access_ends_at(accounts)?))).collect()
}

/// For each account whose access ends: when, and which posts are planned for later. Reads nothing but the accounts where no
/// access ends.
pub async fn horizon(deps: &Deps, caller: &Caller) -> Result<BTreeMap<AccountId, Horizon>, Error> {
    let ends = ends(deps, caller).await?;
    let Some(first) = ends.values().min() else { return Ok(BTreeMap::new()) };
    let horizon = |ends_at: &Timestamp| Horizon { ends_at: *ends_at, posts: Vec::new(), more: false };
    let mut found: BTreeMap<AccountId, Horizon> = ends.iter().map(|(id, at)| (*id, horizon(at))).collect();
    let (posts, cut) = planned(deps, caller, (*first).max(deps.clock.now())).await?;
    let (most, at_once) = LOOKED_AT;
    let mut looked_at = 0;
    let late: Vec<&Post> = posts.iter().filter(|post| late_for(post, &ends).next().is_some()).collect();
    for some in late.chunks(at_once) {
        let open = |post: &&&Post| late_for(post, &ends).any(|account| found[&account].posts.len() < NAMED);
        let wanted: Vec<&&Post> = some.iter().filter(open).take(most - looked_at).collect();
        looked_at += wanted.len();
        let skipped = some.iter().filter(|post| !wanted.iter().any(|wanted| wanted.id == post.id));
        for account in skipped.flat_map(|post| late_for(post, &ends)) {
            found.entry(account).and_modify(|horizon| horizon.more = true);
        }
        let deliveries = wanted.iter().map(|post| deps.ledger.deliveries(caller.tenant, post.id));
        for delivery in try_join_all(deliveries).await?.into_iter().flatten().map(|delivery| delivery.value) {
            let Some(horizon) = found.get_mut(&delivery.account) else { continue };
            if !delivery.outlives(horizon.ends_at) {
                continue;
            }
            if horizon.posts.len() < NAMED {
                horizon.posts.push(AtRisk { post: delivery.post, due_at: delivery.due_at });
            } else {
                horizon.more = true;
            }
        }
    }
    for horizon in found.values_mut() {
        horizon.more |= cut;
    }
    Ok(found)
}

/// The accounts of a post whose access ends before it is due.
fn late_for<'a>(post: &'a Post, ends: &'a Ends) -> impl Iterator<Item = AccountId> + 'a {
    let due = post.schedule.due_at();
    let late = move |account: &AccountId| ends.get(account).is_some_and(|end| due.is_some_and(|due| due >= *end));
    post.targets.iter().map(|target| target.account).filter(late)
}

/// The posts due from `from` on, soonest first, and whether there are more than were read.
async fn planned(deps: &Deps, caller: &Caller, from: Timestamp) -> Result<(Vec<Post>, bool), Error> {
    let (limit, reads) = LISTED;
    let mut query = PostQuery { from: Some(from), to: None, ascending: true, limit, cursor: None };
    let mut posts = Vec::new();
    for _ in 0..reads {
        let page = deps.ledger.list_posts(caller.tenant, &query).await?;
        posts.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok((posts, query.cursor.is_some()))
}
