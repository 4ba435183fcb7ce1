//! The best time to publish, and why it is the best.

use domain::publishing::{BestTime, Reason};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a time was chosen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReasonBody {
    /// In words.
    pub text: String,
    /// On which days it lies: `weekdays` or `weekends`.
    pub days: String,
    /// Its local hour.
    pub hour: i8,
    /// How many accounts it was chosen for.
    pub accounts: u32,
    /// For how many of them the table of good times names this hour.
    pub named: u32,
    /// How many have no table of their platform, but the general one.
    pub general: u32,
    /// How many are on platforms that Herald does not ask how posts did: there the table decides alone.
    pub unread: u32,
    /// Posts of theirs that were read and did better or worse than the middle post of their account, whenever they went out; 0 where
    /// the table decided alone.
    pub measured: u32,
    /// Posts of theirs that went out in this hour of such days.
    pub posts: u32,
    /// Those of them that did better than the middle post of their account.
    pub good: u32,
    /// How many of a hundred posts at this time are expected to.
    pub percent: u8,
}

impl ReasonBody {
    /// The body of a reason.
    pub fn of(reason: &Reason) -> Self {
        // Named one by one: a new field of the reason does not compile until it is shown.
        let Reason { days, hour, accounts, named, general, unread, measured, posts, good, percent } = *reason;
        let text = reason.to_string();
        Self { text, days: days.name().into(), hour, accounts, named, general, unread, measured, posts, good, percent }
    }
}

/// The best time of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BestTimeBody {
    /// When.
    pub at: String,
    /// The local time.
    pub local_time: String,
    /// The IANA zone of the local time, in which hours were compared.
    pub timezone: String,
    /// The release of the tz database that resolved it.
    pub tzdb: String,
    /// Why then.
    pub reason: ReasonBody,
}

impl BestTimeBody {
    /// The body of this time.
    pub fn of(at: Timestamp, best: &BestTime) -> Self {
        Self {
            at: at.to_string(),
            local_time: best.wall.local.to_string(),
            timezone: best.wall.zone.clone(),
            tzdb: best.tzdb.clone(),
            reason: ReasonBody::of(&best.reason),
        }
    }
}
