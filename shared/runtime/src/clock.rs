//! The time on log lines and metrics. Everything that decides takes the time from the Clock port.

use jiff::Timestamp;

#[allow(clippy::disallowed_methods)] // stamps lines, decides nothing
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
