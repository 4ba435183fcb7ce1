//! Styles onto elements: many mail programs read no style sheet.
//!
//! The library that knows selectors builds a tree, with the repairs of the HTML standard: it puts a `tbody` into a table, before the first row, and so
//! into the loop that makes the rows. So only what it says about styles is taken: each element has a number while the library looks at it,
//! and what it puts into the `style` of a number goes into that element of our own text, of which nothing else changes.

use crate::markup::{Piece, pieces};
use crate::protect::{self, Protected};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

/// The attribute with an element's number, while the library looks at it.
const NUMBER: &str = "data-zqn";

/// The HTML with the rules of its `style` elements and of `css` on its elements; what cannot stand there (`@media`, `:hover`) stays in
/// `style` elements. In words, why not.
pub(crate) fn inlined(html: &str, css: &str) -> Result<String, String> {
    let html = if css.trim().is_empty() { html.to_owned() } else { with_sheet(html, css) };
    if !html.to_ascii_lowercase().contains("<style") {
        return Ok(html);
    }
    let tags = protect::tags_of(&html);
    let protected = protect::comments(&html, &tags).map_err(|unread| unread.words.to_owned())?;
    let ours = pieces(&protected.text, &[]).map_err(|unread| unread.words.to_owned())?;
    let inliner = css_inline::CSSInliner::options()
        // Asked for though the crate is built without a network: nothing may be fetched that a template names.
        .load_remote_stylesheets(false)
        .keep_style_tags(true)
        .remove_inlined_selectors(true)
        .keep_link_tags(true)
        .build();
    let made = inliner
        .inline(&numbered(&protected.text, &ours))
        .map_err(|why| format!("The styles cannot be read: {why}."))?;
    let theirs = pieces(&made, &[]).map_err(|unread| unread.words.to_owned())?;
    let text = styled(&protected, &ours, &Said::of(&made, &theirs));
    protected.restored(&text).map_err(|lost| {
        let tag = tags.get(lost).and_then(|tag| html.get(tag.range.clone())).unwrap_or_default();
        format!("`{tag}` stands where a style keeps nothing; move it into an element.")
    })
}

/// The HTML with one more style sheet, after its own.
fn with_sheet(html: &str, css: &str) -> String {
    let at = html.to_ascii_lowercase().find("</head").unwrap_or(0);
    let (before, after) = html.split_at(at);
    format!("{before}<style>{css}</style>{after}")
}

/// The text with a number on each element that is not hidden.
fn numbered(text: &str, pieces: &[Piece]) -> String {
    let (mut out, mut at, mut hidden) = (String::with_capacity(text.len() * 2), 0, false);
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::HideBegin(_) => hidden = true,
            Piece::HideEnd(_) => hidden = false,
            Piece::Open { name, range, .. } if !hidden => {
                let end = range.start + 1 + name.len();
                out.push_str(text.get(at..end).unwrap_or_default());
                let _ = write!(out, " {NUMBER}=\"{n}\"");
                at = end;
            }
            _ => {}
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// What the library says of each number: its style, and for a `style` element what is left in it.
#[derive(Default)]
struct Said<'a> {
    styles: BTreeMap<usize, &'a str>,
    left: BTreeMap<usize, &'a str>,
}

impl<'a> Said<'a> {
    fn of(made: &'a str, pieces: &[Piece]) -> Self {
        let mut said = Self::default();
        for (n, piece) in pieces.iter().enumerate() {
            let text = |range: &Range<usize>| made.get(range.clone()).unwrap_or_default();
            let number = piece.attribute(NUMBER).and_then(|number| text(&number.value).parse::<usize>().ok());
            let Some(number) = number else { continue };
            if let Some(style) = piece.attribute("style") {
                said.styles.insert(number, text(&style.value));
            }
            if let Some(Piece::Raw { of, range }) = pieces.get(n + 1)
                && of == "style"
            {
                said.left.insert(number, text(range));
            }
        }
        said
    }
}

/// Our text with what the library said.
fn styled(protected: &Protected, pieces: &[Piece], said: &Said<'_>) -> String {
    let text = &protected.text;
    let (mut out, mut at, mut hidden) = (String::with_capacity(text.len() * 2), 0, false);
    let mut put = |range: Range<usize>, new: &str| {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(new);
        at = range.end;
    };
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::HideBegin(_) => hidden = true,
            Piece::HideEnd(_) => hidden = false,
            Piece::Open { name, range, .. } if !hidden && name == "style" => {
                let inside = match pieces.get(n + 1) {
                    Some(Piece::Raw { range, .. }) => range.clone(),
                    _ => range.end..range.end,
                };
                let left = said.left.get(&n).map_or("", |left| left.trim());
                let close = pieces.get(n + 1..).unwrap_or_default().iter().find_map(|piece| match piece {
                    Piece::Close { name, range } if name == "style" => Some(range.end),
                    _ => None,
                });
                match close {
                    Some(end) if left.is_empty() => put(range.start..end, ""),
                    _ => put(inside, left),
                }
            }
            Piece::Open { name, range, .. } if !hidden => {
                let Some(style) = said.styles.get(&n) else { continue };
                // In the quotes that stand there; what the library says is in double ones.
                if let Some(own) = piece.attribute("style") {
                    let quote = text.as_bytes().get(own.value.end);
                    let style = if quote == Some(&b'\'') { style.replace('\'', "&#39;") } else { (*style).to_owned() };
                    put(own.value.clone(), &style);
                } else {
                    let end = range.start + 1 + name.len();
                    put(end..end, &format!(" style=\"{style}\""));
                }
            }
            _ => {}
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
