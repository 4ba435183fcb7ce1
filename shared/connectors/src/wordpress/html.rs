//! Text as HTML. What people write is text, and nothing in it may become markup, a shortcode or an embedded page.

use super::api::Attachment;
use connector_kit::html::{anchor, escape, lines, paragraphs};
use domain::publishing::{LinkCard, MediaKind, MediaRef, Variant};
use domain::text::has_link;

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

/// A file of the library that the post shows below its text.
pub(super) struct Shown<'a> {
    pub(super) file: Attachment,
    pub(super) kind: MediaKind,
    pub(super) reference: &'a MediaRef,
}

impl Shown<'_> {
    fn block(&self) -> String {
        let words = |given: &Option<String>| given.as_deref().unwrap_or_default().trim().to_owned();
        match self.kind {
            MediaKind::Picture => picture(&self.file, self.reference.alt_text.as_deref().unwrap_or_default()),
            MediaKind::Video => video(&self.file),
            // Captions alone are refused before.
            MediaKind::Document | MediaKind::Captions => {
                paragraph(&anchor(&self.file.source_url, &words(&self.reference.title)))
            }
        }
    }
}

fn paragraph(inner: &str) -> String {
    format!("<!-- wp:paragraph -->\n<p>{inner}</p>\n<!-- /wp:paragraph -->")
}

fn video(stored: &Attachment) -> String {
    let Attachment { id, source_url, .. } = stored;
    format!(
        "<!-- wp:video {{\"id\":{id}}} -->\n\
         <figure class=\"wp-block-video\"><video controls src=\"{}\"></video></figure>\n\
         <!-- /wp:video -->",
        escape(source_url)
    )
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
    paragraph(&format!("{}{below}", anchor(&link.url, words)))
}

/// The post's content in blocks: its paragraphs, then what it shows, then the link.
pub(super) fn content(variant: &Variant, shown: &[Shown<'_>]) -> String {
    let text = variant.parts.first().map_or("", |part| part.text.as_str());
    let mut blocks: Vec<String> = paragraphs(text).iter().map(|inner| paragraph(inner)).collect();
    blocks.extend(shown.iter().map(Shown::block));
    blocks.extend(variant.link.iter().filter(|link| !has_link(text, &link.url)).map(card));
    blocks.join("\n\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;
    use domain::MediaId;
    use uuid::Uuid;

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
    fn pictures_videos_and_documents_stand_below_the_text_in_their_order() {
        let file = |id| Attachment { id, alt_text: String::new(), source_url: format!("https://s/{id}.x?a&b") };
        let words = |text: &str| Some(text.to_owned());
        let reference = MediaRef {
            alt_text: words("x \"y\" <z>"),
            title: words(" Menu <May> "),
            ..MediaRef::new(MediaId::from_uuid(Uuid::nil()))
        };
        let shown = [(7, MediaKind::Picture), (8, MediaKind::Video), (9, MediaKind::Document)];
        let shown = shown.map(|(id, kind)| Shown { file: file(id), kind, reference: &reference });
        let html = content(&Variant::text("a"), &shown);
        let of = |part: &str| html.find(part).unwrap_or_else(|| panic!("{part} is not in {html}"));
        let picture = of("<img src=\"https://s/7.x?a&amp;b\" alt=\"x &quot;y&quot; &lt;z&gt;\" class=\"wp-image-7\"/>");
        let video = of(
            "<!-- wp:video {\"id\":8} -->\n<figure class=\"wp-block-video\"><video controls src=\"https://s/8.x?a&amp;b\">",
        );
        let document = of("<p><a href=\"https://s/9.x?a&amp;b\">Menu &lt;May&gt;</a></p>");
        assert!(of("<p>a</p>") < picture && picture < video && video < document);
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
