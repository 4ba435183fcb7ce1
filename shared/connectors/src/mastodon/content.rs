//! Two forms of one text: as it was written, and as a server gives it back, which is HTML. Both are brought to a third one
//! before they are compared.

pub(super) use connector_kit::html::text;
use domain::text::links;
use unicode_normalization::UnicodeNormalization as _;

/// The form in which texts are compared: composed characters, single spaces, mentions in small letters and without domain
/// (servers show the name only), links without scheme and final slash.
pub(super) fn fold(text: &str) -> String {
    let text = mentions(&text.nfc().collect::<String>());
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for link in links(&text) {
        out.push_str(&text[at..link.start()]);
        out.push_str(&bare(link.as_str()));
        at = link.end();
    }
    out.push_str(&text[at..]);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn bare(link: &str) -> String {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    format!("{}{}", rest[..end].to_lowercase(), rest[end..].trim_end_matches('/'))
}

fn mentions(text: &str) -> String {
    let run = |text: &str| text.find(|c: char| !(c.is_alphanumeric() || "_.-".contains(c))).unwrap_or(text.len());
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let (name, after) = rest.split_at(run(rest));
        out.push_str(&name.to_lowercase());
        rest = after;
        let domain =
            after.strip_prefix('@').filter(|_| !name.is_empty()).map(|after| after[..run(after)].trim_end_matches('.'));
        if let Some(domain) = domain.filter(|domain| domain.contains('.')) {
            rest = &after[1 + domain.len()..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(html: &str) -> Option<String> {
        text(html).map(|text| fold(&text))
    }

    #[test]
    fn a_text_is_recognised_in_the_html_that_it_comes_back_as() {
        let written = "Tom & Jerry <3 \"it's\"\n\n@Ada@Social.Example. @bo #tag\nsee HTTPS://www.Example.com/a/long/path?with=a&very=long#end cafe\u{301}";
        let html = "<p>Tom &amp; Jerry &lt;3 &quot;it&#39;s&quot;</p><p><span class=\"h-card\" translate=\"no\"><a \
                    href=\"https://h/@ada\" class=\"u-url mention\">@<span>ada</span></a></span>. @bo <a href=\"https://h/tags/tag\" \
                    class=\"mention hashtag\" rel=\"tag\">#<span>tag</span></a><br />see <a href=\"https://www.example.com/a\">\
                    <span class=\"invisible\">HTTPS://www.</span><span class=\"ellipsis\">Example.com/a/long/path?with=a&amp;v</span>\
                    <span class=\"invisible\">ery=long#end</span></a> caf\u{e9}</p>";
        assert_eq!(back(html), Some(fold(written)));
        assert_eq!(
            back("<p>a&nbsp;b&#x41;&#66; &unknown; &amp;lt; A&B; &</p>").as_deref(),
            Some("a bAB &unknown; &lt; A&B; &")
        );
    }

    #[test]
    fn a_similar_text_is_another_text() {
        assert_ne!(back("<p>hello &amp;lt;</p>"), Some(fold("hello <")));
        assert_ne!(fold("see https://example.com/A"), fold("see https://example.com/a"));
        assert_ne!(back("<p>one</p><p>two</p>"), Some(fold("onetwo")));
        assert_ne!(fold("hi @ada"), fold("hi @bo"));
        assert_ne!(fold("1@2@3"), fold("1@2"), "no domain, no mention");
    }

    #[test]
    fn what_is_no_html_of_a_server_is_not_read() {
        for html in ["a < b", "<p>a</p", "<", "<>", "<!-- a -->", "1 <3"] {
            assert_eq!(text(html), None, "{html}");
        }
    }
}
