//! Slack's text format: `&`, `<` and `>` are its control characters and go as entities, whatever else a text holds.

use domain::text::{TextRule, links};

/// Most units of a section. It may have 3,000 characters, of which links marked as such need two more each; the shortest link
/// has four, and something stands between two of them.
const SECTION: TextRule = TextRule::Entities { limit: 2_000 };

/// A text as people wrote it, escaped: nothing in it is a mention, a channel or a link with a label.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text in sections, escaped, with its links marked: in a section whose names are no mentions, Slack finds no links either.
pub(super) fn sections(text: &str) -> Vec<String> {
    SECTION.split(text).iter().map(|piece| marked(piece)).collect()
}

fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for link in links(text) {
        let address = link.as_str();
        // Within brackets a bar would begin a label.
        if (address.starts_with("https://") || address.starts_with("http://")) && !address.contains(['|', '<', '>']) {
            out.push_str(&escape(&text[from..link.start()]));
            out.push('<');
            out.push_str(&escape(address));
            out.push('>');
            from = link.end();
        }
    }
    out.push_str(&escape(&text[from..]));
    out
}

/// The form in which texts are compared: without the brackets that Slack puts around links, unescaped, white space folded.
pub(super) fn plain(shown: &str) -> String {
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inner, after)) = after.split_once('>') else {
            rest = after;
            break;
        };
        out.push_str(inner.split_once('|').map_or(inner, |(_, label)| label));
        rest = after;
    }
    out.push_str(rest);
    let text = out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_control_characters_are_escaped_and_nothing_else() {
        assert_eq!(
            escape("<!channel> <@U1> a & b &lt; *x* \"'"),
            "&lt;!channel&gt; &lt;@U1&gt; a &amp; b &amp;lt; *x* \"'"
        );
    }

    #[test]
    fn a_text_is_recognised_however_it_comes_back() {
        let text = "a &lt; b & c <d>\n https://example.com/?a=1&b=2  x.example end";
        let shown =
            "a &amp;lt; b &amp; c &lt;d&gt;\n<https://example.com/?a=1&amp;b=2> <http://x.example|x.example> end";
        assert_eq!(plain(shown), plain(&escape(text)));
        assert_eq!(plain(&escape(text)), "a &lt; b & c <d> https://example.com/?a=1&b=2 x.example end");
        assert_eq!(plain("half <https://example.com"), "half https://example.com");
    }

    #[test]
    fn sections_mark_their_links_and_hold_the_whole_text_within_their_limit() {
        assert_eq!(
            sections("see https://example.com/?a=1&b=2, x.example <@U1>"),
            ["see <https://example.com/?a=1&amp;b=2>, x.example &lt;@U1&gt;"]
        );
        assert_eq!(sections(" "), Vec::<String>::new());
        let worst = "h://a.b http://a.b & ".repeat(190);
        for text in [&worst, &"&".repeat(790), &"x".repeat(3_999)] {
            let sections = sections(text);
            assert!(sections.len() > 1 && sections.iter().all(|s| s.encode_utf16().count() <= 3_000), "{text}");
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(words(&plain(&sections.concat())), words(text));
        }
    }
}
