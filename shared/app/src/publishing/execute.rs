//! Sending one delivery: claim, gate, token, prepare, **DISPATCHING made durable**, the one request, outcome.
//!
//! This file decides whether to send (claim, gate, token); `send` does it. Every step is a compare-and-set on what was read,
//! so a double message, a second worker or a late one finds its move refused. Once DISPATCHING is committed nothing here sends
//! that part again: only proof of absence does.

mod quota;
mod send;

use super::commit::transition;
use super::load::load;
use super::{CALL_AND_RECORD_S, PREPARE_S, gate};
use crate::accounts::{TokenTrouble, fresh_token};
use crate::{Error, PlatformDeps};
use domain::publishing::{Delivery, Failure, MAX_CLAIMS, RetryReason, Transition, Wakened};
use jiff::{SignedDuration, Timestamp};
use ports::{Publish, PublishJob, StoreError, Versioned};
use quota::Taken;
use send::Means;

/// Milliseconds over which retries spread.
const JITTER_MS: u32 = 10_000;
/// Seconds that keeping what is prepared and leaving the gate may take.
const LEAVE_S: i64 = 3;
/// Seconds until a delivery whose token is being refreshed elsewhere is looked at again.
const TOKEN_BUSY_S: i64 = 30;

/// What a message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executed {
    /// Done with; the message can go.
    Done,
    /// There was no time left to do it safely: the queue shall bring the message again.
    NoTime,
}

/// Where a worker stands after one claim.
enum Step {
    /// Nothing more to do now. The platform may want quiet until then.
    Stop(Option<Timestamp>),
    /// The platform refused this version of the token: go on with a newer one.
    Refused(u32),
    /// No time left to send safely.
    NoTime,
}

/// Works on the delivery that `job` names, then on those of the same account that found its gate taken meanwhile.
/// `deadline` is when the process is stopped.
pub async fn execute(
    deps: &PlatformDeps<dyn Publish>,
    job: &PublishJob,
    deadline: Timestamp,
) -> Result<Executed, Error> {
    let owner = deps.entropy.token();
    let taken = Taken::default();
    let mut worker = Worker { deps, cid: &job.cid, owner: &owner, deadline, holding: false, taken };
    let mut post = job.post;
    loop {
        let step = match deps.ledger.delivery(job.tenant, post, job.account).await? {
            Some(found) => Box::pin(worker.serve(found)).await,
            None => Ok(Step::Stop(None)),
        };
        if worker.holding {
            let quiet = if let Ok(Step::Stop(quiet)) = &step { *quiet } else { None };
            let go_on = step.is_ok() && worker.time_left();
            let meters = worker.counted();
            if let Some(next) = gate::leave(deps, job.tenant, job.account, &owner, quiet, go_on, &meters).await {
                post = next.post;
                continue;
            }
        }
        return step.map(|s| if matches!(s, Step::NoTime) { Executed::NoTime } else { Executed::Done });
    }
}

struct Worker<'a> {
    deps: &'a PlatformDeps<dyn Publish>,
    cid: &'a str,
    owner: &'a str,
    deadline: Timestamp,
    /// Whether the account's gate is ours.
    holding: bool,
    /// What was taken of the platform's quotas.
    taken: Taken,
}

impl Worker<'_> {
    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// A request may leave only when its answer can still be recorded.
    fn time_left(&self) -> bool {
        self.deadline.duration_since(self.now()) >= SignedDuration::from_secs(CALL_AND_RECORD_S)
    }

    /// When preparing must be over: it must never be what ends the process, and with it everybody else's deliveries. Whoever
    /// waits at the gate meanwhile can still be served.
    fn prepared_by(&self) -> Timestamp {
        self.deadline - SignedDuration::from_secs(CALL_AND_RECORD_S + LEAVE_S)
    }

    /// A step of preparing is begun only with as much time as one may need: our own clock must not be what fails it.
    fn time_to_prepare(&self) -> bool {
        self.prepared_by().duration_since(self.now()) >= SignedDuration::from_secs(PREPARE_S)
    }

    async fn commit(&self, old: &Versioned<Delivery>, moved: Transition) -> Result<Versioned<Delivery>, StoreError> {
        transition(self.deps, old, moved, self.cid).await
    }

    async fn serve(&mut self, found: Versioned<Delivery>) -> Result<Step, Error> {
        let mut found = found;
        let mut refused = None;
        self.begins(&found.value);
        loop {
            match self.claim(&found, refused).await {
                Ok(Step::Refused(version)) if refused.is_none() && self.time_left() => {
                    refused = Some(version);
                    let d = &found.value;
                    let Some(again) = self.deps.ledger.delivery(d.tenant, d.post, d.account).await? else {
                        return Ok(Step::Stop(None));
                    };
                    found = again;
                }
                // Refused again, or somebody else moved it first: whatever is to be done, they do.
                Ok(Step::Refused(_)) | Err(Error::Conflict { .. }) => return Ok(Step::Stop(None)),
                other => return other,
            }
        }
    }

    /// One claim: everything from the wake-up to the outcome of as many parts as there are.
    async fn claim(&mut self, found: &Versioned<Delivery>, refused: Option<u32>) -> Result<Step, Error> {
        let leased = match found.value.wakened(self.owner, self.now()) {
            Wakened::Idle(why) => {
                tracing::debug!(post = %found.value.post, why, "nothing to do for this wake-up");
                return Ok(Step::Stop(None));
            }
            Wakened::Ended(moved) => {
                self.commit(found, moved).await?;
                return Ok(Step::Stop(None));
            }
            Wakened::Parked => return self.look_at_account(found).await,
            Wakened::Claimed(moved) => moved.next,
        };
        if !self.holding {
            match self.knock(&leased).await? {
                gate::Entry::Inside { lost, taken, meters } => {
                    self.holding = true;
                    self.goes_in(taken, meters);
                    if lost >= MAX_CLAIMS {
                        // They died before they wrote anything into the delivery.
                        self.commit(found, found.value.poisoned(self.now())).await?;
                        return Ok(Step::Stop(None));
                    }
                }
                gate::Entry::Listed => return Ok(Step::Stop(None)),
                gate::Entry::Quiet(until) => {
                    let jitter = SignedDuration::from_millis(self.deps.entropy.below(JITTER_MS).into());
                    return self.wait_for_quota(found, &leased, until + jitter).await;
                }
                gate::Entry::Spent(until) => return self.wait_for_quota(found, &leased, until).await,
            }
        }
        let load = match load(self.deps, &leased).await? {
            Ok(load) => load,
            Err(failure) => return self.hold_back(found, &leased, &failure, None).await,
        };
        let (token, seen) =
            match fresh_token(self.deps, &self.deps.tokens, &load.account, refused, self.deadline, self.cid).await {
                Ok(fresh) => fresh,
                Err(TokenTrouble::Busy) => {
                    let soon = self.now() + SignedDuration::from_secs(TOKEN_BUSY_S);
                    let moved = leased.postponed(self.owner, soon, RetryReason::Renewing, self.now())?;
                    self.commit(found, moved).await?;
                    return Ok(Step::Stop(None));
                }
                Err(TokenTrouble::Later(_)) => {
                    return self.hold_back(found, &leased, &Failure::Unavailable, None).await;
                }
                Err(TokenTrouble::Dead) => {
                    let failure = Failure::Revoked { detail: "the account must be connected again".into() };
                    return self.hold_back(found, &leased, &failure, None).await;
                }
            };
        let means = Means { load: &load, token: &token, seen: &seen, second_try: refused.is_some() };
        self.send(found.clone(), leased, &means).await
    }

    async fn hold_back(
        &self,
        found: &Versioned<Delivery>,
        leased: &Delivery,
        failure: &Failure,
        quiet: Option<Timestamp>,
    ) -> Result<Step, Error> {
        let jitter = self.deps.entropy.below(JITTER_MS);
        let moved = leased.held_back(self.owner, failure, self.now(), jitter)?;
        self.commit(found, moved).await?;
        Ok(Step::Stop(quiet))
    }

    /// A quota is used up, or the platform wants quiet: the due index brings it back when there is room.
    async fn wait_for_quota(
        &self,
        found: &Versioned<Delivery>,
        leased: &Delivery,
        until: Timestamp,
    ) -> Result<Step, Error> {
        self.commit(found, leased.waits_for_quota(self.owner, until, self.now())?).await?;
        Ok(Step::Stop(None))
    }

    /// It is parked. Usually whoever connects the account sets it going; this is for the one they did not see.
    async fn look_at_account(&self, parked: &Versioned<Delivery>) -> Result<Step, Error> {
        let d = &parked.value;
        let account = self.deps.ledger.account(d.tenant, d.account).await?;
        let connected = account.is_some_and(|a| a.value.is_active());
        let moved = if connected { d.unparked(self.now())? } else { d.still_parked(self.now())? };
        self.commit(parked, moved).await?;
        Ok(Step::Stop(None))
    }
}
