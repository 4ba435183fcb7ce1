//! What is kept with a delivery between two steps of preparing, in the form of its connector.

use domain::publishing::READ_SPACING_S;
use jiff::{SignedDuration, Timestamp};
use ports::PublishCall;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is kept; none where nothing is, or nothing in this form.
pub fn kept<T: DeserializeOwned>(call: &PublishCall<'_>) -> Option<T> {
    serde_json::from_value(call.progress?.clone()).ok()
}

/// Until when it must not be believed that a platform will publish nothing of what may have reached it; none when it may. One answer
/// may be older than what becomes of a request, so that a second one must say the same, as long after it as readings that count lie
/// apart. `said_at` is kept: when it was said first.
pub fn twice(said_at: &mut Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let until = *said_at.get_or_insert(now) + SignedDuration::from_secs(READ_SPACING_S);
    (now < until).then_some(until)
}

/// As it is kept.
pub fn value<T: Serialize>(kept: &T) -> Value {
    // A connector's own form always serialises.
    serde_json::to_value(kept).unwrap_or_default()
}
