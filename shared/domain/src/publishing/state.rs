//! Where a delivery stands, as data.

use super::{Delivery, Receipt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Waits for its time.
    Scheduled,
    /// Due at once, a wake-up was sent.
    Queued,
    /// A worker prepares it; nothing irreversible has happened.
    Leased {
        /// The worker's token.
        owner: String,
        /// When others may take over.
        lease_until: Timestamp,
    },
    /// The request for `part` has left or is about to. The point of no return: never goes back to the queue.
    Dispatching {
        /// Index of the part.
        part: u16,
        /// The worker's token.
        owner: String,
        /// When the outcome counts as unknown.
        lease_until: Timestamp,
    },
    /// Media are being handed to the platform, or it works on them; nothing was published yet.
    Processing,
    /// Waits for another try; nothing of the current part was committed.
    Retry {
        /// Why.
        reason: RetryReason,
    },
    /// The account must be connected again; parked until then.
    BlockedAuth {
        /// Since when.
        since: Timestamp,
    },
    /// A request left and its outcome is not known. Reconciled by reading, never by posting.
    Unknown {
        /// Index of the part.
        part: u16,
        /// Since when.
        since: Timestamp,
        /// Complete listings without it so far.
        neg_reads: u8,
        /// The last of them.
        last_neg_at: Option<Timestamp>,
        /// Whether one of them showed what may be the post, changed by somebody: then none of the others proves it absent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        resembled: bool,
        /// Whether the one before, of those that count, said that it never will be there.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        never: bool,
    },
    /// A machine cannot decide; a person must.
    Attention {
        /// Index of the part.
        part: u16,
        /// Why a machine cannot tell.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
    /// Live.
    Published {
        /// When it was confirmed.
        at: Timestamp,
    },
    /// A thread that ended after some parts were live.
    Partial {
        /// When.
        at: Timestamp,
        /// Stable code.
        code: String,
        /// In words.
        detail: String,
    },
    /// Ended without a commit.
    Failed {
        /// When.
        at: Timestamp,
        /// Stable code.
        code: String,
        /// In words.
        detail: String,
    },
    /// Its time passed before it could start; nothing was sent.
    Missed {
        /// When that was noticed.
        at: Timestamp,
    },
    /// Called off before anything was sent.
    Canceled {
        /// When.
        at: Timestamp,
    },
}

impl Delivery {
    /// How it stands, in the words that people read.
    pub fn label(&self) -> &'static str {
        match &self.state {
            State::Scheduled => "Scheduled",
            State::Queued => "On its way",
            State::Leased { .. } => "Being prepared",
            State::Dispatching { .. } => "Being sent",
            State::Processing => "Being processed",
            State::Retry { reason: RetryReason::Throttled } => "Waits its turn",
            State::Retry { .. } => "Will retry",
            State::BlockedAuth { .. } => "Reconnect needed",
            State::Unknown { .. } if self.doubt == Doubt::Taken => "Being published",
            State::Unknown { .. } => "Being looked up",
            State::Attention { .. } => "Outcome unknown",
            State::Published { .. } => "Published",
            State::Partial { .. } => "Partly published",
            State::Failed { .. } => "Failed",
            State::Missed { .. } => "Missed",
            State::Canceled { .. } => "Canceled",
        }
    }
}

/// Why a delivery is tried again. The aliases are how the first records say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryReason {
    /// The platform asked to slow down.
    Throttled,
    /// The platform, or what it takes to reach it, did not answer; nothing was taken.
    #[serde(alias = "unconfirmed")]
    Unavailable,
    /// The platform refused the token; a newer one is used.
    Unauthorized,
    /// Another worker renews the account's token.
    Renewing,
    /// A part was found to be live; the next one follows.
    #[serde(alias = "resuming the thread")]
    Resuming,
    /// Reading proved that it is not live.
    #[serde(alias = "proved not to be live")]
    Absent,
    /// A person asked for it.
    #[serde(alias = "asked for by a person")]
    Asked,
    /// The account was connected again.
    Reconnected,
}

/// What it still was when its time was over.
impl std::fmt::Display for RetryReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Unauthorized => "refused for its token",
            Self::Renewing => "waiting for a token",
            Self::Resuming => "in the middle of the thread",
            Self::Absent => "absent",
            Self::Asked | Self::Reconnected => "about to be sent",
        })
    }
}

impl State {
    /// The state's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Leased { .. } => "leased",
            Self::Dispatching { .. } => "dispatching",
            Self::Processing => "processing",
            Self::Retry { .. } => "retry",
            Self::BlockedAuth { .. } => "blocked_auth",
            Self::Unknown { .. } => "unknown",
            Self::Attention { .. } => "attention",
            Self::Published { .. } => "published",
            Self::Partial { .. } => "partial",
            Self::Failed { .. } => "failed",
            Self::Missed { .. } => "missed",
            Self::Canceled { .. } => "canceled",
        }
    }

    /// Whether nothing more happens by itself or by anyone (evidence may still arrive for `Attention`).
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Published { .. }
                | Self::Partial { .. }
                | Self::Failed { .. }
                | Self::Missed { .. }
                | Self::Canceled { .. }
        )
    }
}

/// One part of a delivery: confirmed with its receipt, or still to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PartRecord {
    /// The proof; none until confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// When it was taken off the platform again, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
}

/// What is known of the requests for the current part that left before the current one and were answered by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// There were none: every one was answered with a definite "no".
    #[default]
    Clear,
    /// A person looked and said that it is not there.
    Denied,
    /// Reading did not show it, and its time was over.
    Unseen,
    /// The platform refused a later one as a duplicate, and did not say of what: it may be live, whatever is read.
    Duplicate,
    /// The platform took one and has not published it yet, or may have taken it: it may be live later, whatever is read.
    Taken,
}

impl Doubt {
    /// Whether only a person may say that nothing is live: readings can be wrong, people have looked.
    pub fn stands(self) -> bool {
        matches!(self, Self::Unseen | Self::Duplicate | Self::Taken)
    }
}
