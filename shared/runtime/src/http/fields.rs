//! What is wrong with which field of a request.

use serde::Serialize;
use serde_path_to_error::{Path, Segment};

/// One field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the body; `?name` for a query parameter; empty for the whole body.
    pub field: String,
    /// Stable code: `required`, `unknown_field`, `type`, `value`, `control_character`, …
    pub code: String,
    /// What it should be.
    pub detail: String,
}

impl FieldError {
    /// One field's error.
    pub fn new(field: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), detail: detail.into() }
    }

    /// From serde's words. Only what was expected is passed on, never the value that was given: it is the customer's.
    pub(crate) fn from_serde(path: &Path, message: &str) -> Self {
        let field = pointer(path);
        if let Some(name) = quoted_after(message, "missing field ") {
            return Self::new(format!("{field}/{}", escape(name)), "required", "this field is required");
        }
        // Whether the path ends with the field itself differs between formats.
        let at = |name: &str| {
            let there = path.iter().next_back().is_some_and(|s| matches!(s, Segment::Map { key } if key == name));
            if there { field.clone() } else { format!("{field}/{}", escape(name)) }
        };
        if let Some(name) = quoted_after(message, "unknown field ") {
            return Self::new(at(name), "unknown_field", "this field is not known here");
        }
        if let Some(name) = quoted_after(message, "duplicate field ") {
            return Self::new(at(name), "duplicate", "give it once");
        }
        let message = message.split(" at line ").next().unwrap_or_default();
        let code = if message.starts_with("invalid type") { "type" } else { "value" };
        let detail = match message.rsplit_once(", expected ") {
            // The name of a type of ours helps nobody.
            Some((_, expected)) if expected.contains("struct ") => "expected an object".to_owned(),
            Some((_, expected)) => format!("expected {expected}"),
            None if message.starts_with("invalid ") && message.contains(": ") => {
                "this value is not possible here".into()
            }
            None => message.to_owned(),
        };
        Self::new(field, code, detail)
    }
}

fn quoted_after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start)?.strip_prefix('`')?.split('`').next()
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            // Tags of enums have no place in the document of their own.
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect::<Vec<_>>()
        .concat()
}

/// RFC 6901 escaping.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
