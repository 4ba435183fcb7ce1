//! Text as HTML. What people write is text: nothing in it may become markup, or a code that a platform fills in.

use domain::publishing::Variant;
use domain::text::{has_link, links};

/// The text as HTML, in content and in attributes. Brackets, too: some platforms look for codes in them in what is shown.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            '[' => out.push_str("&#091;"),
            ']' => out.push_str("&#093;"),
            other => out.push(other),
        }
    }
    out
}

/// The text as HTML in which line breaks stay.
pub fn lines(text: &str) -> String {
    escape(text).replace('\n', "<br>")
}

/// A link with these words.
pub fn anchor(address: &str, words: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(words))
}

/// What stands in each paragraph: blank lines part them, line breaks stay, and addresses with a scheme are links.
pub fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let (mut all, mut open): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim_end).chain([""]) {
        if !line.is_empty() {
            open.push(line);
        } else if !open.is_empty() {
            all.push(linked(&open.join("\n")));
            open.clear();
        }
    }
    all
}

/// A mail that says the text, and at its end the link, unless the text has it. `footer` is HTML that stands below, where the
/// platform adds none of its own.
pub fn mail(variant: &Variant, footer: &str) -> String {
    let text = variant.parts.first().map_or("", |part| part.text.as_str());
    let link = variant.link.as_ref().filter(|link| !has_link(text, &link.url));
    let link = link.map(|link| anchor(&link.url, link.title.as_deref().unwrap_or(&link.url)));
    let body: Vec<String> = paragraphs(text).into_iter().chain(link).map(|inner| format!("<p>{inner}</p>")).collect();
    format!("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>{}{footer}</body></html>", body.concat())
}

fn linked(text: &str) -> String {
    let (mut out, mut from) = (String::new(), 0);
    let is_address = |link: &str| link.starts_with("https://") || link.starts_with("http://");
    for link in links(text).filter(|link| is_address(link.as_str())) {
        out.push_str(&lines(&text[from..link.start()]));
        out.push_str(&anchor(link.as_str(), link.as_str()));
        from = link.end();
    }
    out.push_str(&lines(&text[from..]));
    out
}

/// Tags that part words; all others stand inside of a line.
const PARTING: [&str; 15] =
    ["p", "br", "div", "blockquote", "pre", "ul", "ol", "li", "hr", "h1", "h2", "h3", "h4", "h5", "h6"];

/// What people read of HTML that a server cleaned, all of a shortened link included; none where it is no such HTML.
///
/// This is no parser: what servers send is clean already, so a `<` begins a tag and nothing else does. Tags go, and what
/// stands between them stays: the pieces of a link that are hidden from the eye make it whole again.
pub fn text(html: &str) -> Option<String> {
    let (mut out, mut rest) = (String::with_capacity(html.len()), html);
    while let Some(at) = rest.find('<') {
        out.push_str(&decode(&rest[..at]));
        let (tag, after) = rest[at + 1..].split_once('>')?;
        let name = tag.trim_start_matches('/');
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if name.is_empty() {
            return None;
        }
        if PARTING.iter().any(|parting| parting.eq_ignore_ascii_case(name)) {
            out.push('\n');
        }
        rest = after;
    }
    out.push_str(&decode(rest));
    Some(out)
}

/// With the entities that servers write as the characters they stand for; any other stays as it is.
fn decode(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.split_once(';').and_then(|(name, after)| Some((character(&name[1..])?, after)));
        if let Some((c, after)) = entity {
            out.push(c);
            rest = after;
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn character(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = entity.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_ends_a_paragraph_and_a_line_break_stays() {
        assert_eq!(paragraphs("one\r\ntwo\n\n  \n\nthree"), ["one<br>two", "three"]);
        assert!(paragraphs(" \n ").is_empty());
    }

    #[test]
    fn nothing_that_is_written_becomes_markup_and_addresses_are_links() {
        let html = paragraphs("<script>x</script> [code] \"q\" & 'a' &lt; javascript:alert(1)").join("");
        assert!(!html.contains(['<', '>', '[', ']', '"', '\'']), "{html}");
        assert!(html.contains("&amp;lt;"), "what looks like an entity is text, too: {html}");
        let html = paragraphs("see https://example.com/a?b=c&d=\"e\". And example.org").join("");
        assert!(html.starts_with("see <a href=\"https://example.com/a?b=c&amp;d=\">"), "{html}");
        assert_eq!(html.matches("href").count(), 1);
    }
}
