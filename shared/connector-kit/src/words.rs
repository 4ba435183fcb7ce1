//! Small text rules: what of a foreign text may be shown, and what may become part of an address.

use std::fmt::Write as _;

/// Longest quotation of a platform's words, in characters.
const MAX_WORDS: usize = 300;

/// A platform's words fit for a log line or a detail: without control characters, white space folded, at most 300
/// characters. What is secret is removed by [`crate::Answer::words`].
pub fn words(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    folded.chars().take(MAX_WORDS).collect()
}

/// Whether the text is a decimal number of 1 to `longest` digits.
pub fn is_number(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the text consists of 1 to `longest` letters, digits, dashes and underscores.
pub fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The text as one segment of a path or one value of a query: everything but unreserved characters (RFC 3986) is
/// percent-encoded.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_stay_one_short_line() {
        assert_eq!(words("a\r\nb\u{0}\tc \u{1b}[31m"), "a b c [31m");
        assert_eq!(words(&"é ".repeat(500)).chars().count(), 300);
    }

    #[test]
    fn ids_are_checked_and_encoded_before_they_enter_an_address() {
        assert!(is_number("1800000000000000001", 19) && !is_number("1/../2", 19) && !is_number("", 19));
        assert!(is_word("demoAda001", 20) && !is_word("a:b", 20) && !is_word("a b", 20));
        assert_eq!(segment("urn:li:share:1/ä"), "urn%3Ali%3Ashare%3A1%2F%C3%A4");
    }
}
