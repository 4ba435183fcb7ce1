//! Counting text the way each platform counts it. The rule is data: the numbers come from the platform's descriptor.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// How a platform measures the length of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum TextRule {
    /// Unicode scalar values.
    Chars {
        /// The most that one part may hold.
        limit: u32,
    },
    /// UTF-16 code units.
    Utf16 {
        /// The most that one part may hold.
        limit: u32,
    },
    /// UTF-16 code units of what is sent where `&`, `<` and `>` go as entities (`&amp;`, `&lt;`, `&gt;`).
    Entities {
        /// The most that one part may hold.
        limit: u32,
    },
    /// UTF-16 code units; an emoji counts the bytes of its UTF-8.
    EmojiBytes {
        /// The most that one part may hold.
        limit: u32,
    },
    /// A weight per code point; links and emoji count a fixed amount; the text is NFC-normalised first.
    Weighted {
        /// The most that one part may hold, in units.
        limit: u32,
        /// Ranges of code points that weigh one unit.
        light: Vec<(u32, u32)>,
        /// The weight of every other code point.
        heavy: u32,
        /// The weight of a link, whatever its length.
        url: u32,
        /// The weight of an emoji sequence, whatever its length.
        emoji: u32,
    },
    /// What people see as one character (extended grapheme clusters, UAX #29).
    Graphemes {
        /// The most that one part may hold.
        limit: u32,
        /// What a link that begins with `http://` or `https://` counts, whatever its length; without it, what it holds.
        url: Option<u32>,
        /// The most that one part may hold besides, in bytes of UTF-8.
        bytes: Option<u32>,
    },
}

impl TextRule {
    /// The most that one part may hold.
    pub fn limit(&self) -> u32 {
        match self {
            Self::Chars { limit }
            | Self::Utf16 { limit }
            | Self::Entities { limit }
            | Self::EmojiBytes { limit }
            | Self::Weighted { limit, .. }
            | Self::Graphemes { limit, .. } => *limit,
        }
    }

    /// The length of `text` by this rule.
    pub fn count(&self, text: &str) -> u32 {
        let n = match self {
            Self::Chars { .. } => text.chars().count(),
            Self::Utf16 { .. } => text.encode_utf16().count(),
            Self::Entities { .. } => text.chars().map(escaped).sum(),
            Self::EmojiBytes { .. } => text
                .graphemes(true)
                .map(|shown| if is_emoji(shown) { shown.len() } else { shown.encode_utf16().count() })
                .sum(),
            Self::Weighted { light, heavy, url, emoji, .. } => return weighted(text, light, *heavy, *url, *emoji),
            Self::Graphemes { limit, url, bytes } => {
                let count = graphemes(text, *url);
                let above = bytes.map_or(0, |bytes| beyond(text, bytes));
                // A text with too many bytes is as much too long as must go from it.
                return if above == 0 { count } else { count.max(limit.saturating_add(above)) };
            }
        };
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// Splits `text` into parts that fit: at paragraphs, then sentences, then words, and inside a word only when one
    /// word alone is too long. Links are never cut.
    pub fn split(&self, text: &str) -> Vec<String> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            if self.count(rest) <= self.limit() {
                parts.push(rest.to_owned());
                break;
            }
            let cut = self.best_cut(rest);
            parts.push(rest[..cut].trim_end().to_owned());
            rest = rest[cut..].trim_start();
        }
        parts
    }

    /// The byte index to cut `text` at: the latest paragraph, else sentence, else word boundary that fits.
    fn best_cut(&self, text: &str) -> usize {
        let fits = |i: &usize| self.count(text[..*i].trim_end()) <= self.limit();
        let boundaries = |f: &dyn Fn(&str, usize) -> bool| -> Option<usize> {
            // The longest prefix that fits is found by walking boundaries in order; counting is cheap at these sizes.
            text.char_indices().map(|(i, _)| i).filter(|&i| i > 0 && f(text, i)).take_while(fits).last()
        };
        let in_link: Vec<(usize, usize)> = links(text).map(|l| (l.start(), l.end())).collect();
        let outside = |i: usize| !in_link.iter().any(|&(s, e)| s < i && i < e);
        let paragraph = boundaries(&|t, i| t[..i].ends_with("\n\n"));
        let sentence = boundaries(&|t, i| {
            t[..i].ends_with(['.', '!', '?', '…', '。', '\n']) && t[i..].starts_with(char::is_whitespace)
        });
        let word = boundaries(&|t, i| t[i..].starts_with(char::is_whitespace) && outside(i));
        let half = |c: &Option<usize>| c.is_some_and(|i| i >= text.len().min(self.limit() as usize) / 3);
        let grapheme = || {
            let ends = text.grapheme_indices(true).map(|(i, g)| i + g.len());
            ends.take_while(fits).last().unwrap_or_else(|| text.graphemes(true).next().map_or(text.len(), str::len))
        };
        // A paragraph or sentence break is nicer, unless it leaves a stub.
        paragraph
            .filter(|_| half(&paragraph))
            .or(sentence.filter(|_| half(&sentence)))
            .or(word)
            .unwrap_or_else(grapheme)
    }
}

/// The links of a text: those with a scheme and bare domains, as the platforms recognise them.
pub fn links(text: &str) -> impl Iterator<Item = linkify::Link<'_>> {
    let mut finder = linkify::LinkFinder::new();
    finder.kinds(&[linkify::LinkKind::Url]).url_must_have_scheme(false);
    finder.links(text).collect::<Vec<_>>().into_iter()
}

/// Whether a text has this address: not as the beginning of a longer one, which leads elsewhere.
pub fn has_link(text: &str, url: &str) -> bool {
    let longer = |from: usize| links(text).any(|link| link.start() <= from && link.end() > from + url.len());
    text.match_indices(url).any(|(from, _)| !longer(from))
}

/// Links of a text as a reader takes them who knows only ASCII in addresses. Where another sign touches an address, as in
/// `👉example.com`, platforms differ in whether it belongs to the host: this is the other reading than that of [`links`].
pub fn ascii_links(text: &str) -> impl Iterator<Item = linkify::Link<'_>> {
    let mut finder = linkify::LinkFinder::new();
    finder.kinds(&[linkify::LinkKind::Url]).url_must_have_scheme(false).url_can_be_iri(false);
    finder.links(text).collect::<Vec<_>>().into_iter()
}

/// How many words of `text` begin with `sign`: hashtags with `#`, mentions with `@`. A sign inside a word, as in an e-mail
/// address, begins none, and a sign alone is none.
pub fn marked(text: &str, sign: char) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(sign)
        .filter(|(at, _)| !text[..*at].ends_with(is_part) && text[at + sign.len_utf8()..].starts_with(is_part))
        .count()
}

/// How many words of `text` are cashtags, as twitter-text takes them: `$` after a space or at the beginning, one to six letters, and
/// then no letter and no digit. `$5` is none.
pub fn cashtags(text: &str) -> usize {
    let is_one = |(at, _): &(usize, &str)| {
        let letters = text[at + 1..].chars().take_while(char::is_ascii_alphabetic).count();
        let goes_on = text[at + 1 + letters..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let begins = text[..*at].chars().next_back().is_none_or(char::is_whitespace);
        begins && (1..=6).contains(&letters) && !goes_on
    };
    text.match_indices('$').filter(is_one).count()
}

/// Whether `shown` may be `written` after somebody changed it: they share a link, or half of the written words. What is
/// written without spaces counts by character.
pub fn resembles(written: &str, shown: &str) -> bool {
    let addresses = |text: &str| -> BTreeSet<String> {
        let bare = |link: &str| {
            let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
            rest.trim_end_matches('/').to_lowercase()
        };
        links(text).map(|link| bare(link.as_str())).collect()
    };
    let words = |text: &str| -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for word in text.unicode_words() {
            words.insert(word.to_lowercase());
        }
        words
    };
    let (written_words, shown_words) = (words(written), words(shown));
    let shared = written_words.intersection(&shown_words).count();
    !addresses(written).is_disjoint(&addresses(shown)) || (shared > 0 && shared * 2 >= written_words.len())
}

/// The length of a character as an entity, where it has one.
fn escaped(c: char) -> usize {
    match c {
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        other => other.len_utf16(),
    }
}

fn weighted(text: &str, light: &[(u32, u32)], heavy: u32, url: u32, emoji: u32) -> u32 {
    let text: String = text.nfc().collect();
    let mut total: u32 = 0;
    let mut from = 0;
    for link in links(&text) {
        total += run(&text[from..link.start()], light, heavy, emoji) + url;
        from = link.end();
    }
    total + run(&text[from..], light, heavy, emoji)
}

fn run(text: &str, light: &[(u32, u32)], heavy: u32, emoji: u32) -> u32 {
    text.graphemes(true)
        .map(|g| {
            if is_emoji(g) {
                return emoji;
            }
            let weigh = |c: char| if light.iter().any(|&(a, b)| (a..=b).contains(&(c as u32))) { 1 } else { heavy };
            g.chars().map(weigh).sum()
        })
        .sum()
}

fn graphemes(text: &str, url: Option<u32>) -> u32 {
    let run = |text: &str| u32::try_from(text.graphemes(true).count()).unwrap_or(u32::MAX);
    let Some(url) = url else { return run(text) };
    let (mut total, mut from) = (0_u32, 0);
    for link in links(text).filter(|link| is_plain_link(text, link.start(), link.as_str())) {
        total = total.saturating_add(run(&text[from..link.start()])).saturating_add(url);
        from = link.end();
    }
    total.saturating_add(run(&text[from..]))
}

/// How many graphemes must go from the end of `text` until at most `bytes` are left.
fn beyond(text: &str, bytes: u32) -> u32 {
    let ends = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    u32::try_from(ends.filter(|end| u32::try_from(*end).map_or(true, |end| end > bytes)).count()).unwrap_or(u32::MAX)
}

/// Longest link that counts as one, in bytes: twitter-text's `MAX_URL_LENGTH`.
const MAX_LINK: usize = 4_096;

/// Whether everybody who goes by twitter-text's links sees one here, from its first to its last character. What only some would
/// take for one counts as the text it is: never too little.
fn is_plain_link(text: &str, start: usize, link: &str) -> bool {
    let free = |c: char| !c.is_ascii_alphanumeric() && !"@\u{FF20}#\u{FF03}$\u{FEFF}\u{FFFE}\u{FFFF}".contains(c);
    let rest = link.split_once("://").filter(|(scheme, _)| matches!(&*scheme.to_ascii_lowercase(), "http" | "https"));
    let Some((_, rest)) = rest.filter(|_| text[..start].chars().next_back().is_none_or(free)) else { return false };
    let (host, tail) = rest.split_at(rest.find(['/', '?', '#', ':', '@']).unwrap_or(rest.len()));
    let label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let named = host.rsplit_once('.').is_some_and(|(before, top)| {
        top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()) && before.split('.').all(label)
    });
    let shown = |c: char| c.is_alphanumeric() || "!*';:&=+$/%#[]-_.,~@?".contains(c);
    let ends = |piece: &str| piece.ends_with(|c: char| c.is_alphanumeric() || "/_-#".contains(c));
    let (path, query) = tail.split_once('?').map_or((tail, None), |(path, query)| (path, Some(query)));
    let whole = (path.is_empty() || path.starts_with('/') && ends(path)) && query.is_none_or(ends);
    named && link.len() <= MAX_LINK && whole && tail.chars().all(shown)
}

/// Whether a grapheme is shown as an emoji: a pictograph, a flag, a keycap, or anything asking for emoji presentation.
fn is_emoji(grapheme: &str) -> bool {
    let mut chars = grapheme.chars();
    let Some(first) = chars.next() else { return false };
    let presented = grapheme.contains('\u{FE0F}') || grapheme.contains('\u{20E3}');
    presented
        || matches!(first as u32, 0x1F000..=0x1FAFF | 0x231A..=0x231B | 0x23E9..=0x23EC | 0x23F0 | 0x23F3
        | 0x25FD..=0x25FE | 0x2614..=0x2615 | 0x2648..=0x2653 | 0x267F | 0x2693 | 0x26A1 | 0x26AA..=0x26AB
        | 0x26BD..=0x26BE | 0x26C4..=0x26C5 | 0x26CE | 0x26D4 | 0x26EA | 0x26F2..=0x26F3 | 0x26F5 | 0x26FA | 0x26FD
        | 0x2705 | 0x270A..=0x270B | 0x2728 | 0x274C | 0x274E | 0x2753..=0x2755 | 0x2757 | 0x2795..=0x2797 | 0x27B0
        | 0x27BF | 0x2B1B..=0x2B1C | 0x2B50 | 0x2B55)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_text_as_itself_and_not_as_the_beginning_of_another() {
        let url = "https://shop.example/a";
        for (text, has) in [
            ("Look: https://shop.example/a", true),
            ("(https://shop.example/a).", true),
            ("https://shop.example/a-b and https://shop.example/a", true),
            ("Compare https://shop.example/a-b", false),
            ("Compare https://shop.example/a?x=1", false),
            ("shop.example/a", false),
        ] {
            assert_eq!(has_link(text, url), has, "{text}");
        }
        assert!(!has_link("See https://example.com/page", "https://example.com"));
    }

    /// The numbers of the published configuration v3 of twitter-text, the only weighted rule there is.
    fn v3() -> TextRule {
        TextRule::Weighted {
            limit: 280,
            light: vec![(0, 4351), (8192, 8205), (8208, 8223), (8242, 8247)],
            heavy: 2,
            url: 23,
            emoji: 2,
        }
    }

    #[test]
    fn a_changed_text_resembles_what_was_written_and_another_one_does_not() {
        let written = "Our new office opens on Monday, see example.com/office";
        for changed in [
            "Our new office opens on Tuesday",
            "Sorry, later: https://example.com/office/",
            "NEW OFFICE OPENS MONDAY, see you there",
        ] {
            assert!(resembles(written, changed), "{changed}");
        }
        for other in ["We are hiring, see example.com/jobs", "Our summer party on Friday", "", "🎉"] {
            assert!(!resembles(written, other), "{other}");
        }
        assert!(resembles("新しい事務所", "新しい事務所を開きます") && !resembles("新しい事務所", "夏祭り"));
        assert!(!resembles("", "anything") && !resembles("", ""), "no words, no likeness");
    }

    #[test]
    fn weighted_counts_follow_the_published_examples() {
        for (text, want) in [
            ("hello", 5),
            ("日本語", 6),
            ("👨‍👩‍👧‍👦", 2),
            ("🙋🏽", 2),
            ("🇯🇵", 2),
            ("1️⃣", 2),
            ("see https://example.com/a/very/long/path?with=query ok", 4 + 23 + 3),
            ("example.com", 23),
            ("cafe\u{301}", 4),
            ("“quoted”", 8),
        ] {
            assert_eq!(v3().count(text), want, "{text}");
        }
    }

    #[test]
    fn graphemes_follow_the_examples_of_the_servers_that_count_so() {
        let rule = TextRule::Graphemes { limit: 500, url: Some(23), bytes: None };
        let b = "b".repeat(30);
        for (text, want) in [
            ("日本語".into(), 3),
            ("👨‍👩‍👧‍👦 🇯🇵 cafe\u{301}".into(), 8),
            // "counts URLs as 23 characters flat"
            (format!("{} http://{b}.com/example", "a".repeat(476)), 500),
            (format!("(https://{b}.com?q=1#x) HTTPS://{b}.com/ä"), 1 + 23 + 2 + 23),
            (format!("詳細はhttps://{b}.com/a-b_c/?d=e, https://{b}.com#{b}"), 3 + 23 + 2 + 23 + 31),
            // "does not count non-autolinkable URLs as 23 characters flat"
            (format!("{}http://{b}.com/example", "a".repeat(476)), 476 + 49),
            // A domain alone is no link there, short or long.
            ("example.com".into(), 11),
            (format!("{b}.example/path"), 43),
        ] {
            assert_eq!(rule.count(&text), want, "{text}");
        }
        for doubtful in [
            format!("https://{b}intranet"),
            format!("https://ada:secret@{b}.com/"),
            format!("https://{b}.com:99/{b}"),
            format!("https://{b}.com/{{{b}}}"),
            format!("https://{b}.com/a_({b})"),
            format!("https://{b}.com/{b}="),
            format!("https://{b}.com/a=?{b}"),
            format!("#https://{b}.com"),
            format!("ftp://{b}.com"),
            // "does not count overly long URLs as 23 characters flat"
            format!("http://example.com/valid?{}", "#foo?".repeat(1_000)),
        ] {
            assert_eq!(rule.count(&doubtful) as usize, doubtful.len(), "{doubtful}");
        }
    }

    #[test]
    fn graphemes_are_counted_as_readers_see_them_until_their_bytes_are_too_many() {
        let rule = TextRule::Graphemes { limit: 300, url: None, bytes: Some(3_000) };
        for (text, want) in [
            ("hello".to_owned(), 5),
            ("日本語".to_owned(), 3),
            ("cafe\u{301}".to_owned(), 4),
            ("👨‍👩‍👧‍👦🙋🏽🇯🇵1️⃣".to_owned(), 4),
            ("a\r\nb".to_owned(), 3),
            ("x".repeat(300), 300),
            ("x".repeat(301), 301),
            ("é".repeat(301), 301),
            // 25 bytes each: 120 are 3,000 bytes.
            ("👨‍👩‍👧‍👦".repeat(120), 120),
            ("👨‍👩‍👧‍👦".repeat(121), 301),
            ("👨‍👩‍👧‍👦".repeat(130), 310),
            ("x".repeat(3_001), 3_001),
        ] {
            assert_eq!(rule.count(&text), want, "{text}");
        }
        let parts = rule.split(&"👨‍👩‍👧‍👦".repeat(250));
        assert_eq!(parts.iter().map(String::len).collect::<Vec<_>>(), [3_000, 3_000, 250]);
    }

    #[test]
    fn what_is_sent_as_an_entity_counts_with_all_its_letters() {
        let rule = TextRule::Entities { limit: 20 };
        for (text, want) in [("", 0), ("plain", 5), ("a & b", 9), ("<b>", 9), ("🎉", 2), ("cafe\u{301}", 5)] {
            assert_eq!(rule.count(text), want, "{text}");
        }
        assert_eq!(rule.split("&&&& <<<<< x"), ["&&&&", "<<<<<", "x"]);
    }

    #[test]
    fn an_emoji_counts_its_bytes_where_the_platform_counts_them() {
        let rule = TextRule::EmojiBytes { limit: 20 };
        for (text, want) in
            [("", 0), ("plain", 5), ("cafés", 5), ("日本語", 3), ("🎉", 4), ("a👨‍👩‍👧‍👦b", 27), ("❤️", 6), ("𝒳", 2)]
        {
            assert_eq!(rule.count(text), want, "{text}");
        }
        assert_eq!(rule.split("🎉🎉🎉 🎉🎉🎉 x"), ["🎉🎉🎉", "🎉🎉🎉 x"]);
    }

    #[test]
    fn a_split_text_fits_in_every_part_and_loses_no_word() {
        let text = "One sentence that is here. Another one follows it, with https://example.com/x in it! ".repeat(20);
        let parts = v3().split(&text);
        assert!(parts.len() > 3);
        assert!(parts.iter().all(|p| v3().count(p) <= 280));
        let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parts.iter().flat_map(|p| words(p)).collect::<Vec<_>>(), words(&text));
    }

    #[test]
    fn one_word_longer_than_a_part_is_cut_between_graphemes() {
        let parts = TextRule::Chars { limit: 10 }.split(&"é".repeat(25));
        assert_eq!(parts.iter().map(|p| p.chars().count()).collect::<Vec<_>>(), [10, 10, 5]);
    }
}
