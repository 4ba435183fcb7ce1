//! What a client can ask for, free of any wire form: three documents' forms become this one.

use domain::AccountId;
use domain::PlatformId;
use domain::publishing::{Approval, Delivery, Post, Variant};
use domain::time::{OnGap, WallTime};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Where a post goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetSpec {
    /// This account.
    Account(AccountId),
    /// The tenant's only account on this platform (slug or alias).
    Platform(String),
}

/// When it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// At an instant.
    At(Timestamp),
    /// At a wall-clock time.
    Wall(WallTime, OnGap),
    /// In the next free slot.
    Queue,
    /// At the best time that is free.
    Best(Range),
    /// Not yet.
    Draft,
}

impl When {
    /// Whether it takes a slot, which another post may take first.
    pub fn takes_slot(&self) -> bool {
        matches!(self, Self::Queue | Self::Best(_))
    }
}

/// Where a best time is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Range {
    /// IANA zone of the hours that are compared; the tenant's, where none is said.
    pub zone: Option<String>,
    /// From when on; five minutes from now at the earliest.
    pub from: Option<Timestamp>,
    /// Until when, inclusive; a week after its begin, where nothing is said.
    pub to: Option<Timestamp>,
}

/// A post to accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishCommand {
    /// The content.
    pub content: Variant,
    /// Content for single platforms, by slug or alias.
    pub variants: BTreeMap<String, Variant>,
    /// Where.
    pub targets: Vec<TargetSpec>,
    /// When.
    pub when: When,
    /// Seconds it may start late; an hour when not said.
    pub max_lateness_s: Option<u32>,
}

/// What was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The post.
    pub post: Post,
    /// Its deliveries; none for a draft.
    pub deliveries: Vec<Delivery>,
    /// What somebody has to approve before it leaves.
    pub approval: Option<Approval>,
    /// Things that were done differently than asked, in words.
    pub warnings: Vec<String>,
}

/// The platform named by a request, as a slug.
pub(crate) fn slug(deps: &crate::Deps, name: &str) -> Option<PlatformId> {
    deps.connectors.named(name).map(|c| c.descriptor().id.clone())
}
