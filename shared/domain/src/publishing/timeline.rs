//! What is told of a delivery's life, to people.

use super::Failure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a person reads in the console: one decision or observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What, as data; its `Display` puts it into words, and the console has fuller ones for some.
    #[serde(flatten)]
    pub note: Note,
}

/// The things a timeline tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// Accepted for its time.
    Scheduled,
    /// The author changed text or time.
    Edited,
    /// It leaves only when somebody approves it as it is now.
    ApprovalAwaited,
    /// Somebody approved it as it is now.
    Approved,
    /// A worker took it.
    Claimed,
    /// A worker vanished before anything was sent; another takes over.
    Reclaimed,
    /// Pictures were handed to the platform, which is processing them.
    Prepared,
    /// Its worker's time was over before all pictures were handed over; the next one goes on.
    Paused,
    /// The request for a part left.
    Sent {
        /// Index of the part.
        part: u16,
        /// Which try.
        attempt: u8,
    },
    /// The platform confirmed a part.
    Confirmed {
        /// Index of the part.
        part: u16,
        /// How we know.
        by: Proof,
    },
    /// The platform did not take it.
    Answered {
        /// What it meant.
        failure: Failure,
    },
    /// Waits until then.
    WaitsUntil {
        /// The instant.
        until: Timestamp,
    },
    /// The outcome is not known.
    OutcomeUnknown {
        /// What was seen.
        detail: String,
    },
    /// The platform has it, and did not publish it yet.
    Taken {
        /// What it does with it.
        detail: String,
    },
    /// The platform was read and the post was not there.
    NotThere {
        /// How many complete listings said so.
        reads: u8,
    },
    /// Handed to people.
    AskedPeople {
        /// Why.
        reason: String,
    },
    /// A person decided.
    Decided {
        /// True: "it is live"; false: "send again".
        live: bool,
    },
    /// A person asked for another try.
    RetryAsked,
    /// The account needs reconnecting.
    Parked,
    /// The account was reconnected.
    Unparked,
    /// Called off.
    Canceled,
    /// Other words are about to be sent for what is live.
    Amending,
    /// The platform shows the words that it was changed to.
    Amended,
    /// The platform did not take a change of its words.
    NotAmended {
        /// Why.
        detail: String,
    },
    /// Nobody knows whether the platform took a change of its words.
    AmendmentUnknown {
        /// What was seen.
        detail: String,
    },
    /// Taken off the platform at its author's wish.
    Removed,
    /// Not all of it could be.
    RemovedInPart {
        /// Parts that are gone.
        gone: usize,
        /// Parts that were live.
        of: usize,
    },
    /// Too late to start.
    Missed,
    /// Given up.
    GaveUp {
        /// Stable code.
        code: String,
    },
}

/// How a commit was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The platform's answer.
    Answer,
    /// Reading the platform back.
    ReadBack,
    /// A person.
    Person,
}

/// A timeline entry in words, for people.
impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |p: &u16| if *p == 0 { String::new() } else { format!(" part {}", p + 1) };
        match self {
            Self::Scheduled => f.write_str("Accepted"),
            Self::Edited => f.write_str("Changed by its author"),
            Self::ApprovalAwaited => f.write_str("Waits for an approval"),
            Self::Approved => f.write_str("Approved as it is"),
            Self::Claimed => f.write_str("Taken by a worker"),
            Self::Reclaimed => f.write_str("The worker before vanished before anything was sent; taken over"),
            Self::Prepared => f.write_str("Media handed to the platform, which is processing them"),
            Self::Paused => f.write_str("Some media handed to the platform; another worker goes on"),
            Self::Sent { part: p, attempt } => write!(f, "Sent{} to the platform (try {attempt})", part(p)),
            Self::Confirmed { part: p, by } => match by {
                Proof::Answer => write!(f, "The platform confirmed{}", part(p)),
                Proof::ReadBack => write!(f, "Found{} on the platform", part(p)),
                Proof::Person => write!(f, "A person saw{} on the platform", part(p)),
            },
            Self::Answered { failure } => write!(f, "Not taken: {failure}"),
            Self::WaitsUntil { until } => write!(f, "Waits until {until}"),
            Self::OutcomeUnknown { detail } => {
                write!(f, "It may or may not be live ({detail}); the platform will be read, nothing is sent again")
            }
            Self::Taken { detail } => {
                write!(f, "Taken by the platform, not published yet ({detail}); nothing is sent again")
            }
            Self::NotThere { reads } => write!(f, "Looked on the platform: not there (look {reads})"),
            Self::AskedPeople { reason } => write!(f, "A person must decide: {reason}"),
            Self::Decided { live: true } => f.write_str("A person decided: it is live"),
            Self::Decided { live: false } => f.write_str("A person decided: it is not there"),
            Self::RetryAsked => f.write_str("A person asked for another try"),
            Self::Parked => f.write_str("Waits until the account is connected again"),
            Self::Unparked => f.write_str("The account was connected again"),
            Self::Canceled => f.write_str("Called off"),
            Self::Amending => f.write_str("Other words sent to the platform"),
            Self::Amended => f.write_str("Changed on the platform"),
            Self::NotAmended { detail } => write!(f, "Not changed on the platform: {detail}"),
            Self::AmendmentUnknown { detail } => {
                write!(
                    f,
                    "It may or may not be changed on the platform ({detail}); sending the same words again is safe"
                )
            }
            Self::Removed => f.write_str("Deleted from the platform"),
            Self::RemovedInPart { gone, of } => write!(f, "Deleted from the platform: {gone} of {of} parts"),
            Self::Missed => f.write_str("Its time had passed; nothing was sent"),
            Self::GaveUp { code } => write!(f, "Given up ({code})"),
        }
    }
}
