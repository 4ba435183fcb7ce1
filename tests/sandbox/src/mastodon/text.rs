//! The text rules, written here a second time on purpose: the connector counts and reads on its own, and a difference
//! between the two must show.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{DOMAIN, SITE};
use crate::x::text::links;

/// Characters of a status, as a server is set up.
pub(super) const MAX_CHARACTERS: usize = 500;
/// Characters that a link counts.
pub(super) const LINK_CHARACTERS: usize = 23;
/// Characters of a link that are shown.
const SHOWN: usize = 30;

/// What counts: what people see as one character counts one, a link 23, a mention without its domain.
pub(super) fn length(text: &str) -> usize {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.graphemes(true).count(),
            Piece::Link(_) => LINK_CHARACTERS,
            Piece::Mention { name, .. } => name.len() + 1,
        })
        .sum()
}

/// Whether a text mentions somebody of this server.
pub(super) fn names(text: &str, handle: &str) -> bool {
    let here = |domain: Option<&str>| domain.is_none_or(|domain| domain == DOMAIN);
    pieces(text)
        .iter()
        .any(|piece| matches!(piece, Piece::Mention { name, domain } if *name == handle && here(*domain)))
}

/// A text as its author wrote it, cut.
enum Piece<'a> {
    Text(&'a str),
    /// With its scheme: nothing else is a link here.
    Link(&'a str),
    /// `@name` or `@name@domain`.
    Mention {
        name: &'a str,
        domain: Option<&'a str>,
    },
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut out, mut at) = (Vec::new(), 0);
    for link in links(text) {
        mentions(&text[at..link.start], &mut out);
        out.push(Piece::Link(&text[link.clone()]));
        at = link.end;
    }
    mentions(&text[at..], &mut out);
    out
}

fn run(text: &str, allowed: &[char]) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !allowed.contains(&c)).unwrap_or(text.len())
}

/// Where a mention begins in a text: at an `@` that follows no letter.
fn mention(text: &str) -> Option<(Range<usize>, &str, Option<&str>)> {
    for (at, _) in text.match_indices('@') {
        let before = text[..at].chars().next_back();
        let rest = &text[at + 1..];
        let name = &rest[..run(rest, &['_'])];
        if name.is_empty() || before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '_' | '@')) {
            continue;
        }
        let domain =
            rest[name.len()..].strip_prefix('@').map(|rest| rest[..run(rest, &['.', '-'])].trim_end_matches('.'));
        let domain = domain.filter(|domain| domain.contains('.'));
        let end = at + 1 + name.len() + domain.map_or(0, |domain| domain.len() + 1);
        return Some((at..end, name, domain));
    }
    None
}

fn mentions<'a>(mut text: &'a str, out: &mut Vec<Piece<'a>>) {
    while let Some((range, name, domain)) = mention(text) {
        out.push(Piece::Text(&text[..range.start]));
        out.push(Piece::Mention { name, domain });
        text = &text[range.end..];
    }
    out.push(Piece::Text(text));
}

fn escape(text: &str) -> String {
    let amp = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    amp.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Hashtags become links.
fn tags(base: &str, text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('#') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let tag = &after[..run(after, &['_'])];
        out += &escape(before);
        out += &if tag.bytes().any(|b| b.is_ascii_alphabetic()) {
            let address = escape(&format!("{base}/tags/{tag}"));
            ["<a href=\"", &address, "\" class=\"mention hashtag\" rel=\"tag\">#<span>", tag, "</span></a>"].concat()
        } else {
            ["#", tag].concat()
        };
        rest = &after[tag.len()..];
    }
    out + &escape(rest)
}

fn link(url: &str) -> String {
    let scheme = ["https://www.", "http://www.", "https://", "http://"].into_iter().find(|s| url.starts_with(s));
    let (prefix, rest) = url.split_at(scheme.map_or(0, str::len));
    let cut = rest.char_indices().nth(SHOWN).map_or(rest.len(), |(at, _)| at);
    let class = if cut < rest.len() { "ellipsis" } else { "" };
    let (shown, hidden) = rest.split_at(cut);
    format!(
        "<a href=\"{}\" target=\"_blank\" rel=\"nofollow noopener noreferrer\"><span class=\"invisible\">{}</span>\
         <span class=\"{class}\">{}</span><span class=\"invisible\">{}</span></a>",
        escape(url),
        escape(prefix),
        escape(shown),
        escape(hidden)
    )
}

/// A mention of an account here is a link with its name alone; any other stays as it was written.
fn linked(base: &str, name: &str, domain: Option<&str>) -> String {
    let local = domain.is_none_or(|domain| domain.eq_ignore_ascii_case(DOMAIN));
    let known = SITE.keyholders.iter().find(|holder| local && holder.handle.eq_ignore_ascii_case(name));
    match (known, domain) {
        (Some(holder), _) => format!(
            "<span class=\"h-card\" translate=\"no\"><a href=\"{base}/@{0}\" class=\"u-url mention\">@<span>{0}\
             </span></a></span>",
            holder.handle
        ),
        (None, Some(domain)) => format!("@{name}@{domain}"),
        (None, None) => format!("@{name}"),
    }
}

/// The text as the API gives it back: HTML, with links cut for the eye, mentions of known accounts without their domain,
/// paragraphs and line breaks.
pub(super) fn html(base: &str, text: &str) -> String {
    let html = |piece| match piece {
        Piece::Text(text) => tags(base, text),
        Piece::Link(url) => link(url),
        Piece::Mention { name, domain } => linked(base, name, domain),
    };
    let inner = pieces(text).into_iter().map(html).collect::<String>().replace("\r\n", "\n");
    let paragraphs = inner.split("\n\n").map(|text| text.trim_matches('\n')).filter(|text| !text.is_empty());
    paragraphs.flat_map(|text| ["<p>".to_owned(), text.replace('\n', "<br />"), "</p>".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_count_23_with_a_scheme_only_and_mentions_count_without_their_domain() {
        assert_eq!(length(&format!("see https://example.com/{}", "a".repeat(100))), 4 + 23);
        assert_eq!(length("example.com/abc"), 15, "no scheme, no link");
        assert_eq!(length("hi @ada@social.example."), 3 + 4 + 1);
        assert_eq!(length("👨‍👩‍👧 cafe\u{301}"), 1 + 1 + 4);
    }

    #[test]
    fn a_text_comes_back_as_html_that_shows_it_to_the_letter() {
        let html =
            html("http://h", "1 < 2 & \"3\"\n\n@Ada@social.example @x@y.example #tag\nhttps://www.example.com/a?b=c&d");
        assert!(html.starts_with("<p>1 &lt; 2 &amp; &quot;3&quot;</p><p><span class=\"h-card\""), "{html}");
        assert!(html.contains("@<span>ada</span>") && html.contains("> @x@y.example <a"), "{html}");
        assert!(html.contains("#<span>tag</span></a><br />"), "{html}");
        assert!(html.contains("<span class=\"\">example.com/a?b=c&amp;d</span>"), "{html}");
    }
}
