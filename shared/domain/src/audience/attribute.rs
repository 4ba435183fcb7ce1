//! What a tenant keeps about its contacts in words of its own: attributes, each of a kind that is declared once.

use crate::TenantId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// Most attributes that a tenant declares, and so that a contact has.
pub const MAX_ATTRIBUTES: usize = 50;
/// Most characters of an attribute's name.
pub const MAX_ATTRIBUTE_NAME: usize = 40;
/// Most characters of a text.
pub const MAX_TEXT: usize = 500;
/// Most texts of a list.
pub const MAX_ITEMS: usize = 20;
/// Most characters of a text of a list.
pub const MAX_ITEM: usize = 100;
/// Digits behind the point that a decimal number has at most.
const SCALE: usize = 9;
/// Digits before the point that a decimal number has at most.
const MAX_WHOLE_DIGITS: usize = 18;

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// A decimal number, exactly.
    Decimal,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// Some texts.
    List,
}

impl AttributeKind {
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 6] = ["text", "whole", "decimal", "boolean", "date", "list"];

    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::List => "list",
        }
    }

    /// What to give where one is asked for.
    pub fn example(self) -> &'static str {
        match self {
            Self::Text => "a text of at most 500 characters",
            Self::Whole => "a whole number",
            Self::Decimal => {
                "a decimal number as a text, such as \"19.90\", with at most 18 digits before the point and 9 behind it"
            }
            Self::Boolean => "true or false",
            Self::Date => "a day such as \"2026-03-01\"",
            Self::List => "a list of at most 20 texts of at most 100 characters",
        }
    }
}

impl AttributeKind {
    /// Reads a value of this kind as it stands in JSON; none where it is of another kind, or out of bounds.
    pub fn take(self, json: &Value) -> Option<AttributeValue> {
        let value = match self {
            Self::Text => AttributeValue::Text(json.as_str()?.to_owned()),
            Self::Whole => AttributeValue::Whole(json.as_i64()?),
            Self::Decimal => AttributeValue::Decimal(Decimal::parse(json.as_str()?)?),
            Self::Boolean => AttributeValue::Boolean(json.as_bool()?),
            Self::Date => AttributeValue::Date(date(json.as_str()?)?),
            Self::List => {
                let items = json.as_array()?.iter().map(|item| item.as_str().map(str::to_owned));
                AttributeValue::List(items.collect::<Option<_>>()?)
            }
        };
        value.is_bounded().then_some(value)
    }
}

/// A day as it is written everywhere: a library takes more, such as `20260301`, of which one hand does not know what the other means.
fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| date.to_string() == text)
}

/// A decimal number, kept as its digits: what was given as 19.90 is never 19.899999.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    text: String,
    /// In 10⁻⁹.
    nanos: i128,
}

impl Decimal {
    /// Reads one such as `-19.90`: no exponent, no separators of thousands.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |s: &str, most| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole, MAX_WHOLE_DIGITS) || !is_number(part, SCALE) {
            return None;
        }
        let nanos: i128 = format!("{whole}{part:0<SCALE$}").parse().ok()?;
        Some(Self { text: text.to_owned(), nanos: sign * nanos })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value: 1.5 and 1.50 are neither before nor behind each other, though they are not the same text.
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Self {
        Self { text: n.to_string(), nanos: i128::from(n) * 1_000_000_000 }
    }
}

impl TryFrom<String> for Decimal {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no decimal number")
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.text
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What one attribute of a contact says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the kind of that name
pub enum AttributeValue {
    Text(String),
    Whole(i64),
    Decimal(Decimal),
    Boolean(bool),
    Date(Date),
    List(Vec<String>),
}

impl AttributeValue {
    /// Its kind.
    pub fn kind(&self) -> AttributeKind {
        match self {
            Self::Text(_) => AttributeKind::Text,
            Self::Whole(_) => AttributeKind::Whole,
            Self::Decimal(_) => AttributeKind::Decimal,
            Self::Boolean(_) => AttributeKind::Boolean,
            Self::Date(_) => AttributeKind::Date,
            Self::List(_) => AttributeKind::List,
        }
    }

    /// As it stands in JSON.
    pub fn shown(&self) -> Value {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Whole(n) => (*n).into(),
            Self::Decimal(n) => n.to_string().into(),
            Self::Boolean(is) => (*is).into(),
            Self::Date(day) => day.to_string().into(),
            Self::List(items) => items.clone().into(),
        }
    }

    /// Whether it is within its bounds.
    pub fn is_bounded(&self) -> bool {
        let is_text = |text: &str, most| text.chars().count() <= most && !text.chars().any(is_control);
        match self {
            Self::Text(text) => is_text(text, MAX_TEXT),
            Self::List(items) => items.len() <= MAX_ITEMS && items.iter().all(|item| is_text(item, MAX_ITEM)),
            Self::Whole(_) | Self::Decimal(_) | Self::Boolean(_) | Self::Date(_) => true,
        }
    }
}

/// Whether a character is one that no text of a contact has: a line feed may stand in a text, and nothing else that is not shown.
fn is_control(c: char) -> bool {
    c.is_control() && c != '\n'
}

/// The attributes that a tenant declared. What is not declared is taken of no contact, so that a slip of a name is told and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeSet {
    /// Tenant.
    pub tenant: TenantId,
    /// The kind of each, by name.
    pub kinds: BTreeMap<String, AttributeKind>,
}

impl AttributeSet {
    /// Of a tenant that declared none.
    pub fn none(tenant: TenantId) -> Self {
        Self { tenant, kinds: BTreeMap::new() }
    }
}

/// Whether it may be an attribute's name: what a template can name without quotes.
pub fn is_attribute_name(name: &str) -> bool {
    name.len() <= MAX_ATTRIBUTE_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
