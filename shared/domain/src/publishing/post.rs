//! A post as its author planned it. What happened to it is told by its deliveries.

use super::{BestTime, State, Variant};
use crate::time::{WallTime, tzdb};
use crate::{AccountId, InteractionId, MemberId, PlatformId, PostId, SeriesId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When a post goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Schedule {
    /// At once.
    Now {
        /// The instant it was accepted.
        at: Timestamp,
    },
    /// At an instant, with the wall-clock time it was meant as when the author gave one.
    At {
        /// The resolved instant.
        at: Timestamp,
        /// What the author wrote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wall: Option<WallTime>,
        /// The release of the tz database that resolved it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tzdb: Option<String>,
    },
    /// In a slot: the next free one of its accounts' queues, or their best time.
    Queue {
        /// The slot it got.
        at: Timestamp,
        /// Why it is this one, where the best time was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        best: Option<Box<BestTime>>,
    },
    /// Not yet; there are no deliveries.
    Draft,
}

impl Schedule {
    /// A resolved wall time.
    pub fn wall(at: Timestamp, wall: WallTime) -> Self {
        Self::At { at, wall: Some(wall), tzdb: Some(tzdb().to_owned()) }
    }

    /// The due instant, unless it is a draft.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self {
            Self::Now { at } | Self::At { at, .. } | Self::Queue { at, .. } => Some(*at),
            Self::Draft => None,
        }
    }

    /// The slot that it takes.
    pub fn slot(&self) -> Option<Timestamp> {
        if let Self::Queue { at, .. } = self { Some(*at) } else { None }
    }

    /// The time that was chosen as the best.
    pub fn best_time(&self) -> Option<&BestTime> {
        if let Self::Queue { best, .. } = self { best.as_deref() } else { None }
    }

    /// The local time that it was meant as, and the release of the tz database that resolved it.
    pub fn local(&self) -> Option<(&WallTime, Option<&str>)> {
        match self {
            Self::At { wall: Some(wall), tzdb, .. } => Some((wall, tzdb.as_deref())),
            _ => self.best_time().map(|best| (&best.wall, Some(best.tzdb.as_str()))),
        }
    }
}

/// One account a post goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// Its platform.
    pub platform: PlatformId,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Id; `pack_id` on the wire.
    pub id: PostId,
    /// Tenant.
    pub tenant: TenantId,
    /// Author.
    pub created_by: MemberId,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The content for platforms without a variant of their own.
    pub content: Variant,
    /// Content for single platforms.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<PlatformId, Variant>,
    /// When.
    pub schedule: Schedule,
    /// Where to.
    pub targets: Vec<Target>,
    /// How many seconds late it may still start before it is MISSED.
    pub max_lateness_s: u32,
    /// The series that it is a run of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesId>,
    /// What it answers, where that is in the inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<InteractionId>,
    /// Whether its words were changed since it is live: its deliveries may say something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub amended: bool,
    /// When a person last had a delivery of it sent again, or go on: it may be published long after its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_again_at: Option<Timestamp>,
    /// Until when a deletion on its platforms may be under way: nothing of it is tried again before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removing_until: Option<Timestamp>,
    /// True once its author deleted it from Herald's lists (deliveries keep their history).
    #[serde(default)]
    pub archived: bool,
}

impl Post {
    /// The content that goes to `platform`.
    pub fn variant_for(&self, platform: &PlatformId) -> &Variant {
        self.variants.get(platform).unwrap_or(&self.content)
    }

    /// Whether it may be being deleted on its platforms at this moment.
    pub fn is_being_removed(&self, now: Timestamp) -> bool {
        self.removing_until.is_some_and(|until| now < until)
    }

    /// Whether it is a draft.
    pub fn is_draft(&self) -> bool {
        matches!(self.schedule, Schedule::Draft)
    }
}

/// A post's state in one word, as lists and the requirement documents' clients show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostStatus {
    /// Not scheduled.
    Draft,
    /// Every delivery still waits for its time.
    Scheduled,
    /// Something is on its way.
    Publishing,
    /// A person must look: an outcome is unknown or an account needs reconnecting.
    Attention,
    /// Everything is live.
    Published,
    /// Some deliveries are live, others ended otherwise.
    Partial,
    /// Nothing is live and at least one delivery failed or was missed.
    Failed,
    /// All deliveries were called off.
    Canceled,
}

impl PostStatus {
    /// Sums up the deliveries of a post; an empty list is a draft.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a State>) -> Self {
        let (mut total, mut waiting, mut attention, mut live, mut canceled, mut ended, mut partial) =
            (0, 0, 0, 0, 0, 0, false);
        for state in states {
            total += 1;
            match state {
                State::Scheduled => waiting += 1,
                State::Attention { .. } | State::BlockedAuth { .. } => attention += 1,
                State::Published { .. } => live += 1,
                State::Canceled { .. } => canceled += 1,
                State::Partial { .. } => partial = true,
                State::Failed { .. } | State::Missed { .. } => ended += 1,
                _ => {}
            }
        }
        let settled = live + canceled + ended + i32::from(partial);
        match () {
            () if total == 0 => Self::Draft,
            () if attention > 0 => Self::Attention,
            () if waiting == total => Self::Scheduled,
            () if settled < total => Self::Publishing,
            () if live == total => Self::Published,
            () if partial || live > 0 => Self::Partial,
            () if canceled == total => Self::Canceled,
            () => Self::Failed,
        }
    }
}
