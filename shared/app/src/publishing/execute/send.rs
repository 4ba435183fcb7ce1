//! The part of an execution that touches the platform: prepare, **DISPATCHING made durable**, the one request, outcome.

use super::{JITTER_MS, Step, Worker};
use crate::Error;
use crate::accounts::account_refused;
use crate::publishing::CALL_TIMEOUT_S;
use crate::publishing::load::Load;
use domain::accounts::Account;
use domain::publishing::{Delivery, Failure, Receipt, State, THROTTLE_FLOOR_S, Transition};
use jiff::{SignedDuration, Timestamp};
use ports::{Measure, Prepared, Publish, PublishCall, Published, Versioned};
use secrecy::SecretString;

/// Times an outcome is written again when the store does not take it; after that its lease makes it UNKNOWN.
const RECORD_TRIES: usize = 5;

/// What a claim sends with.
pub(super) struct Means<'a> {
    pub load: &'a Load<dyn Publish>,
    pub token: &'a SecretString,
    /// The account with the version of the pair that the token is of.
    pub seen: &'a Versioned<Account>,
    /// Whether the platform refused an older token in this claim already.
    pub second_try: bool,
}

impl Means<'_> {
    /// A refusal of the token is worth another try with a newer one, once.
    fn tries_again_after(&self, failure: &Failure) -> bool {
        matches!(failure, Failure::Unauthorized) && !self.second_try
    }
}

impl Worker<'_> {
    /// Prepares and sends part after part. `held` is what the store has; `leased` is our claim of it, which is committed
    /// on its own only when something slow comes before DISPATCHING.
    pub(super) async fn send(
        &mut self,
        mut held: Versioned<Delivery>,
        mut leased: Delivery,
        means: &Means<'_>,
    ) -> Result<Step, Error> {
        let publisher: &dyn Publish = &*means.load.connector;
        loop {
            if let Some(until) = self.take(&leased).await? {
                return self.wait_for_quota(&held, &leased, until).await;
            }
            if let Some(instead) = self.prepare(publisher, &mut held, &mut leased, means).await? {
                return Ok(instead);
            }
            // Δ is measured on the store's clock, from its latest answer before the request leaves.
            let base_date = self.deps.ledger.store_now().unwrap_or_else(|| self.now());
            let moved = leased.dispatching(self.owner, base_date, self.now())?;
            let sent = self.commit(&held, moved).await?;
            let State::Dispatching { part, .. } = sent.value.state else { return Ok(Step::Stop(None)) };
            self.measure_lateness(&sent.value, part);
            self.uses_one();
            let before = receipts(&sent.value);
            let left_at = self.now();
            let until = left_at + SignedDuration::from_secs(CALL_TIMEOUT_S);
            let call = PublishCall { until, ..means.load.call(self.deps, &sent.value, means.token, &before) };
            let answer = publisher.publish(&call).await;
            self.deps.platform_called(&sent.value.platform, "publish", left_at);
            let (outcome, quiet) = match answer {
                Ok(Published { receipt, quiet_until }) => {
                    (Ok(located(publisher, PublishCall { now: self.now(), ..call }, receipt).await), quiet_until)
                }
                Err(failure) if means.tries_again_after(&failure) => (Err(failure), None),
                Err(failure) => {
                    let quiet = quiet_of(&failure, self.now());
                    (Err(self.give_up_on_token(failure, means).await), quiet)
                }
            };
            let recorded = self.record(sent, part, &outcome).await?;
            self.heard(&recorded.value, &means.load.levels.take()).await;
            match (&recorded.value.state, outcome) {
                (State::Leased { .. }, _) if quiet.is_none() => {
                    leased = recorded.value.clone();
                    held = recorded;
                }
                (State::Retry { .. }, Err(Failure::Unauthorized)) => {
                    return Ok(Step::Refused(means.seen.value.token.version));
                }
                _ => return Ok(Step::Stop(quiet)),
            }
        }
    }

    /// Prepares the next part, step by step, each kept with the claim. None when it can be sent now; else what this claim
    /// comes to instead.
    async fn prepare(
        &mut self,
        publisher: &dyn Publish,
        held: &mut Versioned<Delivery>,
        leased: &mut Delivery,
        means: &Means<'_>,
    ) -> Result<Option<Step>, Error> {
        loop {
            let before = receipts(leased);
            let call = means.load.call(self.deps, leased, means.token, &before);
            let needed = publisher.needs_preparing(&call);
            if !self.time_left() || (needed && !self.time_to_prepare()) {
                return match &held.value.state {
                    State::Leased { .. } => self.go_on_later(held, leased).await.map(Some),
                    // Nothing of this claim is written down: it is as if nobody had begun.
                    _ => Ok(Some(Step::NoTime)),
                };
            }
            if !needed {
                return Ok(None);
            }
            *held = self.commit(held, Transition { next: leased.clone(), events: Vec::new() }).await?;
            let left_at = self.now();
            let prepared = publisher.prepare(&PublishCall { until: self.prepared_by(), ..call }).await;
            self.deps.platform_called(&held.value.platform, "prepare", left_at);
            self.heard(&held.value, &means.load.levels.take()).await;
            match prepared {
                Ok(Prepared::More(progress)) => {
                    // It is committed with the claim, before the next step or for the next worker.
                    leased.advances(progress);
                    if !self.time_to_prepare() {
                        return self.go_on_later(held, leased).await.map(Some);
                    }
                }
                Ok(Prepared::Ready(progress)) => {
                    leased.progress = progress.or(leased.progress.take());
                    return if self.time_left() { Ok(None) } else { self.go_on_later(held, leased).await.map(Some) };
                }
                Ok(Prepared::Wait { progress, until }) => {
                    let moved = leased.processing(self.owner, Some(progress), until, self.now())?;
                    self.commit(held, moved).await?;
                    return Ok(Some(Step::Stop(None)));
                }
                Err(failure) if means.tries_again_after(&failure) => {
                    self.hold_back(held, leased, &failure, None).await?;
                    return Ok(Some(Step::Refused(means.seen.value.token.version)));
                }
                Err(failure) => {
                    let failure = self.give_up_on_token(failure, means).await;
                    return self.hold_back(held, leased, &failure, quiet_of(&failure, self.now())).await.map(Some);
                }
            }
        }
    }

    /// What was prepared is kept for the next worker: this one could not record what its request came to.
    async fn go_on_later(&self, held: &Versioned<Delivery>, leased: &Delivery) -> Result<Step, Error> {
        let moved = leased.paused(self.owner, self.now())?;
        self.commit(held, moved).await?;
        Ok(Step::Stop(None))
    }

    /// A fresh token that is refused means the person or the platform took the access back.
    async fn give_up_on_token(&self, failure: Failure, means: &Means<'_>) -> Failure {
        let failure = match failure {
            Failure::Unauthorized if means.second_try => {
                Failure::Revoked { detail: "the platform refused a fresh token".into() }
            }
            other => other,
        };
        if let Failure::Revoked { .. } = &failure {
            account_refused(self.deps, means.seen, "revoked", self.cid).await;
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
}

/// The proof with the address where people see it, if the platform tells it in what is left of the request's time. That is
/// before it is written down, once: a worker that dies here leaves a doubt which reading settles.
async fn located(publisher: &dyn Publish, call: PublishCall<'_>, mut receipt: Receipt) -> Receipt {
    if receipt.url.is_none() && receipt.id.is_some() && call.now < call.until {
        receipt.url = publisher.locate(&call, &receipt).await;
    }
    receipt
}

fn receipts(delivery: &Delivery) -> Vec<Receipt> {
    delivery.parts.iter().map_while(|p| p.receipt.clone()).collect()
}

/// How long the account must be left alone: all of its deliveries, not only this one.
fn quiet_of(failure: &Failure, now: Timestamp) -> Option<Timestamp> {
    let Failure::RateLimited { until } = failure else { return None };
    Some(until.unwrap_or(now).max(now + SignedDuration::from_secs(THROTTLE_FLOOR_S)))
}
