//! Planning: who of the audience gets the run, written down before anybody is written to.

use super::{CampaignDeps, TRIES, gave_up, store_now};
use crate::Error;
use domain::campaigns::{Control, Planner, Selection, ShardRef};
use jiff::Timestamp;
use ports::{Record, StoreError, Write};

/// Contacts that are read at once.
const PAGE: u32 = 400;

/// How far a step of planning came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanStep {
    /// Contacts that were looked at.
    pub seen: u32,
    /// Of them, those whom the campaign is meant for.
    pub planned: u32,
    /// Whether nothing is left to be planned: the shard is planned whole, or the run is cancelled. Else another step goes on.
    pub done: bool,
}

/// Plans a shard, as far as `limit` contacts (or some more) and `deadline` let it. Chunks and the position behind them are one commit: a
/// crash anywhere, or two planners at once, plan nobody twice and leave nobody out.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`], where the next step goes on.
pub async fn plan(
    deps: &CampaignDeps,
    at: ShardRef,
    selection: &dyn Selection,
    limit: u32,
    deadline: Timestamp,
) -> Result<PlanStep, Error> {
    let (mut step, mut tries) = (PlanStep::default(), 0);
    while tries < TRIES {
        let shard = deps.ledger.shard(at).await?.ok_or(Error::NotFound("run"))?;
        if shard.value.planned || shard.value.control == Control::Cancelled {
            return Ok(PlanStep { done: true, ..step });
        }
        if step.seen >= limit || deps.clock.now() >= deadline {
            return Ok(step);
        }
        let page = deps.audience.contacts(at.tenant, at.shard, shard.value.after, PAGE).await?;
        let (mut planner, now) = (Planner::new(&shard.value)?, store_now(deps));
        let contacts = page.items.iter().map(|contact| &contact.value);
        let taken = contacts.take_while(|c| planner.take(c.id, selection.judge(c, now))).count();
        let (next, chunks) = planner.done(taken == page.items.len() && page.next.is_none());
        let more = next.audience - shard.value.audience;
        let shard = Write::replace(&shard, Record::RunShard(Box::new(next)));
        let chunks = chunks.into_iter().map(|chunk| Write::create(Record::Chunk(chunk)));
        match deps.ledger.commit(chunks.chain([shard]).collect()).await {
            Ok(_) => {
                step.seen += u32::try_from(taken).unwrap_or(u32::MAX);
                step.planned += more;
                tries = 0;
            }
            // Another planner came first, somebody paused the run, or nobody knows: the position says where to go on.
            Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => tries += 1,
            Err(error @ StoreError::Corrupt(_)) => return Err(error.into()),
        }
    }
    Err(gave_up("the plan"))
}
