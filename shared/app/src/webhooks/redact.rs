//! An endpoint may repeat in its answer what it was sent. The beginning of the answer is kept for the log, which whoever may
//! read sees: what lies sealed elsewhere is taken out of it first.

use super::seal::Opened;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;

/// What stands in a secret's place.
const REMOVED: &str = "[removed]";
/// What the name of a header has in it whose value may be secret.
const SECRET_NAMES: [&str; 7] = ["auth", "cookie", "key", "pass", "secret", "sign", "token"];
/// Shortest text that is taken for a secret, in bytes: `1` or `yes` as a header's value would take the answer to pieces.
const SHORTEST: usize = 4;
/// Shortest word of a header's value that is taken for a secret by itself, as the token in `Bearer …`.
const SHORTEST_WORD: usize = 8;

/// The excerpt without the endpoint's signing secret and the values of its headers, plain or as JSON writes them. One that
/// was cut at the end goes too.
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
    let mut found: Vec<String> =
        signing.flat_map(|text| [text.to_owned(), text.trim_start_matches("whsec_").to_owned()]).collect();
    for value in opened.headers.values() {
        found.push(value.trim().to_owned());
        found.extend(value.split_whitespace().filter(|word| word.len() >= SHORTEST_WORD).map(str::to_owned));
    }
    let written = found.iter().filter_map(|text| serde_json::to_string(text).ok());
    let as_json: Vec<String> = written.map(|json| json[1..json.len() - 1].to_owned()).collect();
    let slashes: Vec<String> = as_json.iter().map(|text| text.replace('/', "\\/")).collect();
    found.extend(as_json);
    found.extend(slashes);
    found.retain(|text| text.len() >= SHORTEST);
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found
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
