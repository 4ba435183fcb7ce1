//! The key under which a part is recorded. It follows from the part alone, so a second request for the same part meets the
//! first one's record: a repository holds one record under one key.

use connector_kit::short_key;
use jiff::Timestamp;
use ports::PublishCall;

/// The alphabet of a TID: base32 in the order of its characters.
const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
/// Length of a TID.
const LENGTH: usize = 13;
/// Microseconds of a second: how far a key is moved away from the post's own time.
const SPREAD: u64 = 1_000_000;

/// The key of the part that `call` is about.
pub(super) fn of(call: &PublishCall<'_>) -> String {
    key(&call.key, call.part, call.made_at)
}

/// A TID: 53 bits of microseconds and 10 of a clock's number. The second is that of the post, moved on by one for each part so
/// that a thread's keys rise; all below it follows from the part's name: two parts of an account share thirty bits of it, by
/// chance, or not at all.
fn key(name: &str, part: usize, made_at: Timestamp) -> String {
    let hash = u64::from_str_radix(&short_key(name, 15), 16).unwrap_or_default();
    let second = made_at.as_second().max(0).unsigned_abs().saturating_add(part as u64);
    let micros = second.saturating_mul(SPREAD).saturating_add(hash % SPREAD);
    tid((micros & ((1 << 53) - 1)) << 10 | (hash / SPREAD) & 1_023)
}

fn tid(number: u64) -> String {
    let digit = |at: usize| usize::try_from(number >> (5 * (LENGTH - 1 - at)) & 31).unwrap_or_default();
    (0..LENGTH).map(|at| char::from(ALPHABET[digit(at)])).collect()
}

/// Whether the text is a TID: what comes from outside is put into addresses.
pub(super) fn is_tid(text: &str) -> bool {
    // The uppermost bit is always 0.
    let first = text.bytes().next().is_some_and(|b| ALPHABET[..16].contains(&b));
    text.len() == LENGTH && first && text.bytes().all(|b| ALPHABET.contains(&b))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_are_written_as_the_protocols_examples_are() {
        // The examples of valid keys that the protocol's specification gives.
        for text in ["3jzfcijpj2z2a", "7777777777777", "3zzzzzzzzzzzz"] {
            assert!(is_tid(text), "{text}");
        }
        for text in [
            "3jzfcijpj2z21",
            "0000000000000",
            "3jzfcijpj2z2aa",
            "3jzfcijpj2z2",
            "3jzf-cij-pj2z-2a",
            "zzzzzzzzzzzzz",
            "",
        ] {
            assert!(!is_tid(text), "{text}");
        }
        assert_eq!(tid(0), "2222222222222");
        assert_eq!(tid(u64::MAX >> 1), "bzzzzzzzzzzzz");
        // 2023-04-29T21:19:10.229504Z on clock 6, decoded from a key in the specification.
        let number =
            "3jzfcijpj2z2a".bytes().fold(0, |sum, b| sum << 5 | ALPHABET.iter().position(|a| *a == b).unwrap() as u64);
        assert_eq!(tid(number), "3jzfcijpj2z2a");
    }

    #[test]
    fn a_parts_key_is_the_same_at_every_try_and_no_other_parts() {
        let made_at: Timestamp = "2026-11-28T12:00:00.5Z".parse().unwrap();
        assert_eq!(key("post.account.0", 0, made_at), key("post.account.0", 0, made_at));
        let mut keys = BTreeSet::new();
        for post in 0..2_000 {
            let key = key(&format!("post_{post}.account.0"), 0, made_at);
            assert!(is_tid(&key));
            assert!(keys.insert(key));
        }
        let thread: Vec<String> = (0..25).map(|part| key(&format!("post.account.{part}"), part, made_at)).collect();
        assert!(thread.is_sorted(), "{thread:?}");
        let before = key("a", 0, "2026-11-28T11:59:58Z".parse().unwrap());
        assert!(before < thread[0], "keys rise with time");
    }
}
