//! Bodies of JSON, read without trust: what is not there or of another type is simply not there.

use domain::inbound::Heard;
use jiff::Timestamp;
use serde_json::Value;

/// A place in a body.
#[derive(Debug, Clone, Copy)]
pub struct Tree<'a>(pub &'a Value);

static NOTHING: Value = Value::Null;

impl Tree<'_> {
    /// What lies under this name; nothing where there is none.
    pub fn at(self, name: &str) -> Self {
        Self(self.0.get(name).unwrap_or(&NOTHING))
    }
    /// The elements of a list; none where it is no list.
    pub fn list(self) -> impl Iterator<Item = Self> {
        self.0.as_array().into_iter().flatten().map(Tree)
    }
    /// The text under this name; of a number, its digits.
    pub fn text(self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
    /// The same, or nothing.
    pub fn word(self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }
    /// Seconds since 1970 under this name.
    pub fn seconds(self, name: &str) -> Option<Timestamp> {
        seconds(&self.text(name)?)
    }
    /// Whether there is anything.
    pub fn is(self) -> bool {
        !self.0.is_null()
    }
}

/// Seconds since 1970, or milliseconds where they would lie far ahead; a fraction is left out.
pub fn seconds(text: &str) -> Option<Timestamp> {
    let whole: i64 = text.split('.').next()?.parse().ok()?;
    if whole > 100_000_000_000 { Timestamp::from_millisecond(whole).ok() } else { Timestamp::from_second(whole).ok() }
}

/// A body that is not what it should be, kept as such.
pub fn unreadable(name: &str) -> Vec<Heard> {
    vec![super::unknown(name, "unreadable")]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_there_or_is_something_else_is_nothing() {
        let body = json!({ "a": { "n": 5, "t": "x", "e": "", "o": {} }, "l": [{ "t": "y" }] });
        let tree = Tree(&body);
        assert_eq!((tree.at("a").word("n"), tree.at("a").word("t")), ("5".to_owned(), "x".to_owned()));
        assert_eq!(
            (tree.at("a").text("e"), tree.at("a").text("o"), tree.at("z").at("z").text("t")),
            (None, None, None)
        );
        assert_eq!(tree.at("l").list().map(|one| one.word("t")).collect::<Vec<_>>(), ["y"]);
        assert_eq!(tree.at("a").list().count(), 0);
        assert_eq!(seconds("1531420618.000200").unwrap().as_second(), 1_531_420_618);
        assert_eq!(seconds("1531420618123").unwrap().as_second(), 1_531_420_618);
        assert_eq!(seconds("yesterday"), None);
    }
}
