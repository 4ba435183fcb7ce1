//! When something was made, beside when a request left that may have made it.

use jiff::{SignedDuration, Timestamp};

/// By how much a platform's clock may differ from ours.
const CLOCKS: SignedDuration = SignedDuration::from_secs(60);
/// By how much the clock of a server may be wrong that somebody keeps.
const WRONG_CLOCK: SignedDuration = SignedDuration::from_hours(24);

/// From when on something may be what a request made that left at `since`, by the clock of its platform: lists are read as far back.
pub fn earliest(since: Timestamp) -> Timestamp {
    since - CLOCKS
}

/// How something stands to a request by its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// The request did not make it, however the clock there goes.
    LongBefore,
    /// The request did not make it, if the clock there goes right: for a person to look at where it says the same.
    Before,
    /// The request may have made it; also of what has no time.
    Since,
}

/// How what was made `at` stands to a request that left at `since`.
pub fn made(at: Option<Timestamp>, since: Timestamp) -> Made {
    match at.map(|at| since.duration_since(at)) {
        Some(before) if before > WRONG_CLOCK => Made::LongBefore,
        Some(before) if before > CLOCKS => Made::Before,
        _ => Made::Since,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_clocks_differ_was_made_before_and_by_a_day_in_any_case() {
        let since = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1_000);
        let ago = |s: i64| made(Some(since - SignedDuration::from_secs(s)), since);
        assert_eq!((made(None, since), ago(-5), ago(60)), (Made::Since, Made::Since, Made::Since));
        assert_eq!((ago(61), ago(86_400), ago(86_401)), (Made::Before, Made::Before, Made::LongBefore));
    }
}
