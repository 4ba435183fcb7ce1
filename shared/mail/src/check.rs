//! The sources of a template, each with everything that is wrong in it.

use crate::assemble::Assembled;
use crate::compile::Options;
use crate::compiled::RESERVED;
use crate::fault::{Fault, Part, Place};
use crate::language;
use crate::markup::{Piece, depth, pieces};
use crate::safety;
use crate::tags::{Tag, tags};
use crate::template::Template;
use std::collections::BTreeSet;

/// Longest source of a part with its sections, in bytes.
const MAX_SOURCE_BYTES: usize = 512 * 1024;
/// Most tags of the template language in a part; the newsletter that is measured has thirty.
const MAX_TAGS: usize = 2_000;
/// Most pieces of markup in a part; the newsletter that is measured has a thousand.
const MAX_PIECES: usize = 20_000;
/// Longest style sheet, in bytes.
const MAX_SHEET_BYTES: usize = 64 * 1024;
/// Deepest markup: libraries go down by calling themselves.
const MAX_DEPTH: usize = 200;

/// Faults of a text's tags, each where it was written; the tags.
fn spoken(whole: &Assembled, faults: &mut Vec<Fault>) -> Vec<Tag> {
    let found = match tags(&whole.text) {
        Ok(found) => found,
        Err(at) => {
            faults.push(Fault::error("syntax", whole.place(at), "The tag does not end; end it by }}, %} or #}."));
            return Vec::new();
        }
    };
    if found.len() > MAX_TAGS {
        faults.push(Fault::error(
            "too_long",
            whole.place(0),
            format!("A part has at most {MAX_TAGS} tags of the template language; shorten it."),
        ));
        return Vec::new();
    }
    let wrong = language::check(&whole.text, &found);
    let refused = !wrong.is_empty();
    faults.extend(wrong.into_iter().map(|wrong| {
        let place = whole.place(wrong.at);
        wrong.into_fault(place)
    }));
    // The engine's own opinion, of what is not refused already.
    if !refused && let Err(error) = minijinja::Environment::empty().template_from_str(&whole.text) {
        let at = error.range().map_or(0, |range| range.start);
        let said = error.detail().unwrap_or("it cannot be read");
        faults.push(Fault::error(
            "syntax",
            whole.place(at),
            format!("The tags of the template language do not fit together: {said}."),
        ));
    }
    found
}

/// What one source says, checked.
pub(crate) struct Source {
    pub(crate) whole: Assembled,
    pub(crate) tags: Vec<Tag>,
}

impl Source {
    pub(crate) fn new(whole: Assembled, faults: &mut Vec<Fault>) -> Self {
        if whole.text.len() > MAX_SOURCE_BYTES {
            faults.push(Fault::error(
                "too_long",
                whole.place(0),
                format!("A part has at most {MAX_SOURCE_BYTES} bytes; shorten it."),
            ));
            return Self { whole: Assembled::default(), tags: Vec::new() };
        }
        let tags = spoken(&whole, faults);
        Self { whole, tags }
    }

    pub(crate) fn plain(part: Part, text: &str, faults: &mut Vec<Fault>) -> Self {
        Self::new(Assembled::plain(part, text), faults)
    }

    /// As markup, checked.
    pub(crate) fn pieces(&self, as_xml: bool, faults: &mut Vec<Fault>) -> Vec<Piece> {
        match pieces(&self.whole.text, &self.tags) {
            Ok(pieces) if pieces.len() > MAX_PIECES || depth(&pieces, as_xml) > MAX_DEPTH => {
                let words = format!(
                    "The markup is too much: at most {MAX_PIECES} pieces, {MAX_DEPTH} deep. Shorten it, and close its elements."
                );
                faults.push(Fault::error("too_long", self.whole.place(0), words));
                Vec::new()
            }
            Ok(pieces) => {
                faults.extend(safety::check(&self.whole, &pieces, &self.tags));
                pieces
            }
            Err(unread) => {
                faults.push(Fault::error("markup", self.whole.place(unread.at), unread.words));
                Vec::new()
            }
        }
    }

    pub(crate) fn says(&self, name: &str) -> bool {
        language::find(&self.whole.text, &self.tags, name).is_some()
    }
}

/// Faults of the declarations.
pub(crate) fn declared(template: &Template, faults: &mut Vec<Fault>) {
    if template.styling.css.len() > MAX_SHEET_BYTES {
        let words = format!("A style sheet has at most {MAX_SHEET_BYTES} bytes; shorten it.");
        faults.push(Fault::error("too_long", Place::start(Part::Styling), words));
    }
    let mut seen = BTreeSet::new();
    for variable in &template.variables {
        let name = &variable.name;
        let mut fault =
            |code, words: String| faults.push(Fault::error(code, Place::start(Part::Variable(name.clone())), words));
        let simple =
            name.chars().all(|c| c.is_alphanumeric() || c == '_') && name.starts_with(|c: char| c.is_alphabetic());
        if !simple {
            fault(
                "variable_name",
                format!("`{name}` is no name; a name is letters, digits and `_`, and begins with a letter."),
            );
        }
        if RESERVED.contains(&name.as_str()) || language::FUNCTIONS.contains(&name.as_str()) {
            fault("variable_name", format!("`{name}` is what Herald itself gives; take another name."));
        }
        if !seen.insert(name) {
            fault("variable_twice", format!("`{name}` is declared twice; keep one."));
        }
        if variable.default.as_ref().is_some_and(|value| !variable.kind.takes(value)) {
            fault("variable_type", format!("The default of `{name}` is no {}.", variable.kind.word()));
        }
    }
}

/// Names that are used and not there, and there and not used.
pub(crate) fn used(template: &Template, options: &Options, sources: &[&Source], faults: &mut Vec<Fault>) {
    let env = minijinja::Environment::empty();
    let mut all = BTreeSet::new();
    for source in sources {
        let names = env
            .template_from_str(&source.whole.text)
            .map(|parsed| parsed.undeclared_variables(false))
            .unwrap_or_default();
        for name in names {
            let there = RESERVED.contains(&name.as_str())
                || language::FUNCTIONS.contains(&name.as_str())
                || options.known.contains(&name)
                || template.variables.iter().any(|variable| variable.name == name);
            if !there {
                let at = language::find(&source.whole.text, &source.tags, &name).unwrap_or(0);
                let words = format!(
                    "`{name}` is used and not declared; declare it as a variable, with a default or as required."
                );
                faults.push(Fault::error("variable_undeclared", source.whole.place(at), words));
            }
            all.insert(name);
        }
    }
    for variable in template.variables.iter().filter(|variable| !all.contains(&variable.name)) {
        let place = Place::start(Part::Variable(variable.name.clone()));
        faults.push(Fault::warning("variable_unused", place, format!("`{}` is declared and not used.", variable.name)));
    }
}
