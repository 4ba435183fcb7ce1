//! What is wrong with a template, where, and how to mend it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a fault weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the mail is right as it is.
    Note,
    /// The mail can be sent, and somebody will regret it.
    Warning,
    /// The template cannot be used.
    Error,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The subject.
    Subject,
    /// The line that a mailbox shows after the subject.
    Preheader,
    /// The MJML or HTML.
    Body,
    /// The text part.
    Text,
    /// The content of the section of this id.
    Section(String),
    /// The styling values and the style sheet.
    Styling,
    /// What is put at the end of every mail of a campaign.
    Footer,
    /// The declared variable of this name.
    Variable(String),
    /// The text of this key, which `translate` gives.
    Texts(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject => f.write_str("subject"),
            Self::Preheader => f.write_str("preheader"),
            Self::Body => f.write_str("body"),
            Self::Text => f.write_str("text"),
            Self::Section(id) => write!(f, "section `{id}`"),
            Self::Styling => f.write_str("styling"),
            Self::Footer => f.write_str("footer"),
            Self::Variable(name) => write!(f, "variable `{name}`"),
            Self::Texts(key) => write!(f, "text `{key}`"),
        }
    }
}

/// A place in a template as its author sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The part.
    pub part: Part,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The beginning of a part: what concerns the whole of it.
    pub fn start(part: Part) -> Self {
        Self { part, line: 1, column: 1 }
    }

    /// The place of a byte of a part's text.
    pub fn of(part: Part, text: &str, byte: usize) -> Self {
        let mut end = byte.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { part, line, column }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// Which thing, for programs.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong and how to mend it, for people.
    pub words: String,
}

impl Fault {
    /// A fault with which the template cannot be used.
    pub fn error(code: &str, place: Place, words: impl Into<String>) -> Self {
        Self { code: code.into(), severity: Severity::Error, place, words: words.into() }
    }

    /// A fault with which it can.
    pub fn warning(code: &str, place: Place, words: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, words) }
    }

    /// Worth knowing.
    pub fn note(code: &str, place: Place, words: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, place, words) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}, column {}: {}", self.place.part, self.place.line, self.place.column, self.words)
    }
}
