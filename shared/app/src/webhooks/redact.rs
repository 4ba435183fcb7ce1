//! An endpoint may repeat in its answer what it was sent. The beginning of the answer is kept for the log, which whoever may
//! read sees: what lies sealed elsewhere is taken out of it first.

use super::seal::Opened;
use secrecy::ExposeSecret;

/// What stands in a secret's place.
const REMOVED: &str = "[removed]";
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

/// All spellings of what is secret, the longest first, since a short one may be part of a long one.
fn secrets(opened: &Opened) -> Vec<String> {
    let signing = opened.secrets.iter().map(|secret| secret.expose_secret());
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
    fn the_rest_of_an_excerpt_stays_as_it_is() {
        let opened = opened("Bearer canary/token");
        assert_eq!(
            excerpt("11 failures: see https://example.com/1", &opened),
            "11 failures: see https://example.com/1"
        );
        assert_eq!(excerpt("", &opened), "");
    }
}
