//! "Little text", the format of `commentary`. LinkedIn accepts a wrongly escaped text and silently shows only what
//! stands before the first mistake; this module does the same, so that an escaping bug can be seen.

/// Characters that must be escaped with a backslash wherever they do not form a mention or a hashtag.
const RESERVED: &str = "|{}@[]()<>#\\*_~";

/// What readers see of a commentary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// Bytes of the source that were understood.
    pub(crate) used: usize,
    /// Something was cut off.
    pub(crate) truncated: bool,
}

/// Reads a commentary the way LinkedIn does.
pub(crate) fn shown(source: &str) -> Shown {
    let mut text = String::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        let step = match c {
            '\\' => escaped(rest, &mut text),
            '@' => mention(rest, &mut text),
            '#' => hashtag(rest, &mut text),
            '{' => template(rest, &mut text),
            _ if RESERVED.contains(c) => None,
            _ => {
                text.push(c);
                Some(c.len_utf8())
            }
        };
        match step {
            Some(bytes) => at += bytes,
            None => return Shown { text, used: at, truncated: true },
        }
    }
    Shown { text, used: at, truncated: false }
}

/// Characters a reader would see if nothing were cut: what the limit of 3000 counts.
pub(crate) fn visible_length(source: &str) -> usize {
    let result = shown(source);
    if !result.truncated {
        return result.text.chars().count();
    }
    let mut escaping = false;
    source
        .chars()
        .filter(|c| {
            escaping = *c == '\\' && !escaping;
            !escaping
        })
        .count()
}

fn escaped(rest: &str, text: &mut String) -> Option<usize> {
    let next = rest[1..].chars().next().filter(|c| RESERVED.contains(*c))?;
    text.push(next);
    Some(2)
}

/// `@[Name](urn:li:person:ID)` or an organisation.
fn mention(rest: &str, text: &mut String) -> Option<usize> {
    let body = rest.strip_prefix("@[")?;
    let (name, after) = body.split_once("](")?;
    let (urn, _) = after.split_once(')')?;
    let known = urn.starts_with("urn:li:person:") || urn.starts_with("urn:li:organization:");
    let simple = !name.is_empty() && !name.contains(['[', ']']);
    if !known || !simple {
        return None;
    }
    text.push_str(name);
    Some("@[](".len() + name.len() + urn.len() + 1)
}

/// `#word`: the sign only, the word follows by the ordinary rules.
fn hashtag(rest: &str, text: &mut String) -> Option<usize> {
    rest[1..].chars().next().filter(|c| c.is_alphanumeric())?;
    text.push('#');
    Some(1)
}

/// `{hashtag|\#|word}`.
fn template(rest: &str, text: &mut String) -> Option<usize> {
    let prefix = "{hashtag|\\#|";
    let (word, _) = rest.strip_prefix(prefix)?.split_once('}')?;
    if word.is_empty() {
        return None;
    }
    text.push('#');
    text.extend(word.chars().filter(|c| *c != '\\'));
    Some(prefix.len() + word.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::{shown, visible_length};

    #[test]
    fn escaped_characters_are_shown_plainly() {
        let result = shown(r"a \(b\) \#1 c\_d \\ e");
        assert_eq!((result.text.as_str(), result.truncated), (r"a (b) #1 c_d \ e", false));
    }

    #[test]
    fn the_first_unescaped_character_cuts_the_text() {
        let result = shown("Hello (world) and more");
        assert_eq!((result.text.as_str(), result.used, result.truncated), ("Hello ", 6, true));
        assert_eq!(visible_length("Hello (world)"), 13);
    }

    #[test]
    fn mentions_and_hashtags_need_no_escape() {
        let result = shown(r"Hi @[Ada Demo](urn:li:person:demoAda001) #rust {hashtag|\#|tag\_two}!");
        assert_eq!((result.text.as_str(), result.truncated), ("Hi Ada Demo #rust #tag_two!", false));
    }

    #[test]
    fn a_lone_at_sign_hash_or_underscore_cuts() {
        for source in ["a @b", "a # b", "a #snake_case", "50% * 2", "a \\n"] {
            assert!(shown(source).truncated, "{source}");
        }
    }
}
