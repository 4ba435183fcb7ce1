//! A template as its author writes it.

use crate::locale;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A text in several locales, by locale (`de-AT`).
pub type Localised = BTreeMap<String, String>;

/// In what the body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// MJML, which becomes HTML that mail programs show alike.
    Mjml,
    /// HTML.
    #[default]
    Html,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableType {
    /// A text.
    #[default]
    Text,
    /// The address of a picture.
    Image,
    /// An http or https address.
    Url,
    /// Yes or no.
    Boolean,
    /// A list of anything.
    List,
    /// A number; money as integer minor units.
    Number,
    /// A date or an instant (RFC 3339).
    Date,
}

impl VariableType {
    /// Whether a value is of this type.
    pub fn takes(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string() || value.is_number(),
            Self::Image | Self::Url | Self::Date => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Number => value.is_number(),
        }
    }

    /// What a variable is that was not given, need not be given and has no default.
    pub fn empty(self) -> Value {
        match self {
            Self::Text | Self::Image | Self::Url | Self::Date => Value::String(String::new()),
            Self::Boolean => Value::Bool(false),
            Self::List => Value::Array(Vec::new()),
            Self::Number => Value::from(0),
        }
    }

    /// Its name in words for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Url => "url",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Number => "number",
            Self::Date => "date",
        }
    }
}

/// A variable that the template declares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name, as the template uses it.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type", default)]
    pub kind: VariableType,
    /// What it is where it was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether nobody gets the mail for whom it is not given (and has no default).
    #[serde(default)]
    pub required: bool,
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
}

/// A named piece of a body, which stands where the body says `{{ sections.<id> }}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its id, as the body names it.
    pub id: String,
    /// Its name, for people.
    #[serde(default)]
    pub name: String,
    /// Whether it may stand several times in a row, or not at all.
    #[serde(default)]
    pub repeatable: bool,
    /// Whether a campaign may say something else there.
    #[serde(default)]
    pub editable: bool,
    /// What it says unless a campaign says otherwise, in the body's language.
    pub content: String,
}

/// What stands once for the look of the whole: `{{ styling.<name> }}` in body and sections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Styling {
    /// Values by name, such as `primary_color`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// A style sheet, which is put onto the elements.
    #[serde(default)]
    pub css: String,
}

/// A template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The locale that is taken where a recipient's has nothing.
    pub default_locale: String,
    /// Subjects.
    pub subject: Localised,
    /// What a mailbox shows after the subject.
    #[serde(default)]
    pub preheader: Localised,
    /// In what the bodies are written.
    #[serde(default)]
    pub kind: Kind,
    /// Bodies.
    pub body: Localised,
    /// Text parts; derived from the body in a locale that has none.
    #[serde(default)]
    pub text: Localised,
    /// Variables.
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// Sections.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Styling.
    #[serde(default)]
    pub styling: Styling,
    /// What `translate` gives, by key.
    #[serde(default)]
    pub texts: BTreeMap<String, Localised>,
    /// Hosts that tracked links may lead to though their address comes from data. Where a link's host stands in the template, it
    /// need not be named.
    #[serde(default)]
    pub link_hosts: Vec<String>,
}

impl Template {
    /// The version: the SHA-256 of everything that the template says, in hex. What was sent names it.
    pub fn version(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &json))
    }

    /// The text for a locale: its own, its language's, the default's; with the locale that it is in.
    pub fn pick<'a>(&'a self, texts: &'a Localised, locale: &str) -> Option<(&'a str, &'a str)> {
        locale::pick(texts, locale, &self.default_locale)
    }
}
