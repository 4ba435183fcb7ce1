//! A template, once, for one locale: everything that need not be done for each recipient.

use crate::assemble::{Assembled, Edits, assemble, styling_faults};
use crate::check::{Source, declared, used};
use crate::compiled::{Compiled, Form};
use crate::engine::{Common, environment};
use crate::fault::{Fault, Part, Place, Severity};
use crate::links::{Leading, Link, Utm, link, link_text};
use crate::lint;
use crate::markup::{Piece, pieces};
use crate::template::{Kind, Localised, Template};
use crate::{inline, locale, mjml, plain, protect};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is watched of a mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tracking {
    /// A pixel tells that the mail was opened.
    pub opens: bool,
    /// Links lead over us.
    pub clicks: bool,
    /// A link that people do not see tells who follows every link: programs.
    #[serde(default)]
    pub trap: bool,
}

/// What a campaign adds to its template.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What it says in sections.
    pub edits: Edits,
    /// What is watched.
    pub tracking: Tracking,
    /// What is added to where links lead.
    pub utm: Utm,
    /// What stands at the end, by locale, in HTML with the template's language.
    pub footer: Localised,
    /// Names that every recipient's data has without being declared: the fields of contacts. Nothing where a contact has none.
    pub known: BTreeSet<String>,
    /// Whether it is advertising, which must say how to leave and who sends it.
    pub marketing: bool,
}

/// Compiles a template for a locale. Faults that it can live with are in [`Compiled::faults`].
pub fn compile(template: &Template, locale: &str, options: &Options) -> Result<Compiled, Vec<Fault>> {
    let mut faults = Vec::new();
    let compiled = attempt(template, locale, options, &mut faults);
    faults.sort_by(|a, b| (b.severity, &a.place).cmp(&(a.severity, &b.place)));
    faults.dedup();
    match compiled {
        Some(mut compiled) if faults.iter().all(|fault| fault.severity < Severity::Error) => {
            compiled.form.faults = faults;
            Ok(compiled)
        }
        _ => Err(faults),
    }
}

fn attempt(template: &Template, asked: &str, options: &Options, faults: &mut Vec<Fault>) -> Option<Compiled> {
    declared(template, faults);
    faults.extend(styling_faults(&template.styling));
    let Some((text_locale, body)) = template.pick(&template.body, asked) else {
        faults.push(Fault::error(
            "body_missing",
            Place::start(Part::Body),
            "There is no body for the locale or for the default; write one.",
        ));
        return None;
    };
    let one = |texts: &'_ Localised| template.pick(texts, asked).map(|(_, text)| text.to_owned()).unwrap_or_default();
    let subject = Source::plain(Part::Subject, &one(&template.subject), faults);
    let preheader = Source::plain(Part::Preheader, &one(&template.preheader), faults);
    let footer = Source::plain(Part::Footer, &one(&options.footer), faults);
    // In the body's language, or it would say something else than the body; else derived.
    let own_text = locale::pick(&template.text, text_locale, text_locale).map(|(_, text)| text);
    let own_text = own_text.map(|text| Source::plain(Part::Text, text, faults));
    let body = match assemble(body, &template.sections, &template.styling, &options.edits) {
        Ok(whole) => Source::new(whole, faults),
        Err(found) => {
            faults.extend(found);
            return None;
        }
    };
    let body_pieces = body.pieces(template.kind == Kind::Mjml, faults);
    footer.pieces(false, faults);
    let sources: Vec<&Source> = [&subject, &preheader, &footer, &body].into_iter().chain(&own_text).collect();
    lint::subject(&subject.whole.text, faults);
    lint::pictures(&body.whole, &body_pieces, faults);
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return None;
    }
    used(template, options, &sources, faults);
    lint::law(
        &sources
            .iter()
            .map(|source| (source.says("unsubscribe_url"), source.says("postal_address")))
            .collect::<Vec<_>>(),
        options.marketing,
        faults,
    );
    let mut html = match template.kind {
        Kind::Html => body.whole.text.clone(),
        Kind::Mjml => match mjml::html(&body.whole, &body.tags, text_locale) {
            Ok(html) => html,
            Err(found) => {
                faults.extend(found);
                return None;
            }
        },
    };
    if !preheader.whole.text.trim().is_empty() && !body.says("preheader") {
        html = after_body(&html, PREHEADER);
    }
    if !footer.whole.text.trim().is_empty() {
        html = before_end(&html, &footer.whole.text);
    }
    let html = match inline::inlined(&html, &template.styling.css) {
        Ok(html) => html,
        Err(words) => {
            faults.push(Fault::error("styles", body.whole.place(0), words));
            return None;
        }
    };
    let finished = finish(template, options, &html, &body, own_text.as_ref(), faults)?;
    let texts =
        template.texts.iter().filter_map(|(key, texts)| Some((key.clone(), template.pick(texts, asked)?.1.to_owned())));
    let form = Form {
        version: template.version(),
        locale: asked.to_owned(),
        text_locale: text_locale.to_owned(),
        subject: subject.whole.text,
        preheader: preheader.whole.text,
        html: finished.html,
        text: finished.text,
        links: finished.links,
        variables: template.variables.clone(),
        known: options.known.clone(),
        texts: texts.collect(),
        utm: options.utm.clone(),
        tracking: options.tracking,
        faults: Vec::new(),
    };
    match Compiled::from_form(form) {
        Ok(compiled) => Some(compiled),
        Err(words) => {
            faults.push(Fault::error(
                "syntax",
                body.whole.place(0),
                format!("The compiled mail cannot be read: {words}."),
            ));
            None
        }
    }
}

/// What a mailbox shows after the subject, unseen in the mail itself.
const PREHEADER: &str = "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">{{ preheader }}</div>";
const PIXEL: &str =
    "{% if _o %}<img src=\"{{ _o }}\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0\">{% endif %}";
/// What people do not see, and screen readers do not read.
const TRAP: &str = "<a href=\"{{ _c }}t\" style=\"display:none\" aria-hidden=\"true\" tabindex=\"-1\"></a>";

struct Finished {
    html: String,
    text: String,
    links: Vec<Link>,
}

fn finish(
    template: &Template,
    options: &Options,
    html: &str,
    body: &Source,
    own_text: Option<&Source>,
    faults: &mut Vec<Fault>,
) -> Option<Finished> {
    let place = |address: &str| {
        // As a value in quotes first: the same words may stand elsewhere.
        let text = &body.whole.text;
        let quoted =
            ['"', '\''].into_iter().find_map(|quote| text.find(&format!("{quote}{address}{quote}")).map(|at| at + 1));
        let at = quoted.or_else(|| text.find(address)).or_else(|| text.find(&crate::markup::decoded(address)));
        body.whole.place(at.unwrap_or(0))
    };
    let leading =
        Leading { clicks: options.tracking.clicks, utm: &options.utm, hosts: &template.link_hosts, place: &place };
    // What libraries made of a checked source is checked again: an escape that one of them undid would show here.
    let made = Source { whole: Assembled::plain(Part::Body, html), tags: protect::tags_of(html) };
    let made_pieces = made.pieces(false, faults);
    let linked = link(html, &made_pieces, &made.tags, &leading);
    faults.extend(linked.faults);
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return None;
    }
    let mut links = linked.links;
    let text = if let Some(text) = own_text {
        link_text(&text.whole.text, &text.tags, &leading, &mut links)
    } else {
        let tags = protect::tags_of(&linked.html);
        plain::text(&linked.html, &pieces(&linked.html, &tags).ok()?, &tags)
    };
    let mut html = linked.html;
    if options.tracking.clicks && options.tracking.trap {
        html = before_end(&html, TRAP);
    }
    if options.tracking.opens {
        html = before_end(&html, PIXEL);
    }
    Some(Finished { html, text, links })
}

/// The HTML with something at the beginning of its body.
fn after_body(html: &str, what: &str) -> String {
    let tags = protect::tags_of(html);
    let found = pieces(html, &tags).unwrap_or_default();
    let at = found.iter().find_map(|piece| match piece {
        Piece::Open { name, range, .. } if name == "body" => Some(range.end),
        _ => None,
    });
    let (before, after) = html.split_at(at.unwrap_or(0));
    format!("{before}{what}{after}")
}

/// The HTML with something at the end of its body.
fn before_end(html: &str, what: &str) -> String {
    let tags = protect::tags_of(html);
    let found = pieces(html, &tags).unwrap_or_default();
    let at = found.iter().rev().find_map(|piece| match piece {
        Piece::Close { name, range } if name == "body" || name == "html" => Some((name == "body", range.start)),
        _ => None,
    });
    let body = found.iter().rev().find_map(|piece| match piece {
        Piece::Close { name, range } if name == "body" => Some(range.start),
        _ => None,
    });
    let (before, after) = html.split_at(body.or(at.map(|(_, at)| at)).unwrap_or(html.len()));
    format!("{before}{what}{after}")
}

/// An engine for a form.
pub(crate) fn engine(form: &Form) -> minijinja::Environment<'static> {
    let common = Common {
        locale: form.locale.clone(),
        texts: form.texts.clone(),
        links: form.links.clone(),
        utm: form.utm.clone(),
    };
    environment(Arc::new(common))
}

/// Texts of a form by key.
pub(crate) type Texts = BTreeMap<String, String>;
