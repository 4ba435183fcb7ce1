//! Where the tags of the template language stand in a text.

use std::ops::Range;

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// `{{ … }}`: says a value.
    Says,
    /// `{% … %}`: decides.
    Decides,
    /// `{# … #}`: nothing.
    Notes,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) does: Does,
    /// With its braces.
    pub(crate) range: Range<usize>,
    /// What is between them, without the signs that eat white space.
    pub(crate) inner: Range<usize>,
}

impl Tag {
    /// The word with which a deciding tag begins.
    pub(crate) fn keyword<'a>(&self, text: &'a str) -> &'a str {
        let inner = text.get(self.inner.clone()).unwrap_or_default().trim_start();
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        &inner[..end]
    }
}

/// All tags of a text, in order; the place of one that does not end.
pub(crate) fn tags(text: &str) -> Result<Vec<Tag>, usize> {
    let (mut tags, mut at) = (Vec::new(), 0);
    while let Some(start) = next(text, at) {
        let does = match text.as_bytes()[start + 1] {
            b'{' => Does::Says,
            b'%' => Does::Decides,
            _ => Does::Notes,
        };
        let end = end_of(text, start + 2, does).ok_or(start)?;
        let signs = |byte: u8| byte == b'-' || byte == b'+';
        let bytes = text.as_bytes();
        let mut inner = start + 2..end - 2;
        if inner.start < inner.end && signs(bytes[inner.start]) {
            inner.start += 1;
        }
        if inner.start < inner.end && signs(bytes[inner.end - 1]) {
            inner.end -= 1;
        }
        tags.push(Tag { does, range: start..end, inner });
        at = end;
    }
    Ok(tags)
}

/// The tags that stand in a range of their text and say or decide something.
pub(crate) fn within<'a>(tags: &'a [Tag], range: &Range<usize>) -> impl Iterator<Item = &'a Tag> {
    let from = tags.partition_point(|tag| tag.range.start < range.start);
    let end = range.end;
    let rest = tags.get(from..).unwrap_or_default();
    rest.iter().take_while(move |tag| tag.range.end <= end).filter(|tag| tag.does != Does::Notes)
}

fn next(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == b'{')?;
        if matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')) {
            return Some(at);
        }
        at += 1;
    }
}

/// The byte after the tag; what stands in quotes ends nothing.
fn end_of(text: &str, from: usize, does: Does) -> Option<usize> {
    let bytes = text.as_bytes();
    let close: &[u8; 2] = match does {
        Does::Says => b"}}",
        Does::Decides => b"%}",
        Does::Notes => b"#}",
    };
    let (mut at, mut quote) = (from, None);
    while at + 1 < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'\'')) if does != Does::Notes => quote = Some(byte),
            (None, _) if bytes.get(at..at + 2) == Some(close) => return Some(at + 2),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_quotes_that_hide_their_ends() {
        let text = r#"a {{ x }} {%- if a == "%}" -%} { } {# }} {{ #} {{ '}}' }}"#;
        let found = tags(text).expect("all end");
        let inner: Vec<&str> = found.iter().map(|tag| &text[tag.inner.clone()]).collect();
        assert_eq!(inner, [" x ", r#" if a == "%}" "#, " }} {{ ", " '}}' "]);
        assert_eq!(found[1].keyword(text), "if");
        assert_eq!(tags("a {{ b"), Err(2));
        assert_eq!(tags("{{ 'a }}"), Err(0));
    }
}
