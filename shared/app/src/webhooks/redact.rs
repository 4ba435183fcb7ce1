//! An endpoint may repeat in its answer what it was sent. The beginning of the answer is kept for the log, which whoever may
//! read sees: what lies sealed elsewhere is taken out of it first.

mod spelled;

use super::seal::Opened;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use spelled::spelled;
use std::collections::BTreeMap;

/// What stands in a secret's place.
const REMOVED: &str = "[removed]";
/// What the name of a header has in it whose value may be secret.
const SECRET_NAMES: [&str; 7] = ["auth", "cookie", "key", "pass", "secret", "sign", "token"];
/// Shortest text that is taken for a secret, in bytes: `1` or `yes` as a header's value would take the answer to pieces.
const SHORTEST: usize = 4;
/// Shortest word of a header's value that is taken for a secret by itself, as the token in `Bearer …`.
const SHORTEST_WORD: usize = 8;

/// The excerpt without the endpoint's signing secret and the values of its headers, in whatever spelling of [`spelled`], and
/// without what Basic credentials say. One that was cut at the end goes too.
pub(super) fn excerpt(text: &str, opened: &Opened) -> String {
    let mut out = text.to_owned();
    let secrets = secrets(opened);
    for secret in &secrets {
        out = out.replace(secret.as_str(), REMOVED);
    }
    for secret in &secrets {
        let starts = secret.char_indices().map(|(at, _)| at).filter(|at| *at >= SHORTEST);
        if let Some(at) = starts.rev().find(|at| out.ends_with(&secret[..*at])) {
            out.truncate(out.len() - at);
            out.push_str(REMOVED);
        }
    }
    out
}

/// An answer's headers without what may be secret: the values of those whose names say so, and whatever repeats a secret of ours.
pub(super) fn headers(headers: BTreeMap<String, String>, opened: &Opened) -> BTreeMap<String, String> {
    let kept = |(name, value): (String, String)| {
        let lower = name.to_ascii_lowercase();
        let secret = SECRET_NAMES.iter().any(|part| lower.contains(part));
        let value = if secret { REMOVED.to_owned() } else { excerpt(&value, opened) };
        (name, value)
    };
    headers.into_iter().map(kept).collect()
}

/// All spellings of what is secret, the longest first, since a short one may be part of a long one.
fn secrets(opened: &Opened) -> Vec<String> {
    let signing = opened.secrets.iter().map(ExposeSecret::expose_secret);
    let mut plain: Vec<String> =
        signing.flat_map(|text| [text, text.split_once('_').map_or(text, |(_, key)| key)]).map(str::to_owned).collect();
    for value in opened.headers.values() {
        plain.push(value.trim().to_owned());
        for word in value.split_whitespace().filter(|word| word.len() >= SHORTEST_WORD) {
            plain.push(word.to_owned());
            plain.extend(decoded(word));
        }
    }
    let mut found: Vec<String> = plain.iter().flat_map(|text| spelled(text)).collect();
    found.retain(|text| text.len() >= SHORTEST);
    found.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    found.dedup();
    found
}

/// What a word says in base64, where that is text: the whole, and what follows its first colon. So are a name and a password
/// written in Basic credentials (RFC 7617, 2), which a server may repeat in the clear.
fn decoded(word: &str) -> Vec<String> {
    let bare = word.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| !text.chars().any(char::is_control));
    let Some(text) = text else { return Vec::new() };
    let password = text.split_once(':').map(|(_, password)| password.to_owned());
    password.into_iter().chain([text].into_iter().filter(|text| text.len() >= SHORTEST_WORD)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(value: &str) -> Opened {
        let headers = [("authorization".to_owned(), value.to_owned()), ("x-on".to_owned(), "1".to_owned())];
        Opened { secrets: vec!["whsec_c2lnbmluZy1zZWNyZXQ=".into()], headers: headers.into() }
    }

    #[test]
    fn neither_the_signing_secret_nor_a_headers_value_stays_in_an_excerpt_however_it_is_spelled() {
        let opened = opened("Bearer canary/\"token\"");
        for echoed in [
            "authorization: Bearer canary/\"token\"",
            "token canary/\"token\" is unknown",
            r#"{"authorization":"Bearer canary/\"token\""}"#,
            r#"{"authorization":"Bearer canary\/\"token\""}"#,
            "whsec_c2lnbmluZy1zZWNyZXQ= or c2lnbmluZy1zZWNyZXQ=",
            "it was cut: Bearer canary/\"to",
            "it was cut: canary",
        ] {
            let kept = excerpt(echoed, &opened);
            assert!(!kept.contains("canary") && !kept.contains("c2lnbmlu") && kept.contains(REMOVED), "{kept}");
        }
    }

    #[test]
    fn what_basic_credentials_say_does_not_stay_either() {
        // crm:canary <"it's/fine">
        let opened = opened("Basic Y3JtOmNhbmFyeSA8Iml0J3MvZmluZSI+");
        for echoed in [
            "401: user crm, password canary <\"it's/fine\"> is wrong",
            "crm:canary <\"it's/fine\">",
            "?password=canary%20%3C%22it%27s%2Ffine%22%3E&next",
            "?password=canary%20%3c%22it%27s%2ffine%22%3e&next",
            "password=canary+%3C%22it%27s%2Ffine%22%3E",
            "<p>canary &lt;&quot;it&#39;s/fine&quot;&gt;</p>",
            "<p>canary &lt;&#34;it&#39;s/fine&#34;&gt;</p>",
            "Basic%20Y3JtOmNhbmFyeSA8Iml0J3MvZmluZSI%2B",
        ] {
            let kept = excerpt(echoed, &opened);
            let left = ["canary", "fine", "Y3Jt"].iter().any(|part| kept.contains(part));
            assert!(!left && kept.contains(REMOVED), "{kept}");
        }
        assert_eq!(excerpt("401: user crm", &opened), "401: user crm", "a name alone is no secret");
    }

    #[test]
    fn a_word_that_is_base64_by_chance_takes_nothing_else_out() {
        for word in ["Bearer dGVzdA==", "abcdefgh", "AAECAwQFBgc=", "Y3JtOng="] {
            assert_eq!(excerpt("a test of crm and x", &opened(word)), "a test of crm and x", "{word}");
        }
    }

    #[test]
    fn of_an_answers_headers_only_what_is_not_secret_stays() {
        let opened = opened("Bearer canary/token");
        let came = [
            ("content-type", "text/plain", "text/plain"),
            ("set-cookie", "session=1", REMOVED),
            ("x-api-key", "k", REMOVED),
            ("x-echo", "Bearer canary/token", REMOVED),
        ];
        let kept = headers(came.map(|(name, value, _)| (name.to_owned(), value.to_owned())).into(), &opened);
        assert_eq!(kept, came.map(|(name, _, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn the_rest_of_an_excerpt_stays_as_it_is() {
        let opened = opened("Bearer canary/token");
        assert_eq!(
            excerpt("11 failures: see https://example.com/1", &opened),
            "11 failures: see https://example.com/1"
        );
        assert_eq!(excerpt("", &opened), "");
    }
}
