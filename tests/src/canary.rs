//! The search for what must not be somewhere: each planted text in each form a program could have left it in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;
use std::fmt;
use std::fmt::Write as _;

/// Shortest text that is worth searching for: a shorter one would be found by chance.
const SHORTEST: usize = 8;

/// Something that is kept or was emitted.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where it is, in words.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Place {
    /// A place with a JSON text.
    pub fn new(name: impl Into<String>, value: &Value) -> Self {
        Self { name: name.into(), text: value.to_string() }
    }
}

/// A planted text.
#[derive(Debug, Clone)]
pub struct Canary {
    /// What it is.
    pub name: &'static str,
    forms: Vec<Form>,
}

#[derive(Debug, Clone)]
struct Form {
    name: &'static str,
    text: String,
    /// Letters of either case are the same.
    any_case: bool,
}

/// A planted text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub place: String,
    /// What.
    pub canary: &'static str,
    /// In which form.
    pub form: &'static str,
    /// What stands around it.
    pub around: String,
}

impl fmt::Display for Hit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}) in {}: …{}…", self.canary, self.form, self.place, self.around)
    }
}

impl Canary {
    /// A text to search for.
    pub fn new(name: &'static str, text: &str) -> Self {
        assert!(text.len() >= SHORTEST, "{name}: too short to search for: {text}");
        let bytes = text.as_bytes();
        let loose = |name, text| Form { name, text, any_case: true };
        let exact = |name, text| Form { name, text, any_case: false };
        let escaped = serde_json::to_string(text).unwrap();
        let escaped = escaped.trim_matches('"').to_owned();
        let mut forms = vec![
            loose("plain", text.to_lowercase()),
            loose("in JSON", escaped.to_lowercase()),
            loose("in JSON in JSON", escaped.replace('\\', "\\\\").to_lowercase()),
            loose("hex", each(bytes, |_| true, "")),
            loose("URL-encoded", each(bytes, |b| !b.is_ascii_alphanumeric() && !b"-._~".contains(&b), "%")),
            loose("URL-encoded, every byte", each(bytes, |_| true, "%")),
        ];
        for offset in 0..3 {
            forms.push(exact("base64", within_base64(bytes, offset, &STANDARD)));
            forms.push(exact("base64url", within_base64(bytes, offset, &URL_SAFE)));
        }
        Self { name, forms }
    }

    fn found_in(&self, place: &Place, lower: &str) -> Option<Hit> {
        self.forms.iter().find_map(|form| {
            let text = if form.any_case { lower } else { place.text.as_str() };
            let at = text.find(&form.text)?;
            let from = text.floor_char_boundary(at.saturating_sub(60));
            let to = text.ceil_char_boundary((at + form.text.len() + 40).min(text.len()));
            let around = text[from..to].to_owned();
            Some(Hit { place: place.name.clone(), canary: self.name, form: form.name, around })
        })
    }
}

/// Each byte that `coded` asks for as `mark` and two hexadecimal digits, the others as they are, all in lower case.
fn each(bytes: &[u8], coded: impl Fn(u8) -> bool, mark: &str) -> String {
    let mut out = String::new();
    for byte in bytes {
        if coded(*byte) {
            write!(out, "{mark}{byte:02x}").unwrap();
        } else {
            out.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    out
}

/// What of the text's base64 is the same whatever stands before and after it, when `offset` bytes (modulo three) do.
fn within_base64(bytes: &[u8], offset: usize, engine: &impl Engine) -> String {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(bytes);
    let whole = engine.encode(&padded);
    // A character holds six bits. Those that share a character with a neighbour are left out.
    let (first, last) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    whole[first..last].to_owned()
}

/// Every planted text in every place.
pub fn search<'a>(canaries: &[Canary], places: impl IntoIterator<Item = &'a Place>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for place in places {
        let lower = place.text.to_lowercase();
        hits.extend(canaries.iter().filter_map(|canary| canary.found_in(place, &lower)));
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Mark-4711/+ä@example.org\r\nnext";

    fn form(text: String) -> Option<&'static str> {
        let place = Place { name: "here".into(), text };
        search(&[Canary::new("planted", TEXT)], [&place]).first().map(|hit| hit.form)
    }

    #[test]
    fn a_planted_text_is_found_in_every_form_it_may_have_been_left_in() {
        assert_eq!(form(format!("x{TEXT}x")), Some("plain"));
        assert_eq!(form(TEXT.to_uppercase()), Some("plain"));
        let json = serde_json::json!({ "a": TEXT }).to_string();
        assert_eq!(form(json.clone()), Some("in JSON"));
        assert_eq!(form(serde_json::json!({ "body": json }).to_string()), Some("in JSON in JSON"));
        let hex = each(TEXT.as_bytes(), |_| true, "");
        assert_eq!(form(format!("00{hex}ff")), Some("hex"));
        assert_eq!(form(hex.to_uppercase()), Some("hex"));
        let url: String = TEXT.bytes().fold(String::new(), |mut out, b| {
            if b.is_ascii_alphanumeric() {
                out.push(char::from(b));
            } else {
                write!(out, "%{b:02X}").unwrap();
            }
            out
        });
        assert_eq!(form(url.replace("%2D", "-").replace("%2E", ".")), Some("URL-encoded"));
        assert_eq!(form(each(TEXT.as_bytes(), |_| true, "%")), Some("URL-encoded, every byte"));
    }

    #[test]
    fn a_text_is_found_in_the_base64_of_whatever_holds_it() {
        for before in 0..7 {
            for after in 0..4 {
                let holder = [vec![0xFB; before], TEXT.as_bytes().to_vec(), vec![0xFF; after]].concat();
                assert_eq!(form(STANDARD.encode(&holder)), Some("base64"), "{before} {after}");
                let url = form(URL_SAFE.encode(&holder));
                assert!(matches!(url, Some("base64" | "base64url")), "{before} {after}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found_and_each_place_with_a_hit_is_named() {
        assert_eq!(form("Mark-4712 and other texts".into()), None);
        let place = |name: &str, text: &str| Place { name: name.into(), text: text.into() };
        let canaries = [Canary::new("a", "aaaaaaaa1"), Canary::new("b", "bbbbbbbb2")];
        let places = [place("one", "bbbbbbbb2"), place("two", "nothing"), place("three", "aaaaaaaa1 bbbbbbbb2")];
        let hits: Vec<_> = search(&canaries, &places).into_iter().map(|h| (h.place, h.canary)).collect();
        assert_eq!(hits, [("one".into(), "b"), ("three".into(), "a"), ("three".into(), "b")]);
    }
}
