//! The machine's clock and randomness: the only place that asks for them.

use jiff::Timestamp;
use ports::{Clock, Entropy};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // this is the port's own implementation
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's randomness, fit for keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the system gives no randomness: going on with predictable keys would be worse than failing the request.
    fn fill(&self, bytes: &mut [u8]) {
        assert!(aws_lc_rs::rand::fill(bytes).is_ok(), "the system gives no randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_ids_carry_their_time() {
        assert_ne!(SystemEntropy.token(), SystemEntropy.token());
        let now = SystemClock.now();
        let id = SystemEntropy.uuid(now);
        assert_eq!(id.get_version_num(), 7);
        let (seconds, nanos) = id.get_timestamp().map(|t| t.to_unix()).unwrap_or_default();
        assert_eq!(seconds.cast_signed() * 1000 + i64::from(nanos / 1_000_000), now.as_millisecond());
    }
}
