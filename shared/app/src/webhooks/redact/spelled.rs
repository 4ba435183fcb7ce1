//! The spellings in which a server may repeat a text.

use std::fmt::Write as _;

/// A text as it may be repeated: as it is; in JSON, with and without escaped slashes; percent-encoded, with capital and small
/// digits, by RFC 3986, by `encodeURIComponent`, and as forms are; in HTML, with the references that escaping functions write.
pub(super) fn spelled(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
    let strict = percent(text, "-_.~");
    let component = percent(text, "-_.~!*'()");
    let form = percent(text, "-_.*").replace("%20", "+");
    let mut all = vec![text.to_owned(), json.replace('/', "\\/"), json.to_owned()];
    for encoded in [strict, component, form] {
        all.push(small_digits(&encoded));
        all.push(encoded);
    }
    // One of each is enough where there is nothing to be written in another way: nearly no secret has a quotation mark.
    let quotes = ["&quot;", "&#34;", "&#x22;"];
    let apostrophes = ["'", "&#39;", "&#x27;", "&#039;", "&apos;"];
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for quote in &quotes[..if text.contains('"') { quotes.len() } else { 1 }] {
        for apostrophe in &apostrophes[..if text.contains('\'') { apostrophes.len() } else { 1 }] {
            let html = html.replace('"', quote).replace('\'', apostrophe);
            all.push(html.replace('/', "&#x2F;"));
            all.push(html.replace('/', "&#x2F;").replace('=', "&#x3D;"));
            all.push(html);
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Percent-encoded but for letters, digits and `kept`.
fn percent(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The same with `a` to `f` for `A` to `F` behind each percent sign.
fn small_digits(encoded: &str) -> String {
    let mut behind = 0;
    let small = |c: char| {
        let digit = behind > 0;
        behind = if c == '%' { 2_u8 } else { behind.saturating_sub(1) };
        if digit { c.to_ascii_lowercase() } else { c }
    };
    encoded.chars().map(small).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_spelled_as_servers_repeat_it() {
        let all = spelled("Ä/\"b\" & 'c'=+");
        for one in [
            "Ä/\"b\" & 'c'=+",
            "Ä/\\\"b\\\" & 'c'=+",
            "Ä\\/\\\"b\\\" & 'c'=+",
            "%C3%84%2F%22b%22%20%26%20%27c%27%3D%2B",
            "%c3%84%2f%22b%22%20%26%20%27c%27%3d%2b",
            "%C3%84%2F%22b%22%20%26%20'c'%3D%2B",
            "%C3%84%2F%22b%22+%26+%27c%27%3D%2B",
            "Ä/&quot;b&quot; &amp; &#x27;c&#x27;=+",
            "Ä/&#34;b&#34; &amp; &#39;c&#39;=+",
            "Ä&#x2F;&quot;b&quot; &amp; &#39;c&#39;&#x3D;+",
        ] {
            assert!(all.contains(&one.to_owned()), "{one} is not in {all:#?}");
        }
        assert_eq!(spelled("plain").len(), 1);
    }
}
