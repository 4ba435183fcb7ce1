//! The moves of the delivery state machine. Each takes what it needs to know and answers with the whole next delivery,
//! or why the move is refused; the store then accepts it only if nobody else moved first (compare-and-set on `rev`).

use super::{
    Delivery, Doubt, Entry, FIRST_READ_S, Failure, LEASE_S, MAX_ATTEMPTS, MAX_CLAIMS, MAX_TIMELINE, Note, Proof,
    RETRY_WAITS_S, Receipt, State, THROTTLE_FLOOR_S, Wake,
};
use crate::events::EventData;
use jiff::{SignedDuration, Timestamp};

/// How much before its time a wake-up still counts as on time: clocks of two functions differ by this much.
pub const EARLY: SignedDuration = SignedDuration::from_millis(500);

/// A permitted move: the only thing that can be committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The delivery after the move.
    pub next: Delivery,
    /// What the world is told, in the same commit.
    pub events: Vec<EventData>,
}

/// Why a move is not permitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Somebody else holds it, or it is not in the state the move starts from.
    #[error("the delivery is {0}")]
    Wrong(&'static str),
    /// The outcome belongs to an older claim.
    #[error("the outcome belongs to an older claim")]
    Fenced,
    /// Something has left already; it cannot be called off.
    #[error("it is too late: the delivery is {0}")]
    TooLate(&'static str),
    /// The last outcome is unknown; sending again needs the person's word that it is not live.
    #[error("the outcome is unknown")]
    OutcomeUnknown,
    /// The person answers a question that is not open (any more).
    #[error("this is not the question that is open now")]
    OtherQuestion,
    /// "It is not there" proves nothing yet: until then a request that left may still take effect.
    #[error("a request that left may still take effect until {0}")]
    NotSettled(Timestamp),
}

/// What a wake-up finds to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Wakened {
    /// Work on this claim.
    Claimed(Transition),
    /// Nothing is sent; commit this and stop.
    Ended(Transition),
    /// It waits for its account: look whether that was connected again ([`Delivery::unparked`]), or go on waiting
    /// ([`Delivery::still_parked`]).
    Parked,
    /// Nothing to do: not yet, held by another, waiting for a person, or over.
    Idle(&'static str),
}

impl Delivery {
    pub(super) fn note(&mut self, at: Timestamp, note: Note) {
        if self.timeline.len() >= MAX_TIMELINE {
            // The first entry tells when it was accepted; keep it.
            self.timeline.remove(1);
        }
        self.timeline.push(Entry { at, note });
    }

    pub(super) fn wake_at(&mut self, at: Timestamp, now: Timestamp) {
        self.wake = Some(Wake { at, set_at: now, sent: false });
    }

    pub(super) fn to(mut self, state: State, events: Vec<EventData>) -> Transition {
        if state.is_terminal() || matches!(state, State::Attention { .. }) {
            self.wake = None;
        }
        if state.is_terminal() {
            self.progress = None;
        }
        self.state = state;
        Transition { next: self, events }
    }

    /// Ends it without success. Where an earlier request may have been taken after all, that is for a person to say.
    pub(super) fn gives_up(mut self, now: Timestamp, code: &str, detail: String) -> Transition {
        if let (true, Some(part)) = (self.doubt.stands(), self.next_part()) {
            return self.asks_people(
                now,
                part,
                format!("{detail}; an earlier request may have been taken all the same"),
            );
        }
        self.note(now, Note::GaveUp { code: code.into() });
        let (code, at) = (code.to_owned(), now);
        let state =
            if self.any_live() { State::Partial { at, code, detail } } else { State::Failed { at, code, detail } };
        let mut moved = self.to(state, Vec::new());
        moved.events = vec![EventData::post_failed(&moved.next)];
        moved
    }

    pub(super) fn misses(mut self, now: Timestamp) -> Transition {
        self.note(now, Note::Missed);
        let mut moved = self.to(State::Missed { at: now }, Vec::new());
        moved.events = vec![EventData::post_missed(&moved.next)];
        moved
    }

    fn doubts(mut self, now: Timestamp, part: u16, detail: String) -> Transition {
        self.note(now, Note::OutcomeUnknown { detail });
        self.wake_at(now + SignedDuration::from_secs(FIRST_READ_S), now);
        self.to(State::Unknown { part, since: now, neg_reads: 0, last_neg_at: None }, Vec::new())
    }

    pub(super) fn retries(mut self, now: Timestamp, at: Timestamp, reason: &str) -> Transition {
        if at > self.horizon() {
            return self.gives_up(now, "exhausted", format!("still {reason} when its time was over"));
        }
        self.note(now, Note::WaitsUntil { until: at });
        self.wake_at(at, now);
        self.to(State::Retry { reason: reason.into() }, Vec::new())
    }

    /// What a wake-up (a queue message, early, late or double) finds. `owner` is the token of the worker asking.
    pub fn wakened(&self, owner: &str, now: Timestamp) -> Wakened {
        let due = self.wake.is_some_and(|w| w.at <= now + EARLY);
        let mut next = self.clone();
        match &self.state {
            State::Scheduled | State::Queued | State::Retry { .. } | State::Processing if !due => {
                return Wakened::Idle("not yet");
            }
            State::Scheduled | State::Queued | State::Retry { .. } | State::Processing => {}
            State::Leased { lease_until, .. } if *lease_until < now => next.note(now, Note::Reclaimed),
            State::Dispatching { part, lease_until, .. } if *lease_until < now => {
                let part = *part;
                return Wakened::Ended(next.doubts(now, part, "the worker vanished while the request was out".into()));
            }
            State::Leased { .. } | State::Dispatching { .. } => return Wakened::Idle("held by another worker"),
            State::Unknown { .. } => return Wakened::Idle("being reconciled"),
            State::BlockedAuth { .. } if now > self.parked_until() => return Wakened::Ended(next.parked_out(now)),
            State::BlockedAuth { .. } if due => return Wakened::Parked,
            State::Attention { .. } | State::BlockedAuth { .. } => return Wakened::Idle("waiting for a person"),
            _ => return Wakened::Idle("over"),
        }
        if !self.started && now > self.latest_start() {
            return Wakened::Ended(next.misses(now));
        }
        if self.claims >= MAX_CLAIMS {
            return Wakened::Ended(self.poisoned(now));
        }
        if now > self.horizon() {
            return Wakened::Ended(next.gives_up(now, "exhausted", "its time was over before it could be sent".into()));
        }
        next.started = true;
        next.claims += 1;
        next.fence += 1;
        next.note(now, Note::Claimed);
        let lease_until = now + SignedDuration::from_secs(LEASE_S);
        Wakened::Claimed(next.to(State::Leased { owner: owner.into(), lease_until }, Vec::new()))
    }

    /// Workers take it and none comes back: whatever it does to them, it ends.
    pub fn poisoned(&self, now: Timestamp) -> Transition {
        self.clone().gives_up(now, "poison", format!("{MAX_CLAIMS} workers took it and none came back"))
    }

    fn leased_by(&self, owner: &str) -> Result<(), Refused> {
        match &self.state {
            State::Leased { owner: o, .. } if o == owner => Ok(()),
            other => Err(Refused::Wrong(other.name())),
        }
    }

    /// The point of no return, committed before the request for the next part leaves. `base_date` is the store's clock
    /// at the latest answer before this.
    pub fn dispatching(&self, owner: &str, base_date: Timestamp, now: Timestamp) -> Result<Transition, Refused> {
        self.leased_by(owner)?;
        let Some(part) = self.next_part() else { return Err(Refused::Wrong("complete")) };
        let mut next = self.clone();
        if self.attempts >= MAX_ATTEMPTS {
            return Ok(next.gives_up(now, "exhausted", format!("{MAX_ATTEMPTS} tries did not succeed")));
        }
        next.attempts += 1;
        next.base_date = Some(base_date);
        next.note(now, Note::Sent { part, attempt: next.attempts });
        let lease_until = now + SignedDuration::from_secs(LEASE_S);
        Ok(next.to(State::Dispatching { part, owner: owner.into(), lease_until }, Vec::new()))
    }

    /// The part cannot be published yet, because the platform or the worker needs more time (nothing irreversible
    /// happened): go on from `progress` at `at`.
    pub fn processing(
        &self,
        owner: &str,
        progress: Option<serde_json::Value>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        self.leased_by(owner)?;
        let mut next = self.clone();
        next.progress = progress;
        next.claims = next.claims.saturating_sub(1);
        next.note(now, Note::Prepared);
        if at > next.horizon() {
            return Ok(next.gives_up(
                now,
                "exhausted",
                "the platform was still processing when its time was over".into(),
            ));
        }
        next.wake_at(at, now);
        Ok(next.to(State::Processing, Vec::new()))
    }

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
        Ok(next.refused(failure, now, jitter_ms))
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
            Failure::Duplicate { existing } if self.doubt != Doubt::Clear => match existing {
                Some(receipt) => self.confirms(part, receipt.clone(), Proof::Duplicate, now),
                None => self.taken_for_duplicate(now, part),
            },
            _ => self.refused(failure, now, jitter_ms),
        }
    }

    /// Refused as a duplicate after a doubt: from now on no reading proves that it is absent.
    fn taken_for_duplicate(mut self, now: Timestamp, part: u16) -> Transition {
        self.doubt = Doubt::Duplicate;
        self.doubts(now, part, "the platform says the content exists already".into())
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
                self.retries(now, at, "throttled")
            }
            Failure::Revoked { .. } => {
                self.claims = self.claims.saturating_sub(1);
                self.parks(now)
            }
            Failure::Unauthorized | Failure::Unavailable | Failure::Unconfirmed { .. } => {
                if self.attempts >= MAX_ATTEMPTS {
                    return self.gives_up(now, "exhausted", format!("{MAX_ATTEMPTS} tries did not succeed: {failure}"));
                }
                self.claims = self.claims.saturating_sub(1);
                let wait = if *failure == Failure::Unauthorized {
                    SignedDuration::ZERO
                } else {
                    back_off(self.attempts) + jitter
                };
                self.retries(now, now + wait, failure.code())
            }
            Failure::Rejected { .. }
            | Failure::Duplicate { .. }
            | Failure::Unsupported { .. }
            | Failure::Misconfigured { .. } => {
                let (code, detail) = (failure.code().to_owned(), failure.to_string());
                self.gives_up(now, &code, detail)
            }
        }
    }

    pub(super) fn confirms(mut self, part: u16, receipt: Receipt, by: Proof, now: Timestamp) -> Transition {
        if let Some(record) = self.parts.get_mut(usize::from(part)) {
            record.receipt = Some(receipt);
        }
        self.note(now, Note::Confirmed { part, by });
        self.attempts = 0;
        self.claims = 0;
        self.doubt = Doubt::Clear;
        self.base_date = None;
        if self.next_part().is_none() {
            let mut moved = self.to(State::Published { at: now }, Vec::new());
            moved.events = vec![EventData::post_published(&moved.next)];
            return moved;
        }
        match self.state.clone() {
            // The worker that sent this part goes on with the next one under the same claim.
            State::Dispatching { owner, .. } => {
                let lease_until = now + SignedDuration::from_secs(LEASE_S);
                self.to(State::Leased { owner, lease_until }, Vec::new())
            }
            _ => self.retries(now, now, "resuming the thread"),
        }
    }

    pub(super) fn asks_people(mut self, now: Timestamp, part: u16, reason: String) -> Transition {
        self.note(now, Note::AskedPeople { reason: reason.clone() });
        let mut moved = self.to(State::Attention { part, reason, since: now }, Vec::new());
        moved.events = vec![EventData::post_outcome_unknown(&moved.next)];
        moved
    }

    pub(super) fn not_there(mut self, now: Timestamp, neg_reads: u8, at: Timestamp) -> Transition {
        let State::Unknown { part, since, .. } = self.state else {
            return Transition { next: self, events: Vec::new() };
        };
        self.note(now, Note::NotThere { reads: neg_reads });
        self.wake_at(at, now);
        self.to(State::Unknown { part, since, neg_reads, last_neg_at: Some(now) }, Vec::new())
    }

    pub(super) fn reads_again(mut self, now: Timestamp, at: Timestamp) -> Transition {
        self.wake_at(at, now);
        let state = self.state.clone();
        self.to(state, Vec::new())
    }

    pub(super) fn proved_absent(mut self, now: Timestamp) -> Transition {
        self.doubt = Doubt::Unseen;
        self.retries(now, now, "proved not to be live")
    }
}

/// The wait before the try after `attempts` of them.
fn back_off(attempts: u8) -> SignedDuration {
    let [.., longest] = RETRY_WAITS_S;
    let index = usize::from(attempts.saturating_sub(1));
    SignedDuration::from_secs(RETRY_WAITS_S.get(index).copied().unwrap_or(longest))
}
