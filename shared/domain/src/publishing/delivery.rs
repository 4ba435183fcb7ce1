//! One post to one account: the ledger entry that everything else serves.
//!
//! The state is data. The moves between states are in `transitions.rs` (wake, claim, send), `answers.rs` (what a request came
//! to), `reconcile.rs` (what reading shows), `approval.rs` (whether it may leave), `amend.rs` (other words for what is live) and
//! `people.rs` (what else people decide), and nowhere else.

use super::{Amendment, Clearance, ContentKind, Doubt, Entry, Note, PartRecord, RetryReason, Spacing, State, Variant};
use crate::{AccountId, DeliveryId, InteractionId, PlatformId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most times a delivery is claimed without an orderly end before it counts as poison: a lease each, so that a crash that
/// repeats itself is over within some ten minutes, and a deployment that kills workers a few times ends nothing.
pub const MAX_CLAIMS: u8 = 8;
/// Most tries for one part (requests that leave, and preparations that fail): one and a retry after each wait of
/// [`RETRY_WAITS_S`], which outlasts an outage of two hours.
pub const MAX_ATTEMPTS: u8 = 6;
/// Seconds a worker may hold a claim: less than [`WORKER_LIFE_S`], so that it has no work left when it is ended, and more
/// than the slowest request and the writes around it take.
pub const LEASE_S: i64 = 45;
/// Seconds a worker lives at most, whatever it holds: the publisher's timeout in the template.
pub const WORKER_LIFE_S: i64 = 60;
/// Seconds that an author may let a post start late: within a minute a tick may just have been missed, and after a day it is
/// another day's news.
pub const LATENESS_S: std::ops::RangeInclusive<u32> = 60..=MAX_LATENESS_S;
/// The most of [`LATENESS_S`].
pub const MAX_LATENESS_S: u32 = 86_400;
/// Seconds that a post may start late when its author did not say.
pub const DEFAULT_LATENESS_S: u32 = 3_600;
/// Entries kept in a delivery's timeline; older ones make room.
pub const MAX_TIMELINE: usize = 40;
/// Hours after the latest permitted start by which every delivery has ended (I2): a platform's daily limit starts again within
/// them, and who looks the next day finds an end.
pub const HORIZON_H: i64 = 24;
/// Most seconds that the parts of a thread wait together: half of [`HORIZON_H`], the rest is for what goes wrong.
pub const MAX_THREAD_S: u32 = 12 * 3_600;
/// Seconds before the second, third, … request for a part that definitely was not taken: a hiccup costs half a minute, and an
/// outage is not knocked at more often than a platform that recovers can bear.
pub const RETRY_WAITS_S: [i64; 5] = [30, 120, 480, 1_800, 7_200];
/// Seconds to wait at least when a platform asks to slow down, whatever instant it names: one that names none, or a past one,
/// must not be asked again at once.
pub const THROTTLE_FLOOR_S: i64 = 30;
/// Seconds before an unknown outcome is read for the first time: most late commits show within it.
pub const FIRST_READ_S: i64 = 60;

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
    /// Tries for the current part: requests that left, and preparations that failed.
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
    /// When all of it that was live was taken off the platform again, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// What it says, where the post was changed since and the change has not reached it for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<Box<Variant>>,
    /// What came of the latest change of its words since it is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<Amendment>,
    /// Whether it may leave, as far as approval goes.
    #[serde(default, skip_serializing_if = "Clearance::is_free")]
    pub clearance: Clearance,
    /// The waits between its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spacing: Option<Spacing>,
    /// What kind of post it is: some quotas count posts of one kind.
    #[serde(default, skip_serializing_if = "ContentKind::is_post")]
    pub content_kind: ContentKind,
    /// Whether its last step is a first comment, which some quotas do not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub commented: bool,
    /// Whether it answers something on the platform, which some quotas do not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answers: bool,
    /// What it answers, where that is in the inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<InteractionId>,
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
            says: None,
            amendment: None,
            clearance: Clearance::Free,
            spacing: None,
            content_kind: ContentKind::Post,
            commented: false,
            answers: false,
            interaction: None,
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

    /// Whether it waits for a time at which the access that ends at `end` is dead: unless its account is connected again
    /// before, it will not go out on time.
    pub fn outlives(&self, end: Timestamp) -> bool {
        self.state == State::Scheduled && self.due_at >= end
    }

    /// The first part that is not confirmed.
    pub fn next_part(&self) -> Option<u16> {
        self.parts.iter().position(|p| p.receipt.is_none()).and_then(|i| u16::try_from(i).ok())
    }

    /// When it is expected to go out, while it waits for a time and not for a person. None where it will be missed by then.
    pub fn expected_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Scheduled | State::Queued => Some(self.due_at).filter(|_| self.is_cleared()),
            State::Retry { .. } | State::Processing => {
                self.wake.map(|wake| wake.at).filter(|at| self.started || *at <= self.latest_start())
            }
            _ => None,
        }
    }

    /// Requests that one claim of it makes and that quotas count: for its next part, and for those after it that do not wait, of the
    /// first `counted` that count ([`Limits::counted`](crate::platform::Limits::counted)).
    pub fn requests_ahead(&self, counted: usize) -> u32 {
        let next = self.next_part().unwrap_or(u16::MAX);
        let counted = u16::try_from(counted).unwrap_or(u16::MAX);
        let later = (next.saturating_add(1)..counted).take_while(|part| self.wait_for(*part) == 0).count();
        u32::from(next < counted) + u32::try_from(later).unwrap_or(0)
    }

    /// Whether a quota lets it through before those that only come now: it waited for one, or is live in part.
    pub fn goes_before(&self) -> bool {
        self.any_live() || matches!(self.state, State::Retry { reason: RetryReason::Throttled })
    }

    /// Whether at least one part is live.
    pub fn any_live(&self) -> bool {
        self.parts.iter().any(|p| p.receipt.is_some())
    }

    /// How many parts were taken off the platform again, and how many were ever live.
    pub fn parts_gone(&self) -> (usize, usize) {
        let live = || self.parts.iter().filter(|p| p.receipt.is_some());
        (live().filter(|p| p.removed_at.is_some()).count(), live().count())
    }

    /// The address people can open: that of the first part.
    pub fn url(&self) -> Option<&str> {
        self.parts.first()?.receipt.as_ref()?.url.as_deref()
    }

    /// The latest instant at which it may be taken up for the first time (I7).
    pub fn latest_start(&self) -> Timestamp {
        self.due_at + SignedDuration::from_secs(self.max_lateness_s.into())
    }

    /// With these waits between its parts.
    #[must_use]
    pub fn spaced(mut self, spacing: Option<Spacing>) -> Self {
        self.spacing = spacing;
        self
    }

    /// With what its steps are, as this content has them.
    #[must_use]
    pub fn shaped(self, variant: &Variant) -> Self {
        let commented = variant.first_comment.is_some();
        let answers = variant.reply_to.is_some();
        Self { content_kind: variant.kind, commented, answers, ..self.spaced(variant.spacing()) }
    }

    /// Seconds that its next part waits after the one before.
    pub(super) fn wait_for(&self, part: u16) -> u32 {
        self.spacing.filter(|spacing| part > 0 && part < spacing.parts).map_or(0, |spacing| spacing.delay_s)
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
