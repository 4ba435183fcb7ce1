//! The ledger of a campaign: who of its audience was written to, what came of it, and what nobody knows.
//!
//! A *run* is one edition of a campaign. It has stages (0 is everybody, or the part that an A/B test goes to; 1 the rest), and each stage 16
//! *shards*, by the first hex digit of the contacts' ids. A shard's recipients lie in *chunks* of at most ten. What keeps anybody from
//! getting a message twice, or from being lost, is three rules:
//!
//! - a contact is written into a chunk in the same commit that moves the shard's position behind them ([`Planner`]);
//! - a chunk is claimed once, by one conditional write of its shard's record ([`Shard::claimed`]), before any of its messages leaves. The
//!   record also holds what people want (go on, pause, cancel), so that a claim and a pause come one after the other, whoever makes them;
//! - whose claim ended without a word is *unknown*, never sent again by machine, and settled by evidence alone ([`Chunk::learned`]).
//!
//! Leases and clocks decide who works, and never who is written to: with every one of them wrong, all of the above holds.

mod chunk;
mod entry;
mod plan;
mod shard;
mod sums;
#[cfg(test)]
mod tests;

pub use chunk::*;
pub use entry::*;
pub use plan::*;
pub use shard::*;
pub use sums::*;

/// Number of shards of a stage; as many as a tenant's contacts lie in partitions of.
pub const RUN_SHARDS: u8 = 16;
/// Most recipients of a chunk: of how many at most a crash leaves it unknown whether they were written to.
pub const CHUNK_RECIPIENTS: usize = 10;
/// Seconds for which a worker has a shard after its last claim: longer than one chunk takes.
pub const SHARD_LEASE_S: i64 = 90;
/// Most seconds for which a shard is left alone after a provider said "not now", however long that asked for.
pub const MOST_QUIET_S: i64 = 3_600;
/// Seconds for which it is left alone where the provider named no time.
pub const QUIET_S: i64 = 30;
