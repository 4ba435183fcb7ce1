//! Planning a shard: from contacts in the order of their ids to chunks.

use super::{Chunk, ChunkKey, Control, Entry, Reason, Shard, ShardRefusal};
use crate::ContactId;
use crate::audience::Contact;
use jiff::Timestamp;

/// Most chunks of one step: they are stored in one transaction with their shard, and that takes 100 records.
pub const MAX_PLANNED_CHUNKS: usize = 90;

/// Whether a contact gets a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is not meant for them.
    Unconcerned,
    /// It is, and they are not written to.
    Out(Reason),
    /// They get this variant, from then on.
    In {
        /// Which of the campaign's variants.
        variant: u8,
        /// The instant from which they may be written to: now, or when the window in their zone opens.
        not_before: Timestamp,
    },
}

/// What a campaign says of a contact: whom it is meant for, and from when on they may be written to.
pub trait Selection: Send + Sync {
    /// Asked of each contact when the run is planned.
    fn judge(&self, contact: &Contact, now: Timestamp) -> Verdict;

    /// Asked again of who was planned, right before their message leaves, with what their record says then.
    ///
    /// # Errors
    /// Why they are not written to after all.
    fn still(&self, contact: &Contact, now: Timestamp) -> Result<(), Reason>;
}

/// One step of planning: takes contacts in the order of their ids, behind the shard's position.
#[derive(Debug)]
pub struct Planner {
    shard: Shard,
    chunks: Vec<Chunk>,
}

impl Planner {
    /// Goes on where the shard stands.
    ///
    /// # Errors
    /// [`ShardRefusal::Cancelled`]; [`ShardRefusal::Behind`] where everybody is planned.
    pub fn new(shard: &Shard) -> Result<Self, ShardRefusal> {
        if shard.control == Control::Cancelled {
            return Err(ShardRefusal::Cancelled);
        }
        if shard.planned {
            return Err(ShardRefusal::Behind);
        }
        Ok(Self { shard: shard.clone(), chunks: Vec::new() })
    }

    /// Takes the next contact. False, and nothing taken, where this step is full: the next begins with them.
    pub fn take(&mut self, contact: ContactId, verdict: Verdict) -> bool {
        // Whoever stands behind the position is planned, whatever a page says.
        if self.shard.after.is_some_and(|after| contact <= after) {
            return true;
        }
        let (not_before_ms, entry) = match verdict {
            Verdict::Unconcerned => {
                self.shard.after = Some(contact);
                return true;
            }
            Verdict::Out(reason) => (0, Entry::skipped(contact, reason)),
            Verdict::In { variant, not_before } => {
                (ChunkKey::new(not_before, 0).not_before_ms, Entry::planned(contact, variant))
            }
        };
        let open = self.chunks.iter_mut().find(|c| c.key.not_before_ms == not_before_ms && !c.is_full());
        if let Some(chunk) = open {
            chunk.entries.push(entry);
        } else if self.chunks.len() < MAX_PLANNED_CHUNKS {
            let key = ChunkKey { not_before_ms, seq: self.shard.seq };
            self.shard.seq += 1;
            self.chunks.push(Chunk { entries: vec![entry], ..Chunk::new(self.shard.at, key) });
        } else {
            return false;
        }
        if let Verdict::Out(reason) = verdict {
            *self.shard.tally.skipped.entry(reason).or_default() += 1;
        }
        self.shard.audience += 1;
        self.shard.after = Some(contact);
        true
    }

    /// The shard behind this step and the chunks that are stored with it. `last` where there is nobody behind those who were taken.
    pub fn done(self, last: bool) -> (Shard, Vec<Chunk>) {
        (Shard { planned: last, ..self.shard }, self.chunks)
    }
}
