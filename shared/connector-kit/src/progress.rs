//! What is kept with a delivery between two steps of preparing, in the form of its connector.

use ports::PublishCall;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is kept; none where nothing is, or nothing in this form.
pub fn kept<T: DeserializeOwned>(call: &PublishCall<'_>) -> Option<T> {
    serde_json::from_value(call.progress?.clone()).ok()
}

/// As it is kept.
pub fn value<T: Serialize>(kept: &T) -> Value {
    // A connector's own form always serialises.
    serde_json::to_value(kept).unwrap_or_default()
}
