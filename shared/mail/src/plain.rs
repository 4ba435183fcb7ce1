//! The text part of a body that has none.
//!
//! Made of the compiled body with its tags in place, once, so that for a recipient there is nothing to parse.

use crate::markup::{Piece, decoded};
use crate::tags::{Does, Tag};

/// Elements that stand on lines of their own, and how many line ends are around them.
fn breaks(name: &str) -> usize {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "blockquote" | "pre" | "hr" => 2,
        "div" | "tr" | "table" | "tbody" | "li" | "section" | "article" | "header" | "footer" | "address"
        | "center" => 1,
        _ => 0,
    }
}

#[derive(Default)]
struct Text {
    out: String,
    /// Line ends that are due before the next word.
    lines: usize,
    space: bool,
}

impl Text {
    fn due(&mut self, lines: usize) {
        self.lines = self.lines.max(lines);
    }

    fn settle(&mut self) {
        if self.lines > 0 {
            if !self.out.trim_end_matches(' ').is_empty() {
                self.out.push_str("\n\n".get(..self.lines.min(2)).unwrap_or_default());
            }
        } else if self.space && !self.out.ends_with(['\n', ' ']) && !self.out.is_empty() {
            self.out.push(' ');
        }
        (self.lines, self.space) = (0, false);
    }

    fn words(&mut self, text: &str) {
        for (n, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            self.space |= n > 0;
            if !word.is_empty() {
                self.settle();
                // What was a reference of HTML must not become a tag of the language here.
                self.out.push_str(&word.replace('{', "{{ '{' }}"));
            }
        }
    }

    fn as_it_is(&mut self, text: &str) {
        self.settle();
        self.out.push_str(text);
    }
}

/// The text of a body whose links are led already.
pub(crate) fn text(html: &str, pieces: &[Piece], tags: &[Tag]) -> String {
    let mut text = Text::default();
    let (mut hidden, mut invisible) = (false, Vec::<String>::new());
    let mut hrefs: Vec<Option<String>> = Vec::new();
    let said = |range: &std::ops::Range<usize>| html.get(range.clone()).unwrap_or_default();
    for piece in pieces {
        match piece {
            Piece::HideBegin(_) => hidden = true,
            Piece::HideEnd(_) => hidden = false,
            _ if hidden && !matches!(piece, Piece::Tag(_)) => {}
            Piece::Open { name, closed, .. } => {
                let style =
                    piece.attribute("style").map(|style| said(&style.value).replace(' ', "").to_ascii_lowercase());
                let gone =
                    piece.attribute("hidden").is_some() || style.is_some_and(|style| style.contains("display:none"));
                if !invisible.is_empty() || name == "head" || (gone && !is_void(name)) {
                    if !closed && !is_void(name) {
                        invisible.push(name.clone());
                    }
                    continue;
                }
                if gone {
                    continue;
                }
                text.due(breaks(name));
                match name.as_str() {
                    "br" => text.due(1),
                    "hr" => {
                        text.as_it_is("---");
                        text.due(2);
                    }
                    "li" => {
                        text.as_it_is("- ");
                    }
                    "td" | "th" => text.space = true,
                    "img" => {
                        if let Some(alt) = piece
                            .attribute("alt")
                            .map(|alt| decoded(said(&alt.value)))
                            .filter(|alt| !alt.trim().is_empty())
                        {
                            text.space = true;
                            text.words(&alt);
                            text.space = true;
                        }
                    }
                    "a" => {
                        let href = piece
                            .attribute("href")
                            .map(|href| decoded(said(&href.value)))
                            .filter(|href| !href.starts_with('#'));
                        hrefs.push(href);
                    }
                    _ => {}
                }
            }
            Piece::Close { name, .. } => {
                if let Some(at) = invisible.iter().rposition(|open| open == name) {
                    invisible.truncate(at);
                    continue;
                }
                if !invisible.is_empty() {
                    continue;
                }
                if name == "a"
                    && let Some(href) = hrefs.pop().flatten()
                {
                    let href = href.strip_prefix("mailto:").unwrap_or(&href);
                    if !text.out.ends_with(href) {
                        text.space = true;
                        text.as_it_is(&format!("({href})"));
                    }
                }
                text.due(breaks(name));
            }
            // Conditions count wherever they stand, or one would end that never began.
            Piece::Tag(n) => {
                let Some(tag) = tags.get(*n) else { continue };
                match tag.does {
                    Does::Decides => text.out.push_str(said(&tag.range)),
                    Does::Says if invisible.is_empty() && !hidden => text.as_it_is(said(&tag.range)),
                    Does::Says | Does::Notes => {}
                }
            }
            Piece::Text(range) if invisible.is_empty() => text.words(&decoded(said(range))),
            Piece::Text(_) | Piece::Raw { .. } | Piece::Comment(_) | Piece::Other(_) => {}
        }
    }
    text.out.push('\n');
    text.out
}

fn is_void(name: &str) -> bool {
    matches!(name, "area" | "br" | "col" | "hr" | "img" | "input" | "link" | "meta" | "source" | "track" | "wbr")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> String {
        let tags = crate::tags::tags(html).expect("tags end");
        text(html, &crate::markup::pieces(html, &tags).expect("can be read"), &tags)
    }

    #[test]
    fn a_body_is_told_in_lines_with_its_addresses_and_its_tags_in_place() {
        let html = "<html><head><title>No</title><style>a{}</style></head><body><div style='display: none'>Hidden {{ no }}</div>\
            <h1>Hello   {{ name }}!</h1><p>One<br>two &amp; three</p>{% if vip %}<p>Thanks</p>{% endif %}\
            <!--[if mso]><p>Outlook</p><![endif]--><ul><li>a</li><li>b</li></ul>\
            <table>{% for p in list %}<tr><td>{{ p.name }}</td><td><a href=\"{{ _c }}1\">View</a></td></tr>{% endfor %}</table>\
            <img src='x' alt='A picture'><a href='mailto:a@example.com'>a@example.com</a> &#123;&#123; x }}</body></html>";
        let expected = "Hello {{ name }}!\n\nOne\ntwo & three{% if vip %}\n\nThanks{% endif %}\n\n- a\n- b{% for p in list %}\n\n\
            {{ p.name }} View ({{ _c }}1){% endfor %}\nA picture a@example.com {{ '{' }}{{ '{' }} x }}\n";
        assert_eq!(of(html), expected);
    }
}
