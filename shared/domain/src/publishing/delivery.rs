//! One post to one account: the ledger entry that everything else serves.
//!
//! The state is data; the moves between states are in `transitions.rs` and nowhere else.

use super::{Failure, Receipt};
use crate::{AccountId, DeliveryId, PlatformId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most times a delivery is claimed without an orderly end before it counts as poison: a lease each, so that a crash that
/// repeats itself is over within some ten minutes, and a deployment that kills workers a few times ends nothing.
pub const MAX_CLAIMS: u8 = 8;
/// Most requests that leave for one part: one and a retry after each wait of [`RETRY_WAITS_S`], which outlasts an outage of
/// two hours.
pub const MAX_ATTEMPTS: u8 = 6;
/// Seconds a worker may hold a claim: less than [`WORKER_LIFE_S`], so that it has no work left when it is ended, and more
/// than the slowest request and the writes around it take.
pub const LEASE_S: i64 = 45;
/// Seconds a worker lives at most, whatever it holds: the publisher's timeout in the template.
pub const WORKER_LIFE_S: i64 = 60;
/// Entries kept in a delivery's timeline; older ones make room.
pub const MAX_TIMELINE: usize = 40;
/// Hours after the latest permitted start by which every delivery has ended (I2): a platform's daily limit starts again within
/// them, and who looks the next day finds an end.
pub const HORIZON_H: i64 = 24;
/// Seconds before the second, third, … request for a part that definitely was not taken: a hiccup costs half a minute, and an
/// outage is not knocked at more often than a platform that recovers can bear.
pub const RETRY_WAITS_S: [i64; 5] = [30, 120, 480, 1_800, 7_200];
/// Seconds to wait at least when a platform asks to slow down, whatever instant it names: one that names none, or a past one,
/// must not be asked again at once.
pub const THROTTLE_FLOOR_S: i64 = 30;
/// Seconds before an unknown outcome is read for the first time: most late commits show within it.
pub const FIRST_READ_S: i64 = 60;

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
    /// The platform works on what was uploaded; nothing was published yet.
    Processing,
    /// Waits for another try; nothing of the current part was committed.
    Retry {
        /// Why.
        reason: String,
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
}

impl Doubt {
    /// Whether only a person may say that nothing is live: readings can be wrong, people have looked.
    pub fn stands(self) -> bool {
        matches!(self, Self::Unseen | Self::Duplicate)
    }
}

/// What a person reads in the console: one decision or observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What, as data; the console puts it into words.
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
    /// A worker took it.
    Claimed,
    /// A worker vanished before anything was sent; another takes over.
    Reclaimed,
    /// Pictures were handed to the platform.
    Prepared,
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
    /// Taken off the platform at its author's wish.
    Removed,
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
    /// The platform refused the same content as a duplicate and named the post.
    Duplicate,
    /// A person.
    Person,
}

/// An entry in the due index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// When to look.
    pub at: Timestamp,
    /// When that was decided; the tick uses it to tell entries it has not seen yet.
    pub set_at: Timestamp,
    /// Whether whoever decided it also sends the queue message (the tick then only heals).
    pub sent: bool,
}

/// What a delivery starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Id.
    pub id: DeliveryId,
    /// Tenant.
    pub tenant: TenantId,
    /// Post.
    pub post: PostId,
    /// Account.
    pub account: AccountId,
    /// Platform.
    pub platform: PlatformId,
    /// Hash of the variant.
    pub content_hash: String,
    /// Parts of the variant.
    pub parts: usize,
    /// When it is due.
    pub due_at: Timestamp,
    /// Seconds it may start late.
    pub max_lateness_s: u32,
    /// The platform's Δ in seconds.
    pub settle_s: u32,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Id.
    pub id: DeliveryId,
    /// Tenant.
    pub tenant: TenantId,
    /// Post.
    pub post: PostId,
    /// Account.
    pub account: AccountId,
    /// The account's platform.
    pub platform: PlatformId,
    /// SHA-256 (hex, first 32 digits) of the variant it was accepted with.
    pub content_hash: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Seconds it may start late.
    pub max_lateness_s: u32,
    /// Δ in seconds, as the platform's descriptor had it: a request that left takes effect within it or never.
    pub settle_s: u32,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// When the machine looks at it next; none when it waits for a person or has ended. A claim leaves it as it is, so
    /// that a claimed delivery stays findable (and its index entry costs no write) until its worker reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Wake>,
    /// Raised by every claim; an outcome of an older fence is only evidence.
    pub fence: u32,
    /// Claims without an orderly end.
    pub claims: u8,
    /// Requests that left for the current part.
    pub attempts: u8,
    /// Whether it was ever claimed (lateness counts only for the first).
    pub started: bool,
    /// What is known of earlier requests for the current part whose outcome was unknown.
    #[serde(default)]
    pub doubt: Doubt,
    /// The parts.
    pub parts: Vec<PartRecord>,
    /// The store's own clock shortly before the current request left; Δ is measured on that clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_date: Option<Timestamp>,
    /// What the connector keeps between wake-ups (uploaded media ids); opaque here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<serde_json::Value>,
    /// When it was taken off the platform again, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// What happened.
    pub timeline: Vec<Entry>,
}

impl Delivery {
    /// A delivery as it is accepted: it waits for `target.due_at`.
    pub fn accepted(new: NewDelivery, now: Timestamp) -> Self {
        let state = if new.due_at <= now { State::Queued } else { State::Scheduled };
        Self {
            id: new.id,
            tenant: new.tenant,
            post: new.post,
            account: new.account,
            platform: new.platform,
            content_hash: new.content_hash,
            due_at: new.due_at,
            max_lateness_s: new.max_lateness_s,
            settle_s: new.settle_s,
            state,
            wake: Some(Wake { at: new.due_at, set_at: now, sent: false }),
            fence: 0,
            claims: 0,
            attempts: 0,
            started: false,
            doubt: Doubt::Clear,
            parts: vec![PartRecord::default(); new.parts],
            base_date: None,
            progress: None,
            removed_at: None,
            timeline: vec![Entry { at: now, note: Note::Scheduled }],
        }
    }

    /// Marks the wake-up as sent by whoever commits this; the tick then only heals.
    #[must_use]
    pub fn with_message_sent(mut self) -> Self {
        if let Some(wake) = &mut self.wake {
            wake.sent = true;
        }
        self
    }
    /// The first part that is not confirmed.
    pub fn next_part(&self) -> Option<u16> {
        self.parts.iter().position(|p| p.receipt.is_none()).and_then(|i| u16::try_from(i).ok())
    }

    /// Whether at least one part is live.
    pub fn any_live(&self) -> bool {
        self.parts.iter().any(|p| p.receipt.is_some())
    }

    /// The address people can open: that of the first part.
    pub fn url(&self) -> Option<&str> {
        self.parts.first()?.receipt.as_ref()?.url.as_deref()
    }

    /// The latest instant at which it may be taken up for the first time (I7).
    pub fn latest_start(&self) -> Timestamp {
        self.due_at + SignedDuration::from_secs(self.max_lateness_s.into())
    }

    /// The instant by which it must have ended.
    pub fn horizon(&self) -> Timestamp {
        self.latest_start() + SignedDuration::from_hours(HORIZON_H)
    }

    /// When nothing that left for the current part can take effect any more, on the store's clock. None while nothing left.
    pub fn settles_at(&self) -> Option<Timestamp> {
        // base_date was taken by the worker that sent the request, so at most its life before that.
        let settle = SignedDuration::from_secs(i64::from(self.settle_s) + WORKER_LIFE_S);
        self.base_date.map(|base| base + settle)
    }
}

/// A timeline entry in words, for people.
impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |p: &u16| if *p == 0 { String::new() } else { format!(" part {}", p + 1) };
        match self {
            Self::Scheduled => f.write_str("Accepted"),
            Self::Edited => f.write_str("Changed by its author"),
            Self::Claimed => f.write_str("Taken by a worker"),
            Self::Reclaimed => f.write_str("The worker before vanished before anything was sent; taken over"),
            Self::Prepared => f.write_str("Pictures handed to the platform, which is processing them"),
            Self::Sent { part: p, attempt } => write!(f, "Sent{} to the platform (try {attempt})", part(p)),
            Self::Confirmed { part: p, by } => match by {
                Proof::Answer => write!(f, "The platform confirmed{}", part(p)),
                Proof::ReadBack => write!(f, "Found{} on the platform", part(p)),
                Proof::Duplicate => write!(f, "The platform says it has{} already", part(p)),
                Proof::Person => write!(f, "A person saw{} on the platform", part(p)),
            },
            Self::Answered { failure } => write!(f, "Not taken: {failure}"),
            Self::WaitsUntil { until } => write!(f, "Waits until {until}"),
            Self::OutcomeUnknown { detail } => {
                write!(f, "It may or may not be live ({detail}); the platform will be read, nothing is sent again")
            }
            Self::NotThere { reads } => write!(f, "Looked on the platform: not there (look {reads})"),
            Self::AskedPeople { reason } => write!(f, "A person must decide: {reason}"),
            Self::Decided { live: true } => f.write_str("A person decided: it is live"),
            Self::Decided { live: false } => f.write_str("A person decided: send it again"),
            Self::RetryAsked => f.write_str("A person asked for another try"),
            Self::Parked => f.write_str("Waits until the account is connected again"),
            Self::Unparked => f.write_str("The account was connected again"),
            Self::Canceled => f.write_str("Called off"),
            Self::Removed => f.write_str("Deleted from the platform"),
            Self::Missed => f.write_str("Its time had passed; nothing was sent"),
            Self::GaveUp { code } => write!(f, "Given up ({code})"),
        }
    }
}
