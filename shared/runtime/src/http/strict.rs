//! Reads JSON for what the typed reading lets pass: duplicate keys (the last would win silently, and another parser on
//! the way may take the first), control characters in text, and depth.

use super::fields::{FieldError, escape};
use super::problem::Problem;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

/// Deepest nesting of arrays and objects.
const MAX_DEPTH: usize = 32;

/// Whether a text is JSON in which no field occurs twice and no text holds control characters: what a body has to be.
pub fn is_strict_json(text: &str) -> bool {
    check(text.as_bytes()).is_ok()
}

/// Checks a body.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::malformed_json("the body is not UTF-8"))?;
    let state = RefCell::new(State::default());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let walked = Walk { state: &state }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let Err(error) = walked else { return Ok(()) };
    let state = state.into_inner();
    let here = state.pointer();
    Err(match state.defect {
        Some(Defect::Duplicate) => Problem::malformed_json("a field occurs twice").with_errors(vec![FieldError::new(
            here,
            "duplicate",
            "give it once",
        )]),
        Some(Defect::TooDeep) => Problem::malformed_json(format!("nested deeper than {MAX_DEPTH} levels")),
        Some(Defect::Control) => Problem::validation(vec![FieldError::new(
            here,
            "control_character",
            "text may hold line breaks and tabs, and no other control characters",
        )]),
        // Well-formed, but no number we can hold: the reader calls it a syntax error.
        None if error.to_string().starts_with("number out of range") => {
            Problem::validation(vec![FieldError::new(here, "value", "this number is out of range")])
        }
        None if error.line() == 1 && error.column() == 0 => Problem::malformed_json("the body is empty"),
        None => Problem::malformed_json(format!("not JSON from line {} column {} on", error.line(), error.column())),
    })
}

#[derive(Default)]
struct State {
    path: Vec<Step>,
    defect: Option<Defect>,
}

enum Step {
    Key(String),
    Index(usize),
}

enum Defect {
    Duplicate,
    TooDeep,
    Control,
}

impl State {
    fn pointer(&self) -> String {
        self.path
            .iter()
            .map(|step| match step {
                Step::Key(key) => format!("/{}", escape(key)),
                Step::Index(index) => format!("/{index}"),
            })
            .collect::<Vec<_>>()
            .concat()
    }
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    state: &'a RefCell<State>,
}

impl Walk<'_> {
    /// Stops with a defect. The path stays as it is: it tells where.
    fn stop<T, E: Error>(self, defect: Defect) -> Result<T, E> {
        self.state.borrow_mut().defect = Some(defect);
        Err(E::custom("stopped"))
    }

    fn enter<E: Error>(self, step: Step) -> Result<(), E> {
        self.state.borrow_mut().path.push(step);
        if self.state.borrow().path.len() > MAX_DEPTH { self.stop(Defect::TooDeep) } else { Ok(()) }
    }

    fn leave(self) {
        self.state.borrow_mut().path.pop();
    }
}

fn plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if plain(text) { Ok(()) } else { self.stop(Defect::Control) }
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            self.enter(Step::Index(index))?;
            if items.next_element_seed(self)?.is_none() {
                break;
            }
            self.leave();
            index += 1;
        }
        self.leave();
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = fields.next_key::<String>()? {
            let (again, clean) = (!seen.insert(key.clone()), plain(&key));
            self.enter(Step::Key(key))?;
            if again {
                return self.stop(Defect::Duplicate);
            }
            if !clean {
                return self.stop(Defect::Control);
            }
            fields.next_value_seed(self)?;
            self.leave();
        }
        Ok(())
    }
}
