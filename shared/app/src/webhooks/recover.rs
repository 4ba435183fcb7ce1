//! Sending again what an endpoint was not told, or all of a time. It is a record that goes through the endpoint's log step by step:
//! whoever dies on the way leaves a step that is taken again, and a message that was made due since it was asked for is not
//! made due twice.

use super::attempt::Visit;
use super::check;
use crate::audit::entry;
use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::publishing::Wake;
use domain::webhooks::{DELETED, DISABLED, RECOVERY_STEP, Recovery, WebhookMessage, WebhookState};
use domain::{EndpointId, RecoveryId, TenantId};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use ports::{Job, MessageSpan, Record, RecoverJob, StoreError, Versioned, WakeUp, Write};
use serde_json::json;

/// Steps that one worker takes before it gives the work back.
const STEPS: usize = 5;
/// Messages that are written side by side.
const SIDE_BY_SIDE: usize = 10;
/// Recoveries that are shown.
const SHOWN: u32 = 20;

/// Which messages to send again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Of events that happened then or later.
    pub since: Timestamp,
    /// Of events that happened then or before; now when it is left out.
    pub until: Option<Timestamp>,
    /// Whether those that were taken are sent again as well.
    pub every: bool,
}

/// Asks for the messages of a time to be sent again.
pub async fn recover(
    deps: &Deps,
    caller: &Caller,
    endpoint: EndpointId,
    range: Range,
    once: &Once,
    encode: Encode<'_, Recovery>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.endpoint(caller.tenant, endpoint).await?.ok_or(Error::NotFound("endpoint"))?.value;
    check::listening(&found)?;
    let now = deps.clock.now();
    let to = range.until.unwrap_or(now).min(now);
    if range.since > to {
        return Err(Error::invalid(
            "out_of_range",
            "/since",
            "give a time before the end of the range, and in the past",
        ));
    }
    if deps.ledger.recoveries(caller.tenant, endpoint, SHOWN).await?.iter().any(|r| r.ended_at.is_none()) {
        return Err(Error::conflict("recovery_under_way", "the last recovery is not over: wait for its end"));
    }
    let recovery = Recovery {
        id: RecoveryId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        endpoint,
        from: range.since,
        to,
        every: range.every,
        cursor: None,
        sent: 0,
        ended_at: None,
        stopped: None,
        wake: Some(Wake { at: now, set_at: now, sent: true }),
        created_at: now,
    };
    let detail = json!({ "since": recovery.from, "until": recovery.to, "every": recovery.every });
    let writes = vec![
        Write::create(Record::Recovery(recovery.clone())),
        entry(deps, caller, "endpoint.recovery", endpoint, Some(detail)),
    ];
    let reply = commit(deps, caller.tenant, once, writes, encode(&recovery)).await?;
    if !reply.replayed {
        let (tenant, cid) = (caller.tenant, caller.cid.clone());
        let job = RecoverJob { v: 1, tenant, endpoint, recovery: recovery.id, cid };
        let taken = deps.queues.send(vec![WakeUp { job: Job::Recover(job), delay_s: 0 }]).await;
        if taken.contains(&false) {
            tracing::warn!(%endpoint, "a recovery waits for the tick: the queue did not take its wake-up");
        }
    }
    Ok(reply)
}

/// The last recoveries of an endpoint, newest first.
pub async fn recoveries(deps: &Deps, caller: &Caller, endpoint: EndpointId) -> Result<Vec<Recovery>, Error> {
    require(caller, Permission::Read)?;
    deps.ledger.endpoint(caller.tenant, endpoint).await?.ok_or(Error::NotFound("endpoint"))?;
    Ok(deps.ledger.recoveries(caller.tenant, endpoint, SHOWN).await?)
}

/// Goes on with a recovery. Answers with when the queue message is to come again for the rest; without that the due index
/// has it, or it is over.
pub async fn go_on(
    deps: &Deps,
    tenant: TenantId,
    endpoint: EndpointId,
    id: RecoveryId,
    visit: Visit,
) -> Result<Option<Timestamp>, Error> {
    for step in 1..=STEPS {
        let Some(found) = deps.ledger.recovery(tenant, endpoint, id).await? else { return Ok(None) };
        if found.value.ended_at.is_some() {
            return Ok(None);
        }
        let carried = step < STEPS || visit.may_come_again();
        let next = one_step(deps, &found.value, carried).await?;
        let wake = next.wake;
        match deps.ledger.commit(vec![Write::replace(&found, Record::Recovery(next))]).await {
            Ok(_) => {}
            // Another worker is at it.
            Err(StoreError::Conflict { .. }) => return Ok(None),
            Err(other) => return Err(other.into()),
        }
        match wake {
            None => return Ok(None),
            Some(wake) if step == STEPS => return Ok(wake.sent.then_some(wake.at)),
            Some(_) => {}
        }
    }
    Ok(None)
}

/// Makes the next messages due; the recovery after that.
async fn one_step(deps: &Deps, recovery: &Recovery, carried: bool) -> Result<Recovery, Error> {
    let (tenant, endpoint, now) = (recovery.tenant, recovery.endpoint, deps.clock.now());
    match deps.ledger.endpoint(tenant, endpoint).await? {
        None => return Ok(recovery.stopped(DELETED, now)),
        Some(found) if !found.value.is_on() => return Ok(recovery.stopped(DISABLED, now)),
        Some(_) => {}
    }
    let span = MessageSpan { from: Some(recovery.from), to: Some(recovery.to), oldest_first: true };
    let page = deps.ledger.messages(tenant, endpoint, span, recovery.cursor.as_deref(), RECOVERY_STEP).await?;
    let concerned = page.items.into_iter().filter(|message| concerns(recovery, message));
    let made: Vec<Result<bool, Error>> =
        stream::iter(concerned).map(|message| made_due(deps, recovery, message)).buffered(SIDE_BY_SIDE).collect().await;
    let mut sent = 0;
    for made in made {
        sent += u32::from(made?);
    }
    Ok(recovery.further(page.next, sent, carried, deps.clock.now()))
}

/// Whether a message is to be sent again. One that was since the recovery was asked for is not sent a second time.
fn concerns(recovery: &Recovery, message: &WebhookMessage) -> bool {
    let over = match message.state {
        WebhookState::Dead { .. } => true,
        WebhookState::Delivered { .. } => recovery.every,
        WebhookState::Pending | WebhookState::Sending { .. } => false,
    };
    over && message.again_at.is_none_or(|at| at < recovery.created_at)
}

async fn made_due(deps: &Deps, recovery: &Recovery, message: WebhookMessage) -> Result<bool, Error> {
    let found = deps.ledger.message(message.tenant, message.endpoint, message.event).await?;
    let Some(found) = found.filter(|found| concerns(recovery, &found.value)) else { return Ok(false) };
    // The tick wakes them, in batches; the notifier sends nothing to its own queue.
    let Some(next) = found.value.again(false, deps.clock.now()) else { return Ok(false) };
    due(deps, &found, next).await
}

async fn due(deps: &Deps, found: &Versioned<WebhookMessage>, next: WebhookMessage) -> Result<bool, Error> {
    match deps.ledger.commit(vec![Write::replace(found, Record::WebhookMessage(next))]).await {
        Ok(_) => Ok(true),
        // A person had it sent again at the same moment.
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}
