//! The record of a shard: who may claim, what is claimed, how far it is planned, and what came of it.

use super::{Chunk, ChunkKey, EntryState, MOST_QUIET_S, QUIET_S, SHARD_LEASE_S, ShardRef, Tally};
use crate::ContactId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What people want of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Go on.
    #[default]
    Run,
    /// Claim nothing until somebody says to go on.
    Paused,
    /// Claim nothing any more.
    Cancelled,
}

/// Who works on a shard. It keeps two from doing the same work; that nobody is written to twice rests on revisions alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardLease {
    /// The worker's token.
    pub by: String,
    /// Until when others leave the shard to it, on the store's clock.
    pub until: Timestamp,
}

/// A chunk that is claimed and not yet counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// Which.
    pub key: ChunkKey,
    /// Its recipients.
    pub n: u32,
    /// Under which fence it was claimed.
    pub fence: u64,
}

/// One shard of a run. See the module for what it guards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which.
    pub at: ShardRef,
    /// What people want.
    #[serde(default, skip_serializing_if = "is_run")]
    pub control: Control,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<ShardLease>,
    /// Grows with every worker that takes the shard.
    #[serde(default)]
    pub fence: u64,
    /// The last contact that was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ContactId>,
    /// Whether there is nobody behind that.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub planned: bool,
    /// The next chunk's number.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub seq: u32,
    /// How many the campaign is meant for, as far as it is planned.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub audience: u32,
    /// Up to which chunk everything was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<ChunkKey>,
    /// The chunk that is claimed and not yet counted: the last that was claimed, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight: Option<Flight>,
    /// Until when the provider wants no requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<Timestamp>,
    /// What came of those who are not pending and not in flight.
    #[serde(default)]
    pub tally: Tally,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_run(control: &Control) -> bool {
    *control == Control::Run
}

/// Why a move of a shard is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShardRefusal {
    /// Another worker is at it.
    #[error("another worker has the shard until {0}")]
    Busy(Timestamp),
    /// The shard is not this worker's any more.
    #[error("another worker took the shard")]
    Lost,
    /// Somebody paused the run.
    #[error("the run is paused")]
    Paused,
    /// Somebody cancelled the run.
    #[error("the run is cancelled")]
    Cancelled,
    /// Not everybody is planned.
    #[error("the shard is not planned yet")]
    NotPlanned,
    /// It is too early.
    #[error("nothing is to be sent before {0}")]
    Early(Timestamp),
    /// What is in flight must be counted first.
    #[error("a chunk is in flight")]
    InFlight,
    /// The chunk was claimed before, or holds nobody to write to.
    #[error("there is nothing to claim in this chunk")]
    Behind,
    /// The chunk is not the one in flight, or nobody said what came of all of it.
    #[error("this chunk cannot be counted")]
    NotCountable,
}

impl Shard {
    /// Of which nothing is planned.
    pub fn new(at: ShardRef) -> Self {
        Self {
            at,
            control: Control::Run,
            lease: None,
            fence: 0,
            after: None,
            planned: false,
            seq: 0,
            audience: 0,
            claimed: None,
            flight: None,
            quiet_until: None,
            tally: Tally::default(),
        }
    }

    /// How many are in flight.
    pub fn sending(&self) -> u32 {
        self.flight.map_or(0, |flight| flight.n)
    }

    /// How many are planned and not claimed.
    pub fn pending(&self) -> u32 {
        self.audience.saturating_sub(self.tally.total()).saturating_sub(self.sending())
    }

    /// Whether nothing is left to be done.
    pub fn is_finished(&self) -> bool {
        let over = self.control == Control::Cancelled || (self.planned && self.pending() == 0);
        over && self.flight.is_none()
    }

    /// Behind which chunk the next one to claim lies.
    pub fn claimed_up_to(&self) -> ChunkKey {
        self.claimed.unwrap_or(ChunkKey::FIRST)
    }

    /// Whether `owner` has it.
    pub fn is_held_by(&self, owner: &str) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.by == owner)
    }

    /// `owner` takes the shard.
    ///
    /// # Errors
    /// [`ShardRefusal::Busy`] while another worker has it.
    pub fn leased(&self, owner: &str, now: Timestamp) -> Result<Self, ShardRefusal> {
        match &self.lease {
            Some(lease) if lease.by != owner && lease.until > now => return Err(ShardRefusal::Busy(lease.until)),
            Some(lease) if lease.by == owner => return Ok(Self { lease: Some(lease_of(owner, now)), ..self.clone() }),
            _ => {}
        }
        Ok(Self { lease: Some(lease_of(owner, now)), fence: self.fence + 1, ..self.clone() })
    }

    /// `owner` lets go of it.
    ///
    /// # Errors
    /// [`ShardRefusal::Lost`] if another worker took it.
    pub fn released(&self, owner: &str) -> Result<Self, ShardRefusal> {
        self.held(owner)?;
        Ok(Self { lease: None, ..self.clone() })
    }

    /// The chunk in flight is counted: with what its record says, which is nothing open any more.
    ///
    /// # Errors
    /// [`ShardRefusal::Lost`] if another worker took the shard; [`ShardRefusal::NotCountable`] if another chunk is in flight, or none, or if
    /// of somebody in it nobody said what came of it.
    pub fn counted(&self, owner: &str, chunk: &Chunk) -> Result<Self, ShardRefusal> {
        self.held(owner)?;
        if self.flight.is_none_or(|flight| flight.key != chunk.key) || chunk.is_open() {
            return Err(ShardRefusal::NotCountable);
        }
        Ok(Self { flight: None, tally: self.tally.plus(&chunk.tally()), ..self.clone() })
    }

    /// `owner` claims a chunk: once this is stored, and not before, its messages may leave.
    ///
    /// # Errors
    /// Why it may not.
    pub fn claimed(&self, owner: &str, chunk: &Chunk, now: Timestamp) -> Result<Self, ShardRefusal> {
        self.held(owner)?;
        self.may_claim()?;
        if self.flight.is_some() {
            return Err(ShardRefusal::InFlight);
        }
        let Some(not_before) = chunk.key.not_before().filter(|_| chunk.key > self.claimed_up_to()) else {
            return Err(ShardRefusal::Behind);
        };
        let from = self.quiet_until.map_or(not_before, |quiet| quiet.max(not_before));
        if from > now {
            return Err(ShardRefusal::Early(from));
        }
        let n = u32::try_from(chunk.entries.len()).unwrap_or(u32::MAX);
        let flight = Some(Flight { key: chunk.key, n, fence: self.fence });
        let lease = Some(lease_of(owner, now));
        Ok(Self { lease, claimed: Some(chunk.key), flight, quiet_until: None, ..self.clone() })
    }

    /// Whether people let it claim, and everybody is planned.
    ///
    /// # Errors
    /// Why not.
    pub fn may_claim(&self) -> Result<(), ShardRefusal> {
        match self.control {
            Control::Paused => Err(ShardRefusal::Paused),
            Control::Cancelled => Err(ShardRefusal::Cancelled),
            Control::Run if !self.planned => Err(ShardRefusal::NotPlanned),
            Control::Run => Ok(()),
        }
    }

    /// The provider said "not now" of some of the chunk in flight: they move into a chunk of their own, behind it, and what is left of it is
    /// counted. `chunk` has those who move still planned, and nobody else. All three are stored together.
    ///
    /// # Errors
    /// As [`Shard::counted`].
    pub fn deferred(
        &self,
        owner: &str,
        chunk: &Chunk,
        wait_s: Option<i64>,
        now: Timestamp,
    ) -> Result<(Self, Chunk, Chunk), ShardRefusal> {
        self.held(owner)?;
        if self.flight.is_none_or(|flight| flight.key != chunk.key) {
            return Err(ShardRefusal::NotCountable);
        }
        let wait = SignedDuration::from_secs(wait_s.unwrap_or(QUIET_S).clamp(1, MOST_QUIET_S));
        let until = now.checked_add(wait).unwrap_or(now);
        let from = chunk.key.not_before().map_or(until, |not_before| not_before.max(until));
        let mut later = Chunk::new(self.at, ChunkKey::new(from, self.seq));
        let mut left = chunk.clone();
        for entry in left.entries.iter_mut().filter(|entry| entry.is_planned()) {
            later.entries.push(entry.clone());
            entry.state = EntryState::Moved;
        }
        let next = Self { seq: self.seq + 1, quiet_until: Some(until), ..self.counted(owner, &left)? };
        Ok((next, left, later))
    }

    /// Whether a chunk is in the sums.
    pub fn has_counted(&self, key: ChunkKey) -> bool {
        let claimed = key.not_before().is_none() || key <= self.claimed_up_to();
        claimed && self.flight.is_none_or(|flight| flight.key != key)
    }

    /// Whether a chunk was ever claimed.
    pub fn has_claimed(&self, key: ChunkKey) -> bool {
        key.not_before().is_some() && key <= self.claimed_up_to()
    }

    /// A chunk counts otherwise than before. To be stored with it, also where the sums stay as they are because it is not counted yet: then
    /// nobody counts what they read before it changed.
    #[must_use]
    pub fn recounted(&self, before: &Chunk, after: &Chunk) -> Self {
        if !self.has_counted(before.key) {
            return self.clone();
        }
        Self { tally: self.tally.minus(&before.tally()).plus(&after.tally()), ..self.clone() }
    }

    /// People want something else of it.
    ///
    /// # Errors
    /// [`ShardRefusal::Cancelled`]: what is cancelled stays so.
    pub fn controlled(&self, control: Control) -> Result<Self, ShardRefusal> {
        if self.control == Control::Cancelled && control != Control::Cancelled {
            return Err(ShardRefusal::Cancelled);
        }
        Ok(Self { control, ..self.clone() })
    }

    fn held(&self, owner: &str) -> Result<(), ShardRefusal> {
        if self.is_held_by(owner) { Ok(()) } else { Err(ShardRefusal::Lost) }
    }
}

fn lease_of(owner: &str, now: Timestamp) -> ShardLease {
    let until = now.checked_add(SignedDuration::from_secs(SHARD_LEASE_S)).unwrap_or(now);
    ShardLease { by: owner.to_owned(), until }
}
