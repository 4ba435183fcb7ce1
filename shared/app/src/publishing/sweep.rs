//! The tick: what comes due in the next two minutes gets its message now, with a delay to its second. The ledger is the
//! truth and a message only a wake-up, so a late, missed or double tick does no harm. Series whose next run comes near get
//! that run's post (`runs.rs`).

use super::commit::delay_s;
use super::runs;
use super::{LOOK_AHEAD_S, OVERDUE_S};
use crate::shares::due_shards;
use crate::{Deps, Error, relay};
use domain::publishing::Wake;
use jiff::{SignedDuration, Timestamp};
use ports::{
    DueRef, DueSubject, IngestJob, Job, Measure, OUTBOX_SHARDS, PublishJob, Record, RecoverJob, StoreError, SweepMark,
    WakeUp, WebhookJob, Write,
};

/// Seconds an entry may be younger than the last tick and still be new to it: clocks differ, indexes lag.
const OVERLAP_S: i64 = 30;
/// Seconds after which unsent events are sent by the tick.
const OUTBOX_AGE_S: i64 = 5;
/// Seconds before its deadline after which a tick begins no other series: more than the ten runs of one take.
const SERIES_RESERVE_S: i64 = 10;
/// Seconds before its deadline after which a tick reads no more of what is due: what it has read is sent, and the outbox is swept.
const READ_RESERVE_S: i64 = 20;
/// Calls that are woken before the clock is looked at again.
const CALLS_AT_ONCE: usize = 100;
/// Records whose events one tick relays per shard.
const OUTBOX_LIMIT: u32 = 200;

/// What a tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Index entries read.
    pub seen: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages the queues did not take.
    pub lost: u64,
    /// Events relayed.
    pub relayed: u64,
    /// Posts made for runs of series.
    pub made: u64,
}

/// One tick, which is stopped at `deadline`. `cid` ties its messages together in the logs. A shard that cannot be read does not
/// hold up the others; it is an error at the end. What came in and series come last and only while there is time: the next tick
/// finds those that are left, and begins at another shard.
pub async fn tick(deps: &Deps, deadline: Timestamp, cid: &str) -> Result<Swept, Error> {
    let now = deps.clock.now();
    let until = now + SignedDuration::from_secs(LOOK_AHEAD_S);
    // Without the mark everything counts as new: double messages do nothing.
    let mark = deps.ledger.sweep_mark().await.unwrap_or(None);
    let mut swept = Swept::default();
    let mut trouble = None;
    let mut failed = None;
    let mut oldest_s = 0;
    let (mut series, mut calls) = (Vec::new(), Vec::new());
    let mut whole = true;
    for shard in due_shards(deps) {
        let mut cursor: Option<String> = None;
        loop {
            if !is_time(deps, deadline, READ_RESERVE_S) {
                whole = false;
                break;
            }
            let page = match deps.ledger.due(shard, until, cursor.as_deref()).await {
                Ok(page) => page,
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            };
            swept.seen += page.items.len() as u64;
            series.extend(page.items.iter().filter_map(|due| match due.subject {
                DueSubject::Series(id) => Some((due.tenant, id)),
                _ => None,
            }));
            if let Some(oldest) = page.items.first() {
                oldest_s = oldest_s.max(now.duration_since(oldest.wake.at).as_secs());
            }
            let (came, due): (Vec<DueRef>, Vec<DueRef>) = (page.items.into_iter())
                .filter(|due| wanted(due, mark.as_ref(), now))
                .partition(|due| matches!(due.subject, DueSubject::Receipt { .. }));
            calls.extend(came);
            send(deps, &due, now, cid, &mut swept).await;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    if !whole {
        tracing::warn!("no time is left for more of what is due; the next tick begins at another shard");
    }
    // What was not read or not taken is new to the next tick as well: the mark stays where it is.
    if whole && swept.lost == 0 && trouble.is_none() {
        let mark = SweepMark { swept_at: now, until };
        trouble = deps.ledger.commit(vec![Write::put(Record::Sweep(mark))]).await.err();
    }
    for shard in 0..OUTBOX_SHARDS {
        match sweep_outbox(deps, shard, now).await {
            Ok(relayed) => swept.relayed += relayed,
            Err(error) => trouble = Some(error),
        }
    }
    // After what is for this second; a run gets its post hours ahead.
    let mut left = series.len();
    for (tenant, id) in series {
        if !is_time(deps, deadline, SERIES_RESERVE_S) {
            tracing::warn!(left, "no time is left for more series; the next tick goes on");
            break;
        }
        left -= 1;
        match runs::run(deps, tenant, id, until, cid).await {
            Ok(made) => swept.made += made,
            Err(error) => {
                tracing::warn!(series = %id, %error, "a series could not be looked at; the next tick tries again");
                failed = Some(error);
            }
        }
    }
    // Whoever calls us can make these many, so they take nothing from what others wait for.
    for some in calls.chunks(CALLS_AT_ONCE) {
        if !is_time(deps, deadline, SERIES_RESERVE_S) {
            tracing::warn!("no time is left to wake all calls that nobody has read; a later tick does");
            break;
        }
        send(deps, some, now, cid, &mut swept).await;
    }
    deps.metrics.measure(Measure::Tick { sent: swept.sent, relayed: swept.relayed, oldest_s });
    trouble.map(Error::from).or(failed).map_or(Ok(swept), Err)
}

fn is_time(deps: &Deps, deadline: Timestamp, reserve_s: i64) -> bool {
    deps.clock.now() + SignedDuration::from_secs(reserve_s) <= deadline
}

async fn send(deps: &Deps, due: &[DueRef], now: Timestamp, cid: &str, swept: &mut Swept) {
    let wake_ups: Vec<WakeUp> = due.iter().filter_map(|due| message(deps, due, now, cid)).collect();
    if !wake_ups.is_empty() {
        let taken = deps.queues.send(wake_ups).await;
        let sent = taken.iter().filter(|t| **t).count();
        swept.sent += sent as u64;
        swept.lost += (taken.len() - sent) as u64;
    }
}

/// Whether an entry needs a message from this tick: it is new since the last one, or overdue.
fn wanted(due: &DueRef, mark: Option<&SweepMark>, now: Timestamp) -> bool {
    let wake = &due.wake;
    if wake.at + SignedDuration::from_secs(OVERDUE_S) < now {
        return !slows(&due.subject) || mark.is_none_or(|mark| round(wake, mark.swept_at) < round(wake, now));
    }
    if wake.sent {
        return false;
    }
    mark.is_none_or(|m| wake.at > m.until || wake.set_at + SignedDuration::from_secs(OVERLAP_S) > m.swept_at)
}

/// Whether what is overdue is woken ever more seldom. Of these one tenant may have any number, all tenants share their queue, and when that
/// is behind they are overdue without being lost: a message more for each of them every minute would keep it behind. What publishes has a
/// day at most, and a lane of its own to wait in.
fn slows(subject: &DueSubject) -> bool {
    matches!(subject, DueSubject::Receipt { .. } | DueSubject::Webhook { .. } | DueSubject::Recovery { .. })
}

/// How many messages such a thing should have had by then: after one minute, two, four and so on to about an hour, and then one
/// each hour. A call that cannot be read is found again without end, and costs less and less.
fn round(wake: &Wake, at: Timestamp) -> i64 {
    match at.duration_since(wake.at).as_secs() / OVERDUE_S {
        ..1 => 0,
        minutes @ 1..64 => i64::from(minutes.ilog2()) + 1,
        minutes => 6 + minutes / 64,
    }
}

fn message(deps: &Deps, due: &DueRef, now: Timestamp, cid: &str) -> Option<WakeUp> {
    let delay_s = delay_s(due.wake.at, now);
    match &due.subject {
        DueSubject::Delivery { post, account, platform } => {
            let queue = deps.connectors.get(platform)?.descriptor().queue.clone();
            let job = PublishJob { v: 1, tenant: due.tenant, post: *post, account: *account, cid: cid.to_owned() };
            Some(WakeUp { job: Job::Publish { queue, job }, delay_s })
        }
        // What becomes of a series is done here, not by a worker; accounts are the reconciler's.
        DueSubject::Series(_) | DueSubject::Account(_) | DueSubject::Engagement(_) | DueSubject::Asking(_) => None,
        DueSubject::Webhook { event, endpoint } => {
            let job = WebhookJob { v: 1, tenant: due.tenant, endpoint: *endpoint, event: *event, cid: cid.to_owned() };
            Some(WakeUp { job: Job::Webhook(job), delay_s })
        }
        DueSubject::Recovery { endpoint, recovery } => {
            let (v, cid) = (1, cid.to_owned());
            let job = RecoverJob { v, tenant: due.tenant, endpoint: *endpoint, recovery: *recovery, cid };
            Some(WakeUp { job: Job::Recover(job), delay_s })
        }
        DueSubject::Receipt { source, receipt } => {
            let job = IngestJob { v: 1, tenant: due.tenant, source: *source, receipt: *receipt, cid: cid.to_owned() };
            Some(WakeUp { job: Job::Ingest(job), delay_s })
        }
    }
}

async fn sweep_outbox(deps: &Deps, shard: u8, now: Timestamp) -> Result<u64, StoreError> {
    let before = now - SignedDuration::from_secs(OUTBOX_AGE_S);
    let unsent = deps.ledger.unsent(shard, before, OUTBOX_LIMIT).await?;
    Ok(relay(deps, &unsent).await)
}
