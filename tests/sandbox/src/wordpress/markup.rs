//! What WordPress makes of texts and markup, as far as readers and clients can tell.

pub(super) use crate::html::decoded;

/// The text a reader sees of a post's HTML, and its pictures: their ids and alternative texts.
pub(super) fn shown(html: &str) -> (String, Vec<(u64, String)>) {
    let (mut text, mut pictures, mut rest) = (String::new(), Vec::new(), html);
    while let Some(at) = rest.find(['<', '[']) {
        text.push_str(&rest[..at]);
        let tag = &rest[at..];
        let end = if tag.starts_with("<!--") {
            tag.find("-->").map(|end| end + 3)
        } else if tag.starts_with('[') {
            // A shortcode is replaced by what it makes, which is nothing here.
            tag.find(']').map(|end| end + 1)
        } else {
            tag.find('>').map(|end| end + 1)
        };
        let Some(end) = end else { break };
        let tag = &tag[..end];
        if tag.starts_with("<br") || tag == "</p>" {
            text.push('\n');
        }
        if tag.starts_with("<img ") {
            let class = attribute(tag, "class").unwrap_or_default();
            let id = class.split(' ').find_map(|name| name.strip_prefix("wp-image-")?.parse().ok());
            pictures.push((id.unwrap_or_default(), attribute(tag, "alt").map(|alt| decoded(&alt)).unwrap_or_default()));
        }
        if tag.starts_with("<video ") {
            let source = attribute(tag, "src").unwrap_or_default();
            pictures
                .push((source.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or_default(), String::new()));
        }
        rest = &rest[at + end..];
    }
    text.push_str(rest);
    (decoded(&text).trim().to_owned(), pictures)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let length = tag[from..].find('"')?;
    Some(tag[from..from + length].to_owned())
}

/// Tags and what is like them, taken away.
pub(super) fn stripped(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        if let Some(end) = rest[at..].find('>') {
            rest = &rest[at + end + 1..];
        } else {
            out.push_str("&lt;");
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// `sanitize_text_field`: one line, without tags and percent codes.
pub(super) fn field(text: &str) -> String {
    let mut line = stripped(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let is_code = |rest: &[u8]| rest.len() > 2 && rest[0] == b'%' && rest[1..3].iter().all(u8::is_ascii_hexdigit);
    while let Some(at) = line.as_bytes().windows(3).position(is_code) {
        line.replace_range(at..at + 3, "");
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A term's name as it is kept.
pub(super) fn name(text: &str) -> String {
    let line = field(text);
    let plain = decoded(&line);
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `sanitize_title`, for names in Latin letters.
pub(super) fn slug(title: &str) -> String {
    let bare = stripped(title);
    let (mut out, mut entity) = (String::new(), false);
    for c in bare.to_lowercase().chars() {
        match c {
            '&' => entity = true,
            ';' if entity => entity = false,
            _ if entity && (c.is_alphanumeric() || c == '#') => {}
            c if c.is_ascii_alphanumeric() => {
                entity = false;
                out.push(c);
            }
            ' ' | '-' | '.' if !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.trim_matches('-').to_owned()
}

/// What users without `unfiltered_html` may leave in a text: everything that acts is taken out of it.
pub(super) fn kses(html: &str) -> String {
    const HARMLESS: [&str; 9] = ["p", "br", "a", "figure", "img", "video", "strong", "em", "!--"];
    let (mut out, mut rest) = (String::new(), html);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let inner = tag[1..end].trim_start_matches('/');
        let harmless = HARMLESS.iter().any(|name| {
            inner.strip_prefix(name).is_some_and(|rest| *name == "!--" || !rest.starts_with(char::is_alphanumeric))
        });
        if harmless && !tag[..end].contains(" on") {
            out.push_str(&tag[..end]);
        }
        rest = &rest[at + end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_text_and_no_markup() {
        let html =
            "<!-- wp:paragraph -->\n<p>a &amp; b &lt;c&gt; &#091;d&#093;<br>e [gallery]f</p>\n<!-- /wp:paragraph -->";
        assert_eq!(shown(html).0, "a & b <c> [d]\ne f");
        let (_, pictures) =
            shown("<figure><img src=\"x\" alt=\"a &quot;b&quot; &lt;c&gt;\" class=\"wp-image-7\"/></figure>");
        assert_eq!(pictures, [(7, "a \"b\" <c>".to_owned())]);
    }

    #[test]
    fn names_and_texts_are_kept_as_wordpress_keeps_them() {
        assert_eq!(field(" a <b>\n c %41 100 % "), "a c 100 %");
        assert_eq!(name("R&D \"q\" <x>"), "R&amp;D \"q\"");
        assert_eq!(slug("R&amp;D &lt;b&gt; news: Part 2"), "rd-b-news-part-2");
        assert_eq!(kses("<p onclick=\"x\">a</p><script>b</script><p>c</p>"), "a</p>b<p>c</p>");
    }
}
