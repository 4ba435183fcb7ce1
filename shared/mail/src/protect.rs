//! Takes the tags of the template language out of a text's way, and puts them back.
//!
//! What makes HTML of MJML, and what puts styles onto elements, reads markup and would read the tags as text: escape what stands in
//! their quotes, and move a loop between a table's rows out of the table. So they see words and comments instead.

use crate::markup::{Piece, Unread, pieces};
use crate::tags::{Tag, tags};
use std::fmt::Write as _;

/// A text without tags, and the tags.
pub(crate) struct Protected {
    pub(crate) text: String,
    taken: Vec<String>,
    /// What no text that we were given has.
    word: String,
}

fn word(text: &str) -> String {
    let mut n = 0_u32;
    loop {
        let word = format!("zq{n}x");
        if !text.contains(&word) {
            return word;
        }
        n += 1;
    }
}

/// Every tag as a word.
pub(crate) fn words(text: &str, tags: &[Tag]) -> Protected {
    let word = word(text);
    take(text, tags, &word, |_| (String::new(), String::new()))
}

/// Tags among text as comments, which no reader moves; those in attributes, styles and comments as words.
pub(crate) fn comments(text: &str, found: &[Tag]) -> Result<Protected, Unread> {
    let word = word(text);
    let mut hidden = false;
    let mut among_text = vec![false; found.len()];
    for piece in pieces(text, found)? {
        match piece {
            Piece::HideBegin(_) => hidden = true,
            Piece::HideEnd(_) => hidden = false,
            Piece::Tag(n) if !hidden => {
                if let Some(mark) = among_text.get_mut(n) {
                    *mark = true;
                }
            }
            _ => {}
        }
    }
    Ok(take(text, found, &word, |n| {
        if among_text.get(n) == Some(&true) { ("<!--".into(), "-->".into()) } else { Default::default() }
    }))
}

fn take(text: &str, tags: &[Tag], word: &str, around: impl Fn(usize) -> (String, String)) -> Protected {
    let (mut out, mut taken, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
    for (n, tag) in tags.iter().enumerate() {
        out.push_str(text.get(at..tag.range.start).unwrap_or_default());
        let (before, after) = around(n);
        let _ = write!(out, "{before}{word}{n}z{after}");
        taken.push(text.get(tag.range.clone()).unwrap_or_default().to_owned());
        at = tag.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Protected { text: out, taken, word: word.to_owned() }
}

impl Protected {
    /// The text that was made of ours, with the tags again; the first tag that it lost.
    pub(crate) fn restored(&self, text: &str) -> Result<String, usize> {
        let mut seen = vec![false; self.taken.len()];
        let (mut out, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find(&self.word) {
            let after = &rest[at + self.word.len()..];
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let number = after.get(..digits).and_then(|n| n.parse::<usize>().ok());
            let tag = number
                .and_then(|n| Some((n, self.taken.get(n)?)))
                .filter(|_| after.as_bytes().get(digits) == Some(&b'z'));
            let Some((n, tag)) = tag else {
                out.push_str(&rest[..at + self.word.len()]);
                rest = after;
                continue;
            };
            seen[n] = true;
            let before = &rest[..at];
            let after = &after[digits + 1..];
            // The comment that it stood in for a while goes with it.
            let around = before.strip_suffix("<!--").zip(after.strip_prefix("-->"));
            let (before, after) = around.unwrap_or((before, after));
            out.push_str(before);
            rest = after;
            out.push_str(tag);
        }
        out.push_str(rest);
        // A text may have lost one that stood twice; whether each is there is what counts.
        match seen.iter().position(|seen| !seen) {
            Some(lost) => Err(lost),
            None => Ok(out),
        }
    }
}

/// The tags of a text that we made ourselves: they all end.
pub(crate) fn tags_of(text: &str) -> Vec<Tag> {
    tags(text).unwrap_or_default()
}
