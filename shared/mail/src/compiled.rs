//! A compiled template, and what becomes of it for a recipient.

use crate::compile::{Texts, Tracking, engine};
use crate::context::{Capped, Context, Given};
use crate::engine::{BadAddress, Person};
use crate::fault::Fault;
use crate::links::{Link, Utm};
use crate::markup::encoded;
use crate::template::{Variable, VariableType};
use crate::token::Token;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Value};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// Longest part of a rendered mail, in bytes. Mailboxes cut long before.
pub const MAX_PART_BYTES: usize = 1024 * 1024;
/// Longest subject of a rendered mail, in bytes: a line of a header has 998 (RFC 5322, section 2.1.1).
pub const MAX_SUBJECT_BYTES: usize = 900;

/// What a template can say without declaring it.
pub const RESERVED: [&str; 7] =
    ["unsubscribe_url", "preferences_url", "postal_address", "locale", "sent_at", "subject", "preheader"];

/// A compiled template as it is kept: [`Compiled::from_form`] makes it ready again without compiling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// The template's version.
    pub version: String,
    /// The locale that was asked for: dates and amounts are in its words.
    pub locale: String,
    /// The locale of the body that there was for it.
    pub text_locale: String,
    /// The subject.
    pub subject: String,
    /// The preheader.
    pub preheader: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
    /// The links, by index.
    pub links: Vec<Link>,
    /// What is declared.
    pub variables: Vec<Variable>,
    /// Fields of contacts, which are there though nobody declares them.
    #[serde(default)]
    pub known: BTreeSet<String>,
    /// What `translate` gives.
    #[serde(default)]
    pub texts: Texts,
    /// What is added to where links from data lead; those that the template says have it already.
    #[serde(default)]
    pub utm: Utm,
    /// What is watched.
    #[serde(default)]
    pub tracking: Tracking,
    /// What could be better about the template.
    #[serde(default)]
    pub faults: Vec<Fault>,
}

/// A compiled template, ready to be rendered.
#[derive(Debug)]
pub struct Compiled {
    pub(crate) form: Form,
    engine: Environment<'static>,
    given: Arc<BTreeMap<String, Given>>,
    has_text: [bool; 2],
}

/// Where links lead.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tracker's address, without a slash at its end: `https://mail.example.com`.
    pub base: &'a str,
    /// The recipient's token.
    pub token: &'a Token,
}

/// One recipient.
#[derive(Debug, Clone)]
pub struct Recipient<'a> {
    /// Their data, by name.
    pub data: Arc<Map<String, serde_json::Value>>,
    /// Their zone.
    pub zone: TimeZone,
    /// Where their links lead. `None` for a preview: nothing is led over us, and no pixel shows.
    pub place: Option<Place<'a>>,
    /// When the mail is sent.
    pub sent_at: Timestamp,
    /// Who sends it, on paper.
    pub postal_address: &'a str,
}

/// What a recipient gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, in one line.
    pub subject: String,
    /// The preheader.
    pub preheader: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
}

/// Why a recipient gets nothing. Never says what their data is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A required variable is not there.
    #[error("the required variable `{name}` is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A variable is of another type.
    #[error("the variable `{name}` is no {kind}")]
    WrongType {
        /// Its name.
        name: String,
        /// What it should be.
        kind: &'static str,
    },
    /// Something of a value is not there.
    #[error("line {line} of the {part} says what the data does not have")]
    Undefined {
        /// The part.
        part: &'static str,
        /// The line of the compiled part.
        line: usize,
    },
    /// An address from data that no mail may have.
    #[error("an address in the data is none that a mail may have")]
    BadAddress,
    /// The subject has control characters, or is too long, or nothing is left of it.
    #[error("the subject is empty, longer than {MAX_SUBJECT_BYTES} bytes, or has control characters")]
    BadSubject,
    /// More than a part may have, or more steps than it may take.
    #[error("the {part} is too much: more than {MAX_PART_BYTES} bytes, or too many steps")]
    TooMuch {
        /// The part.
        part: &'static str,
    },
    /// Anything else that the data does not fit.
    #[error("the data does not fit line {line} of the {part}")]
    DoesNotFit {
        /// The part.
        part: &'static str,
        /// The line of the compiled part.
        line: usize,
    },
}

impl RenderError {
    /// For programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "variable_missing",
            Self::WrongType { .. } => "variable_type",
            Self::Undefined { .. } => "value_undefined",
            Self::BadAddress => "link_refused",
            Self::BadSubject => "subject_refused",
            Self::TooMuch { .. } => "too_much",
            Self::DoesNotFit { .. } => "value_refused",
        }
    }
}

/// What stands for where links lead while a preview is rendered; no data can say it, because it has a control character.
const PREVIEW: &str = "\u{1}link/";

const PARTS: [&str; 4] = ["subject", "preheader", "html", "text"];

impl Compiled {
    /// Makes a kept form ready. In words, why it cannot be.
    pub fn from_form(form: Form) -> Result<Self, String> {
        let mut engine = engine(&form);
        for (name, source) in PARTS.into_iter().zip([&form.subject, &form.preheader, &form.html, &form.text]) {
            engine.add_template_owned(name, source.clone()).map_err(|error| error.to_string())?;
        }
        let known = form.known.iter().map(|name| {
            let given = Given {
                kind: VariableType::Text,
                required: false,
                default: Value::from(""),
                has_default: true,
                declared: false,
            };
            (name.clone(), given)
        });
        let declared = form.variables.iter().map(|variable| {
            let default = variable.default.clone().unwrap_or_else(|| variable.kind.empty());
            let given = Given {
                kind: variable.kind,
                required: variable.required,
                default: Value::from(Serde(&default)),
                has_default: variable.default.is_some(),
                declared: true,
            };
            (variable.name.clone(), given)
        });
        let given = known.chain(declared).collect();
        let said = |name: &str| form.html.contains(name) || form.text.contains(name);
        let has_text = [said("subject"), said("preheader")];
        Ok(Self { engine, given: Arc::new(given), has_text, form })
    }

    /// What is kept.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What could be better about the template.
    pub fn faults(&self) -> &[Fault] {
        &self.form.faults
    }

    /// The links, by index.
    pub fn links(&self) -> &[Link] {
        &self.form.links
    }

    /// What a recipient gets.
    pub fn render(&self, recipient: Recipient<'_>) -> Result<Rendered, RenderError> {
        self.check(&recipient.data)?;
        let tracked = self.form.tracking;
        // Without a place, links are put right afterwards: a preview costs what it costs.
        let mut place =
            Links { unsubscribe: "#".into(), preferences: "#".into(), clicks: PREVIEW.into(), pixel: String::new() };
        let preview = recipient.place.is_none() && tracked.clicks;
        if let Some(Place { base, token }) = recipient.place {
            let token = token.text();
            place.unsubscribe = format!("{base}/u/{token}");
            place.preferences = format!("{base}/p/{token}");
            place.clicks = format!("{base}/c/{token}/");
            place.pixel = format!("{base}/o/{token}.gif");
        }
        let person = Person {
            zone: recipient.zone,
            token: recipient.place.filter(|_| tracked.clicks).map(|place| place.token.clone()),
            clicks: place.clicks.clone(),
        };
        let context = Arc::new(Context {
            data: recipient.data,
            given: Arc::clone(&self.given),
            person: Value::from_object(person),
            locale: Value::from(self.form.locale.as_str()),
            sent_at: Value::from(recipient.sent_at.to_string()),
            unsubscribe: Value::from_safe_string(place.unsubscribe),
            preferences: Value::from_safe_string(place.preferences),
            clicks: Value::from_safe_string(place.clicks),
            pixel: Value::from_safe_string(place.pixel),
            postal: Value::from(recipient.postal_address),
            subject: OnceLock::new(),
            preheader: OnceLock::new(),
        });
        let root = Value::from_dyn_object(Arc::clone(&context));
        let subject = self.part("subject", &root, MAX_SUBJECT_BYTES)?;
        let subject = subject.trim().to_owned();
        if subject.is_empty() || subject.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(RenderError::BadSubject);
        }
        if self.has_text[0] {
            let _ = context.subject.set(Value::from(subject.as_str()));
        }
        let preheader =
            if self.form.preheader.is_empty() { String::new() } else { self.part("preheader", &root, MAX_PART_BYTES)? };
        if self.has_text[1] {
            let _ = context.preheader.set(Value::from(preheader.as_str()));
        }
        let mut html = self.part("html", &root, MAX_PART_BYTES)?;
        let mut text = self.part("text", &root, MAX_PART_BYTES)?;
        if preview {
            html = self.previewed(&html, encoded);
            text = self.previewed(&text, str::to_owned);
        }
        Ok(Rendered { subject, preheader, html, text })
    }

    /// What of the data does not fit the declarations.
    fn check(&self, data: &Map<String, serde_json::Value>) -> Result<(), RenderError> {
        for (name, given) in self.given.iter().filter(|(_, given)| given.declared) {
            match data.get(name).filter(|value| !value.is_null()) {
                Some(value) if !given.kind.takes(value) => {
                    return Err(RenderError::WrongType { name: name.clone(), kind: given.kind.word() });
                }
                None if given.required && !given.has_default => {
                    return Err(RenderError::Missing { name: name.clone() });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn part(&self, part: &'static str, root: &Value, most: usize) -> Result<String, RenderError> {
        let error = |error: &minijinja::Error| fault(part, error);
        let template = self.engine.get_template(part).map_err(|e| error(&e))?;
        let mut out = Capped { bytes: Vec::with_capacity(template.source().len() + 4_096), most };
        template.render_captured_to(root.clone(), &mut out).map_err(|e| error(&e))?;
        String::from_utf8(out.bytes).map_err(|_| RenderError::TooMuch { part })
    }

    /// A part whose links lead where they lead.
    fn previewed(&self, part: &str, written: impl Fn(&str) -> String) -> String {
        let mut pieces = part.split(PREVIEW);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (index, rest) = piece.split_at(digits);
            let link = index.parse::<usize>().ok().and_then(|index| self.form.links.get(index));
            out.push_str(&link.and_then(|link| link.target.as_deref()).map_or_else(|| "#".into(), &written));
            out.push_str(rest);
        }
        out
    }
}

/// Why a part was not rendered, without anything of the data.
fn fault(part: &'static str, error: &minijinja::Error) -> RenderError {
    let line = error.line().unwrap_or(1);
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<BadAddress>() {
            return RenderError::BadAddress;
        }
        source = inner.source();
    }
    match error.kind() {
        ErrorKind::UndefinedError => RenderError::Undefined { part, line },
        ErrorKind::WriteFailure if part == "subject" => RenderError::BadSubject,
        ErrorKind::OutOfFuel | ErrorKind::WriteFailure => RenderError::TooMuch { part },
        _ => RenderError::DoesNotFit { part, line },
    }
}

struct Links {
    unsubscribe: String,
    preferences: String,
    clicks: String,
    pixel: String,
}
