//! Sending: one run of one worker over one shard.

use super::record::{Answer, Heard};
use super::{CampaignDeps, Letters, TRIES, advanced, gave_up, store_now};
use crate::Error;
use domain::audience::Exclusion;
use domain::campaigns::{
    Chunk, ChunkKey, Entry, EntryRef, Finding, Reason, Selection, Shard, ShardRef, ShardRefusal, Tally,
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ports::{Mailed, Record, StoreError, Versioned, Write};
use std::collections::VecDeque;

/// Seconds that one chunk may take, from its claim until its outcomes are stored: a worker with less time left claims none.
const CHUNK_S: i64 = 30;
/// Seconds before its end at which a worker begins no request any more.
const ANSWER_S: i64 = 15;
/// Chunks that are read at once.
const AHEAD: u32 = 20;

/// What to do about a shard next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing, ever: everybody of it has come to something.
    Done,
    /// Another run of a worker, at once.
    Now,
    /// Another run from this instant on.
    At(Timestamp),
    /// Another worker has it, until this instant at least.
    Busy(Timestamp),
    /// Nothing until somebody resumes the run; nothing ever if it is cancelled.
    Stopped,
    /// Planning comes first.
    NotPlanned,
}

/// What a run of a worker came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Chunks that it claimed.
    pub chunks: u32,
    /// What came of their recipients.
    pub tally: Tally,
    /// What to do next.
    pub next: Next,
}

/// A worker at its shard.
pub(super) struct Work<'a> {
    pub(super) deps: &'a CampaignDeps,
    pub(super) at: ShardRef,
    pub(super) owner: String,
    /// As this worker last read or wrote it.
    pub(super) shard: Versioned<Shard>,
    /// The chunk in flight, once all of it has come to something; none where there is none, or where it has to be read.
    pub(super) flight: Option<Versioned<Chunk>>,
    /// Chunks behind what is claimed.
    ahead: VecDeque<Versioned<Chunk>>,
    selection: &'a dyn Selection,
    letters: &'a dyn Letters,
    deadline: Timestamp,
    sent: Sent,
}

/// Sends what is planned of a shard until nothing is due, somebody stops it, or `deadline` is near, on this process's clock. What a
/// worker before it left in flight without a word becomes unknown, also where the run is paused or cancelled.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`]: of the last chunk that was claimed it may not be stored what came of it. Another run, after
/// the lease, goes on.
pub async fn send(
    deps: &CampaignDeps,
    at: ShardRef,
    selection: &dyn Selection,
    letters: &dyn Letters,
    deadline: Timestamp,
) -> Result<Sent, Error> {
    let owner = deps.entropy.token();
    let nothing = |next| Sent { chunks: 0, tally: Tally::default(), next };
    for _ in 0..TRIES {
        let shard = deps.ledger.shard(at).await?.ok_or(Error::NotFound("run"))?;
        let now = store_now(deps);
        let mut ahead = VecDeque::new();
        if shard.value.flight.is_none() {
            if let Some(next) = idle(&shard.value, now) {
                return Ok(nothing(next));
            }
            ahead = deps.ledger.chunks(at, Some(shard.value.claimed_up_to()), AHEAD).await?.into();
            let first = ahead.front().and_then(|chunk| chunk.value.key.not_before());
            if let Some(from) = first.filter(|from| *from > now) {
                return Ok(nothing(Next::At(from)));
            }
        }
        let leased = match shard.value.leased(&owner, now) {
            Ok(leased) => leased,
            Err(ShardRefusal::Busy(until)) => return Ok(nothing(Next::Busy(until))),
            Err(refusal) => return Err(refusal.into()),
        };
        match deps.ledger.commit(vec![Write::replace(&shard, Record::RunShard(Box::new(leased.clone())))]).await {
            Ok(_) => {
                let (shard, sent) = (advanced(&shard, leased), nothing(Next::Now));
                let work = Work { deps, at, owner, shard, flight: None, ahead, selection, letters, deadline, sent };
                return work.go_on().await;
            }
            Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => {}
            Err(error @ StoreError::Corrupt(_)) => return Err(error.into()),
        }
    }
    Err(gave_up("the lease of a shard"))
}

/// Why there is nothing to do at a shard of which nothing is in flight, as far as its record tells.
fn idle(shard: &Shard, now: Timestamp) -> Option<Next> {
    if shard.is_finished() {
        return Some(Next::Done);
    }
    match shard.may_claim() {
        Err(ShardRefusal::NotPlanned) => Some(Next::NotPlanned),
        Err(_) => Some(Next::Stopped),
        Ok(()) => shard.quiet_until.filter(|until| *until > now).map(Next::At),
    }
}

/// What a worker decided to do about the shard.
enum Step {
    Claim(Shard, Versioned<Chunk>),
    Release(Shard, Next),
}

impl Work<'_> {
    async fn go_on(mut self) -> Result<Sent, Error> {
        let mut tries = 0;
        while tries < TRIES {
            let (next, chunk, over) = match self.decide().await? {
                Step::Claim(next, chunk) => (next, Some(chunk), Next::Now),
                Step::Release(next, over) => (next, None, over),
            };
            let write = Write::replace(&self.shard, Record::RunShard(Box::new(next.clone())));
            let claimed = match self.deps.ledger.commit(vec![write]).await {
                Ok(_) => {
                    self.shard = advanced(&self.shard, next);
                    true
                }
                Err(StoreError::Corrupt(why)) => return Err(Error::Internal(why)),
                Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => {
                    tries += 1;
                    self.look().await?;
                    if !self.shard.value.is_held_by(&self.owner) {
                        // Let go of it without hearing so, or lost it.
                        let over = if chunk.is_none() { over } else { Next::Now };
                        return Ok(Sent { next: over, ..self.sent });
                    }
                    // Nobody but this worker claims under its lease: it was stored, though that was not heard.
                    chunk
                        .as_ref()
                        .is_some_and(|chunk| self.shard.value.flight.is_some_and(|f| f.key == chunk.value.key))
                }
            };
            match chunk {
                Some(chunk) if claimed => {
                    tries = 0;
                    self.ahead.pop_front();
                    self.sent.chunks += 1;
                    self.flight = None;
                    let answers = self.write_to(&chunk.value).await;
                    let counted = self.record(chunk, answers).await?;
                    self.sent.tally = self.sent.tally.plus(&counted);
                    if !self.shard.value.is_held_by(&self.owner) {
                        return Ok(self.sent);
                    }
                }
                None if claimed => return Ok(Sent { next: over, ..self.sent }),
                _ => {}
            }
        }
        Err(gave_up("a claim"))
    }

    /// Reads the shard again. What is in flight has to be read behind that, too: it may count otherwise now.
    pub(super) async fn look(&mut self) -> Result<(), Error> {
        let mut last = None;
        for _ in 0..TRIES {
            match self.deps.ledger.shard(self.at).await {
                Ok(found) => {
                    self.shard = found.ok_or(Error::NotFound("run"))?;
                    self.flight = None;
                    return Ok(());
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or_else(|| gave_up("a shard"), Error::from))
    }

    async fn decide(&mut self) -> Result<Step, Error> {
        if let (Some(flight), None) = (self.shard.value.flight, &self.flight) {
            self.flight = Some(self.doubt(flight.key).await?);
        }
        let free = match &self.flight {
            Some(chunk) => self.shard.value.counted(&self.owner, &chunk.value)?,
            None => self.shard.value.clone(),
        };
        if let Err(refusal) = free.may_claim() {
            let over = if refusal == ShardRefusal::NotPlanned { Next::NotPlanned } else { Next::Stopped };
            return Ok(Step::Release(free.released(&self.owner)?, over));
        }
        if self.ahead.is_empty() {
            self.ahead = self.deps.ledger.chunks(self.at, Some(free.claimed_up_to()), AHEAD).await?.into();
        }
        let Some(chunk) = self.ahead.front().cloned() else {
            return Ok(Step::Release(free.released(&self.owner)?, Next::Done));
        };
        if self.time_is_over(CHUNK_S) {
            return Ok(Step::Release(free.released(&self.owner)?, Next::Now));
        }
        match free.claimed(&self.owner, &chunk.value, store_now(self.deps)) {
            Ok(next) => Ok(Step::Claim(next, chunk)),
            Err(ShardRefusal::Early(from)) => Ok(Step::Release(free.released(&self.owner)?, Next::At(from))),
            // Read before somebody else claimed it.
            Err(ShardRefusal::Behind) => {
                self.ahead.clear();
                Ok(Step::Release(free.released(&self.owner)?, Next::Now))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Whether so many seconds are not left to this worker.
    fn time_is_over(&self, seconds: i64) -> bool {
        let end = self.deps.clock.now().checked_add(SignedDuration::from_secs(seconds));
        end.is_ok_and(|end| end > self.deadline)
    }

    /// The chunk that is in flight since before this worker came, or since its last word: whoever nobody said anything of is unknown.
    async fn doubt(&self, key: ChunkKey) -> Result<Versioned<Chunk>, Error> {
        for _ in 0..TRIES {
            let chunk = match self.deps.ledger.chunk(self.at, key).await {
                Ok(found) => found.ok_or_else(|| Error::Internal("a chunk that was claimed is not there".into()))?,
                Err(StoreError::Unavailable(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(next) = chunk.value.doubted(store_now(self.deps)) else { return Ok(chunk) };
            match self.deps.ledger.commit(vec![Write::replace(&chunk, Record::Chunk(next.clone()))]).await {
                Ok(_) => return Ok(advanced(&chunk, next)),
                // Its owner, or the provider, said something at last.
                Err(StoreError::Conflict { .. } | StoreError::Unavailable(_)) => {}
                Err(error @ StoreError::Corrupt(_)) => return Err(error.into()),
            }
        }
        Err(gave_up("what was left in flight"))
    }

    /// Writes to everybody of a chunk that is claimed, all at once.
    async fn write_to(&self, chunk: &Chunk) -> Vec<Heard> {
        let planned = chunk.entries.iter().filter(|entry| entry.is_planned());
        join_all(planned.map(|entry| async move {
            Heard { contact: entry.contact, answer: self.write_to_one(chunk.key, entry).await }
        }))
        .await
    }

    async fn write_to_one(&self, key: ChunkKey, entry: &Entry) -> Answer {
        // Read behind the claim: who said no before it is seen to have.
        let contact = match self.deps.audience.contact(self.at.tenant, entry.contact).await {
            Ok(Some(found)) => found.value,
            Ok(None) => return Answer::Found(Finding::skipped(Reason::May(Exclusion::Erased))),
            Err(_) => return Answer::NotNow(None),
        };
        if let Err(reason) = self.selection.still(&contact, store_now(self.deps)) {
            return Answer::Found(Finding::skipped(reason));
        }
        let to = EntryRef { at: self.at, key, contact: entry.contact };
        let mail = match self.letters.letter(&contact, entry.variant, &to) {
            Ok(mail) => mail,
            Err(reason) => return Answer::Found(Finding::skipped(reason)),
        };
        // Whoever slept until now would hear no answer.
        if self.time_is_over(ANSWER_S) {
            return Answer::NotNow(None);
        }
        match self.deps.mailer.send(&mail).await {
            Mailed::Accepted { id } => Answer::Found(Finding::accepted(id)),
            Mailed::Rejected { code, .. } => Answer::Found(Finding::rejected(code)),
            Mailed::NotNow { retry_after_s } => Answer::NotNow(retry_after_s.map(i64::from)),
            Mailed::Unknown { detail } => {
                tracing::warn!(run = %self.at.run, detail, "nobody can tell whether a mail was taken");
                Answer::Found(Finding::unknown(store_now(self.deps)))
            }
        }
    }

    /// Forgets what was read ahead: another chunk may come first now.
    pub(super) fn forget_ahead(&mut self) {
        self.ahead.clear();
    }
}
