//! One try to deliver, and what follows from it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One try to deliver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookAttempt {
    /// When it was made.
    pub at: Timestamp,
    /// The status code; none when there was no answer.
    pub status: Option<u16>,
    /// How long it took in milliseconds.
    pub latency_ms: u32,
    /// The beginning of the answer's body, or what went wrong.
    pub excerpt: String,
    /// Headers of an answer that was no success, those that may be secret without their value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The try.
    pub attempt: WebhookAttempt,
    /// How long the endpoint asked us to wait, in seconds.
    pub retry_after_s: Option<u64>,
}

impl Answer {
    /// Whether the endpoint took the message.
    pub fn taken(&self) -> bool {
        matches!(self.attempt.status, Some(200..=299))
    }

    /// Until when the endpoint asked us to wait, in full; the end of time when it is beyond that.
    pub fn asked_until(&self, now: Timestamp) -> Option<Timestamp> {
        let seconds = i64::try_from(self.retry_after_s?).unwrap_or(i64::MAX);
        Some(now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX))
    }
}

/// What, besides the answer, decides when a message that was not taken is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Again {
    /// Spreads the attempts: from -0.2 to 0.2 of the wait.
    pub jitter: f64,
    /// Until when nothing is sent to the endpoint.
    pub quiet_until: Option<Timestamp>,
    /// Waits of at most so many seconds end by the queue message that brought the attempt; zero when it cannot come back.
    pub carried_s: i64,
}
