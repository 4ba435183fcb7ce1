//! The moves that people make: answering a doubt, asking for another try, calling off, editing, deleting, reconnecting.

use super::{Clearance, Delivery, Doubt, Note, PartRecord, Proof, Receipt, Refused, RetryReason, State, Transition};
use crate::DeliveryId;
use crate::events::EventData;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Seconds between two looks of a parked delivery at its account.
pub const PARKED_LOOK_S: i64 = 600;

/// One doubt: whether the request that left under this claim for this part is live. An answer names it, so that a late
/// answer cannot hit a doubt that came after it, about another request or another part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Question {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Index of the part.
    pub part: u16,
    /// The claim under which the request left; a claim sends each part at most once.
    pub fence: u32,
}

/// A text that is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a question like dlv_0198….0.3, as the delivery shows it")]
pub struct BadQuestion;

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.delivery, self.part, self.fence)
    }
}

impl FromStr for Question {
    type Err = BadQuestion;
    fn from_str(text: &str) -> Result<Self, BadQuestion> {
        let mut pieces = text.split('.');
        let (Some(delivery), Some(part), Some(fence), None) =
            (pieces.next(), pieces.next(), pieces.next(), pieces.next())
        else {
            return Err(BadQuestion);
        };
        let question = Self {
            delivery: delivery.parse().map_err(|_| BadQuestion)?,
            part: part.parse().map_err(|_| BadQuestion)?,
            fence: fence.parse().map_err(|_| BadQuestion)?,
        };
        // One spelling per question: "+3" and "03" are numbers, too.
        if question.to_string() == text { Ok(question) } else { Err(BadQuestion) }
    }
}

impl TryFrom<String> for Question {
    type Error = BadQuestion;
    fn try_from(text: String) -> Result<Self, BadQuestion> {
        text.parse()
    }
}

impl From<Question> for String {
    fn from(question: Question) -> String {
        question.to_string()
    }
}

impl Delivery {
    /// What a person is asked, while the outcome is open.
    pub fn question(&self) -> Option<Question> {
        let (State::Attention { part, .. } | State::Unknown { part, .. }) = self.state else { return None };
        Some(Question { delivery: self.id, part, fence: self.fence })
    }

    /// A person's answer to ATTENTION (or to an unknown outcome they looked up themselves): the post they saw, as far as
    /// they named it ([`Receipt::NAMELESS`] if not), or none. `store_now` is the store's clock: "it is not there" counts
    /// only when nothing that left can still take effect.
    pub fn decided(
        &self,
        answered: Question,
        seen: Option<Receipt>,
        store_now: Timestamp,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        let Some(question) = self.question() else { return Err(Refused::Wrong(self.state.name())) };
        if question != answered {
            return Err(Refused::OtherQuestion);
        }
        let mut next = self.clone();
        next.note(now, Note::Decided { live: seen.is_some() });
        if let Some(receipt) = seen {
            // Lateness and horizon of what is left, if anything is, are measured from this answer.
            if usize::from(question.part) + 1 < next.parts.len() {
                next.due_at = now;
            }
            return Ok(next.confirms(question.part, receipt, Proof::Person, now));
        }
        match self.settles_at() {
            Some(settled) if store_now > settled => {
                // They cannot see what will be published after they looked. Where earlier requests have names, one may have been taken,
                // and the platform is asked of them before anything leaves.
                let may_be_taken = next.doubt == Doubt::Taken || next.has_former();
                next.doubt = if may_be_taken { Doubt::Taken } else { Doubt::Denied };
                Ok(next.restarts(now))
            }
            settled => Err(Refused::NotSettled(settled.unwrap_or(now))),
        }
    }

    /// A person asks for another try of what ended without success. `not_live` are the doubts of which they say that they
    /// looked, and the post is not on the platform.
    pub fn retry_asked(
        &self,
        not_live: &[Question],
        store_now: Timestamp,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        if self.amendment.as_ref().is_some_and(|latest| latest.is_leaving(store_now)) {
            return Err(Refused::Wrong("being changed"));
        }
        if let Some(question) = self.question() {
            let confirmed = not_live.contains(&question);
            return if confirmed { self.decided(question, None, store_now, now) } else { Err(Refused::OutcomeUnknown) };
        }
        let (State::Failed { .. } | State::Partial { .. } | State::Missed { .. }) = self.state else {
            return Err(Refused::Wrong(self.state.name()));
        };
        // What is left of it would answer what is gone.
        if self.removed_at.is_some() || self.parts_gone().0 > 0 {
            return Err(Refused::Removed);
        }
        // What was missed would leave at another time, and that was approved by nobody.
        let another_time = matches!(self.state, State::Missed { .. }) && self.clearance != Clearance::Free;
        if another_time || !self.is_cleared() {
            return Err(Refused::NotApproved);
        }
        let mut next = self.clone();
        next.note(now, Note::RetryAsked);
        Ok(next.restarts(now))
    }

    fn restarts(mut self, now: Timestamp) -> Transition {
        self.attempts = 0;
        self.claims = 0;
        // What was prepared for a request that nobody saw an answer to may be used up by it: it is prepared anew.
        self.keeps_former();
        // The person chose this moment: lateness and horizon are measured from it.
        self.due_at = now;
        // What follows in a thread keeps its distance all the same.
        let wait = self.next_part().map_or(0, |part| self.wait_for(part));
        let mut confirmed = self.timeline.iter().rev().filter(|entry| matches!(entry.note, Note::Confirmed { .. }));
        let next = confirmed.next().map_or(now, |entry| entry.at + SignedDuration::from_secs(wait.into()));
        self.retries(now, next.max(now), RetryReason::Asked)
    }

    /// Calls off what has not left, while nothing is on its way. Where a part is live already, it ends half-way. Repeating it is
    /// harmless.
    pub fn canceled(&self, now: Timestamp) -> Result<Transition, Refused> {
        match self.state {
            // The platform has it, and may publish it yet.
            _ if self.doubt == Doubt::Taken && !self.state.is_terminal() => return Err(Refused::TooLate("taken")),
            State::Scheduled
            | State::Queued
            | State::Retry { .. }
            | State::Processing
            | State::BlockedAuth { .. }
            | State::Leased { .. } => {}
            State::Canceled { .. } => return Ok(Transition { next: self.clone(), events: Vec::new() }),
            _ => return Err(Refused::TooLate(self.state.name())),
        }
        let mut next = self.clone();
        next.note(now, Note::Canceled);
        if next.any_live() {
            return Ok(next.gives_up(now, "canceled", "what had not left was called off".into()));
        }
        let mut moved = next.to(State::Canceled { at: now }, Vec::new());
        moved.events = vec![EventData::post_canceled(&moved.next)];
        Ok(moved)
    }

    /// New content or time, as long as it only waits. What was approved was something else: it awaits its approval again.
    pub fn edited(
        &self,
        due_at: Timestamp,
        parts: usize,
        content_hash: String,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        if self.state != State::Scheduled {
            return Err(Refused::TooLate(self.state.name()));
        }
        let mut next = self.clone();
        next.due_at = due_at;
        next.content_hash = content_hash;
        next.parts = vec![PartRecord::default(); parts];
        next.note(now, Note::Edited);
        next.wake_at(due_at, now);
        if next.clearance != Clearance::Free {
            next = next.awaiting(now);
        }
        Ok(next.to(State::Scheduled, Vec::new()))
    }

    /// These of its parts were taken off the platform at its author's wish; what was said stays on record.
    ///
    /// # Errors
    /// None of these was live, or something is under way.
    pub fn removed(&self, parts: &[usize], now: Timestamp) -> Result<Transition, Refused> {
        let mut next = self.clone();
        let mut any = false;
        for (_, record) in next.parts.iter_mut().enumerate().filter(|(part, _)| parts.contains(part)) {
            if record.receipt.is_some() {
                record.removed_at.get_or_insert(now);
                any = true;
            }
        }
        if !any || !self.state.is_terminal() {
            return Err(Refused::Wrong(self.state.name()));
        }
        let (gone, of) = next.parts_gone();
        if gone == of {
            next.removed_at = Some(now);
            next.note(now, Note::Removed);
        } else {
            next.note(now, Note::RemovedInPart { gone, of });
        }
        Ok(Transition { next, events: Vec::new() })
    }

    /// Its account was connected again.
    pub fn unparked(&self, now: Timestamp) -> Result<Transition, Refused> {
        let State::BlockedAuth { .. } = self.state else { return Err(Refused::Wrong(self.state.name())) };
        let mut next = self.clone();
        if now > self.parked_until() {
            return Ok(next.parked_out(now));
        }
        next.note(now, Note::Unparked);
        Ok(next.retries(now, now, RetryReason::Reconnected))
    }

    /// Waits for a person to connect its account again.
    pub(super) fn parks(mut self, now: Timestamp) -> Transition {
        self.note(now, Note::Parked);
        self.wake_at(self.next_look(now), now);
        self.to(State::BlockedAuth { since: now }, Vec::new())
    }

    /// It was looked, and the account still waits for its person.
    pub fn still_parked(&self, now: Timestamp) -> Result<Transition, Refused> {
        let State::BlockedAuth { .. } = self.state else { return Err(Refused::Wrong(self.state.name())) };
        let mut next = self.clone();
        next.wake_at(self.next_look(now), now);
        Ok(Transition { next, events: Vec::new() })
    }

    /// Whoever connects the account sets its parked deliveries going; one that was being parked at that moment is not
    /// seen, so it looks by itself from time to time.
    fn next_look(&self, now: Timestamp) -> Timestamp {
        let last = self.parked_until() + SignedDuration::from_secs(1);
        (now + SignedDuration::from_secs(PARKED_LOOK_S)).min(last.max(now))
    }

    /// How long it waits for its account (I2): as long as it may start late or, when part of a thread is live, as long as
    /// any delivery may take.
    pub fn parked_until(&self) -> Timestamp {
        if self.any_live() { self.horizon() } else { self.latest_start() }
    }

    /// Nobody connected the account in time.
    pub(super) fn parked_out(self, now: Timestamp) -> Transition {
        if self.any_live() || self.doubt.stands() {
            return self.gives_up(now, "account_needs_reauth", "the account was not connected again in time".into());
        }
        self.misses(now)
    }
}
