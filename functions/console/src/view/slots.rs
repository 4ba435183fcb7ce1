//! The queue slots of an account.

use serde::Serialize;

use super::{AccountRef, Fact, FieldError, Moment, ZoneGroup};

/// `GET /console/accounts/{account_id}/slots`.
///
/// Posts the ids of the days (times such as `09:00, 17:30`), `zone`, `csrf`, `idempotency_key`. Error fields: those names, and `slots`
/// for the whole week.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SlotsPage {
    /// Whose slots.
    pub account: AccountRef,
    /// Where the form posts to; absent for roles that may only look.
    pub action: Option<String>,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// The days of the week, Monday first.
    pub days: Vec<SlotDay>,
    /// The zone of the times.
    pub zone: String,
    /// The zones to choose from.
    pub zones: Vec<ZoneGroup>,
    /// The next slot that no post has.
    pub next: Option<Moment>,
    /// Why there is none.
    pub none_free: Option<String>,
    /// The week, for who may not change it.
    pub facts: Vec<Fact>,
}

/// The slots of a weekday.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SlotDay {
    /// Its field's name.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// Its times.
    pub times: String,
}

/// The slots of an account, from elsewhere.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SlotsLink {
    /// Whose.
    pub account: AccountRef,
    /// Their page.
    pub href: String,
}
