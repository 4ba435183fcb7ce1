//! Sending one delivery: claim, gate, token, prepare, **DISPATCHING made durable**, the one request, outcome.
//!
//! Every step is a compare-and-set on what was read, so a double message, a second worker or a late one finds its move
//! refused. Once DISPATCHING is committed nothing here sends that part again: only proof of absence does.

use super::commit::transition;
use super::load::{Load, load};
use super::{CALL_TIMEOUT_S, PREPARE_S, gate};
use crate::accounts::{TokenCache, TokenTrouble, account_refused, fresh_token};
use crate::{Deps, Error};
use domain::publishing::{Delivery, Failure, MAX_CLAIMS, Receipt, State, Transition, Wakened};
use jiff::{SignedDuration, Timestamp};
use ports::{Measure, Prepared, PublishCall, PublishJob, Published, StoreError, Versioned};
use secrecy::SecretString;

/// Times an outcome is written again when the store does not take it; after that its lease makes it UNKNOWN.
const RECORD_TRIES: usize = 5;
/// Milliseconds over which retries spread.
const JITTER_MS: u32 = 10_000;
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
    deps: &Deps,
    tokens: &TokenCache,
    job: &PublishJob,
    deadline: Timestamp,
) -> Result<Executed, Error> {
    let owner = deps.entropy.token();
    let mut worker = Worker { deps, tokens, cid: &job.cid, owner: &owner, deadline, holding: false };
    let mut post = job.post;
    loop {
        let step = match deps.ledger.delivery(job.tenant, post, job.account).await? {
            Some(found) => worker.serve(found).await,
            None => Ok(Step::Stop(None)),
        };
        if worker.holding {
            let quiet = if let Ok(Step::Stop(quiet)) = &step { *quiet } else { None };
            let go_on = step.is_ok() && worker.time_left();
            if let Some(next) = gate::leave(deps, job.tenant, job.account, &owner, quiet, go_on).await {
                post = next.post;
                continue;
            }
        }
        return step.map(|s| if matches!(s, Step::NoTime) { Executed::NoTime } else { Executed::Done });
    }
}

struct Worker<'a> {
    deps: &'a Deps,
    tokens: &'a TokenCache,
    cid: &'a str,
    owner: &'a str,
    deadline: Timestamp,
    /// Whether the account's gate is ours.
    holding: bool,
}

impl Worker<'_> {
    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// A request may leave only when its answer can still be recorded.
    fn time_left(&self) -> bool {
        self.deadline.duration_since(self.now()) >= SignedDuration::from_secs(CALL_TIMEOUT_S + 5)
    }

    /// When preparing must be over: it must never be what ends the process, and with it everybody else's deliveries.
    fn prepared_by(&self) -> Timestamp {
        self.deadline - SignedDuration::from_secs(CALL_TIMEOUT_S + 5)
    }

    async fn commit(&self, old: &Versioned<Delivery>, moved: Transition) -> Result<Versioned<Delivery>, StoreError> {
        transition(self.deps, old, moved, self.cid).await
    }

    async fn serve(&mut self, found: Versioned<Delivery>) -> Result<Step, Error> {
        let mut found = found;
        let mut refused = None;
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
            match gate::enter(self.deps, &leased, self.owner).await? {
                gate::Entry::Inside { lost } => {
                    self.holding = true;
                    if lost >= MAX_CLAIMS {
                        // They died before they wrote anything into the delivery.
                        self.commit(found, found.value.poisoned(self.now())).await?;
                        return Ok(Step::Stop(None));
                    }
                }
                gate::Entry::Listed => return Ok(Step::Stop(None)),
                gate::Entry::Quiet(until) => {
                    let throttled = Failure::RateLimited { until: Some(until) };
                    return self.hold_back(found, &leased, &throttled, Some(until)).await;
                }
            }
        }
        let load = match load(self.deps, &leased).await? {
            Ok(load) => load,
            Err(failure) => return self.hold_back(found, &leased, &failure, None).await,
        };
        let (token, version) = match fresh_token(self.deps, self.tokens, &load.account, refused, self.cid).await {
            Ok((token, account)) => (token, account.value.token.version),
            Err(trouble) => {
                let failure = self.after(&trouble);
                return self.hold_back(found, &leased, &failure, None).await;
            }
        };
        self.send(found.clone(), leased, &load, &token, version, refused.is_some()).await
    }

    fn after(&self, trouble: &TokenTrouble) -> Failure {
        let soon = self.now() + SignedDuration::from_secs(TOKEN_BUSY_S);
        match trouble {
            TokenTrouble::Busy => Failure::RateLimited { until: Some(soon) },
            TokenTrouble::Later(_) => Failure::Unavailable,
            TokenTrouble::Dead => Failure::Revoked { detail: "the account must be connected again".into() },
        }
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

    /// What was prepared is kept for the next worker: this one could not record what its request came to.
    async fn go_on_later(&self, held: &Versioned<Delivery>, leased: &Delivery) -> Result<Step, Error> {
        let now = self.now();
        let moved = leased.processing(self.owner, leased.progress.clone(), now, now)?;
        self.commit(held, moved).await?;
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

    /// Prepares and sends part after part. `held` is what the store has; `leased` is our claim of it, which is committed
    /// on its own only when something slow comes before DISPATCHING.
    async fn send(
        &self,
        held: Versioned<Delivery>,
        leased: Delivery,
        load: &Load,
        token: &SecretString,
        version: u32,
        second_try: bool,
    ) -> Result<Step, Error> {
        let (mut held, mut leased) = (held, leased);
        let Some(publisher) = load.connector.publisher() else {
            let failure = Failure::Unsupported { detail: "this platform cannot be published to".into() };
            return self.hold_back(&held, &leased, &failure, None).await;
        };
        loop {
            if !self.time_left() {
                return Ok(Step::NoTime);
            }
            let before = receipts(&leased);
            let call = load.call(self.deps, &leased, token, &before);
            if publisher.needs_preparing(&call) {
                held = self.commit(&held, Transition { next: leased.clone(), events: Vec::new() }).await?;
                match publisher.prepare(&PublishCall { until: self.prepared_by(), ..call }).await {
                    Ok(Prepared::More(progress)) => {
                        leased.progress = Some(progress);
                        if self.prepared_by().duration_since(self.now()) < SignedDuration::from_secs(PREPARE_S) {
                            return self.go_on_later(&held, &leased).await;
                        }
                        // It is committed with the claim, before the next step.
                        continue;
                    }
                    Ok(Prepared::Ready(progress)) => {
                        leased.progress = progress.or(leased.progress);
                        if !self.time_left() {
                            return self.go_on_later(&held, &leased).await;
                        }
                    }
                    Ok(Prepared::Wait { progress, until }) => {
                        let moved = leased.processing(self.owner, Some(progress), until, self.now())?;
                        self.commit(&held, moved).await?;
                        return Ok(Step::Stop(None));
                    }
                    Err(Failure::Unauthorized) if !second_try => {
                        self.hold_back(&held, &leased, &Failure::Unauthorized, None).await?;
                        return Ok(Step::Refused(version));
                    }
                    Err(failure) => {
                        let failure = self.give_up_on_token(failure, load, second_try).await;
                        return self.hold_back(&held, &leased, &failure, quiet_of(&failure)).await;
                    }
                }
            }
            // Δ is measured on the store's clock, from its latest answer before the request leaves.
            let base_date = self.deps.ledger.store_now().unwrap_or_else(|| self.now());
            let moved = leased.dispatching(self.owner, base_date, self.now())?;
            let sent = self.commit(&held, moved).await?;
            let State::Dispatching { part, .. } = sent.value.state else { return Ok(Step::Stop(None)) };
            self.measure_lateness(&sent.value, part);
            let before = receipts(&sent.value);
            let call = load.call(self.deps, &sent.value, token, &before);
            let left_at = self.now();
            let answer = publisher.publish(&call).await;
            self.measure_call(&sent.value, left_at);
            let (outcome, quiet) = match answer {
                Ok(Published { receipt, quiet_until }) => (Ok(receipt), quiet_until),
                Err(Failure::Unauthorized) if !second_try => (Err(Failure::Unauthorized), None),
                Err(failure) => {
                    let quiet = quiet_of(&failure);
                    (Err(self.give_up_on_token(failure, load, second_try).await), quiet)
                }
            };
            let recorded = self.record(sent, part, &outcome).await?;
            match (&recorded.value.state, outcome) {
                (State::Leased { .. }, _) if quiet.is_none() => {
                    leased = recorded.value.clone();
                    held = recorded;
                }
                (State::Retry { .. }, Err(Failure::Unauthorized)) => return Ok(Step::Refused(version)),
                _ => return Ok(Step::Stop(quiet)),
            }
        }
    }

    /// A fresh token that is refused means the person or the platform took the access back.
    async fn give_up_on_token(&self, failure: Failure, load: &Load, second_try: bool) -> Failure {
        let failure = match failure {
            Failure::Unauthorized if second_try => {
                Failure::Revoked { detail: "the platform refused a fresh token".into() }
            }
            other => other,
        };
        if let Failure::Revoked { .. } = &failure {
            account_refused(self.deps, &load.account, "revoked", self.cid).await;
        }
        failure
    }

    /// Writes down what the request came to, over whatever happened to the delivery meanwhile: proof counts whenever it
    /// arrives, a "no" only while the outcome is open.
    async fn record(
        &self,
        sent: Versioned<Delivery>,
        part: u16,
        outcome: &Result<Receipt, Failure>,
    ) -> Result<Versioned<Delivery>, Error> {
        let fence = sent.value.fence;
        let jitter = self.deps.entropy.below(JITTER_MS);
        let mut current = sent;
        let mut last = Error::Unavailable("the outcome could not be recorded".into());
        for _ in 0..RECORD_TRIES {
            let moved = current.value.outcome(fence, part, outcome, self.now(), jitter)?;
            match self.commit(&current, moved).await {
                Ok(recorded) => return Ok(recorded),
                Err(error) => last = error.into(),
            }
            let d = &current.value;
            match self.deps.ledger.delivery(d.tenant, d.post, d.account).await {
                Ok(Some(reread)) => current = reread,
                Ok(None) => break,
                Err(error) => last = error.into(),
            }
        }
        tracing::error!(post = %current.value.post, "an outcome was not recorded; its lease makes it unknown");
        Err(last)
    }

    fn measure_lateness(&self, sent: &Delivery, part: u16) {
        if part == 0 && sent.attempts == 1 {
            let ms = i64::try_from(self.now().duration_since(sent.due_at).as_millis()).unwrap_or(i64::MAX);
            self.deps.metrics.measure(Measure::Lateness { platform: sent.platform.clone(), ms });
        }
    }

    fn measure_call(&self, sent: &Delivery, left_at: Timestamp) {
        let ms = i64::try_from(self.now().duration_since(left_at).as_millis()).unwrap_or(i64::MAX);
        self.deps.metrics.measure(Measure::PlatformCall { platform: sent.platform.clone(), op: "publish", ms });
    }
}

fn receipts(delivery: &Delivery) -> Vec<Receipt> {
    delivery.parts.iter().map_while(|p| p.receipt.clone()).collect()
}

fn quiet_of(failure: &Failure) -> Option<Timestamp> {
    if let Failure::RateLimited { until } = failure { *until } else { None }
}
