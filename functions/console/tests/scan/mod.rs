//! Reads rendered pages tag by tag. Not an HTML parser: our templates write plain tags with double-quoted attributes, and
//! a page that does not is refused here.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

/// One tag of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub closing: bool,
    pub attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    pub text: String,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn is(&self, name: &str) -> bool {
        !self.closing && self.name == name
    }

    /// What stays the same whatever people write: the name and the attributes without their values.
    pub fn shape(&self) -> (String, bool, Vec<String>) {
        (self.name.clone(), self.closing, self.attributes.iter().map(|(name, _)| name.clone()).collect())
    }
}

const VOID: [&str; 11] = ["br", "circle", "hr", "img", "input", "link", "meta", "path", "rect", "source", "!doctype"];

/// Every tag of `html`, in order.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (inside, following) = after.split_once('>').expect("a tag ends");
        let (closing, inside) = inside.strip_prefix('/').map_or((false, inside), |inside| (true, inside));
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let text = following.split('<').next().unwrap_or_default().to_owned();
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '!'), "odd tag {name:?}");
        tags.push(Tag { name, closing, attributes: parse(attributes.trim_end_matches('/')), text });
        rest = following;
    }
    tags
}

fn parse(mut rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        assert!(
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "odd attribute {name:?}"
        );
        rest = &rest[end..];
        let value = if let Some(quoted) = rest.strip_prefix("=\"") {
            let (value, after) = quoted.split_once('"').expect("an attribute ends");
            rest = after;
            value
        } else {
            assert!(!rest.starts_with('='), "the attribute {name} is not quoted");
            ""
        };
        assert!(!found.iter().any(|(other, _)| *other == name), "the attribute {name} is there twice");
        found.push((name, value.to_owned()));
    }
}

/// Panics unless every element is closed in order.
pub fn check_nesting(page: &str, tags: &[Tag]) {
    let mut open = Vec::new();
    for tag in tags.iter().filter(|tag| !VOID.contains(&tag.name.as_str())) {
        if tag.closing {
            assert_eq!(open.pop(), Some(tag.name.as_str()), "{page}: </{}> closes another element", tag.name);
        } else {
            open.push(tag.name.as_str());
        }
    }
    assert!(open.is_empty(), "{page}: {open:?} stays open");
}
