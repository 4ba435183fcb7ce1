//! Committing a transition: compare-and-set on the revision that was read, then the events leave.

use super::LOOK_AHEAD_S;
use crate::{Deps, relay};
use domain::publishing::{Delivery, Doubt, State, Transition};
use jiff::{SignedDuration, Timestamp};
use ports::{Job, Measure, PublishJob, Record, StoreError, Versioned, WakeUp, Write};

/// Commits `moved` over `old`. On success the delivery as it now is.
pub(super) async fn transition(
    deps: &Deps,
    old: &Versioned<Delivery>,
    moved: Transition,
    cid: &str,
) -> Result<Versioned<Delivery>, StoreError> {
    let events = deps.events(moved.next.tenant, cid, moved.events);
    let write = Write::replace(old, Record::Delivery(moved.next.clone())).telling(events);
    let mut unsent = write.events.clone();
    let committed = deps.ledger.commit(vec![write]).await?;
    let waiting = u64::try_from(unsent.len()).unwrap_or(u64::MAX);
    if waiting > 0 && relay(deps, &committed.outbox).await == waiting {
        unsent.clear();
    }
    measure(deps, &old.value, &moved.next);
    Ok(Versioned { value: moved.next, rev: old.rev + 1, unsent })
}

fn measure(deps: &Deps, before: &Delivery, after: &Delivery) {
    let platform = after.platform.clone();
    if before.state.name() == after.state.name() {
        return;
    }
    tracing::info!(
        post = %after.post, account = %after.account, platform = %platform,
        from = before.state.name(), to = after.state.name(), attempts = after.attempts, "delivery moved"
    );
    if after.state.is_terminal() || matches!(after.state, State::Attention { .. } | State::BlockedAuth { .. }) {
        deps.metrics.measure(Measure::Outcome { platform, state: after.state.name() });
    } else if matches!(after.state, State::Unknown { .. }) && after.doubt != Doubt::Taken {
        // What a platform took, it answered for.
        deps.metrics.measure(Measure::Unknown { platform });
    }
}

/// Whether whoever commits this delivery should also send its message: it is due before the next tick could.
pub(super) fn due_soon(delivery: &Delivery, now: Timestamp) -> bool {
    delivery.wake.is_some_and(|w| w.at <= now + SignedDuration::from_secs(LOOK_AHEAD_S))
}

/// The wake-up of a delivery: it shows in the queue at its time, in whole seconds, never early.
pub(super) fn wake_up(deps: &Deps, delivery: &Delivery, at: Timestamp, now: Timestamp, cid: &str) -> Option<WakeUp> {
    let queue = deps.connectors.get(&delivery.platform)?.descriptor().queue.clone();
    let job = PublishJob {
        v: 1,
        tenant: delivery.tenant,
        post: delivery.post,
        account: delivery.account,
        cid: cid.to_owned(),
    };
    Some(WakeUp { job: Job::Publish { queue, job }, delay_s: delay_s(at, now) })
}

/// Whole seconds from `now` until `at`, rounded up, within what a queue can delay.
pub(super) fn delay_s(at: Timestamp, now: Timestamp) -> u16 {
    let ms = at.duration_since(now).as_millis().max(0);
    u16::try_from((ms + 999) / 1000).unwrap_or(900).min(900)
}

/// Sends the wake-ups of deliveries that were committed as "message sent". A failure is only a delay: the tick heals.
pub(super) async fn wake(deps: &Deps, deliveries: &[Delivery], cid: &str) {
    let now = deps.clock.now();
    let wake_ups: Vec<WakeUp> = deliveries
        .iter()
        .filter_map(|d| d.wake.filter(|w| w.sent).and_then(|w| wake_up(deps, d, w.at, now, cid)))
        .collect();
    if wake_ups.is_empty() {
        return;
    }
    let lost = deps.queues.send(wake_ups).await.iter().filter(|sent| !**sent).count();
    if lost > 0 {
        tracing::warn!(lost, "wake-ups could not be sent; the tick will find their deliveries");
    }
}
