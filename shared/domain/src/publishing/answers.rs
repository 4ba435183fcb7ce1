//! The moves of the delivery state machine that follow from an answer: what a request, or what comes before it, came to.

use super::{
    DRAFT, Delivery, Doubt, Failure, MAX_ATTEMPTS, Note, Proof, RETRY_WAITS_S, Receipt, Refused, RetryReason, State,
    THROTTLE_FLOOR_S, Transition,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

impl Delivery {
    /// Something before the request failed, or a gate said no. Nothing left, so nothing is in doubt.
    pub fn held_back(
        &self,
        owner: &str,
        failure: &Failure,
        now: Timestamp,
        jitter_ms: u32,
    ) -> Result<Transition, Refused> {
        self.leased_by(owner)?;
        let mut next = self.clone();
        // Preparing costs no request for the part, but it must end some time: it counts as one try.
        next.attempts += u8::from(!matches!(failure, Failure::RateLimited { .. }));
        let Some(part) = self.next_part() else { return Err(Refused::Wrong("complete")) };
        // What is prepared is this delivery's own, so one of its requests was taken, whatever the platform answered to it. That
        // request is older than this, so that who says "it is not there" waits long enough.
        let base_date = self.base_date.or(Some(now));
        Ok(match failure {
            Failure::Duplicate { existing } => {
                Self { base_date, ..next }.taken_for_duplicate(now, part, existing.as_ref())
            }
            Failure::Taken { detail, kept } => Self { base_date, ..next }.taken(now, part, detail, kept.as_ref()),
            _ => next.refused(failure, now, jitter_ms),
        })
    }

    /// Records what the request for `part` came to. Proof of a commit counts whenever it arrives under this fence (I4);
    /// a definite "no" counts only while the outcome is open.
    pub fn outcome(
        &self,
        fence: u32,
        part: u16,
        outcome: &Result<Receipt, Failure>,
        now: Timestamp,
        jitter_ms: u32,
    ) -> Result<Transition, Refused> {
        if fence != self.fence {
            return Err(Refused::Fenced);
        }
        if self.next_part() != Some(part) {
            return Err(Refused::Wrong(self.state.name()));
        }
        let open = matches!(self.state, State::Dispatching { .. } | State::Unknown { .. });
        let provable = open || matches!(self.state, State::Attention { .. } | State::Retry { .. });
        match outcome {
            Ok(receipt) if provable => Ok(self.clone().confirms(part, receipt.clone(), Proof::Answer, now)),
            // That it will come is as good as proof: nothing else may leave.
            Err(Failure::Taken { detail, kept }) if provable => {
                Ok(self.clone().taken(now, part, detail, kept.as_ref()))
            }
            Err(failure) if open => Ok(self.clone().answered(part, failure, now, jitter_ms)),
            _ => Err(Refused::Wrong(self.state.name())),
        }
    }

    fn answered(self, part: u16, failure: &Failure, now: Timestamp, jitter_ms: u32) -> Transition {
        match failure {
            Failure::Unconfirmed { detail } if matches!(self.state, State::Dispatching { .. }) => {
                self.doubts(now, part, detail.clone())
            }
            // Already in doubt, and nothing new was learnt.
            Failure::Unconfirmed { .. } => Transition { next: self, events: Vec::new() },
            // Only an unanswered request can be what it is a duplicate of; where each was answered with a "no", it is an
            // older post.
            Failure::Duplicate { existing } if self.doubt != Doubt::Clear => {
                self.taken_for_duplicate(now, part, existing.as_ref())
            }
            _ => self.refused(failure, now, jitter_ms),
        }
    }

    /// Refused as a duplicate after a doubt: from now on no reading proves that it is absent. Nor does the platform's word
    /// prove that it is live, even where it names a post: that may be another delivery's, or one that was deleted.
    fn taken_for_duplicate(mut self, now: Timestamp, part: u16, existing: Option<&Receipt>) -> Transition {
        self.doubt = Doubt::Duplicate;
        let named = existing.and_then(|post| post.url.as_deref().or(post.id.as_deref()));
        let named = named.map(|post| format!(" as {post}")).unwrap_or_default();
        self.doubts(now, part, format!("the platform says the content exists already{named}"))
    }

    /// The platform has it, and did not publish it yet. What is read before counts no more.
    fn taken(mut self, now: Timestamp, part: u16, detail: &str, kept: Option<&Value>) -> Transition {
        self.doubt = Doubt::Taken;
        if let Some(kept) = kept {
            self.progress = Some(kept.clone());
        }
        self.note(now, Note::Taken { detail: detail.into() });
        self.looks(now, part)
    }

    /// A definite "not committed".
    fn refused(mut self, failure: &Failure, now: Timestamp, jitter_ms: u32) -> Transition {
        self.note(now, Note::Answered { failure: failure.clone() });
        let jitter = SignedDuration::from_millis(jitter_ms.into());
        match failure {
            Failure::RateLimited { until } => {
                // A throttle is the platform's affair, not this delivery's: it costs neither a claim nor an attempt.
                self.claims = self.claims.saturating_sub(1);
                self.attempts = self.attempts.saturating_sub(u8::from(matches!(self.state, State::Dispatching { .. })));
                let at = until.unwrap_or(now).max(now + SignedDuration::from_secs(THROTTLE_FLOOR_S)) + jitter;
                self.retries(now, at, RetryReason::Throttled)
            }
            Failure::Revoked { .. } => {
                self.claims = self.claims.saturating_sub(1);
                self.parks(now)
            }
            // What was taken does not come here: that is a doubt.
            Failure::Unauthorized | Failure::Unavailable | Failure::Unconfirmed { .. } | Failure::Taken { .. } => {
                if self.attempts >= MAX_ATTEMPTS {
                    return self.gives_up(now, "exhausted", format!("{MAX_ATTEMPTS} tries did not succeed: {failure}"));
                }
                self.claims = self.claims.saturating_sub(1);
                let (wait, reason) = if *failure == Failure::Unauthorized {
                    (SignedDuration::ZERO, RetryReason::Unauthorized)
                } else {
                    (back_off(self.attempts) + jitter, RetryReason::Unavailable)
                };
                self.retries(now, now + wait, reason)
            }
            Failure::Rejected { .. }
            | Failure::Duplicate { .. }
            | Failure::Unsupported { .. }
            | Failure::Misconfigured { .. } => {
                if matches!(failure, Failure::Duplicate { .. }) {
                    // Nothing was in doubt, so it was not this delivery that used its draft up: another try makes another.
                    self.forgets(&[DRAFT]);
                }
                let (code, detail) = (failure.code().to_owned(), failure.to_string());
                self.gives_up(now, &code, detail)
            }
        }
    }
}

/// The wait before the try after `attempts` of them.
fn back_off(attempts: u8) -> SignedDuration {
    let [.., longest] = RETRY_WAITS_S;
    let index = usize::from(attempts.saturating_sub(1));
    SignedDuration::from_secs(RETRY_WAITS_S.get(index).copied().unwrap_or(longest))
}
