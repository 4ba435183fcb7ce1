//! Text as HTML. What people write is text, and nothing in it may become markup, a shortcode or an embedded page.

use super::api::Attachment;
use connector_kit::html::{anchor, escape, lines, paragraphs};
use domain::publishing::{LinkCard, Variant};

/// A name as WordPress keeps it, in which it also looks for it.
pub(super) fn escape_name(name: &str) -> String {
    name.replace('&', "&amp;")
}

/// The HTML as text: what [`escape`] and WordPress make of a few characters is taken back.
pub(super) fn unescape(html: &str) -> String {
    // The ampersand last, or what it hides would be taken back twice.
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&#8217;", "’"), ("&amp;", "&")]
        .into_iter()
        .fold(html.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

fn picture(image: &Attachment, alt: &str) -> String {
    let Attachment { id, source_url, .. } = image;
    format!(
        "<!-- wp:image {{\"id\":{id},\"sizeSlug\":\"full\",\"linkDestination\":\"none\"}} -->\n\
         <figure class=\"wp-block-image size-full\"><img src=\"{}\" alt=\"{}\" class=\"wp-image-{id}\"/></figure>\n\
         <!-- /wp:image -->",
        escape(source_url),
        escape(alt)
    )
}

fn card(link: &LinkCard) -> String {
    let words = link.title.as_deref().filter(|title| !title.is_empty()).unwrap_or(&link.url);
    let below = link.description.as_deref().filter(|text| !text.is_empty());
    let below = below.map(|text| format!("<br>{}", lines(text))).unwrap_or_default();
    format!("<!-- wp:paragraph -->\n<p>{}{below}</p>\n<!-- /wp:paragraph -->", anchor(&link.url, words))
}

/// The post's content in blocks: its paragraphs, then the pictures, then the link.
pub(super) fn content(variant: &Variant, pictures: &[(Attachment, String)]) -> String {
    let text = variant.parts.first().map_or("", |part| part.text.as_str());
    let block = |inner: String| format!("<!-- wp:paragraph -->\n<p>{inner}</p>\n<!-- /wp:paragraph -->");
    let mut blocks: Vec<String> = paragraphs(text).into_iter().map(block).collect();
    blocks.extend(pictures.iter().map(|(image, alt)| picture(image, alt)));
    blocks.extend(variant.link.iter().filter(|link| !text.contains(&link.url)).map(card));
    blocks.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_ends_a_paragraph_and_a_line_break_stays() {
        let html = content(&Variant::text("one\r\ntwo\n\n  \n\nthree"), &[]);
        assert_eq!(
            html,
            "<!-- wp:paragraph -->\n<p>one<br>two</p>\n<!-- /wp:paragraph -->\n\n\
             <!-- wp:paragraph -->\n<p>three</p>\n<!-- /wp:paragraph -->"
        );
        assert_eq!(content(&Variant::text(" \n "), &[]), "");
    }

    #[test]
    fn nothing_that_is_written_becomes_markup_a_shortcode_or_a_comment() {
        let html = content(&Variant::text("<script>x</script> [gallery] <!-- wp:html --> \"q\" & 'a' &lt;"), &[]);
        let inside =
            html.trim_start_matches("<!-- wp:paragraph -->\n<p>").trim_end_matches("</p>\n<!-- /wp:paragraph -->");
        assert!(!inside.contains(['<', '>', '[', ']', '"', '\'']), "{inside}");
        assert!(inside.ends_with("&amp;lt;"), "what looks like an entity is text, too: {inside}");
    }

    #[test]
    fn addresses_are_links_and_what_stands_around_them_is_not() {
        let html = content(&Variant::text("see https://example.com/a?b=c&d=\"e\". And example.org, ok"), &[]);
        let anchor =
            "see <a href=\"https://example.com/a?b=c&amp;d=\">https://example.com/a?b=c&amp;d=</a>&quot;e&quot;.";
        assert!(html.contains(anchor) && html.contains("And example.org, ok"), "{html}");
        assert!(!content(&Variant::text("javascript:alert(1)"), &[]).contains("href"));
    }

    #[test]
    fn the_link_of_a_post_stands_at_its_end_once() {
        let link =
            LinkCard { url: "https://example.com/?a=1&b".into(), title: Some("A <b>".into()), description: None };
        let with = |text: &str| content(&Variant { link: Some(link.clone()), ..Variant::text(text) }, &[]);
        assert!(
            with("Look")
                .ends_with("<p><a href=\"https://example.com/?a=1&amp;b\">A &lt;b&gt;</a></p>\n<!-- /wp:paragraph -->")
        );
        assert_eq!(with("Look: https://example.com/?a=1&b").matches("href").count(), 1);
    }

    #[test]
    fn pictures_stand_below_the_text_with_what_they_show() {
        let image = Attachment { id: 7, alt_text: String::new(), source_url: "https://s/a.png".into() };
        let html = content(&Variant::text("a"), &[(image, "x \"y\" <z>".into())]);
        assert!(
            html.contains("<img src=\"https://s/a.png\" alt=\"x &quot;y&quot; &lt;z&gt;\" class=\"wp-image-7\"/>"),
            "{html}"
        );
    }

    #[test]
    fn names_are_read_as_text() {
        for (html, text) in
            [("R&amp;D &lt;b&gt; &quot;q&quot;", "R&D <b> \"q\""), ("&amp;lt;", "&lt;"), ("plain", "plain")]
        {
            assert_eq!(unescape(html), text);
        }
    }
}
