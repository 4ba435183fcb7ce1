//! The moves of the delivery state machine. Each takes what it needs to know and answers with the whole next delivery,
//! or why the move is refused; the store then accepts it only if nobody else moved first (compare-and-set on `rev`).

use super::{
    Delivery, Doubt, Entry, FIRST_READ_S, LEASE_S, MAX_ATTEMPTS, MAX_CLAIMS, MAX_TIMELINE, Note, Proof, Receipt,
    RetryReason, State, Wake,
};
use crate::events::EventData;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// How much before its time a wake-up still counts as on time: clocks of two functions differ by this much.
pub const EARLY: SignedDuration = SignedDuration::from_millis(500);

/// The member of [`Delivery::progress`] that outlasts every end but success: what a connector keeps there of requests that may still
/// take effect, whatever people say. It is of one part, and ends with the proof of it.
pub const FORMER: &str = "former";

/// The member of [`Delivery::progress`] that outlasts the same ends, and tells of no request: what a connector made that nobody sees
/// until its request for the part publishes it. Another try publishes this one, as long as it says what the content says.
pub const DRAFT: &str = "draft";

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
    /// It leaves only when it is approved, and it is not; or it was, for a time that has passed.
    #[error("it is not approved")]
    NotApproved,
    /// It was taken off the platform at its author's wish.
    #[error("it was deleted there")]
    Removed,
    /// Its time is over.
    #[error("its time is over: it could start no more")]
    TimeOver,
    /// The answer is about a content or time that the post has no more.
    #[error("the post was changed since")]
    OtherContent,
    /// The approval does not stand where the step starts from.
    #[error("the approval is {0}")]
    Stands(&'static str),
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

    /// Of what its connector kept, only the names of earlier requests stay, for what comes next asks the platform of them first, and the
    /// draft.
    pub(super) fn keeps_former(&mut self) {
        let mut kept = self.progress.take().unwrap_or_default();
        let stays = [FORMER, DRAFT].into_iter().filter_map(|name| Some((name.to_owned(), kept.get_mut(name)?.take())));
        self.progress = Some(stays.collect::<Map<_, _>>()).filter(|kept| !kept.is_empty()).map(Value::Object);
    }

    /// These members of what its connector kept are of no use any more.
    pub(super) fn forgets(&mut self, names: &[&str]) {
        let Some(Value::Object(kept)) = &mut self.progress else { return };
        kept.retain(|name, _| !names.contains(&name.as_str()));
        if kept.is_empty() {
            self.progress = None;
        }
    }

    /// Whether its connector kept names of earlier requests.
    pub(super) fn has_former(&self) -> bool {
        let former = self.progress.as_ref().and_then(|kept| kept.get(FORMER));
        former.and_then(Value::as_array).is_some_and(|names| !names.is_empty())
    }

    pub(super) fn to(mut self, state: State, events: Vec<EventData>) -> Transition {
        if state.is_terminal() || matches!(state, State::Attention { .. }) {
            self.wake = None;
        }
        match state {
            State::Published { .. } => self.progress = None,
            _ if state.is_terminal() => self.keeps_former(),
            _ => {}
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

    pub(super) fn doubts(mut self, now: Timestamp, part: u16, detail: String) -> Transition {
        self.note(now, Note::OutcomeUnknown { detail });
        self.looks(now, part)
    }

    /// Nothing more leaves for this part until reading, or a person, says what became of it.
    pub(super) fn looks(mut self, now: Timestamp, part: u16) -> Transition {
        self.wake_at(now + SignedDuration::from_secs(FIRST_READ_S), now);
        self.to(
            State::Unknown { part, since: now, neg_reads: 0, last_neg_at: None, resembled: false, never: false },
            Vec::new(),
        )
    }

    pub(super) fn retries(mut self, now: Timestamp, at: Timestamp, reason: RetryReason) -> Transition {
        if at > self.horizon() {
            return self.gives_up(now, "exhausted", format!("still {reason} when its time was over"));
        }
        self.note(now, Note::WaitsUntil { until: at });
        self.wake_at(at, now);
        self.to(State::Retry { reason }, Vec::new())
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
        if !self.is_cleared() {
            return Wakened::Idle("waiting for an approval");
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

    pub(super) fn leased_by(&self, owner: &str) -> Result<(), Refused> {
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
        if !self.is_cleared() {
            return Err(Refused::NotApproved);
        }
        let mut next = self.clone();
        if self.attempts >= MAX_ATTEMPTS {
            return Ok(next.gives_up(now, "exhausted", format!("{MAX_ATTEMPTS} tries did not succeed")));
        }
        next.attempts += 1;
        next.base_date = Some(base_date);
        next.has_asked();
        next.note(now, Note::Sent { part, attempt: next.attempts });
        let lease_until = now + SignedDuration::from_secs(LEASE_S);
        Ok(next.to(State::Dispatching { part, owner: owner.into(), lease_until }, Vec::new()))
    }

    /// The part cannot be published yet, because the platform needs more time (nothing irreversible happened): go on from
    /// `progress` at `at`.
    pub fn processing(
        &self,
        owner: &str,
        progress: Option<Value>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        self.leased_by(owner)?;
        let mut next = self.clone();
        next.progress = progress;
        // The platform answered: what failed before is no longer counted.
        next.attempts = 0;
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

    /// More of it is prepared, and kept by the next commit. What failed before that is no longer counted: the horizon ends what
    /// never comes to an end.
    pub fn advances(&mut self, progress: Value) {
        if self.progress.as_ref() != Some(&progress) {
            self.attempts = 0;
        }
        self.progress = Some(progress);
        self.has_asked();
    }

    /// Its connector has gone on: it has asked the platform of all that was taken before, and none of that will be published.
    fn has_asked(&mut self) {
        if self.doubt == Doubt::Taken {
            self.doubt = Doubt::Denied;
        }
    }

    /// Its worker's time is nearly over and not everything is prepared: the next one goes on from what is kept, at once.
    pub fn paused(&self, owner: &str, now: Timestamp) -> Result<Transition, Refused> {
        self.leased_by(owner)?;
        let mut next = self.clone();
        next.claims = next.claims.saturating_sub(1);
        next.note(now, Note::Paused);
        next.wake_at(now, now);
        Ok(next.to(State::Processing, Vec::new()))
    }

    /// Nothing is wrong; what it needs is in use until `at`.
    pub fn postponed(
        &self,
        owner: &str,
        at: Timestamp,
        reason: RetryReason,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        self.leased_by(owner)?;
        let mut next = self.clone();
        next.claims = next.claims.saturating_sub(1);
        Ok(next.retries(now, at, reason))
    }

    /// A quota of its platform is used up until `until`: nothing left, and nothing is wrong. It costs neither a claim nor an
    /// attempt, and never more than its time: what was not tried yet is missed when its latest start has passed, all else is looked
    /// at once more at its horizon.
    pub fn waits_for_quota(&self, owner: &str, until: Timestamp, now: Timestamp) -> Result<Transition, Refused> {
        let untouched = self.progress.is_none() && !self.any_live();
        let untried = untouched && self.attempts == 0 && self.doubt == Doubt::Clear;
        let last = if untried { self.latest_start() + SignedDuration::from_secs(1) } else { self.horizon() };
        let mut waits = self.clone();
        waits.started &= !untried;
        waits.postponed(owner, until.min(last), RetryReason::Throttled, now)
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
        // The next part has requests and drafts of its own.
        self.forgets(&[FORMER, DRAFT]);
        if self.next_part().is_none() {
            let mut moved = self.to(State::Published { at: now }, Vec::new());
            moved.events = vec![EventData::post_published(&moved.next)];
            return moved;
        }
        let wait = self.next_part().map_or(0, |part| self.wait_for(part));
        match self.state.clone() {
            // The worker that sent this part goes on with the next one under the same claim.
            State::Dispatching { owner, .. } if wait == 0 => {
                let lease_until = now + SignedDuration::from_secs(LEASE_S);
                self.to(State::Leased { owner, lease_until }, Vec::new())
            }
            _ => self.retries(now, now + SignedDuration::from_secs(wait.into()), RetryReason::Resuming),
        }
    }

    pub(super) fn asks_people(mut self, now: Timestamp, part: u16, reason: String) -> Transition {
        self.note(now, Note::AskedPeople { reason: reason.clone() });
        let mut moved = self.to(State::Attention { part, reason, since: now }, Vec::new());
        moved.events = vec![EventData::post_outcome_unknown(&moved.next)];
        moved
    }

    /// A listing without it, which counts; the next one is made at `at`.
    pub(super) fn not_there(mut self, now: Timestamp, neg_reads: u8, at: Timestamp) -> Transition {
        let State::Unknown { part, since, resembled, never, .. } = self.state else {
            return Transition { next: self, events: Vec::new() };
        };
        self.note(now, Note::NotThere { reads: neg_reads });
        self.wake_at(at, now);
        self.to(State::Unknown { part, since, neg_reads, last_neg_at: Some(now), resembled, never }, Vec::new())
    }

    pub(super) fn reads_again(mut self, now: Timestamp, at: Timestamp) -> Transition {
        self.wake_at(at, now);
        let state = self.state.clone();
        self.to(state, Vec::new())
    }

    pub(super) fn proved_absent(mut self, now: Timestamp) -> Transition {
        self.doubt = Doubt::Unseen;
        self.retries(now, now, RetryReason::Absent)
    }
}
