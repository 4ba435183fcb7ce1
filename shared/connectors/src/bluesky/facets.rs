//! What in a text is a link, a tag or a mention. A post is plain text; beside it stands which of its bytes mean more.

use super::api::{ByteSlice, Facet, Feature};
use super::is_handle;
use domain::text::links;
use std::collections::BTreeMap;
use std::ops::Range;

/// Most characters of a tag: the protocol counts 64 graphemes, of which there are never more.
const LONGEST_TAG: usize = 64;
/// Characters that end a tag although they are no white space: they cannot be seen.
const INVISIBLE: [char; 7] = ['\u{ad}', '\u{2060}', '\u{200a}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{20e2}'];

/// The links of the text, each with its address. Only what says its scheme is one: whether a bare word with a dot in it is a
/// domain depends on a list of top-level domains.
fn addresses(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let whole = |link: &str| link.starts_with("https://") || link.starts_with("http://");
    links(text)
        .filter(move |link| whole(link.as_str()))
        .map(|link| (link.start()..link.end(), link.as_str().to_owned()))
}

/// What begins with one of `marks` at the start of a word: where the rest of it begins, and the rest.
fn marked<'a>(
    text: &'a str,
    marks: &'static [char],
    after: &'static [char],
) -> impl Iterator<Item = (usize, usize, &'a str)> {
    text.char_indices().filter(|(_, c)| marks.contains(c)).filter_map(move |(at, mark)| {
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|c| c.is_whitespace() || after.contains(&c));
        let rest = at + mark.len_utf8();
        begins.then(|| (at, rest, &text[rest..]))
    })
}

/// Punctuation as Unicode has it, as far as texts have it at the end of a word.
fn is_punctuation(c: char) -> bool {
    matches!(c, '!'..='#' | '%'..='*' | ','..='/' | ':' | ';' | '?' | '@' | '['..=']' | '_' | '{' | '}')
        || matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}')
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '・')
        || matches!(c, '！'..='＃' | '％'..='＊' | '，'..='／' | '：' | '；' | '？' | '＠' | '［'..='］' | '＿' | '｛' | '｝' | '｡'..='･')
}

/// The tags of the text, without their `#`.
fn tags(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    marked(text, &['#', '＃'], &[]).filter_map(|(at, from, rest)| {
        let end = rest.find(|c: char| c.is_whitespace() || INVISIBLE.contains(&c)).unwrap_or(rest.len());
        let tag = rest[..end].trim_end_matches(is_punctuation);
        let says = tag.chars().any(|c| !c.is_ascii_digit() && !is_punctuation(c));
        // A keycap is no tag.
        let fits = !tag.starts_with('\u{fe0f}') && tag.chars().count() <= LONGEST_TAG;
        (says && fits).then(|| (at..from + tag.len(), tag.to_owned()))
    })
}

/// The handles that the text mentions, in lower case.
pub(super) fn mentions(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    marked(text, &['@'], &['(']).filter_map(|(at, from, rest)| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').unwrap_or(rest.len());
        let handle = rest[..end].trim_end_matches(['.', '-']);
        is_handle(handle).then(|| (at..from + handle.len(), handle.to_ascii_lowercase()))
    })
}

/// The facets of a text. A mention whose handle `known` does not resolve stays text.
pub(super) fn facets(text: &str, known: &BTreeMap<String, Option<String>>) -> Vec<Facet> {
    let links: Vec<(Range<usize>, Feature)> = addresses(text).map(|(at, uri)| (at, Feature::Link { uri })).collect();
    let who = |handle: &str| known.get(handle).cloned().flatten();
    let mentions = mentions(text).filter_map(|(at, handle)| Some((at, Feature::Mention { did: who(&handle)? })));
    let tags = tags(text).map(|(at, tag)| (at, Feature::Tag { tag }));
    let free = |at: &Range<usize>| links.iter().all(|(link, _)| at.end <= link.start || link.end <= at.start);
    let mut all: Vec<(Range<usize>, Feature)> = mentions.chain(tags).filter(|(at, _)| free(at)).collect();
    all.extend(links.iter().cloned());
    all.sort_by_key(|(at, _)| at.start);
    let facet = |(at, feature): (Range<usize>, Feature)| Facet {
        index: ByteSlice { byte_start: at.start, byte_end: at.end },
        features: [feature],
    };
    all.into_iter().map(facet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each facet as the bytes it covers and what it means.
    fn shown(text: &str) -> Vec<(String, String)> {
        let known = [("alice.test", Some("did:plc:alice")), ("nobody.test", None)];
        let known = known.map(|(handle, did)| (handle.to_owned(), did.map(str::to_owned))).into();
        let meant = |feature: &Feature| match feature {
            Feature::Link { uri } => uri.clone(),
            Feature::Tag { tag } => format!("tag {tag}"),
            Feature::Mention { did } => did.clone(),
        };
        facets(text, &known)
            .iter()
            .map(|f| (text[f.index.byte_start..f.index.byte_end].to_owned(), meant(&f.features[0])))
            .collect()
    }

    fn one(covers: &str, means: &str) -> Vec<(String, String)> {
        vec![(covers.to_owned(), means.to_owned())]
    }

    #[test]
    fn bytes_are_counted_and_not_characters() {
        let text = "👨‍👩‍👧 ä #tag";
        let facets = facets(text, &BTreeMap::new());
        assert_eq!((facets[0].index.byte_start, facets[0].index.byte_end), (22, 26));
    }

    #[test]
    fn links_are_what_says_its_scheme_and_end_before_punctuation() {
        assert_eq!(
            shown("see https://example.com/a?b=c#d, ok"),
            one("https://example.com/a?b=c#d", "https://example.com/a?b=c#d")
        );
        assert_eq!(shown("(http://example.com)"), one("http://example.com", "http://example.com"));
        for text in ["example.com", "mailto:a@example.com", "ftp://example.com", "README.md", ""] {
            assert_eq!(shown(text), [], "{text}");
        }
    }

    #[test]
    fn tags_follow_the_apps_own_rules() {
        for (text, covers, tag) in [
            ("#tag", "#tag", "tag"),
            ("a #tag!", "#tag", "tag"),
            ("#tag-with.things,", "#tag-with.things", "tag-with.things"),
            ("#C++", "#C++", "C++"),
            ("#1tag", "#1tag", "1tag"),
            ("#日本語。", "#日本語", "日本語"),
            ("＃tag", "＃tag", "tag"),
            ("#ta\u{200b}g", "#ta", "ta"),
        ] {
            assert_eq!(shown(text), one(covers, &format!("tag {tag}")), "{text}");
        }
        let long = format!("#{}", "x".repeat(65));
        for text in ["#1", "#", "# tag", "a#tag", "#!?", "#\u{fe0f}\u{20e3}", "(#tag)", long.as_str()] {
            assert_eq!(shown(text), [], "{text}");
        }
    }

    #[test]
    fn a_mention_is_a_known_handle_and_everything_else_stays_text() {
        for text in ["@alice.test", "hi @Alice.test.", "(@alice.test)", "@alice.test's", "@alice.test-"] {
            let found = shown(text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].0.eq_ignore_ascii_case("@alice.test") && found[0].1 == "did:plc:alice", "{found:?}");
        }
        for text in
            ["@nobody.test", "@unasked.test", "@alice", "mail@alice.test", "@alice..test", "@.test", "@ alice.test"]
        {
            assert_eq!(shown(text), [], "{text}");
        }
    }

    #[test]
    fn what_stands_inside_a_link_is_the_links_and_facets_come_in_order() {
        let found = shown("#a https://example.com/(@alice.test)/#b @alice.test #c");
        let covered: Vec<&str> = found.iter().map(|(covers, _)| covers.as_str()).collect();
        assert_eq!(covered, ["#a", "https://example.com/(@alice.test)/#b", "@alice.test", "#c"]);
    }
}
