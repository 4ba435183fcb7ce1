//! What must not stand in a mail's markup.
//!
//! Two kinds: what mail programs take out anyway and what is dangerous where a mail is shown in a browser (scripts, forms, frames); and
//! tags of the template language where what they say, or leave out, would change what is markup. The second is why data from
//! recipients can only ever be text: it stands among text or in quotes, and there it is escaped.

use crate::assemble::Assembled;
use crate::fault::Fault;
use crate::markup::{Attribute, Piece, decoded};
use crate::tags::{Does, Tag, within};
use std::ops::Range;

const ELEMENTS: [&str; 20] = [
    "script",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "form",
    "input",
    "button",
    "select",
    "textarea",
    "base",
    "svg",
    "math",
    "xmp",
    "plaintext",
    "noembed",
    "noframes",
    "template",
];
/// Attributes that hold addresses.
const ADDRESSES: [&str; 8] =
    ["href", "src", "background", "background-url", "cite", "longdesc", "poster", "xlink:href"];

/// Everything that must not stand there.
pub(crate) fn check(whole: &Assembled, pieces: &[Piece], tags: &[Tag]) -> Vec<Fault> {
    let text = whole.text.as_str();
    let mut faults = Vec::new();
    let mut fault = |code: &str, at: usize, words: String| faults.push(Fault::error(code, whole.place(at), words));
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open { name, range, attributes, .. } => {
                if ELEMENTS.contains(&name.as_str()) {
                    fault(
                        "element_refused",
                        range.start,
                        format!("`{name}` cannot stand in a mail: mail programs take it out. Leave it out."),
                    );
                }
                let refreshes = |a: &Attribute| {
                    a.name == "http-equiv" && text[a.value.clone()].to_ascii_lowercase().contains("refresh")
                };
                if name == "meta" && attributes.iter().any(refreshes) {
                    fault(
                        "element_refused",
                        range.start,
                        "A mail cannot lead elsewhere by itself; leave the element out.".into(),
                    );
                }
                for attribute in attributes {
                    if let Some((code, words)) = of_attribute(text, attribute, tags) {
                        fault(code, attribute.at, words);
                    }
                }
            }
            Piece::Raw { of, range } if of == "style" || of == "mj-style" => {
                if let Some(tag) = within(tags, range).next() {
                    let words = "Only {{ styling.… }} can stand in a style sheet: data in it could be anything. Put the rest into elements.";
                    fault("tag_misplaced", tag.range.start, words.into());
                }
            }
            Piece::Raw { range, .. } => {
                if let Some(at) = unbalanced(text, tags, range) {
                    fault(
                        "tag_misplaced",
                        at,
                        "What begins in this element must end in it; put the condition around the element.".into(),
                    );
                }
            }
            Piece::Comment(range) | Piece::Other(range) | Piece::HideBegin(range) | Piece::HideEnd(range) => {
                if let Some(tag) = within(tags, range).next() {
                    fault(
                        "tag_misplaced",
                        tag.range.start,
                        "Tags of the template language cannot stand in a comment; take them out.".into(),
                    );
                }
            }
            Piece::Text(range) => {
                let bare = text[range.clone()].ends_with('<') && pieces.get(n + 1).is_some();
                if bare {
                    fault(
                        "tag_misplaced",
                        range.end - 1,
                        "A lone < would begin an element with what follows; write &lt;.".into(),
                    );
                }
            }
            Piece::Tag(_) | Piece::Close { .. } => {}
        }
    }
    faults
}

fn of_attribute(text: &str, attribute: &Attribute, tags: &[Tag]) -> Option<(&'static str, String)> {
    let Attribute { name, value, .. } = attribute;
    if name.starts_with("on") || matches!(name.as_str(), "srcdoc" | "formaction" | "action" | "srcset") {
        return Some(("attribute_refused", format!("`{name}` cannot stand in a mail; leave it out.")));
    }
    if !attribute.quoted && within(tags, value).next().is_some() {
        return Some((
            "attribute_unquoted",
            format!("Put the value of `{name}` into quotes: without, data could add attributes."),
        ));
    }
    if unbalanced(text, tags, value).is_some() {
        let words =
            format!("What begins in the value of `{name}` must end in it; put the condition around the element.");
        return Some(("tag_misplaced", words));
    }
    let said: String =
        decoded(text.get(value.clone())?).chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let said = said.to_ascii_lowercase();
    let bad = |scheme: &str| said.starts_with(scheme);
    if ADDRESSES.contains(&name.as_str())
        && ["javascript:", "vbscript:", "data:", "file:", "blob:"].into_iter().any(bad)
    {
        return Some((
            "link_scheme",
            format!("The address in `{name}` leads nowhere from a mail; give an https address."),
        ));
    }
    if name == "style" && (said.contains("expression(") || said.contains("javascript:") || said.contains("behavior:")) {
        return Some(("attribute_refused", "Scripts cannot stand in a style; take it out.".into()));
    }
    None
}

/// The place of the first statement in a range that belongs to one outside of it.
fn unbalanced(text: &str, tags: &[Tag], range: &Range<usize>) -> Option<usize> {
    let mut open = Vec::new();
    for tag in within(tags, range).filter(|tag| tag.does == Does::Decides) {
        match tag.keyword(text) {
            "if" | "for" | "with" => open.push(tag.range.start),
            "endif" | "endfor" | "endwith" if open.pop().is_none() => return Some(tag.range.start),
            "elif" | "else" if open.is_empty() => return Some(tag.range.start),
            _ => {}
        }
    }
    open.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Part;
    use crate::markup::pieces;
    use crate::tags::tags;

    fn codes(text: &str) -> Vec<String> {
        let whole = Assembled::plain(Part::Body, text);
        let tags = tags(text).expect("tags end");
        check(&whole, &pieces(text, &tags).expect("can be read"), &tags).into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn what_could_run_or_lead_elsewhere_is_refused() {
        for (text, code) in [
            ("<script>a</script>", "element_refused"),
            ("<IFRAME></iframe>", "element_refused"),
            ("<svg/onload=a>", "element_refused"),
            ("<meta http-equiv=Refresh content=0>", "element_refused"),
            ("<p onclick='a'>", "attribute_refused"),
            ("<a href='java&#115;cript:a'>", "link_scheme"),
            ("<a href=' java\nscript:a'>", "link_scheme"),
            ("<img src='data:text/html,a'>", "link_scheme"),
            ("<p style='a:expression(b)'>", "attribute_refused"),
        ] {
            assert!(codes(text).iter().any(|found| found == code), "{text}: {:?}", codes(text));
        }
        assert_eq!(
            codes("<a href='https://example.com' style='color:red'>a &lt; b, 1 < 2</a><!-- c -->"),
            [] as [&str; 0]
        );
    }

    #[test]
    fn a_tag_of_the_language_can_never_make_or_unmake_markup() {
        for text in [
            "<{{ a }}>",
            "<{% if a %}{% endif %}script>",
            "<p title={{ a }}>",
            "{% if a %}<!--{% endif %}<script>{% if a %}-->{% endif %}",
            "{% if a %}<p title='{% endif %}<script>'>",
            "{% if a %}<title>{% endif %}<script></title>",
            "<style>{{ a }}</style>",
            "<p title='{% for b in c %}'>",
            "<p title='{% else %}'>",
        ] {
            assert!(!codes(text).is_empty(), "{text}");
        }
        assert_eq!(
            codes("<p title='{% if a %}b{% else %}{{ c }}{% endif %}'>{% if d %}</p><p>{% endif %}</p>"),
            [] as [&str; 0]
        );
    }
}
