//! The correlation id: one string that follows a request from HTTP through the queue to the platform call. It is a field
//! of every log line, part of every message and event, and the `instance` of every problem.

use std::future::Future;

tokio::task_local! {
    static CURRENT: String;
}

/// Longest correlation id taken from outside.
const MAX: usize = 64;

/// The correlation id of what is being worked on; empty outside of requests and messages.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Runs `work` under a correlation id.
pub async fn scope<F: Future>(cid: String, work: F) -> F::Output {
    CURRENT.scope(cid, work).await
}

/// Whether a correlation id from outside may be used: 1 to 64 of `A-Z a-z 0-9 _ -`. Anything else could write into logs
/// what does not belong there.
pub fn is_valid(text: &str) -> bool {
    (1..=MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_words_are_taken_from_outside() {
        assert!(is_valid("a") && is_valid("Req_0-9") && is_valid(&"x".repeat(64)));
        for bad in ["", "a b", "a\nb", "ä", "a\"", &"x".repeat(65)] {
            assert!(!is_valid(bad), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn the_id_is_known_inside_its_scope_only() {
        assert_eq!(current(), "");
        assert_eq!(scope("c1".into(), async { current() }).await, "c1");
        assert_eq!(current(), "");
    }
}
