//! Queries and forms (`application/x-www-form-urlencoded`).

use url::form_urlencoded::parse;

/// The value of a parameter, if it stands in the query once.
pub fn param(query: &str, name: &str) -> Option<String> {
    let mut found = parse(query.as_bytes()).filter(|(known, _)| known == name);
    let (_, value) = found.next()?;
    found.next().is_none().then(|| value.into_owned())
}

/// The fields of a form, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Those of a body.
    pub fn of(body: &[u8]) -> Self {
        Self(parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }
    /// A field's value: the first of several.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
    /// All of them, by name and then value.
    pub fn sorted(mut self) -> Vec<(String, String)> {
        self.0.sort();
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_counts_if_it_stands_there_once() {
        assert_eq!(param("hub.mode=subscribe&a=b%20c+d", "a").as_deref(), Some("b c d"));
        assert_eq!(param("a=1&a=2", "a"), None);
        assert_eq!(param("", "a"), None);
    }
}
