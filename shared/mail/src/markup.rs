//! The pieces of HTML (and of MJML) around the tags of the template language.
//!
//! A parser that builds a tree would move a loop that stands between rows of a table out of the table, as the standard demands of it.
//! This reads pieces and moves nothing (the tokens of the HTML standard, section 13.2.5, without its repairs).

use crate::tags::Tag;
use std::ops::Range;

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// In small letters.
    pub(crate) name: String,
    /// Where its name begins.
    pub(crate) at: usize,
    /// The value without its quotes; empty for one without value.
    pub(crate) value: Range<usize>,
    pub(crate) quoted: bool,
}

/// A piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Range<usize>),
    /// The number of a tag of the template language that stands among text.
    Tag(usize),
    Open {
        name: String,
        range: Range<usize>,
        attributes: Vec<Attribute>,
        closed: bool,
    },
    Close {
        name: String,
        range: Range<usize>,
    },
    /// The inside of `style`, `script`, `title` and their like, where no markup is read.
    Raw {
        of: String,
        range: Range<usize>,
    },
    Comment(Range<usize>),
    /// `<!--[if mso]>`: what follows is for Outlook alone.
    HideBegin(Range<usize>),
    /// `<![endif]-->`.
    HideEnd(Range<usize>),
    Other(Range<usize>),
}

/// What cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) at: usize,
    pub(crate) words: &'static str,
}

impl Piece {
    /// An attribute of an opening tag.
    pub(crate) fn attribute(&self, wanted: &str) -> Option<&Attribute> {
        match self {
            Self::Open { attributes, .. } => attributes.iter().find(|attribute| attribute.name == wanted),
            _ => None,
        }
    }
}

/// Elements whose inside is no markup.
const RAW: [&str; 9] = ["style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "mj-style"];

/// The pieces of a text with these tags.
pub(crate) fn pieces(text: &str, tags: &[Tag]) -> Result<Vec<Piece>, Unread> {
    let last_show = text.rfind("<![endif]-->").unwrap_or(0);
    Reader { text, tags, at: 0, tag: 0, last_show }.all()
}

struct Reader<'a> {
    text: &'a str,
    tags: &'a [Tag],
    at: usize,
    /// The first tag at or after `at`.
    tag: usize,
    /// The last end of a conditional comment.
    last_show: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves to a byte; tags before it are behind.
    fn go(&mut self, to: usize) {
        self.at = to;
        while self.tags.get(self.tag).is_some_and(|tag| tag.range.start < to) {
            self.tag += 1;
        }
    }

    /// The end of the tag that begins here.
    fn tag_here(&self) -> Option<usize> {
        self.tags.get(self.tag).filter(|tag| tag.range.start == self.at).map(|tag| tag.range.end)
    }

    /// The next place, from here, of something that is in no tag.
    fn find(&self, wanted: &str, ignore_case: bool) -> Option<usize> {
        let mut from = self.at;
        let mut tag = self.tag;
        loop {
            let rest = self.text.get(from..)?;
            let found = if ignore_case {
                rest.as_bytes().windows(wanted.len()).position(|w| w.eq_ignore_ascii_case(wanted.as_bytes()))
            } else {
                rest.find(wanted)
            };
            let at = from + found?;
            while self.tags.get(tag).is_some_and(|tag| tag.range.end <= at) {
                tag += 1;
            }
            match self.tags.get(tag) {
                Some(within) if within.range.start <= at => from = within.range.end,
                _ => return Some(at),
            }
        }
    }

    fn all(mut self) -> Result<Vec<Piece>, Unread> {
        let mut pieces = Vec::new();
        while self.at < self.text.len() {
            if let Some(end) = self.tag_here() {
                pieces.push(Piece::Tag(self.tag));
                self.go(end);
            } else if let Some(length) = self.hides() {
                let start = self.at;
                self.go(start + length);
                pieces.push(Piece::HideBegin(start..self.at));
            } else if self.rest().starts_with("<![endif]-->") {
                let start = self.at;
                self.go(start + "<![endif]-->".len());
                pieces.push(Piece::HideEnd(start..self.at));
            } else if self.rest().starts_with("<!--") {
                let start = self.at;
                let unread = Unread { at: start, words: "The comment does not end; end it by -->." };
                let end = self.find("-->", false).ok_or(unread)? + 3;
                self.go(end);
                pieces.push(Piece::Comment(start..end));
            } else if self.byte() == Some(b'<') && self.opens() {
                self.element(&mut pieces)?;
            } else {
                let start = self.at;
                let tag = self.tags.get(self.tag).map_or(self.text.len(), |tag| tag.range.start);
                let next = self
                    .text
                    .get(start + 1..)
                    .and_then(|rest| rest.find('<'))
                    .map_or(self.text.len(), |n| start + 1 + n);
                self.go(tag.min(next));
                pieces.push(Piece::Text(start..self.at));
            }
        }
        Ok(pieces)
    }

    /// The length of the beginning of a conditional comment that hides what follows; `<!--[if !mso]><!-->` hides nothing.
    fn hides(&self) -> Option<usize> {
        let end = self.rest().strip_prefix("<!--[if").and_then(|rest| rest.find("]>"))? + "<!--[if".len() + 2;
        let after = self.rest().get(end..)?;
        (!after.starts_with("<!-->")
            && !after.starts_with("<!---->")
            && !after.starts_with("-->")
            && self.at + end <= self.last_show)
            .then_some(end)
    }

    fn opens(&self) -> bool {
        self.text
            .as_bytes()
            .get(self.at + 1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'))
    }

    fn element(&mut self, pieces: &mut Vec<Piece>) -> Result<(), Unread> {
        let start = self.at;
        let second = self.text.as_bytes().get(start + 1).copied();
        if matches!(second, Some(b'!' | b'?')) {
            let unread = Unread { at: start, words: "The declaration does not end; end it by >." };
            let end = self.find(">", false).ok_or(unread)? + 1;
            self.go(end);
            pieces.push(Piece::Other(start..end));
            return Ok(());
        }
        let closing = second == Some(b'/');
        self.go(start + 1 + usize::from(closing));
        let name = self.name(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
        let (attributes, closed) = self.attributes(start)?;
        let range = start..self.at;
        if closing {
            pieces.push(Piece::Close { name, range });
            return Ok(());
        }
        let raw = RAW.contains(&name.as_str()) && !closed;
        pieces.push(Piece::Open { name: name.clone(), range, attributes, closed });
        if raw {
            let inside = self.at;
            let words = "The element does not end; close it.";
            let end = self.find(&format!("</{name}"), true).ok_or(Unread { at: start, words })?;
            self.go(end);
            if inside < end {
                pieces.push(Piece::Raw { of: name, range: inside..end });
            }
        }
        Ok(())
    }

    fn name(&mut self, ends: fn(u8) -> bool) -> String {
        let start = self.at;
        while self.byte().is_some_and(|byte| !ends(byte)) && self.tag_here().is_none() {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default().to_ascii_lowercase()
    }

    fn space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The attributes up to and with `>`; whether there was a slash before it.
    fn attributes(&mut self, start: usize) -> Result<(Vec<Attribute>, bool), Unread> {
        let (mut attributes, mut closed) = (Vec::new(), false);
        loop {
            self.space();
            if self.tag_here().is_some() {
                let words = "A tag of the template language stands among attributes; put it into an attribute's value, or around the whole element.";
                return Err(Unread { at: self.at, words });
            }
            match self.byte() {
                None => return Err(Unread { at: start, words: "The element's tag does not end; end it by >." }),
                Some(b'>') => {
                    self.go(self.at + 1);
                    return Ok((attributes, closed));
                }
                Some(b'/') => {
                    closed = true;
                    self.at += 1;
                }
                Some(_) => {
                    closed = false;
                    attributes.push(self.attribute()?);
                }
            }
        }
    }

    fn attribute(&mut self) -> Result<Attribute, Unread> {
        let at = self.at;
        // A sign of equality may begin a name, or nothing would be read.
        let first = self.byte().map_or(0, |byte| usize::from(byte == b'='));
        self.at += first;
        let mut name = self.name(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
        if first == 1 {
            name.insert(0, '=');
        }
        let after_name = self.at;
        self.space();
        if self.byte() != Some(b'=') {
            self.at = after_name;
            return Ok(Attribute { name, at, value: after_name..after_name, quoted: true });
        }
        self.at += 1;
        self.space();
        if let Some(quote @ (b'"' | b'\'')) = self.byte() {
            let start = self.at + 1;
            self.go(start);
            let wanted = if quote == b'"' { "\"" } else { "'" };
            let unread = Unread { at, words: "The attribute's value does not end; end it by its quote." };
            let end = self.find(wanted, false).ok_or(unread)?;
            self.go(end + 1);
            return Ok(Attribute { name, at, value: start..end, quoted: true });
        }
        let start = self.at;
        while let Some(byte) = self.byte() {
            if let Some(end) = self.tag_here() {
                self.go(end);
            } else if byte.is_ascii_whitespace() || byte == b'>' {
                break;
            } else {
                self.at += 1;
            }
        }
        Ok(Attribute { name, at, value: start..self.at, quoted: false })
    }
}

/// How deep elements stand in each other, at most. Where HTML closes one by the next of its kind, as a `p`, that does not count.
pub(crate) fn depth(pieces: &[Piece], as_xml: bool) -> usize {
    let counts = |name: &str| {
        let void = matches!(
            name,
            "area" | "br" | "col" | "hr" | "img" | "input" | "link" | "meta" | "source" | "track" | "wbr"
        );
        let implied = matches!(name, "p" | "li" | "td" | "th" | "tr" | "tbody" | "thead" | "dt" | "dd" | "option");
        !void && (as_xml || !implied)
    };
    let (mut now, mut most) = (0_usize, 0);
    for piece in pieces {
        match piece {
            Piece::Open { name, closed: false, .. } if counts(name) => now += 1,
            Piece::Close { name, .. } if counts(name) => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// The text behind the references of HTML that stand in addresses and texts of mails; what is not known stays.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        let Some((end, c)) = end.and_then(|end| Some((end, reference(&rest[1..end])?))) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        out.push(c);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "shy" => '\u{ad}',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "laquo" => '«',
        "raquo" => '»',
        "bull" => '•',
        "middot" => '·',
        "euro" => '€',
        "pound" => '£',
        "times" => '×',
        "rarr" => '→',
        "larr" => '←',
        "zwnj" => '\u{200c}',
        "zwj" => '\u{200d}',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        _ => return None,
    })
}

/// As the value of an attribute in double quotes, or as text.
pub(crate) fn encoded(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::tags;

    fn read(text: &str) -> Result<Vec<Piece>, Unread> {
        pieces(text, &tags(text).expect("tags end"))
    }

    #[test]
    fn pieces_are_read_with_tags_of_the_language_wherever_they_may_stand() {
        let text = r#"<table>{% for p in a %}<tr><td class='{{ ">" }}' nowrap>{{ p < 1 }} &lt; 3</td></tr>{% endfor %}</table><!-- <a> --><style>a > b { }</style><br/><!--[if mso]><td><![endif]--><!--[if !mso]><!--><td><!--<![endif]-->"#;
        let read = read(text).expect("can be read");
        let names: Vec<String> = read
            .iter()
            .map(|piece| match piece {
                Piece::Open { name, closed, .. } => format!("<{name}{}", if *closed { "/" } else { "" }),
                Piece::Close { name, .. } => format!("/{name}"),
                Piece::Tag(n) => format!("#{n}"),
                Piece::Text(range) => format!("'{}'", &text[range.clone()]),
                Piece::Raw { of, .. } => format!("raw {of}"),
                Piece::Comment(_) => "comment".into(),
                Piece::HideBegin(_) => "hide".into(),
                Piece::HideEnd(_) => "show".into(),
                Piece::Other(_) => "other".into(),
            })
            .collect();
        let expected = [
            "<table",
            "#0",
            "<tr",
            "<td",
            "#2",
            "' &lt; 3'",
            "/td",
            "/tr",
            "#3",
            "/table",
            "comment",
            "<style",
            "raw style",
            "/style",
            "<br/",
            "hide",
            "<td",
            "show",
            "comment",
            "<td",
            "comment",
        ];
        assert_eq!(names, expected);
        let class = read[3].attribute("class").expect("has a class");
        assert_eq!(&text[class.value.clone()], r#"{{ ">" }}"#);
    }

    #[test]
    fn what_does_not_end_is_said_with_its_place() {
        for (text, at) in
            [("a <b", 2), ("<a b=\"c>", 3), ("<!-- a", 0), ("<style>a", 0), ("<td {% if a %}b{% endif %}>", 4)]
        {
            assert_eq!(read(text).map_err(|unread| unread.at), Err(at), "{text}");
        }
    }

    #[test]
    fn references_are_decoded_once() {
        assert_eq!(decoded("a?b=1&amp;c=2&amp;lt;&#x2f;&unknown;&"), "a?b=1&c=2&lt;/&unknown;&");
    }
}
