//! "Little text", the format of a post's `commentary`. A reserved character that is not escaped does not fail: LinkedIn
//! accepts the post and shows readers only what stands before it.

use unicode_normalization::UnicodeNormalization as _;

/// Characters that must be escaped wherever they do not form a mention or a hashtag.
const RESERVED: &str = "|{}@[]()<>#\\*_~";

/// A text as people write it, escaped. Hashtags (`#word`) and mentions (`@[Name](urn:li:person:1)`) keep working.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut at, mut before) = (0, None);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(mention) = mention(rest) {
            out.push_str(mention);
            (at, before) = (at + mention.len(), Some(')'));
            continue;
        }
        if RESERVED.contains(c) && !(c == '#' && starts_hashtag(before, &rest[1..])) {
            out.push('\\');
        }
        out.push(c);
        (at, before) = (at + c.len_utf8(), Some(c));
    }
    out
}

/// Whether a `#` between these makes a hashtag: at the beginning of a word, before a letter or digit, and not only digits.
fn starts_hashtag(before: Option<char>, after: &str) -> bool {
    let opens = before.is_none_or(|c| c.is_whitespace() || "([{\"'“‘«¿¡".contains(c));
    let mut word = after.chars().take_while(|c| c.is_alphanumeric());
    opens && after.starts_with(char::is_alphanumeric) && word.any(char::is_alphabetic)
}

/// A mention at the beginning of the text, whole.
fn mention(text: &str) -> Option<&str> {
    let (name, after) = text.strip_prefix("@[")?.split_once("](")?;
    let (urn, _) = after.split_once(')')?;
    let plain = !name.is_empty() && !name.contains(['[', ']', '\n']);
    (plain && super::is_author(urn)).then(|| &text[.."@[]()".len() + name.len() + urn.len()])
}

/// The form in which texts are compared: little text without its escapes and templates, characters composed, white
/// space folded.
pub(super) fn plain(commentary: &str) -> String {
    let mut out = String::with_capacity(commentary.len());
    let mut rest = commentary;
    while let Some(c) = rest.chars().next() {
        if let Some((word, after)) = rest.strip_prefix("{hashtag|\\#|").and_then(|tail| tail.split_once('}')) {
            out.push('#');
            out.extend(word.chars().filter(|c| *c != '\\'));
            rest = after;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let escaped = rest.chars().next().filter(|next| c == '\\' && RESERVED.contains(*next));
        out.push(escaped.unwrap_or(c));
        rest = &rest[escaped.map_or(0, char::len_utf8)..];
    }
    let composed: String = out.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reserved_character_is_escaped() {
        assert_eq!(escape("|{}@[]()<>#\\*_~"), "\\|\\{\\}\\@\\[\\]\\(\\)\\<\\>\\#\\\\\\*\\_\\~");
        assert_eq!(escape("plain, text: 100 % & ä 日本 👍\n"), "plain, text: 100 % & ä 日本 👍\n");
    }

    #[test]
    fn hashtags_work_and_other_number_signs_are_escaped() {
        for (text, escaped) in [
            ("#rust is #fun", "#rust is #fun"),
            ("(#rust)", "\\(#rust\\)"),
            ("#snake_case", "#snake\\_case"),
            ("#2026goals", "#2026goals"),
            ("#1", "\\#1"),
            ("C#7 a#b ##x # y", "C\\#7 a\\#b \\#\\#x \\# y"),
            ("https://example.com/#part", "https://example.com/\\#part"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn mentions_work_and_what_only_looks_like_one_is_escaped() {
        let real = "Hi @[Ada Demo](urn:li:person:demoAda001) and @[Acme_1](urn:li:organization:42)!";
        assert_eq!(escape(real), real);
        assert_eq!(escape("@[A](urn:li:share:1)"), "\\@\\[A\\]\\(urn:li:share:1\\)");
        assert_eq!(escape("a@b.c @[x"), "a\\@b.c \\@\\[x");
    }

    #[test]
    fn a_text_is_recognised_however_it_comes_back() {
        let text = "Hi (all) #rust \\ cafe\u{301}  *now*\n_x_";
        assert_eq!(plain(&escape(text)), "Hi (all) #rust \\ caf\u{e9} *now* _x_");
        assert_eq!(plain("a {hashtag|\\#|snake\\_case} b"), plain(&escape("a #snake_case b")));
    }
}
