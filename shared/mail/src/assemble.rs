//! One text out of a body, its sections and its styling values, that still knows where each of its bytes was written.

use crate::fault::{Fault, Part, Place};
use crate::tags::{Does, tags};
use crate::template::{Section, Styling};
use std::collections::BTreeMap;

/// What a campaign says in a template's sections: for each, one content for each time it stands there.
pub type Edits = BTreeMap<String, Vec<String>>;

/// A text whose bytes come from several parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assembled {
    pub(crate) text: String,
    /// From this byte on it is that part, from that byte of it.
    spans: Vec<(usize, usize, usize)>,
    parts: Vec<(Part, String)>,
}

impl Assembled {
    /// A text that is one part as it is.
    pub(crate) fn plain(part: Part, text: &str) -> Self {
        let mut whole = Self::default();
        let n = whole.part(part, text);
        whole.push(n, 0, text);
        whole
    }

    fn part(&mut self, part: Part, text: &str) -> usize {
        self.parts.push((part, text.to_owned()));
        self.parts.len() - 1
    }

    fn push(&mut self, part: usize, from: usize, text: &str) {
        self.spans.push((self.text.len(), part, from));
        self.text.push_str(text);
    }

    /// Where a byte was written.
    pub(crate) fn place(&self, byte: usize) -> Place {
        let span = self.spans.iter().rev().find(|(from, ..)| *from <= byte);
        match span.and_then(|&(from, part, at)| Some((from, at, self.parts.get(part)?))) {
            Some((from, at, (part, text))) => Place::of(part.clone(), text, at + byte - from),
            None => Place::start(Part::Body),
        }
    }
}

/// Puts sections and styling values where the body names them.
pub(crate) fn assemble(
    body: &str,
    sections: &[Section],
    styling: &Styling,
    edits: &Edits,
) -> Result<Assembled, Vec<Fault>> {
    let mut faults = edit_faults(sections, edits);
    let mut whole = Assembled::default();
    let part = whole.part(Part::Body, body);
    expand(&mut whole, part, body, styling, &mut faults, Some((sections, edits)));
    if faults.is_empty() { Ok(whole) } else { Err(faults) }
}

fn edit_faults(sections: &[Section], edits: &Edits) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (id, contents) in edits {
        let mut fault =
            |code, words: String| faults.push(Fault::error(code, Place::start(Part::Section(id.clone())), words));
        match sections.iter().find(|section| section.id == *id) {
            None => fault("section_unknown", format!("The template has no section `{id}`; leave its content out.")),
            Some(section) if !section.editable => {
                fault("section_fixed", format!("The section `{id}` cannot be edited; leave its content out."));
            }
            Some(section) if !section.repeatable && contents.len() != 1 => {
                fault(
                    "section_once",
                    format!("The section `{id}` stands exactly once; give one content, not {}.", contents.len()),
                );
            }
            Some(_) => {}
        }
    }
    faults
}

fn expand(
    whole: &mut Assembled,
    part: usize,
    text: &str,
    styling: &Styling,
    faults: &mut Vec<Fault>,
    sections: Option<(&[Section], &Edits)>,
) {
    let of = whole.parts.get(part).map_or(Part::Body, |(part, _)| part.clone());
    let place = |at: usize| Place::of(of.clone(), text, at);
    let found = match tags(text) {
        Ok(found) => found,
        Err(at) => {
            faults.push(Fault::error("syntax", place(at), "The tag does not end; end it by }}, %} or #}."));
            return;
        }
    };
    let mut done = 0;
    for tag in found.iter().filter(|tag| tag.does == Does::Says) {
        let named = text.get(tag.inner.clone()).unwrap_or_default().trim();
        let (group, name) = named.split_once('.').unwrap_or((named, ""));
        let (group, name) = (group.trim(), name.trim());
        if !matches!(group, "sections" | "styling") {
            continue;
        }
        whole.push(part, done, text.get(done..tag.range.start).unwrap_or_default());
        done = tag.range.end;
        let at = tag.range.start;
        if group == "styling" {
            match styling.values.get(name) {
                Some(value) => whole.push(part, at, value),
                None => faults.push(Fault::error(
                    "styling_unknown",
                    place(at),
                    format!("There is no styling value `{name}`; give it."),
                )),
            }
            continue;
        }
        let Some((sections, edits)) = sections else {
            faults.push(Fault::error("section_nested", place(at), "A section cannot stand in a section."));
            continue;
        };
        let Some(section) = sections.iter().find(|section| section.id == name) else {
            faults.push(Fault::error(
                "section_unknown",
                place(at),
                format!("There is no section `{name}`; declare it."),
            ));
            continue;
        };
        let own = std::slice::from_ref(&section.content);
        for content in edits.get(name).map_or(own, Vec::as_slice) {
            let inner = whole.part(Part::Section(section.id.clone()), content);
            expand(whole, inner, content, styling, faults, None);
        }
    }
    whole.push(part, done, text.get(done..).unwrap_or_default());
}

/// What must not stand in styling values and style sheets.
pub(crate) fn styling_faults(styling: &Styling) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, value) in &styling.values {
        if value.contains(['<', '>', '"', '\'', '{', '}', ';', '&', '\\']) || value.chars().any(char::is_control) {
            let words =
                format!("The styling value `{name}` has signs that end a style; names of fonts need no quotes.");
            faults.push(Fault::error("styling_refused", Place::start(Part::Styling), words));
        }
    }
    let css = &styling.css;
    let small = css.to_ascii_lowercase();
    for (bad, why) in [
        ("<", "Signs of HTML"),
        ("@import", "`@import`, which mail programs do not load,"),
        ("javascript:", "Scripts"),
        ("expression(", "Scripts"),
        ("{{", "Tags of the template language"),
        ("{%", "Tags of the template language"),
    ] {
        if let Some(at) = small.find(bad) {
            let place = Place::of(Part::Styling, css, at);
            faults.push(Fault::error(
                "styling_refused",
                place,
                format!("{why} cannot stand in a style sheet; take it out."),
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: &str, repeatable: bool, editable: bool, content: &str) -> Section {
        Section { id: id.into(), name: id.into(), repeatable, editable, content: content.into() }
    }

    #[test]
    fn sections_and_styling_stand_where_the_body_names_them_and_bytes_know_where_they_were_written() {
        let sections = [
            section("hero", false, true, "<h1 style='color:{{ styling.main }}'>Hi</h1>"),
            section("item", true, true, "<p>one</p>"),
        ];
        let styling = Styling { values: [("main".to_owned(), "#123456".to_owned())].into(), css: String::new() };
        let body = "<b>\n{{ sections.hero }}|{{ sections.item }}|{{ styling.main }}</b>";
        let edits: Edits = [("item".to_owned(), vec!["<i>\n{{ a }}</i>".to_owned(), "<u/>".to_owned()])].into();
        let whole = assemble(body, &sections, &styling, &edits).expect("is right");
        assert_eq!(whole.text, "<b>\n<h1 style='color:#123456'>Hi</h1>|<i>\n{{ a }}</i><u/>|#123456</b>");
        let at = whole.text.find("{{ a").expect("stands there");
        assert_eq!(whole.place(at), Place { part: Part::Section("item".into()), line: 2, column: 1 });
        let at = whole.text.find("</b>").expect("stands there");
        assert_eq!(whole.place(at), Place { part: Part::Body, line: 2, column: 59 });
    }

    #[test]
    fn what_a_campaign_may_not_edit_it_does_not() {
        let sections = [section("fixed", true, false, ""), section("once", false, true, "")];
        for (id, contents, code) in [
            ("fixed", vec!["a".to_owned()], "section_fixed"),
            ("once", vec!["a".to_owned(), "b".to_owned()], "section_once"),
            ("once", vec![], "section_once"),
            ("other", vec!["a".to_owned()], "section_unknown"),
        ] {
            let faults = assemble("", &sections, &Styling::default(), &[(id.to_owned(), contents)].into())
                .map(|_| ())
                .unwrap_err();
            assert_eq!(faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>(), [code]);
        }
        let nested = [section("a", false, false, "{{ sections.a }}")];
        let faults = assemble("{{ sections.a }}", &nested, &Styling::default(), &Edits::new()).map(|_| ()).unwrap_err();
        assert_eq!(faults[0].code, "section_nested");
    }
}
