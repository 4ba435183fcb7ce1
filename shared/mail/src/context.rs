//! What a template can look up, and what it may write.

use crate::engine::PERSON;
use crate::template::VariableType;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde};
use serde_json::Map;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, OnceLock};

/// What is known of a declared name.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) kind: VariableType,
    pub(crate) required: bool,
    pub(crate) default: Value,
    pub(crate) has_default: bool,
    /// Declared, not only known.
    pub(crate) declared: bool,
}

/// What a template can look up. Values of the data become values of the engine when they are asked for.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) data: Arc<Map<String, serde_json::Value>>,
    pub(crate) given: Arc<BTreeMap<String, Given>>,
    pub(crate) person: Value,
    pub(crate) locale: Value,
    pub(crate) sent_at: Value,
    pub(crate) unsubscribe: Value,
    pub(crate) preferences: Value,
    pub(crate) clicks: Value,
    pub(crate) pixel: Value,
    pub(crate) postal: Value,
    pub(crate) subject: OnceLock<Value>,
    pub(crate) preheader: OnceLock<Value>,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(match key {
            "_c" => self.clicks.clone(),
            "_o" => self.pixel.clone(),
            PERSON => self.person.clone(),
            "unsubscribe_url" => self.unsubscribe.clone(),
            "preferences_url" => self.preferences.clone(),
            "postal_address" => self.postal.clone(),
            "locale" => self.locale.clone(),
            "sent_at" => self.sent_at.clone(),
            "subject" => self.subject.get()?.clone(),
            "preheader" => self.preheader.get()?.clone(),
            // Only what is declared or known: what else a contact's data has is nobody's to say.
            name => {
                let given = self.given.get(name)?;
                match self.data.get(name) {
                    None | Some(serde_json::Value::Null) => given.default.clone(),
                    Some(value) => {
                        said(value, || Node { data: Arc::clone(&self.data), path: vec![Step::Name(name.into())] })
                    }
                }
            }
        })
    }
}

/// A value of the data as one of the engine's; what holds others looks them up when it is asked.
fn said(value: &serde_json::Value, node: impl FnOnce() -> Node) -> Value {
    match value {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(yes) => Value::from(*yes),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(float)) => Value::from(float),
            (None, None) => Value::from(Serde(number)),
        },
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => Value::from_object(node()),
    }
}

#[derive(Debug, Clone)]
enum Step {
    Name(Box<str>),
    At(usize),
}

/// A list or a map within the data: the way to it, so that nothing of it is copied that nobody says.
#[derive(Debug)]
struct Node {
    data: Arc<Map<String, serde_json::Value>>,
    path: Vec<Step>,
}

impl Node {
    fn here(&self) -> Option<&serde_json::Value> {
        let mut steps = self.path.iter();
        let Some(Step::Name(first)) = steps.next() else { return None };
        steps.try_fold(self.data.get(&**first)?, |value, step| match step {
            Step::Name(name) => value.get(&**name),
            Step::At(at) => value.get(at),
        })
    }

    fn below(&self, step: Step) -> Self {
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend_from_slice(&self.path);
        path.push(step);
        Self { data: Arc::clone(&self.data), path }
    }
}

impl Object for Node {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.here().is_some_and(serde_json::Value::is_array) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(name) = key.as_str() {
            return self.get_value_by_str(name);
        }
        let at = key.as_usize()?;
        Some(said(self.here()?.get(at)?, || self.below(Step::At(at))))
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(said(self.here()?.get(key)?, || self.below(Step::Name(key.into()))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.here() {
            Some(serde_json::Value::Array(list)) => Enumerator::Seq(list.len()),
            Some(serde_json::Value::Object(map)) => {
                Enumerator::Values(map.keys().map(|key| Value::from(key.as_str())).collect())
            }
            _ => Enumerator::Empty,
        }
    }
}

/// Text up to a length.
pub(crate) struct Capped {
    pub(crate) bytes: Vec<u8>,
    pub(crate) most: usize,
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
