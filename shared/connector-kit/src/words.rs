//! Small text rules: what of a foreign text may be shown, and what may become part of an address.

use jiff::Timestamp;
use ports::PlatformApp;
use std::fmt::Write as _;
use url::{Url, form_urlencoded};

/// Longest quotation of a platform's words, in characters.
const MAX_WORDS: usize = 300;

/// Longest address of a post that is kept, in bytes; ours. A platform may tell one of any length, and a receipt is stored with its
/// delivery and read with every list.
pub const MAX_ADDRESS: usize = 500;

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

/// Bytes as hex digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The HMAC-SHA256 (RFC 2104) of `text` under `key`, as hex digits.
pub fn hmac_hex(key: &[u8], text: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    hex(aws_lc_rs::hmac::sign(&key, text).as_ref())
}

/// A key of so many hex digits (at most 64) that stands for `key`: the same for the same, and nothing in it that a header or a
/// short field would not take.
pub fn short_key(key: &str, digits: usize) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    hex(hash.as_ref()).chars().take(digits).collect()
}

/// The name of what a delivery makes on its platform before anybody sees it: the same at every try, so that one whose answer was
/// lost is found and not made again. It has 32 digits of the key: enough that no two are the same.
pub fn own_name(key: &str) -> String {
    format!("herald-{}", short_key(key, 32))
}

/// Whether the text is a platform's numeric id as the platform writes it: a positive number, spelled the one way.
pub fn is_id(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|number| number > 0 && number.to_string() == text)
}

/// The smallest id that something made at `since` can have, where ids hold the milliseconds since `epoch_ms` in all but their
/// lowest 22 bits. Clocks differ: it is that of a minute before.
pub fn snowflake(epoch_ms: i64, since: Timestamp) -> u64 {
    let ms = since.as_millisecond().saturating_sub(60_000).saturating_sub(epoch_ms).max(0);
    ms.unsigned_abs() << 22
}

/// Whether the text consists of 1 to `longest` letters, digits, dashes and underscores.
pub fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Pairs as a query, or as the body of a form.
pub fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
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

/// The path, in segments, of an address over https on one of `hosts`, or below `own`, where our registration has people
/// look. None of any other address: with a user, a port, or anything in it that no address on paper has. What follows the
/// path does not count: addresses that people share carry parameters.
pub fn path_on(address: &str, hosts: &[&str], own: &str) -> Option<Vec<String>> {
    if !address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return None;
    }
    let (url, own) = (Url::parse(address).ok()?, Url::parse(own).ok()?);
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let theirs = url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(|h| hosts.contains(&h));
    let path = if theirs {
        url.path()
    } else if url.origin().is_tuple() && url.origin() == own.origin() {
        url.path().strip_prefix(own.path().trim_end_matches('/')).filter(|rest| rest.starts_with('/'))?
    } else {
        return None;
    };
    Some(path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect())
}

/// Whether an address that a platform tells of a post is kept and shown: one that a browser opens, of at most [`MAX_ADDRESS`]
/// bytes.
pub fn is_shown(address: &str) -> bool {
    address.len() <= MAX_ADDRESS && Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Whether bytes or a token may go to an address that a platform's answer named: one of its domains, or a host below one, over
/// https, or a host that the operator configured.
pub fn is_own(app: &PlatformApp, address: &str, domains: &[&str]) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let configured = |base: &String| Url::parse(base).is_ok_and(|base| base.origin() == url.origin());
    let host = url.host_str().unwrap_or_default();
    let below = |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    (url.scheme() == "https" && plain && domains.iter().any(below)) || app.bases.values().any(configured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn bytes_and_tokens_go_only_to_the_platforms_domains_or_a_configured_host() {
        let real = PlatformApp::none();
        let bases = BTreeMap::from([("api".to_owned(), "http://127.0.0.1:4600/platform/api".to_owned())]);
        let local = PlatformApp { bases, ..PlatformApp::none() };
        let goes = |app: &PlatformApp, address: &str| is_own(app, address, &["platform.example", "files.example"]);
        assert!(goes(&real, "https://www.platform.example/uploads/x?y=z") && goes(&real, "https://files.example/"));
        assert!(goes(&local, "http://127.0.0.1:4600/platform/upload/1"));
        for address in [
            "http://www.platform.example/uploads/x",
            "https://evilplatform.example/",
            "https://platform.example.evil.example/",
            "https://platform.example@evil.example/",
            "https://a:b@www.platform.example/",
            "https://www.platform.example:8443/",
            "http://127.0.0.1:4600/platform/upload/1",
            "http://169.254.169.254/",
            "nonsense",
        ] {
            assert!(!goes(&real, address), "{address}");
        }
        assert!(!goes(&local, "http://127.0.0.1:4601/"));
    }

    #[test]
    fn foreign_words_stay_one_short_line() {
        assert_eq!(words("a\r\nb\u{0}\tc \u{1b}[31m"), "a b c [31m");
        assert_eq!(words(&"é ".repeat(500)).chars().count(), 300);
    }

    #[test]
    fn only_addresses_of_the_platform_have_a_path_there() {
        let path = |address: &str| path_on(address, &["x.example"], "http://127.0.0.1:4600/x/").map(|p| p.join("|"));
        for (address, expected) in [
            ("https://x.example/ada/status/1?s=20#top", Some("ada|status|1")),
            ("https://X.example//ada/./a/../status/1/", Some("ada|status|1")),
            ("http://127.0.0.1:4600/x/ada/status/1", Some("ada|status|1")),
            ("https://x.example", Some("")),
            ("http://x.example/ada", None),
            ("https://x.example:444/ada", None),
            ("https://x.example@evil.example/ada", None),
            ("https://me@x.example/ada", None),
            ("https://x.example.evil.example/ada", None),
            ("https://evil.example/x.example/ada", None),
            ("https:\\\\x.example\\ada", None),
            ("https://x.example/a\tda", None),
            ("https://x.example/ä", None),
            ("http://127.0.0.1:4600/xy/ada", None),
            ("http://127.0.0.1:4601/x/ada", None),
            ("javascript:x.example/ada", None),
            ("x.example/ada", None),
            ("", None),
        ] {
            assert_eq!(path(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn an_address_is_shown_that_a_browser_opens_and_that_is_not_too_long_to_keep() {
        let long = |bytes: usize| format!("https://x.example/{}", "a".repeat(bytes - 18));
        assert!(is_shown("http://x.example/1") && is_shown(&long(MAX_ADDRESS)));
        for address in ["", "x.example/1", "javascript:alert(1)", "data:text/html,1", &long(MAX_ADDRESS + 1)] {
            assert!(!is_shown(address), "{address}");
        }
    }

    #[test]
    fn ids_are_checked_and_encoded_before_they_enter_an_address() {
        assert!(is_number("1800000000000000001", 19) && !is_number("1/../2", 19) && !is_number("", 19));
        assert!(is_word("demoAda001", 20) && !is_word("a:b", 20) && !is_word("a b", 20));
        assert_eq!(segment("urn:li:share:1/ä"), "urn%3Ali%3Ashare%3A1%2F%C3%A4");
    }

    #[test]
    fn the_proof_is_the_one_that_rfc_4231_gives_for_its_second_case() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac_hex(b"Jefe", b"what do ya want for nothing?"), expected);
    }
}
