//! MJML to HTML.
//!
//! The library validates nothing: what it does not know vanishes without a word. So what stands in a template is compared with what
//! there is, here.

use crate::assemble::Assembled;
use crate::fault::Fault;
use crate::markup::{Piece, encoded, pieces};
use crate::protect;
use crate::tags::Tag;
use mrml::prelude::parser::ParserOptions;
use mrml::prelude::render::RenderOptions;
use std::collections::HashMap;

/// Elements of MJML, with what may hold them.
const KNOWN: [&str; 37] = [
    "mjml",
    "mj-head",
    "mj-body",
    "mj-attributes",
    "mj-all",
    "mj-class",
    "mj-breakpoint",
    "mj-font",
    "mj-preview",
    "mj-style",
    "mj-title",
    "mj-raw",
    "mj-section",
    "mj-wrapper",
    "mj-group",
    "mj-column",
    "mj-text",
    "mj-button",
    "mj-image",
    "mj-divider",
    "mj-spacer",
    "mj-table",
    "mj-hero",
    "mj-navbar",
    "mj-navbar-link",
    "mj-social",
    "mj-social-element",
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-title",
    "mj-accordion-text",
    "mj-carousel",
    "mj-carousel-image",
    "mj-html-attributes",
    "mj-selector",
    "mj-html-attribute",
    "mj-include",
];
/// In these stand elements and no text: a tag of the template language between them is put into `mj-raw`.
const HOLDERS: [&str; 6] = ["mj-body", "mj-section", "mj-wrapper", "mj-group", "mj-column", "mj-hero"];

/// The HTML of an MJML text with these tags.
pub(crate) fn html(whole: &Assembled, tags: &[Tag], locale: &str) -> Result<String, Vec<Fault>> {
    let wrapped = checked(whole, tags)?;
    let found = protect::tags_of(&wrapped);
    let protected = protect::words(&wrapped, &found);
    let fault = |words: String| vec![Fault::error("mjml", whole.place(0), words)];
    // The loader that it has by default finds nothing: `mj-include` fails.
    let parsed = mrml::parse_with_options(&protected.text, &ParserOptions::default()).map_err(|why| {
        let at = line_of(&protected.text, &why.to_string(), &whole.text);
        vec![Fault::error("mjml", whole.place(at), format!("This is no MJML: {why}."))]
    })?;
    // No fonts from elsewhere: whoever serves them would learn who reads. A template that wants one says so by `mj-font`.
    let options = RenderOptions { fonts: HashMap::default(), ..RenderOptions::default() };
    let made = parsed.element.render(&options).map_err(|why| fault(format!("This is no MJML: {why}.")))?;
    // Where MJML names no language, the library says that there is none.
    let made = made.replace("lang=\"und\"", &format!("lang=\"{}\"", encoded(locale)));
    protected.restored(&made).map_err(|lost| {
        let tag = found.get(lost).and_then(|tag| wrapped.get(tag.range.clone())).unwrap_or_default();
        let at = whole.text.find(tag).unwrap_or(0);
        let words = format!(
            "`{tag}` stands where MJML keeps nothing; put it into mj-text, mj-raw or an attribute that MJML knows."
        );
        vec![Fault::error("mjml_lost", whole.place(at), words)]
    })
}

/// Where the line begins that an error of the library names, as byte `position 12:34` of what it was given: what we changed there lies
/// within lines.
fn line_of(given: &str, why: &str, text: &str) -> usize {
    let digits: String =
        why.rsplit("position ").next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    let before = digits.parse().ok().and_then(|at: usize| given.get(..at)).unwrap_or_default();
    let lines = before.matches('\n').count();
    text.match_indices('\n').nth(lines.wrapping_sub(1)).map_or(0, |(at, _)| at + 1)
}

/// The text with the language's tags between elements in `mj-raw`.
fn checked(whole: &Assembled, tags: &[Tag]) -> Result<String, Vec<Fault>> {
    let text = &whole.text;
    let pieces =
        pieces(text, tags).map_err(|unread| vec![Fault::error("markup", whole.place(unread.at), unread.words)])?;
    let (mut out, mut faults, mut stack) = (String::with_capacity(text.len()), Vec::new(), Vec::<&str>::new());
    for piece in &pieces {
        match piece {
            Piece::Open { name, range, closed, .. } => {
                let at = whole.place(range.start);
                if name == "mj-include" {
                    faults.push(Fault::error("mjml_include", at, "Nothing can be included; put the text itself here."));
                } else if name.starts_with("mj") && !KNOWN.contains(&name.as_str()) {
                    faults.push(Fault::error("mjml_unknown", at, format!("MJML has no element `{name}`.")));
                } else if !name.starts_with("mj") && stack.last().is_some_and(|top| HOLDERS.contains(top)) {
                    let words = format!(
                        "`{name}` cannot stand between MJML's elements, where it would vanish; put it into mj-text or mj-raw."
                    );
                    faults.push(Fault::error("mjml_misplaced", at, words));
                }
                if !closed && name.starts_with("mj") {
                    stack.push(name);
                }
                // All styles go onto elements; the library leaves those out that say so of themselves.
                out.push_str(if name == "mj-style" && !closed { "<mj-style>" } else { &text[range.clone()] });
            }
            Piece::Close { name, range } => {
                if name.starts_with("mj") {
                    let open = stack.pop().unwrap_or("nothing");
                    if open != name {
                        let words = format!("`{name}` is closed where `{open}` is open; close that first.");
                        return Err(vec![Fault::error("mjml", whole.place(range.start), words)]);
                    }
                }
                out.push_str(&text[range.clone()]);
            }
            Piece::Tag(n) => {
                let tag = tags.get(*n).and_then(|tag| text.get(tag.range.clone())).unwrap_or_default();
                if stack.last().is_some_and(|top| HOLDERS.contains(top)) {
                    out.push_str("<mj-raw>");
                    out.push_str(tag);
                    out.push_str("</mj-raw>");
                } else {
                    out.push_str(tag);
                }
            }
            Piece::Text(range) | Piece::Raw { range, .. } => {
                let said = &text[range.clone()];
                if !said.trim().is_empty() && stack.last().is_some_and(|top| HOLDERS.contains(top)) {
                    let at = whole.place(range.start + (said.len() - said.trim_start().len()));
                    faults.push(Fault::error(
                        "mjml_misplaced",
                        at,
                        "Text between MJML's elements would vanish; put it into mj-text.",
                    ));
                }
                out.push_str(said);
            }
            Piece::Comment(range) | Piece::HideBegin(range) | Piece::HideEnd(range) | Piece::Other(range) => {
                out.push_str(&text[range.clone()]);
            }
        }
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Open { name, .. } if name == "mj-body")) {
        faults.push(Fault::error(
            "mjml",
            whole.place(0),
            "There is no mj-body; MJML is <mjml><mj-body>…</mj-body></mjml>.",
        ));
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}
