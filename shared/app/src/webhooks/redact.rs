//! An endpoint may repeat in its answer what it was sent. The beginning of the answer is kept for the log, which whoever may
//! read sees: what lies sealed elsewhere is taken out of it first.

mod spelled;

use super::seal::Opened;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use spelled::spelled;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What stands in a secret's place.
const REMOVED: &str = "[removed]";
/// What stands in an answer's place where the endpoint's headers have more to be looked for than [`MOST_BYTES`].
const TOO_MUCH: &str = "[removed: the headers of this endpoint are too long to be looked for in an answer]";
/// What the name of a header has in it whose value may be secret.
const SECRET_NAMES: [&str; 7] = ["auth", "cookie", "key", "pass", "secret", "sign", "token"];
/// Shortest text that is taken for a secret, in bytes: `1` or `yes` as a header's value would take the answer to pieces.
const SHORTEST: usize = 4;
/// Shortest word of a header's value that is taken for a secret by itself, as the token in `Bearer …`.
const SHORTEST_WORD: usize = 8;
/// Words of an endpoint's headers that are taken for secrets by themselves, the longest first. Ours: as many as ten headers need that
/// are no attack. Without a limit, ten headers of a thousand signs cost each answer seconds.
const MOST_WORDS: usize = 64;
/// Bytes of all spellings together. Ours: ten headers with a token of 1,024 signs each, in base64, need half of that. What a function holds
/// beside its requests may not depend on how somebody words their headers.
const MOST_BYTES: usize = 256 * 1024;

/// What is secret of an endpoint, in whatever spelling of [`spelled`], in order. It is made for one answer, when that is there, and asked for
/// the body and for each header: a request that waits for its answer for seconds holds none.
pub(super) struct Secrets {
    spellings: Vec<Spelling>,
    /// Whether everything that has to be taken out is known. If not, nothing of an answer stays.
    whole: bool,
}

/// The spellings of several texts, as many as fit.
#[derive(Default)]
struct Spellings {
    texts: BTreeSet<String>,
    bytes: usize,
}

impl Spellings {
    /// Takes all spellings of a text, or none of them: false where they do not fit.
    fn take(&mut self, text: &str) -> bool {
        let mut new = spelled(text);
        new.retain(|text| text.len() >= SHORTEST && !self.texts.contains(text));
        let bytes = self.bytes + new.iter().map(String::len).sum::<usize>();
        if bytes > MOST_BYTES {
            return false;
        }
        self.bytes = bytes;
        self.texts.extend(new);
        true
    }

    fn in_order(self) -> Vec<Spelling> {
        let mut all: Vec<Spelling> = Vec::new();
        for text in self.texts {
            // In order, whatever a text begins with stands before it, and the one in front begins with that as well.
            let mut begins_with = all.len().checked_sub(1);
            while let Some(one) = begins_with.and_then(|at| all.get(at)) {
                if text.starts_with(&one.text) {
                    break;
                }
                begins_with = one.begins_with;
            }
            all.push(Spelling { text, begins_with });
        }
        all
    }
}

/// One spelling, and the place of the longest other one that it begins with.
struct Spelling {
    text: String,
    begins_with: Option<usize>,
}

impl Secrets {
    /// The endpoint's signing secrets, the address of a chat, and the values of its headers, by themselves and word by word, and what
    /// Basic credentials say.
    pub(super) fn of(opened: &Opened) -> Self {
        let signing = opened.secrets.iter().map(ExposeSecret::expose_secret);
        let mut plain: BTreeSet<String> = signing
            .flat_map(|text| [text, text.split_once('_').map_or(text, |(_, key)| key)])
            .map(str::to_owned)
            .collect();
        plain.extend(opened.headers.values().map(|value| value.trim().to_owned()));
        // Of a chat's address what lets people write is in its path, which an answer may name without the rest.
        for address in opened.address.iter().map(ExposeSecret::expose_secret) {
            plain.insert(address.to_owned());
            plain.extend(address.rsplit('/').next().map(str::to_owned));
        }
        let words: BTreeSet<&str> = opened.headers.values().flat_map(|value| value.split_whitespace()).collect();
        let mut words: Vec<&str> = words.into_iter().filter(|word| word.len() >= SHORTEST_WORD).collect();
        words.sort_by_key(|word| Reverse(word.len()));
        let mut all = Spellings::default();
        let whole = plain.iter().all(|text| all.take(text));
        if whole {
            let words =
                words.into_iter().take(MOST_WORDS).flat_map(|word| [word.to_owned()].into_iter().chain(decoded(word)));
            for word in words {
                all.take(&word);
            }
        }
        Self { spellings: all.in_order(), whole }
    }

    /// The excerpt without what is secret. A secret that was cut at the end goes too.
    pub(super) fn excerpt(&self, text: &str) -> String {
        if !self.whole {
            return if text.is_empty() { String::new() } else { TOO_MUCH.to_owned() };
        }
        let (mut out, mut told) = (String::new(), 0);
        for (at, _) in text.char_indices() {
            let Some(length) = self.length(&text[at..]) else { continue };
            // What overlaps goes as one.
            if at >= told {
                out.push_str(&text[told..at]);
                out.push_str(REMOVED);
            }
            told = told.max(at + length);
        }
        out.push_str(&text[told..]);
        out
    }

    /// An answer's headers without what may be secret: the values of those whose names say so, and whatever repeats a secret of ours.
    pub(super) fn headers(&self, headers: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let kept = |(name, value): (String, String)| {
            let lower = name.to_ascii_lowercase();
            let secret = SECRET_NAMES.iter().any(|part| lower.contains(part));
            let value = if secret { REMOVED.to_owned() } else { self.excerpt(&value) };
            (name, value)
        };
        headers.into_iter().map(kept).collect()
    }

    /// How long the longest secret is with which a text begins, in bytes; all of the text where a secret goes on behind its end. The
    /// endpoint has both in its hand: this halves the list, and never goes through it.
    fn length(&self, rest: &str) -> Option<usize> {
        let next = self.spellings.partition_point(|one| one.text.as_str() <= rest);
        let cut = self.spellings.get(next).is_some_and(|one| one.text.starts_with(rest));
        if cut && rest.len() >= SHORTEST {
            return Some(rest.len());
        }
        let mut before = next.checked_sub(1);
        while let Some(one) = before.and_then(|at| self.spellings.get(at)) {
            if rest.starts_with(&one.text) {
                return Some(one.text.len());
            }
            before = one.begins_with;
        }
        None
    }
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
        Opened { secrets: vec!["whsec_c2lnbmluZy1zZWNyZXQ=".into()], address: None, headers: headers.into() }
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
            let kept = Secrets::of(&opened).excerpt(echoed);
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
            let kept = Secrets::of(&opened).excerpt(echoed);
            let left = ["canary", "fine", "Y3Jt"].iter().any(|part| kept.contains(part));
            assert!(!left && kept.contains(REMOVED), "{kept}");
        }
        assert_eq!(Secrets::of(&opened).excerpt("401: user crm"), "401: user crm", "a name alone is no secret");
    }

    #[test]
    fn a_word_that_is_base64_by_chance_takes_nothing_else_out() {
        for word in ["Bearer dGVzdA==", "abcdefgh", "AAECAwQFBgc=", "Y3JtOng="] {
            assert_eq!(Secrets::of(&opened(word)).excerpt("a test of crm and x"), "a test of crm and x", "{word}");
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
        let kept =
            Secrets::of(&opened).headers(came.map(|(name, value, _)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(kept, came.map(|(name, _, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn the_rest_of_an_excerpt_stays_as_it_is() {
        let opened = opened("Bearer canary/token");
        assert_eq!(
            Secrets::of(&opened).excerpt("11 failures: see https://example.com/1"),
            "11 failures: see https://example.com/1"
        );
        assert_eq!(Secrets::of(&opened).excerpt(""), "");
    }

    #[test]
    fn secrets_that_overlap_go_whole_wherever_each_begins() {
        let opened = opened("canary-one one-and-more-of-it canary-o");
        let secrets = Secrets::of(&opened);
        assert_eq!(secrets.excerpt("<canary-one-and-more-of-it>"), "<[removed]>");
        assert_eq!(secrets.excerpt("<canary-only>"), "<[removed]nly>");
        assert_eq!(secrets.excerpt("ä canary-one, ä canary-one ä one-and-mo"), "ä [removed], ä [removed] ä [removed]");
    }

    #[test]
    fn the_most_hostile_headers_make_few_spellings_of_few_bytes_and_nothing_of_an_answer_stays_where_they_do_not_fit() {
        // Headers of 1,024 signs, each of short words that are spelled in as many ways as a word can be.
        let word = |n: u32| format!("{n:03}&<>\"'/=");
        let value = |header: u32| (0..93).map(|n| word(header * 93 + n)).collect::<Vec<_>>().join(" ");
        let signed = || vec!["whsec_c2lnbmluZy1zZWNyZXQ=".into(); 2];
        let hostile = |headers: u32| Opened {
            secrets: signed(),
            address: None,
            headers: (0..headers).map(|n| (format!("x-{n}"), value(n))).collect(),
        };
        let of_each = spelled(&word(0)).len();
        assert!(of_each > 40);
        for headers in 1..=10 {
            let opened = hostile(headers);
            let secrets = Secrets::of(&opened);
            let bytes: usize = secrets.spellings.iter().map(|one| one.text.len()).sum();
            let texts = 2 + 10 + MOST_WORDS;
            assert!(bytes <= MOST_BYTES && secrets.spellings.len() <= texts * of_each, "{headers}: {bytes} bytes");
            for value in opened.headers.values() {
                let kept = secrets.excerpt(&format!("{value} is unknown"));
                assert!(kept == "[removed] is unknown" || kept == TOO_MUCH, "{headers}: {kept}");
            }
            assert_eq!(secrets.whole, headers == 1, "{headers}");
        }
        let kept = Secrets::of(&hostile(10)).headers([("x-echo".to_owned(), "any".to_owned())].into());
        assert_eq!(kept, [("x-echo".to_owned(), TOO_MUCH.to_owned())].into());
    }

    #[test]
    fn ten_headers_with_a_long_token_each_fit() {
        let token = |n: u32| format!("Bearer {n}{}==", "aGVyYWxk/G9uY2Ug+W9y".repeat(50));
        let headers: BTreeMap<String, String> = (0..10).map(|n| (format!("x-{n}"), token(n))).collect();
        let secrets = Secrets::of(&Opened { secrets: Vec::new(), address: None, headers });
        assert!(secrets.whole);
        assert_eq!(secrets.excerpt(&format!("of {}: unknown", &token(9)[7..])), "of [removed]: unknown");
    }

    #[test]
    fn of_many_words_the_longest_are_the_secrets() {
        let short: Vec<String> = (0..100).map(|n| format!("word-{n:03}")).collect();
        let secrets = Secrets::of(&opened(&format!("{} canary-token", short.join(" "))));
        assert_eq!(secrets.excerpt("canary-token is unknown"), "[removed] is unknown");
        assert_eq!(secrets.excerpt("word-000, word-099."), "[removed], word-099.");
    }
}
