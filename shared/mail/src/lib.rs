//! Mails: from a template to the bytes that a provider takes.
//!
//! Pure: no network, no file, no clock, no randomness. What is the same for everybody is done once for each campaign and locale
//! ([`compile`]): MJML becomes HTML, styles go onto elements, the text part is derived, links are found and numbered, the pixel is placed. For a
//! recipient ([`Compiled::render`]) the engine only fills in, and [`message`] makes it MIME.
//!
//! - [`Template`]: what an author writes; [`Fault`]: what is wrong with it, where, and how to mend it; [`lint`](lint()): what could be better
//! - [`token`]: whose link it is, and where a link from data leads
//! - [`message`]: the mail as bytes, with the headers of law
//!
//! What customers write runs in an engine that has a closed part of its language, bounded fuel and bounded output (`language`, `safety`,
//! `engine`), and where their data stands it is escaped: there is no way to say that it should not be.
//!
//! Why it is made so: `docs/decisions/0051-a-mail-is-made-once.md`.

mod assemble;
mod check;
mod compile;
mod compiled;
mod context;
mod engine;
mod fault;
mod formats;
mod inline;
mod language;
mod links;
mod lint;
pub mod locale;
mod markup;
pub mod message;
mod mjml;
mod plain;
mod protect;
mod safety;
mod tags;
mod template;
pub mod token;

pub use assemble::Edits;
pub use compile::{Options, Tracking, compile};
pub use compiled::{
    Compiled, Form, MAX_PART_BYTES, MAX_SUBJECT_BYTES, Place as LinkPlace, RESERVED, Recipient, RenderError, Rendered,
};
pub use fault::{Fault, Part, Place, Severity};
pub use links::{Link, Utm};
pub use lint::lint;
pub use template::{Kind, Localised, Section, Styling, Template, Variable, VariableType};
