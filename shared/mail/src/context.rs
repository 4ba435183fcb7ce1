//! What a template can look up, and what it may write.

use crate::engine::PERSON;
use crate::template::VariableType;
use minijinja::Value;
use minijinja::value::{Object, Serde};
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
    pub(crate) data: Map<String, serde_json::Value>,
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
                    Some(serde_json::Value::String(text)) => Value::from(text.as_str()),
                    Some(value) => Value::from(Serde(value)),
                }
            }
        })
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
