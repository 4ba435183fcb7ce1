//! The text rules of X, written here a second time on purpose: the connector counts on its own, and a difference
//! between the two must show as a refused post.

use std::fmt::Write as _;
use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Units of a link, whatever its length (twitter-text configuration v3, `transformedURLLength`).
const LINK_UNITS: usize = 23;

/// Length in weighted units by twitter-text configuration v3.
pub(super) fn weight(text: &str) -> usize {
    let text: String = text.nfc().collect();
    let mut units = 0;
    let mut at = 0;
    for link in links(&text) {
        units += plain(&text[at..link.start]) + LINK_UNITS;
        at = link.end;
    }
    units + plain(&text[at..])
}

fn plain(text: &str) -> usize {
    text.graphemes(true).map(|cluster| if is_emoji(cluster) { 2 } else { cluster.chars().map(char_units).sum() }).sum()
}

/// The four ranges of weight 100; everything else weighs 200 at scale 100.
fn char_units(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

fn is_emoji(cluster: &str) -> bool {
    cluster.chars().any(|c| matches!(u32::from(c), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x20E3 | 0xFE0F))
}

/// Where links with a scheme stand. Bare domains are left out: counting too little is the safe side for a sandbox.
pub(crate) fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("http").map(|at| at + from) {
        let rest = &text[start..];
        let scheme = ["https://", "http://"].into_iter().find(|scheme| rest.starts_with(scheme));
        let Some(scheme) = scheme else {
            from = start + 4;
            continue;
        };
        let stop = |c: char| c.is_whitespace() || !c.is_ascii() || matches!(c, '<' | '>' | '"');
        let end = rest.find(stop).unwrap_or(rest.len());
        let link = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', ']']);
        if link.len() > scheme.len() {
            found.push(start..start + link.len());
        }
        from = start + end.max(4);
    }
    found
}

/// The text as the API returns it: links wrapped in t.co, a link for attached media, HTML characters escaped.
/// Second: the `entities.urls` that say what was wrapped.
pub(super) fn on_the_wire(id: &str, text: &str, has_media: bool) -> (String, Vec<Value>) {
    let (mut out, mut urls, mut at) = (String::new(), Vec::new(), 0);
    for link in links(text) {
        out.push_str(&escape(&text[at..link.start]));
        let short = short_link(id, urls.len());
        let start = out.chars().count();
        out.push_str(&short);
        urls.push(json!({"start": start, "end": start + LINK_UNITS, "url": short,
                         "expanded_url": &text[link.clone()], "display_url": &text[link.clone()]}));
        at = link.end;
    }
    out.push_str(&escape(&text[at..]));
    if has_media {
        let short = short_link(id, urls.len());
        let gap = if out.is_empty() { "" } else { " " };
        let _ = write!(out, "{gap}{short}");
        urls.push(json!({"url": short, "expanded_url": format!("https://x.com/i/status/{id}/photo/1")}));
    }
    (out, urls)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// 23 characters, the same for the same place of the same post.
fn short_link(id: &str, index: usize) -> String {
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{id}/{index}").as_bytes()));
    let letters: String = hash.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
    format!("https://t.co/{letters}")
}

#[cfg(test)]
mod tests {
    use super::{links, on_the_wire, weight};

    #[test]
    fn counts_latin_as_one_and_cjk_and_emoji_as_two() {
        assert_eq!(weight("abc"), 3);
        assert_eq!(weight("日本"), 4);
        assert_eq!(weight("👨‍👩‍👧‍👦"), 2);
        assert_eq!(weight("e\u{301}"), 1, "normalised before counting");
    }

    #[test]
    fn counts_a_link_as_23_without_its_final_punctuation() {
        assert_eq!(weight("see https://example.com/a/very/long/path?with=query."), 4 + 23 + 1);
        assert_eq!(links("httpfoo https:// end").len(), 0);
    }

    #[test]
    fn returns_links_wrapped_and_characters_escaped() {
        let (text, urls) = on_the_wire("1", "a & b https://example.com", true);
        assert!(text.starts_with("a &amp; b https://t.co/"), "{text}");
        assert_eq!(urls[0]["expanded_url"], "https://example.com");
        assert_eq!(urls.len(), 2);
        assert_eq!(urls[0]["url"].as_str().map(str::len), Some(23));
    }
}
