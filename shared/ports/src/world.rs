//! Time, chance and measurement.

use domain::PlatformId;
use jiff::Timestamp;

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Chance.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable ones.
    fn fill(&self, bytes: &mut [u8]);

    /// A new UUID version 7 (RFC 9562) for an instant.
    fn uuid(&self, now: Timestamp) -> uuid::Uuid {
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A token of 128 bits in hex: owners of claims, correlation ids.
    fn token(&self) -> String {
        let mut random = [0_u8; 16];
        self.fill(&mut random);
        uuid::Uuid::from_bytes(random).simple().to_string()
    }

    /// A number below `bound` (0 when it is 0), for jitter.
    fn below(&self, bound: u32) -> u32 {
        let mut random = [0_u8; 4];
        self.fill(&mut random);
        u32::from_le_bytes(random).checked_rem(bound).unwrap_or(0)
    }
}

/// Something worth a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// A delivery reached a state worth counting.
    Outcome {
        /// Platform.
        platform: PlatformId,
        /// State name.
        state: &'static str,
    },
    /// How late the request left, in milliseconds after due.
    Lateness {
        /// Platform.
        platform: PlatformId,
        /// Milliseconds.
        ms: i64,
    },
    /// How long a platform took to answer.
    PlatformCall {
        /// Platform.
        platform: PlatformId,
        /// What was asked: `publish`, `prepare`, `read_back`, `refresh`.
        op: &'static str,
        /// Milliseconds.
        ms: i64,
    },
    /// An outcome became unknown.
    Unknown {
        /// Platform.
        platform: PlatformId,
    },
    /// A webhook attempt ended.
    Webhook {
        /// Whether the endpoint took it.
        delivered: bool,
        /// Milliseconds.
        ms: i64,
    },
    /// A platform's call was refused for its size. It comes again in vain.
    CallTooLarge,
    /// A platform's call was not kept, for a fault of ours. It may come again.
    CallFailed,
    /// What a tick did.
    Tick {
        /// Wake-ups sent.
        sent: u64,
        /// Events relayed from the outbox.
        relayed: u64,
        /// Age of the oldest overdue entry in seconds.
        oldest_s: i64,
    },
}

/// Where measurements go.
pub trait Metrics: Send + Sync {
    /// Takes one.
    fn measure(&self, measure: Measure);
}
