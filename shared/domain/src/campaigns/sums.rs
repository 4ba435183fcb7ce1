//! Sums: of a chunk, of a shard, of a run.

use super::{Class, Control, Reason, Shard};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many recipients came to what. Nobody counts twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Taken by the provider, with nothing bad heard since.
    #[serde(rename = "a", default, skip_serializing_if = "crate::is_zero")]
    pub accepted: u32,
    /// Refused.
    #[serde(rename = "r", default, skip_serializing_if = "crate::is_zero")]
    pub rejected: u32,
    /// Unknown.
    #[serde(rename = "u", default, skip_serializing_if = "crate::is_zero")]
    pub unknown: u32,
    /// Came back.
    #[serde(rename = "b", default, skip_serializing_if = "crate::is_zero")]
    pub bounced: u32,
    /// Called spam.
    #[serde(rename = "c", default, skip_serializing_if = "crate::is_zero")]
    pub complained: u32,
    /// Not written to, by reason.
    #[serde(rename = "s", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped: BTreeMap<Reason, u32>,
}

impl Tally {
    /// Of recipients that count so.
    pub fn of(classes: impl IntoIterator<Item = Class>) -> Self {
        let mut tally = Self::default();
        for class in classes {
            match class {
                Class::Open | Class::Elsewhere => {}
                Class::Unknown => tally.unknown += 1,
                Class::Skipped(reason) => *tally.skipped.entry(reason).or_default() += 1,
                Class::Rejected => tally.rejected += 1,
                Class::Accepted => tally.accepted += 1,
                Class::Bounced => tally.bounced += 1,
                Class::Complained => tally.complained += 1,
            }
        }
        tally
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, u32::saturating_add)
    }

    /// Without what `other` counts.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, u32::saturating_sub)
    }

    fn with(&self, other: &Self, op: fn(u32, u32) -> u32) -> Self {
        let mut skipped = self.skipped.clone();
        for (reason, n) in &other.skipped {
            let sum = skipped.entry(*reason).or_default();
            *sum = op(*sum, *n);
        }
        skipped.retain(|_, n| *n > 0);
        Self {
            accepted: op(self.accepted, other.accepted),
            rejected: op(self.rejected, other.rejected),
            unknown: op(self.unknown, other.unknown),
            bounced: op(self.bounced, other.bounced),
            complained: op(self.complained, other.complained),
            skipped,
        }
    }

    /// How many there are in all.
    pub fn total(&self) -> u32 {
        self.accepted
            + self.rejected
            + self.unknown
            + self.bounced
            + self.complained
            + self.skipped.values().sum::<u32>()
    }
}

/// The sums of a run, or of a stage: everything but `audience` together is `audience`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Whoever the campaign is meant for, as far as it is planned; whether they may be written to or not.
    pub audience: u64,
    /// To be written to.
    pub pending: u64,
    /// Claimed, and not yet counted.
    pub sending: u64,
    /// Taken by the provider, with nothing bad heard since.
    pub accepted: u64,
    /// Refused.
    pub rejected: u64,
    /// Of whom nobody knows whether they were written to.
    pub unknown: u64,
    /// Came back.
    pub bounced: u64,
    /// Called spam.
    pub complained: u64,
    /// Not written to, by reason; those whom a cancelled run did not come to are among them.
    pub skipped: BTreeMap<Reason, u64>,
    /// Whether everybody is planned, so that `audience` grows no more.
    pub planned: bool,
    /// Whether nothing is left to be done.
    pub finished: bool,
}

impl Sums {
    /// Over the shards of a run.
    pub fn of<'a>(shards: impl IntoIterator<Item = &'a Shard>) -> Self {
        let mut sums = Self { planned: true, finished: true, ..Self::default() };
        let mut any = false;
        for shard in shards {
            any = true;
            let tally = &shard.tally;
            sums.audience += u64::from(shard.audience);
            sums.sending += u64::from(shard.sending());
            sums.accepted += u64::from(tally.accepted);
            sums.rejected += u64::from(tally.rejected);
            sums.unknown += u64::from(tally.unknown);
            sums.bounced += u64::from(tally.bounced);
            sums.complained += u64::from(tally.complained);
            for (reason, n) in &tally.skipped {
                *sums.skipped.entry(*reason).or_default() += u64::from(*n);
            }
            let pending = u64::from(shard.pending());
            if shard.control == Control::Cancelled {
                if pending > 0 {
                    *sums.skipped.entry(Reason::Cancelled).or_default() += pending;
                }
            } else {
                sums.pending += pending;
                sums.planned &= shard.planned;
            }
            sums.finished &= shard.is_finished();
        }
        sums.planned &= any;
        sums.finished &= any;
        sums
    }

    /// Everything but the audience, together.
    pub fn total(&self) -> u64 {
        let known = self.accepted + self.rejected + self.bounced + self.complained + self.skipped.values().sum::<u64>();
        self.pending + self.sending + self.unknown + known
    }
}
