//! What comes in: platforms and other systems tell of comments, messages and what became of what was sent.
//!
//! A *source* is an address of ours that one of them calls, or an account whose platform calls nobody and is asked. Each call, and
//! each answer, is kept as a *receipt* first, and read later: what it tells becomes *incoming events*, each stored once.

mod asking;
mod event;
mod status;

pub use asking::*;
pub use event::*;
pub use status::*;

use crate::publishing::Wake;
use crate::{AccountId, PlatformId, ReceiptId, SourceId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most sources of a tenant.
pub const MAX_SOURCES: usize = 50;
/// Largest body of a call, in bytes. Most have a few kilobytes; the largest batches that a platform's documentation promises have
/// three megabytes. A call that is refused for its size comes again as it is, and is lost in the end.
pub const MAX_CALL: usize = 3 * 1024 * 1024;
/// Most bytes of a body as it is kept: an item has 400 KB, with everything else that a receipt says.
pub const MAX_KEPT: usize = 380_000;
/// Most events that are read from one call; what it tells beyond them is kept as one that has no word. The largest body with events
/// of 300 bytes, shorter than any platform's, has as many.
pub const MAX_HEARD: usize = 10_000;
/// Most characters of a body that can begin another value (`,`, `{`, `[`, `&`). A body of ten thousand events has fewer; one of
/// nothing else would take a hundred times its size to read.
pub const MAX_MARKS: usize = 200_000;
/// What becomes of all that a call tells beyond these limits.
pub const TOO_MANY: &str = "too_many_events";
/// Days a receipt is kept: a call that is repeated within a week is known, with a day for clocks and late repetitions.
pub const RECEIPT_D: i64 = 8;
/// Days an incoming event, and the status of a message, are kept.
pub const INCOMING_D: i64 = 90;

/// An address of ours, for one platform or system of one tenant; or one of its accounts that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Id.
    pub id: SourceId,
    /// Tenant.
    pub tenant: TenantId,
    /// Slug of who calls it.
    pub platform: PlatformId,
    /// What people call it.
    pub name: String,
    /// The account that is asked; none of an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// SHA-256 (hex) of the token in its address; empty where it has none, and written all the same: a release from before sources that are
    /// asked cannot list them without it.
    #[serde(default)]
    pub token_hash: String,
    /// What its callers prove themselves with, sealed, by the names of the platform's form.
    pub secrets: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which source has the token with this hash: a call is known by its token alone, before its tenant is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceKey {
    /// SHA-256 (hex) of the token.
    pub hash: String,
    /// Tenant.
    pub tenant: TenantId,
    /// The source.
    pub source: SourceId,
}

/// A call that was proved, as it came; or what an account's platform answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Made from what names the call, so that a repeated call has the same; of what was asked for at random, since the commit that keeps it
    /// with its place in the list proves it new.
    pub id: ReceiptId,
    /// Tenant.
    pub tenant: TenantId,
    /// Which source was called.
    pub source: SourceId,
    /// Its platform.
    pub platform: PlatformId,
    /// The account that was asked; none of a call. The body is then what was heard ([`Heard`]), and not the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AccountId>,
    /// The type of the body, as the caller named it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// The body: text, or base64 where that is shorter or it is no text.
    pub body: String,
    /// Whether the body is base64.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base64: bool,
    /// Whether the base64 is that of the body deflated (RFC 1951), as that of a large one is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deflated: bool,
    /// When it came.
    pub received_at: Timestamp,
    /// How many of its events are stored: reading goes on behind them.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub done: u32,
    /// When the machine looks at it; none once it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Wake>,
    /// What reading it came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Reading>,
}

/// What reading a receipt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was read.
    pub at: Timestamp,
    /// How many events it told of.
    pub events: u32,
    /// How many of them were of a kind that is not known.
    pub unknown: u32,
}

// serde asks with a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_nothing(n: &u32) -> bool {
    *n == 0
}

impl Receipt {
    /// The same with so many of its events stored: the next tick has it read on.
    pub fn further(&self, done: u32, now: Timestamp) -> Self {
        Self { done, wake: Some(Wake { at: now, set_at: now, sent: false }), ..self.clone() }
    }

    /// The same, read: nothing looks at it any more.
    pub fn read(&self, reading: Reading) -> Self {
        Self { wake: None, read: Some(reading), ..self.clone() }
    }
}
