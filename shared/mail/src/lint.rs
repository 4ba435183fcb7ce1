//! What could be better about a template that can be used.

use crate::assemble::Assembled;
use crate::compile::{Options, compile};
use crate::compiled::{MAX_SUBJECT_BYTES, Recipient};
use crate::fault::{Fault, Part, Place};
use crate::markup::Piece;
use crate::template::Template;

/// Gmail shows no more of a mail's HTML than this, and hides the end, with the link to unsubscribe (102 KB, measured by senders; Google
/// does not say it).
const CLIPPED_BYTES: usize = 102 * 1024;
/// Longest subject that mailboxes show whole on a desk, in characters; a phone shows half.
const SHOWN_CHARACTERS: usize = 78;

/// Everything that is to be said of a template for a locale: what makes it unusable, or else what could be better, with a sample
/// recipient rendered.
pub fn lint(template: &Template, locale: &str, options: &Options, sample: Recipient<'_>) -> Vec<Fault> {
    let compiled = match compile(template, locale, options) {
        Ok(compiled) => compiled,
        Err(faults) => return faults,
    };
    let mut faults = compiled.faults().to_vec();
    for variable in template.variables.iter().filter(|v| v.required && v.default.is_none()) {
        if sample.data.get(&variable.name).is_none_or(serde_json::Value::is_null) {
            let place = Place::start(Part::Variable(variable.name.clone()));
            let words = format!(
                "`{}` is required, has no default, and the sample does not have it; nobody without it would get the mail.",
                variable.name
            );
            faults.push(Fault::error("variable_missing", place, words));
        }
    }
    if faults.iter().any(|fault| fault.code == "variable_missing") {
        return faults;
    }
    match compiled.render(sample) {
        Err(error) => {
            let words = format!("The sample cannot be rendered: {error}.");
            faults.push(Fault::error(error.code(), Place::start(Part::Body), words));
        }
        Ok(rendered) => {
            if rendered.html.len() > CLIPPED_BYTES {
                let kb = rendered.html.len().div_ceil(1024);
                let words = format!(
                    "The HTML has {kb} KB; Gmail hides what is beyond 102 KB, and with it the link to unsubscribe. Shorten it."
                );
                faults.push(Fault::warning("html_clipped", Place::start(Part::Body), words));
            }
            let length = rendered.subject.chars().count();
            if length > SHOWN_CHARACTERS {
                let words = format!(
                    "The subject has {length} characters; mailboxes show {SHOWN_CHARACTERS} at most. Shorten it."
                );
                faults.push(Fault::warning("subject_long", Place::start(Part::Subject), words));
            }
        }
    }
    faults
}

/// The subject as it is written.
pub(crate) fn subject(subject: &str, faults: &mut Vec<Fault>) {
    let place = |at| Place::of(Part::Subject, subject, at);
    if subject.trim().is_empty() {
        faults.push(Fault::error(
            "subject_empty",
            place(0),
            "There is no subject for the locale or for the default; write one.",
        ));
    }
    if let Some(at) = subject.find(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        faults.push(Fault::error(
            "subject_refused",
            place(at),
            "A subject is one line without control characters; take them out.",
        ));
    }
    if subject.len() > MAX_SUBJECT_BYTES {
        faults.push(Fault::error(
            "subject_long",
            place(0),
            format!("A subject has at most {MAX_SUBJECT_BYTES} bytes; shorten it."),
        ));
    }
}

/// Pictures without words for those who do not see them.
pub(crate) fn pictures(whole: &Assembled, pieces: &[Piece], faults: &mut Vec<Fault>) {
    for piece in pieces {
        let Piece::Open { name, range, .. } = piece else { continue };
        if matches!(name.as_str(), "img" | "mj-image" | "mj-carousel-image") && piece.attribute("alt").is_none() {
            let words = "The picture has no alternative text: give `alt` words for who does not see it, or alt=\"\" where it only decorates.";
            faults.push(Fault::warning("image_alt", whole.place(range.start), words));
        }
    }
}

/// How to leave, and who sends it: `(unsubscribe, postal)` of each part.
pub(crate) fn law(says: &[(bool, bool)], marketing: bool, faults: &mut Vec<Fault>) {
    let made = |code: &str, words: &str| {
        let place = Place::start(Part::Body);
        if marketing { Fault::error(code, place, words) } else { Fault::note(code, place, words) }
    };
    if !says.iter().any(|(unsubscribe, _)| *unsubscribe) {
        let words =
            "There is no link to unsubscribe; put {{ unsubscribe_url }} into a link of the body or of the footer.";
        faults.push(made("unsubscribe_missing", words));
    }
    if !says.iter().any(|(_, postal)| *postal) {
        let words = "The sender's postal address is missing; put {{ postal_address }} into the body or the footer.";
        faults.push(made("postal_address_missing", words));
    }
}
