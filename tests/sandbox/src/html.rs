//! HTML as its readers see it.

/// Entities as browsers read them: those with a name that matter here, and all with a number.
pub(crate) fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let entity = tail.find(';').filter(|end| *end <= 8).map(|end| &tail[..end]);
        let c = entity.and_then(|entity| match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            other => other.strip_prefix('#')?.parse().ok().and_then(char::from_u32),
        });
        if let (Some(c), Some(entity)) = (c, entity) {
            out.push(c);
            rest = &tail[entity.len() + 1..];
        } else {
            out.push('&');
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

/// The text a reader sees: without tags, with the breaks of lines and paragraphs.
pub(crate) fn text(html: &str) -> String {
    let (mut out, mut rest) = (String::new(), html);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else { break };
        let tag = &rest[at..=at + end];
        if tag.starts_with("<br") || tag == "</p>" {
            out.push('\n');
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    decoded(&out).trim().to_owned()
}

/// What stands in the first such element, and the HTML without it.
pub(crate) fn taken(html: &str, element: &str) -> (Option<String>, String) {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let found = html.find(&open).and_then(|at| Some((at, html[at..].find(&close)? + at)));
    let Some((at, end)) = found else { return (None, html.to_owned()) };
    let inner = text(&html[at + open.len()..end]);
    (Some(inner), format!("{}{}", &html[..at], &html[end + close.len()..]))
}
