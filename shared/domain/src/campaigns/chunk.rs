//! A chunk: the recipients that are claimed together.

use super::{CHUNK_RECIPIENTS, Class, Entry, Finding, Tally};
use crate::{ContactId, RunId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which shard of which run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShardRef {
    /// Tenant.
    pub tenant: TenantId,
    /// Run.
    pub run: RunId,
    /// Stage, from 0.
    pub stage: u8,
    /// Shard, from 0 to 15.
    pub shard: u8,
}

/// A text that names no shard, or no chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names nothing of a run")]
pub struct BadRef;

impl ShardRef {
    /// Stage and shard, as they stand in keys.
    pub fn part(self) -> String {
        format!("{:02x}{:x}", self.stage, self.shard)
    }
}

impl fmt::Display for ShardRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.tenant.uuid().simple(), self.run.uuid().simple(), self.part())
    }
}

impl FromStr for ShardRef {
    type Err = BadRef;
    fn from_str(s: &str) -> Result<Self, BadRef> {
        let mut parts = s.split('.');
        let (Some(tenant), Some(run), Some(part), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadRef);
        };
        let digit =
            |at: std::ops::Range<usize>| u8::from_str_radix(part.get(at).ok_or(BadRef)?, 16).map_err(|_| BadRef);
        let found = Self {
            tenant: format!("{}_{tenant}", TenantId::PREFIX).parse().map_err(|_| BadRef)?,
            run: format!("{}_{run}", RunId::PREFIX).parse().map_err(|_| BadRef)?,
            stage: digit(0..2)?,
            shard: digit(2..3)?,
        };
        // One spelling only.
        if found.part() == part { Ok(found) } else { Err(BadRef) }
    }
}

impl TryFrom<String> for ShardRef {
    type Error = BadRef;
    fn try_from(s: String) -> Result<Self, BadRef> {
        s.parse()
    }
}

impl From<ShardRef> for String {
    fn from(at: ShardRef) -> Self {
        at.to_string()
    }
}

/// Which chunk of its shard. Chunks are claimed in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChunkKey {
    /// Milliseconds since 1970 before which none of it is written to; 0 where nobody of it ever is.
    pub not_before_ms: i64,
    /// Counts the chunks of the shard.
    pub seq: u32,
}

impl ChunkKey {
    /// Behind every chunk of those who are not written to, and before all others.
    pub const FIRST: Self = Self { not_before_ms: 0, seq: u32::MAX };

    /// Of recipients who may be written to from an instant on.
    pub fn new(not_before: Timestamp, seq: u32) -> Self {
        Self { not_before_ms: not_before.as_millisecond().max(1), seq }
    }

    /// Of people who are not written to.
    pub fn never(seq: u32) -> Self {
        Self { not_before_ms: 0, seq }
    }

    /// From when on it may be claimed; none where there is nothing to claim.
    pub fn not_before(self) -> Option<Timestamp> {
        if self.not_before_ms == 0 { None } else { Timestamp::from_millisecond(self.not_before_ms).ok() }
    }
}

/// Times in 13 digits and numbers in 8, so that text sorts as keys do.
impl fmt::Display for ChunkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}.{:08x}", self.not_before_ms, self.seq)
    }
}

impl FromStr for ChunkKey {
    type Err = BadRef;
    fn from_str(s: &str) -> Result<Self, BadRef> {
        let (ms, seq) = s.split_once('.').ok_or(BadRef)?;
        let not_before_ms = ms.parse().map_err(|_| BadRef)?;
        let seq = u32::from_str_radix(seq, 16).map_err(|_| BadRef)?;
        let found = Self { not_before_ms, seq };
        if found.to_string() == s { Ok(found) } else { Err(BadRef) }
    }
}

impl TryFrom<String> for ChunkKey {
    type Error = BadRef;
    fn try_from(s: String) -> Result<Self, BadRef> {
        s.parse()
    }
}

impl From<ChunkKey> for String {
    fn from(key: ChunkKey) -> Self {
        key.to_string()
    }
}

/// Up to ten recipients of a shard, who may be written to from one instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Where it belongs.
    pub at: ShardRef,
    /// Which of its shard's.
    pub key: ChunkKey,
    /// The recipients.
    #[serde(rename = "e")]
    pub entries: Vec<Entry>,
}

impl Chunk {
    /// With nobody in it yet.
    pub fn new(at: ShardRef, key: ChunkKey) -> Self {
        Self { at, key, entries: Vec::new() }
    }

    /// Whether nobody else fits in.
    pub fn is_full(&self) -> bool {
        self.entries.len() >= CHUNK_RECIPIENTS
    }

    /// Whether there is somebody for whom nothing was done yet. Only a chunk with nobody such is ever added to its shard's sums, so one that
    /// has somebody is in no sum.
    pub fn is_open(&self) -> bool {
        self.entries.iter().any(Entry::is_planned)
    }

    /// With what was learned of one recipient; none where that says nothing new.
    pub fn learned(&self, contact: ContactId, found: &Finding) -> Option<Self> {
        let mut next = self.clone();
        let entry = next.entries.iter_mut().find(|entry| entry.contact == contact)?;
        *entry = entry.learned(found);
        (next != *self).then_some(next)
    }

    /// With all that a worker found out. What others learned meanwhile stays where it is more.
    #[must_use]
    pub fn recorded(&self, findings: &[(ContactId, Finding)]) -> Self {
        findings.iter().fold(self.clone(), |chunk, (contact, found)| chunk.learned(*contact, found).unwrap_or(chunk))
    }

    /// With everybody unknown of whom nobody said what came of the claim; none where there is nobody such.
    pub fn doubted(&self, now: Timestamp) -> Option<Self> {
        let found = Finding::unknown(now);
        let doubt = |entry: &Entry| if entry.is_planned() { entry.learned(&found) } else { entry.clone() };
        self.is_open().then(|| Self { entries: self.entries.iter().map(doubt).collect(), ..self.clone() })
    }

    /// What its recipients add to the sums.
    pub fn tally(&self) -> Tally {
        Tally::of(self.entries.iter().map(|entry| entry.state.class()))
    }

    /// Whether another version of it counts otherwise.
    pub fn counts_as(&self, other: &Self) -> bool {
        let classes = |chunk: &Self| chunk.entries.iter().map(|entry| entry.state.class()).collect::<Vec<Class>>();
        classes(self) == classes(other)
    }
}

/// Which recipient of which run: what a mail carries as tags, so that what is told of it finds its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRef {
    /// Which shard.
    pub at: ShardRef,
    /// Which chunk.
    pub key: ChunkKey,
    /// Who.
    pub contact: ContactId,
}

impl EntryRef {
    /// As tags, in letters, digits and dashes, which every provider takes (Amazon SES API v2, `MessageTag`).
    pub fn tags(&self) -> Vec<(String, String)> {
        let hex = |id: uuid::Uuid| id.simple().to_string();
        let chunk = format!("{}-{}-{:x}", self.at.part(), self.key.not_before_ms, self.key.seq);
        let values = [hex(self.at.tenant.uuid()), hex(self.at.run.uuid()), chunk, hex(self.contact.uuid())];
        TAGS.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value)).collect()
    }

    /// From what tags say, by their names.
    pub fn from_tags<'a>(tag: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let [tenant, run, chunk, contact] = TAGS.map(tag);
        let mut parts = chunk?.split('-');
        let (part, ms, seq) = (parts.next()?, parts.next()?, parts.next()?);
        let at = format!("{}.{}.{part}", tenant?, run?).parse().ok()?;
        let key = ChunkKey { not_before_ms: ms.parse().ok()?, seq: u32::from_str_radix(seq, 16).ok()? };
        let contact = format!("{}_{}", ContactId::PREFIX, contact?).parse().ok()?;
        parts.next().is_none().then_some(Self { at, key, contact })
    }
}

/// Names of the tags.
const TAGS: [&str; 4] = ["h-tenant", "h-run", "h-chunk", "h-contact"];
